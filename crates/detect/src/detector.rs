//! The native profile: one score that means confidence.

use std::{cell::RefCell, error::Error, fmt, ops::Range, sync::Arc};

use crate::{
    EntityId, Finding, Reader,
    catalog::{ENTITIES, recognizers},
    engine::{self, Raw, Resolver, Scratch, Wanted, WantedReader},
    rules::{self, Rules},
};

/// What becomes of findings that overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Overlaps {
    /// Of overlapping findings the longest stays, then the one with the higher score, then the more specific type. A URL
    /// ends where a sure finding in its path or query begins.
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
    /// What is never reported, what always is, and further recognisers.
    pub rules: Rules,
    /// Who reads the text beside the built-in recognisers.
    pub readers: Vec<Arc<dyn Reader>>,
}

impl Options {
    /// The default threshold.
    pub const THRESHOLD: f32 = 0.5;
    /// The threshold of `strict`.
    pub const STRICT: f32 = 0.85;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threshold: Self::THRESHOLD,
            entities: None,
            overlaps: Overlaps::default(),
            rules: Rules::default(),
            readers: Vec::new(),
        }
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
    wanted: Wanted,
    overlaps: Overlaps,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Detector {
    /// A detector for `options`.
    ///
    /// # Errors
    /// When a type is unknown or the threshold is out of range.
    pub fn new(options: Options) -> Result<Self, OptionsError> {
        let Options { threshold, entities, overlaps, rules, readers } = options;
        if !(0.0..=1.0).contains(&threshold) {
            return Err(OptionsError::Threshold(threshold));
        }
        let foreign = readers.iter().flat_map(|reader| reader.entities());
        let rules =
            rules::Active::new(&rules, foreign, entities.as_deref()).map_err(OptionsError::UnknownEntity)?;
        let is_wanted = |name: &str| entities.as_ref().is_none_or(|names| names.iter().any(|n| n == name));
        let number = |name: &String| is_wanted(name).then(|| rules.number(name)).flatten();
        let readers = (readers.into_iter())
            .map(|reader| WantedReader { entities: reader.entities().iter().map(number).collect(), reader })
            .collect();
        let enabled = recognizers().iter().map(|r| is_wanted(r.entity)).collect();
        engine::warm();
        let apart = overlaps == Overlaps::Resolve;
        let standing = engine::standing(threshold);
        Ok(Self { wanted: Wanted { threshold, enabled, standing, rules, apart, readers }, overlaps })
    }

    /// Whether others read beside the recognisers: a model, a service. They take long.
    #[must_use]
    pub fn has_readers(&self) -> bool {
        !self.wanted.readers.is_empty()
    }

    /// The name of a type this detector found.
    #[must_use]
    pub fn entity_name(&self, entity: EntityId) -> &str {
        let built_in = ENTITIES.get(usize::from(entity.0)).copied();
        built_in.unwrap_or_else(|| self.wanted.rules.name(entity))
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
        let mut resolver = Resolver::default();
        for start in (0..text.len()).step_by(engine::BLOCK) {
            let core = start..text.len().min(start + engine::BLOCK);
            let window = start.saturating_sub(engine::BEFORE)..text.len().min(core.end + engine::AFTER);
            self.block(&text[window.clone()], core, window.start, &mut resolver, &mut |finding| {
                findings.push(finding);
            });
        }
        resolver.flush(&mut |finding| findings.push(finding));
    }

    /// Detection over a text that comes in pieces, in constant memory.
    #[must_use]
    pub fn stream(&self) -> Stream<'_> {
        Stream { detector: self, buffer: Vec::new(), dropped: 0, next: 0, resolver: Resolver::default() }
    }

    /// Scans `core` of the text, of which `window` is the part that starts at `base`.
    fn block(
        &self,
        window: &[u8],
        core: Range<usize>,
        base: usize,
        resolver: &mut Resolver,
        found: &mut impl FnMut(Finding),
    ) {
        SCRATCH.with_borrow_mut(|scratch| {
            engine::scan(window, core.start - base..core.end - base, &self.wanted, scratch);
            if self.overlaps == Overlaps::All {
                surest_of_each(&mut scratch.raws);
            }
            for raw in &mut scratch.raws {
                raw.finding.start += base;
                raw.finding.end += base;
                raw.yields += base;
                match self.overlaps {
                    Overlaps::Resolve => resolver.push(*raw, found),
                    Overlaps::All => found(raw.finding),
                }
            }
        });
    }
}

/// Several recognisers may find one type in one place: the surest stands for all.
fn surest_of_each(raws: &mut Vec<Raw>) {
    let place = |Raw { finding, .. }: &Raw| (finding.start, finding.end, finding.entity);
    raws.sort_unstable_by(|a, b| {
        place(a).cmp(&place(b)).then_with(|| b.finding.score.total_cmp(&a.finding.score))
    });
    raws.dedup_by_key(|raw| place(raw));
}

/// Detection over a text that comes in pieces: the findings are those of the whole text, however it is cut.
///
/// Offsets count from the first byte that was pushed.
#[derive(Debug)]
pub struct Stream<'a> {
    detector: &'a Detector,
    buffer: Vec<u8>,
    /// Bytes of the text before the buffer's first.
    dropped: usize,
    /// Start of the next block.
    next: usize,
    resolver: Resolver,
}

impl Stream<'_> {
    /// Takes the next piece; `found` gets every finding that is now certain, in order of start.
    pub fn push(&mut self, mut piece: &[u8], mut found: impl FnMut(Finding)) {
        // In portions, so that one huge piece takes no more memory than many small ones.
        while !piece.is_empty() {
            let (portion, rest) = piece.split_at(piece.len().min(engine::BLOCK));
            piece = rest;
            self.buffer.extend_from_slice(portion);
            while self.dropped + self.buffer.len() >= self.next + engine::BLOCK + engine::AFTER {
                self.block(self.next + engine::BLOCK, &mut found);
            }
        }
    }

    /// The end of the text; `found` gets what was still open.
    pub fn finish(mut self, mut found: impl FnMut(Finding)) {
        let end = self.dropped + self.buffer.len();
        while self.next < end {
            self.block(end.min(self.next + engine::BLOCK), &mut found);
        }
        self.resolver.flush(&mut found);
    }

    fn block(&mut self, end: usize, found: &mut impl FnMut(Finding)) {
        let core = self.next..end;
        let from = self.next.saturating_sub(engine::BEFORE);
        let to = (end + engine::AFTER).min(self.dropped + self.buffer.len());
        let window = &self.buffer[from - self.dropped..to - self.dropped];
        self.detector.block(window, core, from, &mut self.resolver, found);
        self.next = end;
        let keep = end.saturating_sub(engine::BEFORE);
        self.buffer.drain(..keep - self.dropped);
        self.dropped = keep;
    }
}
