//! The best chain of labels that a scheme allows, and the names in it.

use tacita_detect::Reading;

use super::{labels::Labels, words::Word};

/// The names that `words` make up, given the share of each label for each word (words × labels).
pub(super) fn best(labels: &Labels, words: &[Word], logits: &[f32]) -> Vec<Reading> {
    let shares = shares(logits, labels.len(), labels.temperature);
    let path = path(labels, &shares);
    let mut found: Vec<Open> = Vec::new();
    let mut last = None;
    for ((word, label), shares) in words.iter().zip(path).zip(shares.chunks_exact(labels.len())) {
        let meaning = labels.meaning(label);
        if let Some((label, entity)) = meaning.and_then(|label| Some((label, label.entity?))) {
            // All labels of the type speak for it: that a name is two, or one, takes nothing from its being a name.
            let share = (0..labels.len())
                .filter(|other| labels.meaning(*other).and_then(|other| other.entity) == Some(entity))
                .map(|other| shares[other])
                .sum();
            match found.last_mut().filter(|_| last.is_some_and(|last| labels.goes_on(last, label))) {
                Some(open) => open.go_on(word, share),
                None => found.push(Open::new(entity, word, share)),
            }
        }
        last = meaning;
    }
    found.into_iter().map(Open::close).collect()
}

/// A name of which further words may come.
struct Open {
    reading: Reading,
    words: u32,
    sum: f32,
}

impl Open {
    fn new(entity: usize, word: &Word, share: f32) -> Self {
        let (start, end) = (word.place.start, word.place.end);
        Self { reading: Reading { entity, start, end, score: 0.0 }, words: 1, sum: share }
    }

    fn go_on(&mut self, word: &Word, share: f32) {
        self.reading.end = word.place.end;
        self.words += 1;
        self.sum += share;
    }

    /// The name is as sure as its words are in the mean.
    fn close(self) -> Reading {
        Reading { score: (self.sum / self.words as f32).min(1.0), ..self.reading }
    }
}

/// The share of each label: the softmax of each row.
fn shares(logits: &[f32], labels: usize, temperature: f32) -> Vec<f32> {
    let mut shares: Vec<f32> = logits.iter().map(|logit| logit / temperature).collect();
    for row in shares.chunks_exact_mut(labels) {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|value| *value = (*value - most).exp());
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum);
    }
    shares
}

/// The likeliest label of each word, of those chains that the scheme allows (Viterbi).
fn path(labels: &Labels, shares: &[f32]) -> Vec<usize> {
    let count = labels.len();
    let mut scores: Vec<f32> = Vec::new();
    let mut from: Vec<usize> = Vec::with_capacity(shares.len());
    for row in shares.chunks_exact(count) {
        let next: Vec<(f32, usize)> = (0..count)
            .map(|label| {
                let best = if scores.is_empty() {
                    (if labels.may_follow(None, label) { 0.0 } else { f32::NEG_INFINITY }, 0)
                } else {
                    let allowed = (0..count).filter(|last| labels.may_follow(Some(*last), label));
                    let best = allowed.map(|last| (scores[last], last)).max_by(|a, b| a.0.total_cmp(&b.0));
                    best.unwrap_or((f32::NEG_INFINITY, 0))
                };
                (best.0 + row[label].max(f32::MIN_POSITIVE).ln(), best.1)
            })
            .collect();
        scores = next.iter().map(|(score, _)| *score).collect();
        from.extend(next.iter().map(|(_, last)| *last));
    }
    let mut path = Vec::with_capacity(from.len() / count);
    let mut label = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
    for row in from.chunks_exact(count).rev() {
        path.push(label);
        label = row[label];
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::config::Settings;

    fn labels(names: &[&str]) -> Labels {
        let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
        Labels::new(&names, &Settings::default()).unwrap()
    }

    fn words(count: usize) -> Vec<Word> {
        (0..count).map(|token| Word { place: token * 5..token * 5 + 4, token }).collect()
    }

    fn found(labels: &Labels, logits: &[&[f32]]) -> Vec<(usize, usize, usize)> {
        best(labels, &words(logits.len()), &logits.concat())
            .into_iter()
            .map(|reading| (reading.entity, reading.start, reading.end))
            .collect()
    }

    #[test]
    fn words_that_go_on_are_one_name() {
        let bio = labels(&["O", "B-PER", "I-PER"]);
        let (o, b, i) = (&[9.0, 0.0, 0.0][..], &[0.0, 9.0, 0.0][..], &[0.0, 0.0, 9.0][..]);
        assert_eq!(found(&bio, &[o, b, i, o, b, b]), [(0, 5, 14), (0, 20, 24), (0, 25, 29)]);
    }

    #[test]
    fn an_inside_without_a_start_is_mended() {
        let bio = labels(&["O", "B-PER", "I-PER"]);
        // The first word is likeliest inside, which it can't be; to be the first is likelier than to be none.
        assert_eq!(found(&bio, &[&[0.0, 1.0, 5.0], &[0.0, 0.0, 5.0]]), [(0, 0, 9)]);
    }

    #[test]
    fn schemes_with_ends_tell_neighbours_apart() {
        let bilou = labels(&["O", "B-PER", "I-PER", "L-PER", "U-PER"]);
        let at = |label: usize| {
            let mut row = [0.0; 5];
            row[label] = 9.0;
            row
        };
        let rows = [at(1), at(3), at(4), at(1), at(2), at(3)];
        let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
        assert_eq!(found(&bilou, &rows), [(0, 0, 9), (0, 10, 14), (0, 15, 29)]);
    }

    #[test]
    fn a_temperature_makes_it_less_sure() {
        let score = |temperature| {
            let settings = Settings { temperature, ..Settings::default() };
            let names = ["O", "PER"].map(str::to_owned);
            let labels = Labels::new(&names, &settings).unwrap();
            best(&labels, &words(1), &[0.0, 4.0])[0].score
        };
        assert!((score(1.0) - 0.982).abs() < 0.001 && (score(2.0) - 0.881).abs() < 0.001);
    }

    #[test]
    fn no_words_have_no_names() {
        assert_eq!(found(&labels(&["O", "PER"]), &[]), []);
    }
}
