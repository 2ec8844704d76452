//! Whether values that should be gone still stand in a file: a second look, by something that knows no format.
//!
//! It unpacks what is packed, takes tags out of what has tags and reads escapes. What the readers of formats do not read, a
//! part that nothing points to or a stretch behind the end, is searched like all else.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    io::{Cursor, Read},
};

use aho_corasick::AhoCorasick;
use borsh::{BorshDeserialize, BorshSerialize};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use mail_parser::{MessageParser, PartType, decoders::base64::base64_decode};
use memchr::{memchr, memmem};
use percent_encoding::percent_decode;
use zip::ZipArchive;

use crate::{
    Limits, ReadError,
    budget::Budget,
    codec::Codec,
    deadline::Deadline,
    decode::wide,
    formats::{compressed::Frames, mail, mbox},
    residue_pdf,
};

/// A value that still stands in a file.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Residue {
    /// Its number among those that were searched for.
    pub value: u32,
    /// The packed parts in which it stands, outermost first.
    pub within: Vec<String>,
}

/// What is searched for at once: an automaton of more would need more memory than a process that reads may have.
const AT_ONCE: usize = 20_000;

/// In base64, what is shorter holds no value that is worth a search.
const SHORTEST_BASE64: usize = 8;

/// Where `values` stand in a file or in what is packed in it, as words of their own: as they are, in UTF-16, in escapes of
/// markup, JSON or addresses of the web, or in pieces with tags between them.
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
    let deadline = Deadline::after(limits.time);
    let mut found = BTreeSet::new();
    for patterns in patterns.chunks(AT_ONCE) {
        let searched = AhoCorasick::new(patterns.iter().map(|(form, _)| form));
        // More than the automaton can hold is more than a file can.
        let searched = searched.map_err(|_| ReadError::TooMany { what: "values", limit: values.len() })?;
        // Each search unpacks all of it anew; the time is that of all of them.
        let mut budget = Budget::new(limits);
        budget.deadline = deadline;
        budget.check_time(limits)?;
        let mut search = Search { searched, patterns, limits, budget, found, within: Vec::new() };
        search.file(bytes)?;
        found = search.found;
    }
    Ok(found.into_iter().collect())
}

/// What a PDF begins with stands this near to its start.
const PDF_WITHIN: usize = 1024;

