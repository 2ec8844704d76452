//! Italy.

use super::{Spec, composed, digits, pattern};
use crate::checks::generic::luhn_sum;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("ItDriverLicenseRecognizer", "IT_DRIVER_LICENSE")
        .country("it")
        .languages(&["it"])
        .enabled()
        .patterns(&[pattern(
            "Driver License",
            0.2,
            r"\b(?:[A-Z]{2}\d{7}[A-Z]|U1[B-HJ-NPR-UW-Z0-9]{7}[A-Z])\b",
        )])
        .context(&["patente", "patente di guida", "licenza", "licenza di guida"]),
    Spec::new("ItFiscalCodeRecognizer", "IT_FISCAL_CODE")
        .country("it")
        .languages(&["it"])
        .enabled()
        .patterns(&[composed("Fiscal Code", 0.3, fiscal_code)])
        .context(&["codice fiscale", "cf"])
        .validate(it_fiscal_code),
    Spec::new("ItIdentityCardRecognizer", "IT_IDENTITY_CARD")
        .country("it")
        .languages(&["it"])
        .enabled()
        .patterns(&[
            pattern("Paper-based Identity Card (very weak)", 0.01, r"\b[A-Z]{2}\s?\d{7}\b"),
            pattern("Electronic Identity Card (CIE) 2.0 (very weak)", 0.01, r"\b\d{7}[A-Z]{2}\b"),
            pattern("Electronic Identity Card (CIE) 3.0 (very weak)", 0.01, r"\b[A-Z]{2}\d{5}[A-Z]{2}\b"),
        ])
        .context(&["carta", "identità", "elettronica", "cie", "documento", "riconoscimento", "espatrio"]),
    Spec::new("ItPassportRecognizer", "IT_PASSPORT")
        .country("it")
        .languages(&["it"])
        .enabled()
        .patterns(&[pattern("Passport (very weak)", 0.01, r"\b[A-Z]{2}\d{7}\b")])
        .context(&[
            "passaporto",
            "elettronico",
            "italiano",
            "viaggio",
            "viaggiare",
            "estero",
            "documento",
            "dogana",
        ]),
    Spec::new("ItVatCodeRecognizer", "IT_VAT_CODE")
        .country("it")
        .languages(&["it"])
        .enabled()
        .patterns(&[pattern("IT Vat code (piva)", 0.1, r"\b(?:[0-9][ _]?){11}\b")])
        .context(&["piva", "partita iva", "pi"])
        .validate(it_vat_code),
];

/// Letters of surname and first name, birth date (40 is added to the day for women), birthplace, control letter. Where
/// two people would have the same code, digits are replaced by letters: 0 to 9 by L, M, N, P to V.
fn fiscal_code() -> String {
    let name = "(?:[A-Z][AEIOU][AEIOUX]|[AEIOU]X{2}|[B-DF-HJ-NP-TV-Z]{2}[A-Z])";
    let digit = r"[\dLMNP-V]";
    let not_zero = "[1-9MNP-V]";
    let (two_or_six, nine) = ("[26NS]", "[9V]");
    let days = [
        format!("[A-EHLMPR-T](?:[04LQ]{not_zero}|[15MR]{digit}|{two_or_six}[0-8LMNP-U])"),
        "[DHPS][37PT][0L]".to_owned(),
        "[ACELMRT][37PT][01LM]".to_owned(),
        format!("[AC-EHLMPR-T]{two_or_six}{nine}"),
    ];
    let leap_year = format!("(?:[02468LNQSU][048LQU]|[13579MPRTV]{two_or_six})");
    let date = format!("(?:{digit}{{2}}(?:{})|{leap_year}B{two_or_six}{nine})", days.join("|"));
    let place = format!("(?:[A-MZ]{not_zero}{digit}{{2}}|[A-M][0L](?:{not_zero}{digit}|[0L]{not_zero}))");
    format!("{name}{{2}}{date}{place}[A-Z]")
}

/// A wrong control letter does not rule the code out.
fn it_fiscal_code(value: &str) -> Option<bool> {
    /// The values of 0 to 9 and of A to J in odd places; K to Z follow.
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let upper = value.to_uppercase();
    let (&control, code) = upper.as_bytes().split_last()?;
    let place = |symbol: u8| {
        usize::from(if symbol.is_ascii_digit() { symbol - b'0' } else { symbol.wrapping_sub(b'A') })
    };
    let sum: u32 = code
        .iter()
        .enumerate()
        .map(|(i, &symbol)| {
            let place = place(symbol).min(25);
            if i % 2 == 0 { ODD[place] } else { place as u32 }
        })
        .sum();
    (u32::from(control) == u32::from(b'A') + sum % 26).then_some(true)
}

fn it_vat_code(value: &str) -> Option<bool> {
    let digits = digits::values(value);
    Some(digits.iter().any(|&digit| digit != 0) && luhn_sum(&digits).is_multiple_of(10))
}
