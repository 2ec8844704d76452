//! Documents with what was found in them replaced, and back.

use std::{
    ops::Range,
    path::Path,
    sync::{Mutex, PoisonError},
};

use tacita_detect::{
    Detector,
    redact::{Key, Redactor, Vault, restore},
};
use tacita_documents::{Document, Note, ReadError, RewriteError, isolation::Readers};

use crate::ordered::Turn;

/// What a file became.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) content: Vec<u8>,
    /// The file could not be written in its own format: this is its text.
    pub(crate) text_only: bool,
    /// What its reader had to say: parts that were not read were not redacted either.
    pub(crate) notes: Vec<Note>,
    /// How many places changed.
    pub(crate) changes: usize,
    /// Tokens that vault and key do not know.
    pub(crate) unknown: usize,
}

/// Why a part is not in a copy.
const LEFT_OUT: &str = "something is found in it, and it can't be written in its format";

/// Why a file was not rewritten.
#[derive(Debug)]
pub(crate) enum NotRewritten {
    /// It holds nothing that is read.
    Skipped(String),
    Failed(String),
}

/// Replaces what `detector` finds in the file `path` of content `bytes`; `redactor` gets the files in the order of turns,
/// so that placeholders have the same numbers however many threads there are.
pub(crate) fn redact_document(
    path: &Path,
    bytes: &[u8],
    readers: &Readers,
    detector: &Detector,
    redactor: &Mutex<Redactor>,
    turn: Turn<'_>,
) -> Result<Rewritten, NotRewritten> {
    let document = readers.read(&path.to_string_lossy(), bytes)?;
    let text = document.text();
    let findings = detector.detect(text);
    turn.wait();
    let redacted = (redactor.lock().unwrap_or_else(PoisonError::into_inner))
        .redact(text, &findings, |entity| detector.entity_name(entity))
        .map_err(|cause| NotRewritten::Failed(cause.to_string()))?;
    drop(turn);
    let changes = redacted.changes.iter();
    let replacements: Vec<_> =
        changes.map(|change| (change.original.clone(), &redacted.text[change.new.clone()])).collect();
    rewrite(path, bytes, readers, &document, &replacements)
}

/// Puts the originals back that vault and key know.
pub(crate) fn restore_document(
    path: &Path,
    bytes: &[u8],
    readers: &Readers,
    vault: &Vault,
    key: &Key,
) -> Result<Rewritten, NotRewritten> {
    let document = readers.read(&path.to_string_lossy(), bytes)?;
    let text = document.text();
    let mut originals = Vec::new();
    let mut unknown = 0;
    for candidate in bracketed(text) {
        let restored = restore(&text[candidate.clone()], vault, key);
        unknown += restored.unknown;
        if restored.known > 0 {
            originals.push((candidate, restored.text));
        }
    }
    let replacements: Vec<_> = originals.iter().map(|(place, text)| (place.clone(), text.as_str())).collect();
    let written = rewrite(path, bytes, readers, &document, &replacements)?;
    Ok(Rewritten { unknown, ..written })
}

/// Everything in square brackets with no other bracket in it: every token is, and little else.
fn bracketed(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut open = None;
    memchr::memchr2_iter(b'[', b']', text.as_bytes()).filter_map(move |at| {
        if text.as_bytes()[at] == b'[' {
            open = Some(at);
            return None;
        }
        open.take().map(|start| start..at + 1)
    })
}

fn rewrite(
    path: &Path,
    bytes: &[u8],
    readers: &Readers,
    document: &Document<'_>,
    replacements: &[(Range<usize>, &str)],
) -> Result<Rewritten, NotRewritten> {
    let written = match document.can_rewrite() {
        true => match readers.rewrite(&path.to_string_lossy(), bytes, document, replacements) {
            // Better its text than nothing.
            Err(RewriteError::Unplaced(_) | RewriteError::Unwritten(_)) => None,
            written => Some(written?),
        },
        false => None,
    };
    // A copy with nothing in it, under the name of a picture, would look like one.
    if written.is_none() && document.text().trim().is_empty() {
        return Err(NotRewritten::Skipped("it holds no text".to_owned()));
    }
    let mut notes = document.notes().to_vec();
    let text_only = written.is_none();
    let content = match written {
        Some(written) => {
            let left_out = |part| Note::Skipped { part, reason: LEFT_OUT.to_owned() };
            notes.extend(written.left_out.into_iter().map(left_out));
            written.bytes
        }
        None => document.rewrite_text(replacements)?.into_bytes(),
    };
    Ok(Rewritten { content, text_only, notes, changes: replacements.len(), unknown: 0 })
}

impl From<ReadError> for NotRewritten {
    fn from(cause: ReadError) -> Self {
        match cause {
            ReadError::UnknownKind(_) => Self::Skipped(cause.to_string()),
            _ => Self::Failed(cause.to_string()),
        }
    }
}

impl From<RewriteError> for NotRewritten {
    fn from(cause: RewriteError) -> Self {
        Self::Failed(cause.to_string())
    }
}
