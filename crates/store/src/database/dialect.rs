//! What the two databases say differently, by name, each with its reason.

use super::{Kind, connection::Scope};

/// SQLite takes the lock for writing at once, or two that have read would wait for each other.
pub(super) const fn begin_writing(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "BEGIN IMMEDIATE",
        Kind::Postgres => "BEGIN",
    }
}

/// SQLite has no word for it: what reads writes nothing because its transaction has no function that does.
pub(super) const fn begin_reading(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "BEGIN DEFERRED",
        Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    }
}

/// Row-level security is PostgreSQL's: the role that may see one organisation, and which. On SQLite the types of the queries do
/// it alone.
pub(super) fn confine(scope: Scope) -> String {
    match scope {
        Scope::Organisation(organisation) => {
            let hex: String = organisation.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("SET LOCAL ROLE tacita_member; SET LOCAL tacita.organisation = '{hex}'")
        }
        Scope::System(_) => "SET LOCAL ROLE tacita_system".to_owned(),
    }
}
