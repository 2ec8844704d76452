//! SQLite with SQLCipher.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::{
    query::Text,
    value::{Row, RowOf, Value},
};
use crate::Error;

/// Statements kept prepared by each connection; a few more than there are.
const STATEMENTS: usize = 256;

/// What is asserted of every connection, with what it must read back as.
const PRAGMAS: [(&str, &str, &str); 9] = [
    // Before the first table, and for ever: what is deleted can be given back page by page.
    ("auto_vacuum", "INCREMENTAL", "2"),
    ("journal_mode", "WAL", "wal"),
    // What was acknowledged is on the disk, not in a cache of the system.
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("secure_delete", "ON", "1"),
    // Sorting must not write plain text into temporary files.
    ("temp_store", "MEMORY", "2"),
    ("trusted_schema", "OFF", "0"),
    ("busy_timeout", "5000", "5000"),
    // In pages: a checkpointer that waits longer lets the WAL grow to hundreds of megabytes.
    ("wal_autocheckpoint", "4000", "4000"),
];

pub(crate) struct Sqlite(Connection);

impl Sqlite {
    /// Opens the file, or makes it. `key` is 32 bytes.
    pub(crate) fn open(path: &Path, key: &[u8; 32]) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
        connection.execute_batch(&keyed(key))?;
        let readable = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        if let Err(error) = readable {
            return Err(match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::NotADatabase) => Error::Refused(format!(
                    "`{}` does not open with this root key; give the root key it was made with, or another data folder",
                    path.display()
                )),
                _ => error.into(),
            });
        }
        for (name, value, expected) in PRAGMAS {
            connection.execute_batch(&format!("PRAGMA {name} = {value}"))?;
            let set: rusqlite::types::Value = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
            let set = match set {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                _ => String::new(),
            };
            if set != expected {
                return Err(Error::Refused(format!(
                    "`{}` does not keep `{name} = {value}` (it says `{set}`); without it nothing here is safe",
                    path.display()
                )));
            }
        }
        connection.execute_batch("PRAGMA cache_size = -65536")?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self(connection))
    }

    pub(crate) fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.0.execute_batch(sql)?)
    }

    /// Runs a short statement without parameters, kept prepared.
    pub(crate) fn step(&self, sql: &'static str) -> Result<(), Error> {
        self.0.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    pub(crate) fn execute(&self, text: Text, values: &[Value<'_>]) -> Result<u64, Error> {
        let mut statement = self.0.prepare_cached(text.sqlite)?;
        bind(&mut statement, values)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(crate) fn query(
        &self,
        text: Text,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut statement = self.0.prepare_cached(text.sqlite)?;
        bind(&mut statement, values)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            each(&Row(RowOf::Sqlite(row)))?;
        }
        Ok(())
    }
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, values: &[Value<'_>]) -> Result<(), Error> {
    for (index, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// The statement that gives SQLCipher its key as bytes, which skips its own stretching: the key is no passphrase.
fn keyed(key: &[u8; 32]) -> Zeroizing<String> {
    use std::fmt::Write;
    let mut sql = Zeroizing::new(String::with_capacity(96));
    sql.push_str("PRAGMA key = \"x'");
    for byte in key {
        write!(sql, "{byte:02x}").expect("writing to a string can't fail");
    }
    sql.push_str("'\"");
    sql
}
