//! Organisations.

use tacita_domain::OrganisationId;
use tacita_store::{Error, Spanning, SystemScope, organisations};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    each_is_listed_with_its_name,
    an_id_is_taken_once,
    what_fails_across_organisations_leaves_nothing,
    what_panics_across_organisations_leaves_nothing,
}

async fn each_is_listed_with_its_name(house: House) {
    let mut expected = vec![house.organisation, found(&house.store).await, found(&house.store).await];
    expected.sort();
    let all = house.store.span(SystemScope::Doctor, organisations::all).await.unwrap();
    assert_eq!(all.iter().map(|(organisation, _)| *organisation).collect::<Vec<_>>(), expected);
    assert!(all.iter().all(|(_, name)| name == "Example Ltd"));
}

async fn an_id_is_taken_once(house: House) {
    let organisation = house.organisation;
    let again = move |tx: &mut Spanning<'_>| organisations::insert(tx, organisation, "Example GmbH", now());
    let refused = house.store.write_spanning(SystemScope::Found, again).await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
}

async fn what_fails_across_organisations_leaves_nothing(house: House) {
    let organisation = OrganisationId::new(now(), house.store.random());
    let act = move |tx: &mut Spanning<'_>| -> Result<(), Error> {
        organisations::insert(tx, organisation, "Example GmbH", now())?;
        Err(Error::Busy)
    };
    assert!(matches!(house.store.write_spanning(SystemScope::Found, act).await, Err(Error::Busy)));
    assert_eq!(house.store.span(SystemScope::Doctor, organisations::all).await.unwrap().len(), 1);
}

async fn what_panics_across_organisations_leaves_nothing(house: House) {
    let organisation = OrganisationId::new(now(), house.store.random());
    let act = move |tx: &mut Spanning<'_>| -> Result<(), Error> {
        organisations::insert(tx, organisation, "Example GmbH", now())?;
        panic!("a panic as it may happen")
    };
    assert!(matches!(house.store.write_spanning(SystemScope::Found, act).await, Err(Error::Panicked)));
    let ask = |_: &mut Spanning<'_>| -> Result<(), Error> { panic!("a panic as it may happen") };
    assert!(matches!(house.store.span(SystemScope::Doctor, ask).await, Err(Error::Panicked)));
    assert_eq!(house.store.span(SystemScope::Doctor, organisations::all).await.unwrap().len(), 1);
}
