//! The use-cases: one file per feature.
//!
//! A feature is a short function between the gate and the commit: it asks `Service::admit` for a passage, does its own work, and
//! hands both to the store. What it opens leaves only by the account that is on the disk.

mod attachments;
mod audit;
mod database_keys;
mod deployment;
mod doctor;
mod epoch;
mod error;
mod files;
mod gate;
mod jobs;
mod keys;
mod ledger;
mod migrate;
mod organisations;
mod prune;
mod purposes;
mod records;
mod remembered;
mod remote;
mod subjects;
mod tokens;
#[cfg(test)]
mod trial;
mod verify;
mod witness;

use std::{num::NonZeroU32, path::PathBuf, sync::Arc, time::SystemTime};

use tacita_corridor::{Gate, Operation, Passage};
use tacita_detect::Detector;
use tacita_domain::{Action, Actor, OperationId, OrganisationId, PurposeName, SubjectId, Timestamp, Trace};
use tacita_store::Store;

pub use attachments::{Attached, FileName};
pub use audit::{AuditEntry, AuditFilter, AuditPage};
pub use deployment::{Databases, Deployment, LedgerSettings, Migrate, OpenError};
pub use doctor::{Finding, Health};
pub use epoch::Begun;
pub use error::Error;
pub use jobs::{JobFilter, JobTrouble};
pub use keys::{CopyOfRoot, KeysOpened, Rotated};
pub use organisations::Founded;
pub use prune::Pruned;
pub use records::{Change, Draft, Held, History, Kept, Page, Said};
pub use remote::{Remote, RemoteError};
pub use subjects::Person;
pub use tacita_store::{
    Error as StoreError, Steps, Verified,
    jobs::{Counts as JobCounts, Listed as ListedJob},
    ledger::Placed,
};
pub use tacita_vault::{HardenError, RootSource, TransitSettings};
pub use tokens::NewToken;
pub use verify::{LogFault, VerifiedLog};
pub use witness::{WitnessAccount, WitnessError, WitnessSettings, WitnessState};

use files::Files;
use gate::{Grounds, Roles};
use witness::{Witness, Witnesses};

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
    witnesses: Witnesses,
    retention_years: NonZeroU32,
    jobs: jobs::Jobs,
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
        let (tokens, logs, jobs) = (tokens::none_known(), ledger::Logs::new(&store), jobs::Jobs::new(&store));
        let (files, witnesses) = (Files::new(files), Witnesses::default());
        let retention_years = deployment::RETENTION_YEARS;
        Self { store, gate, grounds, tokens, logs, witnesses, retention_years, jobs, files, detector, clock }
    }

    /// The same, showing what is signed to these witnesses, and keeping the bodies of entries for so many years.
    pub(crate) fn with_ledger(mut self, witnesses: Vec<Witness>, retention_years: NonZeroU32) -> Self {
        self.witnesses = Witnesses::new(witnesses);
        self.retention_years = retention_years;
        self
    }

    /// What time it is.
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// How many refusals could not be recorded since this process began.
    #[must_use]
    pub fn unrecorded_refusals(&self) -> u64 {
        self.store.unrecorded()
    }

    /// Waits until what was given up is recorded. For whoever stops, and asks nothing more.
    pub async fn settle(&self) {
        self.store.settle().await;
    }

    /// Whether the store answers.
    pub async fn answers(&self) -> bool {
        // An organisation that nobody has: what matters is that an answer comes.
        let nobody = OrganisationId::from_bytes([0; 16]);
        let one = JobFilter { limit: Some(1), ..JobFilter::default() };
        self.jobs(nobody, one).await.is_ok()
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
