//! Phone numbers in text, exactly as python-phonenumbers' `PhoneNumberMatcher(text, region)` finds them.
//!
//! The presidio profile needs its answers to the character, oddities included. The search for candidates is ours; whether
//! a candidate is a number of the region is libphonenumber's own rule, asked of its port.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region, phonenumber_matcher::PHONE_MATCHER_FACTORY};

/// A regular expression, compiled when it is first used.
macro_rules! pattern {
    ($pattern:expr) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| compile($pattern));
        &*PATTERN
    }};
}

/// Candidates, whole or in part, that may fail before the rest of a text is given up, as there.
const MAX_TRIES: usize = 65_535;
/// Digits in a row; also how many further rows a candidate may have.
const BLOCK: usize = 20;
/// Punctuation between two rows of digits.
const GAP: usize = 4;

/// The phone numbers in `text`, as byte ranges in order of start.
///
/// Numbers without a country code are read as numbers of `region` (ISO 3166, `"US"`); of an unknown region only
/// international numbers are found.
#[must_use]
pub fn find(text: &str, region: &str) -> Vec<Range<usize>> {
    let mut search = Search { text, region: Region::from_code(region).ok(), tries: MAX_TRIES };
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(candidate) = next_candidate(text, from).filter(|_| search.tries > 0) {
        let candidate = search.before_second_extension(candidate);
        from = candidate.end;
        if let Some(number) = search.extract(candidate) {
            from = number.end;
            found.push(number);
        } else {
            search.tries -= 1;
        }
    }
    found
}

/// The next stretch of `text` from `from` on that is written as numbers are: up to two brackets or plus signs, then rows
/// of digits with little punctuation between them, then perhaps an extension.
fn next_candidate(text: &str, from: usize) -> Option<Range<usize>> {
    let first_digit = from + pattern!(r"\d").find(&text[from..])?.start();
    let mut end = first_digit;
    for block in 0..=BLOCK {
        let row = if block == 0 { end } else { end + gap_len(&text[end..]) };
        let digits = prefix_len(&text[row..], BLOCK, is_digit);
        if digits == 0 {
            break;
        }
        end = row + digits;
    }
    end += EXTENSION.find(&text[end..]).map_or(0, |extension| extension.end());
    Some(lead_start(text, from, first_digit)..end)
}

/// Where the brackets and plus signs before the first digit begin: the leftmost place from which the way to the digit is
/// at most two of them, each followed by at most [`GAP`] characters of punctuation.
fn lead_start(text: &str, from: usize, digit: usize) -> usize {
    let mut start = digit;
    let window = text[from..digit].char_indices().rev().take(2 * (GAP + 1));
    for (at, c) in window {
        if !is_lead(c) && !is_punctuation(c) {
            break;
        }
        if is_lead(c) && leads_on(&text[from + at + c.len_utf8()..digit]) {
            start = from + at;
        }
    }
    start
}

/// Whether what follows a lead character is little punctuation, or that with one more lead character in it.
fn leads_on(rest: &str) -> bool {
    let plain = |part: &str| part.chars().count() <= GAP && part.chars().all(is_punctuation);
    plain(rest)
        || rest
            .char_indices()
            .any(|(at, c)| is_lead(c) && plain(&rest[..at]) && plain(&rest[at + c.len_utf8()..]))
}

struct Search<'a> {
    text: &'a str,
    region: Option<Region>,
    tries: usize,
}

