//! Belgium, the Netherlands and Luxembourg.

use super::{
    dates::is_date,
    generic::{luhn_sum, mod_97, verhoeff_holds, weighted},
    symbols::{all_same, alphanumerics, digits, digits_up_to, number, values, without_prefix},
};

/// A Dutch citizen service number (burgerservicenummer): eight or nine digits, weights 9 to 2 and −1, modulus 11
/// (Wet algemene bepalingen burgerservicenummer).
pub fn nl_bsn(value: &[u8]) -> bool {
    let Some(symbols) = digits_up_to::<9>(value) else { return false };
    let mut digits = [0; 9];
    if symbols.len() < 8 {
        return false;
    }
    digits[9 - symbols.len()..].copy_from_slice(&symbols);
    !all_same(&digits) && eleven_test(&digits)
}

/// A Dutch VAT number (btw-identificatienummer): nine digits, `B`, two digits; MOD 97-10 over all with the country, or
/// for the numbers of companies the citizen service number's rule (Belastingdienst, since 2020).
pub fn nl_vat(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<12>(without_prefix(value, b"NL")) else { return false };
    let (Some(company), Some(suffix)) = (values::<9>(&symbols[..9]), values::<2>(&symbols[10..])) else {
        return false;
    };
    symbols[9] == b'B'
        && number(&suffix) != 0
        && !all_same(&company)
        && (eleven_test(&company) || mod_97(b"NL".iter().chain(&symbols).copied()) == 1)
}

/// A Belgian national register number, or a bis number (month plus 20 or 40): date of birth, order, and 97 − number
/// mod 97, with a 2 before the number for those born since 2000.
pub fn be_nrn(value: &[u8]) -> bool {
    let Some(digits) = digits::<11>(value) else { return false };
    let (payload, check) = (number(&digits[..9]), number(&digits[9..]));
    let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]) % 20, number(&digits[4..6]));
    let born = |century: u64| {
        // The day may be unknown, or the month too; where a day has too many numbers the month is 0.
        is_date(century + year, month, day) || (day == 0 && month <= 12) || (month == 0 && day <= 31)
    };
    number(&digits[2..4]) < 53
        && number(&digits[6..9]) != 0
        && (97 - payload % 97 == check && born(1900)
            || 97 - (2_000_000_000 + payload) % 97 == check && born(2000))
}

/// A Belgian enterprise and VAT number: ten digits that begin with 0 or 1, the last two 97 − number mod 97.
pub fn be_vat(value: &[u8]) -> bool {
    let Some(symbols) = digits_up_to::<10>(without_prefix(value, b"BE")) else { return false };
    let mut digits = [0; 10];
    if symbols.len() < 9 {
        return false;
    }
    digits[10 - symbols.len()..].copy_from_slice(&symbols);
    digits[0] <= 1 && number(&digits) != 97 && 97 - number(&digits[..8]) % 97 == number(&digits[8..])
}

/// A Luxembourg identification number (matricule): date of birth, order, a Luhn digit over the first eleven and a
/// Verhoeff digit over the same (règlement grand-ducal of 18 June 2014).
pub fn lu_matricule(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..8]));
        let mut with_verhoeff = [0; 12];
        with_verhoeff[..11].copy_from_slice(&digits[..11]);
        with_verhoeff[11] = digits[12];
        (1800..2100).contains(&year)
            && is_date(year, month, day)
            && luhn_sum(&digits[..12]).is_multiple_of(10)
            && verhoeff_holds(&with_verhoeff)
    })
}

/// A Luxembourg VAT number: eight digits, the last two are the first six by 89.
pub fn lu_vat(value: &[u8]) -> bool {
    digits::<8>(without_prefix(value, b"LU"))
        .is_some_and(|digits| number(&digits[..6]) != 0 && number(&digits[..6]) % 89 == number(&digits[6..]))
}

fn eleven_test(digits: &[u8; 9]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    sum % 11 == u32::from(digits[8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn netherlands() {
        assert!(
            nl_bsn(b"1112.22.333")
                && nl_bsn(b"174559434")
                && !nl_bsn(b"1112.52.333")
                && !nl_bsn(b"000000000")
        );
        assert!(nl_vat(b"NL004495445B01") && nl_vat(b"NL002455799B11") && !nl_vat(b"NL123456789B90"));
    }

    #[test]
    fn belgium() {
        assert!(be_nrn(b"85.07.30-033 28") && be_nrn(b"17 07 30 033 84") && be_nrn(b"00012511148"));
        assert!(!be_nrn(b"85.07.30-033 29") && !be_nrn(b"12345678901"));
        assert!(be_vat(b"BE 428759497") && be_vat(b"BE0403.019.261") && !be_vat(b"BE431150351"));
    }

    #[test]
    fn luxembourg() {
        assert!(
            lu_matricule(b"1893120105732")
                && !lu_matricule(b"1893120105733")
                && !lu_matricule(b"1893130105732")
        );
        assert!(lu_vat(b"LU 150 274 42") && !lu_vat(b"15027443") && !lu_vat(b"00000000"));
    }
}
