//! What was found against what is marked.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde::Serialize;

use super::{
    Found, Marked,
    figures::{Row, Tally, rows},
    mapping::column,
};

/// How good detection was.
#[derive(Clone, Debug, Serialize)]
pub struct Scores {
    /// How many texts there were.
    pub texts: usize,
    /// Their size.
    pub bytes: usize,
    /// The least share of characters, intersection over union, at which a finding overlaps enough.
    pub overlap: f64,
    /// Every type that is marked and was looked for.
    pub types: Vec<Row>,
    /// These types together.
    pub all: Row,
    /// The same if a finding is right whatever its type: what matters to redaction.
    pub any: Row,
    /// The groups that the people named belong to, as far as anything is marked.
    pub groups: Vec<Grouping>,
    /// How many findings were right, by score; scores that none had are left out.
    pub reliability: Vec<Bin>,
    /// Types that are marked and were not looked for, and how often. They count nowhere.
    pub not_sought: BTreeMap<String, usize>,
}

impl Scores {
    /// The row of a type.
    #[must_use]
    pub fn row(&self, entity: &str) -> Option<&Row> {
        self.types.iter().find(|row| row.name == entity)
    }
}

/// Groups that differ in one respect, such as the region a name comes from.
#[derive(Clone, Debug, Serialize)]
pub struct Grouping {
    /// In which respect.
    pub name: String,
    /// The groups.
    pub groups: Vec<Row>,
}

impl Grouping {
    /// The group with the highest recall and the one with the lowest, spans that overlap enough.
    #[must_use]
    pub fn extremes(&self) -> Option<(&Row, &Row)> {
        let by_recall = |a: &&Row, b: &&Row| a.overlap.recall.value.total_cmp(&b.overlap.recall.value);
        Some((self.groups.iter().max_by(by_recall)?, self.groups.iter().min_by(by_recall)?))
    }
}

/// Findings of about the same score.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Bin {
    /// The lowest score.
    pub from: f32,
    /// The next bin's lowest.
    pub to: f32,
    /// How many findings.
    pub found: usize,
    /// Their mean score.
    pub mean: f64,
    /// How many have a marked place exactly.
    pub exact: usize,
    /// How many share enough of a marked place.
    pub overlap: usize,
    /// How many share any of a marked place: half a name that is hidden is no false alarm.
    pub touching: usize,
}

/// Bins between the scores 0 and 1.
const BINS: usize = 10;

