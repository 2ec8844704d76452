//! Candidates that hold a digit, and values behind a label.

use std::ops::Range;

use super::{
    Evidence, Scan, address,
    classify::{Tile, ahead, behind},
    context::Near,
    network,
    numbers::NUMBERS,
    openings::LONG,
    secrets, surroundings,
    words::Hit,
};
use crate::{
    catalog::{Automaton, BEHIND_LABEL, Syntax},
    phone,
};

/// The longest match of a pattern.
const LONGEST: usize = 160;
/// The longest run of letters before a word's first digit: `github_pat_` is the longest that means something.
const PREFIX: usize = 48;

/// Every word that holds a digit may be, or start, or continue an identifier: the automaton runs from it.
pub(super) fn find(scan: &mut Scan<'_>) {
    let (mut carry, mut before_word, mut word_start) = (0, 0, 0);
    for number in 0..scan.tiles.len() {
        let tile = scan.tiles[number];
        let word = tile.word;
        let begins = word & !(word << 1 | before_word);
        // A bit added at a word's first byte is carried through its letters to its first digit.
        let letters = word & !tile.digit;
        let (sum, overflow) = letters.overflowing_add(begins);
        let (sum, overflow_again) = sum.overflowing_add(carry);
        carry = u64::from(overflow | overflow_again);
        before_word = word >> 63;
        let mut firsts = sum & tile.digit;
        while firsts != 0 {
            let bit = firsts.trailing_zeros();
            firsts &= firsts - 1;
            let begun = begins & (u64::MAX >> (63 - bit));
            let start =
                if begun == 0 { word_start } else { number * 64 + 63 - begun.leading_zeros() as usize };
            word_with_digit(scan, start, number * 64 + bit as usize);
        }
        if begins != 0 {
            word_start = number * 64 + 63 - begins.leading_zeros() as usize;
        }
    }
}

/// Runs the automaton from the word at `start`, whose first digit is at `digit`, and from the short words of letters
/// that may belong to it: `GB 12`, `sk-ant-api03`, `March 5`.
fn word_with_digit(scan: &mut Scan<'_>, start: usize, digit: usize) {
    let text = scan.text;
    if start < scan.covered || digit - start > PREFIX || continues(text, start) {
        return;
    }
    match text[start..] {
        [b'e', b'y', b'J', ..] => secrets::jwt(scan, start),
        [b'4', b'0', ..] if text[..start].ends_with(b"%") => network::encoded_email(scan, start - 1),
        _ => {}
    }
    if start == digit {
        if !is_short(text, scan.tiles, digit) {
            phone(scan, digit);
        }
        address::before_number(scan, digit);
    }
    run(scan, start);
    let mut start = start;
    for _ in 0..3 {
        let Some((prefix, letters)) = prefix(text, scan.tiles, start) else { return };
        if scan.free.openings.begin_with(letters, text[prefix], text[prefix + 1]) {
            run(scan, prefix);
        }
        start = prefix;
    }
}

/// Whether the rows of digits that stand together from `digit` on are too short for a phone number: most numbers of a text.
#[inline]
fn is_short(text: &[u8], tiles: &[Tile], digit: usize) -> bool {
    if digit.checked_sub(1).is_some_and(|before| matches!(text[before], b'(' | b'+')) {
        return false;
    }
    let byte = |at: usize| text.get(at).copied().unwrap_or(b'\n');
    let mut ahead = ahead(tiles, digit, |t| t.digit);
    let (mut at, mut digits) = (digit, 0);
    loop {
        let row = (!ahead).trailing_zeros() as usize;
        digits += row;
        if digits >= phone::SHORTEST {
            return false;
        }
        at += row;
        match (byte(at), byte(at + 1)) {
            (b' ' | b'-' | b'.' | b'/', b'0'..=b'9') => {
                at += 1;
                ahead >>= row + 1;
            }
            // A bracket, a dash between spaces, something typographic: rare enough to be left to the parser.
            (b' ' | b'-' | b'.' | b'/', b'(' | b'-' | 0x80..)
            | (b'(', b'0'..=b'9' | b'(' | b'-' | 0x80..)
            | (0x80.., _) => return false,
            _ => return true,
        }
    }
}

