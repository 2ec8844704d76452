use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    entry,
    merkle::{Hash, leaf_hash},
    tiles::{Edge, decode_bundle, encode_bundle},
};

/// A log in memory, of which each part can be changed.
#[derive(Clone, Default)]
struct Memory {
    tiles: BTreeMap<(u8, u64), Vec<u8>>,
    data: Vec<Vec<u8>>,
    bodies: BTreeMap<u64, (Salt, Vec<u8>)>,
    heads: Vec<TreeHead>,
    broken: bool,
    pruned: Option<u64>,
}

impl Source for Memory {
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
        if self.broken && tile.level() == 0 && tile.is_full() {
            return Err(Unreadable("connection lost".into()));
        }
        Ok(self.tiles.get(&(tile.level(), tile.index())).cloned())
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
        let start = usize::try_from(bundle.start()).unwrap();
        let entries = self.data.iter().skip(start).take(usize::from(bundle.width()));
        let bytes = encode_bundle(entries).unwrap();
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
        Ok(self.bodies.get(&index).cloned())
    }

    fn pruned(&self) -> Option<u64> {
        self.pruned
    }
}

impl Memory {
    fn of(size: u64) -> Self {
        Self::with(size, |index| index.to_be_bytes().to_vec())
    }

    fn with(size: u64, body: impl Fn(u64) -> Vec<u8>) -> Self {
        let mut log = Self::default();
        let mut edge = Edge::new();
        let mut frontier = crate::merkle::Frontier::new();
        log.heads.push(edge.head());
        for index in 0..size {
            let (salt, sealed) = ([index as u8; 32], body(index));
            let data = entry::data(&salt, &sealed);
            edge.push(leaf_hash(&data), &mut |tile, bytes| {
                log.tiles.insert((tile.level(), tile.index()), bytes);
            });
            frontier.push(leaf_hash(&data));
            log.heads.push(frontier.head());
            log.data.push(data.to_vec());
            log.bodies.insert(index, (salt, sealed));
        }
        log.tiles.extend(edge.partial().map(|(tile, bytes)| ((tile.level(), tile.index()), bytes)));
        log
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        Checkpoint::new("log.example.org/audit", self.heads[size]).unwrap()
    }

    fn seen(&self, size: usize) -> Seen {
        Seen { by: "the witness".into(), checkpoint: self.checkpoint(size) }
    }

    fn verify(&mut self) -> Result<Report, Fault> {
        self.verify_with(0, [])
    }

    fn verify_with(&mut self, minimum: u64, seen: impl IntoIterator<Item = Seen>) -> Result<Report, Fault> {
        let checkpoint = self.checkpoint(self.heads.len() - 1);
        log(self, &checkpoint, minimum, seen)
    }
}

fn tile(path: &str) -> Tile {
    path.parse().unwrap()
}

#[test]
fn a_good_log_verifies_at_every_size() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 700] {
        let mut log = Memory::of(size);
        let seen: Vec<_> = (0..log.heads.len()).step_by(7).map(|size| log.seen(size)).collect();
        let count = seen.len() as u64;
        let report = log.verify_with(0, seen).unwrap();
        let head = log.heads[log.heads.len() - 1];
        let expected = Report {
            head,
            first: 0,
            bodies: size,
            pruned_bodies: 0,
            pruned: None,
            links: Vec::new(),
            seen: count,
            seen_unchecked: 0,
        };
        assert_eq!(report, expected);
    }
}

#[test]
fn an_older_checkpoint_of_a_log_that_has_grown_verifies_too() {
    let mut log = Memory::of(700);
    for size in [1, 255, 256, 300, 699] {
        let checkpoint = log.checkpoint(size);
        assert_eq!(super::log(&mut log, &checkpoint, 0, []).unwrap().bodies, size as u64);
    }
}

