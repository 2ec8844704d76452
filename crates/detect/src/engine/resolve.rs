//! Which of overlapping findings stay.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Evidence, numbers::NUMBERS};
use crate::{EntityId, Finding, catalog::RECOGNIZERS};

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
    cluster: Vec<Raw>,
    /// Where the cluster ends so far.
    end: usize,
    /// Where the last finding given out ends: none may start before.
    floor: usize,
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
        if let [only] = self.cluster[..] {
            self.floor = only.finding.end;
            self.cluster.clear();
            out(only.finding);
            return;
        }
        self.give_way();
        self.cluster.sort_unstable_by(|a, b| {
            (length(b).cmp(&length(a)))
                .then_with(|| b.finding.score.total_cmp(&a.finding.score))
                .then_with(|| tie(b).cmp(&tie(a)))
        });
        let mut kept: BTreeMap<usize, Finding> = BTreeMap::new();
        for Raw { finding, .. } in self.cluster.drain(..) {
            let before = kept.range(..finding.end).next_back();
            if before.is_none_or(|(_, other)| other.end <= finding.start) {
                kept.insert(finding.start, finding);
            }
        }
        for finding in kept.into_values() {
            self.floor = finding.end;
            out(finding);
        }
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

fn length(raw: &Raw) -> usize {
    raw.finding.end - raw.finding.start
}

fn tie(raw: &Raw) -> (u8, Reverse<usize>, Reverse<EntityId>) {
    (raw.specificity, Reverse(raw.finding.start), Reverse(raw.finding.entity))
}
