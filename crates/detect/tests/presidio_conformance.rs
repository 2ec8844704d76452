//! Cases recorded from presidio-analyzer's own unit tests (microsoft/presidio, MIT), from `TACITA_EVAL_DATA`: each text
//! through one recogniser.

mod eval;

use std::collections::BTreeMap;

use serde::Deserialize;
use tacita_detect::presidio::{Analyzer, Recognizer};

#[derive(Deserialize)]
struct Case {
    recognizer: String,
    entities: Vec<String>,
    text: String,
    results: Vec<Found>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Found {
    entity_type: String,
    start: usize,
    end: usize,
    score: f64,
}

/// The share of cases that must agree exactly.
const SHARE: f64 = 0.99;

/// Where ours is right, or the case is not this recogniser's: recogniser, text, reason.
const KNOWN: &[(&str, &str, &str)] = &[
    ("DeVatIdRecognizer", "DE123456789", "recorded with `strict_checksum`, which is off unless asked for"),
    ("DeVatIdRecognizer", "DE100000001", "recorded with `strict_checksum`, which is off unless asked for"),
    (
        "IbanRecognizer",
        "AL47212110090000000235698741",
        "recorded with patterns of another recogniser; the number is valid, and other cases have it found",
    ),
    (
        "UkNinoRecognizer",
        "Here is my National Insurance Number YZ 61 48 68 B",
        "the recorded start is one too low: presidio-analyzer 2.2.366 answers 37",
    ),
];

#[test]
fn recognisers_answer_as_presidio_does() {
    let Some(cases) = cases() else { return };
    let analyzer = Analyzer::with_all_recognizers();
    // Presidio's tests configure these.
    let philippine = Recognizer::of_phones("PH_MOBILE_NUMBER", &["PH"]);
    let turkish = Recognizer::of_phones("TR_PHONE_NUMBER", &["TR"]);

    let mut deviations: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unknown = 0;
    for case in &cases {
        let recognizer = match case.entities[0].as_str() {
            "PH_MOBILE_NUMBER" => &philippine,
            "TR_PHONE_NUMBER" => &turkish,
            _ => analyzer
                .recognizer(&case.recognizer)
                .unwrap_or_else(|| panic!("{} is missing", case.recognizer)),
        };
        let found = found(recognizer, &case.text);
        if agree(&found, &case.results) {
            continue;
        }
        let known = KNOWN.iter().find(|known| (known.0, known.1) == (&case.recognizer, &case.text));
        unknown += usize::from(known.is_none());
        *deviations.entry(&case.recognizer).or_default() += 1;
        println!("{} {:?}: {}", case.recognizer, case.text, known.map_or("not known", |known| known.2));
        println!("  expected {:?}\n  found    {found:?}", case.results);
    }
    let agreeing = cases.len() - deviations.values().sum::<usize>();
    let share = agreeing as f64 / cases.len() as f64;
    println!("{agreeing} of {} cases agree exactly: {:.2} %", cases.len(), share * 100.0);
    assert_eq!(unknown, 0, "deviations that are not known, among {deviations:?}");
    assert!(share >= SHARE, "only {:.2} % agree; deviating: {deviations:?}", share * 100.0);
}

fn found(recognizer: &Recognizer, text: &str) -> Vec<Found> {
    let results = recognizer.analyze(text).into_iter();
    results
        .map(|result| Found {
            entity_type: result.entity_type.into_owned(),
            start: result.start,
            end: result.end,
            score: result.score,
        })
        .collect()
}

/// The same in any order, scores to a thousandth.
fn agree(found: &[Found], expected: &[Found]) -> bool {
    let same = |a: &Found, b: &Found| {
        let score = (a.score - b.score).abs() <= 0.001;
        score && (&a.entity_type, a.start, a.end) == (&b.entity_type, b.start, b.end)
    };
    found.len() == expected.len()
        && expected.iter().all(|expected| found.iter().any(|found| same(found, expected)))
}

fn cases() -> Option<Vec<Case>> {
    let lines = eval::data("presidio_recognizer_cases.jsonl")?;
    Some(lines.lines().map(|line| serde_json::from_str(line).expect("a case is JSON")).collect())
}
