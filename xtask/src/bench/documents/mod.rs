//! `cargo xtask bench documents`: the readers beside other programs, and a scan of many small files beside detection alone.

mod clock;
mod large;
mod peers;
mod small;

use std::{env, process::Command};

use anyhow::{Context, Result, ensure};
use peers::Peers;

use crate::house::House;

/// Reading per format, then the scan.
pub(crate) fn report() -> Result<()> {
    if cfg!(debug_assertions) {
        // Only an optimised build says anything about speed.
        return optimised();
    }
    let peers = Peers::install()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    large::report(folder.path(), &peers)?;
    small::report(folder.path(), &peers)
}

/// Builds this program and `tacita` in one go, so that what they share is built once, and runs this one.
fn optimised() -> Result<()> {
    let build = ["build", "--quiet", "--release", "--package", "xtask", "--package", "tacita"];
    let status = House::open()?.cargo().args(build).status().context("cannot start cargo")?;
    ensure!(status.success(), "the optimised build failed");
    let own = env::current_exe()?;
    let profiles = own.ancestors().nth(2).context("cargo puts it into the folder of a profile")?;
    let own = own.file_name().context("it is a file")?;
    let status = Command::new(profiles.join("release").join(own)).args(["bench", "documents"]).status()?;
    ensure!(status.success(), "the optimised run failed");
    Ok(())
}
