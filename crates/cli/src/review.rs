//! Findings written down to be looked through by a person, and what that person made of them.

use std::{fs, path::Path};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use tacita_detect::{EntityId, Finding};
use tacita_documents::Document;

use crate::{failure::Failure, output::write_secret, seen::cleaned};

/// What is said at the top of the file.
const HELP: &str = "Set redact to false for what is to stay. Add what is missing as \
    {\"redact\": true, \"entity_type\": \"PERSON\", \"value\": \"…\"}: it is redacted wherever it stands in that file. \
    This file holds personal data.";

/// A file of reviewed findings.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Review {
    help: String,
    pub(crate) files: Vec<Reviewed>,
    /// Of the file it was read from: whoever edits it decides anew.
    #[serde(skip)]
    pub(crate) digest: String,
}

/// What was found in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reviewed {
    path: String,
    /// Of its bytes: a file that has changed is to be looked through again.
    sha256: String,
    findings: Vec<Proposal>,
}

/// One place, and whether it is to be redacted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposal {
    redact: bool,
    entity_type: String,
    value: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    place: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    /// Bytes of the text that is read of the file; without them the value is looked for everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<usize>,
}

/// Reviewed findings as they are redacted, and the names of their types.
pub(crate) struct Decided<'r> {
    pub(crate) findings: Vec<Finding>,
    /// Values that are to stay somewhere.
    pub(crate) kept: Vec<&'r str>,
    names: Vec<&'r str>,
}

impl Review {
    pub(crate) fn new(files: Vec<Reviewed>) -> Self {
        Self { help: HELP.to_owned(), files, digest: String::new() }
    }

    /// Readable by its owner alone.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|cause| Failure::write(path)(cause.into()))?;
        json.push(b'\n');
        write_secret(path, &json)
    }

    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read(path).map_err(Failure::read(path))?;
        let read: Result<Self, _> = serde_json::from_slice(&text);
        let mut review = read.map_err(|cause| Failure::Review {
            path: path.to_owned(),
            // It may quote a value of the file; where it is wrong says enough.
            reason: format!("line {}, column {}", cause.line(), cause.column()),
        })?;
        review.digest = sha256(&text);
        for file in &mut review.files {
            file.path = cleaned(Path::new(&file.path)).to_string_lossy().into_owned();
        }
        review.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(review)
    }

    /// What was made of the file at `path`.
    ///
    /// # Errors
    /// When nobody looked through it.
    pub(crate) fn of(&self, path: &Path) -> Result<&Reviewed, String> {
        let path = cleaned(path);
        let path = path.to_string_lossy();
        let found = self.files.binary_search_by(|file| (*file.path).cmp(&path));
        found.map(|at| &self.files[at]).map_err(|_| "it is not in the review; review it first".to_owned())
    }
}

impl Reviewed {
    /// `findings` of a document by type, all to be redacted.
    pub(crate) fn new<'n>(
        path: &Path,
        bytes: &[u8],
        document: &Document<'_>,
        findings: &[Finding],
        name: impl Fn(EntityId) -> &'n str,
    ) -> Self {
        let text = document.text();
        let mut last = 0;
        // One that lies in another goes with it.
        let outermost = findings.iter().filter(|finding| {
            let outside = finding.end > last;
            last = last.max(finding.end);
            outside
        });
        let proposals = outermost.map(|finding| Proposal {
            redact: true,
            entity_type: name(finding.entity).to_owned(),
            value: text[finding.start..finding.end].to_owned(),
            place: document.locate(finding.start..finding.end).to_string(),
            score: Some(finding.score),
            start: Some(finding.start),
        });
        let findings = proposals.collect();
        Self { path: cleaned(path).to_string_lossy().into_owned(), sha256: sha256(bytes), findings }
    }

    /// How many there are.
    pub(crate) fn findings(&self) -> usize {
        self.findings.len()
    }

    /// What is to be redacted in `text`, read of the file of these `bytes`.
    ///
    /// # Errors
    /// When the file is not the one that was looked through, or a value does not stand where it should.
    pub(crate) fn decided(&self, bytes: &[u8], text: &str) -> Result<Decided<'_>, String> {
        if sha256(bytes) != self.sha256 {
            return Err("it has changed since it was reviewed; review it again".to_owned());
        }
        let mut names: Vec<&str> = Vec::new();
        let mut findings = Vec::new();
        for (number, proposal) in self.findings.iter().enumerate().filter(|(_, proposal)| proposal.redact) {
            let wrong = |what| format!("finding {} of its review {what}", number + 1);
            let index = names.iter().position(|name| *name == proposal.entity_type).unwrap_or_else(|| {
                names.push(&proposal.entity_type);
                names.len() - 1
            });
            let entity =
                EntityId::from_number(u16::try_from(index).map_err(|_| wrong("has too many types"))?);
            let value = &proposal.value;
            let starts: Vec<usize> = match proposal.start {
                Some(start) if text.get(start..).is_some_and(|rest| rest.starts_with(value)) => vec![start],
                Some(_) => return Err(wrong("does not stand where it says")),
                None => text.match_indices(value.as_str()).map(|(start, _)| start).collect(),
            };
            if value.is_empty() || starts.is_empty() {
                return Err(wrong("is not in the file"));
            }
            findings.extend(starts.into_iter().map(|start| Finding {
                entity,
                start,
                end: start + value.len(),
                score: proposal.score.unwrap_or(1.0),
            }));
        }
        findings.sort_by_key(|finding| (finding.start, finding.end));
        let stay = self.findings.iter().filter(|proposal| !proposal.redact && !proposal.value.is_empty());
        let kept = stay.map(|proposal| &*proposal.value).collect();
        Ok(Decided { findings, kept, names })
    }
}

impl Decided<'_> {
    pub(crate) fn name(&self, entity: EntityId) -> &str {
        self.names[usize::from(entity.number())]
    }
}

fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}
