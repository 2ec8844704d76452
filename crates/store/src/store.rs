//! The store: the house's database and the key ring.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use tacita_corridor::{Journal, Passage, Refusal, Unrecorded};
use tacita_domain::OrganisationId;
use tacita_vault::{Root, SecureMemory};
use tokio::{runtime::Handle, sync::Notify};
use tokio_util::task::TaskTracker;

use crate::{
    Chance, Clock, Error, KeyRing, Kind, Place, Reading, Spanning, SystemScope, Writing,
    database::{
        Candidate, Database, Notes,
        migrate::{Migrations, migrations},
    },
    keyring, organisations,
    scope::Uses,
};

pub(crate) const MIGRATIONS: Migrations = migrations!(
    "../migrations",
    "house" / "0001_spine",
    "house" / "0002_jobs",
    "house" / "0003_uses",
    "house" / "0004_witnesses",
    "house" / "0005_epochs",
    "house" / "0006_policies",
    "house" / "0007_accounts",
    "house" / "0008_passkeys",
    "house" / "0009_repeats"
);

/// What a store is made of.
#[derive(Debug)]
pub struct Settings {
    /// The database of the data.
    pub house: Place,
    /// The database of the keys. Another one: it has backups of its own.
    pub keyring: Place,
    /// The key above all others.
    pub root: Arc<Root>,
    /// Where keys lie in memory.
    pub memory: SecureMemory,
    /// Where randomness comes from.
    pub chance: Chance,
    /// What time it is.
    pub clock: Clock,
    /// Subject keys in memory at a time.
    pub cached_keys: NonZeroUsize,
}

/// The databases of a deployment. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) house: Arc<Database>,
    ring: Arc<KeyRing>,
    pub(crate) chance: Chance,
    pub(crate) runtime: Handle,
    pub(crate) written: Arc<Notify>,
    /// Refusals that are being written by themselves.
    pub(crate) refusals: TaskTracker,
    /// How many could not be.
    unrecorded: Arc<AtomicU64>,
}

