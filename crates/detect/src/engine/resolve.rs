//! Which of overlapping findings stay.

use super::{Evidence, numbers::NUMBERS};
use crate::{Finding, catalog::RECOGNIZERS};

/// A finding before overlaps are resolved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw {
    pub finding: Finding,
    /// How much the match itself says, apart from its score: a passed check more than a label, a label more than
    /// a shape.
    pub specificity: u8,
    /// From here on it gives way to what is sure: the end of a URL's host, the end of everything else.
    pub yields: usize,
}

/// The most findings that one cluster of overlapping ones may hold: a cluster in hostile text may never end, and
/// memory must. A constant, so that a stream and a whole text are cut alike.
const CLUSTER: usize = 4096;

/// Resolves overlaps over findings that come in order of start: of overlapping ones the longest stays, then the one
/// with the higher score, then the more specific one. O(n log n).
///
/// A URL says where something is, not what: behind its host it ends where a sure finding of another type begins, so that
/// both are told. Redaction takes the findings before this step and covers the whole URL.
#[derive(Default, Debug)]
pub(crate) struct Resolver {
    /// In order of start.
    cluster: Vec<Raw>,
    /// Where the cluster ends so far.
    end: usize,
    /// Where the last finding given out ends: none may start before.
    floor: usize,
    /// A buffer: the ranks of the cluster's findings.
    ranks: Vec<u128>,
    /// A buffer: of each byte of the cluster, whether a finding that stays covers it.
    covered: Vec<u64>,
}

impl Resolver {
    /// Takes the next finding; what can no longer be overlapped goes to `out`.
    pub(crate) fn push(&mut self, raw: Raw, out: &mut impl FnMut(Finding)) {
        if raw.finding.start >= self.end || self.cluster.len() == CLUSTER {
            self.flush(out);
        }
        if raw.finding.start >= self.floor {
            self.end = self.end.max(raw.finding.end);
            self.cluster.push(raw);
        }
    }

    /// The end of the text.
    pub(crate) fn flush(&mut self, out: &mut impl FnMut(Finding)) {
        self.give_way();
        let Self { cluster, end, floor, ranks, covered } = self;
        let mut give = |finding: Finding| {
            *floor = finding.end;
            out(finding);
        };
        match cluster[..] {
            [] => return,
            [only] => give(only.finding),
            [first, ..] => {
                let base = first.finding.start;
                ranks.clear();
                ranks.extend(cluster.iter().enumerate().map(|(index, raw)| rank(raw, base, index)));
                ranks.sort_unstable_by(|a, b| b.cmp(a));
                covered.clear();
                covered.resize((*end - base).div_ceil(64), 0);
                ranks.retain(|rank| {
                    let finding = cluster[index(*rank)].finding;
                    stays(covered, finding.start - base, finding.end - base)
                });
                ranks.sort_unstable_by_key(|rank| index(*rank));
                ranks.iter().for_each(|rank| give(cluster[index(*rank)].finding));
            }
        }
        cluster.clear();
    }

    /// Cuts what gives way off before the first sure finding in it. What gives way does not overlap its like, so that each
    /// finding is looked at twice at most.
    fn give_way(&mut self) {
        for at in 0..self.cluster.len() {
            let Raw { finding, yields, .. } = self.cluster[at];
            if yields < finding.end {
                let inside =
                    self.cluster[at + 1..].iter().take_while(|other| other.finding.start < finding.end);
                let mut sure = inside.filter(|other| other.finding.start >= yields && is_sure(other));
                self.cluster[at].finding.end = sure.next().map_or(finding.end, |first| first.finding.start);
            }
        }
    }
}

/// Whether a finding is one by a check or a label. Dates are part of many a path.
fn is_sure(raw: &Raw) -> bool {
    const SURE: f32 = 0.85;
    raw.specificity >= Evidence::Label as u8
        && raw.finding.score >= SURE
        && raw.finding.entity != RECOGNIZERS[usize::from(NUMBERS.day)].id
}

/// A number that is the higher the sooner a finding of a cluster stays; its lowest bits are the finding's index.
fn rank(Raw { finding, specificity, .. }: &Raw, base: usize, index: usize) -> u128 {
    // Of scores, none of which is below 0, the higher one has the higher bits.
    [
        (24, finding.end - finding.start),
        (32, finding.score.to_bits() as usize),
        (8, usize::from(*specificity)),
        (32, !(finding.start - base)),
        (16, usize::from(!finding.entity.0)),
        (INDEX, index),
    ]
    .iter()
    .fold(0, |rank, &(bits, part)| rank << bits | part as u128 & ((1 << bits) - 1))
}

/// How many bits the index of a finding has: a cluster has fewer findings than that tells apart.
const INDEX: u32 = 16;

fn index(rank: u128) -> usize {
    (rank & ((1 << INDEX) - 1)) as usize
}

/// Whether nothing that stays covers any of `start..end` yet; now this does. What stayed before is at least as long: if the
/// two overlap, it covers the first byte or the last.
fn stays(covered: &mut [u64], start: usize, end: usize) -> bool {
    let last = end - 1;
    let is_covered = |at: usize| covered[at / 64] >> (at % 64) & 1 == 1;
    if is_covered(start) || is_covered(last) {
        return false;
    }
    let (first_bits, last_bits) = (u64::MAX << (start % 64), u64::MAX >> (63 - last % 64));
    if start / 64 == last / 64 {
        covered[start / 64] |= first_bits & last_bits;
    } else {
        covered[start / 64] |= first_bits;
        covered[start / 64 + 1..last / 64].fill(u64::MAX);
        covered[last / 64] |= last_bits;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::EntityId;

    /// The rule, said as shortly as it can be: the first of a pair that overlaps stays.
    fn resolved(mut raws: Vec<Raw>) -> Vec<Finding> {
        let length = |raw: &Raw| raw.finding.end - raw.finding.start;
        raws.sort_by(|a, b| {
            (length(b).cmp(&length(a)))
                .then_with(|| b.finding.score.total_cmp(&a.finding.score))
                .then_with(|| b.specificity.cmp(&a.specificity))
                .then_with(|| a.finding.start.cmp(&b.finding.start))
                .then_with(|| a.finding.entity.cmp(&b.finding.entity))
        });
        let mut kept: Vec<Finding> = Vec::new();
        for Raw { finding, .. } in raws {
            if kept.iter().all(|other| other.end <= finding.start || finding.end <= other.start) {
                kept.push(finding);
            }
        }
        kept.sort_by_key(|finding| finding.start);
        kept
    }

    proptest! {
        #[test]
        fn stays_what_the_rule_says(
            mut raws in proptest::collection::vec(
                (0..600usize, 1..90usize, 0..4u8, 0..4u8, 0..5u16).prop_map(|(start, length, score, specificity, entity)| Raw {
                    finding: Finding {
                        entity: EntityId(entity),
                        start: 1000 + start,
                        end: 1000 + start + length,
                        score: f32::from(score) / 4.0,
                    },
                    specificity,
                    yields: usize::MAX,
                }),
                0..60,
            ),
        ) {
            raws.sort_by_key(|raw| raw.finding.start);
            let (mut resolver, mut given) = (Resolver::default(), Vec::new());
            raws.iter().for_each(|raw| resolver.push(*raw, &mut |finding| given.push(finding)));
            resolver.flush(&mut |finding| given.push(finding));
            prop_assert_eq!(given, resolved(raws));
        }
    }
}
