//! What clients of Presidio's analyzer send and get.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};

use crate::client::Client;

const ANALYZE: &str = "/presidio/analyzer/analyze";
const NO_RECOGNIZERS: &str = "No matching recognizers were found to serve the request.";
const INTERNAL: &str = "The server encountered an internal error and was unable to complete your request. Either the \
                        server is overloaded or there is an error in the application.";

async fn ask(body: impl ToString) -> (u16, Value) {
    let answer = Client::new().post(ANALYZE, body.to_string()).await;
    assert_eq!(answer.media(), "application/json");
    (answer.status.as_u16(), answer.json())
}

/// A request about one address, with these fields beside it.
fn about(fields: Value) -> Value {
    let mut body = json!({ "text": "mail a@example.org", "language": "en" });
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    body.as_object_mut().unwrap().extend(fields);
    body
}

fn finding(entity_type: &str, start: usize, end: usize, score: f64) -> Value {
    json!({ "analysis_explanation": null, "entity_type": entity_type, "start": start, "end": end, "score": score })
}

fn address() -> Value {
    finding("EMAIL_ADDRESS", 5, 18, 1.0)
}

fn url() -> Value {
    finding("URL", 7, 18, 0.5)
}

#[tokio::test]
async fn analyzes_a_text_or_several() {
    let several = json!({ "text": ["a@example.org", "x"], "language": "en" });
    let first = json!([finding("EMAIL_ADDRESS", 0, 13, 1.0), finding("URL", 2, 13, 0.5)]);
    for (body, answer) in [
        (about(json!({})), json!([address(), url()])),
        (several, json!([first, []])),
        (
            about(json!({ "correlation_id": "7", "trace": "1", "return_decision_process": 0 })),
            json!([address(), url()]),
        ),
        (about(json!({ "entities": ["URL", "NOPE"] })), json!([url()])),
        (about(json!({ "entities": [] })), json!([address(), url()])),
        (about(json!({ "score_threshold": 0.9 })), json!([address()])),
        (about(json!({ "score_threshold": null })), json!([address(), url()])),
        (about(json!({ "allow_list": ["a@example.org"] })), json!([url()])),
        (about(json!({ "allow_list": [5] })), json!([address(), url()])),
        (about(json!({ "allow_list": ["A@EXAMPLE.*"], "allow_list_match": "regex" })), json!([url()])),
        (
            about(json!({ "allow_list": ["A@EXAMPLE.*"], "allow_list_match": "regex", "regex_flags": 0 })),
            json!([address(), url()]),
        ),
        (about(json!({ "context": ["mail"] })), json!([address(), url()])),
        (json!({ "text": 5, "language": "en" }), json!([])),
        (json!({ "text": ["", null], "language": "en" }), json!([[], []])),
    ] {
        assert_eq!(ask(&body).await, (200, answer), "{body}");
    }
}

#[tokio::test]
async fn explains_itself_when_asked() {
    let (_, answer) =
        ask(about(json!({ "return_decision_process": true, "entities": ["EMAIL_ADDRESS"] }))).await;
    let explanation = &answer[0]["analysis_explanation"];
    assert_eq!(explanation["recognizer"], "EmailRecognizer");
    assert_eq!((&explanation["original_score"], &explanation["score"]), (&json!(0.5), &json!(1.0)));
    assert_eq!(explanation["validation_result"], true);
}

#[tokio::test]
async fn takes_recognizers_with_the_request() {
    let pattern = json!({ "name": "zip", "regex": r"\b\d{5}\b", "score": 0.01 });
    let zip = json!({ "name": "Zip", "supported_language": "en", "patterns": [pattern], "supported_entity": "ZIP" });
    let words = json!({ "deny_list": ["Mr."], "supported_entity": "TITLE", "deny_list_score": 0.3 });
    let body = json!({
        "text": "Mr. Lind, 10023", "language": "en", "ad_hoc_recognizers": [zip, words], "entities": ["ZIP", "TITLE"],
    });
    let answer = json!([finding("TITLE", 0, 3, 0.3), finding("ZIP", 10, 15, 0.01)]);
    assert_eq!(ask(body).await, (200, answer));

    let other = json!({ "deny_list": ["mail"], "supported_entity": "WORD", "supported_language": "de" });
    assert_eq!(ask(about(json!({ "ad_hoc_recognizers": [other] }))).await.1, json!([address(), url()]));
}

