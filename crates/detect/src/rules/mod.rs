//! Rules of one's own, in TOML: what is never reported, what always is, and further recognisers.
//!
//! ```toml
//! legal = true                      # names of courts, citations of law: never reported, which is the default
//! test_numbers = true               # numbers published for tests: never reported, which is not the default
//! allow = ["Acme Ltd"]              # values that are never reported
//!
//! [[exclude]]                       # the same for some types only, and by pattern on the whole value
//! entities = ["PHONE_NUMBER"]
//! patterns = ['\+44 20 7946 0\d{3}']
//!
//! [[deny]]                          # words that always are reported
//! entity = "CODENAME"
//! words = ["Bluebird", "Night Owl"]
//!
//! [[recognizer]]                    # a type of one's own
//! entity = "EMPLOYEE_ID"
//! context = ["employee", "staff"]
//! check = "luhn"
//! patterns = [{ regex = '\b\d{8}\b', score = 0.4, near = 0.9 }]
//! ```
//!
//! Words match whole and in any case unless `case_sensitive = true`. In a value with digits, spaces and hyphens between
//! groups do not count: `4111 1111 1111 1111` excludes `4111111111111111` too. Patterns are regular expressions of the
//! `regex` crate, and match inside words unless `\b` says otherwise.

mod active;
mod error;
mod exclusions;
mod file;
mod limits;
mod read;
mod words;

use std::{fmt, sync::LazyLock};

use regex::bytes::Regex;

pub(crate) use active::Active;
pub use error::{RulesError, RulesProblem};

use crate::checks::Check;

/// Rules of one's own, read from TOML. The default is the shipped legal pack alone.
#[derive(Clone)]
pub struct Rules {
    legal: bool,
    test_numbers: bool,
    exclusions: Vec<Exclusion>,
    denied: Vec<Denied>,
    recognizers: Vec<Custom>,
}

impl Rules {
    /// Bytes of the longest rules file.
    pub const LONGEST_FILE: usize = limits::FILE;

    /// Reads a rules file.
    ///
    /// # Errors
    /// With the line and what is wrong there; nothing of a bad file is used.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        read::read(text)?.within_limits()
    }

    /// No rules at all, without the legal pack.
    #[must_use]
    pub fn none() -> Self {
        Self { legal: false, ..Self::default() }
    }

    /// These rules and others: what either excludes is excluded, what either finds is found. The legal pack is on unless
    /// one of them turns it off, the test numbers if one of them turns them on.
    ///
    /// # Errors
    /// When both together are more than a detector takes.
    pub fn merge(mut self, other: Self) -> Result<Self, RulesError> {
        self.legal &= other.legal;
        self.test_numbers |= other.test_numbers;
        self.exclusions.extend(other.exclusions);
        self.denied.extend(other.denied);
        self.recognizers.extend(other.recognizers);
        self.within_limits()
    }

    /// The types that these rules find, each with what its recogniser says about it.
    pub fn entities(&self) -> impl Iterator<Item = (&str, &str)> {
        let recognizers = self.recognizers.iter().map(|rule| (rule.entity.as_str(), rule.about.as_str()));
        recognizers.chain(self.denied.iter().map(|rule| (rule.entity.as_str(), "")))
    }

    fn within_limits(self) -> Result<Self, RulesError> {
        let excluded = self.exclusions.iter().map(|rule| (rule.words.len(), rule.patterns.len()));
        let denied = self.denied.iter().map(|rule| (rule.words.len(), 0));
        let found = (self.recognizers.iter())
            .map(|rule| (rule.words.len() + rule.context.len(), rule.patterns.len()));
        let (words, patterns) =
            excluded.chain(denied).chain(found).fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
        if words > limits::WORDS {
            return Err(RulesError { line: 0, problem: RulesProblem::TooManyWords });
        }
        if patterns > limits::PATTERNS {
            return Err(RulesError { line: 0, problem: RulesProblem::TooManyPatterns });
        }
        Ok(self)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            legal: true,
            test_numbers: false,
            exclusions: Vec::new(),
            denied: Vec::new(),
            recognizers: Vec::new(),
        }
    }
}

impl fmt::Debug for Rules {
    /// Counts only: the words of a list may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("legal", &self.legal)
            .field("test_numbers", &self.test_numbers)
            .field("exclusions", &self.exclusions.len())
            .field("denied", &self.denied.len())
            .field("recognizers", &self.recognizers.len())
            .finish()
    }
}

/// The shipped packs.
static LEGAL: LazyLock<Rules> = LazyLock::new(|| shipped(include_str!("../../rules/legal.toml")));
static TEST_NUMBERS: LazyLock<Rules> =
    LazyLock::new(|| shipped(include_str!("../../rules/test_numbers.toml")));

fn shipped(text: &str) -> Rules {
    // A test parses them.
    Rules::parse(text).expect("the shipped rules are valid")
}

/// Values that are not reported.
#[derive(Clone)]
struct Exclusion {
    /// The types it is about; empty for all.
    entities: Vec<String>,
    case_sensitive: bool,
    words: Vec<String>,
    /// Each matches whole values only.
    patterns: Vec<Regex>,
}

/// Words that are always reported.
#[derive(Clone)]
struct Denied {
    entity: String,
    case_sensitive: bool,
    score: f32,
    words: Vec<String>,
}

/// A recogniser of one's own.
#[derive(Clone)]
struct Custom {
    entity: String,
    about: String,
    check: Option<Check>,
    context: Vec<String>,
    case_sensitive: bool,
    words: Vec<String>,
    /// Of the words.
    scores: Scores,
    patterns: Vec<(Regex, Scores)>,
}

#[derive(Clone, Copy, Default)]
struct Scores {
    alone: f32,
    near: f32,
}
