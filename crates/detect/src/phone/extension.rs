//! Extensions: `ext. 123`, `x123`, `#123`.

/// The labels, longest first.
const LABELS: [&[u8]; 5] = [b"extension", b"extn", b"ext", b"x", b"#"];
/// The most digits of an extension.
const DIGITS: usize = 6;

/// One past the extension of the number that ends at `end`, if one follows.
pub(super) fn end(text: &[u8], end: usize) -> Option<usize> {
    let rest = &text[end..text.len().min(end + 24)];
    let spaces = count(rest, |byte| matches!(byte, b' ' | b',' | b';'), 2);
    // Nearly always nothing follows, and one look tells.
    rest.get(spaces).filter(|first| b"eExX#".contains(first))?;
    let label = LABELS.iter().find(|label| starts_with(&rest[spaces..], label))?;
    let mut at = spaces + label.len();
    at += count(&rest[at..], |byte| matches!(byte, b'.' | b':'), 1);
    at += count(&rest[at..], |byte| byte == b' ', 1);
    let digits = count(&rest[at..], |byte| byte.is_ascii_digit(), DIGITS);
    let ends = rest.get(at + digits).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    (digits > 0 && ends).then_some(end + at + digits)
}

fn starts_with(text: &[u8], label: &[u8]) -> bool {
    text.get(..label.len()).is_some_and(|start| start.eq_ignore_ascii_case(label))
}

fn count(text: &[u8], of: impl Fn(u8) -> bool, most: usize) -> usize {
    text.iter().take(most).take_while(|&&byte| of(byte)).count()
}
