//! The weights of a trained tagger, and what they make of a text.

use super::{
    chain::{Chain, Kind, LABELS, Part, Scores, Transitions, meaning},
    features::{ROWS, Rows, Sight},
    lexicon::Lexicon,
    tokens::{self, Look, Token},
};

/// How much is taken from the score of "no name": a name that is missed costs more than one that is none.
const EAGER: f32 = 0.7;
/// Names of people as sure as this are looked for elsewhere in the text.
const SURE: f32 = 0.65;
/// How sure a word is that is part of such a name, or stands behind a title.
const AGAIN: f32 = 0.6;
/// Bytes of a row: a weight for each label, and padding that makes a row a vector.
const ROW: usize = 16;
const MAGIC: &[u8; 8] = b"tacita/1";
/// Steps of the table that makes a likelihood a confidence.
pub const STEPS: usize = 21;

/// A name in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Name {
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// What it names.
    pub kind: Kind,
    /// How sure that is.
    pub score: f32,
}

/// A tagger, trained: everything that [`encode`] wrote.
pub struct Model<'a> {
    weights: &'a [[u8; ROW]],
    scale: f32,
    transitions: Transitions,
    transition_weights: [Scores; LABELS],
    /// By kind, the confidence of each likelihood from 0 to 1 in even steps.
    calibration: [[f32; STEPS]; Kind::LEARNT.len()],
    lexicon: Lexicon<'a>,
}

/// Buffers, reused from text to text.
#[derive(Default)]
pub struct Scratch {
    tokens: Vec<Token>,
    sight: Sight,
    runs: Vec<std::ops::Range<usize>>,
    rows: Rows,
    scores: Vec<Scores>,
    chain: Chain,
    known: Vec<u64>,
}

impl<'a> Model<'a> {
    /// Reads a model; `None` if these bytes are none.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(MAGIC)?;
        let (weights, bytes) = bytes.split_at_checked(ROWS * ROW)?;
        let (lexicon, bytes) = bytes.split_at_checked(Lexicon::BYTES)?;
        let (numbers, rest) = bytes.as_chunks();
        let mut numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let scale = numbers.next()?;
        let mut transitions = Transitions::even();
        for row in &mut transitions.scores {
            for score in row {
                *score = numbers.next()?;
            }
        }
        let mut calibration = [[0.0; STEPS]; Kind::LEARNT.len()];
        for step in calibration.as_flattened_mut() {
            *step = numbers.next()?;
        }
        if numbers.next().is_some() || !rest.is_empty() {
            return None;
        }
        let transition_weights = transitions.weights();
        let lexicon = Lexicon::new(lexicon)?;
        Some(Self {
            weights: weights.as_chunks().0,
            scale,
            transitions,
            transition_weights,
            calibration,
            lexicon,
        })
    }

    /// Calls `found` with the names in `text`; groups may overlap others.
    pub fn find(&self, text: &[u8], scratch: &mut Scratch, mut found: impl FnMut(Name)) {
        let Scratch { tokens, sight, runs, rows, scores, chain, known } = scratch;
        tokens::tokens(text, tokens);
        sight.look(tokens, &self.lexicon);
        sight.groups(text, |place, score| {
            found(Name { start: place.start, end: place.end, kind: Kind::Group, score });
        });
        sight.runs(text, runs);
        known.clear();
        for run in runs.iter() {
            scores.clear();
            for at in run.clone() {
                sight.rows(text, at, rows);
                let mut own = self.score(rows);
                own[0] -= EAGER;
                scores.push(own);
            }
            chain.decode(scores, &self.transitions);
            if chain.labels.iter().all(|label| *label == 0) {
                continue;
            }
            chain.weigh(scores, &self.transition_weights);
            let tokens = &mut tokens[run.clone()];
            let mut first = 0;
            let mut likely = 1.0f32;
            for (at, label) in chain.labels.iter().enumerate() {
                let label = usize::from(*label);
                let Some((kind, part)) = meaning(label) else { continue };
                if matches!(part, Part::First | Part::Only) {
                    (first, likely) = (at, 1.0);
                }
                likely = likely.min(chain.likely[at][label]);
                if matches!(part, Part::Last | Part::Only) {
                    let (start, end) = (tokens[first].start as usize, tokens[at].end as usize);
                    let score = self.confidence(kind, likely);
                    found(Name { start, end, kind, score });
                    if kind == Kind::Person && score >= SURE {
                        known.extend(
                            tokens[first..=at].iter().filter(|t| t.look == Look::Title).map(|t| t.word),
                        );
                    }
                    // What is surer already is not looked at again below.
                    if score >= AGAIN {
                        tokens[first..=at].iter_mut().for_each(|token| token.look = Look::Mark);
                    }
                }
            }
        }
        // Who is named once surely is meant elsewhere too, where nothing else says so; and a title names who follows.
        known.sort_unstable();
        known.dedup();
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.look == Look::Title) {
            let again = || known.binary_search(&token.word).is_ok();
            if (sight.behind_title(at) || again()) && sight.may_name(text, at) {
                let (start, end) = (token.start as usize, token.end as usize);
                found(Name { start, end, kind: Kind::Person, score: AGAIN });
            }
        }
    }

    fn score(&self, rows: &Rows) -> Scores {
        let mut sum = [0i16; ROW];
        for row in rows.get() {
            for (sum, weight) in sum.iter_mut().zip(&self.weights[*row as usize]) {
                *sum += i16::from(weight.cast_signed());
            }
        }
        std::array::from_fn(|label| f32::from(sum[label]) * self.scale)
    }

    fn confidence(&self, kind: Kind, likely: f32) -> f32 {
        let steps = &self.calibration[kind as usize];
        let at = likely.clamp(0.0, 1.0) * (STEPS - 1) as f32;
        let (below, part) = (at as usize, at.fract());
        let above = (below + 1).min(STEPS - 1);
        steps[below] * (1.0 - part) + steps[above] * part
    }
}

