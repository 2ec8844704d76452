//! `detect --jsonl`: one question per line, one answer per line, in the same order.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    io::{self, Read},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde::Deserialize;
use tacita_detect::{Finding, OffsetUnit, convert_offsets};

use crate::{
    blocks::{Block, Blocks, Content},
    detection::{DetectionArgs, Finder, Match, Profile, Threshold},
    failure::Failure,
    ordered::ordered,
};

/// One line.
#[derive(Deserialize)]
struct Question<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    entities: Option<Vec<String>>,
    #[serde(default)]
    threshold: Option<Bar>,
}

/// A threshold in JSON.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Bar {
    Score(f32),
    Named(Named),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Strict,
}

/// Answers every line of `input`.
///
/// `emit` gets the answers of some lines at once and the errors among them, by line number.
pub(crate) fn answer(
    input: impl Read + Send,
    path: &Path,
    args: &DetectionArgs,
    unit: OffsetUnit,
    longest_line: usize,
    threads: usize,
    mut emit: impl FnMut(&Answers) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let finders = Finders::new(args)?;
    let work = |block: io::Result<Block>| block.map(|block| finders.answer(&block, unit, longest_line));
    let weigh = |answers: &io::Result<Answers>| answers.as_ref().map_or(0, |answers| answers.json.capacity());
    ordered(threads, Blocks::new(input, longest_line), work, weigh, |answers| {
        emit(&answers.map_err(Failure::read(path))?)
    })
}

/// What some lines were answered.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// One line of JSON for each.
    pub(crate) json: Vec<u8>,
    /// What was wrong with which line.
    pub(crate) errors: Vec<(u64, LineError)>,
}

/// Why a line has no findings. The line itself is never quoted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LineError {
    TooLong(usize),
    NotUtf8,
    Empty,
    NotJson { column: usize },
    Shape { column: usize },
    Options(String),
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(limit) => {
                write!(f, "longer than the limit of {limit} bytes; raise it with `--max-size`")
            }
            Self::NotUtf8 => f.write_str("not valid UTF-8; convert it first, for example with `iconv`"),
            Self::Empty => f.write_str("an empty line; leave it out"),
            Self::NotJson { column } => write!(f, "not valid JSON at column {column}"),
            Self::Shape { column } => write!(
                f,
                "column {column} does not fit {{\"text\": string, \"language\"?: string, \"entities\"?: [string], \
                 \"threshold\"?: number or \"strict\"}}"
            ),
            Self::Options(cause) => f.write_str(cause),
        }
    }
}

impl LineError {
    fn of_json(cause: &serde_json::Error) -> Self {
        let column = cause.column();
        if column == 0 {
            return Self::Empty;
        }
        if cause.is_data() { Self::Shape { column } } else { Self::NotJson { column } }
    }
}

/// What a line may ask for that needs a detector of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Wish {
    language: Option<String>,
    entities: Option<Vec<String>>,
    /// The bits of the score, so that it can be a key.
    threshold: Option<u32>,
}

impl Wish {
    const NONE: Self = Self { language: None, entities: None, threshold: None };
}

/// The detectors that lines asked for so far.
struct Finders<'a> {
    args: &'a DetectionArgs,
    usual: Arc<Finder>,
    special: Mutex<HashMap<Wish, Arc<Finder>>>,
}

/// Beyond it the cache starts anew: an input where every line asks for something else must not fill the memory.
const CACHED: usize = 256;

impl<'a> Finders<'a> {
    fn new(args: &'a DetectionArgs) -> Result<Self, Failure> {
        Ok(Self { args, usual: Arc::new(args.finder()?), special: Mutex::default() })
    }

    fn answer(&self, block: &Block, unit: OffsetUnit, longest_line: usize) -> Answers {
        let mut answers = Answers::default();
        let lines = match &block.content {
            Content::Lines(lines) => lines,
            Content::TooLong => {
                answers.refuse(block.line, LineError::TooLong(longest_line));
                return answers;
            }
        };
        let mut scratch = Scratch { unit, last: (Wish::NONE, Arc::clone(&self.usual)), findings: Vec::new() };
        answers.json.reserve(lines.len());
        let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
        // One pass over the block is cheaper than one per line.
        let whole = std::str::from_utf8(lines).ok();
        let mut start = 0;
        for (number, end) in (block.line..).zip(memchr::memchr_iter(b'\n', lines).chain([lines.len()])) {
            let line = match whole {
                Some(whole) => Ok(&whole[start..end]),
                None => std::str::from_utf8(&lines[start..end]).map_err(|_| LineError::NotUtf8),
            };
            if let Err(error) = line.and_then(|line| self.answer_line(line, &mut scratch, &mut answers.json))
            {
                answers.refuse(number, error);
            }
            start = end + 1;
        }
        answers
    }

