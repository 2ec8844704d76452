//! What becomes of results that lie within others of the same type.

use super::recognizer::Found;

/// Drops results within another of the same type whose score is at least theirs. The best come first; of equals the
/// leftmost, then the longest, then by the type's name.
///
/// Each result is compared only with those before it that overlap or touch it.
pub(super) fn remove(mut found: Vec<Found<'_>>) -> Vec<Found<'_>> {
    found.sort_by(|a, b| {
        let by_place = (&a.recognizer.entity, a.start, b.end).cmp(&(&b.recognizer.entity, b.start, a.end));
        by_place.then(b.score.total_cmp(&a.score))
    });
    let mut kept: Vec<Found<'_>> = Vec::with_capacity(found.len());
    // Indices into `kept` of what the next result may lie within.
    let mut open: Vec<usize> = Vec::new();
    for result in found {
        let entity = &result.recognizer.entity;
        open.retain(|&i| kept[i].recognizer.entity == *entity && kept[i].end >= result.start);
        let covered = open.iter().any(|&i| {
            let other = &kept[i];
            other.start <= result.start && result.end <= other.end && result.score <= other.score
        });
        if !covered {
            open.push(kept.len());
            kept.push(result);
        }
    }
    kept.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| (a.start, b.end).cmp(&(b.start, a.end))));
    kept
}
