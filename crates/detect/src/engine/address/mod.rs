//! Addresses: a kind of street, a name, a number, in the order of the country; what stands before and behind them.
//!
//! All parts of an address are one finding, over commas and line breaks: who hides an address hides all of it, and a unit or
//! a postcode alone says little of what it is.

mod boxes;
mod parts;
mod streets;

use std::ops::Range;

use streets::{english, french, name, name_before, name_behind, number, unit_before};

use super::{Evidence, Raw, Scan, numbers::NUMBERS, phrases::is_capital, words::Hit};
use crate::catalog::RECOGNIZERS;

/// Kinds of street that come before the name; the number follows the name, but for the French.
#[rustfmt::skip]
const FIRST: &[&str] = &[
    "calle", "avenida", "avda", "plaza", "paseo", "carrera", "camino", "carretera", "via", "viale", "piazza", "piazzale",
    "corso", "vicolo", "contrada", "rua", "rúa", "travessa", "estrada", "alameda", "praça", "οδός", "λεωφόρος", "jalan",
];
/// The same, and the languages write them small.
#[rustfmt::skip]
const FIRST_SMALL: &[&str] = &["ul", "ulica", "ulice", "ulitsa", "aleja", "al", "os", "pl", "plac", "trg", "nám", "ул", "улица", "проспект"];
#[rustfmt::skip]
const FRENCH: &[&str] = &["rue", "avenue", "boulevard", "chemin", "impasse", "quai", "place", "allée", "cours", "route"];
/// Kinds of street that come behind the name as a word of their own, with the number behind them.
#[rustfmt::skip]
const LAST: &[&str] = &[
    "utca", "út", "útja", "tér", "tere", "körút", "köz", "sétány", "u", "tee", "tänav", "puiestee", "mnt", "pst", "tn",
    "terrasse", "allé", "cad", "caddesi", "sok", "sokak", "sokağı", "str", "street", "st", "straat", "ulica", "tie", "katu",
];
/// Words of this grammar that are no kind of street in English, and stand behind a number otherwise.
#[rustfmt::skip]
const NOT_ENGLISH: &[&str] = &[
    "u", "út", "tér", "tee", "tn", "tie", "katu", "cad", "sok", "apt", "apartment", "suite", "ste", "flat", "unit", "box",
    "address", "cnr", "cours", "route", "psc", "cmr", "apo", "fpo", "dpo",
];
/// Small words inside a street's name.
const PARTICLES: &[&[u8]] = &[
    b"de", b"la", b"le", b"les", b"du", b"des", b"del", b"della", b"dei", b"di", b"da", b"das", b"dos",
    b"do", b"el", b"los", b"las", b"of", b"the", b"van", b"den", b"der", b"e", b"y", b"i", b"v", b"u",
    b"nad", b"pod", b"am", b"im", b"an", b"in", b"on", b"upon", b"sur", b"sous", b"degli", b"delle", b"al",
    b"und", b"och", b"og",
];

fn is_particle(word: &[u8]) -> bool {
    PARTICLES.contains(&word)
}

/// How long the word is that begins with the first of `bytes`, or ends with it where they come in reverse: letters, what is not
/// ASCII, and `signs`.
fn letters<'a>(bytes: impl Iterator<Item = &'a u8>, signs: &[u8]) -> usize {
    length(bytes, |b| b.is_ascii_alphabetic() || signs.contains(&b))
}

/// The same with digits.
fn letters_and_digits<'a>(bytes: impl Iterator<Item = &'a u8>, signs: &[u8]) -> usize {
    length(bytes, |b| b.is_ascii_alphanumeric() || signs.contains(&b))
}

fn length<'a>(bytes: impl Iterator<Item = &'a u8>, is_of_word: impl Fn(u8) -> bool) -> usize {
    const LONGEST: usize = 30;
    bytes.take(LONGEST).take_while(|b| **b >= 0x80 || is_of_word(**b)).count()
}

