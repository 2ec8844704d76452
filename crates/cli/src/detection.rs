//! What the commands that detect have in common: their options, and the detector built from them.

use std::{
    fmt,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{
    Args, ValueEnum,
    builder::{PathBufValueParser, TypedValueParser},
};
use tacita_detect::{Detector, Finding, OffsetUnit, Options, Overlaps, Rules};

use crate::{failure::Failure, presidio::PresidioFinder, readers::ReaderArgs};

/// What to look for.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Detection")]
pub(crate) struct NativeArgs {
    /// Look for these types only; `tacita recognizers` lists them
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',', alias = "entities")]
    pub(crate) types: Option<Vec<String>>,
    /// Drop findings that score less: from 0 to 1, or `strict` for 0.85 [default: 0.5, with presidio 0]
    #[arg(long, value_name = "SCORE|strict")]
    pub(crate) threshold: Option<Threshold>,
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) readers: ReaderArgs,
}

/// Rules of one's own, of the native profile.
#[derive(Clone, Debug, Args)]
pub(crate) struct RulesArgs {
    /// TOML file of exclusions, deny lists and recognisers of one's own, in the native profile; may be repeated
    #[arg(long = "rules", value_name = "FILE", value_parser = PathBufValueParser::new().try_map(RulesFile::read))]
    pub(crate) files: Vec<RulesFile>,
    /// Not the rules of `pii_exclusions.toml` in the current folder, which otherwise apply too
    #[arg(long)]
    no_rules: bool,
}

/// What to look for, by whose rules.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Detection")]
pub(crate) struct DetectionArgs {
    #[command(flatten)]
    pub(crate) native: NativeArgs,
    /// Whose rules score a finding: Tacita's, or exactly what Microsoft Presidio answers
    #[arg(long, value_enum, default_value_t)]
    pub(crate) profile: Profile,
    /// The language whose recognisers the presidio profile uses; the native profile knows no difference
    #[arg(long, value_name = "CODE", default_value = "en")]
    pub(crate) language: String,
    /// What becomes of findings that overlap, in the native profile
    #[arg(long, value_enum, default_value_t)]
    pub(crate) overlaps: OverlapsArg,
}

/// Whose rules score a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// The score is a confidence
    #[default]
    Native,
    /// Presidio's scores, types and overlaps
    Presidio,
}

/// What becomes of findings that overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OverlapsArg {
    /// The longest valid one stays, then the surer, then the more specific
    #[default]
    Resolve,
    /// All stay
    All,
}

/// The least score of a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Threshold(pub(crate) f32);

impl FromStr for Threshold {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "strict" => Ok(Self(Options::STRICT)),
            Ok(score) if (0.0..=1.0).contains(&score) => Ok(Self(score)),
            _ => Err("give a number from 0 to 1, or `strict`"),
        }
    }
}

/// A rules file, read.
#[derive(Clone, Debug)]
pub(crate) struct RulesFile {
    pub(crate) path: PathBuf,
    rules: Rules,
}

impl RulesFile {
    fn read(path: PathBuf) -> Result<Self, String> {
        let mut text = String::new();
        let file = File::open(&path).map_err(|cause| cause.to_string())?;
        // A byte more than is allowed, so that a longer file is refused as such.
        let limit = Rules::LONGEST_FILE as u64 + 1;
        file.take(limit).read_to_string(&mut text).map_err(|cause| cause.to_string())?;
        let rules = Rules::parse(&text).map_err(|cause| cause.to_string())?;
        Ok(Self { path, rules })
    }
}

/// The rules file that needs no `--rules`.
const FOUND: &str = "pii_exclusions.toml";

impl RulesArgs {
    /// Takes the rules of the current folder, and says so. They are looked for there alone: whoever sends a folder to be
    /// scanned must not decide from inside of it what is found.
    pub(crate) fn add_found(&mut self) -> Result<(), Failure> {
        let path = Path::new(FOUND);
        if self.no_rules || fs::symlink_metadata(path).is_err() {
            return Ok(());
        }
        // What lies there but can't be read is not passed over: somebody counts on it.
        let found = fs::canonicalize(path).map_err(|cause| Failure::FoundRules(cause.to_string()))?;
        if !found.is_file() {
            return Err(Failure::FoundRules("it is no file".to_owned()));
        }
        if self.files.iter().any(|file| fs::canonicalize(&file.path).is_ok_and(|given| given == found)) {
            return Ok(());
        }
        let file = RulesFile::read(path.into()).map_err(Failure::FoundRules)?;
        anstream::eprintln!(
            "tacita: the rules of `{FOUND}` in this folder apply; `--no-rules` leaves them out"
        );
        self.files.push(file);
        Ok(())
    }

    /// All of them.
    pub(crate) fn merged(&self) -> Result<Rules, Failure> {
        let mut files = self.files.iter().map(|file| file.rules.clone());
        files.try_fold(Rules::default(), Rules::merge).map_err(Failure::Rules)
    }
}

