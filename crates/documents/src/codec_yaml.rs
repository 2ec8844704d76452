//! How YAML writes a scalar: folded lines, quotes, blocks behind a header.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

use crate::codec::{Codec, json_unicode};

/// Bytes of `raw` before the next escape or fold of a scalar in quotes or without. Blanks at its end belong to neither
/// side before what follows them is seen.
pub(crate) fn flow_plain(codec: Codec, raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let next = match codec {
        Codec::YamlDouble => memchr3(b'\\', b'\n', b'\r', bytes),
        Codec::YamlSingle => memchr3(b'\'', b'\n', b'\r', bytes),
        _ => memchr2(b'\n', b'\r', bytes),
    };
    raw[..next.unwrap_or(raw.len())].trim_end_matches(BLANK).len()
}

/// Length and meaning of the escape, fold or blanks that `raw` begins with.
pub(crate) fn flow_escape(codec: Codec, raw: &str) -> (usize, Cow<'_, str>) {
    match (codec, raw.as_bytes()) {
        (Codec::YamlSingle, [b'\'', b'\'', ..]) => (2, Cow::Borrowed("'")),
        // The quote that closes it.
        (Codec::YamlSingle, [b'\'', ..]) => (1, Cow::Borrowed("")),
        (Codec::YamlDouble, [b'\\', ..]) => double_escape(raw),
        _ => fold(raw),
    }
}

/// A line break in a block, with the indentation behind it.
pub(crate) fn block_escape(codec: Codec, raw: &str) -> (usize, Cow<'_, str>) {
    let (folded, indent) = match codec {
        Codec::YamlFolded(indent) => (true, indent),
        Codec::YamlLiteral(indent) => (false, indent),
        _ => (false, 0),
    };
    let mut at = 0;
    let mut breaks = 0;
    loop {
        let broken = break_length(&raw[at..]);
        if broken == 0 || breaks > 0 && !folded {
            break;
        }
        (at, breaks) = (at + broken, breaks + 1);
        at += spaces(&raw[at..]).min(usize::from(indent));
    }
    // A line that is indented further is not folded into the one before.
    match breaks {
        1 if folded && !raw[at..].starts_with(BLANK) => (at, Cow::Borrowed(" ")),
        2.. if folded => (at, Cow::Owned("\n".repeat(breaks - 1))),
        _ => (at, Cow::Borrowed("\n")),
    }
}

/// Where the indicators of a block's header end, and where its first line of text begins.
pub(crate) fn block_header(raw: &str, indent: u8) -> (usize, usize) {
    let indicators = raw.len()
        - raw.trim_start_matches(|c: char| matches!(c, '|' | '>' | '+' | '-') || c.is_ascii_digit()).len();
    let mut at = memchr2(b'\n', b'\r', raw.as_bytes()).unwrap_or(raw.len());
    loop {
        at += break_length(&raw[at..]);
        let blank = spaces(&raw[at..]);
        match break_length(&raw[at + blank..]) {
            0 => return (indicators.min(at), at + blank.min(usize::from(indent))),
            _ => at += blank,
        }
    }
}

/// A character inside double quotes. Line ends and marks that some parsers take for such are escaped.
pub(crate) fn double_char(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '"' | '\\' => out.extend(['\\', c]),
        c if !is_printable(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

/// A text in a block: its lines go on where the block's lines begin.
pub(crate) fn block_text(text: &str, indent: u8, between: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            // How deep the block really is was not kept.
            '\n' if indent == u8::MAX => out.push(' '),
            '\n' => {
                out.push_str(between);
                out.extend(std::iter::repeat_n(' ', indent.into()));
            }
            c => out.push(c),
        }
    }
}

/// Whether `c` may stand in any scalar or comment as it is.
pub(crate) fn is_printable(c: char) -> bool {
    let breaks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    c == '\t' || !c.is_control() && !breaks
}

/// Whether `c` may stand in any name of an anchor or tag.
pub(crate) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

const BLANK: [char; 2] = [' ', '\t'];

pub(crate) fn spaces(raw: &str) -> usize {
    raw.bytes().take_while(|byte| *byte == b' ').count()
}

fn blanks(raw: &str) -> usize {
    raw.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn break_length(raw: &str) -> usize {
    match raw.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// A line break with the blanks around it means a space, and empty lines mean line breaks. Blanks alone mean themselves.
fn fold(raw: &str) -> (usize, Cow<'_, str>) {
    let mut at = blanks(raw);
    let mut breaks = 0;
    loop {
        let broken = break_length(&raw[at..]);
        if broken == 0 {
            break;
        }
        at += broken;
        at += blanks(&raw[at..]);
        breaks += 1;
    }
    match breaks {
        0 => (at.max(1), Cow::Borrowed(&raw[..at.max(1)])),
        1 => (at, Cow::Borrowed(" ")),
        _ => (at, Cow::Owned("\n".repeat(breaks - 1))),
    }
}

fn double_escape(raw: &str) -> (usize, Cow<'_, str>) {
    let meaning = match raw.as_bytes().get(1) {
        Some(b'0') => "\0",
        Some(b'a') => "\u{7}",
        Some(b'b') => "\u{8}",
        Some(b't' | b'\t') => "\t",
        Some(b'n') => "\n",
        Some(b'v') => "\u{b}",
        Some(b'f') => "\u{c}",
        Some(b'r') => "\r",
        Some(b'e') => "\u{1b}",
        Some(b'N') => "\u{85}",
        Some(b'_') => "\u{a0}",
        Some(b'L') => "\u{2028}",
        Some(b'P') => "\u{2029}",
        Some(b' ' | b'"' | b'/' | b'\\') => &raw[1..2],
        Some(b'u') => return json_unicode(raw),
        Some(b'x') => return code_point(raw, 2),
        Some(b'U') => return code_point(raw, 8),
        Some(b'\n' | b'\r') => {
            let (length, meaning) = fold(&raw[1..]);
            // Only what empty lines mean is left of it.
            return (1 + length, if meaning == " " { Cow::Borrowed("") } else { meaning });
        }
        _ => return (1, Cow::Borrowed(&raw[..1])),
    };
    (2, Cow::Borrowed(meaning))
}

fn code_point(raw: &str, digits: usize) -> (usize, Cow<'_, str>) {
    let code = raw.get(2..2 + digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match code.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => {
            let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            (2 + digits, Cow::Owned(c.into()))
        }
        None => (1, Cow::Borrowed(&raw[..1])),
    }
}
