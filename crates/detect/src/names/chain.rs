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

/// No name, and for each kind of name its first token, one inside, its last, and its only one.
pub const LABELS: usize = 1 + 4 * Kind::LEARNT.len();

/// Where in a name a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first of several.
    First,
    /// Neither the first nor the last.
    Inside,
    /// The last of several.
    Last,
    /// The only one.
    Only,
}

/// The label of a token of a name.
#[must_use]
pub fn label(kind: Kind, part: Part) -> usize {
    1 + 4 * kind as usize + part as usize
}

/// What a label says; `None` is no name.
#[must_use]
pub fn meaning(label: usize) -> Option<(Kind, Part)> {
    let label = label.checked_sub(1)?;
    let part = [Part::First, Part::Inside, Part::Last, Part::Only][label % 4];
    Some((Kind::LEARNT[label / 4], part))
}

/// Whether a name that is open after `label` must go on, and which.
fn opens(label: usize) -> Option<Kind> {
    meaning(label).filter(|(_, part)| matches!(part, Part::First | Part::Inside)).map(|(kind, _)| kind)
}

/// Which name a token of this label goes on with.
fn goes_on(label: usize) -> Option<Kind> {
    meaning(label).filter(|(_, part)| matches!(part, Part::Inside | Part::Last)).map(|(kind, _)| kind)
}

/// Whether `next` may follow `label`; at the start and the end of a chain stands 0.
#[must_use]
pub fn follows(label: usize, next: usize) -> bool {
    opens(label) == goes_on(next)
}

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

    /// Their exponentials.
    #[must_use]
    pub fn weights(&self) -> [Scores; LABELS] {
        self.scores.map(|row| row.map(f32::exp))
    }
}

/// Buffers of a search for chains, reused.
#[derive(Default)]
pub struct Chain {
    best: Vec<Scores>,
    back: Vec<[u8; LABELS]>,
    /// The best chain's labels.
    pub labels: Vec<u8>,
    forward: Vec<Scores>,
    /// How likely each label is at each token.
    pub likely: Vec<Scores>,
}

impl Chain {
    /// Fills `labels` with the best chain: Viterbi's algorithm.
    pub fn decode(&mut self, scores: &[Scores], transitions: &Transitions) {
        self.labels.clear();
        self.labels.resize(scores.len(), 0);
        self.best.clear();
        self.back.clear();
        let mut before: Scores =
            std::array::from_fn(|label| if label == 0 { 0.0 } else { f32::NEG_INFINITY });
        for own in scores {
            let mut best = [f32::NEG_INFINITY; LABELS];
            let mut back = [0; LABELS];
            for (from, row) in transitions.scores.iter().enumerate() {
                for label in 0..LABELS {
                    let score = before[from] + row[label];
                    if score > best[label] {
                        (best[label], back[label]) = (score, from as u8);
                    }
                }
            }
            for label in 0..LABELS {
                best[label] += own[label];
            }
            self.best.push(best);
            self.back.push(back);
            before = best;
        }
        let ends = |label: &usize| follows(*label, 0);
        let mut label =
            (0..LABELS).filter(ends).max_by(|a, b| before[*a].total_cmp(&before[*b])).unwrap_or(0);
        for (at, back) in self.back.iter().enumerate().rev() {
            self.labels[at] = label as u8;
            label = usize::from(back[label]);
        }
    }

    /// Fills `likely` over all chains: the forward-backward algorithm. `weights` are those of the transitions.
    pub fn weigh(&mut self, scores: &[Scores], weights: &[Scores; LABELS]) {
        self.forward.clear();
        self.likely.clear();
        let mut before: Scores = std::array::from_fn(|label| if label == 0 { 1.0 } else { 0.0 });
        for own in scores {
            before = scaled(times(&step(&before, weights), &exponentials(own)));
            self.forward.push(before);
        }
        let mut behind: Scores = std::array::from_fn(|label| f32::from(u8::from(follows(label, 0))));
        self.likely.resize(scores.len(), [0.0; LABELS]);
        for at in (0..scores.len()).rev() {
            self.likely[at] = scaled(times(&self.forward[at], &behind));
            let own = times(&behind, &exponentials(&scores[at]));
            behind = scaled(std::array::from_fn(|from| dot(&weights[from], &own)));
        }
    }

    /// How likely `to` is at `at + 1` with `from` at `at`, of all pairs; after [`Self::weigh`] with the same weights.
    #[must_use]
    pub fn pairs(&self, weights: &[Scores; LABELS], at: usize) -> [Scores; LABELS] {
        // How likely a label is, shared out among those it is reached from.
        let (reached, next) = (step(&self.forward[at], weights), &self.likely[at + 1]);
        let behind: Scores =
            std::array::from_fn(|to| if reached[to] > 0.0 { next[to] / reached[to] } else { 0.0 });
        std::array::from_fn(|from| {
            std::array::from_fn(|to| self.forward[at][from] * weights[from][to] * behind[to])
        })
    }
}

/// One step forward from `before`.
fn step(before: &Scores, weights: &[Scores; LABELS]) -> Scores {
    let mut reached = [0.0; LABELS];
    for (from, row) in weights.iter().enumerate() {
        for to in 0..LABELS {
            reached[to] += before[from] * row[to];
        }
    }
    reached
}

fn exponentials(scores: &Scores) -> Scores {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    // No label is impossible by its score: a chain may have no other.
    scores.map(|score| (score - most).max(-60.0).exp())
}

fn times(a: &Scores, b: &Scores) -> Scores {
    std::array::from_fn(|label| a[label] * b[label])
}

fn dot(a: &Scores, b: &Scores) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The same with a sum of one.
fn scaled(scores: Scores) -> Scores {
    let sum: f32 = scores.iter().sum();
    // Too little for a number: then nothing is known.
    if sum > 0.0 { scores.map(|score| score / sum) } else { [1.0 / LABELS as f32; LABELS] }
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
            scores in prop::collection::vec(prop::array::uniform13(-4.0f32..4.0), 1..4),
            seed in prop::array::uniform13(-1.0f32..1.0),
        ) {
            let mut transitions = Transitions::even();
            for (row, add) in transitions.scores.iter_mut().zip(seed) {
                row.iter_mut().for_each(|score| *score += add);
            }
            let all = chains(&scores, &transitions);
            let mut chain = Chain::default();
            chain.decode(&scores, &transitions);
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
    fn scores_beyond_all_measure_are_no_accident() {
        let mut chain = Chain::default();
        let mut wild = [[-1e6; LABELS]; 5];
        wild.iter_mut().for_each(|scores| scores[2] = 1e6);
        chain.weigh(&wild, &Transitions::even().weights());
        assert!(chain.likely.as_flattened().iter().all(|likely| (0.0..=1.0).contains(likely)));
    }
}
