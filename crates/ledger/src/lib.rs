//! The Merkle log: checkpoints, proofs, receipts, and their verification.

mod base64;
pub mod checkpoint;
pub mod entry;
pub mod merkle;
pub mod note;
pub mod tiles;
