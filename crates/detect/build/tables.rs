//! A set of patterns as one small table: from one place on, which patterns match, and at which ends.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use regex_automata::{
    Anchored, MatchKind,
    dfa::{Automaton as _, StartKind, dense},
    util::{primitives::StateID, start, syntax},
};

/// The state from which nothing matches any more.
const DEAD: u16 = 0;
/// The state before the first byte.
pub(crate) const START: u32 = 1;

/// A state: where each class of bytes leads, and which patterns end here.
#[derive(Clone)]
struct State {
    next: Vec<u32>,
    ends: Vec<u16>,
}

/// A compiled set of patterns, minimal: state 0 is dead, state 1 the start.
pub(crate) struct Table {
    classes: [u8; 256],
    states: Vec<State>,
}

impl Table {
    /// Compiles `patterns`; `name` stands in errors.
    pub(crate) fn new(patterns: &[&str], name: &str) -> Result<Self, String> {
        let dfa = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .start_kind(StartKind::Anchored)
                    .match_kind(MatchKind::All)
                    .accelerate(false),
            )
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build_many(patterns)
            .map_err(|e| format!("{name}: {e}: {:?}", std::error::Error::source(&e)))?;
        let (classes, representatives) = classes(&dfa);
        Ok(Self { classes, states: minimal(&reachable(&dfa, &representatives)) })
    }

    /// Writes the table to `name.table` in `out`, and gives the code that loads it: the fields of a `Table`.
    pub(crate) fn write(&self, name: &str, out: &Path) -> Result<String, String> {
        let shift = self.states[0].next.len().next_power_of_two().trailing_zeros();
        let (rows, accepting, ends) = numbered(&self.states, shift, name)?;
        let file = out.join(format!("{name}.table"));
        let bytes: Vec<u8> =
            self.classes.iter().copied().chain(rows.iter().flat_map(|state| state.to_le_bytes())).collect();
        fs::write(&file, bytes).map_err(|e| e.to_string())?;
        let ends: String = ends.iter().map(|patterns| format!("&{patterns:?}, ")).collect();
        let file = file.display().to_string();
        Ok(format!(
            "Table {{ bytes: include_bytes!({file:?}), shift: {shift}, accepting: {accepting}, ends: &[{ends}] }}"
        ))
    }

    /// The states in which `from` are left by any of `bytes`; the dead one is left out.
    pub(crate) fn after(&self, from: &BTreeSet<u32>, bytes: impl Iterator<Item = u8>) -> BTreeSet<u32> {
        let classes: BTreeSet<u8> = bytes.map(|byte| self.classes[usize::from(byte)]).collect();
        let next = |state: &u32| {
            let row = &self.states[*state as usize].next;
            classes.iter().map(|class| row[usize::from(*class)])
        };
        from.iter().flat_map(next).filter(|state| *state != u32::from(DEAD)).collect()
    }

    /// Bytes of one class lead to the same states.
    pub(crate) fn class(&self, byte: u8) -> u8 {
        self.classes[usize::from(byte)]
    }

    /// Whether a pattern ends in any of `states`.
    pub(crate) fn ends(&self, states: &BTreeSet<u32>) -> bool {
        states.iter().any(|state| !self.states[*state as usize].ends.is_empty())
    }
}

/// The class of each byte, and a byte of each class.
fn classes(dfa: &dense::DFA<Vec<u32>>) -> ([u8; 256], Vec<u8>) {
    let classes = std::array::from_fn(|byte| dfa.byte_classes().get(byte as u8));
    let mut representatives = BTreeMap::new();
    for byte in 0..=255u8 {
        representatives.entry(classes[usize::from(byte)]).or_insert(byte);
    }
    (classes, representatives.into_values().collect())
}

/// Every state that can be reached, the dead one first and the start second.
fn reachable(dfa: &dense::DFA<Vec<u32>>, representatives: &[u8]) -> Vec<State> {
    let anchored = start::Config::new().anchored(Anchored::Yes);
    let first = dfa.start_state(&anchored).expect("the automaton was built anchored");
    let mut number = HashMap::from([(first, 1)]);
    let mut order = vec![first];
    let mut states = vec![State { next: vec![0; representatives.len()], ends: Vec::new() }];
    let mut at = 0;
    while at < order.len() {
        let id = order[at];
        at += 1;
        let mut step = |byte: u8| {
            let next = dfa.next_state(id, byte);
            if dfa.is_dead_state(next) {
                return u32::from(DEAD);
            }
            *number.entry(next).or_insert_with(|| {
                order.push(next);
                u32::try_from(order.len()).expect("fewer than four billion states")
            })
        };
        let next = representatives.iter().map(|byte| step(*byte)).collect();
        states.push(State { next, ends: ends(dfa, id) });
    }
    states
}

/// The patterns that match when the text ends in a state.
fn ends(dfa: &dense::DFA<Vec<u32>>, id: StateID) -> Vec<u16> {
    let end = dfa.next_eoi_state(id);
    if !dfa.is_match_state(end) {
        return Vec::new();
    }
    let pattern =
        |index| u16::try_from(dfa.match_pattern(end, index).as_usize()).expect("fewer than 65,536 patterns");
    (0..dfa.match_len(end)).map(pattern).collect()
}

/// The same with equal states made one: Moore's refinement, until no class of states splits any more.
fn minimal(states: &[State]) -> Vec<State> {
    let mut class = vec![0u32; states.len()];
    let mut count = 0;
    loop {
        let mut known = HashMap::new();
        let refined: Vec<u32> = states
            .iter()
            .zip(&class)
            .map(|(state, own)| {
                let next: Vec<u32> = state.next.iter().map(|next| class[*next as usize]).collect();
                let fresh = u32::try_from(known.len()).expect("fewer than four billion states");
                *known.entry((*own, &state.ends, next)).or_insert(fresh)
            })
            .collect();
        let finer = known.len();
        class = refined;
        if finer == count {
            break;
        }
        count = finer;
    }
    let mut merged: Vec<Option<State>> = vec![None; count];
    for (state, class_of) in states.iter().zip(&class) {
        merged[*class_of as usize].get_or_insert_with(|| State {
            next: state.next.iter().map(|next| class[*next as usize]).collect(),
            ends: state.ends.clone(),
        });
    }
    merged.into_iter().flatten().collect()
}

/// The rows of the table, states that end a pattern last; the first such; and what each of them ends.
type Rows = (Vec<u16>, u16, Vec<Vec<u16>>);

fn numbered(states: &[State], shift: u32, name: &str) -> Result<Rows, String> {
    let few = |number: usize| u16::try_from(number).map_err(|_| format!("{name}: more than 65,535 states"));
    let of = |ending: bool| (0..states.len()).filter(move |i| states[*i].ends.is_empty() != ending);
    let order: Vec<usize> = of(false).chain(of(true)).collect();
    let mut number = vec![0; states.len()];
    for (new, old) in order.iter().enumerate() {
        number[*old] = few(new)?;
    }
    let mut rows = vec![DEAD; order.len() << shift];
    for (new, old) in order.iter().enumerate() {
        for (class, next) in states[*old].next.iter().enumerate() {
            rows[(new << shift) + class] = number[*next as usize];
        }
    }
    Ok((rows, few(of(false).count())?, of(true).map(|i| states[i].ends.clone()).collect()))
}
