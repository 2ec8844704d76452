//! The Merkle log: checkpoints, proofs, receipts, and their verification.
//!
//! Every decision about somebody's data is an entry in a log that can only grow. This crate says what such a log is, and
//! verifies it without a server, a network, or trust in whoever runs it:
//!
//! - [`entry`]: an entry is a salted hash of a sealed body, so that the log itself shows nothing, and a body can be erased
//!   while everything still proves.
//! - [`merkle`]: the tree over the entries, as RFC 6962 hashes it.
//! - [`tiles`]: the tree as files, as C2SP's tlog-tiles lays it out, and proofs made from them.
//! - [`note`], [`checkpoint`]: the signed statement of how many entries there are and which, by Ed25519 for every tool there is, and
//!   by ML-DSA-44 for the day when quantum computers break that.
//! - [`epoch`]: how a log goes on that lost its newest entries.
//! - [`receipt`]: one entry with its proof, to keep.
//! - [`verify`]: a whole log.
//! - [`witness`]: what is said to those who remember what was signed.
//!
//! It is pure: no I/O, no clock, and no randomness except what ML-DSA-44 signatures are hedged with. What keeps logs gives
//! it bytes and takes bytes. The formats are those of [C2SP](https://c2sp.org), so that nobody has to believe this program either.
//!
//! # A log of one entry, and its receipt
//!
//! ```
//! use tacita_ledger::{
//!     checkpoint::{Checkpoint, Verifiers},
//!     entry,
//!     note::{Algorithm, Signer},
//!     receipt::{self, Body, Receipt, TlogProof},
//!     tiles::{self, Edge},
//! };
//! use zeroize::Zeroizing;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Who keeps the log has a name, two keys, and a random salt for each entry.
//! let origin = "log.example.org/audit";
//! let classic = Signer::from_seed(origin, Algorithm::Ed25519, &Zeroizing::new([1; 32]))?;
//! let quantum = Signer::from_seed(origin, Algorithm::MlDsa44, &Zeroizing::new([2; 32]))?;
//! let salt = [3; 32];
//!
//! // An entry is appended, and the tree that it gives is signed.
//! let mut edge = Edge::new();
//! let index = edge.push(entry::leaf(&salt, b"erased: 200 records"), &mut |_tile, _bytes| ());
//! let note = Checkpoint::new(origin, edge.head())?.sign(&[&classic, &quantum], 1_795_860_000)?;
//!
//! // The receipt is a text that somebody takes home.
//! let mut written = edge.partial();
//! let hashes = tiles::inclusion(index, &edge.head(), &mut |_tile| written.next().map(|(_, bytes)| bytes))?;
//! let body = Body::Clear("erased: 200 records".to_owned());
//! let text = Receipt::new(salt, body, TlogProof::new(index, hashes, &note)?)?.to_string();
//!
//! // Years later all it takes to verify it are the two public keys.
//! let keys = vec![classic.verifier().to_string().parse()?, quantum.verifier().to_string().parse()?];
//! let believed = Verifiers::new(origin, keys)?;
//! let receipt = Receipt::parse(text.as_bytes())?;
//! let verified = receipt::verify(&receipt, &believed)?;
//! assert_eq!(verified.body.text(), Some("erased: 200 records"));
//!
//! let forged = Receipt::parse(text.replace("200", "300").as_bytes())?;
//! assert_eq!(receipt::verify(&forged, &believed), Err(receipt::Fault::NotIncluded));
//! # Ok(())
//! # }
//! ```

mod base64;
pub mod checkpoint;
pub mod entry;
pub mod epoch;
pub mod merkle;
pub mod note;
pub mod receipt;
pub mod tiles;
pub mod verify;
pub mod witness;
