//! What stands right before and after a candidate.

use super::candidate::{Candidate, Gap, Symbol, symbol};

/// What stands before a candidate, where a number may begin at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Before {
    /// Nothing, white space, a bracket.
    Blank,
    /// A sign that joins a label or ends something: `=`, `:`, a quotation mark.
    Sign,
    /// A full stop, a dash or a slash that no digit stands before.
    Joint,
    /// Digits and what separates them: the candidate may be their continuation.
    Digits(Gap),
}

impl Before {
    /// What stands before `start`; none if no number begins there, for it is within a word, a price, a path.
    pub(super) fn of(text: &[u8], start: usize) -> Option<Self> {
        let Some((&last, earlier)) = text[..start].split_last() else { return Some(Self::Blank) };
        let plus = matches!(symbol(text, start).0, Symbol::Plus);
        match last {
            b' ' => Some(digits_before(earlier).map_or(Self::Blank, Self::Digits)),
            b'\t' | b'\n' | b'\r' | b'(' | b'[' | b'{' | b';' | b'|' | b'>' => Some(Self::Blank),
            b',' | b':' if earlier.last().is_some_and(u8::is_ascii_digit) => Some(Self::Digits(Gap::None)),
            b',' => Some(Self::Blank),
            b':' | b'=' | b'"' | b'\'' | b'`' | b'<' | b'*' | b'!' | b'?' => Some(Self::Sign),
            b'.' | b'-' | b'/' => match earlier.last() {
                Some(b'0'..=b'9' | b')') => Some(Self::Digits(gap(last))),
                Some(b'.' | b'-' | b'/' | b'_') => None,
                _ => Some(Self::Joint),
            },
            0x80.. => before_wide(text, start),
            // A plus sign begins a number wherever it isn't itself within one.
            b'_' | b'~' | b'&' | b'\\' if plus => Some(Self::Sign),
            _ => None,
        }
    }

    /// Whether a number that only a word beside it makes one can begin here.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Blank | Self::Sign)
    }

    pub(super) fn is_blank(self) -> bool {
        self == Self::Blank
    }

    /// Whether the digits at `start` are in the middle of a row of groups with the same gaps, where no number begins.
    pub(super) fn goes_on_at(self, text: &[u8], start: usize) -> bool {
        let Self::Digits(gap) = self else { return false };
        let digits = text[start..].iter().take_while(|byte| byte.is_ascii_digit()).take(20).count();
        let next = match symbol(text, start + digits).0 {
            Symbol::Space => Gap::Space,
            Symbol::Dash => Gap::Dash,
            Symbol::Dot => Gap::Dot,
            Symbol::Slash => Gap::Slash,
            _ => return false,
        };
        next == gap && matches!(symbol(text, start + digits + 1).0, Symbol::Digit(_))
    }

    /// Whether the first groups of `candidate`, which look like a number, can be one here.
    pub(super) fn allows_strong(self, candidate: &Candidate, groups: usize) -> bool {
        match self {
            Self::Blank | Self::Sign => true,
            Self::Joint => candidate.groups()[0].bracketed || groups > 2,
            Self::Digits(gap) => {
                let own = &candidate.groups()[1..groups];
                gap != Gap::Dot && gap != Gap::Dash && own.iter().all(|group| group.gap != gap)
            }
        }
    }
}

/// The gap between digits that `earlier` ends with and a place one space after it.
fn digits_before(earlier: &[u8]) -> Option<Gap> {
    match earlier {
        [.., b'0'..=b'9' | b')'] => Some(Gap::Space),
        [.., b'0'..=b'9', b' ', b'-'] => Some(Gap::SpacedDash),
        _ => None,
    }
}

fn gap(byte: u8) -> Gap {
    match byte {
        b'.' => Gap::Dot,
        b'/' => Gap::Slash,
        _ => Gap::Dash,
    }
}

/// A character that is not ASCII stands before: numbers follow Chinese without a space, but not Latin.
fn before_wide(text: &[u8], start: usize) -> Option<Before> {
    let first = (start.saturating_sub(4)..start).rev().find(|&at| text[at] & 0xC0 != 0x80)?;
    let (symbol, _) = symbol(text, first);
    match symbol {
        Symbol::Digit(_) | Symbol::Dash => None,
        Symbol::Space | Symbol::Open => Some(Before::Blank),
        _ if joins_words(&text[first..start]) => None,
        _ => Some(Before::Blank),
    }
}

