//! A tree as files: C2SP's [tlog-tiles](https://c2sp.org/tlog-tiles) layout, which monitors and other tools read.
//!
//! A tile is 256 hashes: at level 0 leaves, at level *l* the roots of 256 tiles of level *l* − 1. What is complete never
//! changes, so that it can be cached for ever; the tiles at the right edge are partial and grow. Beside each tile of level 0
//! lies a bundle with the data of the same entries.

mod bundle;
mod edge;
mod proof;

use std::{fmt, str::FromStr};

pub use bundle::{BundleError, EntryTooLong, MAX_ENTRY, decode_bundle, encode_bundle};
pub use edge::Edge;
pub use proof::{consistency, inclusion, root, tiles_for_consistency, tiles_for_inclusion, tiles_for_root};

use crate::merkle::{Hash, MAX_SIZE};

/// How many hashes a full tile has, and how many entries a full bundle.
pub const WIDTH: u16 = 256;

/// The highest level that a tree of at most [`MAX_SIZE`] entries has.
const TOP: u8 = 7;

/// Hands over a tile's bytes, or nothing where it is missing. It may give more hashes than the tile's width, as a store does
/// that keeps only the widest form of each tile.
pub type Tiles<'a> = dyn FnMut(Tile) -> Option<Vec<u8>> + 'a;

/// The coordinates of a tile of hashes: only such as some tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// The coordinates of a bundle of entries: only such as some log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    index: u64,
    width: u16,
}

/// Why tiles give no proof or no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// A tile that is needed is not there.
    #[error("{0}: missing")]
    Missing(Tile),
    /// A tile's bytes are fewer than its hashes take, or more than any tile's, or no multiple of 32.
    #[error("{tile}: has {bytes} bytes where {} belong", u64::from(tile.width) * Hash::LEN as u64)]
    Length {
        /// Which.
        tile: Tile,
        /// How many it has.
        bytes: usize,
    },
    /// A tile's hashes do not lead to the hash that the tile above has for it.
    #[error("{0}: does not hash to what the tile above it says")]
    Wrong(Tile),
    /// The tiles agree with each other, as far as they were read, but not with the root.
    #[error("the tiles do not lead to the root of the tree of {0} entries")]
    OtherRoot(u64),
    /// The tree has no entry of this index, or does not reach this size.
    #[error("entry {index} is beyond the {size} of the tree")]
    BeyondTree {
        /// The entry's index, or the size of the tree within.
        index: u64,
        /// The tree's size.
        size: u64,
    },
}

/// A text that is no path of a tile or a bundle in its one canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no path of a tile or bundle")]
pub struct NoTile;

impl Tile {
    /// The tile of this level (from 0), index within the level, and width in hashes (1 to 256). Nothing where no tree of at
    /// most [`MAX_SIZE`] entries has such a tile.
    pub fn new(level: u8, index: u64, width: u16) -> Option<Self> {
        let exists = level <= TOP && (1..=WIDTH).contains(&width) && {
            let hashes = u128::from(index) * u128::from(WIDTH) + u128::from(width);
            hashes <= u128::from(MAX_SIZE >> (8 * level))
        };
        exists.then_some(Self { level, index, width })
    }

    /// 0 for leaves, and one more for each time that 256 hashes became one.
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Its place within the level, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes it has, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has all of its hashes and so never changes.
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// The index of the first entry below it.
    pub fn start(&self) -> u64 {
        self.index << (8 * self.level) << 8
    }

    /// One past the index of the last entry that a full tile in its place is over; a partial tile ends before. It may be
    /// served no more when the log's minimum index has reached this.
    pub fn end(&self) -> u64 {
        (self.index + 1)
            .checked_mul(1 << (8 * self.level))
            .and_then(|n| n.checked_mul(256))
            .unwrap_or(u64::MAX)
    }

    /// The tile at this place in a tree of `size` entries, as wide as it is there; nothing where it has none.
    pub fn within(level: u8, index: u64, size: u64) -> Option<Self> {
        if level > TOP {
            return None;
        }
        let hashes = (size >> (8 * level)).checked_sub(index.checked_mul(u64::from(WIDTH))?)?;
        Self::new(level, index, width(hashes))
    }

    /// Its hashes, from bytes that may hold more of them than it is wide.
    pub(crate) fn hashes(self, bytes: &[u8]) -> Result<Vec<Hash>, TileError> {
        let (hashes, rest) = bytes.as_chunks::<{ Hash::LEN }>();
        let width = usize::from(self.width);
        if !rest.is_empty() || !(width..=usize::from(WIDTH)).contains(&hashes.len()) {
            return Err(TileError::Length { tile: self, bytes: bytes.len() });
        }
        Ok(hashes[..width].iter().copied().map(Hash::new).collect())
    }

