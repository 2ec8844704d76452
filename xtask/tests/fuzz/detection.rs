//! The native engine and the presidio profile.

use tacita_detect::{
    Detector, Finding, Options, Overlaps, Rules,
    presidio::{AnalyzeRequest, Analyzer},
};

use crate::{
    fuzz,
    inputs::{damage, text},
};

fn detector(overlaps: Overlaps) -> Detector {
    Detector::new(Options { overlaps, ..Options::default() }).expect("good options")
}

#[test]
fn fuzz_findings_are_sound() {
    let resolving = detector(Overlaps::Resolve);
    let all = detector(Overlaps::All);
    fuzz(|rng| {
        let text = text(rng);
        let found = resolving.detect(&text);
        check(&text, &found);
        assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start), "findings overlap");
        check(&text, &all.detect(&text));
    });
}

#[test]
fn fuzz_a_stream_finds_what_the_whole_text_finds() {
    let detector = detector(Overlaps::Resolve);
    fuzz(|rng| {
        let text = text(rng);
        let mut streamed = Vec::new();
        let mut stream = detector.stream();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let most = if rng.bool() { 40 } else { 50_000 };
            let (piece, tail) = rest.split_at(rest.len().min(rng.usize(1..most)));
            stream.push(piece, |finding| streamed.push(finding));
            rest = tail;
        }
        stream.finish(|finding| streamed.push(finding));
        assert_eq!(streamed, detector.detect(&text));
    });
}

#[test]
fn fuzz_bytes_that_are_no_text() {
    let detector = detector(Overlaps::Resolve);
    fuzz(|rng| {
        let mut bytes = text(rng).into_bytes();
        for _ in 0..rng.usize(..20) {
            damage(rng, &mut bytes);
        }
        for finding in detector.detect_bytes(&bytes) {
            assert!(finding.start < finding.end && finding.end <= bytes.len());
        }
    });
}

fn check(text: &str, findings: &[Finding]) {
    for finding in findings {
        assert!(finding.start < finding.end, "an empty finding");
        assert!(text.get(finding.start..finding.end).is_some(), "a finding that cuts a character");
        assert!((Options::THRESHOLD..=1.0).contains(&finding.score), "a score of {}", finding.score);
    }
    assert!(findings.windows(2).all(|pair| pair[0].start <= pair[1].start), "findings out of order");
}

#[test]
fn fuzz_the_presidio_profile() {
    let analyzer = Analyzer::new();
    fuzz(|rng| {
        let mut request =
            AnalyzeRequest::new(text(rng), analyzer.languages()[rng.usize(..analyzer.languages().len())]);
        let characters = request.text.chars().count();
        request.return_decision_process = Some(rng.bool());
        for result in analyzer.analyze(&request).expect("a sound request") {
            assert!(result.start < result.end && result.end <= characters, "{}", result.entity_type);
        }
    });
}

/// Patterns with everything that is translated: look-around, flags, classes, groups, bounds.
const PATTERNS: [&str; 6] = [
    r"(?<![A-Za-z])[A-Z]{2}\d{2}(?:[ ]?\d{4}){3,7}(?!\d)",
    r"(?i)(?<=no\.\s*)\d{3,}(?=\W|$)",
    r"\b(?!000|666)[0-8]\d{2}[- ](?!00)\d{2}\b",
    r"(?x) (?P<user>[\w.+-]+) @ [^\s@]+?  # an address",
    r"^[^\W\d_]+(?:-[\p{L}&&[^x]]+)*\Z",
    r"[\]\-\u00e9\x41]|(?:a|b|)*+",
];

#[test]
fn fuzz_patterns_of_python() {
    let analyzer = Analyzer::new();
    fuzz(|rng| {
        let mut pattern = PATTERNS[rng.usize(..PATTERNS.len())].as_bytes().to_vec();
        for _ in 0..rng.usize(..4) {
            damage(rng, &mut pattern);
        }
        let recognizer = serde_json::json!([{
            "supported_entity": "FOUND",
            "patterns": [{ "name": "damaged", "regex": String::from_utf8_lossy(&pattern), "score": 0.5 }],
            "global_regex_flags": rng.u32(..256),
        }]);
        let mut request = AnalyzeRequest::new(text(rng), "en");
        request.ad_hoc_recognizers = serde_json::from_value(recognizer).expect("a sound recogniser");
        request.entities = Some(vec!["FOUND".to_owned()]);
        let characters = request.text.chars().count();
        // Not every pattern can be used, but what was refused must be refused by an error.
        for result in analyzer.analyze(&request).into_iter().flatten() {
            assert!(result.start <= result.end && result.end <= characters);
        }
    });
}

#[test]
fn fuzz_rules() {
    const GOOD: &str = r#"
test_numbers = true
allow = ["Acme Ltd", "4111 1111 1111 1111"]

[[exclude]]
entities = ["PHONE_NUMBER"]
patterns = ['\+44 20 7946 0\d{3}']

[[deny]]
entity = "CODENAME"
words = ["Bluebird", "Night Owl"]
case_sensitive = true

[[recognizer]]
entity = "EMPLOYEE_ID"
context = ["employee", "staff"]
check = "luhn"
patterns = [{ regex = '\b\d{8}\b', score = 0.4, near = 0.9 }]
"#;
    Rules::parse(GOOD).expect("good rules");
    fuzz(|rng| {
        let mut rules = GOOD.as_bytes().to_vec();
        for _ in 0..rng.usize(..4) {
            damage(rng, &mut rules);
        }
        let Ok(rules) = Rules::parse(&String::from_utf8_lossy(&rules)) else { return };
        let Ok(detector) = Detector::new(Options { rules, ..Options::default() }) else { return };
        let text = text(rng);
        for finding in detector.detect(&text) {
            assert!(text.get(finding.start..finding.end).is_some_and(|value| !value.is_empty()));
        }
    });
}
