//! OpenDocument: texts, workbooks, presentations and drawings of LibreOffice and its like, as packages of XML parts or as
//! one XML.

use std::collections::HashSet;

use memchr::memmem;

use super::{
    certificate,
    markup::{Markup, Piece},
    odf_text::{self, Shared},
    odf_writer,
    package::{Package, has_part, is_marked},
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
        let marked = is_marked(bytes, "application/vnd.oasis.opendocument.");
        let package =
            bytes.starts_with(b"PK") && (marked || (has_part(bytes, MANIFEST) && has_part(bytes, CONTENT)));
        if package || is_flat(bytes) { Sight::Sure } else { Sight::No }
    },
    read,
};

const MANIFEST: &str = "META-INF/manifest.xml";
pub(super) const CONTENT: &str = "content.xml";
/// The parts that one document has, those that define styles before those that use them.
const PARTS: [&str; 4] = ["styles.xml", CONTENT, "meta.xml", "settings.xml"];
/// A picture of the first page, which says what the text says: a copy with other words does not have it.
pub(super) const THUMBNAILS: &str = "Thumbnails/";
/// Pictures of objects, for programs that don't read the objects; the same holds for them.
pub(super) const REPLACEMENTS: &str = "ObjectReplacements/";
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
    let mut layout = Layout::of_source(&FORMAT, bytes, source, note, context);
    odf_text::read(&part, "the file", None, &mut Shared::default(), &mut layout, context)?;
    layout.finish()
}

