//! C2SP's [tlog-proof](https://c2sp.org/tlog-proof): that an entry is in a log, in one text.

use std::fmt;

use crate::{
    base64,
    checkpoint::decimal,
    merkle::Hash,
    note::{MAX_NOTE, Note},
};

/// The most hashes that a proof can have: the height of the largest tree.
pub const MAX_PROOF: usize = 63;

/// The most bytes of extra data that are read.
const MAX_EXTRA: usize = 64 * 1024;

const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// A proof as it is written: nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Hash>,
    /// As it was read, to the byte.
    checkpoint: String,
}

/// Why a text is no proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofTextError {
    /// It is longer than any that is read, or is no UTF-8.
    #[error("too long, or not UTF-8")]
    NoText,
    /// It does not begin as proofs do.
    #[error("the first line is not `{}`", HEADER.trim_end())]
    NoProof,
    /// The extra data are no base64, or too long.
    #[error("the extra data are no base64, or longer than is read")]
    Extra,
    /// The line with the index is missing or malformed.
    #[error("the index is missing or no number")]
    Index,
    /// A line among the hashes is none, or there are more than in any tree, or no empty line follows them.
    #[error("hash {0} of the proof is malformed or one too many")]
    Hash(usize),
}

impl TlogProof {
    /// The proof that the log of `checkpoint` has the entry `index`: `hashes` from the leaf's sibling up.
    ///
    /// # Errors
    ///
    /// [`ProofTextError::Hash`] where there are more hashes than any proof has.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: &Note) -> Result<Self, ProofTextError> {
        if hashes.len() > MAX_PROOF {
            return Err(ProofTextError::Hash(hashes.len()));
        }
        Ok(Self { extra: None, index, hashes, checkpoint: checkpoint.to_string() })
    }

    /// Reads a proof. What comes after the hashes is taken for the checkpoint; only
    /// [`checkpoint::open`](crate::checkpoint::open) shows whether it is one.
    ///
    /// # Errors
    ///
    /// [`ProofTextError`] where the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofTextError> {
        if bytes.len() > MAX_NOTE + 2 * MAX_EXTRA {
            return Err(ProofTextError::NoText);
        }
        let text = str::from_utf8(bytes).map_err(|_| ProofTextError::NoText)?;
        let mut rest = text.strip_prefix(HEADER).ok_or(ProofTextError::NoProof)?;
        let mut line = || {
            let (line, after) = rest.split_once('\n')?;
            rest = after;
            Some(line)
        };
        let mut next = line().ok_or(ProofTextError::Index)?;
        let mut extra = None;
        if let Some(value) = next.strip_prefix("extra ") {
            let value = base64::decode(value).filter(|value| value.len() <= MAX_EXTRA);
            extra = Some(value.ok_or(ProofTextError::Extra)?);
            next = line().ok_or(ProofTextError::Index)?;
        }
        let index = next.strip_prefix("index ").and_then(decimal).ok_or(ProofTextError::Index)?;
        let mut hashes = Vec::new();
        loop {
            let malformed = ProofTextError::Hash(hashes.len() + 1);
            match line().ok_or(malformed.clone())? {
                "" => break,
                _ if hashes.len() == MAX_PROOF => return Err(malformed),
                hash => hashes.push(Hash::from_base64(hash).ok_or(malformed)?),
            }
        }
        Ok(Self { extra, index, hashes, checkpoint: rest.to_owned() })
    }

    /// The entry's index.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The hashes from the leaf's sibling up to the root's child.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The signed checkpoint, to the byte.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// What somebody added. Nothing vouches for it.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }
}

/// The text of a `.tlog-proof` file.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::leaf_hash;

    #[test]
    fn reads_what_it_writes() {
        let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
        for text in [
            format!("{HEADER}index 5\n{a}\n{b}\n\ntest checkpoint\n"),
            format!("{HEADER}extra ZXh0cmE=\nindex 10\n{a}\n\ncheckpoint data\n\n— x AAAA\n"),
            format!("{HEADER}index 0\n\ncheckpoint\n"),
            format!("{HEADER}extra \nindex 0\n\n"),
        ] {
            assert_eq!(TlogProof::parse(text.as_bytes()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let a = leaf_hash(b"a");
        let cases = [
            ("wrong\nindex 0\n\nx\n".to_owned(), ProofTextError::NoProof),
            (format!("{HEADER}extra !!\nindex 0\n\nx\n"), ProofTextError::Extra),
            (format!("{HEADER}extra AA==\n"), ProofTextError::Index),
            (format!("{HEADER}\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index x\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index -5\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index 05\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index +5\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index 18446744073709551616\n\nx\n"), ProofTextError::Index),
            (format!("{HEADER}index 5"), ProofTextError::Index),
            (format!("{HEADER}index 5\n"), ProofTextError::Hash(1)),
            (format!("{HEADER}index 5\n{a}\nx\n\n"), ProofTextError::Hash(2)),
            (format!("{HEADER}index 5\n{a}\r\n\n"), ProofTextError::Hash(1)),
            (format!("{HEADER}index 5\n{}\n", format!("{a}\n").repeat(64)), ProofTextError::Hash(64)),
        ];
        for (text, error) in cases {
            assert_eq!(TlogProof::parse(text.as_bytes()), Err(error), "{text:?}");
        }
        assert_eq!(TlogProof::parse(&[0xff]), Err(ProofTextError::NoText));
        let long = format!("{HEADER}index 0\n\n{}", "x".repeat(MAX_NOTE + 2 * MAX_EXTRA));
        assert_eq!(TlogProof::parse(long.as_bytes()), Err(ProofTextError::NoText));
    }
}
