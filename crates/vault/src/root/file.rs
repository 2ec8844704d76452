//! Files that belong to their owner alone.

use std::{
    fs::File,
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::RootError;

/// The longest file read, in bytes.
const LONGEST: u64 = 4096;

/// What a file says that must be its owner's alone.
pub(super) fn read_secret(path: &Path) -> Result<Zeroizing<String>, RootError> {
    read_if(path, |file| owned(path, file))
}

/// What a file says that is no secret.
pub(super) fn read(path: &Path) -> Result<Zeroizing<String>, RootError> {
    read_if(path, |_| Ok(()))
}

fn read_if(
    path: &Path,
    good: impl FnOnce(&std::fs::Metadata) -> Result<(), RootError>,
) -> Result<Zeroizing<String>, RootError> {
    let failed = |error| failed(path, error);
    // A pipe would be waited for.
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(RootError::NotFile(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(RootError::Missing(path.to_owned())),
        _ => {}
    }
    let file = File::open(path).map_err(failed)?;
    // Of the file that was opened, so that it can't be exchanged in between.
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(RootError::NotFile(path.to_owned()));
    }
    good(&metadata)?;
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize));
    match file.take(LONGEST).read_to_string(&mut text) {
        Err(error) if error.kind() == ErrorKind::InvalidData => Err(RootError::NotKey(path.to_owned())),
        Err(error) => Err(failed(error)),
        Ok(_) => Ok(text),
    }
}

/// Writes a new file that only its owner can read: as a whole or not at all, never over another, and on disk when this returns.
pub(super) fn create(path: &Path, bytes: &[u8]) -> Result<(), RootError> {
    let failed = |error| failed(path, error);
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // Made with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".tacita-").tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist_noclobber(path).map_err(|error| failed(error.error))?;
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(())
}

#[cfg(unix)]
fn owned(path: &Path, metadata: &std::fs::Metadata) -> Result<(), RootError> {
    use std::os::unix::fs::MetadataExt;
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(RootError::Readable { path: path.to_owned(), mode });
    }
    let owner = metadata.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(RootError::OtherOwner(path.to_owned()));
    }
    Ok(())
}

/// Other systems have no such permissions; there the folder's have to do.
#[cfg(not(unix))]
fn owned(_: &Path, _: &std::fs::Metadata) -> Result<(), RootError> {
    Ok(())
}

fn failed(path: &Path, error: io::Error) -> RootError {
    RootError::Io { path: PathBuf::from(path), error }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    };

    use super::*;

    #[test]
    fn a_new_file_is_its_owners_alone_and_never_replaces_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        create(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let refused = create(&path, b"two").unwrap_err();
        assert!(
            matches!(&refused, RootError::Io { error, .. } if error.kind() == ErrorKind::AlreadyExists),
            "{refused}"
        );
        assert_eq!(**read_secret(&path).unwrap(), *"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
        let refused = create(&folder.path().join("missing/root.key"), b"one").unwrap_err();
        assert!(matches!(refused, RootError::Io { .. }));
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        create(&path, b"one").unwrap();
        for mode in [0o604, 0o640, 0o644, 0o620, 0o601, 0o777] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = read_secret(&path).unwrap_err();
            assert!(matches!(refused, RootError::Readable { mode: seen, .. } if seen == mode), "{refused}");
            assert!(
                refused.to_string().contains(&format!("(mode {mode:04o}): run `chmod 600`")),
                "{refused}"
            );
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(read_secret(&path).is_ok());
        // What counts is the file that a link leads to.
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(read_secret(&link).is_ok());
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_secret(folder.path()), Err(RootError::NotFile(_))));
        assert!(matches!(read_secret(&folder.path().join("none")), Err(RootError::Missing(_))));
        let path = folder.path().join("binary");
        create(&path, &[0xff; 32]).unwrap();
        assert!(matches!(read_secret(&path), Err(RootError::NotKey(_))));
    }
}
