//! Organisations' own policies, in versions.

use tacita_domain::Timestamp;

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    CURRENT = "SELECT version, since, text FROM organisation_policies WHERE organisation = $1 ORDER BY version DESC LIMIT 1";
    INSERT = "INSERT INTO organisation_policies (organisation, version, since, text) VALUES ($1, $2, $3, $4)";
}

/// Policies as they stand in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Counts their changes, from 1.
    pub version: u32,
    /// From when on they count.
    pub since: Timestamp,
    /// What they say, in Cedar.
    pub text: String,
}

/// The policies as they stand; none where none were ever set.
///
/// # Errors
/// When the database can't answer.
pub fn current(tx: &mut Reading<'_>) -> Result<Option<Set>, Error> {
    tx.query_one(CURRENT, &[], read)
}

/// Keeps a new version; what they were before stays.
///
/// # Errors
/// [`Error::Exists`] when there is this version already.
pub fn insert(tx: &mut Writing<'_>, set: &Set) -> Result<(), Error> {
    tx.execute(INSERT, &[set.version.into(), set.since.into(), set.text.as_str().into()]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Set, Error> {
    Ok(Set { version: row.get(0)?, since: row.get(1)?, text: row.get(2)? })
}
