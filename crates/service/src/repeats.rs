//! Requests that are sent again with the caller's key (`Idempotency-Key`): carried out once, and answered alike for a day.
//!
//! A claim is on the disk before the work begins, and the work's own transaction notes that it was done. So whatever breaks off,
//! the same request is never carried out twice: it is answered as before, or, where the answer itself was lost, by naming the
//! operation that did it.

use serde::{Deserialize, Serialize};
use tacita_domain::{Action, OperationId, SubjectId};
use tacita_store::{
    Writing,
    repeats::{self, Claim, ClaimId, Mark, sealed_at},
};
use tacita_vault::Compartment;
use zeroize::Zeroizing;

use crate::{Caller, Error, Service, organisations::ADMINISTRATION};

/// The longest key of a caller's, in bytes.
const LONGEST_KEY: usize = 255;

/// An answer that is given again.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers that say something about the body, or where what was made lies.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.status)
    }
}

/// What is to be done with a request that has a key.
#[derive(Debug)]
pub enum Repeat {
    /// It is to be carried out, and known by both.
    First(Mark, ClaimId),
    /// It was, and is answered as before.
    Again(Answer),
    /// It is being carried out at this moment.
    Busy,
    /// The key was sent with another request before.
    Another,
    /// It was carried out, by this operation; what was answered is lost.
    Unanswered(OperationId),
}

impl Service {
    /// Claims a request of `caller`'s to `route`, whose hash is `request`, under a key of theirs.
    ///
    /// # Errors
    /// When the key is too long, or the store can't answer.
    pub async fn claim_request(
        &self,
        caller: &Caller,
        route: &str,
        key: &str,
        request: [u8; 32],
    ) -> Result<Repeat, Error> {
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(Error::Invalid(format!("`Idempotency-Key` has 1 to {LONGEST_KEY} characters")));
        }
        let keys = self.store.ring().organisation(caller.organisation).await?;
        // A key is somebody else's text, and may name a person.
        let mark = keys
            .newest()
            .mark("repeats", &[caller.actor.to_string().as_bytes(), route.as_bytes(), key.as_bytes()]);
        // Nor may its hash tell what was sent to whoever tries out bodies.
        let request = keys.newest().mark("requests", &[&request]);
        let (now, id) = (self.now(), self.store.random());
        let claim = move |tx: &mut Writing<'_>| repeats::claim(tx, &mark, &request, &id, now);
        Ok(match self.store.write_within(caller.organisation, claim).await? {
            Claim::Ours => Repeat::First(mark, id),
            Claim::Another => Repeat::Another,
            Claim::Busy => Repeat::Busy,
            Claim::Unanswered(operation) => Repeat::Unanswered(operation),
            Claim::Answered { subject, answer } => {
                let purpose = ADMINISTRATION.parse().expect("it is a name");
                let passage = self.admit(caller, Action::AnswerRepeat, purpose, subject).await?;
                let place = sealed_at(caller.organisation, &mark);
                let opened = match subject {
                    Some(subject) => {
                        let key = self.store.ring().subject(caller.organisation, subject).await?;
                        key.open(&passage, &place, &answer)
                    }
                    None => keys.newest().open_in(Compartment::Answers, &passage, &place, &answer),
                };
                let opened = opened
                    .map_err(|_| tacita_store::Error::Corrupt("the answer of a request does not open"))?;
                let ((), committed) =
                    self.store.commit(passage, Some("answer".to_owned()), |_| Ok(())).await?;
                let bytes = Zeroizing::new(opened.release(&committed)?);
                Repeat::Again(serde_json::from_slice(&bytes).map_err(|_| {
                    Error::Store(tacita_store::Error::Corrupt("the answer of a request is no JSON of ours"))
                })?)
            }
        })
    }

    /// Keeps what a request was answered, which was about `subject`.
    ///
    /// # Errors
    /// When it can't be written: then a repeat is told the operation alone.
    pub async fn keep_answer(
        &self,
        caller: &Caller,
        (mark, claim): (Mark, ClaimId),
        subject: Option<SubjectId>,
        answer: &Answer,
    ) -> Result<(), Error> {
        let bytes = Zeroizing::new(
            serde_json::to_vec(answer).map_err(|_| Error::Invalid("an answer makes no JSON".to_owned()))?,
        );
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let place = sealed_at(caller.organisation, &mark);
        let sealed = match subject {
            Some(subject) => {
                let key = self.store.ring().subject(caller.organisation, subject).await?;
                key.seal(&place, &bytes, &mut chance)
            }
            None => {
                let keys = self.store.ring().organisation(caller.organisation).await?;
                keys.newest().seal_in(Compartment::Answers, &place, &bytes, &mut chance)
            }
        };
        let sealed = sealed.map_err(|error| Error::Invalid(error.to_string()))?;
        let keep = move |tx: &mut Writing<'_>| repeats::answer(tx, &claim, subject, &sealed);
        Ok(self.store.write_within(caller.organisation, keep).await?)
    }

    /// Gives a claim up whose request was not carried out, so that it may be sent again.
    ///
    /// # Errors
    /// When it can't be written: then it can be sent again some minutes later.
    pub async fn give_up(&self, caller: &Caller, claim: ClaimId) -> Result<(), Error> {
        let give_up = move |tx: &mut Writing<'_>| repeats::give_up(tx, &claim);
        Ok(self.store.write_within(caller.organisation, give_up).await?)
    }

    /// Deletes what is over: keys of requests, sessions and links. Says how many.
    pub(crate) async fn sweep_over(&self, organisation: tacita_domain::OrganisationId) -> Result<u64, Error> {
        let now = self.now();
        let mut swept = self.store.write_within(organisation, move |tx| repeats::sweep(tx, now)).await?;
        if organisation == tacita_domain::OrganisationId::PLATFORM {
            swept += self.sweep_sessions().await?;
        }
        Ok(swept)
    }
}
