//! Megabytes, pages, slides and cells per second of each format's reader beside those of other programs.

use std::{fs, hint::black_box, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;
use tacita_documents::{Limits, read};

use super::{
    clock,
    peers::{Office, Peers, extension},
};

/// Rounds beyond the first begin only within so many seconds: those that Python's readers have.
const PATIENCE: f64 = 4.0;
const ROUNDS: usize = 5;

/// A document that was made, and what it holds.
#[derive(Deserialize)]
struct Made {
    file: String,
    /// Of pages, slides, cells; where it has any.
    count: Option<f64>,
    unit: String,
}

pub(super) fn report(folder: &Path, peers: &Peers) -> Result<()> {
    let office = Office::start(folder);
    match &office {
        Ok(office) => println!("LibreOffice starts in {:.2} s, which its figures leave out", office.start),
        Err(error) => println!("LibreOffice is skipped: {error:#}"),
    }
    let office = office.ok();
    let documents = folder.join("large");
    let made = peers.make(&["large"], &documents)?;
    println!("\nreading: MB of the file and of the text in it, per second of processor time\n");
    println!(
        "{:9} {:>6} {:>6} {:>20} {:>9}  {:14} {:>9} {:>8}",
        "format", "MB", "text", "per second", "MB/s", "peer", "MB/s", "ratio"
    );
    for line in made.lines() {
        let made: Made = serde_json::from_str(line)?;
        let file = documents.join(&made.file);
        let (seconds, text) = ours(&file)?;
        let megabytes = fs::metadata(&file)?.len() as f64 / 1e6;
        let per_second = made.count.map_or_else(String::new, |count| {
            format!("{} {}", thousands((count / seconds) as u64), made.unit)
        });
        let mut row = format!(
            "{:9} {megabytes:>6.2} {:>6.2} {per_second:>20} {:>9.1}",
            extension(&file),
            text as f64 / 1e6,
            megabytes / seconds
        );
        for answer in peers.read(&file, office.as_ref())? {
            let figures = match (answer.seconds, answer.skipped) {
                (Some(theirs), _) => format!("{:>9.2} {:>7.1}x", megabytes / theirs, theirs / seconds),
                (None, reason) => format!("skipped: {}", reason.unwrap_or_default()),
            };
            println!("{row}  {:14} {figures}", answer.name);
            // Further peers of the same file stand below the first.
            row = " ".repeat(row.len());
        }
    }
    Ok(())
}

/// Seconds of the best round, and the bytes of text that it gave.
fn ours(file: &Path) -> Result<(f64, usize)> {
    let bytes = fs::read(file)?;
    let name = file.to_string_lossy();
    let limits = Limits::default();
    let (mut best, mut text) = (f64::INFINITY, 0);
    let begun = clock::own();
    for _ in 0..ROUNDS {
        let start = clock::own();
        let document =
            read(&name, black_box(&bytes), &limits).with_context(|| format!("cannot read {name}"))?;
        best = best.min(clock::own() - start);
        text = black_box(document.text()).len();
        if clock::own() - begun > PATIENCE {
            break;
        }
    }
    Ok((best, text))
}

/// With a comma between each three digits.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut parted = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            parted.push(',');
        }
        parted.push(digit);
    }
    parted
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn numbers_are_parted_from_behind() {
        assert_eq!([7, 100, 1000, 1_234_567].map(thousands), ["7", "100", "1,000", "1,234,567"]);
    }
}