impl Search<'_> {
    /// `(530) 583-6985 x302/x2303` are two numbers: the candidate ends before the second extension.
    fn before_second_extension(&self, candidate: Range<usize>) -> Range<usize> {
        let second = pattern!(r"[\\/] *x").find(&self.text[candidate.clone()]);
        let end = second.map_or(candidate.end, |second| candidate.start + second.start());
        candidate.start..end
    }

    /// The first number in `candidate`.
    fn extract(&mut self, candidate: Range<usize>) -> Option<Range<usize>> {
        let written = &self.text[candidate.clone()];
        let timestamp =
            TIMESTAMP.is_match(written) && pattern!(r"^:[0-5]\d").is_match(&self.text[candidate.end..]);
        if timestamp || SLASHED_DATE.is_match(written) {
            return None;
        }
        if self.verify(candidate.clone()) {
            return Some(candidate);
        }
        self.extract_part(&candidate)
    }

    /// The first number among the parts of `candidate`, split at slashes, then at brackets, and so on: never at two kinds
    /// of separators at once.
    fn extract_part(&mut self, candidate: &Range<usize>) -> Option<Range<usize>> {
        let written = &self.text[candidate.clone()];
        for separator in SEPARATORS.iter() {
            let mut from = 0;
            while let Some(groups) = separator.captures_at(written, from).filter(|_| self.tries > 0) {
                let whole = groups.get(0)?;
                let part = groups.get(1)?;
                let before = (from == 0).then(|| 0..whole.start());
                for part in before.into_iter().chain([part.range()]) {
                    let end = part.start + trim_end(&written[part.clone()]).len();
                    let part = candidate.start + part.start..candidate.start + end;
                    if self.verify(part.clone()) {
                        return Some(part);
                    }
                    self.tries = self.tries.saturating_sub(1);
                }
                from = whole.start() + written[whole.start()..].chars().next().map_or(1, char::len_utf8);
            }
        }
        None
    }

    /// Whether all of `candidate` is a valid number where it stands.
    fn verify(&self, candidate: Range<usize>) -> bool {
        let written = &self.text[candidate.clone()];
        if !BRACKETS_MATCH.is_match(written) || PAGES.is_match(written) {
            return false;
        }
        let before = self.text[..candidate.start].chars().next_back();
        let after = self.text[candidate.end..].chars().next();
        let led = written.starts_with(is_lead);
        if before.is_some_and(|c| !led && spoils(c)) || after.is_some_and(spoils) {
            return false;
        }
        is_number(written, self.region)
    }
}

/// Whether all of `written` is a valid number, with the national prefix where its region asks for it.
fn is_number(written: &str, region: Option<Region>) -> bool {
    // The port reads a capital X as an extension only; there it is also the carrier's placeholder.
    let lowered = written.contains('X').then(|| written.replace('X', "x"));
    let written = lowered.as_deref().unwrap_or(written);
    if !PHONE_NUMBER_UTIL.parse(written, region).is_ok_and(|number| number.is_valid()) {
        return false;
    }
    // The national prefix is a rule that only the port's own matcher applies.
    let mut matches = PHONE_MATCHER_FACTORY.matcher_builder(written).preferred_region(region).build();
    matches.next().is_some_and(|number| {
        let before = &written[..number.start];
        number.start + number.raw_string.len() == written.len()
            && !before.contains(|c| is_digit(c) || is_plus(c))
            && (number.number.extension.is_some() || !has_lone_x(written))
    })
}

/// Whether an `x` that isn't doubled stands anywhere but at the end.
fn has_lone_x(written: &str) -> bool {
    let mut chars = written.chars().peekable();
    while let Some(c) = chars.next() {
        if c == 'x' && chars.peek().is_some() && chars.next_if_eq(&'x').is_none() {
            return true;
        }
    }
    false
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
        || !c.is_ascii() && c.is_numeric() && pattern!(r"^\d$").is_match(c.encode_utf8(&mut [0; 4]))
}

fn is_plus(c: char) -> bool {
    matches!(c, '+' | '\u{FF0B}')
}

fn is_lead(c: char) -> bool {
    is_plus(c) || matches!(c, '(' | '[' | '\u{FF08}' | '\u{FF3B}')
}

/// Dashes, spaces, stops, slashes, brackets, tildes, full-width ones too, and the `x` that stands for a carrier.
fn is_punctuation(c: char) -> bool {
    matches!(c,
        '-' | 'x' | 'X' | ' ' | '(' | ')' | '[' | ']' | '.' | '/' | '~'
        | '\u{A0}' | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{3000}'
        | '\u{2010}'..='\u{2015}' | '\u{2053}' | '\u{2212}' | '\u{223C}' | '\u{30FC}'
        | '\u{FF08}' | '\u{FF09}' | '\u{FF0D}'..='\u{FF0F}' | '\u{FF3B}' | '\u{FF3D}' | '\u{FF5E}')
}

/// Latin letters, percent and currency signs beside a candidate say that it is something else.
fn spoils(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || matches!(c, '%' | '$');
    }
    match c {
        '\u{80}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' if c.is_alphabetic() => true,
        '\u{300}'..='\u{36F}' => true,
        _ => pattern!(r"^\p{Sc}$").is_match(c.encode_utf8(&mut [0; 4])),
    }
}

fn trim_end(part: &str) -> &str {
    part.trim_end_matches(|c: char| c != '#' && !c.is_alphanumeric())
}

/// Bytes of the punctuation that `rest` begins with, at most [`GAP`] characters.
fn gap_len(rest: &str) -> usize {
    prefix_len(rest, GAP, is_punctuation)
}

fn prefix_len(rest: &str, limit: usize, of: impl Fn(char) -> bool) -> usize {
    rest.chars().take(limit).take_while(|&c| of(c)).map(char::len_utf8).sum()
}

fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the patterns of this file are constants that compile")
}

/// `ext. 12`, `x12`, `доб. 12`, `anexo 12`, `- 503#` and what else introduces an extension.
static EXTENSION: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        "(?i)^(?:;ext=\\d{1,20}\
        |[ \u{A0}\\t,]*(?:e?xt(?:ensi(?:o\u{301}?|\u{F3}))?n?|\u{FF45}?\u{FF58}\u{FF54}\u{FF4E}?|\u{434}\u{43E}\u{431}|anexo)\
            [:.\u{FF0E}]?[ \u{A0}\\t,-]*\\d{1,20}#?\
        |[ \u{A0}\\t,]*(?:[x\u{FF58}#\u{FF03}~\u{FF5E}]|int|\u{FF49}\u{FF4E}\u{FF54})[:.\u{FF0E}]?[ \u{A0}\\t,-]*\\d{1,9}#?\
        |[- ]+\\d{1,6}#)",
    )
});

/// An opening bracket may be missing at the very start, and a first one may stay open; all others come in pairs.
static BRACKETS_MATCH: LazyLock<Regex> = LazyLock::new(|| {
    let (open, close) = ("(\\[\u{FF08}\u{FF3B}", ")\\]\u{FF09}\u{FF3D}");
    let inside = format!("[^{open}{close}]");
    compile(&format!(
        "^[{open}]?(?:{inside}+[{close}])?{inside}+(?:[{open}]{inside}+[{close}]){{0,3}}{inside}*$"
    ))
});

/// Pages of a publication: `211-227 (2003)`.
static PAGES: LazyLock<Regex> = LazyLock::new(|| compile(r"\d{1,5}-+\d{1,5}\s{0,4}\(\d{1,4}"));

/// `3/10/2011`, `31/10/96`, `08/31/95`.
static SLASHED_DATE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?:[0-3]?\d/[01]?\d|[01]?\d/[0-3]?\d)/(?:[12]\d)?\d{2}"));

/// `2012-01-02 08`, when minutes follow.
static TIMESTAMP: LazyLock<Regex> = LazyLock::new(|| compile(r"[12]\d{3}[-/]?[01]\d[-/]?[0-3]\d +[0-2]\d$"));

/// What may stand between two numbers, the most telling first; the group is what comes after.
static SEPARATORS: LazyLock<[Regex; 6]> = LazyLock::new(|| {
    [
        compile(r"/+(.*)"),
        compile(r"(\([^(]*)"),
        compile(r"(?:\s-|-\s)\s*(.+)"),
        compile("[\u{2012}-\u{2015}\u{FF0D}]\\s*(.+)"),
        compile(r"\.+\s*([^.]+)"),
        compile(r"\s+(\S+)"),
    ]
});

#[cfg(test)]
mod tests {
    use super::find;

    fn found<'a>(text: &'a str, region: &str) -> Vec<&'a str> {
        find(text, region).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn finds_numbers_of_the_region_and_international_ones() {
        let text = "Call (425) 882-9090 or +44 20 7946 0018.";
        assert_eq!(found(text, "US"), ["(425) 882-9090", "+44 20 7946 0018"]);
        assert_eq!(found(text, "nowhere"), ["+44 20 7946 0018"]);
    }

    #[test]
    fn asks_for_the_national_prefix_where_the_plan_does() {
        assert_eq!(found("0917-123-4567", "PH"), ["0917-123-4567"]);
        assert!(found("917-123-4567", "PH").is_empty());
        assert_eq!(found("532 123 45 67", "TR"), ["532 123 45 67"]);
    }

    #[test]
    fn leaves_what_only_looks_like_a_number() {
        for text in [
            "on 10/31/2008 08:00",
            "2012-01-02 08:00",
            "VLDB J. 12(3): 211-227 (2003).",
            "a4258829090",
            "4258829090b",
            "$4258829090",
            "4258829090%",
        ] {
            assert!(found(text, "US").is_empty(), "{text}");
        }
    }

    #[test]
    fn splits_what_was_written_together() {
        assert_eq!(found("425-882-9090/332-445-1234", "US"), ["425-882-9090", "332-445-1234"]);
        assert_eq!(found("(425) 882-9090 x302/x2303", "US"), ["(425) 882-9090 x302"]);
        assert_eq!(found("4258829090 8002341234", "US"), ["4258829090", "8002341234"]);
    }

    #[test]
    fn offsets_are_bytes() {
        assert_eq!(found("“é” ＋１ ４２５ ８８２ ９０９０", "DE"), ["＋１ ４２５ ８８２ ９０９０"]);
    }
}
