//! Australia.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("AuAbnRecognizer", "AU_ABN")
        .country("au")
        .patterns(&[
            pattern("ABN (Medium)", 0.1, r"\b\d{2}\s\d{3}\s\d{3}\s\d{3}\b"),
            pattern("ABN (Low)", 0.01, r"\b\d{11}\b"),
        ])
        .context(&["australian business number", "abn"])
        .validate(au_abn),
    Spec::new("AuAcnRecognizer", "AU_ACN")
        .country("au")
        .patterns(&[
            pattern("ACN (Medium)", 0.1, r"\b\d{3}\s\d{3}\s\d{3}\b"),
            pattern("ACN (Low)", 0.01, r"\b\d{9}\b"),
        ])
        .context(&["australian company number", "acn"])
        .validate(au_acn),
    Spec::new("AuMedicareRecognizer", "AU_MEDICARE")
        .country("au")
        .patterns(&[
            pattern("Australian Medicare Number (Medium)", 0.1, r"\b[2-6]\d{3}\s\d{5}\s\d\b"),
            pattern("Australian Medicare Number (Low)", 0.01, r"\b[2-6]\d{9}\b"),
        ])
        .context(&["medicare"])
        .validate(au_medicare),
    Spec::new("AuTfnRecognizer", "AU_TFN")
        .country("au")
        .patterns(&[
            pattern("TFN (Medium)", 0.1, r"\b\d{3}\s\d{3}\s\d{3}\b"),
            pattern("TFN (Low)", 0.01, r"\b\d{9}\b"),
        ])
        .context(&["tax file number", "tfn"])
        .validate(au_tfn),
];

fn au_abn(value: &str) -> Option<bool> {
    let mut digits = digits::values(value);
    // One is taken from the first digit; adding the modulus keeps the sum positive.
    digits[0] += 88;
    Some(weighted(&digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89))
}

fn au_acn(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    Some((weighted(&digits[..8], &[8, 7, 6, 5, 4, 3, 2, 1]) + u32::from(digits[8])).is_multiple_of(10))
}

fn au_medicare(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    Some(weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(digits[8]))
}

fn au_tfn(value: &str) -> Option<bool> {
    Some(weighted(&digits::values(value), &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11))
}
