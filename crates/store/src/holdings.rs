//! What is held about a data subject: which records, which entries of the ledger.
//!
//! What comes is written in the order in which it comes, and sorted in many at a time: people come in the order of chance, and an
//! index that each operation keeps by itself costs it a page of the file or two, each encrypted, authenticated and written. Both
//! tables together are the answer; a holding is in one of them.

use tacita_domain::{OperationId, RecordId, SubjectId};

use crate::{Error, Value, Writing, queries};

queries! {
    ADD = "INSERT INTO new_holdings (organisation, item, kind, subject) VALUES ($1, $2, $3, $4)";
    REMOVE_NEW = "DELETE FROM new_holdings WHERE organisation = $1 AND item = $2 AND kind = $3";
    REMOVE = "DELETE FROM holdings WHERE organisation = $1 AND subject = $2 AND kind = $3 AND item = $4";
    BOUND = "SELECT subject FROM new_holdings WHERE organisation = $1 ORDER BY subject LIMIT 1 OFFSET $2";
    // Those that are taken away are those that are put in again, whatever comes meanwhile.
    TAKE = "DELETE FROM new_holdings WHERE organisation = $1 AND subject <= $2 RETURNING subject, kind, item";
    PUT = "INSERT INTO holdings (organisation, subject, kind, item) VALUES ($1, $2, $3, $4)";
}

/// How many are sorted in by one transaction.
const SLICE: u32 = 4096;

/// A record, as a kind of holding.
pub(crate) const RECORD: &str = "record";
/// An entry of the ledger.
pub(crate) const ENTRY: &str = "entry";

/// Notes that a record is held about a data subject.
pub(crate) fn add(tx: &mut Writing<'_>, subject: SubjectId, record: RecordId) -> Result<(), Error> {
    tx.queue(ADD, &[(&record).into(), RECORD.into(), (&subject).into()])
}

/// Notes which entries are about whom.
pub(crate) fn add_entries<'v>(
    tx: &mut Writing<'_>,
    entries: impl Iterator<Item = (&'v OperationId, &'v SubjectId)>,
) -> Result<(), Error> {
    tx.insert_all(ADD, entries.map(|(entry, subject)| [entry.into(), ENTRY.into(), subject.into()]))
}

/// A record is no longer held.
pub(crate) fn remove(tx: &mut Writing<'_>, subject: SubjectId, record: RecordId) -> Result<(), Error> {
    if tx.execute(REMOVE_NEW, &[(&record).into(), RECORD.into()])? == 0 {
        tx.execute_one(REMOVE, &[(&subject).into(), RECORD.into(), (&record).into()])?;
    }
    Ok(())
}

/// Sorts in some of what has come. Says whether there is more.
///
/// # Errors
/// When the database can't write it.
pub fn sort_in(tx: &mut Writing<'_>) -> Result<bool, Error> {
    let bound: Option<SubjectId> = tx.query_one(BOUND, &[SLICE.into()], |row| row.get(0))?;
    let last = bound.map_or([u8::MAX; 16], |subject| *subject.as_bytes());
    let mut taken: Vec<(SubjectId, String, [u8; 16])> =
        tx.query(TAKE, &[(&last).into()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    taken.sort_unstable();
    if !taken.is_empty() {
        let rows = taken.iter().map(|(subject, kind, item)| -> [Value<'_>; 3] {
            [subject.into(), kind.as_str().into(), item.into()]
        });
        tx.insert_all(PUT, rows)?;
    }
    Ok(bound.is_some())
}
