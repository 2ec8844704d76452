//! Passkeys: adding one, signing in with it, and whatever is not one.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    accounts::{Browser, PASSWORD},
    authenticator::Authenticator,
    client::Answer,
    keeping::{Keeping, pass},
};

const PASSKEYS: &str = "/api/v1/account/passkeys";

impl Browser<'_> {
    /// What a new passkey is to sign.
    async fn begin_passkey(&self) -> Value {
        let begun = self.send(Method::POST, "/api/v1/account/passkeys/challenge", &json!({})).await;
        assert_eq!(begun.status, 200, "{begun:?}");
        begun.json()
    }

    async fn answer_passkey(&self, begun: &Value, credential: &Value) -> Answer {
        let body = json!({"challenge": begun["challenge"], "credential": credential, "name": "telephone"});
        self.send(Method::POST, PASSKEYS, &body).await
    }

    /// Somebody's new passkey.
    async fn passkey(&self) -> Authenticator {
        let mut authenticator = Authenticator::new();
        let begun = self.begin_passkey().await;
        let added = self.answer_passkey(&begun, &authenticator.create(&begun["options"])).await;
        assert_eq!(added.status, 201, "{added:?}");
        authenticator
    }

    async fn begin_passkey_sign_in(&self) -> Value {
        let begun = self.send(Method::POST, "/api/v1/sign-in/passkey/challenge", &json!({})).await;
        assert_eq!(begun.status, 200, "{begun:?}");
        begun.json()
    }

    async fn sign_in_with(&self, begun: &Value, credential: &Value) -> Answer {
        let body = json!({"challenge": begun["challenge"], "credential": credential});
        self.send(Method::POST, "/api/v1/sign-in/passkey", &body).await
    }

    /// An attempt with what an authenticator answers.
    async fn enter_with(&self, authenticator: &mut Authenticator) -> Answer {
        let begun = self.begin_passkey_sign_in().await;
        self.sign_in_with(&begun, &authenticator.get(&begun["options"])).await
    }
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_without_an_address() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let begun = owner.begin_passkey().await;
    let asked = &begun["options"]["publicKey"];
    assert_eq!(
        (&asked["rp"]["id"], &asked["user"]["name"]),
        (&json!("localhost"), &json!("mara.lind@example.org"))
    );
    let selection = &asked["authenticatorSelection"];
    assert_eq!(
        (&selection["residentKey"], &selection["userVerification"]),
        (&json!("required"), &json!("required"))
    );
    let mut telephone = Authenticator::new();
    let added = owner.answer_passkey(&begun, &telephone.create(&begun["options"])).await;
    assert_eq!((added.status.as_u16(), &added.json()["name"]), (201, &json!("telephone")), "{added:?}");

    let mut browser = Browser::new(&server);
    let options = browser.begin_passkey_sign_in().await["options"].clone();
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]), "nobody says who they are");
    assert_eq!(options["publicKey"]["userVerification"], "required");
    let signed_in = browser.enter_with(&mut telephone).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    browser.keep(&signed_in);
    let who = browser.get("/api/v1/session").await.json();
    assert_eq!((&who["role"], &who["method"]), (&json!("owner"), &json!("passkey")));
    let listed = browser.get(PASSKEYS).await.json();
    assert!(listed["passkeys"][0]["used"].is_string(), "{listed}");
    // The next one is asked not to be on the same authenticator.
    let next = owner.begin_passkey().await;
    assert_eq!(next["options"]["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    // And again, for a program.
    let begun = browser.begin_passkey_sign_in().await;
    let body = json!({"challenge": begun["challenge"], "credential": telephone.get(&begun["options"]), "tokens": true});
    let program = browser.send(Method::POST, "/api/v1/sign-in/passkey", &body).await;
    assert!(program.json()["access_token"].is_string(), "{program:?}");
}

#[tokio::test]
async fn an_answer_counts_once_and_five_minutes_in_whichever_process() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let mut telephone = owner.passkey().await;
    let begun = owner.begin_passkey_sign_in().await;
    let credential = telephone.get(&begun["options"]);
    let elsewhere = server.beside();
    let other = Browser::new(&elsewhere);
    assert_eq!(other.sign_in_with(&begun, &credential).await.status, 200);
    for again in [&owner, &other] {
        assert_eq!(again.sign_in_with(&begun, &credential).await.problem().0, "sign-in");
    }
    let begun = owner.begin_passkey_sign_in().await;
    let credential = telephone.get(&begun["options"]);
    pass(5 * 60);
    assert_eq!(owner.sign_in_with(&begun, &credential).await.problem().0, "sign-in");
    let late = owner.begin_passkey().await;
    let credential = Authenticator::new().create(&late["options"]);
    pass(5 * 60);
    assert_eq!(owner.answer_passkey(&late, &credential).await.problem().0, "not-found");
    // A wrong answer uses it up, too.
    let begun = owner.begin_passkey_sign_in().await;
    let credential = telephone.get(&begun["options"]);
    let mut wrong = credential.clone();
    wrong["response"]["signature"] = json!("MAYCAQECAQE");
    assert_eq!(owner.sign_in_with(&begun, &wrong).await.problem().0, "sign-in");
    assert_eq!(owner.sign_in_with(&begun, &credential).await.problem().0, "sign-in");
    assert_eq!(owner.enter_with(&mut telephone).await.status, 200);
}

