//! The ledger: receipts, the log as files, and what it says.

use axum::http::{Method, header};
use serde_json::{Value, json};
use tacita_ledger::{
    checkpoint::{Verifiers, open},
    receipt::{self, Fault, Receipt},
    tiles::{Bundle, Tile, TileError, decode_bundle, root},
};

use crate::keeping::{House, Keeping, field};

const MARA: &str = "mara.lind@example.org";

impl Keeping {
    /// What believes the keys that an organisation publishes.
    async fn verifiers(&self, token: &str) -> Verifiers {
        let keys = self.get("/api/v1/ledger/keys", token).await;
        assert_eq!(keys.status, 200, "{keys:?}");
        let keys: Vec<tacita_ledger::note::VerifierKey> =
            keys.body.lines().map(|key| key.parse().unwrap()).collect();
        let origin = keys[0].name().to_owned();
        Verifiers::new(&origin, keys).unwrap()
    }

    async fn receipt(&self, operation: &Value, token: &str) -> String {
        let receipt = self.get(&format!("/api/v1/receipts/{}", operation.as_str().unwrap()), token).await;
        assert_eq!(receipt.status, 200, "{receipt:?}");
        receipt.body
    }

    async fn entries(&self, query: &str, token: &str) -> Value {
        let answer = self.get(&format!("/api/v1/audit{query}"), token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn many(&self, house: &House, count: usize) {
        let record = crate::keeping::record(MARA, "support", "{}");
        let body = format!(r#"{{"records":[{}]}}"#, vec![record; count].join(","));
        let answer = self.send(Method::POST, "/api/v1/records/batch", &house.service, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_receipt_verifies_without_the_server_and_a_changed_one_does_not() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let kept = server.keep(&house.service, MARA, "support", r#"{"city":"Lund"}"#).await;
    let text = server.receipt(&field(&kept, "operation"), &house.service).await;
    let verifiers = server.verifiers(&house.service).await;
    let receipt = Receipt::parse(text.as_bytes()).unwrap();
    let verified = receipt::verify(&receipt, &verifiers).unwrap();
    assert_eq!(verified.signed.len(), 2);
    assert!(!text.contains("Lund"));

    let salt = text.lines().position(|line| line.starts_with("salt ")).unwrap();
    let sealed = salt + 1;
    for (line, at) in [(salt, 10), (sealed, 30)] {
        let changed = flipped(&text, line, at);
        let receipt = Receipt::parse(changed.as_bytes()).unwrap();
        assert_eq!(receipt::verify(&receipt, &verifiers), Err(Fault::NotIncluded));
    }
    let root = text.lines().position(|line| line == verifiers.origin()).unwrap() + 2;
    let receipt = Receipt::parse(flipped(&text, root, 5).as_bytes()).unwrap();
    assert!(matches!(receipt::verify(&receipt, &verifiers), Err(Fault::Checkpoint(_))));
    // Another organisation's keys do not speak for this log.
    let other = server.house("Second").await;
    let others = server.verifiers(&other.service).await;
    let receipt = Receipt::parse(text.as_bytes()).unwrap();
    assert!(receipt::verify(&receipt, &others).is_err());
}

/// A text with one sign of base64 changed to another.
fn flipped(text: &str, line: usize, at: usize) -> String {
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    let sign = if lines[line].as_bytes()[at] == b'A' { "B" } else { "A" };
    lines[line].replace_range(at..=at, sign);
    lines.join("\n")
}

#[tokio::test]
async fn a_receipt_holds_after_the_record_is_gone() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let kept = server.keep(&house.service, MARA, "support", "{}").await;
    let before = server.receipt(&field(&kept, "operation"), &house.service).await;
    let path = kept.headers[header::LOCATION].to_str().unwrap();
    let deleted = server.send(Method::DELETE, path, &house.service, "").await;
    let verifiers = server.verifiers(&house.auditor).await;
    let after = server.receipt(&field(&kept, "operation"), &house.officer).await;
    let deletion = server.receipt(&field(&deleted, "operation"), &house.auditor).await;
    for text in [before, after, deletion] {
        let receipt = Receipt::parse(text.as_bytes()).unwrap();
        receipt::verify(&receipt, &verifiers).unwrap();
    }
}

#[tokio::test]
async fn the_log_is_read_as_tiles() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let base = format!("/ledger/{}", house.organisation);
    let none = server.get(&format!("{base}/checkpoint"), &house.auditor).await;
    assert_eq!(none.problem().0, "not-found");
    // The first entry is of the purpose.
    server.many(&house, 299).await;
    assert_eq!(server.service.integrate(house.organisation).await.unwrap(), 300);
    let checkpoint = server.get(&format!("{base}/checkpoint"), &house.auditor).await;
    assert_eq!(checkpoint.media(), "text/plain; charset=utf-8");
    assert_eq!(checkpoint.headers[header::CACHE_CONTROL], "private, no-cache");
    let verifiers = server.verifiers(&house.auditor).await;
    let head = *open(checkpoint.body.as_bytes(), &verifiers).unwrap().checkpoint.head();
    assert_eq!(head.size, 300);

    let mut tiles = std::collections::BTreeMap::new();
    for path in ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"] {
        let tile = server.bytes(&format!("{base}/{path}"), &house.officer).await;
        tiles.insert(path.to_owned(), tile);
    }
    let made = root(300, &mut |tile: Tile| tiles.get(&tile.to_string()).cloned());
    assert_eq!(made, Ok::<_, TileError>(head.root));
    let bundle = server.bytes(&format!("{base}/tile/entries/001.p/44"), &house.auditor).await;
    assert_eq!(decode_bundle(Bundle::new(1, 44).unwrap(), &bundle).unwrap().len(), 44);
    // What was asked for at an earlier size is still there, what has not grown so far is not.
    assert_eq!(server.bytes(&format!("{base}/tile/0/001.p/7"), &house.auditor).await.len(), 7 * 32);
    for path in ["0/001.p/45", "0/001", "0/002.p/1", "entries/001", "0/1", "x", "7/000.p/1"] {
        let answer = server.get(&format!("{base}/tile/{path}"), &house.auditor).await;
        assert_eq!(answer.problem().0, "not-found", "{path}");
    }
}

impl Keeping {
    async fn bytes(&self, path: &str, token: &str) -> Vec<u8> {
        use http_body_util::BodyExt;
        use tower::ServiceExt;
        let request = crate::keeping::request(Method::GET, path, token, "");
        let answer = self.client.0.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "private, max-age=31536000, immutable");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/octet-stream");
        answer.into_body().collect().await.unwrap().to_bytes().to_vec()
    }
}

#[tokio::test]
async fn the_audit_says_what_was_done_and_refused_and_that_it_was_read() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let kept = server.keep(&house.service, MARA, "support", "{}").await;
    assert_eq!(server.keep(&house.service, MARA, "ads", "{}").await.problem().0, "refused");
    let all = server.entries("?action=record.create", &house.auditor).await;
    let entries = all["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{all}");
    let first = &entries[0];
    assert_eq!(first["operation"], field(&kept, "operation"));
    assert_eq!(first["subject"], field(&kept, "subject"));
    assert_eq!((&first["action"], &first["outcome"]), (&json!("record.create"), &json!("done")));
    assert_eq!(first["body"]["object"], format!("record/{}", field(&kept, "id").as_str().unwrap()));
    assert_eq!(entries[1]["outcome"], "denied.unknown-purpose");
    assert!(all.get("next").is_none());

    let reads = server.entries("?action=audit.read", &house.officer).await;
    assert_eq!(reads["entries"].as_array().unwrap().len(), 1);
    assert!(reads["entries"][0]["body"]["actor"].as_str().unwrap().starts_with("auditor:"));
    let refused = server.entries("?outcome=denied.unknown-purpose", &house.officer).await;
    assert_eq!(refused["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_audit_has_pages_and_is_filtered_by_data_subject() {
    let server = Keeping::new();
    let house = server.house("First").await;
    server.many(&house, 5).await;
    let other = server.keep(&house.service, "jo.berg@example.org", "support", "{}").await;
    let (mut seen, mut query) = (Vec::new(), "?limit=2&action=record.create".to_owned());
    loop {
        let page = server.entries(&query, &house.auditor).await;
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.len() <= 2);
        seen.extend(entries.iter().map(|entry| entry["operation"].to_string()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=2&action=record.create&after={next}");
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.is_sorted());

    let about = format!("?subject={}", field(&other, "subject").as_str().unwrap());
    let about = server.entries(&about, &house.auditor).await;
    assert_eq!(about["entries"].as_array().unwrap().len(), 1);
    for query in ["?limit=0", "?limit=101", "?action=x", "?after=x", "?subject=x", "?who=x"] {
        let answer = server.get(&format!("/api/v1/audit{query}"), &house.auditor).await;
        assert_eq!(answer.problem().0, "invalid-request", "{query}");
    }
}

#[tokio::test]
async fn only_who_may_reads_the_ledger() {
    let server = Keeping::new();
    let (first, second) = (server.house("First").await, server.house("Second").await);
    let kept = server.keep(&first.service, MARA, "support", "{}").await;
    let operation = field(&kept, "operation");
    server.receipt(&operation, &first.service).await;
    let log = format!("/ledger/{}", first.organisation);
    let files = [format!("{log}/checkpoint"), format!("{log}/tile/0/000.p/1")];
    for path in files.iter().map(String::as_str).chain(["/api/v1/audit"]) {
        assert_eq!(server.get(path, &first.service).await.problem().0, "refused", "{path}");
    }
    for path in files.iter().chain([&format!("/api/v1/receipts/{}", operation.as_str().unwrap())]) {
        for token in [&second.officer, &second.auditor] {
            assert_eq!(server.get(path, token).await.problem().0, "not-found", "{path}");
        }
    }
    let theirs = server.entries("", &second.auditor).await;
    let theirs = theirs["entries"].as_array().unwrap();
    assert_eq!(theirs.len(), 1);
    assert_eq!(
        (&theirs[0]["action"], &theirs[0]["body"]["object"]),
        (&json!("purpose.set"), &json!("purpose/support"))
    );
    let subject = field(&kept, "subject");
    let path = format!("/api/v1/audit?subject={}", subject.as_str().unwrap());
    assert_eq!(server.get(&path, &second.auditor).await.problem().0, "not-found");
}
