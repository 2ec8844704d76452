//! The use-cases: one file per feature.
//!
//! A feature is a short function between the gate and the commit: it asks `Service::admit` for a passage, does its own work, and
//! hands both to the store. What it opens leaves only by the account that is on the disk.

mod access;
mod accounts;
mod attachments;
mod audit;
mod breached;
mod challenges;
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
mod links;
mod members;
mod migrate;
mod organisations;
mod passkeys;
mod passwords;
mod prune;
mod public_url;
mod purposes;
mod records;
mod remembered;
mod remote;
mod sessions;
mod sign_in;
mod subjects;
mod tokens;
#[cfg(test)]
mod trial;
mod verify;
mod witness;

use std::{num::NonZeroU32, path::PathBuf, sync::Arc, time::SystemTime};

use tacita_corridor::{Denied, Gate, Operation, Passage};
use tacita_detect::Detector;
use tacita_domain::{
    AccountId, Action, Actor, OperationId, OrganisationId, PurposeName, Scope, SessionId, SubjectId,
    Timestamp, TokenId, Trace,
};
use tacita_store::Store;
use tacita_vault::ClaimsKey;
use webauthn_rs::Webauthn;

pub use access::{Access, ISSUER};
pub use accounts::{Account, Enrolment, NewAccount, Profile};
pub use attachments::{Attached, FileName};
pub use audit::{AuditEntry, AuditFilter, AuditPage};
pub use deployment::{Databases, Deployment, LedgerSettings, Migrate, OpenError};
pub use doctor::{Finding, Health};
pub use epoch::Begun;
pub use error::Error;
pub use jobs::{JobFilter, JobTrouble};
pub use keys::{CopyOfRoot, KeysOpened, Rotated};
pub use links::NewLink;
pub use members::Member;
pub use organisations::Founded;
pub use passkeys::{PasskeyChallenge, PasskeyOf};
pub use prune::Pruned;
pub use public_url::{BadPublicUrl, PublicUrl};
pub use records::{Change, Draft, Held, History, Kept, Page, Said};
pub use remote::{Remote, RemoteError};
pub use sessions::{Device, NewSession};
pub use sign_in::{Attempt, SignIn};
pub use subjects::Person;
pub use tacita_store::{
    Error as StoreError, Steps, Verified,
    jobs::{Counts as JobCounts, Listed as ListedJob},
    ledger::Placed,
    members::Membership,
    sessions::Session,
};
pub use tacita_vault::{HardenError, PublicClaimsKey, RootSource, TransitSettings, are_equal};
pub use tokens::NewToken;
pub use verify::{LogFault, VerifiedLog};
pub use witness::{WitnessAccount, WitnessError, WitnessSettings, WitnessState};

use breached::Breached;
use files::Files;
use gate::{Grounds, Roles};
use passwords::Passwords;
use remembered::Remembered;
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
    tokens_by_id: Remembered<TokenId, tacita_store::tokens::Token>,
    sessions: sessions::Known,
    sessions_by_id: Remembered<SessionId, Session>,
    members: sessions::KnownMembers,
    claims_keys: Remembered<String, Option<Arc<ClaimsKey>>>,
    passwords: Passwords,
    relying_party: Arc<Webauthn>,
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
    /// What they may do at most.
    pub scope: Scope,
    /// What the request belongs to.
    pub trace: Trace,
}

impl Caller {
    /// Tacita itself, named by what it does for an organisation.
    #[must_use]
    pub const fn system(organisation: OrganisationId, name: &'static str, trace: Trace) -> Self {
        Self { organisation, actor: Actor::System(name), scope: Scope::FULL, trace }
    }

    /// Somebody who has an account, as a data subject of the platform: they see and change what is their own.
    pub(crate) const fn themselves(account: AccountId, trace: Trace) -> Self {
        let (organisation, actor) = (OrganisationId::PLATFORM, Actor::Subject(account.subject()));
        Self { organisation, actor, scope: Scope::FULL, trace }
    }
}

impl Service {
    /// The use-cases over `store` and the folder of sealed files; `detector` looks for personal data in what passes.
    #[must_use]
    pub fn new(store: Store, files: PathBuf, detector: Arc<Detector>, clock: Clock) -> Self {
        let grounds = Grounds::new(store.clone());
        let gate = Arc::new(Gate::new(Roles, grounds.clone(), store.clone()));
        let (logs, jobs) = (ledger::Logs::new(&store), jobs::Jobs::new(&store));
        let passwords = Passwords::new(store.chance());
        let (files, witnesses) = (Files::new(files), Witnesses::default());
        let retention_years = deployment::RETENTION_YEARS;
        Self {
            store,
            gate,
            grounds,
            tokens: tokens::none_known(),
            tokens_by_id: sessions::none_known(),
            sessions: sessions::none_known(),
            sessions_by_id: sessions::none_known(),
            members: sessions::none_known(),
            claims_keys: sessions::none_known(),
            passwords,
            relying_party: Arc::new(PublicUrl::local(deployment::PORT).relying_party()),
            logs,
            witnesses,
            retention_years,
            jobs,
            files,
            detector,
            clock,
        }
    }

    /// The same, showing what is signed to these witnesses, and keeping the bodies of entries for so many years.
    pub(crate) fn with_ledger(mut self, witnesses: Vec<Witness>, retention_years: NonZeroU32) -> Self {
        self.witnesses = Witnesses::new(witnesses);
        self.retention_years = retention_years;
        self
    }

    /// The same, taking no password of a list.
    pub(crate) fn with_stolen_passwords(mut self, list: Option<Breached>) -> Self {
        if let Some(list) = list {
            self.passwords = self.passwords.with_breached(list);
        }
        self
    }

    /// The same, reached by browsers at this address.
    pub(crate) fn with_public_url(mut self, url: &PublicUrl) -> Self {
        self.relying_party = Arc::new(url.relying_party());
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
        if !caller.scope.allows(action) {
            return Err(self.gate.refuse(operation, Denied::Scope).await.into());
        }
        Ok(self.gate.admit(operation).await?)
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
