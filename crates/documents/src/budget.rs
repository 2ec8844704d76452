//! What a file may still unpack to, with all that lies in it.

use std::{
    cell::Cell,
    io::{self, Read},
};

use crate::{Limits, ReadError, deadline::Deadline};

/// Parts below this are not measured against the ratio: a page of spaces packs well.
const SMALL: usize = 1 << 20;

/// One for a file and everything nested in it: archives within archives share it, or each level could unpack as much again
/// as the one around it.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: Cell<usize>,
    entries: Cell<usize>,
    /// After it nothing more is read.
    pub deadline: Deadline,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            bytes: Cell::new(limits.text_bytes),
            entries: Cell::new(limits.entries),
            deadline: Deadline::after(limits.time),
        }
    }

    /// Takes so many entries, messages or parts.
    ///
    /// # Errors
    /// When there are more than are left, or the time is over.
    pub(crate) fn enter(&self, count: usize, limits: &Limits) -> Result<(), ReadError> {
        let left = self.entries.get().checked_sub(count);
        self.entries.set(left.unwrap_or(0));
        if left.is_none() {
            return Err(ReadError::TooMany { what: "entries", limit: limits.entries });
        }
        self.check_time(limits)
    }

    /// # Errors
    /// When the time is over.
    pub(crate) fn check_time(&self, limits: &Limits) -> Result<(), ReadError> {
        if self.deadline.is_over() { Err(ReadError::TooSlow(limits.time)) } else { Ok(()) }
    }

    /// Nothing more can be read: what failed did not fail by itself.
    pub(crate) fn is_spent(&self) -> bool {
        self.bytes.get() == 0 || self.entries.get() == 0 || self.deadline.is_over()
    }

    /// How much `packed` bytes may unpack to.
    pub(crate) fn allowed(&self, packed: usize, limits: &Limits) -> usize {
        most(packed, limits).min(self.bytes.get())
    }

    /// Takes so many unpacked bytes.
    pub(crate) fn spend(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_sub(bytes));
    }

    /// Why `packed` bytes may unpack to no more than was allowed.
    pub(crate) fn excess(allowed: usize, packed: usize, limits: &Limits) -> ReadError {
        if allowed == most(packed, limits) {
            ReadError::Bomb(limits.ratio)
        } else {
            ReadError::TooMuchText(limits.text_bytes)
        }
    }

    /// All that `packed` bytes unpack to. What a file declares of its sizes is not believed.
    ///
    /// # Errors
    /// When a limit is met. What is damaged is there up to the damage, and whether it is beside it.
    pub(crate) fn unpack(
        &self,
        unpacked: impl Read,
        packed: usize,
        limits: &Limits,
    ) -> Result<(Vec<u8>, io::Result<usize>), ReadError> {
        let take = self.allowed(packed, limits);
        let mut bytes = Vec::new();
        let read = unpacked.take(take as u64 + 1).read_to_end(&mut bytes);
        let excess = (bytes.len() > take).then(|| Self::excess(take, packed, limits));
        self.spend(bytes.len());
        if let Some(excess) = excess {
            return Err(excess);
        }
        match read {
            Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                Err(ReadError::Crashed(limits.memory))
            }
            read => Ok((bytes, read)),
        }
    }
}

fn most(packed: usize, limits: &Limits) -> usize {
    packed.saturating_mul(limits.ratio).max(SMALL)
}
