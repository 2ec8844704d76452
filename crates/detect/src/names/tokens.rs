//! Words, numbers, marks and line ends, with what can be said of each by looking at it alone.

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

/// A token of a text.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its first byte.
    pub start: u32,
    /// The byte behind its last.
    pub end: u32,
    /// A hash of its letters, case folded, without invisible characters.
    pub word: u64,
    /// What it looks like.
    pub look: Look,
    /// Whether a digit, a hyphen or an apostrophe is in it, how long it is, and whether it begins small.
    pub shape: u8,
}

impl Token {
    /// What stands before a text's first token and behind its last.
    pub const BEYOND: Self = Self { start: 0, end: 0, word: 0, look: Look::Line, shape: 0 };
}

/// The bit of [`Token::shape`] of a word that begins with a small letter, or a number.
pub(crate) const SMALL_FIRST: u8 = 1 << 6;

/// Starts the hash of a word.
pub(crate) const SEED: u64 = 0xCBF2_9CE4_8422_2325;

/// The hash of a word that goes on with `character`.
#[inline(always)]
pub(crate) fn hashed(hash: u64, character: u32) -> u64 {
    (hash ^ u64::from(character)).wrapping_mul(0x0000_0100_0000_01B3)
}

/// The hash of a word as [`Token::word`] has it.
#[must_use]
pub fn word(text: &str) -> u64 {
    let characters = text.chars().filter(|c| !is_invisible(*c));
    characters.flat_map(char::to_lowercase).fold(SEED, |hash, c| hashed(hash, c as u32))
}

/// The longest word; what goes on longer is no word of a language.
const LONGEST: usize = 64;

/// Fills `tokens` with those of `text`.
pub fn tokens(text: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    let mut at = 0;
    while at < text.len() {
        let (character, width) = decode(text, at);
        at = match character {
            '\n' => {
                tokens.push(mark(at, 1, Look::Line));
                at + 1
            }
            c if c.is_ascii_whitespace() => at + 1,
            // A space in a link, or another mark.
            '%' if text.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit)) => {
                at + 3
            }
            c if is_inside(c) => read(text, at, tokens),
            '\'' | '’' if possessive(text, at + width) => {
                tokens.push(mark(at, width + 1, Look::Possessive));
                at + width + 1
            }
            c if c.is_whitespace() || c == char::REPLACEMENT_CHARACTER => at + width,
            c => {
                tokens.push(Token { word: hashed(SEED, c as u32), ..mark(at, width, look(c)) });
                at + width
            }
        };
    }
}

fn mark(at: usize, width: usize, look: Look) -> Token {
    Token { start: at as u32, end: (at + width) as u32, word: hashed(SEED, look as u32), look, shape: 0 }
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
    let mut word = SEED;
    let (mut capitals, mut smalls, mut letters, mut count) = (0, 0, 0, 0);
    let (mut digit, mut joint, mut coded) = (false, 0, false);
    let mut first_is_capital = false;
    while at < text.len() && at - start < LONGEST {
        let (c, width) = decode(text, at);
        if c.is_ascii_lowercase() {
            (word, smalls, letters) = (hashed(word, c as u32), smalls + 1, letters + 1);
        } else if c.is_ascii_uppercase() {
            first_is_capital |= letters == 0;
            (word, capitals, letters) = (hashed(word, c as u32 | 0x20), capitals + 1, letters + 1);
        } else if c.is_ascii_digit() || c == '_' {
            (word, digit, coded) = (hashed(word, c as u32), true, coded || c == '_');
        } else if is_inside(c) {
            if !is_invisible(c) {
                word = c.to_lowercase().fold(word, |word, c| hashed(word, c as u32));
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
            word = hashed(word, u32::from(if c == '-' { b'-' } else { b'\'' }));
            joint |= if c == '-' { 1 } else { 2 };
        } else if c == '.' && capitals == letters && letters == count_initials(&text[start..at]) {
            word = hashed(word, u32::from(b'.'));
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
    tokens.push(Token { start: start as u32, end: at as u32, word, look, shape });
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
        found.iter().map(|token| (&text[token.start as usize..token.end as usize], token.look)).collect()
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
        fn a_word_is_the_same_however_it_is_written(text in "[a-zäé]{1,20}") {
            prop_assert_eq!(word(&text), word(&text.to_uppercase().to_lowercase()));
            let mut found = Vec::new();
            tokens(text.as_bytes(), &mut found);
            prop_assert_eq!(found[0].word, word(&text));
        }
    }
}
