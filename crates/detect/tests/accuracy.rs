//! What the native profile must reach on public corpora: exact spans, the figures that `docs/benchmarks.md` states.
#![allow(clippy::print_stdout, reason = "figures and skips are told")]

mod eval;

use tacita_detect::{Detector, OffsetUnit, Options, convert_offsets};

struct Score {
    precision: f64,
    recall: f64,
    f1: f64,
}

/// Exact spans of `types` against those marked `name`.
fn score(corpus: &str, name: &str, types: &[&str]) -> Score {
    let detector = Detector::new(Options::default()).expect("valid options");
    let (mut right, mut wrong, mut missed) = (0.0, 0.0, 0.0);
    for line in corpus.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let text = row["text"].as_str().expect("a text");
        let spans: Vec<(usize, usize, String)> = serde_json::from_value(row["spans"].clone()).expect("spans");
        let gold: Vec<(usize, usize)> = spans.iter().filter(|s| s.2 == name).map(|s| (s.0, s.1)).collect();
        let mut findings = detector.detect(text);
        convert_offsets(text, OffsetUnit::Chars, &mut findings);
        findings.retain(|f| types.contains(&detector.entity_name(f.entity)));
        let hits = findings.iter().filter(|f| gold.contains(&(f.start, f.end))).count();
        right += hits as f64;
        wrong += (findings.len() - hits) as f64;
        missed += (gold.len() - hits) as f64;
    }
    Score {
        precision: right / (right + wrong),
        recall: right / (right + missed),
        f1: 2.0 * right / (2.0 * right + wrong + missed),
    }
}

#[test]
fn synthetic_texts() {
    let Some(corpus) = eval::data("presidio_research_synth.jsonl") else { return };
    let cases: &[(&str, &[&str], f64)] = &[
        ("CREDIT_CARD", &["CREDIT_CARD"], 0.99),
        ("PHONE_NUMBER", &["PHONE_NUMBER"], 0.92),
        ("DATE_TIME", &["DATE_TIME", "DATE_OF_BIRTH"], 0.75),
        ("EMAIL_ADDRESS", &["EMAIL_ADDRESS"], 1.0),
        ("IBAN_CODE", &["IBAN_CODE"], 1.0),
        ("US_SSN", &["US_SSN"], 1.0),
        ("IP_ADDRESS", &["IP_ADDRESS"], 1.0),
    ];
    for (name, types, least) in cases {
        let Score { f1, .. } = score(&corpus, name, types);
        println!("{name}: F1 {f1:.3}");
        assert!(f1 >= *least, "{name}: {f1:.3} is under {least}");
    }
    let Score { precision, .. } = score(&corpus, "DOMAIN_NAME", &["URL"]);
    assert!(precision >= 0.98, "URL: precision {precision:.3} is under .98");
}

/// Recall: the corpus marks a value once per record, so that its repetitions would count as false.
#[test]
fn records_of_people() {
    let Some(corpus) = eval::data("pii_anon.jsonl") else { return };
    let cases: &[(&str, &[&str], f64)] = &[
        ("EMAIL_ADDRESS", &["EMAIL_ADDRESS"], 0.95),
        ("SOCIAL_SECURITY_NUMBER", &["US_SSN", "US_ITIN"], 0.95),
        ("PHONE_NUMBER", &["PHONE_NUMBER"], 0.95),
        ("IP_ADDRESS", &["IP_ADDRESS"], 0.95),
        ("MAC_ADDRESS", &["MAC_ADDRESS"], 0.95),
        ("CREDIT_CARD_NUMBER", &["CREDIT_CARD"], 0.95),
        ("MEDICAL_RECORD_NUMBER", &["MEDICAL_RECORD_NUMBER"], 0.90),
        ("NPI_NUMBER", &["US_NPI"], 0.90),
        ("DEA_NUMBER", &["MEDICAL_LICENSE"], 0.90),
        ("DOCKET_NUMBER", &["DOCKET_NUMBER"], 0.90),
        ("COURT_CASE_NUMBER", &["COURT_CASE_NUMBER"], 0.90),
        ("BAR_NUMBER", &["BAR_NUMBER"], 0.90),
        ("HEALTH_INSURANCE_ID", &["HEALTH_INSURANCE_ID"], 0.90),
        ("INSURANCE_POLICY_NUMBER", &["INSURANCE_POLICY_NUMBER"], 0.90),
    ];
    for (name, types, least) in cases {
        let Score { recall, f1, .. } = score(&corpus, name, types);
        println!("{name}: recall {recall:.3}, F1 {f1:.3}");
        assert!(recall >= *least, "{name}: {recall:.3} is under {least}");
    }
}
