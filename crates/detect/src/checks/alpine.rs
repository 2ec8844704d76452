//! Austria, Switzerland and Liechtenstein.

use super::{
    dates::is_short_date,
    generic::{luhn_sum, weighted},
    symbols::{alphanumerics_up_to, digits, number, values, without_prefix},
};

/// An Austrian social insurance number: three digits of which the first isn't 0, check digit, date of birth (month up
/// to 15 where a day has too many numbers); weights 3 7 9 5 8 4 2 1 6, modulus 11 (ASVG § 31).
pub fn at_svnr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let (day, month, year) = (number(&digits[4..6]), number(&digits[6..8]), number(&digits[8..]));
        digits[0] != 0
            && (is_short_date(year, month, day) || (matches!(month, 13..=15) && (1..=31).contains(&day)))
            && weighted(&digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == u32::from(digits[3])
    })
}

/// An Austrian tax number (Abgabenkontonummer): tax office, six digits and a check digit by Luhn's doubling of every
/// second (BMF).
pub fn at_tin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| number(&digits[..2]) != 0 && luhn_sum(&digits).is_multiple_of(10))
}

/// An Austrian VAT number (UID): `U`, seven digits and a check digit that makes their Luhn sum up to a multiple of 10 less 4.
pub fn at_vat(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(without_prefix(value, b"AT")) else { return false };
    let Some((b'U', number)) = symbols.split_first() else { return false };
    values::<8>(number)
        .is_some_and(|digits| (luhn_sum(&digits[..7]) + u32::from(digits[7]) + 4).is_multiple_of(10))
}

/// A Swiss or Liechtenstein social insurance number (AHV-Nummer): 756 and the check digit of EAN-13.
pub fn ch_ahv(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        digits[..3] == [7, 5, 6]
            && weighted(&digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
    })
}

/// A Swiss business number (UID): nine digits, weights 5 4 3 2 7 6 5 4, modulus 11, with `CHE` and a VAT suffix or
/// without.
pub fn ch_uid(value: &[u8]) -> bool {
    const SUFFIXES: [&[u8]; 3] = [b"MWST", b"TVA", b"IVA"];
    let value = without_prefix(value, b"CHE");
    let suffix = SUFFIXES.iter().find(|suffix| {
        value.len() >= suffix.len() && value[value.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
    });
    let number = &value[..value.len() - suffix.map_or(0, |suffix| suffix.len())];
    digits::<9>(number).is_some_and(|digits| {
        digits[0] != 0 && weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 1]).is_multiple_of(11)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn austria() {
        assert!(at_svnr(b"1237 010180") && !at_svnr(b"1238 010180") && !at_svnr(b"1237 320180"));
        assert!(at_tin(b"59-119/9013") && !at_tin(b"59-119/9012"));
        assert!(
            at_vat(b"ATU13585627") && at_vat(b"U13585627") && !at_vat(b"ATU13585626") && !at_vat(b"13585627")
        );
    }

    #[test]
    fn switzerland() {
        assert!(ch_ahv(b"756.9217.0769.85") && !ch_ahv(b"756.9217.0769.84") && !ch_ahv(b"757.9217.0769.85"));
        assert!(ch_uid(b"CHE-100.155.212") && ch_uid(b"CHE-107.787.577 IVA") && ch_uid(b"100155212"));
        assert!(!ch_uid(b"CHE-100.155.213") && !ch_uid(b"CHE-100.155.212 VAT"));
    }
}
