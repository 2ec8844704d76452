//! The keys of the databases' files. Each lies beside its file, wrapped by the root key: `tacita.db.key`. While the root key is
//! changed it lies there twice, the second time wrapped by the new one: `tacita.db.key.next`.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use tacita_vault::{Root, Secret, SecureMemory, UnwrapError, Wrapped, system_random};

use crate::OpenError;

/// The longest wrapped key of a file, in bytes.
const LONGEST: u64 = 16 * 1024;
/// What whoever changes the root key has locked meanwhile. It is empty, and stays.
const LOCK: &str = "root.lock";

/// Whether a key that is missing is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Where there is no database yet either.
    Made,
    /// It is an error.
    Refused,
}

/// The key of a database's file.
pub(crate) fn open(
    root: &Root,
    database: &Path,
    memory: &SecureMemory,
    missing: Missing,
) -> Result<Secret, OpenError> {
    let path = kept_at(database);
    let failed = |error| OpenError::Data(path.clone(), error);
    match unwrap(root, &path, database, memory).map_err(failed)? {
        Some(Ok(secret)) => Ok(secret),
        // The root key was changed, and what was to be done last is still to be done.
        Some(Err(error)) => match unwrap(root, &next_to(&path), database, memory).map_err(failed)? {
            Some(Ok(secret)) => Ok(secret),
            _ => Err(OpenError::Key(format!(
                "`{}` does not open: {error}; give the root key that this folder was made with",
                path.display()
            ))),
        },
        None if !database.exists() && missing == Missing::Made => {
            let secret = Secret::generate(memory, &mut system_random);
            let wrapped = root
                .wrap_secret(&name(database), &secret, &mut system_random)
                .map_err(|error| OpenError::Key(error.to_string()))?;
            write_new(&path, wrapped.as_bytes()).map_err(failed)?;
            Ok(secret)
        }
        None => Err(OpenError::Key(format!(
            "`{}` is missing, and without it `{}` can't be read: put it back from where you keep a copy",
            path.display(),
            database.display()
        ))),
    }
}

/// Wraps the key of a database's file by another root key too, beside the former.
pub(crate) fn wrap_next(
    from: &Root,
    to: &Root,
    database: &Path,
    memory: &SecureMemory,
) -> Result<(), OpenError> {
    let secret = open(from, database, memory, Missing::Refused)?;
    let failed = |error: &dyn std::fmt::Display| OpenError::Key(error.to_string());
    let wrapped =
        to.wrap_secret(&name(database), &secret, &mut system_random).map_err(|error| failed(&error))?;
    // A service may take a key and not give it back: its policy says what of it is allowed.
    to.unwrap_secret(&name(database), &wrapped, memory).map_err(|error| failed(&error))?;
    let path = next_to(&kept_at(database));
    // What lies there is of a change that never came to its end.
    write(&path, wrapped.as_bytes(), Over::Old).map_err(|error| OpenError::Data(path.clone(), error))
}

/// Checks that what [`wrap_next`] has left beside the key of a database's file opens by `to`.
pub(crate) fn check_next(to: &Root, database: &Path, memory: &SecureMemory) -> Result<(), OpenError> {
    let next = next_to(&kept_at(database));
    match unwrap(to, &next, database, memory).map_err(|error| OpenError::Data(next.clone(), error))? {
        Some(Ok(_)) => Ok(()),
        _ => Err(OpenError::Key(format!(
            "`{}` does not open by the new root key, so that nothing is changed: try again",
            next.display()
        ))),
    }
}

/// Lets the key that `root` opens be the only one.
///
/// # Errors
/// When `root` opens neither.
pub(crate) fn settle(root: &Root, database: &Path, memory: &SecureMemory) -> Result<(), OpenError> {
    let path = kept_at(database);
    let (next, failed) = (next_to(&path), |error| OpenError::Data(path.clone(), error));
    let opens =
        |path: &Path| Ok(matches!(unwrap(root, path, database, memory).map_err(failed)?, Some(Ok(_))));
    if !next.exists() || opens(&path)? {
        return Ok(());
    }
    if opens(&next)? {
        return rename(&next, &path).map_err(failed);
    }
    // Another process may have put it in its place meanwhile.
    if opens(&path)? {
        return Ok(());
    }
    Err(OpenError::Key(format!(
        "neither `{}` nor `{}` opens by this root key: give the one that this folder is opened by",
        path.display(),
        next.display()
    )))
}

/// The right to change the root key, of one process at a time, until it is dropped. None where another one has it.
pub(crate) fn lock(folder: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).append(true).open(folder.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// What `path` holds, opened by `root`; none where there is no file.
fn unwrap(
    root: &Root,
    path: &Path,
    database: &Path,
    memory: &SecureMemory,
) -> io::Result<Option<Result<Secret, UnwrapError>>> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(LONGEST).read_to_end(&mut bytes)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let wrapped = Wrapped::parse(bytes);
    Ok(Some(wrapped.and_then(|wrapped| root.unwrap_secret(&name(database), &wrapped, memory))))
}

fn name(database: &Path) -> String {
    database.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Where the key of a database's file lies.
pub(crate) fn kept_at(database: &Path) -> PathBuf {
    database.with_extension("db.key")
}

/// Where what is to take the place of a file lies until then.
pub(crate) fn next_to(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".next");
    path.with_file_name(name)
}

/// Puts a file in the place of another; that another process was faster is as good.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound && to.exists() => {}
        renamed => renamed?,
    }
    File::open(folder_of(to))?.sync_all()
}

/// Writes a new file as a whole or not at all, and to the disk. Its owner alone can read it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, Over::Nothing)
}

#[derive(Clone, Copy)]
enum Over {
    Nothing,
    Old,
}

fn write(path: &Path, bytes: &[u8], over: Over) -> io::Result<()> {
    let folder = folder_of(path);
    // Made with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".tacita-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    match over {
        Over::Nothing => file.persist_noclobber(path)?,
        Over::Old => file.persist(path)?,
    };
    File::open(folder)?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
