//! Base forms of words.

/// The base form of `token`.
pub(super) fn of(token: &str, _language: &str) -> String {
    token.to_owned()
}

pub(super) fn is_stop_word(lemma: &str, language: &str) -> bool {
    language == "en"
        && matches!(lemma.to_lowercase().as_str(), "the" | "a" | "an" | "is" | "my" | "of" | "to")
}

pub(super) fn is_punctuation(lemma: &str) -> bool {
    lemma.chars().all(|c| c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c))
}
