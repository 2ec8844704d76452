//! Records: what an organisation keeps about a data subject.

use std::{error::Error, fmt, str::FromStr};

use crate::purpose::is_name;

/// What a record is, such as `ticket` or `invoice`: the organisation's own word, in the form of a
/// [`PurposeName`](crate::PurposeName).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKind(Box<str>);

impl RecordKind {
    /// The kind.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKind;

impl fmt::Display for BadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a record's kind: give 1 to 64 lower-case letters, digits, `.`, `-` or `_`, the first a letter")
    }
}

impl Error for BadKind {}

impl FromStr for RecordKind {
    type Err = BadKind;

    fn from_str(text: &str) -> Result<Self, BadKind> {
        if is_name(text) { Ok(Self(text.into())) } else { Err(BadKind) }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
