//! The use-cases: one file per feature.
//!
//! A feature is a short function between the gate and the commit: it asks `Service::admit` for a passage, does its own work, and
//! hands both to the store. What it opens leaves only by the account that is on the disk.

mod attachments;
mod audit;
mod database_keys;
mod deployment;
mod doctor;
mod error;
mod files;
mod gate;
mod keys;
mod ledger;
mod migrate;
mod organisations;
mod purposes;
mod records;
mod remembered;
mod subjects;
mod tokens;

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use tacita_corridor::{Gate, Operation, Passage};
use tacita_detect::Detector;
use tacita_domain::{Action, Actor, OperationId, OrganisationId, PurposeName, SubjectId, Timestamp, Trace};
use tacita_store::Store;

pub use attachments::{Attached, FileName};
pub use audit::{AuditEntry, AuditFilter, AuditPage};
pub use deployment::{Databases, Deployment, Migrate, OpenError};
pub use doctor::{Finding, Health};
pub use error::Error;
pub use keys::{CopyOfRoot, KeysOpened, Rotated};
pub use organisations::Founded;
pub use records::{Change, Draft, Held, History, Kept, Page, Said};
pub use subjects::Person;
pub use tacita_store::{Error as StoreError, Steps, Verified, ledger::Placed};
pub use tacita_vault::{HardenError, RootSource, TransitSettings};
pub use tokens::NewToken;

use files::Files;
use gate::{Grounds, Roles};

/// What time it is: the clock of the system outside tests.
pub type Clock = fn() -> Timestamp;

/// The clock of the system.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where a service meets the clock")]
pub fn system_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Gives up what would let others read keys out of this process, and says what could not be given up.
#[must_use]
pub fn harden() -> Vec<HardenError> {
    tacita_vault::harden().problems
}

/// All use-cases. Clones are the same service.
#[derive(Clone)]
pub struct Service {
    store: Store,
    gate: Arc<Gate<Roles, Grounds, Store>>,
    grounds: Grounds,
    tokens: tokens::Known,
    files: Files,
    logs: ledger::Logs,
    detector: Arc<Detector>,
    clock: Clock,
}

/// Who asks, and as part of what.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Within which organisation.
    pub organisation: OrganisationId,
    /// Who.
    pub actor: Actor,
    /// What the request belongs to.
    pub trace: Trace,
}

impl Service {
    /// The use-cases over `store` and the folder of sealed files; `detector` looks for personal data in what passes.
    #[must_use]
    pub fn new(store: Store, files: PathBuf, detector: Arc<Detector>, clock: Clock) -> Self {
        let grounds = Grounds::new(store.clone());
        let gate = Arc::new(Gate::new(Roles, grounds.clone(), store.clone()));
        let (tokens, logs) = (tokens::none_known(), ledger::Logs::new(&store));
        Self { store, gate, grounds, tokens, logs, files: Files::new(files), detector, clock }
    }

    /// What time it is.
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// How often each reason to work across organisations was used since the start, by its name.
    #[must_use]
    pub fn system_uses(&self) -> Vec<(&'static str, u64)> {
        self.store.uses().into_iter().map(|(scope, uses)| (scope.as_str(), uses)).collect()
    }

    /// A trace for what begins here.
    #[must_use]
    pub fn new_trace(&self) -> Trace {
        Trace::new(self.now(), self.store.random())
    }

    /// Leave for one operation.
    async fn admit(
        &self,
        caller: &Caller,
        action: Action,
        purpose: PurposeName,
        subject: Option<SubjectId>,
    ) -> Result<Passage, Error> {
        let at = self.now();
        let operation = Operation {
            id: OperationId::new(at, self.store.random()),
            organisation: caller.organisation,
            action,
            purpose,
            subject,
            actor: caller.actor,
            trace: caller.trace,
            at,
        };
        Ok(self.gate.admit(operation).await?)
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
