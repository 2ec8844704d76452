//! Opening what a deployment keeps: the root key, the databases, the use-cases over them.

use std::{
    fs::{self, File},
    io,
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    sync::Arc,
};

use tacita_detect::Detector;
use tacita_store::{Place, Settings, Store, doctor};
use tacita_vault::{Root, RootSource, SecureMemory, Start, system_random};
use zeroize::Zeroizing;

use crate::{
    BadPolicies, Clock, Policies, PublicUrl, Service, WitnessSettings,
    breached::Breached,
    database_keys::{self, Missing},
    keys, system_clock,
    witness::Witness,
};

/// Subject keys in memory at a time, unless told otherwise: 64 bytes each.
const CACHED_KEYS: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not zero");
/// At which port browsers reach the server on this machine, unless told otherwise.
pub(crate) const PORT: u16 = 8787;
/// For how many years the bodies of entries are kept, unless told otherwise.
pub(crate) const RETENTION_YEARS: NonZeroU32 = NonZeroU32::new(6).expect("it is not zero");

/// What a deployment is made of.
pub struct Deployment {
    /// The folder of what is kept here; made where it is missing.
    pub data: PathBuf,
    /// The key above all others.
    pub root: RootSource,
    /// Where the databases are.
    pub databases: Databases,
    /// Who brings the schemas up to date.
    pub migrate: Migrate,
    /// How its ledgers are kept.
    pub ledger: LedgerSettings,
    /// A list of passwords that were stolen elsewhere, which nobody may take.
    pub stolen_passwords: Option<PathBuf>,
    /// The folder of the operator's own policies, beside those that are built in.
    pub policies: Option<PathBuf>,
    /// Where browsers reach the server.
    pub public_url: PublicUrl,
}

/// How ledgers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerSettings {
    /// Who is shown what is signed.
    pub witnesses: Vec<WitnessSettings>,
    /// For how many years the bodies of entries are kept.
    pub retention_years: NonZeroU32,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self { witnesses: Vec::new(), retention_years: RETENTION_YEARS }
    }
}

impl Deployment {
    /// All in one folder: the databases as files, the root key beside them.
    #[must_use]
    pub fn in_folder(data: PathBuf) -> Self {
        let root = RootSource::File(data.join("root.key"));
        Self {
            data,
            root,
            databases: Databases::Files,
            migrate: Migrate::AtTheStart,
            ledger: LedgerSettings::default(),
            stolen_passwords: None,
            policies: None,
            public_url: PublicUrl::local(PORT),
        }
    }
}

impl std::fmt::Debug for Deployment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deployment").field("data", &self.data).finish_non_exhaustive()
    }
}

/// Who brings the schemas of the databases up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Whoever opens them.
    AtTheStart,
    /// The operator; until then they are not opened.
    ByHand,
}

/// Where the databases are.
pub enum Databases {
    /// Files in the folder of the data, encrypted.
    Files,
    /// On PostgreSQL. The keys have a database of their own, with backups of its own.
    Servers {
        /// The URL of the data's database.
        house: Zeroizing<String>,
        /// The URL of the keys' database.
        keyring: Zeroizing<String>,
    },
}

/// Why a deployment can't be opened. Nothing has been written then, but what the first start makes.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder of the data, or a file in it.
    Data(PathBuf, io::Error),
    /// The root key.
    Root(tacita_vault::RootError),
    /// The key of a database's file, or a copy of the root key; the message says what to do.
    Key(String),
    /// A database.
    Store(tacita_store::Error),
    /// The policies do not fit the schema, or can't be read.
    Policies(BadPolicies),
    /// The settings of a witness can't be meant: of which, from 1, and why.
    Witness(usize, String),
    /// The list of stolen passwords can't be used.
    StolenPasswords(PathBuf, io::Error),
    /// Schemas lack these steps, and the settings say that they are taken by hand.
    Migrate(Vec<&'static str>),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Data(path, cause) => write!(f, "`{}` can't be used: {cause}", path.display()),
            Self::Root(cause) => cause.fmt(f),
            Self::Key(why) => f.write_str(why),
            Self::Policies(cause) => write!(f, "the policies can't be used: {cause}"),
            Self::Store(cause) => cause.fmt(f),
            Self::Witness(number, why) => write!(f, "the witness number {number} of the settings: {why}"),
            Self::StolenPasswords(path, cause) => {
                write!(f, "`{}` can't be used as the list of stolen passwords: {cause}", path.display())
            }
            Self::Migrate(missing) => write!(
                f,
                "the schemas of the databases lack steps ({}), and the settings say that they are taken by hand: make a backup, \
                 and run `tacita migrate`",
                missing.join(", ")
            ),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Data(_, cause) | Self::StolenPasswords(_, cause) => Some(cause),
            Self::Root(cause) => Some(cause),
            Self::Store(cause) => Some(cause),
            Self::Policies(cause) => Some(cause),
            Self::Key(_) | Self::Migrate(_) | Self::Witness(..) => None,
        }
    }
}