/// A phone number whose first digit is at `digit`.
fn phone(scan: &mut Scan<'_>, digit: usize) {
    let Some(found) = phone::with_first_digit(scan.text, digit) else { return };
    let near = scan.context.around(scan.text, scan.tiles, scan.hits, found.start, found.end);
    let score = match (near.around.contains(NUMBERS.phone), found.strength, found.kind) {
        (true, phone::Strength::Strong, _) => 0.95,
        (true, phone::Strength::Weak, _) => 0.87,
        (false, phone::Strength::Strong, phone::Kind::International) => 0.85,
        (false, phone::Strength::Strong, _) => 0.7,
        (false, phone::Strength::Weak, _) => 0.3,
    };
    scan.push(NUMBERS.phone, found.start..found.end, score, Evidence::Check);
}

/// Whether what starts here goes on from something before: a later group of a number, or a word with letters beyond
/// ASCII.
fn continues(text: &[u8], start: usize) -> bool {
    match text[..start] {
        [.., before, b'-' | b'.' | b'/'] => before.is_ascii_digit(),
        [.., lead, 0x80..=0xBF] => is_letter_lead(lead),
        _ => false,
    }
}

/// First byte of a two-byte character that is a letter of an alphabet: Latin, Greek, Cyrillic, Armenian, Hebrew.
/// Characters of three bytes are mostly ideographs, which stand beside numbers without a space.
fn is_letter_lead(byte: u8) -> bool {
    matches!(byte, 0xC3..=0xD7)
}

/// Where the word of fewer than [`LONG`] letters starts that stands right before `start`, and how many they are.
#[inline]
fn prefix(text: &[u8], tiles: &[Tile], start: usize) -> Option<(usize, usize)> {
    let end = match text[..start] {
        [.., b'.' | b':' | b',', b' '] => start - 2,
        [.., b' ' | b'-' | b'.' | b'/' | b':' | b'#' | b'_'] => start - 1,
        _ => return None,
    };
    let letters = behind(tiles, end, |t| t.upper | t.lower).leading_ones() as usize;
    let begin = end - letters.min(end);
    let parted = begin == 0 || !(text[begin - 1].is_ascii_alphanumeric() || text[begin - 1] >= 0x80);
    (parted && (1..LONG).contains(&letters)).then_some((begin, letters))
}

/// Whether a match may end at `end`: not inside a word, nor before a further group of digits.
fn ends(text: &[u8], end: usize) -> bool {
    match text[end..] {
        [] => true,
        [b'-' | b'.' | b'/' | b':', next, ..] => !next.is_ascii_digit(),
        [0xC3..=0xD7, 0x80..=0xBF, ..] => false,
        [byte, ..] => !(byte.is_ascii_alphanumeric() || byte == b'_'),
    }
}

/// Takes every free-standing pattern that matches from `start`, each with its longest end.
fn run(scan: &mut Scan<'_>, start: usize) {
    if !scan.core.contains(&start) {
        return;
    }
    let wanted = scan.context.wanted(scan.tiles, start, &scan.wanted.standing);
    let can = scan.free.openings.recognizers(scan.text, scan.tiles, start, wanted);
    if can[0].or(&can[1]).is_empty() {
        return;
    }
    for (can, automata) in can.iter().zip(&scan.free.automata) {
        can.each(|recognizer| {
            if let Some(automaton) = &automata[recognizer] {
                try_out(scan, automaton, start);
            }
        });
    }
}

/// Takes the patterns of `automaton` that match from `start`.
fn try_out(scan: &mut Scan<'_>, automaton: &'static Automaton, start: usize) {
    let ends = ends_of(automaton, scan.text, start);
    let Some((_, end)) = ends.last() else { return };
    let near = scan.context.around(scan.text, scan.tiles, scan.hits, start, end);
    ends.each(|pattern, end| judge(scan, automaton, usize::from(pattern), start, end, &near));
}

/// Where patterns end that match from one place, the nearest first.
///
/// A value has one end, and a few where groups of digits follow each other; of more the last ones count.
struct Ends {
    places: [End; 4],
    count: usize,
}

