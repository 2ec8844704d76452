//! Sessions: where somebody is signed in, and what programs renew their access with. They are rows of the platform.

use tacita_domain::{AccountId, OrganisationId, SessionId, SignInMethod, Timestamp};
use tacita_vault::{Place, Sealed, TokenHash};

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    INSERT = "INSERT INTO sessions (organisation, session, account, hash, turned, member_of, method, created, seen, expires, device) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $5, $5, $8, $9)";
    BY_HASH = "SELECT session, account, turned, member_of, method, created, seen, expires, ended, device, 1 FROM sessions \
               WHERE organisation = $1 AND hash = $2";
    BY_FORMER = "SELECT session, account, turned, member_of, method, created, seen, expires, ended, device, 0 FROM sessions \
                 WHERE organisation = $1 AND former = $2";
    BY_ID = "SELECT session, account, turned, member_of, method, created, seen, expires, ended, device, 1 FROM sessions \
             WHERE organisation = $1 AND session = $2";
    OF_ACCOUNT = "SELECT session, account, turned, member_of, method, created, seen, expires, ended, device, 1 FROM sessions \
                  WHERE organisation = $1 AND account = $2 AND ended IS NULL AND expires > $3 ORDER BY session";
    TURN = "UPDATE sessions SET former = hash, hash = $4, turned = $5, seen = $5 \
            WHERE organisation = $1 AND session = $2 AND hash = $3 AND ended IS NULL";
    CHOOSE = "UPDATE sessions SET member_of = $3 WHERE organisation = $1 AND session = $2 AND ended IS NULL";
    SEE = "UPDATE sessions SET seen = $3 WHERE organisation = $1 AND session = $2";
    END = "UPDATE sessions SET ended = $3 WHERE organisation = $1 AND session = $2 AND account = $4 AND ended IS NULL";
    END_ALL = "UPDATE sessions SET ended = $3 WHERE organisation = $1 AND account = $2 AND ended IS NULL";
    END_OTHERS = "UPDATE sessions SET ended = $3 WHERE organisation = $1 AND account = $2 AND ended IS NULL AND session <> $4";
    OVER = "SELECT session FROM sessions WHERE organisation = $1 AND (expires < $2 OR ended < $2) ORDER BY session LIMIT $3";
    DELETE_REFRESH = "DELETE FROM refresh_tokens WHERE organisation = $1 AND session = $2";
    DELETE = "DELETE FROM sessions WHERE organisation = $1 AND session = $2";
    KEEP_REFRESH = "INSERT INTO refresh_tokens (organisation, hash, session, created) VALUES ($1, $2, $3, $4)";
    REFRESH = "SELECT session, used FROM refresh_tokens WHERE organisation = $1 AND hash = $2";
    USE_REFRESH = "UPDATE refresh_tokens SET used = $3 WHERE organisation = $1 AND hash = $2 AND used IS NULL";
}

/// A session as it lies in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub session: SessionId,
    /// Who is signed in.
    pub account: AccountId,
    /// When its secret was last made anew.
    pub turned: Timestamp,
    /// For which of their organisations they work in it.
    pub member_of: Option<OrganisationId>,
    /// How they signed in.
    pub method: SignInMethod,
    /// When they signed in.
    pub created: Timestamp,
    /// When its secret was last used, as of its last turn.
    pub seen: Timestamp,
    /// From when on it is worth nothing.
    pub expires: Timestamp,
    /// Since when it is ended.
    pub ended: Option<Timestamp>,
    /// On which device, sealed with the account's key.
    pub device: Option<Sealed>,
    /// Whether it was found by its newest secret.
    pub is_newest: bool,
}

/// Where the device of a session lies.
#[must_use]
pub const fn sealed_at(session: &SessionId) -> Place<'_> {
    Place {
        organisation: OrganisationId::PLATFORM,
        table: "sessions",
        column: "device",
        row: session.as_bytes(),
    }
}

/// Keeps a new session.
///
/// # Errors
/// [`Error::Exists`] when there is one with this id or hash.
pub fn insert(tx: &mut Writing<'_>, session: &Session, hash: &TokenHash) -> Result<(), Error> {
    let values = [
        (&session.session).into(),
        (&session.account).into(),
        hash.as_bytes().into(),
        session.created.into(),
        session.member_of.as_ref().into(),
        session.method.as_str().into(),
        session.expires.into(),
        session.device.as_ref().map(Sealed::as_bytes).into(),
    ];
    tx.execute(INSERT, &values).map(drop)
}

/// The session with this hash, or which had it before its last turn.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Reading<'_>, hash: &TokenHash) -> Result<Option<Session>, Error> {
    match tx.query_one(BY_HASH, &[hash.as_bytes().into()], read)? {
        Some(session) => Ok(Some(session)),
        None => tx.query_one(BY_FORMER, &[hash.as_bytes().into()], read),
    }
}

/// The session with this id.
///
/// # Errors
/// When the database can't answer.
pub fn by_id(tx: &mut Reading<'_>, session: SessionId) -> Result<Option<Session>, Error> {
    tx.query_one(BY_ID, &[(&session).into()], read)
}

