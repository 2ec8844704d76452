//! Models of language, and services beside them, that read what patterns can't.
//!
//! A [`Classifier`] is a model of the user's own that names tokens, in a folder on this machine; [`library`] keeps such
//! folders. A [`presidio::Analyzer`] is Microsoft Presidio's, asked over HTTP at an address of the user's choice. All are
//! [readers](tacita_detect::Reader) for a detector. Nothing here fetches anything by itself.

pub mod classifier;
pub mod library;
pub mod presidio;
mod turns;

pub use classifier::Classifier;
