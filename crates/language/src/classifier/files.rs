//! The files of a model's folder that are read.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::error::ClassifierError;

/// The family, the sizes, the labels.
pub const CONFIG: &str = "config.json";
/// How text becomes tokens.
pub const TOKENIZER: &str = "tokenizer.json";
/// The places where the model itself may lie.
pub const MODEL: [&str; 2] = ["model.onnx", "onnx/model.onnx"];
/// What only we need to know. It may be missing.
pub const SETTINGS: &str = "tacita.json";

/// Where in the folder the model itself is.
pub(super) fn model(folder: &Path) -> Result<PathBuf, ClassifierError> {
    let mut places = MODEL.iter().map(|place| folder.join(place));
    places.find(|path| path.is_file()).ok_or_else(|| ClassifierError::NoModel(folder.to_owned()))
}

/// The content of a file that is no larger than `limit`.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ClassifierError> {
    let failed = |cause| ClassifierError::Read { path: path.to_owned(), cause };
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut content)).map_err(failed)?;
    if content.len() as u64 > limit {
        return Err(ClassifierError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(content)
}
