//! A copy of the root key to keep elsewhere, under a passphrase.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    RootId, RootKey,
    passphrase::{StretchError, Stretching},
};
use crate::{OpenError, Random, SecureMemory, place::associated, sealed};

/// The longest copy read, in bytes.
const LONGEST: usize = 4096;

/// The form of a copy: JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    format: Format,
    /// Which root key it is a copy of, as [`RootId`] prints itself.
    root: String,
    stretching: Stretching,
    /// The key in the form of [`Sealed`](crate::Sealed), hexadecimal.
    sealed: String,
}

#[derive(Serialize, Deserialize)]
enum Format {
    #[serde(rename = "tacita root key copy 1")]
    First,
}

/// Why a copy of the root key can't be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A passphrase has to have something.
    #[error("the passphrase is empty; choose one of several words")]
    EmptyPassphrase,
    /// A file of something else.
    #[error("not a copy of a root key: it was cut off, or is a file of something else")]
    Malformed,
    /// Another passphrase, or a changed copy.
    #[error("the copy does not open: the passphrase is another one, or the copy was changed")]
    Refused,
    /// A copy of another key.
    #[error(
        "the copy is of root key {copied}, and {configured} is in use: it would open nothing of this deployment"
    )]
    OtherRoot {
        /// Of which it is a copy.
        copied: RootId,
        /// Which is in use.
        configured: RootId,
    },
}

impl From<StretchError> for ExportError {
    fn from(error: StretchError) -> Self {
        match error {
            StretchError::Empty => Self::EmptyPassphrase,
            StretchError::Parameters => Self::Malformed,
        }
    }
}

impl RootKey {
    /// A copy of the key under a passphrase, as text, to be kept where the machine is not. It takes a moment.
    ///
    /// # Errors
    /// When the passphrase is empty.
    pub fn export(&self, passphrase: &str, random: &mut impl Random) -> Result<String, ExportError> {
        let stretching = Stretching::new(random);
        let key = stretching.key(passphrase)?;
        let root = self.id().to_string();
        let sealed = sealed::seal(&key, 1, &copy(&root), self.bytes(), random);
        let copy = Copy { format: Format::First, root, stretching, sealed: HEXLOWER.encode(&sealed) };
        let mut text = serde_json::to_string_pretty(&copy).expect("numbers and strings always make JSON");
        text.push('\n');
        Ok(text)
    }

    /// The key that a copy holds. It takes a moment.
    ///
    /// # Errors
    /// When the text is no copy, or the passphrase is another one.
    pub fn import(text: &str, passphrase: &str, memory: &SecureMemory) -> Result<Self, ExportError> {
        if text.len() > LONGEST {
            return Err(ExportError::Malformed);
        }
        let Copy { format: Format::First, root, stretching, sealed } =
            serde_json::from_str(text).map_err(|_| ExportError::Malformed)?;
        let sealed = HEXLOWER.decode(sealed.as_bytes()).map_err(|_| ExportError::Malformed)?;
        let key = stretching.key(passphrase)?;
        let bytes = sealed::open(&key, 1, &copy(&root), &sealed).map_err(|error| match error {
            OpenError::Refused => ExportError::Refused,
            _ => ExportError::Malformed,
        })?;
        let bytes = Zeroizing::new(bytes);
        if bytes.len() != 32 {
            return Err(ExportError::Malformed);
        }
        Ok(Self::made(memory, |place| place.copy_from_slice(&bytes)))
    }

    /// Whether a copy opens and is of this key. It takes a moment.
    ///
    /// # Errors
    /// When the text is no copy, the passphrase is another one, or it is a copy of another key.
    pub fn verify(&self, text: &str, passphrase: &str, memory: &SecureMemory) -> Result<(), ExportError> {
        let copy = Self::import(text, passphrase, memory)?;
        if aws_lc_rs::constant_time::verify_slices_are_equal(copy.bytes(), self.bytes()).is_err() {
            return Err(ExportError::OtherRoot { copied: copy.id(), configured: self.id() });
        }
        Ok(())
    }
}

fn copy(root: &str) -> Vec<u8> {
    associated("tacita root key copy 1", &[root.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::chance;

    #[test]
    fn a_copy_opens_by_its_passphrase_alone() {
        let memory = SecureMemory::new();
        let key = RootKey::generate(&memory, &mut chance(1));
        let text = key.export("correct horse", &mut chance(2)).unwrap();
        assert_eq!(RootKey::import(&text, "correct horse", &memory).unwrap().bytes(), key.bytes());
        assert_eq!(key.verify(&text, "correct horse", &memory), Ok(()));
        assert_eq!(key.verify(&text, "correct mouse", &memory), Err(ExportError::Refused));
        assert_eq!(key.verify(&text, "", &memory), Err(ExportError::EmptyPassphrase));
        assert_eq!(key.export("", &mut chance(2)), Err(ExportError::EmptyPassphrase));
        let hex = HEXLOWER.encode(key.bytes());
        assert!(!text.contains(&hex[..16]), "the copy shows the key");

        let other = RootKey::generate(&memory, &mut chance(3));
        let refused = other.verify(&text, "correct horse", &memory);
        assert_eq!(refused, Err(ExportError::OtherRoot { copied: key.id(), configured: other.id() }));
        // It says which key it is of, and can't be made to say another.
        let renamed = text.replace(&key.id().to_string(), &other.id().to_string());
        assert_eq!(other.verify(&renamed, "correct horse", &memory), Err(ExportError::Refused));
    }

    #[test]
    fn what_is_no_copy_is_refused_before_it_costs_anything() {
        let memory = SecureMemory::new();
        let key = RootKey::generate(&memory, &mut chance(1));
        let text = key.export("correct horse", &mut chance(2)).unwrap();
        for bad in [
            String::new(),
            "{}".to_owned(),
            text[..text.len() / 2].to_owned(),
            text.replace("copy 1", "copy 2"),
            text.replace("65536", "4294967295"),
            text.replace("\"passes\": 3", "\"passes\": 4000000000"),
            text.replace("argon2id", "argon2d"),
            text.replace("\"lanes\"", "\"lane\""),
            format!("{text}{}", " ".repeat(LONGEST)),
        ] {
            let refused = RootKey::import(&bad, "correct horse", &memory).err();
            assert_eq!(refused, Some(ExportError::Malformed), "{bad}");
        }
    }
}
