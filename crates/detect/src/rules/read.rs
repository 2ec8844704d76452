//! From the file to rules that can be used.

use regex::bytes::{Regex, RegexBuilder};
use toml::Spanned;

use super::{
    Custom, Denied, Exclusion, Rules, RulesError, RulesProblem, Scores,
    file::{Deny, Exclude, File, List, Pattern, Recognizer},
    limits,
};
use crate::checks::{self, Check};

/// How much a context word adds to a score where a rule does not say: as in Presidio.
const NEAR: f32 = 0.35;

/// Reads a whole file.
pub(super) fn read(text: &str) -> Result<Rules, RulesError> {
    if text.len() > limits::FILE {
        return Err(RulesError { line: 0, problem: RulesProblem::TooLong });
    }
    let reader = Reader { text };
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| reader.line(span.start));
        RulesError { line, problem: RulesProblem::Toml(error.message().trim().replace('\n', "; ")) }
    })?;
    let mut exclusions: Vec<_> =
        file.exclude.iter().map(|rule| reader.exclude(rule)).collect::<Result<_, _>>()?;
    if let Some(list) = &file.allow {
        exclusions.push(Exclusion {
            entities: Vec::new(),
            case_sensitive: false,
            words: reader.words("allow", list)?,
            patterns: Vec::new(),
        });
    }
    Ok(Rules {
        legal: file.legal,
        test_numbers: file.test_numbers,
        exclusions,
        denied: file.deny.iter().map(|rule| reader.deny(rule)).collect::<Result<_, _>>()?,
        recognizers: file.recognizer.iter().map(|rule| reader.recognizer(rule)).collect::<Result<_, _>>()?,
    })
}