    pub(crate) fn read(self, tiles: &mut Tiles<'_>) -> Result<Vec<Hash>, TileError> {
        self.hashes(&tiles(self).ok_or(TileError::Missing(self))?)
    }
}

impl Bundle {
    /// The bundle of this index and width in entries (1 to 256). Nothing where no log of at most [`MAX_SIZE`] entries has it.
    pub fn new(index: u64, width: u16) -> Option<Self> {
        Tile::new(0, index, width).map(|tile| Self { index: tile.index, width: tile.width })
    }

    /// The bundle of this index in a log of `size` entries; nothing where it has none.
    pub fn within(index: u64, size: u64) -> Option<Self> {
        Tile::within(0, index, size).map(|tile| Self { index: tile.index, width: tile.width })
    }

    /// Its place, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// How many entries it has, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Whether it has all of its entries and so never changes.
    pub fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// The index of its first entry.
    pub fn start(&self) -> u64 {
        self.index << 8
    }

    /// One past the index of the last entry that a full bundle in its place has, as [`Tile::end`].
    pub fn end(&self) -> u64 {
        (self.index + 1) << 8
    }
}

fn width(hashes: u64) -> u16 {
    u16::try_from(hashes).unwrap_or(WIDTH).min(WIDTH)
}

/// `tile/<L>/<N>[.p/<W>]`.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/{}", self.level, Place(self.index, self.width))
    }
}

/// `tile/entries/<N>[.p/<W>]`.
impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/entries/{}", Place(self.index, self.width))
    }
}

/// `1234067` is `x001/x234/067`; what is partial ends in `.p/` and its width.
struct Place(u64, u16);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().next_multiple_of(3));
        let last = digits.len() - 3;
        for at in (0..last).step_by(3) {
            write!(f, "x{}/", &digits[at..at + 3])?;
        }
        f.write_str(&digits[last..])?;
        if self.1 == WIDTH { Ok(()) } else { write!(f, ".p/{}", self.1) }
    }
}

impl FromStr for Tile {
    type Err = NoTile;

    fn from_str(path: &str) -> Result<Self, NoTile> {
        let (level, place) =
            path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(NoTile)?;
        let (index, width) = parse_place(place)?;
        let tile = Self::new(level.parse().map_err(|_| NoTile)?, index, width).ok_or(NoTile)?;
        // One path for one tile: whatever a number may also be written as is refused here.
        if tile.to_string() == path { Ok(tile) } else { Err(NoTile) }
    }
}

impl FromStr for Bundle {
    type Err = NoTile;

    fn from_str(path: &str) -> Result<Self, NoTile> {
        let (index, width) = parse_place(path.strip_prefix("tile/entries/").ok_or(NoTile)?)?;
        let bundle = Self::new(index, width).ok_or(NoTile)?;
        if bundle.to_string() == path { Ok(bundle) } else { Err(NoTile) }
    }
}

/// Lenient: those who call it compare with the canonical form.
fn parse_place(place: &str) -> Result<(u64, u16), NoTile> {
    let (groups, width) = match place.split_once(".p/") {
        Some((groups, width)) => (groups, width.parse().map_err(|_| NoTile)?),
        None => (place, WIDTH),
    };
    let digits: String = groups.split('/').map(|group| group.strip_prefix('x').unwrap_or(group)).collect();
    Ok((digits.parse().map_err(|_| NoTile)?, width))
}

/// The tiles, full and partial, that a log writes when its tree grows from `from` to `to` entries: lowest level first. It
/// writes none for a level that has not changed.
pub fn grown(from: u64, to: u64) -> impl Iterator<Item = Tile> {
    let to = to.min(MAX_SIZE);
    (0..=TOP).flat_map(move |level| {
        grown_places(from >> (8 * level), to >> (8 * level))
            .filter_map(move |(index, width)| Tile::new(level, index, width))
    })
}

/// The bundles, full and partial, that a log writes when it grows from `from` to `to` entries.
pub fn grown_bundles(from: u64, to: u64) -> impl Iterator<Item = Bundle> {
    grown_places(from, to.min(MAX_SIZE)).filter_map(|(index, width)| Bundle::new(index, width))
}

