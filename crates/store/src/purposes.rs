//! Purposes, in versions.

use tacita_domain::{DataClass, LawfulBasis, Purpose, PurposeName, Timestamp};

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    CURRENT = "SELECT purpose, version, basis, class, enabled FROM purposes \
               WHERE organisation = $1 AND purpose = $2 ORDER BY version DESC LIMIT 1";
    ALL = "SELECT purpose, version, basis, class, enabled FROM purposes AS one WHERE organisation = $1 \
           AND version = (SELECT max(version) FROM purposes AS other WHERE other.organisation = $1 AND other.purpose = one.purpose) \
           ORDER BY purpose";
    INSERT = "INSERT INTO purposes (organisation, purpose, version, basis, class, enabled, since) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// The purpose of this name as it stands.
///
/// # Errors
/// When the database can't answer.
pub fn current(tx: &mut Reading<'_>, name: &PurposeName) -> Result<Option<Purpose>, Error> {
    tx.query_one(CURRENT, &[name.as_str().into()], read)
}

/// Every purpose as it stands, by name.
///
/// # Errors
/// When the database can't answer.
pub fn all(tx: &mut Reading<'_>) -> Result<Vec<Purpose>, Error> {
    tx.query(ALL, &[], read)
}

/// Keeps a new version of a purpose; what it was before stays.
///
/// # Errors
/// [`Error::Exists`] when there is this version already.
pub fn insert(tx: &mut Writing<'_>, purpose: &Purpose, since: Timestamp) -> Result<(), Error> {
    let Purpose { name, version, basis, class, enabled } = purpose;
    let values = [
        name.as_str().into(),
        (*version).into(),
        basis.as_str().into(),
        class.as_str().into(),
        (*enabled).into(),
        since.into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

fn read(row: &Row<'_>) -> Result<Purpose, Error> {
    Ok(Purpose {
        name: row.get::<String>(0)?.parse().map_err(|_| Error::Corrupt("a purpose's name is none"))?,
        version: row.get(1)?,
        basis: LawfulBasis::parse(&row.get::<String>(2)?)
            .ok_or(Error::Corrupt("a purpose has no known lawful basis"))?,
        class: DataClass::parse(&row.get::<String>(3)?)
            .ok_or(Error::Corrupt("a purpose has no known class of data"))?,
        enabled: row.get(4)?,
    })
}
