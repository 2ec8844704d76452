//! Who may ask how often, and what does not fit.

use std::{
    num::NonZeroU32,
    task::{Context, Waker},
};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode},
};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tacita_server::{Config, Limits, Rate, Rates, router};

use crate::{client::Client, keeping::Keeping};

const PATH: &str = "/api/v1/detect";

fn rate(per_minute: u32, burst: u32) -> Option<Rate> {
    Some(Rate { per_minute: NonZeroU32::new(per_minute)?, burst: NonZeroU32::new(burst)? })
}

fn with(rates: Rates) -> Config {
    Config { limits: Limits { rates, ..Limits::default() }, ..Config::default() }
}

#[tokio::test]
async fn a_loud_token_is_told_when_to_come_back_and_keeps_nobody_else_out() {
    let mut server = Keeping::new();
    // Once in ten minutes, so that no time passes that would count.
    let rates = Rates { token: rate(1, 3), organisation: rate(1, 5), ..Rates::NONE };
    server.client = Client(router(&with(rates), Some(server.service.clone())).unwrap());
    // What the houses are made with goes through the same door.
    let (loud, quiet) = (server.house("Loud").await, server.house("Quiet").await);
    let path = "/api/v1/ledger/keys";
    for left in [2, 1, 0] {
        let answer = server.get(path, &loud.service).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let said = answer.headers["ratelimit"].to_str().unwrap();
        assert!(said.starts_with(&format!("\"token\";r={left};t=")), "{said}");
        let policy = answer.headers["ratelimit-policy"].to_str().unwrap();
        assert_eq!(policy, "\"token\";q=1;w=60, \"organisation\";q=1;w=60");
    }
    let answer = server.get(path, &loud.service).await;
    let (kind, status, detail) = answer.problem();
    assert_eq!((&*kind, status), ("too-many-requests", 429));
    assert!(detail.contains("one token") && detail.contains("1 times a minute"), "{detail}");
    let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((50..=60).contains(&wait), "{wait}");

    // The organisation has one left after that, of five, for the officer set a purpose with one.
    assert_eq!(server.get(path, &loud.auditor).await.status, StatusCode::OK);
    let (.., detail) = server.get(path, &loud.auditor).await.problem();
    assert!(detail.contains("one organisation"), "{detail}");
    assert_eq!(server.get(path, &quiet.service).await.status, StatusCode::OK);
    // Whoever is not let in is counted to nobody.
    assert_eq!(server.get(path, "tacita_AAAA").await.status, StatusCode::UNAUTHORIZED);
    let metrics = server.client.get("/metrics").await.body;
    for line in [
        r#"tacita_limited_requests_total{by="token"} 1"#,
        r#"tacita_limited_requests_total{by="organisation"} 1"#,
    ] {
        assert!(metrics.lines().any(|said| said == line), "{line} is not in:\n{metrics}");
    }
}

#[tokio::test]
async fn bodies_that_find_no_room_are_sent_away_at_once() {
    let client = Client::of(Limits { in_flight_bytes: 100, ..Limits::default() });
    let body = format!(r#"{{"text":"{}"}}"#, "a".repeat(200));
    let answer = client.post(PATH, body.clone()).await;
    let (kind, status, _) = answer.problem();
    assert_eq!((&*kind, status, &answer.headers["retry-after"]), ("unavailable", 503, &"1".parse().unwrap()));
    // As often as one likes: what was taken is given back.
    for _ in 0..10 {
        assert_eq!(client.post(PATH, r#"{"text":"a"}"#).await.status, StatusCode::OK);
    }
    let answer = client.post("/presidio/analyzer/analyze", body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.json()["error"].is_string());
}

#[tokio::test]
async fn requests_that_find_no_room_are_sent_away_but_not_those_who_look_after_the_server() {
    let client = Client::of(Limits { in_flight: 1, ..Limits::default() });
    // A body that never ends holds its room.
    let never = futures_util::stream::pending::<Result<Frame<Bytes>, std::convert::Infallible>>();
    let request = Request::post(PATH).header("content-type", "application/json");
    let request = request.body(Body::new(StreamBody::new(never))).unwrap();
    let mut held = Box::pin(client.send(request));
    let mut context = Context::from_waker(Waker::noop());
    assert!(held.as_mut().poll(&mut context).is_pending());
    assert_eq!(client.post(PATH, r#"{"text":"a"}"#).await.problem().0, "unavailable");
    let presidios = client.get("/presidio/analyzer/health").await;
    assert_eq!(
        (presidios.status, presidios.headers["retry-after"].as_bytes()),
        (StatusCode::SERVICE_UNAVAILABLE, &b"1"[..])
    );
    assert!(presidios.json()["error"].is_string());
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
    }
    drop(held);
    assert_eq!(client.post(PATH, r#"{"text":"a"}"#).await.status, StatusCode::OK);
    let metrics = client.get("/metrics").await.body;
    assert!(metrics.contains(r#"tacita_limited_requests_total{by="requests"} 2"#), "{metrics}");
    assert!(metrics.contains("tacita_requests_in_flight 0"), "{metrics}");
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do_with_it() {
    let client = Client::new();
    for (path, status) in [
        ("/health", 200),
        ("/nope", 404),
        ("/api/v1/records/x", 405),
        ("/presidio/nope", 404),
        ("/problems/sign-in", 200),
        ("/docs/", 200),
        ("/docs/swagger-ui.css", 200),
    ] {
        let method = if status == 405 { Method::OPTIONS } else { Method::GET };
        let answer = client.method(method, path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe-eval") && !policy.contains("script-src 'self' "), "{policy}");
        assert_eq!(answer.headers.contains_key("cache-control"), !path.starts_with("/docs"), "{path}");
        assert!(!answer.headers.contains_key("server"));
        assert!(!answer.headers.contains_key("strict-transport-security"), "it is no TLS");
    }
    assert_eq!(client.get("/health").await.headers["cache-control"], "no-store");
}
