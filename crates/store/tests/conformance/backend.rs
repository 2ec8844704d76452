//! Where the databases of a test lie.

use std::{
    env, process,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use tacita_store::{Place, Store};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, NoTls};
use zeroize::Zeroizing;

use crate::house::{self, House};

/// Which database a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// The databases of one test.
pub(crate) enum Base {
    /// A folder; gone when this is.
    Folder(TempDir),
    /// A pair of a server.
    Server(Box<Lent>),
}

impl Base {
    /// Databases of nobody, where the server is there. They may have their schema already.
    fn new(backend: Backend) -> Option<Self> {
        Some(match backend {
            Backend::Sqlite => Self::Folder(TempDir::new().unwrap()),
            Backend::Postgres => Self::Server(Box::new(Lent::take(&server()?))),
        })
    }

    /// Databases that have no schema yet.
    pub(crate) fn blank(backend: Backend) -> Option<Self> {
        Some(match backend {
            Backend::Sqlite => Self::Folder(TempDir::new().unwrap()),
            Backend::Postgres => Self::Server(Box::new(Lent::blank(&server()?))),
        })
    }

    /// Databases that have their schema and hold nothing.
    pub(crate) fn migrated(backend: Backend) -> Option<Self> {
        let base = Self::new(backend)?;
        runtime()
            .block_on(async { drop(Store::open(house::settings(base.house(), base.keyring())).unwrap()) });
        Some(base)
    }

    pub(crate) const fn backend(&self) -> Backend {
        match self {
            Self::Folder(_) => Backend::Sqlite,
            Self::Server(_) => Backend::Postgres,
        }
    }

    pub(crate) fn house(&self) -> Place {
        self.place("house")
    }

    pub(crate) fn keyring(&self) -> Place {
        self.place("keyring")
    }

    fn place(&self, name: &str) -> Place {
        match self {
            Self::Folder(folder) => {
                Place::File { path: folder.path().join(name), key: Zeroizing::new(house::FILE_KEY) }
            }
            Self::Server(lent) => {
                let pair = lent.pair();
                Place::Server(Box::new(if name == "house" { &pair.house } else { &pair.keyring }.as_owner()))
            }
        }
    }
}

/// The runtime of a test.
pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs a case over databases that hold nothing yet.
pub(crate) fn run_blank<F: Future<Output = ()>>(backend: Backend, case: impl FnOnce(Arc<Base>) -> F) {
    let Some(base) = Base::blank(backend).map(Arc::new) else { return };
    // The runtime goes before the databases: what still writes has ended by then.
    runtime().block_on(case(Arc::clone(&base)));
}

/// Runs a case over databases of its own.
pub(crate) fn run<F: Future<Output = ()>>(backend: Backend, case: impl FnOnce(House) -> F) {
    let Some(base) = Base::new(backend).map(Arc::new) else { return };
    runtime().block_on(async { case(House::open(Arc::clone(&base)).await).await });
}

/// The server, by the name of whoever may make databases on it. None where there is none, which only a developer's machine may
/// lack.
fn server() -> Option<Config> {
    let url = env::var("TACITA_TEST_POSTGRES")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let config: Config = url.parse().expect("TACITA_TEST_POSTGRES is a URL");
    match Admin::connect(&config) {
        Ok(_) => Some(config),
        Err(error) => {
            assert_ne!(env::var("CI").as_deref(), Ok("true"), "CI tests both databases: {error}");
            println!("skipped: no PostgreSQL at 127.0.0.1:5432 or TACITA_TEST_POSTGRES: {error}");
            None
        }
    }
}

/// A role that owns the databases of the tests, no superuser: row-level security binds it.
const OWNER: &str = "tacita_test";

/// A connection to make and drop databases with, on a thread of its own, since a test drops them inside a runtime.
struct Admin;

impl Admin {
    fn connect(config: &Config) -> Result<(), tokio_postgres::Error> {
        Self::run(config, &["SELECT 1".to_owned()])
    }

