//! `scan --columns`: a map of what the columns of tables hold.

use std::{
    fmt::Write as _,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use tacita_detect::{
    Detector,
    columns::{Class, classify},
};
use tacita_documents::TableColumn;

use crate::{
    documents::{Documents, Unread},
    escape::Escaped,
    failure::{Exit, Failure},
    input::{read_all, too_large},
    ordered::ordered,
    output::Output,
    report::{ReportFormat, inert},
    scan::{Found, Walk, WalkArgs},
    size::Size,
};

/// What is mapped, and by what.
pub(crate) struct Mapping<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) documents: &'a Documents,
    pub(crate) files: &'a WalkArgs,
    pub(crate) format: ReportFormat,
}

/// A column and what it holds.
#[derive(Debug, Serialize)]
struct Mapped {
    path: String,
    /// The documents within the file that it lies in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    within: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    column_number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    column_name: Option<String>,
    /// Cells that are not empty.
    cells: usize,
    classes: Vec<Kind>,
}

#[derive(Debug, Serialize)]
struct Kind {
    kind: String,
    confidence: f32,
    by_name: bool,
    found_in: usize,
    looked_into: usize,
    in_text: bool,
}

#[derive(Debug, Serialize)]
struct Left {
    path: String,
    reason: String,
}

/// All of it, as JSON has it.
#[derive(Debug, Serialize)]
struct Map<'a> {
    tacita: &'a str,
    columns: &'a [Mapped],
    failed: &'a [Left],
}

const PATH: Style = AnsiColor::Magenta.on_default().bold();
const TYPE: Style = AnsiColor::Cyan.on_default();
const FAINT: Style = Style::new().dimmed();

impl Mapping<'_> {
    /// Maps what lies under the roots into `out`.
    pub(crate) fn map(&self, roots: &[PathBuf], mut out: Output) -> Result<Exit, Failure> {
        let walk = Walk::new(roots, self.files, &out.files());
        let (mut columns, mut failed) = (Vec::new(), Vec::new());
        let work = |found| self.columns(found);
        ordered(
            self.files.threads(),
            walk,
            work,
            |_| 0,
            |(path, mapped): (PathBuf, _)| {
                match mapped {
                    Ok(mapped) => columns.extend::<Vec<_>>(mapped),
                    Err(Unread::Skipped(_)) => {}
                    Err(Unread::Failed(reason)) => {
                        anstream::eprintln!("tacita: {}: {}", Escaped::path(&path), Escaped::text(&reason));
                        failed.push(Left { path: path.to_string_lossy().into_owned(), reason });
                    }
                }
                Ok::<_, Failure>(())
            },
        )?;
        match self.format {
            ReportFormat::Json => {
                let map = Map { tacita: env!("CARGO_PKG_VERSION"), columns: &columns, failed: &failed };
                let json = serde_json::to_vec_pretty(&map).map_err(|cause| out.failure(cause.into()))?;
                out.put(&json)?;
                out.put(b"\n")?;
            }
            ReportFormat::Csv => out.put(&csv(&columns).map_err(|cause| out.failure(cause))?)?,
            _ => out.put_styled(table(&columns).as_bytes())?,
        }
        out.finish()?;
        Ok(if failed.is_empty() { Exit::Clean } else { Exit::Errors })
    }

    fn columns(&self, found: Found) -> (PathBuf, Result<Vec<Mapped>, Unread>) {
        match found {
            Found::File(path, size) => {
                let read = self.file(&path, size);
                (path, read)
            }
            Found::Stream(path) => {
                (path, Err(Unread::Failed("give a file: a stream has no columns".to_owned())))
            }
            Found::Skipped(path, reason) => (path, Err(Unread::Skipped(reason))),
            Found::Failed(path, reason) => (path, Err(Unread::Failed(reason))),
        }
    }

    fn file(&self, path: &Path, size: u64) -> Result<Vec<Mapped>, Unread> {
        let limit = Size(self.documents.readers.limits().file_bytes as u64);
        if size > limit.0 {
            return Err(too_large(limit).into());
        }
        let bytes = read_all(File::open(path)?, limit)?;
        let name = path.to_string_lossy();
        let document = self.documents.read(&name, &bytes)?;
        let text = document.text();
        let mapped = document.columns().into_iter().map(
            |TableColumn { within, table, number, name: header, cells }| {
                let values: Vec<&str> = cells.into_iter().map(|cell| &text[cell]).collect();
                let classes = classify(self.detector, header.as_deref(), &values);
                Mapped {
                    path: name.clone().into_owned(),
                    within: within.iter().map(ToString::to_string).collect(),
                    table,
                    column_number: number,
                    column_name: header,
                    cells: values.len(),
                    classes: classes.into_iter().map(Kind::from).collect(),
                }
            },
        );
        Ok(mapped.collect())
    }
}

