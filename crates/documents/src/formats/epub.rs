//! EPUB books: the chapters in the order of reading, then all else that is in the package.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    html, markup,
    package::{Package, has_part, is_marked, resolve},
};
use crate::{
    Document, Note, Part, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight, extension, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "epub",
    title: "EPUB book",
    extensions: &["epub"],
    media_types: &["application/epub+zip"],
    recognise: |bytes| {
        let marked = is_marked(bytes, "application/epub+zip");
        if bytes.starts_with(b"PK") && (marked || has_part(bytes, CONTAINER)) {
            Sight::Sure
        } else {
            Sight::No
        }
    },
    read,
};

const CONTAINER: &str = "META-INF/container.xml";
const ENCRYPTION: &str = "META-INF/encryption.xml";
const CHAPTERS: &[&str] = &["xhtml", "html", "htm"];
/// How it looks.
const LOOKS: &[&str] = &["ttf", "otf", "woff", "woff2", "ttc"];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut package = Package::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    let encrypted = encrypted(&package.part(ENCRYPTION)?.unwrap_or_default());
    let container = package.part(CONTAINER)?.unwrap_or_default();
    let mut order = Vec::new();
    let mut read = HashSet::from(["mimetype".to_owned(), CONTAINER.to_owned(), ENCRYPTION.to_owned()]);
    for path in attributes(&container, "rootfile", "full-path") {
        let Some(part) = package.part(&path)? else { continue };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        order.extend(book(&part, &mut layout).into_iter().map(|href| resolve(folder, &unescape(&href))));
        read.insert(path);
    }
    if order.is_empty() {
        layout.note(Note::Damaged("the order of the chapters is missing".to_owned()));
    }
    let names = package.names();
    let is_chapter = |name: &String| extension(name).is_some_and(|end| CHAPTERS.contains(&end.as_str()));
    let (chapters, others): (Vec<String>, Vec<String>) = names.into_iter().partition(is_chapter);
    order.extend(chapters);
    order.extend(others);
    let inner = context.inner();
    for name in order {
        let looks = extension(&name).is_some_and(|end| LOOKS.contains(&end.as_str()));
        if name.ends_with('/') || looks || !read.insert(name.clone()) {
            continue;
        }
        let part = Part::Entry(name.clone());
        if encrypted.contains(&name) {
            let reason = "it is encrypted; take a copy without copy protection".to_owned();
            layout.note(Note::Skipped { part: name, reason });
            continue;
        }
        let Some(bytes) = package.part(&name)? else { continue };
        if is_chapter(&name) {
            layout.take_in(&part, (html::FORMAT.read)(&without_declaration(bytes), &inner));
        } else {
            layout.take_in(&part, read_within(&name, None, &bytes, &inner));
        }
    }
    layout.finish()
}

/// Lays out the metadata; the chapters' files in the order of reading.
fn book(part: &[u8], layout: &mut Layout<'_>) -> Vec<String> {
    let mut files: HashMap<String, String> = HashMap::new();
    let mut order = Vec::new();
    let mut value: Option<(String, String)> = None;
    events(part, |event| match event {
        Event::Start(tag) | Event::Empty(tag) => match local(tag) {
            "item" => {
                files.extend(attribute(tag, "id").zip(attribute(tag, "href")));
            }
            "itemref" => order.extend(attribute(tag, "idref")),
            "reference" => layout.property("reference", &attribute(tag, "title").unwrap_or_default()),
            name => {
                layout.property("sorted as", &attribute(tag, "file-as").unwrap_or_default());
                if let Some(content) = attribute(tag, "content") {
                    layout.property(&attribute(tag, "name").unwrap_or_else(|| name.to_owned()), &content);
                }
                let name = attribute(tag, "property").unwrap_or_else(|| name.to_owned());
                value = Some((name, String::new()));
            }
        },
        Event::Text(text) => {
            if let Some((_, value)) = &mut value {
                Codec::XmlText.decode(text, value);
            }
        }
        Event::CData(text) => {
            if let Some((_, value)) = &mut value {
                value.push_str(text);
            }
        }
        Event::GeneralRef(reference) => {
            if let Some((_, value)) = &mut value {
                Codec::XmlText.decode(&format!("&{};", &**reference), value);
            }
        }
        Event::Comment(text) => layout.property("comment", text),
        Event::End(_) => {
            if let Some((name, value)) = value.take() {
                layout.property(&name, &value);
            }
        }
        _ => {}
    });
    order.iter().filter_map(|id| files.get(id).cloned()).collect()
}

/// The parts that nobody but the reading program of the buyer can read.
fn encrypted(part: &[u8]) -> HashSet<String> {
    attributes(part, "CipherReference", "URI").map(|uri| unescape(&uri)).collect()
}

fn attributes(part: &[u8], element: &str, name: &str) -> impl Iterator<Item = String> + use<> {
    let mut values = Vec::new();
    events(part, |event| {
        if let Event::Start(tag) | Event::Empty(tag) = event
            && local(tag) == element
        {
            values.extend(attribute(tag, name));
        }
    });
    values.into_iter()
}

