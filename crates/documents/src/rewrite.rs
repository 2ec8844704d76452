//! A file with parts of its text replaced, everything else as it was.

use std::{collections::HashSet, ops::Range};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{
    Document, Limits, RewriteError,
    budget::Budget,
    codec::Codec,
    codec_yaml::block_header,
    decode::{Charset, Source},
    format::{Context, read_within},
    recognise::Recognise,
    segment::Segment,
    sources::{Area, Change, Changes, Content, Kind, Member, View},
};

/// Stands in a copy for a time that was replaced, where a program takes nothing but a time.
pub const SOME_TIME: &str = "1970-01-01T00:00:00Z";

/// What is to stand in the place of a range of a document's text.
#[derive(BorshDeserialize, BorshSerialize, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Byte in the text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// What stands there, to be sure that the same document is meant.
    pub original: String,
    /// What will.
    pub new: String,
}

impl Replacement {
    /// Of this range of `text`; `None` where it has no such range.
    #[must_use]
    pub fn of(text: &str, range: Range<usize>, new: &str) -> Option<Self> {
        let (start, end) = (range.start as u32, range.end as u32);
        Some(Self { start, end, original: text.get(range)?.to_owned(), new: new.to_owned() })
    }
}

/// A file that was written again.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// In the file's own format.
    pub bytes: Vec<u8>,
    /// What is in it no more, since nothing in it could be replaced: the paths of files in an archive.
    pub left_out: Vec<String>,
}

/// A file with parts of the text replaced that [`read`](crate::read) gives of it, in the file's own format.
///
/// Unlike [`Document::rewrite`] it writes packages too: Word documents, archives with all that is in them. Of those the copy
/// loses, whatever is found there, the names of authors, comments of archives and small pictures of the first page.
///
/// # Errors
/// When the file can't be read, or its format not be written; when a range is wrong, or something else stands there; when it
/// covers text whose place in the file is not known.
pub fn rewrite_file(
    name: &str,
    bytes: &[u8],
    replacements: &[Replacement],
    limits: &Limits,
) -> Result<Rewritten, RewriteError> {
    rewrite_by(None, name, bytes, replacements, limits)
}

/// The same where somebody recognises words in pictures.
pub(crate) fn rewrite_by(
    recognise: Option<&dyn Recognise>,
    name: &str,
    bytes: &[u8],
    replacements: &[Replacement],
    limits: &Limits,
) -> Result<Rewritten, RewriteError> {
    let budget = Budget::new(limits);
    let context = Context { limits, budget: &budget, name, nesting: 0, keep: true, recognise };
    let document = read_within(name, None, bytes, &context)?;
    let mut ranges = Vec::with_capacity(replacements.len());
    for (number, Replacement { start, end, original, new }) in replacements.iter().enumerate() {
        let range = *start as usize..*end as usize;
        if document.text().get(range.clone()) != Some(original) {
            return Err(RewriteError::Range(number));
        }
        ranges.push((range, new.as_str()));
    }
    rewrite(&document, &ranges)
}

/// See [`Document::rewrite`].
pub(crate) fn rewrite(
    document: &Document<'_>,
    replacements: &[(Range<usize>, &str)],
) -> Result<Rewritten, RewriteError> {
    let view = document.view().ok_or(RewriteError::NotTextual(document.format.title))?;
    check(document.text(), replacements)?;
    let mut sources = Vec::new();
    view.texts(&mut sources);
    let opaque = match view.kind {
        Kind::Text { .. } | Kind::Painted { .. } => HashSet::new(),
        Kind::Package { members, .. } => opaque(members),
    };
    let mut copy = Copy { document, sources, splices: Vec::new(), opaque, left_out: HashSet::new() };
    copy.splices(replacements)?;
    let bytes = match copy.write(&view)? {
        Change::Write(bytes) => bytes,
        _ => document.original.to_vec(),
    };
    let path = |part: &u32| {
        let steps: Vec<String> = document.within(*part).iter().map(ToString::to_string).collect();
        steps.join(": ")
    };
    let mut left_out: Vec<String> = copy.left_out.iter().map(path).collect();
    left_out.sort_unstable();
    Ok(Rewritten { bytes, left_out })
}

