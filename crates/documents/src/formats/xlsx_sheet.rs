//! One sheet of an Excel workbook: its cells behind the names of their columns, then what stands beside them.

use std::collections::HashMap;

use super::{
    markup::{Piece, Tag},
    number_format::Look,
    package::Relation,
    sheet::{Columns, MOST_COLUMNS, MOST_ROWS, cell_at, place_name},
    xlsx_text::{Rich, Strings, margin, start_of},
};
use crate::{
    Marks, Note, Place,
    layout::{Layout, Raw},
    segment::Spot,
};

/// What all sheets go by.
#[derive(Debug, Default)]
pub(super) struct Book<'x> {
    pub strings: Strings<'x>,
    /// How the numbers of each style look.
    pub looks: Vec<Look>,
    pub since_1904: bool,
    /// A string that a cell refers to is not there.
    pub damaged: bool,
}

/// A sheet, and where its parts stand.
#[derive(Debug)]
pub(super) struct Sheet {
    pub name: String,
    pub marks: Marks,
    pub columns: Columns,
    /// What stands beside the cells, by what it is.
    parts: HashMap<&'static str, Spot>,
}

/// Attributes that hold what people write.
const TOLD: &[&str] = &[
    "prompt",
    "promptTitle",
    "error",
    "errorTitle",
    "display",
    "tooltip",
    "location",
    "codeName",
    "name",
    "user",
    "comment",
    "descr",
    "title",
    "altText",
    "text",
    "securityDescriptor",
    "destinationFile",
    "sheet",
    "key",
];
/// Elements that have values of cells: filters, scenarios.
const VALUES: &[&str] = &["filter", "customFilter", "inputCells", "cellSmartTagPr"];

/// The part of a sheet, piece by piece.
pub(super) struct Reader<'s, 't, 'x> {
    sheet: &'s mut Sheet,
    book: &'s mut Book<'t>,
    relations: &'s HashMap<String, Relation>,
    open: Vec<Element>,
    /// First and last columns that are hidden, in order.
    hidden: Vec<(u32, u32)>,
    row: u32,
    row_hidden: bool,
    column: u32,
    cell: Cell<'x>,
    /// The first row with cells, until it ends.
    head: Option<Vec<Cell<'x>>>,
    /// The cells that the element around is about.
    about: Option<Spot>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Columns,
    Row,
    Cell,
    Formula,
    Value,
    /// Within a text in a cell.
    Text,
    Header,
    Footer,
    About,
    /// Its words are for programs.
    Program,
    Other,
}

#[derive(Debug, Default)]
struct Cell<'x> {
    row: u32,
    column: u32,
    hidden: bool,
    kind: Kind,
    style: usize,
    formula: Vec<Raw<'x>>,
    value: Vec<Raw<'x>>,
    text: Rich<'x>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Number,
    Shared,
    Truth,
    /// As it is written.
    Words,
}

impl Sheet {
    pub(super) fn new(name: String, marks: Marks, layout: &mut Layout<'_>) -> Self {
        let columns = Columns::new(&name, layout);
        Self { name, marks, columns, parts: HashMap::new() }
    }

    /// The place of what stands beside the cells.
    pub(super) fn part(&mut self, part: &'static str, layout: &mut Layout<'_>) -> Spot {
        let sheet = place_name(&self.name);
        *self.parts.entry(part).or_insert_with(|| {
            layout.place(Place::SheetPart { sheet: sheet.to_owned(), part: part.to_owned() })
        })
    }

    /// The place of the first of these cells.
    pub(super) fn cell(&mut self, name: &str, layout: &mut Layout<'_>) -> Option<Spot> {
        cell_at(name).map(|(row, column)| self.columns.spot(row, column, layout))
    }
}

impl<'s, 't, 'x> Reader<'s, 't, 'x> {
    pub(super) fn new(
        sheet: &'s mut Sheet,
        book: &'s mut Book<'t>,
        relations: &'s HashMap<String, Relation>,
    ) -> Self {
        Self {
            sheet,
            book,
            relations,
            open: Vec::new(),
            hidden: Vec::new(),
            row: 0,
            row_hidden: false,
            column: 0,
            cell: Cell::default(),
            head: Some(Vec::new()),
            about: None,
        }
    }

    pub(super) fn take(&mut self, piece: Piece<'x>, layout: &mut Layout<'_>) {
        match piece {
            Piece::Start(tag) => {
                let element = self.start(&tag, layout);
                self.open.push(element);
            }
            Piece::Words(words) => self.words(words, layout),
            Piece::End => self.close(layout),
        }
    }

