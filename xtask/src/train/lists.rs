//! Names of people and places from the public evaluation data, and this project's own lists of words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use tacita_detect::{
    names::{
        lexicon::{self, Classes},
        tokens::{self, Token, word},
    },
    recognizers,
};

use super::corpora::Text;
use crate::random::Random;

/// Names of people of one country.
#[derive(Default)]
pub(crate) struct Country {
    pub forenames: Vec<String>,
    pub surnames: Vec<String>,
}

/// Everything names are drawn from.
#[derive(Default)]
pub(crate) struct Lists {
    pub countries: Vec<Country>,
    pub forenames: Vec<String>,
    pub surnames: Vec<String>,
    /// Cities by country, then all countries and regions.
    pub cities: Vec<Vec<String>>,
    pub regions: Vec<String>,
    pub groups: Vec<&'static str>,
    pub organizations: Vec<&'static str>,
    /// Words of programs and of prose that names nobody.
    pub common: Vec<&'static str>,
    /// German nouns.
    pub german: Vec<&'static str>,
}

/// The lines of one of the project's own lists.
macro_rules! list {
    ($name:literal) => {
        include_str!(concat!("lists/", $name, ".txt")).lines()
    };
}

impl Lists {
    pub(crate) fn load(folder: &Path) -> Result<Self, String> {
        let read = |name: &str| {
            let file = folder.join("names").join(name);
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
        };
        let mut countries = BTreeMap::<String, Country>::new();
        for fields in rows(&read("common-forenames-by-country.csv")?) {
            countries
                .entry(fields[0].clone())
                .or_default()
                .forenames
                .extend(written(&fields[10], &fields[11]));
        }
        for fields in rows(&read("common-surnames-by-country.csv")?) {
            countries.entry(fields[0].clone()).or_default().surnames.extend(written(&fields[4], &fields[5]));
        }
        let mut cities = BTreeMap::<String, Vec<String>>::new();
        let mut regions: Vec<String> = list!("places").map(str::to_owned).collect();
        regions.extend(list!("countries").map(str::to_owned));
        let mut parts = BTreeSet::new();
        for fields in rows(&read("world-cities.csv")?) {
            cities.entry(fields[1].clone()).or_default().push(fields[0].clone());
            parts.insert(fields[2].clone());
        }
        regions.extend(cities.keys().cloned());
        regions.extend(parts.into_iter().filter(|part| !part.is_empty()));
        Ok(Self {
            countries: countries.into_values().collect(),
            forenames: lines(&read("first_all.txt")?),
            surnames: lines(&read("surnames_all.txt")?),
            cities: cities.into_values().collect(),
            regions,
            groups: list!("groups").collect(),
            organizations: list!("organizations").collect(),
            common: list!("common").collect(),
            german: list!("german").collect(),
        })
    }

    /// The people of one country, and nothing else.
    pub(crate) fn of(country: Country) -> Self {
        let Country { forenames, surnames } = &country;
        let (forenames, surnames) = (forenames.clone(), surnames.clone());
        Self { countries: vec![country], forenames, surnames, ..Self::default() }
    }

    pub(crate) fn forename(&self, random: &mut Random) -> &str {
        self.person(random, |country| &country.forenames, &self.forenames)
    }

    pub(crate) fn surname(&self, random: &mut Random) -> &str {
        self.person(random, |country| &country.surnames, &self.surnames)
    }

