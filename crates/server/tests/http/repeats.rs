//! Requests that are sent again with a key of the caller's.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::json;
use tacita_domain::Role;

use crate::{
    client::Answer,
    keeping::{Keeping, record, request},
};

const PATH: &str = "/api/v1/records";

async fn send(server: &Keeping, token: &str, key: &str, body: &str) -> Answer {
    send_to(server, Method::POST, PATH, token, key, body).await
}

async fn send_to(server: &Keeping, method: Method, path: &str, token: &str, key: &str, body: &str) -> Answer {
    let mut request: Request<Body> = request(method, path, token, body.to_owned());
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    server.client.send(request).await
}

#[tokio::test]
async fn the_same_request_is_carried_out_once_and_answered_alike() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = record("mara.lind@example.org", "support", r#"{"note":"once"}"#);
    let first = send(&server, &house.service, "a-key", &body).await;
    assert_eq!(first.status, 201, "{first:?}");
    for _ in 0..3 {
        let again = send(&server, &house.service, "a-key", &body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.headers[header::LOCATION], first.headers[header::LOCATION]);
        assert_eq!(again.headers["idempotency-replayed"], "true");
    }
    let subject = first.json()["subject"].as_str().unwrap().to_owned();
    let listed = server.get(&format!("{PATH}?subject={subject}&purpose=support"), &house.service).await;
    assert_eq!(listed.json()["records"].as_array().unwrap().len(), 1);
    let other = send(&server, &house.service, "another-key", &body).await;
    assert_ne!(other.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_caller_on_one_route() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = record("mara.lind@example.org", "support", "{}");
    let first = send(&server, &house.service, "a-key", &body).await;
    let changed = record("mara.lind@example.org", "support", r#"{"note":"else"}"#);
    let (kind, _, detail) = send(&server, &house.service, "a-key", &changed).await.problem();
    assert!(kind == "invalid-request" && detail.contains("another request"), "{detail}");
    let officers = send(&server, &house.officer, "a-key", &body).await;
    assert_ne!(officers.json()["id"], first.json()["id"], "somebody else's key");
    let path = first.headers[header::LOCATION].to_str().unwrap();
    let deleted = send_to(&server, Method::DELETE, path, &house.service, "a-key", "").await;
    assert_eq!(deleted.status, 200, "{deleted:?}");
    let again = send_to(&server, Method::DELETE, path, &house.service, "a-key", "").await;
    assert_eq!((again.status, again.body), (deleted.status, deleted.body), "it is gone, and was deleted");
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = record("mara.lind@example.org", "later", "{}");
    assert_eq!(send(&server, &house.service, "a-key", &body).await.problem().0, "refused");
    server.purpose(&house, "later", "contract", "personal", true).await;
    let kept = send(&server, &house.service, "a-key", &body).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    assert_eq!(send(&server, &house.auditor, "b-key", &body).await.problem().0, "refused");
}

#[tokio::test]
async fn a_narrowed_token_hears_again_what_it_may_do() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let scope = "record.create".parse().unwrap();
    let token = server.service.create_token(house.organisation, "narrow", Role::Service, scope, None).await;
    let token = token.unwrap().secret;
    let body = record("mara.lind@example.org", "support", "{}");
    let first = send(&server, &token, "a-key", &body).await;
    let again = send(&server, &token, "a-key", &body).await;
    assert_eq!((again.status.as_u16(), again.body), (201, first.body));
}

#[tokio::test]
async fn of_two_at_once_one_is_carried_out() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = record("mara.lind@example.org", "support", "{}");
    let all = futures_util::future::join_all((0..8).map(|_| send(&server, &house.service, "a-key", &body)));
    let mut ids = std::collections::BTreeSet::new();
    for answer in all.await {
        match answer.status.as_u16() {
            201 => drop(ids.insert(answer.json()["id"].as_str().unwrap().to_owned())),
            409 => assert_eq!(answer.problem().0, "conflict"),
            other => panic!("{other}: {answer:?}"),
        }
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
}

#[tokio::test]
async fn whoever_is_not_let_in_claims_nothing_and_a_key_has_a_form() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = record("mara.lind@example.org", "support", "{}");
    assert_eq!(send(&server, "x", "a-key", &body).await.problem().0, "sign-in");
    for key in ["", &"k".repeat(256)] {
        assert_eq!(send(&server, &house.service, key, &body).await.problem().0, "invalid-request");
    }
    let mut twice: Request<Body> = request(Method::POST, PATH, &house.service, body);
    twice.headers_mut().append("idempotency-key", "a".parse().unwrap());
    twice.headers_mut().append("idempotency-key", "b".parse().unwrap());
    assert_eq!(server.client.send(twice).await.problem().0, "invalid-request");
}

/// A payload of somebody stands in no answer, but the ids in one lead to them: so it opens with their key alone.
#[tokio::test]
async fn an_answer_is_kept_sealed() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let batch = json!({"records": [serde_json::from_str::<serde_json::Value>(&record("mara.lind@example.org", "support", "{}")).unwrap()]});
    let path = "/api/v1/records/batch";
    let first = send_to(&server, Method::POST, path, &house.service, "a-key", &batch.to_string()).await;
    assert!(first.status.is_success(), "{first:?}");
    let again = send_to(&server, Method::POST, path, &house.service, "a-key", &batch.to_string()).await;
    assert_eq!(again.body, first.body);
    let audit = server.get("/api/v1/audit?action=answer.repeat", &house.auditor).await.json();
    assert_eq!(audit["entries"].as_array().unwrap().len(), 1, "giving it out again leaves an account");
}
