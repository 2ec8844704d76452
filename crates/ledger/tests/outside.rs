//! What others made: vectors of other programs, and another program that makes the same trees.
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use serde::{Deserialize, de::DeserializeOwned};
use sha2::Sha256;
use tacita_ledger::{
    checkpoint::{Checkpoint, OpenError, Verifiers, open},
    merkle::{Frontier, Hash, TreeHead, leaf_hash, verify_consistency, verify_inclusion},
    note::{Algorithm, Note, Signer, VerifierKey},
    tiles::{self, Edge, Tile},
};
use zeroize::Zeroizing;

/// A file of transparency-dev/merkle's `testdata/inclusion`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: Option<String>,
    leaf_hash: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// A file of its `testdata/consistency`.
#[derive(Deserialize)]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    #[serde(rename = "wantErr")]
    want_err: bool,
}

/// What is no hash at all can't even be handed over.
fn hash(text: Option<&String>) -> Option<Hash> {
    Hash::from_base64(text?)
}

fn hashes(texts: Option<&Vec<String>>) -> Option<Vec<Hash>> {
    texts.into_iter().flatten().map(|text| Hash::from_base64(text)).collect()
}

/// The vectors of a folder with their paths; nothing where they are not at hand.
fn vectors<T: DeserializeOwned>(folder: &str) -> Option<Vec<(PathBuf, T)>> {
    let Some(data) = env::var_os("TACITA_EVAL_DATA") else {
        assert!(env::var_os("CI").is_none(), "TACITA_EVAL_DATA must be set in CI");
        println!("skipped: TACITA_EVAL_DATA is not set");
        return None;
    };
    let mut folders = vec![Path::new(&data).join("ledger/merkle").join(folder)];
    let mut vectors = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let vector = serde_json::from_slice(&fs::read(&path).expect("the file can be read"));
                vectors.push((
                    path.clone(),
                    vector.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
                ));
            }
        }
    }
    Some(vectors)
}

#[test]
fn inclusion_vectors() {
    let Some(vectors) = vectors::<Inclusion>("inclusion") else { return };
    assert!(vectors.len() >= 90, "{} vectors", vectors.len());
    let mut good = 0;
    for (path, vector) in vectors {
        let verified = (|| {
            let head = TreeHead { size: vector.tree_size, root: hash(vector.root.as_ref())? };
            let (leaf, proof) = (hash(vector.leaf_hash.as_ref())?, hashes(vector.proof.as_ref())?);
            verify_inclusion(vector.leaf_idx, &leaf, &head, &proof).ok()
        })();
        assert_eq!(verified.is_none(), vector.want_err, "{}", path.display());
        good += usize::from(verified.is_some());
    }
    assert!(good >= 5, "{good} good proofs");
}

#[test]
fn consistency_vectors() {
    let Some(vectors) = vectors::<Consistency>("consistency") else { return };
    assert!(vectors.len() >= 90, "{} vectors", vectors.len());
    let mut good = 0;
    for (path, vector) in vectors {
        let verified = (|| {
            // Where only sizes matter some roots are words: other hashes in their place, equal where the words are.
            let root = |text: Option<&String>| {
                hash(text).unwrap_or_else(|| leaf_hash(format!("{text:?}").as_bytes()))
            };
            let from = TreeHead { size: vector.size1, root: root(vector.root1.as_ref()) };
            let to = TreeHead { size: vector.size2, root: root(vector.root2.as_ref()) };
            verify_consistency(&from, &to, &hashes(vector.proof.as_ref())?).ok()
        })();
        assert_eq!(verified.is_none(), vector.want_err, "{}", path.display());
        good += usize::from(verified.is_some());
    }
    assert!(good >= 5, "{good} good proofs");
}

/// A note and the key of C2SP's signed-note, section "Example".
#[test]
fn the_note_of_c2sp() {
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let text = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    verifies(key, text);
}

/// The note and the keys in the documentation of Go's golang.org/x/mod/sumdb/note.
#[test]
fn the_note_of_go() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    verifies(key, text);
}

fn verifies(key: &str, text: &str) {
    let key: VerifierKey = key.parse().expect("a verifier key");
    let note = Note::parse(text.as_bytes()).expect("a note");
    assert_eq!(key.verify(note.text(), &note.signatures()[0]), Ok(None));
    assert_eq!(note.to_string(), text);
    let changed = note.text().replacen('a', "b", 1);
    assert!(key.verify(&changed, &note.signatures()[0]).is_err());
}

