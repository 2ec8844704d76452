//! What the tagger looks at: which tokens may belong to a name at all, and what is said of each of these.

use std::{ops::Range, sync::LazyLock};

use super::{
    lexicon::{self, Classes, Lexicon},
    tokens::{self, Look, SEED, Token, hashed},
};

/// Rows of the table of weights: a feature is a row.
pub const ROWS: usize = 1 << 17;

/// A token together with what the lexicon and its surroundings say of it.
#[derive(Clone, Copy)]
struct Known {
    token: Token,
    classes: Classes,
    /// Whether a longer name of a place or an organisation begins or goes on here.
    longer: u8,
}

const BEYOND: Known = Known { token: Token::BEYOND, classes: 0, longer: 0 };

/// The tokens of a text and what is known of them.
#[derive(Default)]
pub struct Sight {
    known: Vec<Known>,
    /// How each token's line is written.
    styles: Vec<u8>,
}

/// The longest name of a place or organisation that the lexicon knows, in words.
const LONGEST: usize = 4;
/// Tokens on each side that are looked at.
const REACH: usize = 3;

impl Sight {
    /// Looks at the tokens of a text.
    pub fn look(&mut self, tokens: &[Token], lexicon: &Lexicon<'_>) {
        self.known.clear();
        self.known.extend([BEYOND; REACH]);
        self.known.extend(tokens.iter().map(|token| Known {
            token: *token,
            classes: lexicon.of(token),
            longer: 0,
        }));
        self.known.extend([BEYOND; REACH]);
        self.find_longer(lexicon);
        self.find_styles();
    }

