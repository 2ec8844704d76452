//! Streets: a kind of street, a name and a number, in the order that the country has.

use std::ops::Range;

use super::{PARTICLES, is_capital, letters, letters_and_digits};

/// `12 rue de la Paix`
pub(super) fn french(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let from = house_number_before(text, start)?;
    let to = name(text, end).or_else(|| small_name(text, end))?;
    Some(from..to)
}

/// `rue de la paix`: the last word is small too.
fn small_name(text: &[u8], end: usize) -> Option<usize> {
    let rest = text[end..]
        .iter()
        .take(30)
        .take_while(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'\'') || **b >= 0x80);
    let rest = &text[end..end + rest.count()];
    let particle = [&b" de la "[..], b" de l'", b" de ", b" du ", b" des ", b" d'"];
    let after = particle.iter().find(|particle| rest.starts_with(particle))?.len();
    let word = rest[after..].iter().take_while(|b| **b != b' ').count();
    (word > 2).then_some(end + after + word)
}

/// `Calle Mayor 5`, `Via Roma, 12`, `ul. Cicha 86`
pub(super) fn name_behind(text: &[u8], start: usize, end: usize, capital: bool) -> Option<Range<usize>> {
    if capital && !is_capital(text, start) || text[..start].last().is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let dot = usize::from(text.get(end) == Some(&b'.'));
    let to = name(text, end + dot)?;
    let gap = usize::from(text.get(to) == Some(&b','));
    Some(start..number(text, to + gap)?)
}

/// `Erzsébet tér 19.`, `Pärnu mnt 12`
pub(super) fn name_before(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let dot = usize::from(text.get(end) == Some(&b'.'));
    let stop = number(text, end + dot)?;
    let before = start.checked_sub(1).filter(|at| text[*at] == b' ')?;
    let mut from = None;
    let mut at = before + 1;
    for _ in 0..3 {
        let Some(edge) = at.checked_sub(1).filter(|edge| text[*edge] == b' ') else { break };
        let length = letters(text[..edge].iter().rev(), b"-");
        if length < 2 || !is_capital(text, edge - length) {
            break;
        }
        at = edge - length;
        from = Some(at);
    }
    Some(from?..stop)
}

/// `742 Larch Road`, `1600 N Old Mill Rd.`
pub(super) fn english(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    if !is_capital(text, start) || text.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'\'') {
        return None;
    }
    let mut at = start;
    for words in 0..6 {
        let before = at.checked_sub(1).filter(|before| text[*before] == b' ')?;
        let length = letters_and_digits(text[..before].iter().rev(), b"'-.");
        let word = &text[before - length..before];
        at = before - length;
        let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
        let ordinal =
            digits > 0 && matches!(word[digits..], [b's', b't'] | [b'n', b'd'] | [b'r', b'd'] | [b't', b'h']);
        let house = (1..=6).contains(&digits)
            && !ordinal
            && (matches!(word[digits..], [] | [b'a'..=b'z' | b'A'..=b'Z'])
                || word.get(digits) == Some(&b'-'));
        if house
            && words > 0
            && (unit_before(text, at) < at
                || !text[..at].last().is_some_and(|b| matches!(b, b'.' | b'/' | b'-' | b'$' | b'#')))
        {
            let abbreviated = usize::from(text.get(end) == Some(&b'.') && is_abbreviated(&text[start..end]));
            return Some(unit_before(text, at)..quarter(text, end + abbreviated));
        }
        if length == 0 || !(ordinal || is_capital(text, at) || PARTICLES.contains(&word)) {
            return None;
        }
    }
    None
}

/// Whether a full stop behind a kind of street belongs to it: no vowel is in it, or it is `Ave`.
fn is_abbreviated(kind: &[u8]) -> bool {
    let vowel = |b: &u8| matches!(b | 0x20, b'a' | b'e' | b'i' | b'o' | b'u');
    !kind.iter().any(vowel) || kind.eq_ignore_ascii_case(b"ave") || kind.eq_ignore_ascii_case(b"cir")
}

