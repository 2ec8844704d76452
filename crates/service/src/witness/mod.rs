//! Witnesses: a second place that remembers what was signed, which is what makes a rewrite visible.
//!
//! Each is shown the newest checkpoint of each log, at most every ten seconds, and behind the backs of those who wait for an answer:
//! what could not be shown is tried again. Before this process signs anything in a log, a witness must have said that the
//! database's log continues what it knows: one that does not is an old database that was put back, or a rewritten one, and is
//! signed no further.

mod cosigner;
mod folder;

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
    merkle::{EMPTY_ROOT, TreeHead},
    note::{MAX_NOTE, Note, Signature, VerifierKey},
    witness::{can_cosign, monitoring_path},
};
use tacita_store::{
    ledger::{Log, Signed},
    witness,
};

use crate::{Error, Remote, Service};
use cosigner::{Answer, Cosigner};
use folder::Folder;

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
                 database was put back, and nothing is signed; put the newest one back"
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

/// Why a witness was not shown a checkpoint.
enum Unshown {
    Contradicts(WitnessError),
    /// It knows no such log, and so nothing that would contradict it.
    Unknown(String),
    Trouble(String),
    Store(Error),
}

impl fmt::Display for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradicts(error) => error.fmt(f),
            Self::Unknown(why) | Self::Trouble(why) => f.write_str(why),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl From<tacita_store::Error> for Unshown {
    fn from(error: tacita_store::Error) -> Self {
        Self::Store(error.into())
    }
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
                    failed.push((witness.name.clone(), why))
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

    /// The checkpoints that the witnesses remember of an organisation's log, each with who does; with those that can't say, and why.
    ///
    /// # Errors
    /// When the key ring can't be read.
    pub async fn remembered(
        &self,
        organisation: OrganisationId,
    ) -> Result<(Vec<(String, Checkpoint)>, Vec<(String, String)>), Error> {
        let log = self.log(organisation).await?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for index in 0..self.witnesses.all.len() {
            let (witnesses, log) = (self.witnesses.clone(), Arc::clone(&log));
            let name = witnesses.all[index].name.clone();
            match blocking(move || witnesses.all[index].remembers(&log)).await {
                Ok(Some(checkpoint)) => known.push((name, checkpoint)),
                Ok(None) => {}
                Err(why) => unknown.push((name, why)),
            }
        }
        Ok((known, unknown))
    }

    /// Shows a witness the newest checkpoint, and keeps what became of it.
    async fn show(&self, organisation: OrganisationId, log: &Arc<Log>, index: usize) -> Result<(), Unshown> {
        let now = self.now();
        let key = (index, organisation);
        // Whatever is signed from here on is to be shown again.
        self.witnesses.with(|standing| {
            standing.due.entry(key).or_insert(Due::new(now)).waits = false;
        });
        let mut shown = self.show_newest(organisation, log, index).await;
        // Another process may have signed and shown a newer one meanwhile: it is in the database before it is shown.
        while let Err(Unshown::Contradicts(WitnessError::Behind { ours, .. })) = &shown {
            let newest = self.store.look_up(organisation, tacita_store::ledger::newest).await?;
            if newest.is_none_or(|newest| newest.size <= *ours) {
                break;
            }
            shown = self.show_newest(organisation, log, index).await;
        }
        let name = self.witnesses.all[index].name.clone();
        match shown {
            Ok((signed, cosignatures)) => {
                self.witnesses.with(|standing| {
                    standing.counts.entry(index).or_default().published += 1;
                    let due = standing.due.entry(key).or_insert(Due::new(now));
                    // Where there was nothing to show, the first checkpoint need not wait.
                    let pace = if signed.is_some() { PACE_SECONDS } else { 0 };
                    *due = Due { from: now.after_seconds(pace), failures: 0, ..*due };
                });
                let keep = move |tx: &mut tacita_store::Writing<'_>| {
                    witness::published(tx, &name, signed.as_ref(), &cosignatures, now)
                };
                Ok(self.store.write_within(organisation, keep).await?)
            }
            Err(unshown) => {
                let why = unshown.to_string();
                self.witnesses.with(|standing| {
                    standing.counts.entry(index).or_default().failed += 1;
                    let due = standing.due.entry(key).or_insert(Due::new(now));
                    *due = due.failed(now);
                    if let Unshown::Contradicts(error) = &unshown {
                        standing.logs.insert(organisation, Word::Contradicts(error.clone()));
                    }
                });
                let keep = move |tx: &mut tacita_store::Writing<'_>| witness::failed(tx, &name, &why, now);
                self.store.write_within(organisation, keep).await?;
                Err(unshown)
            }
        }
    }

    async fn show_newest(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
    ) -> Result<(Option<Signed>, Vec<Signature>), Unshown> {
        let of = Arc::clone(log);
        let newest = self.store.look_up(organisation, move |tx| witness::newest_of(tx, &of)).await?;
        let (signed, head) = match newest {
            Some((signed, head)) => (Some(signed), head),
            None => (None, TreeHead { size: 0, root: EMPTY_ROOT }),
        };
        let cosignatures = match &self.witnesses.all[index].place {
            Place::Folder(_) => {
                self.publish_in_folder(organisation, log, index, signed.as_ref(), &head).await?;
                Vec::new()
            }
            Place::Cosigner(_) => self.cosign(organisation, log, index, signed.as_ref(), &head).await?,
        };
        Ok((signed, cosignatures))
    }

    async fn publish_in_folder(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
        signed: Option<&Signed>,
        head: &TreeHead,
    ) -> Result<(), Unshown> {
        let (witnesses, of) = (self.witnesses.clone(), Arc::clone(log));
        let known = blocking(move || witnesses.all[index].remembers(&of)).await.map_err(Unshown::Trouble)?;
        let known = known.map_or(TreeHead { size: 0, root: EMPTY_ROOT }, |known| *known.head());
        if known.size > head.size {
            return Err(self.behind(log, index, known.size, head.size));
        }
        let root = match known.size {
            0 => EMPTY_ROOT,
            size => self.store.look_up(organisation, move |tx| witness::root(tx, size)).await?,
        };
        if root != known.root {
            return Err(self.forked(log, index, known.size, head.size));
        }
        let Some(signed) = signed.filter(|signed| signed.size > known.size) else { return Ok(()) };
        let (witnesses, of, now) = (self.witnesses.clone(), Arc::clone(log), self.now());
        let (size, note) = (signed.size, signed.note.clone());
        let publish = move || match &witnesses.all[index].place {
            Place::Folder(folder) => folder.publish(of.origin(), size, &note, now),
            Place::Cosigner(_) => Ok(()),
        };
        blocking(publish).await.map_err(Unshown::Trouble)
    }

    async fn cosign(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
        signed: Option<&Signed>,
        head: &TreeHead,
    ) -> Result<Vec<Signature>, Unshown> {
        let name = self.witnesses.all[index].name.clone();
        let shown = self.store.look_up(organisation, move |tx| witness::shown(tx, &name)).await?;
        // The database's own word is only where to begin.
        let mut old = shown.min(head.size);
        let note = match signed {
            Some(signed) => Note::parse(signed.note.as_bytes())
                .map_err(|error| Unshown::Store(tacita_store::Error::Ledger(error.to_string()).into()))?,
            None => log.sign_empty(self.now())?,
        };
        for _ in 0..2 {
            let to = *head;
            let proof =
                self.store.look_up(organisation, move |tx| witness::consistency(tx, old, &to)).await?;
            let (witnesses, note) = (self.witnesses.clone(), note.clone());
            let ask = move || match &witnesses.all[index].place {
                Place::Cosigner(cosigner) => cosigner.add(old, &proof, &note),
                Place::Folder(_) => Ok(Answer::NoSuchLog),
            };
            match blocking(ask).await.map_err(Unshown::Trouble)? {
                Answer::Cosigned(signatures) => return Ok(signatures),
                Answer::Knows(known) if known > head.size => {
                    return Err(self.behind(log, index, known, head.size));
                }
                Answer::Knows(known) => old = known,
                Answer::Inconsistent if old > 0 => return Err(self.forked(log, index, old, head.size)),
                // It knows nothing of a log of which there is nothing yet.
                Answer::NoSuchLog if signed.is_none() => return Ok(Vec::new()),
                Answer::NoSuchLog => {
                    return Err(Unshown::Unknown(format!(
                        "it does not know the log `{}`: give it the log's name and keys",
                        log.origin()
                    )));
                }
                Answer::Inconsistent => {
                    return Err(Unshown::Trouble("it refuses a first checkpoint".to_owned()));
                }
            }
        }
        Err(Unshown::Trouble("it is shown checkpoints by another process, too".to_owned()))
    }

    fn behind(&self, log: &Log, index: usize, known: u64, ours: u64) -> Unshown {
        let (witness, origin) = (self.witnesses.all[index].name.clone(), log.origin().to_owned());
        Unshown::Contradicts(WitnessError::Behind { witness, origin, known, ours })
    }

    fn forked(&self, log: &Log, index: usize, known: u64, ours: u64) -> Unshown {
        let (witness, origin) = (self.witnesses.all[index].name.clone(), log.origin().to_owned());
        Unshown::Contradicts(WitnessError::Forked { witness, origin, known, ours })
    }
}

impl Witness {
    /// The checkpoint of a log that it remembers; none where it remembers none, or shows none to anybody.
    fn remembers(&self, log: &Log) -> Result<Option<Checkpoint>, String> {
        match &self.place {
            Place::Folder(folder) => folder.known(log.verifiers()),
            Place::Cosigner(cosigner) => {
                let path = monitoring_path(log.origin());
                let got = cosigner.remote.get(&path, MAX_NOTE as u64).map_err(|error| error.to_string())?;
                match got {
                    (200, note) => {
                        let opened = open(&note, log.verifiers()).map_err(|error| error.to_string())?;
                        Ok(Some(opened.checkpoint))
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
