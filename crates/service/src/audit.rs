//! Audit: reading what the ledger says, which the ledger says, too.

use std::collections::HashMap;

use tacita_corridor::{Passage, Sensitive};
use tacita_domain::{Action, OperationId, PurposeName, SubjectId, Timestamp};
use tacita_store::{
    OrganisationKeys,
    audit::{self, Entry, Filter},
};
use tacita_vault::{Compartment, SubjectKey};

use crate::{Caller, Error, Service, organisations::AUDIT};

/// Entries of a page, at most.
const PAGE: u32 = 100;

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those after this one.
    pub after: Option<OperationId>,
    /// Those of this action.
    pub action: Option<Action>,
    /// Those about this data subject.
    pub subject: Option<SubjectId>,
    /// Those that ended so: `done`, or why not, such as `denied.no-consent`.
    pub outcome: Option<String>,
    /// At most so many; 100 where it is missing or more.
    pub limit: Option<u32>,
}

/// An entry that is given out. The account of that is on the disk.
#[derive(Debug)]
pub struct AuditEntry {
    /// The operation, whose id is the entry's.
    pub operation: OperationId,
    /// Its place in the log, from 0; none while it waits for one.
    pub position: Option<u64>,
    /// When it was asked for.
    pub at: Timestamp,
    /// What was to be done.
    pub action: String,
    /// What for.
    pub purpose: String,
    /// `done`, or why not.
    pub outcome: String,
    /// Whom it was about; none where it was about nobody, or their key is destroyed.
    pub subject: Option<SubjectId>,
    /// What was logged, as JSON; none where the key is destroyed.
    pub body: Option<Vec<u8>>,
}

/// Some entries.
#[derive(Debug)]
pub struct AuditPage {
    /// In the order in which they were asked for.
    pub entries: Vec<AuditEntry>,
    /// After which entry the next page begins; none on the last.
    pub next: Option<OperationId>,
}

/// Whose key opens an entry.
enum Opener {
    Subject(SubjectKey),
    Destroyed,
}

impl Service {
    /// Gives entries of the ledger out.
    ///
    /// # Errors
    /// When it is refused, the data subject is unknown, or a body is not the one that was logged.
    pub async fn audit(&self, caller: &Caller, filter: AuditFilter) -> Result<AuditPage, Error> {
        let AuditFilter { after, action, subject, outcome, limit } = filter;
        let purpose: PurposeName = AUDIT.parse().expect("it is a name");
        let passage = self.admit(caller, Action::AuditRead, purpose, subject).await?;
        let reference = match subject {
            Some(subject) => {
                let key = self.store.ring().subject(caller.organisation, subject).await?;
                Some(audit::reference(&key)?)
            }
            None => None,
        };
        let action = action.map(|action| action.as_str().to_owned());
        let filter = Filter { after, action, outcome, reference };
        let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
        let page = self.store.read(&passage, move |tx| audit::list(tx, &filter, limit)).await?;
        let audit::Page { entries: found, next } = page;
        let keys = self.store.ring().organisation(caller.organisation).await?;
        let mut openers = HashMap::new();
        let mut opened = Vec::with_capacity(found.len());
        for entry in found {
            if let Some(reference) = entry.reference
                && !openers.contains_key(&reference)
            {
                openers.insert(reference, self.opener(caller, reference).await?);
            }
            let opener = entry.reference.and_then(|reference| openers.get(&reference));
            let body = open(&passage, &keys, opener, &entry)?;
            let subject = match opener {
                Some(Opener::Subject(key)) => Some(key.name().subject),
                _ => None,
            };
            opened.push((entry, subject, body));
        }
        let ((), committed) = self.store.commit(passage, None, |_| Ok(())).await?;
        let entries = opened
            .into_iter()
            .map(|(entry, subject, body)| {
                let Entry { operation, position, at, action, purpose, outcome, .. } = entry;
                let body = body.map(|body| body.release(&committed)).transpose()?;
                Ok(AuditEntry { operation, position, at, action, purpose, outcome, subject, body })
            })
            .collect::<Result<_, Error>>()?;
        Ok(AuditPage { entries, next })
    }

    async fn opener(&self, caller: &Caller, reference: [u8; 32]) -> Result<Opener, Error> {
        let ring = self.store.ring();
        let Some(subject) = ring.by_reference(caller.organisation, reference).await? else {
            return Ok(Opener::Destroyed);
        };
        match ring.subject(caller.organisation, subject).await {
            Ok(key) => Ok(Opener::Subject(key)),
            // It was destroyed between the two questions.
            Err(tacita_store::Error::NotFound) => Ok(Opener::Destroyed),
            Err(error) => Err(error.into()),
        }
    }
}

