//! India.

use super::{Spec, composed, digits, india_vehicles, pattern};
use crate::checks::generic::verhoeff_holds;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("InAadhaarRecognizer", "IN_AADHAAR")
        .country("in")
        .patterns(&[
            pattern("AADHAAR (Very Weak)", 0.01, r"\b[0-9]{12}\b"),
            pattern("AADHAR (Very Weak)", 0.01, r"\b[0-9]{4}[- :][0-9]{4}[- :][0-9]{4}\b"),
        ])
        .context(&["aadhaar", "uidai"])
        .validate(in_aadhaar),
    Spec::new("InGstinRecognizer", "IN_GSTIN")
        .country("in")
        .patterns(&[
            pattern("GSTIN (High)", 0.8, r"\b(?:0[1-9]|[1-3][0-7])[A-Za-z0-9]{11}Z[A-Za-z0-9]\b"),
            pattern("GSTIN (Medium)", 0.4, r"\b(?:0[1-9]|[1-3][0-7])[A-Za-z0-9]{11}Z[A-Za-z0-9]\b"),
            pattern("GSTIN (Low)", 0.1, r"\b[0-9]{2}[A-Za-z0-9]{11}Z[A-Za-z0-9]\b"),
        ])
        .context(&[
            "gstin",
            "gst",
            "goods and services tax",
            "tax identification",
            "gst number",
            "gst registration",
        ])
        .validate(in_gstin),
    Spec::new("InPanRecognizer", "IN_PAN")
        .country("in")
        .patterns(&[
            pattern("PAN (High)", 0.5, r"\b[A-Za-z]{3}[ABCFGHJLPT][A-Za-z][0-9]{4}[A-Za-z]\b"),
            pattern("PAN (Medium)", 0.1, r"\b[A-Za-z]{5}[0-9]{4}[A-Za-z]\b"),
            pattern("PAN (Low)", 0.01, r"\b(?=.*?[a-zA-Z])(?=.*?[0-9]{4})[\w@#$%^?~-]{10}\b"),
        ])
        .context(&["permanent account number", "pan"]),
    Spec::new("InPassportRecognizer", "IN_PASSPORT")
        .country("in")
        .patterns(&[pattern("PASSPORT", 0.1, r"\b[A-Z][1-9]\d\s?\d{4}[1-9]\b")])
        .context(&["passport", "indian passport", "passport number"]),
    Spec::new("InVehicleRegistrationRecognizer", "IN_VEHICLE_REGISTRATION")
        .country("in")
        .patterns(&[
            composed("India Vehicle Registration (Very Weak)", 0.01, || serial("[A-Z]", "[0-9]", 4, "")),
            composed("India Vehicle Registration (Very Weak)", 0.01, || serial("[A-Z]{2}", r"\d", 4, "")),
            composed("India Vehicle Registration (Very Weak)", 0.01, || serial("I", r"\d", 5, "")),
            composed("India Vehicle Registration (Weak)", 0.2, || serial("[A-Z]{3}", r"\d", 4, "")),
            pattern("India Vehicle Registration (Medium)", 0.4, r"\b\d{1,3}(?:CC|CD|UN)[1-9][0-9]{1,3}\b"),
            composed("India Vehicle Registration", 0.5, || serial(r"[A-Z]{2}\d[A-Z]{1,3}", r"\d", 4, "")),
            composed("India Vehicle Registration", 0.5, || serial(r"[A-Z]{2}\d{2}[A-Z]{1,2}", r"\d", 4, "")),
            composed("India Vehicle Registration", 0.85, || {
                serial("[2-9][1-9]BH", r"\d", 4, "[A-HJ-NP-Z]{2}")
            }),
            pattern("India Vehicle Registration", 0.85, r"\b(?!00)\d{2}[A-FHKPRX]\d{6}[A-Z]\b"),
        ])
        .context(&["RTO", "vehicle", "plate", "registration"])
        .validate(india_vehicles::validate),
    Spec::new("InVoterRecognizer", "IN_VOTER")
        .country("in")
        .patterns(&[
            pattern("VOTER", 0.4, r"\b[A-Za-z][A-DGHJKMNPRSY][A-Za-z][0-9]{7}\b"),
            pattern("VOTER", 0.3, r"\b[A-Za-z]{3}[0-9]{7}\b"),
        ])
        .context(&["voter", "epic", "elector photo identity card"]),
];

/// A serial number of `count` digits that are not all zero, between `before` and `after`.
fn serial(before: &str, digit: &str, count: usize, after: &str) -> String {
    // The first digit that is not zero stands in any of the places.
    let places = (0..count).map(|zeros| {
        let not_zero = digit.replace("[0-9]", "[1-9]").replace(r"\d", r"[^\D0]");
        format!("{}{not_zero}{digit}{{{}}}", "0".repeat(zeros), count - zeros - 1)
    });
    format!(r"\b{before}(?:{}){after}\b", places.collect::<Vec<_>>().join("|"))
}

fn in_aadhaar(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    let palindrome = digits.iter().eq(digits.iter().rev());
    Some(digits[0] >= 2 && !palindrome && verhoeff_holds(&digits))
}

/// State, permanent account number, registration, `Z`, a check digit that Presidio does not check.
fn in_gstin(value: &str) -> Option<bool> {
    let number: Vec<char> = value.to_uppercase().chars().collect();
    let [a, b, account @ .., _, 'Z', _] = &number[..] else { return Some(false) };
    let (Some(a), Some(b)) = (digits::value(*a), digits::value(*b)) else { return Some(false) };
    let (letters, rest) = account.split_at(5);
    let (serial, last) = rest.split_at(4);
    let is_account = letters.iter().filter(|c| c.is_alphabetic()).count() >= 3
        && serial.iter().all(|&c| digits::value(c).is_some())
        && last.iter().all(|c| c.is_alphabetic());
    Some((1..=37).contains(&digits::number(&[a, b])) && is_account)
}
