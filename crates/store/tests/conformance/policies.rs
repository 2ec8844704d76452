//! Organisations' own policies, and the purpose by which setting them leaves an account.

use tacita_domain::{DataClass, LawfulBasis, Purpose, PurposeName, Timestamp};
use tacita_store::{
    Error,
    policies::{self, Set},
    purposes,
};
use tokio_postgres::NoTls;

use crate::{
    backend::Base,
    conformance,
    house::{House, found, now, unlock},
};

conformance! {
    the_newest_version_counts_and_each_organisation_has_its_own,
    a_version_is_set_once,
    organisations_that_were_there_before_get_a_purpose_for_administration,
}

fn set(version: u32, text: &str) -> Set {
    Set { version, since: Timestamp::from_micros(i64::from(version)), text: text.to_owned() }
}

async fn the_newest_version_counts_and_each_organisation_has_its_own(house: House) {
    let current = |organisation| house.store.look_up(organisation, policies::current);
    assert_eq!(current(house.organisation).await.unwrap(), None);
    for version in [1, 2, 10] {
        let set = set(version, &format!("// {version}\n"));
        house.store.write_within(house.organisation, move |tx| policies::insert(tx, &set)).await.unwrap();
    }
    let other = found(&house.store).await;
    let theirs = set(1, "// ünd\n");
    let copy = theirs.clone();
    house.store.write_within(other, move |tx| policies::insert(tx, &copy)).await.unwrap();
    assert_eq!(current(house.organisation).await.unwrap(), Some(set(10, "// 10\n")));
    assert_eq!(current(other).await.unwrap(), Some(theirs));
}

async fn a_version_is_set_once(house: House) {
    let insert = |text: &'static str| {
        house.store.write_within(house.organisation, move |tx| policies::insert(tx, &set(1, text)))
    };
    insert("// a").await.unwrap();
    let refused = insert("// b").await;
    assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
}

/// The last step of the migration again, in a house whose organisations lack what it gives them.
async fn organisations_that_were_there_before_get_a_purpose_for_administration(house: House) {
    let other = found(&house.store).await;
    let name: PurposeName = "administration".parse().unwrap();
    let theirs = Purpose {
        name: name.clone(),
        version: 4,
        basis: LawfulBasis::Consent,
        class: DataClass::Personal,
        enabled: false,
    };
    house.store.write_within(other, move |tx| purposes::insert(tx, &theirs, now())).await.unwrap();
    let after =
        |text: &'static str| text.split_once("-- Administration").unwrap().1.split_once('\n').unwrap().1;
    match &*house.base {
        Base::Folder(folder) => {
            let step = after(include_str!("../../migrations/sqlite/house/0006_policies.sql"));
            let connection = rusqlite::Connection::open(folder.path().join("house")).unwrap();
            connection.execute_batch(&unlock()).unwrap();
            connection.execute_batch(step).unwrap();
        }
        Base::Server(lent) => {
            let step = after(include_str!("../../migrations/postgres/house/0006_policies.sql"));
            let (client, connection) = lent.pair().house.as_owner().connect(NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(step).await.unwrap();
        }
    }
    for (organisation, version) in [(house.organisation, 1), (other, 5)] {
        let name = name.clone();
        let now = house.store.look_up(organisation, move |tx| purposes::current(tx, &name)).await.unwrap();
        let now = now.unwrap();
        assert_eq!(
            (now.version, now.basis, now.class),
            (version, LawfulBasis::LegalObligation, DataClass::Operational)
        );
        assert!(now.enabled);
    }
}
