//! Receipts: what somebody keeps to prove, years later and to anyone, what was decided and when it was logged.
//!
//! # The form
//!
//! One text in UTF-8, lines ending in a line feed; nothing in it can be left out, added, or written in another way:
//!
//! ```text
//! tacita.receipt/v1
//! | Erased on 2026-11-28: 200 records.
//! | Kept until 2029-11-28: the proof of consent.
//! salt <base64 of the entry's 32 bytes of salt>
//! sealed <base64 of the body as it was logged>
//! opening <base64 of 32 bytes>
//!
//! c2sp.org/tlog-proof@v1
//! index 73894
//! <base64 of a hash>
//! …
//!
//! <the signed checkpoint>
//! ```
//!
//! What follows the first empty line is exactly a [tlog-proof](https://c2sp.org/tlog-proof), which other tools read as it
//! stands. The lines before it say what the entry's leaf is made of, in one of three ways:
//!
//! | lines | [`Body`] | what it proves |
//! |---|---|---|
//! | `\|`, `salt` | [`Clear`](Body::Clear) | that these words were logged, as they stand |
//! | `salt`, `sealed` | [`Sealed`](Body::Sealed) | that this sealed body was logged, not what is in it |
//! | `\|`, `salt`, `sealed`, `opening` | [`Shown`](Body::Shown) | that the body logged was sealed, and these words are in it |
//!
//! The words are the `|` lines without `| `, joined by line feeds. Sealed words are bound by the first 32 bytes of the sealed body,
//! the [`commitment`](crate::entry::commitment) to them under the opening.

mod tlog_proof;

use std::fmt;

pub use tlog_proof::{MAX_PROOF, ProofTextError, TlogProof};

use crate::{
    base64,
    checkpoint::{OpenError, Signed, Verifiers, open},
    entry::{self, Salt},
    merkle::{Hash, ProofError, TreeHead, verify_inclusion},
};

/// The longest receipt that is read, in bytes.
pub const MAX_RECEIPT: usize = 4 * 1024 * 1024;

/// The longest body and the longest words that a receipt can carry, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

const HEADER: &str = "tacita.receipt/v1";

/// An entry of a log, and the proof that it is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    salt: Salt,
    body: Body,
    proof: TlogProof,
}

/// What was logged, and how much of it the receipt shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Words that were logged as they are.
    Clear(String),
    /// A sealed body, and no words.
    Sealed(Vec<u8>),
    /// A sealed body, and the words that are in it.
    Shown {
        /// What was logged. It begins with the [`commitment`](crate::entry::commitment) to the words.
        sealed: Vec<u8>,
        /// What the commitment was made with.
        opening: Salt,
        /// The words.
        text: String,
    },
}

/// Why something is no receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is longer than any that is read.
    #[error("the receipt has {0} bytes, more than the {MAX_RECEIPT} that are read")]
    TooLong(usize),
    /// It is no text.
    #[error("the receipt is not UTF-8")]
    NotUtf8,
    /// It does not begin as receipts do.
    #[error("no receipt: the first line is not `{HEADER}`")]
    NoReceipt,
    /// A line has not the form that belongs there.
    #[error("line {0} of the receipt is malformed or not in its place")]
    Line(usize),
    /// Body or words are longer than a receipt can carry.
    #[error("a body of {0} bytes is more than the {MAX_BODY} that a receipt can carry")]
    Body(usize),
    /// The words have a control character, which a terminal might obey.
    #[error("the words have a control character")]
    Control,
    /// The part from the first empty line on is no tlog-proof.
    #[error("the proof of the receipt: {0}")]
    Proof(#[from] ProofTextError),
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The checkpoint can't be believed.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] OpenError),
    /// The entry is not in the log that the checkpoint is of.
    #[error("the entry is not in the log as signed: body, salt, index or proof were changed")]
    NotIncluded,
    /// Index or number of hashes are impossible in a tree of this size.
    #[error("the proof: {0}")]
    Proof(ProofError),
    /// The sealed body was logged, but other words are in it.
    #[error("the words are not those in the sealed body: they or the opening were changed")]
    OtherWords,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<'a> {
    /// The log.
    pub origin: String,
    /// The entry's index in it, from 0.
    pub index: u64,
    /// The tree that the checkpoint signs.
    pub head: TreeHead,
    /// Who signed the checkpoint, and when.
    pub signed: Vec<Signed>,
    /// What was logged.
    pub body: &'a Body,
}

impl Receipt {
    /// The receipt of the entry with this salt and body, proven by `proof`. Whether it holds is not looked at.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] where a receipt can't carry such a body.
    pub fn new(salt: Salt, body: Body, proof: TlogProof) -> Result<Self, ReceiptError> {
        let longest = body.logged().len().max(body.text().map_or(0, str::len));
        if longest > MAX_BODY {
            return Err(ReceiptError::Body(longest));
        }
        if body.text().is_some_and(|text| text.chars().any(|c| c.is_control() && c != '\n')) {
            return Err(ReceiptError::Control);
        }
        Ok(Self { salt, body, proof })
    }

