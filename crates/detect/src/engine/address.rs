//! Street addresses: a kind of street, a name, a number, in the order of the country, and what follows them.

use std::ops::Range;

use super::{Evidence, Scan, numbers::NUMBERS, phrases::is_capital, words::Hit};

/// Kinds of street that come before the name in Romance languages; the number follows the name, but for the French.
const FIRST: &[&[u8]] =
    &[b"calle", b"avenida", b"plaza", b"paseo", b"via", b"viale", b"piazza", b"corso", b"rua", b"travessa"];
const FRENCH: &[&[u8]] =
    &[b"rue", b"avenue", b"boulevard", b"chemin", b"impasse", b"quai", b"place", b"all\xC3\xA9e"];
/// Small words inside a street's name.
const PARTICLES: &[&[u8]] = &[
    b"de", b"la", b"le", b"les", b"du", b"des", b"del", b"della", b"dei", b"di", b"da", b"das", b"dos",
    b"do", b"el", b"los", b"las", b"of", b"the", b"van", b"den", b"der",
];

/// The address to which the kind of street at `hit` belongs.
pub(super) fn around(scan: &mut Scan<'_>, hit: &Hit) {
    let text = scan.text;
    let (start, end) = (hit.start as usize, hit.end as usize);
    let word = &text[start..end];
    let is = |list: &[&[u8]]| list.iter().any(|kind| kind.eq_ignore_ascii_case(word));
    let place = if word.to_ascii_lowercase().ends_with(b"box") {
        number(text, end).map(|end| start..end)
    } else {
        None.or_else(|| if is(FRENCH) { french(text, start, end) } else { None })
            .or_else(|| if is(FIRST) { romance(text, start, end) } else { english(text, start, end) })
    };
    if let Some(place) = place {
        let end = tail(text, place.end);
        scan.push(NUMBERS.street, place.start..end, 0.85, Evidence::Label);
    }
}

/// `12 rue de la Paix`
fn french(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let from = house_number_before(text, start)?;
    let to = name(text, end)?;
    Some(from..to)
}

/// `Calle Mayor 5`, `Via Roma, 12`
fn romance(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    if !text[start].is_ascii_uppercase() {
        return None;
    }
    let to = name(text, end)?;
    let gap = usize::from(text.get(to) == Some(&b','));
    Some(start..number(text, to + gap)?)
}

/// `742 Larch Road`, `1600 N Old Mill Rd.`
fn english(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    if !is_capital(text, start) || text.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'\'') {
        return None;
    }
    let mut at = start;
    for words in 0..6 {
        let before = at.checked_sub(1).filter(|before| text[*before] == b' ')?;
        let length = text[..before]
            .iter()
            .rev()
            .take(30)
            .take_while(|b| b.is_ascii_alphanumeric() || **b >= 0x80 || matches!(b, b'\'' | b'-' | b'.'))
            .count();
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
            let abbreviated = usize::from(text.get(end) == Some(&b'.') && end - start <= 4);
            return Some(unit_before(text, at)..quarter(text, end + abbreviated));
        }
        if length == 0 || !(ordinal || is_capital(text, at) || PARTICLES.contains(&word)) {
            return None;
        }
    }
    None
}

