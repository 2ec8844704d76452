//! Data subjects: found by what they are known by, and made with their first record.

use std::{collections::HashMap, sync::Arc};

use tacita_corridor::Passage;
use tacita_domain::{Action, IdentityKind, OrganisationId, PurposeName, SubjectId};
use tacita_store::Identity;
use tacita_vault::SubjectKey;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::{Caller, Error, Service};

/// How often somebody new is looked up again, when another request makes them at the same moment.
const TRIES: usize = 3;

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

fn identity(kind: IdentityKind, value: &str) -> Result<Identity, Error> {
    let value = kind.normalise(value).map_err(|error| Error::Invalid(error.to_string()))?;
    Ok(Identity { kind, value: Zeroizing::new(value) })
}
