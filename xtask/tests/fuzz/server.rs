//! Bodies that clients send.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tacita_server::{Config, router};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::{fuzz, inputs};

const REDACT: &str = r#"{"text": "Write to mara.lind@example.org", "secret": {"key": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}}"#;

/// Each route with a body that it takes.
async fn bodies(router: &Router) -> Vec<(&'static str, String)> {
    let (status, redacted) = post(router.clone(), "/api/v1/redact", REDACT.into()).await;
    assert_eq!(status, StatusCode::OK);
    let redacted: Value = serde_json::from_slice(&redacted).expect("JSON");
    let restore = json!({
        "text": redacted["text"],
        "vault": redacted["vault"],
        "secret": serde_json::from_str::<Value>(REDACT).expect("JSON")["secret"],
    });
    let others = [
        ("/api/v1/detect", r#"{"text": "Write to mara.lind@example.org", "threshold": 0.5}"#),
        ("/api/v1/redact", REDACT),
        ("/api/v1/redact", r#"{"text": "Write to mara.lind@example.org", "policy": {"default": "mask"}}"#),
        (
            "/presidio/analyzer/analyze",
            r#"{"text": "Write to mara.lind@example.org", "language": "en", "ad_hoc_recognizers": [{"name": "a", "supported_entity": "WORD", "supported_language": "en", "patterns": [{"name": "b", "regex": "\\w+", "score": 0.5}]}]}"#,
        ),
        (
            "/presidio/anonymizer/anonymize",
            r#"{"text": "Mara Lind", "analyzer_results": [{"start": 0, "end": 4, "entity_type": "PERSON", "score": 0.8}], "anonymizers": {"DEFAULT": {"type": "mask", "masking_char": "*", "chars_to_mask": 4, "from_end": true}}}"#,
        ),
    ];
    let others = others.map(|(path, body)| (path, body.to_owned()));
    others.into_iter().chain([("/api/v1/restore", restore.to_string())]).collect()
}

#[test]
fn fuzz_bodies() {
    let runtime = Runtime::new().expect("a runtime");
    let router = router(&Config::default(), None).expect("the default rules are valid");
    let bodies = runtime.block_on(bodies(&router));
    // A body that is refused as it stands would never reach what it is to test.
    for (path, body) in &bodies {
        let (status, _) = runtime.block_on(post(router.clone(), path, body.clone().into_bytes()));
        assert_eq!(status, StatusCode::OK, "{path}");
    }
    fuzz(|rng| {
        let (path, body) = &bodies[rng.usize(..bodies.len())];
        let mut body = body.clone().into_bytes();
        for _ in 0..rng.usize(..4) {
            inputs::damage(rng, &mut body);
        }
        let (status, _) = runtime.block_on(post(router.clone(), path, body));
        // Presidio answers what its Python code stumbles over with 500, and so do we.
        let own = status.is_server_error() && !path.starts_with("/presidio/");
        assert!(!own, "{path} answered {status}");
    });
}

async fn post(router: Router, path: &str, body: Vec<u8>) -> (StatusCode, Bytes) {
    let request = Request::post(path).header("content-type", "application/json").body(Body::from(body));
    let response = router.oneshot(request.expect("a sound request")).await.expect("a router always answers");
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("an answer ends");
    (status, body)
}
