//! The secret behind hashes, encryption, surrogates, date shifts and the vault.

use std::{error::Error, fmt};

use aws_lc_rs::{aead, constant_time, hkdf, hmac};
use data_encoding::HEXLOWER_PERMISSIVE;
use zeroize::Zeroizing;

use super::random::Random;

/// 256 bits. Wiped from memory when dropped; never printed.
///
/// A key made of a passphrase remembers salt and cost, so that the vault it seals can be opened by the passphrase.
#[derive(Clone)]
pub struct Key {
    bytes: Zeroizing<[u8; 32]>,
    stretched: Option<Stretching>,
}

impl Key {
    /// A new random key.
    pub fn generate(random: &mut impl Random) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        random(bytes.as_mut());
        Self { bytes, stretched: None }
    }

    /// A key of 32 bytes, such as a key file or a key store holds.
    ///
    /// # Errors
    /// When there are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Length(bytes.len()))?;
        Ok(Self { bytes: Zeroizing::new(bytes), stretched: None })
    }

    /// A key written as 64 hexadecimal digits; white space around them does not count.
    ///
    /// # Errors
    /// When they are not 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| KeyError::Hex)?;
        Self::from_bytes(&Zeroizing::new(bytes))
    }

    /// The key as 64 hexadecimal digits, for a key file.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER_PERMISSIVE.encode(self.bytes.as_ref()))
    }

    /// A key from a passphrase and a new salt, by Argon2id. To get the same key again, open the vault that it sealed
    /// with [`Vault::unlock`](super::Vault::unlock).
    ///
    /// # Errors
    /// When the passphrase is empty.
    pub fn from_passphrase(passphrase: &str, random: &mut impl Random) -> Result<Self, KeyError> {
        let mut salt = [0; 16];
        random(&mut salt);
        Stretching { salt, ..Stretching::DEFAULT }.key(passphrase)
    }

    /// How it was made of a passphrase, if it was.
    pub(super) fn stretched(&self) -> Option<&Stretching> {
        self.stretched.as_ref()
    }

    /// A key for one purpose within one scope. Knowing it tells nothing about other purposes and scopes.
    pub(super) fn derive(&self, purpose: &str, scope: &str) -> Zeroizing<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        // The zero byte keeps purpose and scope apart: no purpose contains one.
        let info = [b"tacita redact ", purpose.as_bytes(), b"\0", scope.as_bytes()];
        hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(self.bytes.as_ref())
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.as_mut()))
            .expect("HKDF-SHA256 gives up to 8,160 bytes");
        derived
    }

    /// The AES-256-GCM key for one purpose within one scope.
    pub(super) fn cipher(&self, purpose: &str, scope: &str) -> aead::LessSafeKey {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, self.derive(purpose, scope).as_ref());
        aead::LessSafeKey::new(key.expect("an AES-256 key has 32 bytes"))
    }

    /// The HMAC-SHA256 key for one purpose within one scope.
    pub(super) fn mac(&self, purpose: &str, scope: &str) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.derive(purpose, scope).as_ref())
    }
}

/// Takes the same time wherever the keys differ.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(self.bytes.as_ref(), other.bytes.as_ref()).is_ok()
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

/// What is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 32 bytes, but this many.
    Length(usize),
    /// Not hexadecimal.
    Hex,
    /// The passphrase is empty.
    EmptyPassphrase,
    /// The costs of the passphrase's key are outside of what is accepted.
    Cost,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(length) => write!(f, "a key has 32 bytes, this one has {length}"),
            Self::Hex => f.write_str("a written key has 64 hexadecimal digits"),
            Self::EmptyPassphrase => f.write_str("the passphrase is empty; choose one of several words"),
            Self::Cost => f.write_str("the cost of the passphrase's key is outside of what is accepted"),
        }
    }
}

impl Error for KeyError {}

/// How a passphrase becomes a key: the costs of Argon2id (RFC 9106) and the salt.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stretching {
    /// KiB of memory.
    pub(super) memory: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
    pub(super) salt: [u8; 16],
}

impl Stretching {
    /// The second recommendation of RFC 9106 §4 with one lane instead of four: lanes that we fill one after another
    /// would only help who has many cores to guess with.
    const DEFAULT: Self = Self { memory: 64 * 1024, passes: 3, lanes: 1, salt: [0; 16] };
    /// What a file may ask for. Whoever sends one decides about it, so that it is not much more than what we write.
    const MOST: Self = Self { memory: 128 * 1024, passes: 4, lanes: 4, salt: [0; 16] };

    pub(super) fn key(self, passphrase: &str) -> Result<Key, KeyError> {
        if passphrase.is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        if self.memory > Self::MOST.memory || self.passes > Self::MOST.passes || self.lanes > Self::MOST.lanes
        {
            return Err(KeyError::Cost);
        }
        let params = argon2::Params::new(self.memory, self.passes, self.lanes, Some(32))
            .map_err(|_| KeyError::Cost)?;
        let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
        let mut bytes = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(passphrase.as_bytes(), &self.salt, bytes.as_mut())
            .map_err(|_| KeyError::Cost)?;
        Ok(Key { bytes, stretched: Some(self) })
    }
}