/// Writes a model: the weights are rounded to a byte each.
#[must_use]
pub fn encode(
    weights: &[Scores],
    transitions: &Transitions,
    calibration: &[[f32; STEPS]; Kind::LEARNT.len()],
    lexicon: &[u8],
) -> Vec<u8> {
    let most = weights.as_flattened().iter().fold(f32::MIN_POSITIVE, |most, w| most.max(w.abs()));
    let scale = most / f32::from(i8::MAX);
    let mut bytes = MAGIC.to_vec();
    for row in weights {
        let mut own = [0; ROW];
        for (byte, weight) in own.iter_mut().zip(row) {
            *byte = ((weight / scale).round() as i8).cast_unsigned();
        }
        bytes.extend(own);
    }
    bytes.extend(lexicon);
    let numbers = [scale].into_iter().chain(transitions.scores.into_iter().flatten());
    for number in numbers.chain(calibration.iter().flatten().copied()) {
        bytes.extend(number.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::names::BUILT_IN;

    const BYTES: &[u8] = include_bytes!("../../models/names.bin");

    fn names(text: &str) -> Vec<(&str, Kind)> {
        let mut found = Vec::new();
        BUILT_IN.find(text.as_bytes(), &mut Scratch::default(), |name| {
            if name.score >= 0.5 {
                found.push((&text[name.start..name.end], name.kind));
            }
        });
        found.sort_by_key(|(name, _)| name.as_ptr());
        found
    }

    #[test]
    fn only_a_whole_model_is_one() {
        assert!(Model::new(BYTES).is_some());
        for broken in [&BYTES[1..], &BYTES[..BYTES.len() - 1], &BYTES[..100], b""] {
            assert!(Model::new(broken).is_none());
        }
        assert!(Model::new(&[BYTES, &[0]].concat()).is_none());
    }

    #[test]
    fn names_are_read_in_six_languages() {
        use Kind::{Group, Location, Organization, Person};
        assert_eq!(
            names("Mara Lind moved to Ljubljana in May."),
            [("Mara Lind", Person), ("Ljubljana", Location)]
        );
        assert_eq!(names("Sehr geehrte Frau Birkenfeld,"), [("Birkenfeld", Person)]);
        assert_eq!(
            names("Camille Rouvière habite à Lyon."),
            [("Camille Rouvière", Person), ("Lyon", Location)]
        );
        assert_eq!(
            names("Me llamo Lucía Arrabal y vivo en Madrid."),
            [("Lucía Arrabal", Person), ("Madrid", Location)]
        );
        assert_eq!(
            names("Mi chiamo Matteo Ferrante e vivo a Torino."),
            [("Matteo Ferrante", Person), ("Torino", Location)]
        );
        assert_eq!(
            names("Mijn naam is Joost van Dalen en ik woon in Utrecht."),
            [("Joost van Dalen", Person), ("Utrecht", Location),]
        );
        assert_eq!(names("She works for Siemens."), [("Siemens", Organization)]);
        assert_eq!(names("We discussed the language of the contract. She is a Muslim."), [("Muslim", Group)]);
    }

    #[test]
    fn who_is_named_once_is_known_elsewhere() {
        let found = names("John Smith came.\nMr. Smith.\nMark Young signed. Young people came.");
        assert!(found.iter().filter(|(name, _)| name.contains("Smith")).count() == 2, "{found:?}");
        assert!(!found.contains(&("Young", Kind::Person)), "{found:?}");
    }

    #[test]
    fn programs_name_nobody() {
        for code in [
            "pub struct Stack<T> { Clone, Hash }",
            "let Reader = Builder::new(Config);",
            "import numpy as np",
            "lang.German = 3",
            "/* Set the version of an SCT. */",
            "SLACK = token",
        ] {
            assert_eq!(names(code), [], "{code}");
        }
    }

    proptest! {
        #[test]
        fn names_lie_in_the_text(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut places = Vec::new();
            BUILT_IN.find(&bytes, &mut Scratch::default(), |name| places.push((name.start, name.end, name.score)));
            for (start, end, score) in places {
                prop_assert!(start < end && end <= bytes.len() && (0.0..=1.0).contains(&score));
            }
        }
    }
}
