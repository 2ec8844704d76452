//! Rotation of an organisation's key, while others read and write.
//!
//! A new version is made first; from then on it wraps what is new. Then every older key of a data subject is wrapped again, some at
//! a time, and the seeds of the ledger with the last. A version that wraps nothing any more is removed. Which version wraps a key
//! stands in its row, so that a rotation that was stopped anywhere goes on where it was: there are older versions than the newest.

use std::sync::Arc;

use tacita_domain::{OrganisationId, SubjectId, Timestamp};
use tacita_vault::{KeyKind, KeyName, OrganisationKey, Wrapped};

use super::{INSERT_KEY, KeyRing, OrganisationKeys, TRIES, parse, wrapped_keys, wrapped_secrets};
use crate::{Error, SystemScope, queries};

queries! {
    OLDER = "SELECT subject, kind, version, wrapped FROM subject_keys WHERE organisation = $1 AND (subject, kind) > ($2, $3) \
             AND version < $4 ORDER BY subject, kind LIMIT $5";
    // Where another wraps it meanwhile, or it was destroyed, nothing is written.
    WRAP = "UPDATE subject_keys SET version = $5, wrapped = $6 WHERE organisation = $1 AND subject = $2 AND kind = $3 AND version = $4";
    WRAP_SECRET = "UPDATE organisation_secrets SET version = $4, wrapped = $5 WHERE organisation = $1 AND name = $2 AND version = $3";
    // Nobody in the organisation writes while this does: what was wrapped by this version is seen.
    REMOVE = "DELETE FROM organisation_keys WHERE organisation = $1 AND version = $2 \
              AND NOT EXISTS (SELECT 1 FROM subject_keys WHERE organisation = $1 AND version = $2) \
              AND NOT EXISTS (SELECT 1 FROM organisation_secrets WHERE organisation = $1 AND version = $2)";
}

/// A rotation that is under way.
#[derive(Debug)]
pub struct Rotation {
    organisation: OrganisationId,
    keys: Arc<OrganisationKeys>,
    is_resumed: bool,
    /// The last key that was looked at.
    after: (SubjectId, KeyKind),
}

impl Rotation {
    /// The version that wraps everything in the end.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.keys.newest().version()
    }

    /// Whether it was begun before and stopped.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.is_resumed
    }
}

/// A key that an older version wraps.
struct Older {
    name: KeyName,
    version: u32,
    wrapped: Wrapped,
}

impl KeyRing {
    /// Makes a new version of an organisation's key; where a rotation was stopped before its end, it goes on instead. When this
    /// returns, the version is on the disk.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the organisation has no keys; or when the root key was changed since this was opened, or is in a
    /// service that does not answer.
    pub async fn rotate(&self, organisation: OrganisationId, at: Timestamp) -> Result<Rotation, Error> {
        let begin = |keys, is_resumed| Rotation {
            organisation,
            keys,
            is_resumed,
            after: (SubjectId::from_bytes([0; 16]), KeyKind::Evidence),
        };
        for _ in 0..TRIES {
            let keys = self.reload(organisation).await?;
            if keys.versions.len() > 1 {
                return Ok(begin(keys, true));
            }
            match self.add_version(organisation, &keys, at).await {
                // Another rotation has begun meanwhile, or the root key was changed.
                Err(Error::Changed | Error::Exists) => {}
                added => {
                    added?;
                    return Ok(begin(self.reload(organisation).await?, false));
                }
            }
        }
        Err(Error::Busy)
    }

    async fn add_version(
        &self,
        organisation: OrganisationId,
        keys: &Arc<OrganisationKeys>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let before = self.database.read(organisation, wrapped_keys).await?;
        let (root, memory, mut chance) = (Arc::clone(&self.root), self.memory.clone(), self.chance);
        let (known, keys) = (before.clone(), Arc::clone(keys));
        let made = move || {
            // Not by a root key that another has taken the place of.
            for (version, wrapped) in &known {
                OrganisationKey::unwrap(&root, organisation, *version, wrapped, &memory)
                    .map_err(|error| Error::Key(error.to_string()))?;
            }
            let key = keys.newest().rotate(&memory, &mut chance);
            let wrapped = key.wrap(&root, &mut chance).map_err(|error| Error::Key(error.to_string()))?;
            Ok::<_, Error>((key.version(), wrapped))
        };
        let (version, wrapped) = tokio::task::spawn_blocking(made).await.map_err(|_| Error::Panicked)??;
        self.database
            .write_spanning(SystemScope::ChangeRoot, move |tx| {
                tx.seize_root();
                let tx = &mut tx.within(organisation);
                if wrapped_keys(tx)? != before {
                    return Err(Error::Changed);
                }
                tx.execute(INSERT_KEY, &[version.into(), at.into(), wrapped.as_bytes().into()]).map(drop)
            })
            .await
    }

