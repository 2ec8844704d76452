//! How much of a file is taken before it is refused.

use std::time::Duration;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::isolation::wire::{put_time, time};

/// Bounds on what comes from outside. Whatever exceeds one is refused by an error that names it.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes: usize,
    /// Bytes of text that a file may give, and that its parts may unpack to, together.
    pub text_bytes: usize,
    /// How many times larger than its packed form a part may be. Parts below 1 MiB are not measured.
    pub ratio: usize,
    /// Levels of elements, objects and arrays within each other.
    pub depth: usize,
    /// Levels of documents within documents, such as the attachment of an attached mail.
    pub nesting: usize,
    /// Entries of an archive and of the archives in it, parts of a mail, messages of a mailbox.
    pub entries: usize,
    /// Pages of a PDF.
    pub pages: usize,
    /// How long a PDF, or an archive with all that is in it, may take.
    #[borsh(serialize_with = "put_time", deserialize_with = "time")]
    pub time: Duration,
    /// Bytes of memory of the process that reads, where it is one of its own.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 50 << 20,
            text_bytes: 500 << 20,
            ratio: 200,
            depth: 512,
            nesting: 8,
            entries: 100_000,
            pages: 10_000,
            time: Duration::from_secs(60),
            memory: 512 << 20,
        }
    }
}
