//! What Microsoft Presidio's analyzer 2.2.366 answers: its recognisers, scores, context bonus and names.
//!
//! A profile of its own, for clients that were built on Presidio; the native [`Detector`](crate::Detector) never mixes
//! with it.
//!
//! ```
//! use tacita_detect::presidio::{AnalyzeRequest, Analyzer};
//!
//! let request = AnalyzeRequest::new("Write to mara.lind@example.org", "en");
//! let results = Analyzer::new().analyze(&request)?;
//! assert_eq!(results[0].entity_type, "EMAIL_ADDRESS");
//! assert_eq!((results[0].start, results[0].end, results[0].score), (9, 30, 1.0));
//! # Ok::<(), tacita_detect::presidio::AnalyzeError>(())
//! ```
//!
//! # What is the same
//!
//! Types, code-point offsets, scores, validation, context words and their bonus, removal of duplicates, thresholds,
//! ad-hoc recognisers, allow lists, explanations. Faults too: a context word counts inside of another word, a URL ends
//! where the shortest top-level domain does.
//!
//! # Languages
//!
//! A recogniser is asked only for texts of its own languages. [`Analyzer::new`] has what Presidio's own configuration
//! enables: English, the recognisers that belong to no country, and some of the United States and the United Kingdom.
//! [`Analyzer::with_all_recognizers`] has everything, and those that belong to no country for every language.
//! [`Analyzer::recognizer`] gives each by its Presidio class.
//!
//! # What is not
//!
//! - No language model: no named entities. Words before a result are found with a tokenizer that follows spaCy's English
//!   one; their base forms by rules where Presidio asks a model. Texts in other languages are taken apart the same way,
//!   without base forms and stop words.
//! - [`AnalysisExplanation::pattern`] is the pattern of this crate, which for some types is written differently.
//! - Patterns run in linear time. Look-around is understood at a pattern's start and end; what needs backtracking is
//!   refused, see [`RegexError`].
//! - No clock: identifiers that carry a year are checked against [`Analyzer::in_year`].

mod ad_hoc;
mod analyzer;
pub mod anonymizer;
mod conclude;
mod context;
mod contractions;
mod duplicates;
mod error;
mod lemma;
mod phones;
mod python_regex;
mod recognizer;
mod recognizers;
mod request;
mod result;
mod stop_words;
mod tokenizer;
mod translate;

pub use analyzer::Analyzer;
pub use error::AnalyzeError;
pub use python_regex::{RegexError, RegexFlags};
pub use recognizer::Recognizer;
pub use request::{AdHocPattern, AdHocRecognizer, AllowListMatch, AnalyzeRequest, written};
pub use result::{AnalysisExplanation, AnalyzerResult, RecognitionMetadata};