#[tokio::test]
async fn what_another_page_asks_or_its_owner_did_not_approve_signs_nobody_in() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let mut telephone = owner.passkey().await;
    let other = Browser::of_other(&server, &owner).await.passkey().await;
    let mut refused = Vec::new();
    telephone.origin = "http://localhost:8788".to_owned();
    refused.push(("the port of another page", owner.enter_with(&mut telephone).await));
    telephone.origin = "https://tacita.example.com".to_owned();
    refused.push(("another page", owner.enter_with(&mut telephone).await));
    telephone.origin = "http://localhost:8787".to_owned();
    telephone.site = "example.com".to_owned();
    refused.push(("another site", owner.enter_with(&mut telephone).await));
    telephone.site = "localhost".to_owned();
    telephone.verifies = false;
    refused.push(("nobody has shown that it is them", owner.enter_with(&mut telephone).await));
    telephone.verifies = true;
    let theirs = std::mem::replace(&mut telephone.user, other.user.clone());
    refused.push(("somebody else's account", owner.enter_with(&mut telephone).await));
    telephone.user = theirs;
    refused.push(("a passkey that nobody added", owner.enter_with(&mut Authenticator::new()).await));
    let begun = owner.begin_passkey_sign_in().await;
    let asked = owner.begin_passkey_sign_in().await;
    let credential = telephone.get(&asked["options"]);
    refused.push(("another challenge", owner.sign_in_with(&begun, &credential).await));
    let begun = owner.begin_passkey().await;
    let credential = telephone.get(&begun["options"]);
    refused.push(("the challenge of a new passkey", owner.sign_in_with(&begun, &credential).await));
    for (what, answer) in refused {
        assert_eq!(answer.problem().0, "sign-in", "{what}");
        assert!(!answer.headers.contains_key("set-cookie"), "{what}");
    }
    assert_eq!(owner.enter_with(&mut telephone).await.status, 200);
    for nonsense in
        [json!(null), json!({}), json!({"id": "x", "rawId": 1, "type": "public-key", "response": {}})]
    {
        let begun = owner.begin_passkey_sign_in().await;
        assert_eq!(owner.sign_in_with(&begun, &nonsense).await.problem().0, "invalid-request");
    }
}

