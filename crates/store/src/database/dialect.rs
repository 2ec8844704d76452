//! What the two databases say differently, by name, each with its reason.

use tacita_domain::OrganisationId;

use super::{
    Kind,
    connection::Scope,
    query::{Scoped, Text},
};

/// Whether there is the table of the steps that the schema has taken: each database lists its tables in its own way.
pub(super) const HAS_MIGRATIONS: Text = Text {
    sqlite: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'",
    postgres: "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'",
    takes_ground: false,
};

/// Two programs that start together must not both take a step. A file is locked by whoever writes; the number is ours alone.
pub(super) const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7416284121)";

/// Which database of which server it is: one that is restarted between two looks counts as two. A file is known by its path.
pub(super) const IDENTITY: Text = Text {
    sqlite: "SELECT ''",
    postgres: "SELECT concat_ws(' ', pg_postmaster_start_time(), current_setting('port'), oid) \
               FROM pg_database WHERE datname = current_database()",
    takes_ground: false,
};

/// Tables that row-level security, which is PostgreSQL's, does not close to their owner.
pub(super) const OPEN_TABLES: Text = Text {
    sqlite: "SELECT name FROM sqlite_schema WHERE 1 = 0",
    postgres: "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace \
               AND relname <> 'migrations' AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1",
    takes_ground: false,
};

/// Whether who is connected may pass row-level security by.
pub(super) const PASSES_BY: Text = Text {
    sqlite: "SELECT 0",
    postgres: "SELECT (rolsuper OR rolbypassrls)::int8 FROM pg_roles WHERE rolname = current_user",
    takes_ground: false,
};

/// What time the server has, in microseconds; a file has none of its own.
pub(super) const CLOCK: Text = Text {
    sqlite: "SELECT NULL",
    postgres: "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8",
    takes_ground: false,
};

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

/// Row-level security is PostgreSQL's. Roles belong to its server, and each database has its own two of them.
#[derive(Debug)]
pub(super) struct Roles {
    /// Sees one organisation.
    pub(super) member: String,
    /// Sees all of them.
    pub(super) system: String,
}

/// The names of the [`Roles`], quoted; none before the schema is there.
pub(super) const ROLES: &str = "SELECT quote_ident(one.roles[1]), quote_ident(every.roles[1]) \
     FROM pg_policies AS one JOIN pg_policies AS every USING (schemaname, tablename) \
     WHERE schemaname = current_schema() AND one.policyname = 'one_organisation' AND every.policyname = 'every_organisation' \
     LIMIT 1";

/// The role that may see one organisation, and which, or the one that sees all. On SQLite the types of the queries do it alone.
pub(super) fn confine(scope: Scope, roles: &Roles) -> String {
    match scope {
        Scope::Organisation(organisation) => {
            let hex = data_encoding::HEXLOWER.encode(organisation.as_bytes());
            format!("SET LOCAL ROLE {}; SET LOCAL tacita.organisation = '{hex}'", roles.member)
        }
        Scope::System(_) => format!("SET LOCAL ROLE {}", roles.system),
    }
}

/// Several write to PostgreSQL at once. Whoever relies on an organisation's purposes and restrictions shares this lock until its
/// commit; whoever changes them waits until nobody does. So what was done on a ground is on the disk before the ground is gone.
/// SQLite has one writer.
pub(super) fn share_basis(organisation: OrganisationId) -> String {
    format!("SELECT pg_advisory_xact_lock_shared({})", lock(organisation))
}

/// Takes up the job that could be done first. Several write to PostgreSQL at once: each passes by what another is at, instead of
/// waiting for its commit. SQLite has one writer.
pub(crate) const CLAIM: Scoped = Scoped(Text {
    sqlite: "/* jobs CLAIM */ UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, holder = ?2, ready = ?3 \
             WHERE organisation = ?1 AND job = (SELECT job FROM jobs WHERE organisation = ?1 AND ended IS NULL AND ready <= ?4 \
             ORDER BY ready, job LIMIT 1) RETURNING job, kind, arguments, fence, attempts",
    postgres: "/* jobs CLAIM */ UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, holder = $2, ready = $3 \
               WHERE organisation = $1 AND job = (SELECT job FROM jobs WHERE organisation = $1 AND ended IS NULL AND ready <= $4 \
               ORDER BY ready, job LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING job, kind, arguments, fence, attempts",
    takes_ground: false,
});

/// The other side of [`share_basis`].
pub(super) fn seize_basis(organisation: OrganisationId) -> String {
    format!("SELECT pg_advisory_xact_lock({})", lock(organisation))
}

/// Whoever writes what the root key wraps waits for whoever changes the root key, and the other way round: nothing is wrapped by a
/// root key that was changed meanwhile. SQLite has one writer; the number is ours alone.
pub(super) const SEIZE_ROOT: &str = "SELECT pg_advisory_xact_lock(7416284122)";

/// The last bytes of an id are chance. Two organisations that have the same wait for each other now and then.
fn lock(organisation: OrganisationId) -> i64 {
    let (_, last) = organisation.as_bytes().split_at(8);
    last.iter().fold(0, |lock, byte| lock << 8 | i64::from(*byte))
}
