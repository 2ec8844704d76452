use std::{error::Error, fmt};

use super::{RegexError, ad_hoc::MAX_PATTERNS};

/// A request that cannot be answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// No recogniser knows the language, or none of its recognisers finds any of the types.
    NoRecognizers,
    /// An ad-hoc recogniser names no type.
    NoEntity,
    /// An ad-hoc recogniser names its type twice.
    EntityTwice,
    /// An ad-hoc recogniser has neither patterns nor a deny list.
    NothingToFind {
        /// The type it is for.
        entity: String,
    },
    /// More patterns than one request may bring.
    TooManyPatterns,
    /// A score that is not between 0 and 1.
    Score(f64),
    /// A pattern, of an ad-hoc recogniser or an allow list, that cannot be used.
    Regex(RegexError),
}

impl fmt::Display for AnalyzeError {
    /// The wording is Presidio's where its clients may look for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecognizers => f.write_str("No matching recognizers were found to serve the request."),
            Self::NoEntity => f.write_str("Pattern recognizer should be initialized with entity"),
            Self::EntityTwice => f.write_str(
                "ad-hoc recogniser has both `supported_entity` and `supported_entities`; give only one of them",
            ),
            Self::NothingToFind { entity } => {
                write!(f, "ad-hoc recogniser for `{entity}` needs `patterns` or a `deny_list`")
            }
            Self::TooManyPatterns => {
                write!(f, "more than {MAX_PATTERNS} regex patterns in one request; join them with `|`")
            }
            Self::Score(score) => write!(f, "Invalid score: {score}. Score should be between 0 and 1"),
            Self::Regex(error) => error.fmt(f),
        }
    }
}

impl Error for AnalyzeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Regex(error) => Some(error),
            _ => None,
        }
    }
}

impl From<RegexError> for AnalyzeError {
    fn from(error: RegexError) -> Self {
        Self::Regex(error)
    }
}
