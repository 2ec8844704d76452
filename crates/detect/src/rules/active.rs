//! Rules at work in a detector.

use std::{fmt, iter, ops::Range};

use regex::bytes::Regex;

use super::{
    Custom, Denied, LEGAL, Rules, Scores, TEST_NUMBERS,
    exclusions::Exclusions,
    limits,
    words::{Builder, Form, Words},
};
use crate::{
    EntityId, Finding,
    catalog::ENTITIES,
    checks::Check,
    engine::{BEFORE, Evidence, Raw, reach},
};

/// Rules at work: compiled, and only those whose findings are wanted.
pub(crate) struct Active {
    /// Types that are not built in; their numbers follow those of the built-in ones.
    names: Vec<String>,
    exclusions: Exclusions,
    words: Option<Words<Target>>,
    recognizers: Vec<Recognizer>,
}

/// What a word stands for.
#[derive(Clone, Copy)]
enum Target {
    Denied {
        entity: EntityId,
        score: f32,
    },
    /// A value of the recogniser.
    Value(usize),
    /// A context word of the recogniser.
    Context(usize),
}

struct Recognizer {
    entity: EntityId,
    check: Option<Check>,
    patterns: Vec<(Regex, Scores)>,
    scores: Scores,
}

/// Where the words of a recogniser stand in a window.
#[derive(Default)]
struct Places {
    values: Vec<Range<usize>>,
    context: Vec<Range<usize>>,
}

impl Active {
    /// The rules at work, where `wanted` are the types to look for; `foreign` types are those that others find.
    ///
    /// # Errors
    /// The name of a type that nothing finds.
    pub(crate) fn new<'a>(
        rules: &'a Rules,
        foreign: impl Iterator<Item = &'a String>,
        wanted: Option<&[String]>,
    ) -> Result<Self, String> {
        let mut names: Vec<String> = Vec::new();
        for name in rules.entities().map(|(name, _)| name).chain(foreign.map(String::as_str)) {
            if number(&names, name).is_none() {
                names.push(name.to_owned());
            }
        }
        let known = |name: &String| number(&names, name).ok_or_else(|| name.clone());
        wanted.unwrap_or_default().iter().try_for_each(|name| known(name).map(|_| ()))?;
        let is_wanted = |name: &String| wanted.is_none_or(|wanted| wanted.contains(name));

        let legal = rules.legal.then(|| &LEGAL.exclusions).into_iter().flatten();
        let test_numbers = rules.test_numbers.then(|| &TEST_NUMBERS.exclusions).into_iter().flatten();
        let excluded: Vec<_> = (rules.exclusions.iter().chain(legal).chain(test_numbers))
            .map(|rule| Ok((rule, rule.entities.iter().map(known).collect::<Result<_, _>>()?)))
            .collect::<Result<_, String>>()?;
        let exclusions = Exclusions::new(excluded.into_iter(), ENTITIES.len() + names.len());

        let mut words = Builder::new();
        for Denied { entity, case_sensitive, score, words: list } in &rules.denied {
            if is_wanted(entity) {
                let target = Target::Denied { entity: known(entity)?, score: *score };
                list.iter().for_each(|word| words.add(word, form(*case_sensitive), target));
            }
        }
        let mut recognizers = Vec::new();
        for rule in rules.recognizers.iter().filter(|rule| is_wanted(&rule.entity)) {
            let index = recognizers.len();
            let Custom { entity, check, scores, patterns, .. } = rule;
            rule.words
                .iter()
                .for_each(|word| words.add(word, form(rule.case_sensitive), Target::Value(index)));
            rule.context.iter().for_each(|word| words.add(word, Form::Inflected, Target::Context(index)));
            recognizers.push(Recognizer {
                entity: known(entity)?,
                check: *check,
                patterns: patterns.clone(),
                scores: *scores,
            });
        }
        Ok(Self { exclusions, words: words.build(), recognizers, names })
    }

    /// The name of a type of these rules.
    pub(crate) fn name(&self, entity: EntityId) -> &str {
        &self.names[usize::from(entity.0) - ENTITIES.len()]
    }

    /// The number of a type, built in or not.
    pub(crate) fn number(&self, name: &str) -> Option<EntityId> {
        number(&self.names, name)
    }

    /// Adds what the rules find in `core` of `window` to `raws`, and takes away what they exclude.
    pub(crate) fn apply(&self, window: &[u8], core: &Range<usize>, threshold: f32, raws: &mut Vec<Raw>) {
        let mut denied = Vec::new();
        let mut places: Vec<Places> = self.recognizers.iter().map(|_| Places::default()).collect();
        if let Some(words) = &self.words {
            // Far enough for the context of the longest value that starts at the core's last byte.
            let seen = window.len().min(core.end + 2 * BEFORE);
            words.find(window, seen, |place, target| match target {
                Target::Value(index) => places[index].values.push(place),
                Target::Context(index) => places[index].context.push(place),
                Target::Denied { entity, score } => denied.push(raw(entity, &place, score, Evidence::Listed)),
            });
        }
        for (recognizer, places) in self.recognizers.iter().zip(places) {
            recognizer.find(window, core, places, raws);
        }
        raws.retain(|Raw { finding, .. }| {
            finding.score >= threshold
                && !self.exclusions.contain(&window[finding.start..finding.end], finding.entity)
        });
        raws.extend(
            denied
                .into_iter()
                .filter(|Raw { finding, .. }| finding.score >= threshold && core.contains(&finding.start)),
        );
    }
}

