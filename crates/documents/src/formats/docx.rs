//! Word documents: all texts of the package in the order of reading, what is deleted or hidden among them.

use std::collections::HashMap;

use memchr::memmem;

use super::{
    docx_story::{self, Texts},
    package::{self, Package, Relation},
    xml,
};
use crate::{
    Document, Marks, Part, Place, ReadError, Story,
    codec::Codec,
    format::{Context, Format, Sight, read_within},
    layout::{Layout, Raw},
};

pub(crate) static FORMAT: Format = Format {
    name: "docx",
    title: "Word document",
    extensions: &["docx", "docm", "dotx", "dotm"],
    media_types: &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    recognise: |bytes| if is_word(bytes) || is_encrypted(bytes) { Sight::Sure } else { Sight::No },
    read,
};

/// Parts that say how the document looks.
const LOOKS: &[&str] =
    &["styles", "stylesWithEffects", "fontTable", "theme", "webSettings", "numbering", "settings"];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    if is_encrypted(bytes) {
        return Err(ReadError::Encrypted(FORMAT.title));
    }
    let mut package = Package::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    layout.written_by(package::write);
    let root = package.relations("", &mut layout)?;
    let main = root
        .values()
        .find(|relation| relation.kind == "officeDocument")
        .map_or_else(|| "word/document.xml".to_owned(), |relation| relation.target.clone());
    let mut reader = Reader { layout, texts: Texts::default(), read: vec![main.clone()], context: *context };
    let Some(body) = package.part(&main)? else {
        return Err(ReadError::broken(&FORMAT, "it has no main text"));
    };
    let relations = package.relations(&main, &mut reader.layout)?;
    reader.story(&main, body, &relations, &|_| Story::Body)?;
    let mut others: Vec<&Relation> = relations.values().filter(|relation| !relation.external).collect();
    others.sort_by_key(|relation| (rank(&relation.kind), number(&relation.target)));
    for relation in others {
        let page = number(&relation.target);
        let story: &dyn Fn(u32) -> Story = match relation.kind.as_str() {
            "header" => &move |_| Story::PageHeader(page),
            "footer" => &move |_| Story::PageFooter(page),
            "footnotes" => &Story::Footnote,
            "endnotes" => &Story::Endnote,
            "comments" => &Story::Comment,
            _ => continue,
        };
        if let Some(part) = package.part(&relation.target)? {
            let relations = package.relations(&relation.target, &mut reader.layout)?;
            reader.story(&relation.target, part, &relations, story)?;
            reader.read.push(relation.target.clone());
        }
    }
    reader.rest(&mut package)?;
    for (author, at) in reader.texts.authors {
        reader.layout.begin("author");
        let spot = reader.layout.place(Place::Property { name: "author of changes".to_owned() });
        reader.layout.raw(&Raw { text: &author, at, codec: Codec::XmlAttribute }, spot);
    }
    reader.layout.finish()
}

struct Reader<'a, 'c> {
    layout: Layout<'a>,
    texts: Texts,
    /// Parts that are dealt with.
    read: Vec<String>,
    context: Context<'c>,
}

impl Reader<'_, '_> {
    fn story(
        &mut self,
        name: &str,
        part: Vec<u8>,
        relations: &HashMap<String, Relation>,
        story: &dyn Fn(u32) -> Story,
    ) -> Result<(), ReadError> {
        let depth = self.context.limits.depth;
        let part = self.layout.open(name, part)?;
        docx_story::read(&part, relations, story, &mut self.texts, &mut self.layout, depth)
    }

    /// Properties, and the parts that few documents have: data, diagrams, embedded files.
    fn rest(&mut self, package: &mut Package<'_>) -> Result<(), ReadError> {
        let inner = self.context.inner();
        for name in package.names() {
            let file = name.rsplit('/').next().unwrap_or_default();
            let stem =
                file.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
            if self.read.contains(&name) || name.ends_with('/') || name == "[Content_Types].xml" {
                continue;
            }
            if name.starts_with("docProps/") && file.ends_with(".xml") {
                let part = package.part(&name)?.unwrap_or_default();
                docx_story::properties(&part, &mut self.layout);
            } else if file.ends_with(".rels") {
                self.outside(&name, package)?;
            } else if !LOOKS.contains(&stem) || !file.ends_with(".xml") {
                let part = package.part(&name)?.unwrap_or_default();
                let read = if file.ends_with(".xml") {
                    (xml::FORMAT.read)(&part, &inner)
                } else {
                    read_within(&name, None, &part, &inner)
                };
                self.layout.take_in(&Part::Entry(name), read);
            }
        }
        Ok(())
    }

