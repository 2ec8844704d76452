//! What the database knows of witnesses: what each has been shown of a log, and what it cosigned.
//!
//! None of it is believed against a witness: it saves a question, and tells the operator how far behind one is.

use tacita_domain::Timestamp;
use tacita_ledger::{
    merkle::{EMPTY_ROOT, Hash, TreeHead},
    note::{Note, Signature},
    tiles,
};

use crate::{
    Error, Reading, Writing,
    ledger::{KEPT_MICROS, Log, Signed, head, int, newest, said, uint, with_tiles},
    queries,
};

/// Checkpoints that are looked at when older ones of the same hour are dropped: there are never more than a few.
const LOOKED_AT: u32 = 16;

queries! {
    STATES = "SELECT witness, size, published, failures, tried, trouble FROM ledger_witnesses WHERE organisation = $1 \
              ORDER BY witness";
    SIZE = "SELECT size FROM ledger_witnesses WHERE organisation = $1 AND witness = $2";
    PUBLISHED = "INSERT INTO ledger_witnesses (organisation, witness, size, published, failures, tried, trouble) \
                 VALUES ($1, $2, $3, $4, 0, $4, NULL) ON CONFLICT (organisation, witness) DO UPDATE SET size = excluded.size, \
                 published = excluded.published, failures = 0, tried = excluded.tried, trouble = NULL";
    FAILED = "INSERT INTO ledger_witnesses (organisation, witness, size, published, failures, tried, trouble) \
              VALUES ($1, $2, 0, NULL, 1, $3, $4) ON CONFLICT (organisation, witness) DO UPDATE SET \
              failures = ledger_witnesses.failures + 1, tried = excluded.tried, trouble = excluded.trouble";

    // Another process may have dropped it while the witness thought.
    KEEP = "INSERT INTO ledger_checkpoints (organisation, size, signed, note) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (organisation, size) DO NOTHING";
    COSIGN = "INSERT INTO ledger_cosignatures (organisation, size, cosigner, line) VALUES ($1, $2, $3, $4) \
              ON CONFLICT (organisation, size, cosigner) DO UPDATE SET line = excluded.line";
    LINES = "SELECT line FROM ledger_cosignatures WHERE organisation = $1 AND size = $2 ORDER BY cosigner";
    BEFORE = "SELECT size, signed, note FROM ledger_checkpoints WHERE organisation = $1 AND size < $2 ORDER BY size DESC LIMIT $3";
    OTHERS = "SELECT count(*) FROM ledger_cosignatures WHERE organisation = $1 AND size = $2 AND cosigner <> $3";
    DROP = "DELETE FROM ledger_checkpoints WHERE organisation = $1 AND size = $2";
    DROP_LINES = "DELETE FROM ledger_cosignatures WHERE organisation = $1 AND size = $2";
    COSIGNED = "SELECT c.size, c.signed, c.note FROM ledger_cosignatures s JOIN ledger_checkpoints c \
                ON c.organisation = s.organisation AND c.size = s.size \
                WHERE s.organisation = $1 AND s.size > $2 ORDER BY s.size DESC LIMIT 1";
}

/// What is known of a witness of an organisation's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its folder or address.
    pub witness: String,
    /// How many entries the checkpoint has that it was shown last; 0 for none.
    pub size: u64,
    /// When that was.
    pub published: Option<Timestamp>,
    /// How often in a row it could not be shown one since.
    pub failures: u64,
    /// When that was tried last.
    pub tried: Timestamp,
    /// Why it could not.
    pub trouble: Option<String>,
}

/// All witnesses that the organisation's log was to be shown to.
///
/// # Errors
/// When the database can't answer.
pub fn states(tx: &mut Reading<'_>) -> Result<Vec<State>, Error> {
    tx.query(STATES, &[], |row| {
        Ok(State {
            witness: row.get(0)?,
            size: uint(row.get(1)?)?,
            published: row.get(2)?,
            failures: uint(row.get(3)?)?,
            tried: row.get(4)?,
            trouble: row.get(5)?,
        })
    })
}

/// How many entries the checkpoint has that a witness was shown last; 0 for none.
///
/// # Errors
/// When the database can't answer.
pub fn shown(tx: &mut Reading<'_>, witness: &str) -> Result<u64, Error> {
    tx.query_one(SIZE, &[witness.into()], |row| row.get(0))?.map_or(Ok(0), uint)
}

/// The newest checkpoint and the tree that it signs; none where nothing was integrated yet.
///
/// # Errors
/// [`Error::Ledger`] when it is none of `log`.
pub fn newest_of(tx: &mut Reading<'_>, log: &Log) -> Result<Option<(Signed, TreeHead)>, Error> {
    let signed = newest(tx)?;
    signed.map(|signed| head(log, &signed).map(|head| (signed, head))).transpose()
}

