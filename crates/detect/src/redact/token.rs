//! The form of what stands in a redacted text for a value that can be restored.
//!
//! ```text
//! placeholder  [LABEL_001]          three or more digits
//! hash         [LABEL#…]            26 characters a-z2-7: 128 bits of HMAC-SHA256
//! encryption   [LABEL:…]            38 or more characters of URL-safe base64: nonce, ciphertext, tag
//! ```
//!
//! A label is 1 to 64 letters, digits and underscores. No token holds a `[` but at its start, nor a `]` but at its
//! end: so two tokens never overlap, and no token can arise across the edge of another one.

use std::{
    ops::{Range, RangeInclusive},
    sync::LazyLock,
};

use data_encoding::{BASE64URL_NOPAD, Encoding, Specification};

/// The longest label.
const LABEL: usize = 64;
/// Characters of a hash: 128 bits, five to a character.
const HASH: usize = 26;
/// Digits of a number: as many as `u64` has.
const DIGITS: RangeInclusive<usize> = 3..=20;
/// Bytes of a value in one encryption token. A longer value becomes several tokens in a row, so that who restores a
/// stream need not wait for more than [`LONGEST`].
pub(super) const PLAIN: usize = 4096;
/// Bytes that nonce and tag of AES-GCM add.
pub(super) const NONCE: usize = 12;
const TAG: usize = 16;
/// The longest token.
pub(super) const LONGEST: usize = LABEL + 3 + (PLAIN + NONCE + TAG).div_ceil(3) * 4;

static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    form.encoding().expect("32 distinct symbols make an encoding")
});

/// The name of a type as it stands in tokens.
pub(super) fn label(entity: &str) -> String {
    let label: String =
        entity.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(LABEL).collect();
    if label.is_empty() { "_".to_owned() } else { label }
}

pub(super) fn placeholder(label: &str, number: u64) -> String {
    format!("[{label}_{number:03}]")
}

pub(super) fn hash(label: &str, digest: &[u8; 32]) -> String {
    format!("[{label}#{}]", BASE32.encode(&digest[..16]))
}

pub(super) fn encryption(label: &str, sealed: &[u8]) -> String {
    format!("[{label}:{}]", BASE64URL_NOPAD.encode(sealed))
}

/// The label and the number of a placeholder; `None` for other tokens.
pub(super) fn number(token: &str) -> Option<(&str, u64)> {
    let (label, digits) = token.strip_prefix('[')?.strip_suffix(']')?.rsplit_once('_')?;
    Some((label, digits.parse().ok()?))
}

/// The label and the sealed bytes of an encryption token; `None` for other tokens.
pub(super) fn sealed(token: &str) -> Option<(&str, Vec<u8>)> {
    let (label, body) = token.strip_prefix('[')?.strip_suffix(']')?.split_once(':')?;
    Some((label, BASE64URL_NOPAD.decode(body.as_bytes()).ok()?))
}

/// The first token in `text`.
pub(super) fn find(text: &str) -> Option<Range<usize>> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('[')?;
        match scan(&text.as_bytes()[start..]) {
            Scan::Token(length) => return Some(start..start + length),
            Scan::Cut | Scan::Other => from = start + 1,
        }
    }
}

/// Where in `text` a token begins that its end cuts off; the end of `text` if none does.
pub(super) fn cut(text: &str) -> usize {
    match text.rfind('[') {
        Some(start) if matches!(scan(&text.as_bytes()[start..]), Scan::Cut) => start,
        _ => text.len(),
    }
}

enum Scan {
    /// A token of this many bytes.
    Token(usize),
    /// The text ends where a token could still go on.
    Cut,
    /// No token.
    Other,
}

/// What the `[` at the start of `text` begins.
fn scan(text: &[u8]) -> Scan {
    // A label may be full of underscores and digits, so a placeholder is told by what stands before its `]`. It is
    // as long as label, underscore and digits at most.
    let word = 1 + run(&text[1..], LABEL + 1 + DIGITS.end(), |b| b.is_ascii_alphanumeric() || b == b'_');
    let Some(&mark) = text.get(word) else { return Scan::Cut };
    let body = word + 1;
    match mark {
        b']' if is_numbered(&text[1..word]) => Scan::Token(body),
        b'#' if is_label(&text[1..word]) => closed(
            text,
            body,
            run(&text[body..], HASH, |b| b.is_ascii_lowercase() || matches!(b, b'2'..=b'7')),
            HASH,
        ),
        b':' if is_label(&text[1..word]) => {
            let most = LONGEST - body - 1;
            let least = (NONCE + TAG).div_ceil(3) * 4 - 2;
            closed(
                text,
                body,
                run(&text[body..], most, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
                least,
            )
        }
        _ => Scan::Other,
    }
}

/// A token whose body of `length` bytes begins at `body` and has at least `least`.
fn closed(text: &[u8], body: usize, length: usize, least: usize) -> Scan {
    match text.get(body + length) {
        None => Scan::Cut,
        Some(b']') if length >= least => Scan::Token(body + length + 1),
        Some(_) => Scan::Other,
    }
}

fn run(text: &[u8], most: usize, is: impl Fn(u8) -> bool) -> usize {
    text.iter().take(most).take_while(|&&b| is(b)).count()
}

fn is_label(word: &[u8]) -> bool {
    (1..=LABEL).contains(&word.len())
}

fn is_numbered(word: &[u8]) -> bool {
    let digits = word.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let Some(label) = word.len().checked_sub(digits + 1) else { return false };
    word[label] == b'_' && is_label(&word[..label]) && DIGITS.contains(&digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_form() {
        let hash = hash("US_SSN", &[7; 32]);
        let sealed = encryption("PERSON", &[9; 28]);
        for token in ["[PERSON_001]", "[US_SSN_12345]", "[A_001_002]", "[___123]", &hash, &sealed] {
            let text = format!("[é[{token}]");
            let found = find(&text).map(|place| &text[place]);
            assert_eq!(found, Some(token));
        }
    }

    #[test]
    fn leaves_what_is_no_token() {
        for text in [
            "[PERSON_01]",
            "[_001",
            "[001]",
            "[PERSON-001]",
            "PERSON_001]",
            "[PERSON#abc]",
            "[PERSON:abc]",
            "[]",
            "[",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn longest_token_is_found_and_one_longer_is_not() {
        let label = "L".repeat(LABEL);
        let longest = encryption(&label, &vec![1; PLAIN + NONCE + TAG]);
        assert!(longest.len() <= LONGEST);
        assert_eq!(find(&longest), Some(0..longest.len()));
        assert_eq!(find(&encryption(&label, &vec![1; LONGEST])), None);
    }

    #[test]
    fn every_prefix_of_a_token_is_a_cut() {
        for token in ["[PERSON_001]".to_owned(), hash("A", &[1; 32]), encryption("B", &[2; 40])] {
            for end in 1..token.len() {
                assert_eq!(cut(&token[..end]), 0, "{}", &token[..end]);
            }
            assert_eq!(cut(&token), token.len());
        }
    }
}
