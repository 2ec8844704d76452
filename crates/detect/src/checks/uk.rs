//! United Kingdom.

use super::{
    generic::weighted,
    symbols::{all_same, alphanumerics_up_to, digits},
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
}
