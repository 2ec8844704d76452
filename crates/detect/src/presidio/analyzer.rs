//! The analyzer: chooses recognisers, joins what they find, and applies context, threshold and allow list.

use std::borrow::Cow;

use super::{
    AllowListMatch, AnalyzeError, AnalyzeRequest, AnalyzerResult, Recognizer, ad_hoc, conclude, context,
    duplicates,
    python_regex::{Owner, PythonRegex},
    recognizer::{Found, Settings},
    recognizers,
};

/// What Presidio's `AnalyzerEngine` is: finds personal data with a set of recognisers.
///
/// Immutable and cheap to make; patterns are compiled when first used and shared by all analyzers.
#[derive(Clone, Copy, Debug)]
pub struct Analyzer {
    registry: Registry,
    year: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registry {
    Default,
    Everything,
}

impl Analyzer {
    /// The year of the Presidio release that is followed.
    pub const YEAR: u16 = 2026;

    /// The recognisers that Presidio's own configuration enables, for English only: what its REST service answers
    /// unless it was configured otherwise.
    #[must_use]
    pub const fn new() -> Self {
        Self { registry: Registry::Default, year: Self::YEAR }
    }

    /// Every recogniser, of all countries, each for its own languages; those that belong to no country for every
    /// language: what Presidio answers when everything is enabled and all languages are configured.
    #[must_use]
    pub const fn with_all_recognizers() -> Self {
        Self { registry: Registry::Everything, year: Self::YEAR }
    }

    /// Takes numbers that carry a later year for invalid. There is no clock here: without this it is
    /// [`Self::YEAR`].
    #[must_use]
    pub const fn in_year(self, year: u16) -> Self {
        Self { year, ..self }
    }

    /// What is found in the request's text, the best first; of equals the leftmost, then the longest.
    ///
    /// Types that no recogniser finds are ignored as long as one of them is known.
    ///
    /// # Errors
    /// When no recogniser is left for the language and the types, or when an ad-hoc recogniser or the allow list
    /// cannot be used.
    pub fn analyze(&self, request: &AnalyzeRequest) -> Result<Vec<AnalyzerResult>, AnalyzeError> {
        let ad_hoc = request.ad_hoc_recognizers.iter().flatten().map(ad_hoc::recognizer);
        let ad_hoc = ad_hoc.collect::<Result<Vec<_>, _>>()?;
        let wanted = request.entities.as_deref().filter(|entities| !entities.is_empty());
        let own = ad_hoc.iter().filter(|recognizer| recognizer.speaks(&request.language));
        let chosen: Vec<&Recognizer> = recognizers::all()
            .iter()
            .filter(|recognizer| self.offers(recognizer, &request.language))
            .chain(own)
            .filter(|recognizer| {
                wanted.is_none_or(|wanted| wanted.iter().any(|name| *name == recognizer.entity))
            })
            .collect();
        if chosen.is_empty() {
            return Err(AnalyzeError::NoRecognizers);
        }
        let allowed = AllowList::of(request)?;

        let settings = Settings { owner: Owner::Registry, year: self.year };
        let mut found: Vec<Found<'_>> =
            chosen.iter().flat_map(|recognizer| recognizer.find(&request.text, settings)).collect();
        context::enhance(
            &request.text,
            &request.language,
            request.context.as_deref().unwrap_or(&[]),
            &mut found,
        );
        let threshold = request.score_threshold.unwrap_or(0.0);
        found.retain(|found| found.score >= threshold);
        let mut found = duplicates::remove(found);
        found.retain(|found| !allowed.contains(&request.text[found.start..found.end]));
        Ok(conclude::results(&request.text, found, request.return_decision_process.unwrap_or(false)))
    }

    /// The types that can be found in texts of `language`, or in any language, sorted.
    #[must_use]
    pub fn supported_entities(&self, language: Option<&str>) -> Vec<&'static str> {
        let mut entities: Vec<_> =
            self.recognizers(language).filter_map(|recognizer| borrowed(&recognizer.entity)).collect();
        entities.sort_unstable();
        entities.dedup();
        entities
    }

    /// The recognisers for texts of `language`, or of any language.
    pub fn recognizers(&self, language: Option<&str>) -> impl Iterator<Item = &'static Recognizer> {
        let analyzer = *self;
        recognizers::all().iter().filter(move |recognizer| match language {
            Some(language) => analyzer.offers(recognizer, language),
            None => analyzer.languages().iter().any(|language| analyzer.offers(recognizer, language)),
        })
    }

    /// The recogniser of this name, whether this analyzer uses it or not.
    #[must_use]
    pub fn recognizer(&self, name: &str) -> Option<&'static Recognizer> {
        recognizers::all().iter().find(|recognizer| recognizer.name == name)
    }

    /// The languages that this analyzer has recognisers for.
    #[must_use]
    pub fn languages(&self) -> &'static [&'static str] {
        match self.registry {
            Registry::Default => &["en"],
            Registry::Everything => recognizers::LANGUAGES,
        }
    }

    fn offers(&self, recognizer: &Recognizer, language: &str) -> bool {
        self.languages().contains(&language)
            && recognizer.speaks(language)
            && (self.registry == Registry::Everything || recognizer.enabled)
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

fn borrowed(text: &Cow<'static, str>) -> Option<&'static str> {
    match text {
        Cow::Borrowed(text) => Some(text),
        Cow::Owned(_) => None,
    }
}

/// What a request never wants reported.
enum AllowList<'a> {
    Nothing,
    Words(&'a [String]),
    Patterns(Vec<PythonRegex>),
}

impl<'a> AllowList<'a> {
    fn of(request: &'a AnalyzeRequest) -> Result<Self, AnalyzeError> {
        let Some(list) = request.allow_list.as_deref().filter(|list| !list.is_empty()) else {
            return Ok(Self::Nothing);
        };
        Ok(match request.allow_list_match {
            AllowListMatch::Exact => Self::Words(list),
            AllowListMatch::Regex => {
                let flags = request.regex_flags.unwrap_or_default();
                let patterns = list.iter().filter(|pattern| !pattern.is_empty());
                Self::Patterns(
                    patterns.map(|pattern| PythonRegex::new(pattern, flags)).collect::<Result<_, _>>()?,
                )
            }
        })
    }

    fn contains(&self, value: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Words(words) => words.iter().any(|word| word == value),
            Self::Patterns(patterns) => patterns.iter().any(|pattern| pattern.is_match(value)),
        }
    }
}
