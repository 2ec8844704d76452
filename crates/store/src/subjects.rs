//! Data subjects.

use tacita_domain::{SubjectId, Timestamp};

use crate::{Error, Reading, Writing, queries};

queries! {
    INSERT = "INSERT INTO subjects (organisation, subject, created) SELECT $1, $2, $3 WHERE NOT EXISTS \
              (SELECT 1 FROM subject_removals WHERE organisation = $1 AND subject = $2) ON CONFLICT DO NOTHING";
    BETWEEN = "SELECT subject FROM subjects WHERE organisation = $1 AND subject > $2 AND subject <= $3 ORDER BY subject";
    REMOVE = "INSERT INTO subject_removals (organisation, subject, since) SELECT $1, $2, $3 WHERE NOT EXISTS \
              (SELECT 1 FROM subjects WHERE organisation = $1 AND subject = $2) ON CONFLICT DO NOTHING";
    REMOVED = "SELECT since FROM subject_removals WHERE organisation = $1 AND subject = $2";
    RESTRICTED = "SELECT restricted FROM subjects WHERE organisation = $1 AND subject = $2";
    RESTRICT = "UPDATE subjects SET restricted = $3 WHERE organisation = $1 AND subject = $2";
}

/// Keeps a data subject, unless it is there. One who is being removed is not: what is then to be kept about them is refused,
/// since their key goes.
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

/// Those of whom something is kept, after `after` and up to `last`.
///
/// # Errors
/// When the database can't answer.
pub fn between(tx: &mut Reading<'_>, after: SubjectId, last: SubjectId) -> Result<Vec<SubjectId>, Error> {
    tx.query(BETWEEN, &[(&after).into(), (&last).into()], |row| row.get(0))
}

/// Closes the house to somebody of whom nothing is kept, so that their key can be destroyed. Says whether it is closed: if not,
/// something is kept about them by now. Whoever writes at the moment is waited for, and whoever writes later finds it closed.
///
/// # Errors
/// When the database refuses it.
pub fn remove(tx: &mut Writing<'_>, subject: SubjectId, at: Timestamp) -> Result<bool, Error> {
    tx.execute(REMOVE, &[(&subject).into(), at.into()])?;
    is_removed(tx, subject)
}

/// Whether the house is closed to somebody.
///
/// # Errors
/// When the database can't answer.
pub fn is_removed(tx: &mut Reading<'_>, subject: SubjectId) -> Result<bool, Error> {
    let since = tx.query_one(REMOVED, &[(&subject).into()], |row| row.get::<Timestamp>(0))?;
    Ok(since.is_some())
}
