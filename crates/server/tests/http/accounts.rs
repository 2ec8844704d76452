//! People: signing in with a browser and with a program, their accounts, and who belongs to an organisation.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, header, request::Builder},
};
use serde_json::{Value, json};

use crate::{client::Answer, keeping::Keeping};

const MARA: &str = "mara.lind@example.org";
pub(crate) const PASSWORD: &str = "lamp river cactus violin";

/// A browser: it keeps the cookie, and the token that its pages send.
pub(crate) struct Browser<'s> {
    server: &'s Keeping,
    cookie: Option<String>,
    csrf: String,
}

impl<'s> Browser<'s> {
    pub(crate) fn new(server: &'s Keeping) -> Self {
        Self { server, cookie: None, csrf: String::new() }
    }

    /// The owner of a new organisation, signed in.
    pub(crate) async fn of_owner(server: &'s Keeping) -> Browser<'s> {
        server.service.found_platform().await.unwrap();
        let link = server.service.owner_link().await.unwrap().unwrap().secret;
        let mut browser = Self::new(server);
        let made = browser
            .send(
                Method::POST,
                "/api/v1/accounts",
                &json!({"link": *link, "email": MARA, "name": "Mara Lind", "password": PASSWORD, "organisation": "Lind & Co"}),
            )
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        browser.keep(&made);
        browser
    }

    pub(crate) fn keep(&mut self, answer: &Answer) {
        self.cookie = Some(cookie(&answer.headers));
        self.csrf = answer.json()["csrf_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let csrf = self.csrf.clone();
        self.send_as(method, path, body, |request| request.header("x-csrf-token", csrf)).await
    }

    async fn send_as(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        with: impl FnOnce(Builder) -> Builder,
    ) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        let request = match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        };
        self.server.client.send(with(request).body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send_as(Method::GET, path, &json!({}), |request| request).await
    }
}

/// What a browser sends back of what was set.
fn cookie(headers: &HeaderMap) -> String {
    let set = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
    set.split(';').next().unwrap().to_owned()
}

fn sign_in(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

#[tokio::test]
async fn a_browser_signs_in_works_and_signs_out() {
    let server = Keeping::new();
    let mut browser = Browser::of_owner(&server).await;
    let signed_in = browser.send(Method::POST, "/api/v1/sign-in", &sign_in(MARA, PASSWORD)).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    assert_ne!(browser.cookie, Some(cookie(&signed_in.headers)), "each sign-in has a secret of its own");
    browser.keep(&signed_in);
    let who = browser.get("/api/v1/session").await.json();
    assert_eq!((&who["role"], &who["method"]), (&json!("owner"), &json!("password")));
    assert_eq!(who["organisations"][0]["name"], "Lind & Co");
    assert_eq!(who["csrf_token"], browser.csrf.as_str());
    let account = browser.get("/api/v1/account").await.json();
    assert_eq!((&account["email"], &account["name"]), (&json!(MARA), &json!("Mara Lind")));
    let sessions = browser.get("/api/v1/sessions").await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    // What a session is for: the organisation's own work.
    let set = json!({"basis": "contract", "class": "personal", "enabled": true});
    let set = browser.send(Method::PUT, "/api/v1/purposes/support", &set).await;
    assert_eq!(set.status, 200, "{set:?}");
    let ended = browser.send(Method::DELETE, "/api/v1/session", &json!({})).await;
    assert_eq!(ended.status, 204);
    assert!(ended.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(browser.get("/api/v1/session").await.problem().0, "sign-in");
}

#[tokio::test]
async fn what_another_site_has_a_browser_send_changes_nothing() {
    let server = Keeping::new();
    let browser = Browser::of_owner(&server).await;
    let other = Browser::of_other(&server, &browser).await;
    for token in ["", "x", &other.csrf, &format!("{}x", browser.csrf)] {
        let forged = browser.send_as(Method::DELETE, "/api/v1/session", &Value::Null, |request| {
            request.header("x-csrf-token", token)
        });
        assert_eq!(forged.await.problem().0, "refused", "{token}");
    }
    let bare = browser.send_as(Method::DELETE, "/api/v1/sessions", &json!({}), |request| request).await;
    assert_eq!(bare.problem().0, "refused");
    for site in ["cross-site", "same-site"] {
        let csrf = browser.csrf.clone();
        let framed = browser.send_as(Method::DELETE, "/api/v1/session", &Value::Null, |request| {
            request.header("x-csrf-token", csrf).header("sec-fetch-site", site)
        });
        assert_eq!(framed.await.problem().0, "refused", "{site}");
    }
    assert_eq!(browser.get("/api/v1/session").await.status, 200, "they are still signed in");
}

impl<'s> Browser<'s> {
    /// Somebody else, whom `owner` has invited.
    pub(crate) async fn of_other(server: &'s Keeping, owner: &Browser<'_>) -> Browser<'s> {
        let invited =
            owner.send(Method::POST, "/api/v1/members/invitations", &json!({"role": "member"})).await;
        assert_eq!(invited.status, 201, "{invited:?}");
        let mut other = Self::new(server);
        let made = json!({"link": invited.json()["link"], "email": "jo.berg@example.org", "name": "Jo Berg", "password": "copper meadow whistle anchor"});
        let made = other.send(Method::POST, "/api/v1/accounts", &made).await;
        assert_eq!(made.status, 201, "{made:?}");
        other.keep(&made);
        other
    }
}

#[tokio::test]
async fn behind_a_proxy_on_its_machine_the_cookie_is_for_tls_alone() {
    let server = Keeping::reached_at("https://privacy.example.org");
    let browser = Browser::of_owner(&server).await;
    let cookie = browser.cookie.as_deref().unwrap();
    assert!(cookie.starts_with("__Host-tacita-session="), "{cookie}");
    assert_eq!(browser.get("/api/v1/session").await.status, 200);
}

#[tokio::test]
async fn clients_of_oauth_find_all_that_there_is_by_whole_addresses() {
    let server = Keeping::reached_at("https://privacy.example.org");
    server.service.found_platform().await.unwrap();
    let metadata = server.client.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["issuer"], "https://privacy.example.org");
    for name in ["token_endpoint", "revocation_endpoint", "jwks_uri", "service_documentation"] {
        let address = metadata[name].as_str().unwrap();
        let path = address.strip_prefix("https://privacy.example.org").unwrap();
        let method = if name.ends_with("endpoint") { Method::POST } else { Method::GET };
        let there = server.client.method(method, path).await;
        assert!(!matches!(there.status.as_u16(), 404 | 405), "{address}: {there:?}");
    }
    // What RFC 8414 asks of a server without an authorization endpoint.
    assert_eq!(metadata["response_types_supported"], json!([]));
    assert_eq!(metadata["grant_types_supported"], json!(["refresh_token", "client_credentials"]));
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("record.read")) && scopes.len() > 10, "{scopes:?}");
}

