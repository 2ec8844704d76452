//! The ledger of an organisation: entries get their places in a log that only grows, and the log is signed.
//!
//! Entries are written with the data they are about, without a place. One integrator at a time gives them places, after their
//! commit, so that what is committed late comes later. It holds a lease with a fence: a number that grows with each holder and is
//! checked in the transaction of everything that is written here, so that one who was overtaken writes nothing. Places, tiles
//! and the signed checkpoint reach the disk in one transaction.
//!
//! It signs nothing that does not continue what it signed last: before it does, it makes the last root anew from the tiles, and
//! refuses with [`Error::Ledger`] where that is another one.

use tacita_domain::{OperationId, OrganisationId, Timestamp};
use tacita_ledger::{
    checkpoint::{Checkpoint, Verifiers, open_any_epoch},
    entry::Salt,
    merkle::{EMPTY_ROOT, TreeHead, leaf_hash},
    note::{Algorithm, Note, Signer, VerifierKey},
    receipt::{self, Body, Receipt, TlogProof},
    tiles::{self, Edge, Tile, TileError, Tiles, WIDTH},
};
use zeroize::Zeroizing;

use crate::{Error, OrganisationKeys, Reading, Spanning, Writing, epoch, queries, system_queries, witness};

/// Entries that are integrated in one transaction.
pub const BATCH: u32 = 4096;
/// Places of a run.
pub(crate) const RUN: i64 = 4096;
/// How long a lease lasts: that long after a crash nobody else integrates.
const LEASE_SECONDS: i64 = 2;
/// Of the checkpoints signed within such a span only the last is kept.
pub(crate) const KEPT_MICROS: i64 = 3_600_000_000;

system_queries! {
    WAITING = "SELECT DISTINCT organisation FROM ledger_waiting";
}
queries! {
    RENEW = "UPDATE ledger_leases SET until = $3 WHERE organisation = $1 AND holder = $2 AND until > $4";
    TAKE = "UPDATE ledger_leases SET fence = fence + 1, holder = $2, until = $3 WHERE organisation = $1 AND until <= $4";
    FIRST = "INSERT INTO ledger_leases (organisation, fence, holder, until) VALUES ($1, 1, $2, $3) \
             ON CONFLICT (organisation) DO NOTHING";
    RELEASE = "UPDATE ledger_leases SET until = 0 WHERE organisation = $1 AND fence = $2";
    LEASE = "SELECT until FROM ledger_leases WHERE organisation = $1";
    OLDEST = "SELECT entry FROM ledger_waiting WHERE organisation = $1 ORDER BY entry LIMIT 1";
    COUNT = "SELECT count(*) FROM ledger_waiting WHERE organisation = $1";
    FENCE = "SELECT fence FROM ledger_leases WHERE organisation = $1 AND holder = $2";
    // Locks the row until the transaction ends: whoever would take the lease waits.
    FENCED = "UPDATE ledger_leases SET fence = fence WHERE organisation = $1 AND fence = $2";

    NEXT = "SELECT entry, data, reference FROM ledger_waiting WHERE organisation = $1 ORDER BY entry LIMIT $2";
    PLACE = "INSERT INTO ledger_entries (organisation, position, entry, data) VALUES ($1, $2, $3, $4)";
    REFER = "INSERT INTO ledger_references (organisation, run, reference, entry) VALUES ($1, $2, $3, $4)";
    // Those that were placed, and no other: one with an earlier id may have come meanwhile.
    PLACED = "DELETE FROM ledger_waiting WHERE organisation = $1 AND entry IN \
              (SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2)";
    LAST_PLACE = "SELECT position FROM ledger_entries WHERE organisation = $1 ORDER BY position DESC LIMIT 1";
    PUT_TILE = "INSERT INTO ledger_tiles (organisation, level, tile, hashes) VALUES ($1, $2, $3, $4) \
                ON CONFLICT (organisation, level, tile) DO UPDATE SET hashes = excluded.hashes";
    PUT_CHECKPOINT = "INSERT INTO ledger_checkpoints (organisation, size, signed, note) VALUES ($1, $2, $3, $4)";
    // One with a cosignature stays: receipts carry it.
    DROP_CHECKPOINT = "DELETE FROM ledger_checkpoints WHERE organisation = $1 AND size = $2 AND NOT EXISTS \
                       (SELECT 1 FROM ledger_cosignatures c WHERE c.organisation = $1 AND c.size = $2)";

    NEWEST = "SELECT size, signed, note FROM ledger_checkpoints WHERE organisation = $1 ORDER BY size DESC LIMIT 1";
    TILE = "SELECT hashes FROM ledger_tiles WHERE organisation = $1 AND level = $2 AND tile = $3";
    BUNDLE = "SELECT position, data FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3 \
              ORDER BY position";
    POSITION = "SELECT position FROM ledger_entries WHERE organisation = $1 AND entry = $2 \
                UNION ALL SELECT NULL FROM ledger_waiting WHERE organisation = $1 AND entry = $2";
    BODY = "SELECT reference, salt, sealed FROM ledger_bodies WHERE organisation = $1 AND entry = $2";
    BODIES = "SELECT e.position, e.entry, b.salt, b.sealed FROM ledger_entries e JOIN ledger_bodies b \
              ON b.organisation = e.organisation AND b.entry = e.entry \
              WHERE e.organisation = $1 AND e.position >= $2 AND e.position < $3 ORDER BY e.position";
}

