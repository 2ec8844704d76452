//! Excel workbooks: cells behind the names of their columns, comments, links, drawings, hidden sheets, what pivot tables keep.

use std::collections::HashMap;

use super::{
    drawing::At,
    markup::Piece,
    number_format::Look,
    opc::{self, Opc},
    sheet_names, xlsx_pivot,
    xlsx_sheet::{Book, Reader, Sheet},
    xlsx_text::{Rich, Strings},
};
use crate::{
    Document, Marks, Note, ReadError,
    format::{Context, Format, Sight},
    layout::{Opened, Raw},
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "xlsx",
    title: "Excel workbook",
    extensions: &["xlsx", "xlsm", "xltx", "xltm", "xlam", "xlsb"],
    media_types: &[
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ],
    recognise: |bytes| if opc::is_package(bytes, "xl/workbook") { Sight::Sure } else { Sight::No },
    read,
};

/// What the workbook says of a sheet.
struct Entry<'x> {
    name: Raw<'x>,
    hidden: bool,
    /// Of its relation.
    id: String,
}

/// A comment at a cell, and one in a thread.
const COMMENTS: [&str; 2] = ["comment", "threadedComment"];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    if opc::is_package(bytes, "xl/workbook.bin") {
        return Err(ReadError::UnknownKind("binary Excel workbook (XLSB)"));
    }
    let mut opc = Opc::open(bytes, &FORMAT, context)?;
    let (main, workbook) = opc.main("xl/workbook.xml")?;
    let (sheets, since_1904) = outline(&mut opc, &main, &workbook)?;
    let strings = match opc.targets(&main, &["sharedStrings"])?.first() {
        Some(name) => opc.part(name)?,
        None => None,
    };
    let looks = looks(&mut opc, &main)?;
    let mut book = Book { looks, since_1904, ..Book::default() };
    if let Some(part) = &strings {
        book.strings = shared(&mut opc, part)?;
    }
    let relations = opc.relations(&main)?;
    context.budget.enter(sheets.len(), context.limits)?;
    for (number, Entry { name, hidden, id }) in sheets.iter().enumerate() {
        let marks = if *hidden { Marks::HIDDEN } else { Marks::default() };
        opc.layout.mark(marks);
        let spot = opc.property("sheet");
        opc.layout.begin("sheet");
        sheet_names::lay_out(name, spot, &mut opc.layout);
        let mut sheet = Sheet::new(name.meaning(), marks, &mut opc.layout);
        let part = relations.get(id).map(|relation| relation.target.clone()).unwrap_or_default();
        if !read_sheet(&mut opc, &part, &mut sheet, &mut book)? {
            opc.layout.note(Note::Damaged(format!("sheet {} is missing", number + 1)));
        }
    }
    opc.layout.mark(Marks::default());
    let unused = opc.property("text of no cell");
    book.strings.lay_out_unused(unused, &mut opc.layout);
    for cache in opc.targets(&main, &["pivotCacheDefinition"])? {
        xlsx_pivot::read(&mut opc, &cache)?;
    }
    for persons in opc.targets(&main, &["person"])? {
        opc.authors(&persons)?;
    }
    opc.finish()
}

