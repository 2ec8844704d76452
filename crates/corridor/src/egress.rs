//! Leaving the process.

use std::fmt;

use crate::Passage;

/// Who gets personal data that leaves the process before the operation is done: a model, a mail server, a webhook. The name is
/// the organisation's own for it, and stands in the account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recipient(Box<str>);

impl Recipient {
    /// The recipient of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to hand values to one recipient, while the passage lasts.
#[derive(Debug)]
pub struct Egress<'passage> {
    passage: &'passage Passage,
    recipient: Recipient,
}

impl<'passage> Egress<'passage> {
    pub(crate) const fn new(passage: &'passage Passage, recipient: Recipient) -> Self {
        Self { passage, recipient }
    }

    /// By which passage.
    #[must_use]
    pub const fn passage(&self) -> &'passage Passage {
        self.passage
    }

    /// To whom.
    #[must_use]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }
}
