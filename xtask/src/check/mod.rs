//! The checks: each prints one line, or what is wrong and what to do about it.

mod arrows;
mod cargo;
mod dependencies;
mod inventory;
mod map;
mod passages;
mod policy;
mod sizes;
mod spelling;
mod tidy;

use anyhow::{Context, Result, bail};

use crate::{house::House, samples};

/// What a check found out.
#[derive(Default)]
struct Report {
    /// What was looked at, in a few words.
    summary: String,
    /// What should become better but does not fail.
    warnings: Vec<String>,
    /// What must be mended, with how.
    problems: Vec<String>,
}

type Check = fn(&House) -> Result<Report>;

/// Cheap ones first.
const CHECKS: [(&str, Check); 14] = [
    ("sizes", sizes::check),
    ("arrows", arrows::check),
    ("passages", passages::check),
    ("map", map::check),
    ("tidy", tidy::check),
    ("inventory", inventory::check),
    ("samples", sampled),
    ("unused", dependencies::check),
    ("licences", policy::check),
    ("spelling", spelling::check),
    ("config", tidy::workspace_lints),
    ("format", cargo::format),
    ("clippy", cargo::clippy),
    ("docs", cargo::docs),
];

/// Runs every check, the ones after a failed one too.
pub(crate) fn all() -> Result<()> {
    run(&CHECKS)
}

/// Runs the check called `name`.
pub(crate) fn one(name: &str) -> Result<()> {
    let check = CHECKS.iter().find(|(known, _)| *known == name).with_context(|| {
        format!("there is no check `{name}`; there are {}", CHECKS.map(|(known, _)| known).join(", "))
    })?;
    run(std::slice::from_ref(check))
}

fn run(checks: &[(&str, Check)]) -> Result<()> {
    let house = House::open()?;
    let mut failed = 0;
    for (name, check) in checks {
        let report = check(&house)
            .unwrap_or_else(|error| Report { problems: vec![format!("{error:#}")], ..Report::default() });
        if report.problems.is_empty() {
            println!("ok   {name:<9} {}", report.summary);
        } else {
            failed += 1;
            println!("FAIL {name:<9} {}", plural(report.problems.len(), "problem"));
        }
        for problem in &report.problems {
            println!("     - {problem}");
        }
        for warning in &report.warnings {
            println!("     (warning) {warning}");
        }
    }
    match failed {
        0 => Ok(()),
        _ => bail!(
            "{failed} of {} failed; `cargo xtask check NAME` runs one again",
            plural(checks.len(), "check")
        ),
    }
}

fn sampled(_: &House) -> Result<Report> {
    let (files, problems) = samples::differences()?;
    Ok(Report {
        summary: format!("{files} files are what the generator makes"),
        problems,
        ..Report::default()
    })
}

fn plural(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