fn read_package<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut package = Package::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    layout.written_by(odf_writer::write);
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
        let shows_what_is_read =
            name.starts_with(THUMBNAILS) || object.is_some_and(|object| read.contains(&object));
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
            Piece::Words(raw) if !raw.text.trim().is_empty() => match certificate::packed(raw.text) {
                Some(data) => {
                    certificate::texts(&data).iter().for_each(|text| layout.property("signature", text));
                }
                None => layout.property_of(element, &raw),
            },
            _ => {}
        }
    }
    if !markup.finish(layout) {
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
    rest.strip_prefix(b"<office:document")
        .is_some_and(|rest| rest.starts_with(b" ") || rest.starts_with(b"\n"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Document, Limits, ReadError,
        fixtures::{archive, damage, damages, notes, parts, place, replace, replace_by},
        read, residue,
    };

    const LETTER: &[u8] = include_bytes!("../../tests/files/letter.odt");
    const PEOPLE: &[u8] = include_bytes!("../../tests/files/people.ods");
    const TALK: &[u8] = include_bytes!("../../tests/files/talk.odp");
    const SIGNATURES: &str = include_str!("../../tests/files/documentsignatures.xml");

    fn opened(bytes: &[u8]) -> Document<'_> {
        read("", bytes, &Limits::default()).unwrap()
    }

    fn places(document: &Document<'_>, expected: &[(&str, &str)]) {
        assert_eq!(document.format().name, "odf");
        for (needle, expected) in expected {
            assert_eq!(place(document, needle), *expected, "{needle}");
        }
    }

    /// One XML with this in its styles and its body.
    fn flat(styles: &str, body: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- > -->\n<office:document xmlns:office=\"o\">\
             <office:automatic-styles>{styles}</office:automatic-styles><office:body>{body}</office:body>\
             </office:document>"
        )
    }

    fn sheet(rows: &str) -> String {
        flat(
            "",
            &format!(
                "<office:spreadsheet><table:table table:name=\"S\">{rows}</table:table></office:spreadsheet>"
            ),
        )
    }

    fn whole() -> Vec<u8> {
        archive(&[
            ("mimetype", "application/vnd.oasis.opendocument.text"),
            ("content.xml", &flat("", "<office:text><text:p>Dear Mara Lind</text:p></office:text>")),
            ("Object 1/content.xml", "<math><annotation>sum of Tom</annotation></math>"),
            ("Object 2", "text by Ida"),
            ("ObjectReplacements/Object 1", "VCLMTF a picture of Tom"),
            ("Basic/Standard/Eva.xml", "<module><line>mail Eva Roth</line></module>"),
            ("META-INF/manifest.xml", "<manifest:manifest/>"),
            ("META-INF/documentsignatures.xml", SIGNATURES),
            ("Thumbnails/thumbnail.png", "a picture of Mara"),
            ("Pictures/1.gif", "GIF89a\0"),
            (
                "about.rdf",
                "<rdf:RDF><rdf:Description rdf:about=\"content.xml\"><x:by>Kai Lind</x:by></rdf:Description></rdf:RDF>",
            ),
        ])
    }

    #[test]
    fn reads_a_text_of_libreoffice() {
        let document = opened(LETTER);
        places(
            &document,
            &[
                ("Mara Lind,\tcall  030 1234567", "paragraph 1"),
                ("hidden Zoe Lind", "paragraph 2 (hidden)"),
                ("and seen", "paragraph 2"),
                ("mailto:tom.roth@example.org", "paragraph 3 (link)"),
                ("foot Ada Lind", "footnote 1, paragraph 1"),
                ("end Ben Lind", "endnote 1, paragraph 1"),
                ("Uma Roth", "comment 1, paragraph 1"),
                ("check Cem Lind", "comment 1, paragraph 1"),
                ("Dana Lind", "paragraph 5"),
                ("Emil Lind", "paragraph 5"),
                ("Fay Lind", "paragraph 5"),
                ("string-value-if-false: false Hal", "paragraph 5 (hidden)"),
                ("hidden Ike Lind", "paragraph 5 (hidden)"),
                ("Joy Lind", "paragraph 5"),
                ("user Kay Lind", "property string-value"),
                ("Lou Lind", "paragraph 5"),
                ("Moe Lind", "paragraph 6"),
                ("040 7654321", "table 1, row 2, column 2"),
                ("box Pia Lind", "paragraph 7"),
                ("title Quin Lind", "paragraph 7"),
                ("alt Ros Lind", "paragraph 7"),
                ("Tess Lind", "paragraph 9 (hidden)"),
                ("head Una Lind", "page header 1, paragraph 1"),
                ("foot Vic Lind", "page footer 1, paragraph 1"),
                ("box Wes Lind", "property current-value"),
                ("help Yves Lind", "property string-value"),
                ("item Bea Lind", "property label"),
                ("333 444", "paragraph 7 (inserted)"),
                ("111 222", "paragraph 7 (deleted)"),
                ("added Deb Lind", "paragraph 8 (inserted)"),
                ("kept", "paragraph 8 (deleted)"),
                ("author of changes: Eva Roth", "property author of changes"),
                ("Jan Roth", "property initial-creator"),
                ("Mia Lind", "property Client"),
            ],
        );
        assert!(
            document.text().contains("\nbefore the number 333 444 ends\nbefore the number 111 222 ends\n")
        );
        let name = document.text().find("Mara Lind").unwrap();
        assert_eq!(document.clip(name..name + 9).len(), 1, "spans cut no name");
        assert_eq!(document.text().matches("author of changes").count(), 1);
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn reads_a_workbook_of_libreoffice() {
        let document = opened(PEOPLE);
        places(
            &document,
            &[
                ("name: Zoë Lind", "sheet Leute, cell A2"),
                ("born: 1983-09-10", "sheet Leute, cell B2"),
                ("born: 09/10/83", "sheet Leute, cell B2"),
                ("phone: 49301234567", "sheet Leute, cell C2"),
                ("mailto:zoe@example.org", "sheet Leute, cell D2"),
                ("column Ola Lind", "sheet Leute, cell G2 (hidden)"),
                ("comment: remark Mia Lind", "sheet Leute, cell A3"),
                ("https://example.org/kai", "sheet Leute, cell A7 (link)"),
                ("name: Kai Lind", "sheet Leute, cell A7"),
                ("row Ned Lind", "sheet Leute, cell A9 (hidden)"),
                ("sheet: Leute", "property sheet"),
                ("sheet: Intern", "property sheet (hidden)"),
                ("hidden Pia", "sheet Intern, cell A1 (hidden)"),
                ("Ros Lind", "property expression"),
                ("Una Lind", "property condition"),
                ("ask Vic", "property title (hidden)"),
                ("type Wes Lind", "property help-message (hidden)"),
                ("head Yves Lind", "page header 1, paragraph 1"),
                ("chart Bea Lind", "property Abe: title"),
            ],
        );
        let chart = document.text().rfind("Zoë Lind").unwrap();
        assert_eq!(document.locate(chart..chart + 3).to_string(), "sheet Abe: local-table, cell A2");
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn reads_a_presentation_of_libreoffice() {
        places(
            &opened(TALK),
            &[
                ("foot Gus Lind", "property footer-decl"),
                ("first Zoe Lind", "slide 1, paragraph 1"),
                ("alt Emil Lind", "slide 1, paragraph 1"),
                ("note Ada Lind", "slide 1, notes, paragraph 1"),
                ("Uma Roth", "slide 1, comment, paragraph 1"),
                ("check Ike Lind", "slide 1, comment, paragraph 1"),
                ("slide Fay", "slide 2, paragraph 1 (hidden)"),
                ("second Ben Lind", "slide 2, paragraph 1 (hidden)"),
            ],
        );
    }

    #[test]
    fn reads_the_other_parts_of_a_package() {
        let bytes = whole();
        let document = opened(&bytes);
        places(
            &document,
            &[
                ("Dear Mara", "paragraph 1"),
                ("sum of Tom", "property Object 1: annotation"),
                ("text by Ida", "Object 2: line 1, column 1"),
                ("Eva Roth", "Basic/Standard/Eva.xml: /module/line"),
                ("Kai Lind", "property by"),
                ("signed in Ulm", "property City"),
            ],
        );
        assert!(document.text().contains("signature: mara@example.org"));
        assert!(!document.text().contains("picture of") && !document.text().contains("MIIB"));
        assert_eq!(notes(&document), ["text in 1 picture is not read"]);
    }

    #[test]
    fn knows_it_by_its_first_entry_or_its_parts() {
        let parts = [("content.xml", "<a/>"), ("META-INF/manifest.xml", "<manifest:manifest/>")];
        assert_eq!(opened(&archive(&parts)).format().name, "odf");
        assert_eq!(opened(&archive(&parts[..1])).format().name, "zip");
        let book = [("mimetype", "application/epub+zip"), parts[0], parts[1]];
        assert_eq!(opened(&archive(&book)).format().name, "epub");
        assert_eq!(opened(b"<?xml version=\"1.0\"?><a>&lt;office:document </a>").format().name, "xml");
    }

    #[test]
    fn a_flat_file_is_written_again() {
        let xml = flat(
            "<style:style style:name=\"T1\" style:family=\"text\"><style:text-properties text:display=\"none\"/></style:style>",
            "<office:text><text:p>Dear Ma<text:span text:style-name=\"T1\">ra</text:span> \n  <text:span>Lind</text:span>\
             <text:tab/>R&amp;D</text:p><text:p><draw:frame><draw:image><office:binary-data>\
             R0lGODlhCAAIAIEAAMgKCgAAAAAAAAAAACH+C2dpZiBieSBNYXJhACwAAAAACAAIAAAIDwABCBxIsKDBgwgTKkwYEAA7\
             </office:binary-data></draw:image></draw:frame></text:p></office:text>",
        );
        let document = opened(xml.as_bytes());
        places(&document, &[("ra", "paragraph 1 (hidden)"), ("gif by Mara", "image: property comment")]);
        assert!(document.text().starts_with("Dear Mara Lind\tR&D\n"));
        let range = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            at..at + needle.len()
        };
        let written = document.rewrite(&[(range("Mara Lind"), "[A]"), (range("R&D"), "a<b")]).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains("<text:p>Dear [A]<text:span"), "{written}");
        assert!(written.contains("<text:span></text:span><text:tab/>a&lt;b</text:p>"), "{written}");
        let signed =
            flat("", "<office:meta><dc:creator>Eva Roth</dc:creator></office:meta><text:p>Tom</text:p>");
        let copy = replace("a.fodt", &opened(signed.as_bytes()), signed.as_bytes(), &["Tom"]).unwrap();
        let copy = String::from_utf8(copy.bytes).unwrap();
        assert!(
            copy.contains("<dc:creator></dc:creator></office:meta><text:p>[&lt;1&gt;]</text:p>"),
            "{copy}"
        );
    }

    #[test]
    fn a_package_is_written_again() {
        for (name, bytes, needles) in [
            (
                "a.odt",
                LETTER,
                &["Mara Lind", "111 222", "333 444", "Tess Lind", "Uma Roth", "item Bea", "Mia Lind"][..],
            ),
            (
                "a.ods",
                PEOPLE,
                &["Zoë Lind", "49301234567", "1983-09-10", "zoe@example.org", "Ros Lind", "Bea Lind"],
            ),
            ("a.odp", TALK, &["Ada Lind", "slide Fay", "foot Gus Lind", "Ike Lind"]),
        ] {
            let document = opened(bytes);
            let rewritten = replace(name, &document, bytes, needles).unwrap();
            assert_eq!(rewritten.left_out, [""; 0]);
            let gone: Vec<_> =
                needles.iter().chain(&["Jan Roth", "Eva Roth"]).map(|gone| (*gone).to_owned()).collect();
            assert_eq!(residue(&rewritten.bytes, &gone, &Limits::default()).unwrap(), []);
            assert!(opened(&rewritten.bytes).text().matches("[<1>]").count() >= needles.len(), "{name}");
        }
        let rewritten = replace("a.odt", &opened(&whole()), &whole(), &["Dear Mara"]).unwrap();
        assert_eq!(
            residue(&rewritten.bytes, &["picture of".to_owned(), "Ulm".to_owned()], &Limits::default()),
            Ok(vec![])
        );
    }

    #[test]
    fn sheets_and_cells_of_a_copy_are_what_programs_take() {
        let body = "<office:spreadsheet><table:content-validations><table:content-validation table:name=\"val1\" table:base-cell-address=\"'Mara Lind'.A1\"/></table:content-validations>\
             <table:table table:name=\"Mara Lind\"><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"4915112345678\" calcext:value-type=\"float\"><text:p>4915112345678</text:p><text:a xlink:href=\"#'Mara%20Lind'!A1\"/></table:table-cell>\
             <table:table-cell office:date-value=\"1983-09-10\" office:value-type=\"date\"/></table:table-row></table:table>\
             <table:table table:name=\"All\"><table:table-row><table:table-cell table:formula=\"of:=['Mara Lind'.A1]&amp;&quot;Mara Lind&quot;\" office:value-type=\"float\" office:value=\"3\"/>\
             <table:table-cell table:formula=\"of:=[.A1]+4915112345678\" office:value-type=\"float\" office:value=\"4\"/></table:table-row></table:table>\
             <table:database-ranges><table:database-range table:name=\"x\" table:target-range-address=\"'Mara Lind'.A1:'Mara Lind'.B1\"/></table:database-ranges></office:spreadsheet>";
        let bytes = archive(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", &flat("", body)),
            (
                "settings.xml",
                "<office:settings><config:config-item-map-entry config:name=\"Mara Lind\"/><config:config-item config:name=\"ActiveTable\" config:type=\"string\">Mara Lind</config:config-item></office:settings>",
            ),
            (
                "Object 1/content.xml",
                "<office:chart><chart:series chart:values-cell-range-address=\"'Mara Lind'.A1:'Mara Lind'.A9\"/></office:chart>",
            ),
            ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ]);
        let replaced =
            [("Mara Lind", "[PERSON_001]"), ("4915112345678", "[CARD_001]"), ("1983-09-10", "[DATE_001]")];
        let copy = replace_by("a.ods", &opened(&bytes), &bytes, &replaced).unwrap();
        let written = parts(&copy.bytes);
        let content = &written["content.xml"];
        for expected in [
            "table:base-cell-address=\"&#39;(PERSON_001)&#39;.A1\"",
            "<table:table table:name=\"(PERSON_001)\">",
            "<table:table-cell office:value-type=\"string\" office:string-value=\"[CARD_001]\" calcext:value-type=\"string\"><text:p>[CARD_001]<",
            "<table:table-cell office:string-value=\"[DATE_001]\" office:value-type=\"string\"/>",
            "table:formula=\"of:=[&#39;(PERSON_001)&#39;.A1]&amp;&quot;[PERSON_001]&quot;\" office:value-type=\"float\" office:value=\"3\"",
            "<table:table-cell  office:value-type=\"float\" office:value=\"4\"/>",
            "xlink:href=\"#&#39;(PERSON_001)&#39;!A1\"",
            "\"&#39;(PERSON_001)&#39;.A1:&#39;(PERSON_001)&#39;.B1\"",
        ] {
            assert!(content.contains(expected), "{expected} in {content}");
        }
        assert!(
            written["Object 1/content.xml"]
                .contains("\"&#39;(PERSON_001)&#39;.A1:&#39;(PERSON_001)&#39;.A9\"")
        );
        assert!(
            written["settings.xml"].contains("config:name=\"(PERSON_001)\"")
                && written["settings.xml"].contains(">(PERSON_001)<")
        );
        let copied = opened(&copy.bytes);
        assert!(copied.text().contains("sheet: [PERSON_001]\n"), "{}", copied.text());
        let restored = replace_by("a.ods", &copied, &copy.bytes, &[("[PERSON_001]", "Mara Lind")]).unwrap();
        let restored = parts(&restored.bytes);
        let whole = restored.values().map(|part| part.replace("&#39;", "'")).collect::<String>();
        assert!(!whole.contains("PERSON") && whole.contains("of:=['Mara Lind'.A1]"), "{whole}");
    }

    #[test]
    fn no_deletion_is_lost() {
        let region = |id: &str, words: &str| {
            format!(
                "<text:changed-region text:id=\"{id}\"><text:deletion>{words}</text:deletion></text:changed-region>"
            )
        };
        let changes = region("a", "<text:p>Mara</text:p><text:p>Lind</text:p>")
            + &region("b", "<text:p>nowhere Tom</text:p>")
            + &region("c", "");
        let xml = flat(
            "",
            &format!(
                "<office:text><text:tracked-changes>{changes}</text:tracked-changes><text:p>one</text:p><text:change text:change-id=\"a\"/>\
                 <text:p>call <text:change-start text:change-id=\"c\"/>Eva<text:change-end text:change-id=\"c\"/> now</text:p></office:text>"
            ),
        );
        let document = opened(xml.as_bytes());
        places(
            &document,
            &[
                ("Mara\nLind", "property deleted (deleted)"),
                ("nowhere Tom", "property deleted (deleted)"),
                ("Eva", "paragraph 2 (deleted)"),
            ],
        );
        assert!(document.text().contains("call  now\ncall Eva now"));
        let xml = flat(
            "",
            "<office:spreadsheet><table:tracked-changes><table:cell-content-change><table:previous><table:change-track-table-cell \
             office:value=\"4711\"><text:p>Ida</text:p></table:change-track-table-cell></table:previous></table:cell-content-change>\
             </table:tracked-changes></office:spreadsheet>",
        );
        places(
            &opened(xml.as_bytes()),
            &[("4711", "property value (deleted)"), ("Ida", "property change-track-table-cell (deleted)")],
        );
    }

    #[test]
    fn what_is_alike_is_laid_out_once() {
        let many = "table:number-columns-repeated=\"4000000000\"";
        let rows = format!(
            "<table:table-row table:number-rows-repeated=\"3\"><table:table-cell/></table:table-row>\
             <table:table-row table:number-rows-repeated=\"4000000000\"><table:table-cell {many}><text:p>Mara</text:p></table:table-cell>\
             <table:table-cell {many}><text:p>Tom</text:p></table:table-cell></table:table-row>\
             <table:table-row table:number-rows-repeated=\"4000000000\"><table:covered-table-cell><text:p>Eva</text:p></table:covered-table-cell></table:table-row>"
        );
        let xml = sheet(&rows);
        let document = opened(xml.as_bytes());
        assert_eq!(document.text().matches("Mara").count(), 2, "a cell, and the name of its column");
        places(&document, &[("Tom", "sheet S, cell LXQEASW4"), ("Mara: Eva", "sheet S, cell A4000000004")]);
    }

    #[test]
    fn only_a_row_of_names_is_a_header() {
        let row = |cell: &str| {
            format!(
                "<table:table-row><table:table-cell><text:p>{cell}</text:p></table:table-cell></table:table-row>"
            )
        };
        for (head, label) in [("name", "name: Mara"), ("030 123456", "\nMara"), ("a@example.org", "\nMara")] {
            let xml = sheet(&(row(head) + &row("Mara")));
            assert!(opened(xml.as_bytes()).text().contains(label), "{head}");
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let locked =
            read("", include_bytes!("../../tests/files/locked.odt"), &Limits::default()).unwrap_err();
        assert_eq!(locked, ReadError::Encrypted("OpenDocument file"));
        let error = |bytes: &[u8]| read("a.odt", bytes, &Limits::default()).unwrap_err().to_string();
        assert_eq!(
            error(&LETTER[..LETTER.len() / 2]),
            "the OpenDocument file is damaged: it is no whole ZIP archive"
        );
        let mimetype = ("mimetype", "application/vnd.oasis.opendocument.text");
        assert_eq!(error(&archive(&[mimetype])), "the OpenDocument file is damaged: it has no main text");
        let cut =
            archive(&[mimetype, ("content.xml", "<office:body><text:p>Mara <text:span>Lind</text:p><a")]);
        let document = opened(&cut);
        assert!(document.text().contains("Mara Lind"));
        assert_eq!(notes(&document), ["damaged: content.xml ends too early; what was readable was read"]);
        let deep = archive(&[mimetype, ("content.xml", &"<text:p>".repeat(10_000))]);
        assert_eq!(error(&deep), "nested deeper than the limit of 512 levels");
        let limits = Limits { entries: 3, ..Limits::default() };
        assert!(read("", LETTER, &limits).unwrap_err().is_limit());
    }

    proptest! {
        #[test]
        fn damaged_documents_do_not_panic(places in damages(1)) {
            let flat = sheet("<table:table-row><table:table-cell office:value='3'><text:p>Mara</text:p></table:table-cell></table:table-row>");
            for mut bytes in [whole(), flat.into_bytes()] {
                damage(&mut bytes, &places);
                let _ = read("a.odt", &bytes, &Limits::default());
            }
        }
    }
}
