use proptest::{collection::vec, prelude::*};
use zeroize::Zeroizing;

use super::*;
use crate::{
    checkpoint::Checkpoint,
    merkle::{Frontier, leaf_hash},
    note::{Algorithm, Signer},
    tiles::{Edge, inclusion},
};

const ORIGIN: &str = "log.example.org/audit";
const SALT: Salt = [3; 32];

fn signers() -> [Signer; 2] {
    [Algorithm::Ed25519, Algorithm::MlDsa44]
        .map(|kind| Signer::from_seed(ORIGIN, kind, &Zeroizing::new([kind.type_byte(); 32])).unwrap())
}

fn verifiers() -> Verifiers {
    Verifiers::new(ORIGIN, signers().iter().map(|signer| signer.verifier().clone()).collect()).unwrap()
}

/// The receipt of a body that is entry 5 of 11.
fn receipt(body: Body) -> Receipt {
    let mut edge = Edge::new();
    for index in 0..11_u8 {
        let leaf = if index == 5 { entry::leaf(&SALT, body.logged()) } else { leaf_hash(&[index]) };
        edge.push(leaf, &mut |_, _| ());
    }
    let checkpoint = Checkpoint::new(ORIGIN, edge.head()).unwrap();
    let note = checkpoint.sign(&signers().each_ref(), 1_700_000_000).unwrap();
    let tiles: Vec<_> = edge.partial().collect();
    let hashes = inclusion(5, &edge.head(), &mut |tile| {
        tiles.iter().find(|(there, _)| *there == tile).map(|(_, bytes)| bytes.clone())
    });
    Receipt::new(SALT, body, TlogProof::new(5, hashes.unwrap(), &note).unwrap()).unwrap()
}

fn shown(text: &str) -> Body {
    let opening = [9; 32];
    let sealed = [&entry::commitment(&opening, text)[..], b"ciphertext"].concat();
    Body::Shown { sealed, opening, text: text.to_owned() }
}

fn bodies() -> [Body; 4] {
    let words = "Erased on 2026-11-28: 200 records.\n\n| Kept: nothing.\n";
    [Body::Clear(words.into()), Body::Clear(String::new()), Body::Sealed(vec![1, 2, 3]), shown(words)]
}

#[test]
fn what_is_written_is_read_and_proves_the_body() {
    for body in bodies() {
        let text = receipt(body.clone()).to_string();
        let read = Receipt::parse(text.as_bytes()).unwrap();
        assert_eq!(read.to_string(), text);
        let verified = verify(&read, &verifiers()).unwrap();
        assert_eq!((verified.index, verified.head.size), (5, 11));
        assert_eq!(verified.body.logged(), body.logged());
        assert_eq!(verified.body.text(), body.text());
        let times: Vec<_> = verified.signed.iter().map(|signed| signed.time).collect();
        assert_eq!(times, [None, Some(1_700_000_000)]);
    }
}

#[test]
fn the_proof_for_other_tools_follows_the_first_empty_line() {
    for body in bodies() {
        let receipt = receipt(body);
        let text = receipt.to_string();
        let (_, proof) = text.split_once("\n\n").unwrap();
        assert_eq!(proof, receipt.proof().to_string());
        let proof = TlogProof::parse(proof.as_bytes()).unwrap();
        let opened = open(proof.checkpoint().as_bytes(), &verifiers()).unwrap();
        let leaf = leaf_hash(&receipt.data());
        verify_inclusion(proof.index(), &leaf, opened.checkpoint.head(), proof.hashes()).unwrap();
    }
}

#[test]
fn whatever_was_changed_is_said() {
    let text = receipt(shown("Erased: 200 records.")).to_string();
    let verdict = |text: &str| verify(&Receipt::parse(text.as_bytes()).unwrap(), &verifiers()).unwrap_err();
    assert_eq!(verdict(&text.replace("200", "300")), Fault::OtherWords);
    let opening = base64::encode(&[9; 32]);
    assert_eq!(verdict(&text.replace(&opening, &base64::encode(&[8; 32]))), Fault::OtherWords);
    assert_eq!(verdict(&text.replace(&base64::encode(&SALT), &opening)), Fault::NotIncluded);
    assert_eq!(verdict(&text.replace("index 5", "index 4")), Fault::NotIncluded);
    assert_eq!(
        verdict(&text.replace("index 5", "index 11")).to_string(),
        "the proof: entry 11 is beyond the 11 of the tree"
    );
    let length = ProofError::Length { expected: 2, found: 4 };
    assert_eq!(verdict(&text.replace("index 5", "index 10")), Fault::Proof(length));
    let resized = verdict(&text.replace("\n11\n", "\n12\n"));
    assert_eq!(
        resized.to_string(),
        "the checkpoint: the Ed25519 signature of `log.example.org/audit`: does not match: the text or the signature was changed"
    );
    let unsigned = text.replace(text.lines().last().unwrap(), "");
    let unsigned = Receipt::parse(unsigned.trim_end().as_bytes()).unwrap();
    let without = verify(&unsigned, &verifiers());
    assert!(matches!(without, Err(Fault::Checkpoint(OpenError::Note(_)))), "{without:?}");
}

