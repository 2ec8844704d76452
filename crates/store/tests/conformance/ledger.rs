//! The ledger: places, tiles, checkpoints, receipts.

use std::sync::Arc;

use tacita_domain::{OperationId, Timestamp};
use tacita_ledger::{
    checkpoint::{Opened, open},
    receipt::{self, Receipt},
};
use tacita_store::{
    Error, SystemScope,
    audit::{self, Filter},
    ledger::{self, Fence, Log, Proof},
    queries,
};

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    entries_get_places_in_a_signed_log,
    what_is_committed_late_comes_later,
    two_integrators_give_each_entry_one_place,
    who_was_overtaken_writes_nothing,
    a_receipt_holds_and_one_of_a_changed_body_is_refused,
    nothing_is_signed_over_a_changed_tile,
    nothing_is_signed_over_a_removed_checkpoint,
    who_waits_is_known,
    somebodys_entries_are_found_with_a_place_and_without,
}

queries! {
    INSERT = "INSERT INTO ledger_waiting (organisation, entry, data) VALUES ($1, $2, $3)";
    PLACES = "SELECT entry, position FROM ledger_entries WHERE organisation = $1 \
              UNION ALL SELECT entry, NULL FROM ledger_waiting WHERE organisation = $1 ORDER BY 2";
    BODY = "SELECT sealed FROM ledger_bodies WHERE organisation = $1 AND entry = $2";
    CHANGE_BODY = "UPDATE ledger_bodies SET sealed = $3 WHERE organisation = $1 AND entry = $2";
    TILE = "SELECT hashes FROM ledger_tiles WHERE organisation = $1 AND level = 0 AND tile = 0";
    CHANGE_TILE = "UPDATE ledger_tiles SET hashes = $2 WHERE organisation = $1 AND level = 0 AND tile = 0";
    NO_CHECKPOINTS = "DELETE FROM ledger_checkpoints WHERE organisation = $1";
}

const ME: [u8; 16] = [1; 16];
const OTHER: [u8; 16] = [2; 16];

impl House {
    pub(crate) async fn log(&self) -> Arc<Log> {
        let keys = self.store.ring().organisation(self.organisation).await.unwrap();
        Arc::new(Log::of(self.organisation, 1, &keys).unwrap())
    }

    async fn lease(&self, holder: [u8; 16], at: Timestamp) -> Option<Fence> {
        self.store.write_within(self.organisation, move |tx| ledger::lease(tx, &holder, at)).await.unwrap()
    }

    async fn integrate(&self, fence: Fence) -> Result<u32, Error> {
        self.integrate_at(fence, now()).await
    }

    async fn integrate_at(&self, fence: Fence, at: Timestamp) -> Result<u32, Error> {
        let log = self.log().await;
        self.store.write_within(self.organisation, move |tx| ledger::integrate(tx, fence, &log, at)).await
    }

    /// Integrates what waits, at a time.
    pub(crate) async fn integrated_at(&self, at: Timestamp) {
        let fence = self.lease(ME, at).await.unwrap();
        self.integrate_at(fence, at).await.unwrap();
        self.change(move |tx| ledger::release(tx, fence)).await;
    }

    /// Integrates what waits.
    pub(crate) async fn integrated(&self) -> u32 {
        let fence = self.lease(ME, now()).await.unwrap();
        self.integrate(fence).await.unwrap()
    }

