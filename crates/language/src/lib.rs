//! Models of language, and services beside them, that read what patterns can't.
//!
//! A [`Classifier`] is a model of the user's own that names tokens, in a folder on this machine; [`library`] keeps such
//! folders. Both are [readers](tacita_detect::Reader) for a detector. Nothing here fetches anything by itself.

pub mod classifier;
pub mod library;

pub use classifier::Classifier;
