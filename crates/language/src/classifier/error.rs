//! Why a folder is no model that can be used.

use std::{io, path::PathBuf};

use super::model::RunError;

/// Why a folder is no model that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifierError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A file is longer than any of its kind should be.
    #[error("`{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        limit: u64,
    },
    /// A file is not what its name says.
    #[error("`{}`: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model lies in none of the places where it is looked for.
    #[error("no `model.onnx` in `{}` or its folder `onnx`; export the model to ONNX first", .0.display())]
    NoModel(PathBuf),
    /// A label map that says nothing.
    #[error("{0}")]
    Labels(String),
    /// The model cannot be run.
    #[error("the model cannot be run: {0}")]
    Run(RunError),
}
