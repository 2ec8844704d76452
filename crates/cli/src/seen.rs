//! `--changed-since`: what earlier runs have seen, so that only what is new or changed is looked into.
//!
//! The file holds a line for each time that a file was dealt with: a digest of its path, and one of what was looked for and its
//! bytes. It only ever grows, so that a run which was cut off goes on where it was, and the last line of a path counts: a file
//! that changed and changed back is dealt with again. Neither values nor paths are in it.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use aws_lc_rs::digest::{Context, SHA256};
use clap::Args;
use data_encoding::HEXLOWER;

use crate::failure::Failure;

/// Where it is kept what was seen.
#[derive(Clone, Debug, Args)]
pub(crate) struct SeenArgs {
    /// Only what is new or changed since the runs that wrote this file; it is made where it is missing
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub(crate) changed_since: Option<PathBuf>,
}

/// What was dealt with by the runs before.
#[derive(Debug)]
pub(crate) struct Seen {
    path: PathBuf,
    out: File,
    /// The digest of a path, and what was last seen there.
    known: HashMap<String, String>,
    settings: Vec<u8>,
}

/// A file as it was dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    path: String,
    content: String,
}

/// What is said of a file that is known.
pub(crate) const UNCHANGED: &str = "unchanged since it was last read";

/// Hexadecimal digits of a digest.
const DIGEST: usize = 64;

impl SeenArgs {
    /// Opens or begins the file. `settings` are what was looked for: with others, all is new.
    pub(crate) fn open(&self, settings: &str) -> Result<Option<Seen>, Failure> {
        self.changed_since.as_deref().map(|path| Seen::open(path, settings)).transpose()
    }
}

impl Mark {
    /// What stands at its path from when a copy is being made until it is there: nothing that is known.
    pub(crate) fn begun(&self) -> Self {
        Self { path: self.path.clone(), content: "0".repeat(DIGEST) }
    }
}

impl Seen {
    fn open(path: &Path, settings: &str) -> Result<Self, Failure> {
        let lines = match fs::read_to_string(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => String::new(),
            read => read.map_err(Failure::read(path))?,
        };
        let digests =
            |line: &&str| line.len() == 2 * DIGEST && line.bytes().all(|byte| byte.is_ascii_hexdigit());
        // Something else, which must not be written to. The last line may have been cut off.
        if lines.lines().next().is_some_and(|line| lines.contains('\n') && !digests(&line)) {
            let cause = io::Error::new(io::ErrorKind::InvalidData, "it is no file of `--changed-since`");
            return Err(Failure::read(path)(cause));
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(path).map_err(Failure::write(path))?;
        if !lines.is_empty() && !lines.ends_with('\n') {
            out.write_all(b"\n").map_err(Failure::write(path))?;
        }
        let pairs = lines.lines().filter(digests).map(|line| line.split_at(DIGEST));
        let known = pairs.map(|(path, content)| (path.to_owned(), content.to_owned())).collect();
        let settings = format!("{} {settings}", env!("CARGO_PKG_VERSION")).into_bytes();
        Ok(Self { path: path.to_owned(), out, known, settings })
    }

    /// That of a file.
    pub(crate) fn mark(&self, path: &Path, bytes: &[u8]) -> Mark {
        Mark {
            path: digest(&[cleaned(path).as_os_str().as_encoded_bytes()]),
            content: digest(&[&self.settings, bytes]),
        }
    }

    /// It was dealt with by an earlier run, and nothing else was at its path since.
    pub(crate) fn knows(&self, mark: &Mark) -> bool {
        self.known.get(&mark.path) == Some(&mark.content)
    }

    /// Remembers files that were dealt with.
    pub(crate) fn add(&mut self, marks: impl IntoIterator<Item = Mark>) -> Result<(), Failure> {
        let lines: String =
            marks.into_iter().map(|mark| format!("{}{}\n", mark.path, mark.content)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let written = self.out.write_all(lines.as_bytes()).and_then(|()| self.out.sync_data());
        written.map_err(Failure::write(&self.path))
    }
}

/// The path without `.` and doubled slashes: `case/a` for `./case//a`.
pub(crate) fn cleaned(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Context::new(&SHA256);
    for part in parts {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    HEXLOWER.encode(digest.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path, settings: &str) -> Seen {
        Seen::open(path, settings).expect("the folder is writable")
    }

    #[test]
    fn a_file_is_known_by_its_path_bytes_and_what_was_looked_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("seen");
        let mut seen = open(&path, "all");
        let mark = seen.mark(Path::new("a.txt"), b"Mara Lind");
        assert!(!seen.knows(&mark));
        seen.add([mark]).expect("the folder is writable");
        let again = |settings, name, bytes: &[u8]| {
            let seen = open(&path, settings);
            seen.knows(&seen.mark(Path::new(name), bytes))
        };
        assert!(again("all", "a.txt", b"Mara Lind") && again("all", "./a.txt", b"Mara Lind"));
        assert!(!again("some", "a.txt", b"Mara Lind"));
        assert!(!again("all", "b.txt", b"Mara Lind"));
        assert!(!again("all", "a.txt", b"Mara Lind "));
        assert!(!again("all", "a.txtM", b"ara Lind"));
        let written = fs::read_to_string(&path).expect("it was written");
        assert!(written.len() == 129 && !written.contains("a.txt"));
    }

    #[test]
    fn the_last_that_was_seen_at_a_path_counts() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("seen");
        let mut seen = open(&path, "");
        let [first, then] = [&b"first"[..], b"then"].map(|bytes| seen.mark(Path::new("a"), bytes));
        seen.add([first.clone(), then.clone()]).expect("the folder is writable");
        assert_eq!([&first, &then].map(|mark| open(&path, "").knows(mark)), [false, true]);
    }

    #[test]
    fn a_run_that_was_cut_off_loses_its_last_line_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("seen");
        let mut seen = open(&path, "");
        let marks = [seen.mark(Path::new("a"), b""), seen.mark(Path::new("b"), b"")];
        seen.add(marks.clone()).expect("the folder is writable");
        let whole = fs::read(&path).expect("it was written");
        fs::write(&path, &whole[..200]).expect("it is ours");
        let mut seen = open(&path, "");
        assert_eq!(marks.each_ref().map(|mark| seen.knows(mark)), [true, false]);
        seen.add([marks[1].clone()]).expect("the folder is writable");
        assert_eq!(marks.each_ref().map(|mark| open(&path, "").knows(mark)), [true, true]);
    }

    #[test]
    fn no_other_file_is_written_to() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("letter.txt");
        fs::write(&path, "Dear Mara,\n").expect("the folder is writable");
        assert!(Seen::open(&path, "").is_err());
    }
}