#[test]
fn bodies_may_be_gone_and_entries_below_the_minimum_too() {
    let mut log = Memory::of(1_000);
    log.bodies.retain(|index, _| index % 2 == 0);
    let report = log.verify().unwrap();
    assert_eq!((report.bodies, report.pruned_bodies), (500, 500));
    // Whoever says what was pruned is held to it.
    log.pruned = Some(1_000);
    assert_eq!(log.verify().unwrap().pruned, Some(1_000));
    log.pruned = Some(256);
    assert_eq!(log.verify(), Err(Fault::BodyMissing(257)));
    log.pruned = None;
    // Minimum index 600: two tiles and bundles are below it.
    log.data[..512].fill(vec![]);
    log.tiles.remove(&(0, 0));
    log.tiles.remove(&(0, 1));
    let seen: Vec<_> = [0, 100, 599, 600, 768, 1_000].into_iter().map(|size| log.seen(size)).collect();
    let report = log.verify_with(600, seen).unwrap();
    assert_eq!((report.first, report.bodies), (512, 244));
    // Of 599 entries too: the tile in which they end is still there.
    assert_eq!((report.seen, report.seen_unchecked), (5, 1));
    assert_eq!(log.verify(), Err(TileError::Missing(tile("tile/0/000")).into()));
    assert_eq!(log.verify_with(u64::MAX, []).unwrap().first, 768);
}

#[test]
fn a_changed_entry_is_named() {
    let good = Memory::of(700);
    for index in [0, 17, 255, 256, 600, 699] {
        let mut log = good.clone();
        log.data[index][0] ^= 1;
        assert_eq!(log.verify(), Err(Fault::EntryWrong(index as u64)));
        let mut log = good.clone();
        log.bodies.get_mut(&(index as u64)).unwrap().1[0] ^= 1;
        assert_eq!(log.verify(), Err(Fault::BodyWrong(index as u64)));
        let mut log = good.clone();
        log.bodies.get_mut(&(index as u64)).unwrap().0[31] ^= 1;
        assert_eq!(
            log.verify().unwrap_err().to_string(),
            format!("entry {index}: its body or salt is not the one that was logged")
        );
    }
}

#[test]
fn the_first_of_several_is_named() {
    let mut log = Memory::of(700);
    log.data[600][0] ^= 1;
    log.data[30][0] ^= 1;
    log.tiles.get_mut(&(0, 1)).unwrap()[0] ^= 1;
    assert_eq!(log.verify(), Err(Fault::EntryWrong(30)));
    log.data[30][0] ^= 1;
    assert_eq!(log.verify(), Err(TileError::Wrong(tile("tile/0/001")).into()));
}

#[test]
fn swapped_entries_are_named() {
    let mut log = Memory::of(700);
    log.data.swap(100, 200);
    assert_eq!(log.verify(), Err(Fault::EntryMoved { index: 100, of: 200 }));
    log.data.swap(100, 200);
    log.data.swap(100, 600);
    assert_eq!(log.verify(), Err(Fault::EntryWrong(100)));
}

#[test]
fn a_changed_tile_is_named_wherever_it_is() {
    let good = Memory::of(66_000);
    for (place, name) in [
        ((0, 3), "tile/0/003"),
        ((0, 257), "tile/0/257.p/208"),
        ((1, 0), "tile/1/000"),
        ((1, 1), "tile/1/001.p/1"),
        ((2, 0), "tile/2/000.p/1"),
    ] {
        let mut log = good.clone();
        *log.tiles.get_mut(&place).unwrap().last_mut().unwrap() ^= 0x80;
        assert_eq!(log.verify(), Err(TileError::Wrong(tile(name)).into()));
        log.tiles.remove(&place);
        assert_eq!(log.verify(), Err(TileError::Missing(tile(name)).into()));
        log.tiles.insert(place, vec![0; 33]);
        assert_eq!(log.verify(), Err(TileError::Length { tile: tile(name), bytes: 33 }.into()));
    }
}

#[test]
fn a_removed_tail_is_named() {
    let good = Memory::of(700);
    for left in [699, 640, 300] {
        let mut log = good.clone();
        log.data.truncate(left);
        assert_eq!(log.verify(), Err(Fault::EntryMissing(left as u64)));
    }
    let mut log = good.clone();
    log.data.truncate(512);
    assert_eq!(log.verify(), Err(Fault::BundleMissing("tile/entries/002.p/188".parse().unwrap())));
}

#[test]
fn an_older_log_put_back_is_shown_by_the_witness() {
    let (old, new) = (Memory::of(600), Memory::of(700));
    let fault = old.clone().verify_with(0, [new.seen(700)]).unwrap_err();
    assert_eq!(fault, Fault::TailRemoved { by: "the witness".into(), remembered: 700, size: 600 });
    assert_eq!(
        fault.to_string(),
        "the witness remembers 700 entries, there are 600: the tail was removed, or an older log put back"
    );
}

