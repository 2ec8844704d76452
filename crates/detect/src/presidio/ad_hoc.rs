//! Recognisers that come with a request.

use std::borrow::Cow;

use super::{
    AdHocRecognizer, AnalyzeError, Recognizer,
    python_regex::Lazy,
    recognizer::{Checks, Finder, Languages, Pattern},
};

/// What a request may bring: each pattern takes time to compile and memory.
pub(super) const MAX_PATTERNS: usize = 100;

pub(super) fn recognizers(definitions: &[AdHocRecognizer]) -> Result<Vec<Recognizer>, AnalyzeError> {
    let patterns = |definition: &AdHocRecognizer| {
        definition.patterns.as_ref().map_or(0, Vec::len) + usize::from(definition.deny_list.is_some())
    };
    if definitions.iter().map(patterns).sum::<usize>() > MAX_PATTERNS {
        return Err(AnalyzeError::TooManyPatterns);
    }
    definitions.iter().map(recognizer).collect()
}

fn recognizer(definition: &AdHocRecognizer) -> Result<Recognizer, AnalyzeError> {
    let first = definition.supported_entities.as_deref().unwrap_or(&[]).first();
    let entity = match (&definition.supported_entity, first) {
        (Some(_), Some(_)) => return Err(AnalyzeError::EntityTwice),
        (Some(entity), None) | (None, Some(entity)) if !entity.is_empty() => entity,
        _ => return Err(AnalyzeError::NoEntity),
    };
    let flags = definition.global_regex_flags;
    let mut patterns = Vec::new();
    for pattern in definition.patterns.iter().flatten() {
        patterns.push(Pattern {
            name: Cow::Owned(pattern.name.clone()),
            score: score(pattern.score)?,
            regex: Lazy::compiled(&pattern.regex, flags)?,
        });
    }
    if let Some(words) = definition.deny_list.as_deref().filter(|words| !words.is_empty()) {
        patterns.push(Pattern {
            name: Cow::Borrowed("deny_list"),
            score: score(definition.deny_list_score)?,
            regex: Lazy::compiled(&any_of(words), flags)?,
        });
    }
    if patterns.is_empty() {
        return Err(AnalyzeError::NothingToFind { entity: entity.clone() });
    }
    let name = definition.name.clone().map_or(Cow::Borrowed("PatternRecognizer"), Cow::Owned);
    Ok(Recognizer {
        name,
        entity: Cow::Owned(entity.clone()),
        languages: Languages::One(definition.supported_language.clone()),
        country: None,
        enabled: true,
        finder: Finder::Patterns { patterns, checks: Checks::NONE },
        context: definition.context.iter().flatten().cloned().map(Cow::Owned).collect(),
    })
}

/// Any of `words`, with no word character beside it.
fn any_of(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| regex_syntax::escape(word)).collect();
    format!(r"(?<!\w)(?:{})(?!\w)", words.join("|"))
}

fn score(score: f64) -> Result<f64, AnalyzeError> {
    if (0.0..=1.0).contains(&score) { Ok(score) } else { Err(AnalyzeError::Score(score)) }
}
