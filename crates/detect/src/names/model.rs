//! The weights of a trained tagger, and what they make of a text.

use std::ops::Range;

use super::{
    chain::{Chain, Kind, LABELS, Part, Scores, Steps, Transitions, meaning},
    features::{ROWS, Sight},
    lexicon::Lexicon,
    tokens::Look,
};

/// How much is taken from the score of "no name": a name that is missed costs more than one that is none.
const EAGER: f32 = 0.7;
/// Names of people as sure as this are looked for elsewhere in the text.
const SURE: f32 = 0.65;
/// How sure a word is that is part of such a name, or stands behind a title.
const AGAIN: f32 = 0.6;
const MAGIC: &[u8; 8] = b"tacita/2";
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

/// By row and label, in steps of the scale.
type Weights = [[u8; LABELS]; ROWS];

/// A tagger, trained: everything that [`encode`] wrote.
pub struct Model<'a> {
    weights: &'a Weights,
    scale: f32,
    /// Of the transitions, their scores and the exponentials of these.
    steps: Steps,
    step_weights: Steps,
    /// By kind, the confidence of each likelihood from 0 to 1 in even steps.
    calibration: [[f32; STEPS]; Kind::LEARNT.len()],
    lexicon: Lexicon<'a>,
}

/// Buffers, reused from text to text.
#[derive(Default)]
pub struct Scratch {
    sight: Sight,
    runs: Vec<Range<usize>>,
    buffers: Buffers,
    /// Words of the names of people that were surely found.
    known: Vec<u64>,
}

/// What is reckoned about a run.
#[derive(Default)]
struct Buffers {
    scores: Vec<Scores>,
    chain: Chain,
}

