//! South Africa, Nigeria, Egypt and the rest of Africa.

use super::{
    dates::{is_date, is_short_date},
    generic::{base_36, luhn_sum, verhoeff_holds, weighted},
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, number, values},
};

/// A South African identity number: date of birth, sequence, citizenship 0 to 2, a digit, Luhn (Identification Act).
pub fn za_id_number(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        is_short_date(number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]))
            && digits[10] <= 2
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A South African company registration: year, six digits, two for the kind of company; or a prefix, year and six
/// digits before 2008.
pub fn za_company_registration(value: &[u8]) -> bool {
    const PREFIXES: [&[u8]; 8] = [b"CK", b"K", b"T", b"W", b"B", b"M", b"N", b"NR"];
    let year_exists = |digits: &[u8]| (1800..2100).contains(&number(digits));
    let Some(symbols) = alphanumerics_up_to::<12>(value) else { return false };
    if let Some(digits) = values::<12>(&symbols) {
        return year_exists(&digits[..4]);
    }
    let letters = symbols.iter().take_while(|symbol| symbol.is_ascii_uppercase()).count();
    let (prefix, rest) = symbols.split_at(letters);
    PREFIXES.contains(&prefix) && values::<10>(rest).is_some_and(|digits| year_exists(&digits[..4]))
}

/// A South African income tax number: ten digits that begin with 0, 1, 2, 3 or 9, Luhn (SARS).
pub fn za_income_tax(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        matches!(digits[0], 0..=3 | 9) && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A South African VAT number: ten digits that begin with 4 (SARS).
pub fn za_vat(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| digits[0] == 4 && !all_same(&digits))
}

/// A South African passport number: A, D, M or T and eight digits.
pub fn za_passport(value: &[u8]) -> bool {
    alphanumerics::<9>(value).is_some_and(|symbols| {
        matches!(symbols[0], b'A' | b'D' | b'M' | b'T') && symbols[1..].iter().all(u8::is_ascii_digit)
    })
}

/// A South African driving licence number: six to ten digits, then two to five letters and digits with a letter among
/// them.
pub fn za_driver_license(value: &[u8]) -> bool {
    alphanumerics_up_to::<15>(value).is_some_and(|symbols| {
        let digits = symbols.iter().take_while(|symbol| symbol.is_ascii_digit()).count();
        // Digits of the tail may be counted among the leading ones.
        symbols.len() >= 8
            && digits >= 6
            && symbols.len() - digits <= 5
            && symbols.len() - digits.min(10) >= 2
            && symbols.iter().any(u8::is_ascii_uppercase)
    })
}

/// A South African traffic register number: thirteen digits that are no identity number.
pub fn za_traffic_register(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| !all_same(&digits)) && !za_id_number(value)
}

/// A South African licence plate: ends with a province's letters, with another letter before.
pub fn za_license_plate(value: &[u8]) -> bool {
    const PROVINCES: [&[u8; 2]; 9] = [b"GP", b"ZN", b"WP", b"EC", b"NC", b"FS", b"LP", b"MP", b"NW"];
    let Some(symbols) = alphanumerics_up_to::<12>(value) else { return false };
    let Some((body, province)) = symbols.split_last_chunk::<2>() else { return false };
    symbols.len() >= 5
        && PROVINCES.contains(&province)
        && body.iter().any(u8::is_ascii_uppercase)
        && body.iter().any(u8::is_ascii_digit)
}

/// A Nigerian identity number (NIN): eleven digits, Verhoeff (NIMC).
pub fn ng_nin(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| !all_same(&digits) && verhoeff_holds(&digits))
}

/// An Egyptian national number: century 2 or 3, date of birth, governorate, serial, a check digit whose rule isn't
/// published.
pub fn eg_national_id(value: &[u8]) -> bool {
    digits::<14>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        matches!(digits[0], 2 | 3)
            && is_date(1700 + u64::from(digits[0]) * 100 + year, month, day)
            && matches!(number(&digits[7..9]), 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88)
    })
}