    fn start(&mut self, tag: &Tag<'x>, layout: &mut Layout<'_>) -> Element {
        let within = self.open.last().copied();
        match tag.name() {
            "c" if within == Some(Element::Row) => {
                self.begin_cell(tag);
                Element::Cell
            }
            "v" if within == Some(Element::Cell) => Element::Value,
            "f" if within == Some(Element::Cell) => Element::Formula,
            _ if matches!(within, Some(Element::Cell | Element::Text)) => {
                self.cell.text.start(tag);
                Element::Text
            }
            "row" => {
                let number = tag.value("r").and_then(|number| number.parse().ok());
                self.row = number.unwrap_or(self.row.saturating_add(1)).min(MOST_ROWS);
                self.row_hidden = is_true(tag.value("hidden").as_deref());
                self.column = 0;
                Element::Row
            }
            "cols" => Element::Columns,
            "col" => {
                let number = |name| tag.value(name).and_then(|number| number.parse::<u32>().ok());
                if is_true(tag.value("hidden").as_deref()) {
                    self.hidden.extend(number("min").zip(number("max")));
                }
                Element::Other
            }
            "oddHeader" | "evenHeader" | "firstHeader" => Element::Header,
            "oddFooter" | "evenFooter" | "firstFooter" => Element::Footer,
            "sqref" => Element::Program,
            name => {
                let cells = tag.attribute("ref").or_else(|| tag.attribute("sqref"));
                if let Some(cells) = cells.filter(|_| self.about.is_none()) {
                    self.about = self.sheet.cell(cells.text, layout);
                    self.tell(name, tag, layout);
                    return Element::About;
                }
                self.tell(name, tag, layout);
                Element::Other
            }
        }
    }

    fn begin_cell(&mut self, tag: &Tag<'x>) {
        let cell = &mut self.cell;
        cell.formula.clear();
        cell.value.clear();
        cell.text.clear();
        (cell.kind, cell.style) = (Kind::Number, 0);
        (cell.row, cell.column) = (self.row, self.column.saturating_add(1));
        for (key, value) in tag.attributes() {
            match key {
                "r" => (cell.row, cell.column) = cell_at(value.text).unwrap_or((cell.row, cell.column)),
                "s" => cell.style = value.text.parse().unwrap_or(0),
                "t" => {
                    cell.kind = match value.text {
                        "s" => Kind::Shared,
                        "b" => Kind::Truth,
                        "n" => Kind::Number,
                        _ => Kind::Words,
                    }
                }
                _ => {}
            }
        }
        let column = cell.column;
        let at = self.hidden.partition_point(|(_, last)| *last < column);
        let column_hidden = self.hidden.get(at).is_some_and(|(first, _)| *first <= column);
        cell.hidden = self.row_hidden || column_hidden;
        self.column = column;
    }

    fn words(&mut self, words: Raw<'x>, layout: &mut Layout<'_>) {
        let part = match self.open.last() {
            Some(Element::Formula) => return self.cell.formula.push(words),
            Some(Element::Value) => return self.cell.value.push(words),
            Some(Element::Text) => return self.cell.text.words(words),
            Some(Element::Header) => "page header",
            Some(Element::Footer) => "page footer",
            Some(Element::Row | Element::Cell | Element::Columns | Element::Program) => return,
            _ => "rule",
        };
        if !words.text.trim().is_empty() {
            let spot = match self.about {
                Some(spot) => spot,
                None => self.sheet.part(part, layout),
            };
            layout.mark(self.sheet.marks);
            let sections = if part == "rule" { vec![vec![words]] } else { margin(&words) };
            for section in &sections {
                layout.begin(part);
                section.iter().for_each(|piece| layout.raw(piece, spot));
            }
        }
    }

    fn close(&mut self, layout: &mut Layout<'_>) {
        match self.open.pop() {
            Some(Element::Text) => self.cell.text.end(),
            Some(Element::Cell) => match &mut self.head {
                Some(head) => {
                    if !self.cell.is_empty() {
                        head.push(std::mem::take(&mut self.cell));
                    }
                    // No row has more; one that does is read all the same.
                    if head.len() > MOST_COLUMNS as usize {
                        self.end_head(layout);
                    }
                }
                None => {
                    let cell = std::mem::take(&mut self.cell);
                    self.lay_out(&cell, false, layout);
                    self.cell = cell;
                }
            },
            Some(Element::Row) => self.end_head(layout),
            Some(Element::Columns) => merge(&mut self.hidden),
            Some(Element::About) => self.about = None,
            _ => {}
        }
    }

