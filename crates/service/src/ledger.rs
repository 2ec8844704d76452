//! The ledger: entries get their places, and whoever asks gets the proof.
//!
//! Each organisation has a log of its own. Its origin, and the name of the two keys that sign it, is
//! `tacita.local/<organisation's id>`; the seeds of the keys lie in the key ring.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use tacita_domain::{OperationId, OrganisationId, Timestamp};
use tacita_ledger::{
    merkle::TreeHead,
    tiles::{Bundle, Tile, encode_bundle},
};
use tacita_store::{
    Reading, Store, SystemScope, epoch, holdings,
    ledger::{self, Log, Placed, Proof},
    witness,
};
use tokio::time::timeout;

use crate::{Error, Service, WitnessError};

/// How long entries wait at most where nothing wakes the integrator.
const ROUND: Duration = Duration::from_secs(1);
/// After so many entries, or microseconds, what is held about people is sorted in. The more at once, the less each of them costs;
/// what is not sorted in yet is searched through by everybody who asks.
const UNSORTED: (u64, i64) = (8192, 5_000_000);
/// How long a log is left alone that is not the one that was signed.
const BROKEN_SECONDS: i64 = 60;
/// How long it rests after a round, so that what comes in meanwhile is signed together.
const REST: Duration = Duration::from_millis(100);

/// The logs whose keys were opened, and by which name this process holds their leases.
#[derive(Clone)]
pub(crate) struct Logs {
    holder: [u8; 16],
    opened: Arc<RwLock<HashMap<OrganisationId, Arc<Log>>>>,
    /// The last tree of each log that this process has signed: a database that does not continue it was put back meanwhile.
    signed: Arc<Mutex<HashMap<OrganisationId, TreeHead>>>,
    /// How many entries came since what is held about people was sorted in last, and when that was.
    unsorted: Arc<Mutex<HashMap<OrganisationId, (u64, Timestamp)>>>,
}

impl Logs {
    pub(crate) fn new(store: &Store) -> Self {
        Self {
            holder: store.random(),
            opened: Arc::default(),
            signed: Arc::default(),
            unsorted: Arc::default(),
        }
    }

    fn signed(&self) -> MutexGuard<'_, HashMap<OrganisationId, TreeHead>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Gives all waiting entries of an organisation their places, and says how many. None are given while another process does
    /// so.
    ///
    /// # Errors
    /// When the log is not the one that was signed last or that the witnesses know, or it can't be written.
    pub async fn integrate(&self, organisation: OrganisationId) -> Result<u64, Error> {
        self.confirm(organisation).await?;
        let log = self.log(organisation).await?;
        let mut integrated = 0;
        loop {
            let (of, holder, now) = (Arc::clone(&log), self.logs.holder, self.now());
            let before = self.logs.signed().get(&organisation).copied();
            let round = self.store.write_within(organisation, move |tx| {
                let Some(fence) = ledger::lease(tx, &holder, now)? else { return Ok(Ok((0, None))) };
                if let Some(known) = before
                    && let Some(ours) = witness::lost(tx, &of, &known)?
                {
                    ledger::release(tx, fence)?;
                    let (origin, known) = (of.origin().to_owned(), known.size);
                    return Ok(Err(WitnessError::Lost { origin, known, ours }));
                }
                let round = ledger::integrate(tx, fence, &of, now)?;
                if round < ledger::BATCH {
                    ledger::release(tx, fence)?;
                }
                let head = witness::newest_of(tx, &of)?.map(|(_, head)| head);
                Ok(Ok((round, head)))
            });
            let (round, head) = match round.await {
                // Another process has begun an epoch, or taken the lease.
                Err(tacita_store::Error::Changed) => {
                    self.forget(organisation);
                    return Err(tacita_store::Error::Changed.into());
                }
                round => round?.map_err(Error::Witness)?,
            };
            if let Some(head) = head {
                let mut signed = self.logs.signed();
                let last = signed.entry(organisation).or_insert(head);
                if last.size < head.size {
                    *last = head;
                }
            }
            integrated += u64::from(round);
            if round > 0 {
                self.witnesses.signed(organisation, now);
            }
            if round < ledger::BATCH {
                return Ok(integrated);
            }
        }
    }

