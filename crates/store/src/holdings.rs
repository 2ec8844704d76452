//! Which records are about a data subject.
//!
//! What comes is written in the order in which it comes, and sorted in many at a time: people come in the order of chance, and an
//! index that each operation keeps by itself costs it a page of the file, encrypted, authenticated and written. Both tables
//! together are the answer; a record is in one of them.

use tacita_domain::{RecordId, SubjectId};

use crate::{Error, Value, Writing, queries};

queries! {
    ADD = "INSERT INTO new_holdings (organisation, record, subject) VALUES ($1, $2, $3)";
    REMOVE_NEW = "DELETE FROM new_holdings WHERE organisation = $1 AND record = $2";
    REMOVE = "DELETE FROM holdings WHERE organisation = $1 AND subject = $2 AND record = $3";
    BOUND = "SELECT subject FROM new_holdings WHERE organisation = $1 ORDER BY subject LIMIT 1 OFFSET $2";
    // Those that are taken away are those that are put in again, whatever comes meanwhile.
    TAKE = "DELETE FROM new_holdings WHERE organisation = $1 AND subject <= $2 RETURNING subject, record";
    PUT = "INSERT INTO holdings (organisation, subject, record) VALUES ($1, $2, $3)";
}

/// How many are sorted in by one transaction.
const SLICE: u32 = 4096;

/// Notes that a record is about a data subject.
pub(crate) fn add(tx: &mut Writing<'_>, subject: SubjectId, record: RecordId) -> Result<(), Error> {
    tx.queue(ADD, &[(&record).into(), (&subject).into()])
}

/// A record is no longer there.
pub(crate) fn remove(tx: &mut Writing<'_>, subject: SubjectId, record: RecordId) -> Result<(), Error> {
    if tx.execute(REMOVE_NEW, &[(&record).into()])? == 0 {
        tx.execute_one(REMOVE, &[(&subject).into(), (&record).into()])?;
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
    let mut taken: Vec<(SubjectId, RecordId)> =
        tx.query(TAKE, &[(&last).into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    taken.sort_unstable();
    if !taken.is_empty() {
        let rows =
            taken.iter().map(|(subject, record)| -> [Value<'_>; 2] { [subject.into(), record.into()] });
        tx.insert_all(PUT, rows)?;
    }
    Ok(bound.is_some())
}
