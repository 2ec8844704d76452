//! The key above all others.

use std::{fmt, io, path::PathBuf};

use zeroize::Zeroizing;

use crate::{Random, Secret, SecureMemory, UnwrapError, Wrapped, place::associated, wrapped};

mod export;
mod file;
mod key;
mod passphrase;
mod transit;

pub use export::ExportError;
pub use key::{RootId, RootKey};
pub use transit::{Transit, TransitError, TransitSettings};

/// The root key, which wraps the keys of organisations. Whoever loses it loses everything that is sealed, for good.
#[derive(Debug)]
pub enum Root {
    /// In this process's memory.
    Local(RootKey),
    /// In a key management service, which wraps and unwraps; it never leaves that.
    Transit(Transit),
}

/// Where the root key comes from.
pub enum RootSource {
    /// A file that only its owner can read, with the key as 64 hexadecimal digits.
    File(PathBuf),
    /// A passphrase, by Argon2id. Salt and costs lie in a file; they are not secret, but without them the passphrase is of no use.
    Passphrase {
        /// The passphrase.
        passphrase: Zeroizing<String>,
        /// The file with salt and costs.
        parameters: PathBuf,
    },
    /// The key as it is written: 64 hexadecimal digits, or base64url. Such as the value of an environment variable.
    Written(Zeroizing<String>),
    /// The transit engine of HashiCorp Vault or OpenBao.
    Transit(TransitSettings),
}

/// Whether there is anything sealed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing: what is missing is made.
    First,
    /// Something: a key that is missing is lost, and making another would hide that.
    Again,
}

/// Why there is no root key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// There was a key once.
    #[error(
        "the root key's file `{0}` is missing: put it back from where you keep a copy; without it nothing that is sealed \
         can be read, and a new key would not help"
    )]
    Missing(PathBuf),
    /// There was a passphrase once.
    #[error(
        "the file `{0}` with the salt and costs of the passphrase is missing: put it back from where you keep a copy; \
         without it the passphrase is of no use"
    )]
    MissingParameters(PathBuf),
    /// Somebody else may have read it.
    #[error("the root key's file `{path}` can be read by others (mode {mode:04o}): run `chmod 600` on it")]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Somebody else can exchange it.
    #[error(
        "the root key's file `{0}` belongs to another user: make it yours with `chown`, or run as that user"
    )]
    OtherOwner(PathBuf),
    /// A folder, a pipe.
    #[error("`{0}` is not a file: give the path of the root key's file")]
    NotFile(PathBuf),
    /// A file of something else.
    #[error(
        "the file `{0}` holds no root key: 64 hexadecimal digits are expected; put it back from where you keep a copy"
    )]
    NotKey(PathBuf),
    /// A value of something else. It is not shown.
    #[error("the root key given is none: 64 hexadecimal digits, or 32 bytes in base64url, are expected")]
    NotWritten,
    /// The file of a passphrase's salt and costs is of something else.
    #[error("the file `{0}` holds no salt and costs of a passphrase; put it back from where you keep a copy")]
    NotParameters(PathBuf),
    /// A passphrase has to have something.
    #[error("the passphrase is empty; choose one of several words")]
    EmptyPassphrase,
    /// A file can't be read or written.
    #[error("`{path}`: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        #[source]
        error: io::Error,
    },
    /// The key management service can't be used.
    #[error(transparent)]
    Transit(#[from] TransitError),
}

impl Root {
    /// The root key of `source`; at the first start it is made where it isn't there.
    ///
    /// # Errors
    /// When there is none, or it is open to others. Whether it is the right one is known when something is unwrapped.
    pub fn open(
        source: &RootSource,
        start: Start,
        memory: &SecureMemory,
        random: &mut impl Random,
    ) -> Result<Self, RootError> {
        Ok(match source {
            RootSource::File(path) => Self::Local(match RootKey::read(path, memory) {
                Err(RootError::Missing(_)) if start == Start::First => RootKey::create(path, memory, random)?,
                read => read?,
            }),
            RootSource::Passphrase { passphrase, parameters } => {
                Self::Local(passphrase::root_key(passphrase, parameters, start, memory, random)?)
            }
            RootSource::Written(text) => Self::Local(RootKey::parse(text, memory)?),
            RootSource::Transit(settings) => Self::Transit(Transit::new(settings)?),
        })
    }

    /// What tells it from other root keys; none where it is in a key management service, which tells nothing of it.
    #[must_use]
    pub fn id(&self) -> Option<RootId> {
        match self {
            Self::Local(key) => Some(key.id()),
            Self::Transit(_) => None,
        }
    }

    /// A secret of the whole deployment's, such as the key of the database file, as it may lie on disk. `name` says which.
    ///
    /// # Errors
    /// When the key management service does not wrap it.
    pub fn wrap_secret(
        &self,
        name: &str,
        secret: &Secret,
        random: &mut impl Random,
    ) -> Result<Wrapped, TransitError> {
        self.wrap(&root_secret(name), secret.expose(), random)
    }

