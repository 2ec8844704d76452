//! The log of the database, verified as if it were a stranger's: by keys that the caller brings, and against what others remember.
//!
//! Beside the log itself it compares what hangs on it: bodies that have no entry, entries that wait, the index of whom entries
//! refer to, and the rows that were written beside each. What those rows say is sealed elsewhere or is no secret, and no hash
//! covers it; that they are there is what can be shown here.

use std::collections::VecDeque;

use tacita_domain::OperationId;
use tacita_ledger::{
    checkpoint::{OpenError, Opened, Verifiers, open_any_epoch},
    entry::{self, Salt},
    tiles::{Bundle, Tile, encode_bundle},
    verify::{self, Report, Seen, Source, Unreadable},
};

use crate::{
    Error, Reading,
    ledger::{self, Placed, int, uint},
    prune, queries, witness,
};

/// Bodies that are read at a time.
const BODIES: u64 = 256;

queries! {
    CHECKPOINTS = "SELECT size, note FROM ledger_checkpoints WHERE organisation = $1 ORDER BY size";
    LAST = "SELECT position FROM ledger_entries WHERE organisation = $1 AND position >= $2 ORDER BY position LIMIT 1";
    // What is known of entries that wait, page by page.
    WAITING = "SELECT w.entry, w.data, b.salt, b.sealed FROM ledger_waiting w LEFT JOIN ledger_bodies b \
               ON b.organisation = w.organisation AND b.entry = w.entry \
               WHERE w.organisation = $1 AND w.entry > $2 ORDER BY w.entry LIMIT 256";
    ORPHAN = "SELECT b.entry FROM ledger_bodies b WHERE b.organisation = $1 AND NOT EXISTS \
              (SELECT 1 FROM ledger_entries e WHERE e.organisation = $1 AND e.entry = b.entry) AND NOT EXISTS \
              (SELECT 1 FROM ledger_waiting w WHERE w.organisation = $1 AND w.entry = b.entry) ORDER BY b.entry LIMIT 1";
    UNREFERENCED = "SELECT e.position FROM ledger_entries e JOIN ledger_bodies b \
                    ON b.organisation = e.organisation AND b.entry = e.entry LEFT JOIN ledger_references r \
                    ON r.organisation = b.organisation AND r.run = e.position / 4096 AND r.reference = b.reference AND r.entry = b.entry \
                    WHERE e.organisation = $1 AND b.reference IS NOT NULL AND r.entry IS NULL ORDER BY e.position LIMIT 1";
    MISREFERENCED = "SELECT r.entry FROM ledger_references r LEFT JOIN ledger_bodies b \
                     ON b.organisation = r.organisation AND b.entry = r.entry AND b.reference = r.reference \
                     LEFT JOIN ledger_entries e ON e.organisation = r.organisation AND e.entry = r.entry AND e.position / 4096 = r.run \
                     WHERE r.organisation = $1 AND (b.entry IS NULL OR e.entry IS NULL) ORDER BY r.entry LIMIT 1";
    UNREGISTERED = "SELECT e.position FROM ledger_entries e LEFT JOIN processing p \
                    ON p.organisation = e.organisation AND p.operation = e.entry \
                    WHERE e.organisation = $1 AND e.position >= $2 AND p.operation IS NULL AND NOT EXISTS \
                    (SELECT 1 FROM ledger_epochs x WHERE x.organisation = $1 AND x.entry = e.entry) ORDER BY e.position LIMIT 1";
    UNTRACED = "SELECT e.position FROM ledger_entries e LEFT JOIN lineage l \
                ON l.organisation = e.organisation AND l.operation = e.entry \
                WHERE e.organisation = $1 AND e.position >= $2 AND l.operation IS NULL AND NOT EXISTS \
                (SELECT 1 FROM ledger_epochs x WHERE x.organisation = $1 AND x.entry = e.entry) ORDER BY e.position LIMIT 1";
}

/// A log that was verified.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Its newest checkpoint.
    pub opened: Opened,
    /// What was looked at.
    pub report: Report,
}

