//! Why a rules file is refused.

use std::{error::Error, fmt};

use super::limits;
use crate::checks::CHECKS;

/// Why a rules file is refused, and where. Words of lists are never repeated: they may be personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct RulesError {
    /// The line, counted from 1; 0 where no single line is at fault.
    pub line: usize,
    /// What is wrong there.
    pub problem: RulesProblem,
}

/// What is wrong with a rules file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RulesProblem {
    /// Not TOML, an unknown key, or a value of the wrong kind.
    Toml(String),
    /// The file is longer than is read.
    TooLong,
    /// More words than a detector takes.
    TooManyWords,
    /// More patterns than a detector takes.
    TooManyPatterns,
    /// A list without entries.
    EmptyList(&'static str),
    /// A rule that has nothing to look for.
    NothingToFind,
    /// A word with nothing in it.
    EmptyWord,
    /// A word that is too long.
    LongWord,
    /// A score outside 0 to 1.
    Score(f32),
    /// A rule without a score.
    NoScore,
    /// `near` where no context words are.
    NearWithoutContext,
    /// A name that no type can have.
    EntityName(String),
    /// No check has this name.
    UnknownCheck(String),
    /// A pattern that is no regular expression.
    Regex(String),
    /// A pattern that takes too much memory.
    RegexTooBig,
    /// A pattern that matches nothing at all, everywhere.
    RegexMatchesEmpty,
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => self.problem.fmt(f),
            line => write!(f, "line {line}: {}", self.problem),
        }
    }
}

impl Error for RulesError {}

impl fmt::Display for RulesProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Toml(message) | Self::Regex(message) => f.write_str(message),
            Self::TooLong => write!(f, "the file is longer than {} bytes; split it", limits::FILE),
            Self::TooManyWords => {
                write!(f, "the rules have more than {} words; shorten the lists", limits::WORDS)
            }
            Self::TooManyPatterns => {
                write!(f, "the rules have more than {} patterns; join some with `|`", limits::PATTERNS)
            }
            Self::EmptyList(name) => write!(f, "`{name}` is empty; add an entry or remove the key"),
            Self::NothingToFind => f.write_str("the rule has nothing to look for; add `words` or `patterns`"),
            Self::EmptyWord => f.write_str("the entry is blank; remove it"),
            Self::LongWord => {
                write!(f, "the entry is longer than {} bytes; use a pattern or shorten it", limits::WORD)
            }
            Self::Score(score) => write!(f, "score `{score}` is not between 0 and 1"),
            Self::NoScore => f.write_str("`score` is missing; add one between 0 and 1"),
            Self::NearWithoutContext => {
                f.write_str("`near` needs context words; add `context` or remove `near`")
            }
            Self::EntityName(name) => write!(
                f,
                "`{name}` is no name of a type; use up to {} capitals, digits and underscores, such as `EMPLOYEE_ID`",
                limits::NAME
            ),
            Self::UnknownCheck(name) => match similar_check(name) {
                Some(known) => write!(f, "no check is called `{name}`; did you mean `{known}`?"),
                None => {
                    write!(f, "no check is called `{name}`; `luhn` and `iban` are two of those that exist")
                }
            },
            Self::RegexTooBig => f.write_str(
                "the pattern takes too much memory; lower its repetitions or write `(?-u:\\w)` for `\\w`",
            ),
            Self::RegexMatchesEmpty => {
                f.write_str("the pattern matches where nothing stands; make a part of it obligatory")
            }
        }
    }
}

/// The check whose name takes the fewest changes to come to `name`, if those are few.
fn similar_check(name: &str) -> Option<&'static str> {
    let known = CHECKS.iter().map(|(known, _)| (edits(name, known), *known));
    known.min().filter(|(edits, known)| *edits <= known.len() / 2).map(|(_, known)| known)
}

/// The Levenshtein distance.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().take(limits::NAME).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
