//! Parquet tables: the values of every row behind the names of their columns, nested ones by the way to them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use parquet::{
    column::reader::get_column_reader,
    errors::ParquetError,
    file::metadata::{ColumnChunkMetaData, FileMetaData, ParquetMetaData, ParquetMetaDataReader},
};

use super::{
    blob::{Blobs, Seat},
    parquet_column::{Column, Written, names},
    parquet_page::{Allowance, Pages},
    thrift::{Fields, Reader},
};
use crate::{
    Document, Note, ReadError,
    budget::Budget,
    format::{Context, Format, Sight},
    layout::Layout,
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "parquet",
    title: "Parquet table",
    extensions: &["parquet", "pq"],
    media_types: &["application/vnd.apache.parquet", "application/x-parquet"],
    recognise: |bytes| {
        // Letters alone could begin a text.
        let binary = bytes.iter().take(1024).any(|byte| *byte < 9);
        if binary && MARKS.iter().any(|mark| bytes.starts_with(mark)) { Sight::Sure } else { Sight::No }
    },
    read,
};

const PLAIN: &[u8] = b"PAR1";
const ENCRYPTED: &[u8] = b"PARE";
const MARKS: [&[u8]; 2] = [PLAIN, ENCRYPTED];
/// Behind the description of the columns: its length, the mark.
const TAIL: usize = 8;
/// Fields and elements that the description of the columns may have.
const MOST_FIELDS: usize = 1 << 19;
/// Rows of each column that are unpacked at a time.
const BATCH: usize = 1024;
/// Values that the lists of a column may have in that many rows.
const BATCH_VALUES: usize = 1 << 22;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let description = describe(bytes, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    properties(description.file_metadata(), &mut layout);
    let mut table = Table::new(&description, bytes, layout, context);
    for group in 0..description.num_row_groups() {
        table.group(description.row_group(group).columns())?;
    }
    table.blobs.note(&mut table.layout);
    table.layout.finish()
}

/// The description of the columns. The crate believes what it says of its lengths and calls itself for every level, so it
/// is looked through before.
fn describe(bytes: &[u8], context: &Context<'_>) -> Result<ParquetMetaData, ReadError> {
    let broken = |reason: &str| ReadError::broken(&FORMAT, reason);
    let (rest, mark) = bytes.split_last_chunk::<4>().unwrap_or((&[], &[0; 4]));
    if bytes.starts_with(ENCRYPTED) || mark == ENCRYPTED {
        return Err(ReadError::Encrypted(FORMAT.title));
    }
    let cut = "it ends before the description of its columns";
    if mark != PLAIN {
        return Err(broken(cut));
    }
    let (rest, length) = rest.split_last_chunk().ok_or_else(|| broken(cut))?;
    let start = rest.len().checked_sub(u32::from_le_bytes(*length) as usize).ok_or_else(|| broken(cut))?;
    let mut reader = Reader { rest: &rest[start..], elements: MOST_FIELDS };
    let reason = "the description of its columns is damaged or too large";
    let fields = reader.structure(0).ok_or_else(|| broken(reason))?;
    check_depth(&fields, context.limits.depth)?;
    ParquetMetaDataReader::decode_metadata(&rest[start..]).map_err(|_| broken(reason))
}

/// The groups of columns stand in a list, each with the number of those in it that follow.
fn check_depth(fields: &Fields, most: usize) -> Result<(), ReadError> {
    let mut open: Vec<i64> = Vec::new();
    for column in fields.list(2) {
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        open.push(column.number(5).unwrap_or(0));
        if open.len() > most {
            return Err(ReadError::TooDeep(most));
        }
        while open.last().is_some_and(|left| *left <= 0) {
            open.pop();
        }
    }
    Ok(())
}

/// What the program that wrote the file says of it. The columns that Arrow describes there once more are those of the
/// file.
fn properties(file: &FileMetaData, layout: &mut Layout<'_>) {
    layout.property("created by", file.created_by().unwrap_or_default());
    for pair in file.key_value_metadata().into_iter().flatten().filter(|pair| pair.key != "ARROW:schema") {
        layout.property(&pair.key, pair.value.as_deref().unwrap_or_default());
    }
}

struct Table<'a, 'c> {
    file: Bytes,
    layout: Layout<'a>,
    context: Context<'c>,
    allowance: Arc<Allowance>,
    names: Vec<String>,
    /// In the layout.
    columns: Vec<u32>,
    rows: i64,
    blobs: Blobs,
}

impl<'a, 'c> Table<'a, 'c> {
    fn new(
        description: &ParquetMetaData,
        bytes: &[u8],
        mut layout: Layout<'a>,
        context: &Context<'c>,
    ) -> Self {
        let mut found = Vec::new();
        names(description.file_metadata().schema(), "", &mut found);
        let mut columns = Vec::with_capacity(found.len());
        for (number, name) in (1..).zip(&found) {
            layout.property("column", name);
            columns.push(layout.column(number, Some(name.clone()), None));
        }
        Self {
            file: Bytes::copy_from_slice(bytes),
            layout,
            context: context.inner(),
            allowance: Arc::new(Allowance { bytes: AtomicUsize::new(0), values: AtomicUsize::new(0) }),
            names: found,
            columns,
            rows: 0,
            blobs: Blobs::default(),
        }
    }