impl From<Class> for Kind {
    fn from(Class { kind, confidence, by_name, cells, of, in_text }: Class) -> Self {
        // Two digits are all that a sample is worth.
        let confidence = (confidence * 100.0).round() / 100.0;
        Self { kind, confidence, by_name, found_in: cells, looked_into: of, in_text }
    }
}

/// Those that hold something, under their files and tables.
fn table(columns: &[Mapped]) -> String {
    let mut text = String::new();
    let place = |column: &Mapped| {
        let steps = std::iter::once(&column.path).chain(&column.within).chain(&column.table);
        steps.map(|step| Escaped::text(step).to_string()).collect::<Vec<_>>().join(": ")
    };
    let mut last = None;
    for column in columns.iter().filter(|column| !column.classes.is_empty()) {
        let here = place(column);
        if last.as_ref() != Some(&here) {
            let gap = if last.is_some() { "\n" } else { "" };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{gap}{PATH}{here}{PATH:#}");
            last = Some(here);
        }
        for (number, class) in column.classes.iter().enumerate() {
            let name = match (number, &column.column_name) {
                (0, Some(name)) => Escaped::text(name).to_string(),
                (0, None) => format!("column {}", column.column_number),
                _ => String::new(),
            };
            let by_name = if class.by_name { "by its name, " } else { "" };
            let in_text = if class.in_text { " in longer texts" } else { "" };
            let _ = writeln!(
                text,
                "  {name:<24}  {TYPE}{:<22}{TYPE:#}  {FAINT}{:.2}{FAINT:#}  {by_name}in {} of {} cells{in_text}",
                class.kind, class.confidence, class.found_in, class.looked_into
            );
        }
    }
    let holding = columns.iter().filter(|column| !column.classes.is_empty()).count();
    let gap = if holding > 0 { "\n" } else { "" };
    let _ = writeln!(text, "{gap}{holding} of {} columns hold personal data", columns.len());
    text
}

/// A row for each kind of each column; one for a column that holds none.
fn csv(columns: &[Mapped]) -> Result<Vec<u8>, io::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let head = [
        "path",
        "table",
        "column_number",
        "column_name",
        "cells",
        "kind",
        "confidence",
        "by_name",
        "found_in",
        "looked_into",
        "in_text",
    ];
    out.write_record(head)?;
    for column in columns {
        let steps: Vec<&str> = column.within.iter().chain(&column.table).map(String::as_str).collect();
        let own = [
            column.path.clone(),
            steps.join(": "),
            column.column_number.to_string(),
            column.column_name.clone().unwrap_or_default(),
            column.cells.to_string(),
        ];
        let kinds: Vec<[String; 6]> = column
            .classes
            .iter()
            .map(|class| {
                [
                    class.kind.clone(),
                    class.confidence.to_string(),
                    class.by_name.to_string(),
                    class.found_in.to_string(),
                    class.looked_into.to_string(),
                    class.in_text.to_string(),
                ]
            })
            .collect();
        for kind in if kinds.is_empty() { vec![Default::default()] } else { kinds } {
            out.write_record(own.iter().chain(&kind).map(|cell| inert(Escaped::text(cell).to_string())))?;
        }
    }
    out.into_inner().map_err(csv::IntoInnerError::into_error)
}
