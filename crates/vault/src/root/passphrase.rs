//! Keys of passphrases.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{RootError, RootKey, Start, file};
use crate::{Random, SecureMemory};

/// How a passphrase becomes a key: the costs of Argon2id (RFC 9106) and the salt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretching {
    algorithm: Argon,
    /// KiB of memory.
    memory: u32,
    passes: u32,
    lanes: u32,
    /// Hexadecimal.
    salt: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Argon {
    Argon2id,
}

/// A passphrase does not become a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StretchError {
    Empty,
    Parameters,
}

impl Stretching {
    /// The second recommendation of RFC 9106 §4 with one lane instead of four: lanes that we fill one after another would only
    /// help who has many cores to guess with.
    pub(super) fn new(random: &mut impl Random) -> Self {
        let mut salt = [0; 16];
        random(&mut salt);
        let salt = HEXLOWER.encode(&salt);
        Self { algorithm: Argon::Argon2id, memory: 64 * 1024, passes: 3, lanes: 1, salt }
    }

    /// The key of a passphrase.
    pub(super) fn key(&self, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, StretchError> {
        if passphrase.is_empty() {
            return Err(StretchError::Empty);
        }
        // More would be somebody's attempt to use up the memory.
        if self.memory > 1024 * 1024 || self.passes > 16 || self.lanes > 16 {
            return Err(StretchError::Parameters);
        }
        let salt = HEXLOWER.decode(self.salt.as_bytes()).map_err(|_| StretchError::Parameters)?;
        if salt.len() != 16 {
            return Err(StretchError::Parameters);
        }
        let params = Params::new(self.memory, self.passes, self.lanes, Some(32))
            .map_err(|_| StretchError::Parameters)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &salt, key.as_mut())
            .map_err(|_| StretchError::Parameters)?;
        Ok(key)
    }
}

/// The root key of a passphrase, with the salt and the costs that lie in a file.
pub(super) fn root_key(
    passphrase: &str,
    parameters: &Path,
    start: Start,
    memory: &SecureMemory,
    random: &mut impl Random,
) -> Result<RootKey, RootError> {
    if passphrase.is_empty() {
        return Err(RootError::EmptyPassphrase);
    }
    let no_parameters = || RootError::NotParameters(parameters.to_owned());
    let stretching = match file::read(parameters) {
        Ok(text) => serde_json::from_str(&text).map_err(|_| no_parameters())?,
        Err(RootError::Missing(_)) if start == Start::First => {
            let stretching = Stretching::new(random);
            let text = serde_json::to_string(&stretching).expect("numbers and strings always make JSON");
            file::create(parameters, format!("{text}\n").as_bytes())?;
            stretching
        }
        Err(RootError::Missing(path)) => return Err(RootError::MissingParameters(path)),
        Err(error) => return Err(error),
    };
    let key = stretching.key(passphrase).map_err(|error| match error {
        StretchError::Empty => RootError::EmptyPassphrase,
        StretchError::Parameters => no_parameters(),
    })?;
    Ok(RootKey::made(memory, |place| place.copy_from_slice(key.as_ref())))
}