    /// Sorts in what is held about people, where enough has come with these entries, or enough time has passed.
    async fn sort_in(&self, organisation: OrganisationId, entries: u64) -> Result<(), Error> {
        let now = self.now();
        let is_due = {
            let mut unsorted = self.logs.unsorted.lock().unwrap_or_else(PoisonError::into_inner);
            // What an earlier process has left is sorted in first.
            let (count, since) = unsorted.entry(organisation).or_insert((UNSORTED.0, now));
            *count += entries;
            let is_due = *count >= UNSORTED.0 || now.micros() - since.micros() >= UNSORTED.1;
            if is_due {
                (*count, *since) = (0, now);
            }
            is_due
        };
        while is_due && self.store.write_within(organisation, holdings::sort_in).await? {}
        Ok(())
    }

    /// [`Service::integrate`] for every organisation but those in `but`; with those for which it could not be done, and why.
    ///
    /// # Errors
    /// When it can't be found out which have entries that wait.
    pub async fn integrate_all(
        &self,
        but: &HashSet<OrganisationId>,
    ) -> Result<Vec<(OrganisationId, Error)>, Error> {
        let waiting = self.store.span(SystemScope::Integrate, ledger::waiting).await?;
        let mut failed = Vec::new();
        for organisation in waiting {
            let integrated = match but.contains(&organisation) {
                true => Ok(0),
                false => self.integrate(organisation).await,
            };
            // Whether the log stands still or not, people's records are found.
            let sorted = self.sort_in(organisation, *integrated.as_ref().unwrap_or(&0)).await;
            if let Err(error) = integrated.map(drop).and(sorted) {
                failed.push((organisation, error));
            }
        }
        Ok(failed)
    }

    /// Integrates for as long as it is polled: soon after something was written, at the latest each second. `report` is told
    /// what could not be done. A log that is not the one that was signed, or that a witness knows, is left alone for a minute; one
    /// of which no witness says anything is tried again, and told of once.
    pub async fn keep_ledgers(&self, report: impl Fn(Option<OrganisationId>, &Error)) {
        let (mut broken, mut waiting) = (HashMap::new(), HashSet::new());
        loop {
            let now = self.now();
            broken.retain(|_, until| *until > now);
            match self.integrate_all(&broken.keys().copied().collect()).await {
                Ok(failed) => {
                    let waited = std::mem::take(&mut waiting);
                    for (organisation, error) in failed {
                        match &error {
                            Error::Witness(WitnessError::Unasked { .. }) => {
                                waiting.insert(organisation);
                                if waited.contains(&organisation) {
                                    continue;
                                }
                            }
                            Error::Witness(_) | Error::Store(tacita_store::Error::Ledger(_)) => {
                                broken.insert(organisation, now.after_seconds(BROKEN_SECONDS));
                            }
                            _ => {}
                        }
                        report(Some(organisation), &error);
                    }
                }
                Err(error) => report(None, &error),
            }
            tokio::time::sleep(REST).await;
            // Whether something was written or the time is up: both are a round.
            let _ = timeout(ROUND, self.store.written()).await;
        }
    }

    /// The receipt of an operation: its entry with the proof that it is in the log, as a text that `tacita verify` reads. An
    /// entry that has no place yet gets one first. It shows nothing but the sealed body, so that nothing is recorded.
    ///
    /// # Errors
    /// When there is no such operation, or the log is not the one that was signed.
    pub async fn receipt(
        &self,
        organisation: OrganisationId,
        operation: OperationId,
    ) -> Result<String, Error> {
        if let Some(receipt) = self.prove(organisation, operation).await? {
            return Ok(receipt);
        }
        self.integrate(organisation).await?;
        // Where another process integrates, it is to be asked for again.
        self.prove(organisation, operation).await?.ok_or_else(|| tacita_store::Error::Busy.into())
    }

