//! English contractions, which spaCy takes apart: `don't`, `I'll`, and `dont`, `Ill` likewise where that is no other word.

use std::{collections::HashMap, sync::LazyLock};

/// After how many bytes `word` is split, if it is a contraction in lower case or with a capital.
///
/// All of their parts are stop words, so that of the three parts of `I'd've` the last two may stay together.
pub(super) fn split(word: &str) -> Option<usize> {
    static SPLITS: LazyLock<HashMap<String, usize>> = LazyLock::new(all);
    // The longest is `shouldn't've`.
    if word.len() > 20 || !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    SPLITS.get(&word.replace('’', "'")).copied()
}

const PRONOUNS: &[&str] = &["i", "you", "he", "she", "it", "we", "they"];
const QUESTIONS: &[&str] =
    &["who", "what", "when", "where", "why", "how", "there", "that", "this", "these", "those"];
const VERBS: &[&str] = &[
    "ca", "could", "do", "does", "did", "may", "might", "must", "need", "ought", "sha", "should", "wo",
    "would", "had",
];
const PLAIN_VERBS: &[&str] = &["ai", "are", "is", "was", "were", "have", "has", "dare"];

/// Words of their own that would be contractions without the apostrophe.
const NO_CONTRACTIONS: &[&str] = &["ill", "its", "hell", "shell", "shed", "were", "well", "whore"];

fn all() -> HashMap<String, usize> {
    let mut splits = HashMap::new();
    let mut add = |stems: &[&str], endings: &[&str]| {
        for stem in stems {
            for ending in endings {
                let bare = format!("{stem}{ending}").replace('\'', "");
                let written = format!("{stem}{ending}");
                let forms = if NO_CONTRACTIONS.contains(&bare.as_str()) {
                    vec![written]
                } else {
                    vec![written, bare]
                };
                for form in forms {
                    splits.insert(capitalised(&form), stem.len());
                    splits.insert(form, stem.len());
                }
            }
        }
    };
    add(PRONOUNS, &["'ll", "'ll've", "'d", "'d've"]);
    add(&["i"], &["'m", "'ma"]);
    add(&["i", "you", "we", "they"], &["'ve"]);
    add(&["you", "we", "they"], &["'re"]);
    add(&["he", "she", "it"], &["'s"]);
    add(QUESTIONS, &["'ll", "'ll've", "'d", "'d've", "'re", "'ve", "'s"]);
    add(VERBS, &["n't", "n't've"]);
    add(PLAIN_VERBS, &["n't"]);
    add(&["could", "might", "must", "should", "would", "not"], &["'ve"]);
    splits.extend(["cannot", "Cannot", "gonna", "Gonna", "gotta", "Gotta"].map(|word| (word.to_owned(), 3)));
    splits.extend(["let's", "Let's"].map(|word| (word.to_owned(), 3)));
    splits
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
