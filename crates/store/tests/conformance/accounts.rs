//! Accounts.

use tacita_domain::AccountId;
use tacita_store::{Error, accounts};
use tacita_vault::Sealed;

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    an_account_is_found_as_it_was_kept,
    failures_are_counted_until_somebody_signs_in,
    a_code_of_a_step_counts_once,
    what_is_changed_is_found_changed,
    a_recovery_code_is_used_by_one_of_two,
}

/// Something sealed, by nobody's key.
pub(crate) fn sealed(byte: u8) -> Sealed {
    let mut bytes = vec![byte; 40];
    bytes[0] = 1;
    Sealed::parse(bytes).unwrap()
}

impl House {
    pub(crate) async fn new_account(&self) -> AccountId {
        let (account, at) = (AccountId::new(now(), self.store.random()), now());
        self.write(move |tx| accounts::insert(tx, account, at, &sealed(2), Some(&sealed(3)))).await.unwrap();
        account
    }

    async fn stored_account(&self, account: AccountId) -> accounts::Stored {
        let find = move |tx: &mut tacita_store::Reading<'_>| accounts::find(tx, account);
        self.store.look_up(self.organisation, find).await.unwrap().unwrap()
    }
}

async fn an_account_is_found_as_it_was_kept(house: House) {
    let account = house.new_account().await;
    let stored = house.stored_account(account).await;
    assert_eq!((stored.failures, stored.locked, stored.step), (0, None, None));
    assert_eq!((stored.profile, stored.password), (sealed(2), Some(sealed(3))));
    assert!(stored.totp.is_none() && stored.recovery.is_none());
    let again = house.write(move |tx| accounts::insert(tx, account, now(), &sealed(2), None)).await;
    assert!(matches!(again, Err(Error::Exists)), "{again:?}");
    let nobody = AccountId::new(now(), house.store.random());
    let found = house.store.look_up(house.organisation, move |tx| accounts::find(tx, nobody)).await.unwrap();
    assert!(found.is_none());
    let other = crate::house::found(&house.store).await;
    assert!(house.store.look_up(other, move |tx| accounts::find(tx, account)).await.unwrap().is_none());
}

async fn failures_are_counted_until_somebody_signs_in(house: House) {
    let account = house.new_account().await;
    let until = now().after_seconds(30);
    for count in 1..=3 {
        let locks = move |failures| {
            assert_eq!(failures, count);
            (failures == 3).then_some(until)
        };
        house.write(move |tx| accounts::fail(tx, account, locks)).await.unwrap();
    }
    let stored = house.stored_account(account).await;
    assert_eq!((stored.failures, stored.locked), (3, Some(until)));
    house.write(move |tx| accounts::succeed(tx, account, None)).await.unwrap();
    let stored = house.stored_account(account).await;
    assert_eq!((stored.failures, stored.locked), (0, None));
    let nobody = AccountId::new(now(), house.store.random());
    let failed = house.write(move |tx| accounts::fail(tx, nobody, |_| None)).await;
    assert!(matches!(failed, Err(Error::NotFound)), "{failed:?}");
}

async fn a_code_of_a_step_counts_once(house: House) {
    let account = house.new_account().await;
    for (step, counts) in [(7, true), (7, false), (6, false), (8, true)] {
        let used = house.write(move |tx| accounts::succeed(tx, account, Some(step))).await;
        assert_eq!(used.is_ok(), counts, "{step}");
        assert!(counts || matches!(used, Err(Error::Changed)), "{used:?}");
    }
    assert_eq!(house.stored_account(account).await.step, Some(8));
}

async fn what_is_changed_is_found_changed(house: House) {
    let account = house.new_account().await;
    house.write(move |tx| accounts::fail(tx, account, |_| Some(now()))).await.unwrap();
    house.write(move |tx| accounts::set_password(tx, account, &sealed(4))).await.unwrap();
    let stored = house.stored_account(account).await;
    assert_eq!((stored.password, stored.failures, stored.locked), (Some(sealed(4)), 0, None));
    house.write(move |tx| accounts::set_totp(tx, account, Some(&sealed(5)), Some(9))).await.unwrap();
    house.write(move |tx| accounts::set_recovery(tx, account, Some(&sealed(6)))).await.unwrap();
    let stored = house.stored_account(account).await;
    assert_eq!((stored.totp, stored.step, stored.recovery), (Some(sealed(5)), Some(9), Some(sealed(6))));
    house.write(move |tx| accounts::set_totp(tx, account, None, None)).await.unwrap();
    house.write(move |tx| accounts::set_recovery(tx, account, None)).await.unwrap();
    let stored = house.stored_account(account).await;
    assert!(stored.totp.is_none() && stored.step.is_none() && stored.recovery.is_none());
}

async fn a_recovery_code_is_used_by_one_of_two(house: House) {
    let account = house.new_account().await;
    house.write(move |tx| accounts::set_recovery(tx, account, Some(&sealed(6)))).await.unwrap();
    let use_up = || house.write(move |tx| accounts::use_recovery(tx, account, &sealed(6), &sealed(7)));
    use_up().await.unwrap();
    let again = use_up().await;
    assert!(matches!(again, Err(Error::Changed)), "{again:?}");
    assert_eq!(house.stored_account(account).await.recovery, Some(sealed(7)));
}
