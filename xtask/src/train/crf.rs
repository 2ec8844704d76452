//! Training: a conditional random field over the tagger's features, by stochastic gradient descent.
//!
//! Adaptive steps per weight (AdaGrad, Duchi et al., JMLR 2011), and the mean of the weights over the last passes, which
//! holds out of domain better than the last ones.

use tacita_detect::names::{
    chain::{Chain, LABELS, Scores, Transitions, follows},
    features::ROWS,
};

use crate::random::Random;

/// A run of tokens: the rows of each, and its label.
pub(crate) struct Run {
    pub rows: Vec<Vec<u32>>,
    pub labels: Vec<usize>,
}

/// How to train.
pub(crate) struct Settings {
    pub passes: usize,
    pub rate: f32,
    /// Pulls every weight towards zero.
    pub decay: f32,
    /// The share of features that are left out at each look, so that none is relied on alone.
    pub dropout: f32,
}

/// Weights in training.
pub(crate) struct Field {
    weights: Vec<Scores>,
    squares: Vec<Scores>,
    sums: Vec<Scores>,
    pub transitions: Transitions,
    transition_squares: [Scores; LABELS],
    /// Weights that were averaged, once training has ended.
    pub mean: Vec<Scores>,
}

impl Field {
    pub(crate) fn new() -> Self {
        Self {
            weights: vec![[0.0; LABELS]; ROWS],
            squares: vec![[0.0; LABELS]; ROWS],
            sums: vec![[0.0; LABELS]; ROWS],
            transitions: Transitions::even(),
            transition_squares: [[0.0; LABELS]; LABELS],
            mean: Vec::new(),
        }
    }

    /// Trains over `runs`, in an order that `random` shuffles.
    pub(crate) fn train(&mut self, runs: &[Run], settings: &Settings, random: &mut Random) {
        let mut order: Vec<usize> = (0..runs.len()).collect();
        let mut chain = Chain::default();
        let mut summed = 0;
        for pass in 0..settings.passes {
            random.shuffle(&mut order);
            for number in &order {
                let run = &runs[*number];
                let rows: Vec<Vec<u32>> = run
                    .rows
                    .iter()
                    .map(|rows| rows.iter().copied().filter(|_| !random.chance(settings.dropout)).collect())
                    .collect();
                self.step(&rows, &run.labels, settings, &mut chain);
            }
            if pass * 2 >= settings.passes {
                summed += 1;
                for (sum, weight) in self.sums.as_flattened_mut().iter_mut().zip(self.weights.as_flattened())
                {
                    *sum += weight;
                }
            }
        }
        // What was left out in training is there later: as much in sum.
        let share = (1.0 - settings.dropout) / summed as f32;
        self.mean = self.sums.iter().map(|row| row.map(|sum| sum * share)).collect();
    }

    fn step(&mut self, rows: &[Vec<u32>], labels: &[usize], settings: &Settings, chain: &mut Chain) {
        let scores: Vec<Scores> = rows.iter().map(|rows| sum(&self.weights, rows)).collect();
        let weights = self.transitions.weights();
        chain.weigh(&scores, &weights);
        let mut slopes = [[0.0; LABELS]; LABELS];
        for (at, (rows, label)) in rows.iter().zip(labels).enumerate() {
            let mut slope = chain.likely[at];
            slope[*label] -= 1.0;
            for row in rows {
                let row = *row as usize;
                for (own, slope) in slope.iter().enumerate() {
                    let slope = slope + settings.decay * self.weights[row][own];
                    adapt(&mut self.weights[row][own], &mut self.squares[row][own], slope, settings.rate);
                }
            }
            if let Some(next) = labels.get(at + 1) {
                let pairs = chain.pairs(&weights, at);
                for (slopes, pairs) in slopes.as_flattened_mut().iter_mut().zip(pairs.as_flattened()) {
                    *slopes += pairs;
                }
                slopes[*label][*next] -= 1.0;
            }
        }
        for (from, slopes) in slopes.iter().enumerate() {
            for (to, slope) in slopes.iter().enumerate().filter(|(to, _)| follows(from, *to)) {
                let square = &mut self.transition_squares[from][to];
                adapt(&mut self.transitions.scores[from][to], square, *slope, settings.rate);
            }
        }
    }
}

fn adapt(weight: &mut f32, square: &mut f32, slope: f32, rate: f32) {
    *square += slope * slope;
    *weight -= rate * slope / (square.sqrt() + 1e-3);
}

pub(crate) fn sum(weights: &[Scores], rows: &[u32]) -> Scores {
    let mut sum = [0.0; LABELS];
    for row in rows {
        for (sum, weight) in sum.iter_mut().zip(&weights[*row as usize]) {
            *sum += weight;
        }
    }
    sum
}
