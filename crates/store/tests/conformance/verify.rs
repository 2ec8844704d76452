//! Tampering with the database behind the program's back: what is wrong is named, the first bad entry where there is one.

use std::sync::Arc;

use tacita_domain::OperationId;
use tacita_ledger::{
    checkpoint::{Checkpoint, OpenError},
    note::{Algorithm, Signer},
    tiles::TileError,
    verify::{Fault as LogFault, Seen},
};
use tacita_store::{
    Writing, queries,
    verify::{self, Fault, Verified},
};
use zeroize::Zeroizing;

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    a_good_log_is_good,
    a_flipped_bit_of_an_entry,
    a_flipped_bit_of_a_body_or_salt,
    a_flipped_bit_of_an_id,
    a_flipped_bit_of_a_tile,
    a_flipped_bit_of_a_checkpoint,
    a_flipped_bit_of_what_waits,
    a_flipped_bit_of_a_reference,
    a_removed_body,
    a_removed_tail,
    a_removed_row_beside,
    a_removed_checkpoint,
    swapped_entries,
    an_added_entry,
    another_key,
    an_old_database_put_back,
}

queries! {
    ENTRY = "SELECT entry, data FROM ledger_entries WHERE organisation = $1 AND position = $2";
    SET_DATA = "UPDATE ledger_entries SET data = $3 WHERE organisation = $1 AND position = $2";
    SET_ENTRY = "UPDATE ledger_entries SET entry = $3 WHERE organisation = $1 AND position = $2";
    CUT = "DELETE FROM ledger_entries WHERE organisation = $1 AND position >= $2";
    PLACE = "INSERT INTO ledger_entries (organisation, position, entry, data) VALUES ($1, $2, $3, $4)";
    BODY = "SELECT salt, sealed, reference FROM ledger_bodies WHERE organisation = $1 AND entry = $2";
    SET_SALT = "UPDATE ledger_bodies SET salt = $3 WHERE organisation = $1 AND entry = $2";
    SET_SEALED = "UPDATE ledger_bodies SET sealed = $3 WHERE organisation = $1 AND entry = $2";
    SET_REFERENCE = "UPDATE ledger_bodies SET reference = $3 WHERE organisation = $1 AND entry = $2";
    SET_REFERRED = "UPDATE ledger_references SET reference = $3 WHERE organisation = $1 AND entry = $2";
    NO_BODY = "DELETE FROM ledger_bodies WHERE organisation = $1 AND entry = $2";
    NO_REFERENCE = "DELETE FROM ledger_references WHERE organisation = $1 AND entry = $2";
    NO_LINEAGE = "DELETE FROM lineage WHERE organisation = $1 AND operation = $2";
    NO_PROCESSING = "DELETE FROM processing WHERE organisation = $1 AND operation = $2";
    TILES = "SELECT level, tile, hashes FROM ledger_tiles WHERE organisation = $1";
    NO_TILES = "DELETE FROM ledger_tiles WHERE organisation = $1";
    PUT_TILE = "INSERT INTO ledger_tiles (organisation, level, tile, hashes) VALUES ($1, $2, $3, $4)";
    SET_TILE = "UPDATE ledger_tiles SET hashes = $4 WHERE organisation = $1 AND level = $2 AND tile = $3";
    CHECKPOINT = "SELECT size, signed, note FROM ledger_checkpoints WHERE organisation = $1 ORDER BY size DESC LIMIT 1";
    SET_NOTE = "UPDATE ledger_checkpoints SET note = $2 WHERE organisation = $1";
    NO_CHECKPOINTS = "DELETE FROM ledger_checkpoints WHERE organisation = $1";
    PUT_CHECKPOINT = "INSERT INTO ledger_checkpoints (organisation, size, signed, note) VALUES ($1, $2, $3, $4)";
    SET_WAITING = "UPDATE ledger_waiting SET data = $3 WHERE organisation = $1 AND entry = $2";
    NO_WAITING = "DELETE FROM ledger_waiting WHERE organisation = $1 AND entry = $2";
}

/// Entries of the log: a full bundle, and some more.
const SIZE: u64 = 260;

