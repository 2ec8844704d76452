//! Data subjects: found by what they are known by, made with their first record, and forgotten where there never was one.

use std::collections::HashSet;

use std::{collections::HashMap, sync::Arc};

use tacita_corridor::Passage;
use tacita_domain::{Action, IdentityKind, OrganisationId, PurposeName, SubjectId};
use tacita_store::{Identity, subjects};
use tacita_vault::SubjectKey;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{Caller, Error, Service};

/// How often somebody new is looked up again, when another request makes them at the same moment.
const TRIES: usize = 3;

/// How old somebody has to be before they are taken for left over: their first record may be on its way. Longer than any request
/// takes, so that few are sent away; what makes it safe is that the house is closed to them first.
const LEFT_OVER_SECONDS: i64 = 60 * 60;
/// Keys that are looked at together.
const PAGE: u32 = 1000;

/// Whom a record is about.
#[derive(Debug)]
pub enum Person {
    /// The data subject with this id.
    Id(SubjectId),
    /// The data subject with this identity, who is made where there is none.
    Known(IdentityKind, Zeroizing<String>),
}

impl Service {
    /// The data subject whom `person` means, if there is one.
    pub(crate) async fn find(
        &self,
        organisation: OrganisationId,
        person: &Person,
    ) -> Result<Option<SubjectId>, Error> {
        match person {
            // Whether there is one shows when their key is needed.
            Person::Id(subject) => Ok(Some(*subject)),
            Person::Known(kind, value) => {
                Ok(self.store.ring().find(organisation, &identity(*kind, value)?).await?)
            }
        }
    }

    /// Leave to keep a record of a person, who is made where there is none yet, and their key.
    pub(crate) async fn admit_person(
        &self,
        caller: &Caller,
        purpose: &PurposeName,
        person: &Person,
    ) -> Result<(Passage, SubjectKey), Error> {
        let organisation = caller.organisation;
        for _ in 0..TRIES {
            let found = self.find(organisation, person).await?;
            let subject = found.unwrap_or_else(|| SubjectId::new(self.now(), self.store.random()));
            let passage = self.admit(caller, Action::RecordCreate, purpose.clone(), Some(subject)).await?;
            let key = match (found, person) {
                (None, Person::Known(kind, value)) => {
                    self.store.ring().found_subject(organisation, subject, &[identity(*kind, value)?]).await
                }
                _ => self.store.ring().subject(organisation, subject).await,
            };
            match key {
                Ok(key) => return Ok((passage, key)),
                // Another request has made this person meanwhile.
                Err(tacita_store::Error::Exists) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(tacita_store::Error::Busy.into())
    }

    /// Why a record of somebody was not kept: they may be removed at this moment, by [`Service::sweep_keys`]. Then a moment later
    /// they are somebody new.
    pub(crate) async fn why_not_kept(
        &self,
        organisation: OrganisationId,
        subject: SubjectId,
        error: tacita_store::Error,
    ) -> Error {
        if !matches!(error, tacita_store::Error::NotFound) {
            return error.into();
        }
        match self.store.look_up(organisation, move |tx| subjects::is_removed(tx, subject)).await {
            Ok(true) => tacita_store::Error::Busy.into(),
            _ => error.into(),
        }
    }

    /// Destroys the keys, and what they are found by, of those of whom nothing is kept although they have been known for a while:
    /// their first record was refused, or could not be written. Says of how many.
    ///
    /// House and key ring are two databases. So the house is closed to somebody before their key goes: a request that has sealed
    /// something with it at that moment can't keep it.
    ///
    /// # Errors
    /// When a database can't answer; those that were closed out are gone the next time.
    pub(crate) async fn sweep_keys(&self, organisation: OrganisationId) -> Result<u64, Error> {
        let now = self.now();
        // Ids lie in the order they were made in.
        let before = SubjectId::new(now.after_seconds(-LEFT_OVER_SECONDS), [0; 10]);
        let (mut after, mut swept) = (SubjectId::from_bytes([0; 16]), 0);
        loop {
            let page = self.store.ring().subjects(organisation, after, before, PAGE).await?;
            let Some(last) = page.last().copied() else { return Ok(swept) };
            let kept = self.store.look_up(organisation, move |tx| subjects::between(tx, after, last)).await?;
            let kept: HashSet<_> = kept.into_iter().collect();
            for subject in page.into_iter().filter(|subject| !kept.contains(subject)) {
                let close = move |tx: &mut tacita_store::Writing<'_>| subjects::remove(tx, subject, now);
                if self.store.write_within(organisation, close).await? {
                    self.store.ring().destroy_subject(organisation, subject).await?;
                    swept += 1;
                }
            }
            after = last;
        }
    }
}

/// A lock for each of these people, the same for the same one.
pub(crate) fn turns<'p>(people: impl Iterator<Item = &'p Person>) -> Vec<Arc<Mutex<()>>> {
    let mut known = HashMap::<(IdentityKind, &str), Arc<Mutex<()>>>::new();
    let turns = people.map(|person| match person {
        Person::Id(_) => Arc::default(),
        Person::Known(kind, value) => Arc::clone(known.entry((*kind, value)).or_default()),
    });
    turns.collect()
}

pub(crate) fn identity(kind: IdentityKind, value: &str) -> Result<Identity, Error> {
    let value = kind.normalise(value).map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(Identity { kind, value: Zeroizing::new(value) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{draft, known, pass, run};

    const STRANGER: &str = "jo.berg@example.org";

    impl Service {
        /// Somebody of whom nothing is kept, as a first record leaves them that was not written.
        async fn stranger(&self, organisation: OrganisationId, email: &str) -> SubjectId {
            let subject = SubjectId::new(self.now(), self.store.random());
            let identity = identity(IdentityKind::Email, email).unwrap();
            self.store.ring().found_subject(organisation, subject, &[identity]).await.unwrap();
            subject
        }
    }

    #[test]
    fn only_those_of_whom_nothing_is_kept_are_forgotten() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            let kept = service.create_record(&caller, draft("mara.lind@example.org")).await.unwrap();
            service.stranger(organisation, STRANGER).await;
            let other = service.found_organisation("Second").await.unwrap().organisation;
            let theirs = service.stranger(other, STRANGER).await;
            assert_eq!(service.sweep_keys(organisation).await.unwrap(), 0, "their record may be on its way");
            pass(LEFT_OVER_SECONDS);
            let young = service.stranger(organisation, "mo.young@example.org").await;
            assert_eq!(service.sweep_keys(organisation).await.unwrap(), 1);
            assert_eq!(service.sweep_keys(organisation).await.unwrap(), 0);

            assert_eq!(service.find(organisation, &known(STRANGER)).await.unwrap(), None);
            assert_eq!(service.find(other, &known(STRANGER)).await.unwrap(), Some(theirs));
            assert_eq!(
                service.find(organisation, &known("mo.young@example.org")).await.unwrap(),
                Some(young)
            );
            service.read_record(&caller, kept.record, None).await.unwrap();
            // Known again, they are somebody new.
            let again = service.create_record(&caller, draft(STRANGER)).await.unwrap();
            service.read_record(&caller, again.record, None).await.unwrap();
        });
    }

