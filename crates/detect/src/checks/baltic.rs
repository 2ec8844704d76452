//! Estonia, Latvia and Lithuania.

use super::{
    dates::is_date,
    generic::weighted,
    symbols::{all_same, digits, digits_up_to, number, without_prefix},
};

/// An Estonian personal code (isikukood): sex and century, date of birth, three digits, a check digit (EVS 585).
pub fn ee_isikukood(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        matches!(digits[0], 1..=8)
            && is_date(1800 + u64::from(digits[0] - 1) / 2 * 100 + year, month, day)
            && personal_check_digit(&digits)
    })
}

/// An Estonian company code (registrikood): eight digits that begin with 1, 7, 8 or 9, modulus 11 in two rounds.
pub fn ee_registrikood(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        let check = match weighted(&digits, &[1, 2, 3, 4, 5, 6, 7]) % 11 {
            10 => weighted(&digits, &[3, 4, 5, 6, 7, 8, 9]) % 11 % 10,
            check => check,
        };
        matches!(digits[0], 1 | 7..=9) && check == u32::from(digits[7])
    })
}

/// An Estonian VAT number (KMKR): nine digits, weights 3 7 1, modulus 10.
pub fn ee_vat(value: &[u8]) -> bool {
    digits::<9>(without_prefix(value, b"EE")).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
    })
}

/// A Latvian personal code (personas kods): date of birth, century, three digits, or since 2017 32 and eight digits that
/// say nothing; a check digit by modulus 11.
pub fn lv_personas_kods(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (day, month, year) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        let sum = weighted(&digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
        let born = digits[6] <= 2 && is_date(1800 + u64::from(digits[6]) * 100 + year, month, day);
        (born || digits[..2] == [3, 2]) && (sum + 1) % 11 % 10 == u32::from(digits[10])
    })
}

/// A Latvian VAT number (PVN): a company's eleven digits that begin with 4 to 9, weights 9 1 4 8 3 10 2 5 7 6 1, modulus
/// 11 giving 3; or a personal code.
pub fn lv_vat(value: &[u8]) -> bool {
    let value = without_prefix(value, b"LV");
    digits::<11>(value).is_some_and(|digits| match digits[0] {
        4..=9 => weighted(&digits, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3,
        _ => lv_personas_kods(value),
    })
}

/// A Lithuanian personal code (asmens kodas): built as the Estonian one; the date may be unknown where it begins with 9.
pub fn lt_asmens_kodas(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        let born = match digits[0] {
            first @ 1..=8 => is_date(1800 + u64::from(first - 1) / 2 * 100 + year, month, day),
            9 => true,
            _ => false,
        };
        born && !all_same(&digits) && personal_check_digit(&digits)
    })
}

/// A Lithuanian VAT number (PVM): nine digits of which the eighth is 1, or twelve of which the eleventh is 1; modulus 11
/// in two rounds.
pub fn lt_vat(value: &[u8]) -> bool {
    digits_up_to::<12>(without_prefix(value, b"LT")).is_some_and(|digits| {
        let Some((check, payload)) = digits.split_last() else { return false };
        let round = |first: u32| -> u32 {
            (0..).zip(payload).map(|(i, &digit)| ((first + i) % 9 + 1) * u32::from(digit)).sum::<u32>() % 11
        };
        let expected = match round(0) {
            10 => round(2) % 10,
            expected => expected,
        };
        matches!(digits.len(), 9 | 12) && payload.last() == Some(&1) && expected == u32::from(*check)
    })
}

/// Weights 1 to 9 and 1, modulus 11; where that gives 10, weights 3 to 9 and 1 to 3, with 10 as 0.
fn personal_check_digit(digits: &[u8; 11]) -> bool {
    let check = match weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11 {
        10 => weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10,
        check => check,
    };
    check == u32::from(digits[10])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estonia() {
        assert!(
            ee_isikukood(b"36805280109") && !ee_isikukood(b"36805280108") && !ee_isikukood(b"36813280109")
        );
        assert!(
            ee_registrikood(b"12345678") && !ee_registrikood(b"12345679") && !ee_registrikood(b"32345674")
        );
        assert!(ee_vat(b"EE 100 931 558") && !ee_vat(b"100594103"));
    }

    #[test]
    fn latvia() {
        assert!(lv_personas_kods(b"161175-19997") && !lv_personas_kods(b"161375-19997"));
        assert!(lv_personas_kods(b"328673-00679") && !lv_personas_kods(b"161175-19996"));
        assert!(lv_vat(b"LV 4000 3521 600") && !lv_vat(b"40003521601") && lv_vat(b"16117519997"));
    }

    #[test]
    fn lithuania() {
        assert!(lt_asmens_kodas(b"33309240064") && !lt_asmens_kodas(b"33309240164"));
        assert!(
            lt_vat(b"119511515")
                && lt_vat(b"LT 100001919017")
                && lt_vat(b"100004801610")
                && !lt_vat(b"100001919018")
        );
    }
}
