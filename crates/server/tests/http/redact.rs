//! `POST /api/v1/redact` and `POST /api/v1/restore`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::client::Client;

const REDACT: &str = "/api/v1/redact";
const RESTORE: &str = "/api/v1/restore";
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const TEXT: &str = "Write to mara.lind@example.org";

async fn ask(path: &str, body: Value) -> Value {
    let answer = Client::new().post(path, body.to_string()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.json()
}

async fn refuse(path: &str, body: Value) -> (String, u16, String) {
    Client::new().post(path, body.to_string()).await.problem()
}

#[tokio::test]
async fn redacts_with_numbered_placeholders() {
    let answer = ask(REDACT, json!({ "text": TEXT })).await;
    let items = json!([{ "entity_type": "EMAIL_ADDRESS", "operator": "placeholder", "start": 9, "end": 28 }]);
    assert_eq!(answer, json!({ "text": "Write to [EMAIL_ADDRESS_001]", "items": items }));
}

#[tokio::test]
async fn counts_places_in_the_redacted_text_in_the_unit_that_is_asked_for() {
    for (unit, start) in [("chars", 2), ("bytes", 5), ("utf16", 3)] {
        let body =
            json!({ "text": "🙂 mara.lind@example.org", "policy": { "default": "redact" }, "offsets": unit });
        let item = &ask(REDACT, body).await["items"][0];
        assert_eq!((&item["start"], &item["end"]), (&json!(start), &json!(start)), "{unit}");
    }
}

#[tokio::test]
async fn follows_the_policy() {
    let mask = json!({ "operator": "mask", "character": "#", "count": 4 });
    let policy = json!({ "default": "keep", "entities": { "EMAIL_ADDRESS": mask } });
    let answer = ask(REDACT, json!({ "text": TEXT, "policy": policy })).await;
    assert_eq!(answer["text"], "Write to ####.lind@example.org");
}

#[tokio::test]
async fn restores_with_the_key_or_the_passphrase_that_sealed_the_vault() {
    for secret in [json!({ "key": KEY }), json!({ "passphrase": "quiet river under stones" })] {
        for operator in ["placeholder", "hash", "encrypt"] {
            let policy = json!({ "default": operator });
            let redacted = ask(REDACT, json!({ "text": TEXT, "policy": policy, "secret": secret })).await;
            assert!(!redacted["text"].as_str().unwrap().contains("mara"), "{operator}");
            let body = json!({ "text": redacted["text"], "vault": redacted["vault"], "secret": secret });
            let restored = ask(RESTORE, body).await;
            assert_eq!(restored, json!({ "text": TEXT, "restored": 1, "unknown": 0 }), "{operator}");
        }
    }
}

#[tokio::test]
async fn several_texts_share_their_placeholders_and_a_later_request_goes_on() {
    let secret = json!({ "key": KEY });
    let texts = json!([TEXT, "nothing", "mara.lind@example.org and jon@example.com"]);
    let first = ask(REDACT, json!({ "texts": texts, "secret": secret, "scope": "letters" })).await;
    assert_eq!(first["results"][2]["text"], "[EMAIL_ADDRESS_001] and [EMAIL_ADDRESS_002]");

    let body =
        json!({ "text": "jon@example.com, ida@example.com", "secret": secret, "vault": first["vault"] });
    let second = ask(REDACT, body).await;
    assert_eq!(second["text"], "[EMAIL_ADDRESS_002], [EMAIL_ADDRESS_003]");

    let texts = json!(["[EMAIL_ADDRESS_003]", "[EMAIL_ADDRESS_001] [EMAIL_ADDRESS_009]"]);
    let restored = ask(RESTORE, json!({ "texts": texts, "secret": secret, "vault": second["vault"] })).await;
    assert_eq!(restored["results"][0]["text"], "ida@example.com");
    assert_eq!(
        restored["results"][1],
        json!({ "text": "mara.lind@example.org [EMAIL_ADDRESS_009]", "restored": 1, "unknown": 1 })
    );
}

#[tokio::test]
async fn refuses_a_policy_that_can_not_be_followed_without_repeating_it() {
    for (policy, detail) in [
        (json!({ "default": "shred mara" }), "unknown operator; choose one of replace, redact,"),
        (
            json!({ "default": { "operator": "mask", "with": "mara" } }),
            "operator `mask` has no setting `with`",
        ),
        (
            json!({ "default": { "operator": "replace", "with": "[MARA_001]" } }),
            "has the form of a placeholder; choose",
        ),
        (json!({ "default": { "operator": "shift_date", "max_days": 0 } }), "`max_days` is 0"),
        (json!({ "default": "encrypt" }), "`encrypt` needs a `secret`"),
        (json!({ "default": ["mara"] }), "invalid value"),
        (json!({ "mara": 1 }), "unknown field, expected"),
    ] {
        let (kind, status, said) = refuse(REDACT, json!({ "text": "a", "policy": policy })).await;
        assert_eq!((kind.as_str(), status), ("invalid-request", 422), "{policy}");
        assert!(said.contains(detail), "{policy}: {said}");
        assert!(!said.to_lowercase().contains("mara"), "{said}");
    }
}

#[tokio::test]
async fn refuses_secrets_and_vaults_that_do_not_fit() {
    let redacted = ask(REDACT, json!({ "text": TEXT, "secret": { "key": KEY } })).await;
    let vault = &redacted["vault"];
    for (kind, detail, body) in [
        (
            "wrong-secret",
            "not the one",
            json!({ "text": "a", "vault": vault, "secret": { "key": KEY.replace('0', "1") } }),
        ),
        (
            "wrong-secret",
            "sealed with a key",
            json!({ "text": "a", "vault": vault, "secret": { "passphrase": "mara" } }),
        ),
        (
            "invalid-request",
            "64 hexadecimal",
            json!({ "text": "a", "vault": vault, "secret": { "key": "mara" } }),
        ),
        ("invalid-request", "not base64", json!({ "text": "a", "vault": "mara!", "secret": { "key": KEY } })),
        (
            "invalid-request",
            "not a vault",
            json!({ "text": "a", "vault": "bWFyYQ==", "secret": { "key": KEY } }),
        ),
        ("invalid-request", "missing field `vault`", json!({ "text": "a", "secret": { "key": KEY } })),
    ] {
        let (said_kind, status, said) = refuse(RESTORE, body).await;
        assert_eq!((said_kind.as_str(), status), (kind, 422), "{said}");
        assert!(said.contains(detail) && !said.contains("mara"), "{said}");
    }
    for (detail, body) in [
        ("needs the `secret`", json!({ "text": "a", "vault": vault })),
        (
            "leave `scope` out",
            json!({ "text": "a", "vault": vault, "secret": { "key": KEY }, "scope": "letters" }),
        ),
        ("passphrase is empty", json!({ "text": "a", "secret": { "passphrase": "" } })),
        ("there is no text", json!({ "secret": { "key": KEY } })),
    ] {
        let (.., said) = refuse(REDACT, body).await;
        assert!(said.contains(detail), "{said}");
    }
}
