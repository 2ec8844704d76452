//! Data subjects.

use tacita_domain::SubjectId;
use tacita_store::{Error, subjects};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    somebody_is_kept_once,
    a_restriction_is_set_and_lifted,
    nobody_has_no_restriction,
    an_organisation_is_needed,
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
