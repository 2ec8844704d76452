//! The recognisers, as `recognizers/*.toml` declares them and `build.rs` compiles them.

use std::sync::LazyLock;

use regex_automata::dfa::dense::DFA;

use crate::{EntityId, checks};

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
}

/// The recognisers for which a word counts as context: one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContextSet(pub [u64; 4]);

impl ContextSet {
    pub(crate) fn insert_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
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
    pub context: ContextSet,
    pub labels: &'static [u16],
    pub grammars: &'static [u16],
}

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// Everything the built-in recognisers find, in no particular order.
#[must_use]
pub fn recognizers() -> &'static [Recognizer] {
    RECOGNIZERS
}

/// What an automaton is loaded from.
struct Source {
    patterns: &'static [Pattern],
    bytes: &'static Aligned<[u8]>,
}

/// An automaton's bytes, aligned as its loader wants them.
#[repr(C, align(8))]
struct Aligned<B: ?Sized>(B);

/// A set of patterns and the automaton that finds them.
pub(crate) struct Automaton {
    pub dfa: DFA<&'static [u32]>,
    pub patterns: &'static [Pattern],
    /// The check of each pattern.
    pub checks: Vec<Option<checks::Check>>,
}

/// The automata of free-standing patterns.
pub(crate) static FREE: LazyLock<[Automaton; 3]> =
    LazyLock::new(|| [&IDENTIFIERS, &DATES, &SECRETS].map(|source| Automaton::load(source)));

/// The automaton of each recogniser's values behind a label, where it has any.
pub(crate) static BEHIND_LABEL: LazyLock<Vec<Option<Automaton>>> =
    LazyLock::new(|| LABELLED.iter().map(|s| (!s.patterns.is_empty()).then(|| Automaton::load(s))).collect());

impl Automaton {
    fn load(source: &'static Source) -> Self {
        // Built from the same sources in the same build, and tests load every automaton and look up every check.
        let (dfa, _) = DFA::from_bytes(&source.bytes.0).expect("the build script wrote this automaton");
        let check = |p: &Pattern| {
            (!p.check.is_empty()).then(|| {
                checks::by_name(p.check).unwrap_or_else(|| panic!("no check is called `{}`", p.check))
            })
        };
        Self { dfa, patterns: source.patterns, checks: source.patterns.iter().map(check).collect() }
    }
}
