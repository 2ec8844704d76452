//! Records: kept, given out, corrected, restricted, deleted.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{StreamExt, stream};
use tacita_corridor::{Denied, Operation, Passage, Sensitive};
use tacita_detect::Detector;
use tacita_domain::{
    Action, OperationId, OrganisationId, PurposeName, RecordId, RecordKind, SubjectId, Timestamp,
};
use tacita_store::{
    Reading, Writing,
    records::{self, Part, Stored},
    subjects,
};
use tacita_vault::{Sealed, SubjectKey};
use zeroize::Zeroizing;

use crate::{Caller, Error, Person, Service, attachments::files_to_remove, subjects::turns};

/// Bodies up to this size are examined where they are, others on a thread of their own, so that nobody waits behind them.
const SMALL: usize = 16 * 1024;
/// Records of a page.
const PAGE: u32 = 100;
/// Records of a batch that are made ready side by side.
const TOGETHER: usize = 256;

/// A record to be kept.
#[derive(Debug)]
pub struct Draft {
    /// Whose it is.
    pub person: Person,
    /// Whom it is about, too.
    pub related: Vec<SubjectId>,
    /// What it is.
    pub kind: RecordKind,
    /// What it is kept for.
    pub purpose: PurposeName,
    /// What it says: JSON.
    pub payload: Sensitive<Vec<u8>>,
}

/// A record that was kept.
#[derive(Debug)]
pub struct Kept {
    /// Its id.
    pub record: RecordId,
    /// Whose it is.
    pub subject: SubjectId,
    /// Which operation kept it: its entry in the ledger has this id.
    pub operation: OperationId,
    /// How many values of which types of personal data it holds.
    pub findings: BTreeMap<String, u64>,
}

/// A record that is given out. The account of that is on the disk.
#[derive(Debug)]
pub struct Held {
    /// Its id.
    pub record: RecordId,
    /// Whose it is.
    pub subject: SubjectId,
    /// Whom it is about, too.
    pub related: Vec<SubjectId>,
    /// What it is.
    pub kind: RecordKind,
    /// What it is kept for.
    pub purpose: PurposeName,
    /// Counts its corrections, from 1.
    pub version: u32,
    /// When it was kept.
    pub created: Timestamp,
    /// When it was last corrected.
    pub changed: Timestamp,
    /// Since when its processing is restricted.
    pub restricted: Option<Timestamp>,
    /// What it says: JSON.
    pub payload: Vec<u8>,
}

/// Some records of a data subject.
#[derive(Debug)]
pub struct Page {
    /// Oldest first.
    pub records: Vec<Held>,
    /// After which record the next page begins; none on the last.
    pub next: Option<RecordId>,
}

/// What a record said before it was corrected.
#[derive(Debug)]
pub struct Said {
    /// Which version it was.
    pub version: u32,
    /// Since when it said so.
    pub changed: Timestamp,
    /// What it said: JSON.
    pub payload: Vec<u8>,
}

/// Some of what a record said before.
#[derive(Debug)]
pub struct History {
    /// Oldest first.
    pub versions: Vec<Said>,
    /// After which version the next page begins; none on the last.
    pub next: Option<u32>,
}

/// What is done to a record that is there.
#[derive(Debug)]
pub enum Change {
    /// It is corrected: from this version to this payload.
    Rectify {
        /// The version that was read.
        version: u32,
        /// What it is to say: JSON.
        payload: Sensitive<Vec<u8>>,
    },
    /// Its processing is restricted, or no longer (GDPR Art. 18).
    Restrict(bool),
    /// It is deleted, with what it said before.
    Delete,
}

impl Service {
    /// Keeps a record.
    ///
    /// # Errors
    /// When it is refused, the person is unknown, or it can't be written; then nothing of it is kept.
    pub async fn create_record(&self, caller: &Caller, draft: Draft) -> Result<Kept, Error> {
        let (passage, ready) = self.prepare(caller, draft).await?;
        let Ready { record, subject, findings, object, insert } = ready;
        let organisation = caller.organisation;
        match self.store.commit(passage, Some(object), insert).await {
            Ok(((), committed)) => Ok(Kept { record, subject, operation: committed.operation(), findings }),
            Err(error) => Err(self.why_not_kept(organisation, subject, error).await),
        }
    }

