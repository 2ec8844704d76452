//! The texts of Excel workbooks: in pieces that look differently, and shared by the cells.

use std::borrow::Cow;

use super::markup::Tag;
use crate::{
    layout::{Layout, Raw},
    segment::Spot,
};

/// A text in pieces, and how it is read aloud, which Japanese workbooks say of names.
#[derive(Debug, Default)]
pub(super) struct Rich<'x> {
    words: Vec<Raw<'x>>,
    readings: Vec<Raw<'x>>,
    /// The element that is open holds words.
    text: bool,
    /// Elements that are open of a reading.
    reading: usize,
}

/// The strings that cells refer to by their number.
#[derive(Debug, Default)]
pub(super) struct Strings<'x> {
    pieces: Vec<Raw<'x>>,
    /// Where in the pieces the words of each end, and its readings.
    ends: Vec<(u32, u32)>,
    used: Vec<bool>,
    last: Rich<'x>,
}

impl<'x> Rich<'x> {
    pub(super) fn start(&mut self, tag: &Tag<'_>) {
        self.text = tag.name() == "t";
        if self.reading > 0 || tag.name() == "rPh" {
            self.reading += 1;
        }
    }

    pub(super) fn end(&mut self) {
        self.text = false;
        self.reading = self.reading.saturating_sub(1);
    }

    pub(super) fn words(&mut self, words: Raw<'x>) {
        if self.text {
            self.push(words);
        }
    }

    /// Takes words without what Excel writes for characters that XML lacks: `_x000D_`, mostly the end of a line.
    pub(super) fn push(&mut self, words: Raw<'x>) {
        let pieces = if self.reading > 0 { &mut self.readings } else { &mut self.words };
        let (mut from, mut at) = (0, 0);
        while let Some(found) = words.text[at..].find("_x").map(|found| at + found) {
            at = found + 2;
            let Some(code) = words.text.get(found + 2..found + 7) else { break };
            let Some(digits) = code.strip_suffix('_').filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()))
            else {
                continue;
            };
            // An underscore that is written so only to be no such escape stands for itself.
            let end = if digits.eq_ignore_ascii_case("005F") { found + 1 } else { found };
            pieces.extend(slice(&words, from, end));
            (from, at) = (found + 7, found + 7);
        }
        pieces.extend(slice(&words, from, words.text.len()));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.readings.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.readings.clear();
    }

    pub(super) fn meaning(&self) -> String {
        self.words.iter().map(Raw::meaning).collect()
    }

    pub(super) fn lay_out(&self, label: &str, spot: Spot, layout: &mut Layout<'_>) {
        lay_out(&self.words, label, spot, layout);
        lay_out(&self.readings, "reading", spot, layout);
    }
}

impl<'x> Strings<'x> {
    pub(super) fn start(&mut self, tag: &Tag<'_>) {
        if tag.name() == "si" {
            self.last.clear();
        }
        self.last.start(tag);
    }

    pub(super) fn words(&mut self, words: Raw<'x>) {
        self.last.words(words);
    }

    /// An element ends, which is a string's if only the table is still open.
    pub(super) fn end(&mut self, open: usize) {
        self.last.end();
        if open == 1 {
            self.pieces.append(&mut self.last.words);
            let words = self.pieces.len() as u32;
            self.pieces.append(&mut self.last.readings);
            self.ends.push((words, self.pieces.len() as u32));
        }
    }

    pub(super) fn meaning(&self, number: usize) -> Cow<'_, str> {
        let (words, _) = self.pieces(number).unwrap_or_default();
        words.iter().map(Raw::meaning).collect()
    }

    /// Lays out the string of this number; whether there is one.
    pub(super) fn lay_out(&mut self, number: usize, label: &str, spot: Spot, layout: &mut Layout<'_>) -> bool {
        let Some((words, readings)) = self.pieces(number) else { return false };
        lay_out(words, label, spot, layout);
        lay_out(readings, "reading", spot, layout);
        self.used.resize(self.ends.len(), false);
        self.used[number] = true;
        true
    }

    /// Those that no cell has: deleted, but still in the file.
    pub(super) fn lay_out_unused(&mut self, spot: Spot, layout: &mut Layout<'_>) {
        for number in 0..self.ends.len() {
            if !self.used.get(number).is_some_and(|used| *used) {
                self.lay_out(number, "", spot, layout);
            }
        }
    }

    fn pieces(&self, number: usize) -> Option<(&[Raw<'x>], &[Raw<'x>])> {
        let &(words, readings) = self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before].1);
        Some((&self.pieces[start as usize..words as usize], &self.pieces[words as usize..readings as usize]))
    }
}

fn slice<'x>(words: &Raw<'x>, start: usize, end: usize) -> Option<Raw<'x>> {
    (start < end).then(|| Raw { text: &words.text[start..end], at: words.at + start, ..*words })
}

fn lay_out(pieces: &[Raw<'_>], label: &str, spot: Spot, layout: &mut Layout<'_>) {
    if pieces.iter().any(|piece| !piece.text.trim().is_empty()) {
        layout.begin(label);
        pieces.iter().for_each(|piece| layout.raw(piece, spot));
    }
}

#[cfg(test)]
mod tests {
    use super::Rich;
    use crate::{codec::Codec, layout::Raw};

    #[test]
    fn leaves_out_what_stands_for_characters_that_xml_lacks() {
        for (written, meant) in [
            ("Mara_x000D_\nLind", "Mara\nLind"),
            ("_x005F_x0041_", "_x0041_"),
            ("a_x0_x000d_é_x00é", "a_x0é_x00é"),
            ("_x", "_x"),
            ("x_x000D", "x_x000D"),
        ] {
            let mut rich = Rich::default();
            rich.push(Raw { text: written, at: 7, codec: Codec::XmlText });
            assert_eq!(rich.meaning(), meant);
            assert!(rich.words.iter().all(|raw| written[raw.at - 7..].starts_with(raw.text)));
        }
    }
}
