//! Values that are not reported.

use std::collections::HashMap;

use regex::bytes::Regex;

use super::{Exclusion, limits};
use crate::EntityId;

/// Decides about findings. Most are decided by one or two bits.
pub(super) struct Exclusions {
    /// By folded first byte: whether a value begins so.
    firsts: Box<[bool; 256]>,
    filter: Filter,
    /// By folded value.
    values: HashMap<String, Vec<Value>>,
    patterns: Vec<(Regex, Scope)>,
    /// By type: whether a pattern is about it.
    patterned: Vec<bool>,
}

struct Value {
    /// Where the case counts.
    exact: Option<String>,
    scope: Scope,
}

/// The types an exclusion is about; empty for all.
type Scope = Box<[EntityId]>;

impl Exclusions {
    /// `rules` with the numbers of the types they name, of `types` types.
    pub(super) fn new<'a>(rules: impl Iterator<Item = (&'a Exclusion, Scope)>, types: usize) -> Self {
        let (mut filter, mut values) = (Filter::default(), HashMap::<_, Vec<_>>::new());
        let mut firsts = Box::new([false; 256]);
        let (mut patterns, mut patterned) = (Vec::new(), vec![false; types]);
        for (rule, scope) in rules {
            for word in &rule.words {
                let joined = joined(word);
                let folded = joined.to_lowercase();
                firsts[usize::from(folded.bytes().next().map_or(0, fold))] = true;
                filter.insert(folded.as_bytes(), &scope);
                let exact = rule.case_sensitive.then_some(joined);
                values.entry(folded).or_default().push(Value { exact, scope: scope.clone() });
            }
            for pattern in &rule.patterns {
                patterned.iter_mut().enumerate().for_each(|(number, flag)| {
                    *flag |= scope.is_empty() || scope.iter().any(|id| usize::from(id.0) == number);
                });
                patterns.push((pattern.clone(), scope.clone()));
            }
        }
        Self { firsts, filter, values, patterns, patterned }
    }

    pub(super) fn contain(&self, value: &[u8], entity: EntityId) -> bool {
        let covers = |scope: &Scope| scope.is_empty() || scope.contains(&entity);
        self.begins(value) && self.filter.may_contain(value, entity) && self.has_word(value, covers)
            || self.patterned[usize::from(entity.0)]
                && self.patterns.iter().any(|(regex, scope)| covers(scope) && regex.is_match(value))
    }

    fn begins(&self, value: &[u8]) -> bool {
        value.first().is_some_and(|byte| self.firsts[usize::from(fold(*byte))])
    }

    fn has_word(&self, value: &[u8], covers: impl Fn(&Scope) -> bool) -> bool {
        // Twice a word's limit, for the spaces and hyphens that do not count.
        if value.len() > 2 * limits::WORD {
            return false;
        }
        let Ok(value) = str::from_utf8(value) else { return false };
        let joined = joined(value);
        let Some(entries) = self.values.get(&joined.to_lowercase()) else { return false };
        entries
            .iter()
            .any(|entry| covers(&entry.scope) && entry.exact.as_ref().is_none_or(|exact| *exact == joined))
    }
}

/// The value without what does not count: in one with digits, spaces and hyphens between letters and digits; in others,
/// all but one of spaces in a row.
fn joined(value: &str) -> String {
    if !value.contains(|c: char| c.is_ascii_digit()) {
        return value.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let value = value.trim();
    let is_inner = |at: usize| {
        value[..at].ends_with(char::is_alphanumeric) && !value[at..].trim_start_matches(SEPARATORS).is_empty()
    };
    let keep = |&(at, c): &(usize, char)| !SEPARATORS.contains(&c) || !is_inner(at);
    value.char_indices().filter(keep).map(|(_, c)| c).collect()
}

/// What may part the groups of a number.
const SEPARATORS: &[char] = &[' ', '-', '\u{a0}', '\u{202f}'];

/// One bit for each pair of first and last letter and type.
struct Filter(Box<[u64; 1 << 10]>);

impl Default for Filter {
    fn default() -> Self {
        Self(Box::new([0; 1 << 10]))
    }
}

impl Filter {
    /// In the place of a type, for values that are excluded as every type.
    const EVERY: u16 = u16::MAX;

    fn insert(&mut self, value: &[u8], scope: &Scope) {
        let mut set = |number| {
            let bit = bit(value, number);
            self.0[bit / 64] |= 1 << (bit % 64);
        };
        if scope.is_empty() {
            set(Self::EVERY);
        }
        scope.iter().for_each(|id| set(id.0));
    }

    fn may_contain(&self, value: &[u8], entity: EntityId) -> bool {
        [Self::EVERY, entity.0].iter().any(|number| {
            let bit = bit(value, *number);
            self.0[bit / 64] >> (bit % 64) & 1 == 1
        })
    }
}

/// ASCII letters in one case, and all bytes beyond ASCII as one.
fn fold(byte: u8) -> u8 {
    if byte.is_ascii() { byte | 0x20 } else { 0x80 }
}

/// The bit of a value, which depends on nothing that [`joined`] or folding changes.
fn bit(value: &[u8], number: u16) -> usize {
    let fold = |byte: Option<&u8>| u32::from(byte.map_or(0, |byte| fold(*byte)));
    let ends = fold(value.first()) << 8 | fold(value.last());
    let hash = (u32::from(number) << 16 | ends).wrapping_mul(0x9E37_79B1);
    (hash >> 16) as usize
}
