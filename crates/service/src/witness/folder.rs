//! A folder as a witness: on another disk, or one that others can read.
//!
//! Of each log it has `checkpoint`, the newest that was published, which is replaced as a whole, and `history.jsonl`, to which each
//! is added and from which nothing is ever taken: `{"at": …, "size": …, "note": …}` in each line.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use tacita_domain::Timestamp;
use tacita_ledger::{
    checkpoint::{Checkpoint, Verifiers, open},
    note::MAX_NOTE,
};

/// A folder in which checkpoints are kept.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// A line of the history.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    size: u64,
    note: &'a str,
}

impl Folder {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The checkpoint of a log that was published last; none where none was.
    ///
    /// # Errors
    /// When it can't be read, or is none of this log.
    pub(super) fn known(&self, verifiers: &Verifiers) -> Result<Option<(String, Checkpoint)>, String> {
        let path = self.of(verifiers.origin()).join("checkpoint");
        let failed = |why: &dyn std::fmt::Display| format!("`{}`: {why}", path.display());
        let mut note = Vec::new();
        match File::open(&path) {
            Ok(file) => file.take(MAX_NOTE as u64 + 1).read_to_end(&mut note).map_err(|why| failed(&why))?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let opened = open(&note, verifiers).map_err(|why| failed(&why))?;
        let note = String::from_utf8(note).map_err(|why| failed(&why))?;
        Ok(Some((note, opened.checkpoint)))
    }

    /// Publishes a checkpoint of a log: it is on the disk when this returns.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn publish(&self, origin: &str, size: u64, note: &str, now: Timestamp) -> Result<(), String> {
        let folder = self.of(origin);
        self.write(&folder, size, note, now).map_err(|error| format!("`{}`: {error}", folder.display()))
    }

    fn write(&self, folder: &Path, size: u64, note: &str, now: Timestamp) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        // The history first: a checkpoint that others saw must never be missing from it.
        let mut line = serde_json::to_vec(&Line { at: now.to_string(), size, note })?;
        line.push(b'\n');
        let mut history = File::options().create(true).append(true).open(folder.join("history.jsonl"))?;
        history.write_all(&line)?;
        history.sync_all()?;
        let mut file = tempfile::Builder::new().prefix(".checkpoint-").tempfile_in(folder)?;
        file.write_all(note.as_bytes())?;
        #[cfg(unix)]
        {
            // It is public, and may be read by whoever watches.
            let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(readable)?;
        }
        file.as_file().sync_all()?;
        file.persist(folder.join("checkpoint"))?;
        File::open(folder)?.sync_all()
    }

    /// The folder of a log: its origin, of which every log here has the same beginning.
    fn of(&self, origin: &str) -> PathBuf {
        self.0.join(origin.strip_prefix("tacita.local/").unwrap_or(origin))
    }
}