/// The start of an address whose house number begins at `house`, with the unit before it: `Unit 4/27`, `Flat 3, 12`.
fn unit_before(text: &[u8], house: usize) -> usize {
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

/// A street whose kind is the end of its name, with the number behind: `Hauptstraße 12`, `Kerkstraat 4`. The word
/// ends before `number`.
pub(super) fn before_number(scan: &mut Scan<'_>, digits: usize) {
    let text = scan.text;
    if scan.before(digits) != b' ' || digits < 6 {
        return;
    }
    if text[digits - 3..digits - 1].iter().all(u8::is_ascii_uppercase) {
        zip_code(scan, digits);
    }
    let word_end = digits - 1;
    let stem = text[..word_end].strip_suffix(b".").unwrap_or(&text[..word_end]);
    // The last two letters of an ending, and they alone in most words, tell that there is none.
    let [.., one, two] = stem else { return };
    if !matches!(
        [one | 0x20, two | 0x20],
        [b'\xBF' | b's' | b'e' | b'd', b'e']
            | [b't', b'r' | b'z' | b'u']
            | [b'e', b'g' | b'r' | b'j' | b'n']
            | [b'm', b'm']
            | [b'a', b't' | b'n']
            | [b'h', b't']
            | [b'i', b'n']
    ) {
        return;
    }
    // `str` in capitals is a string.
    if stem.ends_with(b"STR") || text[digits] == b'0' {
        return;
    }
    if !ENDINGS.iter().any(|ending| {
        stem.len() > ending.len()
            && stem[stem.len() - ending.len()..].iter().zip(*ending).all(|(a, b)| a | 0x20 == b | 0x20)
    }) {
        return;
    }
    let Some(end) = number(text, word_end) else { return };
    let length = text[..word_end]
        .iter()
        .rev()
        .take(48)
        .take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80 || matches!(b, b'-' | b'.'))
        .count();
    let mut start = word_end - length;
    if !is_capital(text, start) {
        return;
    }
    // `Am Alten Weg 3`, `Lange Straße 3`: capitalised words on the same line belong to the name.
    for _ in 0..2 {
        let Some(before) = start.checked_sub(1).filter(|at| text[*at] == b' ') else { break };
        let length = text[..before]
            .iter()
            .rev()
            .take(30)
            .take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80 || **b == b'-')
            .count();
        let short = stem.len() - start < 9;
        if length == 0 || !short || !is_capital(text, before - length) {
            break;
        }
        start = before - length;
    }
    scan.push(NUMBERS.street, start..tail(text, end), 0.85, Evidence::Label);
}

/// A place, its state and its ZIP code, which begins at `digits`: `Springfield, IL 62704`.
fn zip_code(scan: &mut Scan<'_>, digits: usize) {
    const PLACE: usize = 40;
    let text = scan.text;
    let [before @ .., b',', b' ', one, two, b' '] = &text[..digits] else { return };
    if !STATES.contains(&&[*one, *two]) {
        return;
    }
    let Some(end) = postcode(text, digits - 3) else { return };
    let mut start = before.len();
    let line = &before[before.len().saturating_sub(PLACE)..];
    let line = line.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    for word in line.rsplit(|b| *b == b' ').take(3) {
        let at = start.saturating_sub(word.len() + usize::from(start < before.len()));
        let is_name =
            word.len() > 1 && word.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80 || *b == b'.');
        if !is_name || !is_capital(word, 0) {
            break;
        }
        start = at;
    }
    if start < before.len() {
        scan.push(NUMBERS.postcode, start..end, 0.85, Evidence::Label);
    }
}

/// Codes of the states of the United States, its capital and Puerto Rico.
const STATES: &[&[u8; 2]] = &[
    b"AL", b"AK", b"AZ", b"AR", b"CA", b"CO", b"CT", b"DC", b"DE", b"FL", b"GA", b"HI", b"IA", b"ID", b"IL",
    b"IN", b"KS", b"KY", b"LA", b"MA", b"MD", b"ME", b"MI", b"MN", b"MO", b"MS", b"MT", b"NC", b"ND", b"NE",
    b"NH", b"NJ", b"NM", b"NV", b"NY", b"OH", b"OK", b"OR", b"PA", b"PR", b"RI", b"SC", b"SD", b"TN", b"TX",
    b"UT", b"VA", b"VT", b"WA", b"WI", b"WV", b"WY",
];