/// The sessions of an account that are open at `now`, oldest first.
///
/// # Errors
/// When the database can't answer.
pub fn of_account(tx: &mut Reading<'_>, account: AccountId, now: Timestamp) -> Result<Vec<Session>, Error> {
    tx.query(OF_ACCOUNT, &[(&account).into(), now.into()], read)
}

/// Gives a session a new secret in place of the one with the hash `from`. Says whether it did: another request may have.
///
/// # Errors
/// When the database refuses it.
pub fn turn(
    tx: &mut Writing<'_>,
    session: SessionId,
    from: &TokenHash,
    to: &TokenHash,
    at: Timestamp,
) -> Result<bool, Error> {
    let values = [(&session).into(), from.as_bytes().into(), to.as_bytes().into(), at.into()];
    Ok(tx.execute(TURN, &values)? == 1)
}

/// Has somebody work for an organisation from now on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such session, or it is ended.
pub fn choose(
    tx: &mut Writing<'_>,
    session: SessionId,
    organisation: Option<OrganisationId>,
) -> Result<(), Error> {
    tx.execute_one(CHOOSE, &[(&session).into(), organisation.as_ref().into()])
}

/// Notes that a session was used at `at`.
///
/// # Errors
/// [`Error::NotFound`] when there is no such session.
pub fn see(tx: &mut Writing<'_>, session: SessionId, at: Timestamp) -> Result<(), Error> {
    tx.execute_one(SEE, &[(&session).into(), at.into()])
}

/// Ends a session of an account.
///
/// # Errors
/// [`Error::NotFound`] when the account has none with this id, or it is ended already.
pub fn end(tx: &mut Writing<'_>, session: SessionId, account: AccountId, at: Timestamp) -> Result<(), Error> {
    tx.execute_one(END, &[(&session).into(), at.into(), (&account).into()])
}

/// Ends every session of an account, but for `except`. Says how many.
///
/// # Errors
/// When the database refuses it.
pub fn end_all(
    tx: &mut Writing<'_>,
    account: AccountId,
    except: Option<SessionId>,
    at: Timestamp,
) -> Result<u64, Error> {
    match except {
        Some(session) => tx.execute(END_OTHERS, &[(&account).into(), at.into(), (&session).into()]),
        None => tx.execute(END_ALL, &[(&account).into(), at.into()]),
    }
}

/// Deletes at most `limit` sessions that were over before `before`, with what they were renewed by. Says how many.
///
/// # Errors
/// When the database refuses it.
pub fn delete_over(tx: &mut Writing<'_>, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let over = tx.query(OVER, &[before.into(), limit.into()], |row| row.get::<SessionId>(0))?;
    let mut deleted = 0;
    for session in over {
        tx.execute(DELETE_REFRESH, &[(&session).into()])?;
        deleted += tx.execute(DELETE, &[(&session).into()])?;
    }
    Ok(deleted)
}

/// Keeps what a session is renewed by.
///
/// # Errors
/// [`Error::Exists`] when there is one with this hash.
pub fn keep_refresh(
    tx: &mut Writing<'_>,
    hash: &TokenHash,
    session: SessionId,
    at: Timestamp,
) -> Result<(), Error> {
    tx.execute(KEEP_REFRESH, &[hash.as_bytes().into(), (&session).into(), at.into()]).map(drop)
}

/// What renewing a session by a token comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There is no such token.
    Unknown,
    /// It was used now, for the first time.
    Used(SessionId),
    /// It was used before: somebody has it who should not.
    Again(SessionId),
}

/// Uses up what a session is renewed by.
///
/// # Errors
/// When the database refuses it.
pub fn renew(tx: &mut Writing<'_>, hash: &TokenHash, at: Timestamp) -> Result<Renewal, Error> {
    let session = tx.query_one(REFRESH, &[hash.as_bytes().into()], |row| row.get::<SessionId>(0))?;
    let Some(session) = session else { return Ok(Renewal::Unknown) };
    // Of two at once the second finds it used.
    let is_first = tx.execute(USE_REFRESH, &[hash.as_bytes().into(), at.into()])? == 1;
    Ok(if is_first { Renewal::Used(session) } else { Renewal::Again(session) })
}

fn read(row: &Row<'_>) -> Result<Session, Error> {
    let device = row.get::<Option<Vec<u8>>>(9)?.map(Sealed::parse).transpose();
    Ok(Session {
        session: row.get(0)?,
        account: row.get(1)?,
        turned: row.get(2)?,
        member_of: row.get(3)?,
        method: SignInMethod::parse(&row.get::<String>(4)?)
            .ok_or(Error::Corrupt("a session has no known way of signing in"))?,
        created: row.get(5)?,
        seen: row.get(6)?,
        expires: row.get(7)?,
        ended: row.get(8)?,
        device: device.map_err(|_| Error::Corrupt("the device of a session is no sealed value"))?,
        is_newest: row.get::<i64>(10)? == 1,
    })
}
