//! Compiles the numbering plans of all regions into one automaton over digits.
//!
//! The plans are Google's libphonenumber metadata, as the `phonenumber` crate carries them. Written are `phone.dfa`, the
//! automaton's table, and `phone.rs`, where in it each question begins: is this an international number, a number of
//! this region, a number that people write in groups of these lengths?

#[path = "automaton.rs"]
mod automaton;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    ops::Range,
    path::Path,
};

use automaton::{Automaton, NOTHING, Pattern, Set, choices};
use phonenumber::metadata::{DATABASE, Descriptor, Format, Metadata};
use regex_syntax::hir::{Hir, HirKind};

/// The fewest digits that a number written in groups may have; shorter ones are service codes.
const SHORTEST: usize = 7;
/// The most digits of an international number, with some to spare for the two plans that exceed E.164's 15.
const LONGEST: usize = 17;
/// How the area code's brackets are told in the key of a shape.
const BRACKETS: u32 = 1 << 31;

/// Writes `phone.dfa` and `phone.rs` into `out`.
pub(crate) fn generate(out: &Path) {
    let mut automaton = Automaton::new();
    let plans = plans(&mut automaton);
    let questions = Questions::new(&mut automaton, &plans);
    let sets = questions.all().chain(plans.iter().map(|plan| plan.numbers));
    let table = automaton.table(sets);

    let bytes: Vec<u8> = table.rows.iter().flat_map(|state| state.to_le_bytes()).collect();
    let mut source = String::new();
    let mut constant = |name: &str, doc: &str, value: usize| {
        writeln!(source, "/// {doc}\npub(super) const {name}: u16 = {value};").expect("writing to a string");
    };
    let of = |set| usize::from(table.number(set));
    constant("ACCEPTING", "The first state that accepts.", table.rejecting);
    constant("INTERNATIONAL", "Valid numbers with their country code.", of(questions.international));
    constant("POSSIBLE", "A country code and as many digits as its numbers have.", of(questions.possible));
    constant("ANYWHERE", "Numbers of any region, dialled within it.", of(questions.anywhere));
    constant("NORTH_AMERICA", "Numbers of country code 1, without it.", of(questions.north_america));

    writeln!(source, "/// The regions by their ISO 3166 code; `001` is none.").expect("writing to a string");
    writeln!(source, "pub(super) static REGIONS: [Region; {}] = [", plans.len())
        .expect("writing to a string");
    for Plan { metadata, numbers, .. } in &plans {
        writeln!(
            source,
            "    Region {{ id: {:?}, country_code: \"{}\", prefix: {:?}, numbers: {} }},",
            metadata.id(),
            metadata.country_code(),
            metadata.national_prefix().unwrap_or_default(),
            table.number(*numbers)
        )
        .expect("writing to a string");
    }
    source += "];\n";

    writeln!(source, "/// By the lengths of the groups, four bits each and the last one lowest, which numbers are written so;")
        .expect("writing to a string");
    writeln!(source, "/// the highest bit tells that the area code is in brackets. In order of key.")
        .expect("writing to a string");
    writeln!(source, "pub(super) static SHAPES: [(u32, u16); {}] = [", questions.shapes.len())
        .expect("writing to a string");
    for (key, set) in &questions.shapes {
        writeln!(source, "    ({key:#x}, {}),", table.number(*set)).expect("writing to a string");
    }
    source += "];\n";

    fs::write(out.join("phone.dfa"), bytes).expect("the output folder is writable");
    fs::write(out.join("phone.rs"), source).expect("the output folder is writable");
}

struct Plan {
    metadata: &'static Metadata,
    /// What libphonenumber asks of a national significant number: that it fits the general description and some type.
    valid: [Pattern; 2],
    /// National significant numbers.
    numbers: Set,
}

fn plans(automaton: &mut Automaton) -> Vec<Plan> {
    let mut all: Vec<&'static Metadata> =
        (1..1000).filter_map(|code| DATABASE.by_code(&code)).flatten().collect();
    all.sort_by_key(|metadata| (metadata.id(), metadata.country_code()));
    all.into_iter()
        .map(|metadata| {
            let types: Vec<&str> =
                types(metadata).map(|numbers| numbers.national_number().as_str()).collect();
            let general = metadata.descriptors().general().national_number().as_str();
            let valid = [Pattern::whole(general), Pattern::whole(&types.join("|"))];
            let numbers = automaton.matching(&[&valid[0], &valid[1]]);
            Plan { metadata, valid, numbers }
        })
        .collect()
}

fn types(metadata: &Metadata) -> impl Iterator<Item = &Descriptor> {
    let all = metadata.descriptors();
    let types = [
        all.fixed_line(),
        all.mobile(),
        all.toll_free(),
        all.premium_rate(),
        all.shared_cost(),
        all.personal_number(),
        all.voip(),
        all.pager(),
        all.uan(),
        all.voicemail(),
    ];
    types.into_iter().flatten()
}

struct Questions {
    international: Set,
    possible: Set,
    anywhere: Set,
    north_america: Set,
    shapes: BTreeMap<u32, Set>,
}