type Result = std::result::Result<Option<Verified>, Fault>;

impl House {
    async fn fill(&self, entries: u64) {
        let (subject, key) = self.subject().await;
        for _ in 0..entries {
            self.keep(subject, &key).await;
        }
        self.integrated_at(now()).await;
    }

    async fn verify(&self, seen: Vec<Seen>) -> Result {
        let verifiers = self.log().await.verifiers().clone();
        self.store
            .look_up(self.organisation, move |tx| verify::log(tx, &verifiers, seen.clone()))
            .await
            .unwrap()
    }

    /// What is said after this was done.
    async fn after(
        &self,
        act: impl FnMut(&mut Writing<'_>) -> std::result::Result<(), tacita_store::Error> + Send + 'static,
    ) -> Fault {
        self.change(act).await;
        self.verify(Vec::new()).await.unwrap_err()
    }

    async fn entry(&self, position: i64) -> (OperationId, [u8; 32]) {
        let ask = move |tx: &mut tacita_store::Reading<'_>| {
            tx.query_one(ENTRY, &[position.into()], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        self.store.look_up(self.organisation, ask).await.unwrap().unwrap()
    }
}

/// With one bit changed.
fn flipped<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    bytes[N / 2] ^= 0x10;
    bytes
}

async fn a_good_log_is_good(house: House) {
    assert!(house.verify(Vec::new()).await.unwrap().is_none());
    house.fill(SIZE).await;
    let Verified { report, opened } = house.verify(Vec::new()).await.unwrap().unwrap();
    assert_eq!((report.head.size, report.bodies, report.seen), (SIZE, SIZE, 1));
    assert_eq!(opened.signed.len(), 2);
    let (subject, key) = house.subject().await;
    house.keep(subject, &key).await;
    assert_eq!(house.verify(Vec::new()).await.unwrap().unwrap().report.head.size, SIZE);
}

async fn a_flipped_bit_of_an_entry(house: House) {
    house.fill(SIZE).await;
    let (_, data) = house.entry(258).await;
    let found =
        house.after(move |tx| tx.execute_one(SET_DATA, &[258_i64.into(), (&flipped(data)).into()])).await;
    assert_eq!(found, Fault::Log(LogFault::EntryWrong(258)));
    let (_, data) = house.entry(100).await;
    let found =
        house.after(move |tx| tx.execute_one(SET_DATA, &[100_i64.into(), (&flipped(data)).into()])).await;
    assert_eq!(found, Fault::Log(LogFault::EntryWrong(100)), "the first of them");
}

async fn a_flipped_bit_of_a_body_or_salt(house: House) {
    house.fill(SIZE).await;
    for (query, column, position) in [(SET_SEALED, 1, 200), (SET_SALT, 0, 17)] {
        let (entry, _) = house.entry(position).await;
        let change = move |tx: &mut Writing<'_>| {
            let mut bytes: Vec<u8> = tx.query_one(BODY, &[(&entry).into()], |row| row.get(column))?.unwrap();
            bytes[9] ^= 1;
            tx.execute_one(query, &[(&entry).into(), (&bytes).into()])
        };
        let found = house.after(change).await;
        assert_eq!(found, Fault::Log(LogFault::BodyWrong(position.unsigned_abs())));
    }
}

async fn a_flipped_bit_of_an_id(house: House) {
    house.fill(SIZE).await;
    let (entry, _) = house.entry(9).await;
    let other = OperationId::from_bytes(flipped(*entry.as_bytes()));
    let found = house.after(move |tx| tx.execute_one(SET_ENTRY, &[9_i64.into(), (&other).into()])).await;
    assert_eq!(found, Fault::Log(LogFault::BodyMissing(9)));
}

