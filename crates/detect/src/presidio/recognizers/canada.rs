//! Canada.

use super::{Spec, digits, pattern};
use crate::checks::generic::luhn_sum;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("CaPostalCodeRecognizer", "CA_POSTAL_CODE")
        .country("ca")
        .languages(&["en", "fr"])
        .patterns(&[
            pattern(
                "CA Postal Code (strict, with space)",
                0.3,
                r"\b[A-CEGHJ-NPR-TVXY]\d[A-CEGHJ-NPR-TV-Z] \d[A-CEGHJ-NPR-TV-Z]\d\b",
            ),
            pattern(
                "CA Postal Code (weak, no space)",
                0.1,
                r"\b[A-CEGHJ-NPR-TVXY](?:\d[A-CEGHJ-NPR-TV-Z]){2}\d\b",
            ),
        ])
        .context(&[
            "postal code",
            "postcode",
            "zip",
            "canada",
            "ontario",
            "quebec",
            "alberta",
            "british columbia",
            "code postal",
        ]),
    Spec::new("CaSinRecognizer", "CA_SIN")
        .country("ca")
        .languages(&["en", "fr"])
        .patterns(&[
            pattern("SIN (weak)", 0.05, r"\b[1-79]\d{8}\b"),
            pattern("SIN (medium)", 0.5, r"\b[1-79]\d{2}(?:-\d{3}-| \d{3} )\d{3}\b"),
        ])
        .context(&[
            "sin",
            "sin number",
            "social insurance",
            "social insurance number",
            "canada",
            "nas",
            "numéro nas",
            "numéro d'assurance sociale",
            "assurance sociale",
        ])
        .invalidate(not_ca_sin),
];

fn not_ca_sin(value: &str) -> bool {
    !luhn_sum(&digits::values(value)).is_multiple_of(10)
}
