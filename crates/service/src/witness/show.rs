//! Showing one witness the newest checkpoint of a log, which asks it whether the log continues what it knows.

use std::{fmt, sync::Arc};

use tacita_domain::OrganisationId;
use tacita_ledger::{
    merkle::{EMPTY_ROOT, TreeHead},
    note::{Note, Signature},
};
use tacita_store::{
    epoch,
    ledger::{self, Log, Signed},
    witness,
};

use super::{Due, PACE_SECONDS, Place, WitnessError, cosigner::Answer};
use crate::{Error, Service};

/// How often it is tried to show a checkpoint that is overtaken meanwhile.
const ROUNDS: usize = 3;

/// What is there to show.
struct Newest {
    signed: Option<Signed>,
    head: TreeHead,
    /// How many entries the witness was shown last, as far as the database knows.
    shown: u64,
    /// Whether that was in this epoch.
    in_epoch: bool,
    /// Whether it may be shown a first checkpoint.
    may_begin: bool,
}

/// What a witness was shown.
struct Shown {
    signed: Option<Signed>,
    cosignatures: Vec<Signature>,
    /// Whether it knew a checkpoint that this one continues.
    knew: bool,
}

/// Why a witness was not shown a checkpoint.
pub(crate) enum Unshown {
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

impl Service {
    /// Shows a witness the newest checkpoint, and keeps what became of it. One that knows none yet is shown one only where it
    /// `may_begin`. Says whether it knew one.
    pub(super) async fn show(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
        may_begin: bool,
    ) -> Result<bool, Unshown> {
        let now = self.now();
        let key = (index, organisation);
        // Whatever is signed from here on is to be shown again.
        self.witnesses.with(|standing| {
            standing.due.entry(key).or_insert(Due::new(now)).waits = false;
        });
        let mut shown = self.show_newest(organisation, log, index, may_begin).await;
        // Another process may have signed and shown a newer one meanwhile: it is in the database before it is shown.
        for _ in 0..ROUNDS {
            let Err(Unshown::Contradicts(WitnessError::Behind { known, .. })) = &shown else { break };
            let newest = self.store.look_up(organisation, ledger::newest).await?;
            if newest.is_none_or(|newest| newest.size < *known) {
                break;
            }
            shown = self.show_newest(organisation, log, index, may_begin).await;
        }
        let name = self.witnesses.all[index].name.clone();
        match shown {
            Ok(Shown { signed, cosignatures, knew }) => {
                self.witnesses.with(|standing| {
                    standing.counts.entry(index).or_default().published += u64::from(signed.is_some());
                    let due = standing.due.entry(key).or_insert(Due::new(now));
                    // Where there was nothing to show, the first checkpoint need not wait.
                    let pace = if signed.is_some() { PACE_SECONDS } else { 0 };
                    *due = Due { from: now.after_seconds(pace), failures: 0, ..*due };
                });
                if signed.is_some() || may_begin {
                    let keep = move |tx: &mut tacita_store::Writing<'_>| {
                        witness::published(tx, &name, signed.as_ref(), &cosignatures, now)
                    };
                    self.store.write_within(organisation, keep).await?;
                }
                Ok(knew)
            }
            Err(unshown) => {
                let why = unshown.to_string();
                self.witnesses.with(|standing| {
                    standing.counts.entry(index).or_default().failed += 1;
                    let due = standing.due.entry(key).or_insert(Due::new(now));
                    *due = due.failed(now);
                });
                if let Unshown::Contradicts(error) = &unshown {
                    self.witnesses.contradicted(organisation, error.clone(), now);
                }
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
        may_begin: bool,
    ) -> Result<Shown, Unshown> {
        let (of, name) = (Arc::clone(log), self.witnesses.all[index].name.clone());
        let known = self.store.look_up(organisation, move |tx| {
            Ok((witness::newest_of(tx, &of)?, witness::shown(tx, &name)?, epoch::start(tx)?))
        });
        let (newest, shown, start) = known.await?;
        let (signed, head) = match newest {
            Some((signed, head)) => (Some(signed), head),
            None => (None, TreeHead { size: 0, root: EMPTY_ROOT }),
        };
        // Whatever was shown before this epoch had no more entries than the epoch took over.
        let newest = Newest { signed, head, shown, in_epoch: shown > start, may_begin };
        match &self.witnesses.all[index].place {
            Place::Folder(_) => self.publish_in_folder(organisation, log, index, newest).await,
            Place::Cosigner(_) => self.cosign(organisation, log, index, newest).await,
        }
    }

    async fn publish_in_folder(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
        Newest { signed, head, shown, in_epoch, may_begin }: Newest,
    ) -> Result<Shown, Unshown> {
        let of = Arc::clone(log);
        let ask = self.witnesses.ask(index, move |witness| match &witness.place {
            Place::Folder(folder) => Ok((folder.known(of.verifiers())?, folder.has(of.origin())?)),
            Place::Cosigner(_) => Ok((None, true)),
        });
        let (known, is_there) = ask.await.map_err(Unshown::Trouble)?;
        if known.is_none() && (in_epoch || shown > 0 && !is_there) {
            return Err(forgotten(log, shown));
        }
        let knew = known.is_some();
        let known = known.map_or(TreeHead { size: 0, root: EMPTY_ROOT }, |(_, known)| *known.head());
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
        if !knew && !may_begin {
            return Ok(Shown { signed: None, cosignatures: Vec::new(), knew });
        }
        if let Some(signed) = signed.as_ref().filter(|signed| signed.size > known.size) {
            let (of, now) = (Arc::clone(log), self.now());
            let (size, note) = (signed.size, signed.note.clone());
            let publish = self.witnesses.ask(index, move |witness| match &witness.place {
                Place::Folder(folder) => folder.publish(of.verifiers(), known.size, size, &note, now),
                Place::Cosigner(_) => Ok(()),
            });
            publish.await.map_err(Unshown::Trouble)?;
        }
        Ok(Shown { signed, cosignatures: Vec::new(), knew })
    }

    async fn cosign(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
        Newest { signed, head, shown, in_epoch, may_begin }: Newest,
    ) -> Result<Shown, Unshown> {
        // The database's own word is only where to begin.
        let mut old = if in_epoch { shown.min(head.size) } else { 0 };
        // Whoever may not be shown anything yet is asked with a checkpoint that every log continues.
        let newest = signed;
        let mut signed = newest.clone().filter(|_| in_epoch || may_begin);
        for _ in 0..ROUNDS {
            let (note, to) = match &signed {
                Some(signed) => (
                    Note::parse(signed.note.as_bytes()).map_err(|error| {
                        Unshown::Store(tacita_store::Error::Ledger(error.to_string()).into())
                    })?,
                    head,
                ),
                None => (log.sign_empty(self.now())?, TreeHead { size: 0, root: EMPTY_ROOT }),
            };
            let proof =
                self.store.look_up(organisation, move |tx| witness::consistency(tx, old, &to)).await?;
            let ask = self.witnesses.ask(index, move |witness| match &witness.place {
                Place::Cosigner(cosigner) => cosigner.add(old, &proof, &note),
                Place::Folder(_) => Ok(Answer::NoSuchLog),
            });
            match ask.await.map_err(Unshown::Trouble)? {
                Answer::Cosigned(cosignatures) => return Ok(Shown { signed, cosignatures, knew: old > 0 }),
                Answer::Conflict(Some(known)) if known > head.size => {
                    return Err(self.behind(log, index, known, head.size));
                }
                // It knows as many entries as it was shown, and others.
                Answer::Conflict(known)
                    if old > 0 && old == to.size && known.is_none_or(|known| known == old) =>
                {
                    return Err(self.forked(log, index, old, head.size));
                }
                Answer::Conflict(Some(0)) | Answer::NoSuchLog if in_epoch => {
                    return Err(forgotten(log, shown));
                }
                Answer::Conflict(Some(known)) => {
                    old = known;
                    if known > 0 && signed.is_none() {
                        signed.clone_from(&newest);
                    }
                }
                Answer::Conflict(None) => {
                    return Err(Unshown::Trouble(
                        "it answered with status 409, and not with the size that it knows".to_owned(),
                    ));
                }
                Answer::Inconsistent if old > 0 => return Err(self.forked(log, index, old, head.size)),
                // It knows nothing of a log of which there is nothing yet.
                Answer::NoSuchLog if signed.is_none() => {
                    return Ok(Shown { signed, cosignatures: Vec::new(), knew: false });
                }
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

/// A witness that was shown checkpoints and has none is not the one that it was.
fn forgotten(log: &Log, shown: u64) -> Unshown {
    Unshown::Trouble(format!(
        "it was shown {shown} entries of the log `{}`, and knows nothing of it: is its disk mounted, and is it the right one? if it \
         was emptied on purpose, give it another name",
        log.origin()
    ))
}
