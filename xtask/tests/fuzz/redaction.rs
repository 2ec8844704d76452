//! Redaction, restoring, and the files they keep.

use fastrand::Rng;
use tacita_detect::{
    Detector, EntityId, Finding, Options,
    redact::{Key, Operator, Policy, Redactor, Vault, restore},
};

use crate::{
    fuzz,
    inputs::{damage, text},
};

/// Types for findings that were thrown at random.
const NAMES: [&str; 3] = ["PERSON", "EMAIL_ADDRESS", "LITERAL"];

#[test]
fn fuzz_restore_undoes_redact() {
    fuzz(|rng| {
        let text = text(rng);
        let key = key(rng);
        let operator = [Operator::Placeholder, Operator::Encrypt, Operator::Hash][rng.usize(..3)].clone();
        let findings = thrown(rng, &text);
        let mut redactor = redactor(rng, operator, &key);
        let redacted = redactor
            .redact(&text, &findings, |entity| NAMES[usize::from(entity.number())])
            .expect("sound findings");
        let restored = restore(&redacted.text, redactor.vault(), &key);
        assert_eq!(restored.text, text);
        assert_eq!(restored.unknown, 0);
    });
}

#[test]
fn fuzz_redaction_of_what_is_found() {
    let detector = Detector::new(Options::default()).expect("good options");
    fuzz(|rng| {
        let text = text(rng);
        let key = key(rng);
        let mut redactor = redactor(rng, Operator::Placeholder, &key);
        let findings = detector.detect(&text);
        let redacted =
            redactor.redact(&text, &findings, |entity| detector.entity_name(entity)).expect("sound findings");
        let sealed = redactor.vault().seal(&key, &mut |bytes: &mut [u8]| bytes.fill(7));
        let vault = Vault::open(&sealed, &key).expect("its own vault");
        assert_eq!(restore(&redacted.text, &vault, &key).text, text);
    });
}

#[test]
fn fuzz_damaged_vaults_are_refused() {
    fuzz(|rng| {
        let text = text(rng);
        let key = key(rng);
        let mut redactor = redactor(rng, Operator::Placeholder, &key);
        let findings = thrown(rng, &text);
        redactor
            .redact(&text, &findings, |entity| NAMES[usize::from(entity.number())])
            .expect("sound findings");
        let sealed = redactor.vault().seal(&key, &mut |bytes: &mut [u8]| bytes.fill(7));
        let mut damaged = sealed.clone();
        damage(rng, &mut damaged);
        assert!(damaged == sealed || Vault::open(&damaged, &key).is_err(), "a damaged vault was opened");
    });
}

#[test]
fn fuzz_text_that_was_never_redacted() {
    fuzz(|rng| {
        let key = key(rng);
        let text = text(rng);
        assert_eq!(restore(&text, &Vault::new("empty"), &key).text, text);
    });
}

fn key(rng: &mut Rng) -> Key {
    Key::generate(&mut |bytes: &mut [u8]| rng.fill(bytes))
}

fn redactor(rng: &mut Rng, operator: Operator, key: &Key) -> Redactor {
    let mut nonces = rng.fork();
    Redactor::new(Policy::all(operator), key, Vault::new("fuzz"), move |bytes: &mut [u8]| nonces.fill(bytes))
        .expect("a good policy")
}

/// Findings anywhere, overlapping and touching as they will.
fn thrown(rng: &mut Rng, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for _ in 0..rng.usize(..12) {
        let start = text.floor_char_boundary(rng.usize(..=text.len()));
        let end = text.floor_char_boundary(text.len().min(start + rng.usize(..40)));
        if start < end {
            let entity = EntityId::from_number(rng.u16(..NAMES.len() as u16));
            findings.push(Finding { entity, start, end, score: rng.f32() });
        }
    }
    findings
}

#[test]
fn fuzz_policies() {
    const GOOD: &str = r##"
default = "placeholder"
[entities]
URL = "keep"
US_SSN = { operator = "mask", character = "#", count = 5, from_end = true }
DATE_TIME = { operator = "shift_date", max_days = 30, day_first = true }
PERSON = { operator = "replace", with = "somebody" }
"##;
    toml::from_str::<Policy>(GOOD).expect("a good policy");
    fuzz(|rng| {
        let mut bytes = GOOD.as_bytes().to_vec();
        for _ in 0..rng.usize(1..4) {
            damage(rng, &mut bytes);
        }
        let Ok(policy) = toml::from_str::<Policy>(&String::from_utf8_lossy(&bytes)) else { return };
        let (key, text) = (key(rng), text(rng));
        let Ok(mut redactor) =
            Redactor::new(policy, &key, Vault::new("fuzz"), |bytes: &mut [u8]| bytes.fill(7))
        else {
            return;
        };
        let findings = thrown(rng, &text);
        redactor
            .redact(&text, &findings, |entity| NAMES[usize::from(entity.number())])
            .expect("sound findings");
    });
}