#[test]
fn a_clear_text_does_not_pass_for_a_sealed_one_nor_the_other_way() {
    let clear = receipt(Body::Clear("words".into()));
    let as_sealed = Receipt { body: Body::Sealed(b"words".to_vec()), ..clear.clone() };
    // The same bytes were logged: it holds, and shows no words.
    assert_eq!(verify(&as_sealed, &verifiers()).unwrap().body.text(), None);
    let with_words = Body::Shown { sealed: b"words".to_vec(), opening: [0; 32], text: "other words".into() };
    assert_eq!(verify(&Receipt { body: with_words, ..clear }, &verifiers()), Err(Fault::OtherWords));
}

#[test]
fn other_forms_are_refused() {
    let text = receipt(shown("one\ntwo")).to_string();
    let refuse = |text: String, error: ReceiptError| {
        assert_eq!(Receipt::parse(text.as_bytes()), Err(error), "{text}");
    };
    let without =
        |key: &str| -> String { text.split_inclusive('\n').filter(|line| !line.starts_with(key)).collect() };
    refuse(String::new(), ReceiptError::NoReceipt);
    refuse(text.replace("receipt/v1", "receipt/v2"), ReceiptError::NoReceipt);
    refuse(without("| "), ReceiptError::Line(4));
    refuse(without("salt "), ReceiptError::Line(4));
    refuse(without("sealed "), ReceiptError::Line(5));
    refuse(without("opening "), ReceiptError::Line(6));
    refuse(text.replace("| two", "|two"), ReceiptError::Line(3));
    refuse(text.replace("salt ", "salt  "), ReceiptError::Line(4));
    refuse(text.replace("sealed ", "sealed !"), ReceiptError::Line(5));
    refuse(text.replace("opening CQ", "opening "), ReceiptError::Line(6));
    refuse(text.replace("\n\nc2sp", "\nextra\n\nc2sp"), ReceiptError::Line(7));
    refuse(text.replace("\n\nc2sp", "\n\n\nc2sp"), ReceiptError::Proof(ProofTextError::NoProof));
    refuse(text.replace("| one", "| o\u{1b}[1me"), ReceiptError::Control);
    refuse(text.replace("| one", "| o\u{9b}1me"), ReceiptError::Control);
    refuse(text.replace("| one\n", "| one\r\n"), ReceiptError::Control);
    refuse(" ".repeat(MAX_RECEIPT + 1), ReceiptError::TooLong(MAX_RECEIPT + 1));
    assert_eq!(Receipt::parse(b"\xff"), Err(ReceiptError::NotUtf8));
    let proof = receipt(Body::Sealed(vec![])).proof;
    let long = Receipt::new(SALT, Body::Sealed(vec![0; MAX_BODY + 1]), proof);
    assert_eq!(long, Err(ReceiptError::Body(MAX_BODY + 1)));
}

#[test]
fn debug_shows_no_words() {
    let shown = format!("{:?}", receipt(Body::Clear("Mara Lind".into())));
    assert_eq!(shown, "Receipt(entry 5, Clear(9 bytes))");
}

#[test]
fn a_receipt_of_the_only_entry_has_no_hashes() {
    let mut frontier = Frontier::new();
    frontier.push(entry::leaf(&SALT, b"words"));
    let note = Checkpoint::new(ORIGIN, frontier.head()).unwrap().sign(&signers().each_ref(), 0).unwrap();
    let proof = TlogProof::new(0, vec![], &note).unwrap();
    let receipt = Receipt::new(SALT, Body::Clear("words".into()), proof).unwrap();
    assert!(verify(&Receipt::parse(receipt.to_string().as_bytes()).unwrap(), &verifiers()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_flipped_bit_verifies_and_none_panics(at: prop::sample::Index, bit in 0_u8..8) {
        let text = receipt(shown("words")).to_string().into_bytes();
        let mut changed = text.clone();
        changed[at.index(text.len())] ^= 1 << bit;
        if let Ok(receipt) = Receipt::parse(&changed) {
            prop_assert_eq!(receipt.to_string().into_bytes(), changed);
            prop_assert!(verify(&receipt, &verifiers()).is_err());
        }
    }

    #[test]
    fn anything_is_read_without_harm(bytes in vec(any::<u8>(), 0..300), lines in "(tacita.receipt/v1\n)?([|] a\n|salt AA==\n|sealed AA==\n|opening AA==\n|\n){0,8}") {
        let _ = (Receipt::parse(&bytes), TlogProof::parse(&bytes), Receipt::parse(lines.as_bytes()));
    }
}
