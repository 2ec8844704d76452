//! Singapore.

use super::{Spec, digits, pattern};
use crate::checks::generic::weighted;

pub(super) const RECOGNIZERS: &[Spec] = &[
    Spec::new("SgFinRecognizer", "SG_NRIC_FIN")
        .country("sg")
        .patterns(&[
            pattern("Nric (weak)", 0.3, r"\b[A-Z][0-9]{7}[A-Z]\b"),
            pattern("Nric (medium)", 0.5, r"\b[STFGM][0-9]{7}[A-Z]\b"),
        ])
        .context(&["fin", "fin#", "nric", "nric#"]),
    Spec::new("SgUenRecognizer", "SG_UEN")
        .country("sg")
        .patterns(&[pattern("UEN (low)", 0.3, r"\b(?:\d{8,9}[A-Z]|[TSR]\d{2}[A-Z]{2}\d{4}[A-Z])\b")])
        .context(&["uen", "unique entity number", "business registration", "ACRA"])
        .validate_in_year(sg_uen),
];

/// The kinds of entities that ACRA did not register itself.
const ENTITY_TYPES: [&str; 39] = [
    "CC", "CD", "CH", "CL", "CM", "CP", "CS", "CX", "DP", "FB", "FC", "FM", "FN", "GA", "GB", "GS", "HC",
    "HS", "LL", "LP", "MB", "MC", "MD", "MH", "MM", "MQ", "NB", "NR", "PA", "PB", "PF", "RF", "RP", "SM",
    "SS", "TC", "TU", "VH", "XL",
];

/// Businesses (eight digits), local companies (nine, the year first), all others (a letter first).
fn sg_uen(value: &str, this_year: u16) -> Option<bool> {
    let upper = value.to_uppercase();
    let (Some(first), Some(control)) = (upper.chars().next(), upper.chars().next_back()) else {
        return Some(false);
    };
    let digits = digits::values(&upper);
    let control_is = |letters: &[u8], at: u32| control == char::from(letters[at as usize]);
    Some(if first.is_alphabetic() {
        others(&upper).is_some_and(|remainder| control_is(b"ABCDEFGHJKL", remainder))
    } else if digits.len() == 8 {
        control_is(b"XMKECAWLJDB", weighted(&digits, &[10, 4, 9, 3, 8, 2, 7, 1]) % 11)
    } else {
        let registered = digits::number(&digits[..4]) <= u64::from(this_year);
        registered && control_is(b"ZKCMDNERGWH", weighted(&digits, &[10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11)
    })
}

/// The remainder for entities that are neither businesses nor local companies.
fn others(number: &str) -> Option<u32> {
    /// Letters and digits in the order of their values.
    const SYMBOLS: &str = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    if !ENTITY_TYPES.contains(&number.get(3..5)?) {
        return None;
    }
    let symbols =
        number.chars().take(9).map(|c| SYMBOLS.find(c).map(|at| at as u8)).collect::<Option<Vec<_>>>()?;
    // Eleven is added so that five can be taken away.
    Some((weighted(&symbols, &[4, 3, 5, 3, 10, 2, 2, 5, 7]) + 6) % 11)
}