    fn group(&mut self, chunks: &[ColumnChunkMetaData]) -> Result<(), ReadError> {
        let Context { limits, budget, .. } = self.context;
        let mut columns: Vec<Option<Column>> =
            chunks.iter().zip(0..).map(|(chunk, index)| self.open(chunk, index)).collect();
        loop {
            budget.check_time(limits)?;
            let allowed = budget.allowed(self.file.len(), limits);
            self.allowance.bytes.store(allowed, Ordering::Relaxed);
            let mut rows = 0;
            for (index, slot) in columns.iter_mut().enumerate() {
                self.allowance.values.store(BATCH_VALUES, Ordering::Relaxed);
                let Some(column) = slot else { continue };
                // The crate panics on some of what is damaged; the other columns are whole all the same.
                let filled = catch_unwind(AssertUnwindSafe(|| column.fill(BATCH)));
                match filled.unwrap_or_else(|_| Err(ParquetError::General("it is damaged".to_owned()))) {
                    Ok(filled) => rows = rows.max(filled),
                    Err(_) if self.allowance.bytes.load(Ordering::Relaxed) == 0 => {
                        return Err(Budget::excess(allowed, self.file.len(), limits));
                    }
                    Err(error) => {
                        *slot = None;
                        self.damaged(index, &reason(&error));
                    }
                }
            }
            budget.spend(allowed - self.allowance.bytes.load(Ordering::Relaxed));
            if rows == 0 || self.layout.is_full() {
                return Ok(());
            }
            for _ in 0..rows {
                self.row(&mut columns)?;
            }
        }
    }

    /// The column in a row group, if it is there.
    fn open(&mut self, chunk: &ColumnChunkMetaData, index: usize) -> Option<Column> {
        let first = chunk.dictionary_page_offset().filter(|at| (1..chunk.data_page_offset()).contains(at));
        let start = usize::try_from(first.unwrap_or(chunk.data_page_offset())).ok();
        let length = usize::try_from(chunk.compressed_size()).ok();
        let end = start.zip(length).and_then(|(start, length)| start.checked_add(length));
        let end =
            end.filter(|end| *end <= self.file.len().saturating_sub(TAIL) && chunk.file_path().is_none());
        let Some((start, end)) = start.zip(end) else {
            self.damaged(index, "its pages are not in the file");
            return None;
        };
        let descriptor = chunk.column_descr_ptr();
        let pages = Pages {
            rest: self.file.slice(start..end),
            compression: chunk.compression(),
            allowance: Arc::clone(&self.allowance),
            repeated: descriptor.max_rep_level() > 0,
        };
        Some(Column::new(&descriptor, get_column_reader(Arc::clone(&descriptor), Box::new(pages))))
    }

    fn row(&mut self, columns: &mut [Option<Column>]) -> Result<(), ReadError> {
        self.rows += 1;
        let Self { layout, blobs, context, names, columns: ids, rows, .. } = self;
        let mut read = Ok(());
        for ((column, name), id) in columns.iter_mut().zip(names).zip(ids) {
            let Some(column) = column else { continue };
            let spot = Spot::cell(*rows, *id);
            column.row(|written| match written {
                Written::Text(text) if !text.is_empty() => {
                    layout.begin(name);
                    layout.text(&text, spot);
                }
                Written::Text(_) => {}
                Written::Bytes(bytes) => {
                    let column = format!("column {name}");
                    let part = format!("row {rows}, {column}");
                    let seat = Seat { label: name, spot, part: &part, column: &column };
                    if read.is_ok() {
                        read = blobs.read(bytes, seat, layout, context);
                    }
                }
            });
        }
        read
    }

    fn damaged(&mut self, index: usize, reason: &str) {
        let name = self.names.get(index).map_or("", String::as_str);
        self.layout.note(Note::Damaged(format!("column {name} from row {} on: {reason}", self.rows + 1)));
    }
}

