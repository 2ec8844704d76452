//! Data subjects.

use tacita_domain::{Action, SubjectId};
use tacita_store::{Error, Writing, records, subjects};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    somebody_is_kept_once,
    a_restriction_is_set_and_lifted,
    nobody_has_no_restriction,
    an_organisation_is_needed,
    the_house_is_closed_to_somebody_of_whom_nothing_is_kept,
    somebody_of_whom_something_is_kept_stays,
    whoever_is_kept_and_removed_at_once_is_one_of_them,
}

async fn somebody_is_kept_once(house: House) {
    let (subject, _) = house.subject().await;
    let at = now();
    house
        .store
        .write_within(house.organisation, move |tx| {
            subjects::restrict(tx, subject, Some(at))?;
            subjects::ensure(tx, subject, at)
        })
        .await
        .unwrap();
    // Being kept again changed nothing.
    assert!(
        house
            .store
            .look_up(house.organisation, move |tx| subjects::is_restricted(tx, subject))
            .await
            .unwrap()
    );
}

async fn a_restriction_is_set_and_lifted(house: House) {
    let ((subject, _), (other, _)) = (house.subject().await, house.subject().await);
    let at = now();
    for since in [Some(at), None] {
        house
            .store
            .write_within(house.organisation, move |tx| subjects::restrict(tx, subject, since))
            .await
            .unwrap();
        let [ours, theirs] = [subject, other].map(|subject| {
            house.store.look_up(house.organisation, move |tx| subjects::is_restricted(tx, subject))
        });
        assert_eq!((ours.await.unwrap(), theirs.await.unwrap()), (since.is_some(), false));
    }
}

async fn nobody_has_no_restriction(house: House) {
    let nobody = SubjectId::new(now(), house.store.random());
    assert!(
        !house
            .store
            .look_up(house.organisation, move |tx| subjects::is_restricted(tx, nobody))
            .await
            .unwrap()
    );
    let refused = house
        .store
        .write_within(house.organisation, move |tx| subjects::restrict(tx, nobody, Some(now())))
        .await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let other = found(&house.store).await;
    let (subject, _) = house.subject().await;
    let refused =
        house.store.write_within(other, move |tx| subjects::restrict(tx, subject, Some(now()))).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}

async fn an_organisation_is_needed(house: House) {
    let nowhere = tacita_domain::OrganisationId::new(now(), house.store.random());
    let subject = SubjectId::new(now(), house.store.random());
    let refused = house.store.write_within(nowhere, move |tx| subjects::ensure(tx, subject, now())).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}

impl House {
    /// Somebody who has a key, and of whom nothing is kept.
    async fn stranger(&self) -> (SubjectId, tacita_vault::SubjectKey) {
        let subject = SubjectId::new(now(), self.store.random());
        let key = self.store.ring().found_subject(self.organisation, subject, &[]).await.unwrap();
        (subject, key)
    }

    async fn remove(&self, subject: SubjectId) -> bool {
        let remove = move |tx: &mut Writing<'_>| subjects::remove(tx, subject, now());
        self.store.write_within(self.organisation, remove).await.unwrap()
    }

    /// Those of whom something is kept.
    async fn is_kept(&self, subject: SubjectId) -> bool {
        let before = SubjectId::from_bytes([0; 16]);
        let kept = move |tx: &mut tacita_store::Reading<'_>| subjects::between(tx, before, subject);
        self.store.look_up(self.organisation, kept).await.unwrap().contains(&subject)
    }
}

async fn the_house_is_closed_to_somebody_of_whom_nothing_is_kept(house: House) {
    let (subject, key) = house.stranger().await;
    let stored = house.record(subject, &key);
    let passage = house.passage(Action::RecordCreate, subject).await;
    assert!(house.remove(subject).await);
    assert!(house.remove(subject).await, "as often as it is asked");
    // What was sealed before is not kept after.
    let act = move |tx: &mut Writing<'_>| {
        subjects::ensure(tx, subject, now())?;
        records::insert(tx, &stored)
    };
    let refused = house.store.commit(passage, None, act).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    assert!(!house.is_kept(subject).await);
    // To others it is open.
    let (other, key) = house.stranger().await;
    house.store.write_within(house.organisation, move |tx| subjects::ensure(tx, other, now())).await.unwrap();
    house.keep(other, &key).await;
    let elsewhere = found(&house.store).await;
    house.store.write_within(elsewhere, move |tx| subjects::ensure(tx, subject, now())).await.unwrap();
}

async fn somebody_of_whom_something_is_kept_stays(house: House) {
    let (subject, key) = house.subject().await;
    assert!(!house.remove(subject).await);
    house.keep(subject, &key).await;
    assert!(house.is_kept(subject).await);
}

async fn whoever_is_kept_and_removed_at_once_is_one_of_them(house: House) {
    let mut ends = [0; 2];
    for round in 0..40 {
        let (subject, key) = house.stranger().await;
        let stored = house.record(subject, &key);
        let passage = house.passage(Action::RecordCreate, subject).await;
        let keep = house.store.commit(passage, None, move |tx| {
            subjects::ensure(tx, subject, now())?;
            records::insert(tx, &stored)
        });
        let remove = house.remove(subject);
        // As two tasks, each of which begins first in turn.
        let (kept, removed) = if round % 2 == 0 {
            tokio::join!(keep, remove)
        } else {
            let (removed, kept) = tokio::join!(remove, keep);
            (kept, removed)
        };
        assert_eq!(kept.is_ok(), !removed, "{kept:?}");
        assert_eq!(house.is_kept(subject).await, !removed);
        ends[usize::from(removed)] += 1;
    }
    println!("{} kept, {} removed", ends[0], ends[1]);
}
