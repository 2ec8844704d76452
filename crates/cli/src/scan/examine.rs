//! One file: read, searched, rendered.

use std::{
    fs::File,
    io::{self, Read},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
};

use tacita_documents::ReadError;

use super::{
    FailOn, Found,
    hits::{Detail, hits},
};
use crate::{
    detection::Finder,
    documents::{Documents, Unread},
    failure::Failure,
    report::{Format, Outcome, Report, Tally},
    seen::{Mark, Seen, UNCHANGED},
    size::Size,
};

/// Looks into one file after the other; shared by all threads of a scan.
pub(crate) struct Examiner<'a> {
    pub(crate) finder: &'a Finder,
    pub(crate) format: &'a dyn Format,
    pub(crate) detail: Detail,
    pub(crate) documents: &'a Documents,
    pub(crate) fail_on: Option<&'a FailOn>,
    pub(crate) seen: Option<&'a Seen>,
}

/// What an examiner makes of what lies under the paths.
#[derive(Debug)]
pub(crate) enum Examined {
    File(Box<Rendered>),
    /// Not looked into: it is read when its turn comes, as it may never end.
    Stream(PathBuf),
}

impl Examined {
    /// The memory that it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::File(rendered) => rendered.report.capacity(),
            Self::Stream(_) => 0,
        }
    }
}

/// A file as the report shows it.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) report: Vec<u8>,
    pub(crate) tally: Tally,
    pub(crate) outcome: Outcome,
    /// A finding that `--fail-on` names is in it.
    pub(crate) fails: bool,
    /// It was read; by this it is known again.
    pub(crate) mark: Option<Mark>,
}

impl Rendered {
    /// Puts it into the report; whether `--fail-on` names a finding in it.
    pub(crate) fn pass_on(self, report: &mut Report<'_>) -> Result<bool, Failure> {
        report.part(&self.report)?;
        report.end_file(&self.path, self.bytes, self.tally, self.outcome);
        Ok(self.fails)
    }
}

impl Examiner<'_> {
    /// Reads and searches a file. It never fails: what went wrong is part of the report.
    pub(crate) fn examine(&self, found: Found) -> Examined {
        Examined::File(Box::new(match found {
            Found::Stream(path) => return Examined::Stream(path),
            Found::Skipped(path, reason) => self.left_out(path, Outcome::Skipped(reason)),
            Found::Failed(path, reason) => self.left_out(path, Outcome::Failed(reason)),
            Found::File(path, size) => {
                // A reader that fails on a hostile file takes that file with it, not the scan.
                let examined = panic::catch_unwind(AssertUnwindSafe(|| self.examine_file(&path, size)));
                let lost =
                    |_| Outcome::Failed("reading it failed inside tacita; please report this".to_owned());
                examined
                    .unwrap_or_else(|panic| Err(lost(panic)))
                    .unwrap_or_else(|outcome| self.left_out(path, outcome))
            }
        }))
    }

    /// The report of a text or document whose bytes are in memory; without one what to say instead.
    pub(crate) fn examine_bytes(&self, path: &Path, bytes: &[u8]) -> Result<Rendered, Outcome> {
        let mark = self.seen.map(|seen| seen.mark(path, bytes));
        if self.seen.zip(mark.as_ref()).is_some_and(|(seen, mark)| seen.knows(mark)) {
            return Err(Outcome::Skipped(UNCHANGED.to_owned()));
        }
        let document =
            self.documents.read(&path.to_string_lossy(), bytes).map_err(|unread| match unread {
                Unread::Skipped(reason) => Outcome::Skipped(reason),
                Unread::Failed(reason) => Outcome::Failed(reason),
            })?;
        let findings = self.finder.find(document.text());
        let mut report = Vec::new();
        let mut tally = Tally::default();
        let mut fails = false;
        for hit in hits(&document, &findings, self.detail) {
            self.format.hit(&mut report, path, tally.findings, &hit);
            tally.add(&hit);
            fails |= self.fail_on.is_some_and(|fail_on| fail_on.matches(&hit));
        }
        let outcome = Outcome::Read { format: document.format().name, notes: document.notes().to_vec() };
        self.format.end_of_file(&mut report, path, tally.findings, &outcome);
        Ok(Rendered { path: path.to_owned(), bytes: bytes.len() as u64, report, tally, outcome, fails, mark })
    }

    /// The report of what was not searched.
    pub(crate) fn left_out(&self, path: PathBuf, outcome: Outcome) -> Rendered {
        let mut report = Vec::new();
        self.format.end_of_file(&mut report, &path, 0, &outcome);
        Rendered { path, bytes: 0, report, tally: Tally::default(), outcome, fails: false, mark: None }
    }

    fn examine_file(&self, path: &Path, size: u64) -> Result<Rendered, Outcome> {
        let failed = |cause: io::Error| Outcome::Failed(cause.to_string());
        let mut file = File::open(path).map_err(failed)?;
        let limit = self.documents.readers.limits().file_bytes;
        if size > limit as u64 {
            return Err(self.too_large(path, file, size));
        }
        let mut bytes = Vec::with_capacity(size as usize + 1);
        // A file may grow while it is read, and files of the kernel have no size at all.
        file.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > limit {
            return Err(self.too_large(path, &bytes[..], bytes.len() as u64));
        }
        self.examine_bytes(path, &bytes)
    }

    /// A film that is too large is skipped like any other film; a text that is too large is an error.
    fn too_large(&self, path: &Path, start: impl Read, size: u64) -> Outcome {
        let mut head = Vec::new();
        let read_head = start.take(4096).read_to_end(&mut head);
        match self.documents.readers.read(&path.to_string_lossy(), &head) {
            Err(error @ ReadError::UnknownKind(_)) if read_head.is_ok() => {
                Outcome::Skipped(error.to_string())
            }
            _ => Outcome::Failed(format!(
                "{} is over the limit of {}; raise it with `--max-size`, or pipe a text into `tacita scan -`",
                Size(size),
                Size(self.documents.readers.limits().file_bytes as u64)
            )),
        }
    }
}
