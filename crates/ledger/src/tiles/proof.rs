//! Proofs made from tiles.
//!
//! Each function has a sibling that says which tiles it will ask for, so that they can be fetched together beforehand.

use std::collections::{BTreeMap, BTreeSet};

use super::{Tile, TileError, Tiles, WIDTH};
use crate::merkle::{
    EMPTY_ROOT, Hash, TreeHead, node_hash, subtree_root, verify_consistency, verify_inclusion,
};

/// A run of entries, half open. It begins at a multiple of a power of two that is no smaller than it is long, as all runs do
/// whose hash is part of a proof.
#[derive(Clone, Copy)]
struct Run {
    start: u64,
    end: u64,
}

/// A complete subtree: 2^height entries from index × 2^height.
#[derive(Clone, Copy)]
struct Node {
    height: u8,
    index: u64,
}

/// The proof that the tree of `head` has the entry `index`: hashes from the leaf's sibling up to the root's child. It is
/// verified before it is given away.
///
/// # Errors
///
/// [`TileError`] where a tile is missing, malformed or wrong.
pub fn inclusion(index: u64, head: &TreeHead, tiles: &mut Tiles<'_>) -> Result<Vec<Hash>, TileError> {
    if index >= head.size {
        return Err(TileError::BeyondTree { index, size: head.size });
    }
    let mut reader = Reader::new(head.size, tiles);
    let proof = reader.hashes(&inclusion_runs(index, head.size))?;
    let leaf = reader.node(Node { height: 0, index })?;
    match verify_inclusion(index, &leaf, head, &proof) {
        Ok(()) => Ok(proof),
        Err(_) => Err(reader.blame()),
    }
}

/// The tiles that [`inclusion`] asks for.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Vec<Tile> {
    if index >= size {
        return Vec::new();
    }
    let leaf = Run { start: index, end: index + 1 };
    tiles_of(inclusion_runs(index, size).into_iter().chain([leaf]), size)
}

/// The proof that the tree of `to` begins with the tree of `from`, verified before it is given away. It is empty where both
/// have one size, or where `from` is empty.
///
/// # Errors
///
/// [`TileError`] where a tile is missing, malformed or wrong, or a head is not that of these tiles.
pub fn consistency(from: &TreeHead, to: &TreeHead, tiles: &mut Tiles<'_>) -> Result<Vec<Hash>, TileError> {
    if from.size > to.size {
        return Err(TileError::BeyondTree { index: from.size, size: to.size });
    }
    if from.size == 0 {
        return if from.root == EMPTY_ROOT { Ok(Vec::new()) } else { Err(TileError::OtherRoot(0)) };
    }
    let mut reader = Reader::new(to.size, tiles);
    let proof = reader.hashes(&consistency_runs(from.size, to.size))?;
    match verify_consistency(from, to, &proof) {
        Ok(()) => Ok(proof),
        Err(_) => Err(reader.blame()),
    }
}

/// The tiles that [`consistency`] asks for between trees of these sizes.
pub fn tiles_for_consistency(from: u64, to: u64) -> Vec<Tile> {
    if from == 0 || from > to {
        return Vec::new();
    }
    tiles_of(consistency_runs(from, to).into_iter(), to)
}

/// The root of the tree of the first `size` entries.
///
/// # Errors
///
/// [`TileError`] where a tile is missing or malformed. Whether they are the right ones the root alone shows.
pub fn root(size: u64, tiles: &mut Tiles<'_>) -> Result<Hash, TileError> {
    if size == 0 {
        return Ok(EMPTY_ROOT);
    }
    Reader::new(size, tiles).run(Run { start: 0, end: size })
}

/// The tiles that [`root`] asks for.
pub fn tiles_for_root(size: u64) -> Vec<Tile> {
    tiles_of([Run { start: 0, end: size }].into_iter(), size)
}

/// RFC 6962 section 2.1.1: what stands beside the way from the root down to the leaf, turned round.
fn inclusion_runs(index: u64, size: u64) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut tree = Run { start: 0, end: size };
    while tree.end - tree.start > 1 {
        let middle = tree.middle();
        if index < middle {
            runs.push(Run { start: middle, end: tree.end });
            tree.end = middle;
        } else {
            runs.push(Run { start: tree.start, end: middle });
            tree.start = middle;
        }
    }
    runs.reverse();
    runs
}

