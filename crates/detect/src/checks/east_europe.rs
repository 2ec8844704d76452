//! Poland, Czechia, Slovakia, Hungary, Romania, Bulgaria and Moldova.

use super::{
    dates::{is_date, is_short_date},
    generic::weighted,
    symbols::{all_same, alphanumerics, digits, digits_up_to, number, values, without_prefix},
};

/// A Polish identity number (PESEL): date of birth with the century in the month, four digits, a check digit by weights
/// 1 3 7 9 (ustawa o ewidencji ludności, art. 15).
pub fn pl_pesel(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        let century = [1900, 2000, 2100, 2200, 1800][month as usize / 20];
        is_date(century + year, month % 20, day)
            && weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
    })
}

/// A Polish tax and VAT number (NIP): ten digits, weights 6 5 7 2 3 4 5 6 7, modulus 11.
pub fn pl_nip(value: &[u8]) -> bool {
    digits::<10>(without_prefix(value, b"PL")).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == u32::from(digits[9])
    })
}

/// A Polish statistical number (REGON) of nine or fourteen digits, modulus 11 with 10 as 0.
pub fn pl_regon(value: &[u8]) -> bool {
    let holds = |digits: &[u8], weights: &[u8]| {
        weighted(digits, weights) % 11 % 10 == u32::from(digits[weights.len()])
    };
    digits_up_to::<14>(value).is_some_and(|digits| {
        matches!(digits.len(), 9 | 14)
            && !all_same(&digits)
            && holds(&digits, &[8, 9, 2, 3, 4, 5, 6, 7])
            && (digits.len() == 9 || holds(&digits, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]))
    })
}

/// A Polish identity card number: three letters, a check digit by weights 7 3 1, five digits.
pub fn pl_identity_card(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<9>(value) else { return false };
    let Some(digits) = values::<6>(&symbols[3..]) else { return false };
    if !symbols[..3].iter().all(u8::is_ascii_uppercase) {
        return false;
    }
    let letters = [0, 1, 2].map(|i| symbols[i] - b'A' + 10);
    let sum = weighted(&letters, &[7, 3, 1]) + weighted(&digits[1..], &[7, 3, 1, 7, 3]);
    sum % 10 == u32::from(digits[0])
}

/// A Czech or Slovak birth number (rodné číslo): date of birth (month plus 50 for women, plus 20 more where a day has
/// too many numbers), three digits until 1953, else four that make the number a multiple of 11.
pub fn cz_rodne_cislo(value: &[u8]) -> bool {
    let Some(digits) = digits_up_to::<10>(value) else { return false };
    if !matches!(digits.len(), 9 | 10) {
        return false;
    }
    let (year, day) = (number(&digits[..2]), number(&digits[4..6]));
    let year = if digits.len() == 9 || year >= 54 { 1900 + year } else { 2000 + year };
    let month = match number(&digits[2..4]) {
        month @ 1..=12 => month,
        month @ 51..=62 => month - 50,
        month @ 21..=32 if year >= 2004 => month - 20,
        month @ 71..=82 if year >= 2004 => month - 70,
        _ => return false,
    };
    if digits.len() == 9 {
        return year < 1954 && is_date(year, month, day) && number(&digits[6..]) != 0;
    }
    let remainder = number(&digits[..9]) % 11;
    // Until 1985 a remainder of 10 was written as 0.
    is_date(year, month, day)
        && (remainder == u64::from(digits[9]) || (remainder == 10 && digits[9] == 0 && year <= 1985))
}