impl Recognizer {
    /// Adds what starts in `core` of `window` to `raws`, whatever its score.
    fn find(&self, window: &[u8], core: &Range<usize>, places: Places, raws: &mut Vec<Raw>) {
        let Places { values, mut context } = places;
        context.sort_unstable_by_key(|place| place.start);
        let mut judge = |place: Range<usize>, scores: Scores| {
            let whole = is_boundary(window, place.start) && is_boundary(window, place.end);
            if !core.contains(&place.start)
                || !whole
                || self.check.is_some_and(|check| !check(&window[place.clone()]))
            {
                return;
            }
            let is_near = !context.is_empty() && stands_near(&context, window, &place);
            let evidence = match (self.check, is_near) {
                (Some(_), _) => Evidence::Check,
                (None, true) => Evidence::Context,
                (None, false) => Evidence::Shape,
            };
            let score = if is_near { scores.near } else { scores.alone };
            raws.push(raw(self.entity, &place, score, evidence));
        };
        values.into_iter().for_each(|place| judge(place, self.scores));
        // A match that the end cuts short is longer than a value may be.
        let seen = window.len().min(core.end + limits::VALUE + 4);
        for (regex, scores) in &self.patterns {
            for place in regex.find_iter(&window[..seen]).map(|found| found.range()) {
                if place.start >= core.end {
                    break;
                }
                if place.len() <= limits::VALUE {
                    judge(place, *scores);
                }
            }
        }
    }
}

/// Whether a context word, of those sorted by start, stands within reach of `value` and outside it.
fn stands_near(context: &[Range<usize>], window: &[u8], value: &Range<usize>) -> bool {
    let reach = reach(window, value.start, value.end);
    let first = context.partition_point(|place| place.start < reach.start);
    (context[first..].iter().take_while(|place| place.start < reach.end))
        .any(|place| place.end <= value.start || place.start >= value.end)
}

fn raw(entity: EntityId, place: &Range<usize>, score: f32, evidence: Evidence) -> Raw {
    let finding = Finding { entity, start: place.start, end: place.end, score };
    Raw { finding, specificity: evidence as u8, yields: place.end }
}

fn form(case_sensitive: bool) -> Form {
    if case_sensitive { Form::Exact } else { Form::AnyCase }
}

/// The number of a type: built in, or one of `names`.
fn number(names: &[String], name: &str) -> Option<EntityId> {
    let position = iter::chain(ENTITIES.iter().copied(), names.iter().map(String::as_str))
        .position(|known| known == name)?;
    u16::try_from(position).ok().map(EntityId)
}

/// Whether `at` is not inside a character.
fn is_boundary(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80)
}

impl fmt::Debug for Active {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Active")
            .field("types", &self.names)
            .field("recognizers", &self.recognizers.len())
            .finish_non_exhaustive()
    }
}
