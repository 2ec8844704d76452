//! Word documents: all texts of the package in the order of reading, what is deleted or hidden among them.

use super::{
    docx_story::{self, Texts},
    opc::{self, Opc},
};
use crate::{
    Document, ReadError, Story,
    codec::Codec,
    format::{Context, Format, Sight},
    layout::{Opened, Raw},
};

pub(crate) static FORMAT: Format = Format {
    name: "docx",
    title: "Word document",
    extensions: &["docx", "docm", "dotx", "dotm"],
    media_types: &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    // One that is encrypted may be any of Office's; its name says which.
    recognise: |bytes| {
        if opc::is_package(bytes, "word/document") || opc::is_encrypted(bytes) {
            Sight::Sure
        } else {
            Sight::No
        }
    },
    read,
};

/// The texts beside the main one, by the kinds of their relations, in the order of reading.
const KINDS: [&str; 5] = ["header", "footer", "footnotes", "endnotes", "comments"];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut opc = Opc::open(bytes, &FORMAT, context)?;
    let (main, body) = opc.main("word/document.xml")?;
    let mut texts = Texts::default();
    let mut story = |opc: &mut Opc<'a, '_>, name: &str, part: &Opened, story: &dyn Fn(u32) -> Story| {
        let relations = opc.relations(name)?;
        docx_story::read(part, &relations, story, &mut texts, &mut opc.layout, context.limits.depth)
    };
    story(&mut opc, &main, &body, &|_| Story::Body)?;
    for kind in KINDS {
        for name in opc.targets(&main, &[kind])? {
            let page = opc::number(&name);
            let kind: &dyn Fn(u32) -> Story = match kind {
                "header" => &move |_| Story::PageHeader(page),
                "footer" => &move |_| Story::PageFooter(page),
                "footnotes" => &Story::Footnote,
                "endnotes" => &Story::Endnote,
                _ => &Story::Comment,
            };
            if let Some(part) = opc.part(&name)? {
                story(&mut opc, &name, &part, kind)?;
            }
        }
    }
    for (author, at) in texts.authors {
        let spot = opc.property("author of changes");
        opc.layout.begin("author");
        opc.layout.raw(&Raw { text: &author, at, codec: Codec::XmlAttribute }, spot);
    }
    opc.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{archive, damage, damages, docx, parts, place, replace},
        read,
    };

    const BODY: &str = r#"<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>Dear </w:t></w:r><w:r><w:t>Mara &amp; Tom</w:t></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">call </w:t></w:r>
          <w:del w:author="Eva Roth" w:date="2025-03-04T10:00:00Z"><w:r><w:delText>030 1</w:delText></w:r></w:del>
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
        assert!(
            body.contains(
                "<w:del w:author=\"\" w:date=\"1970-01-01T00:00:00Z\"><w:r><w:delText>[&lt;1&gt;]</w:delText>"
            ),
            "{body}"
        );
        assert!(parts["word/_rels/document.xml.rels"].contains("mailto:[&lt;1&gt;]"));
        let again = read("letter.docx", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "Dear [<1>]"), "paragraph 1");
    }

    #[test]
    fn what_stands_behind_a_fault_or_in_a_comment_is_in_no_copy() {
        let body = "<w:p><w:r><w:t>to Mara</w:t></w:r></w:p><!-- by Mara --></w:x><w:p><w:r><w:t>of Mara</w:t></w:r></w:p>";
        let bytes = docx(body, &[("word/comments.xml", "\0\u{1}\u{2}\u{3} Mara")]);
        let document = read("a.docx", &bytes, &Limits::default()).unwrap();
        let rewritten = replace("a.docx", &document, &bytes, &["Mara"]).unwrap();
        let whole: String = parts(&rewritten.bytes).values().map(String::as_str).collect();
        assert!(!whole.contains("Mara") && whole.contains("to [&lt;1&gt;]"), "{whole}");
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
        fn damaged_packages_do_not_panic(places in damages(1)) {
            let mut bytes = whole();
            damage(&mut bytes, &places);
            let _ = read("a.docx", &bytes, &Limits::default());
        }
    }
}