#[tokio::test]
async fn nobody_can_be_led_into_a_session_that_another_knows() {
    let server = Keeping::new();
    let owner = Browser::of_owner(&server).await;
    // Somebody plants the cookie of their own session, or one that they have made up, before another signs in.
    let planted = Browser::of_other(&server, &owner).await.cookie;
    for planted in [planted.unwrap(), "tacita-session=tacita_chosenbysomebody".to_owned()] {
        let victim = Browser { server: &server, cookie: Some(planted.clone()), csrf: String::new() };
        let signed_in = victim.send(Method::POST, "/api/v1/sign-in", &sign_in(MARA, PASSWORD)).await;
        assert_eq!(signed_in.status, 200);
        assert_ne!(cookie(&signed_in.headers), planted);
        let with_planted = victim.get("/api/v1/account").await;
        assert!(!with_planted.body.contains(MARA), "{with_planted:?}");
    }
}

#[tokio::test]
async fn an_answer_does_not_tell_whether_there_is_an_account() {
    let server = Keeping::new();
    let browser = Browser::of_owner(&server).await;
    let ask = async |email: &str| {
        let answer = browser.send(Method::POST, "/api/v1/sign-in", &sign_in(email, "not the password")).await;
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        let (kind, status, detail) = answer.problem();
        (kind, status, detail)
    };
    let known = ask(MARA).await;
    assert_eq!((known.0.as_str(), known.1), ("sign-in", 401));
    for unknown in ["jo.berg@example.org", "no address", ""] {
        assert_eq!(ask(unknown).await, known, "{unknown}");
    }
    // Nor does being locked out.
    for _ in 0..6 {
        assert_eq!(ask(MARA).await, known);
    }
}

#[tokio::test]
async fn a_program_gets_tokens_renews_them_and_is_found_out_when_it_uses_one_twice() {
    let server = Keeping::new();
    let browser = Browser::of_owner(&server).await;
    let tokens = json!({"email": MARA, "password": PASSWORD, "tokens": true});
    let answer = browser.send(Method::POST, "/api/v1/sign-in", &tokens).await;
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "a program needs none");
    let first = answer.json();
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(900)));
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(server.get("/api/v1/members", access).await.status, 200);
    // No cookie, so nothing to forge: no further token is asked for.
    assert_eq!(server.send(Method::DELETE, "/api/v1/sessions", access, "").await.status, 200);
    let renew = async |token: &Value| {
        server
            .form(
                "/oauth/token",
                &format!("grant_type=refresh_token&refresh_token={}", token.as_str().unwrap()),
            )
            .await
    };
    let second = renew(&first["refresh_token"]).await;
    assert_eq!(
        (second.status.as_u16(), &second.headers[header::CACHE_CONTROL]),
        (200, &"no-store".parse().unwrap())
    );
    let again = renew(&first["refresh_token"]).await;
    assert_eq!((again.status.as_u16(), &again.json()["error"]), (400, &json!("invalid_grant")));
    let stolen = renew(&second.json()["refresh_token"]).await;
    assert_eq!(stolen.status, 400, "the session is ended");
    assert_eq!(server.get("/api/v1/members", access).await.problem().0, "sign-in");
}

