//! JSON: one object, or one per line.

use std::path::Path;

use serde::Serialize;
use tacita_documents::{Location, Note};

use super::{Format, Hit, Outcome, Settings, Summary};
use crate::escape::Escaped;

/// One object for the whole report, a file per line.
pub(super) struct Json<'a>(pub(super) &'a Settings);

/// One object per line.
pub(super) struct Jsonl<'a>(pub(super) &'a Settings);

#[derive(Serialize)]
struct Head<'a> {
    tacita: &'a str,
    profile: &'a str,
    threshold: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    types: Option<&'a [String]>,
    rules: &'a [String],
    roots: &'a [String],
    values_masked: bool,
}

#[derive(Serialize)]
struct Finding<'a> {
    entity_type: &'a str,
    score: f32,
    value: &'a str,
    location: &'a Location,
    /// The location in words.
    place: String,
}

#[derive(Serialize)]
struct File<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [Note],
}

#[derive(Serialize)]
struct SummaryJson<'a> {
    files_read: usize,
    bytes_read: u64,
    files_skipped: usize,
    files_failed: usize,
    findings: usize,
    types: Vec<TypeJson<'a>>,
    top_files: Vec<TopFile>,
}

#[derive(Serialize)]
struct TypeJson<'a> {
    entity_type: &'a str,
    findings: usize,
    files: usize,
}

#[derive(Serialize)]
struct TopFile {
    path: String,
    findings: usize,
}

/// A line of JSONL: its kind and path, then what it says.
#[derive(Serialize)]
struct Line<'a, T> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(flatten)]
    what: &'a T,
}

impl Format for Json<'_> {
    fn head(&self, out: &mut Vec<u8>) {
        push(out, &head(self.0));
        // The object stays open for the files.
        out.pop();
        out.extend_from_slice(b",\n\"files\":[\n");
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn hit(&self, out: &mut Vec<u8>, path: &Path, n: usize, hit: &Hit<'_>) {
        if n == 0 {
            open_file(out, path);
        } else {
            out.extend_from_slice(b",\n  ");
        }
        push(out, &finding(hit));
    }

    fn end_of_file(&self, out: &mut Vec<u8>, path: &Path, hits: usize, outcome: &Outcome) {
        if hits == 0 {
            open_file(out, path);
        }
        out.extend_from_slice(b"],");
        let start = out.len();
        push(out, &file(outcome));
        // The file's object is already open.
        out.remove(start);
    }

    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, _: &[u8]) {
        out.extend_from_slice(b"\n],\n\"summary\":");
        push(out, &summary_json(summary));
        out.extend_from_slice(b"}\n");
    }
}

impl Format for Jsonl<'_> {
    fn head(&self, out: &mut Vec<u8>) {
        line(out, "scan", None, &head(self.0));
    }

    fn hit(&self, out: &mut Vec<u8>, path: &Path, _: usize, hit: &Hit<'_>) {
        line(out, "finding", Some(path), &finding(hit));
    }

    fn end_of_file(&self, out: &mut Vec<u8>, path: &Path, _: usize, outcome: &Outcome) {
        line(out, "file", Some(path), &file(outcome));
    }

    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, _: &[u8]) {
        line(out, "summary", None, &summary_json(summary));
    }
}

/// Appends `value` as JSON.
pub(super) fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    // Cannot fail: memory takes every write, and every key of these values is a string.
    serde_json::to_writer(out, value).expect("a report is JSON");
}

fn line(out: &mut Vec<u8>, kind: &'static str, path: Option<&Path>, what: &impl Serialize) {
    push(out, &Line { kind, path: path.map(shown), what });
    out.push(b'\n');
}

fn open_file(out: &mut Vec<u8>, path: &Path) {
    out.extend_from_slice(b"{\"path\":");
    push(out, &shown(path));
    out.extend_from_slice(b",\"findings\":[");
}

fn shown(path: &Path) -> String {
    Escaped::path(path).to_string()
}

fn head(settings: &Settings) -> Head<'_> {
    Head {
        tacita: env!("CARGO_PKG_VERSION"),
        profile: &settings.profile,
        threshold: settings.threshold,
        types: settings.types.as_deref(),
        rules: &settings.rules,
        roots: &settings.roots,
        values_masked: !settings.show_values,
    }
}

fn finding<'a>(hit: &'a Hit<'_>) -> Finding<'a> {
    Finding {
        entity_type: hit.entity,
        score: hit.score,
        value: &hit.value,
        place: hit.location.to_string(),
        location: &hit.location,
    }
}

fn file(outcome: &Outcome) -> File<'_> {
    let (outcome, format, reason, notes) = match outcome {
        Outcome::Read { format, notes } => ("read", Some(*format), None, notes.as_slice()),
        Outcome::Skipped(reason) => ("skipped", None, Some(reason.as_str()), &[][..]),
        Outcome::Failed(reason) => ("failed", None, Some(reason.as_str()), &[][..]),
    };
    File { outcome, format, reason, notes }
}

fn summary_json(summary: &Summary) -> SummaryJson<'_> {
    let types = summary.types().into_iter();
    SummaryJson {
        files_read: summary.files,
        bytes_read: summary.bytes,
        files_skipped: summary.skipped.len(),
        files_failed: summary.failed.len(),
        findings: summary.total.findings,
        types: types
            .map(|(entity_type, findings, files)| TypeJson { entity_type, findings, files })
            .collect(),
        top_files: summary
            .top
            .iter()
            .map(|(path, tally)| TopFile { path: shown(path), findings: tally.findings })
            .collect(),
    }
}
