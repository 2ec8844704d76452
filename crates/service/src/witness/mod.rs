//! Witnesses: a second place that remembers what was signed, which is what makes a rewrite visible.
//!
//! Each is shown the newest checkpoint of each log, at most every ten seconds, and behind the backs of those who wait for an answer:
//! what could not be shown is tried again. Before this process signs anything in a log, a witness must have said that the
//! database's log continues what it knows: one that does not is an old database that was put back, or a rewritten one, and is
//! signed no further.

mod confirm;
mod cosigner;
mod error;
mod folder;
mod show;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tacita_domain::{OrganisationId, Timestamp};
use tacita_ledger::{note::VerifierKey, witness::can_cosign};
use tacita_store::witness;
use tokio::sync::Semaphore;

use crate::{Error, Remote, Service};
pub(crate) use confirm::Asked;
use cosigner::Cosigner;
use folder::Folder;
pub(crate) use show::Unshown;

pub use error::WitnessError;
pub use tacita_store::witness::State as WitnessState;

/// Between two checkpoints that a witness is shown of a log.
const PACE_SECONDS: i64 = 10;
/// How long it is left alone after the first failure; then twice that, and so on.
const FIRST_SECONDS: i64 = 2;
/// The longest time that it is left alone.
const LAST_SECONDS: i64 = 600;
/// How long a log is left alone that contradicts what a witness knows.
const CONTRADICTED_SECONDS: i64 = 55;
/// How often it is looked at what is due.
const ROUND: Duration = Duration::from_secs(1);

/// Where a witness is, and whom to believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WitnessSettings {
    /// A folder, best on another disk.
    Folder(PathBuf),
    /// What speaks C2SP's tlog-witness.
    Cosigner {
        /// Its submission prefix, below which `add-checkpoint` stands.
        url: String,
        /// The key of its cosignatures, as C2SP's signed-note writes it; without one its cosignatures are not kept.
        key: Option<String>,
        /// Whether another machine may be spoken to without TLS.
        plaintext: bool,
        /// The longest time for one request.
        timeout: Duration,
    },
}

/// A second place that remembers.
#[derive(Debug)]
pub(crate) struct Witness {
    name: String,
    place: Place,
    /// It is asked one thing at a time, so that one that is slow holds no more than one thread.
    turn: Arc<Semaphore>,
}

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Cosigner(Cosigner),
}

/// What became of the witness's work, since the process has started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessAccount {
    /// Its folder or address.
    pub witness: String,
    /// Checkpoints that it was shown.
    pub published: u64,
    /// How often it could not be shown one.
    pub failed: u64,
    /// Logs of which it does not know the newest checkpoint.
    pub waiting: u64,
}

/// All witnesses, and how they stand with each log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witnesses {
    all: Arc<[Witness]>,
    standing: Arc<Mutex<Standing>>,
}

#[derive(Debug, Default)]
struct Standing {
    logs: HashMap<OrganisationId, Word>,
    /// What each witness is to be shown, and when.
    due: HashMap<(usize, OrganisationId), Due>,
    counts: HashMap<usize, Counts>,
}

/// What the witnesses say of a log.
#[derive(Debug)]
enum Word {
    Continues,
    /// It does not; they are asked again from then on.
    Contradicts(WitnessError, Timestamp),
    /// None could be asked; it is tried again from then on.
    Unasked(WitnessError, Due),
}

#[derive(Clone, Copy, Debug)]
struct Due {
    /// Something newer is there.
    waits: bool,
    from: Timestamp,
    failures: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    published: u64,
    failed: u64,
}

impl Witness {
    /// The witness of these settings. It is not asked yet.
    ///
    /// # Errors
    /// When the settings can't be meant; the message says why.
    pub(crate) fn new(settings: &WitnessSettings) -> Result<Self, String> {
        let turn = Arc::new(Semaphore::new(1));
        match settings {
            WitnessSettings::Folder(path) => {
                let place = Place::Folder(Folder::new(path.clone()));
                Ok(Self { name: path.display().to_string(), place, turn })
            }
            WitnessSettings::Cosigner { url, key, plaintext, timeout } => {
                let remote = Remote::new(url, *plaintext, *timeout).map_err(|why| why.to_string())?;
                let key: Option<VerifierKey> = match key {
                    Some(key) => Some(key.parse().map_err(|why| format!("`key`: {why}"))?),
                    None => None,
                };
                if key.as_ref().is_some_and(|key| !can_cosign(key)) {
                    return Err("`key` is that of a log, which cosigns nothing: give the one of the witness"
                        .to_owned());
                }
                let name = remote.url().to_owned();
                Ok(Self { name, place: Place::Cosigner(Cosigner { remote, key }), turn })
            }
        }
    }
}

impl Due {
    const fn new(from: Timestamp) -> Self {
        Self { waits: true, from, failures: 0 }
    }

    /// After one more failure.
    fn failed(self, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let seconds = FIRST_SECONDS.saturating_mul(1 << (failures - 1).min(16)).min(LAST_SECONDS);
        Self { waits: true, from: now.after_seconds(seconds), failures }
    }
}

