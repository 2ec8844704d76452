//! What the words around a candidate say.

use std::ops::Range;

use super::{
    classify::{Tile, ahead, behind},
    words::Hit,
};
use crate::catalog::RecognizerSet;

/// How many characters before and after a candidate its context reaches.
const REACH: usize = 50;

/// The context of the candidate at hand.
#[derive(Default)]
pub(super) struct Context {
    /// The first hit that can still reach a candidate: candidates come in order, so it only moves on.
    first: usize,
    /// Of each tile, the recognisers for which its words are context.
    tiles: Vec<RecognizerSet>,
    /// Of an even and an odd tile, the ones that [`Self::wanted`] was last asked about, its answers: a candidate and its
    /// prefixes stand in two tiles at most.
    last: [Option<(usize, [RecognizerSet; 2])>; 2],
}

/// The recognisers whose words stand near a candidate.
#[derive(Clone, Copy, Default)]
pub(super) struct Near {
    /// Within reach.
    pub around: RecognizerSet,
    /// Directly before, with nothing but punctuation between.
    pub direct: RecognizerSet,
}

impl Context {
    /// Begins a window.
    pub(super) fn begin(&mut self, tiles: &[Tile], hits: &[Hit]) {
        self.first = 0;
        self.last = [None; 2];
        self.tiles.clear();
        self.tiles.resize(tiles.len(), RecognizerSet::default());
        for hit in hits {
            self.tiles[hit.start as usize / 64].insert_all(&hit.phrase.context);
        }
    }

    /// The recognisers, of each kind of free-standing patterns, that may reach the threshold for a value that starts at
    /// `start` and is no longer than a tile: those of `standing`, and those that words are context of. It may be more than
    /// the context is, never less.
    #[inline]
    pub(super) fn wanted(
        &mut self,
        tiles: &[Tile],
        start: usize,
        standing: &[RecognizerSet; 2],
    ) -> &[RecognizerSet; 2] {
        let tile = start / 64;
        if self.last[tile % 2].is_none_or(|(last, _)| last != tile) {
            let possible = self.possible(tiles, tile);
            let [alone, beside] = standing;
            self.last[tile % 2] = Some((tile, [alone.or(&possible), beside.or(&possible)]));
        }
        let (_, wanted) = self.last[tile % 2].as_ref().expect("it was asked about just now");
        wanted
    }

    fn possible(&self, tiles: &[Tile], tile: usize) -> RecognizerSet {
        // Up to 50 characters before and 64 bytes and 50 characters after; a character has four bytes at most.
        let ascii = |tiles: &[Tile]| tiles.iter().all(|tile| tile.high == 0);
        let (before, after) = (tile.saturating_sub(4), tiles.len().min(tile + 6));
        let from = if ascii(&tiles[before..=tile]) { tile.saturating_sub(1) } else { before };
        let to = if ascii(&tiles[tile..after]) { after.min(tile + 3) } else { after };
        let mut set = RecognizerSet::default();
        self.tiles[from..to].iter().for_each(|own| set.insert_all(own));
        set
    }

    /// What stands around `start..end`: before it within the reach and the line above, after it on the same line.
    pub(super) fn around(
        &mut self,
        text: &[u8],
        tiles: &[Tile],
        hits: &[Hit],
        start: usize,
        end: usize,
    ) -> Near {
        let from = before(text, tiles, start);
        let to = after(text, tiles, end);
        // A candidate's prefix lies a little before the candidate that came last.
        while self.first > 0 && hits[self.first - 1].end as usize > from {
            self.first -= 1;
        }
        while hits.get(self.first).is_some_and(|hit| hit.end as usize <= from) {
            self.first += 1;
        }
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
    counted_before(text, start)..counted_after(text, end)
}

/// The same, from the bitmaps.
fn before(text: &[u8], tiles: &[Tile], start: usize) -> usize {
    let reached = u64::MAX << (64 - REACH);
    if behind(tiles, start, |t| t.high) & reached != 0 {
        return counted_before(text, start);
    }
    let lines = behind(tiles, start, |t| t.line) & reached;
    let above = lines & !(1 << 63 >> (lines | 1).leading_zeros());
    if above == 0 { start.saturating_sub(REACH) } else { start - 1 - above.leading_zeros() as usize }
}

fn after(text: &[u8], tiles: &[Tile], end: usize) -> usize {
    let reached = u64::MAX >> (64 - REACH);
    if ahead(tiles, end, |t| t.high) & reached != 0 {
        return counted_after(text, end);
    }
    let line = ahead(tiles, end, |t| t.line) & reached;
    text.len().min(end + if line == 0 { REACH } else { line.trailing_zeros() as usize })
}

fn counted_before(text: &[u8], start: usize) -> usize {
    // Continuation bytes are part of the character that is counted at its first byte.
    let characters = text[..start].iter().enumerate().rev().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    let from = characters.take(REACH).last().map_or(0, |(at, _)| at);
    let mut lines = text[from..start].iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    lines.nth(1).map_or(from, |(at, _)| from + at)
}

fn counted_after(text: &[u8], end: usize) -> usize {
    let characters = text[end..].iter().enumerate().filter(|(_, byte)| **byte & 0xC0 != 0x80);
    let to = characters.take(REACH + 1).last().map_or(end, |(at, _)| end + at);
    text[end..to].iter().position(|byte| *byte == b'\n').map_or(to, |line| end + line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::classify::classify;

    proptest! {
        #[test]
        fn bitmaps_reach_as_far_as_counting(text in "[a-z\n]{0,200}|[a-zé漢\n]{0,200}", at in any::<prop::sample::Index>()) {
            let bytes = text.as_bytes();
            let at = text.floor_char_boundary(at.index(bytes.len() + 1));
            let mut tiles = Vec::new();
            classify(bytes, &mut tiles);
            prop_assert_eq!(before(bytes, &tiles, at), counted_before(bytes, at));
            if bytes.len() > at + 4 * REACH {
                prop_assert_eq!(after(bytes, &tiles, at), counted_after(bytes, at));
            }
        }
    }
}
