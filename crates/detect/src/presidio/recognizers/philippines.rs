//! Philippines.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("PhPassportRecognizer", "PH_PASSPORT")
        .country("ph")
        .patterns(&[pattern(
            "PH Passport (weak: 1L7D1L or 2L7D)",
            0.1,
            r"\b(?:[A-Z]\d{7}[A-Z]|[A-Z]{2}\d{7})\b",
        )])
        .context(&[
            "passport",
            "passport number",
            "passport no",
            "passport no.",
            "passport#",
            "passport id",
            "travel document",
            "philippine passport",
            "philippines passport",
            "pasaporte",
            "pasaporte number",
            "dfa",
        ]),
    Spec::new("PhTinRecognizer", "PH_TIN")
        .country("ph")
        .patterns(&[
            pattern("TIN (Low)", 0.05, r"\b\d{3}-\d{3}-\d{3}(?:-\d{3})?\b"),
            pattern("TIN (Very Low)", 0.01, r"\b\d{9}(?:\d{3})?\b"),
        ])
        .context(&[
            "tin",
            "taxpayer identification number",
            "bir",
            "taxpayer id",
            "tax id",
            "rdo",
            "revenue district office",
        ])
        .invalidate(not_ph_tin),
    Spec::new("PhUmidRecognizer", "PH_UMID")
        .country("ph")
        .patterns(&[
            pattern("UMID (with dashes)", 0.5, r"\b\d{4}-\d{7}-\d\b"),
            pattern("UMID (without dashes)", 0.3, r"\b\d{12}\b"),
        ])
        .context(&[
            "umid",
            "unified multi-purpose id",
            "crn",
            "common reference number",
            "sss",
            "gsis",
            "philhealth",
            "pag-ibig",
            "umid number",
            "umid card",
            "unified multipurpose id",
        ]),
];

/// The remainder by 11 must be the ninth digit, so it can't be 10.
fn not_ph_tin(value: &str) -> bool {
    let digits = digits::values(value);
    weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 != u32::from(digits[8])
}
