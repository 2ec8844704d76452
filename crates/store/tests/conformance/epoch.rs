//! Epochs: a log goes on under another name, and by the old one nothing is signed any more.

use std::sync::Arc;

use tacita_domain::OperationId;
use tacita_ledger::{
    epoch::Link,
    note::{Algorithm, Note, Signer},
    receipt,
};
use tacita_store::{
    Error,
    audit::{self, Filter},
    epoch,
    ledger::{self, Log},
    verify, witness,
};
use zeroize::Zeroizing;

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    a_log_goes_on_in_a_new_epoch,
}

async fn a_log_goes_on_in_a_new_epoch(house: House) {
    let (subject, key) = house.subject().await;
    let (_, first) = house.keep(subject, &key).await;
    house.keep(subject, &key).await;
    house.integrated_at(now()).await;
    let taken_home = house.receipt(first).await.unwrap();
    let old = house.log().await;
    let keys = house.store.ring().organisation(house.organisation).await.unwrap();
    let new = Arc::new(Log::of(house.organisation, 2, &keys).unwrap());
    let newest = house.store.look_up(house.organisation, ledger::newest).await.unwrap().unwrap();
    let link = Link::new(&newest.note).unwrap();

    let (from, to, at) = (Arc::clone(&old), Arc::clone(&new), now());
    let begin = move |tx: &mut tacita_store::Writing<'_>| {
        let fence = ledger::lease(tx, &[5; 16], at)?.unwrap();
        let entry = OperationId::new(at, [1; 10]);
        let start = epoch::begin(tx, fence, (&from, &to), &link, (entry, [2; 32]), at)?;
        // It is begun once.
        assert!(matches!(
            epoch::begin(tx, fence, (&from, &to), &link, (entry, [2; 32]), at),
            Err(Error::Changed)
        ));
        ledger::release(tx, fence)?;
        Ok(start)
    };
    assert_eq!(house.store.write_within(house.organisation, begin).await.unwrap(), 2);
    assert_eq!(house.store.look_up(house.organisation, epoch::current).await.unwrap(), 2);

    let (_, last) = house.keep(subject, &key).await;
    for (log, size) in [(Arc::clone(&old), None), (Arc::clone(&new), Some(1))] {
        let integrate = move |tx: &mut tacita_store::Writing<'_>| {
            let fence = ledger::lease(tx, &[5; 16], at)?.unwrap();
            let integrated = ledger::integrate(tx, fence, &log, at);
            ledger::release(tx, fence)?;
            integrated
        };
        let integrated = house.store.write_within(house.organisation, integrate).await;
        match size {
            Some(size) => assert_eq!(integrated.unwrap(), size),
            None => assert!(matches!(integrated, Err(Error::Changed))),
        }
    }
    assert!(receipt::verify(&taken_home, old.verifiers()).is_ok());
    for operation in [first, last] {
        let log = Arc::clone(&new);
        let prove = move |tx: &mut tacita_store::Reading<'_>| ledger::prove(tx, &log, operation);
        let ledger::Proof::Receipt(proven) = house.store.look_up(house.organisation, prove).await.unwrap()
        else {
            panic!("it has a place")
        };
        assert_eq!(receipt::verify(&proven, new.verifiers()).unwrap().head.size, 4);
    }
    // Whoever cosigns the new epoch does not make the last checkpoint of the old one go.
    let newest = house.store.look_up(house.organisation, ledger::newest).await.unwrap().unwrap();
    let cosigner =
        Signer::from_seed("w.example/1", Algorithm::Ed25519Cosignature, &Zeroizing::new([9; 32])).unwrap();
    let text = Note::parse(newest.note.as_bytes()).unwrap().text().to_owned();
    let signature = cosigner.sign(&text, 1_795_860_000).unwrap();
    house
        .change(move |tx| witness::published(tx, "w", Some(&newest), std::slice::from_ref(&signature), at))
        .await;
    // Keys of either epoch do for the whole.
    for log in [old, new] {
        let verify = move |tx: &mut tacita_store::Reading<'_>| verify::log(tx, log.verifiers(), Vec::new());
        let verified = house.store.look_up(house.organisation, verify).await.unwrap().unwrap().unwrap();
        assert_eq!((verified.report.head.size, verified.report.links.len()), (4, 1));
        assert_eq!((verified.report.links[0].0, verified.report.seen), (2, 2));
    }
    // What links the epochs is about nobody, and not listed.
    let list = |tx: &mut tacita_store::Reading<'_>| audit::list(tx, &Filter::default(), 10);
    assert_eq!(house.store.look_up(house.organisation, list).await.unwrap().entries.len(), 3);
}
