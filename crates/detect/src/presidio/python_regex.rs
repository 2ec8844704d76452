//! What Python's `regex` module means by a pattern, on top of the linear-time `regex` crate.
//!
//! Presidio's patterns, and those its users send, are written for Python. Two things differ from Rust's syntax:
//!
//! - **Look-around.** Rust has none, so it is accepted only at the edges of a pattern, where it is a condition on
//!   what stands beside the match: `(?<!…)` and `(?<=…)` first, `(?!…)` and `(?=…)` first or last. What stands
//!   beside is matched too and left out of the reported group; the search then resumes inside of what was left out,
//!   so that neighbours share it, as they do in Python.
//!   A look-behind without a longest match is read from the left, so it should not match what it stands before:
//!   `(?<=no\.\s*)\d+` is found as in Python, `(?<=a.*)b` only where the last `b` is.
//! - **Letters.** Ignoring case, Python's `i` is also `İ` and its `I` also `ı`.
//!
//! Back-references, atomic groups and recursion are refused: they need a backtracking matcher, which an attacker
//! can hang.

use std::{borrow::Cow, error::Error, fmt, ops::Range, sync::OnceLock};

use regex::{Captures, Regex, RegexBuilder};

use super::translate::{self, Ahead, Anatomy};

/// Python's `regex` flags, as the number that Presidio sends and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct RegexFlags(pub u32);

impl RegexFlags {
    const IGNORECASE: u32 = 2;
    const MULTILINE: u32 = 8;
    const DOTALL: u32 = 16;
    const VERBOSE: u32 = 64;

    /// `DOTALL | MULTILINE | IGNORECASE`: what Presidio uses unless told otherwise.
    pub const DEFAULT: Self = Self(Self::DOTALL | Self::MULTILINE | Self::IGNORECASE);
    /// `DOTALL | MULTILINE`.
    pub const CASE_SENSITIVE: Self = Self(Self::DOTALL | Self::MULTILINE);

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    pub(super) fn ignore_case(self) -> bool {
        self.has(Self::IGNORECASE)
    }

    /// These flags and those that the letters of `(?imsx)` stand for.
    pub(super) fn with(self, letters: &str) -> Self {
        let flag = |letter| match letter {
            'i' => Self::IGNORECASE,
            'm' => Self::MULTILINE,
            's' => Self::DOTALL,
            'x' => Self::VERBOSE,
            _ => 0,
        };
        Self(letters.chars().fold(self.0, |flags, letter| flags | flag(letter)))
    }

    pub(super) fn verbose(self) -> bool {
        self.has(Self::VERBOSE)
    }
}

impl Default for RegexFlags {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegexError {
    /// Not a regular expression.
    Syntax {
        /// The pattern as it was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Look-around somewhere else than at the edges.
    LookAround(String),
    /// Back-references, atomic groups, possessive quantifiers or recursion.
    Backtracking(String),
    /// Compiled, it would take too much memory.
    TooLarge(String),
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { pattern, reason } => write!(f, "invalid regex pattern `{pattern}`: {reason}"),
            Self::LookAround(pattern) => write!(
                f,
                "regex pattern `{pattern}` has look-around in its middle; move it to the pattern's start or end"
            ),
            Self::Backtracking(pattern) => write!(
                f,
                "regex pattern `{pattern}` uses back-references, atomic groups or recursion; rewrite it without"
            ),
            Self::TooLarge(pattern) => {
                write!(f, "regex pattern `{pattern}` is too large; use smaller repetitions")
            }
        }
    }
}

impl Error for RegexError {}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct PythonRegex {
    regex: Regex,
    /// Where the match proper is: 0, or [`PROPER`] when what stands beside it is matched too.
    group: usize,
    /// How far before a match's start its look-behind can reach, in bytes; `None` if without limit.
    behind: Option<usize>,
    aheads: Vec<LookAhead>,
}

/// A condition on the text from a match's start.
#[derive(Debug)]
struct LookAhead {
    negative: bool,
    /// `through*?target`: what may stand between; `None` when the target must stand at once.
    through: Option<Regex>,
    target: Regex,
}

