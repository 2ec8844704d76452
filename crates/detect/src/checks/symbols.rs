//! The symbols of an identifier without its separators, in a small array: a check never allocates.

use std::ops::Deref;

/// At most `N` symbols of an identifier. Digits are stored as their value 0–9 by [`digits`] and as characters by
/// [`alphanumerics`].
#[derive(Clone, Copy)]
pub(crate) struct Symbols<const N: usize> {
    items: [u8; N],
    len: usize,
}

impl<const N: usize> Deref for Symbols<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.items[..self.len]
    }
}

/// What people put between the groups of an identifier; checks skip it.
pub(crate) const fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/')
}

/// Exactly `N` digits, as values 0–9.
pub(crate) fn digits<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    exact(collect::<N>(value, digit)?)
}

/// At most `N` digits, as values 0–9.
pub(crate) fn digits_up_to<const N: usize>(value: &[u8]) -> Option<Symbols<N>> {
    collect(value, digit)
}

/// Exactly `N` letters and digits of ASCII, letters in upper case.
pub(crate) fn alphanumerics<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    exact(collect::<N>(value, alphanumeric)?)
}

/// At most `N` letters and digits of ASCII, letters in upper case.
pub(crate) fn alphanumerics_up_to<const N: usize>(value: &[u8]) -> Option<Symbols<N>> {
    collect(value, alphanumeric)
}

/// `symbols` (ASCII digits) as values 0–9, if all `N` of them are digits.
pub(crate) fn values<const N: usize>(symbols: &[u8]) -> Option<[u8; N]> {
    let mut items = [0; N];
    if symbols.len() != N {
        return None;
    }
    for (item, &symbol) in items.iter_mut().zip(symbols) {
        *item = digit(symbol)?;
    }
    Some(items)
}

/// `value` without `prefix`, in any case, where it has one: VAT numbers are written with and without their country.
pub(crate) fn without_prefix<'a>(value: &'a [u8], prefix: &[u8]) -> &'a [u8] {
    match value.split_at_checked(prefix.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(prefix) => rest,
        _ => value,
    }
}

/// The number that `digits` (values 0–9, at most 19 of them) write in base ten.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number, &digit| number * 10 + u64::from(digit))
}

/// Whether all symbols are the same: `000000000` passes many checksums and is nobody's number.
pub(crate) fn all_same(symbols: &[u8]) -> bool {
    symbols.windows(2).all(|pair| pair[0] == pair[1])
}

fn exact<const N: usize>(symbols: Symbols<N>) -> Option<[u8; N]> {
    (symbols.len == N).then_some(symbols.items)
}

fn collect<const N: usize>(value: &[u8], convert: impl Fn(u8) -> Option<u8>) -> Option<Symbols<N>> {
    let mut symbols = Symbols { items: [0; N], len: 0 };
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if let Some(symbol) = convert(byte) {
            *symbols.items.get_mut(symbols.len)? = symbol;
            symbols.len += 1;
        } else if !is_separator(byte) {
            rest = after_typographic_separator(byte, after)?;
        }
    }
    Some(symbols)
}

/// What follows a separator outside ASCII that typesetting makes of a space, hyphen or dot: no-break and thin spaces
/// (U+00A0, U+2007, U+2009, U+202F), hyphens and dashes (U+2010 to U+2014), the middle dot (U+00B7).
fn after_typographic_separator(first: u8, after: &[u8]) -> Option<&[u8]> {
    match (first, after) {
        (0xc2, [0xa0 | 0xb7, rest @ ..]) | (0xe2, [0x80, 0x87 | 0x89 | 0x90..=0x94 | 0xaf, rest @ ..]) => {
            Some(rest)
        }
        _ => None,
    }
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

fn alphanumeric(byte: u8) -> Option<u8> {
    byte.is_ascii_alphanumeric().then(|| byte.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_skipped_and_the_length_is_exact() {
        assert_eq!(digits::<4>(b"1 2-3/4"), Some([1, 2, 3, 4]));
        assert_eq!(digits::<4>("1\u{a0}2\u{2011}3·4".as_bytes()), Some([1, 2, 3, 4]));
        assert_eq!(digits::<4>("1é234".as_bytes()), None);
        assert_eq!(digits::<4>(b"1234\xe2\x80"), None);
        assert_eq!(digits::<4>(b"123"), None);
        assert_eq!(digits::<4>(b"12345"), None);
        assert_eq!(digits::<4>(b"12a4"), None);
        assert_eq!(alphanumerics::<3>(b"a.b9"), Some(*b"AB9"));
        assert_eq!(alphanumerics_up_to::<5>(b"a b").as_deref(), Some(&b"AB"[..]));
    }
}
