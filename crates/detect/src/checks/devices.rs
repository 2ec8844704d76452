//! Devices and vehicles.

use super::{
    generic::{luhn_sum, weighted},
    symbols::{all_same, alphanumerics, digits, number},
};

/// An International Mobile Equipment Identity: a reporting body of the GSM Association (TS.06) and Luhn.
pub fn imei(value: &[u8]) -> bool {
    digits::<15>(value).is_some_and(|digits| {
        matches!(number(&digits[..2]), 1..=10 | 30 | 33 | 35 | 44 | 45 | 49..=54 | 86 | 91 | 98 | 99)
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Vehicle Identification Number (ISO 3779). North America and China require a check digit (49 CFR 565, GB 16735);
/// elsewhere only the last four symbols are known to be digits.
pub fn vin(value: &[u8]) -> bool {
    let Some(symbols) = vin_symbols(value) else { return false };
    match symbols[0] {
        b'1'..=b'5' | b'L' => vin_check_digit(&symbols),
        _ => symbols[13..].iter().all(u8::is_ascii_digit) && symbols.iter().any(u8::is_ascii_uppercase),
    }
}

/// A Vehicle Identification Number whose check digit holds, wherever it was built. Maker and model are hardly ever written
/// with a single letter or none: that is a long number.
pub fn vin_checked(value: &[u8]) -> bool {
    vin_symbols(value).is_some_and(|symbols| {
        symbols.iter().filter(|symbol| symbol.is_ascii_uppercase()).count() > 1 && vin_check_digit(&symbols)
    })
}

fn vin_symbols(value: &[u8]) -> Option<[u8; 17]> {
    let symbols = alphanumerics::<17>(value)?;
    (!symbols.iter().any(|symbol| matches!(symbol, b'I' | b'O' | b'Q')) && !all_same(&symbols))
        .then_some(symbols)
}

/// The ninth symbol is the weighted sum of all by 11 (49 CFR 565.15), 10 written as `X`.
fn vin_check_digit(symbols: &[u8; 17]) -> bool {
    const WEIGHTS: [u8; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    /// The values of A to Z; I, O and Q don't occur.
    const LETTERS: [u8; 26] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9];
    let values = symbols.map(|symbol| match symbol {
        b'A'..=b'Z' => LETTERS[usize::from(symbol - b'A')],
        digit => digit - b'0',
    });
    let check = match weighted(&values, &WEIGHTS) % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    symbols[8] == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        assert!(imei(b"49-015420-323751-8") && imei(b"352099001761481"));
        assert!(!imei(b"490154203237519") && !imei(b"000000000000000") && !imei(b"35209900176148"));
    }

    #[test]
    fn vehicles() {
        assert!(vin(b"1M8GDM9AXKP042788") && vin(b"11111111111111111").eq(&false));
        assert!(!vin(b"1M8GDM9A1KP042788") && !vin(b"1M8GDM9AXKP04278O"));
        assert!(vin(b"WVWZZZ1JZXW000001") && !vin_checked(b"WVWZZZ1JZXW000001"));
    }
}
