//! Why a file could not be read or rewritten.

use std::{fmt, time::Duration};

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::{
    Format, Part,
    isolation::wire::{put_time, time, word},
};

/// Why no text came out of a file. The messages never quote the file's content.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are of a kind that holds no text, or whose text is not read.
    #[error("{0}: this kind of file is not read")]
    UnknownKind(#[borsh(deserialize_with = "word")] &'static str),
    /// A password is needed.
    #[error("the {0} is encrypted; save a copy without a password")]
    Encrypted(#[borsh(deserialize_with = "word")] &'static str),
    /// The bytes are not what the format asks for.
    #[error("the {format} is damaged: {reason}")]
    Broken {
        /// What it was read as.
        #[borsh(deserialize_with = "word")]
        format: &'static str,
        /// What is wrong, in the words of its parser.
        reason: String,
    },
    /// Larger than [`Limits::file_bytes`](crate::Limits::file_bytes).
    #[error("larger than the limit of {} for a file", Bytes(*.0))]
    TooLarge(usize),
    /// More text than [`Limits::text_bytes`](crate::Limits::text_bytes).
    #[error("unpacks to more than the limit of {} of text", Bytes(*.0))]
    TooMuchText(usize),
    /// A part is packed tighter than [`Limits::ratio`](crate::Limits::ratio): a bomb.
    #[error("a part unpacks to more than {0} times its size, the limit against archive bombs")]
    Bomb(usize),
    /// Nested deeper than [`Limits::depth`](crate::Limits::depth) or [`Limits::nesting`](crate::Limits::nesting).
    #[error("nested deeper than the limit of {0} levels")]
    TooDeep(usize),
    /// More than [`Limits::entries`](crate::Limits::entries) or [`Limits::pages`](crate::Limits::pages).
    #[error("has more {what} than the limit of {limit}")]
    TooMany {
        /// Entries, messages, pages.
        #[borsh(deserialize_with = "word")]
        what: &'static str,
        /// How many are allowed.
        limit: usize,
    },
    /// The process that read it ended, or answered nothing that can be used.
    #[error("its reader ended on it: it took more than its {} of memory, or has a fault", Bytes(*.0))]
    Crashed(usize),
    /// No process can be started that reads it.
    #[error("the process that reads files can't be started: {0}")]
    NoReader(String),
    /// Took longer than [`Limits::time`](crate::Limits::time).
    #[error("took longer than the limit of {0:?}")]
    TooSlow(#[borsh(serialize_with = "put_time", deserialize_with = "time")] Duration),
}

impl ReadError {
    /// A limit was met, as opposed to a file that can't be read at all.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        !matches!(self, Self::UnknownKind(_) | Self::Encrypted(_) | Self::Broken { .. } | Self::NoReader(_))
    }
}

/// Why a file could not be written with replacements.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// The file can't be read in the first place.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The format's bytes are not its text.
    #[error("a {0} can't be rewritten in place; take its redacted text")]
    NotTextual(#[borsh(deserialize_with = "word")] &'static str),
    /// The replacements overlap, are out of order, out of the text or cut a character.
    #[error("replacement {0} overlaps the one before it or lies outside the text")]
    Range(usize),
    /// The reader found text whose bytes it can't tell.
    #[error("replacement {0} is of text whose place in the file is not known; take its redacted text")]
    Unplaced(usize),
    /// A package could not be put together again.
    #[error("it can't be written again: {0}")]
    Unwritten(#[borsh(deserialize_with = "word")] &'static str),
    /// The file's encoding has no such character.
    #[error("the replacement has a character that the file's encoding, {0}, lacks; save the file as UTF-8")]
    Unencodable(#[borsh(deserialize_with = "word")] &'static str),
    /// Bytes of the file that nothing replaces would change: they are damaged, or written in an unusual way.
    #[error(
        "bytes of the file that are not replaced would change in its encoding, {0}; save the file as UTF-8"
    )]
    Unfaithful(#[borsh(deserialize_with = "word")] &'static str),
}

/// What a reader has to say about a document that it did read.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// The bytes were not UTF-8 and were read in this encoding.
    Encoding(#[borsh(deserialize_with = "word")] &'static str),
    /// So many bytes were no valid UTF-8; the rest was read.
    InvalidBytes(usize),
    /// The file is not what its name says and was read as plain text.
    ReadAsText {
        /// What it should have been.
        #[borsh(deserialize_with = "word")]
        format: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The page has no text: only a picture of it.
    PictureOnly(u32),
    /// The page has no text: only a picture of it, in which words were recognised.
    Recognised(u32),
    /// So many pictures show what no text says.
    Pictures(usize),
    /// A part was left out.
    Skipped {
        /// Where it is.
        part: String,
        /// Why.
        reason: String,
    },
    /// The copy is the text alone, for this reason.
    TextOnly(String),
    /// The document ends too early or is damaged; what was readable is here.
    Damaged(String),
}

impl Note {
    /// The same for a document that lies in another as `part`.
    pub(crate) fn within(self, part: &Part) -> Self {
        let inside = |text: String| format!("{part}: {text}");
        match self {
            Self::Skipped { part: inner, reason } => {
                Self::Skipped { part: format!("{part}: {inner}"), reason }
            }
            Self::Damaged(reason) => Self::Damaged(inside(reason)),
            other => other,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(name) => write!(f, "read as {name}"),
            Self::InvalidBytes(count) => write!(f, "{count} bytes are not valid UTF-8"),
            Self::ReadAsText { format, reason } => {
                write!(f, "not valid {format} ({reason}): read as plain text")
            }
            Self::PictureOnly(page) => write!(f, "page {page} is only a picture: its text was not read"),
            Self::Recognised(page) => {
                write!(f, "page {page} is only a picture: its words were recognised, and some may be wrong")
            }
            Self::Pictures(1) => f.write_str("text in 1 picture is not read"),
            Self::Pictures(count) => write!(f, "text in {count} pictures is not read"),
            Self::Skipped { part, reason } => write!(f, "skipped {part}: {reason}"),
            Self::TextOnly(reason) => write!(f, "the copy is its text: {reason}"),
            Self::Damaged(reason) => write!(f, "damaged: {reason}; what was readable was read"),
        }
    }
}

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ReadError {
    pub(crate) fn broken(format: &Format, reason: impl fmt::Display) -> Self {
        Self::Broken { format: format.title, reason: reason.to_string() }
    }
}

struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n >= 1 << 20 => write!(f, "{} MB", n >> 20),
            n if n >= 1 << 10 => write!(f, "{} kB", n >> 10),
            n => write!(f, "{n} bytes"),
        }
    }
}
