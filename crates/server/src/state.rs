//! What all requests share.

use std::sync::Arc;

use tacita_detect::{OptionsError, Reader};

use crate::{Config, Limits, detectors::Detectors, metrics::Metrics};

/// What all requests share. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) detectors: Detectors,
    pub(crate) metrics: Metrics,
}

impl Server {
    /// A server with the limits, rules and readers of `config`.
    pub(crate) fn new(config: &Config) -> Result<Self, OptionsError> {
        let Config { limits, rules, readers, presidio, .. } = config;
        let presidio_reader = presidio.iter().map(|analyzer| Arc::clone(analyzer) as Arc<dyn Reader>);
        let readers = readers.iter().cloned().chain(presidio_reader).collect();
        let detectors = Detectors::new(rules.clone(), readers)?;
        let metrics = Metrics::new(presidio.clone());
        Ok(Self(Arc::new(Shared { limits: limits.clone(), detectors, metrics })))
    }
}

impl std::ops::Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
