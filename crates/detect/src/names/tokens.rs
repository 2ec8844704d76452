//! Words, numbers, marks and line ends, with what can be said of each by looking at it alone.

use std::ops::Range;

use super::lexicon::Classes;

/// What a token looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Look {
    /// `word`
    Lower,
    /// `Word`
    Title,
    /// `WORD`
    Upper,
    /// `J`, `J.`, `U.S.`
    Initial,
    /// `iPhone`, `McKay`
    Mixed,
    /// Letters without case, such as Hebrew.
    Caseless,
    /// `42`, `3rd`, `file_name`
    Number,
    /// `.`, `!`, `?`
    Stop,
    /// `,` or `;`
    Comma,
    /// `:`
    Colon,
    /// Quotation marks.
    Quote,
    /// An opening bracket.
    Open,
    /// A closing bracket.
    Close,
    /// `-` and its longer kin.
    Dash,
    /// `@`
    At,
    /// `#`
    Hash,
    /// `'s`
    Possessive,
    /// Any other mark.
    Mark,
    /// The end of a line, and what lies beyond the text.
    Line,
}

impl Look {
    /// Whether a token that looks like this is one of letters.
    #[must_use]
    pub fn is_word(self) -> bool {
        self as u8 <= Self::Caseless as u8
    }

    /// Whether it holds a capital.
    #[must_use]
    pub fn is_capital(self) -> bool {
        matches!(self, Self::Title | Self::Upper | Self::Initial | Self::Mixed)
    }
}

/// A token of a text, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// A hash of its letters, case folded, without invisible characters.
    pub word: u64,
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// What the lexicon says of it.
    pub classes: Classes,
    /// What it looks like.
    pub look: Look,
    /// Whether a digit, a hyphen or an apostrophe is in it, how long it is, and whether it begins small.
    pub shape: u8,
    /// Whether a longer name of a place or an organisation begins or goes on here.
    pub(super) longer: u8,
    /// How its line is written.
    pub(super) style: u8,
    /// Whether it is part of a name that was found.
    pub(super) named: bool,
}

impl Token {
    /// What stands before a text's first token and behind its last.
    pub const BEYOND: Self = Self::new(0, 0, 0, Look::Line, 0);

    const fn new(start: usize, end: usize, word: u64, look: Look, shape: u8) -> Self {
        let (start, end) = (start as u32, end as u32);
        Self { word, start, end, classes: 0, look, shape, longer: 0, style: 0, named: false }
    }

    /// Where it lies in the text.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The bit of [`Token::shape`] of a word that begins with a small letter, or a number.
pub(crate) const SMALL_FIRST: u8 = 1 << 6;

/// The hash of a word that is still read: eight bytes at once, the last ones with zeros behind them.
struct Spelling {
    hash: u64,
    bytes: u64,
    count: u32,
}

impl Spelling {
    const NONE: Self = Self { hash: 0xCBF2_9CE4_8422_2325, bytes: 0, count: 0 };

    #[inline(always)]
    fn add(&mut self, byte: u8) {
        self.bytes |= u64::from(byte) << (8 * self.count);
        self.count += 1;
        if self.count == 8 {
            *self = Self { hash: mixed(self.hash, self.bytes), ..Self::NONE };
        }
    }

    fn add_folded(&mut self, character: char) {
        for character in character.to_lowercase() {
            character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| self.add(byte));
        }
    }

    #[inline(always)]
    fn hash(&self) -> u64 {
        if self.count > 0 { mixed(self.hash, self.bytes) } else { self.hash }
    }
}

#[inline(always)]
fn mixed(hash: u64, bytes: u64) -> u64 {
    let mixed = (hash ^ bytes).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ mixed >> 32
}

/// The hash of a word as [`Token::word`] has it.
#[must_use]
pub fn word(text: &str) -> u64 {
    let mut spelling = Spelling::NONE;
    text.chars().filter(|c| !is_invisible(*c)).for_each(|c| spelling.add_folded(c));
    spelling.hash()
}

