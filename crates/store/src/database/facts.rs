//! What a database is like. Nothing is written.

use tacita_domain::Timestamp;

use super::{Candidate, Kind, dialect};
use crate::Error;

/// The steps of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Those that the database has taken, in order.
    pub taken: Vec<&'static str>,
    /// Those that it has still to take, in order.
    pub missing: Vec<&'static str>,
}

/// What a database is like.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Which of the two it is.
    pub kind: Kind,
    /// The steps of its schema.
    pub steps: Steps,
    /// Tables that row-level security does not close.
    pub open_tables: Vec<String>,
    /// Whether who is connected may pass row-level security by.
    pub passes_by: bool,
    /// What time it has; a file has none of its own.
    pub clock: Option<Timestamp>,
}

impl Candidate {
    /// The steps of its schema.
    pub(crate) fn steps(&self) -> Steps {
        let name = |migration: &super::migrate::Migration| migration.name;
        let (taken, missing) = self.migrations.0.split_at(self.taken);
        Steps { taken: taken.iter().map(name).collect(), missing: missing.iter().map(name).collect() }
    }

    /// What it is like.
    pub(crate) fn facts(&mut self) -> Result<Facts, Error> {
        let steps = self.steps();
        let mut facts =
            Facts { kind: self.place.kind(), steps, open_tables: Vec::new(), passes_by: false, clock: None };
        let Some(connection) = &mut self.connection else { return Ok(facts) };
        connection.query(dialect::OPEN_TABLES, &[], &mut |row| {
            facts.open_tables.push(row.get(0)?);
            Ok(())
        })?;
        connection.query(dialect::PASSES_BY, &[], &mut |row| {
            facts.passes_by = row.get(0)?;
            Ok(())
        })?;
        connection.query(dialect::CLOCK, &[], &mut |row| {
            facts.clock = row.get(0)?;
            Ok(())
        })?;
        Ok(facts)
    }
}
