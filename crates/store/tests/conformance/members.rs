//! Members of organisations.

use tacita_domain::{AccountId, Role};
use tacita_store::{
    Error, SystemScope,
    members::{self, Member, Membership},
};

use crate::{
    accounts::sealed,
    conformance,
    house::{House, found, now},
};

conformance! {
    a_member_is_found_in_their_organisation_alone,
    roles_change_but_an_owner_stays,
    an_account_is_found_in_all_its_organisations,
}

impl House {
    async fn member(&self, role: Role) -> AccountId {
        let account = AccountId::new(now(), self.store.random());
        let member = Member { account, subject: account.subject(), role, since: now(), profile: sealed(2) };
        self.write(move |tx| members::insert(tx, &member)).await.unwrap();
        account
    }

    async fn role(&self, account: AccountId) -> Option<Role> {
        let find = move |tx: &mut tacita_store::Reading<'_>| members::find(tx, account);
        self.store.look_up(self.organisation, find).await.unwrap().map(|member| member.role)
    }
}

async fn a_member_is_found_in_their_organisation_alone(house: House) {
    let account = house.member(Role::Owner).await;
    let all = house.store.look_up(house.organisation, members::all).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].account, all[0].role, &all[0].profile), (account, Role::Owner, &sealed(2)));
    let other = found(&house.store).await;
    assert!(house.store.look_up(other, members::all).await.unwrap().is_empty());
    let again =
        Member { account, subject: account.subject(), role: Role::Member, since: now(), profile: sealed(3) };
    let again = house.write(move |tx| members::insert(tx, &again)).await;
    assert!(matches!(again, Err(Error::Exists)), "{again:?}");
}

async fn roles_change_but_an_owner_stays(house: House) {
    let (owner, other) = (house.member(Role::Owner).await, house.member(Role::Auditor).await);
    let change = |account, role| house.write(move |tx| members::change(tx, account, role));
    let delete = |account| house.write(move |tx| members::delete(tx, account));
    assert!(matches!(change(owner, Role::Member).await, Err(Error::LastOwner)));
    assert!(matches!(delete(owner).await, Err(Error::LastOwner)));
    assert_eq!(house.role(owner).await, Some(Role::Owner), "what was refused changed nothing");
    change(other, Role::Owner).await.unwrap();
    delete(owner).await.unwrap();
    assert_eq!((house.role(owner).await, house.role(other).await), (None, Some(Role::Owner)));
    assert!(matches!(delete(owner).await, Err(Error::NotFound)));
    assert!(matches!(change(owner, Role::Member).await, Err(Error::NotFound)));
}

async fn an_account_is_found_in_all_its_organisations(house: House) {
    let any = || house.store.span(SystemScope::SignIn, members::any_owner);
    assert!(!any().await.unwrap());
    let account = house.member(Role::Member).await;
    let other = found(&house.store).await;
    let member =
        Member { account, subject: account.subject(), role: Role::Owner, since: now(), profile: sealed(2) };
    house.store.write_within(other, move |tx| members::insert(tx, &member)).await.unwrap();
    assert!(any().await.unwrap());
    let found =
        house.store.span(SystemScope::SignIn, move |tx| members::of_account(tx, account)).await.unwrap();
    let expected = [(house.organisation, Role::Member), (other, Role::Owner)]
        .map(|(organisation, role)| Membership { organisation, name: "Example Ltd".to_owned(), role });
    assert_eq!(found, expected);
}
