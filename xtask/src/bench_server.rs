//! `cargo xtask bench http` and `bench corridor`: measured by optimised programs of the server's.

use std::process::Command;

use anyhow::{Result, ensure};

/// Builds the program and runs it. The load comes from the same cores: unoptimised it would measure itself.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let build = ["run", "--quiet", "--release", "--package", "tacita-server", "--example", program, "--"];
    let status = Command::new(env!("CARGO")).args(build).args(arguments).status()?;
    ensure!(status.success(), "the benchmark failed; what it says stands above");
    Ok(())
}