/// The unit that offsets count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Offsets {
    /// Bytes of UTF-8
    Bytes,
    /// Unicode code points, as Python and Presidio count
    #[default]
    Chars,
    /// UTF-16 code units, as JavaScript and Java count
    Utf16,
}

impl From<Offsets> for OffsetUnit {
    fn from(offsets: Offsets) -> Self {
        match offsets {
            Offsets::Bytes => Self::Bytes,
            Offsets::Chars => Self::Chars,
            Offsets::Utf16 => Self::Utf16,
        }
    }
}

impl NativeArgs {
    /// The least score of a finding.
    pub(crate) fn least_score(&self) -> f32 {
        self.threshold.map_or(Options::THRESHOLD, |threshold| threshold.0)
    }

    /// The detector for these options.
    pub(crate) fn detector(&self, overlaps: Overlaps) -> Result<Detector, Failure> {
        Ok(Detector::new(self.options(self.types.clone(), overlaps)?)?)
    }

    /// Refuses types that no recogniser finds.
    pub(crate) fn check_types(&self, types: Vec<String>) -> Result<(), Failure> {
        Detector::new(self.options(Some(types), Overlaps::Resolve)?)?;
        Ok(())
    }

    fn options(&self, entities: Option<Vec<String>>, overlaps: Overlaps) -> Result<Options, Failure> {
        Ok(Options {
            threshold: self.least_score(),
            entities,
            overlaps,
            rules: self.rules.merged()?,
            readers: self.readers.readers()?,
        })
    }
}

impl NativeArgs {
    /// What is looked for, to tell whether it was the same before.
    pub(crate) fn told(&self) -> Result<String, Failure> {
        let mut told = format!("{self:?}");
        for file in &self.rules.files {
            told.push_str(&fs::read_to_string(&file.path).map_err(Failure::read(&file.path))?);
        }
        Ok(told)
    }
}

impl DetectionArgs {
    /// What is looked for and by whose rules, to tell whether it was the same before.
    pub(crate) fn told(&self) -> Result<String, Failure> {
        Ok(format!("{self:?} {}", self.native.told()?))
    }

    /// Takes the rules of the current folder, where the profile takes any.
    pub(crate) fn add_found_rules(&mut self) -> Result<(), Failure> {
        if self.profile == Profile::Presidio { Ok(()) } else { self.native.rules.add_found() }
    }

    /// The least score of a finding.
    pub(crate) fn least_score(&self) -> f32 {
        match (self.native.threshold, self.profile) {
            (None, Profile::Presidio) => 0.0,
            _ => self.native.least_score(),
        }
    }

    /// The detector for these options.
    pub(crate) fn finder(&self) -> Result<Finder, Failure> {
        if self.profile == Profile::Presidio {
            if !self.native.rules.files.is_empty() {
                return Err(Failure::RulesOfPresidio);
            }
            if self.native.readers.model.is_given() {
                return Err(Failure::ModelOfPresidio);
            }
            if self.native.readers.analyzer.is_given() {
                return Err(Failure::AnalyzerOfPresidio);
            }
            let (language, types) = (self.language.clone(), self.native.types.clone());
            return Ok(Finder::Presidio(PresidioFinder::new(language, types, self.least_score())?));
        }
        let overlaps = match self.overlaps {
            OverlapsArg::Resolve => Overlaps::Resolve,
            OverlapsArg::All => Overlaps::All,
        };
        Ok(Finder::Native(Box::new(self.native.detector(overlaps)?)))
    }
}

/// A detector of either profile.
#[derive(Debug)]
pub(crate) enum Finder {
    Native(Box<Detector>),
    Presidio(PresidioFinder),
}

/// A finding of either profile, at bytes of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match<'f> {
    pub(crate) entity: &'f str,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) score: f32,
}

impl<'f> Match<'f> {
    pub(crate) fn of(detector: &'f Detector, finding: &Finding) -> Self {
        let Finding { entity, start, end, score } = *finding;
        Self { entity: detector.entity_name(entity), start, end, score }
    }
}

impl Finder {
    /// The findings of a whole text, in order of start.
    pub(crate) fn find(&self, text: &str) -> Vec<Match<'_>> {
        match self {
            Self::Native(detector) => {
                detector.detect(text).iter().map(|finding| Match::of(detector, finding)).collect()
            }
            Self::Presidio(finder) => {
                let mut found = finder.find(text, OffsetUnit::Bytes);
                found.sort_by_key(|found| (found.start, found.end));
                found
            }
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::Presidio => "presidio",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_share_or_strict() {
        assert_eq!("0.7".parse(), Ok(Threshold(0.7)));
        assert_eq!("strict".parse(), Ok(Threshold(0.85)));
        for bad in ["1.1", "-0", "nan", "inf", "", "lax"] {
            let parsed: Result<Threshold, _> = bad.parse();
            assert!(parsed.is_err() || bad == "-0", "{bad}");
        }
    }
}
