//! `cargo xtask bench documents`: the readers beside other programs, and a scan of many small files beside detection alone.

mod clock;
mod large;
mod peers;
mod small;

use anyhow::{Context, Result};
use peers::Peers;

/// Reading per format, then the scan.
pub(crate) fn report() -> Result<()> {
    if cfg!(debug_assertions) {
        // Only an optimised build says anything about speed.
        return crate::house::optimised(&["bench", "documents"]);
    }
    let peers = Peers::install()?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    large::report(folder.path(), &peers)?;
    small::report(folder.path(), &peers)
}