/// What earlier candidates found out about a [`LookAhead`], so that a text is read once and not once per candidate.
#[derive(Clone, Default)]
struct Reach {
    /// One past the last position up to which `through` holds, and where that was read from.
    run: Option<(usize, usize)>,
    /// The next target (or none), and where it was searched from.
    target: Option<(usize, Option<usize>)>,
}

/// Names the group around the match proper.
const PROPER: &str = "__match";

/// The compiled size a single pattern may take.
const SIZE_LIMIT: usize = 10 << 20;

impl PythonRegex {
    pub(super) fn new(pattern: &str, flags: RegexFlags) -> Result<Self, RegexError> {
        let Anatomy { behind, aheads, body, after, flags } = translate::dissect(pattern, flags)?;
        let source = match (&behind, &after) {
            (None, None) => body,
            (behind, after) => {
                let text = |condition: &Option<String>| {
                    condition.as_ref().map(|text| format!("(?:{text})")).unwrap_or_default()
                };
                format!("{}(?P<{PROPER}>{body}){}", text(behind), text(after))
            }
        };
        let compile = |source: &str| compile(pattern, source, flags);
        let behind = match &behind {
            None => Some(0),
            Some(behind) => maximum_length(behind),
        };
        let aheads = aheads
            .into_iter()
            .map(|Ahead { negative, through, target }| {
                Ok(LookAhead {
                    negative,
                    target: match through {
                        Some(_) => compile(&target)?,
                        None => compile(&format!(r"\A(?:{target})"))?,
                    },
                    through: through.map(|through| compile(&format!(r"\A(?:{through})*"))).transpose()?,
                })
            })
            .collect::<Result<_, RegexError>>()?;
        let regex = compile(&source)?;
        let group = regex.capture_names().position(|name| name == Some(PROPER)).unwrap_or(0);
        Ok(Self { regex, group, behind, aheads })
    }

    /// Whether the pattern stands anywhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        if self.group == 0 && self.aheads.is_empty() {
            return self.regex.is_match(text);
        }
        self.find_iter(text).next().is_some()
    }

    /// The matches in `text`, left to right, none overlapping, none empty.
    pub(super) fn find_iter<'a>(&'a self, text: &'a str) -> Matches<'a> {
        Matches { pattern: self, text, from: 0, end: 0, reaches: vec![Reach::default(); self.aheads.len()] }
    }
}

/// Iterates over the matches of a [`PythonRegex`].
pub(super) struct Matches<'a> {
    pattern: &'a PythonRegex,
    text: &'a str,
    /// Where the next search starts.
    from: usize,
    /// Where the last match ended.
    end: usize,
    reaches: Vec<Reach>,
}

impl<'a> Iterator for Matches<'a> {
    type Item = Match<'a>;

    fn next(&mut self) -> Option<Match<'a>> {
        while self.from <= self.text.len() {
            let (whole, Range { start, end }, groups) = self.search()?;
            if start < self.end || start == end {
                self.from = next_char(self.text, whole.max(self.from));
                continue;
            }
            if !self.allowed(start) {
                // Python would try other ends from the same start; the conditions do not depend on the end.
                self.from = next_char(self.text, whole);
                continue;
            }
            self.end = end;
            self.from = match self.pattern.behind {
                Some(reach) => floor_char(self.text, end.saturating_sub(reach)).max(whole),
                None => end,
            };
            if self.from == whole {
                self.from = next_char(self.text, self.from);
            }
            return Some(Match { start, end, groups });
        }
        None
    }
}

impl<'a> Matches<'a> {
    /// Where the next match starts with what stands before it, where the match proper is, and its groups if the pattern
    /// has any.
    fn search(&self) -> Option<(usize, Range<usize>, Option<Captures<'a>>)> {
        let regex = &self.pattern.regex;
        if regex.captures_len() == 1 {
            let found = regex.find_at(self.text, self.from)?;
            return Some((found.start(), found.range(), None));
        }
        let groups = regex.captures_at(self.text, self.from)?;
        let proper =
            groups.get(self.pattern.group).expect("group 0 and the group around the body always match");
        Some((groups.get_match().start(), proper.range(), Some(groups)))
    }

    fn allowed(&mut self, start: usize) -> bool {
        let text = self.text;
        self.pattern.aheads.iter().zip(&mut self.reaches).all(|(ahead, reach)| {
            let found = match &ahead.through {
                None => ahead.target.is_match(&text[start..]),
                Some(through) => reach.reaches(text, start, through, &ahead.target),
            };
            found != ahead.negative
        })
    }
}

