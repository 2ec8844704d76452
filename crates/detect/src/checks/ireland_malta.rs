//! Ireland and Malta.

use super::{
    generic::weighted,
    symbols::{alphanumerics_up_to, digits, number, values, without_prefix},
};

/// An Irish personal public service number: seven digits, a check letter, and A, B, H, W, T or X for a second letter
/// that counts too since 2013 (Social Welfare Consolidation Act 2005, s. 262).
pub fn ie_pps(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<9>(value) else { return false };
    let Some((head, letters)) = symbols.split_at_checked(7) else { return false };
    let Some(digits) = values::<7>(head) else { return false };
    match *letters {
        // W and T marked spouses and trusts before the second letter counted.
        [check] | [check, b'W' | b'T' | b'X'] if check_letter(&digits, 0) == check => true,
        [check, second @ (b'A' | b'B' | b'H' | b'W')] => check_letter(&digits, second - b'A' + 1) == check,
        _ => false,
    }
}

/// An Irish VAT number: seven digits and one or two letters, or its form before 2013 with a symbol in second place.
pub fn ie_vat(value: &[u8]) -> bool {
    let mut digits = [0; 7];
    let body = without_prefix(value, b"IE");
    // The second place of old numbers may hold `+` or `*`, which count nothing.
    if let [first, b'+' | b'*', rest @ ..] = body
        && let Some((middle, [check])) = rest.split_at_checked(5)
        && let Some(middle) = values::<5>(middle)
        && first.is_ascii_digit()
    {
        digits[1..6].copy_from_slice(&middle);
        digits[6] = first - b'0';
        return check_letter(&digits, 0) == check.to_ascii_uppercase();
    }
    let Some(symbols) = alphanumerics_up_to::<9>(body) else { return false };
    let Some((head, letters)) = symbols.split_at_checked(7) else { return false };
    if let Some(digits) = values::<7>(head) {
        return match *letters {
            [check] | [check, b'W'] => check_letter(&digits, 0) == check,
            [check, second @ b'A'..=b'I'] => check_letter(&digits, second - b'A' + 1) == check,
            _ => false,
        };
    }
    let (Some(middle), true, true) =
        (values::<5>(&head[2..]), head[0].is_ascii_digit(), head[1].is_ascii_uppercase())
    else {
        return false;
    };
    digits[1..6].copy_from_slice(&middle);
    digits[6] = head[0] - b'0';
    matches!(letters, [check] if check_letter(&digits, 0) == *check)
}

/// A Maltese identity card number: up to seven digits and one of M, G, A, P, L, H, B, Z. It has no check digit.
pub fn mt_identity_card(value: &[u8]) -> bool {
    alphanumerics_up_to::<8>(value).is_some_and(|symbols| {
        let Some((letter, digits)) = symbols.split_last() else { return false };
        matches!(letter, b'M' | b'G' | b'A' | b'P' | b'L' | b'H' | b'B' | b'Z')
            && digits.len() >= 3
            && digits.iter().all(u8::is_ascii_digit)
            && digits.iter().any(|digit| *digit != b'0')
    })
}

/// A Maltese VAT number: eight digits, weights 3 4 6 7 8 9, and 37 − sum mod 37 in two digits.
pub fn mt_vat(value: &[u8]) -> bool {
    digits::<8>(without_prefix(value, b"MT")).is_some_and(|digits| {
        let check = 37 - u64::from(weighted(&digits, &[3, 4, 6, 7, 8, 9])) % 37;
        number(&digits[..6]) > 100_000 && check == number(&digits[6..])
    })
}

/// Weights 8 to 2, the second letter's place times 9, modulus 23; 0 is `W`.
fn check_letter(digits: &[u8; 7], second: u8) -> u8 {
    match (weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + 9 * u32::from(second)) % 23 {
        0 => b'W',
        place => b'A' - 1 + place as u8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ireland() {
        assert!(ie_pps(b"6433435F") && ie_pps(b"6433435FT") && ie_pps(b"6433435FW") && ie_pps(b"6433435OA"));
        assert!(!ie_pps(b"6433435E") && !ie_pps(b"6433435VH") && !ie_pps(b"6433435"));
        assert!(
            ie_vat(b"IE 6433435F") && ie_vat(b"IE 6433435OA") && ie_vat(b"8D79739I") && ie_vat(b"IE8*79739I")
        );
        assert!(!ie_vat(b"8D79739J") && !ie_vat(b"6433435E"));
    }

    #[test]
    fn malta() {
        assert!(
            mt_identity_card(b"34581M") && !mt_identity_card(b"0000000M") && !mt_identity_card(b"34581Q")
        );
        assert!(mt_vat(b"MT 1167-9112") && !mt_vat(b"1167-9113"));
    }
}
