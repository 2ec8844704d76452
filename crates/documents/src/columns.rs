//! The tables in a document, column by column.

use std::{collections::HashMap, ops::Range};

use crate::{
    Document, Part,
    segment::{Column, Grid, Spot},
};

/// A column of a table: of CSV, a workbook, a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// The documents it lies in, outermost first.
    pub within: Vec<Part>,
    /// The sheet or table it is in, where the document can have several.
    pub table: Option<String>,
    /// From 1.
    pub number: u32,
    /// The header's name for it.
    pub name: Option<String>,
    /// What its cells say, in the order of rows: ranges of the document's text. Empty cells and the header are not among
    /// them.
    pub cells: Vec<Range<usize>>,
}

/// See [`Document::columns`].
pub(crate) fn columns(document: &Document<'_>) -> Vec<TableColumn> {
    let mut columns: Vec<TableColumn> = Vec::new();
    let mut known = HashMap::new();
    let mut last = None;
    for segment in &document.segments {
        let Spot::Cell { row, column } = segment.spot else { continue };
        let Column { number, name, of } = &document.columns[column as usize];
        // The header of a sheet may lie in a column of its own, without the name.
        let table = of.map(Grid::name);
        let at = *known.entry((segment.part, table, *number)).or_insert_with(|| {
            columns.push(TableColumn {
                within: document.within(segment.part),
                table: of.map(|of| document.names[of.name() as usize].clone()),
                number: *number,
                name: name.clone(),
                cells: Vec::new(),
            });
            columns.len() - 1
        });
        if columns[at].name.is_none() {
            columns[at].name.clone_from(name);
        }
        let cells = &mut columns[at].cells;
        // A cell comes in several pieces where a part of it is bold.
        match cells.last_mut() {
            Some(cell) if segment.joined && last == Some((at, row)) => cell.end = segment.text().end,
            _ => cells.push(segment.text()),
        }
        last = Some((at, row));
    }
    let text = document.text();
    for column in &mut columns {
        let header = column.cells.first().map(|cell| text[cell.clone()].trim());
        if header.is_some() && header == column.name.as_deref().map(str::trim) {
            column.cells.remove(0);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use crate::{Limits, fixtures::archive, read};

    #[test]
    fn every_table_is_taken_apart() {
        let people = "name;email\nMara Lind;mara@example.org\nTom Roth;\n";
        let bytes = archive(&[
            ("people.csv", people),
            ("note.txt", "Mara Lind"),
            ("places.csv", "Ulm,89073\nAbe,1\n"),
        ]);
        let document = read("all.zip", &bytes, &Limits::default()).unwrap();
        let columns = document.columns();
        let said: Vec<_> = columns
            .iter()
            .map(|column| {
                let cells: Vec<_> = column.cells.iter().map(|cell| &document.text()[cell.clone()]).collect();
                let part = column.within[0].to_string();
                format!(
                    "{part} {} {}: {}",
                    column.number,
                    column.name.as_deref().unwrap_or("-"),
                    cells.join("|")
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "people.csv 1 name: Mara Lind|Tom Roth",
                "people.csv 2 email: mara@example.org",
                "places.csv 1 -: Ulm|Abe",
                "places.csv 2 -: 89073|1",
            ]
        );
    }
}
