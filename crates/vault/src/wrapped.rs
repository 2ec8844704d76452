//! Keys sealed by keys above them.

use std::fmt;

use crate::{RootId, TransitError, sealed};

/// The first byte of what a transit engine wrapped; its text follows. What keys wrap here starts with the format of
/// [`Sealed`](crate::Sealed).
pub(crate) const TRANSIT: u8 = 2;

/// The longest wrapped key in bytes.
pub(crate) const LONGEST: usize = 4096;

/// A key sealed by the key above it, as it lies in the key ring: for a key of an organisation's a [`Sealed`](crate::Sealed)
/// form; for one of the root's that too, or what the key management service gave. It opens only as what it was wrapped as.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Wrapped(pub(crate) Vec<u8>);

impl Wrapped {
    /// What lies in the key ring. Whether it opens is known when it is opened.
    ///
    /// # Errors
    /// When it does not have the form.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, UnwrapError> {
        let good = match bytes.split_first() {
            Some((&TRANSIT, text)) => !text.is_empty() && text.iter().all(u8::is_ascii_graphic),
            _ => sealed::version_of(&bytes).is_some(),
        };
        if good && bytes.len() <= LONGEST { Ok(Self(bytes)) } else { Err(UnwrapError::Malformed) }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Its bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Which version of the organisation's key wraps it, as it says. Of what a root wraps it says nothing.
    #[must_use]
    pub fn key_version(&self) -> Option<u32> {
        sealed::version_of(&self.0)
    }
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrapped({} bytes)", self.0.len())
    }
}

/// Why a wrapped key does not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// It was cut off, or is no wrapped key at all.
    #[error(
        "not a wrapped key: the key ring is damaged, or was written by a newer version; restore it from its backup"
    )]
    Malformed,
    /// Another root key is configured than the one that the key ring belongs to.
    #[error(
        "the key ring belongs to root key {wrapped}, and root key {given} is configured; configure the former"
    )]
    OtherRoot {
        /// By which it was wrapped.
        wrapped: RootId,
        /// Which was given.
        given: RootId,
    },
    /// The kind of root differs from the one that the key ring belongs to.
    #[error(
        "the key ring belongs to another kind of root key than the one configured (a key here, or one in a key \
         management service); configure the former"
    )]
    OtherKindOfRoot,
    /// A key of one organisation is to open one of another.
    #[error("the key belongs to another organisation than the one that wraps it")]
    OtherOrganisation,
    /// The organisation's key was rotated and another version was handed in.
    #[error(
        "wrapped by version {wrapped} of the organisation's key, not {given}; fetch that version from the key ring"
    )]
    OtherVersion {
        /// By which it was wrapped.
        wrapped: u32,
        /// Which was given.
        given: u32,
    },
    /// It was changed, or is the key of something else.
    #[error(
        "the key does not open: it was changed, or moved from another row; restore the key ring from its backup"
    )]
    Refused,
    /// The key management service did not open it.
    #[error(transparent)]
    Transit(#[from] TransitError),
}
