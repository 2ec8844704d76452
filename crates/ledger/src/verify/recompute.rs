//! From the entries up: what is wrong where the topmost tiles do not lead to the root.

use super::{Fault, Reader, Report, walk::entries};
use crate::{
    merkle::{Hash, leaf_hash},
    tiles::{Bundle, Edge, Tile, TileError, WIDTH},
};

/// Hashes all entries anew. If they lead to the root, the first tile that differs is the bad one; if they don't, entries and
/// tiles are told apart by nothing any more.
pub(super) fn recompute(reader: &mut Reader<'_>, report: &Report) -> Fault {
    try_recompute(reader, report).unwrap_or_else(|fault| fault)
}

fn try_recompute(reader: &mut Reader<'_>, report: &Report) -> Result<Fault, Fault> {
    let size = report.head.size;
    let mut edge = reader.with_tiles(|tiles| Edge::load(report.first, tiles))?;
    let mut differs = None;
    for bundle in (report.first / u64::from(WIDTH)..).map_while(|index| Bundle::within(index, size)) {
        let bytes = reader.bundle(bundle)?;
        let mut made = Vec::new();
        for data in entries(bundle, &bytes)? {
            edge.push(leaf_hash(data), &mut |tile, bytes| made.push((tile, bytes)));
        }
        note_difference(reader, made, &mut differs)?;
    }
    note_difference(reader, edge.partial().collect(), &mut differs)?;
    Ok(match differs {
        Some((tile, _)) if edge.head() == report.head => TileError::Wrong(tile).into(),
        Some((tile, at)) => {
            Fault::Differ { index: tile.start() + at * (tile.end() - tile.start()) / 256, tile }
        }
        None => Fault::Rewritten(size),
    })
}

/// The first tile that is not what was made of the entries, and the first of its hashes.
fn note_difference(
    reader: &mut Reader<'_>,
    made: Vec<(Tile, Vec<u8>)>,
    differs: &mut Option<(Tile, u64)>,
) -> Result<(), Fault> {
    for (tile, made) in made {
        if differs.is_some() {
            break;
        }
        let found = reader.with_tiles(|tiles| tile.read(tiles))?;
        let at = found.iter().zip(made.as_chunks::<{ Hash::LEN }>().0).position(|(a, b)| a.as_bytes() != b);
        *differs = at.map(|at| (tile, at as u64));
    }
    Ok(())
}