/// The longest word; what goes on longer is no word of a language.
const LONGEST: usize = 64;

/// Fills `tokens` with those of `text`.
pub fn tokens(text: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    append(text, tokens);
}

/// Appends the tokens of `text`.
pub(super) fn append(text: &[u8], tokens: &mut Vec<Token>) {
    let mut at = 0;
    while at < text.len() {
        if text[at] == b' ' {
            at += 1;
            continue;
        }
        if text[at].is_ascii_alphabetic()
            && let Some(token) = plain_word(text, at)
        {
            at = token.end as usize;
            tokens.push(token);
            continue;
        }
        let (character, width) = decode(text, at);
        at = match character {
            '\n' => {
                tokens.push(mark(at, 1, '\n', Look::Line));
                at + 1
            }
            c if c.is_ascii_whitespace() => at + 1,
            // A space in a link, or another mark.
            '%' if text.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit)) => {
                at + 3
            }
            c if is_inside(c) => read(text, at, tokens),
            '\'' | '’' if possessive(text, at + width) => {
                tokens.push(mark(at, width + 1, 's', Look::Possessive));
                at + width + 1
            }
            c if c.is_whitespace() || c == char::REPLACEMENT_CHARACTER => at + width,
            c => {
                tokens.push(mark(at, width, c, look(c)));
                at + width
            }
        };
    }
}

fn mark(at: usize, width: usize, mark: char, look: Look) -> Token {
    Token::new(at, at + width, mixed(look as u64, mark.into()), look, 0)
}

/// The word at `at` if it is one of up to 15 ASCII letters and nothing that could go on with it follows: most are.
#[inline(always)]
fn plain_word(text: &[u8], at: usize) -> Option<Token> {
    const SMALL: u64 = 0x20 * (u64::MAX / 0xFF);
    let eight = |at: usize| Some(u64::from_le_bytes(*text.get(at..)?.first_chunk()?));
    let bytes = eight(at)?;
    let (letters, capitals) = letters(bytes);
    let mut length = (!letters & HIGH_BITS).trailing_zeros() as usize / 8;
    let mut folded = bytes | SMALL;
    let first_is_capital = capitals & 0x80 != 0;
    let (word, capitals) = match length {
        0 => return None,
        8 => {
            let bytes = eight(at + 8)?;
            let (letters, more) = self::letters(bytes);
            let rest = (!letters & HIGH_BITS).trailing_zeros() as usize / 8;
            if rest == 8 {
                return None;
            }
            length += rest;
            let own = (1 << (8 * rest)) - 1;
            let word = mixed(Spelling::NONE.hash, folded);
            let word = if rest > 0 { mixed(word, (bytes | SMALL) & own) } else { word };
            (word, capitals.count_ones() + (more & own).count_ones())
        }
        _ => {
            let own = (1 << (8 * length)) - 1;
            folded &= own;
            (mixed(Spelling::NONE.hash, folded), (capitals & own).count_ones())
        }
    };
    let next = text[at + length];
    if GOES_ON[usize::from(next)] || next == b'.' && length == 1 && first_is_capital {
        return None;
    }
    let look = match capitals as usize {
        0 => Look::Lower,
        1 if length == 1 => Look::Initial,
        1 if first_is_capital => Look::Title,
        all if all == length => Look::Upper,
        _ => Look::Mixed,
    };
    let small = if first_is_capital { 0 } else { SMALL_FIRST };
    Some(Token::new(at, at + length, word, look, (length.min(7) as u8) << 3 | small))
}

/// Bytes that a word may go on with, other than letters.
static GOES_ON: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'-' | b'\'' | b'_' | b'0'..=b'9' | 0x80..);
        byte += 1;
    }
    table
};

/// The highest bit of each byte.
const HIGH_BITS: u64 = 0x80 * (u64::MAX / 0xFF);