/// A log: its name, the keys that sign it, and those that verify it.
#[derive(Debug)]
pub struct Log {
    origin: String,
    epoch: u64,
    signers: [Signer; 2],
    verifiers: Verifiers,
}

impl Log {
    /// The log of an organisation in an epoch, from 1. Its origin, and the name of its keys, is `tacita.local/` and the
    /// organisation's id; from the second epoch on its number follows. All epochs have the same keys.
    ///
    /// # Errors
    /// When the key ring lacks its seeds.
    pub fn of(organisation: OrganisationId, epoch: u64, keys: &OrganisationKeys) -> Result<Self, Error> {
        let origin = tacita_ledger::epoch::origin(&format!("tacita.local/{organisation}"), epoch);
        let signer = |algorithm, seed: &[u8; 32]| {
            Signer::from_seed(&origin, algorithm, &Zeroizing::new(*seed))
                .map_err(|error| Error::Key(error.to_string()))
        };
        let signers = [
            signer(Algorithm::Ed25519, keys.ed25519_seed()?.expose())?,
            signer(Algorithm::MlDsa44, keys.ml_dsa_seed()?.expose())?,
        ];
        let keys = signers.iter().map(|signer| signer.verifier().clone()).collect();
        let verifiers = Verifiers::new(&origin, keys).map_err(|error| Error::Key(error.to_string()))?;
        Ok(Self { origin, epoch, signers, verifiers })
    }

    /// Signs that this is the tree of the log. Whoever calls this knows that it continues what was signed before.
    pub(crate) fn sign(&self, head: TreeHead, now: Timestamp) -> Result<Note, Error> {
        let [classic, quantum] = &self.signers;
        let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or_default();
        let checkpoint =
            Checkpoint::new(&self.origin, head).map_err(|error| Error::Ledger(error.to_string()))?;
        checkpoint.sign(&[classic, quantum], seconds).map_err(|error| Error::Key(error.to_string()))
    }

    /// The checkpoint of the log without entries. Every log continues it, so that it can be signed at any time, to ask a witness
    /// what it knows.
    ///
    /// # Errors
    /// When the keys can't sign.
    pub fn sign_empty(&self, now: Timestamp) -> Result<Note, Error> {
        self.sign(TreeHead { size: 0, root: EMPTY_ROOT }, now)
    }

    /// The name by which its checkpoints call it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Its epoch, from 1.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The public keys, each of which signs every checkpoint.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.signers.iter().map(Signer::verifier)
    }

    /// What believes these keys.
    #[must_use]
    pub const fn verifiers(&self) -> &Verifiers {
        &self.verifiers
    }
}

