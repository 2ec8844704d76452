//! Sessions, and what they are renewed by.

use tacita_domain::{AccountId, SessionId, SignInMethod, Timestamp};
use tacita_store::{
    Error,
    sessions::{self, Renewal, Session},
};
use tacita_vault::TokenHash;

use crate::{
    accounts::sealed,
    conformance,
    house::{House, now},
};

conformance! {
    a_session_is_found_by_its_secret_and_its_id,
    a_secret_is_turned_by_one_of_two,
    a_session_ends_once_and_for_its_own_account,
    all_sessions_end_but_one,
    a_session_is_renewed_once_by_each_token,
    what_is_over_is_deleted_with_what_renews_it,
}

const fn hash(byte: u8) -> TokenHash {
    TokenHash::from_bytes([byte; 32])
}

impl House {
    async fn session(&self, account: AccountId, byte: u8) -> Session {
        let at = now();
        let session = Session {
            session: SessionId::new(at, self.store.random()),
            account,
            turned: at,
            member_of: Some(self.organisation),
            method: SignInMethod::Password,
            created: at,
            seen: at,
            expires: at.after_seconds(100),
            ended: None,
            device: Some(sealed(byte)),
            is_newest: true,
        };
        let kept = session.clone();
        self.write(move |tx| sessions::insert(tx, &kept, &hash(byte))).await.unwrap();
        session
    }

    async fn found(&self, byte: u8) -> Option<Session> {
        let find = move |tx: &mut tacita_store::Reading<'_>| sessions::find(tx, &hash(byte));
        self.store.look_up(self.organisation, find).await.unwrap()
    }
}

async fn a_session_is_found_by_its_secret_and_its_id(house: House) {
    let account = house.new_account().await;
    let session = house.session(account, 1).await;
    assert_eq!(house.found(1).await, Some(session.clone()));
    assert_eq!(house.found(2).await, None);
    let id = session.session;
    let by_id = house.store.look_up(house.organisation, move |tx| sessions::by_id(tx, id)).await.unwrap();
    assert_eq!(by_id, Some(session.clone()));
    let mine = |at: Timestamp| {
        house.store.look_up(house.organisation, move |tx| sessions::of_account(tx, account, at))
    };
    assert_eq!(mine(now()).await.unwrap(), std::slice::from_ref(&session));
    assert_eq!(mine(session.expires).await.unwrap(), []);
}

async fn a_secret_is_turned_by_one_of_two(house: House) {
    let session = house.session(house.new_account().await, 1).await;
    let (id, at) = (session.session, now());
    let turn = |to: u8| house.write(move |tx| sessions::turn(tx, id, &hash(1), &hash(to), at));
    assert!(turn(2).await.unwrap());
    assert!(!turn(3).await.unwrap(), "another request was first");
    let turned = Session { turned: at, seen: at, ..session };
    assert_eq!(house.found(2).await, Some(turned.clone()));
    assert_eq!(house.found(1).await, Some(Session { is_newest: false, ..turned }));
    assert_eq!(house.found(3).await, None);
    let later = at.after_seconds(5);
    house.write(move |tx| sessions::see(tx, id, later)).await.unwrap();
    house.write(move |tx| sessions::choose(tx, id, None)).await.unwrap();
    let seen = house.found(2).await.unwrap();
    assert_eq!((seen.seen, seen.member_of), (later, None));
}

async fn a_session_ends_once_and_for_its_own_account(house: House) {
    let (account, other) = (house.new_account().await, house.new_account().await);
    let id = house.session(account, 1).await.session;
    let at = now();
    let end = |whose| house.write(move |tx| sessions::end(tx, id, whose, at));
    assert!(matches!(end(other).await, Err(Error::NotFound)));
    end(account).await.unwrap();
    assert!(matches!(end(account).await, Err(Error::NotFound)));
    assert_eq!(house.found(1).await.unwrap().ended, Some(at));
    assert!(!house.write(move |tx| sessions::turn(tx, id, &hash(1), &hash(2), at)).await.unwrap());
    assert!(house.write(move |tx| sessions::choose(tx, id, None)).await.is_err());
}

async fn all_sessions_end_but_one(house: House) {
    let (account, other) = (house.new_account().await, house.new_account().await);
    let keep = house.session(account, 1).await.session;
    for (whose, byte) in [(account, 2), (account, 3), (other, 4)] {
        house.session(whose, byte).await;
    }
    let at = now();
    let ended = house.write(move |tx| sessions::end_all(tx, account, Some(keep), at)).await.unwrap();
    assert_eq!(ended, 2);
    let mut open = Vec::new();
    for byte in 1..=4 {
        open.push(house.found(byte).await.unwrap().ended.is_none());
    }
    assert_eq!(open, [true, false, false, true]);
    assert_eq!(house.write(move |tx| sessions::end_all(tx, account, None, at)).await.unwrap(), 1);
}

async fn a_session_is_renewed_once_by_each_token(house: House) {
    let id = house.session(house.new_account().await, 1).await.session;
    let at = now();
    house.write(move |tx| sessions::keep_refresh(tx, &hash(9), id, at)).await.unwrap();
    let twice = house.write(move |tx| sessions::keep_refresh(tx, &hash(9), id, at)).await;
    assert!(matches!(twice, Err(Error::Exists)), "{twice:?}");
    let renew = |byte: u8| house.write(move |tx| sessions::renew(tx, &hash(byte), at));
    assert_eq!(renew(8).await.unwrap(), Renewal::Unknown);
    assert_eq!(renew(9).await.unwrap(), Renewal::Used(id));
    assert_eq!(renew(9).await.unwrap(), Renewal::Again(id));
}

async fn what_is_over_is_deleted_with_what_renews_it(house: House) {
    let account = house.new_account().await;
    let [first, second, _] = [1, 2, 3].map(|byte| house.session(account, byte));
    let (first, second) = (first.await.session, second.await.session);
    let open = house.session(account, 4).await;
    let at = now();
    house.write(move |tx| sessions::keep_refresh(tx, &hash(9), first, at)).await.unwrap();
    for id in [first, second] {
        house.write(move |tx| sessions::end(tx, id, account, at)).await.unwrap();
    }
    let delete = |limit| {
        let before = at.after_seconds(1);
        house.write(move |tx| sessions::delete_over(tx, before, limit))
    };
    assert_eq!((delete(1).await.unwrap(), delete(10).await.unwrap(), delete(10).await.unwrap()), (1, 1, 0));
    assert_eq!((house.found(1).await, house.found(2).await), (None, None));
    assert_eq!(house.found(4).await, Some(open));
    assert_eq!(house.write(move |tx| sessions::renew(tx, &hash(9), at)).await.unwrap(), Renewal::Unknown);
}