    /// Keeps many records. Each is kept or refused by itself.
    ///
    /// # Errors
    /// Those of each, in its place.
    pub async fn create_records(&self, caller: &Caller, drafts: Vec<Draft>) -> Vec<Result<Kept, Error>> {
        let (mut kept, mut commits) = (Vec::with_capacity(drafts.len()), self.store.commits());
        // Side by side, so that the keys of people who are new reach the disk together; but those about one person one after the
        // other, so that the first makes them and the others find them.
        let turns = turns(drafts.iter().map(|draft| &draft.person));
        let drafts = drafts.into_iter().zip(turns).map(async |(draft, turn)| {
            let _turn = turn.lock().await;
            self.prepare(caller, draft).await
        });
        let mut prepared = stream::iter(drafts).buffered(TOGETHER);
        while let Some(prepared) = prepared.next().await {
            kept.push(match prepared {
                Ok((passage, Ready { record, subject, findings, object, insert })) => {
                    commits.add(passage, Some(object), insert).await;
                    Ok((record, subject, findings))
                }
                Err(error) => Err(error),
            });
        }
        let (mut written, mut all) = (commits.finish().await.into_iter(), Vec::with_capacity(kept.len()));
        for prepared in kept {
            all.push(match prepared {
                Ok((record, subject, findings)) => {
                    match written.next().expect("each operation has an answer") {
                        Ok(((), committed)) => {
                            Ok(Kept { record, subject, operation: committed.operation(), findings })
                        }
                        Err(error) => Err(self.why_not_kept(caller.organisation, subject, error).await),
                    }
                }
                Err(error) => Err(error),
            });
        }
        all
    }

    /// Gives a record out, for the purpose it was kept for or another.
    ///
    /// # Errors
    /// When it is refused, or there is none with this id.
    pub async fn read_record(
        &self,
        caller: &Caller,
        record: RecordId,
        purpose: Option<PurposeName>,
    ) -> Result<Held, Error> {
        let (stored, related) = self.look_up_record(caller.organisation, record).await?;
        let purpose = purpose.unwrap_or_else(|| stored.purpose.clone());
        let passage = self.admit(caller, Action::RecordRead, purpose, Some(stored.subject)).await?;
        let payload = self.open(&passage, &stored).await?;
        let version = stored.version;
        let ((), committed) = self
            .store
            .commit(passage, Some(object(record)), move |tx| unchanged(tx, record, version))
            .await?;
        Ok(held(stored, related, payload.release(&committed)?))
    }

