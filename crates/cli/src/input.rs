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
    let mut bytes = Vec::new();
    let fail = |reason: String| Failure::read(path)(io::Error::other(reason));
    input.take(limit.0.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::read(path))?;
    if bytes.len() as u64 > limit.0 {
        return Err(fail(format!("over the limit of {limit}; raise it with `--max-size`")));
    }
    String::from_utf8(bytes)
        .map_err(|_| fail("not valid UTF-8; convert it first, for example with `iconv`".to_owned()))
}
