//! Verifies a whole log: every entry, every tile, the root that was signed, and the checkpoints that others remember.
//!
//! The signed root decides. From it the tiles are believed downwards, and by them the entries; what is named is therefore the
//! first tile or entry that is bad, in the order of the entries. Only where the topmost tiles do not lead to the root is
//! everything hashed from the entries up, to find out what is wrong.
//!
//! It reads one bundle at a time and keeps one tile for each level, however long the log.

mod recompute;
mod walk;

use std::fmt;

use crate::{
    checkpoint::{Checkpoint, OpenError, Verifiers, open_any_epoch},
    entry::Salt,
    epoch::{self, Link},
    merkle::{EMPTY_ROOT, TreeHead},
    tiles::{self, Bundle, Tile, TileError, consistency},
};

/// Where a log is kept: a folder, an address, a database.
///
/// What is missing is `None`; what could not be read, for reasons that say nothing about the log, is [`Unreadable`]. It may
/// give more of a tile or bundle than is asked for, as [`Tiles`](crate::tiles::Tiles) may.
pub trait Source {
    /// A tile's bytes.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where nobody knows whether there is one.
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable>;

    /// A bundle's bytes.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where nobody knows whether there is one.
    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable>;

    /// Salt and sealed body of an entry, where they are still kept; asked for in the order of the entries.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] where nobody knows whether they are.
    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable>;

    /// Below which index bodies were pruned, so that none above may be missing. None where nobody says, and any may be.
    fn pruned(&self) -> Option<u64> {
        None
    }
}

/// Why something could not be read, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// A checkpoint of this log that somebody remembers: a witness, a receipt, the log's own list of what it signed.
///
/// It has been [opened](crate::checkpoint::open): only what was signed counts.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Who remembers it, for the message.
    pub by: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The tree.
    pub head: TreeHead,
    /// The index of the first entry that was looked at: those before were pruned.
    pub first: u64,
    /// How many bodies were there, and were those that were logged.
    pub bodies: u64,
    /// How many bodies are gone: their entries still count.
    pub pruned_bodies: u64,
    /// Below which index they were pruned, where the source says so.
    pub pruned: Option<u64>,
    /// Where an epoch begins, by the index of its first own entry, and how it is linked to the one before.
    pub links: Vec<(u64, Link)>,
    /// How many remembered checkpoints this log continues.
    pub seen: u64,
    /// How many could not be checked, since they are older than what is kept, or of entries that were lost.
    pub seen_unchecked: u64,
}

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Something could not be read: the log may be good.
    #[error("{what}: can't be read: {why}")]
    Unreadable {
        /// The tile, bundle or body.
        what: String,
        /// Why.
        why: Unreadable,
    },
    /// A tile is missing, malformed, or not what was signed.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// A bundle of entries is missing.
    #[error("{0}: missing")]
    BundleMissing(Bundle),
    /// A bundle has more than its entries.
    #[error("{0}: has more entries than a bundle can hold")]
    BundleTooLong(Bundle),
    /// An entry is missing that the checkpoint counts: it and those after it were removed.
    #[error("entry {0}: missing, though the checkpoint counts it")]
    EntryMissing(u64),
    /// An entry was changed.
    #[error("entry {0}: is not what was logged in its place")]
    EntryWrong(u64),
    /// An entry is another one: they were swapped, or one was copied over the other.
    #[error("entry {index}: has the data of entry {of}: they were swapped, or one was copied over the other")]
    EntryMoved {
        /// Where it stands.
        index: u64,
        /// Where it belongs.
        of: u64,
    },
    /// A body or its salt was changed; the entry itself is the one that was logged.
    #[error("entry {0}: its body or salt is not the one that was logged")]
    BodyWrong(u64),
    /// A body is gone that was not pruned.
    #[error("entry {0}: its body was removed, and it is none of those that were pruned")]
    BodyMissing(u64),
    /// An entry and its tile differ, and neither leads to the root: both may have been changed.
    #[error("entry {index}: differs from {tile}, and neither leads to the root that was signed")]
    Differ {
        /// The entry.
        index: u64,
        /// The tile.
        tile: Tile,
    },
    /// Entries and tiles agree with each other, but not with the root.
    #[error(
        "all {0} entries and their tiles agree, but not with the root that was signed: the log was rewritten, or the checkpoint is another log's"
    )]
    Rewritten(u64),
    /// The link between two epochs is none, or none of this log.
    #[error("entry {0}: is to link an epoch of the log to the one before, and does not")]
    LinkWrong(u64),
    /// An epoch of the log has no link to the one before.
    #[error("the log says that it is in epoch {epoch}, and its entries lead to epoch {linked}")]
    NotLinked {
        /// The epoch of the checkpoint.
        epoch: u64,
        /// The epoch of the last link.
        linked: u64,
    },
    /// Somebody remembers more of an epoch than the link says that there was.
    #[error(
        "{by} remembers {remembered} entries of epoch {epoch}, and entry {index}, which begins the next, says that there were {last}: \
         it lies about what was lost"
    )]
    LinkLies {
        /// Who remembers.
        by: String,
        /// The epoch.
        epoch: u64,
        /// How many they remember.
        remembered: u64,
        /// The entry that is the link.
        index: u64,
        /// How many entries it says that there were.
        last: u64,
    },
    /// A remembered checkpoint is of another log.
    #[error("the checkpoint that {by} remembers is of the log `{found}`")]
    OtherLog {
        /// Who remembers it.
        by: String,
        /// Whose it is.
        found: String,
    },
    /// Somebody remembers more entries than there are.
    #[error(
        "{by} remembers {remembered} entries, there are {size}: the tail was removed, or an older log put back"
    )]
    TailRemoved {
        /// Who remembers.
        by: String,
        /// How many.
        remembered: u64,
        /// How many there are.
        size: u64,
    },
    /// Somebody remembers other entries.
    #[error("the first {size} entries are not those that {by} remembers: the history was rewritten")]
    HistoryRewritten {
        /// Who remembers.
        by: String,
        /// How many entries the remembered checkpoint counts.
        size: u64,
    },
}