/// Compares what was `found` in each text with what is marked there. Only types that are marked somewhere and `sought`
/// count: a finding of a type that nobody marked is neither right nor wrong. Each marked span is matched with at most
/// one finding of its type, the pairs that share most first.
///
/// # Panics
/// If there are not as many lists of findings as texts, or a finding lies outside its text.
#[must_use]
pub fn score(
    texts: &[Marked],
    found: &[Vec<Found<'_>>],
    sought: impl Fn(&str) -> bool,
    overlap: f64,
) -> Scores {
    assert_eq!(texts.len(), found.len(), "every text has its findings");
    let marked: BTreeSet<&str> =
        texts.iter().flat_map(|text| &text.spans).map(|span| span.entity.as_str()).collect();
    let (types, strange): (Vec<&str>, Vec<&str>) = marked.into_iter().partition(|entity| sought(entity));
    let groups: BTreeSet<(&String, &String)> = texts.iter().flat_map(|text| &text.groups).collect();
    let groups: Vec<(&String, &String)> = groups.into_iter().collect();
    let (all, any, first_group) = (types.len(), types.len() + 1, types.len() + 2);

    let mut reliability: Vec<Bin> = (0..BINS).map(bin).collect();
    let mut tallies = Vec::with_capacity(texts.len());
    for (text, found) in texts.iter().zip(found) {
        let gold = text
            .spans
            .iter()
            .map(|span| (span.place.clone(), types.binary_search(&span.entity.as_str()).ok()));
        let gold = marks(gold.map(|(place, column)| (place, column, 0.0)));
        let found = marks(found.iter().map(|f| (f.place.clone(), column(&types, f.entity), f.score)));
        let mut own = compare(&text.text, &gold, &found, overlap, types.len(), Some(&mut reliability));
        let whatever =
            |marks: &[Mark]| self::marks(marks.iter().map(|mark| (mark.place.clone(), Some(0), mark.score)));
        let untyped = compare(&text.text, &whatever(&gold), &whatever(&found), overlap, 1, None)[0];
        let mut sum = Tally::default();
        own.iter().for_each(|tally| sum.add(*tally));
        own.extend([sum, untyped]);
        let mut own: Vec<(usize, Tally)> = own.into_iter().enumerate().collect();
        own.retain(|(_, tally)| *tally != Tally::default());
        let belongs =
            groups.iter().enumerate().filter(|(_, (name, value))| text.groups.get(*name) == Some(*value));
        own.extend(belongs.map(|(at, _)| (first_group + at, sum)));
        tallies.push(own);
    }
    reliability.retain(|bin| bin.found > 0);
    for bin in &mut reliability {
        bin.mean /= bin.found as f64;
    }

    let names = types.iter().copied().chain(["all types", "any type"]);
    let names = names.chain(groups.iter().map(|(_, value)| value.as_str())).map(str::to_owned).collect();
    let mut rows = rows(names, &tallies);
    let mut groupings: Vec<Grouping> = Vec::new();
    for ((name, _), row) in groups.iter().zip(rows.drain(first_group..)).filter(|(_, row)| row.marked > 0) {
        match groupings.last_mut().filter(|last| last.name == **name) {
            Some(last) => last.groups.push(row),
            None => groupings.push(Grouping { name: (*name).clone(), groups: vec![row] }),
        }
    }
    let count =
        |entity: &str| texts.iter().flat_map(|text| &text.spans).filter(|span| span.entity == entity).count();
    Scores {
        texts: texts.len(),
        bytes: texts.iter().map(|text| text.text.len()).sum(),
        overlap,
        any: rows.remove(any),
        all: rows.remove(all),
        types: rows,
        groups: groupings,
        reliability,
        not_sought: strange.into_iter().map(|entity| (entity.to_owned(), count(entity))).collect(),
    }
}

/// A place and the column of its type.
struct Mark {
    place: Range<usize>,
    column: usize,
    score: f32,
}

/// Those that have a column, in order of place, each once with the highest score.
fn marks(all: impl Iterator<Item = (Range<usize>, Option<usize>, f32)>) -> Vec<Mark> {
    let mut marks: Vec<Mark> =
        all.filter_map(|(place, column, score)| Some(Mark { place, column: column?, score })).collect();
    let key = |mark: &Mark| (mark.place.start, mark.place.end, mark.column);
    marks.sort_by(|a, b| key(a).cmp(&key(b)).then(b.score.total_cmp(&a.score)));
    marks.dedup_by_key(|mark| key(mark));
    marks
}

/// One text: the tally of each column, and what its findings add to the `reliability` of scores.
fn compare(
    text: &str,
    gold: &[Mark],
    found: &[Mark],
    overlap: f64,
    columns: usize,
    reliability: Option<&mut Vec<Bin>>,
) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); columns];
    gold.iter().for_each(|mark| tallies[mark.column].marked += 1);
    found.iter().for_each(|mark| tallies[mark.column].found += 1);
    let pairs = shares(text, gold, found);
    let mut matched = vec![0.0; found.len()];
    let mut taken = vec![false; gold.len()];
    for (one, other, share) in &pairs {
        if !taken[*one] && matched[*other] == 0.0 {
            taken[*one] = true;
            matched[*other] = *share;
        }
    }
    for (mark, share) in found.iter().zip(&matched) {
        tallies[mark.column].exact += usize::from(*share == 1.0);
        tallies[mark.column].overlap += usize::from(*share >= overlap);
    }
    if let Some(bins) = reliability {
        let touching: BTreeSet<usize> = pairs.iter().map(|(_, other, _)| *other).collect();
        for (at, (mark, share)) in found.iter().zip(&matched).enumerate() {
            let bin = &mut bins[((mark.score * BINS as f32) as usize).min(BINS - 1)];
            bin.found += 1;
            bin.mean += f64::from(mark.score);
            bin.exact += usize::from(*share == 1.0);
            bin.overlap += usize::from(*share >= overlap);
            bin.touching += usize::from(touching.contains(&at));
        }
    }
    tallies
}

/// Which marked and which found one have a column and characters in common, and which share of the characters of both
/// that is; the largest first. Exactly 1 if the place is the same.
fn shares(text: &str, gold: &[Mark], found: &[Mark]) -> Vec<(usize, usize, f64)> {
    let characters = |place: Range<usize>| text[place].chars().count() as f64;
    let (mut pairs, mut first) = (Vec::new(), 0);
    for (one, mark) in gold.iter().enumerate() {
        while found.get(first).is_some_and(|other| other.place.end <= mark.place.start) {
            first += 1;
        }
        for (other, candidate) in found.iter().enumerate().skip(first) {
            if candidate.place.start >= mark.place.end {
                break;
            }
            let common = mark.place.start.max(candidate.place.start)..mark.place.end.min(candidate.place.end);
            if candidate.column == mark.column && !common.is_empty() {
                let common = characters(common);
                let both = characters(mark.place.clone()) + characters(candidate.place.clone()) - common;
                pairs.push((one, other, common / both));
            }
        }
    }
    // A stable sort: of equal shares the first in the text wins.
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
    pairs
}

