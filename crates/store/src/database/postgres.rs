//! PostgreSQL.

use std::collections::HashMap;

use tokio::runtime::{self, Runtime};
use tokio_postgres::{Client, Config, NoTls, Statement, types::ToSql};

use super::{
    query::Text,
    value::{Row, RowOf, Value},
};
use crate::Error;

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
        let client = connect(&runtime, config)?;
        Ok(Self { runtime, client, config: config.clone(), statements: HashMap::new() })
    }

    /// Connects again where the server has closed the connection.
    pub(crate) fn revive(&mut self) -> Result<(), Error> {
        if self.client.is_closed() {
            self.client = connect(&self.runtime, &self.config)?;
            self.statements.clear();
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
        let (client, connection) = config.connect(NoTls).await?;
        // It runs whenever this thread waits for an answer; its end shows in the client.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    })
}
