//! Links that are used once, by their hashes. They are rows of the platform.

use tacita_domain::{AccountId, LinkKind, OrganisationId, Role, Timestamp};
use tacita_vault::TokenHash;

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    INSERT = "INSERT INTO links (organisation, hash, kind, account, member_of, role, created, expires) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = "SELECT kind, account, member_of, role, created, expires FROM links \
            WHERE organisation = $1 AND hash = $2 AND used IS NULL AND expires > $3";
    USE = "UPDATE links SET used = $3 WHERE organisation = $1 AND hash = $2 AND used IS NULL AND expires > $3";
    WITHDRAW = "UPDATE links SET used = $3 WHERE organisation = $1 AND kind = $2 AND used IS NULL AND expires > $3";
    DELETE = "DELETE FROM links WHERE organisation = $1 AND expires < $2";
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What may be done by it.
    pub kind: LinkKind,
    /// Whose account it is about; of an invitation, who has made it.
    pub account: Option<AccountId>,
    /// Of which organisation whoever uses it becomes a member,
    pub member_of: Option<OrganisationId>,
    /// and in which role.
    pub role: Option<Role>,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is worth nothing.
    pub expires: Timestamp,
}

/// Keeps a new link.
///
/// # Errors
/// [`Error::Exists`] when there is one with this hash.
pub fn insert(tx: &mut Writing<'_>, link: &Link, hash: &TokenHash) -> Result<(), Error> {
    let values = [
        hash.as_bytes().into(),
        link.kind.as_str().into(),
        link.account.as_ref().into(),
        link.member_of.as_ref().into(),
        link.role.map(Role::as_str).into(),
        link.created.into(),
        link.expires.into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

/// What a link that can be used at `now` is for.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Reading<'_>, hash: &TokenHash, now: Timestamp) -> Result<Option<Link>, Error> {
    tx.query_one(FIND, &[hash.as_bytes().into(), now.into()], read)
}

/// Uses a link up.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or it was used or has expired.
pub fn take(tx: &mut Writing<'_>, hash: &TokenHash, at: Timestamp) -> Result<(), Error> {
    tx.execute_one(USE, &[hash.as_bytes().into(), at.into()])
}

/// Makes every link of a kind worthless.
///
/// # Errors
/// When the database refuses it.
pub fn withdraw(tx: &mut Writing<'_>, kind: LinkKind, at: Timestamp) -> Result<u64, Error> {
    tx.execute(WITHDRAW, &[kind.as_str().into(), at.into()])
}

/// Deletes the links that expired before `before`. Says how many.
///
/// # Errors
/// When the database refuses it.
pub fn delete_over(tx: &mut Writing<'_>, before: Timestamp) -> Result<u64, Error> {
    tx.execute(DELETE, &[before.into()])
}

fn read(row: &Row<'_>) -> Result<Link, Error> {
    Ok(Link {
        kind: LinkKind::parse(&row.get::<String>(0)?).ok_or(Error::Corrupt("a link is of no known kind"))?,
        account: row.get(1)?,
        member_of: row.get(2)?,
        role: row
            .get::<Option<String>>(3)?
            .map(|role| Role::parse(&role).ok_or(Error::Corrupt("a link names no known role")))
            .transpose()?,
        created: row.get(4)?,
        expires: row.get(5)?,
    })
}
