//! Documents with what was found in them replaced, and back.

use std::{ops::Range, path::Path};

use tacita_detect::{
    Detector,
    redact::{Item, Key, Redactor, Vault, restore},
};
use tacita_documents::{Document, Limits, ReadError, RewriteError, read};

/// What a file became.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub(crate) content: Vec<u8>,
    /// The file could not be written in its own format: this is its text.
    pub(crate) text_only: bool,
    /// How many places changed.
    pub(crate) changes: usize,
    /// Tokens that vault and key do not know.
    pub(crate) unknown: usize,
}

/// Why a file was not rewritten.
#[derive(Debug)]
pub(crate) enum NotRewritten {
    /// It holds nothing that is read.
    Skipped(String),
    Failed(String),
}

/// Replaces what `detector` finds in the file `path` of content `bytes`.
pub(crate) fn redact_document(
    path: &Path,
    bytes: &[u8],
    limits: &Limits,
    detector: &Detector,
    redactor: &mut Redactor,
    key: &Key,
) -> Result<Rewritten, NotRewritten> {
    let document = read(&path.to_string_lossy(), bytes, limits)?;
    let text = document.text();
    let findings = detector.detect(text);
    let redacted = redactor
        .redact(text, &findings, |entity| detector.entity_name(entity))
        .map_err(|cause| NotRewritten::Failed(cause.to_string()))?;
    let replacements = Replacements { text, redacted: &redacted.text, vault: redactor.vault(), key };
    let replacements =
        replacements.all(&redacted.items).ok_or_else(|| NotRewritten::Failed(CLASH.to_owned()))?;
    rewrite(&document, &replacements, 0)
}

/// Puts the originals back that vault and key know.
pub(crate) fn restore_document(
    path: &Path,
    bytes: &[u8],
    limits: &Limits,
    vault: &Vault,
    key: &Key,
) -> Result<Rewritten, NotRewritten> {
    let document = read(&path.to_string_lossy(), bytes, limits)?;
    let text = document.text();
    let mut replacements = Vec::new();
    let mut unknown = 0;
    for candidate in bracketed(text) {
        let restored = restore(&text[candidate.clone()], vault, key);
        unknown += restored.unknown;
        if restored.known > 0 {
            replacements.push((candidate, restored.text));
        }
    }
    rewrite(&document, &replacements, unknown)
}

const CLASH: &str = "what looks like a placeholder in it runs into a finding; redact its plain text instead";

/// The replacements that turn a text into its redacted form: the items, and what looked like a token in between.
struct Replacements<'a> {
    text: &'a str,
    redacted: &'a str,
    vault: &'a Vault,
    key: &'a Key,
}

impl Replacements<'_> {
    /// In order. `None` where an item and a look-alike cannot be told apart.
    fn all(&self, items: &[Item]) -> Option<Vec<(Range<usize>, String)>> {
        let mut all = Vec::with_capacity(items.len());
        let (mut at, mut redacted_at) = (0, 0);
        for item in items {
            self.between(at..item.original.start, redacted_at..item.start, &mut all)?;
            all.push((item.original.clone(), self.redacted[item.start..item.end].to_owned()));
            (at, redacted_at) = (item.original.end, item.end);
        }
        self.between(at..self.text.len(), redacted_at..self.redacted.len(), &mut all)?;
        Some(all)
    }

    /// Between two items only look-alikes change; the vault knows what each stands for.
    fn between(
        &self,
        text: Range<usize>,
        redacted: Range<usize>,
        all: &mut Vec<(Range<usize>, String)>,
    ) -> Option<()> {
        let (before, after) = (self.text.get(text.clone())?, self.redacted.get(redacted)?);
        if before == after {
            return Some(());
        }
        let (mut at, mut after_at) = (0, 0);
        for token in bracketed(after) {
            let restored = restore(&after[token.clone()], self.vault, self.key);
            let start = at + (token.start - after_at);
            let end = start + restored.text.len();
            if restored.known == 0 || before.get(start..end) != Some(restored.text.as_str()) {
                continue;
            }
            all.push((text.start + start..text.start + end, after[token.clone()].to_owned()));
            (at, after_at) = (end, token.end);
        }
        (before.get(at..) == after.get(after_at..)).then_some(())
    }
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
    document: &Document<'_>,
    replacements: &[(Range<usize>, String)],
    unknown: usize,
) -> Result<Rewritten, NotRewritten> {
    let replacements: Vec<_> =
        replacements.iter().map(|(range, text)| (range.clone(), text.as_str())).collect();
    let text_only = !document.can_rewrite();
    let content = if text_only {
        document.rewrite_text(&replacements).map(String::into_bytes)?
    } else {
        document.rewrite(&replacements)?
    };
    Ok(Rewritten { content, text_only, changes: replacements.len(), unknown })
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