/// Lets the addresses among `raws`, which are in order of start, go on over the places and postcodes that others found
/// right behind them.
pub(super) fn join(text: &[u8], raws: &mut [Raw]) {
    let id = |recognizer: u16| RECOGNIZERS[usize::from(recognizer)].id;
    let street = id(NUMBERS.street);
    let parts = [id(NUMBERS.location), id(NUMBERS.postcode)];
    for at in 0..raws.len() {
        if raws[at].finding.entity != street {
            continue;
        }
        let mut next = at + 1;
        let mut end = raws[at].finding.end;
        while let Some(gap) = parts::gap(text, end).filter(|gap| gap.lines < 2) {
            while raws.get(next).is_some_and(|raw| raw.finding.start < gap.next) {
                next += 1;
            }
            let behind = raws[next.min(raws.len())..].iter().take_while(|raw| raw.finding.start == gap.next);
            let Some(part) = behind.map(|raw| raw.finding).find(|found| parts.contains(&found.entity)) else {
                break;
            };
            end = parts::tail(text, part.end);
        }
        raws[at].finding.end = end;
        raws[at].yields = raws[at].yields.max(end);
    }
}

/// The address to which the word at `hit` belongs: a kind of street, a unit, a box.
pub(super) fn around(scan: &mut Scan<'_>, hit: &Hit) {
    let text = scan.text;
    let (start, end) = (hit.start as usize, hit.end as usize);
    let word = &text[start..end];
    let is = |list: &[&str]| list.iter().any(|kind| kind.as_bytes().eq_ignore_ascii_case(word));
    if let Some(place) = announced(text, start, end) {
        scan.push(NUMBERS.street, place.start..parts::tail(text, place.end), 0.8, Evidence::Label);
        return;
    }
    let place = boxes::at(text, start, end)
        .or_else(|| at_unit(text, start))
        .or_else(|| {
            let belgian = || is_capital(text, start).then(|| name_behind(text, start, end, true)).flatten();
            if is(FRENCH) { french(text, start, end).or_else(belgian) } else { None }
        })
        .or_else(|| {
            if is(FIRST) || is(FIRST_SMALL) && !is_capital(text, start + 1) {
                name_behind(text, start, end, is(FIRST))
            } else {
                None
            }
        })
        .or_else(|| if is(LAST) { name_before(text, start, end) } else { None })
        .or_else(|| {
            if is(FIRST) || is(FIRST_SMALL) || is(NOT_ENGLISH) { None } else { english(text, start, end) }
        });
    if let Some(place) = place {
        address(scan, place);
    }
}

/// What a word or two announce: `address: Kesk 53`, `lives at 31 Seneca Place`, `the corner of Pine Street and 5th Avenue`.
fn announced(text: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let word = &text[start..end];
    let ends =
        |with: &[u8]| word.len() >= with.len() && word[word.len() - with.len()..].eq_ignore_ascii_case(with);
    if ends(b"corner of") || ends(b"cnr") {
        let next = end + usize::from(text.get(end) == Some(&b'.'));
        return (text.get(next) == Some(&b' '))
            .then(|| parts::crossing(text, next + 1))
            .flatten()
            .map(|to| start..to);
    }
    let rest = &text[end..];
    let skip = if ends(b" at") || ends(b"wohnhaft") {
        usize::from(rest.starts_with(b" "))
    } else if ends(b"address") || ends(b"adresse") || ends(b"anschrift") {
        let words = [&b": "[..], b" is: ", b" is ", b":\n", b" is:\n", b":\r\n"];
        words.iter().find(|words| rest.starts_with(words)).map_or(0, |words| words.len())
    } else {
        0
    };
    (skip > 0).then(|| parts::street_at(text, end + skip)).flatten().map(|to| end + skip..to)
}

/// Reports a street with all that belongs to its address.
fn address(scan: &mut Scan<'_>, street: Range<usize>) {
    let text = scan.text;
    let start = building_before(text, street.start);
    scan.push(NUMBERS.street, start..parts::tail(text, street.end), 0.85, Evidence::Label);
}

