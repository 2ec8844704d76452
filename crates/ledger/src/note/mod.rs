//! Signed notes: C2SP's [signed-note](https://c2sp.org/signed-note), a text with the signatures of one or more keys below it.
//!
//! Until a signature was verified nothing that a note says may be believed; what opens a note of ours is
//! [`checkpoint::open`](crate::checkpoint::open).

mod keys;
mod message;

use std::fmt;

pub use keys::{Algorithm, KeyError, Signer, VerifierKey};
pub use message::{NotSignable, SignatureError};

use crate::base64;

/// The longest note that is read, in bytes: some 60 post-quantum signatures.
pub const MAX_NOTE: usize = 256 * 1024;

/// The most signatures that are read.
pub const MAX_SIGNATURES: usize = 64;

/// The longest name of a key, in bytes: what the message of an ML-DSA-44 signature can hold.
pub const MAX_NAME: usize = 255;

/// How a signature line begins: an em dash and a space.
const DASH: &str = "— ";

/// A text and the signatures below it, none of them verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The number of the key, which only tells keys of one name apart.
    pub key_id: u32,
    /// What the key's algorithm made, without the key id.
    pub bytes: Vec<u8>,
}

/// Why bytes are no signed note.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than any that is read.
    #[error("the note has {0} bytes, more than the {MAX_NOTE} that are read")]
    TooLong(usize),
    /// It is no text.
    #[error("the note is not UTF-8")]
    NotUtf8,
    /// A line of it has a control character.
    #[error("line {0} of the note has a control character")]
    Control(usize),
    /// There is no empty line with signatures after it.
    #[error("the note has no signatures")]
    Unsigned,
    /// It does not end with a line feed: it was cut.
    #[error("the note is cut: its last line has no end")]
    Cut,
    /// There are more signatures than are read.
    #[error("the note has more than the {MAX_SIGNATURES} signatures that are read")]
    TooManySignatures,
    /// A line after the text is no signature.
    #[error("line {0} of the note is no signature")]
    Malformed(usize),
}

impl Note {
    /// A text that has no signatures yet.
    ///
    /// # Errors
    ///
    /// [`NoteError`] where it does not end with a line feed, or has another control character.
    pub fn new(text: String) -> Result<Self, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Cut);
        }
        refuse_control(&text)?;
        Ok(Self { text, signatures: Vec::new() })
    }

    /// A text of which it is known that it has the form of one.
    pub(crate) fn unsigned(text: String) -> Self {
        Self { text, signatures: Vec::new() }
    }

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// [`NoteError`] where the bytes are none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let whole = str::from_utf8(bytes).map_err(|_| NoteError::NotUtf8)?;
        refuse_control(whole)?;
        // The last empty line: the text may have such lines of its own.
        let end = whole.rfind("\n\n").ok_or(NoteError::Unsigned)? + 1;
        let (text, lines) = (&whole[..end], &whole[end + 1..]);
        if lines.is_empty() {
            return Err(NoteError::Unsigned);
        }
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Cut)?;
        let before = text.matches('\n').count() + 1;
        let mut signatures = Vec::new();
        for (line, number) in lines.split('\n').zip(before + 1..) {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(Signature::parse(line).ok_or(NoteError::Malformed(number))?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text that is signed, with the line feed at its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in their order, verified or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature, of ours or of a witness, below the others; one that is there already stays alone.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }
}

/// The note as it is stored and sent.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads a signature line, without the line feed.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let signature = base64::decode(signature)?;
        let (key_id, bytes) = signature.split_first_chunk::<4>()?;
        if !is_name(name) || bytes.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), key_id: u32::from_be_bytes(*key_id), bytes: bytes.to_vec() })
    }
}

/// The line, without the line feed.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = [&self.key_id.to_be_bytes(), &self.bytes[..]].concat();
        write!(f, "{DASH}{} {}", self.name, base64::encode(&signature))
    }
}

/// Whether a key can have this name: no white space, no plus sign, at most [`MAX_NAME`] bytes.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn refuse_control(text: &str) -> Result<(), NoteError> {
    match text.bytes().position(|byte| byte < b' ' && byte != b'\n') {
        Some(at) => Err(NoteError::Control(1 + text[..at].matches('\n').count())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const SIGNED: &str = "a\n\nb\n\n— x.example AAAAAQI=\n— é AAAAAQM=\n";

    #[test]
    fn reads_text_and_signatures() {
        let note = Note::parse(SIGNED.as_bytes()).unwrap();
        assert_eq!(note.text(), "a\n\nb\n");
        let signature = |name: &str, byte| Signature { name: name.into(), key_id: 1, bytes: vec![byte] };
        assert_eq!(note.signatures(), [signature("x.example", 2), signature("é", 3)]);
        assert_eq!(note.to_string(), SIGNED);
    }

    #[test]
    fn says_what_is_wrong() {
        let cases: &[(&[u8], NoteError)] = &[
            (b"", NoteError::Unsigned),
            (b"text\n", NoteError::Unsigned),
            (b"text\n\n", NoteError::Unsigned),
            ("— x AAAAAQI=\n".as_bytes(), NoteError::Unsigned),
            ("text\n— x AAAAAQI=\n".as_bytes(), NoteError::Unsigned),
            ("text\n\n— x AAAAAQI=".as_bytes(), NoteError::Cut),
            ("text\n\n— x AAAAAQI=\n\n".as_bytes(), NoteError::Unsigned),
            ("text\n\n— x  AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— x AAAAAQI= \n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— x AAAAAQI\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— x AAAAAQJ=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— x AAAAAQ==\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n—  AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— a+b AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— a\u{a0}b AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n- x AAAAAQI=\n".as_bytes(), NoteError::Malformed(3)),
            ("text\n\n— x AAAAAQI=\nx\n".as_bytes(), NoteError::Malformed(4)),
            (b"te\txt\n\n", NoteError::Control(1)),
            (b"text\n\r\n", NoteError::Control(2)),
            (b"text\n\0\n", NoteError::Control(2)),
            (b"te\xffxt\n\n", NoteError::NotUtf8),
        ];
        for (bytes, error) in cases {
            assert_eq!(Note::parse(bytes), Err(error.clone()), "{:?}", String::from_utf8_lossy(bytes));
        }
        let long = vec![b'a'; MAX_NOTE + 1];
        assert_eq!(Note::parse(&long), Err(NoteError::TooLong(MAX_NOTE + 1)));
        let many = format!("text\n\n{}", "— x AAAAAQI=\n".repeat(MAX_SIGNATURES));
        assert!(Note::parse(many.as_bytes()).is_ok());
        assert_eq!(Note::parse((many + "— x AAAAAQI=\n").as_bytes()), Err(NoteError::TooManySignatures));
    }

    #[test]
    fn a_signature_stands_once() {
        let mut note = Note::parse(SIGNED.as_bytes()).unwrap();
        note.add(note.signatures()[0].clone());
        assert_eq!(note.to_string(), SIGNED);
        assert_eq!(Note::new("no end".into()), Err(NoteError::Cut));
        assert_eq!(Note::new("a\u{7}\n".into()), Err(NoteError::Control(1)));
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(bytes in vec(any::<u8>(), 0..200), cut in 0..SIGNED.len(), with: char) {
            let _ = Note::parse(&bytes);
            let broken: String = SIGNED.char_indices().map(|(at, c)| if at == cut { with } else { c }).collect();
            if let Ok(note) = Note::parse(broken.as_bytes()) {
                prop_assert_eq!(note.to_string(), broken);
            }
        }
    }
}
