//! SQLite with SQLCipher.

use std::{fs, io, path::Path};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};
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
        let connection = unlocked(path, key, OpenFlags::SQLITE_OPEN_CREATE)?;
        for (name, value, expected) in PRAGMAS {
            connection.execute_batch(&format!("PRAGMA {name} = {value}"))?;
            let set: rusqlite::types::Value =
                connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?;
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

    /// Opens the file without changing it; none where there is none.
    pub(crate) fn look(path: &Path, key: &[u8; 32]) -> Result<Option<Self>, Error> {
        match fs::metadata(path) {
            Ok(about) if about.len() == 0 => Ok(None),
            Ok(_) => {
                let mut log = path.as_os_str().to_owned();
                log.push("-wal");
                let is_logged = fs::metadata(log).is_ok_and(|log| log.len() > 0);
                let connection = unlocked(path, key, OpenFlags::empty())?;
                // Whoever closes last would move the log into the file. An empty one is removed, as it was made.
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_logged)?;
                Ok(Some(Self(connection)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                match folder {
                    Some(folder) if !folder.is_dir() => Err(Error::Refused(format!(
                        "there is no folder `{}` for the database: make it, or give another",
                        folder.display()
                    ))),
                    _ => Ok(None),
                }
            }
            Err(error) => Err(Error::Refused(format!("`{}` can't be opened: {error}", path.display()))),
        }
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

    /// Runs a statement for each row of values after the first value, which all share.
    pub(crate) fn execute_all<'v, const N: usize>(
        &self,
        text: Text,
        first: Value<'_>,
        rows: impl Iterator<Item = [Value<'v>; N]>,
    ) -> Result<(), Error> {
        let mut statement = self.0.prepare_cached(text.sqlite)?;
        statement.raw_bind_parameter(1, first)?;
        for values in rows {
            for (index, value) in values.into_iter().enumerate() {
                statement.raw_bind_parameter(index + 2, value)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
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

/// The path by which a file is known, whatever links lead there.
pub(super) fn identity(path: &Path) -> Result<String, Error> {
    let refused = |error| Error::Refused(format!("`{}` can't be found out: {error}", path.display()));
    let absolute = std::path::absolute(path).map_err(refused)?;
    let known = fs::canonicalize(&absolute).or_else(|_| {
        // It is not there yet; its folder is.
        let folder = absolute.parent().map(fs::canonicalize).transpose()?.unwrap_or_default();
        Ok(folder.join(absolute.file_name().unwrap_or_default()))
    });
    Ok(known.map_err(refused)?.to_string_lossy().into_owned())
}

/// A connection that has its key and can read.
fn unlocked(path: &Path, key: &[u8; 32], more: OpenFlags) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | more;
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| Error::Refused(format!("`{}` can't be opened: {error}", path.display())))?;
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    connection.execute_batch(&keyed(key))?;
    // Every page that is written is authenticated. Processors compute this hash by themselves; SQLCipher's default, SHA-512, took
    // a quarter of the time of a write.
    connection.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")?;
    match connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())) {
        Ok(()) => Ok(connection),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(Error::Refused(format!(
                "`{}` does not open with this root key; give the root key it was made with, or another data folder",
                path.display()
            )))
        }
        Err(error) => Err(error.into()),
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
