//! No value of a request is in a log, a metric or an error of this server.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::client::Client;

/// Stands for personal data. In every place of a request where a value may stand.
const CANARY: &str = "Canary-7f3a91";

#[tokio::test]
async fn no_value_of_a_request_is_repeated() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let client = Client::new();
    tracing::info!("the log is read");
    for (path, body) in bodies() {
        let answer = client.post(path, body.clone()).await;
        assert!(answer.status.is_client_error(), "{path} {body}: {answer:?}");
        assert!(!answer.body.contains(CANARY), "{path} {body}: {answer:?}");
        assert!(
            answer
                .headers
                .values()
                .all(|value| !value.as_bytes().windows(CANARY.len()).any(|w| w == CANARY.as_bytes()))
        );
    }
    // These are answered; what they answer may hold the text.
    client
        .post("/api/v1/detect", json!({ "text": format!("{CANARY} mara.lind@example.org") }).to_string())
        .await;
    client
        .post("/api/v1/redact", json!({ "text": format!("{CANARY} mara.lind@example.org") }).to_string())
        .await;
    client.get(&format!("/{CANARY}")).await;
    client.get(&format!("/presidio/analyzer/recognizers?language={CANARY}")).await;

    let metrics = client.get("/metrics").await.body;
    assert!(metrics.contains("tacita_findings_total") && !metrics.contains(CANARY), "{metrics}");
    let log = log.text();
    assert!(log.contains("the log is read") && !log.contains(CANARY), "{log}");
}

/// Bodies that are refused, with the canary wherever a value or a name can stand.
fn bodies() -> Vec<(&'static str, String)> {
    let key = "00".repeat(32);
    let detect = [
        format!("{{\"text\":\"{CANARY}"),
        format!("{{\"text\":\"{CANARY}\",}}"),
        CANARY.to_owned(),
        json!(CANARY).to_string(),
        json!([CANARY]).to_string(),
        json!({ CANARY: 1 }).to_string(),
        json!({ "text": "a", CANARY: CANARY }).to_string(),
        json!({ "text": "a", "threshold": CANARY }).to_string(),
        json!({ "text": "a", "offsets": CANARY }).to_string(),
        json!({ "text": "a", "overlaps": CANARY }).to_string(),
        json!({ "text": "a", "entities": CANARY }).to_string(),
        json!({ "text": "a", "offsets": format!(", expected {CANARY}") }).to_string(),
        json!({ "text": CANARY, "texts": [CANARY] }).to_string(),
        json!({ "text": { CANARY: CANARY } }).to_string(),
    ];
    let redact = [
        json!({ "text": CANARY, "policy": CANARY }).to_string(),
        json!({ "text": CANARY, "policy": { CANARY: 1 } }).to_string(),
        json!({ "text": CANARY, "policy": { "default": CANARY } }).to_string(),
        json!({ "text": CANARY, "policy": { "default": format!("x`, expected {CANARY}; {CANARY}") } })
            .to_string(),
        json!({ "text": CANARY, "policy": { "default": { "operator": "mask", CANARY: 1 } } }).to_string(),
        json!({ "text": CANARY, "policy": { "default": { "operator": "mask", "character": CANARY } } })
            .to_string(),
        json!({ "text": CANARY, "secret": { "key": CANARY } }).to_string(),
        json!({ "text": CANARY, "secret": CANARY }).to_string(),
        json!({ "text": CANARY, "secret": { CANARY: CANARY } }).to_string(),
        json!({ "text": CANARY, "vault": CANARY }).to_string(),
    ];
    let restore = [
        json!({ "text": CANARY, "vault": CANARY, "secret": { "key": key } }).to_string(),
        json!({ "text": CANARY, "vault": CANARY, "secret": { "passphrase": CANARY } }).to_string(),
        json!({ "text": CANARY, "vault": "", "secret": { "passphrase": CANARY } }).to_string(),
    ];
    let bodies = |path, bodies: Vec<String>| bodies.into_iter().map(move |body| (path, body));
    bodies("/api/v1/detect", detect.into())
        .chain(bodies("/api/v1/redact", redact.into()))
        .chain(bodies("/api/v1/restore", restore.into()))
        .collect()
}

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