/// In the words of the crate, which quote no value, or our own.
fn reason(error: &ParquetError) -> String {
    match error {
        ParquetError::General(reason) | ParquetError::EOF(reason) | ParquetError::NYI(reason) => {
            reason.clone()
        }
        _ => "it can't be read".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        Limits, ReadError,
        fixtures::{damage, damages, notes, place, read_as},
        read,
    };

    const SNAPPY: &[u8] = include_bytes!("../../tests/files/snappy.parquet");
    /// With pages of the second version.
    const ZSTD: &[u8] = include_bytes!("../../tests/files/zstd.parquet");
    /// Rows on many pages.
    const LONG: &[u8] = include_bytes!("../../tests/files/long.parquet");

    #[test]
    fn reads_every_way_of_packing() {
        for bytes in [
            SNAPPY,
            ZSTD,
            include_bytes!("../../tests/files/none.parquet"),
            include_bytes!("../../tests/files/gzip.parquet"),
            include_bytes!("../../tests/files/brotli.parquet"),
            include_bytes!("../../tests/files/lz4.parquet"),
        ] {
            let document = read("", bytes, &Limits::default()).unwrap();
            assert_eq!(document.format().name, "parquet");
            for (needle, expected) in [
                ("Eva Roth", "property author"),
                ("family.who\n", "property column"),
                ("Mara Lind", "row 1, column name"),
                ("mara@example.org", "row 1, column email"),
                ("1983-09-10", "row 1, column born"),
                ("2024-02-29 12:34:56", "row 1, column seen"),
                ("-1234567890.50", "row 1, column balance"),
                ("18446744073709551615", "row 1, column phone"),
                ("Mill Road 5", "row 1, column address.street"),
                ("030 7654321", "row 1, column phones"),
                ("Ida Lind", "row 1, column family.who"),
                ("Dr Holm", "row 1, column tags.value"),
                ("Tom at home", "row 1, column photo: property ImageDescription"),
                ("ab12", "row 1, column code"),
                ("said by Ole", "row 2, column photo"),
                // In a second row group.
                ("jan@example.org", "row 3, column email"),
                ("key of Uwe", "row 3, column photo"),
            ] {
                assert_eq!(place(&document, needle), expected, "{needle}");
            }
            for line in
                ["\nshift: 12:34:56\n", "\nscore: 1.25\nhalf: 0.5\n", "\nactive: true\n", "\nfamily.age: 9\n"]
            {
                assert!(document.text().contains(line), "{line}");
            }
            assert_eq!(
                notes(&document),
                [
                    "text in 1 picture is not read",
                    "skipped column code: of this binary data only the texts were read",
                    "skipped column photo: of this binary data only the texts were read",
                ]
            );
        }
    }

    #[test]
    fn reads_rows_on_many_pages() {
        let document = read("", LONG, &Limits::default()).unwrap();
        assert_eq!(place(&document, "person 2999"), "row 3000, column plain");
        assert_eq!(document.text().matches("constant: Lea Long\n").count(), 2999);
        assert!(document.text().contains("plain: person 2\nlist: 2\nlist: 2\nconstant: Lea Long\n"));
    }

    #[test]
    fn columns_that_are_damaged_leave_the_others() {
        let mut bytes = LONG.to_vec();
        bytes[6000..6010].fill(0xFF);
        let document = read("", &bytes, &Limits::default()).unwrap();
        let notes = notes(&document);
        assert!(notes[0].starts_with("damaged: column plain from row "), "{notes:?}");
        assert_eq!(place(&document, "person 0"), "row 1, column plain");
        assert_eq!(document.text().matches("Lea Long").count(), 3000);
    }

    #[test]
    fn refuses_what_has_no_description() {
        let error = |bytes: &[u8]| read("", bytes, &Limits::default()).unwrap_err().to_string();
        let cut = "the Parquet table is damaged: it ends before the description of its columns";
        assert_eq!(error(&SNAPPY[..SNAPPY.len() - 1]), cut);
        let mut bytes = SNAPPY.to_vec();
        let length = bytes.len() - 8;
        bytes[length..length + 4].fill(0xFF);
        assert_eq!(error(&bytes), cut);
        bytes[length..length + 4].copy_from_slice(&100_u32.to_le_bytes());
        let damaged = "the Parquet table is damaged: the description of its columns is damaged or too large";
        assert_eq!(error(&bytes), damaged);
        bytes[length + 7] = b'E';
        assert_eq!(error(&bytes), "the Parquet table is encrypted; save a copy without a password");
    }

    #[test]
    fn refuses_columns_in_too_many_columns() {
        // Schema elements of one child each.
        let mut columns = vec![0x29, 0xFC, 0x90, 0x4E];
        columns.extend([0x55, 2, 0].repeat(10_000));
        columns.push(0);
        let length = (columns.len() as u32).to_le_bytes();
        let bytes = [b"PAR1\x15\0\0\0", &columns[..], &length, b"PAR1"].concat();
        let error = read("", &bytes, &Limits::default()).unwrap_err();
        assert_eq!(error, ReadError::TooDeep(512));
    }

    #[test]
    fn unpacks_no_more_than_the_limits_allow() {
        let limits = Limits { text_bytes: 20_000, ..Limits::default() };
        assert_eq!(read("", LONG, &limits).unwrap_err(), ReadError::TooMuchText(20_000));
    }

    proptest! {
        #[test]
        fn damaged_tables_do_not_panic(which in 0..3_usize, places in damages(5)) {
            let mut bytes = [SNAPPY, ZSTD, LONG][which].to_vec();
            damage(&mut bytes, &places);
            let _ = read_as(&super::FORMAT, &bytes, &Limits::default());
        }
    }
}
