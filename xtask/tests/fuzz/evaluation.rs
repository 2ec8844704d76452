//! Marked texts, and the figures that are made of them.

use fastrand::Rng;
use tacita_detect::evaluation::{self, Found, Marked};

use crate::{fuzz, inputs::damage};

const FILES: [&str; 3] = [
    "{\"text\": \"Zoë met Ola in Oslo\", \"spans\": [[0, 3, \"PER\"], [8, 11, \"PER\"], [15, 19, \"LOC\"]], \"groups\": {\"a\": \"b\"}}\n",
    "Zoë\tB-PER\nmet\tO\nOla\tB-PER\nBerg\tI-PER\n@ O\nola I-PER\n\nin\tO\nOslo\tS-LOC\n",
    "# newdoc id = 1\n1\tZoë\tB-PER\t-\n2\tmet\tO\t-\n3\tOla\tI-PER\t-\n\n# newdoc id = 2\n1\tOslo\tB-LOC\t-\n",
];

#[test]
fn fuzz_marked_texts_and_their_figures() {
    fuzz(|rng| {
        let mut bytes = FILES[rng.usize(..FILES.len())].repeat(rng.usize(1..12)).into_bytes();
        for _ in 0..rng.usize(..4) {
            damage(rng, &mut bytes);
        }
        let Ok(texts) = evaluation::read(&String::from_utf8_lossy(&bytes)) else { return };
        for text in &texts {
            assert!(text.spans.iter().all(|span| !span.place.is_empty()), "an empty span");
            assert!(
                text.spans.iter().all(|span| text.text.get(span.place.clone()).is_some()),
                "a cut character"
            );
        }
        let found: Vec<Vec<Found<'_>>> = texts.iter().map(|text| found(rng, text)).collect();
        let scores = evaluation::score(&texts, &found, |entity| entity != "LOC", rng.f64());
        for row in scores.types.iter().chain([&scores.all, &scores.any]) {
            assert!(row.exact.right <= row.overlap.right && row.overlap.right <= row.marked.min(row.found));
        }
    });
}

/// Some of what is marked, and some that is not.
fn found<'a>(rng: &mut Rng, text: &'a Marked) -> Vec<Found<'a>> {
    let marked = text.spans.iter().map(|span| (span.place.clone(), span.entity.as_str()));
    let mut found: Vec<_> = marked.filter(|_| rng.bool()).collect();
    let places: Vec<usize> = text.text.char_indices().map(|(at, _)| at).chain([text.text.len()]).collect();
    for _ in 0..rng.usize(..4) {
        let (a, b) = (places[rng.usize(..places.len())], places[rng.usize(..places.len())]);
        found.push((a.min(b)..a.max(b), "PER"));
    }
    found.into_iter().map(|(place, entity)| Found { place, entity, score: rng.f32() }).collect()
}