    fn run(config: &Config, statements: &[String]) -> Result<(), tokio_postgres::Error> {
        std::thread::scope(|scope| {
            let work = || {
                Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                    let (client, connection) = config.connect(NoTls).await?;
                    tokio::spawn(async move { drop(connection.await) });
                    for statement in statements {
                        client.batch_execute(statement).await?;
                    }
                    Ok(())
                })
            };
            scope.spawn(work).join().unwrap()
        })
    }
}

/// House and key ring on a server.
pub(crate) struct Pair {
    pub(crate) house: Named,
    pub(crate) keyring: Named,
}

impl Pair {
    fn new(config: &Config) -> Self {
        let role = format!(
            "DO $$ BEGIN CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{OWNER}'; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        );
        Admin::run(config, &[role]).unwrap();
        Self { house: Named::new(config, "house"), keyring: Named::new(config, "keyring") }
    }

    fn empty(&self) -> Result<(), tokio_postgres::Error> {
        // As a replica it deletes without asking what hangs on what. TRUNCATE makes new files, which takes a second.
        let all = "SET session_replication_role = replica; DO $$ DECLARE name TEXT; BEGIN \
                   FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations' \
                   LOOP EXECUTE format('DELETE FROM %I', name); END LOOP; END $$";
        for named in [&self.house, &self.keyring] {
            let mut config = named.config.clone();
            Admin::run(config.dbname(&named.name), &[all.to_owned()])?;
        }
        Ok(())
    }
}

/// A pair that a test has for itself. Making and dropping databases takes a second, so that the next test gets it, emptied;
/// whichever test ends last drops them all.
pub(crate) struct Lent {
    pair: Option<Pair>,
    /// None where it goes to nobody else.
    shelf: Option<Arc<Mutex<Vec<Pair>>>>,
}

impl Lent {
    fn take(config: &Config) -> Self {
        static SHELF: Mutex<Weak<Mutex<Vec<Pair>>>> = Mutex::new(Weak::new());
        let mut known = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
        let shelf = known.upgrade().unwrap_or_default();
        *known = Arc::downgrade(&shelf);
        drop(known);
        let pair = shelf.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { pair: Some(pair.unwrap_or_else(|| Pair::new(config))), shelf: Some(shelf) }
    }

    fn blank(config: &Config) -> Self {
        Self { pair: Some(Pair::new(config)), shelf: None }
    }

    pub(crate) fn pair(&self) -> &Pair {
        self.pair.as_ref().unwrap()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(pair) = self.pair.take() else { return };
        if let Some(shelf) = &self.shelf
            && !std::thread::panicking()
            && pair.empty().is_ok()
        {
            shelf.lock().unwrap_or_else(PoisonError::into_inner).push(pair);
        }
    }
}

/// A database of a server; it is dropped with this.
pub(crate) struct Named {
    config: Config,
    name: String,
}

impl Named {
    fn new(config: &Config, what: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("tacita_test_{}_{}_{what}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let make = format!("CREATE DATABASE {name} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0");
        Admin::run(config, &[make]).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        Self { config: config.clone(), name }
    }

    /// As the owner, who is no superuser.
    pub(crate) fn as_owner(&self) -> Config {
        let mut config = self.config.clone();
        config.dbname(&self.name).user(OWNER).password(OWNER);
        config
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        // Its roles belong to the server, and go after what depends on them.
        let name = &self.name;
        let dropped = Admin::run(
            &self.config,
            &[
                format!(
                    "SELECT set_config('tacita.oid', oid::text, false) FROM pg_database WHERE datname = '{name}'"
                ),
                format!("DROP DATABASE {name} WITH (FORCE)"),
                "DO $$ BEGIN EXECUTE format('DROP ROLE IF EXISTS tacita_member_%1$s, tacita_system_%1$s', \
                 current_setting('tacita.oid')); END $$"
                    .to_owned(),
            ],
        );
        if let (Err(error), false) = (dropped, std::thread::panicking()) {
            panic!("{}: {error:?}", self.name);
        }
    }
}
