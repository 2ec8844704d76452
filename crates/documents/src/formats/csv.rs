//! Tables of data: CSV, TSV and their like, by row and column. Delimiter and header are found by their looks.

use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use memchr::memchr;

use crate::{
    Document, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::Layout,
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "csv",
    title: "CSV table",
    extensions: &["csv", "tsv", "tab", "psv"],
    media_types: &["text/csv", "text/tab-separated-values"],
    recognise: |_| Sight::No,
    read,
};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How much of the table decides the delimiter.
const SAMPLE: usize = 64 << 10;
/// A longer cell is no column's name.
const LONGEST_NAME: usize = 64;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let table = source.text.clone();
    let (delimiter, start) = declared_delimiter(&table).unwrap_or_else(|| (sniff_delimiter(&table), 0));
    let mut layout = Layout::of_source(&FORMAT, bytes, source, note, context);
    let names = header(&table, start, delimiter);
    let mut columns: Vec<u32> = Vec::new();
    let mut cells = Cells::new(&table, start, delimiter);
    let (mut row, mut number) = (1, 0);
    while let Some((cell, last)) = cells.next() {
        if columns.len() == number {
            let name = names.get(number).cloned();
            columns.push(layout.column(number as u32 + 1, name, None));
        }
        if !cell.is_empty() {
            let label = if row == 1 { "" } else { names.get(number).map_or("", String::as_str) };
            let (codec, cell) = codec(&table, cell, delimiter);
            layout.begin(label);
            layout.value(&table[cell.clone()], cell.start, codec, Spot::cell(row, columns[number]));
        }
        (row, number) = if last { (row + 1, 0) } else { (row, number + 1) };
    }
    layout.finish()
}

/// The cells of a table, each as it is written, and whether it is the last of its row.
struct Cells<'a> {
    reader: Reader,
    table: &'a [u8],
    at: usize,
    row_begins: bool,
}

impl<'a> Cells<'a> {
    fn new(table: &'a str, at: usize, delimiter: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, table: table.as_bytes(), at, row_begins: true }
    }

    fn next(&mut self) -> Option<(Range<usize>, bool)> {
        if self.row_begins {
            // Line ends before a row are those of the row before and of empty lines.
            self.at += self.table[self.at..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        }
        let start = self.at;
        let mut meant = [0; 1024];
        loop {
            let (result, read, _) = self.reader.read_field(&self.table[self.at..], &mut meant);
            self.at += read;
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    self.row_begins = record_end;
                    let ended = record_end && self.at == self.table.len() && !self.table.ends_with(b"\n");
                    let end = if ended && !self.table.ends_with(b"\r") {
                        self.at
                    } else {
                        self.at.saturating_sub(1)
                    };
                    return Some((start..end.max(start), record_end));
                }
                ReadFieldResult::End => return None,
            }
        }
    }
}

fn codec(table: &str, cell: Range<usize>, delimiter: u8) -> (Codec, Range<usize>) {
    let raw = &table[cell.clone()];
    match raw.strip_prefix('"') {
        Some(quoted) => (Codec::CsvQuoted, cell.start + 1..cell.end - usize::from(quoted.ends_with('"'))),
        None => (Codec::CsvBare(delimiter), cell),
    }
}

/// Excel's own first line, `sep=;`.
fn declared_delimiter(table: &str) -> Option<(u8, usize)> {
    let line = table.lines().next()?;
    let [delimiter] = line.strip_prefix("sep=")?.as_bytes() else { return None };
    DELIMITERS.contains(delimiter).then_some((*delimiter, line.len()))
}

/// The delimiter by which most rows have the same number of cells, and the most of them.
fn sniff_delimiter(table: &str) -> u8 {
    let sample = &table[..table.floor_char_boundary(SAMPLE)];
    let fit = |delimiter: u8| {
        if memchr(delimiter, sample.as_bytes()).is_none() {
            return (0, 0);
        }
        let mut counts: Vec<usize> = Vec::new();
        let mut cells = Cells::new(sample, 0, delimiter);
        let mut count = 0;
        while let Some((_, last)) = cells.next() {
            count += 1;
            if last {
                counts.push(count);
                count = 0;
            }
        }
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(1);
        let agree = counts.iter().filter(|&&count| count == usual).count();
        if usual < 2 { (0, 0) } else { (agree * 100 / counts.len(), usual) }
    };
    // The first wins a tie.
    DELIMITERS.into_iter().rev().max_by_key(|&delimiter| fit(delimiter)).unwrap_or(b',')
}

/// The names in the first row, if it is one of names and not of data. It is read as a row in any case.
fn header(table: &str, start: usize, delimiter: u8) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut cells = Cells::new(table, start, delimiter);
    while let Some((cell, last)) = cells.next() {
        let (codec, cell) = codec(table, cell, delimiter);
        let mut name = String::new();
        codec.decode(&table[cell], &mut name);
        names.push(name);
        if last {
            break;
        }
    }
    column_names(names)
}

