//! Old Excel workbooks (MS-XLS): cells behind the names of their columns, comments, links, headers, hidden sheets.

use std::collections::{BTreeMap, HashMap};

use super::{
    compound::{Compound, has_stream, size_at, u16_at, u32_at},
    number_format::Look,
    ole,
    sheet::Columns,
    summary,
    xls_record::{Record, records, rk, text8, text16, texts},
};
use crate::{
    Document, Marks, Note, ReadError,
    codepage::{Codepage, utf16},
    format::{Context, Format, Sight},
    layout::Layout,
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "xls",
    title: "old Excel workbook",
    extensions: &["xls", "xlt", "xla"],
    media_types: &["application/vnd.ms-excel"],
    recognise: |bytes| {
        if STREAMS.iter().any(|name| has_stream(bytes, name)) { Sight::Sure } else { Sight::No }
    },
    read,
};

const STREAMS: [&str; 2] = ["Workbook", "Book"];

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut file = Compound::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    summary::read(&mut file, &mut layout)?;
    for name in STREAMS {
        let Some(stream) = file.stream(&format!("/{name}"))? else { continue };
        let mut book = Book::new(layout);
        for record in records(&stream) {
            book.record(&record)?;
        }
        book.end_sheet();
        layout = book.layout;
    }
    let inner = context.inner();
    for (name, folder) in file.names("/") {
        if folder && name.starts_with("MBD") {
            ole::storage(&mut file, &format!("/{name}"), &mut layout, &inner)?;
        } else if folder && name.starts_with("_VBA") {
            let part = "macros".to_owned();
            layout.note(Note::Skipped { part, reason: "programs in workbooks are not read".to_owned() });
        }
    }
    layout.finish()
}

struct Book<'a> {
    layout: Layout<'a>,
    codepage: Codepage,
    strings: Vec<String>,
    /// Where each sheet begins; its name, and whether it is hidden.
    sheets: HashMap<usize, (String, bool)>,
    /// How each format looks, and the format of each style.
    looks: HashMap<u16, Look>,
    styles: Vec<u16>,
    since_1904: bool,
    /// BIFF 8: strings are Unicode.
    wide: bool,
    sheet: (String, bool),
    cells: BTreeMap<(u16, u16), String>,
    /// The cell of a formula whose text comes in the next record.
    waiting: Option<(u16, u16)>,
    /// Texts of drawn objects by the object's number, until a comment claims them.
    drawn: BTreeMap<u16, String>,
    object: u16,
    asides: Vec<Aside>,
}