    /// Mostly of a country, each as often as another; else one of the many.
    fn person<'a>(
        &'a self,
        random: &mut Random,
        of: fn(&Country) -> &Vec<String>,
        many: &'a [String],
    ) -> &'a str {
        if random.chance(0.6) {
            let names = of(random.pick(&self.countries));
            if !names.is_empty() {
                return random.pick(names).as_str();
            }
        }
        random.pick(many).as_str()
    }

    pub(crate) fn city(&self, random: &mut Random) -> &str {
        let cities = random.pick(&self.cities);
        random.pick(cities).as_str()
    }

    /// The words of all lists with their classes, and as common words those that `texts` write small outside names.
    pub(crate) fn lexicon(&self, texts: &[Text]) -> BTreeMap<u64, Classes> {
        let mut words = BTreeMap::<u64, Classes>::new();
        let mut add = |name: &str, classes: Classes, part: Classes| {
            let parts: Vec<u64> =
                name.split([' ', '\u{A0}']).filter(|part| !part.is_empty()).map(word).collect();
            match parts[..] {
                [] => {}
                [one] => *words.entry(one).or_default() |= classes,
                [first, ref rest @ ..] => {
                    let phrase = rest.iter().fold(first, |hash, next| lexicon::pair(hash, *next));
                    *words.entry(phrase).or_default() |= classes;
                    if part != 0 {
                        for own in &parts {
                            *words.entry(*own).or_default() |= part;
                        }
                    }
                }
            }
        };
        for country in &self.countries {
            country.forenames.iter().for_each(|n| add(n, lexicon::FORENAME | lexicon::COMMON_FORENAME, 0));
            country.surnames.iter().for_each(|n| add(n, lexicon::SURNAME | lexicon::COMMON_SURNAME, 0));
        }
        self.forenames.iter().for_each(|n| add(n, lexicon::FORENAME, 0));
        self.surnames.iter().for_each(|n| add(n, lexicon::SURNAME, 0));
        self.cities.iter().flatten().for_each(|n| add(n, lexicon::CITY, lexicon::PLACE_PART));
        self.regions.iter().for_each(|n| add(n, lexicon::REGION, lexicon::PLACE_PART));
        self.groups.iter().for_each(|n| add(n, lexicon::GROUP, 0));
        self.organizations.iter().for_each(|n| add(n, lexicon::ORGANIZATION, lexicon::ORGANIZATION_PART));
        list!("kinds").for_each(|n| add(n, lexicon::ORGANIZATION_KIND, 0));
        list!("titles").for_each(|n| add(n, lexicon::TITLE, 0));
        list!("particles").for_each(|n| add(n, lexicon::PARTICLE | lexicon::COMMON, 0));
        list!("capitals").for_each(|n| add(n, lexicon::NAMELESS, 0));
        list!("function").for_each(|n| add(n, lexicon::COMMON, 0));
        self.german.iter().for_each(|n| add(n, lexicon::COMMON, 0));
        self.common.iter().for_each(|n| add(n, lexicon::COMMON, 0));
        // Labels and what else tells numbers apart are no names.
        let labels = recognizers().iter().flat_map(|r| r.context.iter().chain(r.labels));
        labels.flat_map(|phrase| phrase.split(' ')).for_each(|n| add(n, lexicon::COMMON, 0));
        for word in common(texts) {
            *words.entry(word).or_default() |= lexicon::COMMON;
        }
        words
    }
}

/// Words that stand small, outside names, in two texts or more.
fn common(texts: &[Text]) -> impl Iterator<Item = u64> {
    let mut seen = BTreeMap::<u64, (usize, usize)>::new();
    let mut found: Vec<Token> = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        tokens::tokens(text.text.as_bytes(), &mut found);
        for token in found.iter().filter(|token| token.look == tokens::Look::Lower) {
            let place = token.start as usize..token.end as usize;
            if !text.names.iter().any(|(name, _)| name.start < place.end && place.start < name.end) {
                let (last, count) = seen.entry(token.word).or_insert((usize::MAX, 0));
                *count += usize::from(*last != number);
                *last = number;
            }
        }
    }
    seen.into_iter().filter(|(_, (_, count))| *count > 1).map(|(word, _)| word)
}

/// A name as it is written at home, and in Latin letters.
fn written(local: &str, roman: &str) -> Vec<String> {
    let both = if local == roman { [local, ""] } else { [local, roman] };
    both.map(str::trim).into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn lines(content: &str) -> Vec<String> {
    let lines = content.trim_start_matches('\u{FEFF}').lines().map(str::trim);
    lines.filter(|line| line.chars().count() > 1).map(str::to_owned).collect()
}

/// The rows of a CSV file behind its header.
pub(super) fn rows(content: &str) -> impl Iterator<Item = Vec<String>> {
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(content.as_bytes());
    let rows = reader.into_records().map(|row| row.expect("it is UTF-8 and in memory"));
    rows.map(|row| row.iter().map(str::to_owned).collect())
}
