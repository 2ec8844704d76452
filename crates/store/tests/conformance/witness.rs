//! What is kept of witnesses: cosignatures beside checkpoints, and receipts that carry them.

use tacita_domain::Timestamp;
use tacita_ledger::{
    checkpoint::{Verifiers, open},
    merkle::{EMPTY_ROOT, TreeHead, verify_consistency},
    note::{Algorithm, Note, Signature, Signer},
    receipt,
};
use tacita_store::{
    ledger::{self, Signed},
    witness::{self, State},
};
use zeroize::Zeroizing;

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    receipts_carry_the_newest_cosignature,
    older_cosignatures_of_the_hour_go,
    a_database_that_was_put_back_is_told_from_one_that_went_on,
    a_proof_leads_from_what_a_witness_knows,
    how_far_a_witness_is_behind_is_known,
}

fn cosigner(name: &str) -> Signer {
    Signer::from_seed(name, Algorithm::Ed25519Cosignature, &Zeroizing::new([9; 32])).unwrap()
}

impl House {
    async fn newest(&self) -> Signed {
        self.store.look_up(self.organisation, ledger::newest).await.unwrap().unwrap()
    }

    /// A witness of this name cosigns a checkpoint.
    async fn cosigned(&self, signed: &Signed, name: &str) -> Signature {
        let note = Note::parse(signed.note.as_bytes()).unwrap();
        let signature = cosigner(name).sign(note.text(), 1_795_860_000).unwrap();
        let (signed, made, name) = (signed.clone(), signature.clone(), name.to_owned());
        self.change(move |tx| {
            witness::published(tx, &name, Some(&signed), std::slice::from_ref(&made), now())
        })
        .await;
        signature
    }

    async fn cosigned_note(&self, signed: Signed) -> Note {
        let ask = move |tx: &mut tacita_store::Reading<'_>| witness::cosigned_note(tx, &signed);
        self.store.look_up(self.organisation, ask).await.unwrap()
    }

    async fn kept(&self, count: u32, at: Timestamp) -> tacita_domain::OperationId {
        let (subject, key) = self.subject().await;
        let mut last = None;
        for _ in 0..count {
            last = Some(self.keep(subject, &key).await.1);
        }
        self.integrated_at(at).await;
        last.unwrap()
    }
}

/// The beginning of an hour.
fn hour() -> Timestamp {
    Timestamp::from_micros(now().micros() / 3_600_000_000 * 3_600_000_000)
}

async fn receipts_carry_the_newest_cosignature(house: House) {
    let first = house.kept(3, hour()).await;
    let cosigned = house.newest().await;
    let signature = house.cosigned(&cosigned, "w.example/1").await;
    let second = house.kept(2, hour().after_seconds(1)).await;
    assert_eq!(house.newest().await.size, 5);

    let witnesses = vec![cosigner("w.example/1").verifier().clone()];
    let log = house.log().await;
    let believed =
        Verifiers::new(log.origin(), log.keys().cloned().collect()).unwrap().with_witnesses(witnesses);
    let receipt = house.receipt(first).await.unwrap();
    assert!(receipt.proof().checkpoint().contains(&signature.to_string()));
    let verified = receipt::verify(&receipt, &believed).unwrap();
    assert_eq!((verified.head.size, verified.signed.len()), (3, 3));
    assert_eq!(verified.signed[2].name, "w.example/1");
    // One that no witness knows yet has the log's own signatures.
    let receipt = house.receipt(second).await.unwrap();
    let verified = receipt::verify(&receipt, &believed).unwrap();
    assert_eq!((verified.head.size, verified.signed.len()), (5, 2));
}

async fn older_cosignatures_of_the_hour_go(house: House) {
    house.kept(1, hour()).await;
    let first = house.newest().await;
    house.cosigned(&first, "w.example/1").await;
    house.cosigned(&first, "w.example/2").await;
    house.kept(1, hour().after_seconds(1)).await;
    let second = house.newest().await;
    house.cosigned(&second, "w.example/1").await;
    // The other witness has not seen the second.
    assert_eq!(house.cosigned_note(first.clone()).await.signatures().len(), 4);
    house.kept(1, hour().after_seconds(2)).await;
    let third = house.newest().await;
    house.cosigned(&third, "w.example/2").await;
    house.cosigned(&third, "w.example/1").await;
    assert_eq!(house.cosigned_note(second).await.signatures().len(), 2);
    assert_eq!(house.cosigned_note(third).await.signatures().len(), 4);
}

async fn a_proof_leads_from_what_a_witness_knows(house: House) {
    house.kept(300, now()).await;
    let log = house.log().await;
    let then = open(house.newest().await.note.as_bytes(), log.verifiers()).unwrap();
    house.kept(20, now().after_seconds(1)).await;
    let (old, of) = (*then.checkpoint.head(), std::sync::Arc::clone(&log));
    let ask = move |tx: &mut tacita_store::Reading<'_>| {
        let (_, head) = witness::newest_of(tx, &of)?.unwrap();
        assert_eq!(witness::root(tx, old.size)?, old.root);
        assert_eq!(witness::consistency(tx, 0, &head)?, []);
        Ok((head, witness::consistency(tx, old.size, &head)?))
    };
    let (head, proof) = house.store.look_up(house.organisation, ask).await.unwrap();
    assert_eq!(verify_consistency(&old, &head, &proof), Ok(()));
}

async fn a_database_that_was_put_back_is_told_from_one_that_went_on(house: House) {
    let empty = TreeHead { size: 0, root: EMPTY_ROOT };
    let lost = async |known: TreeHead| {
        let log = house.log().await;
        let ask = move |tx: &mut tacita_store::Reading<'_>| witness::lost(tx, &log, &known);
        house.store.look_up(house.organisation, ask).await.unwrap()
    };
    assert_eq!(lost(empty).await, None);
    house.kept(3, now()).await;
    let log = house.log().await;
    let head = *open(house.newest().await.note.as_bytes(), log.verifiers()).unwrap().checkpoint.head();
    assert_eq!((lost(empty).await, lost(head).await), (None, None));
    house.kept(2, now().after_seconds(1)).await;
    assert_eq!(lost(head).await, None);
    // It has fewer entries than were signed, or others.
    assert_eq!(lost(TreeHead { size: 6, ..head }).await, Some(5));
    assert_eq!(lost(TreeHead { size: 5, ..head }).await, Some(5));
    assert_eq!(lost(TreeHead { size: 2, ..head }).await, Some(5));
}

async fn how_far_a_witness_is_behind_is_known(house: House) {
    let states = || house.store.look_up(house.organisation, witness::states);
    assert_eq!(states().await.unwrap(), []);
    let at = now();
    house.change(move |tx| witness::failed(tx, "w", "it is down", at)).await;
    house.change(move |tx| witness::failed(tx, "w", "it is slow", at)).await;
    let state = State {
        witness: "w".into(),
        size: 0,
        published: None,
        failures: 2,
        tried: at,
        trouble: Some("it is slow".into()),
    };
    assert_eq!(states().await.unwrap(), std::slice::from_ref(&state));
    house.kept(3, at).await;
    let signed = house.newest().await;
    house.change(move |tx| witness::published(tx, "w", Some(&signed), &[], at)).await;
    let published = State { size: 3, published: Some(at), failures: 0, trouble: None, ..state };
    assert_eq!(states().await.unwrap(), [published]);
}
