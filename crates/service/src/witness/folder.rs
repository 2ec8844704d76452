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
    epoch::split,
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

    /// Whether it has a place for a log, in whichever epoch.
    pub(super) fn has(&self, origin: &str) -> Result<bool, String> {
        let folder = self.of(split(origin).0);
        folder.try_exists().map_err(|error| format!("`{}`: {error}", folder.display()))
    }

    /// The last epoch of the log of `origin`, from 2, of which a checkpoint was published.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn last_epoch(&self, origin: &str) -> Result<Option<u64>, String> {
        let log = split(origin).0;
        let folder = self.of(log);
        let failed = |error: io::Error| format!("`{}`: {error}", folder.display());
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut last = None;
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let epoch = entry.file_name().to_str().map_or(1, |name| split(&format!("{log}/{name}")).1);
            if epoch > 1 && entry.path().join("checkpoint").try_exists().map_err(failed)? {
                last = last.max(Some(epoch));
            }
        }
        Ok(last)
    }

    /// Publishes a checkpoint of a log, where the one of `from` entries is still the last: it is on the disk when this returns. One
    /// that is as large or larger is left.
    ///
    /// # Errors
    /// When it can't be written, or another process has published one meanwhile that is smaller.
    pub(super) fn publish(
        &self,
        verifiers: &Verifiers,
        from: u64,
        size: u64,
        note: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let folder = self.of(verifiers.origin());
        let failed = |error: io::Error| format!("`{}`: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(failed)?;
        // Processes take turns: of two that have read the same checkpoint, the slower one would set the folder back.
        let lock = File::options().create(true).append(true).open(folder.join(".lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        match self.known(verifiers)?.map_or(0, |(_, known)| known.head().size) {
            known if known >= size => Ok(()),
            known if known == from => Self::write(&folder, size, note, now).map_err(failed),
            _ => Err("it is shown checkpoints by another process, too".to_owned()),
        }
    }

    fn write(folder: &Path, size: u64, note: &str, now: Timestamp) -> io::Result<()> {
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