/// RFC 6962 section 2.1.2: what stands beside the way from the root down to the end of the older tree, and the last complete
/// subtree of that unless it is all of it.
fn consistency_runs(from: u64, to: u64) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut tree = Run { start: 0, end: to };
    while tree.end != from {
        let middle = tree.middle();
        if from <= middle {
            runs.push(Run { start: middle, end: tree.end });
            tree.end = middle;
        } else {
            runs.push(Run { start: tree.start, end: middle });
            tree.start = middle;
        }
    }
    if tree.start > 0 {
        runs.push(tree);
    }
    runs.reverse();
    runs
}

impl Run {
    /// Where the tree over it parts: after the largest power of two that is smaller than it is long.
    fn middle(self) -> u64 {
        self.start + (1 << (self.end - self.start - 1).ilog2())
    }

    /// The complete subtrees it consists of, from the largest to the smallest.
    fn nodes(mut self) -> impl Iterator<Item = Node> {
        std::iter::from_fn(move || {
            let height = (self.end - self.start).checked_ilog2()?;
            let index = self.start >> height;
            self.start += 1 << height;
            // A height is below 64.
            Some(Node { height: height as u8, index })
        })
    }
}

impl Node {
    /// The tile that has it, and which of that tile's hashes it is over.
    fn place(self, size: u64) -> Option<(Tile, std::ops::Range<usize>)> {
        let (level, height) = (self.height / 8, self.height % 8);
        let first = self.index << height;
        let offset = (first % u64::from(WIDTH)) as usize;
        let tile = Tile::within(level, first / u64::from(WIDTH), size)?;
        Some((tile, offset..offset + (1 << height)))
    }
}

