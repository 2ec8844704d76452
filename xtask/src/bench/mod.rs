//! `cargo xtask bench`: what the documents claim, measured, with the peer in the same run.

mod accuracy;
pub(crate) mod documents;
mod peer;
mod speed;

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tacita_detect::evaluation::{self, Mapping, Marked};

/// Detection against presidio-analyzer: accuracy per type, then speed.
pub(crate) fn detect() -> Result<()> {
    if cfg!(debug_assertions) {
        // Only an optimised build says anything about speed.
        return crate::house::optimised(&["bench", "detect"]);
    }
    let data = data()?;
    let peer = peer::Presidio::install()?;
    accuracy::report(&data, &peer)?;
    speed::report(&data, &peer)
}

/// The public evaluation data.
pub(crate) fn data() -> Result<PathBuf> {
    if let Some(path) = env::var_os("TACITA_EVAL_DATA") {
        return Ok(PathBuf::from(path).join("detect"));
    }
    let beside = Path::new("../shared/data/detect");
    if beside.is_dir() {
        return Ok(beside.to_owned());
    }
    bail!("set TACITA_EVAL_DATA to the folder of the public evaluation data")
}

/// Texts with what people marked in them, by our names for the types.
pub(crate) fn marked(path: &Path) -> Result<Vec<Marked>> {
    let file = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut texts = evaluation::read(&file).with_context(|| path.display().to_string())?;
    Mapping::default().apply(&mut texts);
    Ok(texts)
}

/// The sentences of a CoNLL file, a line each.
fn prose(path: &Path) -> Result<String> {
    let file = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut text = String::new();
    for line in file.lines() {
        match line.split_whitespace().next() {
            None => text.push('\n'),
            Some(word) => {
                let closes = word.len() == 1 && ".,;:!?)".contains(word);
                if !closes && !text.ends_with('\n') && !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(word);
            }
        }
    }
    Ok(text)
}
