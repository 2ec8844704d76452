//! Calls of presidio-anonymizer recorded with what it answered (microsoft/presidio, MIT), from `TACITA_EVAL_DATA`.

mod eval;

use proptest::prelude::*;
use serde_json::{Value, json};
use tacita_detect::presidio::anonymizer::{
    AnonymizeRequest, AnonymizerError, ConflictResolution, CustomOperator, DeanonymizeRequest, EngineResult,
    Entity, OperatorConfig, anonymize, deanonymize,
};

/// The record replaced bytes by `<bytes>`; this is the key under which its ciphertext decrypts.
const KEY_OF_BYTES: &str = "WmZq4t7w!z%C&F)J";

#[test]
fn deterministic_calls_are_answered_as_recorded() {
    let Some(cases) = cases() else { return };
    let (mut agree, mut mocked, mut wrong) = (0, 0, Vec::new());
    for case in cases.iter().filter(|case| case["deterministic"] == true) {
        if is_mocked(case) {
            mocked += 1;
        } else if answer(case) == expected(case) {
            agree += 1;
        } else {
            wrong.push(format!("{case}\n  we say {}", answer(case)));
        }
    }
    println!(
        "anonymizer: {agree} of {} deterministic calls agree; {mocked} recorded from a mock",
        agree + wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_calls_are_answered_in_the_same_shape() {
    let Some(cases) = cases() else { return };
    // Random salts and initialisation vectors, and functions that the record can't hold: everything but the value
    // of the replacements is the same.
    for case in cases.iter().filter(|case| case["deterministic"] == false) {
        assert_eq!(shape(answer(case)), shape(expected(case)), "{case}");
    }
}

#[test]
fn wrong_requests_get_the_status_and_message_of_presidio() {
    let found = json!([{"entity_type": "A", "start": 0, "end": 4, "score": 0.5}]);
    let with =
        |operator: Value| json!({"text": "Mara", "analyzer_results": found, "anonymizers": {"A": operator}});
    let results = |results: Value| json!({"text": "Mara", "analyzer_results": results});
    for (body, status, message) in [
        (json!({}), 400, "Invalid request json"),
        (json!([1]), 500, "Internal server error"),
        (with(json!({"type": "custom"})), 400, "Custom type anonymizer is not supported"),
        (json!({"text": "Mara"}), 422, "Invalid input, request must contain analyzer results"),
        (with(json!({"key": "x"})), 422, "Invalid input, operator config must contain operator_name"),
        (with(json!({"type": "decrypt"})), 422, "Invalid operator class 'decrypt'."),
        (results(json!([{"start": 0}])), 422, "Invalid input, result must contain end"),
        (results(json!([{"start": 0, "end": 2}])), 422, "Invalid input, result must contain entity_type"),
        (
            results(json!([{"start": "0", "end": 2, "entity_type": "A"}])),
            422,
            "Invalid parameter value for start. Expecting 'number', but got 'string'.",
        ),
        (
            results(json!([{"start": -1, "end": 2, "entity_type": "A", "score": 1}])),
            422,
            "Invalid input, result start and end must be positive",
        ),
        (
            results(json!([{"start": 3, "end": 2, "entity_type": "A", "score": 1}])),
            422,
            "Invalid input, start index '3' must be smaller than end index '2'",
        ),
        (
            results(json!([{"start": 0, "end": 2, "entity_type": "A"}])),
            422,
            "Invalid input, analyzer result must contain score",
        ),
        (
            results(json!([{"start": 2, "end": 5, "entity_type": "A", "score": 1}])),
            422,
            "Invalid analyzer result, start: 2 and end: 5, while text length is only 4.",
        ),
        (with(json!({"type": "mask"})), 422, "Expected parameter masking_char"),
        (
            with(json!({"type": "mask", "masking_char": "*", "chars_to_mask": "2"})),
            422,
            "Invalid parameter value for chars_to_mask. Expecting 'number', but got 'string'.",
        ),
        (
            with(json!({"type": "hash", "hash_type": "md5"})),
            422,
            "Parameter hash_type value md5 is not in range of values ['sha256', 'sha512']",
        ),
        (
            with(json!({"type": "hash", "salt": "short"})),
            422,
            "Salt must be at least 16 bytes (128 bits). Provided salt is 5 bytes.",
        ),
        (
            with(json!({"type": "encrypt", "key": "short"})),
            422,
            "Invalid input, key must be of length 128, 192 or 256 bits",
        ),
        (with(json!({"type": "encrypt", "key": 5})), 422, "Invalid parameter value for 'key'."),
    ] {
        let request = AnonymizeRequest::from_json(&body);
        let error =
            request.and_then(|request| anonymize(&request, &mut |_: &mut [u8]| {})).expect_err(message);
        assert_eq!((error.status(), error.to_string().as_str()), (status, message), "{body}");
    }
}

#[test]
fn decrypting_undoes_encrypting_for_every_key_length() {
    for key in ["k".repeat(16), "k".repeat(24), "ö".repeat(16)] {
        let results = json!([
            {"entity_type": "PERSON", "start": 0, "end": 3, "score": 0.5},
            {"entity_type": "PERSON", "start": 8, "end": 11, "score": 0.5},
        ]);
        let body = json!({
            "text": "Zoë and Åsa", "analyzer_results": results,
            "anonymizers": {"DEFAULT": {"type": "encrypt", "key": key}},
        });
        let request = AnonymizeRequest::from_json(&body).expect("the request is valid");
        let sealed = anonymize(&request, &mut |iv: &mut [u8]| iv.fill(7)).expect("the request is valid");
        let body = json!({
            "text": sealed.text, "anonymizer_results": sealed.items,
            "deanonymizers": {"DEFAULT": {"type": "decrypt", "key": key}},
        });
        let request = DeanonymizeRequest::from_json(&body).expect("the request is valid");
        assert_eq!(deanonymize(&request).expect("the key is right").text, "Zoë and Åsa");
    }
}

proptest! {
    #[test]
    fn any_entities_in_any_text_get_an_answer(
        text in any::<String>(),
        places in prop::collection::vec((0..3_u8, 0..20_usize, 0..20_usize, 0..3_u8), 0..8),
        trim in any::<bool>(),
    ) {
        let length = text.chars().count();
        let entities = places.into_iter().map(|(entity, a, b, score)| {
            let (start, end) = (a.min(b).min(length), a.max(b).min(length));
            Entity { entity_type: entity.to_string(), start, end, score: Some(score.into()) }
        });
        let mut request = AnonymizeRequest::new(&text, entities.collect());
        if trim {
            request.conflict_resolution = ConflictResolution::RemoveIntersections;
        }
        let keep = CustomOperator { name: "keep".to_owned(), apply: Box::new(str::to_owned) };
        request.added.push(keep);
        let config = OperatorConfig::new("keep", serde_json::Map::new()).expect("the name is not empty");
        request.operators.insert("DEFAULT".to_owned(), config);
        let result = anonymize(&request, &mut |_: &mut [u8]| {}).expect("all entities lie in the text");
        if trim {
            // Nothing overlaps any more, so that keeping everything changes nothing.
            prop_assert_eq!(&result.text, &text);
            for item in &result.items {
                prop_assert!(text.chars().skip(item.start).take(item.end - item.start).eq(item.text.chars()));
            }
        }
    }
}

fn cases() -> Option<Vec<Value>> {
    let lines = eval::data("presidio_anonymizer_cases.jsonl")?;
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect())
}

/// The operator has no name, which the engine refuses: what was recorded came from a mock of it.
fn is_mocked(case: &Value) -> bool {
    case["operators"]["DEFAULT"]["type"] == ""
}

fn expected(case: &Value) -> Value {
    match &case["error"] {
        Value::Null => case["result"].clone(),
        error => error.clone(),
    }
}

fn answer(case: &Value) -> Value {
    match call(case) {
        Ok(result) => {
            let mut result = serde_json::to_value(result).expect("a result can be written");
            for item in result["items"].as_array_mut().expect("a result has items") {
                // The record leaves it out.
                item.as_object_mut().expect("an item is an object").remove("score");
            }
            result
        }
        Err(AnonymizerError::InvalidParam(message)) => format!("InvalidParamError: {message}").into(),
        Err(error) => error.to_string().into(),
    }
}

fn call(case: &Value) -> Result<EngineResult, AnonymizerError> {
    let mut operators = case["operators"].clone();
    for config in operators.as_object_mut().expect("operators are an object").values_mut() {
        for (field, bytes) in [("key", KEY_OF_BYTES), ("salt", "sixteen bytes or more")] {
            if config[field] == "<bytes>" {
                config[field] = bytes.into();
            }
        }
        if config["type"] == "custom" {
            // The server refuses it; the library has it among the added operators.
            config["type"] = "recorded lambda".into();
        }
    }
    if case["kind"] == "deanonymize" {
        let body =
            json!({"text": case["text"], "anonymizer_results": case["entities"], "deanonymizers": operators});
        return deanonymize(&DeanonymizeRequest::from_json(&body)?);
    }
    let body = json!({
        "text": case["text"], "analyzer_results": case["analyzer_results"], "anonymizers": operators,
    });
    let mut request = AnonymizeRequest::from_json(&body)?;
    request.merge_entities_with_spaces = case["extra"]["merge_entities_with_spaces"] != "False";
    if case["extra"]["conflict_resolution"] == "ConflictResolutionStrategy.REMOVE_INTERSECTIONS" {
        request.conflict_resolution = ConflictResolution::RemoveIntersections;
    }
    let reverse = |value: &str| value.chars().rev().collect();
    request.added.push(CustomOperator { name: "Reverser".to_owned(), apply: Box::new(reverse) });
    let wrap = |value: &str| format!("<ENTITY: {value}>");
    request.added.push(CustomOperator { name: "recorded lambda".to_owned(), apply: Box::new(wrap) });
    let mut seed = 0_u8;
    anonymize(&request, &mut move |bytes: &mut [u8]| {
        seed += 1;
        bytes.fill(seed);
    })
}

/// The result with every replacement of the same length the same, and custom operators under one name.
fn shape(mut result: Value) -> Value {
    let Some(items) = result["items"].as_array_mut() else { return result };
    for item in items {
        let text = item["text"].as_str().expect("an item has a text").len();
        item["text"] = text.into();
        if item["operator"] == "recorded lambda" {
            item["operator"] = "custom".into();
        }
    }
    result["text"] = result["text"].as_str().map(str::len).into();
    result
}
