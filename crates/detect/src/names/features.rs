//! What the tagger looks at: which tokens may belong to a name at all, and what is said of each of these.

use std::{ops::Range, sync::LazyLock};

use super::{
    lexicon::{self, Classes, Lexicon},
    tokens::{self, Look, Token},
};

/// Rows of the table of weights: a feature is a row. Those of few values, which almost every token has, have the first rows
/// to themselves, so that no rare one is taken for them.
pub const ROWS: usize = FEW + (1 << 17);
const FEW: usize = 1 << 13;

/// The tokens of a text and what is known of them.
#[derive(Default)]
pub struct Sight {
    /// With some on both sides that stand for what lies beyond.
    known: Vec<Token>,
}

/// The longest name of a place or organisation that the lexicon knows, in words.
const LONGEST: usize = 4;
/// Tokens on each side that are looked at.
const REACH: usize = 3;

impl Sight {
    /// Looks at a text.
    pub fn look(&mut self, text: &[u8], lexicon: &Lexicon<'_>) {
        self.known.clear();
        self.known.extend([Token::BEYOND; REACH]);
        tokens::append(text, &mut self.known);
        self.known.extend([Token::BEYOND; REACH]);
        for token in &mut self.known {
            token.classes = lexicon.of(token);
        }
        self.find_longer(lexicon);
        self.find_styles();
    }

    /// The text's tokens.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.known[REACH..self.known.len() - REACH]
    }

    /// Marks tokens as part of a name that was found.
    pub(crate) fn name(&mut self, tokens: Range<usize>) {
        for token in &mut self.known[REACH..][tokens] {
            token.named = true;
        }
    }

    fn find_longer(&mut self, lexicon: &Lexicon<'_>) {
        const PARTS: Classes = lexicon::PLACE_PART | lexicon::ORGANIZATION_PART;
        for at in REACH..self.known.len() - REACH {
            if self.known[at].classes & PARTS == 0 || self.known[at].longer != 0 {
                continue;
            }
            let mut hash = self.known[at].word;
            for length in 2..=LONGEST {
                // Every word of a longer name is known as a part of one.
                let Some(next) = self.known.get(at + length - 1).filter(|next| next.classes & PARTS != 0)
                else {
                    break;
                };
                hash = lexicon::pair(hash, next.word);
                let found = lexicon.classes(hash);
                let what = u8::from(found & (lexicon::CITY | lexicon::REGION) != 0)
                    | u8::from(found & lexicon::ORGANIZATION != 0) << 1;
                if what != 0 {
                    for (number, known) in self.known[at..at + length].iter_mut().enumerate() {
                        known.longer = what << 1 | u8::from(number > 0);
                    }
                }
            }
        }
    }

    /// A line may be written in capitals, as a title, or without any capital.
    fn find_styles(&mut self) {
        for line in self.known.split_inclusive_mut(|token| token.look == Look::Line) {
            let (mut words, mut upper, mut title) = (0, 0, 0);
            for token in &*line {
                words += usize::from(token.look.is_word());
                upper += usize::from(token.look == Look::Upper);
                title += usize::from(token.look == Look::Title);
            }
            let style = match () {
                () if upper * 2 > words => 1,
                () if words > 3 && title * 10 > words * 6 => 2,
                () if upper + title == 0 => 3,
                () if words < 4 => 4,
                () => 5,
            };
            line.iter_mut().for_each(|token| token.style = style);
        }
    }

    /// Runs of tokens that names are looked for in, as ranges of tokens.
    pub fn runs(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        let begins = |at: usize| self.known[at].begins() && !self.is_code(text, at);
        found.clear();
        let mut at = REACH;
        let end = self.known.len() - REACH;
        while at < end {
            if !begins(at) {
                at += 1;
                continue;
            }
            let start = at;
            // A name goes on over a few joints, or ends with one: `Inc.`
            let mut last = at;
            at += 1;
            while at < end && at - start < RUN {
                if begins(at) {
                    last = at;
                } else if !self.known[at].joins() || at - last > JOINTS {
                    break;
                }
                at += 1;
            }
            let ends = at.min(last + 2);
            found.push(start - REACH..ends - REACH);
            at = ends;
        }
    }

    /// Whether a word is part of a path, an address or a program, by what stands right beside it, or a label.
    fn is_code(&self, text: &[u8], at: usize) -> bool {
        let [token, next] = [self.known[at], self.known[at + 1]];
        let (start, end) = (token.start as usize, token.end as usize);
        let before = start.checked_sub(1).map_or(b' ', |at| text[at]);
        let after = [end, end + 1].map(|at| text.get(at).copied().unwrap_or(b' '));
        matches!(before, b'/' | b'\\' | b'$' | b'@' | b'#' | b'&' | b'%' | b'~')
            || before == b'.'
                && start > 1
                && text[start - 2].is_ascii_alphanumeric()
                && token.look != Look::Initial
            || matches!(after[0], b'(' | b'[' | b'=' | b'\\' | b'/' | b'@' | b'$')
            || matches!(after[0], b'.' | b':') && (after[1].is_ascii_alphanumeric() || after[1] == after[0])
            // A variable that is given its value; a label.
            || next.look == Look::Mark && text[next.start as usize] == b'='
            || token.look == Look::Lower && next.look == Look::Colon
    }

    /// Calls `found` with the nationalities, religions and political groups, by place in bytes, and how sure each is.
    pub(crate) fn groups(&self, text: &[u8], mut found: impl FnMut(Range<usize>, f32)) {
        const OTHER: Classes = lexicon::REGION | lexicon::CITY;
        for at in REACH..self.known.len() - REACH {
            let [before, own] = [self.known[at - 1], self.known[at]];
            if own.classes & (lexicon::GROUP | OTHER) != lexicon::GROUP
                || LANGUAGE.contains(&before.word)
                || self.is_code(text, at)
            {
                continue;
            }
            let score = match own.look {
                Look::Title => 0.8,
                Look::Lower if own.classes & lexicon::COMMON == 0 => 0.6,
                _ => continue,
            };
            found(own.start as usize..own.end as usize, score);
        }
    }

    /// Whether the token at `at`, unless it was found itself, may be a part of a name that was found elsewhere: no word
    /// that is common otherwise.
    pub(crate) fn may_name(&self, text: &[u8], at: usize) -> bool {
        let known = &self.known[at + REACH];
        known.look == Look::Title
            && !known.named
            && known.classes & lexicon::COMMON == 0
            && !self.is_code(text, at + REACH)
    }

    /// Whether a title stands right before the token at `at`: `Mr. Smith`.
    pub(crate) fn behind_title(&self, at: usize) -> bool {
        let [earlier, before] = [self.known[at + REACH - 2], self.known[at + REACH - 1]];
        let title = if before.look == Look::Stop { earlier } else { before };
        title.look == Look::Title && TITLES.contains(&title.word)
    }

    /// Calls `add` with the rows of the token at `at`.
    #[inline(always)]
    pub fn rows(&self, text: &[u8], at: usize, add: impl FnMut(usize)) {
        let around = self.known[at..].first_chunk().expect("there are tokens beyond the last");
        Rows(add).fill(text, around);
    }
}

