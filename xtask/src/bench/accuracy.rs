//! Exact spans against what people marked, per type, beside presidio-analyzer.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;
use tacita_detect::{Detector, OffsetUnit, Options, convert_offsets};

use super::{Marked, marked, peer::Presidio, prose};

/// A corpus's name for a type, ours, and Presidio's.
type Names = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Types of `presidio_research_synth.jsonl` that patterns can find.
const SYNTH: &[Names] = &[
    ("CREDIT_CARD", &["CREDIT_CARD"], &["CREDIT_CARD"]),
    ("PHONE_NUMBER", &["PHONE_NUMBER"], &["PHONE_NUMBER"]),
    ("DATE_TIME", &["DATE_TIME", "DATE_OF_BIRTH"], &["DATE_TIME"]),
    ("DOMAIN_NAME", &["URL"], &["URL"]),
    ("EMAIL_ADDRESS", &["EMAIL_ADDRESS"], &["EMAIL_ADDRESS"]),
    ("IBAN_CODE", &["IBAN_CODE"], &["IBAN_CODE"]),
    ("US_SSN", &["US_SSN"], &["US_SSN"]),
    ("IP_ADDRESS", &["IP_ADDRESS"], &["IP_ADDRESS"]),
    ("TITLE", &["TITLE"], &[]),
    ("AGE", &["AGE"], &[]),
    ("STREET_ADDRESS", &["STREET_ADDRESS"], &[]),
];

/// Types of `pii_anon.jsonl` that patterns can find.
const ANON: &[Names] = &[
    ("EMAIL_ADDRESS", &["EMAIL_ADDRESS"], &["EMAIL_ADDRESS"]),
    ("SOCIAL_SECURITY_NUMBER", &["US_SSN", "US_ITIN"], &["US_SSN", "US_ITIN"]),
    ("PHONE_NUMBER", &["PHONE_NUMBER"], &["PHONE_NUMBER"]),
    ("IP_ADDRESS", &["IP_ADDRESS"], &["IP_ADDRESS"]),
    ("MAC_ADDRESS", &["MAC_ADDRESS"], &["MAC_ADDRESS"]),
    ("CREDIT_CARD_NUMBER", &["CREDIT_CARD"], &["CREDIT_CARD"]),
    ("MEDICAL_RECORD_NUMBER", &["MEDICAL_RECORD_NUMBER"], &[]),
    ("NPI_NUMBER", &["US_NPI"], &["US_NPI"]),
    ("DEA_NUMBER", &["MEDICAL_LICENSE"], &["MEDICAL_LICENSE"]),
    ("DOCKET_NUMBER", &["DOCKET_NUMBER"], &[]),
    ("COURT_CASE_NUMBER", &["COURT_CASE_NUMBER"], &[]),
    ("BAR_NUMBER", &["BAR_NUMBER"], &[]),
    ("HEALTH_INSURANCE_ID", &["HEALTH_INSURANCE_ID"], &["US_HEALTH_INSURANCE_MEMBER_ID"]),
    ("INSURANCE_POLICY_NUMBER", &["INSURANCE_POLICY_NUMBER"], &[]),
    ("STREET_ADDRESS", &["STREET_ADDRESS"], &[]),
    ("EMPLOYEE_ID", &["EMPLOYEE_ID"], &[]),
    ("PASSWORD", &["PASSWORD"], &[]),
    ("API_KEY", &["API_KEY"], &[]),
    ("USERNAME", &["USERNAME"], &[]),
];

/// Hits, false alarms and misses of one type.
#[derive(Default, Clone, Copy)]
struct Tally {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Tally {
    fn precision(self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    fn f1(self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub(super) fn report(data: &Path, peer: &Presidio) -> Result<()> {
    let detector = Detector::new(Options::default())?;
    for (file, names) in [("presidio_research_synth.jsonl", SYNTH), ("pii_anon.jsonl", ANON)] {
        let texts = marked(&data.join(file))?;
        let ours: Vec<_> = texts.iter().map(|row| spans(&detector, &row.text)).collect();
        let (theirs, _) = peer.analyze(texts.iter().map(|row| row.text.as_str()), 0.4)?;
        println!(
            "\n{file}: exact spans, native profile against presidio-analyzer (patterns, threshold 0.4)\n"
        );
        println!(
            "{:24} {:>5}   {:>6} {:>6} {:>6}   {:>6} {:>6} {:>6}",
            "type", "n", "P", "R", "F1", "P", "R", "F1"
        );
        for (name, our_types, their_types) in names {
            let mine = tally(&texts, &ours, name, our_types);
            let other = tally(&texts, &theirs, name, their_types);
            print!("{name:24} {:>5}   ", mine.right + mine.missed);
            print!("{:>6.3} {:>6.3} {:>6.3}   ", mine.precision(), mine.recall(), mine.f1());
            if their_types.is_empty() {
                println!("{:>6} {:>6} {:>6}", "-", "-", "-");
            } else {
                println!("{:>6.3} {:>6.3} {:>6.3}", other.precision(), other.recall(), other.f1());
            }
        }
    }
    false_alarms(data, &detector)
}

fn spans(detector: &Detector, text: &str) -> Vec<(usize, usize, String)> {
    let mut findings = detector.detect(text);
    convert_offsets(text, OffsetUnit::Chars, &mut findings);
    findings.iter().map(|f| (f.start, f.end, detector.entity_name(f.entity).to_owned())).collect()
}

fn tally(texts: &[Marked], found: &[Vec<(usize, usize, String)>], name: &str, types: &[&str]) -> Tally {
    let mut tally = Tally::default();
    for (row, found) in texts.iter().zip(found) {
        let gold: Vec<(usize, usize)> = row
            .spans
            .iter()
            .filter(|(_, _, kind)| kind == name)
            .map(|(start, end, _)| (*start, *end))
            .collect();
        let mut spans: Vec<(usize, usize)> = found
            .iter()
            .filter(|(_, _, kind)| types.contains(&kind.as_str()))
            .map(|(start, end, _)| (*start, *end))
            .collect();
        spans.sort_unstable();
        spans.dedup();
        let right = gold.iter().filter(|span| spans.contains(span)).count();
        tally.right += right;
        tally.missed += gold.len() - right;
        tally.wrong += spans.len() - right;
    }
    tally
}

/// What is found in prose that holds next to nothing to find, read by a person: dates aside.
fn false_alarms(data: &Path, detector: &Detector) -> Result<()> {
    let text = prose(&data.join("wikigold.conll.txt"))?;
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in detector.detect(&text) {
        let name = detector.entity_name(finding.entity);
        if !name.starts_with("DATE") {
            by_type.entry(name).or_default().push(&text[finding.start..finding.end]);
        }
    }
    let megabytes = text.len() as f64 / 1e6;
    println!("\nwikigold.conll.txt: everything found but dates in {megabytes:.2} MB of prose\n");
    for (name, values) in by_type {
        println!("{name:24} {:>5}   {}", values.len(), values.join(" | "));
    }
    Ok(())
}
