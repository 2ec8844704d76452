//! `cargo xtask bench http`: requests per second, measured by an optimised program of the server's.

use std::process::Command;

use anyhow::{Result, ensure};

/// Builds the program and runs it. The load comes from the same cores: unoptimised it would measure itself.
pub(crate) fn run() -> Result<()> {
    let program = ["run", "--quiet", "--release", "--package", "tacita-server", "--example", "bench"];
    let status = Command::new(env!("CARGO")).args(program).status()?;
    ensure!(status.success(), "the benchmark failed; what it says stands above");
    Ok(())
}
