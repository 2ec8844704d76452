//! The base64 of notes, proofs and receipts: RFC 4648 section 4, padded, and nothing else.

use base64::{Engine, engine::general_purpose::STANDARD};

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Nothing where it is not what [`encode`] would write: a second form of the same bytes would be a second text that one
/// signature vouches for.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
