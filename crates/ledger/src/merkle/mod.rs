//! Merkle trees as RFC 6962 hashes them: SHA-256, a leaf behind the byte 0, a node behind the byte 1.

mod frontier;
mod proof;

use std::fmt;

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};

pub use frontier::{Frontier, FrontierError};
pub use proof::{ProofError, verify_consistency, verify_inclusion};

use crate::base64;

/// The most entries that a tree here may have, 2⁶³ − 1: what databases and other tools count with a sign.
pub const MAX_SIZE: u64 = i64::MAX as u64;

/// The root of the tree without entries: SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// A leaf's, node's or root's hash: 32 bytes of SHA-256, in texts the standard base64 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; Hash::LEN]);

impl Hash {
    /// Its length in bytes.
    pub const LEN: usize = 32;

    /// A hash of these bytes.
    pub const fn new(bytes: [u8; Hash::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; Hash::LEN] {
        &self.0
    }

    /// What [`Display`](fmt::Display) wrote: the standard base64 with padding, of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        base64::decode(text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// What a checkpoint signs: how many entries a tree has, and its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// The number of entries.
    pub size: u64,
    /// The hash over all of them.
    pub root: Hash,
}

/// The hash of an entry's data as a leaf.
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// The hash of two neighbours.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut message = [1; 1 + 2 * Hash::LEN];
    message[1..=Hash::LEN].copy_from_slice(&left.0);
    message[1 + Hash::LEN..].copy_from_slice(&right.0);
    bytes(&digest(&SHA256, &message))
}

/// SHA-256 over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    bytes(&context.finish())
}

fn bytes(digest: &Digest) -> Hash {
    Hash(digest.as_ref().try_into().expect("SHA-256 gives 32 bytes"))
}

/// The root of a complete subtree over `leaves`, whose number is a power of two.
pub(crate) fn subtree_root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                _ => pair[0],
            })
            .collect();
    }
    level.first().copied().unwrap_or(EMPTY_ROOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_rfc_6962_does() {
        // The leaf and root hashes that transparency-dev/merkle states for its test tree.
        let hex = |hash: Hash| hash.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let empty = leaf_hash(b"");
        assert_eq!(hex(empty), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        let two = node_hash(&empty, &leaf_hash(b"\0"));
        assert_eq!(hex(two), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
        assert_eq!(sha256(&[]), EMPTY_ROOT);
    }

    #[test]
    fn base64_is_read_strictly() {
        let hash = leaf_hash(b"");
        assert_eq!(Hash::from_base64(&hash.to_string()), Some(hash));
        let unpadded = hash.to_string().replace('=', "");
        // The last character carries two bits that no byte takes.
        let loose = hash.to_string().replace("0=", "1=");
        for wrong in ["", "AAAA", &unpadded, &loose, &format!("{hash}\n"), &format!(" {hash}")] {
            assert_eq!(Hash::from_base64(wrong), None, "{wrong:?}");
        }
    }
}
