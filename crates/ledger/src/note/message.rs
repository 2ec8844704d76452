//! What exactly a key signs, as C2SP's signed-note and [tlog-cosignature](https://c2sp.org/tlog-cosignature) lay down.

use super::{Algorithm, MAX_NAME};
use crate::checkpoint::{Checkpoint, CheckpointError};

/// Why a key can't sign a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSignable {
    /// Keys of this kind sign checkpoints only.
    #[error("no checkpoint: {0}")]
    NoCheckpoint(#[from] CheckpointError),
    /// The message of ML-DSA-44 has no place for extension lines: a signature would seem to vouch for them.
    #[error("a checkpoint with extension lines can't have an ML-DSA-44 signature, which does not cover them")]
    ExtensionLines,
    /// The time is later than can be stated.
    #[error("the time {0} is later than can be stated")]
    Time(u64),
    /// The cryptographic library refused.
    #[error("the signature could not be made")]
    Refused,
}

/// Why a signature is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Name or key id are those of another key.
    #[error("made by another key")]
    OtherKey,
    /// It has not the length that signatures of its type have.
    #[error("cut or lengthened")]
    Length,
    /// It is not this key's over this text: text or signature were changed.
    #[error("does not match: the text or the signature was changed")]
    Invalid,
    /// Such keys don't sign such texts.
    #[error(transparent)]
    Text(#[from] NotSignable),
}

pub(super) fn message(
    algorithm: Algorithm,
    name: &str,
    text: &str,
    time: u64,
) -> Result<Vec<u8>, NotSignable> {
    if time > i64::MAX as u64 {
        return Err(NotSignable::Time(time));
    }
    Ok(match algorithm {
        Algorithm::Ed25519 => text.as_bytes().to_vec(),
        Algorithm::Ed25519Cosignature => {
            Checkpoint::parse(text)?;
            format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
        }
        Algorithm::MlDsa44 => {
            let checkpoint = Checkpoint::parse(text)?;
            if !checkpoint.extension_lines().is_empty() {
                return Err(NotSignable::ExtensionLines);
            }
            let head = checkpoint.head();
            let mut message = b"subtree/v1\n\0".to_vec();
            extend_with_length(&mut message, name);
            message.extend_from_slice(&time.to_be_bytes());
            extend_with_length(&mut message, checkpoint.origin());
            message.extend_from_slice(&0_u64.to_be_bytes());
            message.extend_from_slice(&head.size.to_be_bytes());
            message.extend_from_slice(head.root.as_bytes());
            message
        }
    })
}

/// A name or an origin behind its length in one byte.
fn extend_with_length(message: &mut Vec<u8>, text: &str) {
    const { assert!(MAX_NAME <= u8::MAX as usize) };
    // Neither a key's name nor an origin is longer than MAX_NAME.
    message.push(text.len() as u8);
    message.extend_from_slice(text.as_bytes());
}
