//! CSV: a row per finding.

use std::path::Path;

use super::{Format, Hit, Outcome, Summary};
use crate::escape::Escaped;

/// One row per finding under a header.
pub(super) struct Csv;

impl Format for Csv {
    fn head(&self, out: &mut Vec<u8>) {
        row(out, ["path", "place", "line", "column", "entity_type", "score", "value"].map(str::to_owned));
    }

    fn hit(&self, out: &mut Vec<u8>, path: &Path, _: usize, hit: &Hit<'_>) {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        row(
            out,
            [
                inert(Escaped::path(path).to_string()),
                inert(Escaped::text(&hit.location.to_string()).to_string()),
                number(hit.location.line),
                number(hit.location.column),
                inert(hit.entity.to_owned()),
                hit.score.to_string(),
                inert(Escaped::text(&hit.value).to_string()),
            ],
        );
    }

    fn end_of_file(&self, _: &mut Vec<u8>, _: &Path, _: usize, _: &Outcome) {}

    fn tail(&self, _: &mut Vec<u8>, _: &Summary, _: &[u8]) {}
}

/// A spreadsheet would run `=…` from a hostile file as a formula; behind an apostrophe it is text.
pub(crate) fn inert(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn row(out: &mut Vec<u8>, cells: [String; 7]) {
    // Cannot fail: memory takes every write, and every row has seven cells.
    csv::Writer::from_writer(out).write_record(cells).expect("a row of seven cells");
}
