//! Text for a terminal.

use std::{fmt::Arguments, iter, path::Path};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{Format, Hit, Outcome, Summary, counted, push, summary::by_reason};
use crate::{escape::Escaped, size::Size};

/// Findings under their files, then the summary.
pub(super) struct Table {
    /// Only the summary.
    pub(super) summary_only: bool,
}

/// Most lines are shorter, in bytes.
const LINE: usize = 160;
const HEADING: Style = Style::new().bold().underline();
const PATH: Style = AnsiColor::Magenta.on_default().bold();
const TYPE: Style = AnsiColor::Cyan.on_default();
const ERROR: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

impl Format for Table {
    fn head(&self, _: &mut Vec<u8>) {}

    fn hit(&self, out: &mut Vec<u8>, path: &Path, n: usize, hit: &Hit<'_>) {
        if self.summary_only {
            return;
        }
        let mut text = String::with_capacity(LINE);
        if n == 0 {
            push(&mut text, format_args!("{PATH}{}{PATH:#}\n", Escaped::path(path)));
        }
        text.push_str("  ");
        column(&mut text, 22, format_args!("{}", Escaped::text(&hit.location.to_string())));
        push(&mut text, format_args!("  {TYPE}"));
        column(&mut text, 20, format_args!("{}", hit.entity));
        let value = Escaped::text(&hit.value);
        push(&mut text, format_args!("{TYPE:#}  {FAINT}{:.2}{FAINT:#}  {value}\n", hit.score));
        out.extend_from_slice(text.as_bytes());
    }

    fn end_of_file(&self, out: &mut Vec<u8>, _: &Path, hits: usize, _: &Outcome) {
        if hits > 0 && !self.summary_only {
            out.push(b'\n');
        }
    }

    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, _: &[u8]) {
        let mut text = String::new();
        types(&mut text, summary);
        top_files(&mut text, summary);
        left_out(&mut text, summary);
        push(&mut text, format_args!("{}\n", conclusion(summary)));
        out.extend_from_slice(text.as_bytes());
    }
}

fn types(text: &mut String, summary: &Summary) {
    let types = summary.types();
    if types.is_empty() {
        return;
    }
    let width = types.iter().map(|(name, ..)| name.width()).max().unwrap_or(0).max(4);
    let heading = |name: &str, width: usize| format!("{HEADING}{name}{HEADING:#}{}", spaces(width, name));
    push(text, format_args!("{}  {:>8}  {:>6}\n", heading("TYPE", width), "FINDINGS", "FILES"));
    for (name, findings, files) in types {
        push(text, format_args!("{TYPE}{}{TYPE:#}  {findings:>8}  {files:>6}\n", padded(name, width)));
    }
    text.push('\n');
}

fn top_files(text: &mut String, summary: &Summary) {
    // With one file the list would repeat what stands above it.
    if summary.top.len() < 2 {
        return;
    }
    push(text, format_args!("{HEADING}MOST FINDINGS{HEADING:#}\n"));
    for (path, tally) in &summary.top {
        push(text, format_args!("{:>8}  {}\n", tally.findings, Escaped::path(path)));
    }
    text.push('\n');
}

fn left_out(text: &mut String, summary: &Summary) {
    for (title, list, style) in [
        ("NOT READ: ERRORS", &summary.failed, ERROR),
        ("SKIPPED", &summary.skipped, FAINT),
        ("NOTES", &summary.notes, FAINT),
    ] {
        if list.is_empty() {
            continue;
        }
        push(text, format_args!("{HEADING}{title}{HEADING:#}\n"));
        for (reason, count, first) in by_reason(list) {
            let first = Escaped::path(first);
            let reason = Escaped::text(reason);
            let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            push(text, format_args!("{count:>8}  {style}{reason}{style:#}: {first}{more}\n"));
        }
        text.push('\n');
    }
}

/// The summary in one sentence.
pub(super) fn conclusion(summary: &Summary) -> String {
    let mut text = format!(
        "{} of {} in {} ({})",
        counted(summary.total.findings, "finding"),
        counted(summary.total.types.len(), "type"),
        counted(summary.files, "file"),
        Size(summary.bytes)
    );
    for (count, what) in [(summary.skipped.len(), "skipped"), (summary.failed.len(), "not read")] {
        if count > 0 {
            push(&mut text, format_args!(", {count} {what}"));
        }
    }
    text
}

/// Adds what is shown in a column.
fn column(text: &mut String, width: usize, what: Arguments<'_>) {
    let from = text.len();
    push(text, what);
    let shown = &text[from..];
    let wide = if shown.is_ascii() { shown.len() } else { shown.width() };
    text.extend(iter::repeat_n(' ', width.saturating_sub(wide)));
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", spaces(width, text))
}

fn spaces(width: usize, text: &str) -> String {
    " ".repeat(width.saturating_sub(text.width()))
}
