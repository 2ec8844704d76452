//! United States: banking, taxes, health care providers, social security.

use super::{Spec, composed, digits, pattern};
use crate::checks::generic::{luhn_sum, weighted};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("AbaRoutingRecognizer", "ABA_ROUTING_NUMBER")
        .country("us")
        .patterns(&[
            pattern("ABA routing number (weak)", 0.05, r"\b[0123678]\d{8}\b"),
            pattern("ABA routing number", 0.3, r"\b[0123678]\d{3}-\d{4}-\d\b"),
        ])
        .context(&["aba", "routing", "abarouting", "association", "bankrouting"])
        .validate(aba_routing_number),
    Spec::new("MedicalLicenseRecognizer", "MEDICAL_LICENSE")
        .country("us")
        .enabled()
        .patterns(&[pattern("USA DEA Certificate Number (weak)", 0.4, r"[A-HJ-MPR-UX](?:[a-zA-Z]|9)\d{7}")])
        .context(&["medical", "certificate", "DEA"])
        .validate(medical_license),
    Spec::new("UsBankRecognizer", "US_BANK_NUMBER")
        .country("us")
        .enabled()
        .patterns(&[pattern("Bank Account (weak)", 0.05, r"\b[0-9]{8,17}\b")])
        .context(&["check", "account", "account#", "acct", "bank", "save", "debit"]),
    Spec::new("UsItinRecognizer", "US_ITIN")
        .country("us")
        .enabled()
        .patterns(&[
            composed("Itin (very weak)", 0.05, || itin(&[("[- ]", ""), ("", "[- ]")])),
            composed("Itin (weak)", 0.3, || itin(&[("", "")])),
            composed("Itin (medium)", 0.5, || itin(&[("[- ]", "[- ]")])),
        ])
        .context(&["individual", "taxpayer", "itin", "tax", "payer", "taxid", "tin"]),
    Spec::new("UsLicenseRecognizer", "US_DRIVER_LICENSE")
        .country("us")
        .enabled()
        .patterns(&[
            composed("Driver License - Alphanumeric (weak)", 0.3, driver_license),
            pattern("Driver License - Digits (very weak)", 0.01, r"\b(?:[0-9]{6,14}|[0-9]{16})\b"),
        ])
        .context(&["driver", "license", "permit", "lic", "identification", "dls", "cdls", "lic#", "driving"]),
    Spec::new("UsMbiRecognizer", "US_MBI")
        .country("us")
        .patterns(&[
            composed("MBI (weak)", 0.3, || medicare("")),
            composed("MBI (medium)", 0.5, || medicare("-")),
        ])
        .context(&["medicare", "mbi", "beneficiary", "cms", "medicaid", "hic", "hicn"]),
    Spec::new("UsNpiRecognizer", "US_NPI")
        .country("us")
        .patterns(&[
            pattern("NPI (weak)", 0.1, r"\b[12]\d{9}\b"),
            pattern("NPI (medium)", 0.4, r"\b[12]\d{3}[ -]\d{3}[ -]\d{3}\b"),
        ])
        .context(&[
            "npi",
            "national provider",
            "provider",
            "npi number",
            "provider id",
            "provider identifier",
            "taxonomy",
        ])
        .validate(us_npi)
        .invalidate(not_us_npi),
    Spec::new("UsPassportRecognizer", "US_PASSPORT")
        .country("us")
        .enabled()
        .patterns(&[
            pattern("Passport (very weak)", 0.05, r"\b[0-9]{9}\b"),
            pattern("Passport Next Generation (very weak)", 0.1, r"\b[A-Z][0-9]{8}\b"),
        ])
        .context(&["us", "united", "states", "passport", "passport#", "travel", "document"]),
    Spec::new("UsSsnRecognizer", "US_SSN")
        .country("us")
        .enabled()
        .patterns(&[
            pattern("SSN1 (very weak)", 0.05, r"\b[0-9]{5}-[0-9]{4}\b"),
            pattern("SSN2 (very weak)", 0.05, r"\b[0-9]{3}-[0-9]{6}\b"),
            pattern("SSN3 (very weak)", 0.05, r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b"),
            pattern("SSN4 (very weak)", 0.05, r"\b[0-9]{9}\b"),
            pattern("SSN5 (medium)", 0.5, r"\b[0-9]{3}[- .][0-9]{2}[- .][0-9]{4}\b"),
        ])
        .context(&["social", "security", "ssn", "ssns", "ssid"])
        .invalidate(not_us_ssn),
];

