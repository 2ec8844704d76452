//! A redacted copy read again, by two readers: whether anything is left in it.

use std::path::Path;

use aho_corasick::AhoCorasick;
use tacita_detect::{Detector, redact::Policy};
use tacita_documents::{SOME_TIME, isolation::Readers};

use crate::{
    detection::Match,
    escape::mask,
    limits::told,
    redaction::Rewritten,
    scan::{masked_names, with_masked},
};

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
/// A shorter value stands in a file, or in the words around a place, for other reasons.
const LONG: usize = 6;

impl Verifier<'_> {
    /// # Errors
    /// When the copy can't be read, the detector finds something in it that no replacement put there, or a value that was
    /// replaced still stands in its bytes. What is left is named by its type and place. The values `kept` may stand.
    pub(crate) fn verify(
        &self,
        path: &Path,
        copy: &Rewritten,
        replaced: &[Replaced],
        kept: &[&str],
    ) -> Result<(), String> {
        let mut name = path.to_string_lossy().into_owned();
        if copy.text_only {
            name.push_str(".txt");
        }
        let unread = |cause| format!("its copy can't be read again: {}", told(&cause));
        let document = self.readers.read(&name, &copy.content).map_err(unread)?;
        let mut left = Vec::new();
        let text = document.text();
        let ours = Ours::new(text, replaced, kept);
        let found = self.detector.detect(text);
        let found: Vec<_> = found.iter().map(|finding| Match::of(self.detector, finding)).collect();
        let stands =
            |one: &&Match<'_>| !self.policy.keeps(one.entity) && !ours.cover(text, one.start, one.end);
        let standing: Vec<&Match<'_>> = found.iter().filter(stands).collect();
        if !standing.is_empty() {
            let names = masked_names(&document, &found);
            left.extend(standing.into_iter().map(|one| {
                let location = with_masked(document.locate(one.start..one.end), &names);
                format!("{} at {location}", one.entity)
            }));
        }
        let kept = kept.join("\n");
        let searched = replaced.iter().filter(|one| one.tells_itself() && !kept.contains(&one.original));
        let mut values: Vec<String> = searched.map(|one| one.original.clone()).collect();
        values.sort_unstable();
        values.dedup();
        for residue in self.readers.residue(&copy.content, values).map_err(unread)? {
            let within: Vec<_> = residue.within.iter().map(|name| masked(self.detector, name)).collect();
            let within = if within.is_empty() { "its bytes".to_owned() } else { within.join(": ") };
            left.push(format!("a value that was replaced, in {within}"));
        }
        left.sort_unstable();
        left.dedup();
        if left.is_empty() {
            return Ok(());
        }
        let more = left.len().saturating_sub(NAMED);
        left.truncate(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let mut left = left.join("; ");
        // A name that nothing is found in by itself may be a value that was found elsewhere.
        for one in replaced.iter().filter(|one| one.tells_itself() || one.original.len() >= LONG) {
            if left.contains(&one.original) {
                left = left.replace(&one.original, &mask(&one.original));
            }
        }
        Err(format!("its copy is not clean: {left}{more}"))
    }
}

impl Replaced {
    /// It is no word that stands in the file for other reasons, a name of a style or of a tag.
    fn tells_itself(&self) -> bool {
        let value = &self.original;
        let parts = value.contains(|c: char| c.is_ascii_digit() || c == '@' || c == ' ');
        parts
            && value.chars().filter(|c| c.is_alphanumeric()).count() >= LONG
            && !self.new.contains(value.as_str())
    }
}

/// The name of a part without the values in it.
fn masked(detector: &Detector, name: &str) -> String {
    // With its ending a name may hide what it is: `mara.lind@example.org.png`.
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut found = detector.detect(name);
    found.extend(detector.detect(stem));
    found.sort_by_key(|finding| (finding.start, finding.end));
    let mut shown = String::new();
    let mut at = 0;
    for finding in found {
        if finding.end > at {
            shown.push_str(&name[at..finding.start.max(at)]);
            shown.push_str(&mask(&name[finding.start.max(at)..finding.end]));
            at = finding.end;
        }
    }
    shown.push_str(&name[at..]);
    shown
}

/// Where in a copy the replacements stand, and what was kept.
struct Ours(Vec<(usize, usize)>);

impl Ours {
    fn new(text: &str, replaced: &[Replaced], kept: &[&str]) -> Self {
        let news = replaced.iter().map(|one| one.new.trim()).filter(|new| !new.is_empty());
        let mut news: Vec<&str> = news.chain([SOME_TIME]).chain(kept.iter().copied()).collect();
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
        let ours = Ours::new(text, &[replaced("Tom", "[PERSON_001]"), replaced("xyz", "x***z")], &[]);
        let keeping = Ours::new(text, &[], &["Mara"]);
        assert!(keeping.cover(text, 19, 23) && !keeping.cover(text, 0, 23));
        assert!(ours.cover(text, 5, 17) && ours.cover(text, 6, 12) && ours.cover(text, 25, 30));
        assert!(!ours.cover(text, 19, 23) && !ours.cover(text, 0, 17) && !ours.cover(text, 6, 23));
    }

    #[test]
    fn names_of_parts_show_no_value() {
        let detector = Detector::new(tacita_detect::Options::default()).expect("they are the usual ones");
        for (name, shown) in [
            ("word/media/old.png", "word/media/old.png"),
            ("mara.lind@example.org", "m***g"),
            ("mara.lind@example.org.png", "m***g***"),
        ] {
            assert_eq!(masked(&detector, name), shown);
        }
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
