//! Findings of a document as a report shows them: in their place, masked, in their context.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use tacita_documents::{Document, Location, Place};

use crate::{detection::Match, escape::mask, report::Hit};

/// How much of a finding a report shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Detail {
    pub(crate) show_values: bool,
    pub(crate) context: bool,
}

/// About how many bytes of context stand on each side.
const CONTEXT: usize = 60;
/// No value that overlaps a context begins further before it than this.
const REACH: usize = 4096;

/// What a report says of each of `findings`, which are in order of start.
pub(crate) fn hits<'a>(
    document: &'a Document<'_>,
    findings: &'a [Match<'a>],
    detail: Detail,
) -> impl Iterator<Item = Hit<'a>> {
    let text = document.text();
    let names = if detail.show_values { HashMap::new() } else { masked_names(document, findings) };
    findings.iter().filter_map(move |finding| {
        // What the format's layout put into the text, a label or a line end, is no part of the file.
        let parts = document.clip(finding.start..finding.end);
        let range = parts.first()?.start..parts.last()?.end;
        let (before, after) = if detail.context {
            let view = View { text, findings, show_values: detail.show_values };
            (view.before(range.start), view.after(range.end))
        } else {
            Default::default()
        };
        Some(Hit {
            entity: finding.entity,
            score: finding.score,
            location: with_masked(document.locate(range.clone()), &names),
            value: shown(&text[range], detail.show_values),
            before,
            after,
        })
    })
}

/// Keys of JSON and names of columns, tables and sheets that hold a finding themselves, each with what is shown
/// in its place.
pub(crate) fn masked_names(document: &Document<'_>, findings: &[Match<'_>]) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for finding in findings {
        let parts = document.clip(finding.start..finding.end);
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { continue };
        let name = match document.place_at(first.start) {
            Place::Pointer { pointer, key: true, .. } => {
                pointer.rsplit('/').next().unwrap_or_default().to_owned()
            }
            // The first row of a table that names its columns there.
            Place::Cell { row: 1, column_name: Some(name), .. }
                if name.contains(&document.text()[first.start..last.end]) =>
            {
                name
            }
            // The statement that makes a table names it and its columns.
            Place::Cell { table: Some(table), .. } if table == "sqlite_schema" => {
                document.text()[first.start..last.end].to_owned()
            }
            Place::Property { name } if name == "sheet" || name == "column" => {
                let text = document.text();
                let end = text[last.end..].find('\n').map_or(text.len(), |at| last.end + at);
                let start = text[..first.start].rfind('\n').map_or(0, |at| at + 1);
                let line = &text[start..end];
                let label = format!("{name}: ");
                line.strip_prefix(&label).unwrap_or(line).trim().to_owned()
            }
            _ => continue,
        };
        let shown = mask(&name);
        names.insert(name, shown);
    }
    names
}

/// The location with the names in it that `names` masks.
pub(crate) fn with_masked(mut location: Location, names: &HashMap<String, String>) -> Location {
    if names.is_empty() {
        return location;
    }
    match &mut location.place {
        Place::Pointer { pointer, .. } => {
            let steps: Vec<&str> =
                pointer.split('/').map(|step| names.get(step).map_or(step, String::as_str)).collect();
            *pointer = steps.join("/");
        }
        Place::Cell { table, column_name, .. } => {
            for name in [table, column_name].into_iter().flatten() {
                mask_name(name, names);
            }
        }
        Place::SheetCell { sheet: name, .. } | Place::SheetPart { sheet: name, .. } => mask_name(name, names),
        _ => {}
    }
    location
}

fn mask_name(name: &mut String, names: &HashMap<String, String>) {
    if let Some(masked) = names.get(name) {
        name.clone_from(masked);
    }
}

/// A value as it may be shown.
pub(crate) fn shown(value: &str, show_values: bool) -> Cow<'_, str> {
    if show_values { Cow::Borrowed(value) } else { Cow::Owned(mask(value)) }
}

/// A text in which every finding is masked, unless values are shown.
struct View<'a> {
    text: &'a str,
    findings: &'a [Match<'a>],
    show_values: bool,
}

impl View<'_> {
    fn before(&self, end: usize) -> String {
        let start = self.text.floor_char_boundary(end.saturating_sub(CONTEXT));
        match self.text[start..end].rfind('\n') {
            Some(at) => self.show(start + at + 1..end),
            None if start == 0 => self.show(start..end),
            None => format!("…{}", self.show(start..end)),
        }
    }

    fn after(&self, start: usize) -> String {
        let end = self.text.ceil_char_boundary((start + CONTEXT).min(self.text.len()));
        match self.text[start..end].find('\n') {
            Some(at) => self.show(start..start + at),
            None if end == self.text.len() => self.show(start..end),
            None => format!("{}…", self.show(start..end)),
        }
    }

    fn show(&self, range: Range<usize>) -> String {
        if self.show_values {
            return self.text[range].to_owned();
        }
        let mut shown = String::new();
        let mut at = range.start;
        let first = self.findings.partition_point(|finding| finding.start + REACH < range.start);
        for finding in self.findings[first..].iter().take_while(|finding| finding.start < range.end) {
            if finding.end <= at {
                continue;
            }
            if finding.start > at {
                shown.push_str(&self.text[at..finding.start]);
            }
            // A value that the context cuts shows nothing.
            let whole = finding.start >= at && finding.end <= range.end;
            shown.push_str(&if whole {
                mask(&self.text[finding.start..finding.end])
            } else {
                "***".to_owned()
            });
            at = finding.end.min(range.end);
        }
        shown.push_str(&self.text[at..range.end]);
        shown
    }
}

