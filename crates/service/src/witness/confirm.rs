//! Asking all witnesses whether a log continues what they know, and whether they know a later epoch of it.

use std::sync::Arc;

use tacita_domain::OrganisationId;
use tacita_ledger::{
    checkpoint::{Checkpoint, open},
    epoch::{origin, split},
    note::MAX_NOTE,
    witness::monitoring_path,
};
use tacita_store::ledger::Log;

use super::{Due, Place, Witness, WitnessError, Word, cosigner::Answer, show::Unshown};
use crate::{Error, Service};

/// Later epochs that a server is asked for: more can't be told from one that says yes to everything.
const AHEAD: u64 = 16;

/// What a witness says of a log.
pub(crate) struct Asked {
    pub(crate) witness: String,
    /// To the newest checkpoint: whether it knew one that this continues.
    pub(crate) shown: Result<bool, Unshown>,
    /// The last epoch after the log's that it knows.
    pub(crate) later: Result<Option<u64>, String>,
}

/// Signed notes that witnesses remember, each after who does; and who can't say, and why.
pub(crate) type Remembered = (Vec<(String, String)>, Vec<(String, String)>);

impl Service {
    /// Whether the database's log continues what the witnesses know of it: all that answer must say so, and one that knows it must
    /// have answered, unless none has any trouble to. Once known, it is not asked again.
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
            Some(Word::Contradicts(error, again)) if *again > now => Some(Err(error.clone())),
            Some(Word::Unasked(error, due)) if due.from > now => Some(Err(error.clone())),
            Some(Word::Contradicts(..)) => {
                standing.logs.remove(&organisation);
                None
            }
            _ => None,
        });
        if let Some(word) = before {
            return word.map_err(Error::Witness);
        }
        let log = self.log(organisation).await?;
        let (mut is_known, mut is_new, mut contradicted, mut unasked) = (false, false, None, None);
        for Asked { witness, shown, later } in self.ask_all(organisation, &log).await? {
            let why = match (shown, later) {
                (Err(Unshown::Store(error)), _) => return Err(error),
                (Err(Unshown::Contradicts(error)), _) => {
                    contradicted.get_or_insert(error);
                    continue;
                }
                (_, Ok(Some(known))) => {
                    let (origin, epoch) = (log.origin().to_owned(), log.epoch());
                    contradicted.get_or_insert(WitnessError::Later { witness, origin, epoch, known });
                    continue;
                }
                (Err(Unshown::Trouble(why)), _) | (_, Err(why)) => why,
                (Ok(true), _) => {
                    is_known = true;
                    continue;
                }
                (Ok(false) | Err(Unshown::Unknown(_)), _) => {
                    is_new = true;
                    continue;
                }
            };
            unasked = Some(WitnessError::Unasked { witness, why });
        }
        if let Some(error) = contradicted {
            witnesses.contradicted(organisation, error.clone(), now);
            return Err(Error::Witness(error));
        }
        if let Some(error) = unasked.filter(|_| !is_known) {
            witnesses.with(|standing| {
                let due = match standing.logs.get(&organisation) {
                    Some(Word::Unasked(_, due)) => *due,
                    _ => Due::new(now),
                };
                standing.logs.insert(organisation, Word::Unasked(error.clone(), due.failed(now)));
            });
            return Err(Error::Witness(error));
        }
        witnesses.with(|standing| {
            let word = standing.logs.entry(organisation).or_insert(Word::Continues);
            if !matches!(word, Word::Contradicts(..)) {
                *word = Word::Continues;
            }
        });
        if is_new {
            witnesses.signed(organisation, now);
        }
        Ok(())
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
        for (organisation, _) in self.organisations_and_platform().await? {
            if let Err(error) = self.confirm(organisation).await {
                failed.push((organisation, error));
            }
        }
        Ok(failed)
    }

    /// What each witness says of a log. None that knows nothing of it is shown anything.
    ///
    /// # Errors
    /// When the key ring can't be read.
    pub(crate) async fn ask_all(
        &self,
        organisation: OrganisationId,
        log: &Arc<Log>,
    ) -> Result<Vec<Asked>, Error> {
        let keys = self.store.ring().organisation(organisation).await?;
        let later = (1..=AHEAD).map(|ahead| Log::of(organisation, log.epoch() + ahead, &keys));
        let later: Arc<[Log]> = later.collect::<Result<Vec<_>, _>>()?.into();
        let mut all = Vec::new();
        for (index, witness) in self.witnesses.all.iter().enumerate() {
            let shown = self.show(organisation, log, index, false).await;
            let (now, later) = (self.now(), Arc::clone(&later));
            let later = match &shown {
                Err(Unshown::Trouble(why)) => Err(why.clone()),
                _ => self.witnesses.ask(index, move |witness| witness.last_known(&later, now)).await,
            };
            all.push(Asked { witness: witness.name.clone(), shown, later });
        }
        Ok(all)
    }

    /// The checkpoints that the witnesses remember of an organisation's log and of later epochs of it, as signed notes, each after
    /// who does; with those that can't say, and why.
    ///
    /// # Errors
    /// When the key ring can't be read.
    pub async fn remembered(&self, organisation: OrganisationId) -> Result<Remembered, Error> {
        let log = self.log(organisation).await?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for (index, witness) in self.witnesses.all.iter().enumerate() {
            let log = Arc::clone(&log);
            match self.witnesses.ask(index, move |witness| witness.remembers(&log)).await {
                Ok(notes) => known.extend(notes.into_iter().map(|note| (witness.name.clone(), note))),
                Err(why) => unknown.push((witness.name.clone(), why)),
            }
        }
        Ok((known, unknown))
    }
}

