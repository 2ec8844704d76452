//! Whether values that should be gone still stand in a file: a second look, by something that knows no format.
//!
//! It unpacks what is packed and takes tags out of what has tags. What the readers of formats do not read, a part that nothing
//! points to or a stretch behind the end, is searched like all else.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use aho_corasick::AhoCorasick;
use borsh::{BorshDeserialize, BorshSerialize};
use flate2::read::MultiGzDecoder;
use mail_parser::{MessageParser, PartType};
use zip::ZipArchive;

use crate::{
    Limits, ReadError,
    budget::Budget,
    codec::Codec,
    formats::{mail, mail_writer},
};

/// A value that still stands in a file.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Residue {
    /// Its number among those that were searched for.
    pub value: u32,
    /// The packed parts in which it stands, outermost first.
    pub within: Vec<String>,
}

/// Where `values` stand in a file or in what is packed in it, as words of their own: as they are, in UTF-16, or in pieces with
/// tags between them.
///
/// # Errors
/// When it unpacks to more than `limits` allow.
pub fn residue(bytes: &[u8], values: &[String], limits: &Limits) -> Result<Vec<Residue>, ReadError> {
    let mut patterns = Vec::new();
    for (number, value) in values.iter().enumerate() {
        let mut escaped = String::new();
        Codec::XmlText.encode(value, &mut escaped);
        let wide = |order: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let forms = [
            value.clone().into_bytes(),
            escaped.into_bytes(),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
        ];
        patterns.extend(forms.into_iter().map(|form| (form, number as u32)));
    }
    patterns.sort_unstable();
    patterns.dedup();
    patterns.retain(|(form, _)| !form.is_empty());
    // More than the automaton can hold is more than a file can.
    let searched = AhoCorasick::new(patterns.iter().map(|(form, _)| form));
    let searched = searched.map_err(|_| ReadError::TooMany { what: "values", limit: values.len() })?;
    let budget = Budget::new(limits);
    let mut search =
        Search { searched, patterns, limits, budget, found: BTreeSet::new(), within: Vec::new() };
    search.file(bytes)?;
    Ok(search.found.into_iter().collect())
}

struct Search<'l> {
    searched: AhoCorasick,
    /// What is searched for, and the number of its value.
    patterns: Vec<(Vec<u8>, u32)>,
    limits: &'l Limits,
    budget: Budget,
    found: BTreeSet<Residue>,
    within: Vec<String>,
}

impl Search<'_> {
    fn file(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        if self.within.len() > self.limits.nesting {
            return Err(ReadError::TooDeep(self.limits.nesting));
        }
        self.bytes(bytes);
        if bytes.trim_ascii_start().starts_with(b"<") || bytes.starts_with(b"\xef\xbb\xbf<") {
            self.bytes(&without_tags(bytes));
        }
        if bytes.starts_with(b"PK") {
            self.archive(bytes)
        } else if bytes.starts_with(b"\x1f\x8b") {
            self.packed("gzip", MultiGzDecoder::new(bytes), bytes.len())
        } else if mail::has_mail_headers(bytes) {
            self.mail(bytes)
        } else {
            Ok(())
        }
    }

    fn archive(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return Ok(()) };
        self.budget.enter(archive.len(), self.limits)?;
        for index in 0..archive.len() {
            if let Ok(file) = archive.by_index(index) {
                let name = String::from_utf8_lossy(file.name_raw()).into_owned();
                self.bytes(name.as_bytes());
                let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
                self.packed(&name, file, packed)?;
            }
        }
        Ok(())
    }

    fn packed(&mut self, name: &str, unpacked: impl Read, packed: usize) -> Result<(), ReadError> {
        let (bytes, _) = self.budget.unpack(unpacked, packed, self.limits)?;
        self.within.push(name.to_owned());
        let searched = self.file(&bytes);
        self.within.pop();
        searched
    }

    fn mail(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let Some(message) = MessageParser::new().default_header_text().parse(bytes) else { return Ok(()) };
        let mut searched = self.budget.enter(message.parts.len(), self.limits);
        for part in &message.parts {
            for header in &part.headers {
                self.bytes(header.value.as_text().unwrap_or_default().as_bytes());
            }
            searched = searched.and_then(|()| match &part.body {
                PartType::Text(text) | PartType::Html(text) => {
                    self.packed("body", text.as_bytes(), text.len())
                }
                PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                    self.packed("attachment", &**bytes, bytes.len())
                }
                PartType::Message(inner) => {
                    // Its own bytes: those of the mail around it would be searched for ever.
                    let attached = mail_writer::attached(part, inner, &message);
                    self.packed("attached mail", &*attached, attached.len())
                }
                PartType::Multipart(_) => Ok(()),
            });
        }
        mail::dismantle(message);
        searched
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for found in self.searched.find_overlapping_iter(bytes) {
            let (form, value) = &self.patterns[found.pattern().as_usize()];
            if stands_alone(bytes, form, found.start(), found.end()) {
                self.found.insert(Residue { value: *value, within: self.within.clone() });
            }
        }
    }
}

/// No letter or digit of ASCII goes on with it. Others count as its ends, which is the careful side.
fn stands_alone(bytes: &[u8], form: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    let goes_on = word(before) && word(form.first()) || word(bytes.get(end)) && word(form.last());
    !goes_on
}

/// What stands between the tags, references read.
fn without_tags(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut words = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, behind)| behind);
    }
    words.push_str(rest);
    let mut meant = String::with_capacity(words.len());
    Codec::XmlText.decode(&words, &mut meant);
    meant.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{archive, docx, wide};

    fn found(bytes: &[u8], value: &str) -> Vec<Vec<String>> {
        let residues = residue(bytes, &[value.to_owned()], &Limits::default()).unwrap();
        residues.into_iter().map(|residue| residue.within).collect()
    }

    #[test]
    fn finds_what_no_reader_looks_at() {
        let split = docx("<w:p><w:r><w:t>Mara &amp; </w:t></w:r><w:r><w:t>Tom</w:t></w:r></w:p>", &[]);
        assert_eq!(found(&split, "Mara & Tom"), [["word/document.xml"]]);
        let stray = docx("", &[("word/old.bin", "xx Mara Lind xx")]);
        assert!(found(&stray, "Mara Lind").contains(&vec!["word/old.bin".to_owned()]));
        let nested = archive(&[("Mara Lind/a.txt", "weather")]);
        assert_eq!(found(&nested, "Mara Lind"), [Vec::<String>::new()]);
        assert_eq!(found(&wide("to Mara Lind."), "Mara Lind").len(), 1);
        let mail = b"From: a@example.org\nSubject: =?utf-8?B?TWFyYSBMaW5k?=\nContent-Transfer-Encoding: base64\n\nTWFyYSBMaW5k\n";
        assert_eq!(found(mail, "Mara Lind"), [vec![], vec!["body".to_owned()]]);
        assert_eq!(found(b"Mara Lindgren, xMara Lind", "Mara Lind"), [[""; 0]; 0]);
    }

    #[test]
    fn bombs_are_refused() {
        let limits = Limits { text_bytes: 1000, ..Limits::default() };
        let bytes = archive(&[("a", &" ".repeat(2000))]);
        assert_eq!(residue(&bytes, &["Mara".to_owned()], &limits).unwrap_err(), ReadError::TooMuchText(1000));
    }
}
