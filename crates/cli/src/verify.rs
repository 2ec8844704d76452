//! A redacted copy read again, by two readers: whether anything is left in it.

use std::path::Path;

use aho_corasick::AhoCorasick;
use tacita_detect::{
    Detector,
    redact::{OperatorKind, Policy},
};
use tacita_documents::{SOME_TIME, isolation::Readers};

use crate::{limits::told, redaction::Rewritten};

/// Reads copies again.
pub(crate) struct Verifier<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) readers: &'a Readers,
    pub(crate) policy: &'a Policy,
}

/// What was replaced, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    pub(crate) original: String,
    pub(crate) new: String,
}

/// So many places are named where something is left.
const NAMED: usize = 5;

impl Verifier<'_> {
    /// # Errors
    /// When the copy can't be read, the detector finds something in it that no replacement put there, or a value that was
    /// replaced still stands in its bytes. What is left is named by its type and place.
    pub(crate) fn verify(&self, path: &Path, copy: &Rewritten, replaced: &[Replaced]) -> Result<(), String> {
        let mut name = path.to_string_lossy().into_owned();
        if copy.text_only {
            name.push_str(".txt");
        }
        let unread = |cause| format!("its copy can't be read again: {}", told(&cause));
        let document = self.readers.read(&name, &copy.content).map_err(unread)?;
        let mut left = Vec::new();
        let text = document.text();
        let ours = Ours::new(text, replaced);
        for finding in self.detector.detect(text) {
            let entity = self.detector.entity_name(finding.entity);
            let kept = self.policy.operator(entity).kind() == OperatorKind::Keep;
            if !kept && !ours.cover(text, finding.start, finding.end) {
                left.push(format!("{entity} at {}", document.locate(finding.start..finding.end)));
            }
        }
        let values: Vec<String> =
            replaced.iter().filter(|one| one.tells_itself()).map(|one| one.original.clone()).collect();
        for residue in self.readers.residue(&copy.content, values).map_err(unread)? {
            let within =
                if residue.within.is_empty() { "its bytes".to_owned() } else { residue.within.join(": ") };
            left.push(format!("a value that was replaced, in {within}"));
        }
        left.dedup();
        if left.is_empty() {
            return Ok(());
        }
        let more = left.len().saturating_sub(NAMED);
        left.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Err(format!("its copy is not clean: {}{more}", left.join("; ")))
    }
}

impl Replaced {
    /// It is no word that stands in the file for other reasons, a name of a style or of a tag.
    fn tells_itself(&self) -> bool {
        let value = &self.original;
        let parts = value.contains(|c: char| c.is_ascii_digit() || c == '@' || c == ' ');
        parts
            && value.chars().filter(|c| c.is_alphanumeric()).count() >= 6
            && !self.new.contains(value.as_str())
    }
}

/// Where in a copy the replacements stand.
struct Ours(Vec<(usize, usize)>);

impl Ours {
    fn new(text: &str, replaced: &[Replaced]) -> Self {
        let news = replaced.iter().map(|one| one.new.trim()).filter(|new| !new.is_empty());
        let mut news: Vec<&str> = news.chain([SOME_TIME]).collect();
        news.sort_unstable();
        news.dedup();
        // More than the automaton can hold is more than a file can.
        let Ok(searched) = AhoCorasick::new(news) else { return Self(Vec::new()) };
        let mut places: Vec<(usize, usize)> = Vec::new();
        for found in searched.find_overlapping_iter(text) {
            match places.last_mut() {
                Some(last) if found.start() <= last.1 => {
                    last.0 = last.0.min(found.start());
                    last.1 = last.1.max(found.end());
                }
                _ => places.push((found.start(), found.end())),
            }
        }
        Self(places)
    }

    /// Nothing but replacements says anything in this range.
    fn cover(&self, text: &str, start: usize, end: usize) -> bool {
        let first = self.0.partition_point(|place| place.1 <= start);
        let mut at = start;
        for place in self.0[first..].iter().take_while(|place| place.0 < end) {
            if text[at..place.0.max(at)].contains(char::is_alphanumeric) {
                return false;
            }
            at = place.1.min(end).max(at);
        }
        !text[at..end].contains(char::is_alphanumeric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_replacements_put_there_is_covered() {
        let replaced =
            |original: &str, new: &str| Replaced { original: original.to_owned(), new: new.to_owned() };
        let text = "Dear [PERSON_001], Mara; x***z";
        let ours = Ours::new(text, &[replaced("Tom", "[PERSON_001]"), replaced("xyz", "x***z")]);
        assert!(ours.cover(text, 5, 17) && ours.cover(text, 6, 12) && ours.cover(text, 25, 30));
        assert!(!ours.cover(text, 19, 23) && !ours.cover(text, 0, 17) && !ours.cover(text, 6, 23));
    }

    #[test]
    fn words_that_stand_elsewhere_for_other_reasons_are_not_searched_for() {
        for (original, new, searched) in [
            ("Mara Lind", "[PERSON_001]", true),
            ("mara@example.org", "[EMAIL_ADDRESS_001]", true),
            ("Normal", "[PERSON_001]", false),
            ("12 345", "[X]", false),
            ("Mara Lind", "Mara Lind", false),
        ] {
            let replaced = Replaced { original: original.to_owned(), new: new.to_owned() };
            assert_eq!(replaced.tells_itself(), searched, "{original}");
        }
    }
}
