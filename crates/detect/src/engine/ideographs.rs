//! Words of scripts that write none of them apart: `联系电话：`, `마이넘버는`. They are found where a run of letters ends, right
//! before a value.

use std::sync::LazyLock;

use super::{classify::Tile, words::Hit};
use crate::catalog::{Phrase, WORDS};

/// The catalogue's words in Chinese, Japanese and Korean, folded, the longest first.
static WORDS_OF_IDEOGRAPHS: LazyLock<Vec<(&[u8], &Phrase)>> = LazyLock::new(|| {
    let is_one = |first: &[u8]| first.len() > 3 && is_ideograph(first[0]);
    let mut words: Vec<_> = WORDS
        .iter()
        .filter(|word| is_one(word.first))
        .flat_map(|word| word.phrases.iter().filter(|p| p.rest.is_empty()).map(|p| (word.first, p)))
        .collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    words
});

/// What may stand between a word and its value: a wide colon, and small words for `is`.
const FILLERS: [&str; 9] = ["：", "是", "为", "為", "は", "은", "는", "の", "）"];

/// Adds the words at the end of runs of letters to `hits`, which stay in order of start.
pub(super) fn find(text: &[u8], tiles: &[Tile], hits: &mut Vec<Hit>) {
    let (known, mut high_before) = (hits.len(), 0);
    for (number, tile) in tiles.iter().enumerate() {
        let mut ends = (tile.high << 1 | high_before) & !(tile.upper | tile.lower | tile.high);
        high_before = tile.high >> 63;
        while ends != 0 {
            let end = number * 64 + ends.trailing_zeros() as usize;
            ends &= ends - 1;
            hits.extend(ending(text, end));
        }
    }
    if hits.len() > known {
        hits.sort_by_key(|hit| hit.start);
    }
}

/// The word that ends at `end`, or before a filler there.
fn ending(text: &[u8], mut end: usize) -> Option<Hit> {
    for _ in 0..3 {
        let last = *end.checked_sub(3).and_then(|at| text.get(at))?;
        if !is_ideograph(last) {
            return None;
        }
        let before = &text[..end];
        let is_end = |word: &[u8]| {
            before.len() >= word.len()
                && before[end - word.len()..].iter().zip(word).all(|(a, b)| a | 0x20 == *b)
        };
        if let Some((word, phrase)) = WORDS_OF_IDEOGRAPHS.iter().find(|(word, _)| is_end(word)) {
            return Some(Hit { start: (end - word.len()) as u32, end: end as u32, phrase });
        }
        end -= FILLERS.iter().find(|filler| before.ends_with(filler.as_bytes()))?.len();
    }
    None
}

/// Whether a character that begins so is an ideograph, of a syllabary, or a wide sign.
fn is_ideograph(lead: u8) -> bool {
    matches!(lead, 0xE3..=0xED | 0xEF)
}