async fn a_flipped_bit_of_a_tile(house: House) {
    house.fill(SIZE).await;
    let read = |tx: &mut tacita_store::Reading<'_>| {
        tx.query(TILES, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<Vec<u8>>(2)?)))
    };
    let tiles = house.store.look_up(house.organisation, read).await.unwrap();
    assert_eq!(tiles.len(), 3);
    for (level, index, hashes) in tiles {
        let path = match (level, index) {
            (0, 0) => "tile/0/000",
            (0, 1) => "tile/0/001.p/4",
            _ => "tile/1/000.p/1",
        };
        let good = hashes.clone();
        let change = move |tx: &mut Writing<'_>| {
            let mut hashes = hashes.clone();
            hashes[5] ^= 2;
            tx.execute_one(SET_TILE, &[level.into(), index.into(), (&hashes).into()])
        };
        let found = house.after(change).await;
        assert_eq!(found, Fault::Log(TileError::Wrong(path.parse().unwrap()).into()), "{path}");
        house.change(move |tx| tx.execute_one(SET_TILE, &[level.into(), index.into(), (&good).into()])).await;
    }
}

async fn a_flipped_bit_of_a_checkpoint(house: House) {
    house.fill(SIZE).await;
    let change = |tx: &mut Writing<'_>| {
        let note: String = tx.query_one(CHECKPOINT, &[], |row| row.get(2))?.unwrap();
        tx.execute_one(SET_NOTE, &[note.replacen("\n260\n", "\n261\n", 1).as_str().into()])
    };
    let found = house.after(change).await;
    assert!(matches!(found, Fault::Checkpoint(SIZE, OpenError::Signature { .. })), "{found}");
}

async fn a_flipped_bit_of_what_waits(house: House) {
    house.fill(3).await;
    let (subject, key) = house.subject().await;
    let (_, waits) = house.keep(subject, &key).await;
    let found =
        house.after(move |tx| tx.execute_one(SET_WAITING, &[(&waits).into(), (&[7; 32]).into()])).await;
    assert_eq!(found, Fault::Waiting(waits));
    let found = house.after(move |tx| tx.execute_one(NO_WAITING, &[(&waits).into()])).await;
    assert_eq!(found, Fault::Orphan(waits));
}

async fn a_flipped_bit_of_a_reference(house: House) {
    house.fill(20).await;
    let (entry, _) = house.entry(6).await;
    let found =
        house.after(move |tx| tx.execute_one(SET_REFERRED, &[(&entry).into(), (&[7; 32]).into()])).await;
    assert_eq!(found, Fault::Unreferenced(6));
    // In both places: the body was sealed for somebody else, which the key of whoever it names shows.
    let found = house.after(move |tx| tx.execute_one(NO_BODY, &[(&entry).into()])).await;
    assert_eq!(found, Fault::Log(LogFault::BodyMissing(6)));
    let (entry, _) = house.entry(3).await;
    let (other, key) = house.subject().await;
    house.keep(other, &key).await;
    house.change(move |tx| tx.execute_one(NO_REFERENCE, &[(&entry).into()])).await;
    assert!(house.verify(Vec::new()).await.is_err());
}

async fn a_removed_body(house: House) {
    house.fill(SIZE).await;
    let (entry, _) = house.entry(4).await;
    let found = house.after(move |tx| tx.execute_one(NO_BODY, &[(&entry).into()])).await;
    assert_eq!(found, Fault::Log(LogFault::BodyMissing(4)));
}

async fn a_removed_tail(house: House) {
    house.fill(SIZE).await;
    let found = house.after(|tx| tx.execute(CUT, &[257_i64.into()]).map(drop)).await;
    assert_eq!(found, Fault::Log(LogFault::EntryMissing(257)));
    let found = house.after(|tx| tx.execute(CUT, &[256_i64.into()]).map(drop)).await;
    assert_eq!(found, Fault::Log(LogFault::EntryMissing(256)), "a whole bundle");
}

async fn a_removed_row_beside(house: House) {
    house.fill(20).await;
    for (query, table, position) in [(NO_LINEAGE, "lineage", 12), (NO_PROCESSING, "processing", 8)] {
        let (entry, _) = house.entry(position).await;
        let found = house.after(move |tx| tx.execute_one(query, &[(&entry).into()])).await;
        assert_eq!(found, Fault::Beside(position.unsigned_abs(), table));
    }
}

async fn a_removed_checkpoint(house: House) {
    house.fill(3).await;
    let found = house.after(|tx| tx.execute(NO_CHECKPOINTS, &[]).map(drop)).await;
    assert_eq!(found, Fault::NoCheckpoint);
}

