//! A root key in this process.

use std::{fmt, path::Path};

use data_encoding::{BASE64URL, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::{RootError, file};
use crate::{
    OpenError, Random, SecureMemory, UnwrapError, Wrapped,
    derive::{expand, mac},
    memory::{SLOT, Slot},
    sealed,
};

/// A root key in this process's memory.
pub struct RootKey {
    id: RootId,
    /// The key itself, and the one made of it that wraps.
    slot: Slot,
}

/// By which root keys are told apart. It tells nothing of the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RootId(pub(super) u32);

impl RootKey {
    /// A new key, which lies nowhere yet.
    pub fn generate(memory: &SecureMemory, random: &mut impl Random) -> Self {
        Self::made(memory, |key| random(key))
    }

    /// The key that a text is: 64 hexadecimal digits, or 32 bytes in base64url. White space around it does not count.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str, memory: &SecureMemory) -> Result<Self, RootError> {
        let text = text.trim().as_bytes();
        let encoding = match text.len() {
            64 => HEXLOWER_PERMISSIVE,
            44 => BASE64URL,
            43 => BASE64URL_NOPAD,
            _ => return Err(RootError::NotWritten),
        };
        // As much as the longest of them asks for.
        let mut bytes = Zeroizing::new([0; 36]);
        let room = encoding.decode_len(text.len()).map_err(|_| RootError::NotWritten)?;
        let length = encoding.decode_mut(text, &mut bytes[..room]).map_err(|_| RootError::NotWritten)?;
        if length != 32 {
            return Err(RootError::NotWritten);
        }
        Ok(Self::made(memory, |key| key.copy_from_slice(&bytes[..32])))
    }

    /// The key that lies in a file.
    ///
    /// # Errors
    /// When the file is missing, holds no key, or others can read it or belongs to them.
    pub fn read(path: &Path, memory: &SecureMemory) -> Result<Self, RootError> {
        let text = file::read_secret(path)?;
        Self::parse(&text, memory).map_err(|_| RootError::NotKey(path.to_owned()))
    }

    /// Makes a key and a file for it that only its owner can read. When this returns, it is on disk.
    ///
    /// # Errors
    /// When there is a file already, or it can't be written.
    pub fn create(path: &Path, memory: &SecureMemory, random: &mut impl Random) -> Result<Self, RootError> {
        let key = Self::generate(memory, random);
        key.write(path)?;
        Ok(key)
    }

    /// Writes the key to a new file that only its owner can read. When this returns, it is on disk.
    ///
    /// # Errors
    /// When there is a file already, or it can't be written.
    pub fn write(&self, path: &Path) -> Result<(), RootError> {
        let mut text = Zeroizing::new([0; 65]);
        HEXLOWER_PERMISSIVE.encode_mut(self.slot.first(), &mut text[..64]);
        text[64] = b'\n';
        file::create(path, text.as_ref())
    }

    /// What tells it from other root keys.
    #[must_use]
    pub fn id(&self) -> RootId {
        self.id
    }

    /// Puts a key where it belongs and makes the one that wraps.
    pub(super) fn made(memory: &SecureMemory, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut slot = memory.slot();
        fill(&mut slot.bytes_mut()[..SLOT / 2]);
        let wrapping = expand(slot.first(), "tacita root wrapping 1", &[]);
        slot.bytes_mut()[SLOT / 2..].copy_from_slice(wrapping.as_ref());
        let [a, b, c, d, ..] = mac(slot.first(), "tacita root id 1", &[]);
        Self { id: RootId(u32::from_be_bytes([a, b, c, d])), slot }
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.slot.first()
    }

    pub(super) fn wrap(&self, associated: &[u8], bytes: &[u8], random: &mut impl Random) -> Wrapped {
        Wrapped(sealed::seal(self.slot.second(), self.id.0, associated, bytes, random))
    }

    pub(super) fn unwrap(
        &self,
        associated: &[u8],
        wrapped: &Wrapped,
    ) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        sealed::open(self.slot.second(), self.id.0, associated, &wrapped.0).map(Zeroizing::new).map_err(
            |error| match error {
                OpenError::OtherVersion { sealed, given } => {
                    UnwrapError::OtherRoot { wrapped: RootId(sealed), given: RootId(given) }
                }
                OpenError::Malformed => UnwrapError::Malformed,
                _ => UnwrapError::Refused,
            },
        )
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({}, [secret])", self.id)
    }
}

impl fmt::Display for RootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for RootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chance;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

    #[test]
    fn written_keys_are_read() {
        let memory = SecureMemory::new();
        let key = RootKey::parse(HEX, &memory).unwrap();
        for same in [
            &format!("  {HEX}\n"),
            "ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8",
            "ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8=",
        ] {
            assert_eq!(RootKey::parse(same, &memory).unwrap().bytes(), key.bytes(), "{same}");
        }
        for bad in [
            "",
            "hunter2",
            &HEX[1..],
            &HEX.replace('0', "g"),
            &"=".repeat(44),
            &"A".repeat(44),
            &"é".repeat(32),
        ] {
            let refused = RootKey::parse(bad, &memory).unwrap_err();
            assert!(matches!(refused, RootError::NotWritten));
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
        assert_eq!(format!("{key:?}"), format!("RootKey({}, [secret])", key.id()));
    }

    #[test]
    fn a_key_in_a_file_is_made_once_and_read_again() {
        let memory = SecureMemory::new();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.key");
        assert!(matches!(RootKey::read(&path, &memory), Err(RootError::Missing(_))));
        let key = RootKey::create(&path, &memory, &mut chance(1)).unwrap();
        assert_eq!(RootKey::read(&path, &memory).unwrap().bytes(), key.bytes());
        assert!(RootKey::create(&path, &memory, &mut chance(2)).is_err());
        assert_eq!(RootKey::read(&path, &memory).unwrap().bytes(), key.bytes());
        let other = folder.path().join("other.key");
        file::create(&other, b"hunter2").unwrap();
        let refused = RootKey::read(&other, &memory).unwrap_err();
        assert!(matches!(refused, RootError::NotKey(_)) && !refused.to_string().contains("hunter2"));
    }
}
