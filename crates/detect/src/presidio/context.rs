//! Words before a result that make it more likely: Presidio's `LemmaContextAwareEnhancer` with its defaults.
//!
//! Of a result's own token and the tokens before it, the six nearest keywords count (tokens that are neither stop words
//! nor punctuation); where the own token is no keyword, the next one counts too. A context word supports the result if it stands anywhere inside of one of them: "lic" in
//! "public" too. That is a known fault of Presidio's, kept here on purpose.

use std::{borrow::Cow, collections::HashSet};

use super::{lemma, recognizer::Found, tokenizer};

const BONUS: f64 = 0.35;
const MINIMUM: f64 = 0.4;
const MAXIMUM: f64 = 1.0;
/// Five before the result, and the result's own: it may be attached to a word without a space.
const WORDS: usize = 6;

/// Raises the scores of results that a context word supports. `given` words count for every result.
pub(super) fn enhance(text: &str, language: &str, given: &[String], found: &mut [Found<'_>]) {
    if found.iter().all(|found| found.recognizer.context.is_empty()) {
        return;
    }
    let surroundings = Surroundings::of(text, language);
    let given: Vec<String> = given.iter().map(|word| word.to_lowercase()).collect();
    for found in found {
        let near = surroundings.of_result(found.start);
        let near = near.iter().chain(&given);
        let supports = |word: &str| {
            let word = lower(word);
            near.clone().any(|keyword| keyword.contains(word.as_ref()))
        };
        if let Some(word) = found.recognizer.context.iter().find(|word| supports(word)) {
            found.score = (found.score + BONUS).clamp(MINIMUM, MAXIMUM);
            found.explained_score = found.score;
            found.support = Some(word.clone());
        }
    }
}

/// Most words are in lower case already.
fn lower(word: &str) -> Cow<'_, str> {
    let is_lower = word.bytes().all(|c| c.is_ascii() && !c.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) }
}

/// The keywords of a text with their places.
struct Surroundings {
    /// Where each token ends.
    ends: Vec<usize>,
    /// The keywords, in lower case.
    keywords: Vec<String>,
    /// For each token, how many keywords stand up to it, itself included.
    count: Vec<usize>,
}

impl Surroundings {
    fn of(text: &str, language: &str) -> Self {
        let tokens = tokenizer::tokenize(text);
        let lemmas: Vec<String> =
            tokens.iter().map(|token| lemma::of(&text[token.clone()], language)).collect();
        // Presidio takes keywords apart at colons, then looks tokens up in the parts of the whole text.
        let known: HashSet<String> = lemmas
            .iter()
            .filter(|lemma| !lemma::is_stop_word(lemma, language) && !lemma::is_punctuation(lemma))
            .flat_map(|lemma| lemma.to_lowercase().split(':').map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let mut keywords = Vec::new();
        let mut count = Vec::with_capacity(tokens.len());
        for lemma in &lemmas {
            let lemma = lemma.to_lowercase();
            if known.contains(&lemma) {
                keywords.push(lemma);
            }
            count.push(keywords.len());
        }
        Self { ends: tokens.iter().map(|token| token.end).collect(), keywords, count }
    }

    /// The keywords that count for a result at `start`: the nearest up to its token, or, if the token is none itself, up
    /// to the one after it.
    fn of_result(&self, start: usize) -> &[String] {
        let token = self.ends.partition_point(|&end| end <= start);
        let Some(&last) = self.count.get(token) else { return &[] };
        let before = token.checked_sub(1).map_or(0, |token| self.count[token]);
        let end = if last > before { last } else { (last + 1).min(self.keywords.len()) };
        &self.keywords[last.saturating_sub(WORDS)..end]
    }
}