/// A Czech company number (IČO): eight digits, weights 8 to 2, modulus 11.
pub fn cz_ico(value: &[u8]) -> bool {
    digits::<8>(value).is_some_and(|digits| {
        let check = (11 - weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10;
        !all_same(&digits) && check == u32::from(digits[7])
    })
}

/// A Czech VAT number (DIČ): a company number that doesn't begin with 9, a birth number, or 6 and eight digits.
pub fn cz_vat(value: &[u8]) -> bool {
    let value = without_prefix(value, b"CZ");
    let Some(digits) = digits_up_to::<10>(value) else { return false };
    match digits.len() {
        8 => digits[0] != 9 && cz_ico(value),
        9 if digits[0] == 6 => {
            (weighted(&digits[1..8], &[8, 7, 6, 5, 4, 3, 2]) % 11 + 8) % 10 == u32::from(digits[8])
        }
        9 | 10 => cz_rodne_cislo(value),
        _ => false,
    }
}

/// A Slovak VAT number (IČ DPH): ten digits, a multiple of 11; the first isn't 0, the third is 2, 3, 4, 7, 8 or 9.
pub fn sk_vat(value: &[u8]) -> bool {
    let value = without_prefix(value, b"SK");
    digits::<10>(value).is_some_and(|digits| {
        digits[0] != 0 && matches!(digits[2], 2 | 3 | 4 | 7 | 8 | 9) && number(&digits).is_multiple_of(11)
    })
}

/// A Hungarian tax number of a person (adóazonosító jel): 8, days since 1867, order, and a check digit by weights 1 to 9,
/// modulus 11.
pub fn hu_tax_id(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        digits[0] == 8 && weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == u32::from(digits[9])
    })
}

/// A Hungarian social insurance number (TAJ): nine digits, weights 3 and 7, modulus 10.
pub fn hu_taj(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == u32::from(digits[8])
    })
}

/// A Hungarian tax and VAT number of a company: eight digits, weights 9 7 3 1, modulus 10; in its domestic form three
/// more for the kind of tax and the county.
pub fn hu_vat(value: &[u8]) -> bool {
    digits_up_to::<11>(without_prefix(value, b"HU")).is_some_and(|digits| {
        matches!(digits.len(), 8 | 11)
            && digits[0] != 0
            && weighted(&digits, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
            && (digits.len() == 8 || matches!(digits[8], 1..=5))
    })
}

/// A Romanian personal number (CNP): sex and century, date of birth, county, order, and a check digit by weights
/// 2 7 9 1 4 6 3 5 8 2 7 9, modulus 11 with 10 as 1.
pub fn ro_cnp(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[1..3]), number(&digits[3..5]), number(&digits[5..7]));
        let born = match digits[0] {
            1 | 2 => is_date(1900 + year, month, day),
            3 | 4 => is_date(1800 + year, month, day),
            5 | 6 => is_date(2000 + year, month, day),
            7..=9 => is_short_date(year, month, day),
            _ => false,
        };
        let check = match weighted(&digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11 {
            10 => 1,
            check => check,
        };
        let county = matches!(number(&digits[7..9]), 1..=48 | 51 | 52 | 70 | 80..=83);
        born && county && check == u32::from(digits[12])
    })
}

/// A Romanian company and VAT number (CUI): two to ten digits, weights 7 5 3 2 1 7 5 3 2 from the right, modulus 11 with
/// 10 as 0.
pub fn ro_cui(value: &[u8]) -> bool {
    let Some(symbols) = digits_up_to::<10>(without_prefix(value, b"RO")) else { return false };
    if symbols.len() < 2 || symbols[0] == 0 {
        return false;
    }
    let mut digits = [0; 10];
    digits[10 - symbols.len()..].copy_from_slice(&symbols);
    weighted(&digits, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10 == u32::from(digits[9])
}

/// A Bulgarian personal number (EGN): date of birth with the century in the month (plus 20 before 1900, plus 40 since
/// 2000), three digits, weights 2 4 8 5 10 9 7 3 6, modulus 11 with 10 as 0.
pub fn bg_egn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
        let born = match month {
            41.. => is_date(2000 + year, month - 40, day),
            21.. => is_date(1800 + year, month - 20, day),
            _ => is_date(1900 + year, month, day),
        };
        born && weighted(&digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == u32::from(digits[9])
    })
}

