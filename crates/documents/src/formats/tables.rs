//! The tables of a text, counted, and where in them a paragraph stands.

use crate::{Place, Story};

#[derive(Debug, Default)]
pub(super) struct Tables {
    /// How many there were.
    pub count: u32,
    /// The innermost last.
    pub open: Vec<Table>,
}

#[derive(Debug)]
pub(super) struct Table {
    number: u32,
    row: u32,
    cell: u32,
}

impl Tables {
    /// Begins one, before its first row.
    pub(super) fn begin(&mut self) {
        self.count += 1;
        self.open.push(Table { number: self.count, row: 0, cell: 0 });
    }

    /// Begins a row of the innermost, before its first cell.
    pub(super) fn row(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.row += 1;
            table.cell = 0;
        }
    }

    pub(super) fn cell(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.cell += 1;
        }
    }

    /// In the cell that is open; outside of tables, at this paragraph.
    pub(super) fn place(&self, story: Story, paragraph: u32) -> Place {
        match self.open.last() {
            Some(&Table { number: table, row, cell: column_number }) => {
                Place::TableCell { story, table, row, column_number }
            }
            None => Place::Paragraph { story, paragraph },
        }
    }
}
