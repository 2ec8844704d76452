//! Canada.

use super::{
    generic::{luhn_sum, weighted},
    symbols::{all_same, alphanumerics, alphanumerics_up_to, digits, number, values},
};

/// A Canadian social insurance number (SIN): nine digits that don't begin with 0 or 8, Luhn (Service Canada).
pub fn ca_sin(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        !matches!(digits[0], 0 | 8) && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10)
    })
}

/// A Canadian business number (BN): nine digits, Luhn, perhaps a programme (RC, RM, RP, RT, RZ) and four digits.
pub fn ca_bn(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<15>(value) else { return false };
    let Some((business, account)) = symbols.split_at_checked(9) else { return false };
    let account_fits = match account {
        [] => true,
        [b'R', b'C' | b'M' | b'P' | b'T' | b'Z', reference @ ..] => values::<4>(reference).is_some(),
        _ => false,
    };
    account_fits
        && values::<9>(business)
            .is_some_and(|digits| !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10))
}

/// An Ontario health card number (OHIP): ten digits that don't begin with 0, Luhn, perhaps a version of two letters.
pub fn ca_ohip(value: &[u8]) -> bool {
    let Some(symbols) = alphanumerics_up_to::<12>(value) else { return false };
    let Some((card, version)) = symbols.split_at_checked(10) else { return false };
    matches!(version.len(), 0 | 2)
        && version.iter().all(u8::is_ascii_uppercase)
        && values::<10>(card).is_some_and(|digits| {
            digits[0] != 0 && !all_same(&digits) && luhn_sum(&digits).is_multiple_of(10)
        })
}

/// A British Columbia personal health number (PHN): ten digits that begin with 9, weights 2 4 8 5 10 9 7 3, modulus 11.
pub fn ca_bc_phn(value: &[u8]) -> bool {
    digits::<10>(value).is_some_and(|digits| {
        let check = (11 - weighted(&digits[1..], &[2, 4, 8, 5, 10, 9, 7, 3]) % 11) % 11;
        digits[0] == 9 && number(&digits[1..]) != 0 && check == u32::from(digits[9])
    })
}

/// A Canadian postal code: letter, digit, letter, digit, letter, digit, without D, F, I, O, Q, U, and W and Z not first
/// (Canada Post).
pub fn ca_postal_code(value: &[u8]) -> bool {
    alphanumerics::<6>(value).is_some_and(|symbols| {
        let letter = |symbol: u8| {
            symbol.is_ascii_uppercase() && !matches!(symbol, b'D' | b'F' | b'I' | b'O' | b'Q' | b'U')
        };
        [0, 2, 4].iter().all(|&i| letter(symbols[i]))
            && !matches!(symbols[0], b'W' | b'Z')
            && [1, 3, 5].iter().all(|&i| symbols[i].is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_companies() {
        assert!(
            ca_sin(b"130-692-544")
                && !ca_sin(b"130-692-543")
                && !ca_sin(b"046-454-286")
                && !ca_sin(b"000000000")
        );
        assert!(
            ca_bn(b"12302 6635")
                && ca_bn(b"123026635RC0001")
                && !ca_bn(b"123456783")
                && !ca_bn(b"123026635XX0001")
        );
    }

    #[test]
    fn health_and_post() {
        assert!(ca_bc_phn(b"9698 658 215") && !ca_bc_phn(b"9698648215") && !ca_bc_phn(b"5736504210"));
        assert!(
            ca_ohip(b"1234-567-897")
                && ca_ohip(b"1234567897-AB")
                && !ca_ohip(b"1234567898")
                && !ca_ohip(b"1234567897A")
        );
        assert!(ca_postal_code(b"K1A 0B1") && !ca_postal_code(b"W1A 0B1") && !ca_postal_code(b"K1D 0B1"));
    }
}
