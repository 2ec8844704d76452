//! United Kingdom.

use super::{Spec, composed, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("NhsRecognizer", "UK_NHS")
        .country("uk")
        .enabled()
        .patterns(&[
            pattern("NHS (medium)", 0.5, r"\b[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}\b"),
        ])
        .context(&["national health service", "nhs", "health services authority", "health authority"])
        .validate(uk_nhs),
    Spec::new("UkDrivingLicenceRecognizer", "UK_DRIVING_LICENCE")
        .country("uk")
        .patterns(&[
            pattern("UK Driving Licence", 0.5, r"\b[A-Z9]{5}[0-9](?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9][A-Z9]{2}[A-Z0-9][A-Z]{2}\b"),
        ])
        .context(&["driving licence", "driving license", "driver's licence", "driver's license", "dvla", "dl number", "licence number", "license number"])
        .validate(uk_driving_licence),
    Spec::new("UkNinoRecognizer", "UK_NINO")
        .country("uk")
        .patterns(&[
            pattern("NINO (medium)", 0.5, r"\b(?!BG|GB|NK|KN|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?[0-9]{2}){3} ?[A-D]\b"),
        ])
        .context(&["national insurance", "ni number", "nino"]),
    Spec::new("UkPassportRecognizer", "UK_PASSPORT")
        .country("uk")
        .patterns(&[
            pattern("UK Passport (weak)", 0.1, r"\b[A-Z]{2}\d{7}\b"),
        ])
        .context(&["passport", "passport number", "travel document", "uk passport", "british passport", "her majesty", "his majesty", "hm passport", "hmpo"]),
    Spec::new("UkPostcodeRecognizer", "UK_POSTCODE")
        .country("uk")
        .patterns(&[
            composed("UK Postcode", 0.1, postcode),
        ])
        .context(&["postcode", "post code", "postal code", "zip", "address", "delivery", "mailing", "shipping", "correspondence"]),
    Spec::new("UkVehicleRegistrationRecognizer", "UK_VEHICLE_REGISTRATION")
        .country("uk")
        .patterns(&[
            pattern("UK Vehicle Registration (current)", 0.3, r"\b[A-HJ-PR-Y]{2}(?:0[1-9]|[1-7][0-9])[- ]?[A-HJ-PR-Z]{3}\b"),
            pattern("UK Vehicle Registration (prefix)", 0.2, r"\b[A-HJ-NPR-TV-Y]\d{1,3}[- ]?[A-HJ-PR-Y][A-HJ-PR-Z]{2}\b"),
            pattern("UK Vehicle Registration (suffix)", 0.15, r"\b[A-HJ-PR-Z]{3}[- ]?\d{1,3}[- ]?[A-HJ-NPR-TV-Y]\b"),
        ])
        .context(&["vehicle", "registration", "number plate", "licence plate", "license plate", "reg", "vrn", "dvla", "v5c", "logbook", "mot", "car", "insured vehicle"])
        .validate(uk_vehicle_registration),
];

/// Area and district (`A9`, `A99`, `A9A`, `AA9`, `AA99`, `AA9A`), then sector and unit.
fn postcode() -> String {
    let one_letter = "(?:[0-9][A-HJKPSTUW]?|[0-9]{2})";
    let two_letters = "[A-HK-Y](?:[0-9][ABEHMNPRVWXY]?|[0-9]{2})";
    let unit = r"\s?[0-9][ABD-HJLNP-UW-Z]{2}";
    format!(r"\b(?:GIR\s?0AA|[A-PR-UWYZ](?:{one_letter}|{two_letters}){unit})\b")
}

fn uk_nhs(value: &str) -> Option<bool> {
    Some(weighted(&digits::values(value), &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// Five places for the surname, filled up with nines.
fn uk_driving_licence(value: &str) -> Option<bool> {
    let surname: String = value.chars().take(5).collect();
    let letters = surname.trim_end_matches('9');
    let is_surname = !letters.is_empty() && letters.to_uppercase().bytes().all(|c| c.is_ascii_uppercase());
    (!is_surname).then_some(false)
}

/// The half-year in the current format: 02 to 29 for March to August, 51 to 79 for September to February.
fn uk_vehicle_registration(value: &str) -> Option<bool> {
    let number: Vec<char> = value.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let [a, b, tens, units, _, _, _] = number[..] else { return None };
    if !a.is_alphabetic() || !b.is_alphabetic() {
        return None;
    }
    let age = digits::number(&[digits::value(tens)?, digits::value(units)?]);
    Some(matches!(age, 2..=29 | 51..=79))
}
