//! Finite sets of digit strings as one acyclic automaton in which equal states are shared.
//!
//! A set is the number of its first state. Every operation gives back a minimal set, so that two sets are equal when
//! their numbers are.

use std::{collections::HashMap, ops::Range};

use regex_automata::{
    Anchored,
    dfa::{Automaton as _, StartKind, dense},
    util::{primitives::StateID, start, syntax},
};

/// A set of digit strings.
pub(crate) type Set = u32;

/// Nothing.
pub(crate) const NOTHING: Set = 0;
/// The empty string only.
const EMPTY: Set = 1;

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    next: [Set; 10],
    accepts: bool,
}

/// All sets made so far.
pub(crate) struct Automaton {
    states: Vec<State>,
    known: HashMap<State, Set>,
    unions: HashMap<Vec<Set>, Set>,
    lengths: HashMap<(Set, usize), Set>,
}

impl Automaton {
    pub(crate) fn new() -> Self {
        let mut automaton = Self {
            states: Vec::new(),
            known: HashMap::new(),
            unions: HashMap::new(),
            lengths: HashMap::new(),
        };
        automaton.state([NOTHING; 10], false);
        automaton.state([NOTHING; 10], true);
        automaton
    }

    /// The strings that all of `patterns` match. At least one of them must match finitely many.
    pub(crate) fn matching(&mut self, patterns: &[&Pattern]) -> Set {
        let start = patterns.iter().map(|pattern| pattern.start()).collect();
        self.matching_from(patterns, start, &mut HashMap::new())
    }

    fn matching_from(
        &mut self,
        patterns: &[&Pattern],
        at: Vec<StateID>,
        seen: &mut HashMap<Vec<StateID>, Set>,
    ) -> Set {
        if patterns.iter().zip(&at).any(|(pattern, &at)| pattern.0.is_dead_state(at)) {
            return NOTHING;
        }
        if let Some(&set) = seen.get(&at) {
            return set;
        }
        let next = std::array::from_fn(|digit| {
            let byte = b"0123456789"[digit];
            let after =
                patterns.iter().zip(&at).map(|(pattern, &at)| pattern.0.next_state(at, byte)).collect();
            self.matching_from(patterns, after, seen)
        });
        let accepts = patterns.iter().zip(&at).all(|(pattern, &at)| pattern.accepts(at));
        let set = self.state(next, accepts);
        seen.insert(at, set);
        set
    }

    /// All strings of a length.
    pub(crate) fn any(&mut self, length: usize) -> Set {
        (0..length).fold(EMPTY, |rest, _| self.state([rest; 10], false))
    }

    /// The strings of `set` with `digits` before them.
    pub(crate) fn prepend(&mut self, digits: &str, set: Set) -> Set {
        digits.bytes().rev().fold(set, |rest, digit| {
            let mut next = [NOTHING; 10];
            next[usize::from(digit - b'0')] = rest;
            if rest == NOTHING { NOTHING } else { self.state(next, false) }
        })
    }

    /// The strings of `set` that have a length.
    pub(crate) fn of_length(&mut self, set: Set, length: usize) -> Set {
        if set == NOTHING || length == 0 {
            return if self.states[set as usize].accepts { EMPTY } else { NOTHING };
        }
        if let Some(&known) = self.lengths.get(&(set, length)) {
            return known;
        }
        let next = self.states[set as usize].next.map(|rest| self.of_length(rest, length - 1));
        let of_length = self.state(next, false);
        self.lengths.insert((set, length), of_length);
        of_length
    }

    /// The strings that are in any of `sets`.
    pub(crate) fn union(&mut self, sets: impl IntoIterator<Item = Set>) -> Set {
        let mut sets: Vec<Set> = sets.into_iter().filter(|&set| set != NOTHING).collect();
        sets.sort_unstable();
        sets.dedup();
        match sets[..] {
            [] => return NOTHING,
            [only] => return only,
            _ => {}
        }
        if let Some(&union) = self.unions.get(&sets) {
            return union;
        }
        let next = std::array::from_fn(|digit| {
            let after: Vec<Set> = sets.iter().map(|&set| self.states[set as usize].next[digit]).collect();
            self.union(after)
        });
        let accepts = sets.iter().any(|&set| self.states[set as usize].accepts);
        let union = self.state(next, accepts);
        self.unions.insert(sets, union);
        union
    }