#[tokio::test]
async fn refuses_as_presidio_does() {
    for (body, error) in [
        ("{", INTERNAL),
        ("", INTERNAL),
        ("[]", "'list' object has no attribute 'get'"),
        ("null", "'NoneType' object has no attribute 'get'"),
        ("{}", "No text provided"),
        (r#"{"language":"en"}"#, "No text provided"),
        (r#"{"text":[],"language":"en"}"#, "No text provided"),
        (r#"{"text":"a"}"#, "No language provided"),
        (r#"{"text":"a","language":"zz"}"#, NO_RECOGNIZERS),
        (r#"{"text":"a","language":5}"#, NO_RECOGNIZERS),
        (r#"{"text":"a","language":"en","entities":["NOPE"]}"#, NO_RECOGNIZERS),
        (
            r#"{"text":"a","language":"en","allow_list":["b"],"allow_list_match":"near"}"#,
            "allow_list_match must either be set to 'exact' or 'regex'.",
        ),
        (r#"{"text":"a","language":"en","context":[5]}"#, "'int' object has no attribute 'lower'"),
    ] {
        assert_eq!(ask(body).await, (500, json!({ "error": error })), "{body}");
    }
    let (status, answer) = ask(r#"{"text":{"a":1},"language":"en"}"#).await;
    assert_eq!(status, 500);
    assert!(answer["error"].as_str().unwrap().contains("only works on primitive types"));
}

#[tokio::test]
async fn refuses_fields_of_the_wrong_type_as_presidio_does() {
    for (fields, error) in [
        (json!({ "entities": 5 }), "'int' object is not iterable"),
        (json!({ "context": 5 }), "'int' object is not iterable"),
        (json!({ "score_threshold": "x" }), "'>=' not supported between instances of 'float' and 'str'"),
        (json!({ "allow_list": 5 }), "argument of type 'int' is not iterable"),
        (
            json!({ "allow_list": [5], "allow_list_match": "regex" }),
            "sequence item 0: expected str instance, int found",
        ),
        (json!({ "ad_hoc_recognizers": true }), "'bool' object is not iterable"),
    ] {
        let error = format!("Failed to parse /analyze request for AnalyzerEngine.analyze(). {error}");
        assert_eq!(ask(about(fields)).await, (400, json!({ "error": error })));
    }
}

#[tokio::test]
async fn refuses_recognizers_that_can_not_be_made_as_presidio_does() {
    let pattern = |pattern: Value| json!({ "patterns": [pattern], "supported_entity": "A" });
    let pattern_class = "Pattern.__init__()";
    let class = "PatternRecognizer.__init__()";
    for (recognizer, error) in [
        (
            pattern(json!({ "type": 1, "score": 1 })),
            format!("{pattern_class} got an unexpected keyword argument 'type'"),
        ),
        (
            pattern(json!({ "name": "a", "score": 1 })),
            format!("{pattern_class} missing 1 required positional argument: 'regex'"),
        ),
        (
            pattern(json!({})),
            format!("{pattern_class} missing 3 required positional arguments: 'name', 'regex', and 'score'"),
        ),
        (
            json!({ "nmae": "a", "supported_entity": "A" }),
            format!("{class} got an unexpected keyword argument 'nmae'"),
        ),
        (
            json!({ "deny_list": ["a"] }),
            format!("{class} missing 1 required positional argument: 'supported_entity'"),
        ),
    ] {
        let error = format!("Failed to parse /analyze request for AnalyzerEngine.analyze(). {error}");
        let body = about(json!({ "ad_hoc_recognizers": [recognizer] }));
        assert_eq!(ask(&body).await, (400, json!({ "error": error })), "{body}");
    }
    let both = json!({ "deny_list": ["a"], "supported_entity": "A", "supported_entities": ["A"] });
    for (recognizer, error) in [
        (json!(5), "'int' object has no attribute 'copy'"),
        (
            json!({ "supported_entity": "A" }),
            "Pattern recognizer should be initialized with patterns or with deny list",
        ),
        (
            json!({ "deny_list": ["a"], "supported_entity": "" }),
            "Pattern recognizer should be initialized with entity",
        ),
        (
            both,
            "Both 'supported_entity' and 'supported_entities' are present in the input dictionary. Only one should be provided.",
        ),
        (
            pattern(json!({ "name": "a", "regex": "a", "score": 5 })),
            "Invalid score: 5. Score should be between 0 and 1",
        ),
    ] {
        let body = about(json!({ "ad_hoc_recognizers": [recognizer] }));
        assert_eq!(ask(&body).await, (500, json!({ "error": error })), "{body}");
    }
    let (status, _) = ask(about(
        json!({ "ad_hoc_recognizers": [pattern(json!({ "name": "a", "regex": "(", "score": 1 }))] }),
    ))
    .await;
    assert_eq!(status, 500);
}

#[tokio::test]
async fn takes_json_by_any_json_media_type_only() {
    for (media, status) in [("text/plain", 500), ("application/vnd.example+json; charset=utf-8", 200)] {
        let request = Request::post(ANALYZE).header(header::CONTENT_TYPE, media);
        let body = about(json!({})).to_string();
        let answer = Client::new().send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, status, "{media}");
    }
}

#[tokio::test]
async fn lists_recognizers_and_types_by_language() {
    let client = Client::new();
    for (path, name) in [("recognizers", "EmailRecognizer"), ("supportedentities", "EMAIL_ADDRESS")] {
        for query in ["", "?language=en", "?language=", "?unknown=input"] {
            let answer = client.get(&format!("/presidio/analyzer/{path}{query}")).await;
            assert_eq!(answer.status, 200);
            assert!(answer.json().as_array().unwrap().contains(&json!(name)), "{path}{query}");
        }
        let answer = client.get(&format!("/presidio/analyzer/{path}?language=zz")).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (500, json!({ "error": NO_RECOGNIZERS })));
    }
}

#[tokio::test]
async fn is_healthy_and_knows_no_other_paths() {
    let client = Client::new();
    let answer = client.get("/presidio/analyzer/health").await;
    assert_eq!(
        (answer.body.as_str(), answer.media()),
        ("Presidio Analyzer service is up", "text/html; charset=utf-8")
    );
    assert_eq!(client.get("/presidio/analyzer/nope").await.status, 404);
    assert_eq!(client.method(Method::GET, ANALYZE).await.status, 405);
}