/// Calls `take` with the pieces of a part up to the first fault.
fn events(part: &[u8], mut take: impl FnMut(&Event<'_>)) {
    let Ok((source, _)) = decode(part, None) else { return };
    let mut reader = Reader::from_str(&source.text);
    reader.config_mut().allow_dangling_amp = true;
    while let Ok(event) = reader.read_event()
        && !matches!(event, Event::Eof)
    {
        take(&event);
    }
}

/// The name without its prefix, which differs between writers.
fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    markup::local(&tag[..tag.name().as_ref().len()])
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| {
        let key: &str = found.key.as_ref();
        markup::local(key) == name
    })?;
    let mut value = String::new();
    Codec::XmlAttribute.decode(&found.value, &mut value);
    Some(value)
}

/// `<?xml … ?>` in front is no text to a reader of HTML; blanks leave all else where it was.
fn without_declaration(mut bytes: Vec<u8>) -> Vec<u8> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if bytes[start..].starts_with(b"<?xml")
        && let Some(end) = bytes.iter().position(|&byte| byte == b'>')
    {
        bytes[start..=end].fill(b' ');
    }
    bytes
}

/// The path that a link names: `%20` is a blank, and what is behind `#` a place there.
fn unescape(uri: &str) -> String {
    let path = uri.split('#').next().unwrap_or_default();
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{archive, damage, damages, notes, place},
        read,
    };

    fn whole() -> Vec<u8> {
        archive(&[
            ("mimetype", "application/epub+zip"),
            (
                "META-INF/container.xml",
                r#"<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>"#,
            ),
            (
                "META-INF/encryption.xml",
                r#"<encryption><CipherReference URI="OPS/locked.xhtml"/></encryption>"#,
            ),
            (
                "OPS/book.opf",
                r#"<package><metadata><dc:creator opf:file-as="Lind, Mara">Mara Lind</dc:creator><dc:contributor>Eva &amp; Jo</dc:contributor>
                <meta name="owner" content="Jan Roth"/><meta property="dcterms:rightsHolder">Ida Roth</meta></metadata>
                <manifest><item id="a" href="two%20b.xhtml"/><item id="b" href="one.xhtml"/></manifest>
                <spine><itemref idref="b"/><itemref idref="a"/></spine></package>"#,
            ),
            ("OPS/one.xhtml", "<?xml version=\"1.0\"?>\n<html><p>call <b>To</b>m Lind</p></html>"),
            ("OPS/two b.xhtml", "<html><p>second</p></html>"),
            ("OPS/apart.xhtml", "<html><p>left out of the spine</p></html>"),
            ("OPS/locked.xhtml", "unreadable"),
            ("OPS/toc.ncx", "<?xml version=\"1.0\"?><ncx><text>About Kai</text></ncx>"),
            ("OPS/a.gif", "GIF89a\0"),
            ("OPS/font.otf", "OTTO"),
        ])
    }

    #[test]
    fn reads_chapters_in_order_and_all_else() {
        let bytes = whole();
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "epub");
        for (needle, expected) in [
            ("Mara Lind", "property creator"),
            ("Lind, Mara", "property sorted as"),
            ("Eva & Jo", "property contributor"),
            ("Jan Roth", "property owner"),
            ("Ida Roth", "property dcterms:rightsHolder"),
            ("Tom Lind", "OPS/one.xhtml: p"),
            ("second", "OPS/two b.xhtml: p"),
            ("left out", "OPS/apart.xhtml: p"),
            ("About Kai", "OPS/toc.ncx: /ncx/text"),
        ] {
            assert_eq!(place(&document, needle), expected);
        }
        let text = document.text();
        assert!(text.find("Tom Lind") < text.find("second") && !text.contains("unreadable"));
        let notes = notes(&document);
        assert_eq!(
            notes,
            [
                "skipped OPS/locked.xhtml: it is encrypted; take a copy without copy protection",
                "text in 1 picture is not read"
            ]
        );
    }

    #[test]
    fn reads_the_book_of_another_program() {
        let document =
            read("", include_bytes!("../../tests/files/letters.epub"), &Limits::default()).unwrap();
        assert_eq!(place(&document, "Mara Lind"), "property creator");
        assert_eq!(place(&document, "Tom Roth"), "EPUB/one.xhtml: p");
        assert_eq!(place(&document, "gif by Mara"), "EPUB/img/a.gif: property comment");
        assert_eq!(document.notes().len(), 1);
    }

    #[test]
    fn names_what_is_wrong() {
        let bytes = whole();
        assert_eq!(
            read("", &bytes[..bytes.len() / 2], &Limits::default()).unwrap_err().to_string(),
            "the EPUB book is damaged: it is no whole ZIP archive"
        );
        let limits = Limits { entries: 3, ..Limits::default() };
        assert_eq!(read("", &bytes, &limits).unwrap_err(), ReadError::TooMany { what: "entries", limit: 3 });
        let bare = archive(&[("META-INF/container.xml", ""), ("a.xhtml", "<p>Mara</p>")]);
        let document = read("", &bare, &Limits::default()).unwrap();
        assert!(document.text().contains("Mara"));
        assert!(document.notes()[0].to_string().contains("the order of the chapters is missing"));
    }

    proptest! {
        #[test]
        fn damaged_books_do_not_panic(places in damages(1)) {
            let mut bytes = whole();
            damage(&mut bytes, &places);
            let _ = read("a.epub", &bytes, &Limits::default());
        }
    }
}