    /// Reads a receipt; nothing in it is verified yet.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] where the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > MAX_RECEIPT {
            return Err(ReceiptError::TooLong(bytes.len()));
        }
        let text = str::from_utf8(bytes).map_err(|_| ReceiptError::NotUtf8)?;
        let rest = text.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('\n'));
        let mut lines = Lines { rest: rest.ok_or(ReceiptError::NoReceipt)?, number: 2 };

        let mut words: Option<String> = None;
        while let Some(line) = lines.with("| ") {
            match &mut words {
                Some(words) => words.extend(["\n", line]),
                None => words = Some(line.to_owned()),
            }
        }
        let salt = lines.bytes("salt ")?.ok_or(ReceiptError::Line(lines.number))?;
        let sealed = lines.bytes("sealed ")?;
        let opening = if words.is_some() && sealed.is_some() { lines.bytes("opening ")? } else { None };
        let body = match (words, sealed, opening) {
            (Some(text), None, None) => Body::Clear(text),
            (None, Some(sealed), None) => Body::Sealed(sealed),
            (Some(text), Some(sealed), Some(opening)) => {
                let opening = opening.try_into().map_err(|_| ReceiptError::Line(lines.number - 1))?;
                Body::Shown { sealed, opening, text }
            }
            _ => return Err(ReceiptError::Line(lines.number)),
        };
        let salt = salt.try_into().map_err(|_| ReceiptError::Line(lines.number - 1))?;
        let proof = lines.rest.strip_prefix('\n').ok_or(ReceiptError::Line(lines.number))?;
        Self::new(salt, body, TlogProof::parse(proof.as_bytes())?)
    }

    /// The salt.
    pub fn salt(&self) -> &Salt {
        &self.salt
    }

    /// What was logged.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The proof, whose text is the `.tlog-proof` for other tools.
    pub fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// The 32 bytes of data that the entry has in the log, which other tools must be given beside the proof.
    pub fn data(&self) -> [u8; Hash::LEN] {
        entry::data(&self.salt, self.body.logged())
    }
}

/// Whether a receipt holds, for somebody who believes these keys. It takes neither a server nor a network.
///
/// # Errors
///
/// [`Fault`], of which the first found says what was most likely changed.
pub fn verify<'a>(receipt: &'a Receipt, verifiers: &Verifiers) -> Result<Verified<'a>, Fault> {
    let opened = open(receipt.proof.checkpoint().as_bytes(), verifiers)?;
    let head = *opened.checkpoint.head();
    let index = receipt.proof.index();
    let leaf = entry::leaf(&receipt.salt, receipt.body.logged());
    verify_inclusion(index, &leaf, &head, receipt.proof.hashes()).map_err(|error| match error {
        ProofError::NotIncluded => Fault::NotIncluded,
        other => Fault::Proof(other),
    })?;
    if let Body::Shown { sealed, opening, text } = &receipt.body
        && !sealed.starts_with(&entry::commitment(opening, text))
    {
        return Err(Fault::OtherWords);
    }
    let origin = verifiers.origin().to_owned();
    Ok(Verified { origin, index, head, signed: opened.signed, body: &receipt.body })
}

impl Body {
    /// The bytes of which the entry is the salted hash.
    pub fn logged(&self) -> &[u8] {
        match self {
            Self::Clear(text) => text.as_bytes(),
            Self::Sealed(sealed) | Self::Shown { sealed, .. } => sealed,
        }
    }

    /// The words, where they are shown.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Clear(text) | Self::Shown { text, .. } => Some(text),
            Self::Sealed(_) => None,
        }
    }
}

/// Without the salt, with which a body could be guessed.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receipt(entry {}, {:?})", self.proof.index(), self.body)
    }
}

/// Lengths only: the words may be about somebody.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Clear(_) => "Clear",
            Self::Sealed(_) => "Sealed",
            Self::Shown { .. } => "Shown",
        };
        write!(f, "{kind}({} bytes)", self.logged().len())
    }
}

/// The receipt as it is kept.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(text) = self.body.text() {
            text.split('\n').try_for_each(|line| writeln!(f, "| {line}"))?;
        }
        writeln!(f, "salt {}", base64::encode(&self.salt))?;
        if let Body::Sealed(sealed) | Body::Shown { sealed, .. } = &self.body {
            writeln!(f, "sealed {}", base64::encode(sealed))?;
        }
        if let Body::Shown { opening, .. } = &self.body {
            writeln!(f, "opening {}", base64::encode(opening))?;
        }
        write!(f, "\n{}", self.proof)
    }
}

/// Lines taken one after the other, with the number of the next.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    /// What follows `key` in the next line, if that begins so; otherwise it stays.
    fn with(&mut self, key: &str) -> Option<&'a str> {
        let (line, rest) = self.rest.split_once('\n')?;
        let value = line.strip_prefix(key)?;
        (self.rest, self.number) = (rest, self.number + 1);
        Some(value)
    }

    /// The same, in base64.
    fn bytes(&mut self, key: &str) -> Result<Option<Vec<u8>>, ReceiptError> {
        let number = self.number;
        match self.with(key) {
            Some(value) => base64::decode(value).map(Some).ok_or(ReceiptError::Line(number)),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
