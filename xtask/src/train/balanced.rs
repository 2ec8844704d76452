//! Text in which names of every region and gender stand in the same sentences: `cargo xtask names`.
//!
//! How well names of one group are found can be compared with another only if nothing else differs. So every group gets
//! each sentence as often as any other, and no sentence is one that the tagger was trained on.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    corpora::Text,
    generate::expand,
    lists::{Country, Lists, rows},
};
use crate::random::Random;

const TEMPLATES: &str = include_str!("templates/balanced.txt");
/// Regions and the countries in them.
const REGIONS: &str = include_str!("lists/regions.txt");
/// Surnames of regions, for the countries of which the public lists have none.
const SURNAMES: &str = include_str!("lists/surnames.txt");
const GENDERS: [(&str, &str); 2] = [("F", "female"), ("M", "male")];
/// How often each group gets each sentence.
const ROUNDS: usize = 2;

/// Writes the set.
pub(crate) fn write(file: &Path) -> Result<()> {
    let set = set(&crate::bench::data()?.join("names"))?;
    fs::write(file, &set).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{}: {} texts", file.display(), set.lines().count());
    Ok(())
}

/// The set as JSON lines, from the folder of lists of names.
fn set(folder: &Path) -> Result<String> {
    let names = Names::load(folder)?;
    let mut random = Random::new(5);
    let mut lines = String::new();
    for (region, codes) in keyed(REGIONS) {
        for (letter, gender) in GENDERS {
            let countries = names.countries(region, &codes.split(' ').collect::<Vec<_>>(), letter);
            for template in (0..ROUNDS).flat_map(|_| TEMPLATES.lines()) {
                let mut text = Text::default();
                expand(random.pick(&countries), template, &mut random, &mut text);
                let groups = json!({ "region": region, "gender": gender });
                let line = json!({ "text": text.text, "spans": spans(&text), "groups": groups });
                writeln!(lines, "{line}").expect("writing to a string does not fail");
            }
        }
    }
    Ok(lines)
}

/// The names in a text, in code points.
fn spans(text: &Text) -> Vec<(usize, usize, &'static str)> {
    let characters = |end: usize| text.text[..end].chars().count();
    text.names.iter().map(|(place, _)| (characters(place.start), characters(place.end), "PERSON")).collect()
}

/// The lines `key: value` of one of the project's own lists.
fn keyed(list: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    list.lines().map(|line| line.split_once(": ").expect("every line has a key"))
}

/// Names as they are written in Latin letters.
struct Names {
    /// By country and gender.
    forenames: BTreeMap<(String, String), Vec<String>>,
    /// By country.
    surnames: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn load(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            let file = folder.join(name);
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
        };
        let mut names = Self { forenames: BTreeMap::new(), surnames: BTreeMap::new() };
        for fields in rows(&read("common-forenames-by-country.csv")?) {
            let own = names.forenames.entry((fields[0].clone(), fields[9].clone())).or_default();
            // A few are cut at the front.
            own.extend(latin(&fields[11]).filter(|name| name.starts_with(char::is_uppercase)));
        }
        for fields in rows(&read("common-surnames-by-country.csv")?) {
            names.surnames.entry(fields[0].clone()).or_default().extend(latin(&fields[5]));
        }
        Ok(names)
    }

    /// For each country of a region that has forenames of a gender, what its people are called. Where a country has no
    /// surnames, they are the region's.
    fn countries(&self, region: &str, codes: &[&str], gender: &str) -> Vec<Lists> {
        let all = || codes.iter().filter_map(|code| self.surnames.get(*code)).flatten().cloned().collect();
        let regional: Vec<String> = match keyed(SURNAMES).find(|(key, _)| *key == region) {
            Some((_, names)) => names.split(", ").map(str::to_owned).collect(),
            None => all(),
        };
        let country = |code: &&str| {
            let forenames = self.forenames.get(&((*code).to_owned(), gender.to_owned()))?.clone();
            let surnames = self.surnames.get(*code).unwrap_or(&regional).clone();
            Some(Lists::of(Country { forenames, surnames }))
        };
        codes.iter().filter_map(country).collect()
    }
}

/// A name in Latin letters, the first of its spellings.
fn latin(name: &str) -> Option<String> {
    let name = name.split('/').next()?.trim();
    let is_latin = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '\'' | '’' | '-' | ' ' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
    (!name.is_empty() && name.chars().all(is_latin)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacita_detect::evaluation;

    #[test]
    fn every_group_has_as_many_names() {
        let Some(folder) = std::env::var_os("TACITA_EVAL_DATA") else {
            assert!(std::env::var_os("CI").is_none(), "TACITA_EVAL_DATA must be set in CI");
            println!("skipped: TACITA_EVAL_DATA is not set");
            return;
        };
        let set = set(&Path::new(&folder).join("detect/names")).expect("the lists are there");
        let texts = evaluation::read(&set).expect("it is well-formed");
        let mut names = BTreeMap::<(&str, &str), usize>::new();
        for text in &texts {
            *names.entry((&text.groups["region"], &text.groups["gender"])).or_default() += text.spans.len();
        }
        assert_eq!(names.len(), 2 * keyed(REGIONS).count());
        let own = TEMPLATES.matches('{').count() * ROUNDS;
        assert!(names.values().all(|count| *count == own), "{names:?}");
    }

    #[test]
    fn no_sentence_is_one_of_training() {
        for file in super::super::generate::TEMPLATES {
            assert!(TEMPLATES.lines().all(|line| !file.lines().any(|other| other == line)));
        }
    }

    #[test]
    fn names_are_latin() {
        assert_eq!(latin("Huỳnh/Hoàng").as_deref(), Some("Huỳnh"));
        assert_eq!(latin("Баatar"), None);
        assert_eq!(latin(""), None);
    }
}