impl Reach {
    /// Whether `target` begins after `start` with nothing but `through` between. Starts only grow.
    fn reaches(&mut self, text: &str, start: usize, through: &Regex, target: &Regex) -> bool {
        let run = match self.run {
            Some((from, end)) if (from..end).contains(&start) => end,
            _ => start + through.find(&text[start..]).map_or(0, |found| found.end()),
        };
        self.run = Some((start, run));
        let next = match self.target {
            Some((from, next)) if from <= start && next.is_none_or(|next| start <= next) => next,
            _ => target.find_at(text, start).map(|found| found.start()),
        };
        self.target = Some((start, next));
        next.is_some_and(|next| next <= run)
    }
}

/// One match: `start..end` in bytes.
pub(super) struct Match<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    groups: Option<Captures<'a>>,
}

impl Match<'_> {
    /// Where the named group ended.
    pub(super) fn group_end(&self, name: &str) -> Option<usize> {
        self.groups.as_ref()?.name(name).map(|group| group.end())
    }
}

/// Whose flags a pattern is matched with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The recogniser's own.
    Class,
    /// The registry's, which in Presidio overrides those of its recognisers.
    Registry,
}

/// A pattern that is compiled when it is first used.
pub(super) struct Lazy {
    source: Source,
    flags: RegexFlags,
    /// `None` if the registry has no say.
    registry_flags: Option<RegexFlags>,
    compiled: OnceLock<PythonRegex>,
    compiled_by_registry: OnceLock<PythonRegex>,
}

/// A pattern's text.
#[derive(Clone)]
pub(super) enum Source {
    Text(Cow<'static, str>),
    /// Composed when needed.
    Composed(fn() -> String),
}

impl Lazy {
    /// A pattern of the catalogue.
    pub(super) fn of_class(source: Source, flags: RegexFlags) -> Self {
        let registry_flags = (flags != RegexFlags::default()).then_some(RegexFlags::default());
        Self {
            source,
            flags,
            registry_flags,
            compiled: OnceLock::new(),
            compiled_by_registry: OnceLock::new(),
        }
    }

    /// A pattern that may be wrong.
    pub(super) fn compiled(pattern: &str, flags: RegexFlags) -> Result<Self, RegexError> {
        Ok(Self {
            source: Source::Text(Cow::Owned(pattern.to_owned())),
            flags,
            registry_flags: None,
            compiled: OnceLock::from(PythonRegex::new(pattern, flags)?),
            compiled_by_registry: OnceLock::new(),
        })
    }

    pub(super) fn text(&self) -> Cow<'static, str> {
        self.source.text()
    }

    /// The pattern and the flags it was compiled with.
    pub(super) fn get(&self, owner: Owner) -> (&PythonRegex, RegexFlags) {
        let (flags, slot) = match self.registry_flags {
            Some(flags) if owner == Owner::Registry => (flags, &self.compiled_by_registry),
            _ => (self.flags, &self.compiled),
        };
        let regex = slot.get_or_init(|| {
            PythonRegex::new(&self.source.text(), flags).expect(
                "patterns of the catalogue compile (a test tries each), others were compiled when they came",
            )
        });
        (regex, flags)
    }
}

impl Source {
    fn text(&self) -> Cow<'static, str> {
        match self {
            Self::Text(text) => text.clone(),
            Self::Composed(compose) => Cow::Owned(compose()),
        }
    }
}

fn compile(pattern: &str, source: &str, flags: RegexFlags) -> Result<Regex, RegexError> {
    RegexBuilder::new(source)
        .case_insensitive(flags.ignore_case())
        .multi_line(flags.has(RegexFlags::MULTILINE))
        .dot_matches_new_line(flags.has(RegexFlags::DOTALL))
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => RegexError::TooLarge(pattern.to_owned()),
            error => RegexError::Syntax {
                pattern: pattern.to_owned(),
                // The parser draws the pattern with a caret under it; the last line says what is wrong.
                reason: error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .trim_start_matches("error: ")
                    .to_owned(),
            },
        })
}

/// The longest that `source` can match, in bytes.
fn maximum_length(source: &str) -> Option<usize> {
    regex_syntax::parse(source).ok()?.properties().maximum_len()
}

