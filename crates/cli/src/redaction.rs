//! Documents with what was found in them replaced, and back.

use std::{
    fmt,
    ops::Range,
    path::Path,
    sync::{Mutex, PoisonError},
};

use tacita_detect::{
    Detector, EntityId, Finding,
    redact::{Key, Policy, Redacted, Redactor, Vault, restore, spread},
};
use tacita_documents::{Document, Note, RewriteError};

use crate::{
    documents::{Documents, Unread},
    ordered::Turn,
    review::{Review, Reviewed},
    seen::UNCHANGED,
    verify::{Replaced, Verifier},
};

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
    /// An earlier run has done it.
    Unchanged,
}

impl fmt::Display for NotRewritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skipped(reason) | Self::Failed(reason) => f.write_str(reason),
            Self::Unchanged => f.write_str(UNCHANGED),
        }
    }
}

/// How often a text is searched for what shows only when its neighbours are gone.
const ROUNDS: usize = 4;

/// How files are redacted.
pub(crate) struct Redaction {
    pub(crate) detector: Detector,
    pub(crate) documents: Documents,
    pub(crate) redactor: Mutex<Redactor>,
    pub(crate) policy: Policy,
    /// What a person made of the findings, if one was asked.
    pub(crate) review: Option<Review>,
    /// Copies are read again before they appear.
    pub(crate) verify: bool,
}

impl Redaction {
    /// The copy of the file `path` of content `bytes`; the redactor gets the files in the order of turns, so that
    /// placeholders have the same numbers however many threads there are.
    pub(crate) fn redact(
        &self,
        path: &Path,
        bytes: &[u8],
        turn: Turn<'_>,
    ) -> Result<Rewritten, NotRewritten> {
        let document = self.documents.read(&path.to_string_lossy(), bytes)?;
        let text = document.text();
        let decided = (self.review.as_ref())
            .map(|review| review.of(path).and_then(|reviewed| reviewed.decided(bytes, text)))
            .transpose()
            .map_err(NotRewritten::Failed)?;
        let found = if decided.is_none() { self.find(text) } else { Vec::new() };
        turn.wait();
        let redacted = match &decided {
            Some(decided) => self.treat(text, &decided.findings, |entity| decided.name(entity)),
            None => self.treat_all(text, found),
        }?;
        drop(turn);
        let changes = redacted.changes.iter();
        let replacements: Vec<_> =
            changes.map(|change| (change.original.clone(), &redacted.text[change.new.clone()])).collect();
        let copy = rewrite(path, bytes, &self.documents, &document, &replacements)?;
        if self.verify {
            let replaced = replacements.iter().map(|(place, new)| Replaced {
                original: text[place.clone()].to_owned(),
                new: (*new).to_owned(),
            });
            let kept = decided.as_ref().map_or(&[][..], |decided| &decided.kept[..]);
            self.verifier()
                .verify(path, &copy, &replaced.collect::<Vec<_>>(), kept)
                .map_err(NotRewritten::Failed)?;
        }
        Ok(copy)
    }

    /// What would be redacted in the file, for a person to look through.
    pub(crate) fn propose(&self, path: &Path, bytes: &[u8]) -> Result<Reviewed, NotRewritten> {
        let document = self.documents.read(&path.to_string_lossy(), bytes)?;
        let mut findings = self.find(document.text());
        findings.retain(|finding| !self.policy.keeps(self.name(finding.entity)));
        Ok(Reviewed::new(path, bytes, &document, &findings, |entity| self.name(entity)))
    }

    /// What is found in a text that is not to be kept, by type.
    pub(crate) fn found_in(&self, text: &str) -> Vec<&str> {
        let found = self.detector.detect(text);
        let mut types: Vec<&str> = found.iter().map(|finding| self.name(finding.entity)).collect();
        types.retain(|name| !self.policy.keeps(name));
        types.sort_unstable();
        types.dedup();
        types
    }

