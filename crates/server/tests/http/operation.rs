//! `/health` and `/metrics`.

use axum::http::StatusCode;

use crate::{client::Client, keeping::Keeping};

#[tokio::test]
async fn is_healthy() {
    let answer = Client::new().get("/health").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "ok"));
}

#[tokio::test]
async fn is_ready_where_its_store_answers() {
    assert_eq!(Client::new().get("/ready").await.body, "ready");
    assert_eq!(Keeping::new().client.get("/ready").await.body, "ready");
}

#[tokio::test]
async fn counts_requests_bytes_and_findings() {
    let client = Client::new();
    client.post("/api/v1/detect", r#"{"text":"mara.lind@example.org"}"#).await;
    client.post("/api/v1/detect", "{").await;
    client.get("/nope").await;
    let answer = client.get("/metrics").await;
    assert!(answer.media().starts_with("application/openmetrics-text"));
    for line in [
        r#"tacita_http_requests_total{route="/api/v1/detect",status="200"} 1"#,
        r#"tacita_http_requests_total{route="/api/v1/detect",status="400"} 1"#,
        r#"tacita_http_requests_total{route="none",status="404"} 1"#,
        r#"tacita_http_request_duration_seconds_count{route="/api/v1/detect"} 2"#,
        r#"tacita_scanned_bytes_total 21"#,
        r#"tacita_findings_total{entity_type="EMAIL_ADDRESS"} 1"#,
    ] {
        assert!(answer.body.lines().any(|l| l == line), "{line} is not in:\n{}", answer.body);
    }
}

#[tokio::test]
async fn counts_jobs_where_something_is_kept() {
    let server = Keeping::new();
    server.house("First").await;
    let metrics = server.client.get("/metrics").await.body;
    for line in [
        r#"tacita_jobs{state="waiting"} 0"#,
        r#"tacita_jobs{state="running"} 0"#,
        r#"tacita_jobs{state="dead"} 0"#,
        "tacita_jobs_oldest_waiting_seconds 0",
    ] {
        assert!(metrics.lines().any(|said| said == line), "{line} is not in:\n{metrics}");
    }
    assert!(!Client::new().get("/metrics").await.body.contains("tacita_jobs"));
}
