//! The files under some paths.

use std::{
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use ignore::{DirEntry, WalkBuilder};

use crate::{failure::Failure, ordered::available_threads};

/// What belongs to a scan.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct WalkArgs {
    /// Also what .gitignore, .ignore and .tacitaignore files leave out
    #[arg(long)]
    no_ignore: bool,
    /// Not the files and folders whose names begin with a dot
    #[arg(long)]
    skip_hidden: bool,
    /// Follow symbolic links
    #[arg(long)]
    follow: bool,
    /// Files read at the same time [default: one per core]
    #[arg(short = 'j', long, visible_alias = "jobs", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl WalkArgs {
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or_else(available_threads, usize::from)
    }
}

/// One thing under the paths.
#[derive(Debug)]
pub(crate) enum Found {
    /// A file, and its size.
    File(PathBuf, u64),
    /// Stdin, or a pipe that was named.
    Stream(PathBuf),
    /// Nothing to read, and why.
    Skipped(PathBuf, String),
    /// It could not be looked at, and why.
    Failed(PathBuf, String),
}

/// The ignore file of tacita's own, in the format of .gitignore.
const IGNORE_FILE: &str = ".tacitaignore";
/// The insides of version control: copies of what the scan sees anyway, packed.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".svn", ".jj"];

/// What lies under some paths: path by path, each folder in the order of names.
pub(crate) struct Walk<'a> {
    args: &'a WalkArgs,
    roots: std::slice::Iter<'a, PathBuf>,
    /// What is not read although it lies under the paths: what the command itself writes, and its keys.
    except: Vec<PathBuf>,
    folder: Option<ignore::Walk>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(roots: &'a [PathBuf], args: &'a WalkArgs, except: &[&Path]) -> Self {
        let except = except.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
        Self { args, roots: roots.iter(), except, folder: None }
    }

    fn walk(&self, root: &Path) -> ignore::Walk {
        let WalkArgs { no_ignore, skip_hidden, follow, .. } = *self.args;
        let mut builder = WalkBuilder::new(root);
        builder
            .standard_filters(!no_ignore)
            .hidden(skip_hidden)
            .require_git(false)
            .follow_links(follow)
            .sort_by_file_name(std::ffi::OsStr::cmp);
        let except = self.except.clone();
        builder.filter_entry(move |entry| !is_version_control(entry) && !is_one_of(entry, &except));
        if !no_ignore {
            builder.add_custom_ignore_filename(IGNORE_FILE);
        }
        builder.build()
    }

    fn entry(entry: &DirEntry) -> Option<Found> {
        let path = entry.path();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            return None;
        }
        let path = path.to_owned();
        if kind.is_symlink() {
            return Some(Found::Skipped(
                path,
                "a symbolic link; `--follow` reads what it points to".to_owned(),
            ));
        }
        if !kind.is_file() {
            return Some(Found::Skipped(path, "not a regular file".to_owned()));
        }
        Some(match entry.metadata() {
            Ok(metadata) => Found::File(path, metadata.len()),
            Err(error) => Found::Failed(path, reason(&error)),
        })
    }
}

impl Iterator for Walk<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(folder) = &mut self.folder {
                match folder.next() {
                    Some(Ok(entry)) => match Self::entry(&entry) {
                        Some(found) => return Some(found),
                        None => continue,
                    },
                    Some(Err(error)) => return Some(failed(&error)),
                    None => self.folder = None,
                }
            }
            let root = self.roots.next()?;
            if root == Path::new("-") {
                return Some(Found::Stream(root.clone()));
            }
            match fs::metadata(root) {
                Ok(metadata) if metadata.is_dir() => self.folder = Some(self.walk(root)),
                Ok(metadata) if metadata.is_file() => return Some(Found::File(root.clone(), metadata.len())),
                Ok(metadata) if is_pipe(&metadata) => return Some(Found::Stream(root.clone())),
                Ok(_) => return Some(Found::Skipped(root.clone(), "not a file or folder".to_owned())),
                Err(cause) => return Some(Found::Failed(root.clone(), cause.to_string())),
            }
        }
    }
}

/// Refuses paths that do not exist before anything is scanned: a mistyped path is a mistake of the caller.
pub(crate) fn check_roots(roots: &[PathBuf]) -> Result<(), Failure> {
    for root in roots.iter().filter(|root| *root != Path::new("-")) {
        match fs::symlink_metadata(root) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Err(Failure::read(root)(cause)),
            _ => {}
        }
    }
    Ok(())
}

fn is_version_control(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && entry.file_type().is_some_and(|kind| kind.is_dir())
        && VERSION_CONTROL.iter().any(|name| entry.file_name() == *name)
}

/// Asks the file system only where the names agree.
fn is_one_of(entry: &DirEntry, paths: &[PathBuf]) -> bool {
    let mut alike = paths.iter().filter(|path| path.file_name() == Some(entry.file_name()));
    alike.any(|path| fs::canonicalize(entry.path()).is_ok_and(|entry| entry == *path))
}

#[cfg(unix)]
fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo() || metadata.file_type().is_char_device()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    false
}

fn failed(error: &ignore::Error) -> Found {
    let path = path_of(error).map_or_else(PathBuf::new, Path::to_owned);
    Found::Failed(path, reason(error))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Partial(errors) => errors.first().and_then(path_of),
        _ => None,
    }
}

/// The reason alone: the report already names the path.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Loop { .. } => "a symbolic link that leads back to a folder above it".to_owned(),
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => reason(err),
        // The cause's own words would name the path again, unescaped.
        _ => match error.io_error() {
            Some(cause) if cause.raw_os_error().is_none() => cause.kind().to_string(),
            Some(cause) => cause.to_string(),
            None => error.to_string(),
        },
    }
}