impl Witness {
    /// The last of these epochs, each the one after that before, that it knows.
    fn last_known(&self, epochs: &[Log], now: tacita_domain::Timestamp) -> Result<Option<u64>, String> {
        let cosigner = match &self.place {
            Place::Folder(folder) => {
                let last = folder.last_epoch(epochs.first().map_or("", Log::origin))?;
                return Ok(last.filter(|last| epochs.first().is_some_and(|next| *last >= next.epoch())));
            }
            Place::Cosigner(cosigner) => cosigner,
        };
        let mut last = None;
        for log in epochs {
            let empty = log.sign_empty(now).map_err(|error| error.to_string())?;
            match cosigner.add(0, &[], &empty)? {
                Answer::Conflict(Some(1..)) => last = Some(log.epoch()),
                Answer::Cosigned(_) | Answer::Conflict(Some(0)) | Answer::NoSuchLog => return Ok(last),
                Answer::Conflict(None) | Answer::Inconsistent => {
                    return Err(format!("it does not say whether it knows the log `{}`", log.origin()));
                }
            }
        }
        Err(format!("it says that it knows each of the next {AHEAD} epochs of the log"))
    }

    /// The checkpoints of a log, and of the epochs after it, that it remembers; none where it remembers none, or shows none to
    /// anybody.
    fn remembers(&self, log: &Log) -> Result<Vec<String>, String> {
        let (name, epoch) = split(log.origin());
        let mut notes = Vec::new();
        let last = match &self.place {
            Place::Folder(folder) => folder.last_epoch(log.origin())?.unwrap_or(epoch).min(epoch + AHEAD),
            Place::Cosigner(_) => epoch + AHEAD,
        };
        for epoch in epoch..=last {
            let origin = origin(name, epoch);
            let Some(verifiers) = log.verifiers().of_epoch(&origin) else { break };
            let known: Option<(String, Checkpoint)> = match &self.place {
                Place::Folder(folder) => folder.known(&verifiers)?,
                Place::Cosigner(cosigner) => {
                    let path = monitoring_path(&origin);
                    match cosigner.remote.get(&path, MAX_NOTE as u64).map_err(|error| error.to_string())? {
                        (200, note) => {
                            let opened = open(&note, &verifiers).map_err(|error| error.to_string())?;
                            let note = String::from_utf8(note).map_err(|error| error.to_string())?;
                            Some((note, opened.checkpoint))
                        }
                        (404, _) => None,
                        (status, _) => return Err(format!("it answered with status {status}")),
                    }
                }
            };
            match known {
                // One of no entries was signed to ask, and says nothing.
                Some((note, checkpoint)) if checkpoint.head().size > 0 => notes.push(note),
                _ if epoch > split(log.origin()).1 && matches!(self.place, Place::Cosigner(_)) => break,
                _ => {}
            }
        }
        Ok(notes)
    }
}
