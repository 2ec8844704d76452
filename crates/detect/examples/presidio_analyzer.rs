//! Answers requests of `tests/presidio/analyzer_differential.py`, one JSON per line: a text for one recogniser by its
//! name, or a whole request for the analyzer (with `"all": true` for the one with all recognisers).

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use tacita_detect::presidio::{AnalyzeRequest, Analyzer};

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        writeln!(out, "{}", answer(request)?)?;
    }
    out.flush()
}

fn answer(request: Value) -> io::Result<Value> {
    let all = Analyzer::with_all_recognizers();
    if let Some(name) = request["recognizer"].as_str() {
        let recognizer =
            all.recognizer(name).ok_or_else(|| io::Error::other(format!("no recogniser `{name}`")))?;
        return Ok(json!(recognizer.analyze(request["text"].as_str().unwrap_or_default())));
    }
    let analyzer = if request["all"] == true { all } else { Analyzer::new() };
    let request: AnalyzeRequest = serde_json::from_value(request)?;
    Ok(match analyzer.analyze(&request) {
        Ok(results) => json!(results),
        Err(error) => json!({"error": error.to_string()}),
    })
}
