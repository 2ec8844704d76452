//! Tokens by which services sign in: hashed, so that the database gives none away.

use tacita_domain::{OrganisationId, Role, Scope, Timestamp, TokenId};
use tacita_vault::TokenHash;

use crate::{Error, Reading, Row, Spanning, Writing, queries, system_queries};

queries! {
    INSERT = "INSERT INTO tokens (organisation, token, hash, name, role, created, expires, scope) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    BY_ID = "SELECT organisation, token, name, role, created, expires, revoked, scope FROM tokens \
             WHERE organisation = $1 AND token = $2";
    REVOKE = "UPDATE tokens SET revoked = $3 WHERE organisation = $1 AND token = $2 AND revoked IS NULL";
    ALL = "SELECT organisation, token, name, role, created, expires, revoked, scope FROM tokens WHERE organisation = $1 ORDER BY token";
}
system_queries! {
    FIND = "SELECT organisation, token, name, role, created, expires, revoked, scope FROM tokens WHERE hash = $1";
}

/// A token as it lies in the database, without what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its id.
    pub token: TokenId,
    /// What it is called.
    pub name: String,
    /// In which role it acts.
    pub role: Role,
    /// What it may be used for at most.
    pub scope: Scope,
    /// When it was made.
    pub created: Timestamp,
    /// From when on it is worth nothing.
    pub expires: Option<Timestamp>,
    /// Since when it is revoked.
    pub revoked: Option<Timestamp>,
}

impl Token {
    /// Whether it lets anybody in at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Keeps a new token.
///
/// # Errors
/// [`Error::Exists`] when there is one with this id.
pub fn insert(tx: &mut Writing<'_>, token: &Token, hash: &TokenHash) -> Result<(), Error> {
    let scope = (token.scope != Scope::FULL).then(|| token.scope.to_string());
    let values = [
        (&token.token).into(),
        hash.as_bytes().into(),
        token.name.as_str().into(),
        token.role.as_str().into(),
        token.created.into(),
        token.expires.into(),
        scope.as_deref().into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

/// The token with this hash, whosever it is.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Spanning<'_>, hash: &TokenHash) -> Result<Option<Token>, Error> {
    Ok(tx.query(FIND, &[hash.as_bytes().into()], read)?.into_iter().next())
}

/// The token of the organisation with this id.
///
/// # Errors
/// When the database can't answer.
pub fn by_id(tx: &mut Reading<'_>, token: TokenId) -> Result<Option<Token>, Error> {
    tx.query_one(BY_ID, &[(&token).into()], read)
}

/// Every token of an organisation, oldest first.
///
/// # Errors
/// When the database can't answer.
pub fn all(tx: &mut Reading<'_>) -> Result<Vec<Token>, Error> {
    tx.query(ALL, &[], read)
}

/// Revokes a token.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this id, or it is revoked already.
pub fn revoke(tx: &mut Writing<'_>, token: TokenId, at: Timestamp) -> Result<(), Error> {
    tx.execute_one(REVOKE, &[(&token).into(), at.into()])
}

fn read(row: &Row<'_>) -> Result<Token, Error> {
    Ok(Token {
        organisation: row.get(0)?,
        token: row.get(1)?,
        name: row.get(2)?,
        role: Role::parse(&row.get::<String>(3)?).ok_or(Error::Corrupt("a token has no known role"))?,
        created: row.get(4)?,
        expires: row.get(5)?,
        revoked: row.get(6)?,
        scope: match row.get::<Option<String>>(7)? {
            Some(scope) => scope.parse().map_err(|_| Error::Corrupt("the scope of a token is none"))?,
            None => Scope::FULL,
        },
    })
}
