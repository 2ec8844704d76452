//! PostgreSQL.

use std::{
    borrow::Cow,
    collections::HashMap,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use bytes::BytesMut;
use tokio::runtime::{self, Runtime};
use tokio_postgres::{
    Client, Config, Statement,
    config::Host,
    error::SqlState,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use super::{
    connection::Scope,
    dialect::{self, Roles},
    query::Text,
    tls,
    value::{Row, RowOf, Value},
};
use crate::Error;

/// The oldest release that has all we use.
const OLDEST: i32 = 15;
/// How long a server may take to accept a connection, or to answer that it is still there, where the URL does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was acknowledged is on the disk, whatever the server's default says; one that also waits for copies goes on doing so.
/// Whoever waits longer for a lock, or lets a transaction lie longer, is taken back, so that nobody waits for ever.
const SESSION: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; \
     SET lock_timeout = '15s'; SET idle_in_transaction_session_timeout = '60s'";

/// A connection on a thread of its own: the thread waits, so that a transaction reads like the one of SQLite.
pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    config: Config,
    /// None before the schema is there.
    roles: Option<Roles>,
    /// By the address of the text, which is static.
    statements: HashMap<usize, Statement>,
    /// Those that insert many rows at once.
    plurals: HashMap<usize, Statement>,
    /// What goes ahead of the next statement that is waited for, in the same round trip.
    queue: Vec<Queued>,
}

enum Queued {
    /// Statements without parameters that open or confine a transaction.
    Batch(Cow<'static, str>),
    /// A statement whose count nobody needs.
    Statement(Statement, Vec<Owned>),
}

/// A [`Value`] that waits.
#[derive(Debug)]
enum Owned {
    Null,
    Int(i64),
    Text(Box<str>),
    Bytes(Box<[u8]>),
}

impl Postgres {
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
            Error::Refused(format!("the operating system gave no means to wait for PostgreSQL: {error}"))
        })?;
        let mut config = tls::decided(config);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PATIENCE);
        }
        config.keepalives_idle(PATIENCE);
        let (client, roles) = connect(&runtime, &config).map_err(|error| refused(&config, error))?;
        let (statements, plurals) = (HashMap::new(), HashMap::new());
        Ok(Self { runtime, client, config, roles, statements, plurals, queue: Vec::new() })
    }

    /// Checks that the server is one that can be relied on.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        let settings = self.runtime.block_on(self.client.query_one(
            "SELECT current_setting('server_version_num')::int4 / 10000, current_setting('server_encoding'), \
             current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on', pg_is_in_recovery()",
            &[],
        ))?;
        let (version, encoding): (i32, &str) = (settings.try_get(0)?, settings.try_get(1)?);
        let (durable, standby): (bool, bool) = (settings.try_get(2)?, settings.try_get(3)?);
        let why = if version < OLDEST {
            format!("the server runs PostgreSQL {version}; {OLDEST} or later is needed")
        } else if encoding != "UTF8" {
            format!("the database's encoding is `{encoding}`; make one with `ENCODING 'UTF8'`")
        } else if !durable {
            "the server runs with `fsync` or `full_page_writes` off and loses what it has acknowledged; turn both on".to_owned()
        } else if standby {
            "the server is a standby that can't be written to; give the primary's address".to_owned()
        } else {
            return Ok(());
        };
        Err(Error::Refused(why))
    }

    /// Connects again where the server has closed the connection.
    pub(crate) fn revive(&mut self) -> Result<(), Error> {
        self.queue.clear();
        if self.client.is_closed() {
            self.statements.clear();
            self.plurals.clear();
            (self.client, self.roles) = connect(&self.runtime, &self.config)?;
        }
        Ok(())
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        let queue = mem::take(&mut self.queue);
        self.runtime.block_on(in_order(&self.client, &queue, self.client.batch_execute(sql)))
    }

    /// Confines what follows in the transaction.
    pub(crate) fn confine(&mut self, scope: Scope) -> Result<(), Error> {
        let roles =
            self.roles.as_ref().ok_or(Error::Corrupt("its tables are not confined to organisations"))?;
        self.batch_ahead(dialect::confine(scope, roles));
        Ok(())
    }

    /// Runs statements without parameters ahead of the next statement.
    pub(crate) fn batch_ahead(&mut self, sql: impl Into<Cow<'static, str>>) {
        self.queue.push(Queued::Batch(sql.into()));
    }

    /// Runs a statement ahead of the next one that is waited for; its error is that one's.
    pub(crate) fn execute_ahead(&mut self, text: Text, values: &[Value<'_>]) -> Result<(), Error> {
        let statement = self.statement(text.postgres)?;
        self.queue.push(Queued::Statement(statement, values.iter().map(Owned::from).collect()));
        Ok(())
    }

    /// Forgets statements that were to run ahead. What opens the transaction is still to come.
    pub(crate) fn forget_queued(&mut self) {
        self.queue.retain(|queued| matches!(queued, Queued::Batch(_)));
    }

    pub(crate) fn execute(&mut self, text: Text, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.statement(text.postgres)?;
        let (queue, values) = (mem::take(&mut self.queue), dynamic(values));
        self.runtime.block_on(in_order(&self.client, &queue, self.client.execute(&statement, &values)))
    }

    /// Inserts many rows that share their first value, by one statement: a column is one parameter.
    pub(crate) fn insert_all<'v, const N: usize>(
        &mut self,
        text: Text,
        first: Value<'_>,
        rows: impl Iterator<Item = [Value<'v>; N]>,
    ) -> Result<(), Error> {
        let mut columns = [const { Vec::new() }; N];
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        }
        let statement = self.plural(text.postgres)?;
        let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&first];
        parameters.extend(columns.iter().map(|column| column as &(dyn ToSql + Sync)));
        let queue = mem::take(&mut self.queue);
        let inserted = self.client.execute(&statement, &parameters);
        self.runtime.block_on(in_order(&self.client, &queue, inserted)).map(drop)
    }

    pub(crate) fn query(
        &mut self,
        text: Text,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let statement = self.statement(text.postgres)?;
        let (queue, values) = (mem::take(&mut self.queue), dynamic(values));
        let rows =
            self.runtime.block_on(in_order(&self.client, &queue, self.client.query(&statement, &values)))?;
        rows.iter().try_for_each(|row| each(&Row(RowOf::Postgres(row))))
    }

    /// The statement that inserts many rows where `sql` inserts one.
    fn plural(&mut self, sql: &'static str) -> Result<Statement, Error> {
        let key = sql.as_ptr().addr();
        if let Some(statement) = self.plurals.get(&key) {
            return Ok(statement.clone());
        }
        let types = self.statement(sql)?;
        let columns = types.params().iter().zip(1..).skip(1);
        let columns: Vec<_> = columns.map(|(kind, number)| format!("${number}::{kind}[]")).collect();
        let (insert, _) = sql.split_once(" VALUES ").ok_or(Error::Corrupt("a query inserts no values"))?;
        let plural = format!("{insert} SELECT $1, * FROM unnest({})", columns.join(", "));
        let statement = self.runtime.block_on(self.client.prepare(&plural))?;
        self.plurals.insert(key, statement.clone());
        Ok(statement)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, Error> {
        let key = sql.as_ptr().addr();
        if let Some(statement) = self.statements.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self.runtime.block_on(self.client.prepare(sql))?;
        self.statements.insert(key, statement.clone());
        Ok(statement)
    }
}

