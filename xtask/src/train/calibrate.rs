//! What a likelihood is worth: how often names of that likelihood were right in texts the tagger had never seen.

use tacita_detect::names::{
    Kind, Model,
    model::{STEPS, Scratch},
};

use super::corpora::Text;

/// A name that was found: its kind, its likelihood, and whether it is one.
pub(crate) struct Point {
    kind: Kind,
    likely: f32,
    right: bool,
}

/// The likelihoods themselves.
pub(crate) fn even() -> [f32; STEPS] {
    std::array::from_fn(|step| step as f32 / (STEPS - 1) as f32)
}

/// Runs a model that gives likelihoods over texts. A name counts as right if it overlaps one of its kind: half a name
/// that is hidden is no false alarm.
pub(crate) fn points(model: &[u8], texts: &[Text]) -> Vec<Point> {
    let model = Model::new(model).expect("it was just written");
    let mut scratch = Scratch::default();
    let mut points = Vec::new();
    for text in texts {
        model.find(text.text.as_bytes(), &mut scratch, |name| {
            let right = text
                .names
                .iter()
                .any(|(place, kind)| *kind == name.kind && place.start < name.end && name.start < place.end);
            points.push(Point { kind: name.kind, likely: name.score, right });
        });
    }
    points
}

/// For each kind the share of right names by likelihood, never falling: isotonic regression by pooling neighbours that
/// are out of order (Ayer et al., 1955).
pub(crate) fn fit(points: &[Point]) -> [[f32; STEPS]; Kind::LEARNT.len()] {
    Kind::LEARNT.map(|kind| {
        let mut own: Vec<&Point> = points.iter().filter(|point| point.kind == kind).collect();
        own.sort_by(|a, b| a.likely.total_cmp(&b.likely));
        // The highest likelihood of each pool, how many names it has, and how many are right.
        let mut pools: Vec<(f32, f32, f32)> = Vec::new();
        for point in own {
            pools.push((point.likely, 1.0, f32::from(u8::from(point.right))));
            while let [.., (_, many, right), (top, more, also)] = pools[..] {
                if right / many < also / more {
                    break;
                }
                pools.truncate(pools.len() - 2);
                pools.push((top, many + more, right + also));
            }
        }
        even().map(|step| {
            let pool = pools.iter().find(|(top, ..)| *top >= step).or(pools.last());
            pool.map_or(step, |(_, many, right)| right / many)
        })
    })
}
