//! `POST /api/v1/detect`.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;
use tacita_detect::{Reader, Reading, Rules};
use tacita_server::{Config, router};

use crate::client::Client;

const PATH: &str = "/api/v1/detect";

#[tokio::test]
async fn finds_in_a_text() {
    let answer = Client::new().post(PATH, r#"{"text":"Write to mara.lind@example.org"}"#).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.media(), "application/json");
    let finding = &answer.json()["findings"][0];
    assert_eq!(
        (&finding["entity_type"], &finding["start"], &finding["end"]),
        (&json!("EMAIL_ADDRESS"), &json!(9), &json!(30))
    );
    let score = finding["score"].as_f64().unwrap();
    assert!((0.5..=1.0).contains(&score));
}

#[tokio::test]
async fn finds_in_several_texts_in_order() {
    let answer = Client::new().post(PATH, r#"{"texts":["nothing here","mara.lind@example.org",""]}"#).await;
    let answer = answer.json();
    let counts: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["findings"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [0, 1, 0]);
}

#[tokio::test]
async fn counts_in_the_unit_that_is_asked_for() {
    for (unit, start) in [("chars", 2), ("bytes", 5), ("utf16", 3)] {
        let body = json!({ "text": "🙂 mara.lind@example.org", "offsets": unit });
        let answer = Client::new().post(PATH, body.to_string()).await;
        assert_eq!(answer.json()["findings"][0]["start"], start, "{unit}");
    }
}

#[tokio::test]
async fn takes_escapes_in_the_text_and_options() {
    let body = r#"{"text":"\u0041:\tmara.lind@example.org","entities":["EMAIL_ADDRESS"],"threshold":0.1,"overlaps":"all"}"#;
    let answer = Client::new().post(PATH, body).await;
    assert_eq!(answer.json()["findings"][0]["start"], 3);
}

#[tokio::test]
async fn answers_in_the_presidio_profile() {
    for (unit, start) in [("chars", 7), ("bytes", 10), ("utf16", 8)] {
        let body = json!({ "text": "🙂 mail a@example.org", "profile": "presidio", "offsets": unit });
        let answer = Client::new().post(PATH, body.to_string()).await;
        let findings =
            [("EMAIL_ADDRESS", start, 1.0), ("URL", start + 2, 0.5)].map(|(entity_type, start, score)| {
                let end = if entity_type == "URL" { start + 11 } else { start + 13 };
                json!({ "entity_type": entity_type, "start": start, "end": end, "score": score })
            });
        assert_eq!(answer.json(), json!({ "findings": findings }), "{unit}");
    }
}

#[tokio::test]
async fn works_on_a_large_text() {
    let text = format!("{} mara.lind@example.org", "word ".repeat(20_000));
    let answer = Client::new().post(PATH, json!({ "text": text }).to_string()).await;
    assert_eq!(answer.json()["findings"][0]["start"], 100_001);
}

#[tokio::test]
async fn refuses_what_makes_no_sense() {
    for (body, detail) in [
        (r#"{}"#, "there is no text"),
        (r#"{"text":"a","texts":["b"]}"#, "both `text` and `texts`"),
        (r#"{"text":"a","threshold":1.5}"#, "not between 0 and 1"),
        (r#"{"text":"a","nonsense":1}"#, "unknown field, expected one of"),
        (r#"{"text":5}"#, "invalid value, expected a string"),
        (r#"{"text":"a","offsets":"lines"}"#, "expected one of `chars`, `bytes`, `utf16`"),
        (r#"[]"#, "expected"),
        (r#"{"text":"a","entities":["NOPE"]}"#, "no recogniser finds `NOPE`"),
        (r#"{"text":"a","entities":["not a name"]}"#, "names are like `EMAIL_ADDRESS`"),
        (r#"{"text":"a","profile":"presidio","entities":["NOPE"]}"#, "finds none of `entities`"),
        (r#"{"text":"a","profile":"presidio","threshold":2}"#, "not between 0 and 1"),
        (r#"{"text":"a","profile":"presidio","overlaps":"all"}"#, "its own rule for `overlaps`"),
    ] {
        let (kind, status, said) = Client::new().post(PATH, body).await.problem();
        assert_eq!((kind.as_str(), status), ("invalid-request", 422), "{body}");
        assert!(said.contains(detail), "{body}: {said}");
    }
}

#[tokio::test]
async fn follows_the_rules_of_the_server() {
    let rules =
        "allow = [\"mara.lind@example.org\"]\n[[deny]]\nentity = \"CODENAME\"\nwords = [\"Bluebird\"]\n";
    let client = Client::with(&Config { rules: Rules::parse(rules).unwrap(), ..Config::default() });
    let text = "mara.lind@example.org on Bluebird";
    for body in [json!({ "text": text }), json!({ "text": text, "threshold": 0.6 })] {
        let answer = client.post(PATH, body.to_string()).await.json();
        let findings = answer["findings"].as_array().unwrap();
        let types: Vec<_> = findings.iter().map(|finding| &finding["entity_type"]).collect();
        assert_eq!(types, ["CODENAME"]);
    }
    let rules = Rules::parse("[[exclude]]\nentities = [\"NO_SUCH_TYPE\"]\nwords = [\"x\"]\n").unwrap();
    assert!(router(&Config { rules, ..Config::default() }, None).is_err());
}

#[tokio::test]
async fn others_read_beside_the_recognisers() {
    #[derive(Debug)]
    struct Ships(Vec<String>);
    impl Reader for Ships {
        fn entities(&self) -> &[String] {
            &self.0
        }

        fn read(&self, text: &str) -> Option<Vec<Reading>> {
            let found = text.match_indices("Tern");
            Some(found.map(|(start, _)| Reading { entity: 0, start, end: start + 4, score: 0.8 }).collect())
        }
    }
    let readers: Vec<Arc<dyn Reader>> = vec![Arc::new(Ships(vec!["SHIP".to_owned()]))];
    let client = Client::with(&Config { readers, ..Config::default() });
    for body in [json!({ "text": "the Tern" }), json!({ "text": "the Tern", "entities": ["SHIP"] })] {
        let answer = client.post(PATH, body.to_string()).await.json();
        assert_eq!(answer["findings"][0]["entity_type"], "SHIP");
        assert_eq!(answer["findings"][0]["start"], 4);
    }
}
