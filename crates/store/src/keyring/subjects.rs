//! Keys of data subjects.

use tacita_domain::{OrganisationId, SubjectId};
use tacita_vault::{KeyKind, KeyName, Lookup, Overtaken, SubjectKey, Wrapped};

use super::{Identity, KeyRing, OrganisationKeys, TRIES, parse, removals};
use crate::{Error, database::Reading, queries};

queries! {
    KEY = "SELECT version, wrapped FROM subject_keys WHERE organisation = $1 AND subject = $2 AND kind = $3";
    // Only by the newest version: an older one is removed as soon as it wraps nothing.
    INSERT = "INSERT INTO subject_keys (organisation, subject, kind, reference, version, wrapped) SELECT $1, $2, $3, $4, $5, $6 \
              WHERE $5 = (SELECT max(version) FROM organisation_keys WHERE organisation = $1)";
    BY_REFERENCE = "SELECT subject FROM subject_keys WHERE organisation = $1 AND reference = $2";
    LIST = "SELECT DISTINCT subject FROM subject_keys WHERE organisation = $1 AND subject > $2 AND subject < $3 \
            ORDER BY subject LIMIT $4";
    DELETE = "DELETE FROM subject_keys WHERE organisation = $1 AND subject = $2";
    DELETE_IDENTITIES = "DELETE FROM identities WHERE organisation = $1 AND subject = $2";
}

/// In which context the rows that stay refer to a data subject.
const CONTEXT: &[u8] = b"ledger";

impl KeyRing {
    /// The key of a data subject.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such data subject, or they were erased.
    pub async fn subject(
        &self,
        organisation: OrganisationId,
        subject: SubjectId,
    ) -> Result<SubjectKey, Error> {
        let name = KeyName { organisation, subject, kind: KeyKind::Subject };
        let mut unknown = None;
        for _ in 0..TRIES {
            self.heed_removals(organisation).await?;
            let vacancy = match self.cache.get(name) {
                Lookup::Found(key) => return Ok(key),
                Lookup::Absent(vacancy) => vacancy,
            };
            let keys = self.organisation(organisation).await?;
            let found = self.database.read(organisation, move |tx| wrapped(tx, name)).await?;
            let (version, wrapped) = found.ok_or(Error::NotFound)?;
            let key = match keys.version(version) {
                Ok(key) => key,
                // It was rotated since its keys were read.
                Err(error) => {
                    self.reload(organisation).await?;
                    unknown = Some(error);
                    continue;
                }
            };
            let key = key
                .unwrap_subject(name, &wrapped, &self.memory)
                .map_err(|error| Error::Key(error.to_string()))?;
            if let Ok(key) = self.cache.fill(&vacancy, key) {
                return Ok(key);
            }
        }
        Err(unknown.unwrap_or(Error::Busy))
    }

    /// Makes the key of a new data subject, and the marks by which they are found. When this returns, all are on the disk.
    ///
    /// # Errors
    /// [`Error::Exists`] when the data subject has a key, or an identity means somebody already.
    pub async fn found_subject(
        &self,
        organisation: OrganisationId,
        subject: SubjectId,
        identities: &[Identity],
    ) -> Result<SubjectKey, Error> {
        self.heed_removals(organisation).await?;
        let mut keys = self.organisation(organisation).await?;
        for _ in 0..TRIES {
            match self.try_to_found_subject(&keys, organisation, subject, identities).await {
                // It was rotated since its keys were read.
                Err(Error::Changed) => keys = self.reload(organisation).await?,
                done => return done,
            }
        }
        Err(Error::Busy)
    }

