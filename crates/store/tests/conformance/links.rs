//! Links that are used once.

use tacita_domain::{LinkKind, Role};
use tacita_store::{
    Error,
    links::{self, Link},
};
use tacita_vault::TokenHash;

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    a_link_is_used_once_and_in_its_time,
    links_of_a_kind_are_withdrawn,
    links_that_are_over_are_deleted,
}

const fn hash(byte: u8) -> TokenHash {
    TokenHash::from_bytes([byte; 32])
}

impl House {
    async fn link(&self, kind: LinkKind, byte: u8) -> Link {
        let created = now();
        let link = Link {
            kind,
            account: None,
            member_of: Some(self.organisation),
            role: Some(Role::Member),
            created,
            expires: created.after_seconds(60),
        };
        let kept = link.clone();
        self.write(move |tx| links::insert(tx, &kept, &hash(byte))).await.unwrap();
        link
    }

    async fn usable(&self, byte: u8, seconds: i64) -> Option<Link> {
        let at = now().after_seconds(seconds);
        let find = move |tx: &mut tacita_store::Reading<'_>| links::find(tx, &hash(byte), at);
        self.store.look_up(self.organisation, find).await.unwrap()
    }
}

async fn a_link_is_used_once_and_in_its_time(house: House) {
    let link = house.link(LinkKind::Invitation, 1).await;
    assert_eq!(house.usable(1, 0).await, Some(link.clone()));
    assert_eq!((house.usable(1, 61).await, house.usable(2, 0).await), (None, None));
    let take = |seconds| {
        let at = link.created.after_seconds(seconds);
        house.write(move |tx| links::take(tx, &hash(1), at))
    };
    assert!(matches!(take(60).await, Err(Error::NotFound)), "its time is over");
    take(59).await.unwrap();
    assert!(matches!(take(59).await, Err(Error::NotFound)));
    assert_eq!(house.usable(1, 0).await, None);
}

async fn links_of_a_kind_are_withdrawn(house: House) {
    house.link(LinkKind::Owner, 1).await;
    house.link(LinkKind::Invitation, 2).await;
    let at = now();
    let withdraw = || house.write(move |tx| links::withdraw(tx, LinkKind::Owner, at));
    assert_eq!((withdraw().await.unwrap(), withdraw().await.unwrap()), (1, 0));
    assert!(house.usable(1, 0).await.is_none() && house.usable(2, 0).await.is_some());
}

async fn links_that_are_over_are_deleted(house: House) {
    let link = house.link(LinkKind::SignIn, 1).await;
    let delete = |seconds| {
        let before = link.expires.after_seconds(seconds);
        house.write(move |tx| links::delete_over(tx, before))
    };
    assert_eq!((delete(0).await.unwrap(), delete(1).await.unwrap()), (0, 1));
}
