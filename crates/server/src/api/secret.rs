//! The secret that seals and opens vaults. It is used for one request and never stored.

use std::borrow::Cow;

use data_encoding::BASE64;
use serde::Deserialize;
use tacita_detect::redact::{Key, KeyError, Vault, VaultError, system_random};
use utoipa::ToSchema;

use crate::problem::{Kind, Problem};

/// What seals and opens vaults: a passphrase, or a key. Used for this request only, and never stored.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Secret<'a> {
    /// Words that someone remembers. Slow on purpose: Argon2id makes the key.
    #[schema(value_type = String)]
    Passphrase(#[serde(borrow)] Cow<'a, str>),
    /// 64 hexadecimal digits.
    #[schema(value_type = String)]
    Key(#[serde(borrow)] Cow<'a, str>),
}

impl Secret<'_> {
    /// The key for a new vault.
    pub(super) fn key(&self) -> Result<Key, Problem> {
        match self {
            Self::Passphrase(passphrase) => Key::from_passphrase(passphrase, &mut system_random),
            Self::Key(digits) => Key::from_hex(digits),
        }
        .map_err(|error| unusable(&error))
    }

    /// The vault that this secret sealed, and its key.
    pub(super) fn open(&self, sealed: &str) -> Result<(Vault, Key), Problem> {
        let sealed = BASE64
            .decode(sealed.as_bytes())
            .map_err(|_| Problem::invalid("`vault` is not base64; send it as it was given"))?;
        match self {
            Self::Passphrase(passphrase) => Vault::unlock(&sealed, passphrase),
            Self::Key(digits) => {
                let key = Key::from_hex(digits).map_err(|error| unusable(&error))?;
                Vault::open(&sealed, &key).map(|vault| (vault, key))
            }
        }
        .map_err(|error| unopened(&error))
    }
}

/// The vault as it is answered.
pub(super) fn seal(vault: &Vault, key: &Key) -> String {
    BASE64.encode(&vault.seal(key, &mut system_random))
}

fn unusable(error: &KeyError) -> Problem {
    Problem::invalid(format!("`secret` can't be used: {error}"))
}

fn unopened(error: &VaultError) -> Problem {
    match error {
        VaultError::WrongKey | VaultError::NeedsKey | VaultError::NeedsPassphrase => {
            Problem::new(Kind::WrongSecret, error.to_string())
        }
        error => Problem::invalid(format!("`vault` can't be opened: {error}")),
    }
}
