//! Passkeys, and what somebody was asked.

use tacita_domain::{AccountId, ChallengeKind, DataClass, LawfulBasis, OrganisationId, PasskeyId, Purpose};
use tacita_store::{
    Error, SystemScope, accounts, challenges, organisations,
    passkeys::{self, Field},
    purposes,
};
use tacita_vault::{BlindIndex, Compartment, Sealed, Token, TokenHash, system_random};

use crate::{
    conformance,
    house::{House, now},
};

conformance! {
    a_challenge_is_taken_once_in_its_time_and_for_what_it_is,
    challenges_whose_time_is_over_go_some_at_a_time,
    a_passkey_is_found_by_its_mark_and_marks_are_taken_once,
    of_two_uses_at_once_one_counts,
    a_copy_is_refused_for_good,
    a_passkey_is_removed_by_its_owner_alone,
}

const PLATFORM: OrganisationId = OrganisationId::PLATFORM;

impl House {
    /// Makes the platform.
    async fn platform(&self) {
        self.store.ring().found(PLATFORM, now()).await.unwrap();
        let found = move |tx: &mut tacita_store::Spanning<'_>| {
            organisations::insert(tx, PLATFORM, "platform", now())?;
            let (name, basis) = ("sign-in".parse().unwrap(), LawfulBasis::Contract);
            let purpose = Purpose { name, version: 1, basis, class: DataClass::Personal, enabled: true };
            purposes::insert(&mut tx.within(PLATFORM), &purpose, now())
        };
        self.store.write_spanning(SystemScope::Found, found).await.unwrap();
    }

    async fn sealed(&self, hash: &TokenHash) -> Sealed {
        let keys = self.store.ring().organisation(PLATFORM).await.unwrap();
        let place = challenges::sealed_at(hash);
        keys.newest().seal_in(Compartment::Challenge, &place, b"state", &mut system_random).unwrap()
    }

    async fn asked(&self, seconds: i64) -> TokenHash {
        let hash = TokenHash::of(&Token::generate(&mut system_random));
        let state = self.sealed(&hash).await;
        let expires = now().after_seconds(seconds);
        let keep = move |tx: &mut tacita_store::Writing<'_>| {
            challenges::insert(tx, &hash, ChallengeKind::PasskeySignIn, expires, &state)
        };
        self.store.write_within(PLATFORM, keep).await.unwrap();
        hash
    }

    async fn taken(&self, hash: TokenHash, kind: ChallengeKind) -> Result<Sealed, Error> {
        self.store.write_within(PLATFORM, move |tx| challenges::take(tx, &hash, kind, now())).await
    }

    /// Somebody with an account.
    async fn signs_in(&self) -> AccountId {
        let account = AccountId::new(now(), self.store.random());
        let key = self.store.ring().found_subject(PLATFORM, account.subject(), &[]).await.unwrap();
        let place = accounts::sealed_at(&account, accounts::Field::Profile);
        let profile = key.seal(&place, b"{}", &mut system_random).unwrap();
        let insert =
            move |tx: &mut tacita_store::Writing<'_>| accounts::insert(tx, account, now(), &profile, None);
        self.store.write_within(PLATFORM, insert).await.unwrap();
        account
    }

    async fn passkey(&self, account: AccountId, mark: BlindIndex) -> Result<passkeys::Stored, Error> {
        let passkey = PasskeyId::new(now(), self.store.random());
        let key = self.store.ring().subject(PLATFORM, account.subject()).await.unwrap();
        let seal = |field| key.seal(&passkeys::sealed_at(&passkey, field), b"x", &mut system_random).unwrap();
        let (credential, name) = (seal(Field::Credential), seal(Field::Name));
        let stored =
            passkeys::Stored { passkey, account, created: now(), used: None, copied: None, credential, name };
        let kept = stored.clone();
        self.store.write_within(PLATFORM, move |tx| passkeys::insert(tx, &kept, &mark, 2)).await?;
        Ok(stored)
    }

    async fn found_by_mark(&self, mark: BlindIndex) -> Option<passkeys::Stored> {
        self.store.look_up(PLATFORM, move |tx| passkeys::find(tx, &mark)).await.unwrap()
    }

    async fn signed(&self, mark: BlindIndex, before: &Sealed, after: &Sealed) -> Result<(), Error> {
        let (before, after) = (before.clone(), after.clone());
        let write =
            move |tx: &mut tacita_store::Writing<'_>| passkeys::used(tx, &mark, &before, &after, now());
        self.store.write_within(PLATFORM, write).await
    }
}