fn dynamic<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// Sends what is queued and `last` in one go, in order, and waits for all of it. The first error is the one that counts: those
/// after it only say that there was one.
async fn in_order<T>(
    client: &Client,
    queue: &[Queued],
    last: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Error> {
    type Waiting<'a> = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + 'a>>;
    let mut ahead: Vec<Option<Waiting<'_>>> = queue
        .iter()
        .map(|queued| -> Option<Waiting<'_>> {
            Some(match queued {
                Queued::Batch(sql) => Box::pin(client.batch_execute(sql)),
                Queued::Statement(statement, values) => {
                    Box::pin(async move { client.execute_raw(statement, values).await.map(drop) })
                }
            })
        })
        .collect();
    let (mut last, mut failed, mut answer) = (pin!(last), None, None);
    poll_fn(|context| {
        let mut waits = false;
        for (place, waiting) in ahead.iter_mut().enumerate() {
            if let Some(future) = waiting {
                match future.as_mut().poll(context) {
                    Poll::Ready(done) => {
                        *waiting = None;
                        if let Err(error) = done
                            && failed.as_ref().is_none_or(|(before, _)| place < *before)
                        {
                            failed = Some((place, error));
                        }
                    }
                    Poll::Pending => waits = true,
                }
            }
        }
        if answer.is_none() {
            match last.as_mut().poll(context) {
                Poll::Ready(done) => answer = Some(done),
                Poll::Pending => waits = true,
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    match (failed, answer) {
        (Some((_, error)), _) => Err(error.into()),
        (None, Some(answer)) => Ok(answer?),
        (None, None) => Err(Error::Stopped),
    }
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match *value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.into()),
            Value::Bytes(bytes) => Self::Bytes(bytes.into()),
        }
    }
}

impl ToSql for Owned {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Value::Null,
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
        .to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <Value<'_> as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

fn connect(runtime: &Runtime, config: &Config) -> Result<(Client, Option<Roles>), Error> {
    runtime.block_on(async {
        let client = tls::connect(config).await?;
        client.batch_execute(SESSION).await?;
        let roles = match client.query_opt(dialect::ROLES, &[]).await? {
            Some(row) => Some(Roles { member: row.try_get(0)?, system: row.try_get(1)? }),
            None => None,
        };
        Ok((client, roles))
    })
}

/// Why there is no connection at the start, with what to do.
fn refused(config: &Config, error: Error) -> Error {
    let Error::Postgres(cause) = error else { return error };
    let user = config.get_user().unwrap_or("the current user");
    let name = config.get_dbname().unwrap_or(user);
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(host) => host.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    Error::Refused(match cause.code() {
        Some(&SqlState::INVALID_CATALOG_NAME) => {
            format!("there is no database `{name}` at {hosts}: make it with `createdb {name}`")
        }
        Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            format!(
                "PostgreSQL at {hosts} does not let `{user}` in: check user and password of the URL, and pg_hba.conf"
            )
        }
        Some(&SqlState::TOO_MANY_CONNECTIONS) => {
            format!("PostgreSQL at {hosts} has no connection left: raise its `max_connections`")
        }
        Some(code) => format!("PostgreSQL at {hosts} refused the connection ({})", code.code()),
        None => {
            use std::error::Error as _;
            let cause = cause.source().map_or_else(|| cause.to_string(), ToString::to_string);
            format!(
                "PostgreSQL can't be reached at {hosts}: {cause}; check that it runs, and the URL's host, port and sslmode"
            )
        }
    })
}