/// Words right before the name of a language: `in English`, `speaks French`.
static LANGUAGE: LazyLock<[u64; 8]> = LazyLock::new(|| {
    ["in", "into", "speaks", "speak", "spoke", "fluent", "spricht", "parle"].map(tokens::word)
});

/// Titles that nothing but a name follows.
static TITLES: LazyLock<[u64; 20]> = LazyLock::new(|| {
    [
        "mr", "mrs", "ms", "mx", "dr", "prof", "herr", "herrn", "frau", "monsieur", "madame", "mme", "señor",
        "señora", "sra", "signor", "signora", "mevrouw", "dhr", "mevr",
    ]
    .map(tokens::word)
});

/// The longest run; a longer one is cut.
const RUN: usize = 96;
/// The most tokens that join two parts of a name.
const JOINTS: usize = 2;

impl Token {
    /// Whether a name may begin with it.
    fn begins(&self) -> bool {
        match self.look {
            Look::Mixed => self.shape & tokens::SMALL_FIRST == 0 || self.classes & lexicon::NAME != 0,
            look if look.is_capital() => true,
            // An ideograph alone is a word more often than a name.
            Look::Caseless if self.shape >> 3 & 7 < 2 => false,
            Look::Lower | Look::Caseless => {
                self.longer & 1 == 0 && self.longer != 0
                    || self.classes & lexicon::NAME != 0 && self.classes & lexicon::COMMON == 0
            }
            _ => false,
        }
    }

    /// Whether it may stand between the parts of a name.
    fn joins(&self) -> bool {
        match self.look {
            Look::Lower => self.classes & lexicon::PARTICLE != 0 || self.longer != 0,
            Look::Dash | Look::Mark | Look::Possessive | Look::Stop | Look::Comma | Look::Number => true,
            _ => false,
        }
    }

