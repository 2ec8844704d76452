//! Finland.

use super::{Spec, digits, pattern};
use crate::checks::dates::is_date;

pub(super) const RECOGNIZERS: &[Spec] =
    &[Spec::new("FiPersonalIdentityCodeRecognizer", "FI_PERSONAL_IDENTITY_CODE")
        .country("fi")
        .languages(&["fi"])
        .patterns(&[
            pattern(
                "Finnish Personal Identity Code (Medium)",
                0.5,
                r"\b\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]\b",
            ),
            pattern(
                "Finnish Personal Identity Code (Very Weak)",
                0.1,
                r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]",
            ),
        ])
        .context(&["hetu", "henkilötunnus", "personbeteckningen", "personal identity code"])
        .validate(fi_personal_identity_code)];

fn fi_personal_identity_code(value: &str) -> Option<bool> {
    const CONTROL: &str = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    let digits = digits::values(value);
    let (Some(separator), Some(control)) = (value.chars().nth(6), value.chars().nth(10)) else {
        return Some(false);
    };
    // Presidio knows the separators in upper case only and takes any other for this century.
    let century = match separator {
        '+' => 1800,
        '-' | 'U'..='Y' => 1900,
        _ => 2000,
    };
    // A control digit is one of the digits.
    let body = digits.get(..9)?;
    let [day, month, year] = [0, 2, 4].map(|at| digits::number(&body[at..at + 2]));
    let expected = CONTROL.as_bytes()[(digits::number(body) % 31) as usize];
    Some(is_date(century + year, month, day) && control.to_uppercase().eq([char::from(expected)]))
}
