//! All words of all lists in one automaton.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::{AhoCorasick, MatchKind};

/// Words to find, each for a `T`.
pub(super) struct Words<T> {
    automaton: AhoCorasick,
    /// By the automaton's pattern.
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    /// The word as it must stand in the text; `None` for any case.
    exact: Option<Box<[u8]>>,
    /// Whether the plural counts too.
    plural: bool,
    target: T,
}

/// How a word is found.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    Exact,
    AnyCase,
    /// In any case, and in the plural.
    Inflected,
}

/// Collects words.
pub(super) struct Builder<T> {
    forms: Vec<String>,
    entries: Vec<Entry<T>>,
}

impl<T: Copy> Builder<T> {
    pub(super) fn new() -> Self {
        Self { forms: Vec::new(), entries: Vec::new() }
    }

    pub(super) fn add(&mut self, word: &str, form: Form, target: T) {
        // The automaton folds ASCII; of other letters it gets both forms.
        let forms = match form {
            Form::Exact => BTreeSet::from([word.to_owned()]),
            _ if word.is_ascii() => BTreeSet::from([word.to_ascii_lowercase()]),
            _ => BTreeSet::from([word.to_owned(), word.to_lowercase(), word.to_uppercase()]),
        };
        for word in forms {
            let exact = (form == Form::Exact).then(|| word.as_bytes().into());
            self.entries.push(Entry { exact, plural: form == Form::Inflected, target });
            self.forms.push(word);
        }
    }

    /// `None` where there are no words.
    pub(super) fn build(self) -> Option<Words<T>> {
        if self.forms.is_empty() {
            return None;
        }
        let mut builder = AhoCorasick::builder();
        let builder = builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true);
        let automaton =
            builder.build(self.forms).expect("the limits on words keep the automaton's numbers in range");
        Some(Words { automaton, entries: self.entries })
    }
}

impl<T: Copy> Words<T> {
    /// Gives `found` the place of every whole word in the first `seen` bytes of `text`.
    pub(super) fn find(&self, text: &[u8], seen: usize, mut found: impl FnMut(Range<usize>, T)) {
        for hit in self.automaton.find_overlapping_iter(&text[..seen]) {
            let entry = &self.entries[hit.pattern().as_usize()];
            let (start, end) = (hit.start(), hit.end());
            if entry.exact.as_ref().is_some_and(|exact| **exact != text[start..end]) {
                continue;
            }
            let ends =
                parted(text, end) || entry.plural && [&b"s"[..], b"es"].iter().any(|s| follows(text, end, s));
            if ends && parted(text, start) {
                found(start..end, entry.target);
            }
        }
    }
}

fn follows(text: &[u8], at: usize, ending: &[u8]) -> bool {
    let end = text.len().min(at + ending.len());
    text[at..end].eq_ignore_ascii_case(ending) && parted(text, end)
}

/// Whether a word may start or end at `at`: there are not letters or digits on both sides. Scripts that put no space
/// between words are parted everywhere.
fn parted(text: &[u8], at: usize) -> bool {
    let before = text[at.saturating_sub(4)..at]
        .utf8_chunks()
        .last()
        .and_then(|chunk| if chunk.invalid().is_empty() { chunk.valid().chars().next_back() } else { None });
    let after = text[at..text.len().min(at + 4)].utf8_chunks().next();
    let after = after.and_then(|chunk| chunk.valid().chars().next());
    !(before.is_some_and(joins) && after.is_some_and(joins))
}

fn joins(letter: char) -> bool {
    let spaceless = matches!(letter,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{2E80}'..='\u{312F}' | '\u{31A0}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}');
    letter.is_alphanumeric() && !spaceless
}
