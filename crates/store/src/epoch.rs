//! Epochs of a log: how it goes on after the database of a backup was put back.
//!
//! The log takes over the entries that are there under another name. Its first own entry is the link to the last checkpoint that
//! anybody knows of the epoch before; it is about nobody, and logged as it stands.

use tacita_domain::{OperationId, Timestamp};
use tacita_ledger::{
    entry::{self, Salt},
    epoch::Link,
    merkle::leaf_hash,
};

use crate::{
    Error, Reading, Writing,
    ledger::{self, Fence, Log, continued, int, newest, uint},
    queries,
};

queries! {
    START = "SELECT start FROM ledger_epochs WHERE organisation = $1 ORDER BY epoch DESC LIMIT 1";
    EPOCH = "SELECT epoch FROM ledger_epochs WHERE organisation = $1 ORDER BY epoch DESC LIMIT 1";
    BEGIN = "INSERT INTO ledger_epochs (organisation, epoch, start, entry, begun) VALUES ($1, $2, $3, $4, $5)";
    BODY = "INSERT INTO ledger_bodies (organisation, entry, reference, salt, sealed) VALUES ($1, $2, NULL, $3, $4)";
    PLACE = "INSERT INTO ledger_entries (organisation, position, entry, data) VALUES ($1, $2, $3, $4)";
}

/// Which epoch the log of the organisation is in, from 1.
///
/// # Errors
/// When the database can't answer.
pub fn current(tx: &mut Reading<'_>) -> Result<u64, Error> {
    tx.query_one(EPOCH, &[], |row| row.get(0))?.map_or(Ok(1), uint)
}

/// How many entries the epoch that the log is in took over from the one before; 0 in the first.
///
/// # Errors
/// When the database can't answer.
pub fn start(tx: &mut Reading<'_>) -> Result<u64, Error> {
    tx.query_one(START, &[], |row| row.get(0))?.map_or(Ok(0), uint)
}

/// Begins the epoch of `next`, a later one than that of `log`: its first own entry, with this id and salt, is `link`. Says how many
/// entries it took over.
///
/// # Errors
/// [`Error::Changed`] when the lease is somebody else's by now, or the log in another epoch; [`Error::Ledger`] when the log is not
/// the one that was signed last. Then nothing is written.
pub fn begin(
    tx: &mut Writing<'_>,
    fence: Fence,
    (log, next): (&Log, &Log),
    link: &Link,
    (entry, salt): (OperationId, Salt),
    now: Timestamp,
) -> Result<u64, Error> {
    ledger::fenced(tx, fence, log)?;
    let last = newest(tx)?;
    let mut edge = continued(tx, log, last.as_ref())?;
    let start = edge.head().size;
    let body = link.to_string();
    let data = entry::data(&salt, body.as_bytes());
    let mut full = Vec::new();
    edge.push(leaf_hash(&data), &mut |tile, hashes| full.push((tile, hashes)));
    tx.execute(PLACE, &[int(start)?.into(), (&entry).into(), (&data).into()])?;
    tx.execute(BODY, &[(&entry).into(), (&salt).into(), body.as_bytes().into()])?;
    let values = [int(next.epoch())?.into(), int(start)?.into(), (&entry).into(), now.into()];
    tx.execute(BEGIN, &values)?;
    ledger::sign(tx, next, &edge, full, now)?;
    Ok(start)
}
