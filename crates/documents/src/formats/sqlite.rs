//! SQLite databases: the rows of every table behind the names of their columns, and what is left of deleted ones.
//!
//! The file is read as its format is published, and not by SQLite: a process that reads can open no file.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use super::{
    blob::Blobs,
    sqlite_page::{Cell, Kind, OVERFLOW_HEADER, Pages},
    sqlite_record::Record,
    sqlite_rows::Row,
    sqlite_schema::{Column, Object, Table},
};
use crate::{
    Document, Marks, Note, ReadError,
    format::{Context, Format, Sight},
    layout::Layout,
    segment::Grid,
};

pub(crate) static FORMAT: Format = Format {
    name: "sqlite",
    title: "SQLite database",
    extensions: &["sqlite", "sqlite3", "db3"],
    media_types: &["application/vnd.sqlite3", "application/x-sqlite3"],
    recognise: |bytes| if bytes.starts_with(MARK) { Sight::Sure } else { Sight::No },
    read,
};

const MARK: &[u8] = b"SQLite format 3\0";

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let layout = Layout::new(&FORMAT, bytes, context);
    if bytes.is_empty() {
        return layout.finish();
    }
    if !bytes.starts_with(MARK) {
        return Err(ReadError::broken(&FORMAT, "it does not begin as one; it may be encrypted"));
    }
    let broken = || ReadError::broken(&FORMAT, "its header says no size of its pages");
    let pages = Pages::of_database(bytes).ok_or_else(broken)?;
    let places: Vec<_> =
        (1..).take(pages.count()).filter_map(|number| Some((number, pages.place(number)?))).collect();
    let mut database = Database::new(pages, layout, context);
    database.tables()?;
    database.remains(&places, Marks::DELETED)?;
    database.finish()
}

/// A database as it is laid out.
pub(super) struct Database<'a, 'c> {
    pub(super) pages: Pages<'a>,
    pub(super) layout: Layout<'a>,
    pub(super) context: Context<'c>,
    pub(super) tables: Vec<Laid>,
    /// Pages that a tree or a value has, so that nothing is read twice or in circles.
    pub(super) seen: HashSet<u32>,
    /// The pages of trees, and the table that each belongs to.
    pub(super) trees: HashMap<u32, usize>,
    /// The last pages of long values, and how much of each is used.
    pub(super) ends: HashMap<u32, usize>,
    /// Digests of what was laid out, so that its copies in free space are not.
    known: HashSet<u64>,
    hasher: RandomState,
    pub(super) blobs: Blobs,
    damaged: bool,
}

/// A table, and its columns in the layout.
#[derive(Default)]
pub(super) struct Laid {
    pub name: Option<String>,
    /// The same in the layout.
    pub grid: Option<Grid>,
    pub table: Table,
    pub columns: Vec<u32>,
    /// How many values its rows have: fewer than columns, where some were added later.
    pub widths: BTreeSet<usize>,
}

/// What belongs to no table.
pub(super) const NO_TABLE: usize = 0;
/// The table of all tables.
pub(super) const SCHEMA: usize = 1;

/// A step through a tree.
enum Step<'a> {
    Page(u32),
    Cell(Cell<'a>),
}

impl<'a, 'c> Database<'a, 'c> {
    pub(super) fn new(pages: Pages<'a>, layout: Layout<'a>, context: &Context<'c>) -> Self {
        Self {
            pages,
            layout,
            context: context.inner(),
            tables: vec![Laid::default()],
            seen: HashSet::new(),
            trees: HashMap::new(),
            ends: HashMap::new(),
            known: HashSet::new(),
            hasher: RandomState::new(),
            blobs: Blobs::default(),
            damaged: false,
        }
    }

