//! Bundles: the data of up to 256 entries, each behind its length.

use super::{Bundle, WIDTH};

/// The longest data of an entry, in bytes: what 16 bits can say.
pub const MAX_ENTRY: usize = u16::MAX as usize;

/// An entry's data that is longer than a bundle can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry of {0} bytes is longer than the {MAX_ENTRY} that a bundle can hold")]
pub struct EntryTooLong(usize);

/// Why bytes are not the bundle that they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The bundle ends before or within the entry of this index.
    #[error("ends before entry {0} does")]
    Short(u64),
    /// More follows than a full bundle has.
    #[error("has more than {WIDTH} entries")]
    Long,
}

/// The bytes of a bundle of these entries: each one's data behind its length, big-endian in 2 bytes.
///
/// # Errors
///
/// [`EntryTooLong`] where one is.
pub fn encode_bundle<T: AsRef<[u8]>>(entries: impl IntoIterator<Item = T>) -> Result<Vec<u8>, EntryTooLong> {
    let mut bytes = Vec::new();
    for entry in entries {
        let data = entry.as_ref();
        let length = u16::try_from(data.len()).map_err(|_| EntryTooLong(data.len()))?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// The data of the bundle's entries. The bytes may hold more entries than the bundle is wide, as those of a store do that
/// keeps only the widest form.
///
/// # Errors
///
/// [`BundleError`] where they hold fewer, or something else.
pub fn decode_bundle(bundle: Bundle, bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::with_capacity(usize::from(bundle.width));
    let mut rest = bytes;
    while !rest.is_empty() {
        if entries.len() == usize::from(WIDTH) {
            return Err(BundleError::Long);
        }
        let short = BundleError::Short(bundle.start() + entries.len() as u64);
        let (entry, after) = rest
            .split_first_chunk::<2>()
            .and_then(|(length, after)| after.split_at_checked(usize::from(u16::from_be_bytes(*length))))
            .ok_or(short)?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() < usize::from(bundle.width) {
        return Err(BundleError::Short(bundle.start() + entries.len() as u64));
    }
    entries.truncate(usize::from(bundle.width));
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn holds_what_16_bits_can_say() {
        assert_eq!(encode_bundle([vec![0; MAX_ENTRY + 1]]), Err(EntryTooLong(MAX_ENTRY + 1)));
        let longest = encode_bundle([vec![7; MAX_ENTRY]]).unwrap();
        assert_eq!(longest[..3], [0xff, 0xff, 7]);
        let one = Bundle::new(0, 1).unwrap();
        assert_eq!(decode_bundle(one, &longest).unwrap(), [vec![7; MAX_ENTRY]]);
    }

    #[test]
    fn names_the_entry_that_is_missing() {
        let bytes = encode_bundle(["ab", "", "cde"]).unwrap();
        let bundle = |width| Bundle::new(2, width).unwrap();
        assert_eq!(decode_bundle(bundle(2), &bytes).unwrap(), [&b"ab"[..], b""]);
        assert_eq!(decode_bundle(bundle(4), &bytes), Err(BundleError::Short(515)));
        assert_eq!(decode_bundle(bundle(3), &bytes[..bytes.len() - 1]), Err(BundleError::Short(514)));
        assert_eq!(decode_bundle(bundle(3), &bytes[..5]), Err(BundleError::Short(513)));
        assert_eq!(decode_bundle(bundle(1), &[0; 514]), Err(BundleError::Long));
    }

    proptest! {
        #[test]
        fn leads_back(entries in vec(vec(any::<u8>(), 0..40), 1..=256)) {
            let bundle = Bundle::new(0, u16::try_from(entries.len()).unwrap()).unwrap();
            let bytes = encode_bundle(&entries).unwrap();
            prop_assert_eq!(decode_bundle(bundle, &bytes).unwrap(), entries);
        }

        #[test]
        fn reads_anything_without_harm(bytes in vec(any::<u8>(), 0..2_000), width in 1_u16..=256) {
            let _ = decode_bundle(Bundle::new(5, width).unwrap(), &bytes);
        }
    }
}
