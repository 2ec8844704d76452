//! The description of the API, and the page that shows it.

use std::{env, fs, path::Path};

use axum::http::StatusCode;
use serde_json::Value;

use crate::client::Client;

/// Others generate clients from it, so a change must be meant: `UPDATE_OPENAPI=1 cargo test -p tacita-server` takes it.
#[tokio::test]
async fn the_description_is_the_one_that_is_checked_in() {
    let now = Client::new().get("/api/openapi.json").await.json();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(&path, format!("{now:#}\n")).unwrap();
    }
    let then: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(
        now == then,
        "the API has changed; if that is meant, run with UPDATE_OPENAPI=1 and look at the difference"
    );
}

#[tokio::test]
async fn the_description_is_openapi_3_1() {
    let description = Client::new().get("/api/openapi.json").await.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[tokio::test]
async fn the_page_needs_no_network() {
    let client = Client::new();
    let answer = client.get("/docs/").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.body.contains("://"), "{}", answer.body);
    let start = client.get("/docs/swagger-initializer.js").await;
    assert!(start.body.contains("/api/openapi.json"));
    assert!(!start.body.contains("://"), "{}", start.body);
    assert_eq!(client.get("/docs/swagger-ui-bundle.js").await.status, StatusCode::OK);
}
