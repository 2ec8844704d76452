//! Names of people, places and organisations: a tagger of tokens, trained by `cargo xtask train`.
//!
//! Most tokens of a text can be no part of a name. Those that can form short runs, and only in these is anything
//! computed: each token's features choose rows of a table of weights, whose sum is a score for each label, and the
//! best chain of labels is the answer. How likely its labels are in all chains together makes the confidence.

pub mod chain;
pub mod features;
pub mod lexicon;
pub mod model;
pub mod tokens;

use std::sync::LazyLock;

pub use chain::Kind;
pub use model::{Model, Name, Scratch};

/// The model that is part of the program. `docs/model-card.md` says where it comes from and how good it is.
pub static BUILT_IN: LazyLock<Model<'static>> = LazyLock::new(|| {
    Model::new(include_bytes!("../../models/names.bin")).expect("a test reads the model that is checked in")
});
