//! Labels of tokens that follow each other, and the best and the likeliest of their chains.

/// What a name names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A person.
    Person,
    /// A place.
    Location,
    /// An organisation.
    Organization,
    /// A nationality, a religion, a political group. These the lexicon lists; the tagger learns the other kinds.
    Group,
}

impl Kind {
    /// Those that are learnt.
    pub const LEARNT: [Self; 3] = [Self::Person, Self::Location, Self::Organization];
}

/// Labels, in four groups of four, which is as many as a processor reckons at once: first the first tokens of names,
/// then names of one token, then tokens inside of names, then their last ones, by kind. The first of the first group is
/// no name; the first of the other groups is no label.
pub const LABELS: usize = 16;

/// Where in a name a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first of several.
    First,
    /// The only one.
    Only,
    /// Neither the first nor the last.
    Inside,
    /// The last of several.
    Last,
}

/// The label of a token of a name.
#[must_use]
pub fn label(kind: Kind, part: Part) -> usize {
    4 * part as usize + 1 + kind as usize
}

/// What a label says; `None` is no name.
#[must_use]
pub fn meaning(label: usize) -> Option<(Kind, Part)> {
    let kind = (label % 4).checked_sub(1)?;
    let part = [Part::First, Part::Only, Part::Inside, Part::Last][label / 4];
    Some((Kind::LEARNT[kind], part))
}

/// Whether `next` may follow `label`; at the start and the end of a chain stands 0.
#[must_use]
pub fn follows(label: usize, next: usize) -> bool {
    let opens = meaning(label).filter(|(_, part)| matches!(part, Part::First | Part::Inside));
    let goes_on = meaning(next).filter(|(_, part)| matches!(part, Part::Inside | Part::Last));
    let is_label = |label: usize| label == 0 || meaning(label).is_some();
    is_label(label) && is_label(next) && opens.map(|(kind, _)| kind) == goes_on.map(|(kind, _)| kind)
}

/// Labels behind which no name is open. They are followed by those that are below [`INSIDE`].
const CLOSED: [usize; 7] = [0, 5, 6, 7, 13, 14, 15];
/// The first label of the group of tokens inside of names, and of that of last ones.
const INSIDE: usize = 8;
const LAST: usize = 12;

/// A value for each label.
pub type Scores = [f32; LABELS];

/// How well each label follows each: only those that may.
#[derive(Clone, Debug)]
pub struct Transitions {
    /// By label, then by the one behind it.
    pub scores: [Scores; LABELS],
}

impl Transitions {
    /// Every transition that may be is as good as another.
    #[must_use]
    pub fn even() -> Self {
        let score = |a, b| if follows(a, b) { 0.0 } else { f32::NEG_INFINITY };
        Self { scores: std::array::from_fn(|a| std::array::from_fn(|b| score(a, b))) }
    }

    /// Their scores.
    #[must_use]
    pub fn steps(&self) -> Steps {
        Steps::new(self.scores)
    }

    /// Their exponentials.
    #[must_use]
    pub fn weights(&self) -> Steps {
        Steps::new(self.scores.map(|row| row.map(f32::exp)))
    }
}

/// Transitions, laid out for reckoning with four labels at once.
pub struct Steps {
    all: [Scores; LABELS],
    /// From each closed label to those that may follow it, and back.
    closed: [[f32; INSIDE]; CLOSED.len()],
    back: [Scores; INSIDE],
    /// Between labels of one kind: from first and inside to inside and last.
    onward: [[[f32; 4]; 2]; 2],
}

impl Steps {
    fn new(all: [Scores; LABELS]) -> Self {
        let mut back = [[0.0; LABELS]; INSIDE];
        for (to, row) in back.iter_mut().enumerate() {
            CLOSED.iter().for_each(|from| row[*from] = all[*from][to]);
        }
        let onward = [0, INSIDE]
            .map(|from| [INSIDE, LAST].map(|to| std::array::from_fn(|kind| all[from + kind][to + kind])));
        let closed = CLOSED.map(|from| *all[from].first_chunk().expect("it is shorter"));
        Self { all, closed, back, onward }
    }

    /// One step forward from `before`: what reaches a label is taken together by `join`, and how by `by`.
    #[inline(always)]
    fn forward(
        &self,
        before: &Scores,
        by: impl Fn(f32, f32) -> f32,
        join: impl Fn(f32, f32) -> f32,
    ) -> Scores {
        let mut reached = [0.0; LABELS];
        for (reached, step) in reached.iter_mut().zip(&self.closed[0]) {
            *reached = by(before[0], *step);
        }
        for (from, row) in CLOSED.iter().zip(&self.closed).skip(1) {
            for (reached, step) in reached.iter_mut().zip(row) {
                *reached = join(*reached, by(before[*from], *step));
            }
        }
        for (group, to) in [INSIDE, LAST].into_iter().enumerate() {
            for kind in 0..4 {
                reached[to + kind] = join(
                    by(before[kind], self.onward[0][group][kind]),
                    by(before[INSIDE + kind], self.onward[1][group][kind]),
                );
            }
        }
        reached
    }

