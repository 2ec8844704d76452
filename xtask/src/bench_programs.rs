//! `cargo xtask bench http`, `bench corridor` and `bench policies`: measured by optimised programs of the crates.

use std::process::Command;

use anyhow::{Result, ensure};

/// Requests a second.
pub(crate) fn http() -> Result<()> {
    run("tacita-server", "bench", &[])
}

/// Records a second by the whole way, and what erasing them costs.
pub(crate) fn corridor(arguments: &[&str]) -> Result<()> {
    run("tacita-server", "corridor", arguments)?;
    run("tacita-store", "erasure", arguments)
}

/// What a decision of the policies costs.
pub(crate) fn policies() -> Result<()> {
    run("tacita-service", "policies", &[])
}

/// Builds a program and runs it. The load comes from the same cores: unoptimised it would measure itself.
fn run(package: &str, program: &str, arguments: &[&str]) -> Result<()> {
    let build = ["run", "--quiet", "--release", "--package", package, "--example", program, "--"];
    let status = Command::new(env!("CARGO")).args(build).args(arguments).status()?;
    ensure!(status.success(), "the benchmark failed; what it says stands above");
    Ok(())
}
