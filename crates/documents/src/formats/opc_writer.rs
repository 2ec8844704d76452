//! Copies of Office's packages: what was replaced must still be what the programs take in its place.
//!
//! A cell of a number that became words is one of text, names of sheets keep to Excel's rules, the time of the last change is
//! a time; or the programs would call the copy damaged and offer to mend it.

use std::{collections::HashMap, ops::Range};

use super::{
    markup::{Markup, Piece, Tag},
    package,
};
use crate::{
    RewriteError,
    codec::Codec,
    layout::Raw,
    rewrite::SOME_TIME,
    sources::{Change, Changes},
};

/// Characters of a sheet's name.
const LONGEST_NAME: usize = 31;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Deeper than any part that was read.
const DEPTH: usize = 1 << 16;

pub(super) fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mended: Changes = changes
        .iter()
        .map(|(name, change)| {
            let change = match change {
                Change::Write(bytes) => Change::Write(mend(bytes)),
                Change::Keep => Change::Keep,
                Change::LeaveOut => Change::LeaveOut,
                Change::Unread => Change::Unread,
            };
            (name.clone(), change)
        })
        .collect();
    package::write(bytes, &mended)
}

/// A part as the programs take it.
fn mend(part: &[u8]) -> Vec<u8> {
    let mark = if part.starts_with(MARK) { MARK.len() } else { 0 };
    // Office writes its parts in UTF-8.
    let Ok(xml) = std::str::from_utf8(&part[mark..]) else { return part.to_vec() };
    let mut out = part[..mark].to_vec();
    let mut at = 0;
    for (range, written) in splices(xml) {
        out.extend_from_slice(&xml.as_bytes()[at..range.start]);
        out.extend_from_slice(written.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(&xml.as_bytes()[at..]);
    out
}

/// What to write over which range, in order.
fn splices(xml: &str) -> Vec<(Range<usize>, String)> {
    let mut splices = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut cell: Option<Tag<'_>> = None;
    let mut names = HashMap::new();
    let mut markup = Markup::new(xml, 0, DEPTH);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                match (open.first().copied().unwrap_or_default(), tag.name()) {
                    ("worksheet", "c") => cell = Some(tag),
                    ("workbook", "sheet") => {
                        splices.extend(tag.attribute("name").and_then(|name| sheet_name(&name, &mut names)));
                    }
                    ("workbook", "definedName") => {
                        splices.extend(tag.attribute("name").and_then(|name| defined_name(&name)));
                    }
                    ("pivotCacheDefinition" | "pivotCacheRecords", "n" | "d") => {
                        splices.extend(pivot_value(xml, &tag));
                    }
                    _ => {}
                }
                open.push(tag.name());
            }
            Piece::Words(words) => {
                let element = open.last().copied().unwrap_or_default();
                match open.first().copied().unwrap_or_default() {
                    "worksheet" if element == "v" => {
                        splices.extend(cell.take().and_then(|cell| text_cell(&cell, &words)));
                    }
                    "coreProperties" | "Properties" => splices.extend(typed(element, &words)),
                    _ => {}
                }
            }
            Piece::End => {
                open.pop();
            }
        }
    }
    splices
}

/// A property whose kind is a time or a number, if it is none any more.
fn typed(element: &str, value: &Raw<'_>) -> Option<(Range<usize>, String)> {
    let (fits, other) = match element {
        "created" | "modified" | "lastPrinted" | "filetime" | "date" => (is_time(value.text), SOME_TIME),
        "i1"
        | "i2"
        | "i4"
        | "i8"
        | "int"
        | "ui1"
        | "ui2"
        | "ui4"
        | "ui8"
        | "uint"
        | "r4"
        | "r8"
        | "decimal"
        | "TotalTime"
        | "Pages"
        | "Words"
        | "Characters"
        | "CharactersWithSpaces"
        | "Lines"
        | "Paragraphs"
        | "Slides"
        | "Notes"
        | "HiddenSlides"
        | "MMClips"
        | "DocSecurity" => (value.text.trim().parse::<f64>().is_ok(), "0"),
        _ => return None,
    };
    (!fits && !value.text.trim().is_empty()).then(|| (range(value), other.to_owned()))
}

fn is_time(text: &str) -> bool {
    text.trim().starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b"-:.+TZ \n\r\t".contains(&b))
}

/// Makes a cell one of text if what stands in it is nothing else.
fn text_cell(cell: &Tag<'_>, value: &Raw<'_>) -> Option<(Range<usize>, String)> {
    let kind = cell.attribute("t");
    let fits = match kind.map_or("n", |kind| kind.text) {
        "n" => value.text.trim().parse::<f64>().is_ok(),
        "b" => matches!(value.text, "0" | "1" | "true" | "false"),
        "e" => value.text.starts_with('#'),
        "d" => is_time(value.text),
        _ => true,
    };
    if fits {
        return None;
    }
    Some(match kind {
        Some(kind) => (range(&kind), "str".to_owned()),
        None => (cell.end_of_name()..cell.end_of_name(), " t=\"str\"".to_owned()),
    })
}

