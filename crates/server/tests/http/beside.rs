//! A Presidio analyzer that reads beside the recognisers: here another server of ours, which speaks as Presidio's does.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use serde_json::json;
use tacita_language::presidio::{Address, Analyzer, Language, Settings};
use tacita_server::{Config, router};
use tokio::{net::TcpListener, task::spawn_blocking};

use crate::client::Client;

/// A client of a server that asks the analyzer at `address`, of which the path is `path`.
async fn asking(address: SocketAddr, path: &str) -> Client {
    let settings = Settings {
        address: Address::parse(&format!("http://{address}{path}"), false).unwrap(),
        language: Language::default(),
        timeout: Duration::from_secs(60),
        at_once: Settings::AT_ONCE,
    };
    // It never blocks a thread that serves connections, nor may it here.
    let analyzer = spawn_blocking(|| Arc::new(Analyzer::connect(settings))).await.unwrap();
    Client::with(&Config { presidio: Some(analyzer), ..Config::default() })
}

async fn analyzer() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(&Config::default(), None).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

const TEXT: &str = "Zoë: mara.lind@example.org";

async fn score(client: &Client, path: &str) -> f64 {
    let answer = client.post(path, json!({ "text": TEXT }).to_string()).await.json();
    let findings = answer["findings"].as_array().unwrap();
    let mail = findings.iter().find(|finding| finding["entity_type"] == "EMAIL_ADDRESS").unwrap();
    assert_eq!((&mail["start"], &mail["end"]), (&json!(5), &json!(26)));
    mail["score"].as_f64().unwrap()
}

#[tokio::test]
async fn its_findings_are_merged_and_its_texts_counted() {
    let alone = score(&Client::new(), "/api/v1/detect").await;
    assert!(alone < 1.0);
    let client = asking(analyzer().await, "/presidio/analyzer").await;
    for _ in 0..3 {
        assert!((score(&client, "/api/v1/detect").await - 1.0).abs() < 1e-9);
    }
    let redacted = client.post("/api/v1/redact", json!({ "text": TEXT }).to_string()).await.json();
    assert_eq!(redacted["items"][0]["entity_type"], "EMAIL_ADDRESS");
    let metrics = client.get("/metrics").await.body;
    for line in [r#"tacita_presidio_windows_total{outcome="read"} 4"#, "tacita_presidio_left_alone 0"] {
        assert!(metrics.lines().any(|l| l == line), "{line} is not in:\n{metrics}");
    }
}

#[tokio::test]
async fn one_that_fails_is_left_alone_and_changes_nothing() {
    let alone = score(&Client::new(), "/api/v1/detect").await;
    let client = asking(analyzer().await, "/no/analyzer").await;
    for _ in 0..7 {
        assert!((score(&client, "/api/v1/detect").await - alone).abs() < 1e-9);
    }
    let metrics = client.get("/metrics").await.body;
    for line in [
        r#"tacita_presidio_windows_total{outcome="read"} 0"#,
        // The question for the types was the first that failed.
        r#"tacita_presidio_windows_total{outcome="status"} 4"#,
        r#"tacita_presidio_windows_total{outcome="not_asked"} 3"#,
        "tacita_presidio_left_alone 1",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} is not in:\n{metrics}");
    }
}

#[tokio::test]
async fn without_one_there_is_nothing_to_count() {
    assert!(!Client::new().get("/metrics").await.body.contains("presidio_windows"));
}
