//! Models of the user's own, kept in a folder: put there from a folder or an archive, and opened only as they were put.

mod digest;
mod error;
mod unpack;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use digest::Digest;
pub use error::LibraryError;
use serde::{Deserialize, Serialize};
use tempfile::{Builder, TempDir};

use crate::classifier::{Classifier, files};

/// A folder of models, each in a folder of its name.
#[derive(Clone, Debug)]
pub struct Library {
    folder: PathBuf,
}

/// A model that was put into a library.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub folder: PathBuf,
    /// What is remembered of it.
    pub record: Record,
}

/// What is remembered of a model when it is installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The digest of its files, as they were then.
    pub digest: Digest,
    /// Whether its source was compared with a digest that the user gave.
    pub compared: bool,
}

/// What is remembered lies beside the model's files.
const RECORD: &str = "installed.json";
/// What a model's publisher says of it.
const CARD: &str = "README.md";
/// The files beside those of the network that belong to a model.
const PAPERS: [&str; 6] = [CARD, "LICENSE", "LICENSE.md", "LICENSE.txt", "NOTICE", "NOTICE.txt"];
/// Weights that do not lie in the network's own file.
const WEIGHTS: [&str; 4] =
    ["model.onnx_data", "model.onnx.data", "onnx/model.onnx_data", "onnx/model.onnx.data"];

/// The files that make up a model, in the order of their names.
fn known_files() -> Vec<&'static str> {
    let mut names = vec![files::CONFIG, files::TOKENIZER, files::SETTINGS];
    names.extend(files::MODEL.iter().chain(&WEIGHTS).chain(&PAPERS));
    names.sort_unstable();
    names
}

impl Library {
    /// The models in `folder`, which need not exist yet.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Puts the model of a folder, or of a ZIP or TAR archive, into the library: it is unpacked, compared with `expected`,
    /// opened, and read with once, before it appears under its name. The name is that of the source, or `name`.
    ///
    /// # Errors
    /// When it is no model that can be used, or not the one that was expected, or there is one of the name already and
    /// `replace` doesn't say to replace it. The library is as it was then.
    pub fn install(
        &self,
        source: &Path,
        name: Option<&str>,
        expected: Option<Digest>,
        replace: bool,
    ) -> Result<Installed, LibraryError> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => unpack::name_of(source),
        };
        let place = self.place(&name)?;
        if !replace && fs::symlink_metadata(&place).is_ok() {
            return Err(LibraryError::Exists(name));
        }
        let failed = |cause| LibraryError::Write { path: self.folder.clone(), cause };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let temporary = Builder::new().prefix(".install-").tempdir_in(&self.folder).map_err(failed)?;
        let unpacked = unpack::unpack(source, temporary.path(), expected)?;
        let found = digest::of_model(&unpacked.model)?;
        // What a publisher gives is the digest of the archive; a folder has that of its files.
        if let Some(expected) = expected.filter(|expected| !unpacked.is_archive && *expected != found) {
            return Err(LibraryError::Differs { expected, found });
        }
        Classifier::open(&unpacked.model)?;
        let record = Record { digest: found, compared: expected.is_some() };
        let written = serde_json::to_vec_pretty(&record).map_err(io::Error::from);
        written.and_then(|json| fs::write(unpacked.model.join(RECORD), json)).map_err(failed)?;
        self.put(&unpacked.model, &place).map_err(failed)?;
        Ok(Installed { name, folder: place, record })
    }

    /// Moves a model to its place; what was there is gone only when the new one is there.
    fn put(&self, model: &Path, place: &Path) -> io::Result<()> {
        let old: TempDir = Builder::new().prefix(".replaced-").tempdir_in(&self.folder)?;
        let aside = old.path().join("model");
        let was_there = match fs::rename(place, &aside) {
            Ok(()) => true,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => false,
            Err(cause) => return Err(cause),
        };
        fs::rename(model, place).inspect_err(|_| {
            if was_there {
                // Nothing better can be done if this fails too; the first failure is told.
                let _ = fs::rename(&aside, place);
            }
        })
    }

    /// The models, in order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Installed>, LibraryError> {
        let failed = |cause| LibraryError::Read { path: self.folder.clone(), cause };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(failed(cause)),
        };
        let mut models = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            // Others are no models: one that is being installed, a file of the system's.
            if let Some(name) = name.to_str().filter(|name| is_name(name)) {
                models.extend(self.get(name).ok());
            }
        }
        models.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(models)
    }

    /// The model of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<Installed, LibraryError> {
        let folder = self.place(name)?;
        let path = folder.join(RECORD);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                return Err(LibraryError::Unknown(name.to_owned()));
            }
            Err(cause) => return Err(LibraryError::Read { path, cause }),
        };
        let record = serde_json::from_slice(&json)
            .map_err(|cause| LibraryError::Read { path, cause: cause.into() })?;
        Ok(Installed { name: name.to_owned(), folder, record })
    }

    /// Removes the model of a name.
    ///
    /// # Errors
    /// When there is none, or it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<(), LibraryError> {
        let Installed { folder, .. } = self.get(name)?;
        fs::remove_dir_all(&folder).map_err(|cause| LibraryError::Write { path: folder, cause })
    }

    fn place(&self, name: &str) -> Result<PathBuf, LibraryError> {
        if is_name(name) { Ok(self.folder.join(name)) } else { Err(LibraryError::Name(name.to_owned())) }
    }
}

impl Installed {
    /// Opens it, if its files are still those that were installed.
    ///
    /// # Errors
    /// When they are not, or it cannot be opened.
    pub fn open(&self) -> Result<Classifier, LibraryError> {
        let (expected, found) = (self.record.digest, digest::of_model(&self.folder)?);
        if found != expected {
            return Err(LibraryError::Changed { name: self.name.clone(), expected, found });
        }
        Ok(Classifier::open(&self.folder)?)
    }

    /// What its publisher says of it, if anything.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn card(&self) -> Result<Option<String>, LibraryError> {
        let path = self.folder.join(CARD);
        match fs::read(&path) {
            Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(LibraryError::Read { path, cause }),
        }
    }

    /// The bytes of all its files.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn size(&self) -> Result<u64, LibraryError> {
        let sizes = known_files().into_iter().filter_map(|name| fs::metadata(self.folder.join(name)).ok());
        Ok(sizes.map(|file| file.len()).sum())
    }
}

/// Whether it can be the name of a model, which is that of a folder too.
fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}
