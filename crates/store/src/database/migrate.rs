//! Bringing a schema up to date.

use super::{Kind, connection::Connection, query::Text};
use crate::Error;

/// One step of a schema, in the words of each database.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// The steps of a schema, in order. Once landed, a step is never changed: there are databases that have taken it.
#[derive(Debug)]
pub(crate) struct Migrations(pub(crate) &'static [Migration]);

/// Steps of the same name from the folder of each database; `$from` is the way there from the file that says so.
macro_rules! migrations {
    ($from:literal, $($folder:literal / $name:literal),+ $(,)?) => {
        $crate::database::migrate::Migrations(&[$($crate::database::migrate::Migration {
            name: $name,
            sqlite: include_str!(concat!($from, "/sqlite/", $folder, "/", $name, ".sql")),
            postgres: include_str!(concat!($from, "/postgres/", $folder, "/", $name, ".sql")),
        }),+])
    };
}
pub(crate) use migrations;

const TAKEN: Text = Text {
    sqlite: "SELECT name FROM migrations ORDER BY position",
    postgres: "SELECT name FROM migrations ORDER BY position",
};
const TAKE: Text = Text {
    sqlite: "INSERT INTO migrations (position, name) VALUES (?1, ?2)",
    postgres: "INSERT INTO migrations (position, name) VALUES ($1, $2)",
};

/// The table of the steps taken; it exists before the first.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (position BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)";
/// Two programs that start together must not both take a step. The number is ours alone.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7416284121)";

impl Migrations {
    /// Takes the steps that are missing, all or none.
    pub(super) fn run(&self, connection: &mut Connection) -> Result<(), Error> {
        connection.begin_writing()?;
        match self.take(connection) {
            Ok(()) => connection.step("COMMIT"),
            Err(error) => {
                let _ = connection.step("ROLLBACK");
                Err(error)
            }
        }
    }

    fn take(&self, connection: &mut Connection) -> Result<(), Error> {
        if connection.kind() == Kind::Postgres {
            connection.batch(LOCK)?;
        }
        connection.batch(TABLE)?;
        let mut taken = Vec::new();
        connection.query(TAKEN, &[], &mut |row| {
            taken.push(row.get::<String>(0)?);
            Ok(())
        })?;
        for (position, name) in taken.iter().enumerate() {
            match self.0.get(position) {
                Some(migration) if migration.name == name => {}
                Some(_) => return Err(Error::Corrupt("its schema has steps that this program does not know")),
                None => {
                    return Err(Error::Refused(format!(
                        "the database has the schema of a newer version (`{name}`); start that version, or a later one"
                    )));
                }
            }
        }
        for (position, migration) in self.0.iter().enumerate().skip(taken.len()) {
            connection.batch(match connection.kind() {
                Kind::Sqlite => migration.sqlite,
                Kind::Postgres => migration.postgres,
            })?;
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            connection.execute(TAKE, &[position.into(), migration.name.into()])?;
        }
        Ok(())
    }
}
