//! What was found once is hidden everywhere.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::{EntityId, Finding};

/// Shorter values are words of their own elsewhere: `May`, `1984`.
const SHORTEST: usize = 5;
/// Numbers as short as a postal code stand for other things elsewhere.
const SHORTEST_NUMBER: usize = 6;
/// Below this a finding is too unsure to be looked for elsewhere.
const SURE: f32 = 0.6;

/// `findings`, and every other place in `text` where the value of one stands as words of their own.
///
/// A detector goes by what is around a value, so it finds a name in `Dear Mara Lind` that it may miss in a list of words.
/// Whoever redacts the one wants the other gone too, or the two together say who it was.
#[must_use]
pub fn spread(text: &str, findings: &[Finding]) -> Vec<Finding> {
    let mut all = findings.to_vec();
    let mut values: Vec<(&str, EntityId, f32)> = findings
        .iter()
        .filter(|finding| finding.score >= SURE)
        .filter_map(|finding| Some((text.get(finding.start..finding.end)?, finding.entity, finding.score)))
        .filter(|(value, _, _)| tells_itself(value))
        .collect();
    values.sort_by(|a, b| a.0.cmp(b.0).then(b.2.total_cmp(&a.2)));
    values.dedup_by_key(|(value, _, _)| *value);
    let searched = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(values.iter().map(|(value, _, _)| value));
    // Only more than the automaton can hold fails, which is more than a text of 4 GB can have.
    let Ok(searched) = searched else { return all };
    let known: HashSet<_> = findings.iter().map(|finding| (finding.start, finding.end)).collect();
    for found in searched.find_iter(text) {
        let (_, entity, score) = values[found.pattern().as_usize()];
        if !known.contains(&(found.start(), found.end())) && stands_alone(text, found.start(), found.end()) {
            all.push(Finding { entity, start: found.start(), end: found.end(), score });
        }
    }
    all.sort_by_key(|finding| finding.start);
    all
}

/// It means the same wherever it stands.
fn tells_itself(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    letters + digits >= SHORTEST && (letters > 0 || digits >= SHORTEST_NUMBER)
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let goes_on = |a: Option<char>, b: Option<char>| {
        a.is_some_and(char::is_alphanumeric) && b.is_some_and(char::is_alphanumeric)
    };
    let inside = &text[start..end];
    !goes_on(text[..start].chars().next_back(), inside.chars().next())
        && !goes_on(inside.chars().next_back(), text[end..].chars().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread_over(text: &str, value: &str, score: f32) -> usize {
        let start = text.find(value).expect("it is in the text");
        let finding = Finding { entity: EntityId(1), start, end: start + value.len(), score };
        spread(text, &[finding]).len()
    }

    #[test]
    fn a_value_is_found_wherever_it_stands_as_words() {
        let text = "Dear Mara Lind,\nlist: Mara Lind; xMara Lind; Mara Lindgren; (Mara Lind)";
        assert_eq!(spread_over(text, "Mara Lind", 0.9), 3);
        assert_eq!(spread_over(text, "Mara Lind", 0.5), 1);
        assert_eq!(spread_over("on May 3, May we", "May", 0.9), 1);
        assert_eq!(spread_over("code 10115, 10115 pieces", "10115", 0.9), 1);
        assert_eq!(spread_over("call 030123456 or 030123456", "030123456", 0.9), 2);
    }

    #[test]
    fn what_was_there_stays_and_the_longest_wins() {
        let text = "Mara Lind-Berg, Mara Lind, Mara Lind-Berg";
        let findings = [
            Finding { entity: EntityId(1), start: 0, end: 14, score: 0.9 },
            Finding { entity: EntityId(2), start: 0, end: 14, score: 0.8 },
            Finding { entity: EntityId(1), start: 16, end: 25, score: 0.9 },
        ];
        let all = spread(text, &findings);
        let places: Vec<_> =
            all.iter().map(|finding| (finding.start, finding.end, finding.entity.0)).collect();
        assert_eq!(places, [(0, 14, 1), (0, 14, 2), (16, 25, 1), (27, 41, 1)]);
    }
}
