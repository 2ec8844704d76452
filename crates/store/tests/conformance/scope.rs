//! Work across organisations leaves an account.

use std::collections::BTreeMap;

use tacita_domain::Timestamp;
use tacita_store::{Error, Store, SystemScope, organisations, used};

use crate::{
    conformance,
    house::{House, found},
};

conformance! {
    every_use_of_every_scope_is_kept,
    what_fails_is_a_use_too,
    work_within_an_organisation_is_none,
    founding_is_kept_for_both_databases,
}

/// What the account says of each scope. The reading of it is a use, which comes into the account later.
async fn kept(store: &Store) -> BTreeMap<String, u64> {
    let mut kept = BTreeMap::new();
    let all = store.span(SystemScope::Doctor, |tx| used(tx, Timestamp::from_micros(0))).await.unwrap();
    for used in all {
        *kept.entry(used.scope).or_default() += used.uses;
    }
    kept
}

/// What came into the account while `house` did something, with what opening it costs.
async fn added(house: House, before: &BTreeMap<String, u64>) -> (House, BTreeMap<String, u64>) {
    // Closed, it has written everything.
    let house = house.reopen().await;
    let mut added = kept(&house.store).await;
    for (scope, uses) in before {
        *added.get_mut(scope).unwrap() -= uses;
    }
    (house, added)
}

async fn every_use_of_every_scope_is_kept(house: House) {
    let house = house.reopen().await;
    let before = kept(&house.store).await;
    for scope in SystemScope::ALL {
        house.store.span(scope, organisations::all).await.unwrap();
        house.store.write_spanning(scope, organisations::all).await.unwrap();
    }
    let counted: BTreeMap<_, _> =
        house.store.uses().into_iter().map(|(scope, uses)| (scope.as_str(), uses)).collect();
    let (_, added) = added(house, &before).await;
    for scope in SystemScope::ALL.map(SystemScope::as_str) {
        // Opening the databases, and reading the account, are uses of this one; when they are written is a matter of seconds.
        match scope {
            "doctor" => assert!(added[scope] >= 3 && counted[scope] == 5, "{added:?} {counted:?}"),
            _ => assert_eq!((added[scope], counted[scope]), (2, 2), "{scope}"),
        }
    }
    let names: std::collections::BTreeSet<_> = SystemScope::ALL.map(SystemScope::as_str).into();
    assert_eq!(names.len(), SystemScope::ALL.len(), "no two scopes have one name");
}

async fn what_fails_is_a_use_too(house: House) {
    let house = house.reopen().await;
    let before = kept(&house.store).await;
    let failed = house.store.span(SystemScope::SignIn, |_| Err::<(), _>(Error::Busy)).await;
    assert!(matches!(failed, Err(Error::Busy)));
    let failed = house.store.write_spanning(SystemScope::SignIn, |_| Err::<(), _>(Error::Busy)).await;
    assert!(matches!(failed, Err(Error::Busy)));
    let (_, added) = added(house, &before).await;
    assert_eq!(added.get("sign-in"), Some(&2));
}

async fn work_within_an_organisation_is_none(house: House) {
    let house = house.reopen().await;
    let before = kept(&house.store).await;
    let (subject, key) = house.subject().await;
    house.keep(subject, &key).await;
    let (_, added) = added(house, &before).await;
    let others: Vec<_> = added.into_iter().filter(|(scope, uses)| *uses > 0 && scope != "doctor").collect();
    assert_eq!(others, []);
}

async fn founding_is_kept_for_both_databases(house: House) {
    let house = house.reopen().await;
    let before = kept(&house.store).await;
    found(&house.store).await;
    let (_, added) = added(house, &before).await;
    // The key ring is read and written, then the house.
    assert_eq!(added.get("found"), Some(&3));
}
