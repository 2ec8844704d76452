//! Addresses without a street: boxes at a post office, and those of the armed forces.

use std::ops::Range;

use super::{is_capital, parts::gap};

/// Words before the number of a box that mean nothing else.
#[rustfmt::skip]
const BOXES: &[&str] = &["postbox", "postboks", "postfach", "postbus", "apartado", "casilla", "box", "postilokero", "pósthólf", "postafiók"];

/// The box, or the address of a soldier or a ship, whose word stands at `start..end`.
pub(super) fn at(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let word = &text[start..end];
    if matches!(word, b"PSC" | b"CMR" | b"Unit" | b"UNIT" | b"unit" | b"psc" | b"cmr") {
        return unit_and_box(text, end).map(|end| start..end);
    }
    if matches!(word, b"APO" | b"FPO" | b"DPO" | b"apo" | b"fpo" | b"dpo") {
        return ship(text, start, end);
    }
    let is_box = BOXES
        .iter()
        .map(|name| name.as_bytes())
        .any(|name| word.len() >= name.len() && word[word.len() - name.len()..].eq_ignore_ascii_case(name));
    (is_box && is_capital(text, start)).then(|| value(text, end)).flatten().map(|end| start..end)
}

/// ` 4355, Box 4187`: the number of a unit and that of a box in it.
fn unit_and_box(text: &[u8], end: usize) -> Option<usize> {
    let number = value(text, end)?;
    let next = gap(text, number)?.next;
    let word = text.get(next..next + 3)?;
    word.eq_ignore_ascii_case(b"box").then(|| value(text, next + 3)).flatten()
}

/// `USNV Larkfield\nFPO AP 96601`: a ship or a unit on the line above, then the office, the region and the code.
fn ship(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let code = match text.get(end..)? {
        [b' ', a, b, b' ', rest @ ..]
            if matches!([a.to_ascii_uppercase(), b.to_ascii_uppercase()], [b'A', b'A' | b'E' | b'P']) =>
        {
            rest.iter().take(6).take_while(|b| b.is_ascii_digit()).count()
        }
        _ => return None,
    };
    if code != 5 {
        return None;
    }
    let above = text[..start].strip_suffix(b"\n").unwrap_or(&text[..start]);
    let line = above[above.len().saturating_sub(40)..].rsplit(|b| *b == b'\n').next().unwrap_or_default();
    let prefixes: [&[u8]; 4] = [b"USS ", b"USNS ", b"USNV ", b"USCGC "];
    let find = |prefix: &&[u8]| line.windows(prefix.len()).rposition(|at| at.eq_ignore_ascii_case(prefix));
    let from = prefixes.iter().find_map(find).map_or(start, |at| above.len() - line.len() + at);
    Some(from..end + 9)
}

/// The end of the number behind ` ` at `at`, whose digits may stand in groups.
fn value(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + usize::from(text.get(at) == Some(&b'.'));
    from += text.get(from..)?.iter().take(2).take_while(|b| **b == b' ').count();
    let digits = text[from..].iter().take(8).take_while(|b| b.is_ascii_digit()).count();
    let whole = !text.get(from + digits).is_some_and(u8::is_ascii_alphanumeric);
    (from > at && digits > 0 && whole).then_some(from + digits)
}
