//! Where the corridor has its doors. The compiler can't hold these between crates: who makes a gate, who ends a passage, and who
//! writes without one.

use anyhow::Result;

use super::{Report, plural};
use crate::house::House;

/// What opens a door, and the files that may: their tests may, too.
const DOORS: [(&str, &[&str]); 6] = [
    (
        "Gate::new(",
        &[
            "crates/corridor/",
            "crates/service/src/lib.rs",
            "crates/store/tests/",
            "crates/store/examples/",
            "crates/vault/",
        ],
    ),
    (".committed()", &["crates/corridor/", "crates/store/src/commit.rs"]),
    (".refused(reason)", &["crates/corridor/", "crates/store/src/commit.rs"]),
    (
        ".write_within(",
        &[
            "crates/service/src/tokens.rs",
            // Hashes of secrets, and when they count: nothing of anybody.
            "crates/service/src/access.rs",
            "crates/service/src/links.rs",
            "crates/service/src/sessions.rs",
            // What somebody was asked who is not known yet, sealed for some minutes.
            "crates/service/src/challenges.rs",
            // Claims of requests, and answers that are sealed.
            "crates/service/src/repeats.rs",
            // The ledger's own rows, which hold nothing of anybody.
            "crates/service/src/ledger.rs",
            "crates/service/src/epoch.rs",
            "crates/service/src/prune.rs",
            "crates/service/src/witness/",
            "crates/service/src/jobs.rs",
            // Tests that put something in beside the accounts.
            "crates/service/src/trial.rs",
            // Closes the house to those of whom nothing is kept.
            "crates/service/src/subjects.rs",
            "crates/store/",
        ],
    ),
    // Where work across organisations is counted.
    ("Spanning::new(", &["crates/store/src/database/mod.rs"]),
    (
        ".write_spanning(",
        &["crates/service/src/organisations.rs", "crates/service/src/ledger.rs", "crates/store/"],
    ),
];

pub(super) fn check(house: &House) -> Result<Report> {
    let mut report = Report::default();
    let mut found = [0; DOORS.len()];
    for file in house.files.iter().filter(|file| file.starts_with("crates/") && file.ends_with(".rs")) {
        let text = house.read(file)?;
        for (number, line) in text.lines().enumerate() {
            for ((door, allowed), found) in
                DOORS.iter().zip(&mut found).filter(|((door, _), _)| line.contains(door))
            {
                *found += 1;
                if !allowed.iter().any(|place| file.starts_with(place)) {
                    report.problems.push(format!(
                        "{file}:{}: `{door}` is a door beside the corridor; personal data goes through `Service::admit` and \
                         `Store::commit`",
                        number + 1
                    ));
                }
            }
        }
    }
    for ((door, _), _) in DOORS.iter().zip(found).filter(|(_, found)| *found == 0) {
        report.problems.push(format!("nothing says `{door}`: {} looks for the wrong words", file!()));
    }
    report.summary = format!("{}, all where they belong", plural(found.iter().sum(), "door"));
    Ok(report)
}
