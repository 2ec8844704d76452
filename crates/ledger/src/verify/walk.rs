//! From the root down to the tiles, and along them through the entries.

use std::rc::Rc;

use super::{Fault, Reader, Report, recompute::recompute};
use crate::{
    entry,
    epoch::Link,
    merkle::{Hash, leaf_hash, subtree_root},
    tiles::{Bundle, BundleError, Edge, Tile, TileError, WIDTH, decode_bundle},
};

pub(super) fn walk(reader: &mut Reader<'_>, report: &mut Report) -> Result<(), Fault> {
    let size = report.head.size;
    let edge = reader.with_tiles(|tiles| Edge::load(size, tiles))?;
    if edge.head() != report.head {
        return Err(recompute(reader, report));
    }
    let mut believed = Believed { edge, last: Default::default() };
    for bundle in (report.first / u64::from(WIDTH)..).map_while(|index| Bundle::within(index, size)) {
        let leaves = believed.tile(reader, 0, bundle.index())?;
        let bytes = reader.bundle(bundle)?;
        for ((data, leaf), index) in
            entries(bundle, &bytes)?.into_iter().zip(leaves.iter()).zip(bundle.start()..)
        {
            let found = leaf_hash(data);
            if found != *leaf {
                let of = leaves.iter().position(|leaf| *leaf == found);
                return Err(match of {
                    Some(of) => Fault::EntryMoved { index, of: bundle.start() + of as u64 },
                    None => Fault::EntryWrong(index),
                });
            }
            match reader.body(index)? {
                Some((salt, sealed)) if entry::data(&salt, &sealed)[..] != *data => {
                    return Err(Fault::BodyWrong(index));
                }
                Some((_, body)) => {
                    report.bodies += 1;
                    if Link::is_link(&body) {
                        report.links.push((index, Link::parse(&body).ok_or(Fault::LinkWrong(index))?));
                    }
                }
                None if report.pruned.is_some_and(|pruned| index >= pruned) => {
                    return Err(Fault::BodyMissing(index));
                }
                None => report.pruned_bodies += 1,
            }
        }
    }
    Ok(())
}

/// The entries of a bundle; the fault names the first that is missing.
pub(super) fn entries(bundle: Bundle, bytes: &[u8]) -> Result<Vec<&[u8]>, Fault> {
    decode_bundle(bundle, bytes).map_err(|error| match error {
        BundleError::Short(index) => Fault::EntryMissing(index),
        BundleError::Long => Fault::BundleTooLong(bundle),
    })
}

/// Tiles that lead to the root: the partial ones, and the last full one of each level.
struct Believed {
    edge: Edge,
    last: [Option<(u64, Rc<[Hash]>)>; 8],
}

impl Believed {
    /// The hashes of a tile. It is believed once the tile above it, itself believed, has its root.
    fn tile(&mut self, reader: &mut Reader<'_>, level: u8, index: u64) -> Result<Rc<[Hash]>, Fault> {
        let slot = usize::from(level);
        if let Some((last, hashes)) = &self.last[slot]
            && *last == index
        {
            return Ok(Rc::clone(hashes));
        }
        let hashes: Rc<[Hash]> = match Tile::new(level, index, WIDTH) {
            Some(tile) if tile.end() <= reader.size => {
                let above = self.tile(reader, level + 1, index / u64::from(WIDTH))?;
                let hashes = reader.with_tiles(|tiles| tile.read(tiles))?;
                if above.get((index % u64::from(WIDTH)) as usize) != Some(&subtree_root(&hashes)) {
                    return Err(TileError::Wrong(tile).into());
                }
                hashes.into()
            }
            // What is not full is at the edge, which leads to the root.
            _ => self.edge.level(level).unwrap_or_default().into(),
        };
        self.last[slot] = Some((index, Rc::clone(&hashes)));
        Ok(hashes)
    }
}
