//! Copies of Office's packages: what was replaced must still be what the programs take in its place.
//!
//! A cell of a number that became words is one of text, names of sheets keep to Excel's rules and formulas to these names, the
//! time of the last change is a time; or the programs would call the copy damaged and offer to mend it.

use std::{collections::HashMap, ops::Range};

use super::{
    archive::Fate,
    markup::{Markup, Piece, Tag},
    opc_formulas,
    package::{self, Originals, spliced, xml},
    sheet_names::{self, Names, encoded},
};
use crate::{
    RewriteError,
    format::extension,
    layout::Raw,
    rewrite::SOME_TIME,
    sources::{Change, Changes},
};

/// Characters of a sheet's name.
const LONGEST_NAME: usize = 31;
/// Endings of the parts that name sheets.
const PARTS: &[&str] = &["xml", "rels", "vml"];

/// The folder of what signs a package. A copy is not what was signed, and its certificates name who did.
const SIGNATURES: &str = "_xmlsignatures/";
/// In which order programs reckon formulas; Excel calls a copy damaged that has a formula less than this names.
const CHAIN: &str = "calcChain.xml";
/// How a part begins that names a printer, and with it a place or a person.
const PRINTER: &str = "printerSettings";
/// Which kinds the parts have.
const TYPES: &str = "[Content_Types].xml";

pub(super) fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mut originals = Originals::open(bytes)?;
    let names = sheets(&mut originals, changes);
    let mut mended = Changes::new();
    let mut fewer = false;
    for (name, change) in changes {
        let follows = !names.are_kept() && extension(name).is_some_and(|end| PARTS.contains(&end.as_str()));
        let original =
            (follows || matches!(change, Change::Write(_))).then(|| originals.part(name)).flatten();
        let changed = match change {
            Change::Write(bytes) => Some(bytes),
            Change::Keep => original.as_ref(),
            Change::LeaveOut | Change::Unread | Change::Paint(_) | Change::Cover(_) => None,
        };
        let change = match changed {
            Some(changed) => {
                let original = original.as_ref().unwrap_or(changed);
                Change::Write(mend(original, changed, &names, &mut fewer))
            }
            None => change.clone(),
        };
        mended.insert(name.clone(), change);
    }
    let gone = |target: &str| {
        target.trim_start_matches('/').starts_with(SIGNATURES) || fewer && target.ends_with(CHAIN)
    };
    for name in originals.names() {
        let is_list = name == TYPES || name.ends_with(".rels");
        if fewer && name.ends_with(CHAIN) {
            mended.insert(name, Change::LeaveOut);
        } else if is_list && !name.starts_with(SIGNATURES) {
            let part = match mended.get(&name) {
                Some(Change::Write(bytes)) => Some(bytes.clone()),
                _ => originals.part(&name),
            };
            let without = part.as_deref().and_then(|part| without(part, gone));
            mended.extend(without.map(|part| (name, Change::Write(part))));
        }
    }
    package::write_parts(bytes, &mended, fate)
}

fn fate<'c>(name: &str, change: Option<&'c Change>) -> Fate<'c> {
    let file = name.rsplit('/').next().unwrap_or(name);
    match change {
        _ if name.starts_with(SIGNATURES) => Fate::LeaveOut,
        Some(Change::LeaveOut) if file == CHAIN => Fate::LeaveOut,
        // It stays as a part, since sheets and slides point to it.
        _ if file.starts_with(PRINTER) && file.ends_with(".bin") => Fate::Write(&[]),
        _ => package::fate(name, change),
    }
}

/// What the sheets are called in the copy, if the package is a workbook.
fn sheets(originals: &mut Originals<'_>, changes: &Changes) -> Names {
    let is_main = |name: &&String| name.starts_with("xl/workbook") && name.ends_with(".xml");
    let Some(main) = changes.keys().find(is_main) else { return Names::default() };
    let Some(original) = originals.part(main) else { return Names::default() };
    let changed = match &changes[main] {
        Change::Write(changed) => changed,
        _ => &original,
    };
    let (Some((_, original)), Some((_, changed))) = (xml(&original), xml(changed)) else {
        return Names::default();
    };
    let mut taken = HashMap::new();
    let old: Vec<String> = opc_formulas::sheets(original).iter().map(Raw::meaning).collect();
    let new: Vec<String> =
        opc_formulas::sheets(changed).iter().map(|name| sheet_name(&name.meaning(), &mut taken)).collect();
    Names::new(&old, &new)
}

/// A part as the programs take it; `fewer` becomes true if it has lost a formula.
fn mend(original: &[u8], changed: &[u8], names: &Names, fewer: &mut bool) -> Vec<u8> {
    let Some((mark, text)) = xml(changed) else { return changed.to_vec() };
    let mut splices = splices(text);
    if let Some((_, original)) = xml(original) {
        let (formulas, lost) = opc_formulas::splices(original, text, names);
        splices.extend(formulas);
        *fewer |= lost;
    }
    splices.sort_by_key(|(range, _)| range.start);
    spliced(mark, text, &splices)
}