/// The root of the first `size` entries, as the tiles have it.
///
/// # Errors
/// [`Error::Ledger`] when a tile is missing or wrong.
pub fn root(tx: &mut Reading<'_>, size: u64) -> Result<Hash, Error> {
    with_tiles(tx, |tiles| tiles::root(size, tiles))
}

/// How many entries the newest checkpoint has, where the log does not continue the tree `known`; none where it does.
///
/// # Errors
/// [`Error::Ledger`] when a tile is missing or wrong, or the newest checkpoint is none of `log`.
pub fn lost(tx: &mut Reading<'_>, log: &Log, known: &TreeHead) -> Result<Option<u64>, Error> {
    let head = newest_of(tx, log)?.map_or(TreeHead { size: 0, root: EMPTY_ROOT }, |(_, head)| head);
    let continues =
        head == *known || head.size > known.size && (known.size == 0 || root(tx, known.size)? == known.root);
    Ok(if continues { None } else { Some(head.size) })
}

/// The proof that `to` continues the tree of the first `from` entries, as the tiles have them.
///
/// # Errors
/// [`Error::Ledger`] when a tile is missing or wrong.
pub fn consistency(tx: &mut Reading<'_>, from: u64, to: &TreeHead) -> Result<Vec<Hash>, Error> {
    if from == 0 {
        return Ok(Vec::new());
    }
    let from = TreeHead { size: from, root: root(tx, from)? };
    with_tiles(tx, |tiles| tiles::consistency(&from, to, tiles))
}

/// Keeps that a witness knows a checkpoint, and with which cosignatures, each by the name and number of its key. Of those of
/// the same hour the older ones go, unless another has cosigned them.
///
/// # Errors
/// When the database can't write it.
pub fn published(
    tx: &mut Writing<'_>,
    witness: &str,
    signed: Option<&Signed>,
    cosignatures: &[Signature],
    now: Timestamp,
) -> Result<(), Error> {
    let size = int(signed.map_or(0, |signed| signed.size))?;
    tx.execute(PUBLISHED, &[witness.into(), size.into(), now.into()])?;
    let Some(signed) = signed else { return Ok(()) };
    for signature in cosignatures {
        let (cosigner, line) =
            (format!("{}+{:08x}", signature.name, signature.key_id), signature.to_string());
        tx.execute(KEEP, &[size.into(), signed.at.into(), signed.note.as_str().into()])?;
        tx.execute(COSIGN, &[size.into(), cosigner.as_str().into(), line.as_str().into()])?;
        let before: Vec<(i64, Timestamp, String)> =
            tx.query(BEFORE, &[size.into(), LOOKED_AT.into()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        let (hour, origin) = (signed.at.micros() / KEPT_MICROS, origin(&signed.note));
        // The last one of an epoch stays.
        let goes =
            |at: &Timestamp, note: &str| at.micros() / KEPT_MICROS == hour && self::origin(note) == origin;
        for (older, ..) in before.into_iter().take_while(|(_, at, note)| goes(at, note)) {
            let others: Option<i64> =
                tx.query_one(OTHERS, &[older.into(), cosigner.as_str().into()], |row| row.get(0))?;
            if others == Some(0) {
                tx.execute(DROP, &[older.into()])?;
                tx.execute(DROP_LINES, &[older.into()])?;
            }
        }
    }
    Ok(())
}

/// The name of the log that a note is of.
fn origin(note: &str) -> Option<String> {
    said(note).map(|checkpoint| checkpoint.origin().to_owned())
}

/// Keeps that a witness could not be shown the newest checkpoint, and why.
///
/// # Errors
/// When the database can't write it.
pub fn failed(tx: &mut Writing<'_>, witness: &str, why: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(FAILED, &[witness.into(), now.into(), why.into()]).map(drop)
}

/// The note of a checkpoint with the cosignatures that there are.
///
/// # Errors
/// [`Error::Ledger`] when it is no note, or a cosignature none.
pub fn cosigned_note(tx: &mut Reading<'_>, signed: &Signed) -> Result<Note, Error> {
    let wrong = |what: &dyn std::fmt::Display| {
        Error::Ledger(format!("the checkpoint of {} entries: {what}", signed.size))
    };
    let mut note = Note::parse(signed.note.as_bytes()).map_err(|error| wrong(&error))?;
    let lines: Vec<String> = tx.query(LINES, &[int(signed.size)?.into()], |row| row.get(0))?;
    for line in lines {
        note.add(Signature::parse(&line).ok_or_else(|| wrong(&"a cosignature of it is none"))?);
    }
    Ok(note)
}

/// The newest checkpoint with a cosignature that has the entry at `position`; none where there is none.
///
/// # Errors
/// When the database can't answer.
pub(crate) fn newest_cosigned(tx: &mut Reading<'_>, position: u64) -> Result<Option<Signed>, Error> {
    tx.query_one(COSIGNED, &[int(position)?.into()], |row| {
        Ok(Signed { size: uint(row.get(0)?)?, at: row.get(1)?, note: row.get(2)? })
    })
}