type End = (&'static [u16], usize);

fn ends_of(automaton: &Automaton, text: &[u8], start: usize) -> Ends {
    let mut found = Ends { places: [(&[], 0); 4], count: 0 };
    let stop = text.len().min(start + LONGEST);
    automaton.walk(&text[start..stop], |patterns, length| {
        if ends(text, start + length) {
            if found.count == found.places.len() {
                found.places.copy_within(1.., 0);
                found.count -= 1;
            }
            found.places[found.count] = (patterns, start + length);
            found.count += 1;
        }
    });
    found
}

impl Ends {
    fn last(&self) -> Option<End> {
        self.places[..self.count].last().copied()
    }

    /// Every pattern with its longest end.
    fn each(&self, mut take: impl FnMut(u16, usize)) {
        for (index, (patterns, end)) in self.places[..self.count].iter().enumerate() {
            let later = &self.places[index + 1..self.count];
            for pattern in *patterns {
                if !later.iter().any(|(patterns, _)| patterns.contains(pattern)) {
                    take(*pattern, *end);
                }
            }
        }
    }
}

/// Scores one match and takes it if it is wanted and valid.
fn judge(scan: &mut Scan<'_>, automaton: &Automaton, pattern: usize, start: usize, end: usize, near: &Near) {
    let rules = &automaton.patterns[pattern];
    let (mut score, mut evidence) = (rules.score, Evidence::Shape);
    if near.around.contains(rules.recognizer) {
        (score, evidence) = (rules.near, Evidence::Context);
        if near.direct.contains(rules.recognizer) {
            score = (score + 0.04).min(1.0);
        }
    }
    if score < scan.wanted.threshold
        || !scan.wanted.enabled[usize::from(rules.recognizer)]
        || in_hexadecimal_table(scan, start, end)
    {
        return;
    }
    if let Some(check) = automaton.checks[pattern] {
        if !check(&scan.text[start..end]) {
            return;
        }
        evidence = Evidence::Check;
    }
    if !surroundings::contradict(scan.text, rules.recognizer, start..end, None) {
        let end = surroundings::without_unit(scan.text, rules.recognizer, &(start..end));
        let start = surroundings::with_sign(scan.text, rules.recognizer, start);
        scan.push(rules.recognizer, start..end, score, evidence);
    }
}

/// Whether groups of four digits stand in a row of hexadecimal groups: `4EFB ⟨4012 8888 8888 1881⟩ 518D`.
fn in_hexadecimal_table(scan: &Scan<'_>, start: usize, end: usize) -> bool {
    const ROW: usize = 8 * 5;
    const GROUPS: usize = 3;
    let Scan { text, tiles, .. } = scan;
    // Most matches are shorter than the groups, and most rows of groups have no capital at all near them.
    if end - start < GROUPS * 5 - 1
        || behind(tiles, start, |t| t.upper) >> (64 - ROW) == 0
            && ahead(tiles, end, |t| t.upper) << (64 - ROW) == 0
    {
        return false;
    }
    let is_letter = |group: &[u8]| group.iter().any(|b| matches!(b, b'A'..=b'F'));
    let is_group = |group: &&[u8]| group.len() == 4 && group.iter().all(u8::is_ascii_hexdigit);
    let is_gap = |b: &u8| matches!(b, b' ' | b'\n');
    let (first, last) = (start.saturating_sub(ROW), text.len().min(end + ROW));
    let grouped = text[start..end].split(|b| *b == b' ').filter(is_group).count() >= GROUPS;
    let after = || text[end..last].split(is_gap).skip(1).take_while(is_group).any(is_letter);
    let before = || text[first..start].rsplit(is_gap).skip(1).take_while(is_group).any(is_letter);
    grouped && (after() || before())
}

/// Takes the values that stand right behind a label: `MRN: 0042137`, `"employee_id": "E-77"`.
pub(super) fn labelled(scan: &mut Scan<'_>) {
    // A label inside the value of another is part of that value.
    let mut walked = 0;
    for hit in scan.hits {
        if hit.phrase.labels.is_empty() || (hit.start as usize) < walked {
            continue;
        }
        let Some(start) = value_start(scan.text, hit) else { continue };
        for &recognizer in hit.phrase.labels {
            let Some(automaton) = &BEHIND_LABEL[usize::from(recognizer)] else { continue };
            let next = scan.text.get(start + 1).copied().unwrap_or_default();
            if !automaton.begins(scan.text[start], next) {
                continue;
            }
            let ends = ends_of(automaton, scan.text, start);
            ends.each(|pattern, end| {
                let rules = &automaton.patterns[usize::from(pattern)];
                let check = automaton.checks[usize::from(pattern)];
                if has_syntax(scan.text, hit.end as usize, start..end, rules.syntax)
                    && check.is_none_or(|check| check(&scan.text[start..end]))
                    && !surroundings::contradict(scan.text, recognizer, start..end, Some(hit))
                {
                    walked = walked.max(end);
                    let start = surroundings::with_sign(scan.text, recognizer, start);
                    scan.push(recognizer, start..end, rules.score, Evidence::Label);
                }
            });
        }
    }
}

/// Whether a label and its value are parted as `syntax` demands.
fn has_syntax(text: &[u8], label_end: usize, value: Range<usize>, syntax: Syntax) -> bool {
    let gap = &text[label_end..value.start];
    let assigned = gap.iter().any(|b| matches!(b, b':' | b'='));
    let next = text.get(value.end).copied().unwrap_or(b'\n');
    let quote = gap.last().copied().filter(|b| matches!(b, b'"' | b'\''));
    match syntax {
        Syntax::Any => true,
        Syntax::Inline => assigned || !gap.contains(&b'\n'),
        Syntax::Assigned => assigned && quote.map_or_else(|| is_whole(gap, next), |quote| next == quote),
        Syntax::Quoted => assigned && quote == Some(next),
    }
}

/// Whether a value without quotes ends before `next`: in a line of a log a space ends it, elsewhere only the end of the
/// line or of a parameter, for what goes on is a sentence or an expression.
fn is_whole(gap: &[u8], next: u8) -> bool {
    matches!(next, b'\n' | b'\r' | b'&' | b'<' | b'"' | b'\'' | b',' | b';' | b'}')
        || next == b' ' && gap == b"="
}

/// Where the value behind a label starts: behind punctuation, one line break at most, and words such as `number` or
/// `is`. Nothing where the label is part of a longer name: `--secret-version`, `MASTER_SECRET other`, `privacy-policy-20240101`.
fn value_start(text: &[u8], label: &Hit) -> Option<usize> {
    let mut at = label.end as usize;
    let ends_name = text[..label.start as usize].ends_with(b"_");
    // In prose a word mostly follows, behind a space, that no value begins with and that fills nothing.
    if let Some([b' ', first, ..]) = text.get(at..)
        && first.is_ascii_lowercase()
        && !ends_name
        && !FILLER_BEGINS[usize::from(*first)]
    {
        return Some(at + 1);
    }
    if text.get(at) == Some(&b'?') {
        return answer(text, at + 1);
    }
    for _ in 0..4 {
        let separators = text[at..].iter().take(9).take_while(|b| SEPARATORS[usize::from(**b)]).count();
        let gap = &text[at..at + separators];
        if !(1..9).contains(&separators) || gap.iter().filter(|b| **b == b'\n').count() > 1 {
            return None;
        }
        // What stands behind an opening quote is the value, whatever it begins with.
        if let Some(quote) = opening_quote(gap) {
            return Some(at + quote + 1).filter(|start| *start < text.len());
        }
        at += separators;
        let joined = gap.iter().all(|b| matches!(b, b'-' | b'_' | b'.' | b'\\'));
        let flag = gap.ends_with(b" -") || gap.ends_with(b"--");
        let call = matches!(gap, [b'(', ..] | [b'_', b'(', ..]);
        let escape = gap.ends_with(b"\\");
        let letter = text.get(at).is_some_and(u8::is_ascii_alphabetic);
        let assigned = gap.iter().any(|b| matches!(b, b':' | b'=' | b'|' | b'>' | b'"' | b'\'' | b'`'));
        let inside = gap == b"_" || joined && text[..label.start as usize].ends_with(b"-");
        if inside || letter && (joined || flag || call || escape) || ends_name && !assigned {
            return None;
        }
        let letters = text[at..].iter().take(7).take_while(|b| b.is_ascii_alphabetic()).count();
        if !(2..7).contains(&letters) || !FILLERS.contains(&packed(&text[at..at + letters])) {
            break;
        }
        at += letters;
    }
    (at < text.len()).then_some(at)
}

/// Where the answer to a question starts that is a number, and whose `?` stands before `at`: `A: 1984-06-02`.
fn answer(text: &[u8], at: usize) -> Option<usize> {
    let gap = text[at..].iter().take(4).take_while(|b| b.is_ascii_whitespace()).count();
    let start = at + gap;
    let speaker = text[start..].iter().take(20).take_while(|b| b.is_ascii_alphanumeric()).count();
    let value = if text[start + speaker..].starts_with(b": ") { start + speaker + 2 } else { start };
    (gap > 0 && text.get(value).is_some_and(u8::is_ascii_digit)).then_some(value)
}

/// Where the quote stands that opens a value behind an assignment: `": "`, `="`.
fn opening_quote(gap: &[u8]) -> Option<usize> {
    let assignment = gap.iter().position(|b| matches!(b, b':' | b'='))?;
    let quote = gap[assignment..].iter().position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    Some(assignment + quote)
}

/// What may stand between a label and its value.
const SEPARATORS: [bool; 256] = {
    let mut table = [false; 256];
    let separators = b" \t\r\n:=#\"'`>|(-.*_\\";
    let mut at = 0;
    while at < separators.len() {
        table[separators[at] as usize] = true;
        at += 1;
    }
    table
};

/// The small letters that [`FILLERS`] begin with.
const FILLER_BEGINS: [bool; 256] = {
    let (mut table, mut at) = ([false; 256], 0);
    while at < FILLERS.len() {
        // The first letter is in the highest byte of a packed word.
        let mut first = FILLERS[at];
        while first > 0xFF {
            first >>= 8;
        }
        table[first as usize] = true;
        at += 1;
    }
    table
};

/// Words that may stand between a label and its value.
const FILLERS: [u64; 17] = [
    packed(b"number"),
    packed(b"value"),
    packed(b"no"),
    packed(b"num"),
    packed(b"nr"),
    packed(b"id"),
    packed(b"code"),
    packed(b"is"),
    packed(b"was"),
    packed(b"of"),
    packed(b"the"),
    packed(b"my"),
    packed(b"it"),
    packed(b"are"),
    packed(b"ist"),
    packed(b"est"),
    packed(b"es"),
];

/// A word of up to eight letters as a number, whatever its case.
const fn packed(word: &[u8]) -> u64 {
    let (mut number, mut at) = (0, 0);
    while at < word.len() {
        number = number << 8 | (word[at] | 0x20) as u64;
        at += 1;
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        catalog::{FREE, RECOGNIZERS, RecognizerSet},
        engine::classify::classify,
    };

    proptest! {
        /// What the openings rule out, no automaton finds: over examples of the catalogue, cut and mangled.
        #[test]
        fn openings_rule_out_nothing_that_matches(
            example in 0..RECOGNIZERS.len(),
            before in "[A-Za-z0-9 .:/#_-]{0,4}",
            after in "[A-Za-z0-9 .:/#_-]{0,4}|\\PC{0,3}",
            edits in proptest::collection::vec((any::<prop::sample::Index>(), "[A-Za-z0-9 .:/_-]"), 0..3),
        ) {
            let mut bytes = format!("{before}{}{after}", RECOGNIZERS[example].example).into_bytes();
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte.as_bytes()[0];
            }
            let mut tiles = Vec::new();
            classify(&bytes, &mut tiles);
            let all = [RecognizerSet([u64::MAX; 4]); 2];
            for start in (0..bytes.len()).filter(|at| tiles[at / 64].word >> (at % 64) & 1 == 1) {
                let can = FREE.openings.recognizers(&bytes, &tiles, start, &all);
                for (kind, automata) in FREE.automata.iter().enumerate() {
                    for (recognizer, automaton) in automata.iter().enumerate() {
                        let matches = automaton.as_ref().is_some_and(|a| ends_of(a, &bytes, start).last().is_some());
                        let number = u16::try_from(recognizer).expect("256 recognisers at most");
                        prop_assert!(!matches || can[kind].contains(number), "{recognizer} at {start}");
                    }
                }
            }
        }
    }
}