/// The first thing that is wrong with the log of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Entries have places, and nothing was signed.
    NoCheckpoint,
    /// A checkpoint of so many entries can't be believed.
    Checkpoint(u64, OpenError),
    /// The log itself.
    Log(verify::Fault),
    /// The entry that begins an epoch is linked to a checkpoint that can't be believed.
    Link(u64, OpenError),
    /// An entry has a place that no checkpoint counts.
    Unsigned(u64),
    /// An entry that has no place yet is not the hash of its body.
    Waiting(OperationId),
    /// A body belongs to no entry.
    Orphan(OperationId),
    /// The index of whom entries refer to lacks an entry.
    Unreferenced(u64),
    /// That index has an entry that does not refer to them.
    Misreferenced(OperationId),
    /// A row that was written with an entry is gone: of which table.
    Beside(u64, &'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoCheckpoint => {
                f.write_str("entries have places, and there is no checkpoint: it was removed")
            }
            Self::Checkpoint(size, why) => write!(f, "the checkpoint of {size} entries: {why}"),
            Self::Log(fault) => fault.fmt(f),
            Self::Link(index, why) => {
                write!(f, "entry {index}, which begins an epoch: the checkpoint in it: {why}")
            }
            Self::Unsigned(index) => {
                write!(f, "entry {index}: no checkpoint counts it: it was added, or a checkpoint removed")
            }
            Self::Waiting(operation) => {
                write!(
                    f,
                    "the entry of the operation {operation}, which has no place yet: its hash, body or salt was changed"
                )
            }
            Self::Orphan(operation) => {
                write!(
                    f,
                    "the entry of the operation {operation} was removed: its body is there, and it is in no log"
                )
            }
            Self::Unreferenced(index) => {
                write!(
                    f,
                    "entry {index}: whom it refers to was changed, there or in the index by which entries about somebody are found"
                )
            }
            Self::Misreferenced(operation) => write!(
                f,
                "the entry of the operation {operation}: the index by which entries about somebody are found says that it refers to \
                 somebody else"
            ),
            Self::Beside(index, table) => {
                write!(f, "entry {index}: its row in the table `{table}` was removed")
            }
        }
    }
}

impl std::error::Error for Fault {}

/// Verifies the log of an organisation; none where there is none yet. It must continue every checkpoint that is kept, and those in
/// `seen`.
///
/// # Errors
/// When the database can't answer.
pub fn log(
    tx: &mut Reading<'_>,
    verifiers: &Verifiers,
    mut seen: Vec<Seen>,
) -> Result<Result<Option<Verified>, Fault>, Error> {
    let Some(newest) = ledger::newest(tx)? else {
        let placed: Option<i64> = tx.query_one(LAST, &[0_i64.into()], |row| row.get(0))?;
        if placed.is_some() {
            return Ok(Err(Fault::NoCheckpoint));
        }
        let forgotten = seen.into_iter().find(|seen| seen.checkpoint.head().size > 0);
        return Ok(match forgotten {
            Some(Seen { by, checkpoint }) => Err(Fault::Log(verify::Fault::TailRemoved {
                by,
                remembered: checkpoint.head().size,
                size: 0,
            })),
            None => Ok(None),
        });
    };
    let note = match witness::cosigned_note(tx, &newest) {
        Ok(note) => note.to_string(),
        // What is wrong with it is told below.
        Err(Error::Ledger(_)) => newest.note.clone(),
        Err(error) => return Err(error),
    };
    let opened = match open_any_epoch(note.as_bytes(), verifiers) {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(Fault::Checkpoint(newest.size, why))),
    };
    let kept: Vec<(i64, String)> = tx.query(CHECKPOINTS, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (size, note) in kept {
        let size = uint(size)?;
        match open_any_epoch(note.as_bytes(), verifiers) {
            Ok(Opened { checkpoint, .. }) => {
                seen.push(Seen { by: format!("the checkpoint of {size} entries"), checkpoint });
            }
            Err(why) => return Ok(Err(Fault::Checkpoint(size, why))),
        }
    }
    let minimum = prune::minimum(tx)?;
    let mut source = Kept { tx, minimum, bodies: VecDeque::new(), read: 0, failed: None };
    let verified = verify::log(&mut source, &opened.checkpoint, 0, seen);
    if let Some(error) = source.failed.take() {
        return Err(error);
    }
    let report = match verified {
        Ok(report) => report,
        Err(fault) => return Ok(Err(Fault::Log(fault))),
    };
    if let Err((index, why)) = verify::links(&report, verifiers) {
        return Ok(Err(Fault::Link(index, why)));
    }
    Ok(beside(tx, report.head.size, minimum)?.map(|()| Some(Verified { opened, report })))
}

