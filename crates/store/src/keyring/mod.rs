//! The key ring: a database of its own for wrapped keys, and the keyed marks by which a person is found.
//!
//! It is small and has a short backup window of its own, so that a key destroyed here is soon gone everywhere, and with it
//! whatever it sealed, in backups too. A data subject's key is on the disk here before it seals anything.

mod identities;
mod removals;
mod root;
mod rotation;
mod sentinel;
mod subjects;
mod verify;

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, PoisonError, RwLock},
};

use tacita_domain::{OrganisationId, Timestamp};
use tacita_vault::{KeyCache, OrganisationKey, Root, Secret, SecureMemory, Wrapped};

use crate::{
    Chance, Clock, Error, SystemScope,
    database::{
        Candidate, Database, Reading, Spanning,
        migrate::{Migrations, migrations},
    },
    queries, system_queries,
};

use removals::Removals;

pub use identities::Identity;
pub use rotation::Rotation;
use sentinel::Known;
pub(crate) use subjects::reference;
pub use verify::{Sample, Verified, verify};

pub(crate) const MIGRATIONS: Migrations = migrations!("../../migrations", "keyring" / "0001_keys");

/// How often something is tried again that another process changes meanwhile.
const TRIES: usize = 8;

/// The seeds by which an organisation's ledger is signed.
const SEEDS: [&str; 2] = ["ledger ed25519", "ledger ml-dsa-44"];

system_queries! {
    FIRST_KEY = "SELECT organisation, version, wrapped FROM organisation_keys ORDER BY organisation, version LIMIT 1";
}
queries! {
    KEYS = "SELECT version, wrapped FROM organisation_keys WHERE organisation = $1 ORDER BY version";
    INSERT_KEY = "INSERT INTO organisation_keys (organisation, version, created, wrapped) VALUES ($1, $2, $3, $4)";
    SECRETS = "SELECT name, version, wrapped FROM organisation_secrets WHERE organisation = $1";
    INSERT_SECRET = "INSERT INTO organisation_secrets (organisation, name, version, wrapped) VALUES ($1, $2, $3, $4)";
}

/// The keys of one organisation.
#[derive(Debug)]
pub struct OrganisationKeys {
    /// Oldest first; never empty.
    versions: Vec<OrganisationKey>,
    seeds: HashMap<String, Secret>,
}

impl OrganisationKeys {
    /// The keys that lie wrapped in the key ring.
    pub(crate) fn open(
        root: &Root,
        organisation: OrganisationId,
        versions: Vec<(u32, Wrapped)>,
        secrets: Vec<(String, u32, Wrapped)>,
        memory: &SecureMemory,
    ) -> Result<Self, Error> {
        let failed = |error: tacita_vault::UnwrapError| Error::Key(error.to_string());
        let versions = versions.into_iter().map(|(version, wrapped)| {
            OrganisationKey::unwrap(root, organisation, version, &wrapped, memory).map_err(failed)
        });
        let mut keys = Self { versions: versions.collect::<Result<_, _>>()?, seeds: HashMap::new() };
        for (name, version, wrapped) in secrets {
            let seed = keys.version(version)?.unwrap_secret(&name, &wrapped, memory).map_err(failed)?;
            keys.seeds.insert(name, seed);
        }
        Ok(keys)
    }

    /// The version that wraps what is new.
    ///
    /// # Panics
    /// Never: there is a first version.
    #[must_use]
    pub fn newest(&self) -> &OrganisationKey {
        self.versions.last().expect("an organisation is founded with a key")
    }

