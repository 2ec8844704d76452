//! Turkey.

use super::{Spec, digits, pattern};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("TrLicensePlateRecognizer", "TR_LICENSE_PLATE")
        .country("tr")
        .languages(&["tr"])
        .patterns(&[
            pattern(
                "TR License Plate (space)",
                0.3,
                r"\b(?:0[1-9]|[1-7][0-9]|8[01])\s?[A-PR-VYZ]{1,3}\s?\d{2,4}\b",
            ),
            pattern(
                "TR License Plate (hyphen)",
                0.3,
                r"\b(?:0[1-9]|[1-7][0-9]|8[01])-[A-PR-VYZ]{1,3}-\d{2,4}\b",
            ),
        ])
        .context(&[
            "plaka",
            "araç plakası",
            "plaka numarası",
            "kayıt plakası",
            "tr plaka",
            "license plate",
            "number plate",
            "plate",
            "taşıt plakası",
            "kayıt",
        ])
        .validate(tr_license_plate),
    Spec::new("TrNationalIdRecognizer", "TR_NATIONAL_ID")
        .country("tr")
        .languages(&["tr"])
        .patterns(&[pattern("TR_NATIONAL_ID", 0.3, r"\b[1-9][0-9]{10}\b")])
        .context(&[
            "tc kimlik",
            "kimlik no",
            "kimlik numarası",
            "tckn",
            "tc no",
            "nüfus cüzdanı",
            "national id",
            "turkish id",
            "türk kimlik",
        ])
        .validate(tr_national_id),
];

/// The province, which the pattern has checked already: every match is certain.
fn tr_license_plate(_value: &str) -> Option<bool> {
    Some(true)
}

fn tr_national_id(value: &str) -> Option<bool> {
    let digits: Vec<u32> = digits::values(value).into_iter().map(u32::from).collect();
    let [odd, even] = [0, 1].map(|from| digits[from..9].iter().step_by(2).sum::<u32>());
    // The multiple of 10 keeps the difference positive.
    let tenth = (odd * 7 + 100 - even) % 10;
    Some(tenth == digits[9] && digits[..10].iter().sum::<u32>() % 10 == digits[10])
}