/// A Moroccan company identifier (ICE): fifteen digits, MOD 97-10.
pub fn ma_ice(value: &[u8]) -> bool {
    digits::<15>(value).is_some_and(|digits| number(&digits) != 0 && number(&digits).is_multiple_of(97))
}

/// A Kenyan taxpayer number (KRA PIN): A for a person or P for a company, nine digits, a letter whose rule isn't public.
pub fn ke_pin(value: &[u8]) -> bool {
    alphanumerics::<11>(value).is_some_and(|symbols| {
        matches!(symbols[0], b'A' | b'P')
            && values::<9>(&symbols[1..10]).is_some()
            && symbols[10].is_ascii_uppercase()
    })
}

/// A Ghanaian taxpayer number (TIN): P, C, G, Q or V, 00, seven digits, a check digit or `X`, modulus 11.
pub fn gh_tin(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<11>(value) else { return false };
    let Some(digits) = values::<9>(&symbols[1..10]) else { return false };
    let check = match weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 {
        10 => b'X',
        digit => b'0' + digit as u8,
    };
    matches!(symbols[0], b'P' | b'C' | b'G' | b'Q' | b'V') && digits[..2] == [0, 0] && symbols[10] == check
}

/// A Mauritian identity number: initial of the surname, date of birth, six symbols, a check symbol modulo 17.
pub fn mu_nid(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<14>(value) else { return false };
    let Some(digits) = values::<12>(&symbols[1..13]) else { return false };
    let terms = symbols[..13].iter().zip((2..=14).rev());
    let sum: u32 = terms.map(|(&symbol, weight)| base_36(symbol) * weight).sum();
    symbols[0].is_ascii_uppercase()
        && is_short_date(number(&digits[4..6]), number(&digits[2..4]), number(&digits[..2]))
        && (17 - sum % 17) % 17 == base_36(symbols[13])
}

/// A Tunisian identity card number: eight digits, without check digit.
pub fn tn_cin(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| !all_same(&digits))
}

/// A Libyan national number: 1 or 2 for the sex, year of birth, seven digits.
pub fn ly_national_number(value: &[u8]) -> bool {
    digits::<12>(value).is_some_and(|digits| matches!(digits[0], 1 | 2) && !all_same(&digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn south_africa() {
        assert!(
            za_id_number(b"7503305044089") && !za_id_number(b"8503305044089") && !za_id_number(b"9125568")
        );
        assert!(za_company_registration(b"2011/123456/07") && za_company_registration(b"CK1998/012345"));
        assert!(!za_company_registration(b"2211/123456/07") && !za_company_registration(b"XX1998/012345"));
        assert!(
            za_income_tax(b"0001339050") && !za_income_tax(b"2449/494/16/0") && !za_income_tax(b"9125568")
        );
        assert!(za_vat(b"4123456789") && !za_vat(b"5123456789"));
        assert!(za_passport(b"A12345678") && !za_passport(b"B12345678"));
        assert!(
            za_driver_license(b"123456789AB")
                && za_driver_license(b"1234567890ABCDE")
                && !za_driver_license(b"123456789012")
        );
        assert!(
            za_license_plate(b"CA 12 BC GP") && !za_license_plate(b"12345GP") && !za_license_plate(b"GP")
        );
        assert!(za_traffic_register(b"1234567890123") && !za_traffic_register(b"7503305044089"));
    }

    #[test]
    fn north_and_west() {
        assert!(ng_nin(b"12345678902") && !ng_nin(b"12345678901"));
        assert!(
            eg_national_id(b"29001011234567")
                && !eg_national_id(b"29013011234567")
                && !eg_national_id(b"49001011234567")
        );
        assert!(ma_ice(b"00 21 36 09 30 00 040") && !ma_ice(b"002136093000041"));
        assert!(gh_tin(b"C0000803561") && !gh_tin(b"C0000803562"));
        assert!(
            tn_cin(b"09958092")
                && ly_national_number(b"120024679875")
                && !ly_national_number(b"987654320123")
        );
    }

    #[test]
    fn east() {
        assert!(
            ke_pin(b"P051365947M")
                && !ke_pin(b"V1234567890")
                && mu_nid(b"J2906201304089")
                && !mu_nid(b"J2906201304088")
        );
    }
}