/// For eight bytes the highest bits of those that are ASCII letters, and of those that are capitals.
#[inline(always)]
fn letters(bytes: u64) -> (u64, u64) {
    const ONES: u64 = u64::MAX / 0xFF;
    let small = (bytes | (0x20 * ONES)) & (0x7F * ONES);
    let from_a = small + (0x80 - u64::from(b'a')) * ONES;
    let behind_z = small + (0x80 - u64::from(b'z') - 1) * ONES;
    let letters = from_a & !behind_z & !bytes & HIGH_BITS;
    (letters, letters & !(bytes << 2))
}

fn look(mark: char) -> Look {
    match mark {
        '.' | '!' | '?' | '…' => Look::Stop,
        ',' | ';' => Look::Comma,
        ':' => Look::Colon,
        '"' | '“' | '”' | '„' | '«' | '»' | '\'' | '‘' | '’' => Look::Quote,
        '(' | '[' | '{' | '<' => Look::Open,
        ')' | ']' | '}' | '>' => Look::Close,
        '-' | '–' | '—' => Look::Dash,
        '@' => Look::At,
        '#' => Look::Hash,
        _ => Look::Mark,
    }
}

/// The character at `at`; of what is not UTF-8, one byte that stands for none.
#[inline(always)]
fn decode(text: &[u8], at: usize) -> (char, usize) {
    let first = text[at];
    if first < 0x80 {
        return (first as char, 1);
    }
    decode_wide(&text[at..text.len().min(at + 4)])
}

fn decode_wide(bytes: &[u8]) -> (char, usize) {
    let chunk = bytes.utf8_chunks().next();
    let character = chunk.and_then(|chunk| chunk.valid().chars().next());
    character.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
}

/// Characters that show nothing and only break words for those who search: zero-width ones, the soft hyphen, and those
/// that turn the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}')
}

#[inline(always)]
fn is_inside(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric() || c == '_'
    } else {
        c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36F}') || is_invisible(c)
    }
}

/// Whether an apostrophe is followed by an `s` that ends the word, `at` being where the `s` would be.
fn possessive(text: &[u8], at: usize) -> bool {
    matches!(text.get(at), Some(b's' | b'S')) && (at + 1 == text.len() || !is_inside(decode(text, at + 1).0))
}

/// Reads the word or number at `start` and returns where it ends.
fn read(text: &[u8], start: usize, tokens: &mut Vec<Token>) -> usize {
    let mut at = start;
    let mut word = Spelling::NONE;
    let (mut capitals, mut smalls, mut letters, mut count) = (0, 0, 0, 0);
    let (mut digit, mut joint, mut coded) = (false, 0, false);
    let mut first_is_capital = false;
    while at < text.len() && at - start < LONGEST {
        let (c, width) = decode(text, at);
        if c.is_ascii_lowercase() {
            word.add(c as u8);
            (smalls, letters) = (smalls + 1, letters + 1);
        } else if c.is_ascii_uppercase() {
            first_is_capital |= letters == 0;
            word.add(c as u8 | 0x20);
            (capitals, letters) = (capitals + 1, letters + 1);
        } else if c.is_ascii_digit() || c == '_' {
            word.add(c as u8);
            (digit, coded) = (true, coded || c == '_');
        } else if is_inside(c) {
            if !is_invisible(c) {
                word.add_folded(c);
                first_is_capital |= letters == 0 && c.is_uppercase();
                capitals += u32::from(c.is_uppercase());
                smalls += u32::from(c.is_lowercase());
                letters += u32::from(c.is_alphabetic());
            }
        } else if matches!(c, '-' | '\'' | '’')
            && at + width < text.len()
            && is_inside(decode(text, at + width).0)
            && !(c != '-' && possessive(text, at + width))
        {
            word.add(if c == '-' { b'-' } else { b'\'' });
            joint |= if c == '-' { 1 } else { 2 };
        } else if c == '.' && capitals == letters && letters == count_initials(&text[start..at]) {
            word.add(b'.');
        } else {
            break;
        }
        at += width;
        count += 1;
    }
    let look = if letters == 0 {
        Look::Number
    } else if capitals == 0 {
        if smalls > 0 { Look::Lower } else { Look::Caseless }
    } else if capitals == letters {
        if letters == 1 || text[at - 1] == b'.' { Look::Initial } else { Look::Upper }
    } else if first_is_capital && (capitals == 1 || joint != 0) {
        Look::Title
    } else {
        Look::Mixed
    };
    let look = if coded || digit && look == Look::Lower { Look::Number } else { look };
    let small = if first_is_capital { 0 } else { SMALL_FIRST };
    let shape = u8::from(digit) | joint << 1 | (count.min(7) as u8) << 3 | small;
    tokens.push(Token::new(start, at, word.hash(), look, shape));
    at
}

