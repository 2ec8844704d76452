//! South Korea.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("KrBrnRecognizer", "KR_BRN")
        .country("kr")
        .languages(&["ko"])
        .patterns(&[
            pattern("BRN (Weak)", 0.1, r"(?<!\d)\d{3}-\d{2}-\d{5}(?!\d)"),
            pattern("BRN (Very weak)", 0.05, r"(?<!\d)\d{10}(?!\d)"),
        ])
        .context(&[
            "사업자등록번호",
            "사업자번호",
            "사업자",
            "BRN",
            "Business Registration Number",
            "Korean BRN",
            "business number",
            "tax registration number",
        ])
        .validate(kr_brn),
    Spec::new("KrDriverLicenseRecognizer", "KR_DRIVER_LICENSE")
        .country("kr")
        .languages(&["ko"])
        .patterns(&[pattern(
            "Driver License (very weak)",
            0.05,
            r"(?<!\d)\d{2}[- ]?\d{2}[- ]?\d{6}[- ]?\d{2}(?!\d)",
        )])
        .context(&[
            "운전면허",
            "운전면허번호",
            "면허번호",
            "Korean driver license",
            "Korean driver's license",
        ])
        .validate(kr_driver_license),
    Spec::new("KrFrnRecognizer", "KR_FRN")
        .country("kr")
        .languages(&["ko"])
        .patterns(&[pattern(
            "FRN (Medium)",
            0.5,
            r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[5-8]\d{6}(?!\d)",
        )])
        .context(&[
            "외국인등록번호",
            "Korean FRN",
            "FRN",
            "Foreigner Registration Number",
            "Korean Foreigner Registration Number",
            "외국인번호",
        ])
        .validate(kr_frn),
    Spec::new("KrPassportRecognizer", "KR_PASSPORT")
        .country("kr")
        .languages(&["ko", "kr"])
        .patterns(&[
            pattern("Passport Number (Current)", 0.1, r"(?<![a-zA-Z0-9])[DMORS]\d{3}[a-zA-Z]\d{4}(?![0-9])"),
            pattern("Passport Number (Previous)", 0.05, r"(?<![a-zA-Z0-9])[DMORS]\d{8}(?![0-9])"),
        ])
        .context(&[
            "Korean passport",
            "Korean passport number",
            "대한민국 여권",
            "여권",
            "passport",
            "passport number",
        ]),
    Spec::new("KrRrnRecognizer", "KR_RRN")
        .country("kr")
        .languages(&["ko", "kr"])
        .patterns(&[pattern(
            "RRN (Medium)",
            0.5,
            r"(?<!\d)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-?[1-4]\d{6}(?!\d)",
        )])
        .context(&[
            "Korean RRN",
            "Korean Resident Registration Number",
            "Resident Registration Number",
            "RRN",
            "rrn",
            "rrn#",
        ])
        .validate(kr_rrn),
];

fn kr_brn(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    let last = u32::from(digits[8]) * 5;
    let sum = weighted(&digits, &[1, 3, 7, 1, 3, 7, 1, 3]) + last / 10 + last + u32::from(digits[9]);
    Some(sum.is_multiple_of(10))
}

/// The region that issued it. There is no check digit that Presidio knows.
fn kr_driver_license(value: &str) -> Option<bool> {
    let region = value.get(..2).and_then(|region| region.parse::<u8>().ok());
    Some(matches!(region, Some(11..=26 | 28)))
}

fn kr_rrn(value: &str) -> Option<bool> {
    registration_number(value, 11)
}

fn kr_frn(value: &str) -> Option<bool> {
    registration_number(value, 13)
}

/// Since October 2020 numbers are given out without a checksum, so one that fails it is kept.
fn registration_number(value: &str, minuend: u32) -> Option<bool> {
    let digits = digits::values(value);
    let region = digits::number(&digits[7..9]);
    let check = (minuend - weighted(&digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    (region <= 95 && check == u32::from(digits[12])).then_some(true)
}
