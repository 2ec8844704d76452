//! The catalogue: Presidio's pattern and phone recognisers, by the country they belong to.
//!
//! Names, scores and context words are facts about Presidio. Validators that follow Presidio where it deviates from the
//! issuer's rule stand beside the recogniser that uses them and say so.

mod australia;
mod canada;
mod dates;
mod digits;
mod finland;
mod generic;
mod germany;
mod iban;
mod india;
mod india_vehicles;
mod internet;
mod italy;
mod korea;
mod nigeria;
mod philippines;
mod poland;
mod singapore;
mod south_africa;
mod spain;
mod sweden;
mod thailand;
mod top_level_domains;
mod turkey;
mod uk;
mod us;
mod us_healthcare;

use std::{borrow::Cow, sync::LazyLock};

use super::{
    RegexFlags,
    phones::Line,
    python_regex::{Lazy, Match, Source},
    recognizer::{Checks, Finder, Languages, Pattern, Recognizer, Validate},
};

/// Every language that a recogniser is made for.
pub(super) const LANGUAGES: &[&str] =
    &["de", "en", "es", "fi", "fr", "it", "ko", "kr", "pl", "sv", "th", "tr"];

const CATALOGUE: &[&[Spec]] = &[
    generic::RECOGNIZERS,
    dates::RECOGNIZERS,
    internet::RECOGNIZERS,
    australia::RECOGNIZERS,
    canada::RECOGNIZERS,
    finland::RECOGNIZERS,
    germany::RECOGNIZERS,
    india::RECOGNIZERS,
    italy::RECOGNIZERS,
    korea::RECOGNIZERS,
    nigeria::RECOGNIZERS,
    philippines::RECOGNIZERS,
    poland::RECOGNIZERS,
    singapore::RECOGNIZERS,
    south_africa::RECOGNIZERS,
    spain::RECOGNIZERS,
    sweden::RECOGNIZERS,
    thailand::RECOGNIZERS,
    turkey::RECOGNIZERS,
    uk::RECOGNIZERS,
    us::RECOGNIZERS,
    us_healthcare::RECOGNIZERS,
];

/// All recognisers. Their patterns are compiled when first used.
pub(super) fn all() -> &'static [Recognizer] {
    static ALL: LazyLock<Vec<Recognizer>> =
        LazyLock::new(|| CATALOGUE.iter().copied().flatten().map(Spec::recognizer).collect());
    &ALL
}

/// A recogniser as the catalogue declares it.
#[derive(Clone, Copy)]
struct Spec {
    name: &'static str,
    entity: &'static str,
    country: Option<&'static str>,
    languages: Option<&'static [&'static str]>,
    enabled: bool,
    patterns: &'static [PatternSpec],
    phones: Option<(&'static [&'static str], Line)>,
    flags: RegexFlags,
    context: &'static [&'static str],
    checks: Checks,
}

#[derive(Clone, Copy)]
struct PatternSpec {
    name: &'static str,
    score: f64,
    regex: Text,
}

#[derive(Clone, Copy)]
enum Text {
    Plain(&'static str),
    Composed(fn() -> String),
}

const fn pattern(name: &'static str, score: f64, regex: &'static str) -> PatternSpec {
    PatternSpec { name, score, regex: Text::Plain(regex) }
}

const fn composed(name: &'static str, score: f64, compose: fn() -> String) -> PatternSpec {
    PatternSpec { name, score, regex: Text::Composed(compose) }
}

impl Spec {
    /// A recogniser for English that is not enabled by default.
    const fn new(name: &'static str, entity: &'static str) -> Self {
        Self {
            name,
            entity,
            country: None,
            languages: Some(&["en"]),
            enabled: false,
            patterns: &[],
            phones: None,
            flags: RegexFlags::DEFAULT,
            context: &[],
            checks: Checks::NONE,
        }
    }

    const fn country(self, country: &'static str) -> Self {
        Self { country: Some(country), ..self }
    }

    const fn languages(self, languages: &'static [&'static str]) -> Self {
        Self { languages: Some(languages), ..self }
    }

    const fn any_language(self) -> Self {
        Self { languages: None, ..self }
    }

    const fn enabled(self) -> Self {
        Self { enabled: true, ..self }
    }

    const fn patterns(self, patterns: &'static [PatternSpec]) -> Self {
        Self { patterns, ..self }
    }

    /// Found by numbering plans rather than patterns.
    const fn phones(self, regions: &'static [&'static str], line: Line) -> Self {
        Self { phones: Some((regions, line)), ..self }
    }

    const fn flags(self, flags: RegexFlags) -> Self {
        Self { flags, ..self }
    }

    const fn context(self, context: &'static [&'static str]) -> Self {
        Self { context, ..self }
    }

    const fn validate(self, validate: fn(&str) -> Option<bool>) -> Self {
        Self { checks: Checks { validate: Validate::By(validate), ..self.checks }, ..self }
    }

    const fn validate_in_year(self, validate: fn(&str, u16) -> Option<bool>) -> Self {
        Self { checks: Checks { validate: Validate::InYear(validate), ..self.checks }, ..self }
    }

    const fn invalidate(self, invalidate: fn(&str) -> bool) -> Self {
        Self { checks: Checks { invalidate, ..self.checks }, ..self }
    }

    const fn ends(self, ends: fn(&Match<'_>) -> Vec<usize>) -> Self {
        Self { checks: Checks { ends: Some(ends), ..self.checks }, ..self }
    }

    fn recognizer(&self) -> Recognizer {
        let patterns = self.patterns.iter().map(|pattern| Pattern {
            name: Cow::Borrowed(pattern.name),
            score: pattern.score,
            regex: Lazy::of_class(
                match pattern.regex {
                    Text::Plain(text) => Source::Text(Cow::Borrowed(text)),
                    Text::Composed(compose) => Source::Composed(compose),
                },
                self.flags,
            ),
        });
        Recognizer {
            name: Cow::Borrowed(self.name),
            entity: Cow::Borrowed(self.entity),
            languages: self.languages.map_or(Languages::All, Languages::These),
            country: self.country,
            enabled: self.enabled,
            finder: match self.phones {
                Some((regions, line)) => Finder::Phone { regions, line },
                None => Finder::Patterns { patterns: patterns.collect(), checks: self.checks },
            },
            context: self.context.iter().copied().map(Cow::Borrowed).collect(),
        }
    }
}
