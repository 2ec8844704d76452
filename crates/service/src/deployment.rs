//! Opening what a deployment keeps: the root key, the databases, the use-cases over them.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    sync::Arc,
};

use tacita_detect::Detector;
use tacita_store::{Place, Settings, Store};
use tacita_vault::{Root, RootSource, Secret, SecureMemory, Start, Wrapped, system_random};
use zeroize::Zeroizing;

use crate::{Clock, Service, WitnessSettings, witness::Witness};

/// Subject keys in memory at a time, unless told otherwise: 64 bytes each.
const CACHED_KEYS: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not zero");
/// For how many years the bodies of entries are kept, unless told otherwise.
pub(crate) const RETENTION_YEARS: NonZeroU32 = NonZeroU32::new(6).expect("it is not zero");
/// The longest wrapped key of a file, in bytes.
const LONGEST: u64 = 16 * 1024;

/// What a deployment is made of.
pub struct Deployment {
    /// The folder of what is kept here; made where it is missing.
    pub data: PathBuf,
    /// The key above all others.
    pub root: RootSource,
    /// Where the databases are.
    pub databases: Databases,
    /// How its ledgers are kept.
    pub ledger: LedgerSettings,
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
        Self { data, root, databases: Databases::Files, ledger: LedgerSettings::default() }
    }
}

impl std::fmt::Debug for Deployment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deployment").field("data", &self.data).finish_non_exhaustive()
    }
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
    /// The key of a database's file; the message says what to do.
    Key(String),
    /// A database.
    Store(tacita_store::Error),
    /// The settings of a witness can't be meant: of which, from 1, and why.
    Witness(usize, String),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Data(path, cause) => write!(f, "`{}` can't be used: {cause}", path.display()),
            Self::Root(cause) => cause.fmt(f),
            Self::Key(why) => f.write_str(why),
            Self::Store(cause) => cause.fmt(f),
            Self::Witness(number, why) => write!(f, "the witness number {number} of the settings: {why}"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Data(_, cause) => Some(cause),
            Self::Root(cause) => Some(cause),
            Self::Store(cause) => Some(cause),
            Self::Key(_) | Self::Witness(..) => None,
        }
    }
}

impl Deployment {
    /// Opens it; the first start makes what is missing. It waits for disks and servers.
    ///
    /// # Errors
    /// When the root key is missing or another one, or a database can't be used.
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
        let service = Service::new(self.store()?, self.data.join("files"), detector, clock);
        Ok(service.with_ledger(witnesses, *retention_years))
    }

    /// Opens its databases alone, as [`Deployment::open`] does.
    ///
    /// # Errors
    /// Those of [`Deployment::open`].
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn store(&self) -> Result<Store, OpenError> {
        let files = ["tacita.db", "keyring.db"].map(|name| self.data.join(name));
        make_folder(&self.data).map_err(|error| OpenError::Data(self.data.clone(), error))?;
        let servers = match &self.databases {
            Databases::Files => None,
            Databases::Servers { house, keyring } => Some([
                Place::server(house).map_err(OpenError::Store)?,
                Place::server(keyring).map_err(OpenError::Store)?,
            ]),
        };
        // Another key would hide that the first is lost.
        let again = match &servers {
            None => files.iter().any(|file| file.exists()),
            Some([_, keyring]) => Store::has_keys(keyring).map_err(OpenError::Store)?,
        };
        let start = if again { Start::Again } else { Start::First };
        let memory = SecureMemory::new();
        let root = Root::open(&self.root, start, &memory, &mut system_random).map_err(OpenError::Root)?;
        let [house, keyring] = match servers {
            None => {
                let [house, keyring] = files.map(|path| {
                    let key = database_key(&root, &path, &memory)?;
                    make_private(&path).map_err(|error| OpenError::Data(path.clone(), error))?;
                    Ok(Place::File { path, key: Zeroizing::new(*key.expose()) })
                });
                [house?, keyring?]
            }
            Some(servers) => servers,
        };
        let settings =
            Settings { house, keyring, root, memory, chance: system_random, cached_keys: CACHED_KEYS };
        Store::open(settings).map_err(OpenError::Store)
    }
}

/// The key of a database's file, which lies beside it, wrapped by the root key. It is made where there is no database yet.
fn database_key(root: &Root, database: &Path, memory: &SecureMemory) -> Result<Secret, OpenError> {
    let path = database.with_extension("db.key");
    let name = database.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let failed = |error| OpenError::Data(path.clone(), error);
    let mut random = system_random;
    match File::open(&path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(LONGEST).read_to_end(&mut bytes).map_err(failed)?;
            let unwrapped =
                Wrapped::parse(bytes).and_then(|wrapped| root.unwrap_secret(&name, &wrapped, memory));
            unwrapped.map_err(|error| {
                OpenError::Key(format!(
                    "`{}` does not open: {error}; give the root key that this folder was made with",
                    path.display()
                ))
            })
        }
        Err(error) if error.kind() == ErrorKind::NotFound && !database.exists() => {
            let secret = Secret::generate(memory, &mut random);
            let wrapped = root
                .wrap_secret(&name, &secret, &mut random)
                .map_err(|error| OpenError::Key(error.to_string()))?;
            write_new(&path, wrapped.as_bytes()).map_err(failed)?;
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(OpenError::Key(format!(
            "`{}` is missing, and without it `{}` can't be read: put it back from where you keep a copy",
            path.display(),
            database.display()
        ))),
        Err(error) => Err(failed(error)),
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

/// Writes a new file as a whole or not at all, and to the disk.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tacita-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    File::open(folder)?.sync_all()
}