    /// Entries of no operation, with these numbers as ids.
    async fn numbered(&self, numbers: std::ops::Range<u32>) {
        let insert = move |tx: &mut tacita_store::Writing<'_>| {
            for number in numbers.clone() {
                tx.execute(INSERT, &[(&id(number)).into(), (&[number.to_be_bytes()[3]; 32]).into()])?;
            }
            Ok(())
        };
        self.store.write_within(self.organisation, insert).await.unwrap();
    }

    async fn places(&self) -> Vec<(OperationId, Option<i64>)> {
        let places =
            |tx: &mut tacita_store::Reading<'_>| tx.query(PLACES, &[], |row| Ok((row.get(0)?, row.get(1)?)));
        self.store.look_up(self.organisation, places).await.unwrap()
    }

    pub(crate) async fn opened(&self) -> Opened {
        let newest = self.store.look_up(self.organisation, ledger::newest).await.unwrap().unwrap();
        open(newest.note.as_bytes(), self.log().await.verifiers()).unwrap()
    }

    pub(crate) async fn receipt(&self, operation: OperationId) -> Result<Receipt, Error> {
        let log = self.log().await;
        match self.store.look_up(self.organisation, move |tx| ledger::prove(tx, &log, operation)).await? {
            Proof::Receipt(receipt) => Ok(receipt),
            Proof::Waiting => panic!("it was integrated"),
        }
    }

    pub(crate) async fn change(
        &self,
        act: impl FnMut(&mut tacita_store::Writing<'_>) -> Result<(), Error> + Send + 'static,
    ) {
        self.store.write_within(self.organisation, act).await.unwrap();
    }
}

/// An id that comes after those of lower numbers.
fn id(number: u32) -> OperationId {
    OperationId::new(Timestamp::from_micros(i64::from(number) * 1000), [0; 10])
}

async fn entries_get_places_in_a_signed_log(house: House) {
    for (numbers, size) in [(0..300, 300), (300..301, 301), (301..5500, 5500)] {
        house.numbered(numbers).await;
        while house.integrated().await > 0 {}
        assert_eq!(house.opened().await.checkpoint.head().size, size);
    }
    let places = house.places().await;
    assert!(
        places
            .iter()
            .zip(0..)
            .all(|((entry, place), number)| { *entry == id(number) && *place == Some(i64::from(number)) })
    );
    assert_eq!(house.integrated().await, 0);
    let last = house.store.look_up(house.organisation, |tx| ledger::bundle(tx, 5500 / 256)).await.unwrap();
    assert_eq!(last.len(), 5500 % 256);
}

async fn what_is_committed_late_comes_later(house: House) {
    house.numbered(10..12).await;
    house.integrated().await;
    house.numbered(0..2).await;
    house.integrated().await;
    let entries: Vec<_> = house.places().await.into_iter().map(|(entry, _)| entry).collect();
    assert_eq!(entries, [id(10), id(11), id(0), id(1)]);
}

async fn two_integrators_give_each_entry_one_place(house: House) {
    house.numbered(0..5000).await;
    let log = house.log().await;
    let fence = house.lease(ME, now()).await.unwrap();
    let rounds: Vec<_> = (0..3)
        .map(|_| {
            let (store, organisation, log) = (house.store.clone(), house.organisation, Arc::clone(&log));
            tokio::spawn(async move {
                for _ in 0..4 {
                    let log = Arc::clone(&log);
                    let act =
                        move |tx: &mut tacita_store::Writing<'_>| ledger::integrate(tx, fence, &log, now());
                    store.write_within(organisation, act).await.unwrap();
                }
            })
        })
        .collect();
    for round in rounds {
        round.await.unwrap();
    }
    let places: Vec<_> = house.places().await.into_iter().map(|(_, place)| place).collect();
    assert_eq!(places, (0..5000).map(Some).collect::<Vec<_>>());
    assert_eq!(house.opened().await.checkpoint.head().size, 5000);
}

async fn who_was_overtaken_writes_nothing(house: House) {
    house.numbered(0..3).await;
    let start = now();
    let first = house.lease(ME, start).await.unwrap();
    assert_eq!(house.lease(OTHER, start).await, None);
    assert_eq!(house.lease(ME, start.after_seconds(1)).await, Some(first));
    let second = house.lease(OTHER, start.after_seconds(60)).await.unwrap();
    assert_ne!(first, second);
    assert!(matches!(house.integrate(first).await, Err(Error::Changed)));
    assert!(house.places().await.iter().all(|(_, place)| place.is_none()));
    assert_eq!(house.integrate(second).await.unwrap(), 3);
    house.change(move |tx| ledger::release(tx, second)).await;
    assert_ne!(house.lease(ME, start.after_seconds(60)).await, None);
}