#[test]
fn a_rewritten_history_is_shown_by_the_witness() {
    let honest = Memory::of(700);
    let mut rewritten = Memory::with(900, |index| vec![if index == 650 { 1 } else { 0 }; 8]);
    let rewritten_seen = rewritten.seen(800);
    let fault = rewritten.verify_with(0, [rewritten_seen, honest.seen(700)]);
    assert_eq!(fault, Err(Fault::HistoryRewritten { by: "the witness".into(), size: 700 }));
    // Both have the same size: still another history.
    let mut other =
        Memory::with(700, |index| if index == 699 { vec![1] } else { index.to_be_bytes().to_vec() });
    assert!(other.verify_with(0, [honest.seen(699)]).is_ok());
    let fault = other.verify_with(0, [honest.seen(699), honest.seen(700)]);
    assert_eq!(fault, Err(Fault::HistoryRewritten { by: "the witness".into(), size: 700 }));
}

#[test]
fn a_checkpoint_of_another_log_or_another_tree_is_refused() {
    let mut log = Memory::of(300);
    let other = Checkpoint::new("other.example.org", log.heads[300]).unwrap();
    let seen = Seen { by: "the witness".into(), checkpoint: other };
    let fault = Fault::OtherLog { by: "the witness".into(), found: "other.example.org".into() };
    assert_eq!(log.verify_with(0, [seen]), Err(fault));
    log.heads[300].root = leaf_hash(b"");
    assert_eq!(log.verify(), Err(Fault::Rewritten(300)));
}

#[test]
fn where_nothing_leads_to_the_root_the_first_difference_is_named() {
    let mut log = Memory::of(700);
    log.tiles.get_mut(&(0, 2)).unwrap()[40] ^= 1;
    log.data[530][0] ^= 1;
    let fault = Fault::Differ { index: 513, tile: tile("tile/0/002.p/188") };
    assert_eq!(log.verify(), Err(fault));
    // A changed entry and a changed edge: the entry comes first.
    log.data[100][0] ^= 1;
    assert_eq!(log.verify(), Err(Fault::Differ { index: 100, tile: tile("tile/0/000") }));
}

#[test]
fn what_can_not_be_read_is_no_verdict() {
    let mut log = Memory::of(700);
    log.broken = true;
    assert_eq!(log.verify().unwrap_err().to_string(), "tile/0/000: can't be read: connection lost");
}