/// Lays out what the workbook itself says; its sheets in order, and whether days count from 1904.
fn outline<'x>(
    opc: &mut Opc<'_, '_>,
    name: &str,
    part: &'x Opened,
) -> Result<(Vec<Entry<'x>>, bool), ReadError> {
    let [defined, user, path, view, other] =
        ["defined name", "reserved by", "path of the workbook", "view", "workbook"]
            .map(|name| (name, opc.property(name)));
    let (mut sheets, mut since_1904, mut within_name) = (Vec::new(), false, false);
    opc.pieces(name, part, |piece, layout| {
        let mut tell = |(label, spot): (&str, Spot), value: Option<Raw<'_>>, clean: bool| {
            let Some(value) = value.filter(|value| !value.text.trim().is_empty()) else { return };
            if clean {
                layout.clean(&value);
            }
            layout.begin(label);
            layout.raw(&value, spot);
        };
        let tag = match piece {
            Piece::Start(tag) => tag,
            Piece::Words(words) if within_name => return tell(defined, Some(words), false),
            Piece::Words(_) => return,
            Piece::End => return within_name = false,
        };
        within_name = tag.name() == "definedName";
        match tag.name() {
            "sheet" => sheets.extend(tag.attribute("name").map(|name| Entry {
                name,
                hidden: tag.value("state").is_some_and(|state| state != "visible"),
                id: tag.value("id").unwrap_or_default(),
            })),
            "workbookPr" => since_1904 = matches!(tag.value("date1904").as_deref(), Some("1" | "true")),
            "definedName" => {
                // Names that begin so are Excel's own.
                tell(defined, tag.attribute("name").filter(|name| !name.text.starts_with("_xlnm.")), false);
                for key in ["comment", "description", "help", "statusBar", "customMenu"] {
                    tell(defined, tag.attribute(key), false);
                }
            }
            "customWorkbookView" => tell(view, tag.attribute("name"), false),
            "webPublishObject" | "smartTagType" | "functionGroup" => {
                for key in ["destinationFile", "title", "name", "url"] {
                    tell(other, tag.attribute(key), false);
                }
            }
            // Whoever worked on it, and their home folder.
            "fileSharing" => tell(user, tag.attribute("userName"), true),
            "absPath" => tell(path, tag.attribute("url"), true),
            _ => {}
        }
    })?;
    Ok((sheets, since_1904))
}

/// How the numbers of each style look.
fn looks(opc: &mut Opc<'_, '_>, main: &str) -> Result<Vec<Look>, ReadError> {
    let Some(name) = opc.targets(main, &["styles"])?.pop() else { return Ok(Vec::new()) };
    let Some(part) = opc.part(&name)? else { return Ok(Vec::new()) };
    let mut formats: HashMap<u16, Look> = HashMap::new();
    let (mut looks, mut of_cells) = (Vec::new(), false);
    let [format, style] = ["number format", "cell style"].map(|name| (name, opc.property(name)));
    opc.pieces(&name, &part, |piece, layout| {
        let mut tell = |(label, spot): (&str, Spot), value: &Raw<'_>| {
            layout.begin(label);
            layout.raw(value, spot);
        };
        let Piece::Start(tag) = piece else { return };
        let number = || tag.value("numFmtId").and_then(|number| number.parse().ok()).unwrap_or(0);
        match tag.name() {
            "numFmt" => {
                let code = tag.attribute("formatCode");
                code.iter().flat_map(quoted).for_each(|words| tell(format, &words));
                let code = code.map(|code| code.meaning()).unwrap_or_default();
                formats.insert(number(), Look::of_code(&code));
            }
            // Those of Excel have names that everybody's have.
            "cellStyle" if tag.attribute("builtinId").is_none() => {
                tag.attribute("name").iter().for_each(|name| tell(style, name));
            }
            "cellXfs" => of_cells = true,
            "cellStyles" | "dxfs" | "cellStyleXfs" => of_cells = false,
            "xf" if of_cells => {
                let format = number();
                looks.push(formats.get(&format).cloned().unwrap_or_else(|| Look::of_number(format)));
            }
            _ => {}
        }
    })?;
    Ok(looks)
}

/// The words in the format of a number, which stand in quotes.
fn quoted<'x>(code: &Raw<'x>) -> Vec<Raw<'x>> {
    let quote = if code.text.contains("&quot;") { "&quot;" } else { "\"" };
    let mut at = code.at;
    let mut pieces = Vec::new();
    for (number, text) in code.text.split(quote).enumerate() {
        if number % 2 == 1 && text.contains(char::is_alphanumeric) {
            pieces.push(Raw { text, at, ..*code });
        }
        at += text.len() + quote.len();
    }
    pieces
}

