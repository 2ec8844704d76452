//! What became of the texts that an analyzer was to read.

use std::{collections::BTreeMap, fmt};

/// Why a text was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// There was no whole answer in time.
    TimedOut,
    /// Nothing listens there, or the name of the host is unknown.
    NoConnection,
    /// Its certificate is not trusted, or there is no way to speak TLS with it.
    NotTrusted,
    /// The connection broke, or what came was no HTTP.
    Broken,
    /// It answered with this status instead of 200.
    Status(u16),
    /// The answer was longer than any should be.
    TooLong,
    /// The answer was no JSON of Presidio's, or named places that are not in the text.
    NotUnderstood,
    /// It was not asked, since it had failed several times in a row.
    NotAsked,
}

/// What became of the texts that an analyzer was to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// How many it read.
    pub read: u64,
    /// How many it did not read, and why.
    pub missed: BTreeMap<Cause, u64>,
    /// Why it did not name its types, if it didn't.
    pub unanswered: Option<Cause>,
}

impl Account {
    /// How many it did not read.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed.values().sum()
    }

    /// A text was read, or missed for a cause.
    pub(super) fn count(&mut self, cause: Option<Cause>) {
        match cause {
            None => self.read += 1,
            Some(cause) => *self.missed.entry(cause).or_default() += 1,
        }
    }
}

impl Cause {
    /// One word for it, as for a label.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::TimedOut => "timed_out",
            Self::NoConnection => "no_connection",
            Self::NotTrusted => "not_trusted",
            Self::Broken => "broken",
            Self::Status(_) => "status",
            Self::TooLong => "too_long",
            Self::NotUnderstood => "not_understood",
            Self::NotAsked => "not_asked",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "timed out",
            Self::NoConnection => "no connection",
            Self::NotTrusted => "no trusted TLS connection",
            Self::Broken => "broken connection",
            Self::Status(status) => return write!(f, "status {status}"),
            Self::TooLong => "answer too long",
            Self::NotUnderstood => "answer not understood",
            Self::NotAsked => "not asked while it failed",
        })
    }
}

/// The texts that were missed: `12 of 40 windows of text (9 timed out, 3 not asked while it failed)`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = self.missed();
        write!(f, "{missed} of {} windows of text", self.read + missed)?;
        for (i, (cause, count)) in self.missed.iter().enumerate() {
            write!(f, "{}{count} {cause}", if i == 0 { " (" } else { ", " })?;
        }
        f.write_str(if self.missed.is_empty() { "" } else { ")" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_were_missed_and_why() {
        let mut account = Account::default();
        assert_eq!(account.to_string(), "0 of 0 windows of text");
        let causes = [None, Some(Cause::NotAsked), Some(Cause::TimedOut), Some(Cause::Status(500)), None];
        causes.into_iter().chain([Some(Cause::TimedOut)]).for_each(|cause| account.count(cause));
        assert_eq!(
            account.to_string(),
            "4 of 6 windows of text (2 timed out, 1 status 500, 1 not asked while it failed)"
        );
    }
}