/// A checkpoint that torchwood's ML-DSA-44 log signed, and the key of its seed.
#[test]
fn the_checkpoint_of_torchwood() {
    let seed = "2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0";
    let mut bytes = Zeroizing::new([0; 32]);
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&seed[at..at + 2], 16).unwrap();
    }
    let origin = "example.com/mldsa-log";
    let signer = Signer::from_seed(origin, Algorithm::MlDsa44, &bytes).unwrap();
    let key = signer.verifier().clone();
    assert!(
        key.to_string().starts_with("example.com/mldsa-log+b5df45c5+BuhtcL97l3dcitjZ8Y9J54gmQ1TWn/BMF0ye")
    );
    let note = include_bytes!("vectors/torchwood-mldsa.note");
    let opened = open(note, &Verifiers::new(origin, vec![key]).unwrap()).unwrap();
    let head = TreeHead { size: 1, root: leaf_hash(b"testonly") };
    assert_eq!(opened.checkpoint, Checkpoint::new(origin, head).unwrap());
    assert_eq!(opened.signed[0].time, None);
}

/// Verifier keys of other programs, from transparency-dev/formats `note/note_cosigv1_test.go`.
#[test]
fn keys_of_witnesses() {
    let witness = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    let key: VerifierKey = witness.parse().unwrap();
    assert_eq!(key.algorithm(), Algorithm::Ed25519Cosignature);
    assert_eq!(key.to_string(), witness);
}

#[test]
fn both_keys_must_have_signed_and_unknown_ones_are_ignored() {
    let origin = "log.example.org/audit";
    let signer = |name: &str, kind, seed| Signer::from_seed(name, kind, &Zeroizing::new([seed; 32])).unwrap();
    let classic = signer(origin, Algorithm::Ed25519, 1);
    let quantum = signer(origin, Algorithm::MlDsa44, 2);
    let witness = signer("witness.example.org", Algorithm::Ed25519Cosignature, 3);
    let stranger = signer(origin, Algorithm::Ed25519, 4);
    let key = |signer: &Signer| signer.verifier().clone();
    let verifiers = Verifiers::new(origin, vec![key(&classic), key(&quantum)]).unwrap();
    let checkpoint = Checkpoint::new(origin, TreeHead { size: 1, root: leaf_hash(b"an entry") }).unwrap();
    let open = |signers: &[&Signer]| {
        let note = checkpoint.sign(signers, 5).unwrap().to_string();
        open(note.as_bytes(), &verifiers.clone().with_witnesses(vec![key(&witness)]))
    };

    let opened = open(&[&stranger, &witness, &quantum, &classic]).unwrap();
    assert_eq!(opened.checkpoint, checkpoint);
    let signed: Vec<_> = opened.signed.iter().map(|s| (s.algorithm, s.time)).collect();
    let expected =
        [(Algorithm::Ed25519, None), (Algorithm::MlDsa44, Some(5)), (Algorithm::Ed25519Cosignature, Some(5))];
    assert_eq!(signed, expected);
    assert_eq!(open(&[&quantum, &classic]).unwrap().signed.len(), 2);

    let name = origin.to_owned();
    let algorithm = Algorithm::MlDsa44;
    let other = OpenError::OtherKey { name: name.clone(), algorithm, id: quantum.verifier().id() };
    assert_eq!(open(&[&classic]), Err(other));
    let algorithm = Algorithm::Ed25519;
    let other = OpenError::OtherKey { name, algorithm, id: classic.verifier().id() };
    assert_eq!(open(&[&stranger, &quantum]), Err(other));
    let missing = open(&[&witness]).unwrap_err();
    assert_eq!(missing.to_string(), "the Ed25519 signature of `log.example.org/audit` is missing");

    // A witness need not have signed, but what it signed must be right.
    let mut note = checkpoint.sign(&[&classic, &quantum], 5).unwrap();
    let mut wrong = witness.sign(&checkpoint.to_string(), 5).unwrap();
    wrong.bytes[20] ^= 1;
    note.add(wrong);
    let with_witness = verifiers.clone().with_witnesses(vec![key(&witness)]);
    let text = note.to_string();
    assert!(matches!(
        tacita_ledger::checkpoint::open(text.as_bytes(), &with_witness),
        Err(OpenError::Signature { .. })
    ));
    assert!(tacita_ledger::checkpoint::open(text.as_bytes(), &verifiers).is_ok());

    let elsewhere = Verifiers::new("other.example.org", vec![key(&classic)]).unwrap();
    let note = checkpoint.sign(&[&classic], 0).unwrap().to_string();
    let other = tacita_ledger::checkpoint::open(note.as_bytes(), &elsewhere).unwrap_err();
    assert_eq!(
        other.to_string(),
        "a checkpoint of the log `log.example.org/audit`, not of `other.example.org`"
    );
    assert!(Verifiers::new(origin, vec![]).is_err());
}

