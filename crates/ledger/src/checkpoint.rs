//! Checkpoints: C2SP's [tlog-checkpoint](https://c2sp.org/tlog-checkpoint), the signed statement of a log about how many entries
//! it has and which.
//!
//! A log never signs two that do not continue each other. Whoever keeps one can therefore show that a later one was
//! rewritten; and whoever publishes his can't take anything back.

use std::fmt;

use crate::{
    epoch,
    merkle::{EMPTY_ROOT, Hash, MAX_SIZE, TreeHead},
    note::{Algorithm, MAX_NAME, NotSignable, Note, NoteError, SignatureError, Signer, VerifierKey},
};

/// The text of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extension_lines: Vec<String>,
}

/// Why a text is no checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// A text of fewer lines, or cut.
    #[error("it lacks one of its lines: origin, size and root")]
    Lines,
    /// The origin is empty, longer than 255 bytes, or has a control character.
    #[error("`{0}` can't be an origin")]
    Origin(String),
    /// The size is no decimal number in its one form, or larger than that of any tree.
    #[error("`{0}` is no size of a tree")]
    Size(String),
    /// The root is no hash in base64, or not that of the empty tree where the size is 0.
    #[error("`{0}` is no root of such a tree")]
    Root(String),
    /// An extension line is empty or has a control character.
    #[error("extension line {0} is empty or has a control character")]
    Extension(usize),
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] where no log can have such an origin or such a tree.
    pub fn new(origin: &str, head: TreeHead) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.len() > MAX_NAME || origin.chars().any(char::is_control) {
            return Err(CheckpointError::Origin(origin.to_owned()));
        }
        if head.size > MAX_SIZE {
            return Err(CheckpointError::Size(head.size.to_string()));
        }
        if head.size == 0 && head.root != EMPTY_ROOT {
            return Err(CheckpointError::Root(head.root.to_string()));
        }
        Ok(Self { origin: origin.to_owned(), head, extension_lines: Vec::new() })
    }

    /// With extension lines, which no monitor can check and ML-DSA-44 can't sign: better without.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Extension`] where one is empty or has a control character.
    pub fn with_extension_lines(mut self, lines: Vec<String>) -> Result<Self, CheckpointError> {
        match lines.iter().position(|line| line.is_empty() || line.chars().any(|c| c < ' ')) {
            Some(at) => Err(CheckpointError::Extension(at + 1)),
            None => {
                self.extension_lines = lines;
                Ok(self)
            }
        }
    }

    /// Reads the text of a checkpoint, the part that is signed.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] where it is none.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let mut line = || lines.next().ok_or(CheckpointError::Lines);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = decimal(size).ok_or_else(|| CheckpointError::Size(size.to_owned()))?;
        let root = Hash::from_base64(root).ok_or_else(|| CheckpointError::Root(root.to_owned()))?;
        let lines = lines.map(str::to_owned).collect();
        Self::new(origin, TreeHead { size, root })?.with_extension_lines(lines)
    }

    /// Which log this is of, as a rule its address without `https://`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root of the tree.
    pub fn head(&self) -> &TreeHead {
        &self.head
    }

    /// The lines below the root.
    pub fn extension_lines(&self) -> &[String] {
        &self.extension_lines
    }

    /// Signs it with each of these keys, `time` seconds after 1970.
    ///
    /// Nothing here knows what was signed before: that this checkpoint continues the last one is for the caller to know.
    ///
    /// # Errors
    ///
    /// [`NotSignable`] where a key can't sign it.
    pub fn sign(&self, signers: &[&Signer], time: u64) -> Result<Note, NotSignable> {
        let text = self.to_string();
        let signatures =
            signers.iter().map(|signer| signer.sign(&text, time)).collect::<Result<Vec<_>, _>>()?;
        let mut note = Note::unsigned(text);
        signatures.into_iter().for_each(|signature| note.add(signature));
        Ok(note)
    }
}

/// The text, each line with a line feed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.head.size, self.head.root)?;
        self.extension_lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A number in the one form that it is written in.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// What somebody believes: which log, and the keys that speak for it.
#[derive(Clone, Debug)]
pub struct Verifiers {
    origin: String,
    required: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
}

/// No key was named, so that anything would be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at least one key must be required")]
pub struct NoKey;

impl Verifiers {
    /// Believes checkpoints of the log `origin` that every one of these keys signed.
    ///
    /// # Errors
    ///
    /// [`NoKey`] where there is none.
    pub fn new(origin: &str, required: Vec<VerifierKey>) -> Result<Self, NoKey> {
        if required.is_empty() {
            return Err(NoKey);
        }
        Ok(Self { origin: origin.to_owned(), required, witnesses: Vec::new() })
    }