impl<'a> Model<'a> {
    /// Reads a model; `None` if these bytes are none.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(MAGIC)?;
        let (weights, bytes) = bytes.split_at_checked(ROWS * LABELS)?;
        let weights = weights.as_chunks().0.try_into().ok()?;
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
        let lexicon = Lexicon::new(lexicon)?;
        Some(Self {
            weights,
            scale,
            steps: transitions.steps(),
            step_weights: transitions.weights(),
            calibration,
            lexicon,
        })
    }

    /// Calls `found` with the names in `text`; groups may overlap others.
    pub fn find(&self, text: &[u8], scratch: &mut Scratch, mut found: impl FnMut(Name)) {
        let Scratch { sight, runs, buffers, known } = scratch;
        sight.look(text, &self.lexicon);
        sight.groups(text, |place, score| {
            found(Name { start: place.start, end: place.end, kind: Kind::Group, score });
        });
        sight.runs(text, runs);
        known.clear();
        for run in runs.iter() {
            if !self.read(text, run.clone(), sight, buffers) {
                continue;
            }
            let chain = &buffers.chain;
            let mut first = run.start;
            let mut likely = 1.0f32;
            for (at, (label, all)) in run.clone().zip(chain.labels.iter().zip(&chain.likely)) {
                let label = usize::from(*label);
                let Some((kind, part)) = meaning(label) else { continue };
                if matches!(part, Part::First | Part::Only) {
                    (first, likely) = (at, 1.0);
                }
                likely = likely.min(all[label]);
                if matches!(part, Part::Last | Part::Only) {
                    let tokens = &sight.tokens()[first..=at];
                    let (start, end) = (tokens[0].start as usize, tokens[at - first].end as usize);
                    let score = self.confidence(kind, likely);
                    found(Name { start, end, kind, score });
                    if kind == Kind::Person && score >= SURE {
                        known.extend(tokens.iter().filter(|t| t.look == Look::Title).map(|t| t.word));
                    }
                    // What is surer already is not looked at again below.
                    if score >= AGAIN {
                        sight.name(first..at + 1);
                    }
                }
            }
        }
        // Who is named once surely is meant elsewhere too, where nothing else says so; and a title names who follows.
        known.sort_unstable();
        known.dedup();
        for (at, token) in sight.tokens().iter().enumerate() {
            let again = || known.binary_search(&token.word).is_ok();
            if sight.may_name(text, at) && (sight.behind_title(at) || again()) {
                let Range { start, end } = token.place();
                found(Name { start, end, kind: Kind::Person, score: AGAIN });
            }
        }
    }

    /// Fills `chain` for a run of tokens; `false` where no name is in it, and then without likelihoods.
    fn read(&self, text: &[u8], run: Range<usize>, sight: &Sight, buffers: &mut Buffers) -> bool {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, just asked.
            return unsafe { avx2::read(self, text, run, sight, buffers) };
        }
        self.read_portable(text, run, sight, buffers)
    }

    fn read_portable(&self, text: &[u8], run: Range<usize>, sight: &Sight, buffers: &mut Buffers) -> bool {
        self.read_by(run, buffers, |at| {
            let mut sums = [0; LABELS];
            sight.rows(text, at, |row| {
                for (sum, weight) in sums.iter_mut().zip(&self.weights[row]) {
                    *sum += i16::from(weight.cast_signed());
                }
            });
            sums
        })
    }

    /// Reads a run by a way to sum the rows of a token.
    #[inline(always)]
    fn read_by(
        &self,
        run: Range<usize>,
        Buffers { scores, chain }: &mut Buffers,
        sum: impl Fn(usize) -> [i16; LABELS],
    ) -> bool {
        scores.clear();
        for at in run {
            let mut own = sum(at).map(|sum| f32::from(sum) * self.scale);
            own[0] -= EAGER;
            scores.push(own);
        }
        chain.decode(scores, &self.steps);
        let names = chain.labels.iter().any(|label| *label != 0);
        if names {
            chain.weigh(scores, &self.step_weights);
        }
        names
    }

    fn confidence(&self, kind: Kind, likely: f32) -> f32 {
        let steps = &self.calibration[kind as usize];
        let at = likely.clamp(0.0, 1.0) * (STEPS - 1) as f32;
        let (below, part) = (at as usize, at.fract());
        let above = (below + 1).min(STEPS - 1);
        steps[below] * (1.0 - part) + steps[above] * part
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_add_epi16, _mm256_cvtepi8_epi16, _mm256_setzero_si256,
    };

    use super::{Buffers, LABELS, Model, Range, Sight};

    #[target_feature(enable = "avx2")]
    pub(super) fn read(
        model: &Model<'_>,
        text: &[u8],
        run: Range<usize>,
        sight: &Sight,
        buffers: &mut Buffers,
    ) -> bool {
        model.read_by(run, buffers, |at| {
            let mut sums = _mm256_setzero_si256();
            sight.rows(text, at, |row| {
                let row: &[u8; LABELS] = &model.weights[row];
                // SAFETY: it reads the 16 bytes of the row.
                let row = unsafe { _mm_loadu_si128(row.as_ptr().cast()) };
                sums = _mm256_add_epi16(sums, _mm256_cvtepi8_epi16(row));
            });
            // SAFETY: both have 32 bytes, of which every pattern is a number.
            unsafe { std::mem::transmute::<__m256i, [i16; LABELS]>(sums) }
        })
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
        let mut own = [0; LABELS];
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
        assert_eq!(
            names("She works for Siemens in Berlin."),
            [("Siemens", Organization), ("Berlin", Location)]
        );
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

    #[test]
    fn every_processor_reads_the_same() {
        let text =
            "Mara Lind moved to Ljubljana in May.\nShe works for Siemens, as did Dr. Ferrante.\nMs. LIND?";
        let (mut sight, mut runs) = (Sight::default(), Vec::new());
        sight.look(text.as_bytes(), &BUILT_IN.lexicon);
        sight.runs(text.as_bytes(), &mut runs);
        assert!(runs.len() > 2);
        for run in runs {
            let (mut one, mut other) = (Buffers::default(), Buffers::default());
            let names = BUILT_IN.read(text.as_bytes(), run.clone(), &sight, &mut one);
            assert_eq!(names, BUILT_IN.read_portable(text.as_bytes(), run, &sight, &mut other));
            assert_eq!(one.scores, other.scores);
            assert_eq!((one.chain.labels, one.chain.likely), (other.chain.labels, other.chain.likely));
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