/// What a label right before a bare number says about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Label {
    /// There is none.
    None,
    /// It may be a number of any kind: `SAP 4258829090`, `crc(4258829090)`.
    Some,
    /// It is surely another kind of number: `Account: 10107822`.
    Other,
}

/// Words that name numbers of another kind, in lower case.
const OTHERS: [&[u8]; 24] = [
    b"account", b"acct", b"case", b"claim", b"code", b"docket", b"dea", b"ein", b"id", b"invoice", b"isbn",
    b"issn", b"mrn", b"npi", b"order", b"pid", b"policy", b"record", b"ref", b"serial", b"ssn", b"ticket",
    b"version", b"zip",
];

impl Label {
    /// The label before `start`.
    pub(super) fn before(text: &[u8], start: usize) -> Self {
        let before = text[start.saturating_sub(32)..start].trim_ascii_end();
        let mut words = before.rsplit(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        let word = words.next().unwrap_or_default();
        let is = |word: &[u8], labels: &[&[u8]]| labels.iter().any(|label| word.eq_ignore_ascii_case(label));
        let counts = is(word, &[b"no", b"nr", b"number"]);
        if is(word, &OTHERS) || counts && words.next().is_some_and(|word| is(word, &OTHERS)) {
            return Self::Other;
        }
        let acronym = word.len() > 1 && word.iter().all(u8::is_ascii_uppercase);
        // A cell follows its comma directly; after a space it is a list of numbers as likely.
        let cell = start > 0 && text[start - 1] == b',';
        let joined = before.last().is_some_and(|last| b":#=.,([{<|".contains(last)) && !cell;
        if joined || acronym || counts { Self::Some } else { Self::None }
    }
}

/// Whether more numbers follow what ends at `end`: a column after two spaces, the next of a list after a comma.
pub(super) fn is_in_table(text: &[u8], end: usize) -> bool {
    match text[end..] {
        [b' ', b' ', ..] => true,
        [b',', b' ', next, ..] => next.is_ascii_digit(),
        _ => false,
    }
}

/// What stands after a candidate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum After {
    /// Nothing, white space, punctuation.
    Blank,
    /// A sign with which numbers end too.
    Sign,
    /// What makes it part of something else.
    Joined,
}

impl After {
    pub(super) fn ends_number(self) -> bool {
        self != Self::Joined
    }

    pub(super) fn is_blank(self) -> bool {
        self == Self::Blank
    }
}

/// What stands at `end`.
pub(super) fn follows(text: &[u8], end: usize) -> After {
    let mut rest = text[end..].iter().copied();
    let Some(first) = rest.next() else { return After::Blank };
    let second = rest.next().unwrap_or(b' ');
    let joined = match first {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => true,
        b'_' | b'%' | b'@' | b'$' | b'^' | b'*' | b'+' | b'=' | b'~' => true,
        b':' => second.is_ascii_digit(),
        // `1.234.567,89`, but not the next cell of a table.
        b',' => {
            let digits = |byte: &&u8| byte.is_ascii_digit();
            let before = text[..end].iter().rev().take(4).take_while(digits).count();
            let after = text[end + 1..].iter().take(4).take_while(digits).count();
            before < 4 && (1..4).contains(&after)
        }
        b'.' => second.is_ascii_alphanumeric(),
        b'/' => second.is_ascii_alphabetic(),
        // `07700 063 966-Fax`, but not the letters and digits of a serial number.
        b'-' => {
            second.is_ascii_digit()
                || second.is_ascii_alphabetic() && !rest.next().is_some_and(|b| b.is_ascii_alphabetic())
        }
        0x80.. => {
            let character = &text[end..text.len().min(end + 4)];
            let width = character.iter().skip(1).take_while(|&&byte| byte & 0xC0 == 0x80).count() + 1;
            joins_words(&character[..width])
        }
        _ => false,
    };
    match first {
        _ if joined => After::Joined,
        b' ' | b'\t' | b'\n' | b'\r' | b'.' | b',' | b';' | b')' | b'!' | b'?' | b']' => After::Blank,
        _ => After::Sign,
    }
}

/// Whether a character belongs to a word of a script that separates words by spaces, or to a price.
fn joins_words(character: &[u8]) -> bool {
    let character = std::str::from_utf8(character).ok().and_then(|text| text.chars().next());
    character.is_some_and(|c| {
        matches!(c, '\u{A2}'..='\u{A5}' | '\u{B0}' | '\u{20A0}'..='\u{20CF}' | '\u{300}'..='\u{36F}')
            || c.is_alphanumeric() && (c < '\u{900}' || ('\u{1E00}'..'\u{2000}').contains(&c))
    })
}
