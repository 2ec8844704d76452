//! Other readers of the same text: a model of the user's own, another service.

use std::fmt;

/// Reads text beside the built-in recognisers. What it finds is merged with what they find: where both find the same, the
/// higher score stands, and overlaps are resolved as among their own.
///
/// It is given a text in windows that overlap, at the same places however the text came in: one that answers the same
/// window in the same way makes a stream and a whole text find the same.
pub trait Reader: fmt::Debug + Send + Sync {
    /// The names of the types it may find.
    fn entities(&self) -> &[String];

    /// Whether it is better at the names of its types than the built-in tagger, which then doesn't look for these.
    fn stands_for_tagger(&self) -> bool {
        false
    }

    /// What it finds in `text`; `None` if it could not read it, which it keeps account of: detection goes on without it.
    fn read(&self, text: &str) -> Option<Vec<Reading>>;
}

/// What a reader found: a type and a place, no text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The index of the type among the reader's [`entities`](Reader::entities).
    pub entity: usize,
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Confidence between 0 and 1.
    pub score: f32,
}
