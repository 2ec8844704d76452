//! Either database behind one type: SQLite with SQLCipher, or PostgreSQL.

pub(crate) mod connection;
mod dialect;
mod facts;
pub(crate) mod migrate;
mod postgres;
mod query;
mod reader;
mod sqlite;
mod tls;
mod transaction;
mod value;
mod writer;

use std::{fmt, path::PathBuf, sync::Arc};

use tokio::sync::{Notify, oneshot};
use zeroize::Zeroizing;

pub(crate) use dialect::CLAIM;
pub use facts::{Facts, Steps};
pub use query::{Scoped, Text, Unscoped, numbered};
pub use transaction::{Reading, Spanning, Writing};
pub use value::{Column, FromColumn, Row, Value};
pub(crate) use writer::{Batch, Work};

use crate::{Error, SystemScope, account::Rows, scope::Uses};
use connection::{Connection, Scope};
use migrate::Migrations;
use reader::{Readers, in_transaction};
use tacita_domain::OrganisationId;
use writer::Writer;

/// Threads that read. With the one that writes, SQLite has a pool of five.
const READERS: usize = 4;
/// Threads that write to PostgreSQL.
const WRITERS: usize = 4;

/// Which of the two databases it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SQLite, in a file that SQLCipher encrypts.
    Sqlite,
    /// PostgreSQL, on a server.
    Postgres,
}

/// Where a database is.
#[derive(Clone)]
pub enum Place {
    /// In a file, encrypted with a key.
    File {
        /// The file; it is made where it is missing.
        path: PathBuf,
        /// Its key: random bytes, no passphrase.
        key: Zeroizing<[u8; 32]>,
    },
    /// On a server.
    Server(Box<tokio_postgres::Config>),
}

impl Place {
    /// The database of a URL such as `postgres://user@host/name`. To another machine the connection is encrypted and the
    /// server's certificate checked, unless the URL says `sslmode=disable`.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn server(url: &str) -> Result<Self, Error> {
        // Other programs tell encrypting from checking the certificate; here the one is never done without the other.
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let config = url.parse().map_err(|_| {
            // The cause may quote the URL, and with it a password.
            Error::Refused(
                "the database's URL is none; give one such as `postgres://user@host/name`".to_owned(),
            )
        })?;
        Ok(Self::Server(Box::new(config)))
    }

    /// Which kind it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::File { .. } => Kind::Sqlite,
            Self::Server(_) => Kind::Postgres,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
            Self::Server(_) => f.write_str("Server"),
        }
    }
}

/// A database: threads that read and threads that write it.
pub(crate) struct Database {
    kind: Kind,
    uses: Arc<Uses>,
    readers: Readers,
    writer: Writer,
    /// Is told when a job that was put in the queue is on the disk.
    enqueued: Arc<Notify>,
}

/// Whether a database keeps the account of work across organisations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    /// It does, for the other one too.
    Kept,
    /// The other one does.
    Elsewhere,
}

/// A database that was looked at; nothing is written to it yet.
pub(crate) struct Candidate {
    place: Place,
    migrations: &'static Migrations,
    /// None where there is no file yet.
    connection: Option<Connection>,
    /// How many steps its schema has taken.
    taken: usize,
}

impl Candidate {
    /// Looks at a database, whether it can be used.
    pub(crate) fn look(place: &Place, migrations: &'static Migrations) -> Result<Self, Error> {
        let mut connection = Connection::look(place)?;
        let taken = match &mut connection {
            Some(connection) => migrations.taken(connection)?,
            None => 0,
        };
        Ok(Self { place: place.clone(), migrations, connection, taken })
    }

    /// What identifies it, so that one database under two names is seen to be one.
    pub(crate) fn identity(&mut self) -> Result<String, Error> {
        match (&self.place, &mut self.connection) {
            (Place::File { path, .. }, _) => sqlite::identity(path),
            (Place::Server(_), Some(connection)) => connection.identity(),
            (Place::Server(_), None) => Err(Error::Stopped),
        }
    }