/// The right to integrate, until somebody else takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence(i64);

/// A signed checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// How many entries it counts.
    pub size: u64,
    /// When it was signed.
    pub at: Timestamp,
    /// The signed note.
    pub note: String,
}

/// What an entry is the salted hash of.
#[derive(Clone, Debug)]
pub struct Kept {
    /// By which the ledger refers to the data subject whose key sealed it; none where the organisation's did.
    pub reference: Option<[u8; 32]>,
    /// The salt.
    pub salt: Salt,
    /// The sealed body.
    pub sealed: Vec<u8>,
}

/// A body in its place in the log.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its entry's index, from 0.
    pub position: u64,
    /// The operation, whose id is the entry's.
    pub operation: OperationId,
    /// The salt.
    pub salt: Salt,
    /// The sealed body.
    pub sealed: Vec<u8>,
}

/// What is known of an operation's entry.
#[derive(Debug)]
pub enum Proof {
    /// It has no place yet.
    Waiting,
    /// It is in the log: its receipt.
    Receipt(Receipt),
}

/// How a ledger stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Entries that wait for a place.
    pub waiting: u64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
    /// The last checkpoint.
    pub newest: Option<Signed>,
    /// Until when a process has the right to integrate.
    pub leased_until: Option<Timestamp>,
}

/// How a ledger stands.
///
/// # Errors
/// When the database can't answer.
pub fn standing(tx: &mut Reading<'_>) -> Result<Standing, Error> {
    let waiting = tx.query_one(COUNT, &[], |row| row.get::<i64>(0))?.map_or(Ok(0), uint)?;
    let oldest = tx.query_one(OLDEST, &[], |row| row.get::<OperationId>(0))?.map(|entry| {
        // The first six bytes of an id are the milliseconds at which it was made.
        let millis = entry.as_bytes()[..6].iter().fold(0, |millis, byte| millis << 8 | i64::from(*byte));
        Timestamp::from_micros(millis.saturating_mul(1000))
    });
    let leased_until = tx.query_one(LEASE, &[], |row| row.get(0))?;
    Ok(Standing { waiting, oldest, newest: newest(tx)?, leased_until })
}

/// Whether the tiles that are kept lead to the root of the last checkpoint, and the keys of `log` have signed it.
///
/// # Errors
/// [`Error::Ledger`] when they don't, or haven't.
pub fn verify_newest(tx: &mut Reading<'_>, log: &Log) -> Result<(), Error> {
    let last = newest(tx)?;
    continued(tx, log, last.as_ref()).map(drop)
}

/// Which organisations have entries that wait for a place.
///
/// # Errors
/// When the database can't answer.
pub fn waiting(tx: &mut Spanning<'_>) -> Result<Vec<OrganisationId>, Error> {
    tx.query(WAITING, &[], |row| row.get(0))
}

/// Takes the lease of an organisation's ledger for `holder`, or renews it; none while it is somebody else's.
///
/// # Errors
/// When the database can't write it.
pub fn lease(tx: &mut Writing<'_>, holder: &[u8; 16], now: Timestamp) -> Result<Option<Fence>, Error> {
    let until = now.after_seconds(LEASE_SECONDS);
    let values = [holder.into(), until.into(), now.into()];
    let is_ours = tx.execute(RENEW, &values)? == 1
        || tx.execute(TAKE, &values)? == 1
        || tx.execute(FIRST, &[holder.into(), until.into()])? == 1;
    if !is_ours {
        return Ok(None);
    }
    tx.query_one(FENCE, &[holder.into()], |row| row.get(0).map(Fence))
}

/// Gives the lease back, so that nobody has to wait until it has run out.
///
/// # Errors
/// When the database can't write it.
pub fn release(tx: &mut Writing<'_>, fence: Fence) -> Result<(), Error> {
    tx.execute(RELEASE, &[fence.0.into()]).map(drop)
}

