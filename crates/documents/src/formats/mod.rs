//! One file per format.

pub(crate) mod csv;
pub(crate) mod text;