async fn a_receipt_holds_and_one_of_a_changed_body_is_refused(house: House) {
    let (subject, key) = house.subject().await;
    let (_, operation) = house.keep(subject, &key).await;
    house.integrated().await;
    let receipt = house.receipt(operation).await.unwrap();
    let again = Receipt::parse(receipt.to_string().as_bytes()).unwrap();
    assert_eq!(receipt::verify(&again, house.log().await.verifiers()).unwrap().index, 0);

    house
        .change(move |tx| {
            let mut sealed: Vec<u8> = tx.query_one(BODY, &[(&operation).into()], |row| row.get(0))?.unwrap();
            sealed[20] ^= 1;
            tx.execute_one(CHANGE_BODY, &[(&operation).into(), (&sealed).into()])
        })
        .await;
    let refused = house.receipt(operation).await.unwrap_err();
    assert!(matches!(&refused, Error::Ledger(what) if what.starts_with("entry 0: ")), "{refused}");
    let unknown = house.receipt(id(7)).await;
    assert!(matches!(unknown, Err(Error::NotFound)), "{unknown:?}");
}

async fn nothing_is_signed_over_a_changed_tile(house: House) {
    house.numbered(0..20).await;
    house.integrated().await;
    house
        .change(|tx| {
            let mut hashes: Vec<u8> = tx.query_one(TILE, &[], |row| row.get(0))?.unwrap();
            hashes[5] ^= 4;
            tx.execute_one(CHANGE_TILE, &[(&hashes).into()])
        })
        .await;
    house.numbered(20..21).await;
    let fence = house.lease(ME, now()).await.unwrap();
    let refused = house.integrate(fence).await.unwrap_err();
    assert!(matches!(refused, Error::Ledger(_)), "{refused}");
    assert_eq!(house.opened().await.checkpoint.head().size, 20);
}

async fn nothing_is_signed_over_a_removed_checkpoint(house: House) {
    house.numbered(0..3).await;
    house.integrated().await;
    house.change(|tx| tx.execute(NO_CHECKPOINTS, &[]).map(drop)).await;
    house.numbered(3..4).await;
    let fence = house.lease(ME, now()).await.unwrap();
    let refused = house.integrate(fence).await.unwrap_err();
    assert!(
        matches!(&refused, Error::Ledger(what) if what.starts_with("3 entries have a place")),
        "{refused}"
    );
}

async fn who_waits_is_known(house: House) {
    let waiting = || house.store.span(SystemScope::Integrate, ledger::waiting);
    assert_eq!(waiting().await.unwrap(), []);
    house.numbered(0..3).await;
    assert_eq!(waiting().await.unwrap(), [house.organisation]);
    house.integrated().await;
    assert_eq!(waiting().await.unwrap(), []);
}

async fn somebodys_entries_are_found_with_a_place_and_without(house: House) {
    let people = [house.subject().await, house.subject().await];
    let mut kept = [Vec::new(), Vec::new()];
    for round in 0..3 {
        for _ in 0..2 {
            for (place, (subject, key)) in people.iter().enumerate() {
                kept[place].push(house.keep(*subject, key).await.1);
            }
        }
        if round < 2 {
            house.integrated().await;
        }
    }
    for ((_, key), kept) in people.into_iter().zip(kept) {
        let reference = Some(audit::reference(&key).unwrap());
        for size in [1, 4, 100] {
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let filter = Filter { reference, after, ..Filter::default() };
                let list = move |tx: &mut tacita_store::Reading<'_>| audit::list(tx, &filter, size);
                let page = house.store.look_up(house.organisation, list).await.unwrap();
                assert!(page.entries.len() <= size as usize);
                found.extend(page.entries.iter().map(|entry| entry.operation));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, kept, "{size} at a time");
        }
    }
}
