//! Passkeys, by the marks of the ids that authenticators give them. They are rows of the platform.

use tacita_domain::{AccountId, OrganisationId, PasskeyId, Timestamp};
use tacita_vault::{BlindIndex, Place, Sealed};

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    INSERT = "INSERT INTO passkeys (organisation, mark, passkey, account, created, credential, name) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FIND = "SELECT passkey, account, created, used, copied, credential, name FROM passkeys WHERE organisation = $1 AND mark = $2";
    OF_ACCOUNT = "SELECT passkey, account, created, used, copied, credential, name FROM passkeys \
                  WHERE organisation = $1 AND account = $2 ORDER BY passkey";
    COUNT = "SELECT COUNT(*) FROM passkeys WHERE organisation = $1 AND account = $2";
    USE = "UPDATE passkeys SET credential = $4, used = $5 WHERE organisation = $1 AND mark = $2 AND credential = $3 AND copied IS NULL";
    REFUSE = "UPDATE passkeys SET copied = $3 WHERE organisation = $1 AND mark = $2 AND copied IS NULL";
    DELETE = "DELETE FROM passkeys WHERE organisation = $1 AND account = $2 AND passkey = $3";
}

/// A passkey as it lies in the database.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub passkey: PasskeyId,
    /// Whose account it signs in to.
    pub account: AccountId,
    /// When it was added.
    pub created: Timestamp,
    /// When it last signed.
    pub used: Option<Timestamp>,
    /// Since when it is refused: it counted backwards, so that there is a copy of it.
    pub copied: Option<Timestamp>,
    /// Its id, its public key and what it counted last, sealed for [`Field::Credential`].
    pub credential: Sealed,
    /// What its owner calls it, sealed for [`Field::Name`].
    pub name: Sealed,
}

/// What of a passkey is sealed, with the key of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What tells whether it has signed.
    Credential,
    /// What its owner calls it.
    Name,
}

/// Where a field of a passkey lies.
#[must_use]
pub const fn sealed_at(passkey: &PasskeyId, field: Field) -> Place<'_> {
    let column = match field {
        Field::Credential => "credential",
        Field::Name => "name",
    };
    Place { organisation: OrganisationId::PLATFORM, table: "passkeys", column, row: passkey.as_bytes() }
}

/// Keeps a new passkey, of which an account has at most `most`.
///
/// # Errors
/// [`Error::Exists`] when there is one with this mark, whosever it is; [`Error::Full`] when the account has too many.
pub fn insert(tx: &mut Writing<'_>, passkey: &Stored, mark: &BlindIndex, most: u32) -> Result<(), Error> {
    let account = &passkey.account;
    let count: u32 = tx.query_one(COUNT, &[account.into()], |row| row.get(0))?.unwrap_or_default();
    if count >= most {
        return Err(Error::Full);
    }
    let values = [
        mark.as_bytes().into(),
        (&passkey.passkey).into(),
        account.into(),
        passkey.created.into(),
        passkey.credential.as_bytes().into(),
        passkey.name.as_bytes().into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

/// The passkey with this mark.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Reading<'_>, mark: &BlindIndex) -> Result<Option<Stored>, Error> {
    tx.query_one(FIND, &[mark.as_bytes().into()], read)
}

/// The passkeys of an account, oldest first.
///
/// # Errors
/// When the database can't answer.
pub fn of_account(tx: &mut Reading<'_>, account: AccountId) -> Result<Vec<Stored>, Error> {
    tx.query(OF_ACCOUNT, &[(&account).into()], read)
}

/// Notes that a passkey has signed, by putting what it counts now in the place of what it counted before.
///
/// # Errors
/// [`Error::Changed`] when it has signed elsewhere meanwhile, or is gone or refused.
pub fn used(
    tx: &mut Writing<'_>,
    mark: &BlindIndex,
    before: &Sealed,
    after: &Sealed,
    at: Timestamp,
) -> Result<(), Error> {
    let values = [mark.as_bytes().into(), before.as_bytes().into(), after.as_bytes().into(), at.into()];
    if tx.execute(USE, &values)? == 0 { Err(Error::Changed) } else { Ok(()) }
}

/// Refuses a passkey from now on: there is a copy of it.
///
/// # Errors
/// When the database refuses it.
pub fn refuse(tx: &mut Writing<'_>, mark: &BlindIndex, at: Timestamp) -> Result<(), Error> {
    tx.execute(REFUSE, &[mark.as_bytes().into(), at.into()]).map(drop)
}

/// Deletes a passkey of an account.
///
/// # Errors
/// [`Error::NotFound`] when the account has none with this id.
pub fn delete(tx: &mut Writing<'_>, account: AccountId, passkey: PasskeyId) -> Result<(), Error> {
    tx.execute_one(DELETE, &[(&account).into(), (&passkey).into()])
}

fn read(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        passkey: row.get(0)?,
        account: row.get(1)?,
        created: row.get(2)?,
        used: row.get(3)?,
        copied: row.get(4)?,
        credential: sealed(row.get(5)?)?,
        name: sealed(row.get(6)?)?,
    })
}

fn sealed(bytes: Vec<u8>) -> Result<Sealed, Error> {
    Sealed::parse(bytes).map_err(|_| Error::Corrupt("a field of a passkey is no sealed value"))
}
