//! Where one is in a table of OpenDocument: rows and cells that stand for many alike, hidden columns, names of columns.

use std::collections::{BTreeMap, HashMap};

use super::csv::column_names;
use crate::{
    Place, Story,
    layout::Layout,
    segment::{Grid, Spot},
};

#[derive(Debug)]
pub(super) struct Table {
    /// From 1 in its text.
    pub number: u32,
    /// From 1, as those below; what is alike is given once, at its first.
    row: u32,
    next_row: u32,
    column: u32,
    next_column: u32,
    /// First and last, in their order.
    hidden: Vec<(u32, u32)>,
    declared_columns: u32,
    sheet: Option<Sheet>,
}

/// A table that is a sheet of a workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Index of its name.
    name: u32,
    /// Those columns that hold something, as the layout knows them.
    columns: HashMap<u32, u32>,
    /// What the first row says that says something.
    heads: BTreeMap<u32, String>,
    /// That row is over.
    headed: bool,
}

impl Sheet {
    pub(super) fn new(name: u32) -> Self {
        Self { name, columns: HashMap::new(), heads: BTreeMap::new(), headed: false }
    }
}

impl Table {
    pub(super) fn new(number: u32, sheet: Option<Sheet>) -> Self {
        Self {
            number,
            row: 1,
            next_row: 1,
            column: 0,
            next_column: 1,
            hidden: Vec::new(),
            declared_columns: 0,
            sheet,
        }
    }

    pub(super) fn columns(&mut self, count: u32, hidden: bool) {
        let first = self.declared_columns.saturating_add(1);
        self.declared_columns = self.declared_columns.saturating_add(count);
        if hidden {
            self.hidden.push((first, self.declared_columns));
        }
    }

    pub(super) fn begin_row(&mut self, count: u32) {
        (self.row, self.next_row) = (self.next_row, self.next_row.saturating_add(count));
        (self.column, self.next_column) = (0, 1);
    }

    /// Whether the cell is in a hidden column.
    pub(super) fn begin_cell(&mut self, count: u32) -> bool {
        (self.column, self.next_column) = (self.next_column, self.next_column.saturating_add(count));
        let before = self.hidden.partition_point(|(_, last)| *last < self.column);
        self.hidden.get(before).is_some_and(|(first, _)| *first <= self.column)
    }

    /// Only a first row of names gives the columns their names.
    pub(super) fn end_row(&mut self) {
        if let Some(sheet) = &mut self.sheet
            && !sheet.headed
            && !sheet.heads.is_empty()
        {
            sheet.headed = true;
            let (columns, heads): (Vec<_>, _) = std::mem::take(&mut sheet.heads).into_iter().unzip();
            sheet.heads = columns.into_iter().zip(column_names(heads)).collect();
        }
        self.column = 0;
    }

    pub(super) fn is_sheet(&self) -> bool {
        self.sheet.is_some()
    }

    /// A cell is open that may hold the name of its column.
    pub(super) fn is_in_first_row(&self) -> bool {
        self.column > 0 && self.sheet.as_ref().is_some_and(|sheet| !sheet.headed)
    }

    /// What such a cell says.
    pub(super) fn hear(&mut self, text: &str) {
        if let Some(sheet) = &mut self.sheet {
            let head = sheet.heads.entry(self.column).or_default();
            if !head.is_empty() {
                head.push(' ');
            }
            head.push_str(text);
        }
    }

    /// The name of the column that the cell is in.
    pub(super) fn label(&self) -> Option<&str> {
        let sheet = self.sheet.as_ref().filter(|sheet| sheet.headed)?;
        sheet.heads.get(&self.column).map(String::as_str)
    }

    /// The cell, if one is open; in `story` if the table is in a text.
    pub(super) fn spot(&mut self, story: Option<&Story>, layout: &mut Layout<'_>) -> Option<Spot> {
        let (row, column) = (self.row, self.column);
        if column == 0 {
            return None;
        }
        if let Some(Sheet { name, columns, heads, .. }) = &mut self.sheet {
            let head = heads.get(&column).cloned();
            let of = Some(Grid::Sheet(*name));
            let column = *columns.entry(column).or_insert_with(|| layout.column(column, head, of));
            return Some(Spot::cell(row.into(), column));
        }
        let (story, table) = (story?.clone(), self.number);
        Some(layout.place(Place::TableCell { story, table, row, column_number: column }))
    }

    /// No cell is open any more.
    pub(super) fn end_cell(&mut self) {
        self.column = 0;
    }
}
