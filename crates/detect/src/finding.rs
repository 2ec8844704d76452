//! What detection says: a type, a place, a confidence. Never the text.

/// A type of personal data, as a number that is valid for the [`Detector`](crate::Detector) that gave it.
///
/// Built-in types have the same number in every detector; [`Detector::entity_name`](crate::Detector::entity_name)
/// gives the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub(crate) u16);

impl EntityId {
    /// The type of this number: for findings that come from elsewhere, with names of their own.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// One piece of personal data: `start..end` of the text is of type `entity`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// What it is.
    pub entity: EntityId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Confidence between 0 and 1: of findings with score 0.9, about nine in ten are right.
    pub score: f32,
}
