//! Spain and Portugal.

use super::{
    generic::{base_36, luhn_sum, weighted},
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, number, values, without_prefix},
};

/// The control letter of a Spanish identity number by its remainder by 23.
const CONTROL: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// A Spanish tax number of a person (NIF): seven or eight digits and a control letter, or K, L or M and seven digits
/// (Real Decreto 1065/2007, art. 19–20).
pub fn es_nif(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(value) else { return false };
    let Some((control, payload)) = symbols.split_last() else { return false };
    let payload = match payload {
        [b'K' | b'L' | b'M', rest @ ..] if rest.len() == 7 => rest,
        rest => rest,
    };
    matches!(payload.len(), 7 | 8) && control_letter_of(0, payload) == Some(*control)
}

/// A Spanish foreigner's number (NIE): X, Y or Z for 0, 1 or 2, seven digits (eight in the oldest), a control letter.
pub fn es_nie(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<10>(value) else { return false };
    let [first @ b'X'..=b'Z', payload @ .., control] = &*symbols else { return false };
    matches!(payload.len(), 7 | 8) && control_letter_of(u64::from(first - b'X'), payload) == Some(*control)
}

/// A Spanish tax number of an organisation (CIF): a letter for its form, two digits, five digits, and a control digit
/// or letter by Luhn.
pub fn es_cif(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<9>(value) else { return false };
    let Some(digits) = values::<7>(&symbols[1..8]) else { return false };
    let mut with_check = [0; 8];
    with_check[..7].copy_from_slice(&digits);
    let check = ((10 - luhn_sum(&with_check) % 10) % 10) as u8;
    let (letter, digit) = (b"JABCDEFGHI"[usize::from(check)], b'0' + check);
    match symbols[0] {
        b'P' | b'Q' | b'R' | b'S' | b'N' | b'W' => symbols[8] == letter,
        b'A' | b'B' | b'E' | b'H' => symbols[8] == digit,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => symbols[8] == letter || symbols[8] == digit,
        _ => false,
    }
}

/// A Spanish VAT number: NIF, NIE or CIF.
pub fn es_vat(value: &[u8]) -> bool {
    let number = without_prefix(value, b"ES");
    es_nif(number) || es_nie(number) || es_cif(number)
}

/// A Spanish social security number: province, eight digits, and the remainder of both by 97.
pub fn es_social_security(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let (province, serial) = (number(&digits[..2]), number(&digits[2..10]));
        // Below ten million the serial is joined without its leading zero.
        let payload =
            if serial < 10_000_000 { province * 10_000_000 + serial } else { number(&digits[..10]) };
        matches!(province, 1..=53 | 66) && serial != 0 && payload % 97 == number(&digits[10..])
    })
}

/// A Portuguese tax and VAT number (NIF): nine digits with a first that is in use, weights 9 to 2, modulus 11.
pub fn pt_nif(value: &[u8]) -> bool {
    digits::<9>(without_prefix(value, b"PT")).is_some_and(|digits| {
        (matches!(digits[0], 1..=3 | 5..=9) || digits[..2] == [4, 5])
            && !all_same(&digits)
            && remainder_or_zero(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) == digits[8]
    })
}

/// A Portuguese citizen card number (Cartão de Cidadão): eight digits, a check digit, two letters or digits and a check
/// digit, Luhn over base 36.
pub fn pt_citizen_card(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<12>(value) else { return false };
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let terms = symbols.iter().enumerate().map(|(i, &symbol)| match base_36(symbol) {
        value if i % 2 == 0 => doubled(value),
        value => value,
    });
    let sum: u32 = terms.sum();
    symbols[..9].iter().all(u8::is_ascii_digit) && symbols[11].is_ascii_digit() && sum.is_multiple_of(10)
}

/// A Portuguese social security number (NISS): eleven digits that begin with 1 or 2; weights are the primes from 29
/// down to 2.
pub fn pt_niss(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let sum = weighted(&digits, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
        matches!(digits[0], 1 | 2) && 9 - sum % 10 == u32::from(digits[10])
    })
}

/// The control letter of digits (ASCII) after `first`.
fn control_letter_of(first: u64, digits: &[u8]) -> Option<u8> {
    let number = digits.iter().try_fold(first, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })?;
    Some(CONTROL[(number % 23) as usize])
}

/// 11 − sum mod 11, where 10 and 11 become 0.
fn remainder_or_zero(digits: &[u8], weights: &[u8]) -> u8 {
    match weighted(digits, weights) % 11 {
        0 | 1 => 0,
        remainder => (11 - remainder) as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spain() {
        assert!(es_nif(b"54362315-K") && es_nif(b"12345678z") && es_nif(b"1234567L") && es_nif(b"M1234567L"));
        assert!(!es_nif(b"54362315Z") && !es_nif(b"L") && !es_nif(b"5436231K5") && !es_nif(b"A1234567L"));
        assert!(
            es_nie(b"x-2482300w") && es_nie(b"Y1234567X") && !es_nie(b"X2482300A") && !es_nie(b"12345678Z")
        );
        assert!(
            es_cif(b"J99216582") && es_cif(b"Q2816003D") && !es_cif(b"J99216583") && !es_cif(b"I99216582")
        );
        assert!(es_vat(b"ES54362315K") && es_vat(b"ESX2482300W") && es_vat(b"ES-J99216582"));
        assert!(es_social_security(b"28 12345678 40") && !es_social_security(b"28 12345678 41"));
    }

    #[test]
    fn portugal() {
        assert!(pt_nif(b"PT 501 964 843") && !pt_nif(b"PT 501 964 842") && !pt_nif(b"000000000"));
        assert!(pt_citizen_card(b"00000000 0 ZZ4") && !pt_citizen_card(b"00000000 0 ZZ5"));
        assert!(pt_niss(b"12345678910") && !pt_niss(b"12345678918"));
    }
}
