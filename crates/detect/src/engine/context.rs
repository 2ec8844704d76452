//! What the words around a candidate say.

use std::ops::Range;

use super::words::Hit;
use crate::catalog::ContextSet;

/// How many characters before and after a candidate its context reaches.
const REACH: usize = 50;

/// The context of the candidate at hand.
#[derive(Default)]
pub(super) struct Context {
    /// The first hit that can still reach a candidate: candidates come in order, so it only moves on.
    first: usize,
}

/// The recognisers whose words stand near a candidate.
#[derive(Clone, Copy, Default)]
pub(super) struct Near {
    /// Within reach.
    pub around: ContextSet,
    /// Directly before, with nothing but punctuation between.
    pub direct: ContextSet,
}

impl Context {
    /// What stands around `start..end`: before it within the reach and the line above, after it on the same line.
    pub(super) fn around(&mut self, text: &[u8], hits: &[Hit], start: usize, end: usize) -> Near {
        let Range { start: from, end: to } = reach(text, start, end);
        // A candidate's prefix lies a little before the candidate that came last.
        while self.first > 0 && hits[self.first - 1].end as usize > from {
            self.first -= 1;
        }
        self.first += hits[self.first..].iter().take_while(|hit| (hit.end as usize) <= from).count();
        let mut near = Near::default();
        for hit in &hits[self.first..] {
            if hit.start as usize >= to {
                break;
            }
            if (hit.start as usize) < from {
                continue;
            }
            near.around.insert_all(&hit.phrase.context);
            if hit.end as usize <= start && direct(&text[hit.end as usize..start]) {
                near.direct.insert_all(&hit.phrase.context);
            }
        }
        near
    }
}

/// Whether what stands between a word and a value lets the word name the value.
fn direct(between: &[u8]) -> bool {
    between.len() <= 6 && between.iter().all(|b| !b.is_ascii_alphanumeric() && *b < 0x80)
}

/// How far the context of `start..end` goes: before it the line above at most, after it the end of its line.
pub(crate) fn reach(text: &[u8], start: usize, end: usize) -> Range<usize> {
    reach_before(text, start)..reach_after(text, end)
}

fn reach_before(text: &[u8], start: usize) -> usize {
    let mut from = start.saturating_sub(REACH);
    if !text[from..start].is_ascii() {
        // Continuation bytes are part of the character that is counted at its first byte.
        let characters = text[..start].iter().enumerate().rev().filter(|(_, byte)| **byte & 0xC0 != 0x80);
        from = characters.take(REACH).last().map_or(0, |(at, _)| at);
    }
    let mut lines = text[from..start].iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    lines.nth(1).map_or(from, |(at, _)| from + at)
}

fn reach_after(text: &[u8], end: usize) -> usize {
    let mut to = text.len().min(end + REACH);
    if !text[end..to].is_ascii() {
        let characters = text[end..].iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
        to = characters.take(REACH + 1).last().map_or(end, |(at, _)| end + at);
    }
    text[end..to].iter().position(|byte| *byte == b'\n').map_or(to, |line| end + line)
}
