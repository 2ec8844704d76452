//! DOCX: a zip of XML parts, each a template. Dates in the archive are fixed, so the bytes are too.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{Place, Sample, entries, template};

/// The part that names the others' types: packers put it first, and some readers look for it there.
const FIRST: &str = "[Content_Types].xml";

pub(super) fn pack(folder: &Path) -> Result<Sample> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut expected = Vec::new();
    for path in parts(folder)? {
        let part = path.strip_prefix(folder)?.to_str().context("a part's name is UTF-8")?.replace('\\', "/");
        let (text, planted) = template::fill(&fs::read_to_string(&path)?).with_context(|| part.clone())?;
        archive.start_file(&part, options)?;
        archive.write_all(text.trim_end().as_bytes())?;
        expected
            .extend(planted.into_iter().map(|planted| planted.expected(Place::Part { part: part.clone() })));
    }
    Ok(Sample { bytes: archive.finish()?.into_inner(), expected })
}

/// Every file below the folder.
fn parts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            parts.extend(self::parts(&path)?);
        } else {
            parts.push(path);
        }
    }
    parts.sort_by_key(|path| !path.ends_with(FIRST));
    Ok(parts)
}
