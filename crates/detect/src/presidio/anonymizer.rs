//! What Microsoft Presidio's anonymizer 2.2.366 answers.
//!
//! ```
//! use serde_json::json;
//! use tacita_detect::{presidio::anonymizer::{AnonymizeRequest, anonymize}, redact::system_random};
//!
//! let request = AnonymizeRequest::from_json(&json!({
//!     "text": "Call Mara: 555-0134",
//!     "analyzer_results": [
//!         {"entity_type": "PERSON", "start": 5, "end": 9, "score": 0.85},
//!         {"entity_type": "PHONE_NUMBER", "start": 11, "end": 19, "score": 0.75},
//!     ],
//!     "anonymizers": {"PHONE_NUMBER": {"type": "mask", "masking_char": "*", "chars_to_mask": 4, "from_end": true}},
//! }))?;
//! let result = anonymize(&request, &mut system_random)?;
//! assert_eq!(result.text, "Call <PERSON>: 555-****");
//! # Ok::<(), tacita_detect::presidio::anonymizer::AnonymizerError>(())
//! ```
//!
//! Offsets are code points. Values are checked when they are used, as Python does it: an operator that no entity asks
//! for may be anything. Not offered is `surrogate_ahds`, which sends the text to a service.

mod cipher;
mod conflicts;
mod operators;
mod python;
mod request;

use std::{error::Error, fmt};

use serde::Serialize;
use serde_json::Number;

pub use conflicts::ConflictResolution;
pub use python::is_true;
pub use request::{AnonymizeRequest, CustomOperator, DeanonymizeRequest, Entity, OperatorConfig, Operators};

use crate::redact::Random;

/// The operators of [`anonymize`], in the order in which Presidio lists them.
pub const ANONYMIZERS: [&str; 7] = ["custom", "encrypt", "hash", "keep", "mask", "redact", "replace"];

/// The operators of [`deanonymize`].
pub const DEANONYMIZERS: [&str; 2] = ["decrypt", "deanonymize_keep"];

/// Replaces what the analyzer found.
///
/// # Errors
/// As Presidio: the last entity of the text that cannot be treated.
pub fn anonymize(
    request: &AnonymizeRequest,
    random: &mut impl Random,
) -> Result<EngineResult, AnonymizerError> {
    let entities = conflicts::resolve(&request.analyzer_results, request.conflict_resolution);
    let mut entities = match request.merge_entities_with_spaces {
        true => conflicts::merge_over_spaces(&request.text, entities),
        false => entities,
    };
    entities.sort_by_key(|entity| std::cmp::Reverse((entity.start, entity.end)));
    operate(&request.text, entities, |entity, value| {
        let config = request.operators.get(&entity.entity_type).or_else(|| request.operators.get("DEFAULT"));
        let Some(config) = config else {
            return Ok((format!("<{}>", entity.entity_type), "replace".to_owned()));
        };
        let name = config.name()?;
        let value = match request.added.iter().find(|added| added.name == name) {
            Some(added) => (added.apply)(value),
            None => operators::anonymize(&name, config, &entity.entity_type, value, random)?,
        };
        Ok((value, name))
    })
}

/// Undoes `encrypt`.
///
/// # Errors
/// As Presidio: the last entity of the text that cannot be treated.
pub fn deanonymize(request: &DeanonymizeRequest) -> Result<EngineResult, AnonymizerError> {
    let mut entities = request.anonymizer_results.clone();
    entities.sort_by_key(|entity| std::cmp::Reverse(entity.start));
    operate(&request.text, entities, |entity, value| {
        let config = request.operators.get(&entity.entity_type).or_else(|| request.operators.get("DEFAULT"));
        let config = config.ok_or(AnonymizerError::Internal)?;
        let name = config.name()?;
        Ok((operators::deanonymize(&name, config, value)?, name))
    })
}

/// A text with its entities replaced.
#[derive(Clone, PartialEq, Serialize)]
pub struct EngineResult {
    /// The text.
    pub text: String,
    /// What stands in it for the entities, from the end of the text to its start.
    pub items: Vec<OperatorResult>,
}

