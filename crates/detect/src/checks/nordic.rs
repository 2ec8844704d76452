//! Denmark, Finland, Iceland, Norway and Sweden.

use super::{
    dates::{is_date, is_short_date},
    generic::{luhn_sum, weighted},
    symbols::{all_same, digits, digits_up_to, number, values, without_prefix},
};

/// A Swedish personal identity number (personnummer), or a coordination number (day plus 60): ten or twelve digits,
/// Luhn over the last ten; `+` in place of the hyphen says older than 100 (folkbokföringslagen § 18).
pub fn se_personnummer(value: &[u8]) -> bool {
    let Some((century, digits)) = swedish(value) else { return false };
    let (year, month, day) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
    let day = if day > 60 { day - 60 } else { day };
    let exists = match century {
        Some(century) => (18..=20).contains(&century) && is_date(century * 100 + year, month, day),
        None => is_short_date(year, month, day),
    };
    exists && number(&digits[6..9]) != 0 && luhn_sum(&digits).is_multiple_of(10)
}

/// A Swedish organisation number (organisationsnummer): ten digits, the third at least 2, Luhn; `16` may stand before.
pub fn se_organisationsnummer(value: &[u8]) -> bool {
    swedish(value).is_some_and(|(century, digits)| {
        matches!(century, None | Some(16))
            && digits[0] != 0
            && digits[2] >= 2
            && !all_same(&digits)
            && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Swedish VAT number: organisation or personal number and 01 to 94.
pub fn se_vat(value: &[u8]) -> bool {
    digits::<12>(without_prefix(value, b"SE")).is_some_and(|digits| {
        luhn_sum(&digits[..10]).is_multiple_of(10)
            && !all_same(&digits[..10])
            && matches!(number(&digits[10..]), 1..=94)
    })
}

/// A Norwegian identity number (fødselsnummer), D-number (day plus 40) or H-number (month plus 40): date of birth,
/// individual number that fits the century, two check digits modulo 11 (folkeregisterforskriften).
pub fn no_fodselsnummer(value: &[u8]) -> bool {
    let Some(digits) = digits::<11>(value) else { return false };
    let (day, month, year) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
    let century = match (number(&digits[6..9]), year) {
        (0..=499, _) | (900..=999, 40..=99) => 1900,
        (500..=749, 54..=99) => 1800,
        (500..=999, 0..=39) => 2000,
        _ => return false,
    };
    let day = if day > 40 { day - 40 } else { day };
    let month = if month > 40 { month - 40 } else { month };
    is_date(century + year, month, day)
        && weighted(&digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// A Norwegian organisation and VAT number: nine digits, weights 3 2 7 6 5 4 3 2, modulus 11; `MVA` may follow.
pub fn no_orgnr(value: &[u8]) -> bool {
    let value = without_prefix(value, b"NO");
    let length = value.len().saturating_sub(3);
    let value = if value[length..].eq_ignore_ascii_case(b"MVA") { &value[..length] } else { value };
    digits::<9>(value).is_some_and(|digits| {
        digits[0] != 0 && weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// A Danish personal number (CPR): a date of birth that fits its century digit, and modulus 11, which numbers of some
/// men born on 1 January of 1960 to 1992 lack since 2007 (CPR-kontoret).
pub fn dk_cpr(value: &[u8]) -> bool {
    let Some(digits) = digits::<10>(value) else { return false };
    let (day, month, year) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
    let century = match (digits[6], year) {
        (0..=3, _) | (4 | 9, 37..=99) => 1900,
        (4 | 9, _) | (5..=8, 0..=57) => 2000,
        _ => 1800,
    };
    let without_check_digit =
        (day, month) == (1, 1) && (1960..=1992).contains(&(century + year)) && digits[9] % 2 == 1;
    is_date(century + year, month, day)
        && (without_check_digit || weighted(&digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// A Danish company and VAT number (CVR): eight digits, weights 2 7 6 5 4 3 2 1, modulus 11.
pub fn dk_vat(value: &[u8]) -> bool {
    digits::<8>(without_prefix(value, b"DK")).is_some_and(|digits| {
        digits[0] != 0 && weighted(&digits, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// A Finnish personal identity code (henkilötunnus): date of birth, a sign for the century, an individual number from
/// 002, and a control character by modulus 31 (DVV; new signs since 2023).
pub fn fi_hetu(value: &[u8]) -> bool {
    const CONTROL: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let Ok(&[_, _, _, _, _, _, sign, _, _, _, control]) = <&[u8; 11]>::try_from(value) else { return false };
    let (Some(birth), Some(individual)) = (values::<6>(&value[..6]), values::<3>(&value[7..10])) else {
        return false;
    };
    let century = match sign.to_ascii_uppercase() {
        b'+' => 1800,
        b'-' | b'U'..=b'Y' => 1900,
        b'A'..=b'F' => 2000,
        _ => return false,
    };
    let remainder = (number(&birth) * 1000 + number(&individual)) % 31;
    is_date(century + number(&birth[4..]), number(&birth[2..4]), number(&birth[..2]))
        && number(&individual) >= 2
        && CONTROL[remainder as usize] == control.to_ascii_uppercase()
}

/// A Finnish business identity code (Y-tunnus) and VAT number: eight digits, weights 7 9 10 5 8 4 2 1, modulus 11.
pub fn fi_vat(value: &[u8]) -> bool {
    digits::<8>(without_prefix(value, b"FI")).is_some_and(|digits| {
        !all_same(&digits) && weighted(&digits, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
    })
}

/// An Icelandic identity number (kennitala) of a person, or of a company (day plus 40): date, two digits, a check digit
/// modulo 11, the century (Þjóðskrá).
pub fn is_kennitala(value: &[u8]) -> bool {
    let Some(digits) = digits::<10>(value) else { return false };
    let (day, month, year) = (number(&digits[..2]), number(&digits[2..4]), number(&digits[4..6]));
    let century = match digits[9] {
        8 => 1800,
        9 => 1900,
        0 => 2000,
        _ => return false,
    };
    is_date(century + year, month, if day > 40 { day - 40 } else { day })
        && weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// An Icelandic VAT number (virðisaukaskattsnúmer): five or six digits, without a check digit.
pub fn is_vat(value: &[u8]) -> bool {
    digits_up_to::<6>(without_prefix(value, b"IS")).is_some_and(|digits| digits.len() >= 5 && digits[0] != 0)
}

/// The century of a twelve-digit number, and the last ten digits. A `+` is taken where the hyphen may stand.
fn swedish(value: &[u8]) -> Option<(Option<u64>, [u8; 10])> {
    let plus = value.len().checked_sub(5)?;
    let symbols = if value[plus] == b'+' {
        let (head, tail) = (digits_up_to::<8>(&value[..plus])?, digits::<4>(&value[plus + 1..])?);
        let mut joined = [0; 12];
        let length = head.len();
        joined[..length].copy_from_slice(&head);
        joined[length..length + 4].copy_from_slice(&tail);
        (joined, length + 4)
    } else {
        let symbols = digits_up_to::<12>(value)?;
        let mut joined = [0; 12];
        joined[..symbols.len()].copy_from_slice(&symbols);
        (joined, symbols.len())
    };
    let mut last_ten = [0; 10];
    match symbols {
        (joined, 12) => {
            last_ten.copy_from_slice(&joined[2..]);
            Some((Some(number(&joined[..2])), last_ten))
        }
        (joined, 10) => {
            last_ten.copy_from_slice(&joined[..10]);
            Some((None, last_ten))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweden() {
        assert!(
            se_personnummer(b"880320-0016")
                && se_personnummer(b"19880320-0016")
                && se_personnummer(b"880320+0016")
        );
        assert!(
            !se_personnummer(b"880320-0018")
                && !se_personnummer(b"881320-0016")
                && se_personnummer(b"640883-3231")
        );
        assert!(se_organisationsnummer(b"556703-7485") && !se_organisationsnummer(b"556703-7486"));
        assert!(se_organisationsnummer(b"16 556703-7485") && !se_organisationsnummer(b"880320-0016"));
        assert!(se_vat(b"SE 123456789701") && !se_vat(b"SE 123456789101"));
    }

    #[test]
    fn norway() {
        assert!(no_fodselsnummer(b"151086 95088") && !no_fodselsnummer(b"15108695077"));
        assert!(no_fodselsnummer(b"53072700429") && !no_fodselsnummer(b"00000000000"));
        assert!(no_orgnr(b"NO 995 525 828 MVA") && no_orgnr(b"988077917") && !no_orgnr(b"988 077 918"));
        assert!(!no_orgnr(b"MVA") && !no_orgnr(b""));
    }

    #[test]
    fn denmark() {
        assert!(dk_cpr(b"211062-5629") && !dk_cpr(b"2110625628") && !dk_cpr(b"511062-5629"));
        assert!(dk_cpr(b"010165-1235"), "1 January 1965 ran out of numbers");
        assert!(dk_vat(b"DK 13585628") && !dk_vat(b"DK 13585627"));
    }

    #[test]
    fn finland() {
        assert!(fi_hetu(b"131052-308T") && fi_hetu(b"131052A308T") && fi_hetu(b"131052y308t"));
        assert!(
            !fi_hetu(b"131052-308U")
                && !fi_hetu(b"310252-308T")
                && !fi_hetu(b"131052/308T")
                && !fi_hetu(b"290200+0017")
        );
        assert!(fi_vat(b"FI 20774740") && !fi_vat(b"FI 20774741"));
    }

    #[test]
    fn iceland() {
        assert!(is_kennitala(b"450401-3150") && is_kennitala(b"120174-3399"));
        assert!(
            !is_kennitala(b"320174-3399") && !is_kennitala(b"120174-3389") && !is_kennitala(b"120174-3392")
        );
        assert!(is_vat(b"IS12345") && is_vat(b"123456") && !is_vat(b"1234"));
    }
}
