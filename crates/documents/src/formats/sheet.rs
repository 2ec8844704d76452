//! What the sheets of all workbooks have in common: columns with names, and cells.

use super::csv::column_names;
use crate::{
    layout::Layout,
    segment::{Grid, Spot},
};

/// Columns that the programs know.
pub(super) const MOST_COLUMNS: u32 = 16_384;
/// Rows that the programs know.
pub(super) const MOST_ROWS: u32 = 1 << 20;
/// Bytes of a sheet's name that places repeat; programs allow 31 characters.
const LONGEST_NAME: usize = 255;

/// The columns of a sheet, each made when it is first asked for.
#[derive(Debug)]
pub(super) struct Columns {
    /// The sheet's name among the names.
    sheet: u32,
    /// What the first row calls them, from the first column on.
    names: Vec<String>,
    known: Vec<Option<u32>>,
}

impl Columns {
    pub(super) fn new(sheet: &str, layout: &mut Layout<'_>) -> Self {
        Self { sheet: layout.name(place_name(sheet)), names: Vec::new(), known: Vec::new() }
    }

    /// Takes the first row, cells by their column from 1: it names the columns if it is all words.
    pub(super) fn name(&mut self, row: impl Iterator<Item = (u32, String)>) {
        let mut names = Vec::new();
        for (column, name) in row {
            let index = column.min(MOST_COLUMNS).saturating_sub(1) as usize;
            names.resize_with(names.len().max(index + 1), String::new);
            names[index] = name;
        }
        self.names = column_names(names);
        // What stood before it, a range, made some of them when they had no names.
        self.known.clear();
    }

    /// What the first row calls this column.
    pub(super) fn label(&self, column: u32) -> &str {
        self.names.get(column.saturating_sub(1) as usize).map_or("", String::as_str)
    }

    /// The cell of this row and column, both from 1.
    pub(super) fn spot(&mut self, row: u32, column: u32, layout: &mut Layout<'_>) -> Spot {
        let column = column.clamp(1, MOST_COLUMNS);
        let index = column as usize - 1;
        if self.known.len() <= index {
            self.known.resize(index + 1, None);
        }
        let sheet = self.sheet;
        let name = Some(self.label(column).to_owned()).filter(|name| !name.is_empty());
        let known = &mut self.known[index];
        let column = *known.get_or_insert_with(|| layout.column(column, name, Some(Grid::Sheet(sheet))));
        Spot::cell(row.into(), column)
    }
}

/// A sheet's name as places repeat it.
pub(super) fn place_name(sheet: &str) -> &str {
    &sheet[..sheet.floor_char_boundary(LONGEST_NAME)]
}

/// Row and column, from 1, of `AB4` or of the first cell of `AB4:AC9`; `None` beyond what the programs know.
pub(super) fn cell_at(name: &str) -> Option<(u32, u32)> {
    let (mut row, mut column) = (0_u32, 0_u32);
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' if row == 0 && column <= MOST_COLUMNS => {
                column = column * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1;
            }
            b'0'..=b'9' if row <= MOST_ROWS => row = row * 10 + u32::from(byte - b'0'),
            b'$' => {}
            _ => break,
        }
    }
    ((1..=MOST_ROWS).contains(&row) && (1..=MOST_COLUMNS).contains(&column)).then_some((row, column))
}

#[cfg(test)]
mod tests {
    use super::{cell_at, place_name};

    #[test]
    fn finds_cells_by_their_names() {
        assert_eq!(cell_at("AB4"), Some((4, 28)));
        assert_eq!(cell_at("$B$7:$C$9"), Some((7, 2)));
        assert_eq!(cell_at("XFD1048576"), Some((1_048_576, 16_384)));
        for unknown in ["", "A", "7", "XFE1", "A1048577", "A99999999999999", "ZZZZZZZZZZ1", "A0"] {
            assert_eq!(cell_at(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_name_in_places_has_an_end() {
        assert_eq!(place_name("Leute"), "Leute");
        assert_eq!(place_name(&"ü".repeat(1000)).len(), 254);
    }
}
