//! Turns what was found into what is answered: code points and explanations.

use std::{borrow::Cow, collections::HashMap};

use super::{
    AnalysisExplanation, AnalyzerResult,
    recognizer::{Found, Reason},
    result::RecognitionMetadata,
};

/// The results for `found`, in its order. O(text + n log n).
pub(super) fn results(text: &str, found: Vec<Found<'_>>, explained: bool) -> Vec<AnalyzerResult> {
    let code_points = code_points(text, &found);
    found
        .into_iter()
        .map(|found| AnalyzerResult {
            entity_type: found.recognizer.entity.clone(),
            start: code_points.of(found.start),
            end: code_points.of(found.end),
            score: found.score,
            recognition_metadata: RecognitionMetadata {
                recognizer_name: found.recognizer.name.clone(),
                recognizer_identifier: found.recognizer.identifier(),
            },
            analysis_explanation: explained.then(|| explain(found)),
        })
        .collect()
}

fn explain(found: Found<'_>) -> AnalysisExplanation {
    let name = found.recognizer.name.clone();
    let supported = found.support.is_some();
    let explanation = AnalysisExplanation {
        original_score: found.original_score,
        pattern: None,
        pattern_name: None,
        recognizer: name.clone(),
        regex_flags: None,
        score: found.explained_score,
        score_context_improvement: if supported { found.score - found.original_score } else { 0.0 },
        supportive_context_word: found.support.unwrap_or_default(),
        textual_explanation: Cow::Borrowed(""),
        validation_result: None,
    };
    match found.reason {
        Reason::Pattern { pattern, flags, validation } => AnalysisExplanation {
            pattern: Some(pattern.regex.text()),
            pattern_name: Some(pattern.name.clone()),
            regex_flags: Some(flags),
            textual_explanation: format!("Detected by `{name}` using pattern `{}`", pattern.name).into(),
            validation_result: validation,
            ..explanation
        },
        // Presidio names the general phone recogniser here, whichever it was.
        Reason::Phone { region } => AnalysisExplanation {
            recognizer: Cow::Borrowed("PhoneRecognizer"),
            textual_explanation: format!("Recognized as {region} region phone number, using PhoneRecognizer")
                .into(),
            ..explanation
        },
    }
}

/// Byte offsets as numbers of code points.
enum CodePoints {
    /// All of the text is ASCII.
    Same,
    Of(HashMap<usize, usize>),
}

impl CodePoints {
    fn of(&self, byte: usize) -> usize {
        match self {
            Self::Same => byte,
            Self::Of(places) => places[&byte],
        }
    }
}

fn code_points(text: &str, found: &[Found<'_>]) -> CodePoints {
    if text.is_ascii() {
        return CodePoints::Same;
    }
    let mut bytes: Vec<usize> = found.iter().flat_map(|found| [found.start, found.end]).collect();
    bytes.sort_unstable();
    bytes.dedup();
    let (mut from, mut count) = (0, 0);
    let places = bytes.into_iter().map(|byte| {
        count += text[from..byte].chars().count();
        from = byte;
        (byte, count)
    });
    CodePoints::Of(places.collect())
}
