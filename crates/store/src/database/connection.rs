//! A connection to either database: the one place that tells them apart.

use tacita_domain::OrganisationId;

use super::{
    Kind, Place,
    dialect,
    postgres::Postgres,
    query::Text,
    sqlite::Sqlite,
    value::{Row, Value},
};
use crate::{Error, SystemScope};

/// Within what a transaction works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One organisation; nothing else can be seen.
    Organisation(OrganisationId),
    /// All of them, for a named reason.
    System(SystemScope),
}

pub(crate) struct Connection(Either);

enum Either {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Connection {
    /// Connects, and makes the file where it is missing.
    pub(crate) fn open(place: &Place) -> Result<Self, Error> {
        Ok(Self(match place {
            Place::File { path, key } => Either::Sqlite(Sqlite::open(path, key)?),
            Place::Server(config) => Either::Postgres(Postgres::open(config)?),
        }))
    }

    /// Connects and checks that the database can be used, without writing; none where there is no file.
    pub(crate) fn look(place: &Place) -> Result<Option<Self>, Error> {
        Ok(match place {
            Place::File { path, key } => Sqlite::look(path, key)?.map(|it| Self(Either::Sqlite(it))),
            Place::Server(config) => {
                let mut connection = Postgres::open(config)?;
                connection.check()?;
                Some(Self(Either::Postgres(connection)))
            }
        })
    }

    /// Which database of which server it is.
    pub(super) fn identity(&mut self) -> Result<String, Error> {
        let mut identity = String::new();
        self.query(dialect::IDENTITY, &[], &mut |row| {
            identity = row.get(0)?;
            Ok(())
        })?;
        Ok(identity)
    }

    pub(crate) const fn kind(&self) -> Kind {
        match self.0 {
            Either::Sqlite(_) => Kind::Sqlite,
            Either::Postgres(_) => Kind::Postgres,
        }
    }

    /// Connects again where the connection was lost.
    pub(crate) fn revive(&mut self) -> Result<(), Error> {
        match &mut self.0 {
            Either::Sqlite(_) => Ok(()),
            Either::Postgres(connection) => connection.revive(),
        }
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), Error> {
        match &mut self.0 {
            Either::Sqlite(connection) => connection.batch(sql),
            Either::Postgres(connection) => connection.batch(sql),
        }
    }

    /// Opens or ends a transaction or a savepoint.
    pub(crate) fn step(&mut self, sql: &'static str) -> Result<(), Error> {
        match &mut self.0 {
            Either::Sqlite(connection) => connection.step(sql),
            Either::Postgres(connection) => connection.batch(sql),
        }
    }

    pub(crate) fn begin_writing(&mut self) -> Result<(), Error> {
        let begin = dialect::begin_writing(self.kind());
        self.step(begin)
    }

    pub(crate) fn begin_reading(&mut self) -> Result<(), Error> {
        let begin = dialect::begin_reading(self.kind());
        self.step(begin)
    }

    /// Confines what follows to `scope`, where the database itself can.
    pub(crate) fn confine(&mut self, scope: Scope) -> Result<(), Error> {
        match self.0 {
            Either::Sqlite(_) => Ok(()),
            Either::Postgres(ref connection) => connection.batch(&dialect::confine(scope)),
        }
    }

    pub(crate) fn execute(&mut self, text: Text, values: &[Value<'_>]) -> Result<u64, Error> {
        match &mut self.0 {
            Either::Sqlite(connection) => connection.execute(text, values),
            Either::Postgres(connection) => connection.execute(text, values),
        }
    }

    pub(crate) fn query(
        &mut self,
        text: Text,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match &mut self.0 {
            Either::Sqlite(connection) => connection.query(text, values, each),
            Either::Postgres(connection) => connection.query(text, values, each),
        }
    }
}
