//! What a command reads: a file or stdin.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::{failure::Failure, size::Size};

/// A file, or stdin for `-`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(File::open(path).map_err(Failure::read(path))?))
}

/// A whole text of at most `limit`.
pub(crate) fn read_text(input: impl Read, path: &Path, limit: Size) -> Result<String, Failure> {
    let bytes = read_all(input, limit).map_err(Failure::read(path))?;
    let not_text = |_| io::Error::other("not valid UTF-8; convert it first, for example with `iconv`");
    String::from_utf8(bytes).map_err(not_text).map_err(Failure::read(path))
}

/// All of what is at most `limit`.
pub(crate) fn read_all(input: impl Read, limit: Size) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(limit.0.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit.0 { Err(too_large(limit)) } else { Ok(bytes) }
}

pub(crate) fn too_large(limit: Size) -> io::Error {
    io::Error::other(format!("over the limit of {limit}; raise it with `--max-size`"))
}
