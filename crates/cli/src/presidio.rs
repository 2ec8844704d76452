//! The presidio profile: one request after the other to the analyzer that answers as Presidio does.

use std::borrow::Cow;

use tacita_detect::{
    OffsetUnit, convert_char_offsets,
    presidio::{AnalyzeError, AnalyzeRequest, Analyzer, written},
};

use crate::detection::Match;

/// What is asked of every text.
#[derive(Debug)]
pub(crate) struct PresidioFinder {
    analyzer: Analyzer,
    language: String,
    entities: Option<Vec<String>>,
    threshold: f32,
}

impl PresidioFinder {
    /// In English and without `entities` these are the recognisers that Presidio enables by default, else all it has for
    /// the language.
    ///
    /// # Errors
    /// When there are none.
    pub(crate) fn new(
        language: String,
        entities: Option<Vec<String>>,
        threshold: f32,
    ) -> Result<Self, AnalyzeError> {
        let usual = language == "en" && entities.is_none();
        let analyzer = if usual { Analyzer::new() } else { Analyzer::with_all_recognizers() };
        let finder = Self { analyzer, language, entities, threshold };
        finder.analyzer.analyze(&finder.request(""))?;
        Ok(finder)
    }

    /// The findings in Presidio's order, the best first.
    pub(crate) fn find(&self, text: &str, unit: OffsetUnit) -> Vec<Match<'static>> {
        // What can go wrong depends on the request, not on its text, and did not when this finder was made.
        let results = self.analyzer.analyze(&self.request(text)).unwrap_or_default();
        let mut matches: Vec<_> = results
            .into_iter()
            .map(|result| {
                let Cow::Borrowed(entity) = result.entity_type else {
                    unreachable!("only recognisers that come with a request own their names");
                };
                Match { entity, start: result.start, end: result.end, score: result.score as f32 }
            })
            .collect();
        let places = matches.iter_mut().flat_map(|found| [&mut found.start, &mut found.end]);
        convert_char_offsets(text, unit, places);
        matches
    }

    fn request(&self, text: &str) -> AnalyzeRequest {
        AnalyzeRequest {
            entities: self.entities.clone(),
            score_threshold: Some(written(self.threshold)),
            ..AnalyzeRequest::new(text, &self.language)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_in_any_unit() {
        let text = "😀é mara.lind@example.org";
        let finder =
            PresidioFinder::new("en".into(), Some(vec!["EMAIL_ADDRESS".into()]), 0.0).expect("it is known");
        for (unit, start) in [(OffsetUnit::Chars, 3), (OffsetUnit::Bytes, 7), (OffsetUnit::Utf16, 4)] {
            let found = finder.find(text, unit)[0];
            assert_eq!((found.start, found.end - found.start, found.score), (start, 21, 1.0));
        }
        assert!(PresidioFinder::new("xx".into(), None, 0.0).is_err());
    }
}