/// How many letters these bytes have if each but the last is followed by a full stop; else a number they can't have.
fn count_initials(bytes: &[u8]) -> u32 {
    let initials =
        bytes.chunks(2).all(|pair| pair[0].is_ascii_uppercase() && pair.get(1).is_none_or(|b| *b == b'.'));
    if initials && bytes.len() % 2 == 1 { bytes.len().div_ceil(2) as u32 } else { u32::MAX }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(&str, Look)> {
        let mut found = Vec::new();
        tokens(text.as_bytes(), &mut found);
        found.iter().map(|token| (&text[token.place()], token.look)).collect()
    }

    #[test]
    fn words_are_parted_as_they_are_read() {
        use Look::{Caseless, Initial, Line, Lower, Mark, Mixed, Number, Possessive, Stop, Title, Upper};
        assert_eq!(
            read("Mara's U.S. tour."),
            [("Mara", Title), ("'s", Possessive), ("U.S.", Initial), ("tour", Lower), (".", Stop),]
        );
        assert_eq!(
            read("O'Brien Jean-Luc\nLIND"),
            [("O'Brien", Title), ("Jean-Luc", Title), ("\n", Line), ("LIND", Upper)]
        );
        assert_eq!(read("J. McKay iPhone"), [("J.", Initial), ("McKay", Mixed), ("iPhone", Mixed)]);
        assert_eq!(
            read("user_name 3rd & דניאל"),
            [("user_name", Number), ("3rd", Number), ("&", Mark), ("דניאל", Caseless)]
        );
        assert_eq!(
            read("/u/Mara%20Lind"),
            [("/", Mark), ("u", Lower), ("/", Mark), ("Mara", Title), ("Lind", Title)]
        );
    }

    #[test]
    fn what_is_invisible_breaks_no_word() {
        let mut found = Vec::new();
        tokens("Ma\u{200B}ra \u{202E}Mara\u{202C}".as_bytes(), &mut found);
        assert_eq!(found.iter().map(|token| token.word).collect::<Vec<_>>(), [word("mara"); 2]);
        assert_eq!(found.iter().map(|token| token.look).collect::<Vec<_>>(), [Look::Title; 2]);
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_apart(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut found = Vec::new();
            tokens(&bytes, &mut found);
            let mut end = 0;
            for token in found {
                prop_assert!(end <= token.start && token.start < token.end && token.end as usize <= bytes.len());
                end = token.end;
            }
        }

        #[test]
        fn a_plain_word_is_read_as_any_other(text in "[a-zA-Z]{1,17}[-'._1 ,é]?[a-zA-Z ]{0,2}") {
            // Where something follows, the word may be read eight bytes at once.
            let followed = format!("{text}               .");
            let mut found = Vec::new();
            tokens(followed.as_bytes(), &mut found);
            for token in found.iter().filter(|token| token.look.is_word() || token.look == Look::Number) {
                let mut other = Vec::new();
                super::read(followed.as_bytes(), token.start as usize, &mut other);
                let all = |token: &Token| (token.place(), token.word, token.look, token.shape);
                prop_assert_eq!(all(token), all(&other[0]));
            }
        }

        #[test]
        fn a_word_is_the_same_however_it_is_written(text in "[a-zäé]{1,20}") {
            prop_assert_eq!(word(&text), word(&text.to_uppercase().to_lowercase()));
            let mut found = Vec::new();
            tokens(text.as_bytes(), &mut found);
            prop_assert_eq!(found[0].word, word(&text));
        }
    }
}