/// Opens a body; none where its key is destroyed.
fn open(
    passage: &Passage,
    keys: &OrganisationKeys,
    opener: Option<&Opener>,
    entry: &Entry,
) -> Result<Option<Sensitive<Vec<u8>>>, Error> {
    let place = audit::sealed_at(passage.operation().organisation, &entry.operation);
    let opened = match opener {
        Some(Opener::Subject(key)) => key.open(passage, &place, &entry.sealed),
        Some(Opener::Destroyed) => return Ok(None),
        // The key of a compartment is the same for all versions of the organisation's.
        None => keys.newest().open_in(Compartment::Audit, passage, &place, &entry.sealed),
    };
    match opened {
        Ok(body) => Ok(Some(body)),
        Err(tacita_vault::OpenError::Destroyed) => Ok(None),
        Err(_) => {
            let what = format!("the body of the entry {} does not open: it was changed", entry.operation);
            Err(tacita_store::Error::Ledger(what).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tacita_detect::{Detector, Options};
    use tacita_domain::{IdentityKind, OrganisationId};
    use zeroize::Zeroizing;

    use super::*;
    use crate::{Deployment, Draft, Kept, Person, system_clock, trial};

    /// A service with an organisation in which Mara and Jo have a record each.
    async fn two_people(data: &std::path::Path) -> (Service, Caller, [Kept; 2]) {
        let detector = Arc::new(Detector::new(Options::default()).unwrap());
        let deployment = Deployment::in_folder(data.to_owned());
        let service = deployment.open(detector, system_clock).unwrap();
        let organisation = service.found_organisation("First").await.unwrap().organisation;
        trial::give_purpose(&service, organisation).await;
        let caller = trial::owner(&service, organisation);
        let keep = |email: &str| Draft {
            person: Person::Known(IdentityKind::Email, Zeroizing::new(email.to_owned())),
            related: Vec::new(),
            kind: "ticket".parse().unwrap(),
            purpose: "support".parse().unwrap(),
            payload: Sensitive::new(b"{}".to_vec()),
        };
        let mara = service.create_record(&caller, keep("mara.lind@example.org")).await.unwrap();
        let jo = service.create_record(&caller, keep("jo.berg@example.org")).await.unwrap();
        (service, caller, [mara, jo])
    }

    fn run<F: Future<Output = ()>>(case: impl FnOnce(Service, Caller, [Kept; 2]) -> F) {
        let data = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (service, caller, kept) = two_people(&data.path().join("data")).await;
            case(service, caller, kept).await;
        });
    }

    #[test]
    fn what_is_said_of_somebody_erased_is_gone_and_its_receipt_holds() {
        run(|service, caller, [mara, jo]| async move {
            let before = service.receipt(caller.organisation, mara.operation).await.unwrap();
            service.store.ring().destroy_subject(caller.organisation, mara.subject).await.unwrap();
            let page = service.audit(&caller, AuditFilter::default()).await.unwrap();
            let [first, second] = &page.entries[..] else { panic!("{page:?}") };
            assert_eq!((first.operation, second.operation), (mara.operation, jo.operation));
            assert_eq!((first.subject, &first.body), (None, &None));
            assert_eq!((&*first.action, &*first.outcome), ("record.create", "done"));
            assert_eq!(second.subject, Some(jo.subject));
            assert!(second.body.is_some());

            let after = service.receipt(caller.organisation, mara.operation).await.unwrap();
            assert_eq!(first_part(&before), first_part(&after));
            let hers = AuditFilter { subject: Some(mara.subject), ..AuditFilter::default() };
            assert!(matches!(service.audit(&caller, hers).await, Err(Error::NotFound)));
        });
    }

    /// The part of a receipt that is about the entry.
    fn first_part(receipt: &str) -> &str {
        receipt.split("\n\n").next().unwrap()
    }

    #[test]
    fn ledgers_are_kept_as_long_as_they_are_polled() {
        run(|service, caller, _| async move {
            let is_integrated = async {
                while service.checkpoint(caller.organisation).await.is_err() {
                    tokio::task::yield_now().await;
                }
            };
            let unexpected = |whose: Option<OrganisationId>, error: &Error| panic!("{whose:?}: {error}");
            let mut kept = std::pin::pin!(service.keep_ledgers(unexpected));
            let mut done = std::pin::pin!(is_integrated);
            std::future::poll_fn(|cx| {
                assert!(kept.as_mut().poll(cx).is_pending());
                done.as_mut().poll(cx)
            })
            .await;
            let page = service.audit(&caller, AuditFilter::default()).await.unwrap();
            assert_eq!(
                page.entries.iter().map(|entry| entry.position).collect::<Vec<_>>(),
                [Some(0), Some(1)]
            );
        });
    }
}
