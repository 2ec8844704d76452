//! Documents made for tests.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::{Cursor, Read, Write},
};

use crate::{
    Document, Format, Limits, ReadError, Replacement, RewriteError, Rewritten, budget::Budget,
    format::Context, rewrite,
};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    sample::Index,
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// A ZIP archive of parts, stored.
pub(crate) fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<_> = parts.iter().map(|(name, part)| (*name, part.as_bytes())).collect();
    archive_of(&parts)
}

/// The same of bytes.
pub(crate) fn archive_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(part).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A Word document with this body, and other parts beside it.
pub(crate) fn docx(body: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<?xml version=\"1.0\"?><w:document><w:body>{body}</w:body></w:document>");
    let mut parts = vec![
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://x/officeDocument\" Target=\"word/document.xml\"/></Relationships>",
        ),
        ("word/document.xml", document.as_str()),
    ];
    parts.extend_from_slice(others);
    archive(&parts)
}

/// A PDF with a page for each content stream, objects numbered after them, and entries of its trailer.
///
/// `/F1` is a standard font; the pages are objects 4, 6, … and get `page` among their entries.
pub(crate) fn pdf(pages: &[&str], page: &str, objects: &[&str], trailer: &str) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|index| format!("{} 0 R", 4 + 2 * index)).collect();
    let mut all = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    for (index, content) in pages.iter().enumerate() {
        all.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> {page} >>",
            5 + 2 * index
        ));
        all.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    all.extend(objects.iter().map(|object| (*object).to_owned()));
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in all.iter().enumerate() {
        places.push(out.len());
        write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", all.len() + 1).unwrap();
    for place in places {
        writeln!(out, "{place:010} 00000 n ").unwrap();
    }
    write!(out, "trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n", all.len() + 1)
        .unwrap();
    out
}

/// A compound file of these streams.
pub(crate) fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        let folder = path.rsplit_once('/').unwrap().0;
        if !folder.is_empty() {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.into_inner().into_inner()
}

/// UTF-16, little end first.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Reads as this format, whatever the bytes look like.
pub(crate) fn read_as<'a>(
    format: &Format,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<Document<'a>, ReadError> {
    let budget = Budget::new(limits);
    (format.read)(
        bytes,
        &Context { limits, budget: &budget, name: "", nesting: 0, keep: false, recognise: None },
    )
}

/// Where this stands, in words.
pub(crate) fn place(document: &Document<'_>, needle: &str) -> String {
    let at = document.text().find(needle).unwrap_or_else(|| panic!("{needle} in {}", document.text()));
    document.locate(at..at + needle.len()).to_string()
}

/// The file with `[<1>]` where these stood, each everywhere.
pub(crate) fn replace(
    name: &str,
    document: &Document<'_>,
    bytes: &[u8],
    needles: &[&str],
) -> Result<Rewritten, RewriteError> {
    let replaced: Vec<_> = needles.iter().map(|needle| (*needle, "[<1>]")).collect();
    replace_by(name, document, bytes, &replaced)
}

/// The file with other words where these stood, each everywhere.
pub(crate) fn replace_by(
    name: &str,
    document: &Document<'_>,
    bytes: &[u8],
    replaced: &[(&str, &str)],
) -> Result<Rewritten, RewriteError> {
    let text = document.text();
    let places = |needle: &str| -> Vec<_> {
        let found = text.match_indices(needle).map(|(at, needle)| at..at + needle.len());
        found.flat_map(|range| document.clip(range)).collect()
    };
    let mut replacements: Vec<_> = replaced
        .iter()
        .flat_map(|(needle, new)| places(needle).into_iter().map(move |range| (range, *new)))
        .map(|(range, new)| Replacement::of(text, range, new).unwrap())
        .collect();
    replacements.sort_by_key(|replacement| replacement.start);
    rewrite(name, bytes, &replacements, &Limits::default())
}

/// The parts of a package as text.
pub(crate) fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    names.iter().map(|name| (name.clone(), part(name))).collect()
}

/// What the reader has to say, in words.
pub(crate) fn notes(document: &Document<'_>) -> Vec<String> {
    document.notes().iter().map(ToString::to_string).collect()
}

/// Up to so many bytes of a file to be damaged, and what they become.
pub(crate) fn damages(most: usize) -> impl Strategy<Value = Vec<(Index, u8)>> {
    vec((any::<Index>(), any::<u8>()), 1..=most)
}

pub(crate) fn damage(bytes: &mut [u8], places: &[(Index, u8)]) {
    for (at, byte) in places {
        bytes[at.index(bytes.len())] = *byte;
    }
}
