//! Precision, recall and what is made of them, with the range they would lie in if other texts had been drawn.

use serde::Serialize;

/// Draws of texts that the intervals are read from.
pub const RESAMPLES: usize = 1000;
/// With fewer texts than this, drawing them anew says nothing about others.
const FEWEST_TEXTS: usize = 10;

/// How many are marked, found, and right, in one text or in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) marked: usize,
    pub(super) found: usize,
    pub(super) exact: usize,
    pub(super) overlap: usize,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.marked += other.marked;
        self.found += other.found;
        self.exact += other.exact;
        self.overlap += other.overlap;
    }

    /// Precision, recall, F1 and F2 of the exact spans, then of those that overlap.
    fn measures(self) -> [f64; 8] {
        let of = |right: usize| {
            // F-beta counts a miss beta² times as much as a false alarm (van Rijsbergen, 1979).
            let f = |weight: usize| ratio((1 + weight) * right, weight * self.marked + self.found);
            [ratio(right, self.found), ratio(right, self.marked), f(1), f(4)]
        };
        let ([a, b, c, d], [e, f, g, h]) = (of(self.exact), of(self.overlap));
        [a, b, c, d, e, f, g, h]
    }
}

/// 0 where there is nothing to count.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How well one type, or one group, is found.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The type or group.
    pub name: String,
    /// How many people marked.
    pub marked: usize,
    /// How many were found.
    pub found: usize,
    /// Right is what has the marked place exactly.
    pub exact: Quality,
    /// Right is what shares enough of the marked place.
    pub overlap: Quality,
}

/// How many are right, and the shares that follow from it. A share of nothing is 0.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quality {
    /// How many.
    pub right: usize,
    /// The share of right ones among those found.
    pub precision: Figure,
    /// The share of right ones among those marked.
    pub recall: Figure,
    /// Their harmonic mean.
    pub f1: Figure,
    /// The same with recall counting twice as much.
    pub f2: Figure,
}

/// A share, with its 95 % interval where the texts are enough to tell.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figure {
    /// The share.
    pub value: f64,
    /// Where it would lie in 95 of 100 draws of the texts.
    pub interval: Option<Interval>,
}

/// Both ends of an interval.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The rows of a table: the tallies of each text, which name their row, summed up. The intervals are bootstrap
/// percentiles (Efron, 1979) over texts and not over spans, since spans of one text are right or wrong together.
pub(super) fn rows(names: Vec<String>, texts: &[Vec<(usize, Tally)>]) -> Vec<Row> {
    let sum = |drawn: &mut dyn Iterator<Item = &Vec<(usize, Tally)>>| {
        let mut sums = vec![Tally::default(); names.len()];
        drawn.flatten().for_each(|(row, tally)| sums[*row].add(*tally));
        sums
    };
    let sums = sum(&mut texts.iter());
    let mut draws: Vec<[Vec<f64>; 8]> = vec![Default::default(); names.len()];
    if texts.len() >= FEWEST_TEXTS {
        let mut random = Random(1);
        for _ in 0..RESAMPLES {
            let sums = sum(&mut (0..texts.len()).map(|_| &texts[random.below(texts.len())]));
            for (row, tally) in draws.iter_mut().zip(sums) {
                row.iter_mut().zip(tally.measures()).for_each(|(draws, value)| draws.push(value));
            }
        }
    }
    let row = |((name, tally), mut draws): ((String, Tally), [Vec<f64>; 8])| {
        let values = tally.measures();
        let mut figure = |at: usize| Figure { value: values[at], interval: interval(&mut draws[at]) };
        let mut quality = |right, at| Quality {
            right,
            precision: figure(at),
            recall: figure(at + 1),
            f1: figure(at + 2),
            f2: figure(at + 3),
        };
        let (exact, overlap) = (quality(tally.exact, 0), quality(tally.overlap, 4));
        Row { name, marked: tally.marked, found: tally.found, exact, overlap }
    };
    names.into_iter().zip(sums).zip(draws).map(row).collect()
}

/// What is left of `draws` without the lowest and the highest 2.5 %. Where all are right, or none, no draw differs, which
/// says nothing about other texts.
fn interval(draws: &mut [f64]) -> Option<Interval> {
    draws.sort_unstable_by(f64::total_cmp);
    let cut = draws.len() / 40;
    let (low, high) = (*draws.get(cut)?, *draws.get(draws.len() - 1 - cut)?);
    (low < high).then_some(Interval { low, high })
}

/// The generator SplitMix64 (Steele, Lea and Flood, 2014): the same draws at every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(marked: usize, found: usize, exact: usize, overlap: usize) -> Vec<(usize, Tally)> {
        vec![(0, Tally { marked, found, exact, overlap })]
    }

    #[test]
    fn figures_as_computed_by_hand() {
        // 10 marked, 8 found, 4 of them exact and 6 overlapping.
        let row = rows(vec!["X".into()], &[text(6, 5, 1, 3), text(4, 3, 3, 3)]).remove(0);
        let near = |figure: Figure, value: f64| (figure.value - value).abs() < 1e-12;
        assert!(near(row.exact.precision, 0.5) && near(row.exact.recall, 0.4));
        assert!(near(row.exact.f1, 2.0 * 0.5 * 0.4 / 0.9));
        assert!(near(row.overlap.precision, 0.75) && near(row.overlap.recall, 0.6));
        assert!(near(row.overlap.f2, 5.0 * 0.75 * 0.6 / (4.0 * 0.75 + 0.6)));
        assert!(row.exact.f1.interval.is_none(), "two texts are too few for an interval");
        assert_eq!((row.marked, row.found, row.exact.right, row.overlap.right), (10, 8, 4, 6));
    }

    #[test]
    fn nothing_found_is_no_precision() {
        let row = rows(vec!["X".into()], &[text(3, 0, 0, 0)]).remove(0);
        assert_eq!((row.exact.precision.value, row.exact.f1.value), (0.0, 0.0));
    }

    #[test]
    fn what_is_always_right_has_no_interval() {
        let texts: Vec<_> = (0..100).map(|_| text(1, 1, 1, 1)).collect();
        assert!(rows(vec!["X".into()], &texts)[0].exact.recall.interval.is_none());
    }

    /// Recall of 100 texts with one span each, half of them found: the interval of a fair coin, 0.5 ± 0.098.
    #[test]
    fn an_interval_is_as_wide_as_the_texts_are_few() {
        let texts: Vec<_> = (0..100).map(|at| text(1, at % 2, at % 2, at % 2)).collect();
        let row = rows(vec!["X".into()], &texts).remove(0);
        let interval = row.exact.recall.interval.expect("100 texts are enough");
        assert!((interval.low - 0.402).abs() < 0.03, "{}", interval.low);
        assert!((interval.high - 0.598).abs() < 0.03, "{}", interval.high);
    }
}
