//! Every case that the presidio profile can be compared by: recorded from presidio-analyzer's own unit tests.

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use serde::Deserialize;
use tacita_detect::presidio::{Analyzer, Recognizer};

#[derive(Deserialize)]
struct Case {
    recognizer: String,
    entities: Vec<String>,
    text: String,
    results: Vec<Expected>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Expected {
    entity_type: String,
    start: usize,
    end: usize,
    score: f64,
}

const SHARE: f64 = 0.99;

/// Where ours is right, or the case is not this recogniser's.
const KNOWN: &[(&str, &str, &str)] = &[
    ("DeVatIdRecognizer", "DE123456789", "recorded with `strict_checksum`; as it comes, the class keeps such numbers"),
    ("DeVatIdRecognizer", "DE100000001", "recorded with `strict_checksum`; as it comes, the class keeps such numbers"),
    (
        "IbanRecognizer",
        "AL47212110090000000235698741",
        "recorded with patterns of another recogniser; the number is valid, and other cases have it found",
    ),
    (
        "UkNinoRecognizer",
        "Here is my National Insurance Number YZ 61 48 68 B",
        "the recorded start is one too low; presidio-analyzer 2.2.366 answers 37",
    ),
];

#[test]
fn recognisers_answer_as_presidio_does() {
    let Some(cases) = read("detect/presidio_recognizer_cases.jsonl") else { return };
    let analyzer = Analyzer::with_all_recognizers();
    // Presidio's tests configure these.
    let philippine = Recognizer::of_phones("PH_MOBILE_NUMBER", &["PH"]);
    let turkish = Recognizer::of_phones("TR_PHONE_NUMBER", &["TR"]);
    let mut deviating: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unknown = 0;
    let cases: Vec<Case> =
        cases.lines().map(|line| serde_json::from_str(line).expect("a case per line")).collect();
    for case in &cases {
        let recognizer = match case.entities[0].as_str() {
            "PH_MOBILE_NUMBER" => &philippine,
            "TR_PHONE_NUMBER" => &turkish,
            _ => analyzer
                .recognizer(&case.recognizer)
                .unwrap_or_else(|| panic!("{} is missing", case.recognizer)),
        };
        let mut found: Vec<Expected> = recognizer
            .analyze(&case.text)
            .into_iter()
            .map(|result| Expected {
                entity_type: result.entity_type.into_owned(),
                start: result.start,
                end: result.end,
                score: result.score,
            })
            .collect();
        let mut expected = case.results.clone();
        for results in [&mut found, &mut expected] {
            results.sort_by(|a, b| (a.start, a.end, &a.entity_type).cmp(&(b.start, b.end, &b.entity_type)));
        }
        let same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(a, b)| {
                (&a.entity_type, a.start, a.end) == (&b.entity_type, b.start, b.end)
                    && (a.score - b.score).abs() <= 0.001
            });
        if !same {
            let known = KNOWN.iter().find(|known| (known.0, known.1) == (case.recognizer.as_str(), case.text.as_str()));
            let reason = known.map_or("not known", |known| known.2);
            *deviating.entry(&case.recognizer).or_default() += 1;
            println!("{} {:?}: {reason}\n  expected {expected:?}\n  found    {found:?}", case.recognizer, case.text);
            unknown += usize::from(known.is_none());
        }
    }
    let deviations: usize = deviating.values().sum();
    let share = 1.0 - deviations as f64 / cases.len() as f64;
    println!("{} of {} cases agree exactly: {:.2} %", cases.len() - deviations, cases.len(), share * 100.0);
    assert_eq!(unknown, 0, "deviations that are not known: {deviating:?}");
    assert!(share >= SHARE, "only {:.2} % agree; deviating: {deviating:?}", share * 100.0);
}

/// A file of the evaluation data; where there is none the test is skipped, which CI does not accept.
fn read(file: &str) -> Option<String> {
    let Some(folder) = env::var_os("TACITA_EVAL_DATA") else {
        assert!(env::var_os("CI").is_none(), "TACITA_EVAL_DATA is not set, and CI may not skip");
        println!("skipped: TACITA_EVAL_DATA is not set");
        return None;
    };
    let path = PathBuf::from(folder).join(file);
    Some(fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}