/// A Bulgarian number of a foreigner (LNCh): ten digits, weights 21 19 17 13 11 9 7 3 1, modulus 10.
pub fn bg_lnch(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        !all_same(&digits)
            && weighted(&digits, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == u32::from(digits[9])
    })
}

/// A Bulgarian VAT number: a company's nine digits, or ten of a person, a foreigner or another taxpayer.
pub fn bg_vat(value: &[u8]) -> bool {
    let value = without_prefix(value, b"BG");
    let Some(digits) = digits_up_to::<10>(value) else { return false };
    match digits.len() {
        9 => {
            let check = match weighted(&digits, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
                10 => weighted(&digits, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
                check => check,
            };
            !all_same(&digits) && check == u32::from(digits[8])
        }
        10 => {
            let other = (11 - weighted(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
            bg_egn(value) || bg_lnch(value) || (!all_same(&digits) && other == u32::from(digits[9]))
        }
        _ => false,
    }
}

/// A Moldovan identity number (IDNP of a person, IDNO of a company): 13 digits, weights 7 3 1, modulus 10.
pub fn md_idnp(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        matches!(digits[0], 0..=2)
            && !all_same(&digits)
            && weighted(&digits, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10 == u32::from(digits[12])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poland() {
        assert!(
            pl_pesel(b"44051401359")
                && pl_pesel(b"02070803628")
                && !pl_pesel(b"44051401358")
                && !pl_pesel(b"44951401359")
        );
        assert!(pl_nip(b"PL 8567346215") && pl_nip(b"856-734-62-15") && !pl_nip(b"8567346216"));
        assert!(pl_regon(b"192598184") && pl_regon(b"12345678512347") && !pl_regon(b"192598183"));
        assert!(pl_identity_card(b"ABA300000") && !pl_identity_card(b"ABA400000"));
    }

    #[test]
    fn czechia_and_slovakia() {
        assert!(
            cz_rodne_cislo(b"710319/2745") && cz_rodne_cislo(b"530121/999") && cz_rodne_cislo(b"5451219994")
        );
        assert!(
            !cz_rodne_cislo(b"710319/2746")
                && !cz_rodne_cislo(b"590312/123")
                && !cz_rodne_cislo(b"111311/9998")
        );
        assert!(
            cz_vat(b"CZ 25123891") && cz_vat(b"640903926") && cz_vat(b"7103192745") && !cz_vat(b"25123890")
        );
        assert!(sk_vat(b"SK 202 274 96 19") && !sk_vat(b"SK 202 274 96 18"));
    }

    #[test]
    fn hungary() {
        assert!(hu_tax_id(b"8071592153") && !hu_tax_id(b"8071592154") && !hu_tax_id(b"9071592153"));
        assert!(hu_taj(b"111 111 110") && !hu_taj(b"111 111 112"));
        assert!(hu_vat(b"HU-12892312") && hu_vat(b"12892312-2-41") && !hu_vat(b"12892313"));
    }

    #[test]
    fn romania_and_moldova() {
        assert!(ro_cnp(b"1630615123457") && !ro_cnp(b"1630615123458") && !ro_cnp(b"1632215123457"));
        assert!(ro_cui(b"RO 18547290") && ro_cui(b"18547290") && !ro_cui(b"18547291"));
        assert!(md_idnp(b"1008600038413") && !md_idnp(b"1008600038412"));
    }

    #[test]
    fn bulgaria() {
        assert!(
            bg_egn(b"752316 926 3")
                && bg_egn(b"7552010005")
                && !bg_egn(b"8001010007")
                && !bg_egn(b"8019010008")
        );
        assert!(bg_lnch(b"7111 042 925") && !bg_lnch(b"7111 042 922"));
        assert!(bg_vat(b"BG 175 074 752") && !bg_vat(b"175074751") && bg_vat(b"7523169263"));
    }
}
