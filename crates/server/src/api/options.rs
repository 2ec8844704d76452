//! What a caller may choose about detection.

use std::{borrow::Cow, sync::Arc};

use serde::Deserialize;
use tacita_detect::{Detector, OffsetUnit, Options, OptionsError};
use utoipa::ToSchema;

use crate::{problem::Problem, state::Server};

/// A text of the request, borrowed from its body unless it has escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// What becomes of findings that overlap.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Overlaps {
    /// The longest stays, then the one with the higher score, then the more specific type.
    #[default]
    Resolve,
    /// All stay.
    All,
}

/// The unit of `start` and `end`.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Offsets {
    /// Unicode code points, as Python counts.
    #[default]
    Chars,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units, as JavaScript and Java count.
    Utf16,
}

impl From<Offsets> for OffsetUnit {
    fn from(offsets: Offsets) -> Self {
        match offsets {
            Offsets::Chars => Self::Chars,
            Offsets::Bytes => Self::Bytes,
            Offsets::Utf16 => Self::Utf16,
        }
    }
}

/// The one text or the several of a request.
pub(super) enum Texts<'a> {
    One(Cow<'a, str>),
    Many(Vec<Text<'a>>),
}

impl<'a> Texts<'a> {
    /// Of the request's fields exactly one must be there.
    pub(super) fn new(text: Option<Text<'a>>, texts: Option<Vec<Text<'a>>>) -> Result<Self, Problem> {
        match (text, texts) {
            (Some(Text(text)), None) => Ok(Self::One(text)),
            (None, Some(texts)) => Ok(Self::Many(texts)),
            (None, None) => Err(Problem::invalid("there is no text; send `text`, or `texts` for several")),
            (Some(_), Some(_)) => {
                Err(Problem::invalid("there are both `text` and `texts`; send one of them"))
            }
        }
    }
}

/// The detector a request asks for.
pub(super) fn detector(
    server: &Server,
    entities: Option<Vec<String>>,
    threshold: Option<f32>,
    overlaps: Overlaps,
) -> Result<Arc<Detector>, Problem> {
    #[allow(clippy::needless_update)] // options may grow
    let options = (entities.is_some() || threshold.is_some() || overlaps == Overlaps::All).then(|| Options {
        threshold: threshold.unwrap_or(Options::THRESHOLD),
        entities,
        overlaps: match overlaps {
            Overlaps::Resolve => tacita_detect::Overlaps::Resolve,
            Overlaps::All => tacita_detect::Overlaps::All,
        },
        ..Options::default()
    });
    server.detectors.get(options).map_err(|error| refused(&error))
}

/// The problem with the options. A type's name is only repeated if it looks like one: anything may stand there.
fn refused(error: &OptionsError) -> Problem {
    match error {
        OptionsError::UnknownEntity(name) if !is_entity_name(name) => {
            Problem::invalid("`entities` has a name that no type has; names are like `EMAIL_ADDRESS`")
        }
        error => Problem::invalid(error.to_string()),
    }
}

/// Whether a name has the form of a type's: `[A-Z][A-Z0-9_]*`, and not long.
pub(crate) fn is_entity_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
