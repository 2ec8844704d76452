//! Accounts: what a person signs in with. They are rows of the platform, whose data subjects they are.

use tacita_domain::{AccountId, OrganisationId, Timestamp};
use tacita_vault::{Place, Sealed};

use crate::{Error, Reading, Row, Writing, queries, subjects};

queries! {
    INSERT = "INSERT INTO accounts (organisation, account, created, failures, profile, password) VALUES ($1, $2, $3, 0, $4, $5)";
    FIND = "SELECT created, failures, locked, step, profile, password, totp, recovery FROM accounts \
            WHERE organisation = $1 AND account = $2";
    FAIL = "UPDATE accounts SET failures = failures + 1 WHERE organisation = $1 AND account = $2";
    FAILURES = "SELECT failures FROM accounts WHERE organisation = $1 AND account = $2";
    LOCK = "UPDATE accounts SET locked = $3 WHERE organisation = $1 AND account = $2";
    SUCCEED = "UPDATE accounts SET failures = 0, locked = NULL WHERE organisation = $1 AND account = $2";
    STEP = "UPDATE accounts SET step = $3 WHERE organisation = $1 AND account = $2 AND (step IS NULL OR step < $3)";
    PASSWORD = "UPDATE accounts SET password = $3, failures = 0, locked = NULL WHERE organisation = $1 AND account = $2";
    TOTP = "UPDATE accounts SET totp = $3, step = $4 WHERE organisation = $1 AND account = $2";
    RECOVERY = "UPDATE accounts SET recovery = $3 WHERE organisation = $1 AND account = $2";
    USE_RECOVERY = "UPDATE accounts SET recovery = $4 WHERE organisation = $1 AND account = $2 AND recovery = $3";
}

/// An account as it lies in the database.
#[derive(Clone, Debug)]
pub struct Stored {
    /// When it was made.
    pub created: Timestamp,
    /// Wrong passwords and codes since the last right one.
    pub failures: u32,
    /// Until when no password is taken.
    pub locked: Option<Timestamp>,
    /// At which step of time the last code was used.
    pub step: Option<i64>,
    /// Address and name, sealed for [`Field::Profile`].
    pub profile: Sealed,
    /// The hash of the password, sealed for [`Field::Password`].
    pub password: Option<Sealed>,
    /// The secret of the codes, sealed for [`Field::Totp`].
    pub totp: Option<Sealed>,
    /// The hashes of the recovery codes, sealed for [`Field::Recovery`].
    pub recovery: Option<Sealed>,
}

impl Stored {
    /// Whether no password is taken at `now`.
    #[must_use]
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked.is_some_and(|until| now < until)
    }
}

/// What of an account is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Address and name.
    Profile,
    /// What is kept of the password.
    Password,
    /// The secret of codes that change with time.
    Totp,
    /// What is kept of recovery codes.
    Recovery,
}

/// Where a field of an account lies.
#[must_use]
pub const fn sealed_at(account: &AccountId, field: Field) -> Place<'_> {
    let column = match field {
        Field::Profile => "profile",
        Field::Password => "password",
        Field::Totp => "totp",
        Field::Recovery => "recovery",
    };
    Place { organisation: OrganisationId::PLATFORM, table: "accounts", column, row: account.as_bytes() }
}

/// Keeps a new account.
///
/// # Errors
/// [`Error::Exists`] when there is one with this id.
pub fn insert(
    tx: &mut Writing<'_>,
    account: AccountId,
    at: Timestamp,
    profile: &Sealed,
    password: Option<&Sealed>,
) -> Result<(), Error> {
    subjects::ensure(tx, account.subject(), at)?;
    let password = password.map(Sealed::as_bytes);
    tx.execute(INSERT, &[(&account).into(), at.into(), profile.as_bytes().into(), password.into()]).map(drop)
}

/// The account with this id.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Reading<'_>, account: AccountId) -> Result<Option<Stored>, Error> {
    tx.query_one(FIND, &[(&account).into()], read)
}

/// Counts a wrong password or code, and takes none until the time that `locks` gives for so many.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub fn fail(
    tx: &mut Writing<'_>,
    account: AccountId,
    locks: impl FnOnce(u32) -> Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute_one(FAIL, &[(&account).into()])?;
    let failures = tx.query_one(FAILURES, &[(&account).into()], |row| row.get(0))?.ok_or(Error::NotFound)?;
    match locks(failures) {
        Some(until) => tx.execute_one(LOCK, &[(&account).into(), until.into()]),
        None => Ok(()),
    }
}

/// Forgets wrong passwords and codes: somebody has signed in. A code counts for its `step` of time once.
///
/// # Errors
/// [`Error::Changed`] when a code of that step or a later one was used meanwhile.
pub fn succeed(tx: &mut Writing<'_>, account: AccountId, step: Option<i64>) -> Result<(), Error> {
    tx.execute_one(SUCCEED, &[(&account).into()])?;
    match step {
        Some(step) if tx.execute(STEP, &[(&account).into(), step.into()])? == 0 => Err(Error::Changed),
        _ => Ok(()),
    }
}

/// Keeps a new password, and takes it at once.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub fn set_password(tx: &mut Writing<'_>, account: AccountId, password: &Sealed) -> Result<(), Error> {
    tx.execute_one(PASSWORD, &[(&account).into(), password.as_bytes().into()])
}

/// Keeps the secret of codes, the last of which was used at `step`; none takes it away.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub fn set_totp(
    tx: &mut Writing<'_>,
    account: AccountId,
    totp: Option<&Sealed>,
    step: Option<i64>,
) -> Result<(), Error> {
    tx.execute_one(TOTP, &[(&account).into(), totp.map(Sealed::as_bytes).into(), step.into()])
}

/// Keeps what is kept of new recovery codes; none takes them away.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub fn set_recovery(
    tx: &mut Writing<'_>,
    account: AccountId,
    recovery: Option<&Sealed>,
) -> Result<(), Error> {
    tx.execute_one(RECOVERY, &[(&account).into(), recovery.map(Sealed::as_bytes).into()])
}

/// Takes a recovery code away, by putting what is left in the place of what was there.
///
/// # Errors
/// [`Error::Changed`] when another one was used meanwhile.
pub fn use_recovery(
    tx: &mut Writing<'_>,
    account: AccountId,
    before: &Sealed,
    after: &Sealed,
) -> Result<(), Error> {
    let values = [(&account).into(), before.as_bytes().into(), after.as_bytes().into()];
    if tx.execute(USE_RECOVERY, &values)? == 0 { Err(Error::Changed) } else { Ok(()) }
}

fn read(row: &Row<'_>) -> Result<Stored, Error> {
    Ok(Stored {
        created: row.get(0)?,
        failures: row.get(1)?,
        locked: row.get(2)?,
        step: row.get(3)?,
        profile: sealed(row.get(4)?)?,
        password: row.get::<Option<Vec<u8>>>(5)?.map(sealed).transpose()?,
        totp: row.get::<Option<Vec<u8>>>(6)?.map(sealed).transpose()?,
        recovery: row.get::<Option<Vec<u8>>>(7)?.map(sealed).transpose()?,
    })
}

fn sealed(bytes: Vec<u8>) -> Result<Sealed, Error> {
    Sealed::parse(bytes).map_err(|_| Error::Corrupt("a field of an account is no sealed value"))
}
