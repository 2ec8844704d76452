//! A witness on another machine that speaks C2SP's [tlog-witness](https://c2sp.org/tlog-witness).

use tacita_ledger::{
    merkle::Hash,
    note::{Note, Signature, VerifierKey},
    witness::{AddCheckpoint, MAX_ANSWER, cosignatures, known_size},
};

use crate::Remote;

/// A witness on another machine.
#[derive(Debug)]
pub(super) struct Cosigner {
    pub(super) remote: Remote,
    /// Whose cosignatures are kept; without one they are not asked for.
    pub(super) key: Option<VerifierKey>,
}

/// What it says to a checkpoint.
#[derive(Debug)]
pub(super) enum Answer {
    /// It knows it now.
    Cosigned(Vec<Signature>),
    /// It knows another checkpoint than it was said to: of so many entries, where it says how many. Where that is the number of the
    /// one that it was shown, they are other entries.
    Conflict(Option<u64>),
    /// The checkpoint does not continue the one that it knows.
    Inconsistent,
    /// It knows no such log, and so nothing of it.
    NoSuchLog,
}

impl Cosigner {
    /// Shows it a checkpoint that is proven to continue the one of `old` entries.
    ///
    /// # Errors
    /// When it can't be reached, or its answer is of no use.
    pub(super) fn add(&self, old: u64, proof: &[Hash], checkpoint: &Note) -> Result<Answer, String> {
        let body = AddCheckpoint { old, proof, checkpoint }.to_string();
        let (status, answer) = self
            .remote
            .post("add-checkpoint", &body, MAX_ANSWER as u64)
            .map_err(|error| error.to_string())?;
        match (status, &self.key) {
            (200..=299, None) => Ok(Answer::Cosigned(Vec::new())),
            (200, Some(key)) => {
                cosignatures(&answer, checkpoint, key).map(Answer::Cosigned).map_err(|why| why.to_string())
            }
            (409, _) => Ok(Answer::Conflict(known_size(&answer))),
            (422, _) => Ok(Answer::Inconsistent),
            (404, _) => Ok(Answer::NoSuchLog),
            (403, _) => Err("it does not know the keys of the log: give them to it".to_owned()),
            (status, _) => Err(format!("it answered with status {status}")),
        }
    }
}
