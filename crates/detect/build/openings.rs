//! Which recognisers can match where a text opens in a certain way: one look-up in place of many automata.
//!
//! An opening is the first word of a place and the second, and what stands behind them: in `536-22-…` three digits, a
//! hyphen, two digits, a hyphen. From the automaton of each recogniser follows which openings it can pass; what is written here says
//! so for all recognisers at once, a bit each. It may say yes where the automaton then says no, never the other way round.

use std::{collections::BTreeSet, fs, iter::once, path::Path};

use crate::tables::{START, Table};

/// Longer first words are told apart no further.
const LENGTHS: usize = 32;
/// Longer second words are told apart no further.
const SECOND: usize = 16;
/// The most kinds of bytes behind a word that mean something to a pattern, and one class for all others.
const SEPARATORS: usize = 32;
/// What a word is made of: digits, letters, or any of both and underscores.
const KINDS: [&[(u8, u8)]; 3] = [
    &[(b'0', b'9')],
    &[(b'A', b'Z'), (b'a', b'z')],
    &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z'), (b'_', b'_')],
];
/// What follows the byte behind a word: a digit, a capital, a small letter, an underscore, anything else.
const NEXT: [&[(u8, u8)]; 5] = [
    &[(b'0', b'9')],
    &[(b'A', b'Z')],
    &[(b'a', b'z')],
    &[(b'_', b'_')],
    &[(0, b'/'), (b':', b'@'), (b'[', b'^'), (b'`', b'`'), (b'{', 255)],
];
/// Of [`NEXT`], the first and the last.
const DIGIT: usize = 0;
const OTHER: usize = 4;

/// Sets of recognisers, one bit each: those whose patterns stand alone, and those beside a context word.
type Sets = [[u64; 4]; 2];

fn bytes(of: &'static [(u8, u8)]) -> impl Iterator<Item = u8> + Clone {
    of.iter().flat_map(|&(first, last)| first..=last)
}

fn separators() -> impl Iterator<Item = u8> + Clone {
    bytes(NEXT[OTHER])
}

/// Writes `openings` to `out`, for the automata of each recogniser's patterns of both kinds, and gives the code that loads it.
///
/// The file holds the class of each byte behind a word, then numbers of pairs of sets, then the pairs: of recognisers that
/// can pass a first word, by its kind, its length, the class of the byte behind it and what follows; of those that can
/// pass a second one, by the same but what follows; of those that can end with a first one, by its kind and length; of
/// those that can begin with a byte; and of those that can have a byte in the second place.
pub(crate) fn generate(tables: [&[Option<Table>]; 2], out: &Path) -> Result<String, String> {
    let classes = classes(&tables)?;
    let mut openings = vec![Sets::default(); KINDS.len() * LENGTHS * SEPARATORS * NEXT.len()];
    let mut seconds = vec![Sets::default(); (KINDS.len() + 1) * SECOND * SEPARATORS];
    let mut ends = vec![Sets::default(); KINDS.len() * LENGTHS];
    let (mut bytes_first, mut bytes_second) = (vec![Sets::default(); 256], vec![Sets::default(); 256]);
    for (kind, tables) in tables.iter().enumerate() {
        for (number, table) in tables.iter().enumerate() {
            let Some(table) = table else { continue };
            let mark = |sets: &mut Sets, is: bool| sets[kind][number / 64] |= u64::from(is) << (number % 64);
            let mut between = BTreeSet::new();
            for (word, states) in words(table, &BTreeSet::from([START]), LENGTHS).iter().enumerate() {
                mark(&mut ends[word], table.ends(states));
                for byte in separators() {
                    between.extend(table.after(states, once(byte)));
                    let class = usize::from(classes[usize::from(byte)]);
                    for next in 0..NEXT.len() {
                        let opening = (word * SEPARATORS + class) * NEXT.len() + next;
                        mark(&mut openings[opening], passes(table, states, byte, next));
                    }
                }
            }
            let mut all = words(table, &between, SECOND);
            all.extend(std::iter::repeat_n(between, SECOND));
            for (word, states) in all.iter().enumerate() {
                for byte in separators() {
                    let class = usize::from(classes[usize::from(byte)]);
                    let passes = table.ends(states) || !table.after(states, once(byte)).is_empty();
                    mark(&mut seconds[word * SEPARATORS + class], passes);
                }
            }
            let start = BTreeSet::from([START]);
            let all = table.after(&start, 0..=255);
            for byte in 0..=255u8 {
                let (one, two) = (table.after(&start, once(byte)), table.after(&all, once(byte)));
                mark(&mut bytes_first[usize::from(byte)], !one.is_empty());
                mark(&mut bytes_second[usize::from(byte)], !two.is_empty() || table.ends(&all));
            }
        }
    }
    let mut known: Vec<Sets> = Vec::new();
    let mut numbers = Vec::new();
    for sets in [openings, seconds, ends, bytes_first, bytes_second].concat() {
        let number = known.iter().position(|other| *other == sets).unwrap_or_else(|| {
            known.push(sets);
            known.len() - 1
        });
        numbers.extend(u16::try_from(number).map_err(|e| e.to_string())?.to_le_bytes());
    }
    let sets = known.iter().flatten().flatten().flat_map(|word| word.to_le_bytes());
    let file = out.join("openings");
    fs::write(&file, classes.into_iter().chain(numbers).chain(sets).collect::<Vec<u8>>())
        .map_err(|e| e.to_string())?;
    Ok(format!("include_bytes!({:?})", file.display().to_string()))
}

