//! OpenDocument: texts, workbooks, presentations and drawings of LibreOffice and its like, as packages of XML parts or as
//! one XML.

use std::collections::HashSet;

use memchr::memmem;

use super::{
    certificate,
    markup::{Markup, Piece},
    odf_text::{self, Shared},
    package::{Package, has_part},
    xml,
};
use crate::{
    Document, Note, Part, ReadError,
    decode::decode,
    format::{Context, Format, Sight, extension, read_within},
    layout::{Layout, Opened},
};

pub(crate) static FORMAT: Format = Format {
    name: "odf",
    title: "OpenDocument file",
    extensions: &[
        "odt", "ott", "odm", "oth", "ods", "ots", "odp", "otp", "odg", "otg", "odc", "odf", "odb", "fodt",
        "fods", "fodp", "fodg",
    ],
    media_types: &[
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.text-master",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet-template",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.presentation-template",
        "application/vnd.oasis.opendocument.graphics",
        "application/vnd.oasis.opendocument.graphics-template",
    ],
    recognise: |bytes| {
        // The first entry is there to be seen without unpacking.
        let marked = bytes
            .get(30..)
            .is_some_and(|rest| rest.starts_with(b"mimetypeapplication/vnd.oasis.opendocument."));
        let package = bytes.starts_with(b"PK")
            && (marked || (has_part(bytes, MANIFEST) && has_part(bytes, CONTENT)));
        if package || is_flat(bytes) { Sight::Sure } else { Sight::No }
    },
    read,
};

const MANIFEST: &str = "META-INF/manifest.xml";
const CONTENT: &str = "content.xml";
/// The parts that one document has, those that define styles before those that use them.
const PARTS: [&str; 4] = ["styles.xml", CONTENT, "meta.xml", "settings.xml"];
/// A picture of the first page, which says what the text says: a copy with other words must not have it.
const THUMBNAILS: &str = "Thumbnails/";
/// Pictures of objects, for programs that don't read the objects; the same holds for them.
const REPLACEMENTS: &str = "ObjectReplacements/";
/// How the program looks and where it broke the lines.
const LOOKS: &[&str] = &["mimetype", "layout-cache"];
/// Where the root element of a file that is one XML begins at the latest.
const ROOT_WITHIN: usize = 4 << 10;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    if bytes.starts_with(b"PK") { read_package(bytes, context) } else { read_flat(bytes, context) }
}

fn read_flat<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, xml::declared_encoding(bytes).as_deref())?;
    let part = Opened { text: source.text.to_string(), base: 0 };
    let mut layout = Layout::of_source(&FORMAT, bytes, source, context);
    note.into_iter().for_each(|note| layout.note(note));
    odf_text::read(&part, "the file", None, &mut Shared::default(), &mut layout, context)?;
    layout.finish()
}

fn read_package<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut package = Package::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    if let Some(manifest) = package.part(MANIFEST)?
        && memmem::find(&manifest, b"encryption-data").is_some()
    {
        return Err(ReadError::Encrypted(FORMAT.title));
    }
    let names = package.names();
    if !names.iter().any(|name| name == CONTENT) {
        return Err(ReadError::broken(&FORMAT, "it has no main text"));
    }
    let mut read = HashSet::from([MANIFEST.to_owned()]);
    // An object is a document in a folder of its own.
    let objects = names.iter().filter_map(|name| name.strip_suffix(CONTENT)?.strip_suffix('/'));
    for object in std::iter::once("").chain(objects) {
        let mut shared = Shared::default();
        let folder = if object.is_empty() { String::new() } else { format!("{object}/") };
        let object = (!object.is_empty()).then_some(object);
        for part in PARTS.map(|part| format!("{folder}{part}")) {
            if let Some(bytes) = package.part(&part)? {
                let opened = layout.open(&part, bytes)?;
                odf_text::read(&opened, &part, object, &mut shared, &mut layout, context)?;
                read.insert(part);
            }
        }
    }
    for name in names {
        let object = name.strip_prefix(REPLACEMENTS).map(|object| format!("{object}/{CONTENT}"));
        let shows_what_is_read = name.starts_with(THUMBNAILS) || object.is_some_and(|object| read.contains(&object));
        if !shows_what_is_read && !read.contains(&name) && !LOOKS.contains(&name.as_str()) {
            rest(name, &mut package, &mut layout, context)?;
        }
    }
    layout.finish()
}

/// The parts that few documents have: pictures, objects of other programs, macros, signatures, metadata of RDF.
fn rest(
    name: String,
    package: &mut Package<'_>,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) -> Result<(), ReadError> {
    let part = package.part(&name)?.unwrap_or_default();
    // A folder, or a list without an entry.
    if part.is_empty() {
        return Ok(());
    }
    let end = extension(&name);
    match end.as_deref() {
        Some("rdf") => {
            let opened = layout.open(&name, part)?;
            odf_text::read(&opened, &name, None, &mut Shared::default(), layout, context)?;
        }
        Some("xml") if name.starts_with("META-INF/") => {
            let opened = layout.open(&name, part)?;
            signatures(&opened, layout, context)?;
        }
        Some("xml") => layout.take_in(&Part::Entry(name), (xml::FORMAT.read)(&part, &context.inner())),
        _ => layout.take_in(&Part::Entry(name.clone()), read_within(&name, None, &part, &context.inner())),
    }
    Ok(())
}

/// Who signed: what is said as such, and the names in the certificates.
fn signatures(part: &Opened, layout: &mut Layout<'_>, context: &Context<'_>) -> Result<(), ReadError> {
    let mut markup = Markup::new(&part.text, part.base, context.limits.depth);
    let mut element = "";
    while let Some(piece) = markup.next()? {
        match piece {
            Piece::Start(tag) => element = tag.name(),
            Piece::Words(raw) if !raw.text.trim().is_empty() => {
                match certificate::packed(raw.text) {
                    Some(data) => {
                        certificate::texts(&data).iter().for_each(|text| layout.property("signature", text));
                    }
                    None => layout.property_of(element, &raw),
                }
            }
            _ => {}
        }
    }
    if !markup.is_whole() {
        layout.note(Note::Damaged("the signatures end too early".to_owned()));
    }
    Ok(())
}

/// One XML whose root is a document. An XML that merely speaks of one has another root.
fn is_flat(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(ROOT_WITHIN)];
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let mut rest = start;
    // Declarations and comments stand before it.
    while rest.starts_with(b"<?") || rest.starts_with(b"<!") {
        let end: &[u8] = if rest.starts_with(b"<!--") { b"-->" } else { b">" };
        let Some(at) = memmem::find(rest, end) else { return false };
        rest = rest[at + end.len()..].trim_ascii_start();
    }
    rest.strip_prefix(b"<office:document").is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\n"))
}

#[cfg(test)]
mod dump {
    #[test]
    fn dump() {
        for path in std::env::var("DUMP").unwrap().split(' ') {
            let bytes = std::fs::read(path).unwrap();
            let document = crate::read(path, &bytes, &crate::Limits::default()).unwrap();
            println!("==== {path} {:?} {:?}", document.format(), document.notes());
            for part in document.clip(0..document.text().len()) {
                let start = document.text()[..part.start].rfind('\n').map_or(0, |at| at + 1);
                println!("{:45} | {}", document.locate(part.clone()).to_string(), &document.text()[start..part.end]);
            }
        }
    }
}