    /// One step back from `behind`, by weights.
    #[inline(always)]
    fn backward(&self, behind: &Scores) -> Scores {
        let mut reached = [0.0; LABELS];
        for (to, row) in self.back.iter().enumerate() {
            for from in 0..LABELS {
                reached[from] += behind[to] * row[from];
            }
        }
        for (group, from) in [0, INSIDE].into_iter().enumerate() {
            for kind in 0..4 {
                reached[from + kind] += behind[INSIDE + kind] * self.onward[group][0][kind]
                    + behind[LAST + kind] * self.onward[group][1][kind];
            }
        }
        reached
    }
}

/// Buffers of a search for chains, reused.
#[derive(Default)]
pub struct Chain {
    best: Vec<Scores>,
    /// The best chain's labels.
    pub labels: Vec<u8>,
    forward: Vec<Scores>,
    exponentials: Vec<Scores>,
    /// How likely each label is at each token.
    pub likely: Vec<Scores>,
}

impl Chain {
    /// Fills `labels` with the best chain: Viterbi's algorithm.
    #[inline(always)]
    pub fn decode(&mut self, scores: &[Scores], steps: &Steps) {
        self.best.clear();
        let mut before = START_SCORES;
        for own in scores {
            let reached = steps.forward(&before, |a, b| a + b, |a, b| if a > b { a } else { b });
            before = std::array::from_fn(|label| reached[label] + own[label]);
            self.best.push(before);
        }
        self.labels.clear();
        self.labels.resize(scores.len(), 0);
        let best = |labels: &[usize], score: &dyn Fn(usize) -> f32| {
            let mut best = labels[0];
            for label in &labels[1..] {
                best = if score(*label) > score(best) { *label } else { best };
            }
            best
        };
        let mut label = best(&CLOSED, &|label| before[label]);
        for (at, own) in self.labels.iter_mut().enumerate().rev() {
            *own = label as u8;
            let Some(before) = at.checked_sub(1).map(|at| &self.best[at]) else { break };
            let score = |from: usize| before[from] + steps.all[from][label];
            label = if label < INSIDE {
                best(&CLOSED, &score)
            } else {
                best(&[label % 4, INSIDE + label % 4], &score)
            };
        }
    }

    /// Fills `likely` over all chains: the forward-backward algorithm. `weights` are those of the transitions.
    #[inline(always)]
    pub fn weigh(&mut self, scores: &[Scores], weights: &Steps) {
        self.forward.clear();
        self.exponentials.clear();
        let mut before = START;
        for own in scores {
            let own = exponentials(own);
            before = scaled(times(&step(&before, weights), &own));
            self.exponentials.push(own);
            self.forward.push(before);
        }
        let mut behind = END;
        self.likely.clear();
        self.likely.resize(scores.len(), [0.0; LABELS]);
        for at in (0..scores.len()).rev() {
            self.likely[at] = scaled(times(&self.forward[at], &behind));
            behind = scaled(weights.backward(&times(&behind, &self.exponentials[at])));
        }
    }

    /// How likely `to` is at `at + 1` with `from` at `at`, of all pairs; after [`Self::weigh`] with the same weights.
    #[must_use]
    pub fn pairs(&self, weights: &Steps, at: usize) -> [Scores; LABELS] {
        // How likely a label is, shared out among those it is reached from.
        let (reached, next) = (step(&self.forward[at], weights), &self.likely[at + 1]);
        let behind: Scores =
            std::array::from_fn(|to| if reached[to] > 0.0 { next[to] / reached[to] } else { 0.0 });
        std::array::from_fn(|from| {
            std::array::from_fn(|to| self.forward[at][from] * weights.all[from][to] * behind[to])
        })
    }
}

/// Before a chain there is no name, and behind it none is open; as weights, and the former as scores too.
const START: Scores = {
    let mut start = [0.0; LABELS];
    start[0] = 1.0;
    start
};
const START_SCORES: Scores = {
    let mut start = [f32::NEG_INFINITY; LABELS];
    start[0] = 0.0;
    start
};
const END: Scores = {
    let (mut end, mut number) = ([0.0; LABELS], 0);
    while number < CLOSED.len() {
        end[CLOSED[number]] = 1.0;
        number += 1;
    }
    end
};

/// One step forward from `before`.
#[inline(always)]
fn step(before: &Scores, weights: &Steps) -> Scores {
    weights.forward(before, |a, b| a * b, |a, b| a + b)
}

#[inline(always)]
fn exponentials(scores: &Scores) -> Scores {
    let most = scores.iter().copied().fold(f32::MIN, |a, b| if a > b { a } else { b });
    // No label is impossible by its score: a chain may have no other.
    std::array::from_fn(|label| exponential(scores[label] - most))
}

