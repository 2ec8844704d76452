//! Finds the words and phrases that mean something to a recogniser: context, labels, triggers of a grammar.
//!
//! Prose has a word every six bytes, so the way from "a word starts here" to "it means nothing" has to be a few
//! nanoseconds: one load of eight bytes, one multiplication, one bit.

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
    /// One bit per hash value: most words of a text end here.
    filter: Box<[u64; FILTER_BITS / 64]>,
    /// Open addressing.
    slots: Vec<Option<Slot>>,
}

#[derive(Clone, Copy)]
struct Slot {
    head: u64,
    word: &'static Word,
}

const FILTER_BITS: usize = 1 << 16;

pub(crate) static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(WORDS));

impl Index {
    fn new(words: &'static [Word]) -> Self {
        let mut index = Self {
            filter: Box::new([0; FILTER_BITS / 64]),
            slots: vec![None; (words.len() * 2).next_power_of_two()],
        };
        for word in words {
            let head = head(word.first, 0, word.first.len());
            let hash = hash(head);
            index.filter[bit(hash) / 64] |= 1 << (bit(hash) % 64);
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
    #[inline(always)]
    fn get(&self, text: &[u8], start: usize, length: usize) -> Option<&'static Word> {
        let head = head(text, start, length);
        let hash = hash(head);
        if self.filter[bit(hash) / 64] >> (bit(hash) % 64) & 1 == 0 {
            return None;
        }
        self.look_up(text, start, length, head, hash)
    }

    #[inline(never)]
    fn look_up(
        &self,
        text: &[u8],
        start: usize,
        length: usize,
        head: u64,
        hash: u64,
    ) -> Option<&'static Word> {
        let mut slot = self.slot(hash);
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
    (hash >> 48) as usize
}

/// The first eight letters, folded, zero after the word's end.
#[inline(always)]
fn head(text: &[u8], start: usize, length: usize) -> u64 {
    let bytes = match text[start..].first_chunk::<8>() {
        Some(bytes) => *bytes,
        None => {
            let mut bytes = [0; 8];
            bytes[..text.len() - start].copy_from_slice(&text[start..]);
            bytes
        }
    };
    let beyond = 64 - 8 * length.min(8) as u32;
    (u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020) & u64::MAX.checked_shr(beyond).unwrap_or_default()
}

/// Whether `text` is `word`, which is folded already.
fn same(text: &[u8], word: &[u8]) -> bool {
    text.len() == word.len() && text.iter().zip(word).all(|(a, b)| a | 0x20 == *b)
}

/// Every phrase that starts in `text`, in order of start.
pub(crate) fn find(text: &[u8], tiles: &[Tile], hits: &mut Vec<Hit>) {
    hits.clear();
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("bmi2") && std::is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has both, just asked.
        unsafe { find_bmi(text, tiles, hits) };
        return;
    }
    find_anywhere(text, tiles, hits);
}

/// The same code with instructions that shift and count bits without detours.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
fn find_bmi(text: &[u8], tiles: &[Tile], hits: &mut Vec<Hit>) {
    find_anywhere(text, tiles, hits);
}

#[inline(always)]
fn find_anywhere(text: &[u8], tiles: &[Tile], hits: &mut Vec<Hit>) {
    let index = &*INDEX;
    let (mut before_letter, mut before_lower) = (0, 0);
    for (number, tile) in tiles.iter().enumerate() {
        let letters = tile.upper | tile.lower | tile.high;
        // A word starts after a non-letter, and in camelCase at a capital after a small letter.
        let camel = tile.upper & (tile.lower << 1 | before_lower);
        let mut starts = letters & !(letters << 1 | before_letter) | camel;
        let ends = !letters | camel;
        before_letter = letters >> 63;
        before_lower = tile.lower >> 63;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            let start = number * 64 + bit as usize;
            let after = ends >> bit >> 1;
            let length = if after == 0 {
                64 - bit as usize + tiles.get(number + 1).map_or(0, |next| word_end(tile, next))
            } else {
                after.trailing_zeros() as usize + 1
            };
            let length = length.min(text.len() - start);
            if let Some(word) = index.get(text, start, length) {
                phrase(text, start, start + length, word, hits);
            }
        }
    }
}

/// How many bytes of `next` belong to the word that reaches its first byte.
fn word_end(tile: &Tile, next: &Tile) -> usize {
    let letters = next.upper | next.lower | next.high;
    let camel = next.upper & (next.lower << 1 | tile.lower >> 63);
    (!letters | camel).trailing_zeros() as usize
}

/// The longest phrase that begins with `word`.
fn phrase(text: &[u8], start: usize, end: usize, word: &'static Word, hits: &mut Vec<Hit>) {
    for phrase in word.phrases {
        let mut at = end;
        if phrase.rest.iter().all(|next| follow(text, &mut at, next)) {
            hits.push(Hit { start: start as u32, end: at as u32, phrase });
            return;
        }
    }
}

/// Moves `at` over up to two separators and the word `next`, if they are there.
fn follow(text: &[u8], at: &mut usize, next: &[u8]) -> bool {
    let mut start = *at;
    while start < text.len()
        && start - *at < 2
        && matches!(text[start], b' ' | b'_' | b'-' | b'.' | b'\'' | b'/')
    {
        start += 1;
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
