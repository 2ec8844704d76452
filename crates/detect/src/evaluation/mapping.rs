//! What other corpora call the types that we have.

use std::collections::BTreeMap;

use super::Marked;

/// Types of common corpora, and ours.
const KNOWN: &[(&str, &str)] = &[
    ("PER", "PERSON"),
    ("person", "PERSON"),
    ("PERSON_NAME", "PERSON"),
    ("LOC", "LOCATION"),
    ("location", "LOCATION"),
    ("GPE", "LOCATION"),
    ("LOCATION_NAME", "LOCATION"),
    ("ORG", "ORGANIZATION"),
    ("corporation", "ORGANIZATION"),
    ("group", "ORGANIZATION"),
    ("ORGANIZATION_NAME", "ORGANIZATION"),
    ("CREDIT_CARD_NUMBER", "CREDIT_CARD"),
    ("DEA_NUMBER", "MEDICAL_LICENSE"),
    ("DOMAIN_NAME", "URL"),
    ("NPI_NUMBER", "US_NPI"),
    ("SOCIAL_SECURITY_NUMBER", "US_SSN"),
    ("ZIP_CODE", "POSTAL_CODE"),
];

/// Types that are right as another where a corpus doesn't tell the two apart.
const COUNTS_AS: &[(&str, &str)] = &[
    ("DATE_OF_BIRTH", "DATE_TIME"),
    ("US_HEALTH_INSURANCE_MEMBER_ID", "HEALTH_INSURANCE_ID"),
    ("US_ITIN", "US_SSN"),
];

/// The types of a corpus by our names. The default knows those of common corpora; a type that it doesn't know keeps its
/// name.
#[derive(Clone, Debug)]
pub struct Mapping(BTreeMap<String, String>);

impl Default for Mapping {
    fn default() -> Self {
        Self(KNOWN.iter().map(|(theirs, ours)| ((*theirs).to_owned(), (*ours).to_owned())).collect())
    }
}

impl Mapping {
    /// From now on, their type is our type.
    pub fn add(&mut self, theirs: impl Into<String>, ours: impl Into<String>) {
        self.0.insert(theirs.into(), ours.into());
    }

    /// What we call it.
    #[must_use]
    pub fn ours<'a>(&'a self, theirs: &'a str) -> &'a str {
        self.0.get(theirs).map_or(theirs, String::as_str)
    }

    /// Gives all marked spans our names.
    pub fn apply(&self, texts: &mut [Marked]) {
        for span in texts.iter_mut().flat_map(|text| &mut text.spans) {
            if let Some(ours) = self.0.get(&span.entity) {
                span.entity.clone_from(ours);
            }
        }
    }
}

/// Which of the `marked` types, which are sorted, a finding of type `entity` is to be compared with.
pub(super) fn column(marked: &[&str], entity: &str) -> Option<usize> {
    marked.binary_search(&entity).ok().or_else(|| {
        let (_, wider) = COUNTS_AS.iter().find(|(narrow, _)| *narrow == entity)?;
        marked.binary_search(wider).ok()
    })
}
