//! Stdin and pipes: documents as files are, texts of any length in constant memory.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tacita_detect::{Detector, Finding, OffsetUnit};
use tacita_documents::{Location, Marks, Place};

use super::{
    examine::{Examiner, Rendered},
    hits::shown,
};
use crate::{
    detection::Finder,
    failure::Failure,
    report::{Hit, Outcome, Report, Tally},
    size::Size,
    trail::Trail,
};

/// Scans what comes through `path` (`-` is stdin) to its end; whether a finding that `--fail-on` names is in it.
pub(crate) fn scan_stream(
    examiner: &Examiner<'_>,
    path: PathBuf,
    report: &mut Report<'_>,
) -> Result<bool, Failure> {
    let rendered = match start(examiner, &path) {
        Ok(Start::Whole(rendered)) => *rendered,
        Ok(Start::Endless { head, rest, detector }) => {
            return Endless::new(examiner, &path, detector).scan(&head, rest, report);
        }
        Err(outcome) => examiner.left_out(path, outcome),
    };
    rendered.pass_on(report)
}

enum Start<'a> {
    Whole(Box<Rendered>),
    /// A text longer than the size limit: it is searched as it comes.
    Endless {
        head: Vec<u8>,
        rest: Box<dyn Read>,
        detector: &'a Detector,
    },
}

fn start<'a>(examiner: &Examiner<'a>, path: &Path) -> Result<Start<'a>, Outcome> {
    let failed = |cause: io::Error| Outcome::Failed(cause.to_string());
    let mut input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    let limit = examiner.documents.readers.limits().file_bytes;
    let mut head = Vec::new();
    input.by_ref().take(limit as u64 + 1).read_to_end(&mut head).map_err(failed)?;
    if head.len() <= limit {
        return examiner.examine_bytes(path, &head).map(|rendered| Start::Whole(Box::new(rendered)));
    }
    match examiner.finder {
        Finder::Native(detector) if is_text(&head) => Ok(Start::Endless { head, rest: input, detector }),
        _ => Err(Outcome::Failed(format!(
            "longer than the limit of {}, and only a plain text can be searched as it comes, in the native profile; \
             raise the limit with `--max-size`",
            Size(limit as u64)
        ))),
    }
}

/// How much is searched at once.
const PIECE: usize = 256 * 1024;

/// Zero bytes stand in every other kind of file and in no text but UTF-16.
fn is_text(head: &[u8]) -> bool {
    memchr::memchr(0, &head[..head.len().min(64 * 1024)]).is_none()
}

/// A text that is searched as it comes.
struct Endless<'a> {
    examiner: &'a Examiner<'a>,
    path: &'a Path,
    detector: &'a Detector,
    trail: Trail,
    tally: Tally,
    fails: bool,
    rendered: Vec<u8>,
}

impl<'a> Endless<'a> {
    fn new(examiner: &'a Examiner<'a>, path: &'a Path, detector: &'a Detector) -> Self {
        let trail = Trail::new(OffsetUnit::Bytes);
        Self { examiner, path, detector, trail, tally: Tally::default(), fails: false, rendered: Vec::new() }
    }

    fn scan(mut self, head: &[u8], mut rest: impl Read, report: &mut Report<'_>) -> Result<bool, Failure> {
        let mut stream = self.detector.stream();
        let mut found = Vec::new();
        let mut bytes = 0;
        let mut outcome = Outcome::Read { format: "text", notes: Vec::new() };
        let mut buffer = vec![0; PIECE];
        let mut head = head.chunks(PIECE);
        loop {
            let piece = match head.next() {
                Some(piece) => piece,
                None => match read_some(&mut rest, &mut buffer) {
                    Ok(0) => break,
                    Ok(read) => &buffer[..read],
                    Err(cause) => {
                        outcome = Outcome::Failed(cause.to_string());
                        break;
                    }
                },
            };
            bytes += piece.len() as u64;
            self.trail.push(piece);
            stream.push(piece, |finding| found.push(finding));
            self.render(&mut found);
            self.pass_on(report)?;
        }
        stream.finish(|finding| found.push(finding));
        self.render(&mut found);
        self.examiner.format.end_of_file(&mut self.rendered, self.path, self.tally.findings, &outcome);
        self.pass_on(report)?;
        report.end_file(self.path, bytes, self.tally, outcome);
        Ok(self.fails)
    }

    fn render(&mut self, found: &mut Vec<Finding>) {
        for finding in found.drain(..) {
            let spot = self.trail.spot(finding.start, finding.end);
            let value = String::from_utf8_lossy(self.trail.bytes(finding.start, finding.end)).into_owned();
            let location = Location {
                within: Vec::new(),
                place: Place::Text,
                line: u32::try_from(spot.line).ok(),
                column: u32::try_from(spot.column).ok(),
                bytes: Some(finding.start..finding.end),
                marks: Marks::default(),
            };
            let hit = Hit {
                entity: self.detector.entity_name(finding.entity),
                score: finding.score,
                location,
                value: shown(&value, self.examiner.detail.show_values),
                before: String::new(),
                after: String::new(),
            };
            self.examiner.format.hit(&mut self.rendered, self.path, self.tally.findings, &hit);
            self.tally.add(&hit);
            self.fails |= self.examiner.fail_on.is_some_and(|fail_on| fail_on.matches(&hit));
        }
    }

    fn pass_on(&mut self, report: &mut Report<'_>) -> Result<(), Failure> {
        report.part(&self.rendered)?;
        self.rendered.clear();
        Ok(())
    }
}

fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
