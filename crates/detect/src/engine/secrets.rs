//! Secrets too long for an automaton: JSON Web Tokens and private keys.

use super::{Evidence, Scan, numbers::NUMBERS};
use crate::checks;

/// The longest token that is looked at.
const TOKEN: usize = 8 * 1024;
/// The longest private key: RSA with 16,384 bits is 12,800 characters.
const KEY: usize = 15 * 1024;

/// A token whose first three letters, `eyJ`, are at `start`.
pub(super) fn jwt(scan: &mut Scan<'_>, start: usize) {
    let text = scan.text;
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'=');
    // Only the first token of a run is looked at, so that no run is walked twice.
    if matches!(scan.before(start), b'-' | b'.' | b'=') {
        return;
    }
    let length = text[start..].iter().take(TOKEN).take_while(|b| part(b)).count();
    let token = &text[start..start + length];
    let token = &token[..token.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |last| last + 1)];
    if checks::jwt(token) {
        scan.push(NUMBERS.jwt, start..start + token.len(), 0.99, Evidence::Check);
    }
}

/// A PEM block, the word `BEGIN` of which stands at `begin`. One whose end is missing counts as far as it looks like
/// a key: half a key is still a secret.
pub(super) fn private_key(scan: &mut Scan<'_>, begin: usize) {
    const DASHES: &[u8] = b"-----";
    let text = scan.text;
    let Some(start) = begin.checked_sub(DASHES.len()).filter(|start| *start >= scan.key_end) else { return };
    let block = &text[start..text.len().min(start + KEY)];
    let header =
        block.iter().take(80).position(|b| *b == b'\n' || *b == b'\\').unwrap_or(block.len().min(80));
    let title = &block[..header];
    if !title.starts_with(b"-----BEGIN ") || !contains(title, b"PRIVATE KEY") {
        return;
    }
    let end = block
        .windows(DASHES.len() + 4)
        .position(|w| w == b"-----END ")
        .and_then(|footer| {
            let from = footer + DASHES.len() + 4;
            block[from..]
                .windows(DASHES.len())
                .take(60)
                .position(|w| w == DASHES)
                .map(|at| from + at + DASHES.len())
        })
        .unwrap_or_else(|| {
            header
                + block[header..]
                    .iter()
                    .take_while(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
                    .count()
        });
    scan.key_end = start + end;
    scan.push(NUMBERS.private_key, start..start + end, 0.99, Evidence::Check);
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
