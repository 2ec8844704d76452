//! The key ring.

use std::sync::atomic::{AtomicI64, Ordering};

use tacita_domain::{Action, IdentityKind, OrganisationId, SubjectId, Timestamp};
use tacita_store::{Error, Identity, Settings, Store, records};
use tacita_vault::system_random;
use zeroize::Zeroizing;

use crate::{
    backend::{self, Backend, Base},
    conformance,
    house::{House, found, now, settings, subject_of, unlock},
};

conformance! {
    an_organisation_is_founded_once,
    an_organisation_that_is_not_there_has_no_keys,
    a_data_subject_has_one_key,
    keys_are_the_same_after_a_restart,
    somebody_is_found_by_what_they_are_known_by,
    somebody_is_founded_with_their_marks_or_not_at_all,
    another_organisation_knows_nobody,
    a_destroyed_key_is_gone_with_its_marks,
    what_is_done_for_the_erased_names_nobody,
    a_key_that_another_process_has_destroyed_is_used_no_more,
}

fn email(address: &str) -> Identity {
    Identity { kind: IdentityKind::Email, value: Zeroizing::new(address.to_owned()) }
}

impl House {
    async fn known(&self, address: &str) -> Option<SubjectId> {
        self.store.ring().find(self.organisation, &email(address)).await.unwrap()
    }
}

async fn an_organisation_is_founded_once(house: House) {
    let ring = house.store.ring();
    let keys = ring.organisation(house.organisation).await.unwrap();
    assert_eq!(keys.newest().version(), 1);
    assert!(keys.version(2).is_err());
    assert_ne!(keys.ed25519_seed().unwrap().expose(), keys.ml_dsa_seed().unwrap().expose());
    let again = ring.found(house.organisation, now()).await;
    assert!(matches!(again, Err(Error::Exists)), "{again:?}");
}

async fn an_organisation_that_is_not_there_has_no_keys(house: House) {
    let nowhere = OrganisationId::new(now(), house.store.random());
    assert!(matches!(house.store.ring().organisation(nowhere).await, Err(Error::NotFound)));
    let subject = SubjectId::new(now(), house.store.random());
    assert!(matches!(house.store.ring().found_subject(nowhere, subject, &[]).await, Err(Error::NotFound)));
}

async fn a_data_subject_has_one_key(house: House) {
    let (subject, key) = house.subject().await;
    let again = house.store.ring().found_subject(house.organisation, subject, &[]).await;
    assert!(matches!(again, Err(Error::Exists)), "{again:?}");
    let found = house.store.ring().subject(house.organisation, subject).await.unwrap();
    assert_eq!(found.audit_reference(b"x").unwrap(), key.audit_reference(b"x").unwrap());
    let nobody = SubjectId::new(now(), house.store.random());
    assert!(matches!(house.store.ring().subject(house.organisation, nobody).await, Err(Error::NotFound)));
    let reference = key.audit_reference(b"ledger").unwrap();
    assert_eq!(house.store.ring().by_reference(house.organisation, reference).await.unwrap(), Some(subject));
    assert_eq!(house.store.ring().by_reference(house.organisation, [0; 32]).await.unwrap(), None);
}

async fn keys_are_the_same_after_a_restart(house: House) {
    let (subject, key) = house.subject().await;
    house.store.ring().identify(house.organisation, subject, &email("mara.lind@example.org")).await.unwrap();
    let reference = key.audit_reference(b"ledger").unwrap();
    let seed =
        *house.store.ring().organisation(house.organisation).await.unwrap().ed25519_seed().unwrap().expose();
    let house = house.reopen().await;
    let key = house.store.ring().subject(house.organisation, subject).await.unwrap();
    assert_eq!(key.audit_reference(b"ledger").unwrap(), reference);
    assert_eq!(
        *house.store.ring().organisation(house.organisation).await.unwrap().ed25519_seed().unwrap().expose(),
        seed
    );
    assert_eq!(house.known("mara.lind@example.org").await, Some(subject));
}

async fn somebody_is_found_by_what_they_are_known_by(house: House) {
    let (subject, _) = house.subject().await;
    let (other, _) = house.subject().await;
    let ring = house.store.ring();
    assert_eq!(house.known("mara.lind@example.org").await, None);
    ring.identify(house.organisation, subject, &email("mara.lind@example.org")).await.unwrap();
    assert_eq!(house.known("mara.lind@example.org").await, Some(subject));
    for who in [other, subject] {
        let refused = ring.identify(house.organisation, who, &email("mara.lind@example.org")).await;
        assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
    }
    // The same text of another kind is something else.
    let id = Identity {
        kind: IdentityKind::ExternalId,
        value: Zeroizing::new("mara.lind@example.org".to_owned()),
    };
    assert_eq!(ring.find(house.organisation, &id).await.unwrap(), None);
    ring.identify(house.organisation, other, &id).await.unwrap();
    assert_eq!(ring.find(house.organisation, &id).await.unwrap(), Some(other));
}

async fn somebody_is_founded_with_their_marks_or_not_at_all(house: House) {
    let (first, second) =
        (SubjectId::new(now(), house.store.random()), SubjectId::new(now(), house.store.random()));
    let ring = house.store.ring();
    ring.found_subject(house.organisation, first, &[email("a@example.org"), email("b@example.org")])
        .await
        .unwrap();
    assert_eq!(
        (house.known("a@example.org").await, house.known("b@example.org").await),
        (Some(first), Some(first))
    );
    let refused = ring
        .found_subject(house.organisation, second, &[email("c@example.org"), email("b@example.org")])
        .await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
    assert_eq!(house.known("c@example.org").await, None);
    assert!(matches!(ring.subject(house.organisation, second).await, Err(Error::NotFound)));
}

