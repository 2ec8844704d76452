//! Pruning: what entries say goes, and the log proves as before.

use tacita_domain::Timestamp;
use tacita_ledger::receipt;
use tacita_store::{Error, prune, queries, verify};

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    what_entries_say_goes_by_whole_bundles_and_the_log_holds,
    nothing_is_pruned_before_its_time,
}

queries! {
    LEFT = "SELECT (SELECT count(*) FROM ledger_entries WHERE organisation = $1), \
            (SELECT count(*) FROM ledger_bodies WHERE organisation = $1), \
            (SELECT count(*) FROM ledger_references WHERE organisation = $1), \
            (SELECT count(*) FROM lineage WHERE organisation = $1), (SELECT count(*) FROM processing WHERE organisation = $1)";
}

impl House {
    async fn pruned_below(&self, end: u64) -> u64 {
        let next = move |tx: &mut tacita_store::Writing<'_>| prune::next(tx, end, now());
        self.store.write_within(self.organisation, next).await.unwrap()
    }

    async fn signed_before(&self, at: Timestamp) -> u64 {
        self.store.look_up(self.organisation, move |tx| prune::signed_before(tx, at)).await.unwrap()
    }

    async fn left(&self) -> [i64; 5] {
        let left = |tx: &mut tacita_store::Reading<'_>| {
            tx.query_one(LEFT, &[], |row| {
                Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
            })
        };
        self.store.look_up(self.organisation, left).await.unwrap().unwrap()
    }
}

async fn what_entries_say_goes_by_whole_bundles_and_the_log_holds(house: House) {
    let (subject, key) = house.subject().await;
    let (_, first) = house.keep(subject, &key).await;
    for _ in 1..520 {
        house.keep(subject, &key).await;
    }
    let (_, last) = house.keep(subject, &key).await;
    house.integrated_at(now()).await;
    let taken_home = house.receipt(first).await.unwrap();
    assert_eq!(house.left().await, [521; 5]);

    let end = house.signed_before(now().after_seconds(60)).await;
    assert_eq!(end, 512);
    assert_eq!(house.pruned_below(end).await, 256);
    // It was stopped here, and is called again.
    assert_eq!(house.left().await, [521, 265, 265, 265, 265]);
    assert_eq!(house.pruned_below(end).await, 512);
    for _ in 0..2 {
        assert_eq!(house.pruned_below(end).await, 512);
        assert_eq!(house.left().await, [521, 9, 9, 9, 9]);
    }
    let log = house.log().await;
    assert!(receipt::verify(&taken_home, log.verifiers()).is_ok());
    assert!(matches!(house.receipt(first).await, Err(Error::NotFound)));
    assert!(house.receipt(last).await.is_ok());

    let verifiers = log.verifiers().clone();
    let verify = move |tx: &mut tacita_store::Reading<'_>| verify::log(tx, &verifiers, Vec::new());
    let verified = house.store.look_up(house.organisation, verify).await.unwrap();
    let report = verified.unwrap().unwrap().report;
    assert_eq!((report.pruned, report.pruned_bodies, report.bodies), (Some(512), 512, 9));

    // It goes on.
    house.keep(subject, &key).await;
    house.integrated_at(now().after_seconds(1)).await;
    assert_eq!(house.opened().await.checkpoint.head().size, 522);
}

async fn nothing_is_pruned_before_its_time(house: House) {
    let (subject, key) = house.subject().await;
    for _ in 0..300 {
        house.keep(subject, &key).await;
    }
    let at = now();
    house.integrated_at(at).await;
    assert_eq!(house.signed_before(at).await, 0);
    assert_eq!(house.signed_before(at.after_seconds(1)).await, 256);
    assert_eq!(house.pruned_below(0).await, 0);
    assert_eq!(house.pruned_below(255).await, 255);
    assert_eq!(house.left().await, [300; 5]);
}