/// Ends of words that are streets in German, Dutch and the Nordic languages.
const ENDINGS: &[&[u8]] = &[
    "straße".as_bytes(),
    b"strasse",
    b"str",
    b"weg",
    b"platz",
    b"gasse",
    b"allee",
    b"ufer",
    b"damm",
    b"straat",
    b"laan",
    b"gracht",
    b"plein",
    b"gatan",
    "vägen".as_bytes(),
    b"gade",
    b"vej",
    b"veien",
    b"katu",
];

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
fn name(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut end) = (start, None);
    for _ in 0..6 {
        if text.get(at) != Some(&b' ') {
            break;
        }
        let word = text[at + 1..]
            .iter()
            .take(30)
            .take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80 || matches!(b, b'\'' | b'-'))
            .count();
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
fn number(text: &[u8], at: usize) -> Option<usize> {
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

/// What follows a street: unit, place, state and postcode, each behind a comma, a space or a line break.
fn tail(text: &[u8], mut end: usize) -> usize {
    for _ in 0..5 {
        let gap = match text.get(end..) {
            Some([b',', b'\n', ..]) => 2,
            Some([b',', b' ', b'\n', ..]) => 3,
            Some([b',', b' ', ..]) => 2,
            Some([b' ' | b'\n', ..]) => 1,
            _ => return end,
        };
        let comma = text[end] == b',';
        let at = end + gap;
        let Some(next) = unit(text, at)
            .or_else(|| postcode(text, at))
            .or_else(|| if comma { locality(text, at) } else { town(text, at) })
        else {
            return end;
        };
        end = next;
    }
    end
}

/// `Apt. 4`, `Suite 697`, `# 12`
fn unit(text: &[u8], at: usize) -> Option<usize> {
    const UNITS: &[&[u8]] =
        &[b"apartment", b"apt", b"suite", b"ste", b"unit", b"floor", b"room", b"rm", b"no", b"#", b"flat"];
    let word = text[at..].iter().take(10).take_while(|b| b.is_ascii_alphabetic() || **b == b'#').count();
    if !UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(&text[at..at + word])) {
        return None;
    }
    let mut end = at + word;
    end += text[end..].iter().take(2).take_while(|b| matches!(b, b'.' | b' ')).count();
    let value = text[end..].iter().take(8).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    let whole = !text.get(end + value).is_some_and(u8::is_ascii_alphanumeric);
    (whole && text[end..end + value].iter().any(u8::is_ascii_digit)).then_some(end + value)
}

/// `PA 18512`, `10115 Berlin`, `SW1A 1AA`, `1017 GC Amsterdam`, `CO`
fn postcode(text: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take(7).take_while(|b| b.is_ascii_digit()).count();
    let ends = |end: usize| !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    if let Some([b'A'..=b'Z', b'A'..=b'Z', b' ', ..]) = text.get(at..)
        && digits(at + 3) == 5
        && ends(at + 8)
    {
        let more = text.get(at + 8) == Some(&b'-') && digits(at + 9) == 4;
        return Some(at + 8 + if more { 5 } else { 0 });
    }
    let count = digits(at);
    if (4..=6).contains(&count) && ends(at + count) {
        let end = at + count;
        let letters =
            text.get(end..end + 3).is_some_and(|s| s[0] == b' ' && s[1..].iter().all(u8::is_ascii_uppercase))
                && ends(end + 3);
        let end = if letters { end + 3 } else { end };
        return Some(name(text, end).filter(|_| text.get(end) == Some(&b' ')).unwrap_or(end));
    }
    let word = text[at..].iter().take(5).take_while(|b| b.is_ascii_alphanumeric()).count();
    let british = (2..=4).contains(&word)
        && is_capital(text, at)
        && text[at..at + word].iter().any(u8::is_ascii_digit)
        && matches!(text.get(at + word..), Some([b' ', b'0'..=b'9', b'A'..=b'Z', b'A'..=b'Z', ..]));
    if british && ends(at + word + 4) {
        return Some(at + word + 4);
    }
    None
}

/// A town at the start of a line, with what makes it one behind a comma: `Madison, WI 53703`.
fn town(text: &[u8], at: usize) -> Option<usize> {
    let word = text[at..].iter().take(30).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
    let first = at + word;
    let end = name(text, first).unwrap_or(first);
    let named = text[at - 1] == b'\n' && is_capital(text, at);
    (named && text[end..].starts_with(b", ") && postcode(text, end + 2).is_some()).then_some(end)
}

/// One to three capitalised words, or a state's two letters, with what ends a part of an address behind them.
fn locality(text: &[u8], at: usize) -> Option<usize> {
    let end = name(text, at.checked_sub(1)?)?;
    let words = text[at..end].split(|b| *b == b' ').count();
    let closed =
        matches!(text.get(end), None | Some(b',' | b'\n' | b'.' | b';' | b'"' | b'|' | b')' | b'<' | b'\r'))
            || text.get(end) == Some(&b' ') && text.get(end + 1).is_some_and(u8::is_ascii_digit)
            || matches!(text.get(end..), Some([b' ', b'A'..=b'Z', b'A'..=b'Z', b' ', b'0'..=b'9', ..]));
    (words <= 3 && closed && text[at - 1] == b' ').then_some(end)
}
