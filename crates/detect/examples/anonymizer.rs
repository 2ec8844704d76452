//! Answers requests of Presidio's anonymizer line by line: `{"path": "/anonymize", "body": {…}}` in,
//! `{"status": 200, "body": {…}}` out.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use tacita_detect::{
    presidio::anonymizer::{
        AnonymizeRequest, AnonymizerError, DeanonymizeRequest, EngineResult, anonymize, deanonymize,
    },
    redact::system_random,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let (status, body) = match answer(&request) {
            Ok(result) => (200, serde_json::to_value(result)?),
            Err(error) => (error.status(), json!({ "error": error.to_string() })),
        };
        writeln!(out, "{}", json!({ "status": status, "body": body }))?;
    }
    Ok(())
}

fn answer(request: &Value) -> Result<EngineResult, AnonymizerError> {
    let body = &request["body"];
    if request["path"] == "/deanonymize" {
        return deanonymize(&DeanonymizeRequest::from_json(body)?);
    }
    anonymize(&AnonymizeRequest::from_json(body)?, &mut system_random)
}