/// The parts of members that can't be written.
fn opaque(members: &[Member]) -> HashSet<u32> {
    let mut found = HashSet::new();
    for member in members {
        match &member.content {
            Content::Opaque => {
                found.insert(member.part);
            }
            Content::Package { members, .. } => found.extend(opaque(members)),
            Content::Text { .. } | Content::Painted { .. } | Content::Unread => {}
        }
    }
    found
}

/// See [`Document::rewrite_text`].
pub(crate) fn rewrite_text(
    text: &str,
    replacements: &[(Range<usize>, &str)],
) -> Result<String, RewriteError> {
    check(text, replacements)?;
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, replacement) in replacements {
        out.push_str(&text[at..range.start]);
        out.push_str(replacement);
        at = range.end;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

fn check(text: &str, replacements: &[(Range<usize>, &str)]) -> Result<(), RewriteError> {
    let mut end = 0;
    for (index, (range, _)) in replacements.iter().enumerate() {
        if range.start < end || range.start > range.end || text.get(range.clone()).is_none() {
            return Err(RewriteError::Range(index));
        }
        end = range.end;
    }
    Ok(())
}

struct Copy<'v, 'd> {
    document: &'v Document<'d>,
    /// The texts it is written in, by where they begin.
    sources: Vec<(usize, Source<'v>)>,
    /// What to write over which range of them.
    splices: Vec<(Range<usize>, String)>,
    opaque: HashSet<u32>,
    left_out: HashSet<u32>,
}

impl Copy<'_, '_> {
    fn splices(&mut self, replacements: &[(Range<usize>, &str)]) -> Result<(), RewriteError> {
        let document = self.document;
        let mut edits: Vec<(usize, Range<usize>, &str)> = Vec::with_capacity(replacements.len());
        for (number, (range, replacement)) in replacements.iter().enumerate() {
            let mut replacement = *replacement;
            for index in document.touched(range) {
                let segment = &document.segments[index];
                match segment.codec {
                    Codec::Lost => {}
                    Codec::None => self.unwritten(segment, range, number)?,
                    _ => edits.push((index, range.clone(), std::mem::take(&mut replacement))),
                }
            }
        }
        for edits in edits.chunk_by(|a, b| a.0 == b.0) {
            let segment = &document.segments[edits[0].0];
            let at = segment.source().start;
            let (base, source) =
                &self.sources[self.sources.partition_point(|(base, _)| *base <= at).saturating_sub(1)];
            let awkward = |(_, range, replacement): &(usize, Range<usize>, &str)| {
                segment.codec.needs_quotes(replacement, range.start <= segment.text().start)
            };
            if edits.iter().any(awkward) {
                let raw = &source.text[at - base..segment.source().end - base];
                quoted(document, raw, segment, edits, &mut self.splices);
                continue;
            }
            for (_, range, replacement) in edits {
                let mut written = String::new();
                segment.codec.encode(replacement, &mut written);
                let found = document.range_in(&source.text, *base, segment, range);
                self.splices.push((found.start + base..found.end + base, written));
            }
        }
        self.splices.extend(document.cleaned.iter().map(|range| (range.clone(), String::new())));
        // Attributes stand behind the paragraph they lie in, so the order in the text is not that in the source. What is
        // cleaned and replaced is replaced.
        self.splices.sort_by_key(|(at, written)| (at.start, at.end, written.is_empty()));
        Ok(())
    }

    /// What no source writes is left out with the file that holds it. What a reader puts between words is not missed.
    fn unwritten(
        &mut self,
        segment: &Segment,
        range: &Range<usize>,
        number: usize,
    ) -> Result<(), RewriteError> {
        let document = self.document;
        let mut part = segment.part;
        while let Some(within) = document.parts.get(part as usize).filter(|within| within.part.is_some()) {
            if self.opaque.contains(&part) {
                self.left_out.insert(part);
                return Ok(());
            }
            part = within.parent;
        }
        let own = segment.text();
        let found = &document.text()[range.start.max(own.start)..range.end.min(own.end)];
        if found.contains(char::is_alphanumeric) { Err(RewriteError::Unplaced(number)) } else { Ok(()) }
    }

    fn write(&self, view: &View<'_>) -> Result<Change, RewriteError> {
        match view.kind {
            Kind::Text { offset, charset } => {
                Ok(self.write_text(view, offset, charset)?.map_or(Change::Keep, Change::Write))
            }
            Kind::Painted { boxes: [] } => {
                let own = view.base..view.base + view.bytes.len();
                let moved = |(range, new): &(Range<usize>, String)| {
                    (range.start - own.start..range.end - own.start, new.clone())
                };
                let splices: Vec<_> = self.within(&own).iter().map(moved).collect();
                Ok(if splices.is_empty() { Change::Keep } else { Change::Paint(splices) })
            }
            Kind::Painted { boxes } => {
                let own = view.base..view.base + view.bytes.len();
                let cover = |(range, new): &(Range<usize>, String)| {
                    (lines(view.bytes, boxes, &(range.start - own.start..range.end - own.start)), new.clone())
                };
                Ok(Change::Cover(self.within(&own).iter().map(cover).collect()))
            }
            Kind::Package { writer, members } => {
                let mut changes = Changes::new();
                for member in members {
                    let change = match member.view() {
                        Some(view) => self.write(&view)?,
                        None if matches!(member.content, Content::Unread) => Change::Unread,
                        None if self.left_out.contains(&member.part) => Change::LeaveOut,
                        None => Change::Keep,
                    };
                    changes.insert(member.name.clone(), change);
                }
                writer(view.bytes, &changes).map(Change::Write)
            }
        }
    }

    /// What to write over a source that begins and ends there.
    fn within(&self, source: &Range<usize>) -> &[(Range<usize>, String)] {
        let first = self.splices.partition_point(|(range, _)| range.start < source.start);
        let count = self.splices[first..].partition_point(|(range, _)| range.start < source.end);
        &self.splices[first..first + count]
    }

    /// Nothing for a text that stays as it is.
    fn write_text(
        &self,
        view: &View<'_>,
        offset: usize,
        charset: Charset,
    ) -> Result<Option<Vec<u8>>, RewriteError> {
        let (mark, body) = view.bytes.split_at(offset);
        let source = Source::again(view.bytes, offset, charset).text;
        let own = view.base..view.base + source.len();
        let splices = self.within(&own);
        if splices.is_empty() {
            return Ok(None);
        }
        let mut out = Vec::with_capacity(view.bytes.len());
        if charset == Charset::Utf8 {
            // The original and not the source, for its invalid bytes.
            splice(body, own.start, splices, &mut out);
        } else {
            // Some encodings have two ways to write a character, and damaged bytes have none back: such a file would
            // change where nothing was replaced.
            if !charset.encode(&source).is_ok_and(|same| *same == *body) {
                return Err(RewriteError::Unfaithful(charset.name()));
            }
            splice(source.as_bytes(), own.start, splices, &mut out);
            // What another process says of a text may cut its characters.
            let text = String::from_utf8(out).map_err(|_| RewriteError::Unplaced(0))?;
            out = charset.encode(&text)?.into_owned();
        }
        out.splice(..0, mark.iter().copied());
        Ok(Some(out))
    }
}

/// What the words in a range cover, those on one line together: gaps would tell how long each is.
fn lines(text: &[u8], boxes: &[(Range<usize>, Area)], range: &Range<usize>) -> Vec<Area> {
    let mut lines: Vec<Area> = Vec::new();
    let mut end = None;
    for (own, area) in boxes.iter().filter(|(own, _)| own.start < range.end && own.end > range.start) {
        let same_line = end.is_some_and(|end| text.get(end..own.start) == Some(b" "));
        match lines.last_mut().filter(|_| same_line) {
            Some([left, bottom, right, top]) => {
                (*left, *bottom) = (left.min(area[0]), bottom.min(area[1]));
                (*right, *top) = (right.max(area[2]), top.max(area[3]));
            }
            None => lines.push(*area),
        }
        end = Some(own.end);
    }
    lines
}

/// A value that stood without quotes and now needs them.
fn quoted(
    document: &Document<'_>,
    raw: &str,
    segment: &Segment,
    edits: &[(usize, Range<usize>, &str)],
    splices: &mut Vec<(Range<usize>, String)>,
) {
    let mut meant = String::new();
    let text = segment.text();
    let mut at = text.start;
    for (_, range, replacement) in edits {
        let start = range.start.max(text.start);
        meant.push_str(&document.text()[at..start]);
        meant.push_str(replacement);
        at = range.end.min(text.end);
    }
    meant.push_str(&document.text()[at..text.end]);
    let mut range = segment.source();
    if let Codec::YamlLiteral(indent) | Codec::YamlFolded(indent) = segment.codec {
        // The rest of its header stays where it is: a comment may stand there.
        let (indicators, content) = block_header(raw, indent);
        if !raw[..indicators].contains('-') {
            meant.push('\n');
        }
        splices.push((range.start..range.start + indicators, String::new()));
        range.start += content;
    }
    let mut written = String::from('"');
    segment.codec.with_quotes().encode(&meant, &mut written);
    written.push('"');
    splices.push((range, written));
}

/// Ranges that overlap, because two replacements cut one escape or stand at one string that several cells share, count once.
fn splice(source: &[u8], base: usize, splices: &[(Range<usize>, String)], out: &mut Vec<u8>) {
    let mut at = 0;
    for (range, written) in splices {
        let (start, end) = (range.start - base, range.end - base);
        if start < at && end <= at {
            continue;
        }
        out.extend_from_slice(&source[at..start.max(at)]);
        out.extend_from_slice(written.as_bytes());
        at = end;
    }
    out.extend_from_slice(&source[at..]);
}

#[cfg(test)]
mod tests {
    use crate::{Limits, RewriteError, read};

    #[test]
    fn refuses_ranges_that_overlap_or_cut_a_character() {
        let document = read("a.txt", "für Mara".as_bytes(), &Limits::default()).unwrap();
        assert_eq!(document.rewrite(&[(0..2, "x")]), Err(RewriteError::Range(0)));
        assert_eq!(document.rewrite(&[(0..4, "x"), (3..5, "y")]), Err(RewriteError::Range(1)));
        assert_eq!(document.rewrite(&[(0..400, "x")]), Err(RewriteError::Range(0)));
    }

    #[test]
    fn keeps_mark_encoding_and_invalid_bytes() {
        let marked = [b"\xef\xbb\xbfHello Mara", &b"\xff\xfe Lind"[..]].concat();
        let document = read("a.txt", &marked, &Limits::default()).unwrap();
        let at = document.text().find("Mara").unwrap();
        assert_eq!(
            document.rewrite(&[(at..at + 4, "[NAME]")]).unwrap(),
            b"\xef\xbb\xbfHello [NAME]\xff\xfe Lind"
        );
        let wide: Vec<u8> = "\u{feff}Hello Mara".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let document = read("a.txt", &wide, &Limits::default()).unwrap();
        let redacted: Vec<u8> = "\u{feff}Hello 😀".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(document.rewrite(&[(6..10, "😀")]).unwrap(), redacted);
        let latin = b"Gr\xfc\xdfe aus der Stra\xdfe von Mara";
        let document = read("a.txt", latin, &Limits::default()).unwrap();
        assert!(matches!(document.rewrite(&[(0..1, "😀")]), Err(RewriteError::Unencodable(_))));
    }

    #[test]
    fn refuses_to_change_what_it_does_not_replace() {
        // Half a surrogate pair: read as U+FFFD, which would be written as U+FFFD.
        let damaged: Vec<u8> = [0xfeff, 0x48, 0xd800, 0x69].into_iter().flat_map(u16::to_le_bytes).collect();
        let document = read("a.txt", &damaged, &Limits::default()).unwrap();
        assert_eq!(document.rewrite(&[(0..1, "h")]), Err(RewriteError::Unfaithful("UTF-16LE")));
    }
}