/// Taxpayer numbers with these separators before and after the group that tells them from social security numbers.
fn itin(separators: &[(&str, &str)]) -> String {
    let group = r"(?:[57]\d|6[0-5]|8[0-8]|9[0-24-9])";
    let forms = separators.iter().map(|(before, after)| format!(r"9\d{{2}}{before}{group}{after}\d{{4}}"));
    format!(r"\b(?:{})\b", forms.collect::<Vec<_>>().join("|"))
}

/// The formats of all states.
fn driver_license() -> String {
    let forms = [
        "[A-Z](?:[0-9]{1,14}|[0-9]{18}|[0-9]{6}R|[0-9][A-Z][0-9][A-Z])",
        "[A-Z]{2}(?:[0-9]{3,7}|[0-9]{6}[A-Z])",
        "[0-9]{7,9}[A-Z]",
        "[0-9]{8}[A-Z]{2}",
        "[0-9]{3}[A-Z]{2}[0-9]{4}",
        "[0-9]{2}[A-Z]{3}[0-9]{5,6}",
        // Presidio's pattern lacks a bracket here and so takes these characters as they stand.
        r"A-Z\]{2}[0-9]{2,5}",
    ];
    format!(r"\b(?:{})\b", forms.join("|"))
}

/// Medicare beneficiary identifiers, `separator` between their three groups.
fn medicare(separator: &str) -> String {
    let letter = "[AC-HJKMNP-RT-Y]";
    let either = "[0-9AC-HJKMNP-RT-Y]";
    let digit = "[0-9]";
    let groups = [
        format!("{digit}{letter}{either}{digit}"),
        format!("{letter}{either}{digit}"),
        format!("{letter}{{2}}{digit}{{2}}"),
    ];
    format!(r"\b{}\b", groups.join(separator))
}

fn aba_routing_number(value: &str) -> Option<bool> {
    Some(weighted(&digits::values(value), &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10))
}

/// A DEA registration; in its second place a nine may stand.
fn medical_license(value: &str) -> Option<bool> {
    let after_prefix: String = value.chars().skip(2).collect();
    let digits = digits::values(&after_prefix);
    Some(weighted(&digits, &[1, 2, 1, 2, 1, 2]) % 10 == u32::from(digits[6]))
}

/// Luhn with the prefix 80840, which adds 24.
fn us_npi(value: &str) -> Option<bool> {
    Some((luhn_sum(&digits::values(value)) + 24).is_multiple_of(10))
}

/// All digits before the check digit the same.
fn not_us_npi(value: &str) -> bool {
    let digits = digits::values(value);
    digits[..9].iter().all(|digit| *digit == digits[0])
}

fn not_us_ssn(value: &str) -> bool {
    let digits = digits::values(value);
    let separators = ['.', '-', ' '].into_iter().filter(|&separator| value.contains(separator)).count();
    let same = digits.iter().all(|digit| *digit == digits[0]);
    let advertised = [123_456_789, 987_654_320, 78_051_120].contains(&digits::number(&digits));
    separators > 1
        || same
        || advertised
        || digits[3..5] == [0, 0]
        || digits[5..] == [0, 0, 0, 0]
        || matches!(digits[..3], [0, 0, 0] | [6, 6, 6])
}
