//! Bringing a schema up to date.

use super::{Kind, connection::Connection, dialect, query::Text};
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
    takes_ground: false,
};
const TAKE: Text = Text {
    sqlite: "INSERT INTO migrations (position, name) VALUES (?1, ?2)",
    postgres: "INSERT INTO migrations (position, name) VALUES ($1, $2)",
    takes_ground: false,
};

/// The table of the steps taken; it exists before the first.
const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS migrations (position BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)";

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

    /// How many of the steps the schema has taken.
    ///
    /// # Errors
    /// When it has taken others.
    pub(super) fn taken(&self, connection: &mut Connection) -> Result<usize, Error> {
        let mut tables: i64 = 0;
        connection.query(dialect::HAS_MIGRATIONS, &[], &mut |row| {
            tables = row.get(0)?;
            Ok(())
        })?;
        if tables == 0 { Ok(0) } else { self.known(connection) }
    }

    fn known(&self, connection: &mut Connection) -> Result<usize, Error> {
        let mut taken = Vec::new();
        connection.query(TAKEN, &[], &mut |row| {
            taken.push(row.get::<String>(0)?);
            Ok(())
        })?;
        for (position, name) in taken.iter().enumerate() {
            match self.0.get(position) {
                Some(migration) if migration.name == name => {}
                Some(migration) => {
                    return Err(Error::Refused(format!(
                        "the database holds something else: its schema begins with `{name}`, not with `{}`; house and key ring are \
                         two databases, give each its own",
                        migration.name
                    )));
                }
                None => {
                    return Err(Error::Refused(format!(
                        "the database has the schema of a newer version (`{name}`); start that version, or a later one"
                    )));
                }
            }
        }
        Ok(taken.len())
    }

    fn take(&self, connection: &mut Connection) -> Result<(), Error> {
        if connection.kind() == Kind::Postgres {
            connection.batch(dialect::MIGRATION_LOCK)?;
        }
        connection.batch(TABLE)?;
        let taken = self.known(connection)?;
        for (position, migration) in self.0.iter().enumerate().skip(taken) {
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
