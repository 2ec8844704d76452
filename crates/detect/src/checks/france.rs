//! France.

use super::{
    generic::{base_36, luhn_sum},
    symbols::{all_same, alphanumerics, digits, number, values, without_prefix},
};

/// A social security number (NIR, numéro de sécurité sociale): sex, year, month (or one of the codes for an unknown
/// one), department (2A and 2B for Corsica), municipality, order, and the key 97 − number mod 97 (INSEE).
pub fn fr_nir(value: &[u8]) -> bool {
    let Some(mut symbols) = alphanumerics::<15>(value) else { return false };
    // Corsica counts as 19 and 18 where the key is reckoned.
    match symbols[6] {
        b'A' if symbols[5] == b'2' => symbols[5..7].copy_from_slice(b"19"),
        b'B' if symbols[5] == b'2' => symbols[5..7].copy_from_slice(b"18"),
        _ => {}
    }
    let Some(digits) = values::<15>(&symbols) else { return false };
    matches!(digits[0], 1..=4 | 7 | 8)
        && matches!(number(&digits[3..5]), 1..=12 | 20 | 30..=42 | 50..=99)
        && number(&digits[5..7]) != 0
        && 97 - number(&digits[..13]) % 97 == number(&digits[13..])
}

/// A tax number (numéro fiscal, SPI): 13 digits that begin with 0 to 3; the last three are the first ten by 511 (DGFiP).
pub fn fr_tax(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        digits[0] <= 3 && !all_same(&digits) && number(&digits[..10]) % 511 == number(&digits[10..])
    })
}

/// A company's number (SIREN): nine digits, Luhn.
pub fn fr_siren(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10))
}

/// An establishment's number (SIRET): SIREN and five digits, Luhn; those of La Poste add up to a multiple of 5 instead.
pub fn fr_siret(value: &[u8]) -> bool {
    digits::<14>(value).is_some_and(|digits| {
        let la_poste = number(&digits[..9]) == 356_000_000 && digits.iter().sum::<u8>().is_multiple_of(5);
        !all_same(&digits)
            && luhn_sum(&digits[..9]).is_multiple_of(10)
            && (la_poste || luhn_sum(&digits).is_multiple_of(10))
    })
}

/// A VAT number: a key of two digits, or of letters and digits, and a SIREN (or Monaco's numbers that begin with 000).
pub fn fr_vat(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<11>(without_prefix(value, b"FR")) else { return false };
    let Some(company) = values::<9>(&symbols[2..]) else { return false };
    let siren = number(&company);
    let key_holds = match (key_value(symbols[0]), key_value(symbols[1])) {
        (Some(first @ 0..10), Some(second @ 0..10)) => (siren * 100 + 12) % 97 == first * 10 + second,
        (Some(first @ 0..10), Some(second)) => letter_key_holds(siren, first * 24 + second - 10),
        (Some(first), Some(second)) => letter_key_holds(siren, first * 34 + second - 100),
        _ => false,
    };
    key_holds && (company[..3] == [0; 3] || luhn_sum(&company).is_multiple_of(10))
}

/// 0–33 of a symbol of a VAT key, which has neither I nor O.
fn key_value(symbol: u8) -> Option<u64> {
    let value = u64::from(base_36(symbol));
    match symbol {
        b'I' | b'O' => None,
        b'P'.. => Some(value - 2),
        b'J'.. => Some(value - 1),
        _ => Some(value),
    }
}

fn letter_key_holds(siren: u64, key: u64) -> bool {
    (siren + 1 + key / 11) % 11 == key % 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        assert!(fr_nir(b"2 95 10 99 126 111 93") && fr_nir(b"253072B07300470") && fr_nir(b"253072A07300443"));
        assert!(!fr_nir(b"295109912611199") && !fr_nir(b"295159912611193") && !fr_nir(b"995109912611193"));
        assert!(fr_tax(b"3023217600053") && !fr_tax(b"3023217500053"));
    }

    #[test]
    fn companies() {
        assert!(fr_siren(b"552 008 443") && !fr_siren(b"552 008 444"));
        assert!(fr_siret(b"73282932000074") && fr_siret(b"35600000049837") && !fr_siret(b"73282932000079"));
        assert!(fr_vat(b"FR40303265045") && fr_vat(b"23334175221") && !fr_vat(b"84323140391"));
        assert!(fr_vat(b"K7399859412") && !fr_vat(b"KO399859412"));
    }
}