/// Gives waiting entries their places, at most [`BATCH`], and signs the log that they give. Says how many.
///
/// # Errors
/// [`Error::Changed`] when the lease is somebody else's by now, or the log in another epoch; [`Error::Ledger`] when the log is
/// not the one that was signed last. Then nothing is written.
pub fn integrate(tx: &mut Writing<'_>, fence: Fence, log: &Log, now: Timestamp) -> Result<u32, Error> {
    fenced(tx, fence, log)?;
    let waiting: Vec<Waiting> = tx.query(NEXT, &[BATCH.into()], |row| {
        Ok(Waiting { entry: row.get(0)?, data: row.get(1)?, reference: row.get(2)? })
    })?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let last = newest(tx)?;
    let mut edge = continued(tx, log, last.as_ref())?;
    let mut full = Vec::new();
    let start = int(edge.head().size)?;
    for Waiting { data, .. } in &waiting {
        edge.push(leaf_hash(data), &mut |tile, hashes| full.push((tile, hashes)));
    }
    place(tx, start, &waiting)?;
    sign(tx, log, &edge, full, now)?;
    Ok(u32::try_from(waiting.len()).unwrap_or(BATCH))
}

/// Sees to it that nobody else integrates until the transaction ends, and that the log is in the epoch of `log`.
pub(crate) fn fenced(tx: &mut Writing<'_>, fence: Fence, log: &Log) -> Result<(), Error> {
    let is_ours = tx.execute(FENCED, &[fence.0.into()])? == 1;
    if is_ours && epoch::current(tx)? == log.epoch { Ok(()) } else { Err(Error::Changed) }
}

/// Writes tiles that have grown, and signs the log.
pub(crate) fn sign(
    tx: &mut Writing<'_>,
    log: &Log,
    edge: &Edge,
    full: Vec<(Tile, Vec<u8>)>,
    now: Timestamp,
) -> Result<(), Error> {
    let last = newest(tx)?;
    for (tile, hashes) in full.into_iter().chain(edge.partial()) {
        let (level, index) = (i64::from(tile.level()), int(tile.index())?);
        tx.execute(PUT_TILE, &[level.into(), index.into(), (&hashes).into()])?;
    }
    let head = edge.head();
    let note = log.sign(head, now)?.to_string();
    if let Some(last) = last
        && last.at.micros() / KEPT_MICROS == now.micros() / KEPT_MICROS
        // The last one of an epoch stays.
        && head_of(&last).is_some_and(|before| before.origin() == log.origin)
    {
        tx.execute(DROP_CHECKPOINT, &[int(last.size)?.into()])?;
    }
    tx.execute(PUT_CHECKPOINT, &[int(head.size)?.into(), now.into(), note.as_str().into()]).map(drop)
}

/// An entry that waits for a place.
struct Waiting {
    entry: OperationId,
    data: [u8; 32],
    /// By which it refers to a data subject.
    reference: Option<[u8; 32]>,
}

/// In which run of [`RUN`] places somebody's entries are looked for.
pub(crate) const fn run(position: i64) -> i64 {
    position / RUN
}

/// Gives entries the places from `start` on, and notes to whom they refer.
fn place(tx: &mut Writing<'_>, start: i64, waiting: &[Waiting]) -> Result<(), Error> {
    let places = || (start..).zip(waiting);
    tx.insert_all(
        PLACE,
        places().map(|(position, Waiting { entry, data, .. })| [position.into(), entry.into(), data.into()]),
    )?;
    let refers = |(position, waiting): (i64, &Waiting)| {
        waiting.reference.map(|reference| (run(position), reference, waiting.entry))
    };
    let mut references: Vec<_> = places().filter_map(refers).collect();
    references.sort_unstable();
    if !references.is_empty() {
        let rows = references.iter().map(|(run, it, entry)| [(*run).into(), it.into(), entry.into()]);
        tx.insert_all(REFER, rows)?;
    }
    let placed = tx.execute(PLACED, &[start.into()])?;
    if placed == waiting.len() as u64 {
        Ok(())
    } else {
        Err(Error::Ledger(format!("{} entries were to get a place, and {placed} have waited", waiting.len())))
    }
}

