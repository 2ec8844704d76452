//! Data subjects.

use tacita_domain::{SubjectId, Timestamp};

use crate::{Error, Reading, Writing, queries};

queries! {
    INSERT = "INSERT INTO subjects (organisation, subject, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    RESTRICTED = "SELECT restricted FROM subjects WHERE organisation = $1 AND subject = $2";
    RESTRICT = "UPDATE subjects SET restricted = $3 WHERE organisation = $1 AND subject = $2";
}

/// Keeps a data subject, unless it is there.
///
/// # Errors
/// When the database refuses it.
pub fn ensure(tx: &mut Writing<'_>, subject: SubjectId, at: Timestamp) -> Result<(), Error> {
    tx.execute(INSERT, &[(&subject).into(), at.into()]).map(drop)
}

/// Whether the data subject has had the processing of all their data restricted (GDPR Art. 18). Of nobody who is not there.
///
/// # Errors
/// When the database can't answer.
pub fn is_restricted(tx: &mut Reading<'_>, subject: SubjectId) -> Result<bool, Error> {
    let restricted = tx.query_one(RESTRICTED, &[(&subject).into()], |row| row.get::<Option<Timestamp>>(0))?;
    Ok(restricted.flatten().is_some())
}

/// Restricts the processing of all data of a data subject from a time on, or ends that.
///
/// # Errors
/// [`Error::NotFound`] when there is no such data subject.
pub fn restrict(tx: &mut Writing<'_>, subject: SubjectId, since: Option<Timestamp>) -> Result<(), Error> {
    tx.execute_one(RESTRICT, &[(&subject).into(), since.into()])
}