    /// Wraps the next keys of data subjects by the newest version, at most so many, and says how many; none at the end. When this
    /// returns, that is on the disk.
    ///
    /// # Errors
    /// When a key does not open, or the key ring can't write.
    pub async fn wrap_again(&self, rotation: &mut Rotation, most: u32) -> Result<usize, Error> {
        let organisation = rotation.organisation;
        let (newest, (subject, kind)) = (rotation.version(), rotation.after);
        let older = self
            .database
            .read(organisation, move |tx| {
                let after = [(&subject).into(), kind.as_str().into(), newest.into(), most.into()];
                tx.query(OLDER, &after, |row| {
                    let kind = KeyKind::parse(&row.get::<String>(1)?);
                    let kind = kind.ok_or(Error::Corrupt("a key in the key ring is of no known kind"))?;
                    let name = KeyName { organisation, subject: row.get(0)?, kind };
                    Ok(Older { name, version: row.get(2)?, wrapped: parse(row.get(3)?)? })
                })
            })
            .await?;
        let Some(last) = older.last().map(|key| (key.name.subject, key.name.kind)) else { return Ok(0) };
        let (keys, mut chance) = (Arc::clone(&rotation.keys), self.chance);
        let wrapped = tokio::task::spawn_blocking(move || {
            let again = older.into_iter().map(|key| {
                let by = keys.version(key.version)?;
                let wrapped = keys.newest().rewrap_subject(by, key.name, &key.wrapped, &mut chance);
                let wrapped = wrapped.map_err(|error| Error::Key(error.to_string()))?;
                Ok(Older { wrapped, ..key })
            });
            again.collect::<Result<Vec<_>, Error>>()
        });
        let wrapped = wrapped.await.map_err(|_| Error::Panicked)??;
        let count = wrapped.len();
        self.database
            .write(organisation, move |tx| {
                for Older { name, version, wrapped } in &wrapped {
                    let row = [(&name.subject).into(), name.kind.as_str().into(), (*version).into()];
                    let [subject, kind, version] = row;
                    tx.queue(WRAP, &[subject, kind, version, newest.into(), wrapped.as_bytes().into()])?;
                }
                Ok(())
            })
            .await?;
        rotation.after = last;
        Ok(count)
    }

    /// Wraps the secrets too and removes the versions that wrap nothing any more; whether it is done. Where it is not, somebody
    /// has written by an older version meanwhile, and the rotation goes over all keys once more.
    ///
    /// # Errors
    /// When a secret does not open, or the key ring can't write.
    pub async fn remove_versions(&self, rotation: &mut Rotation) -> Result<bool, Error> {
        let (organisation, keys, memory, chance) =
            (rotation.organisation, Arc::clone(&rotation.keys), self.memory.clone(), self.chance);
        let is_done = self
            .database
            .write(organisation, move |tx| {
                let mut chance = chance;
                let (newest, version) = (keys.newest(), keys.newest().version());
                for (name, by, wrapped) in wrapped_secrets(tx)?.into_iter().filter(|(_, by, _)| *by < version)
                {
                    let secret = keys.version(by)?.unwrap_secret(&name, &wrapped, &memory);
                    let secret = secret.map_err(|error| Error::Key(error.to_string()))?;
                    let wrapped = newest.wrap_secret(&name, &secret, &mut chance);
                    let row = [name.as_str().into(), by.into(), version.into(), wrapped.as_bytes().into()];
                    tx.execute(WRAP_SECRET, &row)?;
                }
                for older in
                    keys.versions.iter().map(OrganisationKey::version).filter(|older| *older < version)
                {
                    tx.execute(REMOVE, &[older.into()])?;
                }
                Ok(wrapped_keys(tx)?.len() == 1)
            })
            .await?;
        rotation.after = (SubjectId::from_bytes([0; 16]), KeyKind::Evidence);
        rotation.keys = self.reload(organisation).await?;
        Ok(is_done)
    }
}
