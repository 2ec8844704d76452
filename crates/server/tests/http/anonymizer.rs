//! What clients of Presidio's anonymizer send and get.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use tacita_server::Limits;

use crate::client::Client;

const ANONYMIZE: &str = "/presidio/anonymizer/anonymize";
const DEANONYMIZE: &str = "/presidio/anonymizer/deanonymize";
const KEY: &str = "0123456789abcdef";

async fn ask(path: &str, body: impl ToString) -> (u16, Value) {
    let answer = Client::new().post(path, body.to_string()).await;
    assert_eq!(answer.media(), "application/json");
    (answer.status.as_u16(), answer.json())
}

fn call(operators: &Value) -> Value {
    let found = json!([{ "start": 5, "end": 14, "score": 0.85, "entity_type": "PERSON" }]);
    json!({ "text": "Call Mara Lind", "analyzer_results": found, "anonymizers": operators })
}

#[tokio::test]
async fn replaces_what_was_found() {
    let (status, answer) =
        ask(ANONYMIZE, call(&json!({ "DEFAULT": { "type": "replace", "new_value": "her" } }))).await;
    let item = json!({
        "start": 5, "end": 8, "entity_type": "PERSON", "text": "her", "operator": "replace", "score": 0.85,
    });
    assert_eq!((status, answer), (200, json!({ "text": "Call her", "items": [item] })));
}

#[tokio::test]
async fn decrypts_what_it_encrypted() {
    let (_, encrypted) = ask(ANONYMIZE, call(&json!({ "PERSON": { "type": "encrypt", "key": KEY } }))).await;
    assert_ne!(encrypted["text"], "Call Mara Lind");
    let body = json!({
        "text": encrypted["text"],
        "anonymizer_results": encrypted["items"],
        "deanonymizers": { "PERSON": { "type": "decrypt", "key": KEY } },
    });
    let (status, decrypted) = ask(DEANONYMIZE, body).await;
    assert_eq!((status, &decrypted["text"]), (200, &json!("Call Mara Lind")));
    let item = json!({
        "start": 5, "end": 14, "entity_type": "PERSON", "text": "Mara Lind", "operator": "decrypt", "score": 0.85,
    });
    assert_eq!(decrypted["items"], json!([item]));
}

#[tokio::test]
async fn refuses_as_presidio_does() {
    let bad_request = "The browser (or proxy) sent a request that this server could not understand.";
    let no_body = "Invalid request json";
    let key_length = "Invalid input, key must be of length 128, 192 or 256 bits";
    for (path, body, status, error) in [
        (ANONYMIZE, "{".to_owned(), 400, bad_request),
        (ANONYMIZE, String::new(), 400, bad_request),
        (ANONYMIZE, "{}".to_owned(), 400, no_body),
        (DEANONYMIZE, "{}".to_owned(), 400, no_body),
        (
            ANONYMIZE,
            call(&json!({ "DEFAULT": { "type": "custom" } })).to_string(),
            400,
            "Custom type anonymizer is not supported",
        ),
        (
            ANONYMIZE,
            r#"{"text":"x"}"#.to_owned(),
            422,
            "Invalid input, request must contain analyzer results",
        ),
        (
            ANONYMIZE,
            call(&json!({ "PERSON": { "type": "nope" } })).to_string(),
            422,
            "Invalid operator class 'nope'.",
        ),
        (
            ANONYMIZE,
            call(&json!({ "PERSON": { "type": "mask" } })).to_string(),
            422,
            "Expected parameter masking_char",
        ),
        (
            ANONYMIZE,
            call(&json!({ "PERSON": { "type": "encrypt", "key": "short" } })).to_string(),
            422,
            key_length,
        ),
        (ANONYMIZE, call(&json!(5)).to_string(), 500, "Internal server error"),
    ] {
        assert_eq!(ask(path, &body).await, (status, json!({ "error": error })), "{path} {body}");
    }
}

#[tokio::test]
async fn refuses_another_media_type_and_a_large_body() {
    let request =
        Request::post(ANONYMIZE).header(header::CONTENT_TYPE, "text/plain").body(Body::from("{}")).unwrap();
    let answer = Client::new().send(request).await;
    assert_eq!(answer.status, 415);
    assert!(answer.json()["error"].as_str().unwrap().contains("Content-Type was not 'application/json'"));

    let client = Client::of(Limits { body: 1, ..Limits::default() });
    assert_eq!(client.post(ANONYMIZE, "{}").await.status, 413);
}

#[tokio::test]
async fn lists_its_operators() {
    let client = Client::new();
    let operators = client.get("/presidio/anonymizer/anonymizers").await.json();
    assert_eq!(operators, json!(["custom", "encrypt", "hash", "keep", "mask", "redact", "replace"]));
    let operators = client.get("/presidio/anonymizer/deanonymizers").await.json();
    assert_eq!(operators, json!(["decrypt", "deanonymize_keep"]));
}

#[tokio::test]
async fn is_healthy_and_knows_no_other_paths() {
    let client = Client::new();
    let answer = client.get("/presidio/anonymizer/health").await;
    assert_eq!(
        (answer.body.as_str(), answer.media()),
        ("Presidio Anonymizer service is up", "text/html; charset=utf-8")
    );

    let answer = client.get("/presidio/anonymizer/nope").await;
    assert_eq!(answer.status, 404);
    assert!(answer.json()["error"].as_str().unwrap().starts_with("The requested URL was not found"));

    let answer = client.method(Method::GET, ANONYMIZE).await;
    assert_eq!(answer.status, 405);
    assert_eq!(answer.json(), json!({ "error": "The method is not allowed for the requested URL." }));
}
