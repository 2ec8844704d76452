//! The vault, and the key that opens it. Secrets come from files or a prompt, never from the command line, where other
//! users of the machine could read them.

use std::{
    fs::{self, File},
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use clap::Args;
use tacita_detect::redact::{Key, Vault, VaultError, system_random};
use zeroize::Zeroizing;

use crate::{
    escape::Escaped,
    failure::Failure,
    output::{folder_of, write_secret},
};

/// Where the vault and its key are.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Vault")]
pub(crate) struct SecretArgs {
    /// The encrypted file that remembers what stood for what
    #[arg(long, value_name = "FILE")]
    pub(crate) vault: Option<PathBuf>,
    /// A file whose first line is the vault's passphrase; without it and a key file it is asked for
    #[arg(long, value_name = "FILE", requires = "vault", conflicts_with = "key_file")]
    passphrase_file: Option<PathBuf>,
    /// A file with a key of 64 hexadecimal digits or 32 bytes; for a new vault it is made where it is missing
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// The key of a vault and the vault's file, as long as a command needs them. Other commands that want a vault of the
/// same folder wait.
pub(crate) struct Secrets {
    pub(crate) key: Key,
    vault: Option<PathBuf>,
    _lock: Option<File>,
}

/// A passphrase or a key file is small; what is larger is some other file.
const LARGEST_SECRET: u64 = 4096;

impl SecretArgs {
    /// Whether there is a key that outlives the command.
    pub(crate) fn is_given(&self) -> bool {
        self.vault.is_some() || self.key_file.is_some()
    }

    /// The files named: no copy of a folder may hold them.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.vault, &self.key_file, &self.passphrase_file].into_iter().filter_map(|path| path.as_deref())
    }

    /// Opens the vault to add to it. One that does not exist is begun; without one nothing is remembered.
    pub(crate) fn open_or_begin(&self) -> Result<(Secrets, Vault), Failure> {
        let Some(path) = &self.vault else {
            let key = match &self.key_file {
                Some(file) => read_key(file)?,
                None => Key::generate(&mut system_random),
            };
            return Ok((Secrets { key, vault: None, _lock: None }, Vault::new(SCOPE)));
        };
        let lock = lock(path)?;
        if path.try_exists().map_err(Failure::read(path))? {
            return self.open_locked(path, lock);
        }
        let key = match (&self.key_file, &self.passphrase_file) {
            (Some(file), _) if !file.try_exists().map_err(Failure::read(file))? => make_key(file)?,
            (Some(file), _) => read_key(file)?,
            (None, Some(file)) => key_of(&read_passphrase(file)?)?,
            (None, None) => key_of(&ask_for_new_passphrase()?)?,
        };
        Ok((Secrets { key, vault: Some(path.clone()), _lock: lock }, Vault::new(SCOPE)))
    }

    /// Opens the vault to look things up in it; with a key file alone, an empty one.
    pub(crate) fn open(&self) -> Result<(Secrets, Vault), Failure> {
        match (&self.vault, &self.key_file) {
            (Some(path), _) => self.open_locked(path, lock(path)?),
            (None, Some(file)) => {
                Ok((Secrets { key: read_key(file)?, vault: None, _lock: None }, Vault::new(SCOPE)))
            }
            (None, None) => Err(Failure::NoSecret),
        }
    }

    fn open_locked(&self, path: &Path, lock: Option<File>) -> Result<(Secrets, Vault), Failure> {
        let sealed = fs::read(path).map_err(Failure::read(path))?;
        let wrong = |cause| Failure::Vault { path: path.to_owned(), cause };
        let (vault, key) = match (&self.key_file, &self.passphrase_file) {
            (Some(file), _) => {
                let key = read_key(file)?;
                (Vault::open(&sealed, &key).map_err(wrong)?, key)
            }
            (None, Some(file)) => Vault::unlock(&sealed, &read_passphrase(file)?).map_err(wrong)?,
            (None, None) => match Vault::unlock(&sealed, "") {
                // Asking for a passphrase would be a dead end.
                Err(cause @ (VaultError::NeedsKey | VaultError::NotAVault | VaultError::Version(_))) => {
                    return Err(wrong(cause));
                }
                _ => Vault::unlock(&sealed, &ask("Passphrase of the vault: ")?).map_err(wrong)?,
            },
        };
        Ok((Secrets { key, vault: Some(path.to_owned()), _lock: lock }, vault))
    }
}

impl Secrets {
    /// Seals `vault` into the file that this was opened from.
    pub(crate) fn keep(&self, vault: &Vault) -> Result<(), Failure> {
        match &self.vault {
            Some(path) => write_secret(path, &vault.seal(&self.key, &mut system_random)),
            None => Ok(()),
        }
    }
}

/// The scope of a vault made on the command line: one vault, one scope.
const SCOPE: &str = "vault";

/// Two commands that add to one vault at the same time would each lose what the other added. The folder is locked, as
/// the file is replaced by each of them.
fn lock(vault: &Path) -> Result<Option<File>, Failure> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let folder = folder_of(vault);
    let lock = File::open(folder).map_err(Failure::read(folder))?;
    // Some file systems have no locks; there it goes without.
    let _ = lock.lock();
    Ok(Some(lock))
}

fn read_key(path: &Path) -> Result<Key, Failure> {
    let content = read_secret(path)?;
    let key = match std::str::from_utf8(&content) {
        Ok(text) if content.len() != 32 => Key::from_hex(text),
        _ => Key::from_bytes(&content),
    };
    key.map_err(|cause| Failure::Key { path: path.to_owned(), cause })
}

fn make_key(path: &Path) -> Result<Key, Failure> {
    let key = Key::generate(&mut system_random);
    let mut content = key.to_hex();
    content.push('\n');
    write_secret(path, content.as_bytes())?;
    anstream::eprintln!(
        "tacita: made a new key in `{}`; keep it safe: without it nothing can be restored",
        Escaped::path(path)
    );
    Ok(key)
}

fn key_of(passphrase: &str) -> Result<Key, Failure> {
    Key::from_passphrase(passphrase, &mut system_random).map_err(Failure::Passphrase)
}

/// The first line of a file.
pub(crate) fn read_passphrase(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let content = read_secret(path)?;
    let text = std::str::from_utf8(&content)
        .map_err(|_| Failure::read(path)(io::Error::other("a passphrase is UTF-8 text")))?;
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    use io::Read;
    let mut content = Zeroizing::new(Vec::with_capacity(LARGEST_SECRET as usize + 1));
    let file = File::open(path).map_err(Failure::read(path))?;
    file.take(LARGEST_SECRET + 1).read_to_end(&mut content).map_err(Failure::read(path))?;
    if content.len() as u64 > LARGEST_SECRET {
        return Err(Failure::read(path)(io::Error::other("too long to be a key or passphrase")));
    }
    Ok(content)
}

fn ask_for_new_passphrase() -> Result<Zeroizing<String>, Failure> {
    ask_twice("Passphrase for the new vault: ")
}

/// A new passphrase, given twice at the terminal.
pub(crate) fn ask_twice(question: &str) -> Result<Zeroizing<String>, Failure> {
    let passphrase = ask(question)?;
    if *passphrase == *ask("The same again: ")? { Ok(passphrase) } else { Err(Failure::PassphrasesDiffer) }
}

/// A passphrase, given at the terminal.
pub(crate) fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stderr().is_terminal() {
        return Err(Failure::NoSecret);
    }
    rpassword::prompt_password(question).map(Zeroizing::new).map_err(|_| Failure::NoSecret)
}
