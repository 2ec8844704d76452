//! Words of a text.

use std::ops::Range;

/// The places of the tokens of `text`.
pub(super) fn tokenize(text: &str) -> Vec<Range<usize>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let trimmed = word.trim_end();
        if !trimmed.is_empty() {
            tokens.push(at..at + trimmed.len());
        }
        at += word.len();
    }
    tokens
}
