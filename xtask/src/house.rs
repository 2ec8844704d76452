//! The repository as it lies on the disk.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

/// The checkout that is being looked at.
pub(crate) struct House {
    /// Its top folder.
    pub(crate) root: PathBuf,
    /// Every file that is tracked or would be, relative to the root, sorted, `/` between folders.
    pub(crate) files: Vec<String>,
}

impl House {
    /// The checkout that this program was built from.
    pub(crate) fn open() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .canonicalize()
            .context("the checkout is gone")?;
        let listing = output(Command::new("git").current_dir(&root).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]))?;
        let mut files: Vec<String> = listing
            .split('\0')
            .filter(|file| !file.is_empty() && root.join(file).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(Self { root, files })
    }

    /// The text of a file, with invalid UTF-8 replaced.
    pub(crate) fn read(&self, file: &str) -> Result<String> {
        let bytes = fs::read(self.root.join(file)).with_context(|| format!("cannot read `{file}`"))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The workspace and everything it depends on.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        MetadataCommand::new()
            .manifest_path(self.root.join("Cargo.toml"))
            .other_options(["--locked".to_owned()])
            .exec()
            .context("`cargo metadata --locked` failed; if Cargo.lock is stale, `cargo check` renews it")
    }

    /// The names of the crates that are built, on whatever system. `Cargo.lock` and the metadata also have those that a crate
    /// would only configure if another asked for them: rustls brings `ring` into them that way.
    pub(crate) fn built(&self) -> Result<BTreeSet<String>> {
        let tree = ["tree", "--locked", "--workspace", "--target", "all", "--edges", "normal,build,dev"];
        let listing = output(self.cargo().args(tree).args(["--prefix", "none", "--format", "{p}"]))?;
        Ok(listing.lines().filter_map(|line| line.split_once(' ')).map(|(name, _)| name.to_owned()).collect())
    }

    /// `cargo` in the root, the one that runs this program.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        command
    }
}

/// Runs `cargo xtask` with these words in an optimised build: for what takes long, or is measured.
pub(crate) fn optimised(words: &[&str]) -> Result<()> {
    let status = House::open()?
        .cargo()
        .args(["run", "--quiet", "--release", "--package", "xtask", "--"])
        .args(words)
        .status()
        .context("cannot start cargo")?;
    ensure!(status.success(), "the optimised run failed");
    Ok(())
}

/// What a command that must succeed prints.
fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(
        output.status.success(),
        "{:?} failed: {}",
        command.get_program(),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}