/// The right edge of the log that was signed last, made anew from its tiles.
pub(crate) fn continued(tx: &mut Reading<'_>, log: &Log, last: Option<&Signed>) -> Result<Edge, Error> {
    let signed = match last {
        Some(last) => head(log, last)?,
        None => TreeHead { size: 0, root: EMPTY_ROOT },
    };
    let edge = with_tiles(tx, |tiles| Edge::load(signed.size, tiles))?;
    if edge.head() != signed {
        return Err(Error::Ledger(format!(
            "its tiles do not lead to the root that was signed for {} entries",
            signed.size
        )));
    }
    let placed = last_place(tx)?.map_or(Ok(0), |last| uint(last + 1))?;
    if placed != signed.size {
        return Err(Error::Ledger(format!(
            "{placed} entries have a place, and {} were signed: a checkpoint or the last entries are missing",
            signed.size
        )));
    }
    Ok(edge)
}

/// What a kept checkpoint says, signed or not.
fn head_of(signed: &Signed) -> Option<Checkpoint> {
    said(&signed.note)
}

/// What a signed note says, signed or not; none where it is no checkpoint.
pub(crate) fn said(note: &str) -> Option<Checkpoint> {
    Checkpoint::parse(Note::parse(note.as_bytes()).ok()?.text()).ok()
}

/// What a kept checkpoint signs.
pub(crate) fn head(log: &Log, signed: &Signed) -> Result<TreeHead, Error> {
    let opened = open_any_epoch(signed.note.as_bytes(), &log.verifiers)
        .map_err(|error| Error::Ledger(format!("its last checkpoint is not one of ours: {error}")))?;
    let head = *opened.checkpoint.head();
    if head.size != signed.size {
        return Err(Error::Ledger(format!("the checkpoint of {} entries signs {}", signed.size, head.size)));
    }
    Ok(head)
}

/// The newest checkpoint; none where nothing was integrated yet.
///
/// # Errors
/// When the database can't answer.
pub fn newest(tx: &mut Reading<'_>) -> Result<Option<Signed>, Error> {
    tx.query_one(NEWEST, &[], |row| {
        Ok(Signed { size: uint(row.get(0)?)?, at: row.get(1)?, note: row.get(2)? })
    })
}

/// The hashes of a tile, in the widest form that there is of it; it may be wider than `tile`, and narrower.
///
/// # Errors
/// When the database can't answer.
pub fn tile(tx: &mut Reading<'_>, tile: Tile) -> Result<Option<Vec<u8>>, Error> {
    let (level, index) = (i64::from(tile.level()), int(tile.index())?);
    tx.query_one(TILE, &[level.into(), index.into()], |row| row.get(0))
}

