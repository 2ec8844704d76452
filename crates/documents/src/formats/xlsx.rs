//! Excel workbooks: cells behind the names of their columns, comments, links, drawings, hidden sheets, what pivot tables keep.

use std::collections::HashMap;

use super::{
    drawing::At,
    markup::Piece,
    opc::{self, Opc},
    package,
    sheet::{is_date, shows_date},
    xlsx_pivot,
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
    let mut opc = Opc::open(bytes, &FORMAT, package::write, context)?;
    let (main, workbook) = opc.main("xl/workbook.xml")?;
    let (sheets, since_1904) = outline(&mut opc, &main, &workbook)?;
    let strings = match opc.targets(&main, &["sharedStrings"])?.first() {
        Some(name) => opc.part(name)?,
        None => None,
    };
    let dates = dates(&mut opc, &main)?;
    let mut book = Book { dates, since_1904, ..Book::default() };
    if let Some(part) = &strings {
        book.strings = shared(&mut opc, part)?;
    }
    let relations = opc.relations(&main)?;
    for (number, Entry { name, hidden, id }) in sheets.iter().enumerate() {
        let marks = if *hidden { Marks::HIDDEN } else { Marks::default() };
        opc.layout.mark(marks);
        opc.value("sheet", name);
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
fn outline<'x>(opc: &mut Opc<'_, '_>, name: &str, part: &'x Opened) -> Result<(Vec<Entry<'x>>, bool), ReadError> {
    let [defined, user, path, view] =
        ["defined name", "reserved by", "path of the workbook", "view"].map(|name| (name, opc.property(name)));
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
                tell(defined, tag.attribute("comment"), false);
                tell(defined, tag.attribute("description"), false);
            }
            "customWorkbookView" => tell(view, tag.attribute("name"), false),
            // Whoever worked on it, and their home folder.
            "fileSharing" => tell(user, tag.attribute("userName"), true),
            "absPath" => tell(path, tag.attribute("url"), true),
            _ => {}
        }
    })?;
    Ok((sheets, since_1904))
}

/// Which styles show dates, by their numbers.
fn dates(opc: &mut Opc<'_, '_>, main: &str) -> Result<Vec<bool>, ReadError> {
    let Some(name) = opc.targets(main, &["styles"])?.pop() else { return Ok(Vec::new()) };
    let Some(part) = opc.part(&name)? else { return Ok(Vec::new()) };
    let mut formats: HashMap<u16, bool> = HashMap::new();
    let (mut dates, mut of_cells) = (Vec::new(), false);
    opc.pieces(&name, &part, |piece, _| {
        let Piece::Start(tag) = piece else { return };
        let number = || tag.value("numFmtId").and_then(|number| number.parse().ok()).unwrap_or(0);
        match tag.name() {
            "numFmt" => {
                let code = tag.value("formatCode").unwrap_or_default();
                formats.insert(number(), shows_date(&code));
            }
            "cellXfs" => of_cells = true,
            "cellStyles" | "dxfs" | "cellStyleXfs" => of_cells = false,
            "xf" if of_cells => {
                let format = number();
                dates.push(formats.get(&format).copied().unwrap_or_else(|| is_date(format)));
            }
            _ => {}
        }
    })?;
    Ok(dates)
}

fn shared<'x>(opc: &mut Opc<'_, '_>, part: &'x Opened) -> Result<Strings<'x>, ReadError> {
    let mut strings = Strings::default();
    let mut open = 0;
    opc.pieces("sharedStrings.xml", part, |piece, _| match piece {
        Piece::Start(tag) => {
            strings.start(&tag);
            open += 1;
        }
        Piece::Words(words) => strings.words(words),
        Piece::End => {
            open -= 1;
            strings.end(open);
        }
    })?;
    Ok(strings)
}

/// Lays out a sheet and all that hangs on it; whether there is one.
fn read_sheet(opc: &mut Opc<'_, '_>, name: &str, sheet: &mut Sheet, book: &mut Book<'_>) -> Result<bool, ReadError> {
    let Some(part) = opc.part(name)? else { return Ok(false) };
    let relations = opc.relations(name)?;
    let mut reader = Reader::new(sheet, book, &relations);
    opc.pieces(name, &part, |piece, layout| reader.take(piece, layout))?;
    reader.end(&mut opc.layout);
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
