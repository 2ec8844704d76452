//! Witnesses: a second place that remembers what was signed, which is what makes a rewrite visible.
//!
//! Each is shown the newest checkpoint of each log, at most every ten seconds, and behind the backs of those who wait for an answer:
//! what could not be shown is tried again. Before this process signs anything in a log, a witness must have said that the
//! database's log continues what it knows: one that does not is an old database that was put back, or a rewritten one, and is
//! signed no further.

mod cosigner;
mod folder;
mod show;

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use tacita_domain::{OrganisationId, Timestamp};
use tacita_ledger::{
    checkpoint::{Checkpoint, open},
    note::{MAX_NOTE, VerifierKey},
    witness::{can_cosign, monitoring_path},
};
use tacita_store::{ledger::Log, witness};

use crate::{Error, Remote, Service};
use cosigner::Cosigner;
use folder::Folder;
use show::Unshown;

pub use tacita_store::witness::State as WitnessState;

/// Between two checkpoints that a witness is shown of a log.
const PACE_SECONDS: i64 = 10;
/// How long it is left alone after the first failure; then twice that, and so on.
const FIRST_SECONDS: i64 = 2;
/// The longest time that it is left alone.
const LAST_SECONDS: i64 = 600;
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
}

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Cosigner(Cosigner),
}

/// Why a log is not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WitnessError {
    /// A witness knows more entries than there are.
    Behind {
        /// The witness.
        witness: String,
        /// The log.
        origin: String,
        /// How many entries the witness knows.
        known: u64,
        /// How many the database has.
        ours: u64,
    },
    /// A witness knows other entries.
    Forked {
        /// The witness.
        witness: String,
        /// The log.
        origin: String,
        /// How many entries the checkpoint has that the database does not continue.
        known: u64,
        /// How many the database has.
        ours: u64,
    },
    /// No witness could say what it knows; which was asked last, and why it could not.
    Unasked {
        /// The witness.
        witness: String,
        /// Why.
        why: String,
    },
}

