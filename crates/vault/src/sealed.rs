//! The sealed form of a value.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use tacita_corridor::{Passage, Sensitive};

use crate::{Place, Random};

/// The longest value of a field in bytes; what is longer is a file, sealed as a [stream](crate::SealingWriter).
pub const FIELD_LIMIT: usize = 64 * 1024 * 1024;

/// The first byte of the form.
const FORMAT: u8 = 1;
const HEADER: usize = 1 + 4 + NONCE_LEN;
const TAG: usize = 16;
/// By how much the sealed form is longer than the value, in bytes.
pub const OVERHEAD: usize = HEADER + TAG;

/// A sealed value, as it lies in the database:
///
/// | bytes | |
/// |---|---|
/// | 1 | format: 1 |
/// | 4 | version of the key, big-endian |
/// | 12 | nonce, random |
/// | as the value | ciphertext, AES-256-GCM |
/// | 16 | tag |
///
/// Promise: without the key nothing but its length can be learnt of the value, and it opens only unchanged and in the [`Place`]
/// it was sealed for. Limit: rollback protection is not provided, so an older sealed value put back in the same place opens.
///
/// A nonce is random, so a key may seal at most 2³² values: then two nonces are equal with a probability of 2⁻³² (NIST
/// SP 800-38D §8.3). A data subject's key seals that person's fields alone, an organisation's key their keys.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// What lies in a database. Whether it opens is known when it is opened.
    ///
    /// # Errors
    /// When it does not have the form.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, OpenError> {
        Parts::of(&bytes).ok_or(OpenError::Malformed)?;
        Ok(Self(bytes))
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

    /// By which version of its key it was sealed, as it says.
    #[must_use]
    pub fn key_version(&self) -> u32 {
        Parts::of(&self.0).expect("it was parsed or made here").version
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Why a value can't be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key was destroyed while it was held.
    #[error("the key was destroyed because its data subject was erased; nothing can be kept for them")]
    Destroyed,
    /// A key of one organisation is to seal for another.
    #[error("the key belongs to another organisation than the field")]
    OtherOrganisation,
    /// The value is longer than [`FIELD_LIMIT`].
    #[error("a value of {0} bytes is too long for a field (at most {FIELD_LIMIT}); keep it as an attachment")]
    TooLong(usize),
}

/// Why a sealed value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Somebody works for one organisation and reaches for a field of another.
    #[error("the field belongs to another organisation than the operation")]
    OtherOrganisation,
    /// It was cut off, or is not a sealed value at all.
    #[error("not a sealed value: the row is damaged, or was written by a newer version; see `tacita doctor`")]
    Malformed,
    /// The key was rotated and another version was handed in.
    #[error(
        "sealed by version {sealed} of the key and opened with version {given}; fetch that version from the key ring"
    )]
    OtherVersion {
        /// What the value says.
        sealed: u32,
        /// The version of the key it was opened with.
        given: u32,
    },
    /// It was changed or moved, or another key sealed it.
    #[error(
        "the value does not open: it was changed, moved from another row or column, or sealed with another key; \
         restore the row from a backup"
    )]
    Refused,
    /// The key was destroyed while it was held.
    #[error("the key was destroyed because its data subject was erased")]
    Destroyed,
}

/// Seals a field.
pub(crate) fn seal_field(
    key: &[u8; 32],
    version: u32,
    place: &Place<'_>,
    value: &[u8],
    random: &mut impl Random,
) -> Result<Sealed, SealError> {
    if value.len() > FIELD_LIMIT {
        return Err(SealError::TooLong(value.len()));
    }
    Ok(Sealed(seal(key, version, &place.associated(FIELD, version), value, random)))
}

/// Opens a field.
pub(crate) fn open_field(
    key: &[u8; 32],
    version: u32,
    passage: &Passage,
    place: &Place<'_>,
    sealed: &Sealed,
) -> Result<Sensitive<Vec<u8>>, OpenError> {
    if passage.operation().organisation != place.organisation {
        return Err(OpenError::OtherOrganisation);
    }
    open(key, version, &place.associated(FIELD, version), &sealed.0).map(Sensitive::new)
}

const FIELD: &str = "tacita field 1";

/// Seals a value that is shorter than [`FIELD_LIMIT`].
pub(crate) fn seal(
    key: &[u8; 32],
    version: u32,
    associated: &[u8],
    value: &[u8],
    random: &mut impl Random,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random(&mut nonce);
    let mut sealed = Vec::with_capacity(OVERHEAD + value.len());
    sealed.push(FORMAT);
    sealed.extend(version.to_be_bytes());
    sealed.extend(nonce);
    sealed.extend_from_slice(value);
    let tag = cipher(key)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            &mut sealed[HEADER..],
        )
        .expect("AES-GCM seals up to 64 GiB");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

/// Opens what [`seal`] made.
pub(crate) fn open(
    key: &[u8; 32],
    version: u32,
    associated: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, OpenError> {
    let parts = Parts::of(sealed).ok_or(OpenError::Malformed)?;
    if parts.version != version {
        return Err(OpenError::OtherVersion { sealed: parts.version, given: version });
    }
    let mut value = vec![0; parts.ciphertext.len()];
    cipher(key)
        .open_separate_gather(
            Nonce::assume_unique_for_key(*parts.nonce),
            Aad::from(associated),
            parts.ciphertext,
            parts.tag,
            &mut value,
        )
        .map_err(|_| OpenError::Refused)?;
    Ok(value)
}

/// AES-256-GCM by this key. AWS-LC wipes what it makes of it when it is dropped.
pub(crate) fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("an AES-256 key has 32 bytes"))
}

/// The version of the key that a sealed form names.
pub(crate) fn version_of(sealed: &[u8]) -> Option<u32> {
    Parts::of(sealed).map(|parts| parts.version)
}

struct Parts<'a> {
    version: u32,
    nonce: &'a [u8; NONCE_LEN],
    ciphertext: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a [u8]) -> Option<Self> {
        let (format, rest) = sealed.split_first()?;
        let (version, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
        (*format == FORMAT && ciphertext.len() <= FIELD_LIMIT).then_some(Self {
            version: u32::from_be_bytes(*version),
            nonce,
            ciphertext,
            tag,
        })
    }
}
