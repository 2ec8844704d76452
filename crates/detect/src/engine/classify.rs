//! Bytes into bitmaps: one bit per byte and class, 64 bytes a tile.
//!
//! Everything after this step asks the bitmaps and touches the text only where a bit says so; that is where the
//! speed comes from.

/// The classes of 64 bytes. Bit `i` speaks of byte `i` of the tile.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Tile {
    /// `0-9`
    pub digit: u64,
    /// `A-Z`
    pub upper: u64,
    /// `a-z`
    pub lower: u64,
    /// Bytes of characters beyond ASCII.
    pub high: u64,
    /// `@` and `:`
    pub mark: u64,
    /// `.`
    pub dot: u64,
    /// Letters, digits and `_`
    pub word: u64,
    /// Line feeds.
    pub line: u64,
}

/// A class of the 64 bytes from `start` on, the lowest bit first.
#[inline(always)]
pub(super) fn ahead(tiles: &[Tile], start: usize, class: impl Fn(&Tile) -> u64) -> u64 {
    let (number, bit) = (start / 64, start % 64);
    let this = tiles.get(number).map_or(0, &class) >> bit;
    let next = tiles.get(number + 1).map_or(0, &class);
    // In two steps, for a shift by 64 is none.
    this | next << 1 << (63 - bit)
}

/// A class of the 64 bytes before `end`, the byte right before it in the highest bit.
#[inline(always)]
pub(super) fn behind(tiles: &[Tile], end: usize, class: impl Fn(&Tile) -> u64) -> u64 {
    let (number, bit) = (end / 64, end % 64);
    let this = tiles.get(number).map_or(0, &class) << 1 << (63 - bit);
    let before = number.checked_sub(1).map_or(0, |before| class(&tiles[before])) >> bit;
    this | before
}

/// Fills `tiles` with one tile for every 64 bytes of `text`; bytes past the end belong to no class.
pub(crate) fn classify(text: &[u8], tiles: &mut Vec<Tile>) {
    tiles.clear();
    tiles.resize(text.len().div_ceil(64), Tile::default());
    let (whole, rest) = text.as_chunks::<64>();
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, just asked.
        unsafe { avx2::classify(whole, rest, tiles) };
        return;
    }
    for (bytes, tile) in whole.iter().zip(tiles.iter_mut()) {
        *tile = portable(bytes);
    }
    if let Some(bytes) = padded(rest) {
        tiles[whole.len()] = portable(&bytes);
    }
}

/// The bytes after the last whole tile, with zeros behind them.
fn padded(rest: &[u8]) -> Option<[u8; 64]> {
    let mut bytes = [0; 64];
    bytes[..rest.len()].copy_from_slice(rest);
    (!rest.is_empty()).then_some(bytes)
}

fn portable(bytes: &[u8; 64]) -> Tile {
    let mut tile = Tile::default();
    for (i, &byte) in bytes.iter().enumerate() {
        let bit = |is: bool| u64::from(is) << i;
        tile.digit |= bit(byte.is_ascii_digit());
        tile.upper |= bit(byte.is_ascii_uppercase());
        tile.lower |= bit(byte.is_ascii_lowercase());
        tile.high |= bit(byte >= 0x80);
        tile.mark |= bit(matches!(byte, b'@' | b':'));
        tile.dot |= bit(byte == b'.');
        tile.word |= bit(byte.is_ascii_alphanumeric() || byte == b'_');
        tile.line |= bit(byte == b'\n');
    }
    tile
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8, _mm256_sub_epi8,
    };

    use super::{Tile, padded};

    #[target_feature(enable = "avx2")]
    pub(super) fn classify(whole: &[[u8; 64]], rest: &[u8], tiles: &mut [Tile]) {
        for (bytes, at) in whole.iter().zip(tiles.iter_mut()) {
            *at = tile(bytes);
        }
        if let Some(bytes) = padded(rest) {
            tiles[whole.len()] = tile(&bytes);
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn tile(bytes: &[u8; 64]) -> Tile {
        // SAFETY: both loads read 32 bytes inside the array of 64.
        let (low, high) = unsafe {
            let at = bytes.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        let digit = bits(range(low, b'0', b'9'), range(high, b'0', b'9'));
        let upper = bits(range(low, b'A', b'Z'), range(high, b'A', b'Z'));
        let lower = bits(range(low, b'a', b'z'), range(high, b'a', b'z'));
        Tile {
            digit,
            upper,
            lower,
            word: digit | upper | lower | bits(is(low, b'_'), is(high, b'_')),
            line: bits(is(low, b'\n'), is(high, b'\n')),
            high: bits(low, high),
            mark: bits(
                _mm256_or_si256(is(low, b'@'), is(low, b':')),
                _mm256_or_si256(is(high, b'@'), is(high, b':')),
            ),
            dot: bits(is(low, b'.'), is(high, b'.')),
        }
    }

    /// The sign bits of 64 bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn bits(low: __m256i, high: __m256i) -> u64 {
        let low = u64::from(_mm256_movemask_epi8(low).cast_unsigned());
        let high = u64::from(_mm256_movemask_epi8(high).cast_unsigned());
        high << 32 | low
    }

    /// `first..=last`, as one subtraction and one unsigned minimum.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn range(bytes: __m256i, first: u8, last: u8) -> __m256i {
        let offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first.cast_signed()));
        _mm256_cmpeq_epi8(offset, _mm256_min_epu8(offset, _mm256_set1_epi8((last - first).cast_signed())))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn is(bytes: __m256i, byte: u8) -> __m256i {
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_the_bits_around_a_place() {
        let text: Vec<u8> = (0..300u32).map(|i| if i * i % 7 < 3 { b'5' } else { b'x' }).collect();
        let mut tiles = Vec::new();
        classify(&text, &mut tiles);
        for at in 0..=text.len() {
            let bit = |place: Option<usize>| place.and_then(|p| text.get(p)).is_some_and(u8::is_ascii_digit);
            let (ahead, behind) = (ahead(&tiles, at, |t| t.digit), behind(&tiles, at, |t| t.digit));
            for i in 0..64 {
                assert_eq!(ahead >> i & 1 == 1, bit(Some(at + i)), "{i} after {at}");
                assert_eq!(behind >> (63 - i) & 1 == 1, bit(at.checked_sub(i + 1)), "{i} before {at}");
            }
        }
    }

    #[test]
    fn vector_and_portable_agree_on_every_byte_at_every_place() {
        let mut text: Vec<u8> = (0..=255).collect();
        text.extend((0..=255u8).map(|b| b.wrapping_mul(37).wrapping_add(11)));
        for cut in 0..70 {
            let text = &text[cut..];
            let mut tiles = Vec::new();
            classify(text, &mut tiles);
            let (whole, rest) = text.as_chunks::<64>();
            let expected: Vec<Tile> =
                whole.iter().copied().chain(padded(rest)).map(|bytes| portable(&bytes)).collect();
            assert_eq!(tiles, expected);
        }
    }
}
