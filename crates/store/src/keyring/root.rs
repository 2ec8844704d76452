//! Changing the root key: every organisation's key is wrapped by another one, all of them in one transaction.

use std::sync::Arc;

use tacita_domain::OrganisationId;
use tacita_vault::{ExportError, OrganisationKey, Root, Wrapped};

use super::{KeyRing, TRIES, parse, sentinel};
use crate::{Error, Spanning, SystemScope, queries, system_queries};

system_queries! {
    ALL = "SELECT organisation, version, wrapped FROM organisation_keys ORDER BY organisation, version";
}
queries! {
    WRAP = "UPDATE organisation_keys SET wrapped = $3 WHERE organisation = $1 AND version = $2";
}

/// Which key of which organisation, wrapped by the root key.
type Key = (OrganisationId, u32, Wrapped);

impl KeyRing {
    /// Wraps every organisation's key by another root key, and says how many. When this returns, that is on the disk, and the
    /// former root key opens none of them. This key ring still has the former: it is to be closed.
    ///
    /// # Errors
    /// When a key does not open by the former root key, or one of the two is in a service that does not answer; then nothing is
    /// changed.
    pub async fn change_root(&self, to: &Arc<Root>) -> Result<usize, Error> {
        for _ in 0..TRIES {
            let before = self.database.span(SystemScope::ChangeRoot, read).await?;
            let (from, to, memory, mut chance) =
                (Arc::clone(&self.root), Arc::clone(to), self.memory.clone(), self.chance);
            let known = before.clone();
            let wrapped = tokio::task::spawn_blocking(move || {
                let (known, keys) = known;
                known.check(&from, &memory).map_err(|error| Error::Key(error.to_string()))?;
                let sentinel = sentinel::wrap(&to, &memory, chance)?;
                let again = keys.into_iter().map(|(organisation, version, wrapped)| {
                    let failed = |error: &dyn std::fmt::Display| {
                        Error::Key(format!(
                            "version {version} of the key of organisation {organisation}: {error}"
                        ))
                    };
                    let open = |root: &Root, wrapped: &Wrapped| {
                        OrganisationKey::unwrap(root, organisation, version, wrapped, &memory)
                    };
                    let key = open(&from, &wrapped).map_err(|error| failed(&error))?;
                    let wrapped = key.wrap(&to, &mut chance).map_err(|error| failed(&error))?;
                    // A service may take a key and not give it back: its policy says what of it is allowed.
                    open(&to, &wrapped).map_err(|error| failed(&error))?;
                    Ok((organisation, version, wrapped))
                });
                Ok::<_, Error>((sentinel, again.collect::<Result<Vec<Key>, Error>>()?))
            });
            let (sentinel, wrapped) = wrapped.await.map_err(|_| Error::Panicked)??;
            let count = wrapped.len();
            let written = self.database.write_spanning(SystemScope::ChangeRoot, move |tx| {
                tx.seize_root();
                if read(tx)? != before {
                    return Err(Error::Changed);
                }
                sentinel::set(tx, &sentinel)?;
                for (organisation, version, wrapped) in &wrapped {
                    let row = [(*version).into(), wrapped.as_bytes().into()];
                    tx.within(*organisation).queue(WRAP, &row)?;
                }
                Ok(())
            });
            match written.await {
                Err(Error::Changed) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(count),
            }
        }
        Err(Error::Busy)
    }

    /// A copy of the root key under a passphrase, to be kept where the machine is not; none where it is in a service, which gives
    /// it to nobody. It takes a moment.
    ///
    /// # Errors
    /// When the passphrase is empty.
    pub fn export_root(&self, passphrase: &str) -> Option<Result<String, ExportError>> {
        let mut chance = self.chance;
        match &*self.root {
            Root::Local(key) => Some(key.export(passphrase, &mut chance)),
            Root::Transit(_) => None,
        }
    }
}

fn read(tx: &mut Spanning<'_>) -> Result<(sentinel::Known, Vec<Key>), Error> {
    Ok((sentinel::Known::read(tx)?, all(tx)?))
}

fn all(tx: &mut Spanning<'_>) -> Result<Vec<Key>, Error> {
    tx.query(ALL, &[], |row| Ok((row.get(0)?, row.get(1)?, parse(row.get(2)?)?)))
}