impl Questions {
    fn new(automaton: &mut Automaton, plans: &[Plan]) -> Self {
        let (mut international, mut possible) = (Vec::new(), Vec::new());
        let (mut anywhere, mut north_america) = (Vec::new(), Vec::new());
        let mut shapes = BTreeMap::<u32, BTreeSet<Set>>::new();
        for plan @ Plan { metadata, numbers, .. } in plans {
            let code = metadata.country_code().to_string();
            international.push(automaton.prepend(&code, *numbers));
            for &length in types(metadata).flat_map(Descriptor::possible_length) {
                let any = automaton.any(usize::from(length));
                possible.push(automaton.prepend(&code, any));
            }
            anywhere.push(*numbers);
            anywhere.push(automaton.prepend(metadata.national_prefix().unwrap_or_default(), *numbers));
            if code == "1" {
                north_america.push(*numbers);
            }
            for (key, set) in written(automaton, plan) {
                shapes.entry(key).or_default().insert(set);
            }
        }
        Self {
            international: automaton.union(international),
            possible: automaton.union(possible),
            anywhere: automaton.union(anywhere),
            north_america: automaton.union(north_america),
            shapes: shapes.into_iter().map(|(key, sets)| (key, automaton.union(sets))).collect(),
        }
    }

    fn all(&self) -> impl Iterator<Item = Set> {
        let single = [self.international, self.possible, self.anywhere, self.north_america];
        single.into_iter().chain(self.shapes.values().copied())
    }
}

/// The shapes in which a region's numbers are written, each with the numbers, prefix included, that are written so.
fn written(automaton: &mut Automaton, plan: &Plan) -> Vec<(u32, Set)> {
    // Regions that share a country code share the formats of the main one.
    let metadata = plan.metadata;
    let main = DATABASE.by_code(&metadata.country_code()).and_then(|sharing| sharing.first().copied());
    let mut shapes = Vec::new();
    for format in main.unwrap_or(metadata).formats() {
        let leading = format.leading_digits().last().map_or("", |leading| leading.as_str());
        let format_patterns = [Pattern::beginning(leading), Pattern::whole(format.pattern().as_str())];
        let all: Vec<&Pattern> = plan.valid.iter().chain(&format_patterns).collect();
        let set = automaton.matching(&all);
        for lengths in choices(&group_lengths(format.pattern().as_str())) {
            let total = lengths.iter().sum::<usize>();
            let set = automaton.of_length(set, total);
            if !(SHORTEST..=LONGEST).contains(&total) || set == NOTHING {
                continue;
            }
            let Some(groups) = groups(format.format(), &lengths) else { continue };
            shapes.extend(variants(automaton, metadata, format, &groups, set));
        }
    }
    shapes
}

/// `groups` as written with and without the national prefix, in brackets and not.
fn variants(
    automaton: &mut Automaton,
    metadata: &Metadata,
    format: &Format,
    groups: &[usize],
    set: Set,
) -> Vec<(u32, Set)> {
    let prefix = metadata.national_prefix().unwrap_or_default();
    let with_prefix = automaton.prepend(prefix, set);
    let joined = |groups: &[usize]| [&[groups[0] + prefix.len()], &groups[1..]].concat();
    let apart = |groups: &[usize]| [&[prefix.len()], groups].concat();
    let rule = format.national_prefix().unwrap_or_default();
    let required = rule.contains("$NP") && !format.is_national_prefix_optional();

    // What follows the area code is often written in one block.
    let block = [groups[0], groups[1..].iter().sum()];
    let mut shapes = Vec::new();
    for groups in [groups, &block] {
        shapes.push((key(groups) | BRACKETS, set));
        if !required {
            shapes.push((key(groups), set));
        }
        if !prefix.is_empty() {
            for groups in [joined(groups), apart(groups)] {
                shapes.push((key(&groups), with_prefix));
                shapes.push((key(&groups) | BRACKETS, with_prefix));
            }
        }
    }
    shapes
}

/// The lengths that each capturing group of `pattern` may have.
fn group_lengths(pattern: &str) -> Vec<Range<usize>> {
    fn walk(hir: &Hir, lengths: &mut Vec<Range<usize>>) {
        match hir.kind() {
            HirKind::Capture(capture) => {
                let group = capture.sub.properties();
                let least = group.minimum_len().unwrap_or_default();
                lengths.push(least..group.maximum_len().unwrap_or(least).min(LONGEST) + 1);
            }
            HirKind::Concat(parts) => parts.iter().for_each(|part| walk(part, lengths)),
            _ => {}
        }
    }
    let mut lengths = Vec::new();
    let parsed = regex_syntax::ParserBuilder::new()
        .ignore_whitespace(true)
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern);
    walk(&parsed.expect("the patterns of the formats parse"), &mut lengths);
    lengths
}

/// The lengths of the groups of digits that `template` (`$1 $2-$3`) makes; none if it adds digits or drops groups.
fn groups(template: &str, lengths: &[usize]) -> Option<Vec<usize>> {
    let mut groups = vec![0];
    let mut expected = 1;
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        if c == '$' {
            let number = chars.next()?.to_digit(10)? as usize;
            if number != expected {
                return None;
            }
            expected += 1;
            *groups.last_mut()? += lengths.get(number - 1)?;
        } else if c.is_ascii_digit() {
            return None;
        } else if groups.last() != Some(&0) {
            groups.push(0);
        }
    }
    groups.retain(|&length| length > 0);
    (expected == lengths.len() + 1 && (2..=6).contains(&groups.len())).then_some(groups)
}

fn key(groups: &[usize]) -> u32 {
    groups.iter().fold(0, |key, &length| key << 4 | u32::try_from(length.min(15)).expect("at most 15"))
}
