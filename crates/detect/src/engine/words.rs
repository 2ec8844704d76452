//! Finds the words and phrases that mean something to a recogniser: context, labels, triggers of a grammar.
//!
//! Prose has a word every six bytes, so the way from "a word starts here" to "it means nothing" has to be a few
//! instructions: one load of eight bytes, one multiplication, one bit.

use std::sync::LazyLock;

use super::classify::Tile;
use crate::catalog::{Phrase, WORDS, Word};

/// A phrase of the catalogue that stands in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub start: u32,
    pub end: u32,
    pub phrase: &'static Phrase,
}

/// The catalogue's words by a hash of their first eight letters.
pub(crate) struct Index {
    /// By hash value, whether there is such a word: most words of a text end here.
    filter: Box<[bool; FILTER]>,
    /// Open addressing.
    slots: Vec<Option<Slot>>,
}

#[derive(Clone, Copy)]
struct Slot {
    head: u64,
    word: &'static Word,
}

const FILTER: usize = 1 << 14;

pub(crate) static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(WORDS));

impl Index {
    fn new(words: &'static [Word]) -> Self {
        let mut index = Self {
            filter: Box::new([false; FILTER]),
            slots: vec![None; (words.len() * 2).next_power_of_two()],
        };
        for word in words {
            let head = head(word.first, 0, word.first.len());
            let hash = hash(head);
            index.filter[bit(hash)] = true;
            let mut slot = index.slot(hash);
            while index.slots[slot].is_some() {
                slot = (slot + 1) % index.slots.len();
            }
            index.slots[slot] = Some(Slot { head, word });
        }
        index
    }

    fn slot(&self, hash: u64) -> usize {
        (hash >> 20) as usize & (self.slots.len() - 1)
    }

    /// The word whose folded letters are `text[start..start + length]`.
    fn look_up(&self, text: &[u8], start: usize, length: usize) -> Option<&'static Word> {
        let head = head(text, start, length);
        let mut slot = self.slot(hash(head));
        while let Some(candidate) = self.slots[slot] {
            let first = candidate.word.first;
            if candidate.head == head
                && first.len() == length
                && (length <= 8 || same(&text[start..start + length], first))
            {
                return Some(candidate.word);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }
}

fn hash(head: u64) -> u64 {
    head.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn bit(hash: u64) -> usize {
    (hash >> 50) as usize
}

/// The first eight letters, folded, zero after the word's end.
#[inline(always)]
fn head(text: &[u8], start: usize, length: usize) -> u64 {
    let bytes = match text.get(start..start + 8) {
        Some(bytes) => bytes.try_into().unwrap_or_default(),
        None => last(&text[start..]),
    };
    // A word has one letter at least, so that the shift is by less than 64.
    let beyond = (8 * length.min(8) as u32).wrapping_neg();
    (u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020) & u64::MAX.wrapping_shr(beyond)
}

/// The last bytes of a text, with zeros behind them.
#[cold]
fn last(rest: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..rest.len()].copy_from_slice(rest);
    bytes
}

/// Whether `text` is `word`, which is folded already.
fn same(text: &[u8], word: &[u8]) -> bool {
    text.len() == word.len() && text.iter().zip(word).all(|(a, b)| a | 0x20 == *b)
}

/// Buffers of a search, reused.
#[derive(Default)]
pub(crate) struct Places {
    starts: Vec<u32>,
    ends: Vec<u32>,
}

/// Every phrase that starts in `text`, in order of start.
pub(crate) fn find(text: &[u8], tiles: &[Tile], places: &mut Places, hits: &mut Vec<Hit>) {
    hits.clear();
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("bmi2") && std::is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has both, just asked.
        unsafe { find_bmi(text, tiles, places, hits) };
        return;
    }
    find_anywhere(text, tiles, places, hits);
}

/// The same code with instructions that shift and count bits without detours.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
fn find_bmi(text: &[u8], tiles: &[Tile], places: &mut Places, hits: &mut Vec<Hit>) {
    find_anywhere(text, tiles, places, hits);
}