impl Store {
    /// Opens both databases and brings their schemas up to date.
    ///
    /// # Errors
    /// When one can't be opened, has the schema of a newer version, the root key is not theirs, or one of them is missing while
    /// the other is there. Then nothing was written to either.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        let Settings { house, keyring, root, memory, chance, clock, cached_keys } = settings;
        let uses = Uses::new(clock);
        // A thread of its own waits for the servers: those of the runtime must not.
        let open = || {
            let (mut house, mut keyring) =
                (Candidate::look(&house, &MIGRATIONS)?, Candidate::look(&keyring, &keyring::MIGRATIONS)?);
            if house.identity()? == keyring.identity()? {
                return Err(Error::Refused(
                    "house and key ring are in the same place: give each a database of its own, so that the keys have their own \
                     backups"
                        .to_owned(),
                ));
            }
            let held = house.ask(organisations::count)?.unwrap_or_default() > 0;
            keyring::check(&mut keyring, &root, &memory, held)?;
            // Nothing speaks against it: from here on it is written. Both were looked at across organisations.
            uses.count(SystemScope::Doctor);
            uses.count(SystemScope::Doctor);
            let house = house.open(&uses, Notes::Kept)?;
            let ring = KeyRing::new(
                keyring.open(&uses, Notes::Elsewhere)?,
                root,
                memory,
                chance,
                clock,
                cached_keys,
            );
            Ok((house, ring))
        };
        let (house, ring) =
            thread::scope(|scope| scope.spawn(open).join()).unwrap_or(Err(Error::Panicked))?;
        Ok(Self {
            house: Arc::new(house),
            ring: Arc::new(ring),
            chance,
            runtime: Handle::current(),
            written: Arc::default(),
            refusals: TaskTracker::new(),
            unrecorded: Arc::default(),
        })
    }

    /// Whether a key ring holds keys, and so whether there was a root key once. It opens nothing and changes nothing.
    ///
    /// # Errors
    /// When the database can't be used.
    pub fn has_keys(keyring: &Place) -> Result<bool, Error> {
        // On a thread of its own: a connection waits, and waiting is not for one that runs tasks.
        let look =
            || Ok(Candidate::look(keyring, &keyring::MIGRATIONS)?.ask(keyring::any)?.unwrap_or_default());
        thread::scope(|scope| scope.spawn(look).join()).unwrap_or(Err(Error::Panicked))
    }

    /// Which database it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.house.kind()
    }

    /// How often each reason to work across organisations was used since this was opened.
    #[must_use]
    pub fn uses(&self) -> impl IntoIterator<Item = (SystemScope, u64)> + use<> {
        self.house.uses()
    }

    /// The keys.
    #[must_use]
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Randomness.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.chance)(&mut bytes);
        bytes
    }

    /// Where randomness comes from.
    #[must_use]
    pub fn chance(&self) -> Chance {
        self.chance
    }

    /// Fills `bytes` with randomness.
    pub fn fill(&self, bytes: &mut [u8]) {
        (self.chance)(bytes);
    }

    /// What `ask` reads, for the operation of `passage`.
    ///
    /// # Errors
    /// When the database can't answer, or `ask` fails.
    pub async fn read<T: Send + 'static>(
        &self,
        passage: &Passage,
        ask: impl FnMut(&mut Reading<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.house.read(passage.operation().organisation, ask).await
    }

    /// What `ask` reads before there is a passage: whose a record is, which purposes there are. Nothing that is sealed can be
    /// opened with it.
    ///
    /// # Errors
    /// When the database can't answer, or `ask` fails.
    pub async fn look_up<T: Send + 'static>(
        &self,
        organisation: OrganisationId,
        ask: impl FnMut(&mut Reading<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.house.read(organisation, ask).await
    }

    /// What `ask` reads across organisations.
    ///
    /// # Errors
    /// When the database can't answer, or `ask` fails.
    pub async fn span<T: Send + 'static>(
        &self,
        scope: SystemScope,
        ask: impl FnMut(&mut Spanning<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.house.span(scope, ask).await
    }

    /// Writes what `act` does across organisations, none of which is personal data. When this returns, it is on the disk.
    ///
    /// # Errors
    /// When the database can't write it, or `act` fails.
    pub async fn write_spanning<T: Send + 'static>(
        &self,
        scope: SystemScope,
        act: impl FnMut(&mut Spanning<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.house.write_spanning(scope, act).await
    }

    /// Writes what `act` does within an organisation, none of which is personal data: purposes, tokens. When this returns, it is
    /// on the disk.
    ///
    /// # Errors
    /// When the database can't write it, or `act` fails.
    pub async fn write_within<T: Send + 'static>(
        &self,
        organisation: OrganisationId,
        act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.house.write(organisation, act).await
    }

    /// How many refusals could not be recorded since this process began: the database could not be written, or too much waited.
    #[must_use]
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded.load(Ordering::Relaxed)
    }

    /// Waits until what was given up is recorded. For whoever stops: nothing more is asked of the store by then.
    pub async fn settle(&self) {
        self.refusals.close();
        self.refusals.wait().await;
    }

    /// Waits until an operation was written since the last time somebody waited.
    pub async fn written(&self) {
        self.written.notified().await;
    }

    /// Waits until a job was put in the queue by this process since the last time somebody waited.
    pub async fn enqueued(&self) {
        self.house.enqueued().await;
    }

    /// Records what was refused. When this returns, it is on the disk.
    pub(crate) async fn record(&self, refusal: Refusal, object: Option<&str>) -> Result<(), Error> {
        let recorded = match self.prepare(refusal.into(), object).await {
            Ok(rows) => self.house.record(rows).await,
            Err(error) => Err(error),
        };
        match &recorded {
            Ok(()) => self.written.notify_one(),
            Err(_) => drop(self.unrecorded.fetch_add(1, Ordering::Relaxed)),
        }
        recorded
    }
}

impl Journal for Store {
    async fn refused(&self, refusal: &Refusal) -> Result<(), Unrecorded> {
        self.record(refusal.clone(), None).await.map_err(|_| Unrecorded)
    }

    fn abandoned(&self, refusal: Refusal) {
        let store = self.clone();
        let recording = async move { drop(store.record(refusal, None).await) };
        self.refusals.spawn_on(recording, &self.runtime);
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("kind", &self.kind()).finish_non_exhaustive()
    }
}
