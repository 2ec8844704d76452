//! Croatia, Slovenia, Serbia, Bosnia, Montenegro, North Macedonia, Albania, Greece and Cyprus.

use super::{
    dates::{is_date, is_short_date},
    generic::{luhn_sum, mod_11_10, weighted},
    symbols::{all_same, alphanumerics, digits, number, values, without_prefix},
};

/// A Croatian personal and VAT number (OIB): eleven digits, MOD 11,10 (Zakon o OIB).
pub fn hr_oib(value: &[u8]) -> bool {
    digits::<11>(without_prefix(value, b"HR")).is_some_and(|digits| !all_same(&digits) && mod_11_10(&digits))
}

/// A unique master citizen number of the states of former Yugoslavia (JMBG, EMŠO): date of birth with three digits of
/// the year, region, order, weights 7 to 2 twice, modulus 11 with 10 as 0.
pub fn jmbg(value: &[u8]) -> bool {
    digits::<13>(value).is_some_and(|digits| {
        let (day, month, year) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..7]));
        let year = if year < 800 { 2000 + year } else { 1000 + year };
        is_date(year, month, day)
            && (11 - weighted(&digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10
                == u32::from(digits[12])
    })
}

/// A Slovenian tax and VAT number (davčna številka): eight digits, weights 8 to 2, modulus 11.
pub fn si_tax(value: &[u8]) -> bool {
    digits::<8>(without_prefix(value, b"SI")).is_some_and(|digits| {
        let check = 11 - weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) % 11;
        digits[0] != 0 && check != 11 && check % 10 == u32::from(digits[7])
    })
}

/// A Serbian tax and VAT number (PIB): nine digits, MOD 11,10.
pub fn rs_pib(value: &[u8]) -> bool {
    digits::<9>(without_prefix(value, b"RS")).is_some_and(|digits| !all_same(&digits) && mod_11_10(&digits))
}

/// A North Macedonian tax and VAT number (EDB): 13 digits, weights 7 to 2 twice, modulus 11 with 10 as 0.
pub fn mk_edb(value: &[u8]) -> bool {
    digits::<13>(without_prefix(value, b"MK")).is_some_and(|digits| {
        let sum = weighted(&digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
        !all_same(&digits) && (11 - sum % 11) % 11 % 10 == u32::from(digits[12])
    })
}

/// An Albanian tax and VAT number (NIPT): a letter for the decade, eight digits, a check letter. Its rule isn't public.
pub fn al_nipt(value: &[u8]) -> bool {
    alphanumerics::<10>(without_prefix(value, b"AL")).is_some_and(|symbols| {
        matches!(symbols[0], b'J'..=b'M')
            && values::<8>(&symbols[1..9]).is_some()
            && symbols[9].is_ascii_uppercase()
    })
}

/// A Greek tax and VAT number (AFM): nine digits, weights 256 to 2, modulus 11.
pub fn gr_afm(value: &[u8]) -> bool {
    let value = without_prefix(without_prefix(value, b"EL"), b"GR");
    digits::<9>(value).is_some_and(|digits| {
        let sum = digits[..8].iter().fold(0, |sum, &digit| sum * 2 + u32::from(digit)) * 2;
        !all_same(&digits) && sum % 11 % 10 == u32::from(digits[8])
    })
}

/// A Greek social security number (AMKA): date of birth, four digits, Luhn.
pub fn gr_amka(value: &[u8]) -> bool {
    digits::<11>(value).is_some_and(|digits| {
        is_short_date(number(&digits[4..6]), number(&digits[2..4]), number(&digits[..2]))
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Cypriot tax and VAT number: eight digits of which odd places count a value from a table, and a letter by modulus 26.
pub fn cy_tin(value: &[u8]) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let Some(symbols) = alphanumerics::<9>(without_prefix(value, b"CY")) else { return false };
    values::<8>(&symbols[..8]).is_some_and(|digits| {
        let terms = digits.iter().enumerate();
        let sum: u32 = terms.map(|(i, &d)| if i % 2 == 0 { ODD[usize::from(d)] } else { u32::from(d) }).sum();
        matches!(digits[0], 0 | 1 | 3..=6 | 9)
            && number(&digits[..2]) != 12
            && symbols[8] == b'A' + (sum % 26) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        assert!(hr_oib(b"33392005961") && hr_oib(b"HR 33392005961") && !hr_oib(b"33392005962"));
        assert!(jmbg(b"0101006500006") && !jmbg(b"0101006500007") && !jmbg(b"3201006500006"));
        assert!(gr_amka(b"01013099997") && !gr_amka(b"01013099999") && !gr_amka(b"32013099997"));
    }

    #[test]
    fn taxpayers() {
        assert!(si_tax(b"SI 5022 3054") && !si_tax(b"SI 50223055"));
        assert!(rs_pib(b"101134702") && !rs_pib(b"101134703"));
        assert!(mk_edb(b"4030000375897") && !mk_edb(b"4030000375890"));
        assert!(al_nipt(b"AL J 91402501 L") && !al_nipt(b"Z 22218003 V"));
        assert!(gr_afm(b"EL094259216") && !gr_afm(b"094259217"));
        assert!(cy_tin(b"CY-10259033P") && !cy_tin(b"CY-10259033Z") && !cy_tin(b"12259033P"));
    }
}
