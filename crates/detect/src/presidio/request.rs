//! What the analyzer is asked, in the JSON that Presidio's REST service takes.

use serde::Deserialize;

use super::RegexFlags;

/// A threshold as it was written: 0.4, not the nearest number of single precision, which a score of 0.4 would fail.
#[must_use]
pub fn written(threshold: f32) -> f64 {
    threshold.to_string().parse().unwrap_or_else(|_| threshold.into())
}

/// One text to analyze and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AnalyzeRequest {
    /// The text.
    pub text: String,
    /// Its language, as ISO 639-1 code: chooses the recognisers.
    pub language: String,
    /// The types to look for; `None` or empty is all.
    pub entities: Option<Vec<String>>,
    /// Results below it are dropped.
    pub score_threshold: Option<f64>,
    /// Words that count as context of every result.
    pub context: Option<Vec<String>>,
    /// What is never reported.
    pub allow_list: Option<Vec<String>>,
    /// How `allow_list` is read.
    pub allow_list_match: AllowListMatch,
    /// Recognisers for this request only.
    pub ad_hoc_recognizers: Option<Vec<AdHocRecognizer>>,
    /// Whether results come with their [explanation](super::AnalysisExplanation).
    pub return_decision_process: Option<bool>,
    /// Flags for an `allow_list` that is read as regular expressions.
    pub regex_flags: Option<RegexFlags>,
}

impl AnalyzeRequest {
    /// Asks for everything in `text`.
    #[must_use]
    pub fn new(text: impl Into<String>, language: impl Into<String>) -> Self {
        Self { text: text.into(), language: language.into(), ..Self::default() }
    }
}

/// How an allow list is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AllowListMatch {
    /// A result whose text is in the list is dropped.
    #[default]
    Exact,
    /// A result in whose text any of the regular expressions matches is dropped.
    Regex,
}

/// A recogniser that comes with a request: patterns, a list of words, or both.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdHocRecognizer {
    /// What it finds.
    pub supported_entity: Option<String>,
    /// The first is what it finds, if `supported_entity` is not given.
    pub supported_entities: Option<Vec<String>>,
    /// Its name in explanations; `PatternRecognizer` if not given.
    pub name: Option<String>,
    /// The language it is for.
    #[serde(default = "english")]
    pub supported_language: String,
    /// Regular expressions with their scores.
    pub patterns: Option<Vec<AdHocPattern>>,
    /// Words to report wherever they stand alone.
    pub deny_list: Option<Vec<String>>,
    /// The score of such a word.
    #[serde(default = "certain")]
    pub deny_list_score: f64,
    /// Words that, standing before a result, raise its score.
    pub context: Option<Vec<String>>,
    /// Flags for the patterns.
    #[serde(default)]
    pub global_regex_flags: RegexFlags,
    /// Any version; kept for clients that send it.
    pub version: Option<String>,
    /// The country it belongs to; kept for clients that send it.
    pub country_code: Option<String>,
}

/// A regular expression and how much a match of it is worth.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdHocPattern {
    /// Its name in explanations.
    pub name: String,
    /// In Python's syntax; look-around only at its start or end, no back-references.
    pub regex: String,
    /// Between 0 and 1.
    pub score: f64,
}

fn english() -> String {
    "en".to_owned()
}

fn certain() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::written;

    #[test]
    fn a_threshold_is_what_was_written() {
        for (narrow, wide) in [(0.0, 0.0), (0.3, 0.3), (0.4, 0.4), (0.6, 0.6), (0.85, 0.85), (1.0, 1.0)] {
            assert_eq!(written(narrow), wide);
        }
    }
}
