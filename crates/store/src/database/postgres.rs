//! PostgreSQL.

use std::{collections::HashMap, time::Duration};

use tokio::runtime::{self, Runtime};
use tokio_postgres::{Client, Config, Statement, config::Host, error::SqlState, types::ToSql};

use super::{
    query::Text,
    tls,
    value::{Row, RowOf, Value},
};
use crate::Error;

/// The oldest release that has all we use.
const OLDEST: i32 = 15;
/// How long a server may take to accept a connection, where the URL does not say.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was acknowledged is on the disk, whatever the server's default says; one that also waits for copies goes on doing so.
const DURABLE: &str =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// A connection on a thread of its own: the thread waits, so that a transaction reads like the one of SQLite.
pub(crate) struct Postgres {
    runtime: Runtime,
    client: Client,
    config: Config,
    /// By the address of the text, which is static.
    statements: HashMap<usize, Statement>,
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
        let client = connect(&runtime, &config).map_err(|error| refused(&config, error))?;
        Ok(Self { runtime, client, config, statements: HashMap::new() })
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
        if self.client.is_closed() {
            self.statements.clear();
            self.client = connect(&self.runtime, &self.config)?;
        }
        Ok(())
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.runtime.block_on(self.client.batch_execute(sql))?)
    }

    pub(crate) fn execute(&mut self, text: Text, values: &[Value<'_>]) -> Result<u64, Error> {
        let statement = self.statement(text.postgres)?;
        let values = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect::<Vec<_>>();
        Ok(self.runtime.block_on(self.client.execute(&statement, &values))?)
    }

    pub(crate) fn query(
        &mut self,
        text: Text,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let statement = self.statement(text.postgres)?;
        let values = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect::<Vec<_>>();
        for row in self.runtime.block_on(self.client.query(&statement, &values))? {
            each(&Row(RowOf::Postgres(&row)))?;
        }
        Ok(())
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

fn connect(runtime: &Runtime, config: &Config) -> Result<Client, Error> {
    runtime.block_on(async {
        let client = tls::connect(config).await?;
        client.batch_execute(DURABLE).await?;
        Ok(client)
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
            format!("PostgreSQL at {hosts} does not let `{user}` in: check user and password of the URL, and pg_hba.conf")
        }
        Some(&SqlState::TOO_MANY_CONNECTIONS) => {
            format!("PostgreSQL at {hosts} has no connection left: raise its `max_connections`")
        }
        Some(code) => format!("PostgreSQL at {hosts} refused the connection ({})", code.code()),
        None => {
            use std::error::Error as _;
            let cause = cause.source().map_or_else(|| cause.to_string(), ToString::to_string);
            format!("PostgreSQL can't be reached at {hosts}: {cause}; check that it runs, and the URL's host, port and sslmode")
        }
    })
}