/// Whether a match can go on, or end, where one of `states` meets `byte` and then something of a kind.
fn passes(table: &Table, states: &BTreeSet<u32>, byte: u8, next: usize) -> bool {
    // As the engine has it: no value ends before a further group of digits.
    let joined = matches!(byte, b'-' | b'.' | b'/' | b':') && next == DIGIT;
    let behind = table.after(states, once(byte));
    (!joined && table.ends(states))
        || (next == OTHER && table.ends(&behind))
        || !table.after(&behind, bytes(NEXT[next])).is_empty()
}

/// The states that words lead to, by their kind and length; the last of a kind are those after words of that length or
/// more.
fn words(table: &Table, from: &BTreeSet<u32>, lengths: usize) -> Vec<BTreeSet<u32>> {
    let mut all = Vec::new();
    for kind in KINDS {
        let mut states = from.clone();
        for _ in 1..lengths {
            let next = table.after(&states, bytes(kind));
            all.push(std::mem::replace(&mut states, next));
        }
        loop {
            let more = table.after(&states, bytes(kind));
            if more.is_subset(&states) {
                break;
            }
            states.extend(more);
        }
        all.push(states);
    }
    all
}

/// Bytes behind a word: those that any pattern goes on with are in one class where no automaton tells them apart, all
/// others are class 0.
fn classes(tables: &[&[Option<Table>]; 2]) -> Result<[u8; 256], String> {
    let mut classes = [0; 256];
    let mut known: Vec<Vec<u8>> = Vec::new();
    let mut reached: Vec<(&Table, BTreeSet<u32>)> = Vec::new();
    for table in tables.iter().flat_map(|tables| tables.iter().flatten()) {
        let mut states = BTreeSet::from([START]);
        loop {
            let more = table.after(&states, 0..=255);
            if more.is_subset(&states) {
                break;
            }
            states.extend(more);
        }
        reached.push((table, states));
    }
    for byte in separators() {
        if reached.iter().any(|(table, states)| !table.after(states, once(byte)).is_empty()) {
            let kind: Vec<u8> = reached.iter().map(|(table, _)| table.class(byte)).collect();
            let class = known.iter().position(|other| *other == kind).unwrap_or_else(|| {
                known.push(kind);
                known.len() - 1
            });
            classes[usize::from(byte)] = u8::try_from(class + 1).map_err(|e| e.to_string())?;
        }
    }
    if known.len() < SEPARATORS {
        Ok(classes)
    } else {
        Err(format!(
            "patterns go on with more than {SEPARATORS} kinds of bytes behind a word: widen the openings"
        ))
    }
}
