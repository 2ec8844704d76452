//! Records: sealed, with what they were before.

use tacita_domain::{OrganisationId, PurposeName, RecordId, RecordKind, SubjectId, Timestamp};
use tacita_vault::{Place, Sealed};

use crate::{Error, Reading, Row, Writing, account::place, holdings, queries};

queries! {
    INSERT = "INSERT INTO records (organisation, record, subject, kind, purpose, version, created, changed, sealed) \
              VALUES ($1, $2, $3, $4, $5, 1, $6, $6, $7)";
    RELATE = "INSERT INTO record_relations (organisation, subject, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    GET = "SELECT record, subject, kind, purpose, version, created, changed, restricted, sealed FROM records \
           WHERE organisation = $1 AND record = $2";
    STANDING = "SELECT version, restricted FROM records WHERE organisation = $1 AND record = $2";
    SIZES = "SELECT length(r.sealed) FROM \
             (SELECT record FROM holdings WHERE organisation = $1 AND subject = $2 AND record > $3 UNION ALL \
             SELECT record FROM new_holdings WHERE organisation = $1 AND record > $3 AND subject = $2) h \
             JOIN records r ON r.organisation = $1 AND r.record = h.record \
             WHERE r.restricted IS NULL ORDER BY h.record LIMIT $4";
    LIST = "SELECT r.record, r.subject, r.kind, r.purpose, r.version, r.created, r.changed, r.restricted, r.sealed FROM \
            (SELECT record FROM holdings WHERE organisation = $1 AND subject = $2 AND record > $3 UNION ALL \
            SELECT record FROM new_holdings WHERE organisation = $1 AND record > $3 AND subject = $2) h \
            JOIN records r ON r.organisation = $1 AND r.record = h.record \
            WHERE r.restricted IS NULL ORDER BY h.record LIMIT $4";
    RELATED = "SELECT subject FROM record_relations WHERE organisation = $1 AND record = $2 ORDER BY subject";
    KEEP_VERSION = "INSERT INTO record_versions (organisation, record, version, changed, sealed) \
                    SELECT $1, record, version, changed, sealed FROM records WHERE organisation = $1 AND record = $2 AND version = $3";
    RECTIFY = "UPDATE records SET version = $3, changed = $4, sealed = $5 WHERE organisation = $1 AND record = $2";
    VERSION_SIZES = "SELECT length(sealed) FROM record_versions WHERE organisation = $1 AND record = $2 AND version > $3 \
                     ORDER BY version LIMIT $4";
    VERSIONS = "SELECT version, changed, sealed FROM record_versions WHERE organisation = $1 AND record = $2 AND version > $3 \
                ORDER BY version LIMIT $4";
    RESTRICT = "UPDATE records SET restricted = $3 WHERE organisation = $1 AND record = $2";
    DELETE_VERSIONS = "DELETE FROM record_versions WHERE organisation = $1 AND record = $2";
    DELETE_RELATIONS = "DELETE FROM record_relations WHERE organisation = $1 AND record = $2";
    DELETE_ATTACHMENTS = "DELETE FROM attachments WHERE organisation = $1 AND record = $2";
    DELETE = "DELETE FROM records WHERE organisation = $1 AND record = $2 RETURNING subject";
}

/// Bytes of sealed values that are read at once.
const BYTES: i64 = 8 * 1024 * 1024;
/// Versions of a record that are read at once.
const VERSIONS_AT_ONCE: u32 = 100;

/// A record as it lies in the database.
#[derive(Debug)]
pub struct Stored {
    /// Its id.
    pub record: RecordId,
    /// Whose it is.
    pub subject: SubjectId,
    /// What it is.
    pub kind: RecordKind,
    /// What it was kept for.
    pub purpose: PurposeName,
    /// Counts its corrections, from 1.
    pub version: u32,
    /// When it was kept.
    pub created: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
    /// Since when its processing is restricted.
    pub restricted: Option<Timestamp>,
    /// What it says, sealed in the place that [`sealed_at`] names.
    pub sealed: Sealed,
}

