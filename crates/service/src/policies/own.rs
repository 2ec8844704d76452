//! What the gate asks: the policies that count everywhere, and the organisation's own.

use std::sync::Arc;

use tacita_corridor::{Decision, Denied, Operation, Policy};
use tacita_domain::{OrganisationId, Timestamp};
use tacita_store::{Store, policies};

use super::set::{Narrower, Policies};
use crate::remembered::Remembered;

/// How long an organisation's own policies are taken as they were read: so long those that another process has set do not count.
const FRESH_SECONDS: i64 = 1;

/// All policies, by organisation.
#[derive(Clone)]
pub(crate) struct Deciding {
    store: Store,
    everywhere: Arc<Policies>,
    own: Remembered<OrganisationId, Own>,
}

/// An organisation's own, in one version.
#[derive(Clone)]
struct Own {
    version: u32,
    /// None where they can't be read by this program's schema. Then nothing is permitted but to set others.
    policies: Option<Option<Arc<Narrower>>>,
}

impl Deciding {
    pub(crate) fn new(store: Store, everywhere: Policies) -> Self {
        Self { store, everywhere: Arc::new(everywhere), own: Remembered::new(FRESH_SECONDS) }
    }

    /// Those that count everywhere.
    pub(crate) fn everywhere(&self) -> &Policies {
        &self.everywhere
    }

    /// Forgets what was read of an organisation's own: they have changed.
    pub(crate) fn forget(&self, organisation: OrganisationId) {
        self.own.forget(|whose, _| *whose == organisation);
    }

    async fn own(&self, organisation: OrganisationId, at: Timestamp) -> Result<Own, tacita_store::Error> {
        if let Some(own) = self.own.get(&organisation, at) {
            return Ok(own);
        }
        let own = match self.store.look_up(organisation, policies::current).await? {
            None => Own { version: 0, policies: Some(None) },
            Some(set) => match self.own.last(&organisation).filter(|known| known.version == set.version) {
                Some(known) => known,
                None => {
                    let policies = self.everywhere.narrower(&set.text).ok();
                    Own { version: set.version, policies: policies.map(|policies| policies.map(Arc::new)) }
                }
            },
        };
        self.own.put(organisation, own.clone(), at);
        Ok(own)
    }
}

impl Policy for Deciding {
    async fn permit(&self, operation: &Operation) -> Result<Decision, Denied> {
        let own = self.own(operation.organisation, operation.at).await.map_err(|_| Denied::Undecided)?;
        match own.policies {
            Some(own) => self.everywhere.decide_with(operation, own.as_deref()),
            None if Policies::is_past_own(operation.action) => self.everywhere.decide(operation),
            None => Err(Denied::Undecided),
        }
    }
}
