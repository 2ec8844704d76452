//! Detectors, built once per set of options.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use tacita_detect::{Detector, Options, OptionsError, Overlaps, Reader, Rules};

/// Sets of options that are remembered. Callers use a handful; one that keeps changing them only loses the memory.
const MOST: usize = 64;

/// Detectors, built once per set of options.
#[derive(Debug)]
pub(crate) struct Detectors {
    rules: Rules,
    readers: Vec<Arc<dyn Reader>>,
    default: Arc<Detector>,
    others: RwLock<HashMap<Key, Arc<Detector>>>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    /// The bits: a float has no hash.
    threshold: u32,
    entities: Option<Vec<String>>,
    all: bool,
}

impl Detectors {
    /// Detectors that all follow these rules and have these readers.
    pub(crate) fn new(rules: Rules, readers: Vec<Arc<dyn Reader>>) -> Result<Self, OptionsError> {
        let options = Options { rules: rules.clone(), readers: readers.clone(), ..Options::default() };
        let default = Arc::new(Detector::new(options)?);
        Ok(Self { rules, readers, default, others: RwLock::default() })
    }

    /// Whether any text takes them long: readers compute much, or wait for an answer.
    pub(crate) fn take_long(&self) -> bool {
        !self.readers.is_empty()
    }

    /// The detector for `options`, apart from their rules; `None` is the default.
    pub(crate) fn get(&self, options: Option<Options>) -> Result<Arc<Detector>, OptionsError> {
        let Some(mut options) = options else { return Ok(Arc::clone(&self.default)) };
        if let Some(entities) = &mut options.entities {
            entities.sort_unstable();
            entities.dedup();
        }
        let key = Key {
            threshold: options.threshold.to_bits(),
            entities: options.entities.clone(),
            all: options.overlaps == Overlaps::All,
        };
        // A panic elsewhere leaves the map as it was before or after an insertion: whole.
        if let Some(detector) = self.others.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(detector));
        }
        options.rules = self.rules.clone();
        options.readers = self.readers.clone();
        let detector = Arc::new(Detector::new(options)?);
        let mut others = self.others.write().unwrap_or_else(PoisonError::into_inner);
        if others.len() >= MOST {
            others.clear();
        }
        others.insert(key, Arc::clone(&detector));
        Ok(detector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detectors() -> Detectors {
        Detectors::new(Rules::default(), Vec::new()).unwrap()
    }

    fn of(names: &[&str]) -> Options {
        let entities = names.iter().map(|&name| name.to_owned()).collect();
        Options { entities: Some(entities), ..Options::default() }
    }

    #[test]
    fn builds_a_detector_once_whatever_the_order_of_its_types() {
        let detectors = detectors();
        let first = detectors.get(Some(of(&["URL", "EMAIL_ADDRESS"]))).unwrap();
        let second = detectors.get(Some(of(&["EMAIL_ADDRESS", "URL", "URL"]))).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        let other =
            detectors.get(Some(Options { threshold: 0.85, ..of(&["EMAIL_ADDRESS", "URL"]) })).unwrap();
        assert!(!Arc::ptr_eq(&first, &other));
    }

    #[test]
    fn remembers_no_more_than_it_may() {
        let detectors = detectors();
        for i in 0..=MOST {
            let threshold = i as f32 / 1000.0;
            detectors.get(Some(Options { threshold, ..Options::default() })).unwrap();
        }
        assert!(detectors.others.read().unwrap().len() <= MOST);
    }

    #[test]
    fn refuses_a_threshold_out_of_range() {
        let options = Options { threshold: 2.0, ..Options::default() };
        assert!(detectors().get(Some(options)).is_err());
    }
}
