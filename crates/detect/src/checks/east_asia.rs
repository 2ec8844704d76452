//! China, Hong Kong, Taiwan, Japan and Korea.

use super::{
    dates::{is_date, is_short_date},
    generic::{base_36, mod_11_2, weighted},
    symbols::{all_same, alphanumerics, digits, is_separator, number, values},
};

/// A Chinese resident identity number (GB 11643): province, county, date of birth, order, check digit of MOD 11-2; or
/// its form before 1999 with 15 digits and without check digit.
pub fn cn_ric(value: &[u8]) -> bool {
    let province = |digits: &[u8]| {
        matches!(
            number(&digits[..2]),
            11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83 | 91
        )
    };
    if let Some(digits) = digits::<15>(value) {
        let (year, month, day) = (number(&digits[6..8]), number(&digits[8..10]), number(&digits[10..12]));
        return province(&digits) && is_date(1900 + year, month, day);
    }
    let Some(symbols) = alphanumerics::<18>(value) else { return false };
    values::<17>(&symbols[..17]).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[6..10]), number(&digits[10..12]), number(&digits[12..14]));
        let check = match mod_11_2(&digits) {
            10 => b'X',
            check => b'0' + check,
        };
        province(&digits) && (1850..2050).contains(&year) && is_date(year, month, day) && symbols[17] == check
    })
}

/// A Chinese unified social credit code of an organisation (GB 32100): 18 symbols without I, O, S, V, Z, modulus 31.
pub fn cn_uscc(value: &[u8]) -> bool {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let Some(symbols) = alphanumerics::<18>(value) else { return false };
    // Powers of 3 modulo 31.
    let (mut sum, mut weight) = (0, 1);
    for symbol in symbols[..17].iter() {
        let Some(place) = ALPHABET.iter().position(|letter| letter == symbol) else { return false };
        sum += place * weight;
        weight = weight * 3 % 31;
    }
    symbols[..8].iter().skip(2).all(u8::is_ascii_digit)
        && !all_same(&symbols)
        && symbols[17] == ALPHABET[(31 - sum % 31) % 31]
}

/// A Hong Kong identity card number: one or two letters, six digits, a check digit or `A`, often in brackets; weights 9
/// to 1 with a blank for a missing letter, modulus 11.
pub fn hk_id(value: &[u8]) -> bool {
    let mut symbols = [b' '; 9];
    // Filled from the right, so that a missing first letter stays blank.
    let written =
        value.iter().rev().filter(|&&byte| !is_separator(byte) && !matches!(byte, b'(' | b')' | b'[' | b']'));
    for (i, byte) in written.enumerate() {
        let Some(at) = 8_usize.checked_sub(i) else { return false };
        symbols[at] = byte.to_ascii_uppercase();
    }
    let values = symbols.map(|symbol| if symbol == b' ' { 36 } else { base_36(symbol) as u8 });
    let sum = weighted(&values[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    (symbols[0] == b' ' || symbols[0].is_ascii_uppercase())
        && symbols[1].is_ascii_uppercase()
        && symbols[2..8].iter().all(u8::is_ascii_digit)
        && matches!(symbols[8], b'0'..=b'9' | b'A')
        && (sum + u32::from(values[8])).is_multiple_of(11)
}

/// A Taiwanese identity number: a letter for the place, 1 or 2 (8 or 9 for foreigners since 2021; A to D before), eight
/// digits; weights 1 9 8 7 6 5 4 3 2 1 1, modulus 10.
pub fn tw_id(value: &[u8]) -> bool {
    /// The number of each letter, A to Z.
    const PLACES: [u8; 26] = [
        10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31,
        33,
    ];
    let Some(symbols) = alphanumerics::<10>(value) else { return false };
    let (Some(tail), true) = (values::<8>(&symbols[2..]), symbols[0].is_ascii_uppercase()) else {
        return false;
    };
    let place = PLACES[usize::from(symbols[0] - b'A')];
    let second = match symbols[1] {
        sex @ (b'1' | b'2' | b'8' | b'9') => sex - b'0',
        letter @ b'A'..=b'D' => PLACES[usize::from(letter - b'A')] % 10,
        _ => return false,
    };
    let sum =
        weighted(&[place / 10, place % 10, second], &[1, 9, 8]) + weighted(&tail, &[7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10)
}

/// A Taiwanese company number (統一編號): eight digits, weights 1 2 1 2 1 2 4 1 with cross sums, modulus 5; a 7 in the
/// seventh place may count as 1.
pub fn tw_ubn(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        let terms = digits.iter().zip([1, 2, 1, 2, 1, 2, 4, 1]).map(|(digit, weight)| digit * weight);
        let sum: u8 = terms.map(|product| product / 10 + product % 10).sum();
        number(&digits) != 0 && (sum.is_multiple_of(5) || (digits[6] == 7 && (sum + 1).is_multiple_of(5)))
    })
}

/// A Japanese individual number (マイナンバー): eleven digits and a check digit, modulus 11 (総務省令 第85号, 2014).
pub fn jp_my_number(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let check = match weighted(&digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
            0 | 1 => 0,
            remainder => 11 - remainder,
        };
        !all_same(&digits) && check == u32::from(digits[11])
    })
}