    async fn prove(
        &self,
        organisation: OrganisationId,
        operation: OperationId,
    ) -> Result<Option<String>, Error> {
        let log = self.log(organisation).await?;
        let proof = self.store.look_up(organisation, move |tx| ledger::prove(tx, &log, operation)).await?;
        Ok(match proof {
            Proof::Receipt(receipt) => Some(receipt.to_string()),
            Proof::Waiting => None,
        })
    }

    /// The public keys of an organisation's log, a verifier key in each line. Their name is the log's origin.
    ///
    /// # Errors
    /// When the key ring can't be read.
    pub async fn ledger_keys(&self, organisation: OrganisationId) -> Result<String, Error> {
        let log = self.log(organisation).await?;
        Ok(log.keys().map(|key| format!("{key}\n")).collect())
    }

    /// The newest signed checkpoint, with the cosignatures that there are.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing was integrated yet.
    pub async fn checkpoint(&self, organisation: OrganisationId) -> Result<String, Error> {
        let newest = |tx: &mut Reading<'_>| match ledger::newest(tx)? {
            Some(signed) => Ok(Some(witness::cosigned_note(tx, &signed)?.to_string())),
            None => Ok(None),
        };
        self.store.look_up(organisation, newest).await?.ok_or(Error::NotFound)
    }

    /// How many entries the newest checkpoint counts.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn ledger_size(&self, organisation: OrganisationId) -> Result<u64, Error> {
        let newest = self.store.look_up(organisation, ledger::newest).await?;
        Ok(newest.map_or(0, |signed| signed.size))
    }

    /// The bytes of a tile.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the log has none of that width yet.
    pub async fn tile(&self, organisation: OrganisationId, tile: Tile) -> Result<Vec<u8>, Error> {
        let hashes = self.store.look_up(organisation, move |tx| ledger::tile(tx, tile)).await?;
        let mut hashes = hashes.ok_or(Error::NotFound)?;
        let length = 32 * usize::from(tile.width());
        if hashes.len() < length {
            return Err(Error::NotFound);
        }
        hashes.truncate(length);
        Ok(hashes)
    }

    /// The bytes of a bundle of entries.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the log has none of that width yet.
    pub async fn bundle(&self, organisation: OrganisationId, bundle: Bundle) -> Result<Vec<u8>, Error> {
        let index = bundle.index();
        let entries = self.store.look_up(organisation, move |tx| ledger::bundle(tx, index)).await?;
        let entries = entries.get(..usize::from(bundle.width())).ok_or(Error::NotFound)?;
        encode_bundle(entries).map_err(|error| Error::Invalid(error.to_string()))
    }

    /// Salts and sealed bodies of the entries from `start` to before `end`; those that were pruned are left out.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn sealed_bodies(
        &self,
        organisation: OrganisationId,
        start: u64,
        end: u64,
    ) -> Result<Vec<Placed>, Error> {
        Ok(self.store.look_up(organisation, move |tx| ledger::bodies(tx, start, end)).await?)
    }

    /// What was known of a log is to be read again.
    pub(crate) fn forget(&self, organisation: OrganisationId) {
        self.logs.opened.write().unwrap_or_else(PoisonError::into_inner).remove(&organisation);
        self.witnesses.forget(organisation);
    }

    /// What this process has signed of a log is no longer what must be continued: an epoch was begun without it.
    pub(crate) fn forget_signed(&self, organisation: OrganisationId) {
        self.logs.signed().remove(&organisation);
    }

    pub(crate) const fn holder(&self) -> [u8; 16] {
        self.logs.holder
    }

    pub(crate) async fn log(&self, organisation: OrganisationId) -> Result<Arc<Log>, Error> {
        let known =
            self.logs.opened.read().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned();
        if let Some(log) = known {
            return Ok(log);
        }
        let keys = self.store.ring().organisation(organisation).await?;
        let epoch = self.store.look_up(organisation, epoch::current).await?;
        let log = Arc::new(Log::of(organisation, epoch, &keys)?);
        let mut opened = self.logs.opened.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(opened.entry(organisation).or_insert(log)))
    }
}
