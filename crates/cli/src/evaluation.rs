//! The figures of an evaluation, for a terminal or as JSON.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use tacita_detect::evaluation::{Figure, Grouping, Quality, RESAMPLES, Row, Scores};
use unicode_width::UnicodeWidthStr;

use crate::escape::Escaped;

/// What was measured, and how.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation {
    pub(crate) threshold: f32,
    pub(crate) megabytes_per_second: f64,
    #[serde(flatten)]
    pub(crate) scores: Scores,
}

const HEADING: Style = Style::new().bold().underline();
const NAME: Style = AnsiColor::Cyan.on_default();

/// One object and a line end.
pub(crate) fn json(evaluation: &Evaluation) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(evaluation).expect("numbers and names can be written");
    json.push(b'\n');
    json
}

/// Exact spans, those that overlap, calibration, groups, speed.
pub(crate) fn table(evaluation: &Evaluation) -> String {
    let Evaluation { threshold, megabytes_per_second, scores } = evaluation;
    let mut text = format!(
        "{} texts, {:.2} MB; threshold {threshold}; intervals: 95 %, bootstrap over texts, {RESAMPLES} draws\n",
        scores.texts,
        scores.bytes as f64 / 1e6
    );
    qualities(&mut text, "exact spans", scores, |row| row.exact);
    let title =
        format!("spans that overlap by {} or more (intersection over union, in characters)", scores.overlap);
    qualities(&mut text, &title, scores, |row| row.overlap);
    calibration(&mut text, scores);
    scores.groups.iter().for_each(|grouping| group(&mut text, grouping, scores.overlap));
    push(&mut text, format_args!("\nspeed: {}, one core\n", speed(*megabytes_per_second)));
    if !scores.not_sought.is_empty() {
        let of = |(entity, count): (&String, &usize)| format!("{} ({count})", Escaped::text(entity));
        let list: Vec<String> = scores.not_sought.iter().map(of).collect();
        push(&mut text, format_args!("marked but not looked for, and not counted: {}\n", list.join(", ")));
    }
    text
}

/// A model of the user's own may read less than a megabyte a second.
fn speed(megabytes: f64) -> String {
    if megabytes < 1.0 { format!("{:.0} kB/s", megabytes * 1e3) } else { format!("{megabytes:.1} MB/s") }
}

fn qualities(text: &mut String, title: &str, scores: &Scores, of: fn(&Row) -> Quality) {
    let rows = scores.types.iter().chain([&scores.all, &scores.any]);
    let rows = rows.map(|row| {
        let Quality { right, precision, recall, f1, f2 } = of(row);
        let numbers = [row.marked, row.found, right].map(|number| number.to_string());
        let [marked, found, right] = numbers;
        [row.name.clone(), marked, found, right, shown(precision), shown(recall), shown(f1), shown(f2)]
            .to_vec()
    });
    let titles = ["TYPE", "MARKED", "FOUND", "RIGHT", "PRECISION", "RECALL", "F1", "F2"];
    grid(text, title, &titles, rows.collect());
}

fn calibration(text: &mut String, scores: &Scores) {
    let rows = scores.reliability.iter().map(|bin| {
        let share = |right: usize| format!("{:.3}", right as f64 / bin.found as f64);
        let score = format!("{:.1} to {:.1}", bin.from, bin.to);
        [
            score,
            bin.found.to_string(),
            format!("{:.3}", bin.mean),
            share(bin.exact),
            share(bin.overlap),
            share(bin.touching),
        ]
        .to_vec()
    });
    let titles = ["SCORE", "FOUND", "MEAN", "EXACT", "OVERLAP", "TOUCHING"];
    grid(text, "calibration: the share of findings that is right, by score", &titles, rows.collect());
}

fn group(text: &mut String, grouping: &Grouping, overlap: f64) {
    let rows = grouping.groups.iter().map(|row| {
        let (exact, overlap) = (row.exact.recall, row.overlap.recall);
        [row.name.clone(), row.marked.to_string(), shown(exact), shown(overlap)].to_vec()
    });
    let name = Escaped::text(&grouping.name).to_string();
    let title = format!("recall by {name}");
    let at_least = format!("OVERLAP {overlap}");
    grid(text, &title, &[&name.to_uppercase(), "MARKED", "EXACT", &at_least], rows.collect());
    if let Some((best, worst)) = grouping.extremes() {
        let recall = |row: &Row| row.overlap.recall.value;
        push(
            text,
            format_args!(
                "largest gap: {:.3}, {} {:.3} to {} {:.3}\n",
                recall(best) - recall(worst),
                Escaped::text(&best.name),
                recall(best),
                Escaped::text(&worst.name),
                recall(worst)
            ),
        );
    }
}

/// A share and its interval.
fn shown(Figure { value, interval }: Figure) -> String {
    match interval {
        Some(interval) => format!("{value:.3} ({:.3} to {:.3})", interval.low, interval.high),
        None => format!("{value:.3}"),
    }
}

/// Rows below a title, the first column to the left, the others below their headings.
fn grid(text: &mut String, title: &str, headings: &[&str], mut rows: Vec<Vec<String>>) {
    for row in &mut rows {
        row[0] = Escaped::text(&row[0]).to_string();
    }
    let widths: Vec<usize> = (headings.iter().enumerate())
        .map(|(column, heading)| {
            rows.iter().map(|row| row[column].width()).max().unwrap_or(0).max(heading.width())
        })
        .collect();
    let mut line = |cells: &[&str], style: Style| {
        for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let style = if column == 0 || style == HEADING { style } else { Style::new() };
            let last = column + 1 == cells.len();
            let padding = if last { 0 } else { width.saturating_sub(cell.width()) + 2 };
            push(text, format_args!("{style}{cell}{style:#}{}", " ".repeat(padding)));
        }
        text.push('\n');
    };
    line(&[], HEADING);
    line(&[title], Style::new());
    line(headings, HEADING);
    for row in &rows {
        line(&row.iter().map(String::as_str).collect::<Vec<_>>(), NAME);
    }
}

fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("writing to a string does not fail");
}
