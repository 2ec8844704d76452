//! How a place opens, and which recognisers can match from there: see `build/openings.rs`.

use super::classify::{Tile, ahead};
use crate::catalog::RecognizerSet;

/// As in `build/openings.rs`.
const KINDS: usize = 3;
const LENGTHS: usize = 32;
const SECOND: usize = 16;
const SEPARATORS: usize = 32;
const NEXT: usize = 5;
/// Where in the list of numbers those of second words begin, of ends, of first bytes and of second bytes.
const SECONDS: usize = KINDS * LENGTHS * SEPARATORS * NEXT;
const ENDS: usize = SECONDS + (KINDS + 1) * SECOND * SEPARATORS;
const FIRST_BYTES: usize = ENDS + KINDS * LENGTHS;
const SECOND_BYTES: usize = FIRST_BYTES + 256;
const NUMBERS: usize = SECOND_BYTES + 256;

/// A word at the beginning of a place.
#[derive(Clone, Copy)]
struct Word {
    /// 0 digits, 1 letters, 2 both, or with underscores; 3 no word at all.
    kind: usize,
    /// In bytes, up to 64.
    length: usize,
}

impl Word {
    /// The word at the lowest bit.
    #[inline(always)]
    fn new(digits: u64, words: u64) -> Self {
        let length = (!words).trailing_zeros() as usize;
        let inside = digits & !(u64::MAX << 1 << length.saturating_sub(1)) & words;
        let digits_only = (!digits).trailing_zeros() as usize >= length;
        let kind = if digits_only { 0 } else { 1 + usize::from(inside != 0) };
        Self { kind: if length == 0 { 3 } else { kind }, length }
    }
}

/// Which recognisers can match where a text opens in a certain way.
pub(crate) struct Openings {
    /// The class of each byte behind a word.
    classes: &'static [u8; 256],
    numbers: &'static [[u8; 2]; NUMBERS],
    sets: Vec<Sets>,
    /// By the length of a first word of letters and its first letter, from `A` on, a bit for each second letter with which
    /// anything can match.
    letters: Box<[[u64; LETTERS]; LONG]>,
}

/// From `A` to `z`.
const LETTERS: usize = 58;
/// Words before a number that belong to it have fewer letters.
pub(super) const LONG: usize = 10;

/// As `array::from_fn`, which is slower.
#[inline(always)]
fn both(of: impl Fn(usize) -> RecognizerSet) -> [RecognizerSet; 2] {
    [of(0), of(1)]
}

/// Recognisers with patterns that stand alone, and with patterns that need a context word. One line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Sets([RecognizerSet; 2]);

impl Openings {
    pub(crate) fn load(bytes: &'static [u8]) -> Self {
        const WRITTEN: &str = "the build writes all parts";
        let (classes, rest) = bytes.split_first_chunk().expect(WRITTEN);
        let (numbers, sets) = rest.as_chunks().0.split_first_chunk().expect(WRITTEN);
        let words: Vec<u64> =
            sets.as_flattened().as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let set = |words: &[u64; 8], from| RecognizerSet(std::array::from_fn(|i| words[from + i]));
        let sets = words.as_chunks().0.iter().map(|words| Sets([set(words, 0), set(words, 4)])).collect();
        let mut openings = Self { classes, numbers, sets, letters: Box::new([[0; LETTERS]; LONG]) };
        for length in 2..LONG {
            openings.letters[length] = openings.first_letters(length);
        }
        openings
    }

    /// What `letters` holds for a length.
    fn first_letters(&self, length: usize) -> [u64; LETTERS] {
        let word = (LENGTHS + length) * SEPARATORS * NEXT;
        let can = (word..word + SEPARATORS * NEXT).map(|at| *self.sets(at));
        let can = can.reduce(|all, sets| both(|kind| all[kind].or(&sets[kind]))).unwrap_or_default();
        std::array::from_fn(|first| {
            let one = self.sets(FIRST_BYTES + first + usize::from(b'A'));
            let passes = |second: &usize| {
                let two = self.sets(SECOND_BYTES + second + usize::from(b'A'));
                (0..2).any(|kind| !can[kind].and(&one[kind]).and(&two[kind]).is_empty())
            };
            (0..LETTERS).filter(passes).fold(0, |bits, second| bits | 1 << second)
        })
    }

    /// Whether anything can match from a word of so many letters, fewer than [`LONG`], that begins with these two.
    #[inline]
    pub(super) fn begin_with(&self, letters: usize, first: u8, second: u8) -> bool {
        let [first, second] = [first, second].map(|letter| usize::from(letter.wrapping_sub(b'A')));
        letters == 1
            || self.letters[letters].get(first).is_some_and(|seconds| seconds >> (second & 63) & 1 == 1)
    }

    #[inline(always)]
    fn sets(&self, at: usize) -> &[RecognizerSet; 2] {
        &self.sets[usize::from(u16::from_le_bytes(self.numbers[at]))].0
    }

    /// Of the recognisers of `wanted`, those that can match from `start`, which is in a word: with patterns that stand alone,
    /// and with those that need a context word.
    #[inline]
    pub(super) fn recognizers(
        &self,
        text: &[u8],
        tiles: &[Tile],
        start: usize,
        wanted: &[RecognizerSet; 2],
    ) -> [RecognizerSet; 2] {
        let (digits, words) = (ahead(tiles, start, |t| t.digit), ahead(tiles, start, |t| t.word));
        let byte = |at: usize| text.get(at).copied().unwrap_or_default();
        let class = |at: usize| usize::from(self.classes[usize::from(byte(at))]);
        let first = Word::new(digits, words);
        let end = start + first.length;
        let next = usize::from(NEXT_KINDS[usize::from(byte(end + 1))]);
        let word = first.kind * LENGTHS + first.length.min(LENGTHS - 1);
        let can = self.sets((word * SEPARATORS + class(end)) * NEXT + next);
        let first_byte = self.sets(FIRST_BYTES + usize::from(byte(start)));
        let can = both(|kind| can[kind].and(&first_byte[kind]).and(&wanted[kind]));
        // Most places end here, before the second word is looked at.
        if can[0].or(&can[1]).is_empty() {
            return can;
        }
        // What begins behind the 63rd byte is told apart no further.
        let skipped = (first.length + 1).min(63);
        let second = Word::new(digits >> skipped, words >> skipped);
        let behind = class(start + skipped + second.length);
        let second = second.kind * SECOND + second.length.min(SECOND - 1);
        let second = self.sets(SECONDS + second * SEPARATORS + behind);
        let ends = self.sets(ENDS + word);
        let second_byte = self.sets(SECOND_BYTES + usize::from(byte(start + 1)));
        both(|kind| second[kind].or(&ends[kind]).and(&can[kind]).and(&second_byte[kind]))
    }
}

/// Of each byte its place in `NEXT` of `build/openings.rs`.
const NEXT_KINDS: [u8; 256] = {
    let (mut kinds, mut byte) = ([4; 256], 0);
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => 0,
            b'A'..=b'Z' => 1,
            b'a'..=b'z' => 2,
            b'_' => 3,
            _ => 4,
        };
        byte += 1;
    }
    kinds
};