    #[test]
    fn a_request_that_seals_during_a_sweep_is_sent_away() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            let subject = service.stranger(organisation, STRANGER).await;
            // Between the two steps of a sweep: the house is closed to them, and their key still seals.
            let close = move |tx: &mut tacita_store::Writing<'_>| {
                subjects::remove(tx, subject, tacita_domain::Timestamp::from_micros(0))
            };
            assert!(service.store.write_within(organisation, close).await.unwrap());
            let busy = |error: &Error| matches!(error, Error::Store(tacita_store::Error::Busy));
            let refused = service.create_record(&caller, draft(STRANGER)).await.unwrap_err();
            assert!(busy(&refused), "{refused}");
            let both = vec![draft(STRANGER), draft("mara.lind@example.org")];
            let [refused, kept] = <[_; 2]>::try_from(service.create_records(&caller, both).await).unwrap();
            assert!(busy(&refused.unwrap_err()));
            kept.unwrap();
            // A sweep that was cut short ends the next time.
            pass(LEFT_OVER_SECONDS);
            assert_eq!(service.sweep_keys(organisation).await.unwrap(), 1);
            let kept = service.create_record(&caller, draft(STRANGER)).await.unwrap();
            assert_ne!(kept.subject, subject);
            service.read_record(&caller, kept.record, None).await.unwrap();
        });
    }

    #[test]
    fn somebody_whose_first_record_was_kept_late_stays() {
        run(|service, caller| async move {
            let subject = service.stranger(caller.organisation, STRANGER).await;
            pass(LEFT_OVER_SECONDS);
            let kept = service.create_record(&caller, draft(STRANGER)).await.unwrap();
            assert_eq!(kept.subject, subject);
            assert_eq!(service.sweep_keys(caller.organisation).await.unwrap(), 0);
            service.read_record(&caller, kept.record, None).await.unwrap();
        });
    }
}