/// Knows the text, to name lines.
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    fn exclude(&self, rule: &Spanned<Exclude>) -> Result<Exclusion, RulesError> {
        let Exclude { entities, case_sensitive, words, patterns } = rule.get_ref();
        if words.is_none() && patterns.is_none() {
            return Err(self.refuse(rule, RulesProblem::NothingToFind));
        }
        Ok(Exclusion {
            entities: self.optional("entities", entities.as_ref(), |entry| self.entity(entry))?,
            case_sensitive: *case_sensitive,
            words: self.optional("words", words.as_ref(), |entry| self.word(entry))?,
            patterns: self.optional("patterns", patterns.as_ref(), |entry| self.whole(entry))?,
        })
    }

    fn deny(&self, rule: &Deny) -> Result<Denied, RulesError> {
        Ok(Denied {
            entity: self.entity(&rule.entity)?,
            case_sensitive: rule.case_sensitive,
            score: rule.score.as_ref().map_or(Ok(1.0), |score| self.score(score))?,
            words: self.words("words", &rule.words)?,
        })
    }

    fn recognizer(&self, rule: &Spanned<Recognizer>) -> Result<Custom, RulesError> {
        let place = rule;
        let rule = rule.get_ref();
        if rule.words.is_none() && rule.patterns.is_none() {
            return Err(self.refuse(place, RulesProblem::NothingToFind));
        }
        let context = self.optional("context", rule.context.as_ref(), |entry| self.word(entry))?;
        let near_words = !context.is_empty();
        let words = self.optional("words", rule.words.as_ref(), |entry| self.word(entry))?;
        let scores = match &rule.words {
            Some(list) => self.scores(list, rule.score.as_ref(), rule.near.as_ref(), near_words)?,
            None => Scores::default(),
        };
        let patterns = self.optional("patterns", rule.patterns.as_ref(), |pattern| {
            let Pattern { regex, score, near } = pattern.get_ref();
            let (score, near) =
                (score.as_ref().or(rule.score.as_ref()), near.as_ref().or(rule.near.as_ref()));
            Ok((self.regex(regex)?, self.scores(pattern, score, near, near_words)?))
        })?;
        Ok(Custom {
            entity: self.entity(&rule.entity)?,
            about: rule.about.clone(),
            check: rule.check.as_ref().map(|name| self.check(name)).transpose()?,
            context,
            case_sensitive: rule.case_sensitive,
            words,
            scores,
            patterns,
        })
    }

    /// The scores that the rule at `at` gives.
    fn scores<T>(
        &self,
        at: &Spanned<T>,
        score: Option<&Spanned<f32>>,
        near: Option<&Spanned<f32>>,
        context: bool,
    ) -> Result<Scores, RulesError> {
        let score = score.ok_or_else(|| self.refuse(at, RulesProblem::NoScore))?;
        let alone = self.score(score)?;
        match near {
            Some(near) if !context => Err(self.refuse(near, RulesProblem::NearWithoutContext)),
            Some(near) => Ok(Scores { alone, near: self.score(near)? }),
            None => Ok(Scores { alone, near: (alone + NEAR).min(1.0) }),
        }
    }

    fn score(&self, score: &Spanned<f32>) -> Result<f32, RulesError> {
        let value = *score.get_ref();
        if !(0.0..=1.0).contains(&value) {
            return Err(self.refuse(score, RulesProblem::Score(value)));
        }
        Ok(value)
    }

    fn entity(&self, name: &Spanned<String>) -> Result<String, RulesError> {
        let text = name.get_ref();
        let letters = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !letters || text.len() > limits::NAME || !text.starts_with(|c: char| c.is_ascii_uppercase()) {
            return Err(
                self.refuse(name, RulesProblem::EntityName(text.chars().take(limits::NAME).collect()))
            );
        }
        Ok(text.clone())
    }

    fn check(&self, name: &Spanned<String>) -> Result<Check, RulesError> {
        checks::by_name(name.get_ref()).ok_or_else(|| {
            let text = name.get_ref().chars().take(limits::NAME).collect();
            self.refuse(name, RulesProblem::UnknownCheck(text))
        })
    }

    /// A pattern that finds values.
    fn regex(&self, pattern: &Spanned<String>) -> Result<Regex, RulesError> {
        let regex = self.compile(pattern, pattern.get_ref())?;
        if matches_empty(pattern.get_ref()) {
            return Err(self.refuse(pattern, RulesProblem::RegexMatchesEmpty));
        }
        Ok(regex)
    }

    /// A pattern that judges whole values.
    fn whole(&self, pattern: &Spanned<String>) -> Result<Regex, RulesError> {
        // By itself first, so that an error is about what the file says.
        self.compile(pattern, pattern.get_ref())?;
        self.compile(pattern, &format!(r"\A(?:{})\z", pattern.get_ref()))
    }

    fn compile(&self, at: &Spanned<String>, pattern: &str) -> Result<Regex, RulesError> {
        let built =
            RegexBuilder::new(pattern).size_limit(limits::REGEX).dfa_size_limit(limits::REGEX).build();
        built.map_err(|error| {
            let problem = match error {
                regex::Error::CompiledTooBig(_) => RulesProblem::RegexTooBig,
                error => {
                    let text = error.to_string();
                    let cause = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    RulesProblem::Regex(format!("the pattern is no regular expression: {cause}"))
                }
            };
            self.refuse(at, problem)
        })
    }

    fn optional<E, T>(
        &self,
        name: &'static str,
        list: Option<&Spanned<Vec<E>>>,
        entry: impl Fn(&E) -> Result<T, RulesError>,
    ) -> Result<Vec<T>, RulesError> {
        let Some(list) = list else { return Ok(Vec::new()) };
        if list.get_ref().is_empty() {
            return Err(self.refuse(list, RulesProblem::EmptyList(name)));
        }
        list.get_ref().iter().map(entry).collect()
    }

    fn words(&self, name: &'static str, list: &List) -> Result<Vec<String>, RulesError> {
        self.optional(name, Some(list), |entry| self.word(entry))
    }

    fn word(&self, word: &Spanned<String>) -> Result<String, RulesError> {
        let text = word.get_ref().trim();
        if text.is_empty() {
            return Err(self.refuse(word, RulesProblem::EmptyWord));
        }
        if text.len() > limits::WORD {
            return Err(self.refuse(word, RulesProblem::LongWord));
        }
        Ok(text.to_owned())
    }

    fn refuse<T>(&self, at: &Spanned<T>, problem: RulesProblem) -> RulesError {
        RulesError { line: self.line(at.span().start), problem }
    }

    fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
    }
}

/// Whether a valid pattern can match between two characters, as `\b` does.
fn matches_empty(pattern: &str) -> bool {
    let parsed = regex_syntax::ParserBuilder::new().utf8(false).build().parse(pattern);
    parsed.is_ok_and(|hir| hir.properties().minimum_len() == Some(0))
}
