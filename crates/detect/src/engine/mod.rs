//! The native engine: one pass over bitmaps, candidates where a bit says so, checks only on candidates.
//!
//! A text is examined in blocks at fixed places, each with a margin on both sides, and every decision about a
//! candidate looks no further than the margin. A stream is examined in the same blocks, so it finds the same.

mod address;
mod candidates;
mod classify;
mod context;
mod ideographs;
mod names;
mod network;
mod numbers;
mod openings;
mod phrases;
mod programs;
mod readers;
mod resolve;
mod secrets;
mod surroundings;
mod words;

use std::ops::Range;

use classify::Tile;
use context::Context;
pub(crate) use context::reach;
pub(crate) use openings::Openings;
pub(crate) use readers::Wanted as WantedReader;
pub(crate) use resolve::{Raw, Resolver};
use words::Hit;

use crate::{
    EntityId, Finding,
    catalog::{BEHIND_LABEL, FREE, Free, RECOGNIZERS, RecognizerSet},
    rules,
};

/// Candidates are looked for in blocks of this many bytes, which keeps the bitmaps in the processor's cache.
pub(crate) const BLOCK: usize = 32 * 1024;
/// How far before a candidate a decision may look: the context window, in bytes of four-byte characters, and the
/// longest prefix of a token.
pub(crate) const BEFORE: usize = 512;
/// How far behind a candidate's start a decision may look: the longest match (a private key) and its context.
pub(crate) const AFTER: usize = 16 * 1024;

/// Which findings are wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub threshold: f32,
    /// By recogniser.
    pub enabled: Vec<bool>,
    /// The recognisers, of each kind of free-standing patterns, that reach the threshold without context.
    pub standing: Box<[RecognizerSet; 2]>,
    /// Whether overlaps are resolved: then nothing is looked for inside what is sure already.
    pub apart: bool,
    /// The user's own.
    pub rules: rules::Active,
    /// Those who read the text beside the recognisers.
    pub readers: Vec<WantedReader>,
}

/// Buffers of a scan, reused from block to block and text to text.
#[derive(Default)]
pub(crate) struct Scratch {
    tiles: Vec<Tile>,
    places: words::Places,
    hits: Vec<Hit>,
    context: Context,
    names: crate::names::Scratch,
    pub raws: Vec<Raw>,
}

/// Fills `scratch.raws` with what starts in `core` of `window`, in order of start. Offsets are those of the window.
pub(crate) fn scan(window: &[u8], core: Range<usize>, wanted: &Wanted, scratch: &mut Scratch) {
    let Scratch { tiles, places, hits, context, names, raws } = scratch;
    raws.clear();
    // Nothing further than this can matter to a candidate of the core but the tail of a long match.
    let seen = window.len().min(core.end + BEFORE);
    classify::classify(&window[..seen], tiles);
    words::find(&window[..seen], tiles, places, hits);
    ideographs::find(&window[..seen], tiles, hits);
    context.begin(tiles, hits);
    let mut scan =
        Scan { text: window, tiles, hits, wanted, raws, core, context, covered: 0, key_end: 0, free: &FREE };
    candidates::find(&mut scan);
    network::find(&mut scan);
    candidates::labelled(&mut scan);
    phrases::find(&mut scan);
    let tagged = readers::find(&mut scan);
    names::find(&mut scan, names, &tagged);
    let Scan { core, raws, .. } = scan;
    wanted.rules.apply(window, &core, wanted.threshold, raws);
    raws.sort_by_key(|raw| raw.finding.start);
    address::join(window, raws);
}

/// One window being scanned.
struct Scan<'a> {
    text: &'a [u8],
    tiles: &'a [Tile],
    hits: &'a [Hit],
    wanted: &'a Wanted,
    raws: &'a mut Vec<Raw>,
    core: Range<usize>,
    context: &'a mut Context,
    /// Where the last sure finding ends, where findings are wanted apart: a word inside it starts none of its own.
    covered: usize,
    /// Where the last private key ends: what stands inside it is not looked at again.
    key_end: usize,
    free: &'static Free,
}

/// How a match came about, which decides between equals.
#[derive(Clone, Copy)]
pub(crate) enum Evidence {
    Shape = 0,
    Context = 1,
    Label = 2,
    Check = 3,
    /// A word of a deny list.
    Listed = 4,
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b' ')
    }

    fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b' ', |at| self.text[at])
    }

    /// The core and a little on both sides, so that what stands at its border has its surroundings.
    fn around(&self) -> Range<usize> {
        let seen = &self.text[..self.text.len().min(self.core.end + BEFORE)];
        // The first word may be cut.
        let start = match self.core.start {
            0 => 0,
            start => seen[..start].iter().position(u8::is_ascii_whitespace).unwrap_or(0),
        };
        start..seen.len()
    }

    fn push(&mut self, recognizer: u16, place: Range<usize>, score: f32, evidence: Evidence) {
        if self.wanted.enabled[usize::from(recognizer)] {
            self.push_entity(RECOGNIZERS[usize::from(recognizer)].id, place, score, evidence);
        }
    }

    fn push_entity(&mut self, entity: EntityId, place: Range<usize>, score: f32, evidence: Evidence) {
        if score >= self.wanted.threshold && self.core.contains(&place.start) {
            let mut end = place.end;
            // A limit on length may have cut a character. Where the byte before is ASCII there is none to cut: the text is
            // not UTF-8 here.
            while end > place.start
                && self.text[end - 1] >= 0x80
                && self.text.get(end).is_some_and(|b| (0x80..0xC0).contains(b))
            {
                end -= 1;
            }
            if end == place.start {
                return;
            }
            let finding = Finding { entity, start: place.start, end, score };
            self.raws.push(Raw { finding, specificity: evidence as u8, yields: end });
            if self.wanted.apart && evidence as u8 >= Evidence::Label as u8 {
                self.covered = self.covered.max(end);
            }
        }
    }
}

/// The recognisers, of each kind of free-standing patterns, that reach `threshold` without context.
pub(crate) fn standing(threshold: f32) -> Box<[RecognizerSet; 2]> {
    Box::new(std::array::from_fn(|kind| {
        let mut standing = RecognizerSet::default();
        for (number, automaton) in FREE.automata[kind].iter().enumerate() {
            if automaton.iter().flat_map(|a| a.patterns).any(|pattern| pattern.score >= threshold) {
                standing.insert(number);
            }
        }
        standing
    }))
}

/// Loads what the first scan needs, so that it is as fast as the second.
pub(crate) fn warm() {
    let _ = (&*FREE, &*BEHIND_LABEL, &*words::INDEX, &*crate::names::BUILT_IN);
}