fn tiles_of(runs: impl Iterator<Item = Run>, size: u64) -> Vec<Tile> {
    let places = runs.flat_map(Run::nodes).filter_map(|node| node.place(size));
    places.map(|(tile, _)| tile).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reads each tile of a tree once.
struct Reader<'a, 'b> {
    size: u64,
    tiles: &'a mut Tiles<'b>,
    read: BTreeMap<Tile, Vec<Hash>>,
}

impl<'a, 'b> Reader<'a, 'b> {
    fn new(size: u64, tiles: &'a mut Tiles<'b>) -> Self {
        Self { size, tiles, read: BTreeMap::new() }
    }

    fn hashes(&mut self, runs: &[Run]) -> Result<Vec<Hash>, TileError> {
        runs.iter().map(|run| self.run(*run)).collect()
    }

    fn run(&mut self, run: Run) -> Result<Hash, TileError> {
        let nodes = run.nodes().map(|node| self.node(node)).collect::<Result<Vec<_>, _>>()?;
        Ok(nodes.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT))
    }

    fn node(&mut self, node: Node) -> Result<Hash, TileError> {
        let beyond = TileError::BeyondTree { index: node.index, size: self.size };
        let (tile, range) = node.place(self.size).ok_or(beyond.clone())?;
        if !self.read.contains_key(&tile) {
            let hashes = tile.read(self.tiles)?;
            self.read.insert(tile, hashes);
        }
        let hashes = self.read.get(&tile).and_then(|hashes| hashes.get(range)).ok_or(beyond)?;
        Ok(subtree_root(hashes))
    }

    /// Which of the tiles that were read is not what the one above it says; otherwise nobody knows which.
    fn blame(&mut self) -> TileError {
        let full: Vec<Tile> = self.read.keys().copied().filter(Tile::is_full).collect();
        for tile in full {
            let above = Node { height: 8 * (tile.level() + 1), index: tile.index() };
            let root = self.read.get(&tile).map(|hashes| subtree_root(hashes));
            if self.node(above).is_ok_and(|said| Some(said) != root) {
                return TileError::Wrong(tile);
            }
        }
        TileError::OtherRoot(self.size)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        merkle::{Frontier, MAX_SIZE, ProofError, leaf_hash},
        tiles::Edge,
    };

    type Written = BTreeMap<(u8, u64), Vec<u8>>;

    /// The heads of all sizes up to one, and the tiles in their widest form, as a store keeps them.
    fn tree(size: u64) -> (Vec<TreeHead>, Written) {
        let (mut edge, mut frontier) = (Edge::new(), Frontier::new());
        let mut written = Written::new();
        let mut heads = vec![frontier.head()];
        for index in 0..size {
            edge.push(leaf(index), &mut |tile, bytes| {
                written.insert((tile.level(), tile.index()), bytes);
            });
            frontier.push(leaf(index));
            heads.push(frontier.head());
        }
        written.extend(edge.partial().map(|(tile, bytes)| ((tile.level(), tile.index()), bytes)));
        (heads, written)
    }

    fn leaf(index: u64) -> Hash {
        leaf_hash(&index.to_be_bytes())
    }

    fn asking<'a>(
        written: &'a Written,
        asked: &'a mut BTreeSet<Tile>,
    ) -> impl FnMut(Tile) -> Option<Vec<u8>> {
        move |tile| {
            asked.insert(tile);
            written.get(&(tile.level(), tile.index())).cloned()
        }
    }

    #[test]
    fn every_proof_in_small_trees_verifies_and_asks_for_what_was_said() {
        let (heads, written) = tree(600);
        for size in (1..20).chain([255, 256, 257, 511, 512, 513, 600]) {
            let head = &heads[size];
            for index in 0..head.size {
                let mut asked = BTreeSet::new();
                let proof = inclusion(index, head, &mut asking(&written, &mut asked)).unwrap();
                verify_inclusion(index, &leaf(index), head, &proof).unwrap();
                assert_eq!(Vec::from_iter(asked), tiles_for_inclusion(index, head.size));
            }
            for from in &heads[1..=size] {
                let mut asked = BTreeSet::new();
                let proof = consistency(from, head, &mut asking(&written, &mut asked)).unwrap();
                verify_consistency(from, head, &proof).unwrap();
                assert_eq!(Vec::from_iter(asked), tiles_for_consistency(from.size, head.size));
            }
            let mut asked = BTreeSet::new();
            assert_eq!(root(head.size, &mut asking(&written, &mut asked)), Ok(head.root));
            assert_eq!(Vec::from_iter(asked), tiles_for_root(head.size));
        }
    }

    #[test]
    fn nothing_is_proven_beyond_the_tree() {
        let (heads, written) = tree(10);
        let mut tiles = |tile: Tile| written.get(&(tile.level(), tile.index())).cloned();
        let beyond = |index| Err(TileError::BeyondTree { index, size: 10 });
        assert_eq!(inclusion(10, &heads[10], &mut tiles), beyond(10));
        assert_eq!(consistency(&TreeHead { size: 11, ..heads[10] }, &heads[10], &mut tiles), beyond(11));
        assert_eq!(consistency(&heads[0], &heads[10], &mut tiles), Ok(vec![]));
        assert_eq!(
            consistency(&TreeHead { size: 0, ..heads[1] }, &heads[1], &mut tiles),
            Err(TileError::OtherRoot(0))
        );
        assert_eq!(tiles_for_inclusion(10, 10), []);
        // The largest tree there can be: 2⁶³ − 1 is an edge of every height.
        assert_eq!(tiles_for_root(MAX_SIZE).len(), 8);
        assert!(tiles_for_inclusion(MAX_SIZE - 1, MAX_SIZE).len() >= 8);
        assert_eq!(
            root(u64::MAX, &mut |_| Some(vec![0; 8192])).unwrap_err().to_string(),
            "entry 0 is beyond the 18446744073709551615 of the tree"
        );
    }

    #[test]
    fn a_tile_that_is_missing_short_or_wrong_is_named() {
        let (heads, written) = tree(70_000);
        let head = &heads[70_000];
        let ask = |change: &dyn Fn(Tile, &mut Vec<u8>)| {
            inclusion(300, head, &mut |tile| {
                let mut bytes = written.get(&(tile.level(), tile.index())).cloned()?;
                change(tile, &mut bytes);
                (!bytes.is_empty()).then_some(bytes)
            })
        };
        let first: Tile = "tile/0/001".parse().unwrap();
        let above: Tile = "tile/1/000".parse().unwrap();
        let edge: Tile = "tile/1/001.p/17".parse().unwrap();
        assert!(ask(&|_, _| ()).is_ok());
        let cleared = ask(&|tile, bytes| {
            if tile == edge {
                bytes.clear();
            }
        });
        assert_eq!(cleared, Err(TileError::Missing(edge)));
        let cut = ask(&|tile, bytes| {
            if tile == first {
                bytes.truncate(100);
            }
        });
        assert_eq!(cut, Err(TileError::Length { tile: first, bytes: 100 }));
        assert_eq!(cut.unwrap_err().to_string(), "tile/0/001: has 100 bytes where 8192 belong");
        assert_eq!(
            ask(&|tile, bytes| if tile == first {
                bytes[200] ^= 1;
            }),
            Err(TileError::Wrong(first))
        );
        let above = ask(&|tile, bytes| {
            if tile == above {
                bytes[200] ^= 1;
            }
        });
        assert_eq!(above, Err(TileError::Wrong("tile/1/000".parse().unwrap())));
        assert_eq!(
            ask(&|tile, bytes| if tile == edge {
                bytes[0] ^= 1;
            }),
            Err(TileError::OtherRoot(70_000))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn proofs_of_random_sizes_verify_and_no_bit_can_be_flipped(
            size in 1_u64..1_500, index: u64, from: u64, bit: usize,
        ) {
            let (heads, written) = tree(size);
            let mut tiles = |tile: Tile| written.get(&(tile.level(), tile.index())).cloned();
            let head = heads[usize::try_from(size).unwrap()];
            let flip = |hash: &Hash| {
                let mut bytes = *hash.as_bytes();
                bytes[bit / 8 % 32] ^= 1 << (bit % 8);
                Hash::new(bytes)
            };

            let index = index % size;
            let proof = inclusion(index, &head, &mut tiles).unwrap();
            prop_assert_eq!(verify_inclusion(index, &leaf(index), &head, &proof), Ok(()));
            let other = TreeHead { root: flip(&head.root), ..head };
            prop_assert_eq!(verify_inclusion(index, &leaf(index), &other, &proof), Err(ProofError::NotIncluded));
            prop_assert_eq!(verify_inclusion(index, &flip(&leaf(index)), &head, &proof), Err(ProofError::NotIncluded));
            for at in 0..proof.len() {
                let mut proof = proof.clone();
                proof[at] = flip(&proof[at]);
                prop_assert_eq!(verify_inclusion(index, &leaf(index), &head, &proof), Err(ProofError::NotIncluded));
            }

            let from = heads[usize::try_from(1 + from % size).unwrap()];
            let proof = consistency(&from, &head, &mut tiles).unwrap();
            prop_assert_eq!(verify_consistency(&from, &head, &proof), Ok(()));
            let other_from = TreeHead { root: flip(&from.root), ..from };
            prop_assert!(verify_consistency(&other_from, &head, &proof).is_err());
            prop_assert!(verify_consistency(&from, &other, &proof).is_err());
            for at in 0..proof.len() {
                let mut proof = proof.clone();
                proof[at] = flip(&proof[at]);
                prop_assert!(verify_consistency(&from, &head, &proof).is_err());
            }
        }

        #[test]
        fn no_size_panics(index: u64, size: u64, from: u64) {
            let _ = (tiles_for_inclusion(index, size), tiles_for_consistency(from, size), tiles_for_root(size));
            let head = TreeHead { size, root: EMPTY_ROOT };
            let _ = inclusion(index, &head, &mut |_| Some(vec![0; 8192]));
            let _ = consistency(&TreeHead { size: from, root: EMPTY_ROOT }, &head, &mut |_| Some(vec![0; 8192]));
            let _ = verify_inclusion(index, &EMPTY_ROOT, &head, &[EMPTY_ROOT; 20]);
            let _ = verify_consistency(&TreeHead { size: from, root: EMPTY_ROOT }, &head, &[EMPTY_ROOT; 20]);
        }
    }
}