/// Verifies the log of an opened checkpoint: all entries from `minimum` on, the log's minimum index, below which tiles, bundles
/// and bodies may be gone; and that it continues every checkpoint in `seen`.
///
/// # Errors
///
/// The first [`Fault`].
pub fn log(
    source: &mut dyn Source,
    checkpoint: &Checkpoint,
    minimum: u64,
    seen: impl IntoIterator<Item = Seen>,
) -> Result<Report, Fault> {
    let head = *checkpoint.head();
    let minimum = minimum.min(head.size);
    let mut reader = Reader { source, size: head.size };
    let first = minimum - minimum % 256;
    let pruned = reader.source.pruned();
    let mut report = Report {
        head,
        first,
        bodies: 0,
        pruned_bodies: 0,
        pruned,
        links: Vec::new(),
        seen: 0,
        seen_unchecked: 0,
    };
    walk::walk(&mut reader, &mut report)?;
    epochs(&mut reader, checkpoint, &report)?;
    for seen in seen {
        match remembered(&mut reader, checkpoint, &report.links, seen) {
            Ok(true) => report.seen += 1,
            Ok(false) => report.seen_unchecked += 1,
            Err((size, Fault::Tile(TileError::Missing(_)))) if size < minimum => report.seen_unchecked += 1,
            Err((_, fault)) => return Err(fault),
        }
    }
    Ok(report)
}

/// Whether the checkpoints that epochs are linked to were signed by whom somebody believes; with the first entry that is linked to
/// one that was not.
///
/// # Errors
///
/// Its index, and why.
pub fn links(report: &Report, verifiers: &Verifiers) -> Result<(), (u64, OpenError)> {
    report.links.iter().try_for_each(|(index, link)| {
        open_any_epoch(link.note().as_bytes(), verifiers).map(drop).map_err(|why| (*index, why))
    })
}

