//! Why a library could not do what it was asked to.

use std::{io, path::PathBuf};

use super::Digest;
use crate::classifier::ClassifierError;

/// Why a library could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// Something cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Read {
        /// What.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The library cannot be written to.
    #[error("cannot write to `{}`: {cause}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// The source is neither a folder nor an archive that can be unpacked, or what is in it is no model.
    #[error("`{}`: {reason}", path.display())]
    Source {
        /// The source.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What is in the folder is no model that can be used.
    #[error(transparent)]
    Classifier(#[from] ClassifierError),
    /// It can't be the name of a model.
    #[error("`{}` can't be the name of a model; take up to 64 letters, digits, and `.`, `_`, `-` behind the first", .0.escape_debug())]
    Name(String),
    /// There is a model of this name already.
    #[error("there is a model `{0}` already; replace it with `--replace`, or give another `--name`")]
    Exists(String),
    /// There is no model of this name.
    #[error("no model `{0}` is installed; `tacita model list` shows which are")]
    Unknown(String),
    /// The source is not the one that was expected.
    #[error("its SHA-256 digest is {found}, and {expected} was expected; nothing was installed")]
    Differs {
        /// The digest that the user gave.
        expected: Digest,
        /// The digest of the source.
        found: Digest,
    },
    /// The model's files are no longer those that were installed.
    #[error(
        "the files of model `{name}` changed since it was installed (digest {found}, then {expected}); install it anew"
    )]
    Changed {
        /// The model's name.
        name: String,
        /// The digest of its files when it was installed.
        expected: Digest,
        /// The digest of its files now.
        found: Digest,
    },
}
