//! The right edge of a tree: what its integrator needs to append leaves and to write tiles.

use super::{TOP, Tile, TileError, Tiles, WIDTH};
use crate::merkle::{Frontier, Hash, MAX_SIZE, TreeHead, subtree_root};

/// The partial tiles of a tree, at most one a level. Appending leaves fills them, and each that is full is handed over.
///
/// It can be loaded from what was written and is at most some kilobytes large, however large the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The hashes of the partial tile of each level, from 0 upwards; fewer than 256 each, and none where the last is full.
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// That of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a tree of `size` entries whose tiles were written. Whether they are the right ones shows only
    /// [`head`](Self::head).
    ///
    /// # Errors
    ///
    /// [`TileError`] where one is missing or malformed, or no tree can have this size.
    pub fn load(size: u64, tiles: &mut Tiles<'_>) -> Result<Self, TileError> {
        if size > MAX_SIZE {
            return Err(TileError::BeyondTree { index: size, size: MAX_SIZE });
        }
        let mut levels = Vec::new();
        for level in (0..=TOP).take_while(|level| size >> (8 * level) > 0) {
            let hashes = size >> (8 * level);
            levels.push(match Tile::within(level, hashes / u64::from(WIDTH), size) {
                Some(tile) => tile.read(tiles)?,
                None => Vec::new(),
            });
        }
        Ok(Self { size, levels })
    }

    /// The number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        self.frontier().head()
    }

    /// The roots of the complete subtrees.
    pub fn frontier(&self) -> Frontier {
        let mut subtrees = Vec::new();
        for hashes in self.levels.iter().rev() {
            let mut rest = &hashes[..];
            for height in (0..8).rev().filter(|height| hashes.len() >> height & 1 == 1) {
                let (subtree, after) = rest.split_at(1 << height);
                subtrees.push(subtree_root(subtree));
                rest = after;
            }
        }
        Frontier::of_subtrees(self.size, subtrees)
    }

    /// Appends a leaf, of which it takes the hash, and says at which index. `full` takes each tile that this fills, with its
    /// bytes, lowest level first.
    pub fn push(&mut self, leaf: Hash, full: &mut dyn FnMut(Tile, Vec<u8>)) -> u64 {
        let index = self.size;
        self.size += 1;
        let mut node = leaf;
        for level in 0..=TOP {
            if self.levels.len() <= usize::from(level) {
                self.levels.push(Vec::with_capacity(usize::from(WIDTH)));
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(node);
            if hashes.len() < usize::from(WIDTH) {
                break;
            }
            if let Some(tile) = Tile::new(level, index >> (8 * level) >> 8, WIDTH) {
                full(tile, to_bytes(hashes));
            }
            node = subtree_root(hashes);
            hashes.clear();
        }
        index
    }

    /// The partial tiles with their bytes, lowest level first: to be written together with a checkpoint of this size.
    pub fn partial(&self) -> impl Iterator<Item = (Tile, Vec<u8>)> {
        (0..=TOP).zip(&self.levels).filter_map(|(level, hashes)| {
            let tile = Tile::within(level, self.size >> (8 * level) >> 8, self.size)?;
            Some((tile, to_bytes(hashes)))
        })
    }

    /// The hashes of the partial tile of a level, if it has one.
    pub(crate) fn level(&self, level: u8) -> Option<&[Hash]> {
        self.levels.get(usize::from(level)).map(Vec::as_slice)
    }
}

fn to_bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{merkle::leaf_hash, tiles::grown};

    fn grow(edge: &mut Edge, to: u64, written: &mut BTreeMap<Tile, Vec<u8>>) {
        while edge.size() < to {
            let leaf = leaf_hash(&edge.size().to_be_bytes());
            edge.push(leaf, &mut |tile, bytes| drop(written.insert(tile, bytes)));
        }
        written.extend(edge.partial());
    }

    /// Mostly small, and sometimes around the size where a third level begins.
    fn sizes() -> impl Strategy<Value = u64> {
        prop_oneof![20 => 0_u64..2_000, 1 => 65_300_u64..65_700]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn writes_what_grows_and_loads_again(a in sizes(), b in 0_u64..600) {
            let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
            let mut edge = Edge::new();
            grow(&mut edge, a, &mut first);
            let loaded = Edge::load(a, &mut |tile| first.get(&tile).cloned()).unwrap();
            prop_assert_eq!(&loaded.head(), &edge.head());
            grow(&mut edge, a + b, &mut second);
            let mut again = loaded;
            grow(&mut again, a + b, &mut BTreeMap::new());
            prop_assert_eq!(again.head(), edge.head());

            let mut frontier = Frontier::new();
            for index in 0..a + b {
                frontier.push(leaf_hash(&index.to_be_bytes()));
            }
            prop_assert_eq!(frontier, edge.frontier());

            let must: Vec<_> = grown(a, a + b).collect();
            for tile in &must {
                prop_assert!(second.contains_key(tile), "{} is not written", tile);
            }
            for tile in second.keys() {
                prop_assert!(must.contains(tile) || first.contains_key(tile), "{} has not grown", tile);
            }
        }
    }

    #[test]
    fn names_the_tile_that_is_missing() {
        let missing = Edge::load(70_000, &mut |tile| (tile.level() != 1).then(|| vec![0; 8192]));
        assert_eq!(missing, Err(TileError::Missing("tile/1/001.p/17".parse().unwrap())));
        assert!(Edge::load(MAX_SIZE + 1, &mut |_| Some(vec![0; 8192])).is_err());
        let largest = Edge::load(MAX_SIZE, &mut |_| Some(vec![0; 8192])).unwrap();
        assert_eq!(largest.frontier().to_bytes().len(), 8 + 63 * Hash::LEN);
    }
}