/// A list of parts without those that are gone, if it has any of them.
fn without(list: &[u8], gone: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let (mark, text) = xml(list)?;
    let mut splices = Vec::new();
    let mut markup = Markup::again(text);
    // The depth and begin of the one that is passed.
    let (mut depth, mut passed) = (0_usize, None);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                depth += 1;
                if passed.is_none()
                    && matches!(tag.name(), "Override" | "Relationship")
                    && let Some(target) = tag.attribute("PartName").or_else(|| tag.attribute("Target"))
                    && gone(target.text)
                {
                    passed = Some((depth, tag.start()));
                }
            }
            Piece::End => {
                if let Some((_, start)) = passed.take_if(|(at, _)| *at == depth) {
                    splices.push((start..markup.position(), String::new()));
                }
                depth = depth.saturating_sub(1);
            }
            Piece::Words(_) => {}
        }
    }
    (!splices.is_empty()).then(|| spliced(mark, text, &splices))
}

/// What to write over which range, in order.
fn splices(xml: &str) -> Vec<(Range<usize>, String)> {
    let mut splices = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut cell: Option<Tag<'_>> = None;
    let mut names = HashMap::new();
    let mut markup = Markup::again(xml);
    while let Ok(Some(piece)) = markup.next() {
        match piece {
            Piece::Start(tag) => {
                splices.extend(times(&tag));
                match (open.first().copied().unwrap_or_default(), tag.name()) {
                    ("worksheet", "c") => cell = Some(tag),
                    ("workbook", "sheet") => {
                        splices.extend(tag.attribute("name").and_then(|name| {
                            let (given, written) = (name.meaning(), sheet_name(&name.meaning(), &mut names));
                            (written != given).then(|| (name.range(), encoded(&written)))
                        }));
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

/// Times in Word's attributes that are none any more.
fn times<'x>(tag: &Tag<'x>) -> impl Iterator<Item = (Range<usize>, String)> + use<'x> {
    let tag = *tag;
    let times = ["w:date", "w:fullDate"]
        .into_iter()
        .filter_map(move |key| tag.attributes().find(|(own, _)| *own == key).map(|(_, time)| time));
    times.filter(|time| !is_time(time.text)).map(|time| (time.range(), SOME_TIME.to_owned()))
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
    (!fits && !value.text.trim().is_empty()).then(|| (value.range(), other.to_owned()))
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
        Some(kind) => (kind.range(), "str".to_owned()),
        None => (cell.end_of_name()..cell.end_of_name(), " t=\"str\"".to_owned()),
    })
}

/// A name without what Excel forbids, not too long, and no other sheet's. `names` are those taken, with the last number
/// behind each.
fn sheet_name(given: &str, names: &mut HashMap<String, usize>) -> String {
    let allowed = sheet_names::allowed(given);
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
    written
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
    (written != given).then(|| (name.range(), encoded(&written)))
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

#[cfg(test)]
mod tests {
    use super::Names;
    use crate::{
        Limits,
        fixtures::{archive, parts, replace},
        read,
    };

    fn mend(xml: &[u8]) -> Vec<u8> {
        super::mend(xml, xml, &Names::default(), &mut false)
    }

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
    fn a_copy_names_no_printer_and_nobody_who_signed() {
        let bytes = archive(&[
            (
                "[Content_Types].xml",
                "<Types><Default Extension=\"xml\"/><Override PartName=\"/_xmlsignatures/sig1.xml\" ContentType=\"s\"></Override></Types>",
            ),
            (
                "_rels/.rels",
                "<Relationships><Relationship Id=\"s\" Type=\"x/digital-signature/origin\" Target=\"_xmlsignatures/origin.sigs\"/><Relationship Id=\"d\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>",
            ),
            ("_xmlsignatures/origin.sigs", ""),
            ("_xmlsignatures/sig1.xml", "<Signature><X509IssuerName>Eva Roth</X509IssuerName></Signature>"),
            (
                "_xmlsignatures/_rels/origin.sigs.rels",
                "<Relationships><Relationship Id=\"r\" Type=\"x/signature\" Target=\"sig1.xml\"/></Relationships>",
            ),
            ("word/document.xml", "<w:document><w:p><w:r><w:t>Tom</w:t></w:r></w:p></w:document>"),
            ("word/printerSettings1.bin", "\\\\MARA\\printer"),
        ]);
        let copy =
            replace("a.docx", &read("", &bytes, &Limits::default()).unwrap(), &bytes, &["Tom"]).unwrap();
        let parts = parts(&copy.bytes);
        assert_eq!(parts["word/printerSettings1.bin"], "");
        assert!(!parts.keys().any(|name| name.starts_with("_xmlsignatures/")), "{parts:?}");
        assert_eq!(parts["[Content_Types].xml"], "<Types><Default Extension=\"xml\"/></Types>");
        assert!(
            !parts["_rels/.rels"].contains("signature") && parts["_rels/.rels"].contains("officeDocument")
        );
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