/// Whether each epoch is linked to the one before: which entries the next took over, and how many there were.
fn epochs(reader: &mut Reader<'_>, now: &Checkpoint, report: &Report) -> Result<(), Fault> {
    let (log, epoch) = epoch::split(now.origin());
    // The earliest epoch that the next link can be to. A number may be left out: that of an epoch that was lost as a whole.
    let mut linked = 1;
    for (index, link) in &report.links {
        let last = *link.checkpoint().head();
        let (of, before) = epoch::split(link.checkpoint().origin());
        if of != log || before < linked || last.size < *index {
            return Err(Fault::LinkWrong(*index));
        }
        linked = before + 1;
        // Nothing was lost: then it is the same tree.
        if last.size == *index && *index > 0 {
            let root = reader.with_tiles(|tiles| tiles::root(*index, tiles))?;
            if root != last.root {
                return Err(Fault::LinkWrong(*index));
            }
        }
    }
    let is_whole = report.first == 0 && report.pruned_bodies == 0;
    if linked > epoch || is_whole && linked == 1 && epoch > 1 {
        return Err(Fault::NotLinked { epoch, linked });
    }
    Ok(())
}

/// Whether the log continues a checkpoint, or false where that can't be known; with the fault, how many entries that has.
fn remembered(
    reader: &mut Reader<'_>,
    now: &Checkpoint,
    links: &[(u64, Link)],
    seen: Seen,
) -> Result<bool, (u64, Fault)> {
    let Seen { by, checkpoint } = seen;
    let (then, head) = (*checkpoint.head(), now.head());
    let size = then.size;
    let ((log, epoch), (of, in_epoch)) = (epoch::split(checkpoint.origin()), epoch::split(now.origin()));
    if log != of || epoch > in_epoch {
        return Err((size, Fault::OtherLog { by, found: checkpoint.origin().to_owned() }));
    }
    if epoch < in_epoch {
        let next = links.iter().find(|(_, link)| epoch::split(link.checkpoint().origin()).1 == epoch);
        // Whoever gives no bodies does not show where an epoch ended, and one that was lost as a whole has no end.
        let Some((index, link)) = next else { return Ok(false) };
        let (index, last) = (*index, link.checkpoint().head());
        match size {
            size if size > last.size => {
                let (remembered, last) = (size, last.size);
                return Err((size, Fault::LinkLies { by, epoch, remembered, index, last }));
            }
            size if size == last.size && then.root != last.root => {
                return Err((size, Fault::HistoryRewritten { by, size }));
            }
            size if size == last.size => return Ok(true),
            // Its last entries were lost.
            size if size > index => return Ok(false),
            _ => {}
        }
    }
    if size > head.size {
        return Err((size, Fault::TailRemoved { by, remembered: size, size: head.size }));
    }
    if size == 0 {
        let rewritten = Fault::HistoryRewritten { by, size };
        return if then.root == EMPTY_ROOT { Ok(true) } else { Err((size, rewritten)) };
    }
    let proven = reader.with_tiles(|tiles| consistency(&then, head, tiles));
    proven.map(|_| true).map_err(|fault| match fault {
        // The walk has shown that the tiles lead to the root: what does not is what is remembered.
        Fault::Tile(TileError::OtherRoot(_)) => (size, Fault::HistoryRewritten { by, size }),
        fault => (size, fault),
    })
}

/// Reads from a source what a tree of this size has.
struct Reader<'a> {
    source: &'a mut dyn Source,
    size: u64,
}

impl Reader<'_> {
    /// A tile's bytes, as wide as it is in this tree: a source may have no narrower form any more.
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Fault> {
        let tile = Tile::within(tile.level(), tile.index(), self.size).unwrap_or(tile);
        self.source.tile(tile).map_err(|why| unreadable(&tile, why))
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Vec<u8>, Fault> {
        let bytes = self.source.bundle(bundle).map_err(|why| unreadable(&bundle, why))?;
        bytes.ok_or(Fault::BundleMissing(bundle))
    }

    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Fault> {
        self.source.body(index).map_err(|why| unreadable(&format_args!("the body of entry {index}"), why))
    }

    /// Lets something read tiles that knows nothing of what can't be read.
    fn with_tiles<T>(
        &mut self,
        read: impl FnOnce(&mut tiles::Tiles<'_>) -> Result<T, TileError>,
    ) -> Result<T, Fault> {
        let mut failed = None;
        let result = read(&mut |tile| {
            self.tile(tile).unwrap_or_else(|fault| {
                failed = Some(fault);
                None
            })
        });
        match failed {
            Some(fault) => Err(fault),
            None => Ok(result?),
        }
    }
}

fn unreadable(what: &dyn fmt::Display, why: Unreadable) -> Fault {
    Fault::Unreadable { what: what.to_string(), why }
}

#[cfg(test)]
mod tests;
