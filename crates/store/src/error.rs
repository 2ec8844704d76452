//! Why the store could not do something.

use std::{error, fmt};

use tacita_corridor::Denied;
use tokio_postgres::error::SqlState;

/// Why the store could not do something. Values never stand in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// What was to be made is there already.
    Exists,
    /// What was asked for is not there, or not of this organisation.
    NotFound,
    /// Somebody it is to be about, too, is unknown.
    Unrelated,
    /// It has as many parts as it may have.
    Full,
    /// An organisation would be left without an owner.
    LastOwner,
    /// It stands at another version by now.
    Changed,
    /// The lawful basis is another one since the passage was made.
    BasisChanged,
    /// The transaction found a reason against it that the gate could not know.
    Denied(Denied),
    /// A row or file is not as this program writes it.
    Corrupt(&'static str),
    /// The ledger is not the one that was signed; the message names what is wrong with it first.
    Ledger(String),
    /// The database can't be opened as configured; the message says what to do.
    Refused(String),
    /// SQLite could not do it: no space, no permission, a broken file.
    Sqlite(rusqlite::Error),
    /// PostgreSQL could not do it: unreachable, stopped, out of connections.
    Postgres(tokio_postgres::Error),
    /// A key can't be had or used.
    Key(String),
    /// A function that worked in the transaction panicked; nothing of it stays.
    Panicked,
    /// Nobody waits for it any more.
    Unwanted,
    /// Too much waits to be done.
    Busy,
    /// The store is shutting down.
    Stopped,
    /// A group of operations could not be written, this one among them; nothing of it stays.
    Commit(String),
    /// The database was lost while it wrote: whether it has written is not known.
    Unsure(String),
}

impl Error {
    /// Whether the same may succeed when it is tried again from the beginning: two transactions waited for each other, or the
    /// connection was lost before anything was to be kept.
    pub(crate) fn passes(&self) -> bool {
        match self {
            Self::Postgres(cause) => match cause.code() {
                Some(code) => {
                    *code == SqlState::T_R_DEADLOCK_DETECTED
                        || *code == SqlState::T_R_SERIALIZATION_FAILURE
                        || *code == SqlState::ADMIN_SHUTDOWN
                        || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
                }
                None => cause.is_closed(),
            },
            // Another process writes for longer than a connection waits.
            Self::Sqlite(cause) => cause.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("it exists already"),
            Self::NotFound => f.write_str("there is no such thing in this organisation"),
            Self::LastOwner => {
                f.write_str("an organisation has an owner at any time: make somebody else one first")
            }
            Self::Unrelated => {
                f.write_str("`related` names somebody who is unknown; keep a record of theirs first")
            }
            Self::Full => f.write_str("it has as many parts as it may have; take one away first"),
            Self::Changed => f.write_str("it was changed meanwhile; read it again"),
            Self::BasisChanged => f.write_str("the lawful basis changed meanwhile; ask again"),
            Self::Denied(denied) => denied.fmt(f),
            Self::Corrupt(what) => {
                write!(f, "the database is damaged or was changed by another program: {what}")
            }
            Self::Ledger(what) => write!(
                f,
                "the ledger is not the one that was signed, and nothing more is signed: {what}; keep the database as it is, and \
                 compare it with a backup"
            ),
            Self::Refused(why) => f.write_str(why),
            Self::Sqlite(cause) => write!(f, "the database file can't be used: {cause}"),
            Self::Postgres(cause) => match cause.as_db_error() {
                // The detail of the server's message may quote values; the message itself names tables and constraints.
                Some(error) => write!(f, "PostgreSQL refused: {} ({})", error.message(), error.code().code()),
                None => write!(f, "PostgreSQL can't be used: {cause}"),
            },
            Self::Key(why) => f.write_str(why),
            Self::Panicked => f.write_str("an internal error; nothing was changed"),
            Self::Unwanted => f.write_str("it was given up before it was done"),
            Self::Busy => f.write_str("too much waits to be written; try again in a moment"),
            Self::Stopped => f.write_str("the store is shutting down"),
            Self::Unsure(why) => {
                write!(f, "whether it was written is not known ({why}); look before you ask again")
            }
            Self::Commit(why) => write!(f, "nothing was written: {why}"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Sqlite(cause) => Some(cause),
            Self::Postgres(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(cause: rusqlite::Error) -> Self {
        match cause.sqlite_error() {
            Some(error)
                if matches!(
                    error.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                ) =>
            {
                Self::Exists
            }
            Some(error) if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
                Self::NotFound
            }
            _ => Self::Sqlite(cause),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(cause: tokio_postgres::Error) -> Self {
        match cause.code() {
            Some(&SqlState::UNIQUE_VIOLATION) => Self::Exists,
            // It hangs on something that is not there.
            Some(&SqlState::FOREIGN_KEY_VIOLATION) => Self::NotFound,
            _ => Self::Postgres(cause),
        }
    }
}
