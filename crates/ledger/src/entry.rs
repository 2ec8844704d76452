//! What the log holds of an entry: a salted hash, which tells nothing to those who lack the body.

use crate::merkle::{Hash, leaf_hash, sha256};

/// The length of a salt in bytes.
pub const SALT_LEN: usize = 32;

/// Hides a body: random, new for each entry, kept beside the body and erased with it. Without it a hash over a body that can
/// be guessed would give the body away.
pub type Salt = [u8; SALT_LEN];

/// An entry's data, the 32 bytes that bundles serve: SHA-256 over salt and sealed body. When both are gone, nothing leads back.
pub fn data(salt: &Salt, sealed: &[u8]) -> [u8; Hash::LEN] {
    *sha256(&[salt, sealed]).as_bytes()
}

/// The leaf of an entry in the tree.
pub fn leaf(salt: &Salt, sealed: &[u8]) -> Hash {
    leaf_hash(&data(salt, sealed))
}

/// What a sealed body must begin with so that its words can be shown on a [receipt](crate::receipt) to somebody who has no
/// key: 32 bytes that bind `text` under a random `opening`, which is kept inside the sealed part. The bytes reveal nothing
/// about the text as long as the opening is unknown.
///
/// An authenticated cipher does not do this by itself: for AES-GCM somebody who makes both can find two keys that open one
/// ciphertext to two texts.
pub fn commitment(opening: &Salt, text: &str) -> [u8; Hash::LEN] {
    *sha256(&[b"tacita.shown/v1\n", opening, text.as_bytes()]).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_counts() {
        let salt = [1; SALT_LEN];
        let entry = leaf(&salt, b"sealed");
        assert_ne!(entry, leaf(&[2; SALT_LEN], b"sealed"));
        assert_ne!(entry, leaf(&salt, b"sealer"));
        assert_eq!(entry, leaf_hash(sha256(&[&salt, b"sea", b"led"]).as_bytes()));
        assert_ne!(commitment(&salt, "a"), commitment(&salt, "b"));
        assert_ne!(commitment(&salt, "a"), commitment(&[2; SALT_LEN], "a"));
    }
}
