//! Beginning an epoch: how a log goes on after the database of a backup was put back.

use std::sync::Arc;

use tacita_domain::{OperationId, OrganisationId};
use tacita_ledger::{
    checkpoint::open_any_epoch,
    epoch::{Link, split},
    merkle::TreeHead,
};
use tacita_store::{
    epoch,
    ledger::{self, Log},
    witness,
};

use crate::{
    Error, Service, WitnessError,
    witness::{Asked, Unshown},
};

/// An epoch that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The name of the log from here on.
    pub origin: String,
    /// How many entries it took over.
    pub kept: u64,
    /// How many there were.
    pub last: u64,
}

impl Service {
    /// Begins a new epoch of an organisation's log, whose first entry commits to the last checkpoint that is known of it: by the
    /// witnesses, and in `known`, signed notes that somebody has kept. From here on nothing is signed by the old name. Its number is
    /// the first that nobody knows: an epoch that was begun and lost as a whole is never begun again.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the database has the newest checkpoint, a note in `known` is none of the log, or a witness can't say
    /// what it knows and `known` has nothing in its place; [`Error::Witness`] when the log was rewritten.
    pub async fn begin_epoch(&self, organisation: OrganisationId, known: &[String]) -> Result<Begun, Error> {
        self.forget(organisation);
        let log = self.log(organisation).await?;
        let of = Arc::clone(&log);
        let newest = self.store.look_up(organisation, move |tx| witness::newest_of(tx, &of)).await?;
        let kept = newest.as_ref().map_or(0, |(_, head)| head.size);
        let mut notes = Notes { epoch: log.epoch(), notes: Vec::new() };
        for note in known {
            notes.add(&log, "you", note)?;
        }
        let is_given = notes.notes.iter().any(|(head, ..)| head.size > kept);
        let silent = |witness: &str, why: &str| {
            Error::Invalid(format!(
                "what the witness `{witness}` knows must be known before an epoch is begun: {why}; try again when it can be asked, or \
                 give the last checkpoint with `--known`"
            ))
        };
        // A witness that shows nobody what it knows says at least how much that is.
        let mut most = 0;
        for Asked { witness, shown, later } in self.ask_all(organisation, &log).await? {
            match shown {
                Err(Unshown::Contradicts(WitnessError::Behind { known, .. })) => most = most.max(known),
                Err(Unshown::Contradicts(error)) => return Err(Error::Witness(error)),
                Err(Unshown::Store(error)) => return Err(error),
                Err(Unshown::Trouble(why)) if !is_given => return Err(silent(&witness, &why)),
                Ok(_) | Err(Unshown::Unknown(_) | Unshown::Trouble(_)) => {}
            }
            match later {
                Err(why) if !is_given => return Err(silent(&witness, &why)),
                later => notes.epoch = notes.epoch.max(later.ok().flatten().unwrap_or(0)),
            }
        }
        let (remembered, unknown) = self.remembered(organisation).await?;
        if let Some((witness, why)) = unknown.first().filter(|_| !is_given) {
            return Err(silent(witness, why));
        }
        for (witness, note) in &remembered {
            notes.add(&log, witness, note)?;
        }
        for (head, by, _) in notes.notes.iter().filter(|(head, ..)| (1..=kept).contains(&head.size)) {
            let size = head.size;
            if self.store.look_up(organisation, move |tx| witness::root(tx, size)).await? != head.root {
                let (witness, origin) = (by.clone(), log.origin().to_owned());
                return Err(Error::Witness(WitnessError::Forked {
                    witness,
                    origin,
                    known: size,
                    ours: kept,
                }));
            }
        }
        let last = notes.notes.into_iter().max_by_key(|(head, ..)| head.size);
        let last = last.filter(|(head, ..)| head.size > kept && head.size >= most);
        let (size, note) = match last {
            Some((head, _, note)) => (head.size, note),
            // Of this epoch nothing is lost, and a later one is lost as a whole.
            None if most == 0 && notes.epoch > log.epoch() => match newest {
                Some((signed, _)) => (kept, signed.note),
                None => (0, log.sign_empty(self.now())?.to_string()),
            },
            None if most > 0 => {
                return Err(Error::Invalid(format!(
                    "a witness knows {most} entries, and shows nobody the checkpoint: get it from where you keep a copy, and give it \
                     with `--known`"
                )));
            }
            None => {
                return Err(Error::Invalid(format!(
                    "nobody is known to remember more than the {kept} entries that there are: the log can go on as it is; if you \
                     have a later checkpoint of it, give it with `--known`"
                )));
            }
        };
        let link = Link::new(&note).ok_or_else(|| Error::Invalid("it is no checkpoint".to_owned()))?;
        let keys = self.store.ring().organisation(organisation).await?;
        let next = Arc::new(Log::of(organisation, notes.epoch + 1, &keys)?);
        let origin = next.origin().to_owned();
        let (holder, now) = (self.holder(), self.now());
        let (entry, salt) = (OperationId::new(now, self.store.random()), self.store.random());
        let begin = move |tx: &mut tacita_store::Writing<'_>| {
            let fence = ledger::lease(tx, &holder, now)?.ok_or(tacita_store::Error::Busy)?;
            let start = epoch::begin(tx, fence, (&log, &next), &link, (entry, salt), now)?;
            ledger::release(tx, fence)?;
            Ok(start)
        };
        let kept = self.store.write_within(organisation, begin).await?;
        self.forget(organisation);
        self.forget_signed(organisation);
        Ok(Begun { origin, kept, last: size })
    }
}

/// What is known of an epoch of a log.
struct Notes {
    /// The last epoch that anybody knows.
    epoch: u64,
    /// Checkpoints of this one, and who knows each.
    notes: Vec<(TreeHead, String, String)>,
}

impl Notes {
    /// Adds a signed note of this epoch, or of a later one.
    fn add(&mut self, log: &Log, by: &str, note: &str) -> Result<(), Error> {
        let opened = open_any_epoch(note.as_bytes(), log.verifiers()).map_err(|why| {
            Error::Invalid(format!("a checkpoint that was given is none of this log: {why}"))
        })?;
        let epoch = split(opened.checkpoint.origin()).1;
        if epoch == log.epoch() {
            self.notes.push((*opened.checkpoint.head(), by.to_owned(), note.to_owned()));
        }
        self.epoch = self.epoch.max(epoch);
        Ok(())
    }
}