    /// Lays out every table, first the one of the statements that made them.
    pub(super) fn tables(&mut self) -> Result<(), ReadError> {
        self.table("sqlite_schema".to_owned(), Table::of_schema());
        let mut objects = Vec::new();
        let mut steps = vec![Step::Page(1)];
        while let Some(cell) = self.next(&mut steps, SCHEMA)? {
            let payload = self.payload(&cell);
            self.damaged |= payload.len() < cell.payload;
            let Some(record) = Record::new(&payload) else { continue };
            objects.push(Object::of_record(record.clone(), self.pages.charset));
            self.row(SCHEMA, Row::Number(cell.row.unwrap_or(0)), record)?;
            self.is_new(cell.row, &payload);
        }
        for Object { name, root, table } in objects.into_iter().filter(|object| object.root > 0) {
            let table = match table {
                Some(table) => self.table(name, table),
                // An index says nothing that its table does not.
                None => NO_TABLE,
            };
            let mut steps = vec![Step::Page(root)];
            let mut count = 0;
            while let Some(cell) = self.next(&mut steps, table)? {
                let payload = self.payload(&cell);
                self.damaged |= payload.len() < cell.payload;
                count += 1;
                if table != NO_TABLE
                    && let Some(record) = Record::new(&payload)
                {
                    let width = self.row(table, Row::Number(cell.row.unwrap_or(count)), record)?;
                    self.tables[table].widths.insert(width);
                }
                self.is_new(cell.row, &payload);
            }
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Document<'a>, ReadError> {
        if self.damaged {
            self.layout.note(Note::Damaged("some pages of its tables are missing or not whole".to_owned()));
        }
        self.blobs.note(&mut self.layout);
        self.layout.finish()
    }

    pub(super) fn table(&mut self, name: String, table: Table) -> usize {
        let grid = Some(Grid::Table(self.layout.name(&name)));
        let column = |column: &Column| self.layout.column(column.number, Some(column.name.clone()), grid);
        let columns = table.columns.iter().map(column).collect();
        let widths = BTreeSet::from([table.columns.len()]);
        self.tables.push(Laid { name: Some(name), grid, table, columns, widths });
        self.tables.len() - 1
    }

    /// The next cell of a tree that has a payload, in the tree's order.
    fn next(&mut self, steps: &mut Vec<Step<'a>>, table: usize) -> Result<Option<Cell<'a>>, ReadError> {
        while let Some(step) = steps.pop() {
            let number = match step {
                Step::Cell(cell) => return Ok(Some(cell)),
                Step::Page(number) => number,
            };
            self.context.budget.check_time(self.context.limits)?;
            let tree = self.pages.page(number).and_then(|page| self.pages.tree(page, number));
            let Some(tree) = tree.filter(|_| self.seen.insert(number)) else {
                self.damaged = true;
                continue;
            };
            self.trees.insert(number, table);
            let (cells, whole) = tree.cells();
            self.damaged |= !whole;
            let right = tree.below.map(Step::Page);
            steps.extend(right);
            for cell in cells.into_iter().rev() {
                let child = cell.child.map(Step::Page);
                if tree.kind != Kind::TableInterior {
                    steps.push(Step::Cell(cell));
                }
                steps.extend(child);
            }
        }
        Ok(None)
    }

    /// What a cell holds, with what of it lies on other pages; as far as it is there.
    pub(super) fn payload(&mut self, cell: &Cell<'a>) -> Cow<'a, [u8]> {
        let Some(mut next) = cell.overflow else { return Cow::Borrowed(cell.local) };
        let mut payload = cell.local.to_vec();
        while payload.len() < cell.payload {
            // A page belongs to one value, or a loop could go on for ever.
            let Some((bytes, behind)) = self.pages.overflow(next).filter(|_| self.seen.insert(next)) else {
                break;
            };
            let bytes = &bytes[..bytes.len().min(cell.payload - payload.len())];
            payload.extend_from_slice(bytes);
            self.ends.insert(next, OVERFLOW_HEADER + bytes.len());
            next = behind;
        }
        Cow::Owned(payload)
    }

    /// Whether this was not there before.
    pub(super) fn is_new(&mut self, row: Option<i64>, bytes: &[u8]) -> bool {
        self.known.insert(self.hasher.hash_one((row, bytes)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits,
        fixtures::{damage, damages, notes, place, read_as},
        read,
    };

    const PEOPLE: &[u8] = include_bytes!("../../tests/files/people.sqlite");
    /// The same in UTF-16 and smaller pages.
    const WIDE: &[u8] = include_bytes!("../../tests/files/wide.sqlite");

    #[test]
    fn reads_every_table() {
        for bytes in [PEOPLE, WIDE] {
            let document = read("", bytes, &Limits::default()).unwrap();
            assert_eq!(document.format().name, "sqlite");
            for (needle, expected) in [
                ("Mara Lind\n", "table people, row 17, column name"),
                ("17\n", "table people, row 17, column id"),
                ("zoe@example.org", "table people, row 18, column email"),
                ("Ulm", "table people, row 18, column city"),
                ("030 1234567, then", "table people, row 40, column notes"),
                ("aunt@example.org", "table people, row 40, column notes"),
                ("Jan Brook", "table phone \"book\", row 2, column who is it"),
                ("030 7654321", "table phone \"book\", row 2, column the number"),
                ("far below", "table files, row -1152921504606846976, column name"),
                ("said by Ole", "table files, row 2, column data"),
                ("password of Uwe", "table files, row 3, column data"),
                ("für Ute", "table files, row 3, column data"),
                ("1e300", "table files, row 3, column size"),
                ("Tom at home", "table files, row 1, column data: property ImageDescription"),
                ("Default City", "table sqlite_schema, row 1, column sql"),
                ("Vera View", "table sqlite_schema, row 5, column sql"),
            ] {
                assert_eq!(place(&document, needle), expected, "{needle}");
            }
            assert!(document.text().contains("email: mara@example.org\nnotes: likes tea\n"));
            assert_eq!(
                notes(&document),
                [
                    "text in 1 picture is not read",
                    "skipped column data of table files: of this binary data only the texts were read"
                ]
            );
        }
    }

    #[test]
    fn finds_what_was_deleted() {
        let document = read("", PEOPLE, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Tom Berg"), "page 2, line 1 (deleted)");
        assert!(document.text().contains("name: Ida Holm\nemail: ida@example.org\nnotes: likes tea\n"));
        // The statement that made the table is deleted too, and still names its columns.
        assert_eq!(place(&document, "DROPPED".to_lowercase().as_str()), "page 1, line 1 (deleted)");
        for number in 0..60 {
            assert!(document.text().contains(&format!("Gone Person {number}")), "{number}");
        }
        assert_eq!(place(&document, "Gone Person 30"), "row 30, column 2 (deleted)");
        let document = read("", WIDE, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Tom Berg"), "table people, row 19, column name (deleted)");
        assert_eq!(place(&document, "ida@example.org"), "table people, row 20, column email (deleted)");
        assert!(document.text().contains("Gone Person 59"));
    }

    #[test]
    fn a_row_that_is_there_is_not_repeated_from_free_space() {
        let name: Vec<u8> = "Kai Vogt".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(memchr::memmem::find_iter(WIDE, &name).count(), 2);
        let document = read("", WIDE, &Limits::default()).unwrap();
        assert_eq!(document.text().matches("Kai Vogt").count(), 1);
    }

    #[test]
    fn circles_have_an_end() {
        let page = |bytes: &[u8], wanted: &dyn Fn(&[u8]) -> bool| {
            bytes.chunks(512).position(wanted).expect("there is such a page")
        };
        // The tree of a table leads back to its own page.
        let mut bytes = WIDE.to_vec();
        let at = page(WIDE, &|page| page[0] == 5);
        bytes[at * 512 + 8..at * 512 + 12].copy_from_slice(&(at as u32 + 1).to_be_bytes());
        let document = read("", &bytes, &Limits::default()).unwrap();
        let damaged =
            "damaged: some pages of its tables are missing or not whole; what was readable was read";
        assert_eq!(notes(&document)[1], damaged);
        assert!(document.text().contains("Mara Lind"));
        // A long value goes on in its own page.
        let mut bytes = WIDE.to_vec();
        let wait = [0, b'w', 0, b'a', 0, b'i', 0, b't'];
        let at = page(WIDE, &|page| page[0] == 0 && memchr::memmem::find(page, &wait).is_some());
        bytes[at * 512..at * 512 + 4].copy_from_slice(&(at as u32 + 1).to_be_bytes());
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(notes(&document)[1], damaged);
        // What came behind is no longer part of the value.
        assert_eq!(place(&document, "030 1234567, then"), "table people, row 40, column notes");
        assert!(place(&document, "aunt@example.org").starts_with("page "));
    }

    #[test]
    fn a_database_that_is_cut_is_read_as_far_as_it_goes() {
        let document = read("", &PEOPLE[..2500], &Limits::default()).unwrap();
        assert_eq!(place(&document, "zoe@example.org"), "table people, row 18, column email");
        assert!(notes(&document)[0].starts_with("damaged: "), "{:?}", notes(&document));
        let error = read("", &PEOPLE[..18], &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "the SQLite database is damaged: its header says no size of its pages");
    }

    #[test]
    fn says_what_may_be_encrypted() {
        let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let error = read("notes.sqlite", &noise, &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the SQLite database is damaged: it does not begin as one; it may be encrypted"
        );
        // SQLite makes a file before it has anything to put there.
        assert_eq!(read("notes.sqlite", b"", &Limits::default()).unwrap().text(), "");
    }

    #[test]
    fn small_pages_do_not_say_much() {
        // All pointers of a page to the same cell.
        let mut bytes = PEOPLE.to_vec();
        let page = 1024 * 6;
        assert_eq!(bytes[page], 10);
        let last = bytes[page + 8..page + 10].to_vec();
        bytes[page + 3..page + 5].copy_from_slice(&[1, 200]);
        for pointer in bytes[page + 8..page + 8 + 900].chunks_exact_mut(2) {
            pointer.copy_from_slice(&last);
        }
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert!(document.text().len() < 1 << 16, "{}", document.text().len());
    }

    proptest! {
        #[test]
        fn damaged_databases_do_not_panic(wide: bool, places in damages(5), head: bool) {
            let mut bytes = if wide { WIDE.to_vec() } else { PEOPLE.to_vec() };
            let damaged = if head { &mut bytes[..120] } else { &mut bytes[..] };
            damage(damaged, &places);
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
        }
    }
}
