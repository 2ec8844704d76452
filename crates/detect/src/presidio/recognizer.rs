//! One recogniser: its patterns, what validates a match, and the words that support it.

use std::{borrow::Cow, fmt, ops::Range};

use super::{
    Analyzer, AnalyzerResult, RegexFlags, conclude, duplicates,
    phones::{self, Line},
    python_regex::{Lazy, Match, Owner},
};

/// Finds one type of personal data, as the Presidio class of the same name does.
pub struct Recognizer {
    pub(super) name: Cow<'static, str>,
    pub(super) entity: Cow<'static, str>,
    pub(super) languages: Languages,
    pub(super) country: Option<&'static str>,
    /// Whether Presidio's default configuration enables it.
    pub(super) enabled: bool,
    pub(super) finder: Finder,
    pub(super) context: Vec<Cow<'static, str>>,
}

/// The languages a recogniser is for.
#[derive(Clone)]
pub(super) enum Languages {
    /// Every language that the analyzer speaks.
    All,
    These(&'static [&'static str]),
    One(String),
}

pub(super) enum Finder {
    Patterns {
        patterns: Vec<Pattern>,
        checks: Checks,
    },
    /// Asks the numbering plans.
    Phone {
        regions: &'static [&'static str],
        line: Line,
    },
}

const PHONE_SCORE: f64 = 0.4;

/// A regular expression and how much a match of it is worth.
pub(super) struct Pattern {
    pub(super) name: Cow<'static, str>,
    pub(super) score: f64,
    pub(super) regex: Lazy,
}

/// What a match must pass besides the pattern.
#[derive(Clone, Copy)]
pub(super) struct Checks {
    /// A checksum: `Some(true)` makes the score 1, `Some(false)` drops the match.
    pub(super) validate: Validate,
    /// Drops the match if true.
    pub(super) invalidate: fn(&str) -> bool,
    /// The ends to try in turn until one is valid; `None` is the match's own.
    pub(super) ends: Option<fn(&Match<'_>) -> Vec<usize>>,
}

#[derive(Clone, Copy)]
pub(super) enum Validate {
    Never,
    By(fn(&str) -> Option<bool>),
    /// Knows that nothing is dated later than this year.
    InYear(fn(&str, u16) -> Option<bool>),
}

impl Checks {
    pub(super) const NONE: Self = Self { validate: Validate::Never, invalidate: |_| false, ends: None };
}

/// How an analyzer wants its recognisers to work.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) owner: Owner,
    pub(super) year: u16,
}

/// A result, in bytes.
#[derive(Clone)]
pub(super) struct Found<'a> {
    pub(super) recognizer: &'a Recognizer,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) score: f64,
    /// The score before validation and context.
    pub(super) original_score: f64,
    /// What the explanation gives as score.
    pub(super) explained_score: f64,
    pub(super) reason: Reason<'a>,
    /// The word that raised the score.
    pub(super) support: Option<Cow<'static, str>>,
}

/// How a result came about.
#[derive(Clone)]
pub(super) enum Reason<'a> {
    Pattern { pattern: &'a Pattern, flags: RegexFlags, validation: Option<bool> },
    Phone { region: Cow<'static, str> },
}

impl Recognizer {
    /// Finds the phone numbers of `regions` (ISO 3166, `"PH"`) as type `entity`: Presidio's `PhoneRecognizer` with other
    /// than its default regions.
    #[must_use]
    pub fn of_phones(entity: &'static str, regions: &'static [&'static str]) -> Self {
        Self {
            name: Cow::Borrowed("PhoneRecognizer"),
            entity: Cow::Borrowed(entity),
            languages: Languages::All,
            country: None,
            enabled: true,
            finder: Finder::Phone { regions, line: Line::Any },
            context: Vec::new(),
        }
    }

    /// Its name: the class in Presidio, unless it was given another.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type it finds.
    #[must_use]
    pub fn entity(&self) -> &str {
        &self.entity
    }

    /// The country it belongs to, as ISO 3166 code in lower case (`uk` for the United Kingdom).
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country
    }

    /// The words that, standing before a result, raise its score.
    pub fn context(&self) -> impl Iterator<Item = &str> {
        self.context.iter().map(AsRef::as_ref)
    }

    /// What this recogniser alone finds in `text`, without context and threshold, with explanations.
    #[must_use]
    pub fn analyze(&self, text: &str) -> Vec<AnalyzerResult> {
        conclude::results(text, self.find(text, Settings { owner: Owner::Class, year: Analyzer::YEAR }), true)
    }

    /// Tells recognisers of the same name apart.
    pub(super) fn identifier(&self) -> String {
        format!("{}_{}", self.name, self.entity)
    }

    pub(super) fn speaks(&self, language: &str) -> bool {
        match &self.languages {
            Languages::All => true,
            Languages::These(languages) => languages.contains(&language),
            Languages::One(own) => own == language,
        }
    }

    pub(super) fn find<'a>(&'a self, text: &str, settings: Settings) -> Vec<Found<'a>> {
        let found = match &self.finder {
            Finder::Patterns { patterns, checks } => {
                patterns.iter().flat_map(|pattern| self.matches(pattern, *checks, text, settings)).collect()
            }
            Finder::Phone { regions, line } => phones::find(text, regions, *line)
                .into_iter()
                .map(|(place, region)| self.found(place, PHONE_SCORE, Reason::Phone { region }))
                .collect(),
        };
        duplicates::remove(found)
    }

    fn matches<'a>(
        &'a self,
        pattern: &'a Pattern,
        checks: Checks,
        text: &str,
        settings: Settings,
    ) -> Vec<Found<'a>> {
        let (regex, flags) = pattern.regex.get(settings.owner);
        let accept = |place: Range<usize>| {
            let value = &text[place.clone()];
            let validation = match checks.validate {
                Validate::Never => None,
                Validate::By(validate) => validate(value),
                Validate::InYear(validate) => validate(value, settings.year),
            };
            if validation == Some(false) || (checks.invalidate)(value) {
                return None;
            }
            let score = if validation == Some(true) { 1.0 } else { pattern.score };
            // A class that chooses ends has a loop of its own in Presidio, which forgets to explain the new score.
            let explained_score = if checks.ends.is_some() { pattern.score } else { score };
            let reason = Reason::Pattern { pattern, flags, validation };
            Some(Found { score, explained_score, ..self.found(place, pattern.score, reason) })
        };
        let first_accepted = |matched: Match<'_>| match checks.ends {
            None => accept(matched.start..matched.end),
            Some(ends) => ends(&matched).into_iter().find_map(|end| accept(matched.start..end)),
        };
        regex.find_iter(text).filter_map(first_accepted).filter(|found| found.score > 0.0).collect()
    }

    fn found<'a>(&'a self, place: Range<usize>, score: f64, reason: Reason<'a>) -> Found<'a> {
        let Range { start, end } = place;
        Found {
            recognizer: self,
            start,
            end,
            score,
            original_score: score,
            explained_score: score,
            reason,
            support: None,
        }
    }
}

impl fmt::Debug for Recognizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recognizer")
            .field("name", &self.name)
            .field("entity", &self.entity)
            .finish_non_exhaustive()
    }
}
