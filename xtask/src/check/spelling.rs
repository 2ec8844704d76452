//! Spelling, by `typos`.

use std::{io::ErrorKind, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use super::Report;
use crate::house::House;

/// Where `./test` installs it.
const INSTALLED: &str = ".tools/python/bin/typos";

pub(super) fn check(house: &House) -> Result<Report> {
    let installed = house.root.join(INSTALLED);
    let program = if installed.exists() { installed } else { PathBuf::from("typos") };
    let output = Command::new(program).current_dir(&house.root).args(["--format", "brief"]).output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("`typos` is missing; `./test` installs it, and so does `pip install typos`")
        }
        output => output.context("cannot start typos")?,
    };
    let listing = String::from_utf8_lossy(&output.stdout);
    let mut problems: Vec<String> =
        listing.lines().map(|line| format!("{line} (or allow it in _typos.toml)")).collect();
    if !output.status.success() && problems.is_empty() {
        problems.push(format!("typos failed: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(Report { summary: "no known misspelling".to_owned(), problems, ..Report::default() })
}