    fn find_longer(&mut self, lexicon: &Lexicon<'_>) {
        const PARTS: Classes = lexicon::PLACE_PART | lexicon::ORGANIZATION_PART;
        for at in REACH..self.known.len() - REACH {
            if self.known[at].classes & PARTS == 0 || self.known[at].longer != 0 {
                continue;
            }
            let mut hash = self.known[at].token.word;
            for length in 2..=LONGEST {
                let Some(next) = self.known.get(at + length - 1).filter(|next| next.token.look.is_word())
                else {
                    break;
                };
                hash = lexicon::pair(hash, next.token.word);
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
        self.styles.clear();
        self.styles.resize(self.known.len(), 0);
        let mut start = 0;
        while start < self.known.len() {
            let line = &self.known[start..];
            let length = line.iter().position(|k| k.token.look == Look::Line).unwrap_or(line.len()) + 1;
            let line = &line[..length.min(line.len())];
            let count = |look: &dyn Fn(Look) -> bool| line.iter().filter(|k| look(k.token.look)).count();
            let words = count(&Look::is_word);
            let (upper, title) = (count(&|l| l == Look::Upper), count(&|l| l == Look::Title));
            let style = match () {
                () if upper * 2 > words => 1,
                () if words > 3 && title * 10 > words * 6 => 2,
                () if upper + title == 0 => 3,
                () if words < 4 => 4,
                () => 5,
            };
            self.styles[start..start + line.len()].fill(style);
            start += line.len();
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
        let [token, next] = [self.known[at].token, self.known[at + 1].token];
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
                || LANGUAGE.contains(&before.token.word)
                || self.is_code(text, at)
            {
                continue;
            }
            let score = match own.token.look {
                Look::Title => 0.8,
                Look::Lower if own.classes & lexicon::COMMON == 0 => 0.6,
                _ => continue,
            };
            found(own.token.start as usize..own.token.end as usize, score);
        }
    }

    /// Whether the token at `at` may be a part of a name that was found elsewhere: no word that is common otherwise.
    pub(crate) fn may_name(&self, text: &[u8], at: usize) -> bool {
        let known = &self.known[at + REACH];
        known.token.look == Look::Title
            && known.classes & lexicon::COMMON == 0
            && !self.is_code(text, at + REACH)
    }

    /// Whether a title stands right before the token at `at`: `Mr. Smith`.
    pub(crate) fn behind_title(&self, at: usize) -> bool {
        let [earlier, before] = [self.known[at + REACH - 2].token, self.known[at + REACH - 1].token];
        let title = if before.look == Look::Stop { earlier } else { before };
        title.look == Look::Title && TITLES.contains(&title.word)
    }

    /// The rows of the token at `at`.
    #[inline]
    pub fn rows(&self, text: &[u8], at: usize, rows: &mut Rows) {
        let around: &[Known; 2 * REACH + 1] =
            self.known[at..].first_chunk().expect("there are tokens beyond the last");
        rows.fill(text, around, self.styles[at + REACH]);
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

impl Known {
    /// Whether a name may begin with it.
    fn begins(&self) -> bool {
        match self.token.look {
            Look::Mixed => self.token.shape & tokens::SMALL_FIRST == 0 || self.classes & lexicon::NAME != 0,
            look if look.is_capital() => true,
            // An ideograph alone is a word more often than a name.
            Look::Caseless if self.token.shape >> 3 & 7 < 2 => false,
            Look::Lower | Look::Caseless => {
                self.longer & 1 == 0 && self.longer != 0
                    || self.classes & lexicon::NAME != 0 && self.classes & lexicon::COMMON == 0
            }
            _ => false,
        }
    }

    /// Whether it may stand between the parts of a name.
    fn joins(&self) -> bool {
        match self.token.look {
            Look::Lower => self.classes & lexicon::PARTICLE != 0 || self.longer != 0,
            Look::Dash | Look::Mark | Look::Possessive | Look::Stop | Look::Comma | Look::Number => true,
            _ => false,
        }
    }

    /// What it is like, as a number.
    fn kind(&self) -> u64 {
        u64::from(self.classes) | u64::from(self.longer) << 16 | (self.token.look as u64) << 24
    }
}

/// The rows of one token.
pub struct Rows {
    rows: [u32; Self::MOST],
    count: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self { rows: [0; Self::MOST], count: 0 }
    }
}

impl Rows {
    const MOST: usize = 64;

    /// Those that were filled in.
    #[must_use]
    pub fn get(&self) -> &[u32] {
        &self.rows[..self.count]
    }

    #[inline(always)]
    fn add(&mut self, feature: u64, values: [u64; 2]) {
        let mixed =
            (values[0] ^ feature.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 29 ^ values[1].rotate_left(17)).wrapping_mul(0x94D0_49BB_1331_11EB);
        self.rows[self.count] = (mixed >> (64 - ROWS.ilog2())) as u32;
        self.count += 1;
    }

    fn fill(&mut self, text: &[u8], around: &[Known; 2 * REACH + 1], style: u8) {
        self.count = 0;
        let [_, _, before, own, after, _, _] = around;
        let word = |at: usize| around[at].token.word;
        let look = |at: usize| around[at].token.look as u64;
        let kind = |at: usize| around[at].kind();
        let shape = u64::from(own.token.shape) | look(3) << 8;
        let starts = matches!(before.token.look, Look::Line | Look::Stop | Look::Colon | Look::Quote);
        let seen = |at: usize| u64::from(around[at].classes & 0xFF) | look(at) << 8;
        // Itself.
        self.add(1, [word(3), 0]);
        self.add(2, [word(3), look(3)]);
        self.add(3, [shape, u64::from(starts)]);
        self.add(4, [kind(3), 0]);
        self.add(5, [kind(3), u64::from(style)]);
        self.add(6, [look(3) | u64::from(starts) << 8, u64::from(style)]);
        // Its neighbours' words.
        self.add(7, [word(2), 0]);
        self.add(8, [word(4), 0]);
        self.add(9, [word(1), 0]);
        self.add(10, [word(5), 0]);
        self.add(11, [word(0), 0]);
        self.add(12, [word(6), 0]);
        self.add(13, [word(2), word(3)]);
        self.add(14, [word(3), word(4)]);
        self.add(15, [word(1), word(2)]);
        self.add(16, [word(4), word(5)]);
        self.add(17, [word(2) ^ look(3), word(4)]);
        self.add(18, [word(2), seen(3)]);
        self.add(19, [word(4), seen(3)]);
        // Looks.
        let looks = look(1) | look(2) << 8 | look(3) << 16 | look(4) << 24 | look(5) << 32;
        self.add(20, [looks, 0]);
        self.add(21, [look(2) | look(4) << 8, shape]);
        self.add(22, [u64::from(before.token.shape) | look(2) << 8, shape]);
        self.add(23, [u64::from(after.token.shape) | look(4) << 8, shape]);
        // What the lexicon knows.
        self.add(24, [kind(2), kind(3)]);
        self.add(25, [kind(3), kind(4)]);
        self.add(26, [kind(2) ^ kind(3).rotate_left(32), kind(4)]);
        self.add(27, [kind(1) ^ kind(2).rotate_left(32), kind(3)]);
        for (feature, at) in [(30, 2), (50, 3), (70, 4)] {
            let mut classes = around[at].classes;
            while classes != 0 {
                self.add(feature + u64::from(classes.trailing_zeros()), [look(3), 0]);
                classes &= classes - 1;
                if self.count > Self::MOST - 10 {
                    break;
                }
            }
        }
        self.affixes(&text[own.token.start as usize..own.token.end as usize], look(3));
    }

    /// How the word begins and ends.
    fn affixes(&mut self, word: &[u8], look: u64) {
        let mut hash = SEED;
        for (feature, byte) in (90..94).zip(word) {
            hash = hashed(hash, u32::from(byte | 0x20));
            if feature > 91 {
                self.add(feature, [hash, 0]);
            }
        }
        let mut hash = SEED;
        for (feature, byte) in (94..98).zip(word.iter().rev()) {
            hash = hashed(hash, u32::from(byte | 0x20));
            if feature > 94 {
                self.add(feature, [hash, if feature == 96 { look } else { 0 }]);
            }
        }
    }
}