    fn answer_line(&self, line: &str, scratch: &mut Scratch, json: &mut Vec<u8>) -> Result<(), LineError> {
        // Serde would take an array of the fields' values, too.
        if line.trim_start().starts_with('[') {
            return Err(LineError::Shape { column: 1 });
        }
        let question: Question<'_> =
            serde_json::from_str(line).map_err(|cause| LineError::of_json(&cause))?;
        let text = question.text;
        let wish = Wish {
            language: question.language.filter(|_| self.args.profile == Profile::Presidio),
            entities: question.entities,
            threshold: question.threshold.map(|bar| bar.score().to_bits()),
        };
        if wish != scratch.last.0 {
            scratch.last = (wish.clone(), self.finder(wish)?);
        }
        json.extend_from_slice(b"{\"findings\":[");
        match &*scratch.last.1 {
            Finder::Native(detector) => {
                detector.detect_into(text.as_bytes(), &mut scratch.findings);
                convert_offsets(&text, scratch.unit, &mut scratch.findings);
                for finding in &scratch.findings {
                    write_finding(json, &Match::of(detector, finding));
                    json.push(b',');
                }
            }
            Finder::Presidio(finder) => {
                for finding in finder.find(&text, scratch.unit) {
                    write_finding(json, &finding);
                    json.push(b',');
                }
            }
        }
        if json.last() == Some(&b',') {
            json.pop();
        }
        json.extend_from_slice(b"]}\n");
        Ok(())
    }

    fn finder(&self, wish: Wish) -> Result<Arc<Finder>, LineError> {
        if wish == Wish::NONE {
            return Ok(Arc::clone(&self.usual));
        }
        let mut special = self.special.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(finder) = special.get(&wish) {
            return Ok(Arc::clone(finder));
        }
        let mut args = self.args.clone();
        if let Some(language) = &wish.language {
            args.language.clone_from(language);
        }
        if let Some(entities) = &wish.entities {
            args.native.types = Some(entities.clone());
        }
        if let Some(bits) = wish.threshold {
            args.native.threshold = Some(Threshold(f32::from_bits(bits)));
        }
        let finder = Arc::new(args.finder().map_err(|cause| LineError::Options(cause.to_string()))?);
        if special.len() >= CACHED {
            special.clear();
        }
        special.insert(wish, Arc::clone(&finder));
        Ok(finder)
    }
}

/// What is kept from one line to the next.
struct Scratch {
    unit: OffsetUnit,
    last: (Wish, Arc<Finder>),
    findings: Vec<Finding>,
}

impl Bar {
    fn score(self) -> f32 {
        match self {
            Self::Score(score) => score,
            Self::Named(Named::Strict) => tacita_detect::Options::STRICT,
        }
    }
}

impl Answers {
    fn refuse(&mut self, line: u64, error: LineError) {
        let answer = serde_json::json!({ "error": error.to_string() });
        self.json.extend_from_slice(answer.to_string().as_bytes());
        self.json.push(b'\n');
        self.errors.push((line, error));
    }
}

/// Writes `{"entity_type":…,"start":…,"end":…,"score":…}`.
pub(crate) fn write_finding(json: &mut Vec<u8>, finding: &Match<'_>) {
    json.extend_from_slice(b"{\"entity_type\":");
    write_json(json, &finding.entity);
    json.extend_from_slice(b",\"start\":");
    json.extend_from_slice(itoa::Buffer::new().format(finding.start).as_bytes());
    json.extend_from_slice(b",\"end\":");
    json.extend_from_slice(itoa::Buffer::new().format(finding.end).as_bytes());
    json.extend_from_slice(b",\"score\":");
    write_json(json, &finding.score);
    json.push(b'}');
}

fn write_json(json: &mut Vec<u8>, value: &impl serde::Serialize) {
    // Cannot fail: memory takes every write, and neither a string nor a finite number is refused.
    serde_json::to_writer(json, value).expect("strings and numbers are JSON");
}