/// The names of columns that a first row of these cells gives: none if one of them looks like data.
pub(super) fn column_names(mut row: Vec<String>) -> Vec<String> {
    row.iter_mut().for_each(|name| {
        if name.trim().len() < name.len() {
            *name = name.trim().to_owned();
        }
    });
    let is_name = |name: &String| {
        let digits = name.chars().filter(char::is_ascii_digit).count();
        name.len() <= LONGEST_NAME
            && !name.contains(['@', '\n'])
            && digits * 2 <= name.len()
            && name.chars().any(char::is_alphabetic)
    };
    let mut filled = row.iter().filter(|name| !name.is_empty()).peekable();
    if filled.peek().is_some() && filled.all(is_name) { row } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Limits, Place, read};

    const TABLE: &str = "id;name;note\r\n1;\"Lind; Mara\";\"said \"\"hello\"\"\"\r\n\r\n2;Tom;x\r\n";

    fn place(text: &str, needle: &str) -> String {
        let document = read("a.csv", text.as_bytes(), &Limits::default()).unwrap();
        crate::fixtures::place(&document, needle)
    }

    #[test]
    fn lays_out_values_behind_their_names() {
        let document = read("a.csv", TABLE.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(
            document.text(),
            "id\nname\nnote\nid: 1\nname: Lind; Mara\nnote: said \"hello\"\nid: 2\nname: Tom\nnote: x"
        );
        let at = document.text().find("Mara").unwrap();
        let location = document.locate(at..at + 4);
        assert_eq!(
            location.place,
            Place::Cell { table: None, row: 2, column_number: 2, column_name: Some("name".to_owned()) }
        );
        assert_eq!((location.line, location.column), (Some(2), Some(10)));
        assert_eq!(&TABLE[location.bytes.unwrap()], "Mara");
    }

    #[test]
    fn finds_the_delimiter() {
        assert_eq!(place("name\tcity, land\nTom\tUlm, DE\nJo\tBonn\n", "Ulm"), "row 2, column city, land");
        assert_eq!(place("a|b\n1|x\n", "x"), "row 2, column b");
        assert_eq!(place("sep=;\na;b\n1;x,y\n", "x,y"), "row 2, column b");
        assert_eq!(place("email\nx@example.org\n", "x@"), "row 2, column email");
    }

    #[test]
    fn knows_a_table_without_header() {
        assert_eq!(place("mara@example.org,3\ntom@example.org,4\n", "tom"), "row 2, column 1");
    }

    #[test]
    fn drops_findings_in_repeated_names() {
        let document = read("a.csv", b"Mara\nx\n", &Limits::default()).unwrap();
        let label = document.text().rfind("Mara").unwrap();
        assert!(document.clip(label..label + 4).is_empty());
        assert_eq!(document.clip(0..4), std::slice::from_ref(&(0..4)));
        assert_eq!(document.clip(0..document.text().len()), [0..4, 11..12]);
    }

    #[test]
    fn quotes_what_needs_quotes() {
        let document = read("a.csv", TABLE.as_bytes(), &Limits::default()).unwrap();
        let range = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            at..at + needle.len()
        };
        let redacted = document
            .rewrite(&[(range("Mara"), "a\"b"), (range("\"hello"), "[X]"), (range("Tom"), "one; \"two\"")])
            .unwrap();
        assert_eq!(
            String::from_utf8(redacted).unwrap(),
            "id;name;note\r\n1;\"Lind; a\"\"b\";\"said [X]\"\"\"\r\n\r\n2;\"one; \"\"two\"\"\";x\r\n"
        );
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_crate(rows in prop::collection::vec(prop::collection::vec("[a-z \",;\n\r]{0,5}", 3), 1..6)) {
            let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
            let table = lines.collect::<Vec<_>>().join("\r\n");
            let mut cells = Cells::new(&table, 0, b',');
            for cell in rows.iter().flatten() {
                let (codec, raw) = codec(&table, cells.next().unwrap().0, b',');
                let mut meant = String::new();
                codec.decode(&table[raw], &mut meant);
                prop_assert_eq!(&meant, cell);
            }
            prop_assert!(cells.next().is_none());
        }

        #[test]
        fn all_of_any_table_is_read(table in "[a-z\",;\n\r]{0,60}") {
            let document = read("a.csv", table.as_bytes(), &Limits::default()).unwrap();
            let letters = |text: &str| text.chars().filter(char::is_ascii_lowercase).count();
            prop_assert!(letters(document.text()) >= letters(&table));
        }
    }
}