fn bin(at: usize) -> Bin {
    let edge = |at: usize| at as f32 / BINS as f32;
    Bin { from: edge(at), to: edge(at + 1), ..Bin::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{Mapping, read};

    fn found(place: Range<usize>, entity: &str, score: f32) -> Found<'_> {
        Found { place, entity, score }
    }

    const TEXTS: &str = r#"{"text": "Zoë Lund met Ola Berg in Oslo on 3 May", "spans": [[0, 8, "PER"], [13, 21, "PER"], [25, 29, "GPE"], [33, 38, "DATE"]], "groups": {"region": "Northern Europe"}}
{"text": "Ola was born on 3 May", "spans": [[0, 3, "PER"]], "groups": {"region": "Oceania"}}"#;

    /// One person exact, one of whose 8 characters 4 are found, one missed; a place taken for a person; a type that is
    /// not marked, and one that is not sought.
    fn scores() -> Scores {
        let mut texts = read(TEXTS).expect("it is well-formed");
        Mapping::default().apply(&mut texts);
        let findings = [
            vec![
                found(0..9, "PERSON", 0.95),
                found(14..18, "PERSON", 0.7),
                found(26..30, "PERSON", 0.6),
                found(0..9, "URL", 0.9),
            ],
            vec![],
        ];
        score(&texts, &findings, |entity| entity != "DATE", 0.5)
    }

    #[test]
    fn only_what_is_marked_and_sought_counts() {
        let scores = scores();
        assert_eq!(
            scores.types.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            ["LOCATION", "PERSON"]
        );
        assert_eq!(scores.not_sought, BTreeMap::from([("DATE".to_owned(), 1)]));
        assert_eq!((scores.all.marked, scores.all.found, scores.all.exact.right), (4, 3, 1));
    }

    #[test]
    fn a_share_of_the_characters_is_enough_or_not() {
        let scores = scores();
        let person = scores.row("PERSON").expect("it is marked");
        assert_eq!((person.marked, person.found, person.exact.right, person.overlap.right), (3, 3, 1, 2));
        assert!((person.overlap.recall.value - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(
            (scores.any.exact.right, scores.any.overlap.right),
            (2, 3),
            "a place is hidden as a person too"
        );
    }

    #[test]
    fn scores_are_held_against_what_was_right() {
        let bins = scores().reliability;
        let line = |bin: &Bin| (bin.found, bin.exact, bin.overlap, bin.touching);
        assert_eq!(
            (line(&bins[0]), line(&bins[1]), line(&bins[2])),
            ((1, 0, 0, 0), (1, 0, 1, 1), (1, 1, 1, 1))
        );
        assert!((bins[2].mean - 0.95).abs() < 1e-6);
    }

    #[test]
    fn groups_are_compared() {
        let scores = scores();
        let (best, worst) = scores.groups[0].extremes().expect("there are two groups");
        assert_eq!(
            (scores.groups[0].name.as_str(), &*best.name, &*worst.name),
            ("region", "Northern Europe", "Oceania")
        );
        assert_eq!(worst.overlap.recall.value, 0.0);
    }

    #[test]
    fn one_finding_is_one_hit() {
        let texts = read(r#"{"text": "Ola Berg", "spans": [[0, 3, "PERSON"], [4, 8, "PERSON"]]}"#)
            .expect("it is well-formed");
        let whole = score(&texts, &[vec![found(0..8, "PERSON", 0.9)]], |_| true, 0.3);
        assert_eq!(whole.all.overlap.right, 1);
        let twice = vec![found(0..3, "PERSON", 0.9), found(0..3, "PERSON", 0.8)];
        assert_eq!(score(&texts, &[twice], |_| true, 0.3).all.found, 1);
    }

    #[test]
    fn a_narrower_type_is_right_where_only_the_wider_is_marked() {
        let texts =
            read(r#"{"text": "3 May 1970", "spans": [[0, 10, "DATE_TIME"]]}"#).expect("it is well-formed");
        let scores = score(&texts, &[vec![found(0..10, "DATE_OF_BIRTH", 0.9)]], |_| true, 1.0);
        assert_eq!(scores.all.exact.right, 1);
    }
}