    /// Gives out what a record said before it was corrected, after version `after`, oldest first.
    ///
    /// # Errors
    /// When it is refused, or there is no record with this id.
    pub async fn read_history(
        &self,
        caller: &Caller,
        record: RecordId,
        after: u32,
    ) -> Result<History, Error> {
        let (stored, _) = self.look_up_record(caller.organisation, record).await?;
        let passage =
            self.admit(caller, Action::RecordRead, stored.purpose.clone(), Some(stored.subject)).await?;
        let Part { rows, more } =
            self.store.read(&passage, move |tx| records::versions(tx, record, after)).await?;
        let key = self.store.ring().subject(caller.organisation, stored.subject).await?;
        let opened = rows
            .into_iter()
            .map(|earlier| {
                let payload = open(&passage, &key, record, earlier.version, &earlier.sealed)?;
                Ok((earlier.version, earlier.changed, payload))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let version = stored.version;
        let ((), committed) = self
            .store
            .commit(passage, Some(object(record)), move |tx| unchanged(tx, record, version))
            .await?;
        let versions: Vec<_> = opened
            .into_iter()
            .map(|(version, changed, payload)| {
                Ok(Said { version, changed, payload: payload.release(&committed)? })
            })
            .collect::<Result<_, Error>>()?;
        let next = if more { versions.last().map(|said| said.version) } else { None };
        Ok(History { versions, next })
    }

    /// Gives out records of a data subject, for a purpose. Those whose processing is restricted are left out.
    ///
    /// # Errors
    /// When it is refused, or the data subject is unknown.
    pub async fn list_records(
        &self,
        caller: &Caller,
        person: &Person,
        purpose: PurposeName,
        after: Option<RecordId>,
    ) -> Result<Page, Error> {
        let subject = self.find(caller.organisation, person).await?.ok_or(Error::NotFound)?;
        let passage = self.admit(caller, Action::RecordList, purpose, Some(subject)).await?;
        let (found, more) = self
            .store
            .read(&passage, move |tx| {
                let Part { rows, more } = records::list(tx, subject, after, PAGE)?;
                let rows =
                    rows.into_iter().map(|stored| with_related(tx, stored)).collect::<Result<Vec<_>, _>>()?;
                Ok((rows, more))
            })
            .await?;
        let next = if more { found.last().map(|(stored, _)| stored.record) } else { None };
        let key = self.store.ring().subject(caller.organisation, subject).await?;
        let opened = found
            .into_iter()
            .map(|(stored, related)| {
                let payload = open(&passage, &key, stored.record, stored.version, &stored.sealed)?;
                Ok((stored, related, payload))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let given: Vec<_> = opened.iter().map(|(stored, ..)| (stored.record, stored.version)).collect();
        let object = given.iter().map(|(record, _)| object(*record)).collect::<Vec<_>>().join(" ");
        let ((), committed) = self
            .store
            .commit(passage, Some(object), move |tx| {
                given.iter().try_for_each(|(record, version)| unchanged(tx, *record, *version))
            })
            .await?;
        let records = opened
            .into_iter()
            .map(|(stored, related, payload)| Ok(held(stored, related, payload.release(&committed)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Page { records, next })
    }

    /// Changes a record, and says which operation did.
    ///
    /// # Errors
    /// When it is refused, there is none with this id, or it stands at another version than the one to be corrected.
    pub async fn change_record(
        &self,
        caller: &Caller,
        record: RecordId,
        change: Change,
    ) -> Result<OperationId, Error> {
        let (stored, _) = self.look_up_record(caller.organisation, record).await?;
        let (subject, purpose, action) = (stored.subject, stored.purpose, change.action());
        let mut passage = self.admit(caller, action, purpose, Some(subject)).await?;
        let at = passage.operation().at;
        let object = Some(object(record));
        let ((), committed) = match change {
            Change::Rectify { version, payload } => {
                if version != stored.version {
                    return Err(Error::Changed);
                }
                self.inspect(&mut passage, &payload).await?;
                let key = self.store.ring().subject(caller.organisation, subject).await?;
                let sealed = self.seal(&passage, &key, record, version + 1, &payload)?;
                self.store
                    .commit(passage, object, move |tx| {
                        unchanged(tx, record, version)?;
                        records::rectify(tx, record, version, &sealed, at)
                    })
                    .await?
            }
            Change::Restrict(on) => {
                let since = on.then_some(at);
                self.store.commit(passage, object, move |tx| records::restrict(tx, record, since)).await?
            }
            Change::Delete => {
                let (at, removal) = (self.now(), self.new_job_id());
                let deleted = self.store.commit(passage, object, move |tx| {
                    let files = files_to_remove(tx, record, removal, at)?;
                    records::delete(tx, record)?;
                    Ok(files)
                });
                let (files, committed) = deleted.await?;
                // At once where that can be done; where not, the job is on the disk.
                drop(self.remove_files(caller.organisation, files).await);
                ((), committed)
            }
        };
        Ok(committed.operation())
    }

    async fn look_up_record(
        &self,
        organisation: OrganisationId,
        record: RecordId,
    ) -> Result<(Stored, Vec<SubjectId>), Error> {
        let found = self.store.look_up(organisation, move |tx| {
            let stored = records::get(tx, record)?;
            with_related(tx, stored)
        });
        Ok(found.await?)
    }

    /// Admits, examines and seals a record, so that it only has to be written.
    async fn prepare(
        &self,
        caller: &Caller,
        draft: Draft,
    ) -> Result<
        (Passage, Ready<impl FnMut(&mut Writing<'_>) -> Result<(), tacita_store::Error> + Send + 'static>),
        Error,
    > {
        let Draft { person, related, kind, purpose, payload } = draft;
        let (mut passage, key) = self.admit_person(caller, &purpose, &person).await?;
        let subject = key.name().subject;
        let findings = self.inspect(&mut passage, &payload).await?;
        let at = passage.operation().at;
        let record = RecordId::new(at, self.store.random());
        let sealed = self.seal(&passage, &key, record, 1, &payload)?;
        let stored = Stored {
            record,
            subject,
            kind,
            purpose,
            version: 1,
            created: at,
            changed: at,
            restricted: None,
            sealed,
        };
        let insert = move |tx: &mut Writing<'_>| {
            subjects::ensure(tx, subject, at)?;
            records::insert(tx, &stored)?;
            related.iter().try_for_each(|other| match records::relate(tx, record, *other) {
                Err(tacita_store::Error::NotFound) => Err(tacita_store::Error::Unrelated),
                related => related,
            })
        };
        Ok((passage, Ready { record, subject, findings, object: object(record), insert }))
    }

    /// Looks for personal data in what passes, and notes in the passage how much of it there is.
    async fn inspect(
        &self,
        passage: &mut Passage,
        payload: &Sensitive<Vec<u8>>,
    ) -> Result<BTreeMap<String, u64>, Error> {
        let text = payload.read(passage);
        let counts = if text.len() <= SMALL && !self.detector.has_readers() {
            count(&self.detector, text)
        } else {
            let (detector, text) = (Arc::clone(&self.detector), Zeroizing::new(text.clone()));
            tokio::task::spawn_blocking(move || count(&detector, &text))
                .await
                .map_err(|_| tacita_store::Error::Panicked)?
        };
        for (kind, count) in &counts {
            passage.found(kind, *count);
        }
        Ok(counts)
    }

    fn seal(
        &self,
        passage: &Passage,
        key: &SubjectKey,
        record: RecordId,
        version: u32,
        payload: &Sensitive<Vec<u8>>,
    ) -> Result<Sealed, Error> {
        let row = records::row(record, version);
        let place = records::sealed_at(passage.operation().organisation, &row);
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        key.seal(&place, payload.read(passage), &mut chance)
            .map_err(|error| Error::Invalid(error.to_string()))
    }

    async fn open(&self, passage: &Passage, stored: &Stored) -> Result<Sensitive<Vec<u8>>, Error> {
        let key = self.store.ring().subject(passage.operation().organisation, stored.subject).await?;
        open(passage, &key, stored.record, stored.version, &stored.sealed)
    }
}

/// A record that only has to be written.
struct Ready<F> {
    record: RecordId,
    subject: SubjectId,
    findings: BTreeMap<String, u64>,
    object: String,
    insert: F,
}

impl Change {
    const fn action(&self) -> Action {
        match self {
            Self::Rectify { .. } => Action::RecordRectify,
            Self::Restrict(_) => Action::RecordRestrict,
            Self::Delete => Action::RecordDelete,
        }
    }
}

fn count(detector: &Detector, json: &[u8]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    // Written anew, letters are letters: many programs send `\u00f6` for `ö`.
    let plain =
        serde_json::from_slice::<serde_json::Value>(json).map(|value| Zeroizing::new(value.to_string()));
    let text = plain.as_ref().map_or(json, |plain| plain.as_bytes());
    for finding in detector.detect_bytes(text) {
        *counts.entry(detector.entity_name(finding.entity).to_owned()).or_default() += 1;
    }
    counts
}

fn open(
    passage: &Passage,
    key: &SubjectKey,
    record: RecordId,
    version: u32,
    sealed: &Sealed,
) -> Result<Sensitive<Vec<u8>>, Error> {
    let Operation { organisation, .. } = passage.operation();
    let row = records::row(record, version);
    key.open(passage, &records::sealed_at(*organisation, &row), sealed).map_err(|_| {
        tacita_store::Error::Corrupt("a record does not open with the key of its data subject").into()
    })
}

/// Refuses what has been changed or restricted since it was read.
pub(crate) fn unchanged(
    tx: &mut Writing<'_>,
    record: RecordId,
    version: u32,
) -> Result<(), tacita_store::Error> {
    let (now, restricted) = records::standing(tx, record)?;
    if restricted.is_some() {
        return Err(tacita_store::Error::Denied(Denied::Restricted));
    }
    if now == version { Ok(()) } else { Err(tacita_store::Error::Changed) }
}

fn with_related(
    tx: &mut Reading<'_>,
    stored: Stored,
) -> Result<(Stored, Vec<SubjectId>), tacita_store::Error> {
    let related = records::related(tx, stored.record)?;
    Ok((stored, related))
}

fn held(stored: Stored, related: Vec<SubjectId>, payload: Vec<u8>) -> Held {
    let Stored { record, subject, kind, purpose, version, created, changed, restricted, .. } = stored;
    Held { record, subject, related, kind, purpose, version, created, changed, restricted, payload }
}

/// How the ledger names a record.
fn object(record: RecordId) -> String {
    format!("record/{record}")
}
