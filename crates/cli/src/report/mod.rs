//! What a scan found, in the format that was asked for.

mod charts;
mod csv;
mod html;
mod json;
mod sarif;
mod summary;
mod table;

use std::{borrow::Cow, fmt::Write, path::Path};

use clap::ValueEnum;
use tacita_documents::{Location, Note};

use crate::{failure::Failure, output::Output};

pub(crate) use csv::inert;
pub(crate) use summary::{Summary, Tally};

/// The format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For reading in a terminal
    #[default]
    Table,
    /// One JSON object: the files with their findings, and the summary
    Json,
    /// One JSON object per line: each finding, each file, then the summary
    Jsonl,
    /// SARIF 2.1.0, for code scanning tools
    Sarif,
    /// One row per finding, for spreadsheets
    Csv,
    /// One page with charts and the findings in their context, which opens without a network
    Html,
}

/// What a scan looks for, as a report states it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) profile: String,
    pub(crate) threshold: f32,
    pub(crate) types: Option<Vec<String>>,
    /// The rule files that applied.
    pub(crate) rules: Vec<String>,
    pub(crate) roots: Vec<String>,
    /// Values stand in the report as they are.
    pub(crate) show_values: bool,
    /// No findings, only what they come to.
    pub(crate) summary_only: bool,
}

/// One finding in its place.
#[derive(Debug)]
pub(crate) struct Hit<'a> {
    pub(crate) entity: &'a str,
    pub(crate) score: f32,
    pub(crate) location: Location,
    /// The value, masked unless values are shown.
    pub(crate) value: Cow<'a, str>,
    /// What stands around it, other findings masked as this one is; empty unless asked for.
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What became of a file.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was read, as this format.
    Read { format: &'static str, notes: Vec<Note> },
    /// It holds nothing that is read, for this reason.
    Skipped(String),
    /// It should have been read but could not be, for this reason.
    Failed(String),
}

/// How a report is written: a head, for each file its findings and its end, then the summary.
///
/// Findings and ends of files are rendered by many threads at once; what they render is put together in order.
pub(crate) trait Format: Sync {
    /// The context of findings is wanted.
    fn wants_context(&self) -> bool {
        false
    }

    /// What the report starts with.
    fn head(&self, out: &mut Vec<u8>);

    /// What stands between two files that both rendered something.
    fn separator(&self) -> &'static str {
        ""
    }

    /// The finding number `n` of a file, from 0.
    fn hit(&self, out: &mut Vec<u8>, path: &Path, n: usize, hit: &Hit<'_>);

    /// The end of a file with `hits` findings.
    fn end_of_file(&self, out: &mut Vec<u8>, path: &Path, hits: usize, outcome: &Outcome);

    /// How many bytes of what files rendered are held back for the end; `None` writes them as they come.
    fn holds_files(&self) -> Option<usize> {
        None
    }

    /// What the report ends with, given what was held back.
    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, held: &[u8]);
}

impl ReportFormat {
    /// The writer of this format.
    pub(crate) fn writer<'a>(self, settings: &'a Settings) -> Box<dyn Format + 'a> {
        match self {
            Self::Table => Box::new(table::Table { summary_only: settings.summary_only }),
            Self::Json => Box::new(json::Json(settings)),
            Self::Jsonl => Box::new(json::Jsonl(settings)),
            Self::Sarif => Box::new(sarif::Sarif(settings)),
            Self::Csv => Box::new(csv::Csv),
            Self::Html => Box::new(html::Html(settings)),
        }
    }
}

/// A report being written.
pub(crate) struct Report<'a> {
    format: &'a dyn Format,
    out: Output,
    held: Vec<u8>,
    place: Place,
    summary: Summary,
}

/// What was written last; a separator stands between two files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    InFile,
    AfterFile,
}

impl<'a> Report<'a> {
    /// Starts a report.
    pub(crate) fn start(format: &'a dyn Format, mut out: Output) -> Result<Self, Failure> {
        let mut head = Vec::new();
        format.head(&mut head);
        out.put_styled(&head)?;
        Ok(Self { format, out, held: Vec::new(), place: Place::Start, summary: Summary::default() })
    }

    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The next part of what a file rendered; [`Self::end_file`] follows the last one.
    pub(crate) fn part(&mut self, rendered: &[u8]) -> Result<(), Failure> {
        if rendered.is_empty() {
            return Ok(());
        }
        if self.place == Place::AfterFile {
            self.put(self.format.separator().as_bytes())?;
        }
        self.place = Place::InFile;
        self.put(rendered)
    }

    /// The end of a file whose parts were put, and what it comes to.
    pub(crate) fn end_file(&mut self, path: &Path, bytes: u64, tally: Tally, outcome: Outcome) {
        if self.place == Place::InFile {
            self.place = Place::AfterFile;
        }
        self.summary.add(path, bytes, tally, outcome);
    }

    /// Writes the end.
    pub(crate) fn finish(mut self) -> Result<Summary, Failure> {
        let mut tail = Vec::new();
        self.format.tail(&mut tail, &self.summary, &self.held);
        self.out.put_styled(&tail)?;
        self.out.finish()?;
        Ok(self.summary)
    }

    fn put(&mut self, rendered: &[u8]) -> Result<(), Failure> {
        match self.format.holds_files() {
            Some(limit) if self.held.len() + rendered.len() <= limit => self.held.extend_from_slice(rendered),
            Some(_) => self.summary.unlisted += 1,
            None => self.out.put_styled(rendered)?,
        }
        Ok(())
    }
}

/// `1 file`, `2 files`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(what);
}