#[tokio::test]
async fn a_service_exchanges_its_token_and_others_can_check_what_it_gets() {
    let server = Keeping::new();
    server.service.found_platform().await.unwrap();
    let house = server.house("First").await;
    let token = server.service.tokens(house.organisation).await.unwrap();
    let client = token.iter().find(|token| token.name == "service").unwrap().token;
    let form = format!(
        "grant_type=client_credentials&client_id={client}&client_secret={}&scope=record.list",
        house.service
    );
    let access = server.form("/oauth/token", &form).await;
    assert_eq!(access.status, 200, "{access:?}");
    let access = access.json();
    assert_eq!(access["scope"], "record.list");
    assert!(access.get("refresh_token").is_none());
    let bearer = access["access_token"].as_str().unwrap();
    let listed = server
        .get("/api/v1/records?subject=01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10&purpose=support", bearer)
        .await;
    assert_eq!(listed.problem().0, "not-found", "it is admitted, and there is nobody");
    let narrowed = server.keep(bearer, MARA, "support", "{}").await;
    let (kind, _, detail) = narrowed.problem();
    assert!(kind == "refused" && detail.contains("narrowed"), "{detail}");
    // Whoever checks it needs the keys alone.
    let keys = server.client.get("/.well-known/jwks.json").await.json();
    let header = data_encoding::BASE64URL_NOPAD.decode(bearer.split('.').next().unwrap().as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    assert_eq!(header["kid"], keys["keys"][0]["kid"]);
    for (form, error) in [
        ("grant_type=password", "unsupported_grant_type"),
        ("", "unsupported_grant_type"),
        ("grant_type=client_credentials", "invalid_client"),
        ("grant_type=client_credentials&client_id=x&client_secret=y", "invalid_client"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        ("grant_type=refresh_token&grant_type=refresh_token", "invalid_request"),
    ] {
        let refused = server.form("/oauth/token", form).await;
        assert_eq!(refused.json()["error"], error, "{form}");
    }
    let revoked = server.form("/oauth/revoke", "token=nothing").await;
    assert_eq!(revoked.status, 200, "it is not told apart");
}

#[tokio::test]
async fn a_member_does_what_their_role_may_until_they_are_removed() {
    let server = Keeping::new();
    let owner = Browser::of_owner(&server).await;
    let member = Browser::of_other(&server, &owner).await;
    assert_eq!(member.get("/api/v1/members").await.problem().0, "refused");
    let who = member.get("/api/v1/session").await.json();
    let path = format!("/api/v1/members/{}", who["account"].as_str().unwrap());
    let changed = owner.send(Method::PATCH, &path, &json!({"role": "auditor"})).await;
    assert_eq!(changed.status, 204, "{changed:?}");
    assert_eq!(member.get("/api/v1/session").await.json()["role"], "auditor");
    for role in ["service", "boss", ""] {
        assert_eq!(
            owner.send(Method::PATCH, &path, &json!({"role": role})).await.problem().0,
            "invalid-request"
        );
    }
    assert_eq!(owner.send(Method::DELETE, &path, &json!({})).await.status, 204);
    let outside = member.get("/api/v1/members").await.problem();
    assert!(outside.0 == "refused" && outside.2.contains("for which of your organisations"), "{outside:?}");
    assert_eq!(member.get("/api/v1/account").await.status, 200, "the account is theirs");
}

#[tokio::test]
async fn somebody_with_several_organisations_says_for_which_they_work() {
    let server = Keeping::new();
    let owner = Browser::of_owner(&server).await;
    let second = server.house("Second").await.organisation;
    let mut browser = Browser::of_other(&server, &owner).await;
    let refused =
        browser.send(Method::PUT, "/api/v1/session", &json!({"organisation": second.to_string()})).await;
    assert_eq!(refused.problem().0, "not-found");
    let first = browser.get("/api/v1/session").await.json()["organisation"].clone();
    let chosen = browser.send(Method::PUT, "/api/v1/session", &json!({"organisation": first})).await;
    assert_eq!(chosen.status, 204, "{chosen:?}");
    assert_ne!(browser.cookie, Some(cookie(&chosen.headers)));
    browser.cookie = Some(cookie(&chosen.headers));
    assert_eq!(browser.get("/api/v1/session").await.json()["organisation"], first);
}
