//! Australia and New Zealand.

use super::{
    generic::weighted,
    symbols::{all_same, alphanumerics, digits, digits_up_to, number, values, without_prefix},
};

/// An Australian business number (ABN): eleven digits, the first less 1, weights 10 1 3 5 … 19, modulus 89 (ABR).
pub fn au_abn(value: &[u8]) -> bool {
    digits::<11>(without_prefix(value, b"AU")).is_some_and(|mut digits| {
        if digits[0] == 0 {
            return false;
        }
        digits[0] -= 1;
        weighted(&digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
    })
}

/// An Australian company number (ACN): nine digits, weights 8 to 1, modulus 10 (ASIC).
pub fn au_acn(value: &[u8]) -> bool {
    digits::<9>(value).is_some_and(|digits| {
        number(&digits) != 0 && weighted(&digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10)
    })
}

/// An Australian Medicare card number: 2 to 6, eight digits with a check digit by weights 1 3 7 9, issue number, and
/// perhaps the person's place on the card.
pub fn au_medicare(value: &[u8]) -> bool {
    digits_up_to::<11>(value).is_some_and(|digits| {
        digits.len() >= 10
            && matches!(digits[0], 2..=6)
            && weighted(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(digits[8])
    })
}

/// An Australian tax file number (TFN): eight or nine digits, weights 1 4 3 7 5 8 6 9 10, modulus 11.
pub fn au_tfn(value: &[u8]) -> bool {
    digits_up_to::<9>(value).is_some_and(|digits| {
        digits.len() >= 8
            && !all_same(&digits)
            && weighted(&digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
    })
}

/// A New Zealand tax number (IRD): eight or nine digits between 10 and 150 million, modulus 11 in two rounds.
pub fn nz_ird(value: &[u8]) -> bool {
    let Some(symbols) = digits_up_to::<9>(without_prefix(value, b"NZ")) else { return false };
    if symbols.len() < 8 {
        return false;
    }
    let mut digits = [0; 9];
    digits[9 - symbols.len()..].copy_from_slice(&symbols);
    let check = |weights: &[u8]| (11 - weighted(&digits, weights) % 11) % 11;
    let expected = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
        expected => expected,
    };
    (10_000_001..150_000_000).contains(&number(&digits)) && expected == u32::from(digits[8])
}

/// A New Zealand health index number (NHI): three letters and four digits with modulus 11, or since 2026 two digits, a
/// letter and a check letter with modulus 24 (HISO 10046).
pub fn nz_nhi(value: &[u8]) -> bool {
    const LETTERS: &[u8; 24] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let Some(symbols) = alphanumerics::<7>(value) else { return false };
    let place = |symbol: u8| LETTERS.iter().position(|letter| *letter == symbol).map(|place| place as u8 + 1);
    let mut payload = [0; 6];
    for (i, (value, &symbol)) in payload.iter_mut().zip(&symbols).enumerate() {
        let found = if i < 3 || (i == 5 && !symbol.is_ascii_digit()) {
            place(symbol)
        } else {
            symbol.is_ascii_digit().then(|| symbol - b'0')
        };
        let Some(found) = found else { return false };
        *value = found;
    }
    let sum = weighted(&payload, &[7, 6, 5, 4, 3, 2]);
    if symbols[5].is_ascii_digit() {
        values::<1>(&symbols[6..])
            .is_some_and(|[check]| !sum.is_multiple_of(11) && (11 - sum % 11) % 10 == u32::from(check))
    } else {
        place(symbols[6]) == Some((24 - sum % 24) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn australia() {
        assert!(au_abn(b"83 914 571 673") && !au_abn(b"99 999 999 999") && !au_abn(b"00 000 000 000"));
        assert!(au_acn(b"004 085 616") && au_acn(b"010 499 966") && !au_acn(b"004 085 617"));
        assert!(
            au_medicare(b"2123 45670 1") && !au_medicare(b"2123 45671 1") && !au_medicare(b"1123 45670 1")
        );
        assert!(au_tfn(b"123 456 782") && !au_tfn(b"999 999 999") && !au_tfn(b"000 000 000"));
    }

    #[test]
    fn new_zealand() {
        assert!(
            nz_ird(b"49-091-850") && nz_ird(b"136410132") && !nz_ird(b"136410133") && !nz_ird(b"9125568")
        );
        assert!(
            nz_nhi(b"ZZZ0016")
                && nz_nhi(b"ALU18KZ")
                && !nz_nhi(b"ZZZ0017")
                && !nz_nhi(b"ALU18KA")
                && !nz_nhi(b"IOO0016")
        );
    }
}
