//! Spain.

use super::{Spec, digits, pattern};

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("EsNieRecognizer", "ES_NIE")
        .country("es")
        .languages(&["es"])
        .enabled()
        .patterns(&[pattern("NIE", 0.5, r"\b[X-Z]?[0-9]?[0-9]{7}[-]?[A-Z]\b")])
        .context(&["número de identificación de extranjero", "NIE"])
        .validate(es_nie),
    Spec::new("EsNifRecognizer", "ES_NIF")
        .country("es")
        .languages(&["es"])
        .enabled()
        .patterns(&[pattern("NIF", 0.5, r"\b[0-9]?[0-9]{7}[-]?[A-Z]\b")])
        .context(&["documento nacional de identidad", "DNI", "NIF", "identificación"])
        .validate(es_nif),
    Spec::new("EsPassportRecognizer", "ES_PASSPORT")
        .country("es")
        .languages(&["es"])
        .patterns(&[pattern("ES_PASSPORT", 0.05, r"\b[A-Z]{3}[0-9]{6}\b")])
        .context(&["pasaporte", "passport", "número de pasaporte", "passport number"]),
];

const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// The pattern takes a NIF too; the letter before the number is what tells them apart.
fn es_nie(value: &str) -> Option<bool> {
    let number = value.replace('-', "").to_uppercase();
    let (Some(first), Some(control)) = (number.chars().next(), number.chars().next_back()) else {
        return Some(false);
    };
    let Some(series) = "XYZ".find(first) else { return Some(false) };
    let digits = digits::values(&number);
    if number.chars().count() != digits.len() + 2 || !matches!(digits.len(), 6 | 7) {
        return Some(false);
    }
    let number = series as u64 * 10_u64.pow(digits.len() as u32) + digits::number(&digits);
    Some(control == char::from(LETTERS[(number % 23) as usize]))
}

fn es_nif(value: &str) -> Option<bool> {
    let control = value.to_uppercase().chars().next_back();
    let number = digits::number(&digits::values(value));
    Some(control == Some(char::from(LETTERS[(number % 23) as usize])))
}
