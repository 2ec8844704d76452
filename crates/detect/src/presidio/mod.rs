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
//! ad-hoc recognisers, allow lists, explanations.
//!
//! # What is not
//!
//! - No language model: nothing is found by named-entity recognition, and context words are found with a tokenizer and
//!   lemma rules of our own, see [`context`](self#context).
//! - [`AnalysisExplanation::pattern`] is the pattern this crate uses, which for some types is written differently.
//! - Patterns run in linear time; those that need backtracking are refused, see [`RegexError`].

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
pub use request::{AdHocPattern, AdHocRecognizer, AllowListMatch, AnalyzeRequest};
pub use result::{AnalysisExplanation, AnalyzerResult, RecognitionMetadata};
