//! What the analyzer answers, with Presidio's names and in the order of its JSON.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::RegexFlags;

/// A piece of personal data: code points `start..end` of the text are of type `entity_type`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalyzerResult {
    /// How it was found, if the request asked for it.
    pub analysis_explanation: Option<AnalysisExplanation>,
    /// One past the last code point.
    pub end: usize,
    /// Presidio's name of the type.
    pub entity_type: Cow<'static, str>,
    /// The pattern's score, raised by validation or context.
    pub score: f64,
    /// The first code point.
    pub start: usize,
    /// Who found it. Presidio's REST service leaves it out of its answers, so it is not serialised.
    #[serde(skip)]
    pub recognition_metadata: RecognitionMetadata,
}

/// Who found a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognitionMetadata {
    /// The recogniser's name: its class in Presidio, unless it was given another.
    pub recognizer_name: Cow<'static, str>,
    /// Tells recognisers of the same name apart.
    pub recognizer_identifier: String,
}

/// Why something was reported, with which score.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnalysisExplanation {
    /// The pattern's own score.
    pub original_score: f64,
    /// The regular expression, if a pattern matched.
    pub pattern: Option<Cow<'static, str>>,
    /// The pattern's name.
    pub pattern_name: Option<Cow<'static, str>>,
    /// The recogniser's name.
    pub recognizer: Cow<'static, str>,
    /// The flags the pattern was matched with.
    pub regex_flags: Option<RegexFlags>,
    /// The final score.
    pub score: f64,
    /// How much context raised the score.
    #[serde(serialize_with = "whole_zero")]
    pub score_context_improvement: f64,
    /// The context word that raised it, or nothing.
    pub supportive_context_word: Cow<'static, str>,
    /// What happened, in a sentence.
    pub textual_explanation: Cow<'static, str>,
    /// The checksum's answer, if there is one.
    pub validation_result: Option<bool>,
}

/// Presidio starts from the integer 0.
fn whole_zero<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if *value == 0.0 { serializer.serialize_u8(0) } else { serializer.serialize_f64(*value) }
}