impl Deployment {
    /// Opens it; the first start makes what is missing. It waits for disks and servers.
    ///
    /// # Errors
    /// When the root key is missing or another one, a database can't be used, or the policies are faulty.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn open(&self, detector: Arc<Detector>, clock: Clock) -> Result<Service, OpenError> {
        let LedgerSettings { witnesses, retention_years } = &self.ledger;
        let witnesses = witnesses
            .iter()
            .zip(1..)
            .map(|(settings, number)| Witness::new(settings).map_err(|why| OpenError::Witness(number, why)));
        let witnesses = witnesses.collect::<Result<_, _>>()?;
        let policies = match &self.policies {
            Some(folder) => Policies::with_folder(folder),
            None => Policies::built_in(),
        };
        let policies = policies.map_err(OpenError::Policies)?;
        let list = self.stolen_passwords.as_ref().map(|path| {
            Breached::open(path).map_err(|error| OpenError::StolenPasswords(path.clone(), error))
        });
        let list = list.transpose()?;
        let service = Service::new(self.store()?, policies, self.data.join("files"), detector, clock);
        let service = service.with_ledger(witnesses, *retention_years).with_stolen_passwords(list);
        Ok(service.with_public_url(&self.public_url))
    }

    pub(crate) fn store(&self) -> Result<Store, OpenError> {
        make_folder(&self.data).map_err(|error| OpenError::Data(self.data.clone(), error))?;
        // Another key would hide that the first is lost.
        let start = if self.is_begun()? { Start::Again } else { Start::First };
        match self.store_by(&self.root, start) {
            Ok(store) => Ok(store),
            Err(error) => match self.next_root() {
                // The root key was changed, and what was to be done last is still to be done.
                Some((next, path)) => {
                    let store =
                        self.store_by(&RootSource::File(next.clone()), Start::Again).map_err(|_| error)?;
                    keys::replace_root(&next, path)?;
                    Ok(store)
                }
                None => Err(error),
            },
        }
    }

    /// Whether anything was kept here before, and so whether there was a root key once. Nothing is written.
    ///
    /// # Errors
    /// When the database of the keys can't be used.
    pub fn is_begun(&self) -> Result<bool, OpenError> {
        match self.servers()? {
            None => Ok(self.files().iter().any(|file| file.exists())),
            Some([_, keyring]) => Store::has_keys(&keyring).map_err(OpenError::Store),
        }
    }

    pub(crate) fn store_by(&self, source: &RootSource, start: Start) -> Result<Store, OpenError> {
        let memory = SecureMemory::new();
        let root = Root::open(source, start, &memory, &mut system_random).map_err(OpenError::Root)?;
        let [house, keyring] = self.places(&root, &memory, Missing::Made)?;
        if self.migrate == Migrate::ByHand {
            let missing = doctor::steps(&house, &keyring).map_err(OpenError::Store)?;
            let missing = missing.iter().flat_map(|steps| &steps.missing).copied().collect::<Vec<_>>();
            if !missing.is_empty() {
                return Err(OpenError::Migrate(missing));
            }
        }
        let root = Arc::new(root);
        let settings = Settings {
            house,
            keyring,
            root: Arc::clone(&root),
            memory: memory.clone(),
            chance: system_random,
            clock: system_clock,
            cached_keys: CACHED_KEYS,
        };
        let store = Store::open(settings).map_err(OpenError::Store)?;
        if self.servers()?.is_none() {
            self.files().iter().try_for_each(|file| database_keys::settle(&root, file, &memory))?;
        }
        Ok(store)
    }

    /// Where house and key ring are. Files come with their keys, which `root` opens.
    pub(crate) fn places(
        &self,
        root: &Root,
        memory: &SecureMemory,
        missing: Missing,
    ) -> Result<[Place; 2], OpenError> {
        if let Some(servers) = self.servers()? {
            return Ok(servers);
        }
        let [house, keyring] = self.files().map(|path| {
            let key = database_keys::open(root, &path, memory, missing)?;
            if missing == Missing::Made {
                make_private(&path).map_err(|error| OpenError::Data(path.clone(), error))?;
            }
            Ok(Place::File { path, key: Zeroizing::new(*key.expose()) })
        });
        Ok([house?, keyring?])
    }

    /// The databases' files, where they are files.
    pub(crate) fn files(&self) -> [PathBuf; 2] {
        ["tacita.db", "keyring.db"].map(|name| self.data.join(name))
    }

    pub(crate) fn servers(&self) -> Result<Option<[Place; 2]>, OpenError> {
        match &self.databases {
            Databases::Files => Ok(None),
            Databases::Servers { house, keyring } => Ok(Some([
                Place::server(house).map_err(OpenError::Store)?,
                Place::server(keyring).map_err(OpenError::Store)?,
            ])),
        }
    }

    /// A root key that is about to take the place of the one in the file, and that file.
    pub(crate) fn next_root(&self) -> Option<(PathBuf, &Path)> {
        let RootSource::File(path) = &self.root else { return None };
        let next = database_keys::next_to(path);
        next.exists().then_some((next, path))
    }
}

/// Makes the folder, for its owner alone.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes an empty file for its owner alone, unless it is there: SQLite fills it, and gives the same to what it makes beside it.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
