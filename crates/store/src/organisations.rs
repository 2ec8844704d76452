//! Organisations.

use tacita_domain::{OrganisationId, Timestamp};

use crate::{Error, Spanning, queries, system_queries};

queries! {
    INSERT = "INSERT INTO organisations (organisation, name, created) VALUES ($1, $2, $3)";
}
system_queries! {
    ALL = "SELECT organisation, name FROM organisations ORDER BY organisation";
    COUNT = "SELECT count(*) FROM organisations";
}

/// Keeps a new organisation.
///
/// # Errors
/// [`Error::Exists`] when there is one with this id.
pub fn insert(
    tx: &mut Spanning<'_>,
    organisation: OrganisationId,
    name: &str,
    at: Timestamp,
) -> Result<(), Error> {
    tx.within(organisation).execute(INSERT, &[name.into(), at.into()]).map(drop)
}

/// Every organisation with its name.
///
/// # Errors
/// When the database can't answer.
pub fn all(tx: &mut Spanning<'_>) -> Result<Vec<(OrganisationId, String)>, Error> {
    tx.query(ALL, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// How many there are.
pub(crate) fn count(tx: &mut Spanning<'_>) -> Result<i64, Error> {
    Ok(tx.query(COUNT, &[], |row| row.get::<i64>(0))?.into_iter().sum())
}
