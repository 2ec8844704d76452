//! Base forms of English words, as far as they decide whether a word counts as context.
//!
//! Presidio's come from a language model that knows a word's part of speech. Here, words in lower case lose a plural ending
//! (`identities` becomes `identity`), and the forms of verbs that are stop words are their base form (`called` becomes
//! `call`, which does not count). Capitalised words, which the model takes for names, stay as they are; so does `driving`,
//! which it turns into `drive` where it is a verb. Texts in other languages keep their words.

use std::sync::LazyLock;

use regex::Regex;

use super::stop_words;

/// The base form of `token`.
pub(super) fn of(token: &str, language: &str) -> String {
    let is_word = !token.is_empty() && token.bytes().all(|c| c.is_ascii_lowercase());
    if language != "en" || !is_word || stop_words::contains(token) {
        return token.to_owned();
    }
    stop_verb(token).map(str::to_owned).or_else(|| singular(token)).unwrap_or_else(|| token.to_owned())
}

pub(super) fn is_stop_word(lemma: &str, language: &str) -> bool {
    language == "en" && stop_words::contains(lemma)
}

pub(super) fn is_punctuation(lemma: &str) -> bool {
    static PUNCTUATION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\p{P}*$").expect("a correct regular expression"));
    PUNCTUATION.is_match(lemma)
}

/// The stop word that `word` is a form of.
fn stop_verb(word: &str) -> Option<&'static str> {
    const VERBS: [(&str, &[&str]); 12] = [
        ("call", &["calls", "called", "calling"]),
        ("get", &["gets", "got", "gotten", "getting"]),
        ("give", &["gives", "gave", "given", "giving"]),
        ("go", &["goes", "went", "gone", "going"]),
        ("keep", &["keeps", "kept", "keeping"]),
        ("make", &["makes", "making"]),
        ("move", &["moves", "moved", "moving"]),
        ("name", &["names", "named", "naming"]),
        ("say", &["says", "said", "saying"]),
        ("see", &["sees", "saw", "seen", "seeing"]),
        ("show", &["shows", "showed", "shown", "showing"]),
        ("take", &["takes", "took", "taken", "taking"]),
    ];
    VERBS.iter().find(|(_, forms)| forms.contains(&word)).map(|(verb, _)| *verb)
}

fn singular(word: &str) -> Option<String> {
    let stem = word.strip_suffix('s')?;
    if let Some(stem) = stem.strip_suffix("ie").filter(|stem| stem.len() > 1) {
        return Some(format!("{stem}y"));
    }
    let hissing = stem
        .strip_suffix('e')
        .filter(|stem| ["s", "x", "z", "ch", "sh"].iter().any(|end| stem.ends_with(end)));
    match hissing {
        // `addresses`, `boxes`, but `licenses`, `cases`.
        Some(stem) if !stem.ends_with('s') || stem.ends_with("ss") => Some(stem.to_owned()),
        _ if stem.len() < 3 || stem.ends_with(['s', 'u', 'i']) => None,
        _ => Some(stem.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_lose_their_ending() {
        for (word, base) in [
            ("identities", "identity"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("licenses", "license"),
            ("numbers", "number"),
            ("status", "status"),
            ("pass", "pass"),
            ("is", "is"),
            ("called", "call"),
            ("States", "States"),
        ] {
            assert_eq!(of(word, "en"), base);
        }
    }

    #[test]
    fn only_marks_are_punctuation() {
        assert!(is_punctuation("—") && is_punctuation("!?") && is_punctuation(""));
        assert!(!is_punctuation("$") && !is_punctuation("+") && !is_punctuation("a."));
    }
}
