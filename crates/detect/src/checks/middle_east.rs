//! Turkey, Israel, Iran and the Arab states of Asia.

use super::{
    dates::is_date,
    generic::{luhn_sum, weighted},
    symbols::{all_same, alphanumerics_up_to, digits, digits_up_to, number},
};

/// A Turkish identity number (TCKN): eleven digits that don't begin with 0, two check digits (Nüfus Hizmetleri Kanunu).
pub fn tr_national_id(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (odd, even) =
            (weighted(&digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]), weighted(&digits, &[0, 1, 0, 1, 0, 1, 0, 1]));
        digits[0] != 0
            && (odd * 7 + 90 - even) % 10 == u32::from(digits[9])
            && digits[..10].iter().map(|&digit| u32::from(digit)).sum::<u32>() % 10 == u32::from(digits[10])
    })
}

/// A Turkish tax number (VKN): ten digits; each counts by its place, its power of 2, and modulus 9.
pub fn tr_vkn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let terms =
            digits[..9].iter().rev().zip(1..).map(|(&digit, place)| match (u32::from(digit) + place) % 10 {
                0 => 0,
                shifted => match (shifted << place) % 9 {
                    0 => 9,
                    term => term,
                },
            });
        !all_same(&digits) && (terms.sum::<u32>() + u32::from(digits[9])).is_multiple_of(10)
    })
}

/// A Turkish licence plate: province 01 to 81, one to three letters (no Q, W, X), two to five digits; the more letters,
/// the fewer digits (Karayolları Trafik Yönetmeliği).
pub fn tr_license_plate(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<8>(value) else { return false };
    let Some((province, rest)) = symbols.split_at_checked(2) else { return false };
    let letters = rest.iter().take_while(|symbol| symbol.is_ascii_uppercase()).count();
    let (letters, serial) = rest.split_at(letters);
    let fits = match letters.len() {
        1 => matches!(serial.len(), 4 | 5),
        2 => matches!(serial.len(), 3 | 4),
        3 => matches!(serial.len(), 2 | 3),
        _ => false,
    };
    fits && province.iter().chain(serial).all(u8::is_ascii_digit)
        && (*b"01"..=*b"81").contains(&[province[0], province[1]])
        && !letters.iter().any(|letter| matches!(letter, b'Q' | b'W' | b'X'))
}

/// An Israeli identity number (teudat zehut): up to nine digits, Luhn.
pub fn il_id(value: &[u8]) -> bool {
    digits_up_to::<9>(value)
        .is_some_and(|digits| digits.len() >= 8 && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10))
}

/// An Iranian national code: ten digits, weights 10 to 2, modulus 11.
pub fn ir_national_code(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let check = match weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
            remainder @ 0..2 => remainder,
            remainder => 11 - remainder,
        };
        !all_same(&digits) && number(&digits[3..9]) != 0 && check == u32::from(digits[9])
    })
}

/// An Emirates ID: 784, year of birth, seven digits, Luhn.
pub fn ae_emirates_id(value: &[u8]) -> bool {
    digits::<15>(value).is_some_and(|digits| {
        number(&digits[..3]) == 784
            && matches!(number(&digits[3..7]), 1900..2100)
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Saudi identity number of a citizen (1) or resident (2): ten digits, Luhn.
pub fn sa_national_id(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        matches!(digits[0], 1 | 2) && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Kuwaiti civil number: century, date of birth, four digits, weights 2 1 6 3 7 9 10 5 8 4 2, modulus 11.
pub fn kw_civil_id(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| {
        let century = match digits[0] {
            1 => 1800,
            2 => 1900,
            3 => 2000,
            _ => return false,
        };
        let (year, month, day) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        is_date(century + year, month, day)
            && 11 - weighted(&digits, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11 == u32::from(digits[11])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turkey() {
        assert!(
            tr_national_id(b"17291716060")
                && !tr_national_id(b"17291716050")
                && !tr_national_id(b"07291716060")
        );
        assert!(tr_vkn(b"4540536920") && !tr_vkn(b"4540536921"));
        assert!(
            tr_license_plate(b"34 ABC 123")
                && tr_license_plate(b"06-A-12345")
                && !tr_license_plate(b"82 ABC 123")
        );
        assert!(
            !tr_license_plate(b"34 AXC 123") && !tr_license_plate(b"34 ABC 1") && !tr_license_plate(b"34")
        );
    }

    #[test]
    fn israel_and_iran() {
        assert!(il_id(b"3933742-3") && il_id(b"039337423") && !il_id(b"3933742-2"));
        assert!(
            ir_national_code(b"0499370899")
                && !ir_national_code(b"0684159415")
                && !ir_national_code(b"1111111111")
        );
    }

    #[test]
    fn arab_states() {
        assert!(ae_emirates_id(b"784-1980-1234567-8") && !ae_emirates_id(b"784-1980-1234567-9"));
        assert!(
            sa_national_id(b"1055432106") && !sa_national_id(b"1055432107") && !sa_national_id(b"3055432100")
        );
        assert!(
            kw_civil_id(b"289010112348") && !kw_civil_id(b"289010112347") && !kw_civil_id(b"289130112348")
        );
    }
}
