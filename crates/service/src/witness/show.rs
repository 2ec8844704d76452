//! Showing one witness the newest checkpoint of a log, which asks it whether the log continues what it knows.

use std::{fmt, sync::Arc};

use tacita_domain::OrganisationId;
use tacita_ledger::{
    merkle::{EMPTY_ROOT, TreeHead},
    note::{Note, Signature},
};
use tacita_store::{
    ledger::{Log, Signed},
    witness,
};

use super::{Due, PACE_SECONDS, Place, WitnessError, Word, blocking, cosigner::Answer};
use crate::{Error, Service};

/// Why a witness was not shown a checkpoint.
pub(super) enum Unshown {
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
    /// Shows a witness the newest checkpoint, and keeps what became of it.
    pub(super) async fn show(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
        index: usize,
    ) -> Result<(), Unshown> {
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
