//! What is known of a word: whether it is a name somewhere, a place, a common word.
//!
//! Words are kept as fingerprints, so two words in some ten thousand are taken for one that is known.

use super::tokens::Token;

/// A set of classes of words.
pub type Classes = u16;

/// Forenames of any list.
pub const FORENAME: Classes = 1;
/// Surnames of any list.
pub const SURNAME: Classes = 1 << 1;
/// Forenames that are among a country's most common.
pub const COMMON_FORENAME: Classes = 1 << 2;
/// Surnames that are among a country's most common.
pub const COMMON_SURNAME: Classes = 1 << 3;
/// Cities and towns.
pub const CITY: Classes = 1 << 4;
/// Words of a city's, region's or country's longer name.
pub const PLACE_PART: Classes = 1 << 5;
/// Countries, continents and regions.
pub const REGION: Classes = 1 << 6;
/// Nationalities, religions, political groups.
pub const GROUP: Classes = 1 << 7;
/// Organisations that everyone knows.
pub const ORGANIZATION: Classes = 1 << 8;
/// Words of an organisation's longer name.
pub const ORGANIZATION_PART: Classes = 1 << 9;
/// What organisations are called: `Inc`, `University`, `Bank`.
pub const ORGANIZATION_KIND: Classes = 1 << 10;
/// Words that are written small in ordinary text.
pub const COMMON: Classes = 1 << 11;
/// What stands before a name: `Mr`, `Senator`, `Aunt`.
pub const TITLE: Classes = 1 << 12;
/// What stands inside a name: `van`, `of`, `and`.
pub const PARTICLE: Classes = 1 << 13;
/// What is written large but names nobody: days, months, acronyms.
pub const NAMELESS: Classes = 1 << 14;

/// Any name.
pub const NAME: Classes = FORENAME | SURNAME | CITY | REGION | GROUP | ORGANIZATION;

/// The hash of two words that follow each other, the first of which may be such a pair.
#[must_use]
pub fn pair(first: u64, second: u64) -> u64 {
    (first.rotate_left(23) ^ second).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Places for words in a bucket.
const PLACES: usize = 4;
/// Buckets; what finds one full goes to the next.
const BUCKETS: usize = 1 << 16;

/// Bytes of a bucket: a fingerprint for each place, which is zero where the place is free, then the classes of each.
const BUCKET: usize = 4 * PLACES;

/// A table of words, as [`encode`] writes it.
#[derive(Clone, Copy)]
pub struct Lexicon<'a>(&'a [[u8; BUCKET]; BUCKETS]);

impl<'a> Lexicon<'a> {
    /// How many bytes it takes.
    pub const BYTES: usize = BUCKETS * BUCKET;

    /// Reads what [`encode`] wrote; `None` if it is of another length.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (buckets, rest) = bytes.as_chunks();
        if rest.is_empty() { buckets.try_into().ok().map(Self) } else { None }
    }

    /// The classes of a word or phrase by its hash.
    #[inline(always)]
    #[must_use]
    pub fn classes(&self, hash: u64) -> Classes {
        /// The lowest bit of each fingerprint.
        const ONES: u64 = u64::MAX / 0xFFFF;
        let (mut bucket, fingerprint) = place(hash);
        loop {
            let bytes = u128::from_le_bytes(self.0[bucket]);
            let (fingerprints, classes) = (bytes as u64, (bytes >> 64) as u64);
            // The first that is the same becomes zero, and from a zero a one can't be taken without its highest bit.
            let others = fingerprints ^ (ONES * u64::from(fingerprint));
            let same = others.wrapping_sub(ONES) & !others & ONES << 15;
            if same != 0 {
                return (classes >> (same.trailing_zeros() & !15)) as Classes;
            }
            if fingerprints >> 48 == 0 {
                return 0;
            }
            bucket = (bucket + 1) % BUCKETS;
        }
    }

    /// The classes of a token, which has none unless it is a word.
    #[inline(always)]
    #[must_use]
    pub fn of(&self, token: &Token) -> Classes {
        if token.look.is_word() { self.classes(token.word) } else { 0 }
    }
}

fn place(hash: u64) -> (usize, u16) {
    let mixed = (hash ^ hash >> 31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((mixed >> 48) as usize, (mixed >> 8) as u16 | 1)
}

/// Writes a lexicon of hashes and their classes. The same words give the same bytes in whatever order they come.
///
/// # Panics
/// When there are more words than it holds without becoming slow.
#[must_use]
pub fn encode(words: &std::collections::BTreeMap<u64, Classes>) -> Vec<u8> {
    const MOST: usize = BUCKETS * PLACES * 3 / 4;
    assert!(words.len() < MOST, "{} words are too many for a lexicon of at most {MOST}", words.len());
    let mut buckets = vec![[(0, 0); PLACES]; BUCKETS];
    for (hash, classes) in words {
        let (mut bucket, fingerprint) = place(*hash);
        let own = loop {
            match buckets[bucket].iter().position(|place| [0, fingerprint].contains(&place.0)) {
                Some(place) => break &mut buckets[bucket][place],
                // It is full of others.
                None => bucket = (bucket + 1) % BUCKETS,
            }
        };
        *own = (fingerprint, own.1 | classes);
    }
    let bytes = |bucket: [(u16, Classes); PLACES]| {
        let numbers = bucket.map(|place| place.0).into_iter().chain(bucket.map(|place| place.1));
        numbers.flat_map(u16::to_le_bytes)
    };
    buckets.into_iter().flat_map(bytes).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::names::tokens::word;

    #[test]
    fn what_was_written_is_read() {
        let words: BTreeMap<u64, Classes> =
            (0..20_000u16).map(|number| (word(&format!("word{number}")), 1 << (number % 15))).collect();
        let bytes = encode(&words);
        let lexicon = Lexicon::new(&bytes).expect("it was just written");
        // Of two words with one fingerprint each has the classes of both.
        assert!(words.iter().all(|(hash, classes)| lexicon.classes(*hash) & classes == *classes));
        let strangers =
            (0..20_000).filter(|number| lexicon.classes(word(&format!("other{number}"))) != 0).count();
        assert!(strangers < 10, "{strangers} strangers are known");
        assert!(Lexicon::new(&bytes[1..]).is_none());
    }
}
