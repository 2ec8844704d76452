//! A model's files out of a folder or an archive.
//!
//! Of an archive only files with names that belong to a model are taken, each up to its limit; nothing in it decides where
//! anything is written but below the folder that is given.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek},
    path::{Component, Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

use super::{Digest, LibraryError, PAPERS, known_files};
use crate::classifier::files;

/// What was unpacked.
pub(super) struct Unpacked {
    /// The folder of the model.
    pub(super) model: PathBuf,
    /// Whether it came out of an archive, whose digest was compared.
    pub(super) is_archive: bool,
}

/// More entries than an archive of a model has.
const MOST_ENTRIES: usize = 10_000;
/// More models, or copies of files of one, than an archive has.
const MOST_FILES: usize = 64;
const LARGEST_PAPER: u64 = 4 << 20;
const LARGEST_TOKENIZER: u64 = 256 << 20;
const LARGEST_WEIGHTS: u64 = 8 << 30;
/// All that is taken of an archive together.
const LARGEST_MODEL: u64 = LARGEST_WEIGHTS + LARGEST_TOKENIZER;

/// The name a model gets by that of its source.
pub(super) fn name_of(source: &Path) -> String {
    // `.` and `models/..` have none of their own.
    let whole = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
    let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let endings = [".tar.gz", ".tgz", ".tar", ".zip"];
    endings.iter().find_map(|ending| name.strip_suffix(ending)).map_or(name.clone(), str::to_owned)
}

/// Takes the files of the model in `source` to `target`, which is empty. An archive that is not the one that was `expected`
/// is not even looked into.
pub(super) fn unpack(
    source: &Path,
    target: &Path,
    expected: Option<Digest>,
) -> Result<Unpacked, LibraryError> {
    let failed = |cause| LibraryError::Read { path: source.to_owned(), cause };
    if fs::metadata(source).map_err(failed)?.is_dir() {
        for name in known_files() {
            let path = source.join(name);
            // Not a pipe, which would keep us waiting.
            if path.is_file() {
                let taken = File::open(&path).and_then(|file| take(file, name, &target.join(name)));
                taken.map_err(|cause| LibraryError::Read { path, cause })?;
            }
        }
        return Ok(Unpacked { model: target.to_owned(), is_archive: false });
    }
    let wrong = |reason: &str| LibraryError::Source { path: source.to_owned(), reason: reason.to_owned() };
    let mut file = File::open(source).map_err(failed)?;
    let digest = Digest::of(&mut file).map_err(failed)?;
    if let Some(expected) = expected.filter(|expected| *expected != digest) {
        return Err(LibraryError::Differs { expected, found: digest });
    }
    file.rewind().map_err(failed)?;
    let mut start = Vec::new();
    (&mut file).take(2).read_to_end(&mut start).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let reader = BufReader::new(file);
    match start[..] {
        [b'P', b'K'] => from_zip(reader, target),
        [0x1F, 0x8B] => from_tar(MultiGzDecoder::new(reader), target),
        _ => from_tar(reader, target),
    }
    .map_err(|cause| wrong(&format!("neither a folder nor a ZIP or TAR archive of a model: {cause}")))?;
    let mut models = Vec::new();
    collect(target, &mut models).map_err(failed)?;
    match models.len() {
        1 => Ok(Unpacked { model: models.remove(0), is_archive: true }),
        0 => Err(wrong("there is no `config.json` in it, so it holds no model")),
        _ => Err(wrong("it holds several models; unpack it, and install the folder of one")),
    }
}

fn from_zip(reader: impl Read + Seek, target: &Path) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(reader)?;
    let mut taken = Taken::default();
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        taken.entry()?;
        let Some(path) = entry.enclosed_name() else { continue };
        if entry.is_file() && !entry.is_symlink() {
            taken.file(entry, &path, target)?;
        }
    }
    Ok(())
}

fn from_tar(reader: impl Read, target: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(reader);
    let mut taken = Taken::default();
    for entry in archive.entries()? {
        let entry = entry?;
        taken.entry()?;
        let path = entry.path()?.into_owned();
        if entry.header().entry_type().is_file() {
            taken.file(entry, &path, target)?;
        }
    }
    Ok(())
}

/// Counts what was taken of an archive.
#[derive(Default)]
struct Taken {
    entries: usize,
    files: usize,
    bytes: u64,
}

impl Taken {
    fn entry(&mut self) -> io::Result<()> {
        self.entries += 1;
        if self.entries > MOST_ENTRIES { Err(io::Error::other("it has too many entries")) } else { Ok(()) }
    }

    /// Takes a file, if one of its name belongs to a model.
    fn file(&mut self, content: impl Read, path: &Path, target: &Path) -> io::Result<()> {
        let parts: Option<Vec<_>> = path
            .components()
            .filter(|part| !matches!(part, Component::CurDir))
            .map(|part| match part {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .collect();
        let Some(parts) = parts else { return Ok(()) };
        let path = parts.join("/");
        let belongs = |name: &&&str| path == **name || path.ends_with(&format!("/{name}"));
        // The longer of two that fit: `onnx/model.onnx` rather than `model.onnx`.
        let Some(name) = known_files().iter().filter(belongs).max_by_key(|name| name.len()).copied() else {
            return Ok(());
        };
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(io::Error::other("it has the files of many models"));
        }
        self.bytes += take(content, name, &target.join(path))?;
        if self.bytes > LARGEST_MODEL {
            return Err(io::Error::other(format!("its files are larger than {LARGEST_MODEL} bytes")));
        }
        Ok(())
    }
}

/// Writes a file of a model, up to the limit that files of its name have.
fn take(content: impl Read, name: &str, to: &Path) -> io::Result<u64> {
    let limit = match name {
        files::TOKENIZER => LARGEST_TOKENIZER,
        files::CONFIG | files::SETTINGS => LARGEST_PAPER,
        _ if PAPERS.contains(&name) => LARGEST_PAPER,
        _ => LARGEST_WEIGHTS,
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(to)?;
    let written = io::copy(&mut content.take(limit + 1), &mut file)?;
    if written > limit {
        return Err(io::Error::other(format!("its `{name}` is larger than {limit} bytes")));
    }
    file.sync_all()?;
    Ok(written)
}

/// The folders below `folder` that hold a model's configuration.
fn collect(folder: &Path, models: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.join(files::CONFIG).is_file() {
        models.push(folder.to_owned());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), models)?;
        }
    }
    Ok(())
}
