//! Calls of presidio-anonymizer recorded with what it answered (microsoft/presidio, MIT), from `TACITA_EVAL_DATA`.

use std::{env, fs, path::PathBuf};

use serde_json::{Value, json};
use tacita_detect::presidio::anonymizer::{
    AnonymizeRequest, AnonymizerError, ConflictResolution, CustomOperator, DeanonymizeRequest, EngineResult,
    anonymize, deanonymize,
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

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn cases() -> Option<Vec<Value>> {
    let Some(folder) = env::var_os("TACITA_EVAL_DATA").map(PathBuf::from) else {
        assert!(env::var_os("CI").is_none(), "TACITA_EVAL_DATA must be set in CI");
        println!("skipped: TACITA_EVAL_DATA is not set");
        return None;
    };
    let path = folder.join("detect/presidio_anonymizer_cases.jsonl");
    let lines = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
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