/// A name without what Excel forbids, not too long, and no other sheet's. `names` are those taken, with the last number
/// behind each.
fn sheet_name<'x>(name: &Raw<'x>, names: &mut HashMap<String, usize>) -> Option<(Range<usize>, String)> {
    let given = name.meaning();
    let allowed: String = given
        .chars()
        .map(|c| match c {
            '[' => '(',
            ']' => ')',
            ':' | '\\' | '/' | '?' | '*' => '_',
            c => c,
        })
        .collect();
    let first: String = allowed.chars().take(LONGEST_NAME).collect();
    let mut written = first.clone();
    // Excel does not tell large letters from small ones.
    while names.contains_key(&written.to_lowercase()) {
        let number = names.entry(first.to_lowercase()).or_insert(1);
        *number += 1;
        let number = format!(" {number}");
        written = allowed.chars().take(LONGEST_NAME - number.len()).collect();
        written.push_str(&number);
    }
    names.insert(written.to_lowercase(), 1);
    (written != given).then(|| (range(name), encoded(&written)))
}

/// A name that is one word, as defined names are.
fn defined_name(name: &Raw<'_>) -> Option<(Range<usize>, String)> {
    let given = name.meaning();
    let mut written: String = given
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '.' | '\\' | '?') { c } else { '_' })
        .collect();
    if written.starts_with(|c: char| c.is_numeric()) {
        written.insert(0, '_');
    }
    (written != given).then(|| (range(name), encoded(&written)))
}

/// Makes a number or date of a pivot table's data a string if it is none.
fn pivot_value(xml: &str, tag: &Tag<'_>) -> Option<(Range<usize>, String)> {
    let value = tag.attribute("v")?;
    let fits = value.text.parse::<f64>().is_ok() || tag.name() == "d" && is_time(value.text);
    // One that does not end at once would be closed by another name.
    let ends =
        xml[tag.end_of_name()..].find('>').is_some_and(|end| xml[..tag.end_of_name() + end].ends_with('/'));
    (!fits && ends).then(|| (tag.end_of_name() - tag.name().len()..tag.end_of_name(), "s".to_owned()))
}

fn range(raw: &Raw<'_>) -> Range<usize> {
    raw.at..raw.at + raw.text.len()
}

fn encoded(text: &str) -> String {
    let mut written = String::new();
    Codec::XmlAttribute.encode(text, &mut written);
    written
}

#[cfg(test)]
mod tests {
    use super::mend;

    fn mended(xml: &str) -> String {
        String::from_utf8(mend(xml.as_bytes())).unwrap()
    }

    #[test]
    fn cells_of_words_are_cells_of_text() {
        for (written, expected) in [
            ("<c r=\"A1\"><v>7</v></c>", "<c r=\"A1\"><v>7</v></c>"),
            ("<c r=\"A1\" s=\"2\"><v>[X]</v></c>", "<c t=\"str\" r=\"A1\" s=\"2\"><v>[X]</v></c>"),
            ("<c t=\"n\" r=\"A1\"><f>B1</f><v>[X]</v></c>", "<c t=\"str\" r=\"A1\"><f>B1</f><v>[X]</v></c>"),
            (
                "<c t=\"b\"><v>[X]</v></c><c t=\"e\"><v>#N/A</v></c>",
                "<c t=\"str\"><v>[X]</v></c><c t=\"e\"><v>#N/A</v></c>",
            ),
            ("<c t=\"s\"><v>0</v></c><c><v>x", "<c t=\"s\"><v>0</v></c><c t=\"str\"><v>x"),
        ] {
            let sheet = |cells: &str| format!("\u{feff}<x:worksheet><x:row>{cells}</x:row></x:worksheet>");
            assert_eq!(mended(&sheet(written)), sheet(expected));
        }
        assert_eq!(mended("<a><c><v>x</v></c></a>"), "<a><c><v>x</v></c></a>");
        assert_eq!(mend(b"<worksheet><c><v>\xff"), b"<worksheet><c><v>\xff");
    }

    #[test]
    fn properties_keep_their_kinds() {
        for (written, expected) in [
            (
                "<dcterms:created>[D]</dcterms:created>",
                "<dcterms:created>1970-01-01T00:00:00Z</dcterms:created>",
            ),
            (
                "<dcterms:modified>2025-03-04T10:11:12Z</dcterms:modified>",
                "<dcterms:modified>2025-03-04T10:11:12Z</dcterms:modified>",
            ),
            (
                "<dc:title>[D]</dc:title><p><vt:i4>[D]</vt:i4></p>",
                "<dc:title>[D]</dc:title><p><vt:i4>0</vt:i4></p>",
            ),
        ] {
            let part = |inner: &str| format!("<cp:coreProperties>{inner}</cp:coreProperties>");
            assert_eq!(mended(&part(written)), part(expected));
        }
    }

    #[test]
    fn names_keep_to_the_rules() {
        let workbook = format!(
            "<workbook><sheet name=\"[P/1] &amp;\"/><sheet name=\"(p_1) &amp;\"/><sheet name=\"{}\"/><definedName name=\"[P 1]\">a</definedName></workbook>",
            "é".repeat(40)
        );
        assert_eq!(
            mended(&workbook),
            format!(
                "<workbook><sheet name=\"(P_1) &amp;\"/><sheet name=\"(p_1) &amp; 2\"/><sheet name=\"{}\"/><definedName name=\"_P_1_\">a</definedName></workbook>",
                "é".repeat(31)
            )
        );
        assert_eq!(
            mended(
                "<pivotCacheRecords><r><n v=\"7\"/><n v=\"[X]\"/><d v=\"[X]\" /><n v=\"[X]\"></n></r></pivotCacheRecords>"
            ),
            "<pivotCacheRecords><r><n v=\"7\"/><s v=\"[X]\"/><s v=\"[X]\" /><n v=\"[X]\"></n></r></pivotCacheRecords>"
        );
    }
}
