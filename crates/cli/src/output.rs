//! Where a command writes: stdout, or a file that appears whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use tempfile::Builder;

use crate::{failure::Failure, temporary::Temporary};

/// Stdout or a file. [`Output::finish`] must be called: a file that is not finished never appears.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Stdout(BufWriter<io::Stdout>),
    /// A device or a pipe: there is nothing to replace.
    Direct(BufWriter<File>),
    Replace(BufWriter<Temporary>),
}

const BUFFER: usize = 64 * 1024;

/// In which format a list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListFormat {
    /// For reading in a terminal
    #[default]
    Table,
    /// A JSON object in each line
    Json,
}

impl Output {
    /// Stdout for `None` and `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        Self::open_like(path, None)
    }

    /// The same; a new file has these permissions, one that is replaced keeps its own.
    pub(crate) fn open_like(
        path: Option<&Path>,
        permissions: Option<fs::Permissions>,
    ) -> Result<Self, Failure> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let sink = Sink::Stdout(BufWriter::with_capacity(BUFFER, io::stdout()));
            return Ok(Self { path: "-".into(), sink });
        };
        let sink = open_file(path, permissions).map_err(Failure::write(path))?;
        Ok(Self { path: path.to_owned(), sink })
    }

    /// A file that is to appear at `path`, with these permissions or else those of any new file.
    pub(crate) fn replace(path: &Path, permissions: Option<fs::Permissions>) -> Result<Self, Failure> {
        let file = new_file_beside(path, permissions).map_err(Failure::write(path))?;
        Ok(Self { path: path.to_owned(), sink: Sink::Replace(BufWriter::with_capacity(BUFFER, file)) })
    }

    /// The files it has on disk: one that it replaces, and what will replace it.
    pub(crate) fn files(&self) -> Vec<&Path> {
        match &self.sink {
            Sink::Replace(out) => vec![&self.path, out.get_ref().path()],
            Sink::Stdout(_) | Sink::Direct(_) => Vec::new(),
        }
    }

    /// Whether a person reads it as it comes.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.sink, Sink::Stdout(_)) && io::IsTerminal::is_terminal(&io::stdout())
    }

    /// Writes `bytes`.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.write_all(bytes).map_err(|cause| self.failure(cause))
    }

    /// Writes a value as a line of JSON.
    pub(crate) fn put_json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let written = serde_json::to_writer(&mut *self, value).map_err(io::Error::from);
        written.and_then(|()| self.write_all(b"\n")).map_err(|cause| self.failure(cause))
    }

    /// Writes text with colours, or without them where nobody sees them.
    pub(crate) fn put_styled(&mut self, text: &[u8]) -> Result<(), Failure> {
        let choice = || anstream::AutoStream::choice(&io::stdout());
        if matches!(self.sink, Sink::Stdout(_)) && choice() != anstream::ColorChoice::Never {
            self.put(text)
        } else {
            self.put(&anstream::adapter::strip_bytes(text).into_vec())
        }
    }

    /// Lets what was written so far be seen, where it is not a file that appears whole.
    pub(crate) fn flush_now(&mut self) -> Result<(), Failure> {
        match &mut self.sink {
            Sink::Stdout(out) => out.flush(),
            Sink::Direct(out) => out.flush(),
            Sink::Replace(_) => Ok(()),
        }
        .map_err(Failure::write(&self.path))
    }

    /// Turns an error of writing here into a failure that names the file.
    pub(crate) fn failure(&self, cause: io::Error) -> Failure {
        Failure::write(&self.path)(cause)
    }

    /// Makes what was written durable and visible.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { path, sink } = self;
        match sink {
            Sink::Stdout(mut out) => out.flush(),
            Sink::Direct(mut file) => file.flush(),
            Sink::Replace(out) => replace(out, &path),
        }
        .map_err(Failure::write(path))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Stdout(out) => out.write(bytes),
            Sink::Direct(out) => out.write(bytes),
            Sink::Replace(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(out) => out.flush(),
            Sink::Direct(out) => out.flush(),
            Sink::Replace(out) => out.flush(),
        }
    }
}

fn open_file(path: &Path, permissions: Option<fs::Permissions>) -> io::Result<Sink> {
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        return Ok(Sink::Direct(BufWriter::with_capacity(BUFFER, File::options().write(true).open(path)?)));
    }
    let permissions = existing.map(|metadata| metadata.permissions()).or(permissions);
    let file = new_file_beside(path, permissions)?;
    Ok(Sink::Replace(BufWriter::with_capacity(BUFFER, file)))
}

/// Replaces `path` by `content`, readable by its owner alone: whole or not at all, and on disk when this returns.
pub(crate) fn write_secret(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut file = Temporary::create(Builder::new(), folder_of(path))?;
        file.write_all(content)?;
        persist(file, path)
    };
    write().map_err(Failure::write(path))
}

/// A temporary file in the folder of `path`, so that renaming it there is atomic.
fn new_file_beside(path: &Path, permissions: Option<fs::Permissions>) -> io::Result<Temporary> {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only unix has permissions to set"))]
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        // What any new file gets, the umask applied; without it the file would be its owner's alone.
        let usual: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o666);
        builder.permissions(usual);
    }
    let file = Temporary::create(builder, folder_of(path))?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    Ok(file)
}

fn replace(out: BufWriter<Temporary>, path: &Path) -> io::Result<()> {
    persist(out.into_inner().map_err(io::IntoInnerError::into_error)?, path)
}

fn persist(file: Temporary, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The rename is durable once the folder is; a file system that cannot sync folders has done what it can.
    #[cfg(unix)]
    let _ = File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    Ok(())
}

/// The folder that `path` lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out");
        let mut output = Output::open(Some(&path)).expect("the folder is writable");
        output.put(b"half").expect("room for four bytes");
        assert!(!path.exists());
        drop(output);
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
        let mut output = Output::open(Some(&path)).expect("the folder is writable");
        output.put(b"whole").expect("room for five bytes");
        output.finish().expect("the folder is writable");
        assert_eq!(fs::read(&path).expect("it is there"), b"whole");
    }

    #[cfg(unix)]
    #[test]
    fn a_replaced_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("out");
        fs::write(&path, "old").expect("the folder is writable");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
        Output::open(Some(&path)).and_then(Output::finish).expect("the folder is writable");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o640);
    }
}
