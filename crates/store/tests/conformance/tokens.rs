//! Tokens by which services sign in.

use tacita_domain::{Role, Scope, TokenId};
use tacita_store::{Error, SystemScope, tokens};
use tacita_vault::{Token, TokenHash, system_random};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    a_token_is_found_by_its_hash_alone,
    ids_and_hashes_are_taken_once,
    a_token_is_revoked_once,
    another_organisation_revokes_and_lists_its_own,
}

impl House {
    async fn token(&self, role: Role) -> (tokens::Token, TokenHash) {
        let at = now();
        let token = tokens::Token {
            organisation: self.organisation,
            token: TokenId::new(at, self.store.random()),
            name: "ticket system".to_owned(),
            role,
            scope: if role == Role::Service {
                "record.read record.list".parse().unwrap()
            } else {
                Scope::FULL
            },
            created: at,
            expires: Some(at.after_seconds(60)),
            revoked: None,
        };
        let hash = TokenHash::of(&Token::generate(&mut system_random));
        let kept = token.clone();
        self.store.write_within(self.organisation, move |tx| tokens::insert(tx, &kept, &hash)).await.unwrap();
        (token, hash)
    }

    async fn found_by(&self, hash: TokenHash) -> Option<tokens::Token> {
        self.store.span(SystemScope::SignIn, move |tx| tokens::find(tx, &hash)).await.unwrap()
    }
}

async fn a_token_is_found_by_its_hash_alone(house: House) {
    for &role in Role::ALL {
        let (token, hash) = house.token(role).await;
        assert_eq!(house.found_by(hash).await, Some(token));
    }
    assert_eq!(house.found_by(TokenHash::from_bytes([9; 32])).await, None);
}

async fn ids_and_hashes_are_taken_once(house: House) {
    let (token, hash) = house.token(Role::Service).await;
    let other = TokenHash::from_bytes([1; 32]);
    let (same_id, same_hash) =
        (token.clone(), tokens::Token { token: TokenId::new(now(), house.store.random()), ..token });
    for (token, hash) in [(same_id, other), (same_hash, hash)] {
        let refused =
            house.store.write_within(house.organisation, move |tx| tokens::insert(tx, &token, &hash)).await;
        assert!(matches!(refused, Err(Error::Exists)), "{refused:?}");
    }
}

async fn a_token_is_revoked_once(house: House) {
    let (token, hash) = house.token(Role::Officer).await;
    let at = now();
    let id = token.token;
    house.store.write_within(house.organisation, move |tx| tokens::revoke(tx, id, at)).await.unwrap();
    assert_eq!(house.found_by(hash).await, Some(tokens::Token { revoked: Some(at), ..token }));
    let again = house.store.write_within(house.organisation, move |tx| tokens::revoke(tx, id, now())).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
}

async fn another_organisation_revokes_and_lists_its_own(house: House) {
    let (first, _) = house.token(Role::Auditor).await;
    let (second, _) = house.token(Role::Service).await;
    let other = found(&house.store).await;
    let mut expected = [first.token, second.token];
    expected.sort();
    let all = house.store.look_up(house.organisation, tokens::all).await.unwrap();
    assert_eq!(all.iter().map(|token| token.token).collect::<Vec<_>>(), expected);
    assert!(house.store.look_up(other, tokens::all).await.unwrap().is_empty());
    let id = first.token;
    let refused = house.store.write_within(other, move |tx| tokens::revoke(tx, id, now())).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
}