fn shared<'x>(opc: &mut Opc<'_, '_>, part: &'x Opened) -> Result<Strings<'x>, ReadError> {
    let mut strings = Strings::default();
    let mut open = 0_usize;
    opc.pieces("sharedStrings.xml", part, |piece, _| match piece {
        Piece::Start(tag) => {
            strings.start(&tag);
            open += 1;
        }
        Piece::Words(words) => strings.words(words),
        Piece::End => {
            open = open.saturating_sub(1);
            strings.end(open);
        }
    })?;
    Ok(strings)
}

/// Lays out a sheet and all that hangs on it; whether there is one.
fn read_sheet(
    opc: &mut Opc<'_, '_>,
    name: &str,
    sheet: &mut Sheet,
    book: &mut Book<'_>,
) -> Result<bool, ReadError> {
    let Some(part) = opc.part(name)? else { return Ok(false) };
    let relations = opc.relations(name)?;
    let mut reader = Reader::new(sheet, book, &relations);
    opc.pieces(name, &part, |piece, layout| reader.take(piece, layout))?;
    for comments in opc.targets(name, &["comments", "threadedComment"])? {
        read_comments(opc, &comments, sheet)?;
    }
    for (kind, part) in [("table", "table"), ("pivotTable", "pivot table")] {
        for name in opc.targets(name, &[kind])? {
            let spot = sheet.part(part, &mut opc.layout);
            opc.drawing(&name, &mut At::spot(spot, sheet.marks))?;
        }
    }
    let spot = sheet.part("drawing", &mut opc.layout);
    opc.drawings(name, &mut At::spot(spot, sheet.marks))?;
    Ok(true)
}

