//! Files with keys in them.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::TlsError;

/// Certificates and keys are small.
const MOST: u64 = 1024 * 1024;

/// Reads a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    Ok(std::mem::take(&mut *open(path)?.1))
}

/// Reads a file with a private key, which not everybody may read; a group of the operator's choice may.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let (mode, bytes) = open(path)?;
    if mode & 0o007 != 0 {
        return Err(TlsError::Readable(path.to_owned()));
    }
    Ok(bytes)
}

/// Writes a file that only its owner may read, as a whole or not at all.
pub(super) fn write_secret(path: &Path, content: &[u8]) -> Result<(), TlsError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = (|| {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        // In the same folder, so that the name changes at once.
        let new = path.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        File::open(folder)?.sync_all()
    })();
    written.map_err(|error| TlsError::File(path.to_owned(), error))
}

/// The permissions of a file, and what is in it.
fn open(path: &Path) -> Result<(u32, Zeroizing<Vec<u8>>), TlsError> {
    let failed = |error| TlsError::File(path.to_owned(), error);
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    file.take(MOST).read_to_end(&mut bytes).map_err(failed)?;
    Ok((mode, bytes))
}

/// Two files that are read again when they change.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
}

impl Pair {
    /// Something that is another when one of the files is; nothing where one can't be looked at.
    pub(super) fn mark(&self) -> Option<[(i64, i64, u64, u64); 2]> {
        let mark = |path| {
            let file = fs::metadata(path).ok()?;
            Some((file.mtime(), file.mtime_nsec(), file.ino(), file.size()))
        };
        Some([mark(&self.chain)?, mark(&self.key)?])
    }
}
