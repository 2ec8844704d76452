//! Whether a proof holds: RFC 9162 sections 2.1.3.2 and 2.1.4.2, in the form that counts beforehand how many hashes a proof
//! must have.

use super::{Hash, TreeHead, node_hash};

/// Why a proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree has no entry of this index.
    #[error("entry {index} is beyond the {size} of the tree")]
    BeyondTree {
        /// The entry's index.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// A tree does not grow to fewer entries: an older tree was put in the place of the newer one.
    #[error("the newer tree has {to} entries, fewer than the {from} of the older one")]
    Shrunk {
        /// The older tree's size.
        from: u64,
        /// The newer tree's size.
        to: u64,
    },
    /// Every tree is consistent with the empty one: there is nothing to prove, so that a proof of it is a mistake.
    #[error("a proof of consistency with the empty tree says nothing")]
    EmptyTree,
    /// A proof between these sizes has another number of hashes.
    #[error("the proof has {found} hashes where {expected} belong")]
    Length {
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The entry is not in this tree: it, its index, the proof, or the root was changed.
    #[error("the proof leads to another root: the entry, its index, the proof or the root was changed")]
    NotIncluded,
    /// The proof does not lead from the older root: the history before was changed, or the proof was.
    #[error("the proof leads to another older root: the entries before were changed, or the proof was")]
    OtherPast,
    /// The proof leads from the older root, but not to the newer one.
    #[error("the proof leads to another newer root: the entries since were changed, or the proof was")]
    OtherPresent,
}

/// Whether `proof` shows that the tree of `head` has `leaf` at `index`. The hashes go from the leaf's sibling up to the
/// root's child.
///
/// # Errors
///
/// [`ProofError`] where it does not.
pub fn verify_inclusion(index: u64, leaf: &Hash, head: &TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    if index >= head.size {
        return Err(ProofError::BeyondTree { index, size: head.size });
    }
    let (inner, border) = path_lengths(index, head.size);
    if proof.len() != inner + border {
        return Err(ProofError::Length { expected: inner + border, found: proof.len() });
    }
    let (inner, border) = proof.split_at(inner);
    let root = along_border(climb(*leaf, index, inner), border);
    if root == head.root { Ok(()) } else { Err(ProofError::NotIncluded) }
}

/// Whether `proof` shows that the tree of `to` begins with all of the tree of `from`.
///
/// # Errors
///
/// [`ProofError`] where it does not; also where `from` is empty, of which no proof can say anything.
pub fn verify_consistency(from: &TreeHead, to: &TreeHead, proof: &[Hash]) -> Result<(), ProofError> {
    if from.size > to.size {
        return Err(ProofError::Shrunk { from: from.size, to: to.size });
    }
    if from.size == 0 {
        return Err(ProofError::EmptyTree);
    }
    let expect = |expected| match proof.len() {
        found if found == expected => Ok(()),
        found => Err(ProofError::Length { expected, found }),
    };
    if from.size == to.size {
        expect(0)?;
        return if from.root == to.root { Ok(()) } else { Err(ProofError::OtherPast) };
    }
    // The largest complete subtree at the older tree's end, and its way up in the newer one. Where it is the whole older
    // tree its hash is known; otherwise the proof begins with it.
    let height = from.size.trailing_zeros();
    let (inner, border) = path_lengths(from.size - 1, to.size);
    let inner = inner - height as usize;
    let whole = from.size.is_power_of_two();
    expect(usize::from(!whole) + inner + border)?;
    let (seed, path) = match proof.split_first() {
        Some((first, rest)) if !whole => (*first, rest),
        _ => (from.root, proof),
    };
    let (inner, border) = path.split_at(inner);
    let index = (from.size - 1) >> height;
    if along_border(climb_left(seed, index, inner), border) != from.root {
        return Err(ProofError::OtherPast);
    }
    if along_border(climb(seed, index, inner), border) != to.root {
        return Err(ProofError::OtherPresent);
    }
    Ok(())
}

/// How many hashes the way from leaf `index` up in a tree of `size` takes below the point where it meets the tree's right
/// edge, and how many from there: on the edge only left siblings count.
fn path_lengths(index: u64, size: u64) -> (usize, usize) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = index.checked_shr(inner).unwrap_or(0).count_ones();
    (inner as usize, border as usize)
}

/// Upwards by siblings of both sides.
fn climb(seed: Hash, index: u64, path: &[Hash]) -> Hash {
    path.iter().enumerate().fold(seed, |node, (height, sibling)| {
        if is_right(index, height) { node_hash(sibling, &node) } else { node_hash(&node, sibling) }
    })
}

/// Upwards by the left siblings alone: in the older tree the right ones are not there yet.
fn climb_left(seed: Hash, index: u64, path: &[Hash]) -> Hash {
    path.iter().enumerate().fold(
        seed,
        |node, (height, sibling)| {
            if is_right(index, height) { node_hash(sibling, &node) } else { node }
        },
    )
}

fn along_border(seed: Hash, path: &[Hash]) -> Hash {
    path.iter().fold(seed, |node, sibling| node_hash(sibling, &node))
}

fn is_right(index: u64, height: usize) -> bool {
    (index >> height) & 1 == 1
}
