//! What other processes have destroyed: a key that they hold in memory must not outlive it for long.
//!
//! Whoever destroys keys counts it in the same transaction. A key that is in memory is used only where the count was compared within
//! the last second; where it has grown, the organisation's keys are read from the disk again.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use tacita_domain::OrganisationId;

use super::KeyRing;
use crate::{Clock, Error, Reading, Writing, queries};

queries! {
    COUNT = "SELECT removals FROM key_removals WHERE organisation = $1";
    ADD = "INSERT INTO key_removals (organisation, removals) VALUES ($1, 1) \
           ON CONFLICT (organisation) DO UPDATE SET removals = key_removals.removals + 1";
}

/// Microseconds for which a comparison holds.
const HOLDS: i64 = 1_000_000;

/// What was known of an organisation's removals when they were compared last.
#[derive(Clone, Copy)]
struct Known {
    count: i64,
    /// When, in microseconds.
    at: i64,
}

/// What is known of the removals of all organisations.
pub(super) struct Removals {
    clock: Clock,
    known: RwLock<HashMap<OrganisationId, Known>>,
}

impl Removals {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, known: RwLock::default() }
    }
}

impl KeyRing {
    /// Forgets the keys of an organisation where another process has destroyed any. To be called before a key that is in memory is
    /// used, and before one is put there.
    pub(super) async fn heed_removals(&self, organisation: OrganisationId) -> Result<(), Error> {
        let Removals { clock, known } = &self.removals;
        let now = clock().micros();
        let last = known.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).copied();
        // A clock that was set back makes it compare, too.
        if last.is_some_and(|last| (last.at..last.at.saturating_add(HOLDS)).contains(&now)) {
            return Ok(());
        }
        let count = self.database.read(organisation, count).await?;
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        let last = known.insert(organisation, Known { count, at: now });
        // While this has the lock: nobody believes the new count before the keys are gone.
        if last.is_some_and(|last| last.count != count) {
            self.cache.forget_organisation(organisation);
        }
        Ok(())
    }

    /// Takes note of a removal of this process's own, whose key it has removed from memory itself. Where another one's came between,
    /// the next comparison shows it.
    pub(super) fn note_removal(&self, organisation: OrganisationId, count: i64) {
        let mut known = self.removals.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = known.get_mut(&organisation).filter(|last| last.count == count - 1) {
            last.count = count;
        }
    }
}

/// Counts a removal, and says how many there were.
pub(super) fn add(tx: &mut Writing<'_>) -> Result<i64, Error> {
    tx.execute(ADD, &[])?;
    count(tx)
}

fn count(tx: &mut Reading<'_>) -> Result<i64, Error> {
    Ok(tx.query_one(COUNT, &[], |row| row.get(0))?.unwrap_or(0))
}
