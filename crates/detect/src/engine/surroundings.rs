//! What stands right beside a value and says that it is something else, or that it goes on.

use std::ops::Range;

use super::{numbers::NUMBERS, words::Hit};

/// Whether what stands around `value` says that it is none of `recognizer`'s: the number of a version is no address, a
/// measure no age. `label` is the one that gave it away.
pub(super) fn contradict(text: &[u8], recognizer: u16, value: Range<usize>, label: Option<&Hit>) -> bool {
    let numbers = &*NUMBERS;
    match (recognizer, label) {
        (r, _) if r == numbers.ipv4 => is_version(text, &value),
        (r, Some(label)) if r == numbers.age => {
            // `max-age=60`, `line_age`
            text[..label.start as usize].ends_with(b"-")
                || text[..label.start as usize].ends_with(b"_")
                || is_measure(text, value.end)
        }
        (r, Some(_)) if r == numbers.date => value.len() == 4 && is_measure(text, value.end),
        // `6138 Via Roma 131`: a number and a street.
        (r, None) if r == numbers.postcode => {
            matches!(text[value.end..], [b' ', digit, ..] if digit.is_ascii_digit())
        }
        (r, None) if r == numbers.coordinates => is_in_row(text, &value),
        _ => false,
    }
}

/// The start of a value with the sign before it, where it can have one.
pub(super) fn with_sign(text: &[u8], recognizer: u16, start: usize) -> usize {
    let signed = recognizer == NUMBERS.coordinates
        && match text[..start] {
            [] => false,
            [b'-'] => true,
            [.., before, b'-'] => !(before.is_ascii_alphanumeric() || matches!(before, b'-' | b'.')),
            _ => false,
        };
    start - usize::from(signed)
}

/// The end of a value without what only says what it is: an age is its number.
pub(super) fn without_unit(text: &[u8], recognizer: u16, value: &Range<usize>) -> usize {
    if recognizer != NUMBERS.age {
        return value.end;
    }
    value.start + text[value.clone()].iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether four numbers are those of a version or an object identifier: `linux-2.6.35.9`, `1.2.33.4-rc`, `OID 2.5.29.35`.
/// Only few addresses begin with a single digit.
fn is_version(text: &[u8], value: &Range<usize>) -> bool {
    const NAMES: &str = "version versions v ver release kernel linux oid rev revision section";
    let small = text[value.start + 1] == b'.';
    let before = &text[..value.start];
    let joined = matches!(before, [.., letter, b'-' | b'_' | b'/'] if letter.is_ascii_alphanumeric());
    let goes_on = matches!(text[value.end..], [b'-' | b'.' | b'+' | b'~' | b'_', next, ..] if next.is_ascii_alphabetic());
    let heading = matches!(text[value.end..], [b' ', b'A'..=b'Z', ..] | [b' ', b' ', b'A'..=b'Z', ..])
        && !before.last().is_some_and(|b| *b != b' ' && *b != b'\n');
    let sections = || {
        text[value.clone()]
            .split(|b| *b == b'.')
            .all(|part| part.len() == 1 || part.len() == 2 && part[0] < b'5')
    };
    let name = before[before.len().saturating_sub(24)..].trim_ascii_end();
    let letters = name.iter().rev().take(9).take_while(|b| b.is_ascii_alphabetic()).count();
    let named = letters > 0
        && NAMES.split(' ').any(|known| known.as_bytes().eq_ignore_ascii_case(&name[name.len() - letters..]));
    small && (joined || goes_on || heading && sections()) || named
}

/// Whether further numbers stand beside a pair: the points of a drawing, `M10.0781,11.4218 Q8.1406,11.4218 6.9375,9.9375`.
fn is_in_row(text: &[u8], value: &Range<usize>) -> bool {
    let before =
        matches!(text[..value.start], [.., b'0'..=b'9', b' ' | b','] | [.., b'0'..=b'9', b',', b' ']);
    let after = match text[value.end..] {
        [b' ' | b',', letter, next, ..] if letter.is_ascii_alphabetic() => {
            next.is_ascii_digit() || next == b'-'
        }
        [b' ' | b',', next, ..] => next.is_ascii_digit(),
        _ => false,
    };
    before || after
}

/// Whether a number that ends at `end` counts something: `60 seconds`, `2048 bits`, `90°`.
fn is_measure(text: &[u8], end: usize) -> bool {
    let gap = usize::from(matches!(text.get(end), Some(b' ' | b'-')));
    let unit = &text[end + gap..];
    let letters = unit.iter().take(12).take_while(|b| b.is_ascii_alphabetic()).count();
    unit.starts_with(b"%")
        || unit.starts_with("°".as_bytes())
        || letters > 0
            && UNITS.split(' ').any(|known| known.as_bytes().eq_ignore_ascii_case(&unit[..letters]))
}

const UNITS: &str = "bit bits byte bytes kb mb gb kib mib degree degrees percent px pixel pixels line lines sec secs second \
    seconds minute minutes hour hours ms hz khz mhz mm cm km dpi times steps rows columns characters chars \
    entries items points pages files words blocks pieces values elements samples tests dollars euros people \
    meters metres miles feet kg grams nodes cores threads packets sectors";
