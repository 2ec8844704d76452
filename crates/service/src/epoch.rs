//! Beginning an epoch: how a log goes on after the database of a backup was put back.

use std::sync::Arc;

use tacita_domain::{OperationId, OrganisationId};
use tacita_ledger::{checkpoint::open, epoch::Link};
use tacita_store::{
    epoch,
    ledger::{self, Log},
    witness,
};

use crate::{Error, Service, WitnessError};

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
    /// witnesses, and in `known`, signed notes that somebody has kept. From here on nothing is signed by the old name.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the database has the newest checkpoint, a note in `known` is none of the log, or a witness can't say
    /// what it knows.
    pub async fn begin_epoch(&self, organisation: OrganisationId, known: &[String]) -> Result<Begun, Error> {
        self.forget(organisation);
        let log = self.log(organisation).await?;
        let of = Arc::clone(&log);
        let newest = self.store.look_up(organisation, move |tx| witness::newest_of(tx, &of)).await?;
        let kept = newest.as_ref().map_or(0, |(_, head)| head.size);
        let (remembered, unknown) = self.remembered(organisation).await?;
        if let Some((witness, why)) = unknown.first() {
            return Err(Error::Invalid(format!(
                "what the witness `{witness}` knows must be known before an epoch is begun: {why}; try again when it can be asked"
            )));
        }
        let mut notes: Vec<(u64, String)> = Vec::new();
        for note in known.iter().cloned().chain(remembered.into_iter().map(|(_, note)| note)) {
            let opened = open(note.as_bytes(), log.verifiers()).map_err(|why| {
                Error::Invalid(format!("a checkpoint that was given is none of this log: {why}"))
            })?;
            notes.push((opened.checkpoint.head().size, note));
        }
        let last = notes.into_iter().max_by_key(|(size, _)| *size).filter(|(size, _)| *size > kept);
        // A witness that shows nobody what it knows says at least how much that is.
        let most = match self.confirm(organisation).await {
            Err(Error::Witness(WitnessError::Behind { known, .. })) => known,
            _ => 0,
        };
        let Some((size, note)) = last.filter(|(size, _)| *size >= most) else {
            return Err(Error::Invalid(if most > 0 {
                format!(
                    "a witness knows {most} entries, and shows nobody the checkpoint: get it from where you keep a copy, and give it \
                     with `--known`"
                )
            } else {
                format!(
                    "nobody is known to remember more than the {kept} entries that there are: the log can go on as it is; if you \
                     have a later checkpoint of it, give it with `--known`"
                )
            }));
        };
        let link = Link::new(&note).ok_or_else(|| Error::Invalid("it is no checkpoint".to_owned()))?;
        let keys = self.store.ring().organisation(organisation).await?;
        let next = Arc::new(Log::of(organisation, log.epoch() + 1, &keys)?);
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
        Ok(Begun { origin, kept, last: size })
    }
}
