//! Russia, Ukraine, Belarus, Kazakhstan, Uzbekistan and Azerbaijan.

use super::{
    dates::is_date,
    generic::weighted,
    symbols::{all_same, alphanumerics, digits, digits_up_to, number, values, without_prefix},
};

/// A Russian taxpayer number (ИНН) of an organisation (ten digits) or a person (twelve, two check digits), modulus 11
/// with 10 as 0 (order ММВ-7-6/435 of the tax service).
pub fn ru_inn(value: &[u8]) -> bool {
    let check = |digits: &[u8], weights: &[u8]| {
        weighted(digits, weights) % 11 % 10 == u32::from(digits[weights.len()])
    };
    digits_up_to::<12>(without_prefix(value, b"RU")).is_some_and(|digits| {
        !all_same(&digits)
            && match digits.len() {
                10 => check(&digits, &[2, 4, 10, 3, 5, 9, 4, 6, 8]),
                12 => {
                    check(&digits, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8])
                        && check(&digits, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8])
                }
                _ => false,
            }
    })
}

/// A Russian pension insurance number (СНИЛС): nine digits, weights 9 to 1, modulus 101 with 100 as 0; numbers up to
/// 001-001-998 carry no check.
pub fn ru_snils(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let sum = u64::from(weighted(&digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]));
        !all_same(&digits[..9]) && number(&digits[..9]) > 1_001_998 && sum % 101 % 100 == number(&digits[9..])
    })
}

/// A Russian state registration number of a company (ОГРН, 13 digits) or an entrepreneur (ОГРНИП, 15): the number by 11
/// or 13, last digit of the remainder.
pub fn ru_ogrn(value: &[u8]) -> bool {
    digits_up_to::<15>(value).is_some_and(|digits| {
        let Some((check, payload)) = digits.split_last() else { return false };
        match digits.len() {
            13 => {
                matches!(digits[0], 1 | 2 | 5 | 6 | 7 | 8 | 9)
                    && number(payload) % 11 % 10 == u64::from(*check)
            }
            15 => matches!(digits[0], 3 | 4) && number(payload) % 13 % 10 == u64::from(*check),
            _ => false,
        }
    })
}

/// A Ukrainian taxpayer number (РНОКПП): days since 1899, order, and a check digit by weights −1 5 7 9 4 6 10 5 7,
/// modulus 11 with 10 as 0.
pub fn ua_rnokpp(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        // −1 is 10 modulo 11.
        !all_same(&digits)
            && weighted(&digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10 == u32::from(digits[9])
    })
}

/// A Ukrainian company code (ЄДРПОУ): eight digits, modulus 11 in two rounds whose weights depend on the range.
pub fn ua_edrpou(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        let weights: [u8; 7] =
            if matches!(digits[0], 3..=5) { [7, 1, 2, 3, 4, 5, 6] } else { [1, 2, 3, 4, 5, 6, 7] };
        let check = match weighted(&digits, &weights) % 11 {
            10 => weighted(&digits, &weights.map(|weight| weight + 2)) % 11 % 10,
            check => check,
        };
        !all_same(&digits) && check == u32::from(digits[7])
    })
}

/// A Belarusian taxpayer number (УНП): nine digits, or two letters and seven for persons; weights 29 23 19 17 13 7 5 3,
/// modulus 11.
pub fn by_unp(value: &[u8]) -> bool {
    const LETTERS: &[u8; 10] = b"ABCEHKMOPT";
    let Some(symbols) = alphanumerics::<9>(without_prefix(value, b"BY")) else { return false };
    let Some(tail) = values::<7>(&symbols[2..]) else { return false };
    let head = match [symbols[0], symbols[1]] {
        [first @ b'1'..=b'7', second @ b'0'..=b'9'] => [first - b'0', second - b'0'],
        // The first letter counts as in base 36, the second by its place among those in use.
        [first, second] => match (LETTERS[..7].contains(&first), LETTERS.iter().position(|l| *l == second)) {
            (true, Some(place)) => [first - b'A' + 10, place as u8],
            _ => return false,
        },
    };
    let sum = weighted(&head, &[29, 23]) + weighted(&tail, &[19, 17, 13, 7, 5, 3]);
    !all_same(&symbols) && sum % 11 == u32::from(tail[6])
}

/// A Kazakh individual number (ИИН): date of birth, sex and century, order, modulus 11 in two rounds.
pub fn kz_iin(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        matches!(digits[6], 1..=6)
            && is_date(1800 + u64::from(digits[6] - 1) / 2 * 100 + year, month, day)
            && kazakh_check_digit(&digits)
    })
}

/// A Kazakh company number (БИН): year and month of registration, kind 4 to 6, modulus 11 in two rounds.
pub fn kz_bin(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        matches!(number(&digits[2..4]), 1..=12) && matches!(digits[4], 4..=6) && kazakh_check_digit(&digits)
    })
}

/// An Uzbek personal number (ПИНФЛ): sex and century, date of birth, region, order, weights 7 3 1, modulus 10.
pub fn uz_pinfl(value: &[u8]) -> bool {
    digits::<14>(value).is_some_and(|digits| {
        let (day, month, year) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        matches!(digits[0], 1..=6)
            && is_date(1800 + u64::from(digits[0] - 1) / 2 * 100 + year, month, day)
            && weighted(&digits, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]) % 10 == u32::from(digits[13])
    })
}

/// An Azerbaijani taxpayer number (VÖEN): eight digits, a check digit by weights 4 1 8 6 2 7 5 3, modulus 11, and 1 for a
/// company or 2 for a person.
pub fn az_voen(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        matches!(digits[9], 1 | 2)
            && number(&digits[..8]) != 0
            && weighted(&digits, &[4, 1, 8, 6, 2, 7, 5, 3]) % 11 == u32::from(digits[8])
    })
}

fn kazakh_check_digit(digits: &[u8; 12]) -> bool {
    let check = match weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11 {
        10 => weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11,
        check => check,
    };
    check == u32::from(digits[11])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russia() {
        assert!(
            ru_inn(b"123456789047")
                && ru_inn(b"1234567894")
                && !ru_inn(b"1234567895")
                && !ru_inn(b"123456789037")
        );
        assert!(ru_snils(b"112-233-445 95") && !ru_snils(b"112-233-445 94") && !ru_snils(b"000-000-000 00"));
        assert!(ru_ogrn(b"1022200525819") && ru_ogrn(b"385768585948949") && !ru_ogrn(b"1022500001328"));
    }

    #[test]
    fn ukraine_and_belarus() {
        assert!(ua_rnokpp(b"1759013776") && !ua_rnokpp(b"1759013770"));
        assert!(ua_edrpou(b"32855961") && !ua_edrpou(b"32855968"));
        assert!(by_unp(b"200988541") && by_unp(b"MA1953684") && !by_unp(b"200988542"));
    }

    #[test]
    fn central_asia() {
        assert!(kz_iin(b"590512300014") && !kz_iin(b"590512300015") && !kz_iin(b"591312300014"));
        assert!(kz_bin(b"090340001232") && !kz_bin(b"090340001233") && !kz_bin(b"091340001232"));
        assert!(uz_pinfl(b"30101990012341") && !uz_pinfl(b"30101990012342") && !uz_pinfl(b"33201990012341"));
        assert!(az_voen(b"1400057421") && !az_voen(b"1400057431"));
    }
}