    /// Targets outside, such as the template in somebody's home folder. Links of texts are read with them.
    fn outside(&mut self, rels: &str, package: &mut Package<'_>) -> Result<(), ReadError> {
        let part = rels.replacen("_rels/", "", 1);
        let relations = package.relations(part.trim_end_matches(".rels"), &mut self.layout)?;
        for relation in relations.into_values() {
            if relation.external && relation.kind != "hyperlink" {
                self.layout.begin(&relation.kind);
                let spot = self.layout.place(Place::Property { name: relation.kind.clone() });
                self.layout.mark(Marks::LINK);
                self.layout.raw(&relation.raw(), spot);
                self.layout.mark(Marks::default());
            }
        }
        Ok(())
    }
}

fn is_word(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && memmem::rfind(bytes, b"word/document").is_some()
}

/// Office keeps an encrypted document in the container of its old formats, under this name in UTF-16.
fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(b"\xd0\xcf\x11\xe0") && memmem::find(bytes, &name).is_some()
}

fn rank(kind: &str) -> usize {
    ["header", "footer", "footnotes", "endnotes", "comments"]
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(9)
}

/// `word/header2.xml` is 2.
fn number(target: &str) -> u32 {
    let digits: String = target.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fixtures::{place, replace};
    use crate::{
        Limits, ReadError,
        fixtures::{archive, docx},
        read,
    };

    const BODY: &str = r#"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>Dear </w:t></w:r><w:r><w:t>Mara &amp; Tom</w:t></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">call </w:t></w:r>
          <w:del w:author="Eva Roth"><w:r><w:delText>030 1</w:delText></w:r></w:del>
          <w:ins w:author="Eva Roth"><w:r><w:t>030 2</w:t></w:r></w:ins>
          <w:r><w:rPr><w:vanish/></w:rPr><w:tab/><w:t>secret</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>!</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>Name</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Phone</w:t></w:r></w:p></w:tc></w:tr>
          <w:tr><w:tc><w:p><w:r><w:t>Jo</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>040 3</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <w:p><w:hyperlink r:id="r7"><w:r><w:t>mail</w:t></w:r></w:hyperlink>
          <w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "mailto:</w:instrText></w:r><w:r><w:instrText>a@example.org" </w:instrText></w:r>
          <w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></mc:Choice>
          <mc:Fallback><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"#;

    fn whole() -> Vec<u8> {
        docx(
            BODY,
            &[
                (
                    "word/_rels/document.xml.rels",
                    r#"<Relationships><Relationship Id="r7" Type="x/hyperlink" Target="mailto:b@example.org" TargetMode="External"/>
                    <Relationship Id="r1" Type="x/header" Target="header1.xml"/><Relationship Id="r2" Type="x/footnotes" Target="footnotes.xml"/>
                    <Relationship Id="r3" Type="x/comments" Target="/word/comments.xml"/></Relationships>"#,
                ),
                ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>on top</w:t></w:r></w:p></w:hdr>"),
                (
                    "word/footnotes.xml",
                    "<w:footnotes><w:footnote w:id=\"3\"><w:p><w:r><w:t>at foot</w:t></w:r></w:p></w:footnote></w:footnotes>",
                ),
                (
                    "word/comments.xml",
                    "<w:comments><w:comment w:id=\"5\" w:author=\"Ada Lind\"><w:p><w:r><w:t>check him</w:t></w:r></w:p></w:comment></w:comments>",
                ),
                (
                    "docProps/core.xml",
                    "<cp:coreProperties><dc:creator>Jan Roth</dc:creator><dc:title/></cp:coreProperties>",
                ),
                (
                    "docProps/custom.xml",
                    "<Properties><property name=\"Client\"><vt:lpwstr>Ida Lind</vt:lpwstr></property></Properties>",
                ),
                ("customXml/item1.xml", "<case><client>Kai Lind</client></case>"),
                ("word/styles.xml", "<w:styles><w:style w:name=\"Normal\"/></w:styles>"),
                ("word/media/image1.png", "GIF89a\0"),
                ("word/media/image2.png", "GIF89a\0"),
            ],
        )
    }

    #[test]
    fn reads_every_text_of_the_package() {
        let bytes = whole();
        let document = read("letter.bin", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "docx");
        for (needle, expected) in [
            ("Mara & Tom", "paragraph 1"),
            ("030 2", "paragraph 2 (inserted)"),
            ("030 1", "paragraph 2 (deleted)"),
            ("secret", "paragraph 2 (hidden)"),
            ("040 3", "table 1, row 2, column 2"),
            ("mailto:b@example.org", "paragraph 3 (link)"),
            ("HYPERLINK \"mailto:a@example.org\"", "paragraph 3 (link)"),
            ("in a box", "paragraph 3"),
            ("on top", "page header 1, paragraph 1"),
            ("at foot", "footnote 3, paragraph 1"),
            ("check him", "comment 5, paragraph 1"),
            ("Jan Roth", "property creator"),
            ("Ida Lind", "property Client"),
            ("Kai Lind", "customXml/item1.xml: /case/client"),
            ("Eva Roth", "property author of changes"),
            ("Ada Lind", "property author of changes"),
        ] {
            assert_eq!(place(&document, needle), expected);
        }
        assert!(!document.text().contains("Normal"));
        assert_eq!(document.text().matches("in a box").count(), 1);
        assert_eq!(document.notes()[0].to_string(), "text in 2 pictures is not read");
    }

    #[test]
    fn shows_deletions_among_what_stood_around_them() {
        let bytes = whole();
        let document = read("letter.docx", &bytes, &Limits::default()).unwrap();
        assert!(document.text().contains("\ncall 030 2\tsecret!\ncall 030 1\tsecret!\n"));
        let twice = document.text().rfind("secret").unwrap();
        assert!(document.clip(twice..twice + 6).is_empty(), "what is not deleted counts once");
        let at = document.text().find("call 030 1").unwrap();
        assert_eq!(document.clip(at..at + 10), std::slice::from_ref(&(at + 5..at + 10)));
        assert!(
            serde_json::to_string(&document.locate(at..at + 10)).unwrap().contains(r#""marks":["deleted"]"#)
        );
    }

    /// The parts of a package as text.
    fn parts(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let names: Vec<String> = archive.file_names().flatten().map(|name| name.into_owned()).collect();
        let mut text = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
        names.iter().map(|name| (name.clone(), text(name))).collect()
    }

    #[test]
    fn writes_every_text_back_into_its_part() {
        let bytes = whole();
        let document = read("letter.docx", &bytes, &Limits::default()).unwrap();
        let needles = [
            "Mara & Tom",
            "030 1",
            "030 2",
            "secret",
            "040 3",
            "b@example.org",
            "a@example.org",
            "in a box",
            "on top",
            "at foot",
            "check him",
            "Kai Lind",
        ];
        let rewritten = replace("letter.docx", &document, &bytes, &needles).unwrap();
        assert_eq!(rewritten.left_out, Vec::<String>::new());
        let parts = parts(&rewritten.bytes);
        let whole: String = parts.values().map(String::as_str).collect();
        for needle in needles.into_iter().chain(["Mara", "Eva Roth", "Ada Lind"]) {
            assert!(!whole.contains(needle), "{needle} in {whole}");
        }
        let body = &parts["word/document.xml"];
        assert!(body.contains("<w:t>Dear </w:t></w:r><w:r><w:t>[&lt;1&gt;]</w:t>"), "{body}");
        assert!(body.contains("<w:del w:author=\"\"><w:r><w:delText>[&lt;1&gt;]</w:delText>"), "{body}");
        assert!(parts["word/_rels/document.xml.rels"].contains("mailto:[&lt;1&gt;]"));
        let again = read("letter.docx", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "Dear [<1>]"), "paragraph 1");
    }

    #[test]
    fn names_what_is_wrong() {
        let limits = Limits::default();
        let broken = |bytes: &[u8]| read("a.docx", bytes, &limits).unwrap_err().to_string();
        let bytes = whole();
        assert_eq!(
            broken(&bytes[..bytes.len() / 2]),
            "the Word document is damaged: it is no whole ZIP archive"
        );
        assert_eq!(
            broken(&archive(&[("word/document.txt", "")])),
            "the Word document is damaged: it has no main text"
        );
        let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &name[..]].concat();
        assert_eq!(broken(&encrypted), "the Word document is encrypted; save a copy without a password");
        let cut = docx("<w:p><w:r><w:t>Mara</w:t></w:r></w:p><w:p <", &[]);
        let document = read("a.docx", &cut, &limits).unwrap();
        assert!(document.text().contains("Mara") && document.notes().len() == 1);
    }

    #[test]
    fn stops_bombs() {
        let body = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", " ".repeat(4 << 20));
        let bytes = docx(&body, &[]);
        let limits = Limits { text_bytes: 1 << 20, ..Limits::default() };
        assert_eq!(read("a.docx", &bytes, &limits).unwrap_err(), ReadError::TooMuchText(1 << 20));
        let limits = Limits { ratio: 0, ..Limits::default() };
        assert_eq!(read("a.docx", &bytes, &limits).unwrap_err(), ReadError::Bomb(0));
        let limits = Limits { entries: 1, ..Limits::default() };
        assert!(read("a.docx", &bytes, &limits).unwrap_err().is_limit());
        let deep = docx(&"<w:p>".repeat(10_000), &[]);
        assert_eq!(read("a.docx", &deep, &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
    }

    proptest! {
        #[test]
        fn damaged_packages_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = whole();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read("a.docx", &bytes, &Limits::default());
        }
    }
}
