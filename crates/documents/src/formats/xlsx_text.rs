//! The texts of Excel workbooks: in pieces that look differently, and shared by the cells.

use super::markup::Tag;
use crate::{
    layout::{Layout, Raw},
    segment::Spot,
};

/// Bytes of a text that say whether it can name a column, references and all.
const STARTS: usize = 1 << 10;

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
            let Some(digits) =
                code.strip_suffix('_').filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()))
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

    /// Its first letters.
    pub(super) fn start_of(&self) -> String {
        start_of(&self.words)
    }

    pub(super) fn lay_out(&self, label: &str, spot: Spot, layout: &mut Layout<'_>) {
        for (pieces, label) in [(&self.words, label), (&self.readings, "reading")] {
            if !is_blank(pieces) {
                lay_out(pieces, label, spot, layout);
            }
        }
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
            for pieces in [&mut self.last.words, &mut self.last.readings] {
                if is_blank(pieces) {
                    pieces.clear();
                }
            }
            self.pieces.append(&mut self.last.words);
            let words = self.pieces.len() as u32;
            self.pieces.append(&mut self.last.readings);
            self.ends.push((words, self.pieces.len() as u32));
        }
    }

    /// The first letters of the string of this number.
    pub(super) fn start_of(&self, number: usize) -> String {
        start_of(self.pieces(number).unwrap_or_default().0)
    }

    /// Lays out the string of this number; whether there is one.
    pub(super) fn lay_out(
        &mut self,
        number: usize,
        label: &str,
        spot: Spot,
        layout: &mut Layout<'_>,
    ) -> bool {
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

/// The sections of a header or footer, each in pieces, without what says how they look: `&L`, `&"Arial"`, `&12`.
pub(super) fn margin<'x>(words: &Raw<'x>) -> Vec<Vec<Raw<'x>>> {
    const AND: &str = "&amp;";
    let (mut sections, mut section) = (Vec::new(), Vec::new());
    let (mut from, mut at) = (0, 0);
    while let Some(found) = words.text[at..].find(AND).map(|found| at + found) {
        let code = &words.text[found + AND.len()..];
        at = found + AND.len();
        let length = match code.chars().next() {
            // A font's name, its quotes written in one of two ways.
            Some('"') => code[1..].find('"').map_or(1, |end| end + 2),
            Some('&') if code.starts_with("&quot;") => code[6..].find("&quot;").map_or(6, |end| end + 12),
            // Twice it means itself: the first is the word's.
            Some('&') if code.starts_with(AND) => {
                at += AND.len();
                section.extend(slice(words, from, found + AND.len()));
                from = at;
                continue;
            }
            Some(c) if c.is_ascii_digit() => code.bytes().take_while(u8::is_ascii_digit).count(),
            // A colour: six digits, or a theme's number and how bright it is.
            Some('K') => {
                1 + code
                    .bytes()
                    .skip(1)
                    .take(6)
                    .take_while(|b| b.is_ascii_hexdigit() || b"+-".contains(b))
                    .count()
            }
            Some('L' | 'C' | 'R' | 'l' | 'c' | 'r' | 'B' | 'I' | 'U' | 'E' | 'S' | 'X' | 'Y') => 1,
            // Page, date, file: what stands there is made when it is printed.
            _ => continue,
        };
        section.extend(slice(words, from, found));
        if code.starts_with(['L', 'C', 'R', 'l', 'c', 'r']) {
            sections.push(std::mem::take(&mut section));
        }
        at += length;
        from = at;
    }
    section.extend(slice(words, from, words.text.len()));
    sections.push(section);
    sections.retain(|section: &Vec<_>| !is_blank(section));
    sections
}

fn slice<'x>(words: &Raw<'x>, start: usize, end: usize) -> Option<Raw<'x>> {
    (start < end).then(|| Raw { text: &words.text[start..end], at: words.at + start, ..*words })
}

/// The meaning of what begins a text. Many cells can share one that is long.
pub(super) fn start_of(pieces: &[Raw<'_>]) -> String {
    let mut start = String::new();
    for piece in pieces {
        if start.len() > STARTS {
            break;
        }
        let end = piece.text.floor_char_boundary(STARTS);
        start.extend(slice(piece, 0, end).map(|piece| piece.meaning()));
    }
    start
}

fn is_blank(pieces: &[Raw<'_>]) -> bool {
    pieces.iter().all(|piece| piece.text.trim().is_empty())
}

fn lay_out(pieces: &[Raw<'_>], label: &str, spot: Spot, layout: &mut Layout<'_>) {
    if !pieces.is_empty() {
        layout.begin(label);
        pieces.iter().for_each(|piece| layout.raw(piece, spot));
    }
}

#[cfg(test)]
mod tests {
    use super::{Rich, margin};
    use crate::{codec::Codec, layout::Raw};

    #[test]
    fn reads_headers_without_their_looks() {
        let sections = |written: &str| -> Vec<String> {
            let raw = Raw { text: written, at: 7, codec: Codec::XmlText };
            margin(&raw).iter().map(|section| section.iter().map(Raw::meaning).collect()).collect()
        };
        assert_eq!(
            sections(
                "&amp;L&amp;\"Arial,Bold\"&amp;12for Kai&amp;C&amp;&quot;Calibri&quot;R&amp;&amp;D&amp;R&amp;P of &amp;N"
            ),
            ["for Kai", "R&D", "&P of &N"]
        );
        assert_eq!(sections("&amp;KFF0000Mara&amp;B Lind"), ["Mara Lind"]);
        for odd in ["&amp;", "&amp;\"", "&amp;&quot;", "&amp;&amp;", "&amp;Lé", "é&amp;é", "&amp;12"] {
            sections(odd);
        }
    }

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
            assert_eq!(rich.start_of(), meant);
            assert!(rich.words.iter().all(|raw| written[raw.at - 7..].starts_with(raw.text)));
        }
    }
}