fn mark(number: u8) -> BlindIndex {
    BlindIndex::from_bytes([number; 32])
}

async fn a_challenge_is_taken_once_in_its_time_and_for_what_it_is(house: House) {
    house.platform().await;
    let hash = house.asked(60).await;
    let other = house.taken(hash, ChallengeKind::PasskeyRegistration).await;
    assert!(matches!(other, Err(Error::NotFound)), "{other:?}");
    let (first, second) = tokio::join!(
        house.taken(hash, ChallengeKind::PasskeySignIn),
        house.taken(hash, ChallengeKind::PasskeySignIn)
    );
    let refused = if first.is_ok() { second } else { first };
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let over = house.asked(0).await;
    assert!(matches!(house.taken(over, ChallengeKind::PasskeySignIn).await, Err(Error::NotFound)));
}

async fn challenges_whose_time_is_over_go_some_at_a_time(house: House) {
    house.platform().await;
    for _ in 0..3 {
        house.asked(-1).await;
    }
    let open = house.asked(60).await;
    let mut gone = Vec::new();
    for _ in 0..3 {
        let delete = move |tx: &mut tacita_store::Writing<'_>| challenges::delete_over(tx, now(), 2);
        gone.push(house.store.write_within(PLATFORM, delete).await.unwrap());
    }
    assert_eq!(gone, [2, 1, 0]);
    house.taken(open, ChallengeKind::PasskeySignIn).await.unwrap();
}

async fn a_passkey_is_found_by_its_mark_and_marks_are_taken_once(house: House) {
    house.platform().await;
    let (first, second) = (house.signs_in().await, house.signs_in().await);
    let kept = house.passkey(first, mark(1)).await.unwrap();
    let found = house.found_by_mark(mark(1)).await.unwrap();
    assert_eq!((found.passkey, found.account, found.used), (kept.passkey, first, None));
    assert!(house.found_by_mark(mark(2)).await.is_none());
    let again = house.passkey(second, mark(1)).await;
    assert!(matches!(again, Err(Error::Exists)), "{again:?}");
    house.passkey(first, mark(2)).await.unwrap();
    let third = house.passkey(first, mark(3)).await;
    assert!(matches!(third, Err(Error::Full)), "{third:?}");
    let all = house.store.look_up(PLATFORM, move |tx| passkeys::of_account(tx, first)).await.unwrap();
    assert_eq!(all.len(), 2);
}

async fn of_two_uses_at_once_one_counts(house: House) {
    house.platform().await;
    let account = house.signs_in().await;
    let kept = house.passkey(account, mark(1)).await.unwrap();
    let after = house.passkey(account, mark(2)).await.unwrap().credential;
    house.signed(mark(1), &kept.credential, &after).await.unwrap();
    let late = house.signed(mark(1), &kept.credential, &after).await;
    assert!(matches!(late, Err(Error::Changed)), "{late:?}");
    assert!(house.found_by_mark(mark(1)).await.unwrap().used.is_some());
}

async fn a_copy_is_refused_for_good(house: House) {
    house.platform().await;
    let account = house.signs_in().await;
    let kept = house.passkey(account, mark(1)).await.unwrap();
    for _ in 0..2 {
        let refuse = move |tx: &mut tacita_store::Writing<'_>| passkeys::refuse(tx, &mark(1), now());
        house.store.write_within(PLATFORM, refuse).await.unwrap();
    }
    assert!(house.found_by_mark(mark(1)).await.unwrap().copied.is_some());
    let used = house.signed(mark(1), &kept.credential, &kept.credential).await;
    assert!(matches!(used, Err(Error::Changed)), "{used:?}");
}

async fn a_passkey_is_removed_by_its_owner_alone(house: House) {
    house.platform().await;
    let (owner, other) = (house.signs_in().await, house.signs_in().await);
    let id = house.passkey(owner, mark(1)).await.unwrap().passkey;
    let remove =
        async |account| house.store.write_within(PLATFORM, move |tx| passkeys::delete(tx, account, id)).await;
    assert!(matches!(remove(other).await, Err(Error::NotFound)));
    remove(owner).await.unwrap();
    assert!(matches!(remove(owner).await, Err(Error::NotFound)));
    assert!(house.found_by_mark(mark(1)).await.is_none());
}
