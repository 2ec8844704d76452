//! The form of a rules file.

use serde::Deserialize;
use toml::Spanned;

/// A list of texts, each with its place.
pub(super) type List = Spanned<Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default = "on")]
    pub legal: bool,
    #[serde(default)]
    pub test_numbers: bool,
    pub allow: Option<List>,
    #[serde(default)]
    pub exclude: Vec<Spanned<Exclude>>,
    #[serde(default)]
    pub deny: Vec<Deny>,
    #[serde(default)]
    pub recognizer: Vec<Spanned<Recognizer>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exclude {
    pub entities: Option<List>,
    #[serde(default)]
    pub case_sensitive: bool,
    pub words: Option<List>,
    pub patterns: Option<List>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deny {
    pub entity: Spanned<String>,
    #[serde(default)]
    pub case_sensitive: bool,
    pub score: Option<Spanned<f32>>,
    pub words: List,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recognizer {
    pub entity: Spanned<String>,
    #[serde(default)]
    pub about: String,
    pub check: Option<Spanned<String>>,
    pub context: Option<List>,
    #[serde(default)]
    pub case_sensitive: bool,
    pub score: Option<Spanned<f32>>,
    pub near: Option<Spanned<f32>>,
    pub words: Option<List>,
    pub patterns: Option<Spanned<Vec<Spanned<Pattern>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pattern {
    pub regex: Spanned<String>,
    pub score: Option<Spanned<f32>>,
    pub near: Option<Spanned<f32>>,
}

fn on() -> bool {
    true
}