    fn state(&mut self, next: [Set; 10], accepts: bool) -> Set {
        let state = State { next, accepts };
        if let Some(&set) = self.known.get(&state) {
            return set;
        }
        let set = Set::try_from(self.states.len()).expect("some hundred thousand states at most");
        self.states.push(state.clone());
        self.known.insert(state, set);
        set
    }

    /// What is reachable from `sets`, renumbered: rejecting states first, [`NOTHING`] still 0.
    pub(crate) fn table(&self, sets: impl IntoIterator<Item = Set>) -> Table {
        let mut reached = vec![false; self.states.len()];
        reached[NOTHING as usize] = true;
        let mut open: Vec<Set> = sets.into_iter().collect();
        while let Some(set) = open.pop() {
            if !std::mem::replace(&mut reached[set as usize], true) {
                open.extend(self.states[set as usize].next);
            }
        }
        let of = |accepts: bool| {
            let all = self.states.iter().zip(&reached).enumerate();
            all.filter(move |(_, (state, reached))| **reached && state.accepts == accepts).map(|(set, _)| set)
        };
        let order: Vec<usize> = of(false).chain(of(true)).collect();
        let mut number = HashMap::new();
        for (new, &old) in order.iter().enumerate() {
            number.insert(old as Set, u16::try_from(new).expect("fewer than 65,536 states are reachable"));
        }
        let rows = order.iter().flat_map(|&old| self.states[old].next.map(|next| number[&next])).collect();
        Table { rows, rejecting: of(false).count(), number }
    }
}

/// An automaton ready to be written: ten next states for each state.
pub(crate) struct Table {
    pub(crate) rows: Vec<u16>,
    /// How many states, from 0 on, do not accept.
    pub(crate) rejecting: usize,
    number: HashMap<Set, u16>,
}

impl Table {
    pub(crate) fn number(&self, set: Set) -> u16 {
        self.number[&set]
    }
}

/// A pattern over digits, matched from the first on.
pub(crate) struct Pattern(dense::DFA<Vec<u32>>);

impl Pattern {
    /// What matches `pattern` to the last digit. White space in it means nothing.
    pub(crate) fn whole(pattern: &str) -> Self {
        Self::new(&format!("(?:{pattern})\\z"))
    }

    /// What begins with a match of `pattern`.
    pub(crate) fn beginning(pattern: &str) -> Self {
        Self::new(&format!("(?:{pattern})[0-9]*\\z"))
    }

    fn new(pattern: &str) -> Self {
        let syntax = syntax::Config::new().unicode(false).utf8(false).ignore_whitespace(true);
        let config = dense::Config::new().start_kind(StartKind::Anchored);
        let dfa = dense::Builder::new().syntax(syntax).configure(config).build(pattern);
        Self(dfa.expect("the patterns of the numbering plans compile"))
    }

    fn start(&self) -> StateID {
        let anchored = start::Config::new().anchored(Anchored::Yes);
        self.0.start_state(&anchored).expect("the automaton was built anchored")
    }

    fn accepts(&self, at: StateID) -> bool {
        self.0.is_match_state(self.0.next_eoi_state(at))
    }
}

/// Every way of giving each of `ranges` one of its numbers.
pub(crate) fn choices(ranges: &[Range<usize>]) -> Vec<Vec<usize>> {
    ranges.iter().fold(vec![Vec::new()], |lists, range| {
        let with = |list: &Vec<usize>, number| list.iter().copied().chain([number]).collect();
        lists.iter().flat_map(|list| range.clone().map(move |number| with(list, number))).collect()
    })
}