/// In steps without a branch that depends on the text: the borders of all words, of these the ones that pass the filter,
/// and only of those the look-up.
#[inline(always)]
fn find_anywhere(text: &[u8], tiles: &[Tile], places: &mut Places, hits: &mut Vec<Hit>) {
    let index = &*INDEX;
    let count = borders(tiles, text.len(), places);
    let (starts, ends) = (&mut places.starts[..count], &mut places.ends[..count]);
    let mut passed = 0;
    for at in 0..count {
        let (start, end) = (starts[at], ends[at]);
        let hash = hash(head(text, start as usize, (end - start) as usize));
        (starts[passed], ends[passed]) = (start, end);
        passed += usize::from(index.filter[bit(hash)]);
    }
    for (start, end) in starts[..passed].iter().zip(&ends[..passed]) {
        let (start, end) = (*start as usize, *end as usize);
        if let Some(word) = index.look_up(text, start, end - start) {
            phrase(text, start, end, word, hits);
        }
    }
}

/// Finds where words start and end, and how many there are.
#[inline(always)]
fn borders(tiles: &[Tile], length: usize, places: &mut Places) -> usize {
    let Places { starts, ends } = places;
    // A tile has 64 borders at most; they are written four at a time.
    let most = tiles.len() * 64 + 8;
    if starts.len() < most {
        starts.resize(most, 0);
        ends.resize(most, 0);
    }
    let (mut started, mut ended) = (0, 0);
    let (mut letter_before, mut lower_before) = (0, 0);
    for (number, tile) in tiles.iter().enumerate() {
        let letters = tile.upper | tile.lower | tile.high;
        let after_letter = letters << 1 | letter_before;
        // In camelCase a word starts at a capital after a small letter, where the one before ends.
        let camel = tile.upper & (tile.lower << 1 | lower_before);
        (letter_before, lower_before) = (letters >> 63, tile.lower >> 63);
        started += write_bits(letters & !after_letter | camel, number, &mut starts[started..]);
        ended += write_bits(!letters & after_letter | camel, number, &mut ends[ended..]);
    }
    if ended < started {
        ends[ended] = length as u32;
    }
    started
}

/// Writes the places of the bits of a tile, and more that mean nothing, and says how many bits there are.
#[inline(always)]
fn write_bits(mut bits: u64, tile: usize, places: &mut [u32]) -> usize {
    let count = bits.count_ones() as usize;
    for chunk in places.as_chunks_mut::<4>().0.iter_mut().take(count.div_ceil(4)) {
        for place in chunk {
            *place = (tile * 64) as u32 + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
    }
    count
}

/// The longest phrase that begins with `word`.
fn phrase(text: &[u8], start: usize, end: usize, word: &'static Word, hits: &mut Vec<Hit>) {
    for phrase in word.phrases {
        let mut at = end;
        if phrase.rest.is_empty() || phrase.rest.iter().all(|next| follow(text, &mut at, next)) {
            hits.push(Hit { start: start as u32, end: at as u32, phrase });
            return;
        }
    }
}

/// Moves `at` over up to two separators and the word `next`, if they are there.
fn follow(text: &[u8], at: &mut usize, next: &[u8]) -> bool {
    let parts =
        |at: usize| text.get(at).is_some_and(|b| matches!(b, b' ' | b'_' | b'-' | b'.' | b'\'' | b'/'));
    let mut start = *at;
    if parts(start) {
        start += 1 + usize::from(parts(start + 1));
    }
    // Nearly always the first letter is another.
    if text.get(start).is_none_or(|first| first | 0x20 != next[0]) {
        return false;
    }
    let Some(word) = text.get(start..start + next.len()) else { return false };
    let after = text.get(start + next.len()).copied().unwrap_or(b' ');
    let ends = !(after.is_ascii_lowercase()
        || after >= 0x80
        || after.is_ascii_uppercase() && word[word.len() - 1].is_ascii_uppercase());
    let parted = start > *at || word[0].is_ascii_uppercase();
    if ends && parted && same(word, next) {
        *at = start + next.len();
        return true;
    }
    false
}