/// The start of an address whose house number begins at `house`, with the unit before it: `Unit 4/27`, `Flat 3, 12`.
pub(super) fn unit_before(text: &[u8], house: usize) -> usize {
    const UNITS: &[&[u8]] = &[b"unit", b"flat", b"apartment", b"apt", b"suite", b"shop", b"level"];
    let gap = match text[..house] {
        [.., b',', b' '] => 2,
        [.., b'/' | b' '] => 1,
        _ => return house,
    };
    let end = house - gap;
    let value = text[..end].iter().rev().take(5).take_while(|b| b.is_ascii_alphanumeric()).count();
    let number = &text[end - value..end];
    let Some(word_end) = (end - value).checked_sub(1).filter(|at| text[*at] == b' ') else { return house };
    let word_end = word_end - usize::from(text[..word_end].ends_with(b"."));
    let letters = text[..word_end].iter().rev().take(10).take_while(|b| b.is_ascii_alphabetic()).count();
    let word = &text[word_end - letters..word_end];
    let is_unit =
        number.iter().any(u8::is_ascii_digit) && UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word));
    if is_unit { word_end - letters } else { house }
}

/// The end of a street's name with the quarter of the city behind it: `Pennsylvania Avenue NW`.
fn quarter(text: &[u8], end: usize) -> usize {
    const QUARTERS: [&[u8]; 8] = [b"NW", b"NE", b"SW", b"SE", b"N", b"S", b"E", b"W"];
    let Some(b' ') = text.get(end) else { return end };
    let letters = text[end + 1..].iter().take(4).take_while(|b| b.is_ascii_alphanumeric()).count();
    if QUARTERS.contains(&&text[end + 1..end + 1 + letters]) { end + 1 + letters } else { end }
}

/// The house number before `start`: `12 `, `12 bis, `.
fn house_number_before(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start.checked_sub(1).filter(|at| text[*at] == b' ')?;
    at -= usize::from(at > 0 && text[at - 1] == b',');
    for suffix in [&b" bis"[..], b" ter"] {
        at -= if text[..at].ends_with(suffix) { suffix.len() } else { 0 };
    }
    let digits = text[..at].iter().rev().take(5).take_while(|b| b.is_ascii_digit()).count();
    let parted = at == digits
        || !(text[at - digits - 1].is_ascii_alphanumeric()
            || matches!(text[at - digits - 1], b'.' | b'/' | b'-'));
    ((1..5).contains(&digits) && parted).then(|| at - digits)
}

/// The end of a name of one to six words, of which the last is capitalised.
pub(super) fn name(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut end) = (start, None);
    for _ in 0..6 {
        if text.get(at) != Some(&b' ') {
            break;
        }
        let word = letters(text[at + 1..].iter(), b"'-");
        let capital = is_capital(text, at + 1);
        if word == 0
            || !(capital
                || PARTICLES.contains(&&text[at + 1..at + 1 + word])
                || text[at + 1..].starts_with(b"l'"))
        {
            break;
        }
        at += 1 + word;
        if capital {
            end = Some(at);
        }
    }
    end
}

/// The end of the house number that follows ` ` at `at`: `5`, `12a`, `12-14`.
pub(super) fn number(text: &[u8], at: usize) -> Option<usize> {
    if text.get(at) != Some(&b' ') {
        return None;
    }
    let digits = text[at + 1..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    let mut end = at + 1 + digits;
    if !(1..6).contains(&digits) {
        return None;
    }
    if let Some([b'-' | b'/', digit, ..]) = text.get(end..)
        && digit.is_ascii_digit()
    {
        end += 1 + text[end + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    }
    if let Some([b'a'..=b'h' | b'A'..=b'H', rest @ ..]) = text.get(end..)
        && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
    {
        end += 1;
    }
    let next = text.get(end).copied().unwrap_or(b' ');
    let decimal = next == b'.' && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    (!next.is_ascii_alphanumeric() && !decimal).then_some(end)
}
