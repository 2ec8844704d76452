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

/// The databases of one test: gone when this is.
pub(crate) enum Base {
    Folder(TempDir),
    Server { house: Named, keyring: Named, _template: Arc<Template> },
}

impl Base {
    /// Databases with their schema, where the server is there.
    pub(crate) fn new(backend: Backend) -> Option<Self> {
        Some(match backend {
            Backend::Sqlite => Self::Folder(TempDir::new().unwrap()),
            Backend::Postgres => {
                let config = server()?;
                let template = template(&config);
                let house = Named::new(&config, "house", Some(&template.house));
                let keyring = Named::new(&config, "keyring", Some(&template.keyring));
                Self::Server { house, keyring, _template: template }
            }
        })
    }

    /// Databases that hold nothing yet.
    pub(crate) fn blank(backend: Backend) -> Option<Self> {
        Some(match backend {
            Backend::Sqlite => Self::Folder(TempDir::new().unwrap()),
            Backend::Postgres => {
                let config = server()?;
                let template = template(&config);
                let (house, keyring) = (Named::new(&config, "house", None), Named::new(&config, "keyring", None));
                Self::Server { house, keyring, _template: template }
            }
        })
    }

    pub(crate) const fn backend(&self) -> Backend {
        match self {
            Self::Folder(_) => Backend::Sqlite,
            Self::Server { .. } => Backend::Postgres,
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
            Self::Server { house, keyring, .. } => {
                let named = if name == "house" { house } else { keyring };
                Place::Server(Box::new(named.as_owner()))
            }
        }
    }
}

/// The runtime of a test.
fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs a case over databases that hold nothing yet.
pub(crate) fn run_blank<F: Future<Output = ()>>(backend: Backend, case: impl FnOnce(Base) -> F) {
    let Some(base) = Base::blank(backend) else { return };
    runtime().block_on(case(base));
}

/// Runs a case over databases of its own.
pub(crate) fn run<F: Future<Output = ()>>(backend: Backend, case: impl FnOnce(House) -> F) {
    let Some(base) = Base::new(backend) else { return };
    runtime().block_on(async { case(House::open(base).await).await });
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

/// A database of a server; it is dropped with this.
pub(crate) struct Named {
    config: Config,
    name: String,
}

impl Named {
    fn new(config: &Config, what: &str, template: Option<&Self>) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("tacita_test_{}_{}_{what}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let template = template.map_or(String::new(), |template| format!("TEMPLATE {}", template.name));
        let make = format!("CREATE DATABASE {name} OWNER {OWNER} {template}");
        Admin::run(config, &[make]).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        Self { config: config.clone(), name }
    }

    /// As the owner, who is no superuser.
    pub(crate) fn as_owner(&self) -> Config {
        let mut config = self.as_admin();
        config.user(OWNER).password(OWNER);
        config
    }

    fn as_admin(&self) -> Config {
        let mut config = self.config.clone();
        config.dbname(&self.name);
        config
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let dropped = Admin::run(&self.config, &[format!("DROP DATABASE {} WITH (FORCE)", self.name)]);
        if let (Err(error), false) = (dropped, std::thread::panicking()) {
            panic!("{}: {error:?}", self.name);
        }
    }
}

/// Databases with their schema, of which those of the tests are copies.
pub(crate) struct Template {
    house: Named,
    keyring: Named,
}

/// The template that the tests running now share; the last to end drops it.
fn template(config: &Config) -> Arc<Template> {
    static SHARED: Mutex<Weak<Template>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(template) = shared.upgrade() {
        return template;
    }
    let role = format!(
        "DO $$ BEGIN CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{OWNER}'; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    Admin::run(config, &[role]).unwrap();
    let template = Template {
        house: Named::new(config, "template_house", None),
        keyring: Named::new(config, "template_keyring", None),
    };
    let places = (Place::Server(Box::new(template.house.as_owner())), Place::Server(Box::new(template.keyring.as_owner())));
    std::thread::scope(|scope| {
        let open = || runtime().block_on(async { drop(Store::open(house::settings(places.0, places.1)).unwrap()) });
        scope.spawn(open).join().unwrap();
    });
    let template = Arc::new(template);
    *shared = Arc::downgrade(&template);
    template
}
