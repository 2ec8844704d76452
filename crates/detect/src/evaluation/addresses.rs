//! Addresses that one marks in parts and another as a whole.

use std::ops::Range;

use super::{Found, Marked, Span};

/// Makes one address of the parts that stand beside each other with nothing but blanks, commas and ends of lines between
/// them, in what is marked and in what was found: a street, a unit, a place, a postcode. A place without a street stays
/// one. Who redacts an address hides the same either way.
pub fn join_addresses(texts: &mut [Marked], found: &mut [Vec<Found<'_>>]) {
    for (Marked { text, spans, .. }, found) in texts.iter_mut().zip(found) {
        for place in joined(text, spans.iter().map(|span| (span.place.clone(), span.entity.as_str()))) {
            spans.retain(|span| !within(&span.place, &place));
            spans.push(Span { place, entity: STREET.to_owned() });
        }
        for place in joined(text, found.iter().map(|found| (found.place.clone(), found.entity))) {
            let parts = found.iter().filter(|found| within(&found.place, &place));
            let score = parts.map(|found| found.score).fold(0.0, f32::max);
            found.retain(|found| !within(&found.place, &place));
            found.push(Found { place, entity: STREET, score });
        }
    }
}

const STREET: &str = "STREET_ADDRESS";
const PARTS: &[&str] = &[STREET, "LOCATION", "POSTAL_CODE"];

fn within(part: &Range<usize>, whole: &Range<usize>) -> bool {
    whole.start <= part.start && part.end <= whole.end
}

/// The places of addresses of which there are several parts.
fn joined<'a>(text: &str, spans: impl Iterator<Item = (Range<usize>, &'a str)>) -> Vec<Range<usize>> {
    let mut parts: Vec<(Range<usize>, &str)> = spans.filter(|(_, entity)| PARTS.contains(entity)).collect();
    parts.sort_by_key(|(place, _)| (place.start, place.end));
    let mut addresses: Vec<(Range<usize>, usize, bool)> = Vec::new();
    for (place, entity) in parts {
        let is_blank = |c: char| c.is_whitespace() || c == ',';
        let last = addresses.last_mut();
        match last
            .filter(|(last, ..)| place.start >= last.end && text[last.end..place.start].chars().all(is_blank))
        {
            Some((last, count, street)) => {
                last.end = place.end;
                *count += 1;
                *street |= entity == STREET;
            }
            None => addresses.push((place, 1, entity == STREET)),
        }
    }
    let several = addresses.into_iter().filter(|(_, count, street)| *count > 1 && *street);
    several.map(|(place, ..)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{read, score};

    #[test]
    fn parts_beside_each_other_are_one_address() {
        let file = r#"{"text": "Ola, 12 Larch Road\n Apt. 4, Oslo\n 0150 or Bergen", "spans": [[0, 3, "PERSON"], [5, 18, "STREET_ADDRESS"], [20, 26, "STREET_ADDRESS"], [28, 32, "LOCATION"], [34, 38, "POSTAL_CODE"], [42, 48, "LOCATION"]]}"#;
        let mut texts = read(file).expect("it is well-formed");
        let mut found = [vec![
            Found { place: 5..26, entity: STREET, score: 0.8 },
            Found { place: 28..38, entity: "POSTAL_CODE", score: 0.9 },
            Found { place: 42..48, entity: "LOCATION", score: 0.7 },
        ]];
        join_addresses(&mut texts, &mut found);
        let mut marked: Vec<_> =
            texts[0].spans.iter().map(|span| (span.place.clone(), &*span.entity)).collect();
        marked.sort_by_key(|(place, _)| place.start);
        assert_eq!(marked, [(0..3, "PERSON"), (5..38, STREET), (42..48, "LOCATION")]);
        let scores = score(&texts, &found, |_| true, 0.75);
        assert_eq!((scores.all.marked, scores.all.found, scores.all.exact.right), (3, 2, 2));
        assert_eq!(found[0].last().map(|found| found.score), Some(0.9));
    }
}