async fn another_organisation_knows_nobody(house: House) {
    let (subject, key) = house.subject().await;
    let (ring, other) = (house.store.ring(), found(&house.store).await);
    ring.identify(house.organisation, subject, &email("mara.lind@example.org")).await.unwrap();
    assert!(matches!(ring.subject(other, subject).await, Err(Error::NotFound)));
    assert_eq!(ring.find(other, &email("mara.lind@example.org")).await.unwrap(), None);
    let reference = key.audit_reference(b"ledger").unwrap();
    assert_eq!(ring.by_reference(other, reference).await.unwrap(), None);
    assert_eq!(ring.destroy_subject(other, subject).await.unwrap(), 0);
    ring.subject(house.organisation, subject).await.unwrap();
    // The same address may be somebody else's there.
    let (theirs, _) = subject_of(&house.store, other).await;
    ring.identify(other, theirs, &email("mara.lind@example.org")).await.unwrap();
    assert_eq!(house.known("mara.lind@example.org").await, Some(subject));
}

async fn a_destroyed_key_is_gone_with_its_marks(house: House) {
    let (subject, key) = house.subject().await;
    let (stays, _) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let ring = house.store.ring();
    ring.identify(house.organisation, subject, &email("mara.lind@example.org")).await.unwrap();
    let reference = key.audit_reference(b"ledger").unwrap();
    assert_eq!(ring.destroy_subject(house.organisation, subject).await.unwrap(), 1);
    assert!(matches!(ring.subject(house.organisation, subject).await, Err(Error::NotFound)));
    assert_eq!(house.known("mara.lind@example.org").await, None);
    assert_eq!(ring.by_reference(house.organisation, reference).await.unwrap(), None);
    ring.subject(house.organisation, stays).await.unwrap();
    // Whoever held the key holds nothing now.
    let row = records::row(record, 1);
    let place = records::sealed_at(house.organisation, &row);
    assert!(key.seal(&place, b"after the end", &mut system_random).is_err());
    assert_eq!(ring.destroy_subject(house.organisation, subject).await.unwrap(), 0);
    let house = house.reopen().await;
    assert!(matches!(house.store.ring().subject(house.organisation, subject).await, Err(Error::NotFound)));
}

async fn what_is_done_for_the_erased_names_nobody(house: House) {
    let (subject, key) = house.subject().await;
    let reference = key.audit_reference(b"ledger").unwrap();
    house.store.ring().destroy_subject(house.organisation, subject).await.unwrap();
    let passage = house.passage(Action::RecordDelete, subject).await;
    let ((), committed) = house.store.commit(passage, None, |_| Ok(())).await.unwrap();
    house.ended(committed.operation(), "done").await;
    assert_eq!(house.references(reference).await, 0);
}

/// A time seconds later than that before.
fn seconds_later() -> Timestamp {
    static LATER: AtomicI64 = AtomicI64::new(0);
    now().after_seconds(LATER.fetch_add(2, Ordering::Relaxed))
}

async fn a_key_that_another_process_has_destroyed_is_used_no_more(house: House) {
    let beside = Settings { clock: seconds_later, ..settings(house.base.house(), house.base.keyring()) };
    let beside = Store::open(beside).unwrap();
    let organisation = house.organisation;
    // One that it made, and one that it read.
    let (made, _) = subject_of(&beside, organisation).await;
    let (read, _) = house.subject().await;
    let (stays, key) = house.subject().await;
    for subject in [made, read, stays] {
        beside.ring().subject(organisation, subject).await.unwrap();
    }
    for subject in [made, read] {
        house.store.ring().destroy_subject(organisation, subject).await.unwrap();
        let gone = beside.ring().subject(organisation, subject).await;
        assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    }
    let found = beside.ring().subject(organisation, stays).await.unwrap();
    assert_eq!(found.audit_reference(b"x").unwrap(), key.audit_reference(b"x").unwrap());
    // Its own, with another's in between.
    let (own, _) = subject_of(&beside, organisation).await;
    let (others, _) = house.subject().await;
    beside.ring().subject(organisation, others).await.unwrap();
    house.store.ring().destroy_subject(organisation, others).await.unwrap();
    beside.ring().destroy_subject(organisation, own).await.unwrap();
    let gone = beside.ring().subject(organisation, others).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}

/// A removal that can't be written, or of which nobody knows, leaves no key in memory.
#[test]
fn a_key_is_gone_from_memory_whatever_comes_of_its_removal() {
    backend::run(Backend::Sqlite, async |house: House| {
        let (subject, key) = house.subject().await;
        let Base::Folder(folder) = &*house.base else { unreachable!("a case of SQLite") };
        let connection = rusqlite::Connection::open(folder.path().join("keyring")).unwrap();
        connection.execute_batch(&unlock()).unwrap();
        connection.execute_batch("DROP TABLE identities").unwrap();
        house.store.ring().destroy_subject(house.organisation, subject).await.unwrap_err();
        assert!(key.audit_reference(b"x").is_err());
    });
}
