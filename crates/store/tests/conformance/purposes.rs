//! Purposes and their versions.

use tacita_domain::{DataClass, LawfulBasis, Purpose};
use tacita_store::{Error, purposes};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    the_newest_version_counts,
    a_version_is_kept_once,
    every_basis_and_class_is_read_as_it_was,
    all_are_listed_by_name_in_any_language,
    another_organisation_has_its_own,
}

fn purpose(name: &str, version: u32) -> Purpose {
    Purpose {
        name: name.parse().unwrap(),
        version,
        basis: LawfulBasis::Contract,
        class: DataClass::Personal,
        enabled: version % 2 == 1,
    }
}

async fn the_newest_version_counts(house: House) {
    for version in [1, 3, 2, 10] {
        house.set(&purpose("letters", version)).await;
    }
    let name = "letters".parse().unwrap();
    let current =
        house.store.look_up(house.organisation, move |tx| purposes::current(tx, &name)).await.unwrap();
    assert_eq!(current, Some(purpose("letters", 10)));
    let all = house.store.look_up(house.organisation, purposes::all).await.unwrap();
    assert_eq!(all.iter().filter(|one| one.name.as_str() == "letters").count(), 1);
    let name = "nothing".parse().unwrap();
    assert_eq!(
        house.store.look_up(house.organisation, move |tx| purposes::current(tx, &name)).await.unwrap(),
        None
    );
}

async fn a_version_is_kept_once(house: House) {
    let refused = house
        .store
        .write_within(house.organisation, |tx| purposes::insert(tx, &purpose("support", 1), now()))
        .await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
}

async fn every_basis_and_class_is_read_as_it_was(house: House) {
    let mut expected = Vec::new();
    for (index, &basis) in LawfulBasis::ALL.iter().enumerate() {
        let class = DataClass::ALL[index % DataClass::ALL.len()];
        let purpose = Purpose { basis, class, ..purpose(&format!("p{index}"), 1) };
        house.set(&purpose).await;
        expected.push(purpose);
    }
    let all = house.store.look_up(house.organisation, purposes::all).await.unwrap();
    assert_eq!(all.into_iter().filter(|one| one.name.as_str() != "support").collect::<Vec<_>>(), expected);
}

async fn all_are_listed_by_name_in_any_language(house: House) {
    // Languages put `.` and `_` in other places than bytes do.
    for name in ["a_b", "a.b", "ab", "a-b", "a1"] {
        house.set(&purpose(name, 1)).await;
    }
    let all = house.store.look_up(house.organisation, purposes::all).await.unwrap();
    let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a-b", "a.b", "a1", "a_b", "ab", "support"]);
}

async fn another_organisation_has_its_own(house: House) {
    let other = found(&house.store).await;
    assert!(house.store.look_up(other, purposes::all).await.unwrap().is_empty());
    house.store.write_within(other, |tx| purposes::insert(tx, &purpose("support", 1), now())).await.unwrap();
    house.store.write_within(other, |tx| purposes::insert(tx, &purpose("support", 2), now())).await.unwrap();
    let name = "support".parse().unwrap();
    let ours = house.store.look_up(house.organisation, move |tx| purposes::current(tx, &name)).await.unwrap();
    assert_eq!(ours.unwrap().version, 1);
}
