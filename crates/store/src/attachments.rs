//! Files of records: what is known of each. The files themselves lie outside of the database, sealed with the same key.

use tacita_domain::{AttachmentId, OrganisationId, RecordId, Timestamp};
use tacita_vault::{Place, Sealed};

use crate::{Error, Reading, Row, Writing, account::place, queries};

queries! {
    INSERT = "INSERT INTO attachments (organisation, attachment, record, created, size, sealed) VALUES ($1, $2, $3, $4, $5, $6)";
    GET = "SELECT attachment, record, created, size, sealed FROM attachments WHERE organisation = $1 AND attachment = $2";
    OF_RECORD = "SELECT attachment, record, created, size, sealed FROM attachments \
                 WHERE organisation = $1 AND record = $2 ORDER BY attachment";
    COUNT = "SELECT count(*) FROM attachments WHERE organisation = $1 AND record = $2";
}

/// Files that one record may have.
pub const MOST: i64 = 100;

/// What is known of a file.
#[derive(Debug)]
pub struct Stored {
    /// Its id.
    pub attachment: AttachmentId,
    /// Which record it belongs to.
    pub record: RecordId,
    /// When it was added.
    pub created: Timestamp,
    /// Its length in bytes.
    pub size: i64,
    /// Its name and media type, sealed in the place that [`sealed_at`] names.
    pub sealed: Sealed,
}

/// Where the name of a file is sealed.
#[must_use]
pub const fn sealed_at(organisation: OrganisationId, attachment: &AttachmentId) -> Place<'_> {
    place(organisation, "attachments", attachment.as_bytes())
}

/// As what a file itself is sealed.
#[must_use]
pub const fn file_at(organisation: OrganisationId, attachment: &AttachmentId) -> Place<'_> {
    Place { organisation, table: "attachments", column: "file", row: attachment.as_bytes() }
}

/// Keeps what is known of a file. Its record has to be there.
///
/// # Errors
/// [`Error::Full`] when the record has [`MOST`] files, [`Error::NotFound`] when there is no such record.
pub fn insert(tx: &mut Writing<'_>, stored: &Stored) -> Result<(), Error> {
    let count: Option<i64> = tx.query_one(COUNT, &[(&stored.record).into()], |row| row.get(0))?;
    if count.is_some_and(|count| count >= MOST) {
        return Err(Error::Full);
    }
    let values = [
        (&stored.attachment).into(),
        (&stored.record).into(),
        stored.created.into(),
        stored.size.into(),
        stored.sealed.as_bytes().into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

/// What is known of a file.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this id.
pub fn get(tx: &mut Reading<'_>, attachment: AttachmentId) -> Result<Stored, Error> {
    tx.query_one(GET, &[(&attachment).into()], read)?.ok_or(Error::NotFound)
}

/// The files of a record, oldest first.
///
/// # Errors
/// When the database can't answer.
pub fn of_record(tx: &mut Reading<'_>, record: RecordId) -> Result<Vec<Stored>, Error> {
    tx.query(OF_RECORD, &[(&record).into()], read)
}

fn read(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        attachment: row.get(0)?,
        record: row.get(1)?,
        created: row.get(2)?,
        size: row.get(3)?,
        sealed: Sealed::parse(row.get(4)?)
            .map_err(|_| Error::Corrupt("the name of a file is not sealed as it should be"))?,
    })
}
