//! A file is a room: production code of at most 500 lines, 800 at the very most.

use std::cmp::Ordering;

use anyhow::{Context, Result};

use super::Report;
use crate::house::House;

const WARN: usize = 500;
const FAIL: usize = 800;

/// `path lines`, one per line: files that may be longer than [`FAIL`], and how long.
const EXCEPTIONS: &str = "xtask/size-exceptions.txt";
/// How many exceptions there may be. Lower it when one goes; it is never raised.
const MOST_EXCEPTIONS: usize = 0;

pub(super) fn check(house: &House) -> Result<Report> {
    let mut report = Report::default();
    let exceptions = exceptions(&house.read(EXCEPTIONS)?)?;
    match exceptions.len().cmp(&MOST_EXCEPTIONS) {
        Ordering::Greater => report
            .problems
            .push(format!("{EXCEPTIONS} may list {MOST_EXCEPTIONS} files: split the new one instead")),
        Ordering::Less => {
            report.problems.push(format!("lower `MOST_EXCEPTIONS` in {} to {}", file!(), exceptions.len()));
        }
        Ordering::Equal => {}
    }

    let mut files = 0;
    let mut largest = (0, "");
    for file in house.files.iter().filter(|file| file.ends_with(".rs")) {
        let lines = production_lines(file, &house.read(file)?);
        files += 1;
        largest = largest.max((lines, file));
        match exceptions.iter().find(|(known, _)| known == file) {
            Some((_, allowed)) => {
                report.problems.extend(exception_problem(file, lines, *allowed));
            }
            None if lines > FAIL => {
                report.problems.push(format!(
                    "{file} has {lines} lines of production code, {FAIL} is the limit: split it"
                ));
            }
            None if lines > WARN => report.warnings.push(format!("{file} has {lines} lines, aim for {WARN}")),
            None => {}
        }
    }
    for (gone, _) in exceptions.iter().filter(|(file, _)| !house.files.contains(file)) {
        report.problems.push(format!("{EXCEPTIONS} lists {gone}, which does not exist: remove it"));
    }
    report.summary = format!("{files} Rust files, the longest is {} with {} lines", largest.1, largest.0);
    Ok(report)
}

fn exception_problem(file: &str, lines: usize, allowed: usize) -> Option<String> {
    if lines <= FAIL {
        Some(format!("{file} has {lines} lines now: remove it from {EXCEPTIONS}"))
    } else if lines > allowed {
        Some(format!("{file} grew from {allowed} to {lines} lines: an exception only shrinks"))
    } else if lines < allowed {
        Some(format!("{file} has {lines} lines now: write that in {EXCEPTIONS} instead of {allowed}"))
    } else {
        None
    }
}

fn exceptions(text: &str) -> Result<Vec<(String, usize)>> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (file, lines) = line
                .rsplit_once(' ')
                .with_context(|| format!("`{line}` in {EXCEPTIONS} is not `path lines`"))?;
            Ok((
                file.to_owned(),
                lines.parse().with_context(|| format!("`{lines}` in {EXCEPTIONS} is no number"))?,
            ))
        })
        .collect()
}

/// The lines before the tests, which stand last; a file that is all tests has none.
fn production_lines(file: &str, text: &str) -> usize {
    let is_test = file.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"));
    if is_test {
        return 0;
    }
    let lines: Vec<&str> = text.lines().collect();
    lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod "))
        .unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_do_not_count() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    // …\n}\n";
        assert_eq!(production_lines("crates/x/src/lib.rs", text), 2);
        assert_eq!(production_lines("crates/x/tests/all.rs", text), 0);
        assert_eq!(production_lines("crates/x/src/lib.rs", "fn a() {}\n"), 1);
    }

    #[test]
    fn an_exception_only_shrinks() {
        assert_eq!(exception_problem("a.rs", 900, 900), None);
        for lines in [901, 899, FAIL] {
            assert!(exception_problem("a.rs", lines, 900).is_some(), "{lines}");
        }
    }
}