/// A street and the unit in it, whose word begins at `start`: `Koskikatu 25 Apt. 864`.
fn at_unit(text: &[u8], start: usize) -> Option<Range<usize>> {
    let end = parts::unit(text, start).filter(|_| start > 0)?;
    let apartment = text[start..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"apt"));
    if !(apartment || is_capital(text, start)) {
        return None;
    }
    let gap = text[..start].iter().rev().take(4).take_while(|b| matches!(b, b' ' | b',' | b'\n')).count();
    let before = start - gap;
    (gap > 0).then(|| parts::street_before(text, before, apartment)).flatten().map(|from| from..end)
}

/// Where an address begins with the number of a building before the street: `4880 Betburweg 74`.
fn building_before(text: &[u8], street: usize) -> usize {
    let Some(before) = street.checked_sub(1).filter(|at| text[*at] == b' ') else { return street };
    let digits = text[..before].iter().rev().take(6).take_while(|b| b.is_ascii_digit()).count();
    let from = before - digits;
    let parted = from == 0 || matches!(text[from - 1], b' ' | b'\n' | b':' | b'"' | b'>' | b'(' | b'\t');
    // `in 2019 Main Street 5`: hardly ever.
    unit_before(text, if (1..=5).contains(&digits) && parted { from } else { street })
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
    if is_code_below(text, digits) {
        country_code(scan, digits);
    }
    let word_end = digits - 1;
    let stem = text[..word_end].strip_suffix(b".").unwrap_or(&text[..word_end]);
    // The last two letters of an ending tell nearly always that there is none.
    if !LAST_LETTERS.can_end(stem) {
        return;
    }
    // `str` in capitals is a string.
    if stem.ends_with(b"STR") || text[digits] == b'0' {
        return;
    }
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
    if !ENDINGS.iter().any(|ending| {
        stem.len() > ending.len()
            && stem[stem.len() - ending.len()..]
                .iter()
                .zip(ending.as_bytes())
                .all(|(a, b)| a | 0x20 == b | 0x20)
    }) {
        return;
    }
    let Some(end) = number(text, word_end) else { return };
    // `Am Alten Weg 3`, `Lange Straße 3`: capitalised words on the same line belong to the name.
    for _ in 0..2 {
        let Some(before) = start.checked_sub(1).filter(|at| text[*at] == b' ') else { break };
        let length = letters(text[..before].iter().rev(), b"-");
        let short = stem.len() - start < 9;
        if length == 0 || !short || !is_capital(text, before - length) {
            break;
        }
        start = before - length;
    }
    address(scan, start..end);
}

/// A place, its state and its ZIP code, which begins at `digits`: `Springfield, IL 62704`.
fn zip_code(scan: &mut Scan<'_>, digits: usize) {
    const PLACE: usize = 40;
    let text = scan.text;
    let [before @ .., b',', b' ', one, two, b' '] = &text[..digits] else { return };
    if !STATES.contains(&&[*one, *two]) {
        return;
    }
    let Some(end) = parts::postcode(text, digits - 3) else { return };
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
    if start == before.len() {
        return;
    }
    if let Some(street) = street_above(text, start) {
        scan.push(NUMBERS.street, street..parts::tail(text, end), 0.85, Evidence::Label);
    } else {
        scan.push(NUMBERS.postcode, start..end, 0.85, Evidence::Label);
    }
}

/// Whether the number at `digits` has the length of a postcode and stands behind a capitalised word.
fn is_code_below(text: &[u8], digits: usize) -> bool {
    // Most numbers are shorter, or stand behind no word.
    if !(text[digits - 2].is_ascii_alphabetic() || text[digits - 2] == b')')
        || !text.get(digits + 2).is_some_and(u8::is_ascii_digit)
        || text.get(digits + 6).is_some_and(u8::is_ascii_digit)
    {
        return false;
    }
    let word = &text[..digits - 1];
    let letters = word.iter().rev().take(16).take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
    word.ends_with(b")") || letters > 1 && is_capital(text, word.len() - letters)
}

/// A country and a postcode, which begins at `digits`, below a street and a place.
fn country_code(scan: &mut Scan<'_>, digits: usize) {
    let text = scan.text;
    let Some(country) = parts::country_before(text, digits - 1) else { return };
    let Some(end) = parts::country(text, country) else { return };
    let mut at = country;
    // A place and a region, each on its line or behind a comma.
    for _ in 0..3 {
        if let Some(street) = street_above(text, at) {
            scan.push(NUMBERS.street, street..end, 0.85, Evidence::Label);
            return;
        }
        let Some(place) = place_above(text, at) else { return };
        at = place;
    }
}