    /// Every version there is, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[OrganisationKey] {
        &self.versions
    }

    /// The key of a version.
    ///
    /// # Errors
    /// When there is none of this version.
    pub fn version(&self, version: u32) -> Result<&OrganisationKey, Error> {
        self.versions
            .iter()
            .find(|key| key.version() == version)
            .ok_or(Error::Corrupt("a key is wrapped by a version that the key ring does not have"))
    }

    /// The seed of the ledger's Ed25519 signatures.
    ///
    /// # Errors
    /// When the key ring does not have it.
    pub fn ed25519_seed(&self) -> Result<&Secret, Error> {
        self.seed(SEEDS[0])
    }

    /// The seed of the ledger's ML-DSA-44 signatures.
    ///
    /// # Errors
    /// When the key ring does not have it.
    pub fn ml_dsa_seed(&self) -> Result<&Secret, Error> {
        self.seed(SEEDS[1])
    }

    fn seed(&self, name: &str) -> Result<&Secret, Error> {
        self.seeds.get(name).ok_or(Error::Corrupt("the key ring lacks the seeds of a ledger's signatures"))
    }
}

/// The key ring.
pub struct KeyRing {
    database: Database,
    root: Arc<Root>,
    memory: SecureMemory,
    chance: Chance,
    cache: KeyCache,
    removals: Removals,
    organisations: RwLock<HashMap<OrganisationId, Arc<OrganisationKeys>>>,
}

impl KeyRing {
    /// At most `cached` subject keys are in memory at a time.
    pub(crate) fn new(
        database: Database,
        root: Arc<Root>,
        memory: SecureMemory,
        chance: Chance,
        clock: Clock,
        cached: NonZeroUsize,
    ) -> Self {
        let cache = KeyCache::new(cached);
        let removals = Removals::new(clock);
        Self { database, root, memory, chance, cache, removals, organisations: RwLock::default() }
    }

    /// Makes the keys of a new organisation. When this returns, they are on the disk.
    ///
    /// # Errors
    /// [`Error::Exists`] when it has keys already; or when the root key was changed since this was opened, or is in a service that
    /// does not answer.
    pub async fn found(&self, organisation: OrganisationId, at: Timestamp) -> Result<(), Error> {
        for _ in 0..TRIES {
            match self.try_to_found(organisation, at).await {
                Err(Error::Changed) => {}
                done => return done,
            }
        }
        Err(Error::Busy)
    }

    async fn try_to_found(&self, organisation: OrganisationId, at: Timestamp) -> Result<(), Error> {
        let before = self.database.span(SystemScope::Found, Known::read).await?;
        let (root, memory, mut chance) = (Arc::clone(&self.root), self.memory.clone(), self.chance);
        let known = before.clone();
        // The root may be in a service on the network, which is waited for.
        let wrapped = tokio::task::spawn_blocking(move || {
            // Another root key may have taken the place of the one that this process has.
            known.check(&root, &memory).map_err(|error| Error::Key(error.to_string()))?;
            let sentinel = match known.sentinel {
                Some(_) => None,
                None => Some(sentinel::wrap(&root, &memory, chance)?),
            };
            let key = OrganisationKey::generate(organisation, &memory, &mut chance);
            let wrapped = key.wrap(&root, &mut chance).map_err(|error| Error::Key(error.to_string()))?;
            let seeds = SEEDS.map(|name| {
                let seed = Secret::generate(&memory, &mut chance);
                (name, key.wrap_secret(name, &seed, &mut chance))
            });
            Ok::<_, Error>((key.version(), wrapped, seeds, sentinel))
        });
        let (version, wrapped, seeds, sentinel) = wrapped.await.map_err(|_| Error::Panicked)??;
        self.database
            .write_spanning(SystemScope::Found, move |tx| {
                tx.seize_root();
                if Known::read(tx)? != before {
                    return Err(Error::Changed);
                }
                if let Some(sentinel) = &sentinel {
                    sentinel::set(tx, sentinel)?;
                }
                let tx = &mut tx.within(organisation);
                tx.execute(INSERT_KEY, &[version.into(), at.into(), wrapped.as_bytes().into()])?;
                for (name, wrapped) in &seeds {
                    tx.execute(INSERT_SECRET, &[(*name).into(), version.into(), wrapped.as_bytes().into()])?;
                }
                Ok(())
            })
            .await
    }