/// What stands beside the cells: at which, what it is, its text.
type Aside = (Option<(u16, u16)>, &'static str, String);

impl<'a> Book<'a> {
    fn new(layout: Layout<'a>) -> Self {
        Self {
            layout,
            codepage: Codepage::default(),
            strings: Vec::new(),
            sheets: HashMap::new(),
            looks: HashMap::new(),
            styles: Vec::new(),
            since_1904: false,
            wide: true,
            sheet: (String::new(), false),
            cells: BTreeMap::new(),
            waiting: None,
            drawn: BTreeMap::new(),
            object: 0,
            asides: Vec::new(),
        }
    }

    /// # Errors
    /// When the workbook is encrypted.
    fn record(&mut self, record: &Record<'_>) -> Result<(), ReadError> {
        let data = record.first();
        match record.kind {
            0x0809 => {
                if let Some(sheet) = self.sheets.remove(&record.at) {
                    self.end_sheet();
                    self.sheet = sheet;
                }
                self.wide = u16_at(data, 0) != Some(0x0500);
            }
            0x002F => return Err(ReadError::Encrypted(FORMAT.title)),
            0x0042 => {
                let number = u16_at(data, 0).map(u32::from).filter(|number| *number != 1200);
                self.codepage = number.and_then(Codepage::of).unwrap_or_default();
            }
            0x0022 => self.since_1904 = data.first() == Some(&1),
            0x0085 => {
                let at = size_at(data, 0).unwrap_or(0);
                let hidden = data.get(4).is_some_and(|state| state & 3 != 0);
                let name = text8(data.get(6..).unwrap_or_default(), self.wide, self.codepage);
                self.sheets.insert(at, (name, hidden));
            }
            0x00FC => self.strings = texts(record),
            0x00E0 => self.styles.push(u16_at(data, 2).unwrap_or(0)),
            0x041E => {
                let code = self.text16(data.get(2..).unwrap_or_default());
                self.looks.insert(u16_at(data, 0).unwrap_or(0), Look::of_code(&code));
            }
            0x005C => {
                let user = self.text16(data);
                self.layout.property("last user", &user);
            }
            0x01AE => {
                for path in self.text16(data.get(2..).unwrap_or_default()).split(char::is_control) {
                    self.layout.property("path of a linked workbook", path);
                }
            }
            _ => self.sheet_record(record, data),
        }
        Ok(())
    }

    fn sheet_record(&mut self, record: &Record<'_>, data: &[u8]) {
        let at = u16_at(data, 0).zip(u16_at(data, 2));
        let rest = data.get(6..).unwrap_or_default();
        let style = u16_at(data, 4).unwrap_or(0);
        match (record.kind, at) {
            (0x00FD, Some(at)) => {
                let text = size_at(rest, 0).and_then(|index| self.strings.get(index)).cloned();
                self.put(at, text.unwrap_or_default());
            }
            (0x0204 | 0x00D6, Some(at)) => {
                let text = self.text16(rest);
                self.put(at, text);
            }
            (0x0203, Some(at)) => self.number(at, style, double(rest)),
            (0x027E, Some(at)) => self.number(at, style, u32_at(rest, 0).map(rk)),
            (0x00BD, Some((row, first))) => {
                let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                for (cell, column) in cells.chunks_exact(6).zip(first..) {
                    self.number((row, column), u16_at(cell, 0).unwrap_or(0), u32_at(cell, 2).map(rk));
                }
            }
            (0x0006 | 0x0406, Some(at)) if u16_at(rest, 6) == Some(0xFFFF) => {
                self.waiting = Some(at).filter(|_| rest.first() == Some(&0));
            }
            (0x0006 | 0x0406, Some(at)) => self.number(at, style, double(rest)),
            (0x0207, _) => {
                if let Some(at) = self.waiting.take() {
                    let text = self.text16(data);
                    self.put(at, text);
                }
            }
            (0x001C, Some(at)) => {
                let author = self.text16(data.get(8..).unwrap_or_default());
                let comment = u16_at(data, 6).and_then(|object| self.drawn.remove(&object));
                self.asides.push((Some(at), "comment", comment.unwrap_or_default()));
                self.asides.push((Some(at), "author", author));
            }
            (0x005D, _) => self.object = u16_at(data, 6).unwrap_or(0),
            (0x01B6, _) => {
                let text = record.pieces.get(1).map(|piece| text_of(piece)).unwrap_or_default();
                self.drawn.insert(self.object, text);
            }
            (0x01B8, Some((row, _))) => {
                let at = (row, u16_at(data, 4).unwrap_or(0));
                self.asides.extend(link(data).into_iter().map(|text| (Some(at), "link", text)));
            }
            (0x0014 | 0x0015, _) if !data.is_empty() => {
                let text = self.text16(data);
                let name = if record.kind == 0x0014 { "page header" } else { "page footer" };
                self.asides.push((None, name, text));
            }
            (0x01BE, _) => {
                let mut rest = data.get(4..).unwrap_or_default();
                for _ in 0..4 {
                    let Some((text, length)) = text16(rest, true, self.codepage) else { break };
                    self.asides.push((None, "input message", text.trim_matches('\0').to_owned()));
                    rest = rest.get(length..).unwrap_or_default();
                }
            }
            (0x100D, _) => {
                let text = text8(data.get(2..).unwrap_or_default(), self.wide, self.codepage);
                self.asides.push((None, "chart text", text));
            }
            (0x00EB, _) => {
                let whole = record.pieces.concat();
                let count = [&b"\x89PNG\r\n"[..], b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1"]
                    .iter()
                    .map(|mark| memchr::memmem::find_iter(&whole, mark).count())
                    .sum::<usize>();
                if count > 0 {
                    self.layout.note(Note::Pictures(count));
                }
            }
            _ => {}
        }
    }

    fn text16(&self, data: &[u8]) -> String {
        text16(data, self.wide, self.codepage).map(|(text, _)| text).unwrap_or_default()
    }

    fn put(&mut self, at: (u16, u16), text: String) {
        if !text.trim().is_empty() {
            self.cells.insert(at, text);
        }
    }

    fn number(&mut self, at: (u16, u16), style: u16, number: Option<f64>) {
        let format = self.styles.get(usize::from(style)).copied().unwrap_or(0);
        if let Some(number) = number {
            let look = self.looks.get(&format).cloned().unwrap_or_else(|| Look::of_number(format));
            self.put(at, look.text(number, self.since_1904).unwrap_or_else(|| number.to_string()));
        }
    }

    /// Lays out the sheet that was read. A first row that is all words names the columns.
    fn end_sheet(&mut self) {
        let (sheet, hidden) = std::mem::take(&mut self.sheet);
        let cells = std::mem::take(&mut self.cells);
        self.layout.mark(if hidden { Marks::HIDDEN } else { Marks::default() });
        self.layout.property("sheet", &sheet);
        let mut columns = Columns::new(&sheet, &mut self.layout);
        let first = cells.keys().next().map(|(row, _)| *row);
        let heads = cells.iter().take_while(|((row, _), _)| Some(*row) == first);
        columns.name(heads.map(|((_, column), text)| (u32::from(*column) + 1, text.clone())));
        for ((row, column), text) in &cells {
            let spot = spot(&mut columns, (*row, *column), &mut self.layout);
            let label = if Some(*row) == first { "" } else { columns.label(u32::from(*column) + 1) };
            self.layout.begin(label);
            self.layout.text(text, spot);
        }
        let drawn = std::mem::take(&mut self.drawn).into_values().map(|text| (None, "drawing", text));
        let asides: Vec<_> = std::mem::take(&mut self.asides).into_iter().chain(drawn).collect();
        for (at, label, text) in asides {
            match at {
                Some(at) => {
                    if label == "link" && !hidden {
                        self.layout.mark(Marks::LINK);
                    }
                    if !text.trim().is_empty() {
                        let spot = spot(&mut columns, at, &mut self.layout);
                        self.layout.begin(label);
                        self.layout.text(text.trim(), spot);
                    }
                    self.layout.mark(if hidden { Marks::HIDDEN } else { Marks::default() });
                }
                None => self.layout.property(label, &text),
            }
        }
        self.layout.mark(Marks::default());
    }
}

fn spot(columns: &mut Columns, (row, column): (u16, u16), layout: &mut Layout<'_>) -> Spot {
    columns.spot(u32::from(row) + 1, u32::from(column) + 1, layout)
}

fn double(bytes: &[u8]) -> Option<f64> {
    bytes.first_chunk().map(|bytes| f64::from_le_bytes(*bytes))
}

/// The text of a drawn object: how wide its letters are, and they.
fn text_of(piece: &[u8]) -> String {
    match piece.split_first() {
        Some((1, letters)) => utf16(letters),
        Some((_, letters)) => letters.iter().map(|&byte| char::from(byte)).collect(),
        None => String::new(),
    }
}

/// The texts of a link: its target, what is shown, the place there (MS-OSHARED 2.3.7.1).
fn link(data: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let Some(flags) = u32_at(data, 28) else { return found };
    let mut rest = data.get(32..).unwrap_or_default();
    let counted = |rest: &mut &[u8], found: &mut Vec<String>| {
        let letters = size_at(rest, 0).unwrap_or(0).saturating_mul(2);
        let Some(text) = rest.get(4..).and_then(|text| text.get(..letters)) else { return };
        found.push(utf16(text));
        *rest = &rest[4 + letters..];
    };
    for flag in [0x14, 0x80] {
        if flags & flag != 0 {
            counted(&mut rest, &mut found);
        }
    }
    if flags & 0x101 == 0x101 {
        counted(&mut rest, &mut found);
    } else if flags & 1 != 0 {
        if rest.starts_with(b"\xe0\xc9\xea\x79") {
            let length = size_at(rest, 16).unwrap_or(0);
            let target = rest.get(20..).unwrap_or_default();
            let (target, behind) = target.split_at(length.min(target.len()));
            found.push(utf16(target));
            rest = behind;
        } else if let Some(length) = size_at(rest, 18)
            && let Some(path) = rest.get(22..).and_then(|path| path.get(..length))
        {
            found.push(Codepage::default().decode(path).trim_end_matches('\0').to_owned());
            // Whatever follows, in letters of all scripts.
            let wide = rest.get(22 + length + 24..).unwrap_or_default();
            let letters = size_at(wide, 4).unwrap_or(0);
            found.extend(wide.get(10..).and_then(|path| path.get(..letters)).map(utf16));
            let extra = size_at(wide, 0).unwrap_or(0).saturating_add(4);
            rest = wide.get(extra..).unwrap_or_default();
        }
    }
    if flags & 8 != 0 {
        counted(&mut rest, &mut found);
    }
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits,
        fixtures::{compound, damage, damages, place, read_as},
        read,
    };

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
    }

    fn short(text: &str) -> Vec<u8> {
        [&(text.len() as u16).to_le_bytes()[..], &[0], text.as_bytes()].concat()
    }

    fn whole(extra: &[u8]) -> Vec<u8> {
        let sheet = |at: u32, hidden: u8, name: &str| {
            record(
                0x85,
                &[&at.to_le_bytes()[..], &[hidden, 0, name.len() as u8, 0], name.as_bytes()].concat(),
            )
        };
        // A string that is cut by the end of a record goes on with a new flag.
        let table =
            [&2_u32.to_le_bytes()[..], &2_u32.to_le_bytes(), &short("owner"), &[9, 0, 0], b"Mara"].concat();
        let strings = [record(0xFC, &table), record(0x3C, b"\x01 \0L\0i\0n\0d\0")].concat();
        let bof = record(0x809, &[0, 6, 5, 0, 0, 0, 0, 0]);
        let write_access = record(0x5C, &short("Jan Roth   "));
        let before = bof.len()
            + write_access.len()
            + strings.len()
            + extra.len()
            + 2 * (sheet(0, 0, "People").len())
            + 4;
        let first = [
            bof.clone(),
            record(0x14, &short("&Lfor Kai")),
            record(0xFD, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            record(0xFD, &[1, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
            record(0x203, &[&[1, 0, 1, 0, 0, 0][..], &49_301_234_567_f64.to_le_bytes()].concat()),
            record(0x5D, &[0x15, 0, 0x12, 0, 0x19, 0, 7, 0]),
            record(0x1B6, &[0; 18]),
            record(0x3C, b"\0ask Tom"),
            record(0x1C, &[&[1, 0, 0, 0, 0, 0, 7, 0][..], &short("Eva Roth")].concat()),
            record(0x0A, &[]),
        ]
        .concat();
        let second = [
            bof.clone(),
            record(0x204, &[&[3, 0, 27, 0, 0, 0][..], &short("secret")].concat()),
            record(0x0A, &[]),
        ]
        .concat();
        let starts = (before as u32, (before + first.len()) as u32);
        let stream = [
            bof,
            extra.to_vec(),
            write_access,
            sheet(starts.0, 0, "People"),
            sheet(starts.1, 1, "Hidden"),
            strings,
            record(0x0A, &[]),
            first,
            second,
        ]
        .concat();
        compound(&[("/Workbook", stream)])
    }

    #[test]
    fn reads_cells_comments_and_hidden_sheets() {
        let bytes = whole(&[]);
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "xls");
        for (needle, expected) in [
            ("Jan Roth", "property last user"),
            ("owner", "sheet People, cell A1"),
            ("Mara Lind", "sheet People, cell A2"),
            ("49301234567", "sheet People, cell B2"),
            ("ask Tom", "sheet People, cell A2"),
            ("Eva Roth", "sheet People, cell A2"),
            ("for Kai", "property page header"),
            ("secret", "sheet Hidden, cell AB4 (hidden)"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        assert!(document.text().contains("owner: Mara Lind\n"));
    }

    #[test]
    fn reads_the_workbook_of_another_program() {
        let document = read("", include_bytes!("../../tests/files/people.xls"), &Limits::default()).unwrap();
        assert_eq!(place(&document, "Zoë Lind"), "sheet Leute, cell A2");
        assert!(document.text().contains("born: 1983-09-10\n"), "{}", document.text());
        assert!(document.text().contains("phone: 49301234567\n"));
        assert_eq!(place(&document, "hidden Tom"), "sheet Intern, cell A1 (hidden)");
        assert_eq!(document.text().matches("row ").count(), 100);
    }

    #[test]
    fn says_that_it_is_encrypted() {
        let error = read("", &whole(&record(0x2F, &[0; 6])), &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "the old Excel workbook is encrypted; save a copy without a password");
    }

    proptest! {
        #[test]
        fn damaged_workbooks_do_not_panic(places in damages(5)) {
            let mut bytes = whole(&[]);
            damage(&mut bytes, &places);
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
        }
    }
}