/// The start of the street that ends before the part of an address at `at`, behind a comma or a line break.
fn street_above(text: &[u8], at: usize) -> Option<usize> {
    let gap =
        text[..at].iter().rev().take(6).take_while(|b| matches!(b, b' ' | b',' | b'\n' | b'\r')).count();
    let parted = text[at - gap..at].iter().any(|b| matches!(b, b',' | b'\n'));
    let digits =
        parted && text[..at - gap].last().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.'));
    if digits { parts::street_before(text, at - gap, false) } else { None }
}

/// The start of the name of a place that ends before the part of an address at `at`.
fn place_above(text: &[u8], at: usize) -> Option<usize> {
    let gap =
        text[..at].iter().rev().take(6).take_while(|b| matches!(b, b' ' | b',' | b'\n' | b'\r')).count();
    let end = at - gap;
    let line = &text[end.saturating_sub(48)..end];
    let line = line.rsplit(|b| matches!(b, b'\n' | b',')).next()?.trim_ascii_start();
    let is_place = (1..40).contains(&line.len())
        && is_capital(line, 0)
        && line
            .iter()
            .all(|b| b.is_ascii_alphabetic() || *b >= 0x80 || matches!(b, b' ' | b'-' | b'\'' | b'.'));
    (gap > 0 && is_place).then(|| end - line.len())
}

/// Codes of the states of the United States, its capital and Puerto Rico.
const STATES: &[&[u8; 2]] = &[
    b"AL", b"AK", b"AZ", b"AR", b"CA", b"CO", b"CT", b"DC", b"DE", b"FL", b"GA", b"HI", b"IA", b"ID", b"IL",
    b"IN", b"KS", b"KY", b"LA", b"MA", b"MD", b"ME", b"MI", b"MN", b"MO", b"MS", b"MT", b"NC", b"ND", b"NE",
    b"NH", b"NJ", b"NM", b"NV", b"NY", b"OH", b"OK", b"OR", b"PA", b"PR", b"RI", b"SC", b"SD", b"TN", b"TX",
    b"UT", b"VA", b"VT", b"WA", b"WI", b"WV", b"WY",
];

/// Ends of words that are streets in German, Dutch, Hungarian, Estonian, Finnish and the Nordic languages.
#[rustfmt::skip]
const ENDINGS: &[&str] = &[
    "straße", "strasse", "str", "weg", "platz", "gasse", "gässli", "gässchen", "allee", "ufer", "damm", "graben", "steig", "zeile",
    "straat", "laan", "gracht", "plein", "markt", "dreef", "steeg", "kade", "singel", "gatan", "gata", "vägen", "stigen",
    "gränd", "torget", "gade", "stræde", "allé", "vænget", "bakken", "toften", "vej", "veien", "vegen", "vei", "plass",
    "plads", "katu", "ntie", "kuja", "polku", "kaari", "stræti", "straeti", "braut", "vegur", "tänav", "maantee", "puiestee",
    "utca", "körút", "stien", "svingen",
];

static LAST_LETTERS: LastLetters = LastLetters::of(ENDINGS);

/// The last two letters of words, by their lowest five bits: of most other words they tell that they are none of these.
struct LastLetters([bool; 32 * 32]);

impl LastLetters {
    const fn of(words: &[&str]) -> Self {
        let (mut table, mut at) = ([false; 32 * 32], 0);
        while at < words.len() {
            let word = words[at].as_bytes();
            table[Self::index(word[word.len() - 2], word[word.len() - 1])] = true;
            at += 1;
        }
        Self(table)
    }

    const fn index(one: u8, two: u8) -> usize {
        (one & 31) as usize * 32 + (two & 31) as usize
    }

    fn can_end(&self, text: &[u8]) -> bool {
        matches!(text, [.., one, two] if self.0[Self::index(*one, *two)])
    }
}