impl fmt::Display for WitnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind { witness, origin, known, ours } => write!(
                f,
                "the witness `{witness}` knows {known} entries of the log `{origin}`, and this database has {ours}: an older \
                 database was put back, and nothing is signed; put the newest one back, or let the log go on from here by `tacita \
                 ledger begin-epoch`"
            ),
            Self::Forked { witness, origin, known, ours } => write!(
                f,
                "of the {ours} entries of the log `{origin}` the first {known} are not those that the witness `{witness}` knows: \
                 the log was rewritten, or went on from an older database, and nothing more is signed; keep the database as it \
                 is, and compare it with a backup"
            ),
            Self::Unasked { witness, why } => write!(
                f,
                "whether the database is the newest is not known, and nothing is signed until a witness says so: `{witness}`: {why}"
            ),
        }
    }
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
    Contradicts(WitnessError),
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
        match settings {
            WitnessSettings::Folder(path) => {
                Ok(Self { name: path.display().to_string(), place: Place::Folder(Folder::new(path.clone())) })
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
                Ok(Self { name, place: Place::Cosigner(Cosigner { remote, key }) })
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
    /// Whether the database's log continues what the witnesses know of it: all that answer must say so, and one must have answered.
    /// Once known, it is not asked again.
    ///
    /// # Errors
    /// [`Error::Witness`] when it does not, or none could be asked.
    pub async fn confirm(&self, organisation: OrganisationId) -> Result<(), Error> {
        let witnesses = &self.witnesses;
        if witnesses.all.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let before = witnesses.with(|standing| match standing.logs.get(&organisation) {
            Some(Word::Continues) => Some(Ok(())),
            Some(Word::Contradicts(error)) => Some(Err(error.clone())),
            Some(Word::Unasked(error, due)) if due.from > now => Some(Err(error.clone())),
            _ => None,
        });
        if let Some(word) = before {
            return word.map_err(Error::Witness);
        }
        let log = self.log(organisation).await?;
        let (mut has_answered, mut unasked) = (false, None);
        for index in 0..witnesses.all.len() {
            match self.show(organisation, &log, index).await {
                Ok(()) => has_answered = true,
                Err(Unshown::Contradicts(error)) => return Err(Error::Witness(error)),
                Err(Unshown::Unknown(_)) => has_answered = true,
                Err(Unshown::Trouble(why)) => {
                    unasked = Some(WitnessError::Unasked { witness: witnesses.all[index].name.clone(), why });
                }
                Err(Unshown::Store(error)) => return Err(error),
            }
        }
        match unasked {
            Some(error) if !has_answered => {
                witnesses.with(|standing| {
                    let due = match standing.logs.get(&organisation) {
                        Some(Word::Unasked(_, due)) => *due,
                        _ => Due::new(now),
                    };
                    standing.logs.insert(organisation, Word::Unasked(error.clone(), due.failed(now)));
                });
                Err(Error::Witness(error))
            }
            _ => {
                witnesses.with(|standing| {
                    let word = standing.logs.entry(organisation).or_insert(Word::Continues);
                    if !matches!(word, Word::Contradicts(_)) {
                        *word = Word::Continues;
                    }
                });
                Ok(())
            }
        }
    }

    /// The same for every organisation; with those of which it can't be said, and why.
    ///
    /// # Errors
    /// When it can't be found out which there are.
    pub async fn confirm_all(&self) -> Result<Vec<(OrganisationId, Error)>, Error> {
        if self.witnesses.all.is_empty() {
            return Ok(Vec::new());
        }
        let mut failed = Vec::new();
        for (organisation, _) in self.organisations().await? {
            if let Err(error) = self.confirm(organisation).await {
                failed.push((organisation, error));
            }
        }
        Ok(failed)
    }

    /// Shows every witness the newest checkpoint of an organisation's log, now; with those that could not be shown it, and why.
    ///
    /// # Errors
    /// When a witness knows another log, or the database can't be used.
    pub async fn publish(&self, organisation: OrganisationId) -> Result<Vec<(String, String)>, Error> {
        let log = self.log(organisation).await?;
        let mut failed = Vec::new();
        for (index, witness) in self.witnesses.all.iter().enumerate() {
            match self.show(organisation, &log, index).await {
                Ok(()) => {}
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
                        Ok(log) => self.show(organisation, &log, index).await,
                        Err(error) => Err(Unshown::Store(error)),
                    };
                    let failures = self.witnesses.with(|standing| {
                        standing.due.get(&(index, organisation)).map_or(0, |due| due.failures)
                    });
                    match shown {
                        Ok(()) => {}
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

    /// The checkpoints that the witnesses remember of an organisation's log, as signed notes, each after who does; with those that
    /// can't say, and why.
    ///
    /// # Errors
    /// When the key ring can't be read.
    pub async fn remembered(
        &self,
        organisation: OrganisationId,
    ) -> Result<(Vec<(String, String)>, Vec<(String, String)>), Error> {
        let log = self.log(organisation).await?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for index in 0..self.witnesses.all.len() {
            let (witnesses, log) = (self.witnesses.clone(), Arc::clone(&log));
            let name = witnesses.all[index].name.clone();
            match blocking(move || witnesses.all[index].remembers(&log)).await {
                Ok(Some((note, _))) => known.push((name, note)),
                Ok(None) => {}
                Err(why) => unknown.push((name, why)),
            }
        }
        Ok((known, unknown))
    }
}

impl Witness {
    /// The checkpoint of a log that it remembers; none where it remembers none, or shows none to anybody.
    fn remembers(&self, log: &Log) -> Result<Option<(String, Checkpoint)>, String> {
        match &self.place {
            Place::Folder(folder) => folder.known(log.verifiers()),
            Place::Cosigner(cosigner) => {
                let path = monitoring_path(log.origin());
                let got = cosigner.remote.get(&path, MAX_NOTE as u64).map_err(|error| error.to_string())?;
                match got {
                    (200, note) => {
                        let opened = open(&note, log.verifiers()).map_err(|error| error.to_string())?;
                        Ok(Some((
                            String::from_utf8(note).map_err(|error| error.to_string())?,
                            opened.checkpoint,
                        )))
                    }
                    (404, _) => Ok(None),
                    (status, _) => Err(format!("it answered with status {status}")),
                }
            }
        }
    }
}

/// Work that waits for a disk or a network, on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err("it could not be asked: an internal error".to_owned()))
}

#[cfg(test)]
mod tests;