fn grown_places(from: u64, to: u64) -> impl Iterator<Item = (u64, u16)> {
    let first = if from < to { from / 256 } else { to.div_ceil(256) };
    (first..to.div_ceil(256)).map(move |index| (index, width(to - index * 256)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |level, index, width| Tile::new(level, index, width).unwrap().to_string();
        assert_eq!(path(0, 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(0, 0, 1), "tile/0/000.p/1");
        assert_eq!(path(3, 999, 255), "tile/3/999.p/255");
        assert_eq!(path(1, 1000, 256), "tile/1/x001/000");
        assert_eq!(Bundle::new(1_234_067, 12).unwrap().to_string(), "tile/entries/x001/x234/067.p/12");
    }

    #[test]
    fn refuses_other_forms_of_a_path_and_tiles_of_no_tree() {
        for path in [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/0",
            "tile/0/00",
            "tile/00/000",
            "tile/+0/000",
            "tile/0/+00",
            "tile/0/000/",
            "tile/0/x000/000",
            "tile/0/x000/001",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/257",
            "tile/0/000.p/",
            "tile/0/000.p",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/8/000.p/1",
            "tile/63/000",
            "tile/7/000.p/128",
            "tile/0/x036/x028/x797/x018/x963/967",
            "tile/-1/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/..",
            "tile/0/000\n",
            "tile/entries/000",
        ] {
            assert_eq!(path.parse::<Tile>(), Err(NoTile), "{path:?}");
        }
        for path in
            ["tile/entries/", "tile/entries/0", "tile/0/000", "tile/entries/000.p/0", "tile/entries/x000/000"]
        {
            assert_eq!(path.parse::<Bundle>(), Err(NoTile), "{path:?}");
        }
        assert!("tile/7/000.p/127".parse::<Tile>().is_ok());
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_that_the_specification_counts() {
        let tiles: Vec<_> = grown(0, 70_000).collect();
        let count = |level, full| tiles.iter().filter(|t| t.level == level && t.is_full() == full).count();
        assert_eq!((count(0, true), count(1, true), count(2, true)), (273, 1, 0));
        let partial: Vec<_> = tiles.iter().filter(|t| !t.is_full()).map(ToString::to_string).collect();
        assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
        assert_eq!(grown_bundles(0, 70_000).count(), 274);
        // A tree of 256 has a full tile of level 0 and a partial one of level 1.
        let paths: Vec<_> = grown(255, 256).map(|tile| tile.to_string()).collect();
        assert_eq!(paths, ["tile/0/000", "tile/1/000.p/1"]);
    }

    #[test]
    fn tiles_know_the_entries_below_them() {
        let tile = Tile::new(1, 2, 17).unwrap();
        assert_eq!((tile.start(), tile.end()), (131_072, 196_608));
        assert_eq!(Tile::new(7, 0, 1).unwrap().end(), u64::MAX);
        assert_eq!(Bundle::new(3, 1).unwrap().start()..Bundle::new(3, 1).unwrap().end(), 768..1024);
    }

    fn tile() -> impl Strategy<Value = Tile> {
        (0..=TOP, any::<u64>(), 0_u32..64, 1..=WIDTH)
            .prop_filter_map("no tree has it", |(level, index, shift, width)| {
                Tile::new(level, index >> shift, width)
            })
    }

    proptest! {
        #[test]
        fn every_path_leads_back(tile in tile()) {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
            if let Some(bundle) = Bundle::new(tile.index, tile.width) {
                prop_assert_eq!(bundle.to_string().parse(), Ok(bundle));
            }
        }

        #[test]
        fn growing_in_steps_writes_what_growing_at_once_does(a in 0_u64..200_000, b in 0_u64..2_000, c in 0_u64..2_000) {
            let (b, c) = (a + b, a + b + c);
            let mut stepwise: Vec<_> = grown(a, b).chain(grown(b, c)).collect();
            // What was partial at the step in between may have grown since.
            stepwise.retain(|tile| tile.is_full() || Tile::within(tile.level, tile.index, c) == Some(*tile));
            stepwise.sort();
            stepwise.dedup();
            let mut at_once: Vec<_> = grown(a, c).collect();
            at_once.sort();
            // The first step may have written a partial tile that the second left as it is.
            let missing: Vec<_> = at_once.iter().filter(|tile| !stepwise.contains(tile)).collect();
            prop_assert!(missing.is_empty(), "{:?}", missing);
            prop_assert!(stepwise.iter().all(|tile| at_once.contains(tile)));
        }

        #[test]
        fn no_size_and_no_place_panics(level: u8, index: u64, width: u16, size: u64, path in ".{0,40}") {
            if let Some(tile) = Tile::new(level, index, width) {
                prop_assert!(tile.start() < tile.end());
            }
            if let Some(tile) = Tile::within(level, index, size) {
                prop_assert!(tile.start() < size);
            }
            let _ = (path.parse::<Tile>(), path.parse::<Bundle>(), grown(index, size).next());
        }
    }
}