    /// What `ask` reads across organisations; none where it has no tables yet.
    pub(crate) fn ask<T>(
        &mut self,
        ask: impl FnOnce(&mut Spanning<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let scope = SystemScope::Doctor;
        match &mut self.connection {
            Some(connection) if self.taken > 0 => {
                in_transaction(connection, Scope::System(scope), |it| ask(&mut Spanning::new(it))).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Brings its schema up to date and starts the threads.
    pub(crate) fn open(self, uses: &Arc<Uses>, notes: Notes) -> Result<Database, Error> {
        let Self { place, migrations, connection, .. } = self;
        drop(connection);
        migrations.run(&mut Connection::open(&place)?)?;
        let writers = match place.kind() {
            Kind::Sqlite => 1,
            Kind::Postgres => WRITERS,
        };
        let enqueued = Arc::default();
        Ok(Database {
            kind: place.kind(),
            uses: Arc::clone(uses),
            readers: Readers::start(&place, READERS)?,
            writer: Writer::start(&place, writers, &enqueued, (notes == Notes::Kept).then_some(uses))?,
            enqueued,
        })
    }
}

impl Database {
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Waits until a job was put in the queue since the last time somebody waited.
    pub(crate) async fn enqueued(&self) {
        self.enqueued.notified().await;
    }

    /// How often each reason to work across organisations was used.
    pub(crate) fn uses(&self) -> impl IntoIterator<Item = (SystemScope, u64)> + use<> {
        self.uses.since_start()
    }

    /// What `ask` reads within one organisation.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        organisation: OrganisationId,
        mut ask: impl FnMut(&mut Reading<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let scope = Scope::Organisation(organisation);
        self.readers.ask(scope, move |connection| ask(&mut Reading::new(connection, organisation))).await
    }

    /// What `ask` reads across organisations.
    pub(crate) async fn span<T: Send + 'static>(
        &self,
        scope: SystemScope,
        mut ask: impl FnMut(&mut Spanning<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.uses.count(scope);
        self.readers.ask(Scope::System(scope), move |connection| ask(&mut Spanning::new(connection))).await
    }

    /// Hands over what is to be written.
    pub(crate) fn send(&self, batch: Batch) {
        self.writer.send(batch);
    }

    /// Writes what `act` does across organisations; when this returns, it is on the disk.
    pub(crate) async fn write_spanning<T: Send + 'static>(
        &self,
        scope: SystemScope,
        mut act: impl FnMut(&mut Spanning<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.uses.count(scope);
        let act = move |connection: &mut Connection| act(&mut Spanning::new(connection));
        self.write_in(Scope::System(scope), act).await
    }

    /// Writes what `act` does within one organisation; when this returns, it is on the disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        organisation: OrganisationId,
        mut act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let act = move |connection: &mut Connection| act(&mut Writing::new(connection, organisation));
        self.write_in(Scope::Organisation(organisation), act).await
    }

    async fn write_in<T: Send + 'static>(
        &self,
        scope: Scope,
        act: impl FnMut(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(vec![Box::new(Plain { scope, act, account: None, value: None, reply })]);
        answer.await.unwrap_or(Err(Error::Stopped))
    }

    /// Writes the account of what was not done; when this returns, it is on the disk.
    pub(crate) async fn record(&self, account: Rows) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        let (scope, act) = (Scope::Organisation(account.organisation()), |_: &mut Connection| Ok(()));
        let account = Some(account);
        self.send(vec![Box::new(Plain { scope, act, account, value: None, reply })]);
        answer.await.unwrap_or(Err(Error::Stopped))
    }
}

/// Work that has no passage: the store's own, and the key ring's.
struct Plain<T, F> {
    scope: Scope,
    act: F,
    account: Option<Rows>,
    value: Option<T>,
    reply: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Work for Plain<T, F>
where
    T: Send,
    F: FnMut(&mut Connection) -> Result<T, Error> + Send,
{
    fn scope(&self) -> Scope {
        self.scope
    }

    fn is_wanted(&self) -> bool {
        // The store's own work is finished whoever waits for it.
        true
    }

    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        self.value = Some((self.act)(connection)?);
        Ok(())
    }

    fn account(&self) -> Option<&Rows> {
        self.account.as_ref()
    }

    fn finish(self: Box<Self>, written: Result<(), Error>) {
        let Self { value, reply, .. } = *self;
        let _ = reply.send(written.map(|()| value.expect("work that was written has run")));
    }
}
