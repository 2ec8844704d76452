//! Requests that are sent again: carried out once, and answered alike.

use tacita_domain::{OperationId, OrganisationId, SubjectId, Timestamp};
use tacita_vault::{Place, Sealed};

use crate::{Error, Reading, Row, Writing, queries};

queries! {
    CLAIM = "INSERT INTO repeats (organisation, mark, request, claim, claimed) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    FIND = "SELECT request, claimed, operation, subject, answer FROM repeats WHERE organisation = $1 AND mark = $2";
    // Of two who take over what was given up, one does.
    TAKE_OVER = "UPDATE repeats SET claim = $4, claimed = $5 \
                 WHERE organisation = $1 AND mark = $2 AND claimed = $3 AND operation IS NULL";
    DELETE_OVER = "DELETE FROM repeats WHERE organisation = $1 AND mark = $2 AND claimed < $3";
    CARRY_OUT = "UPDATE repeats SET operation = $3 WHERE organisation = $1 AND claim = $2";
    ANSWER = "UPDATE repeats SET subject = $3, answer = $4 WHERE organisation = $1 AND claim = $2";
    GIVE_UP = "DELETE FROM repeats WHERE organisation = $1 AND claim = $2 AND operation IS NULL";
    SWEEP = "DELETE FROM repeats WHERE organisation = $1 AND claimed < $2";
}

/// Who asks, where, and with which key of theirs: a keyed hash.
pub type Mark = [u8; 32];
/// Whoever carries a request out, by chance: one who was taken for gone has another than whoever took over.
pub type ClaimId = [u8; 32];

/// For how many seconds a key counts.
pub const KEY_SECONDS: i64 = 24 * 60 * 60;
/// After how many seconds a request that was claimed and not carried out is taken for given up: longer than any takes.
pub const GIVEN_UP_SECONDS: i64 = 5 * 60;

/// What a claim comes to.
#[derive(Clone, Debug)]
pub enum Claim {
    /// It is to be carried out now.
    Ours,
    /// The key stands for another request.
    Another,
    /// The same request is being carried out.
    Busy,
    /// It was carried out, and answered so.
    Answered {
        /// Whose key has sealed the answer; the organisation's where there is none.
        subject: Option<SubjectId>,
        /// What was answered.
        answer: Sealed,
    },
    /// It was carried out, by this operation, and what was answered is lost.
    Unanswered(OperationId),
}

/// Where an answer lies.
#[must_use]
pub const fn sealed_at(organisation: OrganisationId, mark: &Mark) -> Place<'_> {
    Place { organisation, table: "repeats", column: "answer", row: mark }
}

/// Claims a request, whose hash is `request`, at `now`.
///
/// # Errors
/// When the database refuses it.
pub fn claim(
    tx: &mut Writing<'_>,
    mark: &Mark,
    request: &[u8; 32],
    claim: &ClaimId,
    now: Timestamp,
) -> Result<Claim, Error> {
    tx.execute(DELETE_OVER, &[mark.into(), now.after_seconds(-KEY_SECONDS).into()])?;
    if tx.execute(CLAIM, &[mark.into(), request.into(), claim.into(), now.into()])? == 1 {
        return Ok(Claim::Ours);
    }
    let Some(known) = find(tx, mark)? else { return Ok(Claim::Busy) };
    if known.request != *request {
        return Ok(Claim::Another);
    }
    Ok(match (known.operation, known.answer) {
        (_, Some(answer)) => Claim::Answered { subject: known.subject, answer },
        (Some(operation), None) => Claim::Unanswered(operation),
        (None, None) if known.claimed < now.after_seconds(-GIVEN_UP_SECONDS) => {
            let taken =
                tx.execute(TAKE_OVER, &[mark.into(), known.claimed.into(), claim.into(), now.into()])?;
            if taken == 1 { Claim::Ours } else { Claim::Busy }
        }
        (None, None) => Claim::Busy,
    })
}

/// Notes, in the transaction that carries a request out, that it does.
///
/// # Errors
/// [`Error::Changed`] when the claim is gone: then another may carry it out, and this one must not.
pub fn carry_out(tx: &mut Writing<'_>, claim: &ClaimId, operation: OperationId) -> Result<(), Error> {
    match tx.execute(CARRY_OUT, &[claim.into(), (&operation).into()])? {
        0 => Err(Error::Changed),
        _ => Ok(()),
    }
}

/// Keeps what was answered, sealed by the key of `subject`, or the organisation's.
///
/// # Errors
/// When the database refuses it.
pub fn answer(
    tx: &mut Writing<'_>,
    claim: &ClaimId,
    subject: Option<SubjectId>,
    answer: &Sealed,
) -> Result<(), Error> {
    tx.execute(ANSWER, &[claim.into(), subject.as_ref().into(), answer.as_bytes().into()]).map(drop)
}

/// Gives a claim up, unless the request was carried out: it may be sent again.
///
/// # Errors
/// When the database refuses it.
pub fn give_up(tx: &mut Writing<'_>, claim: &ClaimId) -> Result<(), Error> {
    tx.execute(GIVE_UP, &[claim.into()]).map(drop)
}

/// Deletes what no longer counts at `now`. Says how many.
///
/// # Errors
/// When the database refuses it.
pub fn sweep(tx: &mut Writing<'_>, now: Timestamp) -> Result<u64, Error> {
    tx.execute(SWEEP, &[now.after_seconds(-KEY_SECONDS).into()])
}

struct Known {
    request: [u8; 32],
    claimed: Timestamp,
    operation: Option<OperationId>,
    subject: Option<SubjectId>,
    answer: Option<Sealed>,
}

fn find(tx: &mut Reading<'_>, mark: &Mark) -> Result<Option<Known>, Error> {
    tx.query_one(FIND, &[mark.into()], |row: &Row<'_>| {
        let answer = row.get::<Option<Vec<u8>>>(4)?.map(Sealed::parse).transpose();
        Ok(Known {
            request: row.get(0)?,
            claimed: row.get(1)?,
            operation: row.get(2)?,
            subject: row.get(3)?,
            answer: answer.map_err(|_| Error::Corrupt("the answer of a request is no sealed value"))?,
        })
    })
}
