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
mod policies;
mod prune;
mod public_url;
mod purposes;
mod records;
mod remembered;
mod remote;
mod repeats;
mod sessions;
mod sign_in;
mod subjects;
mod tokens;
#[cfg(test)]
mod trial;
mod turns;
mod verify;
mod witness;

use std::{
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, atomic::AtomicI64},
    time::SystemTime,
};

use tacita_corridor::{Decision, Denied, Gate, Operation, Passage};
use tacita_detect::Detector;
use tacita_domain::{
    AccountId, Action, Actor, OperationId, OrganisationId, PurposeName, Scope, SessionId, SubjectId,
    Timestamp, TokenId, Trace,
};
use tacita_store::Store;
use tacita_vault::{ClaimsKey, Place, Sealed, SubjectKey};
use webauthn_rs::Webauthn;

pub use access::Access;
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
pub use policies::{BadPolicies, CountingPolicies, OwnPolicies, Policies, PolicyText};
pub use prune::Pruned;
pub use public_url::{BadPublicUrl, PublicUrl};
pub use records::{Change, Draft, Held, History, Kept, Page, Said};
pub use remote::{Remote, RemoteError};
pub use repeats::{Answer, Repeat};
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
pub use tacita_vault::{HardenError, PublicClaimsKey, RootSource, TransitSettings, are_equal, sha256};
pub use tokens::NewToken;
pub use verify::{LogFault, VerifiedLog};
pub use witness::{WitnessAccount, WitnessError, WitnessSettings, WitnessState};

use breached::Breached;
use files::Files;
use gate::Grounds;
use organisations::ADMINISTRATION;
pub use passwords::AT_A_TIME as PASSWORDS_AT_A_TIME;
use passwords::Passwords;
use policies::Deciding;
use remembered::Remembered;
use turns::Turns;
use witness::{Witness, Witnesses};

/// What time it is: the clock of the system outside tests.
pub type Clock = fn() -> Timestamp;

/// A name as somebody gave it, without spaces around it.
fn checked_name(name: &str, longest: usize) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > longest || name.chars().any(char::is_control) {
        return Err(Error::Invalid(format!(
            "`name` is no name: give 1 to {longest} characters without control characters"
        )));
    }
    Ok(name.to_owned())
}

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

/// How long a key that was made of a version is kept; it stays the same.
const CLAIMS_KEYS_SECONDS: i64 = 60 * 60;

/// All use-cases. Clones are the same service.
#[derive(Clone)]
pub struct Service {
    store: Store,
    gate: Arc<Gate<Deciding, Grounds, Store>>,
    deciding: Deciding,
    grounds: Grounds,
    tokens: tokens::Known,
    tokens_by_id: Remembered<TokenId, tacita_store::tokens::Token>,
    sessions: sessions::Known,
    sessions_by_id: Remembered<SessionId, Session>,
    members: sessions::KnownMembers,
    claims_keys: Remembered<u32, Arc<ClaimsKey>>,
    /// In which second an unknown key was last looked for.
    keys_looked_for: Arc<AtomicI64>,
    passwords: Passwords,
    public_url: Arc<PublicUrl>,
    turns: Turns,
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
    /// By which mark their request is known if it is sent again.
    pub mark: Option<[u8; 32]>,
    /// What the request belongs to.
    pub trace: Trace,
}

impl Caller {
    /// Tacita itself, named by what it does for an organisation.
    #[must_use]
    pub const fn system(organisation: OrganisationId, name: &'static str, trace: Trace) -> Self {
        Self::new(organisation, Actor::System(name), trace)
    }

    /// Somebody who may do all that they may, whose request is not known if it is sent again.
    #[must_use]
    pub const fn new(organisation: OrganisationId, actor: Actor, trace: Trace) -> Self {
        Self { organisation, actor, scope: Scope::FULL, mark: None, trace }
    }

    /// Somebody who has an account, as a data subject of the platform: they see and change what is their own.
    pub(crate) const fn themselves(account: AccountId, trace: Trace) -> Self {
        Self::new(OrganisationId::PLATFORM, Actor::Subject(account.subject()), trace)
    }
}

