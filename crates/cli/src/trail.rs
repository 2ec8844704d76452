//! Places in a text that goes by: offsets and lines for findings in a stream, in constant memory.

use tacita_detect::OffsetUnit;

/// The last part of a stream, and how many units and lines came before.
///
/// Findings must be asked for in order of start.
#[derive(Debug)]
pub(crate) struct Trail {
    unit: OffsetUnit,
    recent: Vec<u8>,
    /// Where `recent` starts.
    start: usize,
    cursor: Cursor,
}

/// A place in the stream, counted.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    byte: usize,
    units: usize,
    line: usize,
    column: usize,
}

/// Where a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// First unit.
    pub(crate) start: usize,
    /// One past the last unit.
    pub(crate) end: usize,
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in code points.
    pub(crate) column: usize,
}

impl Trail {
    /// How far back a place may lie. A detector's stream holds far less than this.
    const KEPT: usize = 1 << 20;

    pub(crate) fn new(unit: OffsetUnit) -> Self {
        let cursor = Cursor { byte: 0, units: 0, line: 1, column: 1 };
        Self { unit, recent: Vec::new(), start: 0, cursor }
    }

    /// Takes the next piece of the stream.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        if self.recent.len() > 2 * Self::KEPT {
            let gone = self.recent.len() - Self::KEPT;
            self.move_to(self.cursor.byte.max(self.start + gone));
            self.recent.drain(..gone);
            self.start += gone;
        }
        self.recent.extend_from_slice(piece);
    }

    /// Where the bytes `start..end` of the stream stand.
    pub(crate) fn spot(&mut self, start: usize, end: usize) -> Spot {
        self.move_to(start);
        let Cursor { units, line, column, .. } = self.cursor;
        Spot { start: units, end: units + count(self.bytes(start, end), self.unit), line, column }
    }

    /// The bytes `start..end` of the stream, as far as they are still kept.
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &[u8] {
        let end = end.saturating_sub(self.start).min(self.recent.len());
        let start = start.saturating_sub(self.start).min(end);
        &self.recent[start..end]
    }

    fn move_to(&mut self, byte: usize) {
        if byte <= self.cursor.byte {
            return;
        }
        let passed = self.bytes(self.cursor.byte, byte);
        let units = count(passed, self.unit);
        let lines = memchr::memchr_iter(b'\n', passed).count();
        let columns = match memchr::memrchr(b'\n', passed) {
            Some(last) => 1 + count(&passed[last + 1..], OffsetUnit::Chars),
            None => self.cursor.column + count(passed, OffsetUnit::Chars),
        };
        let Cursor { units: before, line, .. } = self.cursor;
        self.cursor = Cursor { byte, units: before + units, line: line + lines, column: columns };
    }
}

/// Units in bytes that are mostly UTF-8: what is no continuation byte starts a code point.
fn count(bytes: &[u8], unit: OffsetUnit) -> usize {
    let starts = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    match unit {
        OffsetUnit::Bytes => bytes.len(),
        OffsetUnit::Chars => starts(bytes),
        OffsetUnit::Utf16 => starts(bytes) + bytes.iter().filter(|byte| **byte >= 0xf0).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spots_are_those_of_the_whole_text_however_it_is_cut() {
        let line = "añ 😀 b\n";
        let text = line.repeat(5 * Trail::KEPT / line.len());
        let lines = text.len() / line.len();
        for piece in [7, 4096, text.len()] {
            let mut trail = Trail::new(OffsetUnit::Utf16);
            let mut asked = 0;
            for (n, bytes) in text.as_bytes().chunks(piece).enumerate() {
                trail.push(bytes);
                let seen = (n * piece + bytes.len()) / line.len();
                // The place of `b` in the last line that is whole.
                if seen > asked && piece > 7 || seen == lines {
                    let start = seen * line.len() - 2;
                    let spot = trail.spot(start, start + 1);
                    let before = (seen - 1) * 8;
                    assert_eq!(spot, Spot { start: before + 6, end: before + 7, line: seen, column: 6 });
                    assert_eq!(trail.bytes(start, start + 1), b"b");
                    asked = seen;
                }
            }
        }
    }
}
