//! What Microsoft Presidio answers.

pub mod anonymizer;
