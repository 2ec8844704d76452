//! A file with parts of its text replaced, everything else byte for byte as it was.

use std::ops::Range;

use crate::{
    Document, RewriteError,
    codec::Codec,
    codec_yaml::block_header,
    decode::{Charset, Source},
    segment::Segment,
};

/// See [`Document::rewrite`].
pub(crate) fn rewrite(
    document: &Document<'_>,
    replacements: &[(Range<usize>, &str)],
) -> Result<Vec<u8>, RewriteError> {
    let Some(source) = &document.source else {
        return Err(RewriteError::NotTextual(document.format.title));
    };
    check(document.text(), replacements)?;
    let mut splices = splices(document, source, replacements)?;
    // Attributes stand behind the paragraph they lie in, so the order in the text is not that in the source.
    splices.sort_unstable_by_key(|(at, _)| (at.start, at.end));
    let mut out = Vec::with_capacity(document.original.len());
    if source.charset == Charset::Utf8 {
        // The original and not the source, for its invalid bytes.
        splice(&document.original[source.offset..], &splices, &mut out);
        out.splice(..0, document.original[..source.offset].iter().copied());
        return Ok(out);
    }
    // Some encodings have two ways to write a character, and damaged bytes have none back: such a file would change
    // where nothing was replaced.
    if !source.charset.encode(&source.text).is_ok_and(|same| *same == document.original[source.offset..]) {
        return Err(RewriteError::Unfaithful(source.charset.name()));
    }
    splice(source.text.as_bytes(), &splices, &mut out);
    let text = String::from_utf8(out).expect("splices begin and end at characters of a text");
    let mut out = document.original[..source.offset].to_vec();
    out.extend_from_slice(&source.charset.encode(&text)?);
    Ok(out)
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

/// What to write over which range of the source.
fn splices(
    document: &Document<'_>,
    source: &Source<'_>,
    replacements: &[(Range<usize>, &str)],
) -> Result<Vec<(Range<usize>, String)>, RewriteError> {
    let mut edits: Vec<(usize, Range<usize>, &str)> = Vec::with_capacity(replacements.len());
    for (number, (range, replacement)) in replacements.iter().enumerate() {
        for (nth, index) in document.touched(range).enumerate() {
            if document.segments[index].codec == Codec::None {
                return Err(RewriteError::Unplaced(number));
            }
            edits.push((index, range.clone(), if nth == 0 { replacement } else { "" }));
        }
    }
    let mut splices = Vec::with_capacity(edits.len());
    for edits in edits.chunk_by(|a, b| a.0 == b.0) {
        let segment = &document.segments[edits[0].0];
        let awkward = |(_, range, replacement): &(usize, Range<usize>, &str)| {
            segment.codec.needs_quotes(replacement, range.start <= segment.text().start)
        };
        if edits.iter().any(awkward) {
            quoted(document, source, segment, edits, &mut splices);
            continue;
        }
        for (_, range, replacement) in edits {
            let mut written = String::new();
            segment.codec.encode(replacement, &mut written);
            splices.push((document.source_range(segment, range), written));
        }
    }
    Ok(splices)
}

/// A value that stood without quotes and now needs them.
fn quoted(
    document: &Document<'_>,
    source: &Source<'_>,
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
        let (indicators, content) = block_header(&source.text[range.clone()], indent);
        let indicators = range.start..range.start + indicators;
        if !source.text[indicators.clone()].contains('-') {
            meant.push('\n');
        }
        splices.push((indicators, String::new()));
        range.start += content;
    }
    let mut written = String::from('"');
    segment.codec.with_quotes().encode(&meant, &mut written);
    written.push('"');
    splices.push((range, written));
}

/// Ranges that overlap, because two replacements cut one escape, count once.
fn splice(source: &[u8], splices: &[(Range<usize>, String)], out: &mut Vec<u8>) {
    let mut at = 0;
    for (range, written) in splices {
        out.extend_from_slice(&source[at..range.start.max(at)]);
        out.extend_from_slice(written.as_bytes());
        at = at.max(range.end);
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
