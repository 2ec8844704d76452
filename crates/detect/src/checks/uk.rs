//! United Kingdom.

use super::{
    dates::is_short_date,
    generic::weighted,
    symbols::{
        all_same, alphanumerics, alphanumerics_up_to, digits, digits_up_to, number, values, without_prefix,
    },
};

/// An NHS number, also of Scotland (CHI) and Northern Ireland: ten digits, weights 10 to 2, modulus 11.
pub fn uk_nhs(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// A National Insurance number: two prefix letters that are in use, six digits, a suffix A to D that may be left out
/// (HMRC, National Insurance Manual 39110).
pub fn uk_nino(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(value) else { return false };
    let Some((&[first, second], rest)) = symbols.split_first_chunk::<2>() else { return false };
    let Some((numbers, suffix)) = rest.split_at_checked(6) else { return false };
    let letter = |symbol: u8| {
        symbol.is_ascii_uppercase() && !matches!(symbol, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V')
    };
    letter(first)
        && letter(second)
        && second != b'O'
        && !matches!(&[first, second], b"BG" | b"GB" | b"NK" | b"KN" | b"TN" | b"NT" | b"ZZ")
        && numbers.iter().all(u8::is_ascii_digit)
        && matches!(suffix, [] | [b'A'..=b'D'])
}

/// A tax reference (UTR): a check digit and nine digits, weights 6 7 8 9 10 5 4 3 2, modulus 11 (HMRC).
pub fn uk_utr(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let remainder = weighted(&digits[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
        !all_same(&digits) && b"21987654321"[remainder as usize] - b'0' == digits[0]
    })
}

/// A VAT number: nine digits, weights 8 to 2 and 10 1, modulus 97, or 55 more since 2010; three digits for a branch; or a
/// government department's (GD) or health authority's (HA) three digits.
pub fn uk_vat(value: &[u8]) -> bool {
    let value = without_prefix(without_prefix(value, b"GB"), b"XI");
    if let Some((&[first, second], rest)) = value.split_first_chunk::<2>()
        && let Some(body) = values::<3>(rest)
    {
        return match [first.to_ascii_uppercase(), second.to_ascii_uppercase()] {
            [b'G', b'D'] => number(&body) < 500,
            [b'H', b'A'] => number(&body) >= 500,
            _ => false,
        };
    }
    digits_up_to::<12>(value).is_some_and(|digits| {
        let remainder = weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
        matches!(digits.len(), 9 | 12)
            && !all_same(&digits[..9])
            && (remainder == 0 || (matches!(remainder, 42 | 55) && number(&digits[..3]) >= 100))
    })
}

/// A driving licence number: surname (five letters, 9 for missing ones), date of birth (month plus 50 for women), two
/// initials, three symbols whose rule isn't public (DVLA).
pub fn uk_driving_licence(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics::<16>(value) else { return false };
    let Some(birth) = values::<6>(&symbols[5..11]) else { return false };
    let letters = symbols[..5].iter().take_while(|symbol| symbol.is_ascii_uppercase()).count();
    let year = u64::from(birth[0]) * 10 + u64::from(birth[5]);
    let month = number(&birth[1..3]);
    letters > 0
        && symbols[letters..5].iter().all(|&symbol| symbol == b'9')
        && is_short_date(year, if month > 50 { month - 50 } else { month }, number(&birth[3..5]))
        && symbols[11..13].iter().all(|&symbol| symbol == b'9' || symbol.is_ascii_uppercase())
        && symbols[14..].iter().all(u8::is_ascii_uppercase)
}

/// A vehicle registration: two letters, an age identifier (02–29 or 51–79), three letters; or the forms before 2001 with
/// a year letter before or behind (DVLA).
pub fn uk_vehicle(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<7>(value) else { return false };
    let run = |from: &[u8], of: fn(&u8) -> bool| from.iter().take_while(|&symbol| of(symbol)).count();
    let first = run(&symbols, u8::is_ascii_uppercase);
    let digits = run(&symbols[first..], u8::is_ascii_digit);
    let (area, rest) = symbols.split_at(first);
    let (serial, tail) = rest.split_at(digits);
    if !tail.iter().all(u8::is_ascii_uppercase)
        || [area, tail].iter().any(|part| part.contains(&b'I') || part.contains(&b'Q'))
    {
        return false;
    }
    // Year letters never were I, O, Q, U or Z.
    let year_letter = |part: &[u8]| !matches!(part, [b'O' | b'U' | b'Z']);
    match (area.len(), serial.len(), tail.len()) {
        (2, 2, 3) => {
            !area.contains(&b'Z')
                && values::<2>(serial).is_some_and(|age| matches!(number(&age), 2..=29 | 51..=79))
        }
        (1, 1..=3, 3) => year_letter(area) && serial[0] != b'0',
        (3, 1..=3, 1) => year_letter(tail) && serial[0] != b'0',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        assert!(uk_nhs(b"943 476 5919") && !uk_nhs(b"943 476 5918") && !uk_nhs(b"0000000000"));
        assert!(uk_nino(b"AB 12 34 56 C") && uk_nino(b"AB123456"));
        assert!(
            !uk_nino(b"BG123456C")
                && !uk_nino(b"AO123456C")
                && !uk_nino(b"AB123456E")
                && !uk_nino(b"AB12345")
        );
    }

    #[test]
    fn tax() {
        assert!(uk_utr(b"1955839661") && !uk_utr(b"2955839661"));
        assert!(uk_vat(b"GB 980 7806 84") && !uk_vat(b"802311781"));
        assert!(uk_vat(b"GBGD001") && uk_vat(b"GBHA599") && !uk_vat(b"GBGD500") && !uk_vat(b"HA499"));
    }

    #[test]
    fn driving() {
        assert!(uk_driving_licence(b"MORGA657054SM9IJ") && uk_driving_licence(b"FOX99 811036 J99AB"));
        assert!(!uk_driving_licence(b"99999657054SM9IJ") && !uk_driving_licence(b"MORGA613054SM9IJ"));
        for plate in ["AB51 ABC", "AB02ABC", "A123 ABC", "ABC 123A", "A1 ABC"] {
            assert!(uk_vehicle(plate.as_bytes()), "{plate}");
        }
        for no_plate in ["AB30 ABC", "AI51ABC", "A012ABC", "U123ABC", "ABC", "1234567"] {
            assert!(!uk_vehicle(no_plate.as_bytes()), "{no_plate}");
        }
    }
}
