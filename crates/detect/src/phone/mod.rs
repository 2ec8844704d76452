//! Phone numbers.

pub mod matcher;
