//! The records of old Excel workbooks, and how they write texts and numbers.

use super::compound::{size_at, u16_at};
use crate::codepage::{Codepage, utf16};

/// What goes on in records after it.
const CONTINUE: u16 = 0x003C;

#[derive(Debug)]
pub(super) struct Record<'a> {
    pub kind: u16,
    /// Where it begins in the stream.
    pub at: usize,
    /// Its data, and that of the records that continue it.
    pub pieces: Vec<&'a [u8]>,
}

impl<'a> Record<'a> {
    pub(super) fn first(&self) -> &'a [u8] {
        self.pieces.first().copied().unwrap_or_default()
    }
}

/// Those up to the end of the stream or the first that is cut.
pub(super) fn records(stream: &[u8]) -> impl Iterator<Item = Record<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (kind, data) = one(stream, at)?;
        let mut record = Record { kind, at, pieces: vec![data] };
        at += 4 + data.len();
        while let Some((CONTINUE, data)) = one(stream, at) {
            record.pieces.push(data);
            at += 4 + data.len();
        }
        Some(record)
    })
}

fn one(stream: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let (kind, length) = (u16_at(stream, at)?, u16_at(stream, at + 2)?);
    let data = &stream[at + 4..];
    Some((kind, &data[..usize::from(length).min(data.len())]))
}

/// The table of strings that cells refer to. A string that goes on in the next piece says there anew how wide it is.
pub(super) fn texts(record: &Record<'_>) -> Vec<String> {
    let mut pieces = record.pieces.iter().copied();
    let mut rest = pieces.next().and_then(|piece| piece.get(8..)).unwrap_or_default();
    let mut found = Vec::new();
    loop {
        if rest.is_empty() {
            match pieces.next() {
                Some(piece) => rest = piece,
                None => return found,
            }
            continue;
        }
        let (Some(letters), Some(&flags)) = (u16_at(rest, 0), rest.get(2)) else { return found };
        let runs = if flags & 8 == 0 { 0 } else { usize::from(u16_at(rest, 3).unwrap_or(0)) * 4 };
        let at = 3 + if flags & 8 == 0 { 0 } else { 2 };
        let phonetic = if flags & 4 == 0 { 0 } else { size_at(rest, at).unwrap_or(0) };
        rest = rest.get(at + if flags & 4 == 0 { 0 } else { 4 }..).unwrap_or_default();
        let (mut left, mut wide) = (usize::from(letters), flags & 1 != 0);
        let mut text = String::new();
        while left > 0 {
            let size = if wide { 2 } else { 1 };
            let here = left.min(rest.len() / size);
            text.push_str(&letters_of(&rest[..here * size], wide));
            rest = &rest[here * size..];
            left -= here;
            if left > 0 {
                let Some((flags, piece)) = pieces.next().and_then(|piece| piece.split_first()) else {
                    found.push(text);
                    return found;
                };
                (wide, rest) = (flags & 1 != 0, piece);
            }
        }
        found.push(text);
        // Looks and pronunciation, which may go on in the next pieces too.
        let mut skip = runs.saturating_add(phonetic);
        while skip > rest.len() {
            skip -= rest.len();
            match pieces.next() {
                Some(piece) => rest = piece,
                None => return found,
            }
        }
        rest = &rest[skip..];
    }
}

fn letters_of(bytes: &[u8], wide: bool) -> String {
    if wide { utf16(bytes) } else { bytes.iter().map(|&byte| char::from(byte)).collect() }
}

/// A text behind its length in two bytes, and the bytes that it takes.
pub(super) fn text16(data: &[u8], wide: bool, codepage: Codepage) -> Option<(String, usize)> {
    let letters = usize::from(u16_at(data, 0)?);
    text(data.get(2..)?, letters, wide, codepage).map(|(text, length)| (text, length + 2))
}

/// The same behind one byte.
pub(super) fn text8(data: &[u8], wide: bool, codepage: Codepage) -> String {
    let Some((&letters, rest)) = data.split_first() else { return String::new() };
    text(rest, usize::from(letters), wide, codepage).map(|(text, _)| text).unwrap_or_default()
}

fn text(data: &[u8], letters: usize, wide: bool, codepage: Codepage) -> Option<(String, usize)> {
    if !wide {
        let bytes = &data[..letters.min(data.len())];
        return Some((codepage.decode(bytes).into_owned(), bytes.len()));
    }
    let (flags, rest) = data.split_first()?;
    let double = flags & 1 != 0;
    let bytes = &rest[..(letters * if double { 2 } else { 1 }).min(rest.len())];
    Some((letters_of(bytes, double), bytes.len() + 1))
}

/// A number in 30 bits: an integer or the upper half of a float, either perhaps in hundredths.
pub(super) fn rk(bits: u32) -> f64 {
    let number =
        if bits & 2 == 0 { f64::from_bits(u64::from(bits & !3) << 32) } else { f64::from(bits as i32 >> 2) };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

#[cfg(test)]
mod tests {
    use super::rk;

    #[test]
    fn reads_numbers_of_30_bits() {
        assert_eq!(rk((1234 << 2) | 3).to_string(), "12.34");
        assert_eq!(rk((1234 << 2) | 2).to_string(), "1234");
    }
}