/// The data of the entries of the bundle with this index that have a place, at most 256. It ends before the first that is
/// missing.
///
/// # Errors
/// When the database can't answer.
pub fn bundle(tx: &mut Reading<'_>, index: u64) -> Result<Vec<[u8; 32]>, Error> {
    let start = int(index)?.checked_mul(i64::from(WIDTH)).ok_or(Error::NotFound)?;
    let end = start.saturating_add(i64::from(WIDTH));
    let found: Vec<(i64, [u8; 32])> =
        tx.query(BUNDLE, &[start.into(), end.into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let in_order = found.into_iter().zip(start..).take_while(|((position, _), place)| position == place);
    Ok(in_order.map(|((_, data), _)| data).collect())
}

/// The bodies of the entries from `start` to before `end`, in their order; those that were pruned are left out.
///
/// # Errors
/// When the database can't answer.
pub fn bodies(tx: &mut Reading<'_>, start: u64, end: u64) -> Result<Vec<Placed>, Error> {
    tx.query(BODIES, &[int(start)?.into(), int(end)?.into()], |row| {
        Ok(Placed {
            position: uint(row.get(0)?)?,
            operation: row.get(1)?,
            salt: row.get(2)?,
            sealed: row.get(3)?,
        })
    })
}

/// The last place that was given.
pub(crate) fn last_place(tx: &mut Reading<'_>) -> Result<Option<i64>, Error> {
    tx.query_one(LAST_PLACE, &[], |row| row.get(0))
}

/// The place of an operation's entry, from 0; none while it waits for one.
///
/// # Errors
/// [`Error::NotFound`] when there is no such entry.
pub fn position(tx: &mut Reading<'_>, operation: OperationId) -> Result<Option<u64>, Error> {
    let position = tx.query_one(POSITION, &[(&operation).into()], |row| row.get::<Option<i64>>(0))?;
    position.ok_or(Error::NotFound)?.map(uint).transpose()
}

/// What an operation's entry is the salted hash of.
///
/// # Errors
/// [`Error::NotFound`] when it was pruned, or there is no such entry.
pub fn body(tx: &mut Reading<'_>, operation: OperationId) -> Result<Kept, Error> {
    let body = tx.query_one(BODY, &[(&operation).into()], |row| {
        Ok(Kept { reference: row.get(0)?, salt: row.get(1)?, sealed: row.get(2)? })
    })?;
    body.ok_or(Error::NotFound)
}

/// The receipt of an operation's entry, verified before it is given away.
///
/// # Errors
/// [`Error::NotFound`] when there is no such entry or its body was pruned; [`Error::Ledger`] when body, tiles and checkpoint
/// are not those that were written.
pub fn prove(tx: &mut Reading<'_>, log: &Log, operation: OperationId) -> Result<Proof, Error> {
    let Some(position) = position(tx, operation)? else { return Ok(Proof::Waiting) };
    let Kept { salt, sealed, .. } = body(tx, operation)?;
    let wrong = |why: String| Error::Ledger(format!("entry {position}: {why}"));
    let signed = match witness::newest_cosigned(tx, position)? {
        Some(cosigned) => Some(cosigned),
        None => newest(tx)?,
    };
    let signed = signed.ok_or_else(|| wrong("it has a place, and there is no checkpoint".to_owned()))?;
    let head = head(log, &signed)?;
    let hashes = with_tiles(tx, |read| tiles::inclusion(position, &head, read))?;
    let note = witness::cosigned_note(tx, &signed)?;
    let proof = TlogProof::new(position, hashes, &note).map_err(|error| wrong(error.to_string()))?;
    let receipt =
        Receipt::new(salt, Body::Sealed(sealed), proof).map_err(|error| wrong(error.to_string()))?;
    let origin = head_of(&signed).map(|checkpoint| checkpoint.origin().to_owned());
    let of_epoch = origin.and_then(|origin| log.verifiers.of_epoch(&origin));
    match receipt::verify(&receipt, of_epoch.as_ref().unwrap_or(&log.verifiers)) {
        Ok(_) => Ok(Proof::Receipt(receipt)),
        Err(receipt::Fault::NotIncluded) => {
            Err(wrong("its body, salt or place is not the one that was logged".to_owned()))
        }
        Err(fault) => Err(wrong(fault.to_string())),
    }
}

/// Lets `read` read tiles, and tells a database that can't answer from a tile that is missing or wrong.
pub(crate) fn with_tiles<T>(
    tx: &mut Reading<'_>,
    read: impl FnOnce(&mut Tiles<'_>) -> Result<T, TileError>,
) -> Result<T, Error> {
    let mut failed = None;
    let result = read(&mut |asked| {
        tile(tx, asked).unwrap_or_else(|error| {
            failed = Some(error);
            None
        })
    });
    match failed {
        Some(error) => Err(error),
        None => result.map_err(|error| Error::Ledger(error.to_string())),
    }
}

pub(crate) fn int(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::NotFound)
}

pub(crate) fn uint(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::Corrupt("a place in the ledger is below zero"))
}
