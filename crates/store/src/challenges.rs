//! Challenges: what somebody was asked who has to answer from the outside, by the hash of a secret that they give back. They are
//! rows of the platform, so that the answer may come to another process.

use tacita_domain::{ChallengeKind, OrganisationId, Timestamp};
use tacita_vault::{Place, Sealed, TokenHash};

use crate::{Error, Writing, queries};

queries! {
    INSERT = "INSERT INTO challenges (organisation, hash, kind, expires, state) VALUES ($1, $2, $3, $4, $5)";
    FIND = "SELECT state FROM challenges WHERE organisation = $1 AND hash = $2 AND kind = $3 AND expires > $4";
    DELETE = "DELETE FROM challenges WHERE organisation = $1 AND hash = $2";
    DELETE_OVER = "DELETE FROM challenges WHERE organisation = $1 AND hash IN \
                   (SELECT hash FROM challenges WHERE organisation = $1 AND expires < $2 ORDER BY expires LIMIT $3)";
}

/// Where what the answer is compared with lies.
#[must_use]
pub const fn sealed_at(hash: &TokenHash) -> Place<'_> {
    let row = hash.as_bytes();
    Place { organisation: OrganisationId::PLATFORM, table: "challenges", column: "state", row }
}

/// Keeps what somebody is asked.
///
/// # Errors
/// [`Error::Exists`] when there is one with this hash.
pub fn insert(
    tx: &mut Writing<'_>,
    hash: &TokenHash,
    kind: ChallengeKind,
    expires: Timestamp,
    state: &Sealed,
) -> Result<(), Error> {
    let values = [hash.as_bytes().into(), kind.as_str().into(), expires.into(), state.as_bytes().into()];
    tx.execute(INSERT, &values).map(drop)
}

/// What the answer is compared with. It is gone then: of two answers at once, one finds it.
///
/// # Errors
/// [`Error::NotFound`] when nothing of this kind was asked, or it was answered, or its time is over.
pub fn take(
    tx: &mut Writing<'_>,
    hash: &TokenHash,
    kind: ChallengeKind,
    at: Timestamp,
) -> Result<Sealed, Error> {
    let values = [hash.as_bytes().into(), kind.as_str().into(), at.into()];
    let state = tx.query_one(FIND, &values, |row| row.get::<Vec<u8>>(0))?.ok_or(Error::NotFound)?;
    tx.execute_one(DELETE, &[hash.as_bytes().into()])?;
    Sealed::parse(state).map_err(|_| Error::Corrupt("the state of a challenge is no sealed value"))
}

/// Deletes at most `limit` whose time was over before `before`. Says how many.
///
/// # Errors
/// When the database refuses it.
pub fn delete_over(tx: &mut Writing<'_>, before: Timestamp, limit: u32) -> Result<u64, Error> {
    tx.execute(DELETE_OVER, &[before.into(), limit.into()])
}
