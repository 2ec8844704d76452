//! Files that are not whole yet: they go when the command fails, and when it is told to stop.

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::{Builder, NamedTempFile};

/// How their names begin.
const PREFIX: &str = ".tacita-";

/// Those that are there. A signal knows nothing of who made them.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A file that is to replace another.
#[derive(Debug)]
pub(crate) struct Temporary {
    // Removed before it is struck off.
    file: NamedTempFile,
    entry: Entry,
}

/// The place of a file in the list.
#[derive(Debug)]
struct Entry(PathBuf);

impl Temporary {
    /// A file in `folder` of the kind that `builder` makes.
    pub(crate) fn create(mut builder: Builder<'_, 'static>, folder: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        removed_on_signals()?;
        // Held until the file is in the list: what a signal does not see there would stay.
        let mut unfinished = unfinished();
        let file = builder.prefix(PREFIX).tempfile_in(folder)?;
        unfinished.insert(file.path().to_owned());
        let entry = Entry(file.path().to_owned());
        Ok(Self { file, entry })
    }

    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(crate) fn as_file(&self) -> &File {
        self.file.as_file()
    }

    /// Gives it the name `path`, in the same folder.
    pub(crate) fn persist(self, path: &Path) -> io::Result<()> {
        let Self { file, entry } = self;
        file.persist(path).map_err(|failed| failed.error)?;
        drop(entry);
        Ok(())
    }
}

impl io::Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        unfinished().remove(&self.0);
    }
}

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    // A set is whole after a panic elsewhere.
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on SIGINT and SIGTERM remove the files before they end the process.
#[cfg(unix)]
fn removed_on_signals() -> io::Result<()> {
    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };
    static LISTENING: Mutex<bool> = Mutex::new(false);

    let mut listening = LISTENING.lock().unwrap_or_else(PoisonError::into_inner);
    if *listening {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    std::thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            // Held to the end: nobody makes another file in between.
            let unfinished = unfinished();
            for path in &*unfinished {
                // It may have just been finished. There is nobody left to tell what else went wrong.
                let _ = std::fs::remove_file(path);
            }
            let _ = emulate_default_handler(signal);
        }
    })?;
    *listening = true;
    Ok(())
}