async fn swapped_entries(house: House) {
    house.fill(SIZE).await;
    let (third, fifth) = (house.entry(3).await, house.entry(5).await);
    let swap = move |tx: &mut Writing<'_>| {
        for (position, (_, data)) in [(3_i64, &fifth), (5, &third)] {
            tx.execute_one(SET_DATA, &[position.into(), data.into()])?;
        }
        Ok(())
    };
    let found = house.after(swap).await;
    assert_eq!(found, Fault::Log(LogFault::EntryMoved { index: 3, of: 5 }));
}

async fn an_added_entry(house: House) {
    house.fill(20).await;
    let other = OperationId::from_bytes([1; 16]);
    let found = house
        .after(move |tx| tx.execute_one(PLACE, &[20_i64.into(), (&other).into(), (&[7; 32]).into()]))
        .await;
    assert_eq!(found, Fault::Unsigned(20));
}

async fn another_key(house: House) {
    house.fill(20).await;
    let head = *house.opened().await.checkpoint.head();
    let origin = house.log().await.origin().to_owned();
    let forge = move |tx: &mut Writing<'_>| {
        let signers = [Algorithm::Ed25519, Algorithm::MlDsa44]
            .map(|algorithm| Signer::from_seed(&origin, algorithm, &Zeroizing::new([7; 32])).unwrap());
        let note = Checkpoint::new(&origin, head).unwrap().sign(&[&signers[0], &signers[1]], 1).unwrap();
        tx.execute_one(SET_NOTE, &[note.to_string().as_str().into()])
    };
    let found = house.after(forge).await;
    assert!(matches!(found, Fault::Checkpoint(20, OpenError::OtherKey { .. })), "{found}");
}

/// Whoever puts back all that there was leaves a log that is good, but for those who remember more of it.
async fn an_old_database_put_back(house: House) {
    house.fill(100).await;
    let read = |tx: &mut tacita_store::Reading<'_>| {
        let tiles =
            tx.query(TILES, &[], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<Vec<u8>>(2)?)))?;
        let checkpoint = tx.query_one(CHECKPOINT, &[], |row| {
            Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<String>(2)?))
        })?;
        Ok(Arc::new((tiles, checkpoint.unwrap())))
    };
    let then = house.store.look_up(house.organisation, read).await.unwrap();
    house.fill(160).await;
    let newest = house.opened().await.checkpoint;
    let lost: Vec<_> = {
        let mut lost = Vec::new();
        for position in 100..260 {
            lost.push(house.entry(position).await.0);
        }
        lost
    };
    house
        .change(move |tx| {
            let (tiles, (size, signed, note)) = &*then;
            for entry in &lost {
                for query in [NO_REFERENCE, NO_LINEAGE, NO_PROCESSING, NO_BODY] {
                    tx.execute_one(query, &[entry.into()])?;
                }
            }
            tx.execute(CUT, &[100_i64.into()])?;
            tx.execute(NO_TILES, &[])?;
            for (level, tile, hashes) in tiles {
                tx.execute_one(PUT_TILE, &[(*level).into(), (*tile).into(), hashes.into()])?;
            }
            tx.execute(NO_CHECKPOINTS, &[])?;
            tx.execute_one(PUT_CHECKPOINT, &[(*size).into(), (*signed).into(), note.as_str().into()])
        })
        .await;
    assert_eq!(house.verify(Vec::new()).await.unwrap().unwrap().report.head.size, 100);
    let seen = Seen { by: "the witness".to_owned(), checkpoint: newest.clone() };
    let found = house.verify(vec![seen]).await.unwrap_err();
    let removed = LogFault::TailRemoved { by: "the witness".to_owned(), remembered: 260, size: 100 };
    assert_eq!(found, Fault::Log(removed));

    // It went on from there: another history.
    house.fill(200).await;
    let seen = Seen { by: "the witness".to_owned(), checkpoint: newest };
    let found = house.verify(vec![seen]).await.unwrap_err();
    let rewritten = LogFault::HistoryRewritten { by: "the witness".to_owned(), size: 260 };
    assert_eq!(found, Fault::Log(rewritten));
}
