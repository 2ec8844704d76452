//! The analyzer: chooses recognisers, joins what they find, and applies context, threshold and allow list.

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
        let ad_hoc = ad_hoc::recognizers(request.ad_hoc_recognizers.as_deref().unwrap_or(&[]))?;
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
        let mut entities: Vec<_> = self.recognizers(language).map(Recognizer::entity).collect();
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
            AllowListMatch::Regex if list.len() > ad_hoc::MAX_PATTERNS => {
                return Err(AnalyzeError::TooManyPatterns);
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn analyze(request: serde_json::Value) -> Vec<(String, usize, usize, f64)> {
        let request: AnalyzeRequest = serde_json::from_value(request).expect("a request");
        let results = Analyzer::new().analyze(&request).expect("an answer");
        results
            .into_iter()
            .map(|result| (result.entity_type.into(), result.start, result.end, result.score))
            .collect()
    }

    #[test]
    fn every_pattern_compiles() {
        for recognizer in recognizers::all() {
            for owner in [Owner::Class, Owner::Registry] {
                let _ = recognizer.find("a1", Settings { owner, year: Analyzer::YEAR });
            }
        }
    }

    #[test]
    fn the_default_is_presidios_own_configuration() {
        let names: Vec<&str> = Analyzer::new().recognizers(Some("en")).map(Recognizer::name).collect();
        assert_eq!(names.len(), 17);
        assert!(names.contains(&"NhsRecognizer") && !names.contains(&"UkNinoRecognizer"));
        assert_eq!(Analyzer::new().recognizers(Some("de")).count(), 0);
        assert_eq!(Analyzer::with_all_recognizers().recognizers(Some("en")).count(), 60);
        assert!(Analyzer::with_all_recognizers().supported_entities(Some("de")).contains(&"DE_TAX_ID"));
    }

    #[test]
    fn every_language_of_a_recogniser_is_known() {
        for recognizer in recognizers::all() {
            let analyzer = Analyzer::with_all_recognizers();
            assert!(
                analyzer.recognizers(None).any(|other| other.name() == recognizer.name()),
                "{}",
                recognizer.name()
            );
        }
    }

    #[test]
    fn context_raises_the_score() {
        let found = analyze(
            json!({"text": "my phone is 212-555-0143", "language": "en", "entities": ["PHONE_NUMBER"]}),
        );
        assert_eq!(found, [("PHONE_NUMBER".to_owned(), 12, 24, 0.75)]);
        let found = analyze(json!({
            "text": "212-555-0143", "language": "en", "entities": ["PHONE_NUMBER"], "context": ["Telephone"]
        }));
        assert_eq!(found[0].3, 0.75);
    }

    #[test]
    fn a_context_word_within_another_word_counts() {
        let found =
            analyze(json!({"text": "public 1234567", "language": "en", "entities": ["US_DRIVER_LICENSE"]}));
        assert_eq!(found, [("US_DRIVER_LICENSE".to_owned(), 7, 14, 0.4)]);
    }

    #[test]
    fn offsets_are_code_points() {
        let found =
            analyze(json!({"text": "é😀 mara.lind@example.org", "language": "en", "score_threshold": 0.9}));
        assert_eq!(found, [("EMAIL_ADDRESS".to_owned(), 3, 24, 1.0)]);
    }

    #[test]
    fn what_is_allowed_is_not_reported() {
        let text = "see example.org and example.com";
        let request = |list, how| json!({"text": text, "language": "en", "allow_list": [list], "allow_list_match": how});
        assert_eq!(analyze(request("example.org", "exact")).len(), 1);
        assert_eq!(analyze(request("example", "exact")).len(), 2);
        assert_eq!(analyze(request("^EXAMPLE", "regex")).len(), 0);
    }

    #[test]
    fn recognisers_may_come_with_the_request() {
        let found = analyze(json!({
            "text": "Herr Mr. Lind lives in zip 10023",
            "language": "en",
            "entities": ["ZIP", "TITLE"],
            "ad_hoc_recognizers": [
                {"name": "Zip", "supported_language": "en", "supported_entity": "ZIP", "context": ["zip"],
                 "patterns": [{"name": "zip", "regex": r"(?<!\d)\d{5}(?!\d)", "score": 0.01}]},
                {"supported_entity": "TITLE", "deny_list": ["Mr.", "Dr."]},
            ],
        }));
        assert_eq!(found, [("TITLE".to_owned(), 5, 8, 1.0), ("ZIP".to_owned(), 27, 32, 0.4)]);
    }

    #[test]
    fn requests_that_cannot_be_answered_say_why() {
        let error = |request| {
            let request: AnalyzeRequest = serde_json::from_value(request).expect("a request");
            Analyzer::new().analyze(&request).expect_err("an error").to_string()
        };
        assert!(error(json!({"text": "x", "language": "xx"})).starts_with("No matching recognizers"));
        assert!(
            error(json!({"text": "x", "language": "en", "entities": ["NOPE"]})).starts_with("No matching")
        );
        let ad_hoc = |recognizer| json!({"text": "x", "language": "en", "ad_hoc_recognizers": [recognizer]});
        assert!(error(ad_hoc(json!({"deny_list": ["x"]}))).contains("entity"));
        assert!(error(ad_hoc(json!({"supported_entity": "X"}))).contains("deny_list"));
        let pattern = json!([{"name": "n", "regex": "(", "score": 0.5}]);
        assert!(
            error(ad_hoc(json!({"supported_entity": "X", "patterns": pattern}))).contains("invalid regex")
        );
    }

    #[test]
    fn explanations_have_presidios_fields() {
        let mut request = AnalyzeRequest::new("card 4111 1111 1111 1111", "en");
        request.entities = Some(vec!["CREDIT_CARD".to_owned()]);
        request.return_decision_process = Some(true);
        let results = Analyzer::new().analyze(&request).expect("an answer");
        let json = serde_json::to_value(&results[0].analysis_explanation).expect("it serialises");
        assert_eq!(json["recognizer"], "CreditCardRecognizer");
        assert_eq!(json["pattern_name"], "All Credit Cards (weak)");
        assert_eq!(json["original_score"], 0.3);
        assert_eq!(json["score"], 1.0);
        assert_eq!(json["score_context_improvement"], 0.7);
        assert_eq!(json["supportive_context_word"], "card");
        assert_eq!(json["validation_result"], true);
        assert_eq!(json["regex_flags"], 26);
        assert_eq!(
            json["textual_explanation"],
            "Detected by `CreditCardRecognizer` using pattern `All Credit Cards (weak)`"
        );
    }
}