    /// The keys of an organisation.
    ///
    /// # Errors
    /// When it has none here, or the root does not open them.
    pub async fn organisation(&self, organisation: OrganisationId) -> Result<Arc<OrganisationKeys>, Error> {
        let known =
            self.organisations.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned();
        match known {
            Some(keys) => Ok(keys),
            None => self.reload(organisation).await,
        }
    }

    /// The keys of an organisation as they lie on the disk now: another process may have made a new version of them.
    ///
    /// # Errors
    /// When it has none here, or the root does not open them.
    pub async fn refresh(&self, organisation: OrganisationId) -> Result<Arc<OrganisationKeys>, Error> {
        self.reload(organisation).await
    }

    async fn reload(&self, organisation: OrganisationId) -> Result<Arc<OrganisationKeys>, Error> {
        let (keys, secrets) =
            self.database.read(organisation, |tx| Ok((wrapped_keys(tx)?, wrapped_secrets(tx)?))).await?;
        if keys.is_empty() {
            return Err(Error::NotFound);
        }
        let (root, memory) = (Arc::clone(&self.root), self.memory.clone());
        let opened = tokio::task::spawn_blocking(move || {
            OrganisationKeys::open(&root, organisation, keys, secrets, &memory).map(Arc::new)
        });
        let keys = opened.await.map_err(|_| Error::Panicked)??;
        let mut organisations = self.organisations.write().unwrap_or_else(PoisonError::into_inner);
        let known = organisations.entry(organisation).or_insert_with(|| Arc::clone(&keys));
        // Whoever has read before another may come here after it.
        if known.newest().version() <= keys.newest().version() {
            *known = keys;
        }
        Ok(Arc::clone(known))
    }
}

/// Checks that the key ring is there if the house holds something, and that `root` opens it.
pub(crate) fn check(
    keyring: &mut Candidate,
    root: &Root,
    memory: &SecureMemory,
    held: bool,
) -> Result<(), Error> {
    let known = keyring.ask(Known::read)?;
    if let Some(known) = &known {
        known.check(root, memory).map_err(|error| Error::Refused(error.to_string()))?;
    }
    match known.and_then(|known| known.first) {
        Some(_) => Ok(()),
        None if held => Err(Error::Refused(
            "the key ring is empty, and the house is not: give the key ring that belongs to it, or restore it from its backup; \
             without it nothing that is sealed can be read"
                .to_owned(),
        )),
        None => Ok(()),
    }
}

/// Whether it holds any key.
pub(crate) fn any(tx: &mut Spanning<'_>) -> Result<bool, Error> {
    Ok(!tx.query(FIRST_KEY, &[], |_| Ok(()))?.is_empty())
}

/// A key that the root key wraps: the first, if there is any.
fn first(tx: &mut Spanning<'_>) -> Result<Option<(OrganisationId, u32, Wrapped)>, Error> {
    Ok(tx.query(FIRST_KEY, &[], |row| Ok((row.get(0)?, row.get(1)?, parse(row.get(2)?)?)))?.pop())
}

pub(crate) fn wrapped_keys(tx: &mut Reading<'_>) -> Result<Vec<(u32, Wrapped)>, Error> {
    tx.query(KEYS, &[], |row| Ok((row.get(0)?, parse(row.get(1)?)?)))
}

pub(crate) fn wrapped_secrets(tx: &mut Reading<'_>) -> Result<Vec<(String, u32, Wrapped)>, Error> {
    tx.query(SECRETS, &[], |row| Ok((row.get(0)?, row.get(1)?, parse(row.get(2)?)?)))
}

fn parse(bytes: Vec<u8>) -> Result<Wrapped, Error> {
    Wrapped::parse(bytes).map_err(|_| Error::Corrupt("a key in the key ring is no wrapped key"))
}