struct Search<'l> {
    searched: AhoCorasick,
    /// What is searched for, and the number of its value.
    patterns: &'l [(Vec<u8>, u32)],
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
        let text = narrow(bytes);
        if let Cow::Owned(text) = &text {
            self.bytes(text);
        }
        self.escapes(&text);
        let markup = text.trim_ascii_start().starts_with(b"<") || text.starts_with(b"\xef\xbb\xbf<");
        if markup {
            for meant in [references(&text), without_tags(&text)] {
                self.bytes(&meant);
                self.escapes(&meant);
            }
        }
        for packed in in_base64(&text, markup) {
            self.packed("base64", &packed[..], packed.len())?;
        }
        if memmem::find(&bytes[..bytes.len().min(PDF_WITHIN)], b"%PDF-").is_some() {
            self.pdf(bytes)
        } else if bytes.starts_with(b"PK") {
            self.archive(bytes)
        } else if bytes.starts_with(b"\x1f\x8b") {
            self.packed("gzip", MultiGzDecoder::new(bytes), bytes.len())
        } else if bytes.starts_with(b"\x28\xb5\x2f\xfd") {
            // All frames in one: a value may begin in one and end in the next.
            self.packed("zstd", Frames::new(bytes), bytes.len())
        } else if is_tar(bytes) {
            self.tar(bytes)
        } else if bytes.starts_with(b"From ") {
            self.mailbox(bytes)
        } else if mail::has_mail_headers(bytes) {
            self.mail(bytes)
        } else {
            Ok(())
        }
    }

    fn pdf(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        self.bytes(&residue_pdf::strings(bytes));
        for stream in residue_pdf::streams(bytes).map(|range| &bytes[range]) {
            let (unpacked, _) = self.budget.unpack(ZlibDecoder::new(stream), stream.len(), self.limits)?;
            if !unpacked.is_empty() {
                self.bytes(&residue_pdf::strings(&unpacked));
                self.within("stream", &unpacked)?;
            }
        }
        Ok(())
    }

    /// What escapes of addresses of the web and of JSON mean.
    fn escapes(&mut self, text: &[u8]) {
        if memchr(b'%', text).is_some() {
            self.bytes(&Cow::from(percent_decode(text)));
        }
        if memchr(b'\\', text).is_some() {
            let mut meant = String::with_capacity(text.len());
            Codec::JsonString.decode(&String::from_utf8_lossy(text), &mut meant);
            self.bytes(meant.as_bytes());
        }
    }

    /// Names and owners stand in its bytes as they are.
    fn tar(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        let mut archive = tar::Archive::new(bytes);
        let Ok(entries) = archive.entries().map(Vec::from_iter) else { return Ok(()) };
        self.budget.enter(entries.len(), self.limits)?;
        for entry in entries.into_iter().flatten() {
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
            let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
            let Some(content) = bytes.get(start..) else { continue };
            let content = &content[..content.len().min(size)];
            self.packed(&name, content, content.len())?;
        }
        Ok(())
    }

    /// Wherever a line may begin a mail.
    fn mailbox(&mut self, bytes: &[u8]) -> Result<(), ReadError> {
        for message in mbox::parted(bytes, |_| true) {
            let (_, message) = mbox::split(&bytes[message]);
            if mail::has_mail_headers(message) {
                self.mail(message)?;
            }
        }
        Ok(())
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
        self.within(name, &bytes)
    }

    fn within(&mut self, name: &str, bytes: &[u8]) -> Result<(), ReadError> {
        self.within.push(name.to_owned());
        let searched = self.file(bytes);
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
                    self.packed("attached mail", &*inner.raw_message, inner.raw_message.len())
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

/// UTF-16 as UTF-8; all else as it is.
fn narrow(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Ok(Some((charset, mark))) = wide(bytes) else { return Cow::Borrowed(bytes) };
    Cow::Owned(charset.decode(&bytes[mark..]).into_owned().into_bytes())
}

/// Its first header has the sum that it should.
fn is_tar(bytes: &[u8]) -> bool {
    let entry = |mut archive: tar::Archive<&[u8]>| {
        archive.entries().ok().and_then(|mut entries| entries.next()).is_some_and(|entry| entry.is_ok())
    };
    entry(tar::Archive::new(bytes))
}

/// What stands between the tags, references read.
fn without_tags(bytes: &[u8]) -> Vec<u8> {
    let mut words = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(tag) = memchr(b'<', rest) {
        words.extend_from_slice(&rest[..tag]);
        rest = memchr(b'>', &rest[tag..]).map_or(&[], |end| &rest[tag + end + 1..]);
    }
    words.extend_from_slice(rest);
    references(&words)
}

/// With what references to characters mean in their place.
fn references(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut meant = String::with_capacity(text.len());
    Codec::HtmlText.decode(&text, &mut meant);
    meant.into_bytes()
}

/// What `data:` addresses hold in base64, and in markup whole elements.
fn in_base64(text: &[u8], markup: bool) -> Vec<Vec<u8>> {
    const SIGN: &[u8] = b"base64,";
    let data = memmem::find_iter(text, SIGN).map(|at| at + SIGN.len());
    let elements = markup.then(|| memchr::memchr_iter(b'>', text).map(|at| at + 1));
    let packed = |start: usize| {
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/= \r\n\t".contains(&byte);
        let length = text[start..].iter().position(|&byte| !is_base64(byte)).unwrap_or(text.len() - start);
        let (run, behind) = text[start..].split_at(length);
        // A word and more of a sentence is no element that is base64 as a whole.
        let whole = text[..start].ends_with(b",") || behind.starts_with(b"<");
        (whole && run.trim_ascii().len() >= SHORTEST_BASE64).then(|| base64_decode(run)).flatten()
    };
    data.chain(elements.into_iter().flatten()).filter_map(packed).collect()
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::fixtures::{archive, docx, wide};

    fn found(bytes: &[u8], value: &str) -> Vec<Vec<String>> {
        let residues = residue(bytes, &[value.to_owned()], &Limits::default()).unwrap();
        residues.into_iter().map(|residue| residue.within).collect()
    }

    #[test]
    fn pdf_is_unpacked() {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packer, b"BT [(Ma) 20 (ra)] TJ <4C696E64> Tj ET").unwrap();
        let packed = packer.finish().unwrap();
        let pdf = [b"%PDF-1.7 1 0 obj << >> stream\n", &packed[..], b"\nendstream (T\\157m)"].concat();
        assert_eq!(found(&pdf, "Mara"), [Vec::<String>::new()]);
        assert_eq!(found(&pdf, "Lind"), [Vec::<String>::new()]);
        assert_eq!(found(&pdf, "Tom"), [Vec::<String>::new()]);
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
    fn escapes_are_read() {
        for (bytes, value) in [
            (&b"see https://example.org/?to=mara.lind%40example.org&x"[..], "mara.lind@example.org"),
            (b"https://example.org/M%c3%bcller%20K%C3%B6ln", "M\u{fc}ller K\u{f6}ln"),
            (br#"{"to":"J\u00fcrgen M\u00fcller","a":"\nMara Lind"}"#, "J\u{fc}rgen M\u{fc}ller"),
            (br#"{"to":"J\u00fcrgen","a":"\nMara Lind"}"#, "Mara Lind"),
            (br#"{"of":"5\/17 Lind"}"#, "5/17 Lind"),
            (b"<p title='mara&#64;example.org'>J&uuml;rgen M&uuml;ller</p>", "mara@example.org"),
            (b"<p title='mara&#64;example.org'>J&uuml;rgen M&uuml;ller</p>", "J\u{fc}rgen M\u{fc}ller"),
            (b"<a href='/?q=Mara%20Lind&amp;x'>x</a>", "Mara Lind"),
        ] {
            assert_eq!(found(bytes, value), [[""; 0]], "{value}");
        }
    }

    #[test]
    fn base64_in_markup_is_searched() {
        for bytes in [
            &b"<img src=\"data:text/plain;base64,ZGVhciBNYXJhIExpbmQ=\">"[..],
            b"p { background: url(data:text/plain;base64,ZGVhciBNYXJhIExpbmQ=) }",
            b"<?xml version=\"1.0\"?><data>\n  ZGVhciBNYX\n  JhIExpbmQ=\n</data>",
        ] {
            assert_eq!(found(bytes, "Mara Lind"), [["base64"]], "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn tags_in_utf16_are_taken_out() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><p><b>Mara</b> <i>Lind</i></p>";
        assert_eq!(found(&wide(&format!("\u{feff}{text}")), "Mara Lind"), [[""; 0]]);
        assert_eq!(found(&wide(text), "Mara Lind"), [[""; 0]]);
    }

    #[test]
    fn other_packings_are_opened() {
        let packed = |text: &[u8]| compress_to_vec(text, CompressionLevel::Fastest);
        let frames = [packed(b"to Mara "), packed(b"Lind.")].concat();
        assert_eq!(found(&frames, "Mara Lind"), [["zstd"]]);
        let split = docx("<w:p><w:r><w:t>Mara </w:t></w:r><w:r><w:t>Lind</w:t></w:r></w:p>", &[]);
        let mut tar = tar::Builder::new(Vec::new());
        for mut header in [tar::Header::new_gnu(), tar::Header::new_old()] {
            header.set_size(split.len() as u64);
            tar.append_data(&mut header, "a.docx", &split[..]).unwrap();
        }
        let tar = tar.into_inner().unwrap();
        assert_eq!(found(&tar, "Mara Lind"), [["a.docx", "word/document.xml"]]);
        assert_eq!(found(&packed(&tar), "Mara Lind"), [["zstd", "a.docx", "word/document.xml"]]);
        let mailbox = b"From a Mon Jan  5 10:00:00 2026\nFrom: a@example.org\nSubject: x\n\nhello\n\n\
            From b Mon Jan  5 10:00:00 2026\nFrom: b@example.org\nSubject: y\n\
            Content-Transfer-Encoding: base64\n\nTWFyYSBMaW5k\n";
        assert_eq!(found(mailbox, "Mara Lind"), [["body"]]);
    }

    #[test]
    fn more_values_than_fit_at_once_are_searched_for() {
        let values: Vec<String> = (0..AT_ONCE / 2).map(|n| format!("mara.{n}@example.org")).collect();
        let text = format!("{} and {}", values[7], values[values.len() - 3]);
        let residues = residue(text.as_bytes(), &values, &Limits::default()).unwrap();
        let numbers: Vec<u32> = residues.iter().map(|residue| residue.value).collect();
        assert_eq!(numbers, [7, values.len() as u32 - 3]);
    }

    #[test]
    fn bombs_are_refused() {
        let limits = Limits { text_bytes: 1000, ..Limits::default() };
        let bytes = archive(&[("a", &" ".repeat(2000))]);
        assert_eq!(residue(&bytes, &["Mara".to_owned()], &limits).unwrap_err(), ReadError::TooMuchText(1000));
    }
}
