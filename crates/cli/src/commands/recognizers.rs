//! `tacita recognizers`

use std::io::Write;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;
use tacita_detect::{Recognizer, recognizers};
use unicode_width::UnicodeWidthStr;

use crate::{
    failure::{Exit, Failure},
    output::Output,
};

/// List the types of personal data that can be found
///
/// With the country a type belongs to, how a value is validated, and an invented example.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita recognizers
  tacita recognizers --country de
  tacita recognizers --format json")]
pub(crate) struct Args {
    /// The format of the list
    #[arg(short, long, value_enum, default_value_t)]
    format: ListFormat,
    /// Those that belong to this country only, by its ISO 3166 code
    #[arg(long, value_name = "XX")]
    country: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For reading in a terminal
    #[default]
    Table,
    /// One JSON array
    Json,
}

/// A recogniser as JSON shows it.
#[derive(Serialize)]
struct Listed<'a> {
    entity_type: &'a str,
    country: Option<&'a str>,
    about: &'a str,
    validation: Option<&'a str>,
    example: &'a str,
    context: &'a [&'a str],
    labels: &'a [&'a str],
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let wanted = |recognizer: &&Recognizer| {
        args.country.as_deref().is_none_or(|country| recognizer.country.eq_ignore_ascii_case(country))
    };
    let mut list: Vec<_> = recognizers().iter().filter(wanted).collect();
    if let (Some(country), true) = (&args.country, list.is_empty()) {
        return Err(Failure::UnknownCountry(country.clone()));
    }
    list.sort_by_key(|recognizer| (recognizer.entity, recognizer.country));
    let mut out = Output::open(None)?;
    match args.format {
        ListFormat::Table => out.put_styled(table(&list).as_bytes())?,
        ListFormat::Json => {
            let list: Vec<_> = list.into_iter().map(listed).collect();
            let written = serde_json::to_writer_pretty(&mut out, &list).map_err(std::io::Error::from);
            written.and_then(|()| out.write_all(b"\n")).map_err(|cause| out.failure(cause))?;
        }
    }
    out.finish()?;
    Ok(Exit::Clean)
}

fn listed(recognizer: &Recognizer) -> Listed<'_> {
    let some = |text: &'static str| (!text.is_empty()).then_some(text);
    Listed {
        entity_type: recognizer.entity,
        country: some(recognizer.country),
        about: recognizer.about,
        validation: some(recognizer.check),
        example: recognizer.example,
        context: recognizer.context,
        labels: recognizer.labels,
    }
}

fn table(list: &[&Recognizer]) -> String {
    const HEADING: Style = Style::new().bold().underline();
    const TYPE: Style = AnsiColor::Cyan.on_default();
    let rows: Vec<[&str; 4]> = list.iter().map(|r| [r.entity, r.country, r.check, r.example]).collect();
    let titles = ["TYPE", "COUNTRY", "VALIDATION", "EXAMPLE"];
    let width = |column: usize| {
        rows.iter().map(|row| row[column].width()).max().unwrap_or(0).max(titles[column].len()).min(WIDEST)
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = String::new();
    for (row, style) in [(&titles, HEADING)].into_iter().chain(rows.iter().map(|row| (row, TYPE))) {
        for (column, cell) in row.iter().enumerate() {
            let style = if column == 0 || style == HEADING { style } else { Style::new() };
            text.push_str(&format!("{style}{cell}{style:#}"));
            if let Some(width) = widths.get(column) {
                text.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
        }
        text.push('\n');
    }
    text
}

/// A longer name moves its row only.
const WIDEST: usize = 32;