impl Witnesses {
    pub(crate) fn new(all: Vec<Witness>) -> Self {
        Self { all: all.into(), standing: Arc::default() }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Standing) -> T) -> T {
        work(&mut self.standing.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// There is a newer checkpoint of a log.
    pub(crate) fn signed(&self, organisation: OrganisationId, now: Timestamp) {
        self.with(|standing| {
            for witness in 0..self.all.len() {
                standing.due.entry((witness, organisation)).or_insert(Due::new(now)).waits = true;
            }
        });
    }

    /// What witnesses say of a log is to be asked again.
    pub(crate) fn forget(&self, organisation: OrganisationId) {
        self.with(|standing| standing.logs.remove(&organisation));
    }

    /// Whether the witnesses have said that a log continues what they know.
    fn is_confirmed(&self, organisation: OrganisationId) -> bool {
        self.with(|standing| matches!(standing.logs.get(&organisation), Some(Word::Continues)))
    }

    /// A witness has contradicted a log.
    fn contradicted(&self, organisation: OrganisationId, error: WitnessError, now: Timestamp) {
        let again = now.after_seconds(CONTRADICTED_SECONDS);
        self.with(|standing| standing.logs.insert(organisation, Word::Contradicts(error, again)));
    }

    /// Work that waits for a witness's disk or network, on a thread that may, when its turn has come.
    async fn ask<T: Send + 'static>(
        &self,
        index: usize,
        work: impl FnOnce(&Witness) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let failed = || "it could not be asked: an internal error".to_owned();
        let turn = Arc::clone(&self.all[index].turn).acquire_owned().await.map_err(|_| failed())?;
        let all = Arc::clone(&self.all);
        let asked = tokio::task::spawn_blocking(move || {
            let answer = work(&all[index]);
            drop(turn);
            answer
        });
        asked.await.unwrap_or_else(|_| Err(failed()))
    }

    fn is_due(&self, witness: usize, now: Timestamp) -> Vec<OrganisationId> {
        let is_due = |due: &Due| due.waits && due.from <= now;
        self.with(|standing| {
            let due = standing.due.iter().filter(|((whose, _), due)| *whose == witness && is_due(due));
            due.map(|((_, organisation), _)| *organisation).collect()
        })
    }

    fn account(&self) -> Vec<WitnessAccount> {
        self.with(|standing| {
            let account = |(index, witness): (usize, &Witness)| {
                let Counts { published, failed } = standing.counts.get(&index).copied().unwrap_or_default();
                let waiting = standing.due.iter().filter(|((whose, _), due)| *whose == index && due.waits);
                WitnessAccount {
                    witness: witness.name.clone(),
                    published,
                    failed,
                    waiting: waiting.count() as u64,
                }
            };
            self.all.iter().enumerate().map(account).collect()
        })
    }
}

impl Service {
    /// Shows every witness the newest checkpoint of an organisation's log, now; with those that could not be shown it, and why.
    ///
    /// # Errors
    /// When a witness knows another log, or the database can't be used.
    pub async fn publish(&self, organisation: OrganisationId) -> Result<Vec<(String, String)>, Error> {
        let log = self.log(organisation).await?;
        let mut failed = Vec::new();
        for (index, witness) in self.witnesses.all.iter().enumerate() {
            match self.show(organisation, &log, index, true).await {
                Ok(_) => {}
                Err(Unshown::Contradicts(error)) => return Err(Error::Witness(error)),
                Err(Unshown::Unknown(why) | Unshown::Trouble(why)) => {
                    failed.push((witness.name.clone(), why));
                }
                Err(Unshown::Store(error)) => return Err(error),
            }
        }
        Ok(failed)
    }

    /// Shows the witnesses what was signed, for as long as it is polled. `report` is told what could not be shown, once for each
    /// row of failures.
    pub async fn keep_witnesses(&self, report: impl Fn(OrganisationId, &str, &str)) {
        let report = &report;
        let one = |index: usize| async move {
            let name = &self.witnesses.all[index].name;
            loop {
                for organisation in self.witnesses.is_due(index, self.now()) {
                    let shown = match self.log(organisation).await {
                        Ok(log) => {
                            let may_begin = self.witnesses.is_confirmed(organisation);
                            self.show(organisation, &log, index, may_begin).await
                        }
                        Err(error) => Err(Unshown::Store(error)),
                    };
                    let failures = self.witnesses.with(|standing| {
                        standing.due.get(&(index, organisation)).map_or(0, |due| due.failures)
                    });
                    match shown {
                        Ok(_) => {}
                        Err(unshown) => {
                            if failures == 1 {
                                report(organisation, name, &unshown.to_string());
                            }
                            // The next one would have to wait for it, too.
                            if matches!(unshown, Unshown::Trouble(_)) {
                                break;
                            }
                        }
                    }
                }
                tokio::time::sleep(ROUND).await;
            }
        };
        join_all((0..self.witnesses.all.len()).map(one)).await;
    }

    /// What became of each witness's work, since the process has started.
    #[must_use]
    pub fn witness_accounts(&self) -> Vec<WitnessAccount> {
        self.witnesses.account()
    }

    /// What is known of the witnesses of an organisation's log.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn witnesses(&self, organisation: OrganisationId) -> Result<Vec<WitnessState>, Error> {
        Ok(self.store.look_up(organisation, witness::states).await?)
    }
}

#[cfg(test)]
mod tests;