#[test]
fn checkpoints_are_read_strictly() {
    let root = leaf_hash(b"an entry").to_string();
    let good = format!("example.org/log\n12\n{root}\nextension 1\nextension 2\n");
    let read = Checkpoint::parse(&good).unwrap();
    assert_eq!((read.head().size, read.extension_lines().len()), (12, 2));
    assert_eq!(read.to_string(), good);
    let cases = [
        ("".to_owned(), "it lacks one of its lines: origin, size and root"),
        ("example.org/log\n12\n".to_owned(), "it lacks one of its lines: origin, size and root"),
        (format!("example.org/log\n12\n{root}"), "it lacks one of its lines: origin, size and root"),
        (format!("\n12\n{root}\n"), "`` can't be an origin"),
        (format!("x\n012\n{root}\n"), "`012` is no size of a tree"),
        (format!("x\n+12\n{root}\n"), "`+12` is no size of a tree"),
        (format!("x\n-1\n{root}\n"), "`-1` is no size of a tree"),
        (format!("x\n\n{root}\n"), "`` is no size of a tree"),
        (format!("x\n9223372036854775808\n{root}\n"), "`9223372036854775808` is no size of a tree"),
        ("x\n12\nAAAA\n".to_owned(), "`AAAA` is no root of such a tree"),
        (format!("x\n12\n{root} \n"), "is no root of such a tree"),
        (format!("x\n0\n{root}\n"), "is no root of such a tree"),
        (format!("x\n12\n{root}\na\n\n"), "extension line 2 is empty or has a control character"),
        (format!("{}\n12\n{root}\n", "x".repeat(256)), "can't be an origin"),
    ];
    for (text, message) in cases {
        let error = Checkpoint::parse(&text).unwrap_err().to_string();
        assert!(error.contains(message), "{text:?}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// ct-merkle makes its trees and proofs in another way.
    #[test]
    fn ct_merkle_agrees(size in 1_u64..800, index: u64, from: u64) {
        let (mut edge, mut frontier) = (Edge::new(), Frontier::new());
        let mut theirs = ct_merkle::mem_backed_tree::MemoryBackedTree::<Sha256, Vec<u8>>::new();
        let mut heads = vec![frontier.head()];
        let mut written = Vec::new();
        for index in 0..size {
            let data = index.to_be_bytes();
            theirs.push(data.to_vec());
            edge.push(leaf_hash(&data), &mut |tile, bytes| written.push((tile, bytes)));
            frontier.push(leaf_hash(&data));
            heads.push(frontier.head());
            prop_assert_eq!(theirs.root().as_bytes().to_vec(), frontier.root().as_bytes().to_vec());
        }
        written.extend(edge.partial());
        let mut tiles = |tile: Tile| {
            let place = |t: &Tile| (t.level(), t.index());
            written.iter().find(|(there, _)| place(there) == place(&tile)).map(|(_, bytes)| bytes.clone())
        };
        let head = frontier.head();
        let join = |proof: &[Hash]| proof.iter().flat_map(|hash| *hash.as_bytes()).collect::<Vec<u8>>();

        let index = index % size;
        let ours = tiles::inclusion(index, &head, &mut tiles).unwrap();
        prop_assert_eq!(theirs.prove_inclusion(index as usize).as_bytes().to_vec(), join(&ours));

        let from = 1 + from % size;
        let ours = tiles::consistency(&heads[from as usize], &head, &mut tiles).unwrap();
        let added = (size - from) as usize;
        if added > 0 {
            prop_assert_eq!(theirs.prove_consistency(added).as_bytes().to_vec(), join(&ours));
        }
    }
}
