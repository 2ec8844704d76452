//! The recognisers, as `recognizers/*.toml` declares them and `build.rs` compiles them.

use std::sync::LazyLock;

use crate::{EntityId, checks, engine::Openings};

/// How one type of personal data is recognised.
#[derive(Debug)]
#[non_exhaustive]
pub struct Recognizer {
    /// The type it finds.
    pub entity: &'static str,
    /// ISO 3166 code of the country it belongs to; empty where it belongs to none.
    pub country: &'static str,
    /// What the type is.
    pub about: &'static str,
    /// A value it finds, invented.
    pub example: &'static str,
    /// The name of the check that a value must pass; empty where there is none.
    pub check: &'static str,
    /// Words near a value that raise its score.
    pub context: &'static [&'static str],
    /// Words right before a value that say what it is.
    pub labels: &'static [&'static str],
    pub(crate) id: EntityId,
    pub(crate) grammar: &'static str,
}

/// A format, compiled into an automaton; its place in the list is the automaton's pattern number.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// Index of its recogniser.
    pub recognizer: u16,
    /// Confidence without a context word near.
    pub score: f32,
    /// Confidence with one.
    pub near: f32,
    pub check: &'static str,
    /// Of a value behind a label.
    pub syntax: Syntax,
}

/// What must stand between a label and its value, and behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Any,
    /// No end of a line, unless the value is assigned.
    Inline,
    /// `:` or `=`, and nothing behind the value that makes it part of an expression or a sentence.
    Assigned,
    /// The same, with the value in quotes.
    Quoted,
}

/// A set of recognisers: one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecognizerSet(pub [u64; 4]);

impl RecognizerSet {
    pub(crate) fn insert_all(&mut self, other: &Self) {
        *self = self.or(other);
    }

    pub(crate) fn insert(&mut self, recognizer: usize) {
        self.0[recognizer / 64] |= 1 << (recognizer % 64);
    }

    #[inline(always)]
    pub(crate) fn and(&self, other: &Self) -> Self {
        let (Self([a, b, c, d]), Self([e, f, g, h])) = (self, other);
        Self([a & e, b & f, c & g, d & h])
    }

    #[inline(always)]
    pub(crate) fn or(&self, other: &Self) -> Self {
        let (Self([a, b, c, d]), Self([e, f, g, h])) = (self, other);
        Self([a | e, b | f, c | g, d | h])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// Gives `take` its members, the lowest first.
    #[inline(always)]
    pub(crate) fn each(&self, mut take: impl FnMut(usize)) {
        let mut word = 0;
        while word < self.0.len() {
            let mut bits = self.0[word];
            while bits != 0 {
                take(word * 64 + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
            word += 1;
        }
    }

    pub(crate) fn contains(&self, recognizer: u16) -> bool {
        self.0[usize::from(recognizer) / 64] >> (recognizer % 64) & 1 == 1
    }
}

/// A word that starts one or more phrases.
#[derive(Debug)]
pub(crate) struct Word {
    pub first: &'static [u8],
    /// The longest first.
    pub phrases: &'static [Phrase],
}

/// The words that follow the first one, and what the whole stands for.
#[derive(Debug)]
pub(crate) struct Phrase {
    pub rest: &'static [&'static [u8]],
    pub context: RecognizerSet,
    pub labels: &'static [u16],
    pub grammars: &'static [u16],
}

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Everything the built-in recognisers find, in no particular order.
#[must_use]
pub fn recognizers() -> &'static [Recognizer] {
    RECOGNIZERS
}

/// What an automaton is made of.
struct Source {
    patterns: &'static [Pattern],
    table: Option<Table>,
}

/// A compiled set of patterns: see `build/tables.rs`.
pub(crate) struct Table {
    /// The class of each of the 256 bytes, then a row of states for each state, little-endian.
    bytes: &'static [u8],
    /// A row is `1 << shift` states long.
    shift: u32,
    /// The first state in which patterns end.
    accepting: u16,
    /// The patterns that end in each state from there on.
    ends: &'static [&'static [u16]],
}

/// A set of patterns and the table that finds them.
pub(crate) struct Automaton {
    table: &'static Table,
    classes: &'static [u8; 256],
    rows: &'static [[u8; 2]],
    pub patterns: &'static [Pattern],
    /// The check of each pattern.
    pub checks: Vec<Option<checks::Check>>,
}

/// Free-standing patterns: first those that stand alone, then those that matter beside a context word. Of each kind the
/// automaton of each recogniser that has any, and where they may match.
pub(crate) struct Free {
    pub automata: [Vec<Option<Automaton>>; 2],
    pub openings: Openings,
}

/// All of them.
pub(crate) static FREE: LazyLock<Free> = LazyLock::new(|| Free {
    automata: [ALONE, BESIDE].map(|sources| sources.iter().map(Automaton::load).collect()),
    openings: Openings::load(OPENINGS),
});

/// The automaton of each recogniser's values behind a label, where it has any.
pub(crate) static BEHIND_LABEL: LazyLock<Vec<Option<Automaton>>> =
    LazyLock::new(|| LABELLED.iter().map(Automaton::load).collect());

impl Automaton {
    /// The state before the first byte: the build numbers the dead state 0 and this one 1.
    const START: u16 = 1;

    fn load(source: &'static Source) -> Option<Self> {
        // A test looks up every check.
        let check = |p: &Pattern| {
            (!p.check.is_empty()).then(|| {
                checks::by_name(p.check).unwrap_or_else(|| panic!("no check is called `{}`", p.check))
            })
        };
        let table = source.table.as_ref()?;
        let (classes, rows) = table.bytes.split_first_chunk()?;
        let rows = rows.as_chunks().0;
        Some(Self {
            table,
            classes,
            rows,
            patterns: source.patterns,
            checks: source.patterns.iter().map(check).collect(),
        })
    }

    fn next(&self, state: u16, byte: u8) -> u16 {
        let class = self.classes[usize::from(byte)];
        let at = (usize::from(state) << self.table.shift) + usize::from(class);
        u16::from_le_bytes(self.rows[at])
    }

    /// Whether a match can begin with these two bytes.
    pub(crate) fn begins(&self, first: u8, second: u8) -> bool {
        let state = self.next(Self::START, first);
        state != 0 && (state >= self.table.accepting || self.next(state, second) != 0)
    }

    /// Gives `found` each place where patterns end that match from the start of `text`, the nearest first.
    pub(crate) fn walk(&self, text: &[u8], mut found: impl FnMut(&'static [u16], usize)) {
        let Table { accepting, ends, .. } = self.table;
        let (mut state, mut length) = (Self::START, 0);
        for byte in text {
            state = self.next(state, *byte);
            if state == 0 {
                return;
            }
            length += 1;
            if state >= *accepting {
                found(ends[usize::from(state - accepting)], length);
            }
        }
    }
}