    fn treat<'n>(
        &self,
        text: &str,
        findings: &[Finding],
        name: impl Fn(EntityId) -> &'n str,
    ) -> Result<Redacted, NotRewritten> {
        let mut redactor = self.redactor.lock().unwrap_or_else(PoisonError::into_inner);
        redactor.redact(text, findings, name).map_err(|cause| NotRewritten::Failed(cause.to_string()))
    }

    /// Where copies are verified, what shows only when its neighbours are gone is treated too.
    fn treat_all(&self, text: &str, mut findings: Vec<Finding>) -> Result<Redacted, NotRewritten> {
        for _ in 1..ROUNDS {
            let redacted = self.treat(text, &findings, |entity| self.name(entity))?;
            let more = if self.verify { self.still_found(&redacted) } else { Vec::new() };
            if more.is_empty() {
                return Ok(redacted);
            }
            findings.extend(more);
            findings = spread(text, &findings);
        }
        self.treat(text, &findings, |entity| self.name(entity))
    }

    /// What is found in a redacted text beside its replacements, in the places of the original.
    fn still_found(&self, redacted: &Redacted) -> Vec<Finding> {
        let mut found = Vec::new();
        for finding in self.detector.detect(&redacted.text) {
            if self.policy.keeps(self.name(finding.entity)) {
                continue;
            }
            let first = redacted.changes.partition_point(|change| change.new.end <= finding.start);
            let mut at = finding.start;
            // Between one change and the next the texts are the same.
            let mut shift = match first.checked_sub(1).map(|before| &redacted.changes[before]) {
                Some(change) => (change.new.end, change.original.end),
                None => (0, 0),
            };
            let inside = redacted.changes[first..].iter().take_while(|change| change.new.start < finding.end);
            let pieces = inside
                .map(|change| (change.new.clone(), change.original.end))
                .chain([(finding.end..finding.end, 0)]);
            for (change, original) in pieces {
                if redacted.text[at..change.start.max(at)].contains(char::is_alphanumeric) {
                    let place = |offset: usize| offset - shift.0 + shift.1;
                    let (start, end) = (place(at), place(change.start));
                    found.push(Finding { start, end, ..finding });
                }
                at = change.end.max(at);
                shift = (change.end, original);
            }
        }
        found
    }

    fn find(&self, text: &str) -> Vec<Finding> {
        spread(text, &self.detector.detect(text))
    }

    fn name(&self, entity: EntityId) -> &str {
        self.detector.entity_name(entity)
    }

    fn verifier(&self) -> Verifier<'_> {
        Verifier { detector: &self.detector, readers: &self.documents.readers, policy: &self.policy }
    }
}

/// Puts the originals back that vault and key know.
pub(crate) fn restore_document(
    path: &Path,
    bytes: &[u8],
    documents: &Documents,
    vault: &Vault,
    key: &Key,
) -> Result<Rewritten, NotRewritten> {
    let document = documents.read(&path.to_string_lossy(), bytes)?;
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
    let written = rewrite(path, bytes, documents, &document, &replacements)?;
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
    documents: &Documents,
    document: &Document<'_>,
    replacements: &[(Range<usize>, &str)],
) -> Result<Rewritten, NotRewritten> {
    let mut notes = document.notes().to_vec();
    let mut written = None;
    if document.can_rewrite() {
        match documents.readers.rewrite(&path.to_string_lossy(), bytes, document, replacements) {
            // Better its text than nothing.
            Err(reason @ (RewriteError::Unplaced(_) | RewriteError::Unwritten(_))) => {
                notes.push(Note::TextOnly(reason.to_string()));
            }
            rewritten => written = Some(rewritten?),
        }
    }
    // A copy with nothing in it, under the name of a picture, would look like one.
    if written.is_none() && document.text().trim().is_empty() {
        return Err(NotRewritten::Skipped("it holds no text".to_owned()));
    }
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

impl<E: Into<Unread>> From<E> for NotRewritten {
    fn from(cause: E) -> Self {
        match cause.into() {
            Unread::Skipped(reason) => Self::Skipped(reason),
            Unread::Failed(reason) => Self::Failed(reason),
        }
    }
}