    /// The first row with cells was read: it may name the columns.
    fn end_head(&mut self, layout: &mut Layout<'_>) {
        let Some(head) = self.head.take_if(|head| !head.is_empty()) else { return };
        let strings = &self.book.strings;
        self.sheet.columns.name(head.iter().map(|cell| (cell.column, cell.start_of(strings))));
        for cell in &head {
            self.lay_out(cell, true, layout);
        }
    }

    fn lay_out(&mut self, cell: &Cell<'x>, head: bool, layout: &mut Layout<'_>) {
        if cell.is_empty() {
            return;
        }
        let spot = self.sheet.columns.spot(cell.row, cell.column, layout);
        let label = if head { "" } else { self.sheet.columns.label(cell.column) };
        let marks = self.sheet.marks | if cell.hidden { Marks::HIDDEN } else { Marks::default() };
        layout.mark(marks);
        match (cell.kind, &cell.value[..]) {
            (_, []) => {}
            (Kind::Shared, [number, ..]) => {
                let number = number.text.trim().parse().unwrap_or(usize::MAX);
                if !self.book.strings.lay_out(number, label, spot, layout) && !self.book.damaged {
                    self.book.damaged = true;
                    layout.note(Note::Damaged("strings that cells have are missing".to_owned()));
                }
            }
            (Kind::Truth, [truth, ..]) => {
                layout.begin(label);
                layout.shown(truth, if is_true(Some(truth.text)) { "TRUE" } else { "FALSE" }, spot);
            }
            (Kind::Number, [number]) => {
                layout.begin(label);
                match self.shown(number.text, cell.style) {
                    Some(shown) => layout.shown(number, &shown, spot),
                    None => layout.raw(number, spot),
                }
            }
            (Kind::Number | Kind::Words, words) => {
                layout.begin(label);
                words.iter().for_each(|words| layout.raw(words, spot));
            }
        }
        cell.text.lay_out(label, spot, layout);
        if !cell.formula.is_empty() {
            layout.mark(marks | Marks::LINK);
            layout.begin(if label.is_empty() { "formula" } else { label });
            cell.formula.iter().for_each(|formula| layout.raw(formula, spot));
        }
    }

    /// A number that people see otherwise than it is written: a date, digits in their places, one with an exponent.
    ///
    /// A date is a count of days; no digit of it is one of the year's. So what is found in it is replaced by replacing the
    /// number, and a copy must then call the cell one of text.
    fn shown(&self, written: &str, style: usize) -> Option<String> {
        let look = self.book.looks.get(style).filter(|look| **look != Look::Plain);
        if look.is_none() && !written.contains(['e', 'E']) {
            return None;
        }
        let number: f64 = written.trim().parse().ok()?;
        match look {
            Some(look) => look.text(number, self.book.since_1904),
            None => Some(number.to_string()),
        }
    }

    /// Lays out what the attributes of an element beside the cells say.
    fn tell(&mut self, element: &str, tag: &Tag<'x>, layout: &mut Layout<'_>) {
        for (key, value) in tag.attributes() {
            let told = TOLD.contains(&key) || key == "val" && VALUES.contains(&element);
            let link = if key.ends_with(":id") && element == "hyperlink" {
                self.relations.get(&value.meaning()).filter(|relation| relation.external)
            } else {
                None
            };
            if link.is_none() && (!told || value.text.trim().is_empty()) {
                continue;
            }
            let spot = match self.about {
                Some(spot) => spot,
                None => self.sheet.part("settings", layout),
            };
            layout
                .mark(self.sheet.marks | if element == "hyperlink" { Marks::LINK } else { Marks::default() });
            layout.begin(if element == "hyperlink" { "link" } else { key });
            match link {
                Some(relation) => layout.raw(&relation.raw(), spot),
                None => layout.raw(&value, spot),
            }
        }
    }
}

impl Cell<'_> {
    fn is_empty(&self) -> bool {
        self.value.is_empty() && self.formula.is_empty() && self.text.is_empty()
    }

    fn start_of(&self, strings: &Strings<'_>) -> String {
        match (self.kind, &self.value[..]) {
            (Kind::Shared, [number, ..]) => {
                strings.start_of(number.text.trim().parse().unwrap_or(usize::MAX))
            }
            (_, []) => self.text.start_of(),
            (_, words) => start_of(words),
        }
    }
}

fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true" | "on"))
}

/// In order, those that touch as one, so that there is one place to look.
fn merge(ranges: &mut Vec<(u32, u32)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let touches = next.0 <= last.1.saturating_add(1);
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
}
