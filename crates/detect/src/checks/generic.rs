//! The checksum schemes that many identifiers share.
//!
//! Digits are values 0–9, letters ASCII in upper case.

use super::symbols::{alphanumerics_up_to, digits_up_to};

/// A number of up to 40 digits with the Luhn check digit (ISO/IEC 7812-1 annex B).
pub fn luhn(value: &[u8]) -> bool {
    digits_up_to::<40>(value).is_some_and(|digits| !digits.is_empty() && luhn_sum(&digits).is_multiple_of(10))
}

/// A number of 2 to 40 digits with the Verhoeff check digit (J. Verhoeff, Error Detecting Decimal Codes, 1969).
pub fn verhoeff(value: &[u8]) -> bool {
    digits_up_to::<40>(value).is_some_and(|digits| digits.len() > 1 && verhoeff_holds(&digits))
}

/// A number of 2 to 40 digits with the Damm check digit (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004).
pub fn damm(value: &[u8]) -> bool {
    digits_up_to::<40>(value).is_some_and(|digits| digits.len() > 1 && damm_holds(&digits))
}

/// 2 to 40 letters and digits whose last is the check digit of machine-readable travel documents (ICAO Doc 9303-3 §4.9).
pub fn icao_9303(value: &[u8]) -> bool {
    alphanumerics_up_to::<40>(value).is_some_and(|symbols| symbols.len() > 1 && icao_9303_holds(&symbols))
}

/// The Luhn sum: every second digit from the right, the last excluded, is doubled and its digits added.
pub(crate) fn luhn_sum(digits: &[u8]) -> u32 {
    const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let from_right = digits.iter().rev().enumerate();
    from_right.map(|(i, &d)| u32::from(if i % 2 == 0 { d } else { DOUBLED[usize::from(d)] })).sum()
}

/// The sum of digits times weights, up to the shorter of the two.
pub(crate) fn weighted(digits: &[u8], weights: &[u8]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit) * u32::from(weight)).sum()
}

/// The remainder by 97 of letters and digits, with A = 10 … Z = 35, two decimal places each (ISO/IEC 7064 MOD 97-10).
pub(crate) fn mod_97(symbols: impl IntoIterator<Item = u8>) -> u32 {
    symbols.into_iter().fold(0, |remainder, symbol| match base_36(symbol) {
        value @ 0..10 => (remainder * 10 + value) % 97,
        value => (remainder * 100 + value) % 97,
    })
}

/// ISO/IEC 7064 MOD 11,10: a hybrid scheme over digits; the last one is the check digit.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((&check, payload)) = digits.split_last() else { return false };
    let product = payload.iter().fold(10, |product, &digit| {
        let sum = (product + u32::from(digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(check)) % 10 == 1
}

/// ISO/IEC 7064 MOD 11-2 over digits; gives the check value 0–10, of which 10 is written `X`.
pub(crate) fn mod_11_2(payload: &[u8]) -> u8 {
    let remainder = payload.iter().fold(0, |remainder, &digit| (remainder + u32::from(digit)) * 2 % 11);
    ((12 - remainder) % 11) as u8
}

/// Whether the Verhoeff sum of all digits is 0.
pub(crate) fn verhoeff_holds(digits: &[u8]) -> bool {
    /// Position `i` permutes by this permutation applied `i` times; it has order 8.
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let sum = digits.iter().rev().enumerate().fold(0, |sum, (i, &digit)| {
        let permuted = (0..i % 8).fold(digit, |digit, _| PERMUTATION[usize::from(digit)]);
        dihedral(sum, permuted)
    });
    sum == 0
}

/// Whether the Damm sum of all digits is 0.
pub(crate) fn damm_holds(digits: &[u8]) -> bool {
    const QUASIGROUP: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    digits.iter().fold(0, |sum, &digit| QUASIGROUP[usize::from(sum)][usize::from(digit)]) == 0
}

/// Weights 7, 3, 1 over the values of letters and digits, modulus 10; the last symbol is the check digit.
pub(crate) fn icao_9303_holds(symbols: &[u8]) -> bool {
    let Some((check, payload)) = symbols.split_last() else { return false };
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = payload.iter().zip(weights).map(|(&symbol, weight)| base_36(symbol) * weight).sum();
    check.is_ascii_digit() && sum % 10 == base_36(*check)
}

/// 0–35 of a digit or upper-case letter.
pub(crate) fn base_36(symbol: u8) -> u32 {
    u32::from(if symbol.is_ascii_digit() {
        symbol - b'0'
    } else {
        symbol.wrapping_sub(b'A').wrapping_add(10)
    })
}

/// Multiplication in the dihedral group of order 10: 0–4 are rotations, 5–9 reflections.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_takes_the_example_of_the_standard() {
        assert!(luhn(b"79927398713"));
        assert!((0..=9).filter(|d| luhn(format!("7992739871{d}").as_bytes())).eq([3]));
    }

    #[test]
    fn verhoeff_and_damm_find_every_single_error_and_every_transposition() {
        for (holds, number) in [(verhoeff as fn(&[u8]) -> bool, *b"2363"), (damm, *b"5724")] {
            assert!(holds(&number));
            for i in 0..4 {
                for digit in b'0'..=b'9' {
                    let mut wrong = number;
                    wrong[i] = digit;
                    assert_eq!(holds(&wrong), wrong == number);
                }
            }
            for i in 0..3 {
                let mut wrong = number;
                wrong.swap(i, i + 1);
                assert_eq!(holds(&wrong), wrong == number);
            }
        }
    }

    #[test]
    fn iso_7064_schemes_take_known_numbers() {
        assert_eq!(mod_97(*b"3214282912345698765432161182"), 1);
        assert_eq!(mod_97(*b"WEST12345698765432GB82"), 1);
        assert!(mod_11_10(&[6, 9, 4, 3, 5, 1, 5, 1, 5, 3, 0]));
        assert!(!mod_11_10(&[6, 9, 4, 3, 5, 1, 5, 1, 5, 0, 3]));
        assert_eq!(mod_11_2(&[0, 7, 9, 4]), 0);
    }
}