/// Comments stand at their cells. Their authors are told once, since a copy does not name them.
fn read_comments(opc: &mut Opc<'_, '_>, name: &str, sheet: &mut Sheet) -> Result<(), ReadError> {
    let Some(part) = opc.part(name)? else { return Ok(()) };
    let author = opc.property("author of comments");
    let (mut text, mut spot, mut open) = (Rich::default(), None, Vec::new());
    opc.pieces(name, &part, |piece, layout| match piece {
        Piece::Start(tag) => {
            open.push(tag.name());
            text.start(&tag);
            if COMMENTS.contains(&tag.name()) {
                let cell = tag.value("ref").unwrap_or_default();
                spot = sheet.cell(&cell, layout).or_else(|| Some(sheet.part("comment", layout)));
            }
        }
        Piece::Words(words) => match open.last() {
            Some(&"author") if !words.text.trim().is_empty() => {
                layout.clean(&words);
                layout.begin("author");
                layout.raw(&words, author);
            }
            // That of a thread has no pieces.
            Some(&"text") if !words.text.trim().is_empty() => text.push(words),
            _ => text.words(words),
        },
        Piece::End => {
            text.end();
            if open.pop().is_some_and(|element| COMMENTS.contains(&element))
                && let Some(spot) = spot.take()
            {
                layout.mark(sheet.marks);
                text.lay_out("comment", spot, layout);
                text.clear();
                layout.mark(Marks::default());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Document, Limits, ReadError,
        fixtures::{archive, damage, damages, notes, parts, place, replace, replace_by},
        read,
    };

    const WORKBOOK: &str = r#"<workbook><fileSharing userName="Eva Roth"/><workbookPr date1904="0"/>
        <sheets><sheet name="Leute &amp; Co" sheetId="1" r:id="r1"/><sheet name="Tief" sheetId="2" state="veryHidden" r:id="r2"/></sheets>
        <definedNames><definedName name="owner" comment="ask Jo">"Ada Roth"</definedName><definedName name="_xlnm.Print_Area">A1</definedName></definedNames></workbook>"#;
    const WORKBOOK_LINKS: &str = r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>
        <Relationship Id="r2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="r3" Type="x/sharedStrings" Target="sharedStrings.xml"/>
        <Relationship Id="r4" Type="x/styles" Target="styles.xml"/><Relationship Id="r5" Type="x/person" Target="persons/person.xml"/>
        <Relationship Id="r6" Type="x/pivotCacheDefinition" Target="pivotCache/pivotCacheDefinition1.xml"/></Relationships>"#;
    const STRINGS: &str = r#"<sst><si><t>name</t></si><si><r><t xml:space="preserve">Mara </t></r><r><rPr><b/></rPr><t>L&amp;nd</t></r>
        <rPh sb="0" eb="2"><t>マラ</t></rPh></si><si><t>deleted Tom</t></si><si><t>e-mail</t></si></sst>"#;
    const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="d. mmm yyyy"/><numFmt numFmtId="165" formatCode="000\-00\-0000"/><numFmt numFmtId="166" formatCode="0 &quot;for Nia Lind&quot;;&quot; €&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
        <cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="165"/></cellXfs><cellStyles><cellStyle name="Normal" builtinId="0"/><cellStyle name="as Nora likes"/></cellStyles></styleSheet>"#;
    const SHEET: &str = r#"<worksheet><cols><col min="4" max="4" hidden="1"/><col min="3" max="3" hidden="true"/></cols><sheetData>
        <row r="2"/><row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>3</v></c><c r="C3" t="inlineStr"><is><t>born</t></is></c><c r="D3" t="inlineStr"><is><t>phone</t></is></c></row>
        <row><c t="s"><v>1</v></c><c t="str"><f>"mara@" &amp; "example.org"</f><v>mara@example.org</v></c><c s="1"><v>30569</v></c><c><v>4.9301234567E10</v></c></row>
        <row r="9" hidden="1"><c r="A9" t="e"><v>#N/A</v></c><c r="B9" t="b"><v>1</v></c><c r="C9" s="2" t="n"><v>45720.5</v></c><c r="AA9" t="d"><v>2025-03-04</v></c><c r="AB9" s="3"><v>78051121</v></c></row>
        </sheetData><conditionalFormatting sqref="B2"><cfRule type="containsText" text="Roth"><formula>SEARCH("Kai",B2)</formula></cfRule></conditionalFormatting>
        <autoFilter ref="A3:B9"><filterColumn colId="0"><filters><filter val="Ida Lind"/></filters></filterColumn></autoFilter>
        <dataValidations><dataValidation sqref="B4:B9" prompt="ask Uwe"><formula1>"Lea,Max"</formula1></dataValidation></dataValidations>
        <hyperlinks><hyperlink ref="A4" r:id="h1" tooltip="to Mara"/></hyperlinks>
        <headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12for Kai&amp;R&amp;P of R&amp;&amp;D</oddHeader></headerFooter></worksheet>"#;

    fn whole() -> Vec<u8> {
        archive(&[
            (
                "_rels/.rels",
                r#"<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
            ("xl/sharedStrings.xml", STRINGS),
            ("xl/styles.xml", STYLES),
            ("xl/worksheets/sheet1.xml", SHEET),
            (
                "xl/worksheets/_rels/sheet1.xml.rels",
                r#"<Relationships><Relationship Id="h1" Type="x/hyperlink" Target="mailto:b@example.org" TargetMode="External"/>
                <Relationship Id="h2" Type="x/hyperlink" Target="https://example.org/old" TargetMode="External"/>
                <Relationship Id="h3" Type="x/comments" Target="../comments1.xml"/><Relationship Id="h4" Type="x/threadedComment" Target="../threadedComments/threadedComment1.xml"/>
                <Relationship Id="h5" Type="x/drawing" Target="../drawings/drawing1.xml"/><Relationship Id="h6" Type="x/table" Target="../tables/table1.xml"/></Relationships>"#,
            ),
            (
                "xl/worksheets/sheet2.xml",
                "<worksheet><sheetData><row r=\"4\"><c r=\"AB4\" t=\"inlineStr\"><is><t>secret</t></is></c></row></sheetData></worksheet>",
            ),
            (
                "xl/comments1.xml",
                r#"<comments><authors><author>Jan Lind</author></authors><commentList><comment ref="B4" authorId="0"><text><r><t>ask </t></r><r><t>Ben</t></r></text></comment></commentList></comments>"#,
            ),
            (
                "xl/threadedComments/threadedComment1.xml",
                r#"<ThreadedComments><threadedComment ref="A9" personId="{1}"><text>call Eda</text></threadedComment></ThreadedComments>"#,
            ),
            (
                "xl/persons/person.xml",
                r#"<personList><person displayName="Ulf Lind" id="{1}" userId="ulf@example.org" providerId="AD"/></personList>"#,
            ),
            (
                "xl/drawings/drawing1.xml",
                r#"<xdr:wsDr><xdr:from><xdr:col>7</xdr:col></xdr:from><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1" descr="Zoe at home"/></xdr:nvSpPr><a:p><a:r><a:t>box of </a:t></a:r><a:r><a:t>Eli</a:t></a:r></a:p></xdr:sp></xdr:wsDr>"#,
            ),
            (
                "xl/drawings/_rels/drawing1.xml.rels",
                r#"<Relationships><Relationship Id="c1" Type="x/chart" Target="../charts/chart1.xml"/></Relationships>"#,
            ),
            (
                "xl/charts/chart1.xml",
                r#"<c:chart><c:strCache><c:formatCode>General</c:formatCode><c:pt idx="0"><c:v>Ina Roth</c:v></c:pt></c:strCache></c:chart>"#,
            ),
            (
                "xl/tables/table1.xml",
                r#"<table name="Members"><tableColumns><tableColumn name="client"/></tableColumns></table>"#,
            ),
            (
                "xl/pivotCache/pivotCacheDefinition1.xml",
                r#"<pivotCacheDefinition refreshedBy="Eva Lind"><cacheFields><cacheField name="manager"><sharedItems><s v="Olga Roth"/><n v="5"/></sharedItems></cacheField><cacheField name="ssn"/></cacheFields></pivotCacheDefinition>"#,
            ),
            (
                "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels",
                r#"<Relationships><Relationship Id="r1" Type="x/pivotCacheRecords" Target="pivotCacheRecords1.xml"/></Relationships>"#,
            ),
            (
                "xl/pivotCache/pivotCacheRecords1.xml",
                r#"<pivotCacheRecords><r><x v="0"/><s v="078-05-1120"/></r></pivotCacheRecords>"#,
            ),
            (
                "xl/connections.xml",
                r#"<connections><connection name="crm"><dbPr connection="Server=db;User=mlind" command="select"/></connection></connections>"#,
            ),
            ("xl/slicers/slicer1.xml", r#"<slicers><slicer name="S1" caption="of Nils Roth"/></slicers>"#),
            ("xl/theme/theme1.xml", "<theme name=\"Office\"/>"),
        ])
    }

    fn document(bytes: &[u8]) -> Document<'_> {
        read("", bytes, &Limits::default()).unwrap()
    }

    #[test]
    fn reads_every_value_of_the_workbook() {
        let bytes = whole();
        let document = document(&bytes);
        assert_eq!(document.format().name, "xlsx");
        for (needle, expected) in [
            ("Leute & Co", "property sheet"),
            ("Eva Roth", "property reserved by"),
            ("owner", "property defined name"),
            ("\"Ada Roth\"", "property defined name"),
            ("ask Jo", "property defined name"),
            ("name", "property defined name"),
            ("Mara L&nd", "sheet Leute & Co, cell A4"),
            ("マラ", "sheet Leute & Co, cell A4"),
            ("mara@example.org", "sheet Leute & Co, cell B4"),
            ("\"mara@\" & ", "sheet Leute & Co, cell B4 (link)"),
            ("1983-09-10", "sheet Leute & Co, cell C4 (hidden)"),
            ("49301234567", "sheet Leute & Co, cell D4 (hidden)"),
            ("#N/A", "sheet Leute & Co, cell A9 (hidden)"),
            ("TRUE", "sheet Leute & Co, cell B9 (hidden)"),
            ("2025-03-04 12:00:00", "sheet Leute & Co, cell C9 (hidden)"),
            ("2025-03-04\n", "sheet Leute & Co, cell AA9 (hidden)"),
            ("078-05-1121", "sheet Leute & Co, cell AB9 (hidden)"),
            ("SEARCH(\"Kai\"", "sheet Leute & Co, cell B2"),
            ("Ida Lind", "sheet Leute & Co, cell A3"),
            ("ask Uwe", "sheet Leute & Co, cell B4"),
            ("\"Lea,Max\"", "sheet Leute & Co, cell B4"),
            ("mailto:b@example.org", "sheet Leute & Co, cell A4 (link)"),
            ("to Mara", "sheet Leute & Co, cell A4 (link)"),
            ("https://example.org/old", "property hyperlink (link)"),
            ("for Kai", "sheet Leute & Co, page header"),
            ("secret", "sheet Tief, cell AB4 (hidden)"),
            ("ask Ben", "sheet Leute & Co, cell B4"),
            ("Jan Lind", "property author of comments"),
            ("call Eda", "sheet Leute & Co, cell A9"),
            ("Ulf Lind", "property author of comments"),
            ("ulf@example.org", "property author of comments"),
            ("Zoe at home", "sheet Leute & Co, drawing"),
            ("box of Eli", "sheet Leute & Co, drawing"),
            ("Ina Roth", "sheet Leute & Co, drawing"),
            ("Members", "sheet Leute & Co, table"),
            ("client", "sheet Leute & Co, table"),
            ("deleted Tom", "property text of no cell"),
            ("Eva Lind", "property author of the pivot table"),
            ("Olga Roth", "property pivot table's data"),
            ("078-05-1120", "property pivot table's data"),
            ("for Nia Lind", "property number format"),
            ("as Nora likes", "property cell style"),
            ("of Nils Roth", "xl/slicers/slicer1.xml: /slicers/slicer/@caption"),
            ("Server=db;User=mlind", "xl/connections.xml: /connections/connection/dbPr/@connection"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        for line in [
            "name: Mara L&nd\nreading: マラ\ne-mail: mara@example.org\n",
            "\nborn: 1983-09-10\nphone: 49301234567\n",
            "\npage header: for Kai\npage header: &P of R&D\n",
            "\nssn: 078-05-1120\n",
            "\nmanager: Olga Roth\n",
        ] {
            assert!(document.text().contains(line), "{line} in {}", document.text());
        }
        for looks in ["General", "TextBox", "_xlnm", "Normal", " €", "Office\n"] {
            assert!(!document.text().contains(looks), "{looks}");
        }
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn a_copy_holds_nothing_of_what_was_replaced() {
        let bytes = whole();
        let needles = [
            "Leute & Co",
            "Ada",
            "owner",
            "Mara L&nd",
            "マラ",
            "mara@example.org",
            "1983-09-10",
            "49301234567",
            "Roth",
            "Kai",
            "Ida Lind",
            "Uwe",
            "Lea",
            "b@example.org",
            "to Mara",
            "secret",
            "Ben",
            "Eda",
            "Zoe",
            "Eli",
            "Members",
            "client",
            "deleted Tom",
            "Olga",
            "078-05-1120",
            "mlind",
            "Nia Lind",
            "Nora",
            "Nils",
            "2025-03-04",
        ];
        let rewritten = replace("a.xlsx", &document(&bytes), &bytes, &needles).unwrap();
        assert_eq!(rewritten.left_out, Vec::<String>::new());
        let parts = parts(&rewritten.bytes);
        // Names of persons are not in it, whether anybody found them or not.
        for needle in needles.into_iter().chain(["Mara", "30569", "Eva", "Jan Lind", "Ulf", "ulf@"]) {
            assert!(!parts.values().any(|part| part.contains(needle)), "{needle} in {parts:?}");
        }
        let sheet = &parts["xl/worksheets/sheet1.xml"];
        assert!(sheet.contains(r#"<c t="str" s="1"><v>[&lt;1&gt;]</v></c>"#), "{sheet}");
        assert!(parts["xl/workbook.xml"].contains("<sheet name=\"(&lt;1&gt;)\""));
        let again = document(&rewritten.bytes);
        assert!(again.text().contains("name: [<1>]\nreading: [<1>]\ne-mail: [<1>]\n"), "{}", again.text());
    }

    #[test]
    fn a_comment_that_is_cut_is_read_and_replaced() {
        let comments = "<comments><commentList><comment ref=\"B4\"><text><r><t>ask Mara Lind today</t></r>";
        let links = "<Relationships><Relationship Id=\"c\" Type=\"x/comments\" Target=\"../comments1.xml\"/></Relationships>";
        let bytes = archive(&[
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
            ("xl/worksheets/sheet1.xml", SHEET),
            ("xl/worksheets/_rels/sheet1.xml.rels", links),
            ("xl/comments1.xml", comments),
        ]);
        let document = document(&bytes);
        assert_eq!(place(&document, "ask Mara Lind today"), "sheet Leute & Co, cell B4");
        let copy = replace_by("a.xlsx", &document, &bytes, &[("Mara Lind", "[X]")]).unwrap();
        assert!(parts(&copy.bytes)["xl/comments1.xml"].contains("ask [X] today"));
    }

    #[test]
    fn days_count_from_1904_where_the_workbook_says_so() {
        let since = |date: &str| {
            let workbook = WORKBOOK.replace("date1904=\"0\"", date);
            let bytes = archive(&[
                ("xl/workbook.xml", &workbook),
                ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
                ("xl/styles.xml", STYLES),
                ("xl/worksheets/sheet1.xml", SHEET),
            ]);
            document(&bytes).text().contains("1987-09-11")
        };
        assert!(since("date1904=\"1\"") && !since(""));
    }

    #[test]
    fn reads_the_workbooks_of_other_programs() {
        for bytes in [
            &include_bytes!("../../tests/files/people.xlsx")[..],
            include_bytes!("../../tests/files/people-libreoffice.xlsx"),
        ] {
            let document = document(bytes);
            for (needle, expected) in [
                ("Zoë Lind", "sheet Leute, cell A2"),
                ("1983-09-10", "sheet Leute, cell B2"),
                ("49301234567", "sheet Leute, cell C2 (hidden)"),
                ("zoe@example.org", "sheet Leute, cell D2"),
                ("2025-03-04 10:11:00", "sheet Leute, cell F3 (hidden)"),
                ("mailto:zoe.private@example.org", "sheet Leute, cell D2 (link)"),
                ("ask Ida Lind", "sheet Leute, cell A3"),
                ("ask Jan", "sheet Leute, cell F2"),
                ("for Kai Lind", "sheet Leute, page header"),
                ("Visits of Mara", "sheet Leute, drawing"),
                ("secret of Intern", "sheet Intern, cell C5 (hidden)"),
                ("secret of Tief", "sheet Tief, cell C5 (hidden)"),
                ("Jan Lind", "property creator"),
                ("Ida Roth", "property client"),
            ] {
                assert_eq!(place(&document, needle), expected, "{needle}");
            }
            assert!(document.text().contains("mail: zoe@example.org\n"));
            assert_eq!(notes(&document), [""; 0]);
        }
    }

    #[test]
    fn says_what_is_damaged_and_reads_the_rest() {
        let parts = |workbook: &str, sheet: &str| {
            archive(&[
                ("xl/workbook.xml", workbook),
                ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
                ("xl/worksheets/sheet1.xml", sheet),
            ])
        };
        let cut = archive(&[
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
            ("xl/sharedStrings.xml", "<sst><si><t>Mara"),
        ]);
        assert_eq!(place(&document(&cut), "Mara"), "property text of no cell");
        let cut = parts(WORKBOOK, &SHEET[..SHEET.find("4.9301").unwrap()]);
        let document = document(&cut);
        assert_eq!(place(&document, "mara@example.org"), "sheet Leute & Co, cell B4");
        assert_eq!(
            notes(&document),
            [
                "damaged: strings that cells have are missing; what was readable was read",
                "damaged: the part xl/worksheets/sheet1.xml ends too early; what was readable was read",
                "damaged: sheet 2 is missing; what was readable was read",
            ]
        );
        let fails = |bytes: &[u8]| read("a.xlsx", bytes, &Limits::default()).unwrap_err().to_string();
        assert_eq!(
            fails(b"PK\x03\x04xl/workbook"),
            "the Excel workbook is damaged: it is no whole ZIP archive"
        );
        assert_eq!(
            fails(&archive(&[("xl/workbook.bin", "\0")])),
            "binary Excel workbook (XLSB): this kind of file is not read"
        );
        let name = crate::fixtures::wide("EncryptedPackage");
        let encrypted = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &name[..]].concat();
        assert_eq!(fails(&encrypted), "the Excel workbook is encrypted; save a copy without a password");
    }

    #[test]
    fn an_archive_with_workbooks_is_no_workbook() {
        let bytes = crate::fixtures::archive_of(&[("a.xlsx", &whole())]);
        let document = document(&bytes);
        assert_eq!(document.format().name, "zip");
        assert_eq!(place(&document, "secret"), "a.xlsx: sheet Tief, cell AB4 (hidden)");
    }

    #[test]
    fn hostile_sheets_cost_no_more_than_others() {
        let limits = Limits { text_bytes: 4 << 20, ..Limits::default() };
        let of = |workbook: &str, strings: &str, sheet: &str| {
            archive(&[
                ("xl/workbook.xml", workbook),
                ("xl/_rels/workbook.xml.rels", WORKBOOK_LINKS),
                ("xl/sharedStrings.xml", strings),
                ("xl/worksheets/sheet1.xml", sheet),
            ])
        };
        // Each of many cells has a long string, each of many ranges all columns.
        let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1 << 18));
        let cells = format!(
            "<worksheet><sheetData><row>{}</row></sheetData></worksheet>",
            "<c t=\"s\"><v>0</v></c>".repeat(50_000)
        );
        let bytes = of(WORKBOOK, &strings, &cells);
        assert_eq!(read("", &bytes, &limits).unwrap_err(), ReadError::TooMuchText(4 << 20));
        let columns = "<col min=\"1\" max=\"4294967295\" hidden=\"1\"/>".repeat(10_000);
        let sheet = format!(
            "<worksheet><cols>{columns}</cols><sheetData><row r=\"4294967295\"><c r=\"ZZZZZZZZ99999999999\"><v>7</v></c><c r=\"XFD1\" t=\"s\"><v>-1</v></c></row></sheetData></worksheet>"
        );
        let bytes = of(WORKBOOK, "<sst/>", &sheet);
        assert_eq!(place(&document(&bytes), "7"), "sheet Leute & Co, cell A1048576 (hidden)");
        // A name is not repeated at length by every place.
        let workbook = WORKBOOK.replace("Leute &amp; Co", &"n".repeat(1 << 20));
        let bytes = of(&workbook, STRINGS, SHEET);
        assert_eq!(place(&document(&bytes), "mara@example.org").len(), 255 + "sheet , cell B4".len());
        let workbook = format!("<workbook>{}</workbook>", "<sheet name=\"a\"/>".repeat(1000));
        let few = Limits { entries: 100, ..Limits::default() };
        let error = read("", &of(&workbook, STRINGS, SHEET), &few).unwrap_err();
        assert_eq!(error, ReadError::TooMany { what: "entries", limit: 100 });
        // A first row of more cells than any program knows.
        let cells = "<c><v>1</v></c>".repeat(20_000);
        let sheet = format!("<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>");
        let bytes = of(WORKBOOK, STRINGS, &sheet);
        assert_eq!(document(&bytes).text().matches("\n1").count(), 20_000);
        let bytes = of(WORKBOOK, STRINGS, &"<worksheet>".repeat(10_000));
        assert_eq!(read("", &bytes, &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
    }

    proptest! {
        #[test]
        fn damaged_workbooks_do_not_panic(places in damages(3)) {
            let mut bytes = whole();
            damage(&mut bytes, &places);
            let _ = read("a.xlsx", &bytes, &Limits::default());
        }
    }
}
