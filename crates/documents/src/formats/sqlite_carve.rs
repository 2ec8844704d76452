//! What is left in the free space of a SQLite database: rows that were deleted, and pieces of them.

use std::{collections::HashSet, ops::Range};

use super::{
    sqlite::{Database, Laid, NO_TABLE, SCHEMA},
    sqlite_page::{Cell, Kind, Pages, be16},
    sqlite_record::{Record, Shape, Value, integer},
    sqlite_rows::Row,
    sqlite_schema::{Object, Table},
    strings::{is_readable, texts},
};
use crate::{Marks, Place, ReadError, decode::Charset};

/// A text of so many bytes makes a row that fits no table a row all the same.
const TELLING: usize = 4;
/// How often each byte may be looked at as part of a row; after that only texts are sought.
const LOOKS: usize = 8;
/// What is written over the start of a row that is deleted: where the next gap is, and the length of this one.
const GAP_HEADER: usize = 4;
/// Bytes of the longest number of a row.
const LONGEST_NUMBER: usize = 9;
/// The longest text that one byte can say the type of.
const LONGEST_OF_ONE_BYTE: usize = 57;

impl<'a> Database<'a, '_> {
    /// Lays out what is left in pages, of which the numbers and the places where they begin are given. `marks` are for
    /// those that belong to no tree.
    pub(super) fn remains(&mut self, places: &[(u32, usize)], marks: Marks) -> Result<(), ReadError> {
        let mut carver = Carver::new(self.pages.charset, places.len() * self.pages.size);
        for &(number, place) in places {
            self.context.budget.check_time(self.context.limits)?;
            let Some(bytes) = self.pages.at(place) else { continue };
            let current = self.pages.place(number) == Some(place) && self.seen.contains(&number);
            let table = self.trees.get(&number).copied().unwrap_or(NO_TABLE);
            let tree = self.pages.tree(bytes, number);
            let (cells, whole) = tree.map(|tree| tree.cells()).unwrap_or_default();
            let kinds = tree.map_or(&[Kind::TableLeaf, Kind::IndexLeaf][..], |tree| tree.kind.of_leaves());
            let mut ground = Ground { bytes, free: 0..bytes.len(), kinds, table, starts: HashSet::new() };
            match tree {
                Some(tree) if current && self.trees.contains_key(&number) => {
                    for free in tree.free(&cells) {
                        ground.free = free;
                        self.carve(&mut carver, number, &ground, Marks::DELETED)?;
                    }
                    continue;
                }
                Some(tree) if !current && whole => {
                    ground.free.start = tree.body();
                    ground.starts = cells.iter().map(|cell| cell.place.start).collect();
                }
                _ if current => {
                    let used = self.ends.get(&number).copied().unwrap_or(bytes.len());
                    ground.free.start = used.min(bytes.len());
                }
                _ => {}
            }
            self.carve(&mut carver, number, &ground, if current { Marks::DELETED } else { marks })?;
        }
        self.layout.mark(Marks::default());
        Ok(())
    }

    fn carve(
        &mut self,
        carver: &mut Carver,
        page: u32,
        ground: &Ground<'a, '_>,
        marks: Marks,
    ) -> Result<(), ReadError> {
        for remains in carver.remains(&self.pages, &self.tables, ground) {
            let is_cell =
                matches!(&remains, Remains::Cell(cell) if ground.starts.contains(&cell.place.start));
            let beside = !is_cell && !ground.starts.is_empty();
            self.layout.mark(if beside { Marks::DELETED } else { marks });
            self.leave(page, ground.table, remains)?;
        }
        Ok(())
    }

    fn leave(&mut self, page: u32, table: usize, remains: Remains<'a>) -> Result<(), ReadError> {
        match remains {
            Remains::Cell(cell) => {
                let payload = self.payload(&cell);
                let Some(record) = Record::new(&payload).filter(|_| self.is_new(cell.row, &payload)) else {
                    return Ok(());
                };
                let table = if table == NO_TABLE { self.table_of(&record) } else { table };
                // A table that was deleted still names its columns.
                if table == SCHEMA
                    && let Object { name, table: Some(table), .. } =
                        Object::of_record(record.clone(), self.pages.charset)
                {
                    self.table(name, table);
                }
                self.row(table, cell.row.map_or(Row::Page(page), Row::Number), record)?;
            }
            Remains::Torn { first: None, others } => {
                self.row(table, Row::Page(page), others)?;
            }
            Remains::Torn { first: Some(first), others } => {
                let first = match self.pages.charset.decode(first) {
                    _ if first.is_empty() => Value::Null,
                    text if is_readable(&text) => Value::Text(first),
                    _ => Value::Integer(integer(first)),
                };
                self.row(table, Row::Page(page), std::iter::once(first).chain(others))?;
            }
            Remains::Rest(bytes) => {
                let mut spot = None;
                for text in texts(bytes) {
                    if self.is_new(None, text.as_bytes()) {
                        let spot = *spot.get_or_insert_with(|| self.layout.place(Place::Page { page }));
                        self.layout.begin("");
                        self.layout.text(&text, spot);
                    }
                }
            }
        }
        Ok(())
    }

    /// The only table whose rows look like this one, if there is one. Of those that don't number their rows by a column too
    /// little is known.
    fn table_of(&self, record: &Record<'_>) -> usize {
        let values: Vec<_> = record.clone().collect();
        let mut fitting = self.tables.iter().enumerate().filter(|(_, laid)| {
            let number = laid.table.row_number.and_then(|column| values.get(column));
            number == Some(&Value::Null) && laid.widths.contains(&values.len())
        });
        match (fitting.next(), fitting.next()) {
            (Some((table, _)), None) => table,
            _ => NO_TABLE,
        }
    }
}