/// The exponential function of a number that is not above zero, or of -60 where it is below that. The same bits on every
/// machine, and several at once; it is off by less than a millionth (Cephes, `expf.c`).
#[inline(always)]
fn exponential(x: f32) -> f32 {
    /// Added to a small number and taken away again, it rounds: no bits are left for a fraction.
    const ROUNDS: f32 = 12_582_912.0;
    let x = if x > -60.0 { x } else { -60.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUNDS;
    let power = shifted - ROUNDS;
    // In two steps, the first of which has so few bits that it is exact.
    let rest = x - power * 0.693_359_4 - power * -2.121_944_4e-4;
    let mut sum = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        sum = sum * rest + coefficient;
    }
    let fraction = sum * rest * rest + rest + 1.0;
    fraction * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1f32.to_bits()))
}

#[inline(always)]
fn times(a: &Scores, b: &Scores) -> Scores {
    std::array::from_fn(|label| a[label] * b[label])
}

/// The same with a sum of one.
#[inline(always)]
fn scaled(scores: Scores) -> Scores {
    let mut sums = [0.0; 4];
    for group in scores.as_chunks::<4>().0 {
        for kind in 0..4 {
            sums[kind] += group[kind];
        }
    }
    let sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    // Too little for a number: then nothing is known.
    if sum > 0.0 {
        let share = 1.0 / sum;
        scores.map(|score| score * share)
    } else {
        [1.0 / LABELS as f32; LABELS]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every chain of labels that may be, with its score.
    fn chains(scores: &[Scores], transitions: &Transitions) -> Vec<(Vec<u8>, f32)> {
        let mut chains = vec![(vec![], 0.0)];
        for own in scores {
            chains = (chains.iter())
                .flat_map(|(chain, score): &(Vec<u8>, f32)| {
                    let last = usize::from(chain.last().copied().unwrap_or(0));
                    (0..LABELS).filter(move |label| follows(last, *label)).map(move |label| {
                        let longer = chain.iter().copied().chain([label as u8]).collect();
                        (longer, score + transitions.scores[last][label] + own[label])
                    })
                })
                .collect();
        }
        chains.retain(|(chain, _)| follows(usize::from(*chain.last().unwrap()), 0));
        chains
    }

    proptest! {
        #[test]
        fn the_best_and_the_likeliest_are_those_of_all_chains(
            scores in prop::collection::vec(prop::array::uniform16(-4.0f32..4.0), 1..4),
            seed in prop::array::uniform16(-1.0f32..1.0),
        ) {
            let mut transitions = Transitions::even();
            for (row, add) in transitions.scores.iter_mut().zip(seed) {
                row.iter_mut().for_each(|score| *score += add);
            }
            let all = chains(&scores, &transitions);
            let mut chain = Chain::default();
            chain.decode(&scores, &transitions.steps());
            let best = all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            prop_assert_eq!(&chain.labels, &best.0);

            chain.weigh(&scores, &transitions.weights());
            let sum: f64 = all.iter().map(|(_, score)| f64::from(*score).exp()).sum();
            for at in 0..scores.len() {
                for label in 0..LABELS {
                    let own = all.iter().filter(|(chain, _)| usize::from(chain[at]) == label);
                    let likely = own.map(|(_, score)| f64::from(*score).exp()).sum::<f64>() / sum;
                    prop_assert!((f64::from(chain.likely[at][label]) - likely).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn the_exponential_is_near_enough() {
        for step in 0..600_000 {
            let x = step as f32 * -1e-4;
            let (own, known) = (f64::from(exponential(x)), f64::from(x).exp());
            assert!((own / known - 1.0).abs() < 1e-6, "e^{x} is {known}, not {own}");
        }
        assert_eq!(exponential(f32::NEG_INFINITY), exponential(-60.0));
    }

    #[test]
    fn closed_labels_are_followed_by_those_that_open() {
        for label in 0..LABELS {
            let followed: Vec<usize> = (0..LABELS).filter(|next| follows(label, *next)).collect();
            match CLOSED.contains(&label) {
                true => assert_eq!(followed, [0, 1, 2, 3, 5, 6, 7]),
                false if label % 4 == 0 => assert!(followed.is_empty()),
                false => assert_eq!(followed, [INSIDE + label % 4, LAST + label % 4]),
            }
        }
    }

    #[test]
    fn scores_beyond_all_measure_are_no_accident() {
        let mut chain = Chain::default();
        let mut wild = [[-1e6; LABELS]; 5];
        wild.iter_mut().for_each(|scores| scores[2] = 1e6);
        chain.weigh(&wild, &Transitions::even().weights());
        assert!(chain.likely.as_flattened().iter().all(|likely| (0.0..=1.0).contains(likely)));
    }
}