/// What a record said before it was corrected.
#[derive(Debug)]
pub struct Earlier {
    /// Which version it is.
    pub version: u32,
    /// Since when it said so.
    pub changed: Timestamp,
    /// What it said, sealed in the place that [`sealed_at`] names.
    pub sealed: Sealed,
}

/// Part of an answer, and whether there are more behind them.
#[derive(Debug)]
pub struct Part<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are more.
    pub more: bool,
}

/// The row by which a version of a record is sealed: it opens as this version of this record and no other, wherever it lies.
#[must_use]
pub fn row(record: RecordId, version: u32) -> [u8; 20] {
    let mut row = [0; 20];
    row[..16].copy_from_slice(record.as_bytes());
    row[16..].copy_from_slice(&version.to_be_bytes());
    row
}

/// Where what a record says is sealed.
#[must_use]
pub const fn sealed_at(organisation: OrganisationId, row: &[u8; 20]) -> Place<'_> {
    place(organisation, "records", row)
}

/// Keeps a new record. Its data subject has to be there.
///
/// # Errors
/// [`Error::Exists`] when there is one with this id.
pub fn insert(tx: &mut Writing<'_>, stored: &Stored) -> Result<(), Error> {
    let values = [
        (&stored.record).into(),
        (&stored.subject).into(),
        stored.kind.as_str().into(),
        stored.purpose.as_str().into(),
        stored.created.into(),
        stored.sealed.as_bytes().into(),
    ];
    tx.queue(INSERT, &values)?;
    holdings::add(tx, stored.subject, stored.record)
}

/// Notes that a record is about somebody else, too.
///
/// # Errors
/// When the record or the data subject is not there.
pub fn relate(tx: &mut Writing<'_>, record: RecordId, subject: SubjectId) -> Result<(), Error> {
    tx.queue(RELATE, &[(&subject).into(), (&record).into()])
}

/// A record.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this id.
pub fn get(tx: &mut Reading<'_>, record: RecordId) -> Result<Stored, Error> {
    tx.query_one(GET, &[(&record).into()], read)?.ok_or(Error::NotFound)
}

/// The version of a record, and since when it is restricted: what may have changed since it was read.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this id.
pub fn standing(tx: &mut Reading<'_>, record: RecordId) -> Result<(u32, Option<Timestamp>), Error> {
    tx.query_one(STANDING, &[(&record).into()], |row| Ok((row.get(0)?, row.get(1)?)))?.ok_or(Error::NotFound)
}

/// Records of a data subject after `after` whose processing is not restricted, oldest first: at most `limit`, and not more
/// than some megabytes of them.
///
/// # Errors
/// When the database can't answer.
pub fn list(
    tx: &mut Reading<'_>,
    subject: SubjectId,
    after: Option<RecordId>,
    limit: u32,
) -> Result<Part<Stored>, Error> {
    let after = after.map_or([0; 16], |record| *record.as_bytes());
    let sizes =
        tx.query(SIZES, &[(&subject).into(), (&after).into(), (limit + 1).into()], |row| row.get(0))?;
    let (count, more) = within_bytes(&sizes, limit);
    let rows = tx.query(LIST, &[(&subject).into(), (&after).into(), count.into()], read)?;
    Ok(Part { rows, more })
}

/// How many of rows of these lengths are given at a time, and whether there are more.
fn within_bytes(sizes: &[i64], limit: u32) -> (u32, bool) {
    let (mut count, mut bytes) = (0, 0);
    for size in sizes {
        bytes += size;
        // The first is given however long it is, or nobody could ever read it.
        if count == limit || count > 0 && bytes > BYTES {
            return (count, true);
        }
        count += 1;
    }
    (count, false)
}

