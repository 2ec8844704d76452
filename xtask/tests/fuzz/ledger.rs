//! What the ledger reads: notes, checkpoints, proofs, receipts, tiles, bundles, and whole logs.

use std::sync::LazyLock;

use fastrand::Rng;
use tacita_ledger::{
    checkpoint::{Checkpoint, Verifiers, open},
    entry::{self, Salt},
    merkle::{Frontier, TreeHead, leaf_hash},
    note::{Algorithm, Note, Signer, VerifierKey},
    receipt::{self, Body, Receipt, TlogProof},
    tiles::{self, Bundle, Edge, Tile, decode_bundle, encode_bundle},
    verify::{self, Seen, Source, Unreadable},
};
use zeroize::Zeroizing;

use crate::{fuzz, inputs};

const ORIGIN: &str = "log.example.org/audit";
const SIZE: u64 = 600;

/// A log with everything that is read of it.
#[derive(Clone)]
struct Log {
    tiles: Vec<(Tile, Vec<u8>)>,
    data: Vec<Vec<u8>>,
    checkpoint: Checkpoint,
    note: String,
    receipt: String,
    keys: Vec<VerifierKey>,
}

static LOG: LazyLock<Log> = LazyLock::new(|| {
    let mut edge = Edge::new();
    let (mut tiles, mut data) = (Vec::new(), Vec::new());
    for index in 0..SIZE {
        let entry = entry::data(&salt(index), &index.to_be_bytes());
        data.push(entry.to_vec());
        edge.push(leaf_hash(&entry), &mut |tile, bytes| tiles.push((tile, bytes)));
    }
    tiles.extend(edge.partial());
    let signers = [Algorithm::Ed25519, Algorithm::MlDsa44].map(|algorithm| {
        Signer::from_seed(ORIGIN, algorithm, &Zeroizing::new([algorithm.type_byte(); 32])).expect("a key")
    });
    let checkpoint = Checkpoint::new(ORIGIN, edge.head()).expect("a checkpoint");
    let note = checkpoint.sign(&signers.each_ref(), 1_700_000_000).expect("it can be signed");
    let hashes = tiles::inclusion(7, &edge.head(), &mut |tile| find(&tiles, tile)).expect("a proof");
    let proof = TlogProof::new(7, hashes, &note).expect("a short proof");
    let body = Body::Sealed(7_u64.to_be_bytes().to_vec());
    let receipt = Receipt::new(salt(7), body, proof).expect("a receipt").to_string();
    let keys = signers.iter().map(|signer| signer.verifier().clone()).collect();
    Log { tiles, data, checkpoint, note: note.to_string(), receipt, keys }
});

fn salt(index: u64) -> Salt {
    let mut salt = [0; 32];
    salt[..8].copy_from_slice(&index.to_le_bytes());
    salt
}

fn find(tiles: &[(Tile, Vec<u8>)], tile: Tile) -> Option<Vec<u8>> {
    let place = |tile: &Tile| (tile.level(), tile.index());
    tiles.iter().find(|(there, _)| place(there) == place(&tile)).map(|(_, bytes)| bytes.clone())
}

impl Source for Log {
    fn tile(&mut self, tile: Tile) -> Result<Option<Vec<u8>>, Unreadable> {
        Ok(find(&self.tiles, tile))
    }

    fn bundle(&mut self, bundle: Bundle) -> Result<Option<Vec<u8>>, Unreadable> {
        let entries = self.data.iter().skip(bundle.start() as usize).take(usize::from(bundle.width()));
        Ok(encode_bundle(entries).ok())
    }

    fn body(&mut self, index: u64) -> Result<Option<(Salt, Vec<u8>)>, Unreadable> {
        Ok((!index.is_multiple_of(3)).then(|| (salt(index), index.to_be_bytes().to_vec())))
    }
}

fn damaged(rng: &mut Rng, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.usize(1..6) {
        inputs::damage(rng, &mut bytes);
    }
    bytes
}

#[test]
fn fuzz_ledger_texts() {
    let log = &*LOG;
    let verifiers = Verifiers::new(ORIGIN, log.keys.clone()).expect("two keys");
    let whole = Receipt::parse(log.receipt.as_bytes()).expect("a receipt");
    fuzz(|rng| {
        let bytes = damaged(rng, log.note.as_bytes());
        if let Ok(note) = Note::parse(&bytes) {
            assert_eq!(note.to_string().as_bytes(), bytes);
        }
        // What opens says what was signed, whatever else was done to it.
        if let Ok(opened) = open(&bytes, &verifiers) {
            assert_eq!(opened.checkpoint, log.checkpoint);
        }
        let bytes = damaged(rng, log.receipt.as_bytes());
        if let Ok(receipt) = Receipt::parse(&bytes) {
            assert_eq!(receipt.to_string().as_bytes(), bytes);
            if let Ok(verified) = receipt::verify(&receipt, &verifiers) {
                assert_eq!((verified.index, verified.body), (7, whole.body()));
            }
        }
        let key = log.keys[rng.usize(..log.keys.len())].to_string();
        let text = String::from_utf8_lossy(&damaged(rng, key.as_bytes())).into_owned();
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text);
        }
        let path = log.tiles[rng.usize(..log.tiles.len())].0.to_string();
        let path = String::from_utf8_lossy(&damaged(rng, path.as_bytes())).into_owned();
        if let Ok(tile) = path.parse::<Tile>() {
            assert_eq!(tile.to_string(), path);
        }
    });
}

#[test]
fn fuzz_ledger_bytes() {
    let log = &*LOG;
    let mut frontier = Frontier::new();
    for data in &log.data {
        frontier.push(leaf_hash(data));
    }
    let bundle = Bundle::within(1, SIZE).expect("it has one");
    let entries = encode_bundle(&log.data[256..512]).expect("short entries");
    fuzz(|rng| {
        let bytes = damaged(rng, &frontier.to_bytes());
        if let Ok(frontier) = Frontier::from_bytes(&bytes) {
            assert_eq!(frontier.to_bytes(), bytes);
        }
        let bytes = damaged(rng, &entries);
        if let Ok(entries) = decode_bundle(bundle, &bytes) {
            assert_eq!(entries.len(), 256);
        }
        // No proof comes of damaged tiles that would not verify, since each is verified before it is given away.
        let head = TreeHead { size: SIZE, ..*log.checkpoint.head() };
        let index = rng.u64(..SIZE);
        let _ = tiles::inclusion(index, &head, &mut |tile| {
            let bytes = find(&log.tiles, tile)?;
            Some(if rng.bool() { damaged(rng, &bytes) } else { bytes })
        });
    });
}

#[test]
fn fuzz_ledger_logs() {
    fuzz(|rng| {
        let mut log = LOG.clone();
        if rng.bool() {
            let at = rng.usize(..log.data.len());
            log.data[at] = damaged(rng, &log.data[at]);
        } else {
            let at = rng.usize(..log.tiles.len());
            log.tiles[at].1 = damaged(rng, &log.tiles[at].1);
        }
        let checkpoint = log.checkpoint.clone();
        let changed = log.data != LOG.data || {
            // More hashes than a tile is wide are of no account.
            let width = |(tile, _): &(Tile, Vec<u8>)| usize::from(tile.width()) * 32;
            log.tiles.iter().zip(&LOG.tiles).any(|(a, b)| a.1.get(..width(a)) != Some(&b.1[..]))
        };
        let seen = Seen { by: "the witness".to_owned(), checkpoint: checkpoint.clone() };
        let verdict = verify::log(&mut log, &checkpoint, 0, [seen]);
        assert!(!changed || verdict.is_err(), "{verdict:?}");
    });
}
