//! Who may end a passage: the store, once what it admits is on the disk or taken back. The compiler can't hold this between
//! crates.

use anyhow::Result;

use super::{Report, plural};
use crate::house::House;

/// What ends a passage.
const ENDS: [&str; 2] = [".committed()", ".refused(Reason"];
/// Whose source may say so: the crate that has them, for its tests, and the store.
const ALLOWED: [&str; 2] = ["crates/corridor/", "crates/store/src/"];

pub(super) fn check(house: &House) -> Result<Report> {
    let mut report = Report::default();
    let mut ends = 0;
    for file in house.files.iter().filter(|file| file.starts_with("crates/") && file.ends_with(".rs")) {
        let text = house.read(file)?;
        for (number, line) in text.lines().enumerate() {
            if !ENDS.iter().any(|end| line.contains(end)) {
                continue;
            }
            ends += 1;
            if !ALLOWED.iter().any(|folder| file.starts_with(folder)) {
                report.problems.push(format!(
                    "{file}:{} ends a passage: hand it to `Store::commit`, which does so when it is on the disk",
                    number + 1
                ));
            }
        }
    }
    if ends == 0 {
        report.problems.push(format!("nothing ends a passage: {} looks for the wrong words", file!()));
    }
    report.summary = format!("{} where a passage ends, all in the store and the corridor", plural(ends, "place"));
    Ok(report)
}
