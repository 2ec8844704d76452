//! Sweden.

use super::{Spec, digits, pattern};
use crate::checks::generic::luhn_sum;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("SeOrganisationsnummerRecognizer", "SE_ORGANISATIONSNUMMER")
        .country("se")
        .languages(&["sv"])
        .patterns(&[
            pattern("Swedish Organisationsnummer (Medium)", 0.6, r"\b\d{6}[-]?\d{4}\b"),
            pattern("Swedish Organisationsnummer (Weak)", 0.2, r"\d{6}[-]?\d{4}"),
        ])
        .context(&["organisationsnummer", "orgnr", "org nr", "företagsnummer"])
        .validate(se_organisationsnummer),
    Spec::new("SePersonnummerRecognizer", "SE_PERSONNUMMER")
        .country("se")
        .languages(&["sv"])
        .patterns(&[
            pattern("Swedish Personnummer (Medium)", 0.5, r"\b\d{6,8}[-+]?\d{4}\b"),
            pattern("Swedish Personnummer (Very Weak)", 0.1, r"\d{6,8}[-+]?\d{4}"),
        ])
        .context(&[
            "personnummer",
            "svenskt personnummer",
            "svensk id",
            "ssn",
            "personal identity number",
            "samordningsnummer",
        ])
        .validate(se_personnummer),
];

/// The third digit is at least 2, which no birth month's first digit is.
fn se_organisationsnummer(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    Some(digits.len() == 10 && digits[2] >= 2 && luhn_sum(&digits).is_multiple_of(10))
}

/// The century is left out of the checksum; 60 is added to the day of a coordination number.
fn se_personnummer(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    let Some(digits) = digits.last_chunk::<10>() else { return Some(false) };
    let (month, day) = (digits::number(&digits[2..4]), digits::number(&digits[4..6]));
    let day = if day >= 61 { day - 60 } else { day };
    let date = matches!(month, 1..=12) && matches!(day, 1..=31);
    Some(date && luhn_sum(digits).is_multiple_of(10))
}
