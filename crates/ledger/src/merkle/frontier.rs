//! The least that must be kept of a tree to go on appending to it.

use super::{EMPTY_ROOT, Hash, MAX_SIZE, TreeHead, node_hash};

/// The roots of the complete subtrees that a tree consists of, at most 63 of them: enough to append leaves and to know
/// the root, but not to make proofs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// One for each bit that is set in `size`, from the largest subtree to the smallest.
    subtrees: Vec<Hash>,
}

/// Why bytes are no frontier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The number of hashes is not that which the size asks for.
    #[error("the bytes are {0} long, which no frontier of that size is")]
    Length(usize),
    /// More entries than a tree may have.
    #[error("a tree of {0} entries is larger than any can be")]
    TooLarge(u64),
}

impl Frontier {
    /// That of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn of_subtrees(size: u64, subtrees: Vec<Hash>) -> Self {
        debug_assert_eq!(size.count_ones() as usize, subtrees.len());
        Self { size, subtrees }
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        TreeHead { size: self.size, root: self.root() }
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or(EMPTY_ROOT)
    }

    /// Appends a leaf, of which it takes the hash, and says at which index.
    pub fn push(&mut self, leaf: Hash) -> u64 {
        let index = self.size;
        let mut node = leaf;
        for _ in 0..index.trailing_ones() {
            let Some(left) = self.subtrees.pop() else { break };
            node = node_hash(&left, &node);
        }
        self.subtrees.push(node);
        self.size += 1;
        index
    }

    /// The size, big-endian in 8 bytes, then the hashes from the largest subtree to the smallest.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.subtrees.iter().flat_map(Hash::as_bytes));
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) gave. Whether the hashes are right shows only the root.
    ///
    /// # Errors
    ///
    /// [`FrontierError`] where that is no frontier.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(FrontierError::Length(bytes.len()))?;
        let size = u64::from_be_bytes(*size);
        if size > MAX_SIZE {
            return Err(FrontierError::TooLarge(size));
        }
        let (subtrees, rest) = hashes.as_chunks::<{ Hash::LEN }>();
        if !rest.is_empty() || subtrees.len() != size.count_ones() as usize {
            return Err(FrontierError::Length(bytes.len()));
        }
        Ok(Self { size, subtrees: subtrees.iter().copied().map(Hash::new).collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle::leaf_hash;

    /// RFC 6962 section 2.1, word for word.
    fn from_scratch(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => EMPTY_ROOT,
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&from_scratch(left), &from_scratch(right))
            }
        }
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn append(frontier: &mut Frontier, leaves: &[Hash]) {
        for leaf in leaves {
            frontier.push(*leaf);
        }
    }

    #[test]
    fn has_the_root_of_the_tree_from_scratch() {
        let leaves = leaves(300);
        let mut frontier = Frontier::new();
        for size in 0..leaves.len() {
            assert_eq!(frontier.root(), from_scratch(&leaves[..size]), "size {size}");
            assert_eq!(frontier.push(leaves[size]), size as u64);
        }
    }

    #[test]
    fn refuses_bytes_that_are_none() {
        let mut frontier = Frontier::new();
        append(&mut frontier, &leaves(5));
        let bytes = frontier.to_bytes();
        for length in 0..bytes.len() {
            assert_eq!(Frontier::from_bytes(&bytes[..length]), Err(FrontierError::Length(length)));
        }
        let mut seven = bytes.clone();
        seven[7] = 7;
        assert_eq!(Frontier::from_bytes(&seven), Err(FrontierError::Length(72)));
        let huge = [&[0x80; 8], &bytes[8..]].concat();
        assert_eq!(Frontier::from_bytes(&huge), Err(FrontierError::TooLarge(0x8080_8080_8080_8080)));
    }

    #[test]
    fn grows_to_the_largest_size_and_past_it_without_harm() {
        let bytes = [&MAX_SIZE.to_be_bytes()[..], &[7; 63 * Hash::LEN]].concat();
        let mut frontier = Frontier::from_bytes(&bytes).unwrap();
        assert_eq!(frontier.push(leaf_hash(b"")), MAX_SIZE);
        assert_eq!(frontier.push(leaf_hash(b"")), MAX_SIZE + 1);
    }

    proptest! {
        #[test]
        fn survives_being_stored(before in 0_usize..600, after in 0_usize..600) {
            let leaves = leaves(before + after);
            let mut whole = Frontier::new();
            append(&mut whole, &leaves);
            let mut parted = Frontier::new();
            append(&mut parted, &leaves[..before]);
            let mut parted = Frontier::from_bytes(&parted.to_bytes()).unwrap();
            append(&mut parted, &leaves[before..]);
            prop_assert_eq!(whole, parted);
        }
    }
}
