//! Pruning ledgers: what entries say goes when its term is over.

use tacita_domain::OrganisationId;
use tacita_store::prune;

use crate::{Error, Service};

/// Microseconds of a year of 365 days and a quarter.
const YEAR_MICROS: i64 = 31_557_600_000_000;

/// What was pruned of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// How many entries lost their bodies now.
    pub now: u64,
    /// Below which index all have.
    pub minimum: u64,
}

impl Service {
    /// Below which index the bodies of an organisation's log were pruned.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn pruned(&self, organisation: OrganisationId) -> Result<u64, Error> {
        Ok(self.store.look_up(organisation, prune::minimum).await?)
    }

    /// Deletes what entries of an organisation's ledger say that are older than the term of the settings, and what was written beside
    /// them: references, lineage, the register of processing. The entries stay, as hashes. It works in small transactions, and can
    /// be stopped and called again at any time.
    ///
    /// # Errors
    /// When the store can't do it; what was pruned until then stays so.
    pub async fn prune_ledger(&self, organisation: OrganisationId) -> Result<Pruned, Error> {
        let now = self.now();
        let term = YEAR_MICROS.saturating_mul(self.retention_years.get().into());
        let before = tacita_domain::Timestamp::from_micros(now.micros().saturating_sub(term));
        let read = move |tx: &mut tacita_store::Reading<'_>| {
            Ok((prune::minimum(tx)?, prune::signed_before(tx, before)?))
        };
        let (first, end) = self.store.look_up(organisation, read).await?;
        let mut minimum = first;
        while minimum < end {
            minimum = self.store.write_within(organisation, move |tx| prune::next(tx, end, now)).await?;
        }
        Ok(Pruned { now: minimum - first, minimum })
    }
}
