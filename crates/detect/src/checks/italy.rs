//! Italy and San Marino.

use super::{
    dates::is_short_date,
    generic::luhn_sum,
    symbols::{alphanumerics, digits, digits_up_to, number, without_prefix},
};

/// An Italian tax code of a person (codice fiscale, DM 23 December 1976): surname, name, year, month letter, day (plus
/// 40 for women), municipality, control letter. Letters may stand for digits where two people would share a code.
pub fn it_fiscal_code(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<16>(value) else { return false };
    let letters = symbols[..6].iter().chain([&symbols[8], &symbols[11], &symbols[15]]);
    let mut digits = [0; 7];
    for (digit, at) in digits.iter_mut().zip([6, 7, 9, 10, 12, 13, 14]) {
        let Some(value) = omocodia(symbols[at]) else { return false };
        *digit = value;
    }
    let Some(month) = b"ABCDEHLMPRST".iter().position(|month| *month == symbols[8]) else { return false };
    let day = number(&digits[2..4]);
    letters.into_iter().all(u8::is_ascii_uppercase)
        && is_part_of_name(&symbols[..3])
        && is_part_of_name(&symbols[3..6])
        && is_short_date(number(&digits[..2]), month as u64 + 1, if day > 40 { day - 40 } else { day })
        && number(&digits[4..]) != 0
        && control_letter(&symbols[..15]) == symbols[15]
}

/// An Italian VAT number (partita IVA): seven digits, a province's office, Luhn (DPR 633/1972).
pub fn it_vat(value: &[u8]) -> bool {
    digits::<11>(without_prefix(value, b"IT")).is_some_and(|digits| {
        number(&digits[..7]) != 0
            && matches!(number(&digits[7..10]), 1..=100 | 120 | 121 | 888 | 999)
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// The number of an Italian electronic identity card (two letters, five digits, two letters), of its predecessor (seven
/// digits, two letters) or of a paper one (two letters, seven digits). None has a check digit.
pub fn it_identity_card(value: &[u8]) -> bool {
    alphanumerics::<9>(value).is_some_and(|symbols| {
        let letters = |range: &[u8]| range.iter().all(u8::is_ascii_uppercase);
        let numbers = |range: &[u8]| range.iter().all(u8::is_ascii_digit);
        letters(&symbols[..2])
            && numbers(&symbols[2..7])
            && (letters(&symbols[7..]) || numbers(&symbols[7..]))
            || numbers(&symbols[..7]) && letters(&symbols[7..])
    })
}

/// A San Marino economic operator's code (COE), written `SM` and up to five digits. It has no check digit.
pub fn sm_coe(value: &[u8]) -> bool {
    value.len() > 2
        && value[..2].eq_ignore_ascii_case(b"SM")
        && digits_up_to::<5>(&value[2..]).is_some_and(|digits| digits.len() >= 2)
}

/// The digit of a symbol, for which one of ten letters may stand.
fn omocodia(symbol: u8) -> Option<u8> {
    match symbol {
        b'0'..=b'9' => Some(symbol - b'0'),
        _ => b"LMNPQRSTUV".iter().position(|letter| *letter == symbol).map(|digit| digit as u8),
    }
}

/// Consonants come first, then vowels, then `X` to fill: after a vowel only vowels and `X` follow.
fn is_part_of_name(letters: &[u8]) -> bool {
    let vowel = |letter: u8| matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U');
    letters.windows(2).all(|pair| !vowel(pair[0]) || vowel(pair[1]) || pair[1] == b'X')
}

/// Even places count their value, odd ones a value from the decree's table.
fn control_letter(symbols: &[u8]) -> u8 {
    /// By value: 0 to 9 and A to J share theirs.
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let terms = symbols.iter().enumerate().map(|(i, &symbol)| {
        let value = if symbol.is_ascii_digit() { symbol - b'0' } else { symbol - b'A' };
        if i % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
    });
    b'A' + (terms.sum::<u32>() % 26) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        assert!(it_fiscal_code(b"RCCMNL83S18D969H") && it_fiscal_code(b"rccmnl83s18d969h"));
        assert!(it_fiscal_code(b"AXXFAXTTD41H501M"), "letters for digits");
        assert!(!it_fiscal_code(b"RCCMNL83S18D969I") && !it_fiscal_code(b"RCCMNL83S38D969H"));
        assert!(
            it_identity_card(b"CA79382RA")
                && it_identity_card(b"AA1234567")
                && it_identity_card(b"1234567AA")
        );
        assert!(!it_identity_card(b"C1236EC") && !it_identity_card(b"123456789"));
    }

    #[test]
    fn companies() {
        assert!(it_vat(b"IT 00743110157") && !it_vat(b"00743110158") && !it_vat(b"00000000000"));
        assert!(sm_coe(b"SM24165") && !sm_coe(b"24165") && !sm_coe(b"SM"));
    }
}
