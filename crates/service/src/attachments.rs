//! Files of records: sealed as they are added, opened as they are given out.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use tacita_corridor::Sensitive;
use tacita_domain::{
    Action, AttachmentId, Job, JobId, OperationId, OrganisationId, RecordId, SubjectId, Timestamp,
};
use tacita_store::{
    Writing,
    attachments::{self, Stored},
    jobs::{self, New},
    records,
};
use zeroize::{Zeroize, Zeroizing};

use crate::{Caller, Error, Service, records::unchanged};

/// Longest name of a file, in bytes.
const LONGEST_NAME: usize = 255;
/// Longest media type, in bytes.
const LONGEST_TYPE: usize = 127;

/// What a file is called, and what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileName {
    /// What it is called.
    pub name: String,
    /// What it is: a media type (RFC 6838).
    pub media: String,
}

impl Zeroize for FileName {
    fn zeroize(&mut self) {
        self.name.zeroize();
        self.media.zeroize();
    }
}

/// A file of a record, without what is in it.
#[derive(Debug)]
pub struct Attached {
    /// Its id.
    pub attachment: AttachmentId,
    /// When it was added.
    pub created: Timestamp,
    /// Its length in bytes.
    pub size: i64,
    /// What it is called.
    pub file: FileName,
}

impl Service {
    /// Adds a file to a record. When this returns, it is on the disk, sealed with the key of whom the record is about.
    ///
    /// # Errors
    /// When it is refused, there is no such record, or the record has too many files; then nothing of it is kept.
    pub async fn add_attachment(
        &self,
        caller: &Caller,
        record: RecordId,
        file: Sensitive<FileName>,
        bytes: Sensitive<Vec<u8>>,
    ) -> Result<(AttachmentId, OperationId), Error> {
        let organisation = caller.organisation;
        let (subject, version, passage) = self.admit_to(caller, record, Action::AttachmentAdd).await?;
        let FileName { name, media } = file.read(&passage);
        if name.is_empty() || name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(Error::Invalid(format!(
                "not a file's name: give 1 to {LONGEST_NAME} bytes without control characters"
            )));
        }
        if media.len() > LONGEST_TYPE || !media.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            return Err(Error::Invalid(format!(
                "not a media type: give at most {LONGEST_TYPE} plain letters"
            )));
        }
        let at = passage.operation().at;
        let attachment = AttachmentId::new(at, self.store.random());
        let key = self.store.ring().subject(organisation, subject).await?;
        let described = Zeroizing::new(serde_json::to_vec(file.read(&passage)).expect("texts make JSON"));
        let mut chance = self.store.chance();
        let sealed = key
            .seal(&attachments::sealed_at(organisation, &attachment), &described, &mut chance)
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let text = bytes.read(&passage);
        let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let (files, text) = (self.files.clone(), Zeroizing::new(text.clone()));
        drop(bytes);
        let writing = tokio::task::spawn_blocking(move || {
            files.write(organisation, attachment, |to| {
                let place = attachments::file_at(organisation, &attachment);
                let mut to = key.seal_stream(&place, to, &mut chance).map_err(std::io::Error::other)?;
                to.write_all(&text)?;
                to.finish().map(drop)
            })
        });
        finished(writing.await)?;
        let stored = Stored { attachment, record, created: at, size, sealed };
        let object = Some(format!("record/{record}/attachment/{attachment}"));
        let committed = self.store.commit(passage, object, move |tx| {
            unchanged(tx, record, version)?;
            attachments::insert(tx, &stored)
        });
        match committed.await {
            Ok(((), committed)) => Ok((attachment, committed.operation())),
            Err(error) => {
                // Where it may have been written after all, the file belongs to a row; if not, it is swept up later.
                if !matches!(error, tacita_store::Error::Unsure(_) | tacita_store::Error::Stopped) {
                    drop(self.remove_files(organisation, vec![attachment]).await);
                }
                Err(error.into())
            }
        }
    }

    /// The files of a record, oldest first.
    ///
    /// # Errors
    /// When it is refused, or there is no such record.
    pub async fn list_attachments(&self, caller: &Caller, record: RecordId) -> Result<Vec<Attached>, Error> {
        let (subject, version, passage) = self.admit_to(caller, record, Action::AttachmentRead).await?;
        let found = self.store.read(&passage, move |tx| attachments::of_record(tx, record)).await?;
        let key = self.store.ring().subject(caller.organisation, subject).await?;
        let mut opened = Vec::with_capacity(found.len());
        for stored in found {
            let place = attachments::sealed_at(caller.organisation, &stored.attachment);
            let file = key.open(&passage, &place, &stored.sealed).map_err(|_| damaged())?;
            opened.push((stored.attachment, stored.created, stored.size, file));
        }
        let object = Some(format!("record/{record}"));
        let ((), committed) =
            self.store.commit(passage, object, move |tx| unchanged(tx, record, version)).await?;
        let attached = opened.into_iter().map(|(attachment, created, size, file)| {
            let file = serde_json::from_slice(&file.release(&committed)?).map_err(|_| damaged())?;
            Ok(Attached { attachment, created, size, file })
        });
        attached.collect()
    }

    /// Gives a file out.
    ///
    /// # Errors
    /// When it is refused, or there is no such file.
    pub async fn read_attachment(
        &self,
        caller: &Caller,
        attachment: AttachmentId,
    ) -> Result<(FileName, Vec<u8>), Error> {
        let organisation = caller.organisation;
        let stored = self.store.look_up(organisation, move |tx| attachments::get(tx, attachment)).await?;
        let record = stored.record;
        let (subject, version, passage) = self.admit_to(caller, record, Action::AttachmentRead).await?;
        let key = self.store.ring().subject(organisation, subject).await?;
        let file = key
            .open(&passage, &attachments::sealed_at(organisation, &attachment), &stored.sealed)
            .map_err(|_| damaged())?;
        let sealed = {
            let files = self.files.clone();
            let reading = tokio::task::spawn_blocking(move || {
                let mut bytes = Vec::new();
                files.read(organisation, attachment)?.read_to_end(&mut bytes).map(|_| bytes)
            });
            finished(reading.await)?
        };
        let place = attachments::file_at(organisation, &attachment);
        let mut opening = key.open_stream(&passage, &place, &*sealed).map_err(|_| damaged())?;
        let mut bytes = Vec::with_capacity(sealed.len());
        opening.read_to_end(&mut bytes).map_err(|_| damaged())?;
        let bytes = Sensitive::opened(bytes, &passage);
        let object = Some(format!("record/{record}/attachment/{attachment}"));
        let committed = self.store.commit(passage, object, move |tx| {
            unchanged(tx, record, version)?;
            attachments::get(tx, attachment).map(drop)
        });
        let ((), committed) = committed.await?;
        let file = serde_json::from_slice(&file.release(&committed)?).map_err(|_| damaged())?;
        Ok((file, bytes.release(&committed)?))
    }

    /// Leave to do something with the files of a record: whose it is, and at which version it stands.
    async fn admit_to(
        &self,
        caller: &Caller,
        record: RecordId,
        action: Action,
    ) -> Result<(SubjectId, u32, tacita_corridor::Passage), Error> {
        let stored = self.store.look_up(caller.organisation, move |tx| records::get(tx, record)).await?;
        let passage = self.admit(caller, action, stored.purpose, Some(stored.subject)).await?;
        Ok((stored.subject, stored.version, passage))
    }

    /// Removes files whose rows are gone. That one is gone already is no error.
    ///
    /// # Errors
    /// When one can't be removed; those after it are still there.
    pub(crate) async fn remove_files(
        &self,
        organisation: OrganisationId,
        attachments: Vec<AttachmentId>,
    ) -> Result<(), Error> {
        let files = self.files.clone();
        let remove =
            move || attachments.into_iter().try_for_each(|attachment| files.remove(organisation, attachment));
        finished(tokio::task::spawn_blocking(remove).await)
    }

    /// Sets files aside that no row knows: of records that were deleted, or operations that were not done, when the power went
    /// before the file did. A week later they are removed. Until then a wrong or older database, once it is put right, finds
    /// its files where they were.
    ///
    /// # Errors
    /// When the folder or the store can't be read.
    pub(crate) async fn sweep_files(&self, organisation: OrganisationId) -> Result<u64, Error> {
        let (files, now) = (self.files.clone(), std::time::SystemTime::from(self.now()));
        let sweeping = files.clone();
        let old = tokio::task::spawn_blocking(move || {
            sweeping.remove_set_aside(organisation, now)?;
            sweeping.old(organisation, now)
        });
        let mut swept = 0;
        for attachment in finished(old.await)? {
            let row = self.store.look_up(organisation, move |tx| attachments::get(tx, attachment)).await;
            let files = files.clone();
            match row {
                Err(tacita_store::Error::NotFound) => {
                    let aside = move || files.set_aside(organisation, attachment, now);
                    finished(tokio::task::spawn_blocking(aside).await)?;
                    swept += 1;
                }
                Ok(_) => {
                    let back = move || files.put_back(organisation, attachment);
                    finished(tokio::task::spawn_blocking(back).await)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(swept)
    }
}

/// The files of a record that is to be deleted, and puts the job in that removes them, which is part of the deletion.
pub(crate) fn files_to_remove(
    tx: &mut Writing<'_>,
    record: RecordId,
    removal: JobId,
    at: Timestamp,
) -> Result<Vec<AttachmentId>, tacita_store::Error> {
    let files: Vec<_> = attachments::of_record(tx, record)?.into_iter().map(|file| file.attachment).collect();
    if !files.is_empty() {
        let job = Job::RemoveFiles { files: files.clone() };
        jobs::enqueue(tx, &New { id: removal, job, once: None, due: at }, at)?;
    }
    Ok(files)
}

/// What came of work with files on another thread.
fn finished<T>(done: Result<std::io::Result<T>, tokio::task::JoinError>) -> Result<T, Error> {
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Error::Files(error)),
        Err(_) => Err(tacita_store::Error::Panicked.into()),
    }
}

fn damaged() -> Error {
    tacita_store::Error::Corrupt(
        "a file of a record, or its name, does not open with the key of its data subject",
    )
    .into()
}