/// Whom a record is about beside its data subject.
///
/// # Errors
/// When the database can't answer.
pub fn related(tx: &mut Reading<'_>, record: RecordId) -> Result<Vec<SubjectId>, Error> {
    tx.query(RELATED, &[(&record).into()], |row| row.get(0))
}

/// What a record said before, after version `after`, oldest first: not more than some megabytes.
///
/// # Errors
/// When the database can't answer.
pub fn versions(tx: &mut Reading<'_>, record: RecordId, after: u32) -> Result<Part<Earlier>, Error> {
    let sizes =
        tx.query(VERSION_SIZES, &[(&record).into(), after.into(), (VERSIONS_AT_ONCE + 1).into()], |row| {
            row.get(0)
        })?;
    let (count, more) = within_bytes(&sizes, VERSIONS_AT_ONCE);
    let rows = tx.query(VERSIONS, &[(&record).into(), after.into(), count.into()], |row| {
        Ok(Earlier { version: row.get(0)?, changed: row.get(1)?, sealed: sealed(row.get(2)?)? })
    })?;
    Ok(Part { rows, more })
}

/// Corrects a record that stands at version `from`; what it said stays as an earlier version.
///
/// # Errors
/// [`Error::NotFound`] when it is not there, or stands at another version by now.
pub fn rectify(
    tx: &mut Writing<'_>,
    record: RecordId,
    from: u32,
    sealed: &Sealed,
    at: Timestamp,
) -> Result<(), Error> {
    tx.execute_one(KEEP_VERSION, &[(&record).into(), from.into()])?;
    tx.execute_one(RECTIFY, &[(&record).into(), (from + 1).into(), at.into(), sealed.as_bytes().into()])
}

/// Restricts the processing of a record from a time on, or ends that.
///
/// # Errors
/// [`Error::NotFound`] when it is not there.
pub fn restrict(tx: &mut Writing<'_>, record: RecordId, since: Option<Timestamp>) -> Result<(), Error> {
    tx.execute_one(RESTRICT, &[(&record).into(), since.into()])
}

/// Deletes a record and all that hangs on it.
///
/// # Errors
/// [`Error::NotFound`] when it is not there.
pub fn delete(tx: &mut Writing<'_>, record: RecordId) -> Result<(), Error> {
    for query in [DELETE_ATTACHMENTS, DELETE_RELATIONS, DELETE_VERSIONS] {
        tx.execute(query, &[(&record).into()])?;
    }
    let subject = tx.query_one(DELETE, &[(&record).into()], |row| row.get(0))?.ok_or(Error::NotFound)?;
    holdings::remove(tx, subject, record)
}

fn read(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        record: row.get(0)?,
        subject: row.get(1)?,
        kind: row.get::<String>(2)?.parse().map_err(|_| Error::Corrupt("a record's kind is none"))?,
        purpose: row.get::<String>(3)?.parse().map_err(|_| Error::Corrupt("a record's purpose is none"))?,
        version: row.get(4)?,
        created: row.get(5)?,
        changed: row.get(6)?,
        restricted: row.get(7)?,
        sealed: sealed(row.get(8)?)?,
    })
}

fn sealed(bytes: Vec<u8>) -> Result<Sealed, Error> {
    Sealed::parse(bytes).map_err(|_| Error::Corrupt("a record is not sealed as it should be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_given_by_number_and_by_bytes_and_never_none() {
        for (sizes, limit, expected) in [
            (&[][..], 3, (0, false)),
            (&[1, 1], 3, (2, false)),
            (&[1, 1, 1], 3, (3, false)),
            (&[1, 1, 1, 1], 3, (3, true)),
            (&[BYTES, 1], 3, (1, true)),
            (&[BYTES - 1, 1, 1], 3, (2, true)),
            (&[9 * BYTES], 3, (1, false)),
        ] {
            assert_eq!(within_bytes(sizes, limit), expected, "{sizes:?}");
        }
    }
}