    async fn try_to_found_subject(
        &self,
        keys: &OrganisationKeys,
        organisation: OrganisationId,
        subject: SubjectId,
        identities: &[Identity],
    ) -> Result<SubjectKey, Error> {
        let name = KeyName { organisation, subject, kind: KeyKind::Subject };
        let mut chance = self.chance;
        let key = SubjectKey::generate(name, &self.memory, &mut chance);
        let reference = reference(&key)?;
        // Asked before it is written: whoever destroys the key right afterwards overtakes it on its way into memory.
        let before = self.cache.get(name);
        let wrapped =
            keys.newest().wrap_subject(&key, &mut chance).map_err(|error| Error::Key(error.to_string()))?;
        let version = keys.newest().version();
        let marks: Vec<_> = identities.iter().map(|identity| identity.mark(keys)).collect();
        self.database
            .write(organisation, move |tx| {
                let kind = name.kind.as_str();
                let values = [
                    (&subject).into(),
                    kind.into(),
                    (&reference).into(),
                    version.into(),
                    wrapped.as_bytes().into(),
                ];
                if tx.execute(INSERT, &values)? == 0 {
                    return Err(Error::Changed);
                }
                marks.iter().try_for_each(|mark| mark.insert(tx, subject))
            })
            .await?;
        match before {
            Lookup::Absent(vacancy) => match self.cache.fill(&vacancy, key) {
                Ok(key) => Ok(key),
                // It was destroyed, or another one of these was: read it again.
                Err(Overtaken) => self.subject(organisation, subject).await,
            },
            Lookup::Found(_) => Ok(key),
        }
    }

    /// Whom a reference of the ledger's means; none where their key is destroyed.
    ///
    /// # Errors
    /// When the key ring can't answer.
    pub async fn by_reference(
        &self,
        organisation: OrganisationId,
        reference: [u8; 32],
    ) -> Result<Option<SubjectId>, Error> {
        self.database
            .read(organisation, move |tx| {
                tx.query_one(BY_REFERENCE, &[(&reference).into()], |row| row.get(0))
            })
            .await
    }

    /// Those who have keys, after `after` and before `before`: at most `limit`, in the order of their ids.
    ///
    /// # Errors
    /// When the key ring can't answer.
    pub async fn subjects(
        &self,
        organisation: OrganisationId,
        after: SubjectId,
        before: SubjectId,
        limit: u32,
    ) -> Result<Vec<SubjectId>, Error> {
        self.database
            .read(organisation, move |tx| {
                tx.query(LIST, &[(&after).into(), (&before).into(), limit.into()], |row| row.get(0))
            })
            .await
    }

    /// Destroys a data subject's keys and the marks by which they are found. When this returns, that is on the disk, and no key
    /// is in the memory of this process; others use none later than a second after.
    ///
    /// # Errors
    /// When the key ring can't write it; then nothing is destroyed, unless the error is [`Error::Unsure`].
    pub async fn destroy_subject(
        &self,
        organisation: OrganisationId,
        subject: SubjectId,
    ) -> Result<u64, Error> {
        let destroyed = self
            .database
            .write(organisation, move |tx| {
                tx.execute(DELETE_IDENTITIES, &[(&subject).into()])?;
                let destroyed = tx.execute(DELETE, &[(&subject).into()])?;
                let count = if destroyed > 0 { Some(removals::add(tx)?) } else { None };
                Ok((destroyed, count))
            })
            .await;
        // Whatever came of it: it may be written although nobody can say so, and what is still there is read again.
        self.cache.remove(organisation, subject);
        let (destroyed, count) = destroyed?;
        if let Some(count) = count {
            self.note_removal(organisation, count);
        }
        Ok(destroyed)
    }
}

/// By which the rows that stay refer to the data subject of `key`.
pub(crate) fn reference(key: &SubjectKey) -> Result<[u8; 32], Error> {
    key.audit_reference(CONTEXT).map_err(|_| Error::NotFound)
}

fn wrapped(tx: &mut Reading<'_>, name: KeyName) -> Result<Option<(u32, Wrapped)>, Error> {
    let kind = name.kind.as_str();
    tx.query_one(KEY, &[(&name.subject).into(), kind.into()], |row| Ok((row.get(0)?, parse(row.get(1)?)?)))
}