impl Service {
    /// The use-cases over `store` and the folder of sealed files, as `policies` permit them; `detector` looks for personal data in
    /// what passes.
    #[must_use]
    pub fn new(
        store: Store,
        policies: Policies,
        files: PathBuf,
        detector: Arc<Detector>,
        clock: Clock,
    ) -> Self {
        let deciding = Deciding::new(store.clone(), policies);
        let grounds = Grounds::new(store.clone());
        let gate = Arc::new(Gate::new(deciding.clone(), grounds.clone(), store.clone()));
        let (logs, jobs) = (ledger::Logs::new(&store), jobs::Jobs::new(&store));
        let passwords = Passwords::new(store.chance());
        let (files, witnesses) = (Files::new(files), Witnesses::default());
        let retention_years = deployment::RETENTION_YEARS;
        let public_url = PublicUrl::local(deployment::PORT);
        Self {
            store,
            gate,
            deciding,
            grounds,
            tokens: tokens::none_known(),
            tokens_by_id: sessions::none_known(),
            sessions: sessions::none_known(),
            sessions_by_id: sessions::none_known(),
            members: sessions::none_known(),
            claims_keys: Remembered::new(CLAIMS_KEYS_SECONDS),
            keys_looked_for: Arc::default(),
            passwords,
            turns: Turns::new(),
            relying_party: Arc::new(public_url.relying_party()),
            public_url: Arc::new(public_url),
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
        self.public_url = Arc::new(url.clone());
        self
    }

    /// Where browsers reach the server.
    #[must_use]
    pub fn public_url(&self) -> &PublicUrl {
        &self.public_url
    }

    /// Records an attempt that writes nothing else, by what it was and what came of it.
    pub(crate) async fn note_attempt(&self, passage: Passage, object: &str) -> Result<(), Error> {
        self.store.commit(passage, Some(object.to_owned()), |_| Ok(())).await?;
        Ok(())
    }

    /// A value sealed with its owner's key, for the place that it is kept at.
    pub(crate) fn seal_at(&self, key: &SubjectKey, place: &Place<'_>, value: &[u8]) -> Result<Sealed, Error> {
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        key.seal(place, value, &mut chance).map_err(|error| Error::Invalid(error.to_string()))
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

    /// Asks the policies whether the caller may do what touches no personal data. What is permitted leaves nothing; a refusal is
    /// recorded as any other.
    ///
    /// # Errors
    /// When a policy forbids it or none permits it, or the action takes a passage.
    pub async fn permit(&self, caller: &Caller, action: Action) -> Result<Decision, Error> {
        if action.touches_personal_data() {
            return Err(Error::Invalid(format!("`{action}` touches personal data, and so takes a passage")));
        }
        let operation = self.operation(caller, action, administration(), None);
        if !caller.scope.allows(action) {
            return Err(self.gate.refuse(operation, None, Denied::Scope).await.into());
        }
        Ok(self.gate.permit(operation).await?)
    }

    /// Leave for one operation of administration, which leaves an account.
    async fn administer(&self, caller: &Caller, action: Action) -> Result<Passage, Error> {
        self.admit(caller, action, administration(), None).await
    }

    /// Leave for one operation.
    async fn admit(
        &self,
        caller: &Caller,
        action: Action,
        purpose: PurposeName,
        subject: Option<SubjectId>,
    ) -> Result<Passage, Error> {
        let operation = self.operation(caller, action, purpose, subject);
        // Whoever may do something may also hear again what came of it.
        if !caller.scope.allows(action) && action != Action::AnswerRepeat {
            return Err(self.gate.refuse(operation, None, Denied::Scope).await.into());
        }
        let mut passage = self.gate.admit(operation).await?;
        passage.marked(caller.mark);
        Ok(passage)
    }

    fn operation(
        &self,
        caller: &Caller,
        action: Action,
        purpose: PurposeName,
        subject: Option<SubjectId>,
    ) -> Operation {
        let at = self.now();
        Operation {
            id: OperationId::new(at, self.store.random()),
            organisation: caller.organisation,
            action,
            purpose,
            subject,
            actor: caller.actor,
            trace: caller.trace,
            at,
        }
    }
}

/// The purpose of administration.
fn administration() -> PurposeName {
    ADMINISTRATION.parse().expect("it is a name")
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