    /// Knows these keys too: they need not have signed, but where they did, it must be right, and [`Opened`] names them.
    pub fn with_witnesses(mut self, witnesses: Vec<VerifierKey>) -> Self {
        self.witnesses = witnesses;
        self
    }

    /// What believes the same keys for another epoch of the log, by its origin: they sign each under its own name. None where it
    /// is another log's.
    pub fn of_epoch(&self, origin: &str) -> Option<Self> {
        if epoch::split(origin).0 != epoch::split(&self.origin).0 {
            return None;
        }
        let required = self.required.iter().map(|key| key.named(origin)).collect::<Result<_, _>>().ok()?;
        Some(Self { origin: origin.to_owned(), required, witnesses: self.witnesses.clone() })
    }

    /// The log whose checkpoints are believed.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// A checkpoint that can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// Who signed, the log's keys first. Only whom the [`Verifiers`] know.
    pub signed: Vec<Signed>,
}

/// A signature that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The name of the key.
    pub name: String,
    /// How it signed.
    pub algorithm: Algorithm,
    /// When it says it did, in seconds since 1970.
    pub time: Option<u64>,
}

/// Why a checkpoint is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is no signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text that is signed is no checkpoint.
    #[error("no checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A key that must have signed did not.
    #[error("the {algorithm} signature of `{name}` is missing")]
    Missing {
        /// The name of the key.
        name: String,
        /// How it would have signed.
        algorithm: Algorithm,
    },
    /// A key of the same name signed, but not the one that was given.
    #[error("signed by other keys of `{name}` than its {algorithm} key {id:08x}, which was to be believed")]
    OtherKey {
        /// The name of the key.
        name: String,
        /// How it would have signed.
        algorithm: Algorithm,
        /// The number of the key that was given.
        id: u32,
    },
    /// A known key's signature does not match: the checkpoint was changed.
    #[error("the {algorithm} signature of `{name}`: {why}")]
    Signature {
        /// The name of the key.
        name: String,
        /// How it signs.
        algorithm: Algorithm,
        /// What is wrong with it.
        why: SignatureError,
    },
    /// The checkpoint is that of another log.
    #[error("a checkpoint of the log `{found}`, not of `{expected}`")]
    OtherLog {
        /// Whose was asked for.
        expected: String,
        /// Whose it is.
        found: String,
    },
}

/// Verifies a signed checkpoint of any epoch of the log.
///
/// # Errors
///
/// Those of [`open`].
pub fn open_any_epoch(note: &[u8], verifiers: &Verifiers) -> Result<Opened, OpenError> {
    let parsed = Note::parse(note)?;
    let of_epoch = verifiers.of_epoch(Checkpoint::parse(parsed.text())?.origin());
    open(note, of_epoch.as_ref().unwrap_or(verifiers))
}

/// Verifies a signed checkpoint. Signatures of unknown keys are ignored.
///
/// # Errors
///
/// [`OpenError`] where it is malformed, of another log, lacks a required signature, or has a wrong one of a known key.
pub fn open(note: &[u8], verifiers: &Verifiers) -> Result<Opened, OpenError> {
    let note = Note::parse(note)?;
    let mut signed = Vec::new();
    for (key, required) in verifiers.keys() {
        let made = note.signatures().iter().filter(|signature| key.made(signature)).collect::<Vec<_>>();
        if made.is_empty() && required {
            return Err(missing(key, &note));
        }
        let mut time = None;
        for signature in &made {
            time = key.verify(note.text(), signature).map_err(|why| OpenError::Signature {
                name: key.name().to_owned(),
                algorithm: key.algorithm(),
                why,
            })?;
        }
        if !made.is_empty() {
            signed.push(Signed { name: key.name().to_owned(), algorithm: key.algorithm(), time });
        }
    }
    let checkpoint = Checkpoint::parse(note.text())?;
    if checkpoint.origin != verifiers.origin {
        let (expected, found) = (verifiers.origin.clone(), checkpoint.origin);
        return Err(OpenError::OtherLog { expected, found });
    }
    Ok(Opened { checkpoint, signed })
}

impl Verifiers {
    fn keys(&self) -> impl Iterator<Item = (&VerifierKey, bool)> {
        let required = self.required.iter().map(|key| (key, true));
        required.chain(self.witnesses.iter().map(|key| (key, false)))
    }
}

fn missing(key: &VerifierKey, note: &Note) -> OpenError {
    let (name, algorithm) = (key.name().to_owned(), key.algorithm());
    if note.signatures().iter().any(|signature| signature.name == name && signature.key_id != key.id()) {
        return OpenError::OtherKey { name, algorithm, id: key.id() };
    }
    OpenError::Missing { name, algorithm }
}
