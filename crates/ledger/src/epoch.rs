//! Epochs: how a log goes on after a database from a backup was put back.
//!
//! A log that lost its newest entries must not sign others in their place: whoever remembers the lost ones would hold the proof of a
//! fork. So it goes on under another name, as a log of its own: `<log>/epoch-2` takes over the entries that are there, and its
//! first own entry is a [`Link`], which commits to the last checkpoint of the epoch before that anybody knows. What was lost is
//! therefore said for good, with how much of it; and whoever knows a later checkpoint than the link does can show that it lies.
//!
//! A name that was ever signed is never begun again: after an epoch that was lost as a whole, its number is left out.

use std::fmt;

use crate::{
    checkpoint::{Checkpoint, decimal},
    note::Note,
};

/// The first line of the body of a link.
const HEADER: &str = "tacita.epoch/v1\n";
const EPOCH: &str = "/epoch-";

/// The origin of an epoch of a log, from 1. The first is the log's own.
pub fn origin(log: &str, epoch: u64) -> String {
    match epoch {
        0 | 1 => log.to_owned(),
        epoch => format!("{log}{EPOCH}{epoch}"),
    }
}

/// Which log and which epoch of it an origin names.
pub fn split(origin: &str) -> (&str, u64) {
    let split = origin.rsplit_once(EPOCH);
    let split = split.and_then(|(log, epoch)| Some((log, decimal(epoch).filter(|epoch| *epoch > 1)?)));
    split.unwrap_or((origin, 1))
}

/// The first own entry of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    note: String,
    checkpoint: Checkpoint,
}

impl Link {
    /// A link to the last checkpoint of the epoch before, a signed note; its signatures are not looked at. None where it is no
    /// checkpoint.
    pub fn new(note: &str) -> Option<Self> {
        let parsed = Note::parse(note.as_bytes()).ok()?;
        let checkpoint = Checkpoint::parse(parsed.text()).ok()?;
        Some(Self { note: note.to_owned(), checkpoint })
    }

    /// Whether a body is that of a link. No sealed body begins so.
    pub fn is_link(body: &[u8]) -> bool {
        body.starts_with(HEADER.as_bytes())
    }

    /// Reads the body of a link; none where it is none.
    pub fn parse(body: &[u8]) -> Option<Self> {
        Self::new(str::from_utf8(body).ok()?.strip_prefix(HEADER)?)
    }

    /// The signed note that it commits to.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// What that says.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// The body, as it is logged.
impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADER}{}", self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_name_their_epoch_in_one_way() {
        for (log, epoch, name) in [
            ("a.example/b", 1, "a.example/b"),
            ("a.example/b", 2, "a.example/b/epoch-2"),
            ("a", 10, "a/epoch-10"),
        ] {
            assert_eq!((origin(log, epoch), split(name)), (name.to_owned(), (log, epoch)));
        }
        for name in ["a/epoch-", "a/epoch-0", "a/epoch-1", "a/epoch-02", "a/epoch-+2", "a/epoch-2/b"] {
            assert_eq!(split(name), (name, 1));
        }
    }

    #[test]
    fn a_link_is_read_as_it_is_written() {
        let note = "a.example/b\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— a.example/b AAAAAQI=\n";
        let link = Link::new(note).unwrap();
        assert_eq!((link.note(), link.checkpoint().head().size), (note, 7));
        let body = link.to_string();
        assert!(Link::is_link(body.as_bytes()));
        assert_eq!(Link::parse(body.as_bytes()), Some(link));
        for body in ["", "tacita.epoch/v1", "tacita.epoch/v1\n", note, &body[..body.len() - 1]] {
            assert_eq!(Link::parse(body.as_bytes()), None, "{body}");
        }
    }
}