    /// What it is like, as a number.
    fn kind(&self) -> u64 {
        u64::from(self.classes) | u64::from(self.longer) << 16 | (self.look as u64) << 24
    }
}

#[inline(always)]
fn mixed(feature: u64, value: u64) -> u64 {
    (value ^ feature.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// What takes rows, one after the other.
struct Rows<F>(F);

impl<F: FnMut(usize)> Rows<F> {
    /// A feature and its value, of which every bit counts.
    #[inline(always)]
    fn add(&mut self, feature: u64, value: u64) {
        (self.0)(FEW + (mixed(feature, value) >> (64 - (ROWS - FEW).ilog2())) as usize);
    }

    /// A feature that has few values.
    #[inline(always)]
    fn few(&mut self, feature: u64, value: u64) {
        (self.0)((mixed(feature, value) >> (64 - FEW.ilog2())) as usize);
    }

    #[inline(always)]
    fn fill(&mut self, text: &[u8], around: &[Token; 2 * REACH + 1]) {
        let [_, _, before, own, after, _, _] = around;
        let word = |at: usize| around[at].word;
        let words = |first: usize, second: usize| word(first).rotate_left(17) ^ word(second);
        let look = |at: usize| around[at].look as u64;
        let kind = |at: usize| around[at].kind();
        let shape = u64::from(own.shape) | look(3) << 8;
        let starts = matches!(before.look, Look::Line | Look::Stop | Look::Colon | Look::Quote);
        let starts = u64::from(starts) << 16;
        let seen = u64::from(own.classes & 0xFF) | look(3) << 8;
        let style = u64::from(own.style);
        // Itself.
        self.add(1, word(3));
        self.add(2, word(3) ^ look(3) << 56);
        self.few(3, shape | starts);
        self.few(4, kind(3));
        self.add(5, kind(3) | style << 32);
        self.few(6, look(3) | starts | style << 32);
        // Its neighbours' words.
        self.add(7, word(2));
        self.add(8, word(4));
        self.add(9, word(1));
        self.add(10, word(5));
        self.add(11, word(0));
        self.add(12, word(6));
        self.add(13, words(2, 3));
        self.add(14, words(3, 4));
        self.add(15, words(1, 2));
        self.add(16, words(4, 5));
        self.add(17, words(2, 4) ^ look(3) << 56);
        self.add(18, word(2) ^ seen << 48);
        self.add(19, word(4) ^ seen << 48);
        // Looks.
        self.add(20, look(1) | look(2) << 8 | look(3) << 16 | look(4) << 24 | look(5) << 32);
        self.add(21, look(2) << 32 | look(4) << 40 | shape);
        self.add(22, u64::from(before.shape) << 32 | look(2) << 40 | shape);
        self.add(23, u64::from(after.shape) << 32 | look(4) << 40 | shape);
        // What the lexicon knows.
        self.add(24, kind(2) | kind(3) << 32);
        self.add(25, kind(3) | kind(4) << 32);
        self.add(26, (kind(2) | kind(3) << 32) ^ kind(4).wrapping_mul(0x94D0_49BB_1331_11EB));
        self.add(27, (kind(1) | kind(2) << 32) ^ kind(3).wrapping_mul(0x94D0_49BB_1331_11EB));
        for (feature, at) in [(30, 2), (50, 3), (70, 4)] {
            let mut classes = around[at].classes;
            while classes != 0 {
                self.few(feature + u64::from(classes.trailing_zeros()), look(3));
                classes &= classes - 1;
            }
        }
        self.affixes(&text[own.place()], look(3));
    }

    /// How the word begins and ends.
    #[inline(always)]
    fn affixes(&mut self, word: &[u8], look: u64) {
        const SMALL: u32 = 0x2020_2020;
        let (first, last) = match (word.first_chunk(), word.last_chunk()) {
            (Some(first), Some(last)) => (u32::from_le_bytes(*first), u32::from_be_bytes(*last)),
            _ => {
                let short = |bytes: &mut dyn Iterator<Item = &u8>| {
                    bytes.zip(0..).fold(0, |all, (byte, place)| all | u32::from(*byte) << (8 * place))
                };
                (short(&mut word.iter()), short(&mut word.iter().rev()))
            }
        };
        let [first, last] = [first | SMALL, last | SMALL].map(u64::from);
        let three = 0xFF_FFFF;
        if word.len() > 2 {
            self.add(92, first & three);
            self.add(96, last & three | look << 32);
        }
        if word.len() > 3 {
            self.add(93, first);
            self.add(97, last);
        }
        if word.len() > 1 {
            self.add(95, last & 0xFFFF);
        }
    }
}