#[cfg(test)]
mod tests {
    use tacita_documents::{Limits, read};

    use super::*;

    fn found(text: &str, value: &str) -> Match<'static> {
        let start = text.find(value).expect("it is in the text");
        Match { entity: "X", start, end: start + value.len(), score: 0.9 }
    }

    #[test]
    fn values_in_names_are_masked_in_the_places_below_them() {
        let text = br#"{"mara@example.org": {"phone": "541-714-1388"}, "plain": "x"}"#;
        let document = read("a.json", text, &Limits::default()).expect("JSON is read");
        let found = [found(document.text(), "mara@example.org"), found(document.text(), "541-714-1388")];
        for (show_values, pointers) in
            [(false, ["/m***g", "/m***g/phone"]), (true, ["/mara@example.org", "/mara@example.org/phone"])]
        {
            let hits = hits(&document, &found, Detail { show_values, context: false });
            let places: Vec<_> = hits
                .map(|hit| match hit.location.place {
                    Place::Pointer { pointer, .. } => pointer,
                    other => panic!("not a pointer: {other:?}"),
                })
                .collect();
            assert_eq!(places, pointers);
        }
    }

    #[test]
    fn a_table_named_after_somebody_is_masked_in_its_cells() {
        let bytes = include_bytes!("../../../documents/tests/files/people.sqlite");
        let document = read("people.sqlite", bytes, &Limits::default()).expect("it is a database");
        let found = [
            found(document.text(), "phone \"book\""),
            found(document.text(), "Ann Alder"),
            found(document.text(), "exif.jpg"),
        ];
        for (show_values, table) in [(false, "p***\""), (true, "phone \"book\"")] {
            let hits = hits(&document, &found, Detail { show_values, context: false });
            let places: Vec<_> = hits.map(|hit| hit.location.to_string()).collect();
            let expected = [
                "table sqlite_schema, row 3, column name".to_owned(),
                format!("table {table}, row 1, column who is it"),
                // The first row of a database is none of names.
                "table files, row 1, column name".to_owned(),
            ];
            assert_eq!(places, expected);
        }
    }

    #[test]
    fn a_sheet_named_after_somebody_is_masked_in_its_cells() {
        let bytes = include_bytes!("../../../documents/tests/files/people.xls");
        let document = read("people.xls", bytes, &Limits::default()).expect("it is a workbook");
        let found = [found(document.text(), "Leute"), found(document.text(), "row 7")];
        for (show_values, sheet) in [(false, "***"), (true, "Leute")] {
            let hits = hits(&document, &found, Detail { show_values, context: false });
            let places: Vec<_> = hits.map(|hit| hit.location.to_string()).collect();
            assert_eq!(places, ["property sheet".to_owned(), format!("sheet {sheet}, cell A10")]);
        }
    }

    #[test]
    fn neighbours_in_the_context_are_masked_too() {
        let text = "first line\nMara Lind-Berg, mara.lind@example.org, 1234567890\nlast line";
        let document = read("a.txt", text.as_bytes(), &Limits::default()).expect("it is text");
        // The second lies in the first, as with `--overlaps all`.
        let findings =
            [found(text, "mara.lind@example.org"), found(text, "example.org"), found(text, "1234567890")];
        let detail = Detail { show_values: false, context: true };
        let hits: Vec<_> = hits(&document, &findings, detail).collect();
        let shown: Vec<_> = hits.iter().map(|hit| [hit.before.as_str(), &hit.value, &hit.after]).collect();
        assert_eq!(shown[0], ["Mara Lind-Berg, ", "m***g", ", 1***0"]);
        assert_eq!(shown[1], ["Mara Lind-Berg, ***", "e***g", ", 1***0"]);
        assert_eq!(shown[2], ["Mara Lind-Berg, m***g, ", "1***0", ""]);
        assert_eq!(hits[0].location.to_string(), "line 2, column 17");
    }

    #[test]
    fn a_value_that_the_context_cuts_shows_nothing() {
        let long = "x".repeat(100);
        let text = format!("{long} y");
        let document = read("a.txt", text.as_bytes(), &Limits::default()).expect("it is text");
        let findings = [found(&text, &long), found(&text, "y")];
        let detail = Detail { show_values: false, context: true };
        let hits: Vec<_> = hits(&document, &findings, detail).collect();
        assert_eq!(hits[1].before, "…*** ");
        let shown = Detail { show_values: true, context: true };
        let open: Vec<_> = super::hits(&document, &findings, shown).collect();
        assert!(open[1].before.starts_with("…xxx"));
    }
}
