//! Which finding decides about which bytes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    ops::Range,
};

use crate::{EntityId, Finding};

/// A part of the text and the type that decides about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) entity: EntityId,
    pub(super) place: Range<usize>,
}

/// Parts that do not overlap, in order, and together cover what `findings` cover. O(n log n).
///
/// Findings of one type that overlap are one. Of other overlapping findings the longest has its whole place, then the
/// one with the higher score, then the one that begins first; of the others what it does not cover is left, so that
/// nothing that was found slips through. A type that is `kept` comes after all others.
pub(super) fn resolve(findings: &[Finding], kept: impl Fn(EntityId) -> bool) -> Vec<Span> {
    let merged = merge(findings);
    let mut places: Vec<usize> = merged.iter().flat_map(|finding| [finding.start, finding.end]).collect();
    places.sort_unstable();
    places.dedup();
    // A sweep over all starts and ends: between two of them the highest of the open findings decides.
    let mut waiting = merged.iter().peekable();
    let mut open = BinaryHeap::new();
    let mut spans: Vec<Span> = Vec::new();
    let mut last_decider = None;
    for window in places.windows(2) {
        let (start, end) = (window[0], window[1]);
        while let Some(finding) = waiting.next_if(|finding| finding.start == start) {
            open.push(Claim::new(finding, kept(finding.entity)));
        }
        while open.peek().is_some_and(|claim| claim.end <= start) {
            open.pop();
        }
        let Some(&decider) = open.peek() else { continue };
        match spans.last_mut() {
            Some(span) if last_decider == Some(decider) && span.place.end == start => span.place.end = end,
            _ => spans.push(Span { entity: decider.entity, place: start..end }),
        }
        last_decider = Some(decider);
    }
    spans
}

/// A finding in the order in which it decides: the greatest wins. The order of the fields is the rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    treated: bool,
    length: usize,
    score: Score,
    start: Reverse<usize>,
    end: usize,
    entity: EntityId,
}

impl Claim {
    fn new(finding: &Finding, kept: bool) -> Self {
        Self {
            treated: !kept,
            length: finding.end - finding.start,
            score: Score(finding.score),
            start: Reverse(finding.start),
            end: finding.end,
            entity: finding.entity,
        }
    }
}

/// The findings that are not empty, those of one type that share a byte made one, in order of start.
fn merge(findings: &[Finding]) -> Vec<Finding> {
    let mut sorted: Vec<Finding> =
        findings.iter().filter(|finding| finding.start < finding.end).copied().collect();
    sorted.sort_unstable_by_key(|finding| (finding.start, Reverse(finding.end)));
    let mut merged: Vec<Finding> = Vec::with_capacity(sorted.len());
    let mut last_of_type: BTreeMap<EntityId, usize> = BTreeMap::new();
    for finding in sorted {
        match last_of_type.get(&finding.entity).map(|&last| &mut merged[last]) {
            Some(last) if finding.start < last.end => {
                last.end = last.end.max(finding.end);
                last.score = last.score.max(finding.score);
            }
            _ => {
                last_of_type.insert(finding.entity, merged.len());
                merged.push(finding);
            }
        }
    }
    merged
}

/// A score with a total order.
#[derive(Clone, Copy, PartialEq)]
struct Score(f32);

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(findings: &[(u16, usize, usize)]) -> Vec<(u16, Range<usize>)> {
        let findings: Vec<Finding> = findings
            .iter()
            .map(|&(entity, start, end)| Finding { entity: EntityId(entity), start, end, score: 0.5 })
            .collect();
        // Type 9 is kept.
        resolve(&findings, |entity| entity == EntityId(9))
            .into_iter()
            .map(|span| (span.entity.0, span.place))
            .collect()
    }

    #[test]
    fn longest_has_its_place_and_the_rest_stays_covered() {
        assert_eq!(resolved(&[(0, 0, 10), (1, 5, 17)]), [(0, 0..5), (1, 5..17)]);
        assert_eq!(resolved(&[(0, 0, 10), (1, 2, 4)]), [(0, 0..10)]);
        assert_eq!(resolved(&[(0, 0, 10), (1, 8, 12), (2, 11, 30)]), [(0, 0..10), (1, 10..11), (2, 11..30)]);
    }

    #[test]
    fn one_type_merges_when_it_overlaps_and_not_when_it_touches() {
        assert_eq!(resolved(&[(0, 0, 4), (0, 3, 6)]), [(0, 0..6)]);
        assert_eq!(resolved(&[(0, 0, 4), (0, 4, 6)]), [(0, 0..4), (0, 4..6)]);
    }

    #[test]
    fn kept_types_give_way() {
        assert_eq!(resolved(&[(9, 0, 10), (1, 4, 6)]), [(9, 0..4), (1, 4..6), (9, 6..10)]);
    }

    #[test]
    fn empty_findings_are_nothing() {
        assert_eq!(resolved(&[(0, 3, 3)]), []);
    }
}
