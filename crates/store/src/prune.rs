//! Pruning: what entries of the ledger say is kept for a term, and the entries themselves for good.
//!
//! Bodies go by a minimum index, a multiple of 256: all below it are gone, and with them what was written beside each. The hashes
//! stay, so that the log proves as before, and so does whatever receipt somebody has taken home.

use tacita_domain::Timestamp;
use tacita_ledger::tiles::WIDTH;

use crate::{
    Error, Reading, Writing,
    ledger::{int, uint},
    queries,
};

queries! {
    MINIMUM = "SELECT minimum FROM ledger_pruned WHERE organisation = $1";
    SIGNED = "SELECT size FROM ledger_checkpoints WHERE organisation = $1 AND signed < $2 ORDER BY size DESC LIMIT 1";
    SET = "INSERT INTO ledger_pruned (organisation, minimum, pruned) VALUES ($1, $2, $3) \
           ON CONFLICT (organisation) DO UPDATE SET minimum = excluded.minimum, pruned = excluded.pruned";

    REFERENCES = "DELETE FROM ledger_references WHERE organisation = $1 AND run = CAST($2 AS BIGINT) / 4096 AND entry IN \
                  (SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3)";
    LINEAGE = "DELETE FROM lineage WHERE organisation = $1 AND operation IN \
               (SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3)";
    PROCESSING = "DELETE FROM processing WHERE organisation = $1 AND operation IN \
                  (SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3)";
    // What links an epoch to the one before says nothing of anybody, and is needed for good.
    BODIES = "DELETE FROM ledger_bodies WHERE organisation = $1 AND entry IN \
              (SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3) AND entry NOT IN \
              (SELECT entry FROM ledger_epochs WHERE organisation = $1)";
}

/// Below which index the bodies of the log were pruned; 0 where none were.
///
/// # Errors
/// When the database can't answer.
pub fn minimum(tx: &mut Reading<'_>) -> Result<u64, Error> {
    tx.query_one(MINIMUM, &[], |row| row.get(0))?.map_or(Ok(0), uint)
}

/// Below which index every entry was signed before a time; a multiple of 256.
///
/// # Errors
/// When the database can't answer.
pub fn signed_before(tx: &mut Reading<'_>, before: Timestamp) -> Result<u64, Error> {
    let size = tx.query_one(SIGNED, &[before.into()], |row| row.get(0))?.map_or(Ok(0), uint)?;
    Ok(size - size % u64::from(WIDTH))
}

/// Prunes the next 256 entries that are not pruned yet, up to before `end`. Says below which index all are pruned now; when it
/// says `end` or more, there is nothing left to do.
///
/// # Errors
/// When the database can't write it.
pub fn next(tx: &mut Writing<'_>, end: u64, now: Timestamp) -> Result<u64, Error> {
    let from = minimum(tx)?;
    let to = from + u64::from(WIDTH);
    if to > end {
        return Ok(from.max(end));
    }
    let range = [int(from)?.into(), int(to)?.into()];
    for query in [REFERENCES, LINEAGE, PROCESSING, BODIES] {
        tx.execute(query, &range)?;
    }
    tx.execute(SET, &[int(to)?.into(), now.into()])?;
    Ok(to)
}