fn next_char(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, text: &str) -> Vec<String> {
        let regex = PythonRegex::new(pattern, RegexFlags::DEFAULT).expect(pattern);
        regex.find_iter(text).map(|found| text[found.start..found.end].to_owned()).collect()
    }

    #[test]
    fn neighbours_share_what_stands_between() {
        assert_eq!(
            all(r"(?<!\d)\d{3}(?!\d)", "123 456,789a012é345 6789"),
            ["123", "456", "789", "012", "345"]
        );
        assert_eq!(all(r"(?<=,)\w+(?=,)", ",a,b,,c"), ["a", "b"]);
        assert_eq!(all(r"(?<!a)b", "ab bb"), ["b", "b"]);
        assert_eq!(all(r"(?<=a|,)\w(?=b|,)", "acb ,d, cb"), ["c", "d"]);
    }

    #[test]
    fn a_condition_after_the_match_makes_it_shorter() {
        assert_eq!(all(r"\d+(?!x)", "123x"), ["12"]);
        assert_eq!(all(r"[a-f]+(?![\w:]|\.\d)", "ab.1 cd.x"), ["cd"]);
    }

    #[test]
    fn a_condition_at_the_start_looks_ahead() {
        assert_eq!(all(r"\b(?!00)\d{2}\b", "00 01 10"), ["01", "10"]);
        assert_eq!(all(r"\b(?!1\d{3}(?!\d))\d+\b", "1234 12345 2345"), ["12345", "2345"]);
        assert_eq!(all(r"\b(?=.*?[a-z])(?=.*?\d)\w{2}\b", "ab 12 34"), ["ab"]);
        assert_eq!(all(r"\b(?=[a-z0-9]*\d)\w+\b", "ab a1-b c 2"), ["a1", "2"]);
    }

    #[test]
    fn case_is_ignored_as_python_does() {
        assert_eq!(all("[A-Z]+", "aıſKİ"), ["aıſK"]);
        assert_eq!(all("i", "iIıİ"), ["i", "I", "İ"]);
        assert_eq!(all("I", "iIıİ"), ["i", "I", "ı"]);
    }

    #[test]
    fn pythons_ways_of_writing_are_understood() {
        assert_eq!(all(r"[[&]+", "a[[&b"), ["[[&"]);
        assert_eq!(all(r"x{,2}y{", "xxy{"), ["xxy{"]);
        assert_eq!(all(r"\Aa\Z", "a"), ["a"]);
        assert_eq!(all(r"a(?#note)b(?P<name>c)\/\x41", "abc/A"), ["abc/A"]);
        let verbose = PythonRegex::new("a b # note\n c", RegexFlags(64)).expect("a pattern");
        assert!(verbose.is_match("abc") && !verbose.is_match("a b c"));
    }

    #[test]
    fn what_needs_backtracking_is_refused() {
        let error = |pattern| PythonRegex::new(pattern, RegexFlags::DEFAULT).expect_err(pattern);
        assert!(matches!(error(r"(a)\1"), RegexError::Backtracking(_)));
        assert!(matches!(error("(?>a+)b"), RegexError::Backtracking(_)));
        assert!(matches!(error("a++b"), RegexError::Backtracking(_)));
        assert!(matches!(error("a(?=b)c"), RegexError::LookAround(_)));
        assert!(matches!(error("(?<!abc)d"), RegexError::LookAround(_)));
        assert!(matches!(error("(a"), RegexError::Syntax { .. }));
        assert!(matches!(error("[a"), RegexError::Syntax { .. }));
        assert!(matches!(error("(?i"), RegexError::Syntax { .. }));
        assert!(matches!(error("*"), RegexError::Syntax { .. }));
        assert!(matches!(error(r"(?:\w{1000}){1000}"), RegexError::TooLarge(_)));
        assert!(matches!(error(&"(".repeat(5000)), RegexError::Syntax { .. }));
    }

    #[test]
    fn reading_ahead_stays_linear() {
        let regex = PythonRegex::new(r"\b(?=[a-z-]*\d)(?=.*?[0-9]{4})[a-z]+\b", RegexFlags::DEFAULT)
            .expect("a pattern");
        assert_eq!(regex.find_iter(&"aa-".repeat(200_000)).count(), 0);
    }
}
