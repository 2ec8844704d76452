//! What cargo's own tools check.

use anyhow::{Context, Result};

use super::Report;
use crate::house::House;

pub(super) fn format(house: &House) -> Result<Report> {
    step(house, "fmt --all --check", "every file is formatted", "`cargo fmt --all` mends it")
}

pub(super) fn clippy(house: &House) -> Result<Report> {
    step(
        house,
        "clippy --workspace --all-targets --locked -- -D warnings",
        "no warnings in any target",
        "mend what is listed above; a lint is silenced only with its reason",
    )
}

pub(super) fn docs(house: &House) -> Result<Report> {
    step(
        house,
        "doc --workspace --no-deps --locked",
        "the documentation builds without warnings",
        "mend what is listed above",
    )
}

/// Runs cargo, whose own output goes to the terminal.
fn step(house: &House, arguments: &str, good: &str, remedy: &str) -> Result<Report> {
    let mut cargo = house.cargo();
    cargo.args(arguments.split(' ')).env("RUSTDOCFLAGS", "-D warnings");
    let status = cargo.status().context("cannot start cargo")?;
    let problems =
        if status.success() { Vec::new() } else { vec![format!("`cargo {arguments}` failed: {remedy}")] };
    Ok(Report { summary: good.to_owned(), problems, ..Report::default() })
}