impl fmt::Debug for EngineResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineResult").field("items", &self.items).finish_non_exhaustive()
    }
}

/// What stands in a text for one entity.
#[derive(Clone, PartialEq, Serialize)]
pub struct OperatorResult {
    /// First code point in the new text.
    pub start: usize,
    /// One past the last code point in the new text.
    pub end: usize,
    /// The type.
    pub entity_type: String,
    /// What stands there.
    pub text: String,
    /// What was done.
    pub operator: String,
    /// The analyzer's score.
    pub score: Option<Number>,
}

impl fmt::Debug for OperatorResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorResult")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("entity_type", &self.entity_type)
            .field("operator", &self.operator)
            .finish_non_exhaustive()
    }
}

/// Why Presidio refuses. The wording is Presidio's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnonymizerError {
    /// `InvalidParamError`: status 422 with this message.
    InvalidParam(String),
    /// Status 400 with this message.
    BadRequest(&'static str),
    /// Where Presidio runs into a Python exception: status 500 without a reason.
    Internal,
}

impl AnonymizerError {
    /// The status that Presidio's server answers with.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::InvalidParam(_) => 422,
            Self::BadRequest(_) => 400,
            Self::Internal => 500,
        }
    }
}

impl fmt::Display for AnonymizerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidParam(message) => f.write_str(message),
            Self::BadRequest(message) => f.write_str(message),
            Self::Internal => f.write_str("Internal server error"),
        }
    }
}

impl Error for AnonymizerError {}

/// Puts in the place of each entity what `treat` gives, with the name of what was done. `entities` stand in order
/// from the end of the text. Where two overlap, the one before loses the place of its rest to the one behind.
fn operate(
    text: &str,
    entities: Vec<Entity>,
    mut treat: impl FnMut(&Entity, &str) -> Result<(String, String), AnonymizerError>,
) -> Result<EngineResult, AnonymizerError> {
    let places = Places::new(text);
    let length = places.len();
    // From the end of the text; `after` counts the code points of what is behind.
    let mut pieces: Vec<&str> = Vec::new();
    let mut treated: Vec<(Entity, String, String, usize)> = Vec::new();
    let (mut last, mut after) = (length, 0);
    for entity in entities {
        let (start, end) = (entity.start, entity.end);
        if length < start || end > length {
            return Err(AnonymizerError::InvalidParam(format!(
                "Invalid analyzer result, start: {start} and end: {end}, while text length is only {length}."
            )));
        }
        let (value, operator) = treat(&entity, &text[places.byte(start)..places.byte(end)])?;
        let kept = end.min(last);
        pieces.push(&text[places.byte(kept)..places.byte(last)]);
        after += last - kept + value.chars().count();
        last = start;
        treated.push((entity, value, operator, after));
    }
    let total = last + after;
    let mut whole = text[..places.byte(last)].to_owned();
    for ((_, value, ..), piece) in treated.iter().zip(pieces).rev() {
        whole.push_str(value);
        whole.push_str(piece);
    }
    let items = treated.into_iter().map(|(entity, value, operator, after)| OperatorResult {
        start: total - after,
        end: total - after + value.chars().count(),
        entity_type: entity.entity_type,
        text: value,
        operator,
        score: entity.score,
    });
    Ok(EngineResult { items: items.collect(), text: whole })
}

/// The bytes at which the code points of a text begin.
struct Places {
    /// Empty for ASCII, where code points are bytes.
    bytes: Vec<usize>,
    length: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        if text.is_ascii() {
            return Self { bytes: Vec::new(), length: text.len() };
        }
        let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        Self { length: bytes.len() - 1, bytes }
    }

    fn len(&self) -> usize {
        self.length
    }

    /// The byte of a code point, that of the end for one behind it.
    fn byte(&self, at: usize) -> usize {
        let at = at.min(self.length);
        self.bytes.get(at).copied().unwrap_or(at)
    }
}