    /// The secret that lies wrapped on disk.
    ///
    /// # Errors
    /// When the root is another one, or it is not the secret of this name.
    pub fn unwrap_secret(
        &self,
        name: &str,
        wrapped: &Wrapped,
        memory: &SecureMemory,
    ) -> Result<Secret, UnwrapError> {
        let bytes = self.unwrap(&root_secret(name), wrapped)?;
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| UnwrapError::Malformed)?;
        Ok(Secret::from_bytes(bytes, memory))
    }

    pub(crate) fn wrap(
        &self,
        associated: &[u8],
        bytes: &[u8],
        random: &mut impl Random,
    ) -> Result<Wrapped, TransitError> {
        match self {
            Self::Local(key) => Ok(key.wrap(associated, bytes, random)),
            Self::Transit(transit) => transit.wrap(associated, bytes),
        }
    }

    pub(crate) fn unwrap(
        &self,
        associated: &[u8],
        wrapped: &Wrapped,
    ) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        match (self, wrapped.0.split_first()) {
            (Self::Transit(transit), Some((&wrapped::TRANSIT, text))) => transit.unwrap(associated, text),
            (Self::Local(key), Some((&format, _))) if format != wrapped::TRANSIT => {
                key.unwrap(associated, wrapped)
            }
            _ => Err(UnwrapError::OtherKindOfRoot),
        }
    }
}

impl fmt::Debug for RootSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Passphrase { parameters, .. } => {
                f.debug_struct("Passphrase").field("parameters", parameters).finish_non_exhaustive()
            }
            Self::Written(_) => f.write_str("Written([secret])"),
            Self::Transit(settings) => f.debug_tuple("Transit").field(settings).finish(),
        }
    }
}

fn root_secret(name: &str) -> Vec<u8> {
    associated("tacita root secret 1", &[name.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        OrganisationKey,
        testing::{chance, organisation},
    };

    fn id(root: &Root) -> RootId {
        match root {
            Root::Local(key) => key.id(),
            Root::Transit(_) => panic!("it is not here"),
        }
    }

    #[test]
    fn a_missing_file_is_made_at_the_first_start_alone() {
        let memory = SecureMemory::new();
        let folder = tempfile::tempdir().unwrap();
        let source = RootSource::File(folder.path().join("root.key"));
        let refused = Root::open(&source, Start::Again, &memory, &mut chance(1)).unwrap_err();
        assert!(matches!(refused, RootError::Missing(_)));
        assert!(refused.to_string().contains("a new key would not help"), "{refused}");
        let made = Root::open(&source, Start::First, &memory, &mut chance(1)).unwrap();
        for start in [Start::First, Start::Again] {
            assert_eq!(id(&Root::open(&source, start, &memory, &mut chance(2)).unwrap()), id(&made));
        }
    }

    #[test]
    fn a_passphrase_gives_the_same_key_again() {
        let memory = SecureMemory::new();
        let folder = tempfile::tempdir().unwrap();
        let parameters = folder.path().join("passphrase.json");
        let open = |passphrase: &str, start| {
            let passphrase = Zeroizing::new(passphrase.to_owned());
            let source = RootSource::Passphrase { passphrase, parameters: parameters.clone() };
            assert!(!format!("{source:?}").contains("horse"));
            Root::open(&source, start, &memory, &mut chance(1))
        };
        assert!(matches!(open("correct horse", Start::Again), Err(RootError::MissingParameters(_))));
        assert!(matches!(open("", Start::First), Err(RootError::EmptyPassphrase)));
        let made = open("correct horse", Start::First).unwrap();
        let again = open("correct horse", Start::Again).unwrap();
        assert_eq!(id(&made), id(&again));

        // Another passphrase is another key, which opens nothing.
        let other = open("correct mouse", Start::Again).unwrap();
        let key = OrganisationKey::generate(organisation(1), &memory, &mut chance(2));
        let wrapped = key.wrap(&made, &mut chance(3)).unwrap();
        let refused = OrganisationKey::unwrap(&other, organisation(1), 1, &wrapped, &memory).unwrap_err();
        assert!(
            matches!(refused, UnwrapError::OtherRoot { wrapped, given } if wrapped == id(&made) && given == id(&other))
        );

        std::fs::write(&parameters, "{}").unwrap();
        assert!(matches!(open("correct horse", Start::Again), Err(RootError::NotParameters(_))));
    }

    #[test]
    fn a_written_key_is_taken_and_not_shown() {
        let memory = SecureMemory::new();
        let source = RootSource::Written(Zeroizing::new("1f".repeat(32)));
        assert!(Root::open(&source, Start::Again, &memory, &mut chance(1)).is_ok());
        assert_eq!(format!("{source:?}"), "Written([secret])");
    }
}