#[tokio::test]
async fn none_is_added_that_another_page_asked_for_or_that_its_owner_did_not_approve() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let other = Browser::of_other(&server, &owner).await;
    type Change = fn(&mut Authenticator);
    let changes: [(&str, Change); 3] = [
        ("another page", |one| one.origin = "http://localhost:1".to_owned()),
        ("another site", |one| one.site = "example.com".to_owned()),
        ("nobody has shown that it is them", |one| one.verifies = false),
    ];
    for (what, change) in changes {
        let mut authenticator = Authenticator::new();
        change(&mut authenticator);
        let begun = owner.begin_passkey().await;
        let credential = authenticator.create(&begun["options"]);
        assert_eq!(owner.answer_passkey(&begun, &credential).await.problem().0, "invalid-request", "{what}");
    }
    let begun = owner.begin_passkey().await;
    let mut elsewhere = Authenticator::new().create(&begun["options"]);
    elsewhere["clientExtensionResults"]["credProps"]["rk"] = json!(false);
    let (kind, _, detail) = owner.answer_passkey(&begun, &elsewhere).await.problem();
    assert!(kind == "invalid-request" && detail.contains("does not keep"), "{detail}");
    // What one is asked the other can't answer.
    let credential = Authenticator::new().create(&begun["options"]);
    assert_eq!(other.answer_passkey(&begun, &credential).await.problem().0, "not-found");
    let taken = owner.passkey().await;
    let begun = other.begin_passkey().await;
    let mut copy = taken;
    assert_eq!(other.answer_passkey(&begun, &copy.create(&begun["options"])).await.problem().0, "conflict");
    assert_eq!(other.get(PASSKEYS).await.json()["passkeys"], json!([]));
}

#[tokio::test]
async fn a_copy_counts_backwards_is_refused_and_shown() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let mut telephone = owner.passkey().await;
    let before = telephone.counter;
    assert_eq!(owner.enter_with(&mut telephone).await.status, 200);
    telephone.counter = before;
    assert_eq!(owner.enter_with(&mut telephone).await.problem().0, "sign-in", "it has counted that");
    telephone.counter = before + 10;
    assert_eq!(owner.enter_with(&mut telephone).await.problem().0, "sign-in", "one of the two is a copy");
    let listed = owner.get(PASSKEYS).await.json();
    assert!(listed["passkeys"][0]["copied"].is_string(), "{listed}");
    let entries = server.entries_of_the_platform().await;
    assert!(entries.iter().any(|entry| entry.contains("refused/passkey-copied passkey/")), "{entries:?}");
}

#[tokio::test]
async fn an_authenticator_that_does_not_count_signs_in_all_the_same() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let mut telephone = Authenticator::new();
    telephone.counts = false;
    let begun = owner.begin_passkey().await;
    let added = owner.answer_passkey(&begun, &telephone.create(&begun["options"])).await;
    assert_eq!(added.status, 201, "{added:?}");
    for _ in 0..2 {
        assert_eq!(owner.enter_with(&mut telephone).await.status, 200);
    }
}

#[tokio::test]
async fn ways_to_sign_in_are_changed_by_somebody_who_has_just_shown_that_it_is_them() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let begin =
        async |body: Value| owner.send(Method::POST, "/api/v1/account/passkeys/challenge", &body).await;
    assert_eq!(begin(json!({})).await.status, 200, "they have just signed in");
    owner.passkey().await;
    let id = owner.get(PASSKEYS).await.json()["passkeys"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{PASSKEYS}/{id}");
    let other = Browser::of_other(&server, &owner).await;
    assert_eq!(other.send(Method::DELETE, &path, &json!({})).await.problem().0, "not-found");
    pass(10 * 60);
    let (kind, _, detail) = begin(json!({})).await.problem();
    assert!(kind == "refused" && detail.contains("sign in again"), "{detail}");
    assert_eq!(begin(json!({"password": "not the password"})).await.problem().0, "wrong-password");
    assert_eq!(begin(json!({"password": PASSWORD})).await.status, 200);
    assert_eq!(owner.send(Method::DELETE, &path, &json!({})).await.problem().0, "refused");
}

#[tokio::test]
async fn a_passkey_that_was_removed_signs_nobody_in() {
    let server = Keeping::at_a_clock();
    let owner = Browser::of_owner(&server).await;
    let mut telephone = owner.passkey().await;
    let id = owner.get(PASSKEYS).await.json()["passkeys"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{PASSKEYS}/{id}");
    assert_eq!(owner.send(Method::DELETE, &path, &json!({})).await.status, 204);
    assert_eq!(owner.enter_with(&mut telephone).await.problem().0, "sign-in");
    assert_eq!(owner.send(Method::DELETE, &path, &json!({})).await.problem().0, "not-found");
    assert_eq!(owner.get(PASSKEYS).await.json()["passkeys"], json!([]));
}
