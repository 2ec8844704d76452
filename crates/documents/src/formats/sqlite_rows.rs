//! The rows of a SQLite database as they are laid out: values behind the names of their columns.

use super::{
    blob::Seat,
    sqlite::{Database, Laid},
    sqlite_record::Value,
};
use crate::{Place, ReadError, segment::Spot};

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row {
    Number(i64),
    /// On this page of the file; its number is lost.
    Page(u32),
}

impl Database<'_, '_> {
    /// Lays out a row, and says how many values it has.
    pub(super) fn row<'v>(
        &mut self,
        table: usize,
        row: Row,
        values: impl Iterator<Item = Value<'v>>,
    ) -> Result<usize, ReadError> {
        let (mut page, mut width) = (None, 0);
        for (index, value) in values.enumerate() {
            width = index + 1;
            let is_number = self.tables[table].table.row_number == Some(index);
            let value = match (value, row) {
                (Value::Null, Row::Number(row)) if is_number => Value::Integer(row),
                (Value::Null, _) => continue,
                (value, _) => value,
            };
            let spot = match row {
                Row::Number(row) => Spot::cell(row, self.column(table, index)),
                Row::Page(number) => {
                    *page.get_or_insert_with(|| self.layout.place(Place::Page { page: number }))
                }
            };
            match value {
                Value::Null => {}
                Value::Integer(number) => self.value(table, index, &number.to_string(), spot),
                Value::Real(number) => self.value(table, index, &format!("{number:?}"), spot),
                Value::Text(text) => {
                    self.value(table, index, &self.pages.charset.decode(text), spot);
                }
                Value::Blob(bytes) => {
                    let laid = &self.tables[table];
                    let column = laid.column_name(index);
                    let seat = Seat {
                        label: laid.label(index),
                        spot,
                        part: &format!("{}, {column}", laid.row_name(row)),
                        column: &match &laid.name {
                            Some(name) => format!("{column} of table {name}"),
                            None => column,
                        },
                    };
                    self.blobs.read(bytes, seat, &mut self.layout, &self.context)?;
                }
            }
        }
        Ok(width)
    }

    fn value(&mut self, table: usize, index: usize, text: &str, spot: Spot) {
        if !text.is_empty() {
            self.layout.begin(self.tables[table].label(index));
            self.layout.text(text, spot);
        }
    }

    /// The column in the layout. Records may have more values than their table has columns.
    fn column(&mut self, table: usize, index: usize) -> u32 {
        let laid = &mut self.tables[table];
        while laid.columns.len() <= index {
            let number = laid.columns.len() as u32 + 1;
            laid.columns.push(self.layout.column(number, None, laid.grid));
        }
        laid.columns[index]
    }
}

impl Laid {
    fn label(&self, index: usize) -> &str {
        self.table.columns.get(index).map_or("", |column| &column.name)
    }

    fn column_name(&self, index: usize) -> String {
        match self.table.columns.get(index) {
            Some(column) => format!("column {}", column.name),
            None => format!("column {}", index + 1),
        }
    }

    fn row_name(&self, row: Row) -> String {
        match (row, &self.name) {
            (Row::Number(row), Some(table)) => format!("table {table}, row {row}"),
            (Row::Number(row), None) => format!("row {row}"),
            (Row::Page(page), _) => format!("page {page}"),
        }
    }
}