#[test]
fn the_edge_of_a_pruned_log_is_blamed_as_well() {
    let mut log = Memory::of(1_000);
    log.tiles.remove(&(0, 0));
    log.data[..256].fill(vec![]);
    assert!(log.verify_with(300, []).is_ok());
    log.tiles.get_mut(&(0, 3)).unwrap()[0] ^= 1;
    assert_eq!(log.verify_with(300, []), Err(TileError::Wrong(tile("tile/0/003.p/232")).into()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_flipped_bit_is_found_and_named(size in 1_u64..900, at: prop::sample::Index, byte in 0_usize..32, bit in 0_u8..8) {
        let good = Memory::of(size);
        let index = at.index(usize::try_from(size).unwrap());
        let mut log = good.clone();
        log.data[index][byte] ^= 1 << bit;
        prop_assert_eq!(log.verify(), Err(Fault::EntryWrong(index as u64)));

        let mut log = good.clone();
        let places: Vec<_> = log.tiles.keys().copied().collect();
        let place = places[at.index(places.len())];
        let width = log.tiles[&place].len() / Hash::LEN;
        log.tiles.get_mut(&place).unwrap()[at.index(width) * Hash::LEN + byte] ^= 1 << bit;
        let named = Tile::within(place.0, place.1, size).unwrap();
        prop_assert_eq!(log.verify(), Err(TileError::Wrong(named).into()));
    }

    #[test]
    fn whatever_a_source_hands_over_nothing_panics(size in 0_u64..5_000, bytes: Vec<u8>, length in 0_usize..9_000, minimum: u64) {
        struct Hostile(Vec<u8>, usize);
        impl Source for Hostile {
            fn tile(&mut self, _: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
                Ok(Some(vec![7; if self.1.is_multiple_of(2) { 8_192 } else { self.1 }]))
            }
            fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
                let _ = decode_bundle(bundle, &self.0);
                Ok(Some(if self.1.is_multiple_of(3) { self.0.clone() } else { vec![0; self.1] }))
            }
            fn body(&mut self, _: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
                Ok(None)
            }
        }
        let root = if size == 0 { EMPTY_ROOT } else { leaf_hash(&bytes) };
        let checkpoint = Checkpoint::new("x", TreeHead { size, root }).unwrap();
        let seen = Seen { by: "x".into(), checkpoint: checkpoint.clone() };
        let result = log(&mut Hostile(bytes, length), &checkpoint, minimum, [seen]);
        prop_assert_eq!(result.is_ok(), size == 0);
    }
}

/// A log of the first `kept` of `lost` entries, which goes on in a second epoch that is linked to `linked` of them.
fn second_epoch(kept: u64, lost: usize, linked: usize) -> (Memory, Memory, Checkpoint) {
    let old = Memory::of(lost as u64);
    let signer = crate::note::Signer::from_seed(
        "log.example.org/audit",
        crate::note::Algorithm::Ed25519,
        &zeroize::Zeroizing::new([1; 32]),
    );
    let note = old.checkpoint(linked).sign(&[&signer.unwrap()], 1).unwrap().to_string();
    let link = Link::new(&note).unwrap().to_string();
    let new = Memory::with(kept + 300, |index| match index {
        index if index < kept => index.to_be_bytes().to_vec(),
        index if index == kept => link.clone().into_bytes(),
        index => format!("another {index}").into_bytes(),
    });
    let checkpoint = Checkpoint::new("log.example.org/audit/epoch-2", *new.heads.last().unwrap()).unwrap();
    (old, new, checkpoint)
}

#[test]
fn a_second_epoch_goes_on_from_what_is_left() {
    let (old, mut new, checkpoint) = second_epoch(400, 700, 700);
    let seen: Vec<_> = [0, 1, 400, 500, 700].map(|size| old.seen(size)).into();
    let report = log(&mut new, &checkpoint, 0, seen).unwrap();
    assert_eq!((report.links.len(), report.links[0].0), (1, 400));
    // Of 500 entries nobody can say, since the last hundred of them are lost.
    assert_eq!((report.seen, report.seen_unchecked), (4, 1));
    // The same entries as the first epoch of a log are not linked to anything.
    let first = Checkpoint::new("log.example.org/audit", *checkpoint.head()).unwrap();
    assert_eq!(log(&mut new, &first, 0, []), Err(Fault::NotLinked { epoch: 1, linked: 2 }));
    // The number of an epoch that was lost as a whole is left out, and what was signed in it can't be checked.
    let third = Checkpoint::new("log.example.org/audit/epoch-3", *checkpoint.head()).unwrap();
    let of_second = Seen { by: "the witness".into(), checkpoint: checkpoint.clone() };
    let report = log(&mut new, &third, 0, [old.seen(700), of_second]).unwrap();
    assert_eq!((report.seen, report.seen_unchecked), (1, 1));
    // Without bodies nobody can follow it.
    new.bodies.clear();
    let report = log(&mut new, &checkpoint, 0, [old.seen(700)]).unwrap();
    assert_eq!((report.links.len(), report.seen_unchecked), (0, 1));
    // One without any link began nowhere.
    let checkpoint = Checkpoint::new("log.example.org/audit/epoch-2", *old.heads.last().unwrap()).unwrap();
    let mut old = old;
    assert_eq!(log(&mut old, &checkpoint, 0, []), Err(Fault::NotLinked { epoch: 2, linked: 1 }));
}

#[test]
fn a_lie_about_the_last_checkpoint_is_found() {
    let (old, mut new, checkpoint) = second_epoch(400, 700, 600);
    assert!(log(&mut new, &checkpoint, 0, [old.seen(600)]).is_ok());
    let lies = Fault::LinkLies { by: "the witness".into(), epoch: 1, remembered: 700, index: 400, last: 600 };
    assert_eq!(log(&mut new, &checkpoint, 0, [old.seen(700)]), Err(lies));
    // One that knows fewer entries than were taken over, and one that took over others.
    let (_, mut new, checkpoint) = second_epoch(400, 700, 399);
    assert_eq!(log(&mut new, &checkpoint, 0, []), Err(Fault::LinkWrong(400)));
    let (_, mut new, checkpoint) = second_epoch(400, 700, 400);
    let other = Memory::with(400, |index| format!("other {index}").into_bytes());
    assert!(log(&mut new, &checkpoint, 0, []).is_ok());
    let rewritten = Fault::HistoryRewritten { by: "the witness".into(), size: 300 };
    assert_eq!(log(&mut new, &checkpoint, 0, [other.seen(300)]), Err(rewritten));
}