/// An entry without a place: its operation and data, and the salt and body that should give them.
type Waiting = (OperationId, [u8; 32], Option<Salt>, Option<Vec<u8>>);

/// What hangs on the log.
fn beside(tx: &mut Reading<'_>, size: u64, minimum: u64) -> Result<Result<(), Fault>, Error> {
    let position = |row: &crate::Row<'_>| uint(row.get(0)?);
    let minimum = [int(minimum)?.into()];
    if let Some(index) = tx.query_one(LAST, &[int(size)?.into()], position)? {
        return Ok(Err(Fault::Unsigned(index)));
    }
    if let Some(index) = tx.query_one(UNREFERENCED, &[], position)? {
        return Ok(Err(Fault::Unreferenced(index)));
    }
    if let Some(operation) = tx.query_one(MISREFERENCED, &[], |row| row.get(0))? {
        return Ok(Err(Fault::Misreferenced(operation)));
    }
    for (query, table) in [(UNREGISTERED, "processing"), (UNTRACED, "lineage")] {
        if let Some(index) = tx.query_one(query, &minimum, position)? {
            return Ok(Err(Fault::Beside(index, table)));
        }
    }
    if let Some(operation) = tx.query_one(ORPHAN, &[], |row| row.get(0))? {
        return Ok(Err(Fault::Orphan(operation)));
    }
    let mut after = OperationId::from_bytes([0; 16]);
    loop {
        let waiting: Vec<Waiting> = tx.query(WAITING, &[(&after).into()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let Some((last, ..)) = waiting.last() else { return Ok(Ok(())) };
        after = *last;
        for (operation, data, salt, sealed) in waiting {
            match (salt, sealed) {
                (Some(salt), Some(sealed)) if entry::data(&salt, &sealed) == data => {}
                _ => return Ok(Err(Fault::Waiting(operation))),
            }
        }
    }
}

/// The rows of a log.
struct Kept<'a, 'c> {
    tx: &'a mut Reading<'c>,
    minimum: u64,
    /// Those that were read and not asked for yet.
    bodies: VecDeque<Placed>,
    /// Before which index all bodies were read.
    read: u64,
    /// Why the database could not answer.
    failed: Option<Error>,
}

impl Kept<'_, '_> {
    fn ask<T>(&mut self, ask: impl FnOnce(&mut Reading<'_>) -> Result<T, Error>) -> Result<T, Unreadable> {
        ask(self.tx).map_err(|error| {
            let why = Unreadable(error.to_string());
            self.failed = Some(error);
            why
        })
    }
}

impl Source for Kept<'_, '_> {
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
        self.ask(|tx| ledger::tile(tx, tile))
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
        let entries = self.ask(|tx| ledger::bundle(tx, bundle.index()))?;
        encode_bundle(entries).map(Some).map_err(|error| Unreadable(error.to_string()))
    }

    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
        if index >= self.read {
            let end = index + BODIES;
            self.bodies = self.ask(|tx| ledger::bodies(tx, index, end))?.into();
            self.read = end;
        }
        while self.bodies.front().is_some_and(|placed| placed.position < index) {
            self.bodies.pop_front();
        }
        let placed = self.bodies.pop_front_if(|placed| placed.position == index);
        Ok(placed.map(|Placed { salt, sealed, .. }| (salt, sealed)))
    }

    fn pruned(&self) -> Option<u64> {
        Some(self.minimum)
    }
}
