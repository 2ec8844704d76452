//! The names of what an analyzer finds.

use std::collections::{BTreeSet, HashMap};

use tacita_detect::presidio;

/// The type of a finding whose own has no name that could be used: it is personal data for the analyzer, and must not get
/// lost for the sake of a name.
pub const OTHER: &str = "OTHER_PERSONAL_DATA";

/// Further names are not taken.
const MOST: usize = 1000;
/// The longest name, in bytes.
const LONGEST: usize = 64;

/// What Presidio's models find, beside its recognisers.
const OF_MODELS: [&str; 9] =
    ["AGE", "DATE_TIME", "EMAIL", "ID", "LOCATION", "NRP", "ORGANIZATION", "PERSON", "PHONE_NUMBER"];

/// The types of an analyzer: those that it named, and [`OTHER`].
#[derive(Debug)]
pub(super) struct Types {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Types {
    /// For an analyzer that named these.
    pub(super) fn of(names: &[impl AsRef<str>]) -> Self {
        let named = names.iter().map(AsRef::as_ref).filter(|name| is_name(name)).take(MOST);
        let names: BTreeSet<&str> = named.chain([OTHER]).collect();
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let numbers = names.iter().enumerate().map(|(number, name)| (name.clone(), number)).collect();
        Self { names, numbers }
    }

    /// For one that named none: what Presidio usually finds.
    pub(super) fn usual() -> Self {
        let mut names = presidio::Analyzer::with_all_recognizers().supported_entities(None);
        names.extend(OF_MODELS);
        Self::of(&names)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of a type; of one that was not named, that of [`OTHER`].
    pub(super) fn number(&self, name: &str) -> usize {
        self.numbers.get(name).copied().unwrap_or_else(|| self.numbers[OTHER])
    }
}

/// Whether it has the form of a type's name. Names stand in reports, placeholders and metrics.
fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_named_is_other() {
        let types = Types::of(&["HARBOUR", "Dock name", "\u{1b}[31m", "", &"A".repeat(65)]);
        let name = |asked: &str| types.names()[types.number(asked)].as_str();
        for (asked, named) in [
            ("HARBOUR", "HARBOUR"),
            ("Dock name", OTHER),
            ("PIER", OTHER),
            ("\u{1b}[31m", OTHER),
            (OTHER, OTHER),
        ] {
            assert_eq!(name(asked), named);
        }
        assert!(!tacita_detect::recognizers().iter().any(|recognizer| recognizer.entity == OTHER));
    }

    #[test]
    fn the_usual_ones_are_known_without_asking() {
        let types = Types::usual();
        for name in ["PERSON", "LOCATION", "NRP", "US_BANK_NUMBER", "AU_TFN", "DE_TAX_ID", "AGE"] {
            assert_eq!(types.names()[types.number(name)], name);
        }
    }

    #[test]
    fn no_more_names_are_taken_than_a_few() {
        let many: Vec<_> = (0..10 * MOST).map(|i| format!("T{i}")).collect();
        assert_eq!(Types::of(&many).names().len(), MOST + 1);
    }
}