/// A stretch of a page in which something may be left.
#[derive(Debug)]
struct Ground<'a, 't> {
    /// The page.
    bytes: &'a [u8],
    free: Range<usize>,
    /// The kinds of cells that may lie there.
    kinds: &'t [Kind],
    /// The table whose page it is.
    table: usize,
    /// Where the page itself says that cells begin.
    starts: HashSet<usize>,
}

/// What was left.
#[derive(Debug)]
enum Remains<'a> {
    /// A whole row.
    Cell(Cell<'a>),
    /// A row without its beginning: the bytes of its first value, if its type is lost, and the others.
    Torn { first: Option<&'a [u8]>, others: Record<'a> },
    /// Bytes that are no row.
    Rest(&'a [u8]),
}

/// Looks for rows, by what the tables of the database look like.
struct Carver {
    charset: Charset,
    /// How many types and bytes of texts may still be looked at.
    effort: usize,
}

impl Carver {
    /// For so many bytes.
    fn new(charset: Charset, bytes: usize) -> Self {
        Self { charset, effort: bytes.saturating_mul(LOOKS) }
    }

    /// Everything in the free space, in its order.
    fn remains<'a>(
        &mut self,
        pages: &Pages<'a>,
        tables: &[Laid],
        ground: &Ground<'a, '_>,
    ) -> Vec<Remains<'a>> {
        let Range { start, end } = ground.free;
        let mut found = Vec::new();
        let (mut at, mut rest) = (start, start);
        // The header of a gap may begin with zeros, as what was never used does.
        let empty = start + ground.bytes[start..end].iter().take_while(|byte| **byte == 0).count();
        while at < end {
            let cell = self.cell(pages, tables, ground, at).map(|cell| (cell.place.end, Remains::Cell(cell)));
            // Elsewhere chance too often looks like a row that has lost its beginning.
            let begins = at == rest || (at..at + GAP_HEADER).contains(&empty);
            let remains =
                cell.or_else(|| if begins { self.torn(&tables[ground.table], ground, at) } else { None });
            match remains {
                Some((end, remains)) => {
                    if rest < at {
                        found.push(Remains::Rest(&ground.bytes[rest..at]));
                    }
                    found.push(remains);
                    (at, rest) = (end, end);
                }
                None => at += 1,
            }
        }
        if rest < end {
            found.push(Remains::Rest(&ground.bytes[rest..end]));
        }
        found
    }

    fn cell<'a>(
        &mut self,
        pages: &Pages<'a>,
        tables: &[Laid],
        ground: &Ground<'a, '_>,
        at: usize,
    ) -> Option<Cell<'a>> {
        if ground.bytes[at] == 0 {
            return None;
        }
        ground.kinds.iter().find_map(|&kind| {
            let cell = pages.cell(ground.bytes, kind, at).filter(|cell| cell.place.end <= ground.free.end)?;
            let shape = Shape::of_record(cell.local, cell.payload, &mut self.effort)?;
            let whole = shape.header.checked_add(shape.body) == Some(cell.payload);
            let record = Record::new(cell.local).filter(|_| whole)?;
            let said = ground.starts.contains(&at);
            (said || self.is_likely(tables, ground.table, shape.columns, record)).then_some(cell)
        })
    }

    /// A row that lost its first bytes to the header of a gap: the lengths of its payload and of its header, its number,
    /// the type of its first column. Of these the later are there if the earlier are long.
    fn torn<'a>(
        &mut self,
        laid: &Laid,
        ground: &Ground<'a, '_>,
        start: usize,
    ) -> Option<(usize, Remains<'a>)> {
        let Laid { table, widths, .. } = laid;
        if table.columns.len() < 2 || table.without_rows {
            return None;
        }
        let (next, size) = (be16(ground.bytes, start)?, be16(ground.bytes, start + 2)?);
        let end = start + size;
        if size < GAP_HEADER || end > ground.bytes.len() || (1..end).contains(&next) {
            return None;
        }
        // Since then others may have taken its end.
        let (gap, at) = (&ground.bytes[..end.min(ground.free.end)], start + GAP_HEADER);
        (at..at + LONGEST_NUMBER).find_map(|at| self.torn_before_header(laid, gap, at)).or_else(|| {
            let mut rows = Vec::new();
            for &width in widths {
                for (cut, lost) in [(false, false), (false, true), (true, true)] {
                    rows.extend(self.torn_in_header(table, width, gap, at + usize::from(cut), lost, cut));
                }
            }
            // Several rows may lie in one gap; one that takes all of it is the surest.
            let whole = rows.iter().position(|(end, _)| *end == gap.len()).unwrap_or(0);
            rows.into_iter().nth(whole)
        })
    }

    /// A row whose header begins here.
    fn torn_before_header<'a>(
        &mut self,
        laid: &Laid,
        gap: &'a [u8],
        at: usize,
    ) -> Option<(usize, Remains<'a>)> {
        let bytes = gap.get(at..)?;
        let shape = Shape::of_record(bytes, bytes.len(), &mut self.effort)?;
        let bytes = bytes.get(..shape.header.checked_add(shape.body)?)?;
        let others = Record::new(bytes)?;
        let fits = laid.widths.contains(&shape.columns) && self.fits(&laid.table, 0, others.clone());
        fits.then_some((at + bytes.len(), Remains::Torn { first: None, others }))
    }

    /// A row whose types begin here, perhaps without the one of its first column, perhaps in the midst of that one.
    fn torn_in_header<'a>(
        &mut self,
        table: &Table,
        width: usize,
        gap: &'a [u8],
        at: usize,
        lost: bool,
        cut: bool,
    ) -> Option<(usize, Remains<'a>)> {
        let bytes = gap.get(at..)?;
        let columns = width.checked_sub(usize::from(lost)).filter(|columns| *columns > 0)?;
        let shape = Shape::of_types(bytes, columns, bytes.len(), &mut self.effort)?;
        let left = bytes.len().checked_sub(shape.header.checked_add(shape.body)?)?;
        let first = match table.row_number {
            _ if !lost => 0,
            Some(0) if cut => return None,
            Some(0) => 0,
            // What the others leave is the first column's, if this is the only row here.
            _ if cut && left > LONGEST_OF_ONE_BYTE && usize::from(gap[at - 1]) == (13 + 2 * left) & 0x7F => {
                left
            }
            _ if !cut && left <= LONGEST_OF_ONE_BYTE => left,
            _ => return None,
        };
        let (types, body) = bytes.split_at(shape.header);
        let others = Record::of(types, &body[first..first + shape.body]);
        let fits = shape.columns == columns && self.fits(table, usize::from(lost), others.clone());
        let end = at + shape.header + first + shape.body;
        fits.then_some((end, Remains::Torn { first: lost.then_some(&body[..first]), others }))
    }

    /// The record could be a row of the table, from this column on, and says something.
    fn fits(&mut self, table: &Table, from: usize, mut record: Record<'_>) -> bool {
        let says = |value| matches!(value, Value::Text(text) if !text.is_empty());
        let number = table.row_number.and_then(|column| column.checked_sub(from));
        record.clone().any(says)
            && self.is_readable(record.clone())
            && number.is_none_or(|column| record.nth(column) == Some(Value::Null))
    }

    /// Chance rarely makes a row that fits the table, or one that says something.
    fn is_likely(&mut self, tables: &[Laid], table: usize, width: usize, record: Record<'_>) -> bool {
        let fits = match table {
            NO_TABLE => width > 2 && tables.iter().any(|laid| laid.widths.contains(&width)),
            _ => tables[table].widths.contains(&width),
        };
        let says = |value| matches!(value, Value::Text(text) if text.len() >= TELLING);
        (fits || record.clone().any(says)) && self.is_readable(record)
    }

    /// Its texts are texts, as far as they are here.
    fn is_readable(&mut self, mut record: Record<'_>) -> bool {
        record.all(|value| match value {
            Value::Text(text) => {
                self.effort = self.effort.saturating_sub(text.len());
                let text = self.charset.decode(text);
                // Latin letters in UTF-16 that are read from their second byte on.
                let shifted = text.chars().filter(|&letter| letter as u32 & 0xFF == 0).count();
                is_readable(text.trim_end_matches(char::REPLACEMENT_CHARACTER)) && shifted <= text.len() / 6
            }
            _ => true,
        })
    }
}