/// A Japanese corporate number (法人番号): a check digit 1 to 9 and twelve digits, modulus 9.
pub fn jp_corporate_number(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let sum = weighted(&digits[1..], &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
        !all_same(&digits) && 9 - sum % 9 == u32::from(digits[0])
    })
}

/// A Korean resident registration number: date of birth, sex and century 1 to 4 (9 and 0 before 1900), and a check digit
/// modulo 11, which those born since October 2020 lack (주민등록법 시행규칙).
pub fn kr_rrn(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        let year = match digits[6] {
            1 | 2 => 1900 + year,
            3 | 4 => 2000 + year,
            9 | 0 => 1800 + year,
            _ => return false,
        };
        let without_check_digit = ((2020, 10)..(2050, 1)).contains(&(year, month));
        is_date(year, month, day) && (without_check_digit || korean_check_digit(&digits, 11))
    })
}

/// A Korean foreigner registration number: date of birth and 5 to 8. Those given out since October 2020 have no check
/// digit, so none is asked for.
pub fn kr_frn(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        matches!(digits[6], 5..=8) && is_short_date(year, month, day)
    })
}

/// A Korean foreigner registration number with the check digit of those given out before October 2020.
pub fn kr_frn_checked(value: &[u8]) -> bool {
    kr_frn(value) && digits::<13>(value).is_some_and(|digits| korean_check_digit(&digits, 13))
}

/// A Korean business registration number: tax office from 101, kind, serial, weights 1 3 7 1 3 7 1 3 5 with the tens of
/// the last product, modulus 10.
pub fn kr_brn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let sum = weighted(&digits, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + u32::from(digits[8]) * 5 / 10;
        let [office, kind, serial] = [&digits[..3], &digits[3..5], &digits[5..9]].map(number);
        office > 100 && kind != 0 && serial != 0 && (sum + u32::from(digits[9])).is_multiple_of(10)
    })
}

/// A Korean driver's licence number: region 11 to 28, year, serial, two digits by a rule that isn't public.
pub fn kr_driver_license(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| matches!(number(&digits[..2]), 11..=28))
}

fn korean_check_digit(digits: &[u8; 13], base: u32) -> bool {
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    (base - sum % 11) % 10 == u32::from(digits[12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china() {
        assert!(cn_ric(b"11010519491231002X") && cn_ric(b"440524188001010014") && cn_ric(b"110101491001001"));
        assert!(
            !cn_ric(b"110105194912310029") && !cn_ric(b"160323197806058856") && !cn_ric(b"110101940231001")
        );
        assert!(cn_uscc(b"91110000600037341L") && !cn_uscc(b"A1110000600037342L"));
        assert!(
            hk_id(b"G123456(A)") && hk_id(b"AB987654(3)") && hk_id(b"W520128(7)") && !hk_id(b"O962472(9)")
        );
        assert!(!hk_id(b"()") && !hk_id(b"A1234567890"));
    }

    #[test]
    fn taiwan() {
        assert!(
            tw_id(b"A123456789") && tw_id(b"Z277018381") && !tw_id(b"A123456780") && !tw_id(b"X431071923")
        );
        assert!(tw_ubn(b"00501503") && tw_ubn(b"10458575") && !tw_ubn(b"00501502"));
    }

    #[test]
    fn japan() {
        assert!(
            jp_my_number(b"1234 5678 9018")
                && !jp_my_number(b"1234 5678 9019")
                && !jp_my_number(b"000000000000")
        );
        assert!(jp_corporate_number(b"5-8356-7825-6246") && !jp_corporate_number(b"2-8356-7825-6246"));
    }

    #[test]
    fn korea() {
        assert!(kr_rrn(b"971013-9019902") && !kr_rrn(b"971013-9019903") && !kr_rrn(b"971313-9019902"));
        assert!(kr_rrn(b"201130-3123456") && !kr_rrn(b"201131-3123456") && !kr_rrn(b"200930-3123456"));
        assert!(kr_frn_checked(b"960121-5123454") && !kr_frn_checked(b"960121-5123456"));
        assert!(kr_frn(b"960121-5123456") && !kr_frn(b"961321-5123456"));
        assert!(kr_brn(b"116-82-00276") && !kr_brn(b"116-82-00275"));
        assert!(kr_driver_license(b"11-22-123456-78") && !kr_driver_license(b"29-22-123456-78"));
    }
}
