//! What a model's labels say: a type, and where in a name the word stands.

use std::collections::BTreeSet;

use tacita_detect::evaluation::Mapping;

use super::{config::Settings, error::ClassifierError};

/// Where in a name a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The first of a name (`B-`).
    First,
    /// Any other, or in a scheme without `B-` any (`I-`, or no prefix at all).
    Inside,
    /// The last of several (`E-`, `L-`).
    Last,
    /// The only one (`S-`, `U-`).
    Only,
}

/// What a label says: the index of its type among the entities, if it is one of ours, and the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    /// A number for the type by the model's own count, so that types which are no personal data stay apart too.
    pub(super) kind: usize,
    pub(super) entity: Option<usize>,
    pub(super) part: Part,
}

/// The labels of a model.
pub(super) struct Labels {
    names: Vec<String>,
    /// By label; `None` is outside of all names.
    meanings: Vec<Option<Label>>,
    /// The types that are ours.
    entities: Vec<String>,
    /// Whether names start with a label of their own, so that one that goes on needs something to go on from.
    has_first: bool,
    pub(super) temperature: f32,
}

/// Types of common corpora that are no personal data.
const NONE_OF_OURS: [&str; 1] = ["MISC"];

impl Labels {
    pub(super) fn new(names: &[String], settings: &Settings) -> Result<Self, ClassifierError> {
        let mapping = Mapping::default();
        let kinds: BTreeSet<&str> =
            names.iter().filter_map(|name| parse(name)).map(|(_, kind)| kind).collect();
        if kinds.is_empty() || kinds.iter().all(|kind| kind.starts_with("LABEL_")) {
            return Err(ClassifierError::Labels(
                "the label map names no types; give the labels their names in `id2label` of `config.json`"
                    .to_owned(),
            ));
        }
        if let Some(unknown) = settings.labels.keys().find(|label| !kinds.contains(label.as_str())) {
            return Err(ClassifierError::Labels(format!(
                "`tacita.json` says what `{}` is, but the model has {}",
                unknown.escape_default(),
                kinds.iter().map(|kind| kind.escape_default().to_string()).collect::<Vec<_>>().join(", ")
            )));
        }
        let ours = |kind: &str| match settings.labels.get(kind) {
            Some(ours) => ours.clone(),
            None => (!NONE_OF_OURS.contains(&kind)).then(|| mapping.ours(kind).to_owned()),
        };
        let entities: Vec<String> =
            kinds.iter().filter_map(|kind| ours(kind)).collect::<BTreeSet<_>>().into_iter().collect();
        if let Some(name) = entities.iter().find(|name| !is_name(name)) {
            return Err(ClassifierError::Labels(format!(
                "`{}` can't be the name of a type; `tacita.json` may give it another: up to 64 letters, digits and `_`, `-`, \
                 `.` or blanks",
                name.escape_default()
            )));
        }
        let meaning = |name: &String| {
            let (part, kind) = parse(name)?;
            let ours = ours(kind);
            let entity = ours.and_then(|ours| entities.iter().position(|entity| *entity == ours));
            Some(Label { kind: kinds.iter().position(|other| *other == kind)?, entity, part })
        };
        let meanings: Vec<_> = names.iter().map(meaning).collect();
        let has_first = meanings.iter().flatten().any(|label| label.part == Part::First);
        Ok(Self { names: names.to_vec(), meanings, entities, has_first, temperature: settings.temperature })
    }

    pub(super) fn entities(&self) -> &[String] {
        &self.entities
    }

    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.names.iter().zip(&self.meanings).map(|(name, meaning)| {
            (
                name.as_str(),
                meaning.and_then(|label| label.entity).map(|entity| self.entities[entity].as_str()),
            )
        })
    }

    pub(super) fn meaning(&self, label: usize) -> Option<Label> {
        self.meanings[label]
    }

    pub(super) fn len(&self) -> usize {
        self.meanings.len()
    }

    /// Whether a word of label `next` may follow one of label `last`; `None` is the start of the text.
    pub(super) fn may_follow(&self, last: Option<usize>, next: usize) -> bool {
        let Some(next) = self.meanings[next] else { return true };
        match next.part {
            Part::First | Part::Only => true,
            Part::Inside | Part::Last if !self.has_first => true,
            Part::Inside | Part::Last => last.and_then(|last| self.meanings[last]).is_some_and(|last| {
                last.kind == next.kind && matches!(last.part, Part::First | Part::Inside)
            }),
        }
    }

    /// Whether a word of label `next` is of the same name as the one of label `last` before it.
    pub(super) fn goes_on(&self, last: Label, next: Label) -> bool {
        last.entity == next.entity
            && matches!(next.part, Part::Inside | Part::Last)
            && matches!(last.part, Part::First | Part::Inside)
    }
}

/// Whether it can be the name of a type, which stands in reports and placeholders.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
}

/// The part and the type that a label names; `None` for the one that is outside of all names.
fn parse(name: &str) -> Option<(Part, &str)> {
    if name == "O" {
        return None;
    }
    let part = |letter| match letter {
        b'B' => Some(Part::First),
        b'I' | b'M' => Some(Part::Inside),
        b'E' | b'L' => Some(Part::Last),
        b'S' | b'U' => Some(Part::Only),
        _ => None,
    };
    match name.as_bytes() {
        [letter, b'-' | b'_', _, ..] => part(*letter).map(|part| (part, &name[2..])),
        _ => None,
    }
    .or(Some((Part::Inside, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str], settings: &Settings) -> Result<Labels, ClassifierError> {
        Labels::new(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), settings)
    }

    #[test]
    fn the_usual_schemes_are_read() {
        assert_eq!(parse("O"), None);
        assert_eq!(parse("B-PER"), Some((Part::First, "PER")));
        assert_eq!(parse("I_PER"), Some((Part::Inside, "PER")));
        assert_eq!(parse("U-PER"), Some((Part::Only, "PER")));
        assert_eq!(parse("L-PER"), Some((Part::Last, "PER")));
        assert_eq!(parse("PER"), Some((Part::Inside, "PER")));
        assert_eq!(parse("X-RAY"), Some((Part::Inside, "X-RAY")));
        assert_eq!(parse("B-"), Some((Part::Inside, "B-")));
    }

    #[test]
    fn types_get_our_names_or_those_of_the_settings() {
        let plain = labels(&["O", "B-PER", "I-PER", "B-MISC", "B-SHIP"], &Settings::default()).unwrap();
        assert_eq!(plain.entities(), ["PERSON", "SHIP"]);
        let ours: Vec<_> = plain.names().map(|(_, ours)| ours).collect();
        assert_eq!(ours, [None, Some("PERSON"), Some("PERSON"), None, Some("SHIP")]);
        let map = [("SHIP", None), ("MISC", Some("NRP".to_owned()))];
        let map = map.map(|(label, ours)| (label.to_owned(), ours)).into();
        let mapped =
            labels(&["O", "B-PER", "B-MISC", "B-SHIP"], &Settings { labels: map, ..Settings::default() })
                .unwrap();
        assert_eq!(mapped.entities(), ["NRP", "PERSON"]);
    }

    #[test]
    fn a_map_that_says_nothing_is_refused() {
        assert!(labels(&["LABEL_0", "LABEL_1"], &Settings::default()).is_err());
        assert!(labels(&["O"], &Settings::default()).is_err());
        assert!(labels(&["O", "B-\u{1b}[2J"], &Settings::default()).is_err());
        let empty =
            Settings { labels: [("PER".to_owned(), Some(String::new()))].into(), ..Settings::default() };
        assert!(labels(&["O", "B-PER"], &empty).is_err());
        let settings = Settings { labels: [("TOWN".to_owned(), None)].into(), ..Settings::default() };
        assert!(labels(&["O", "B-PER"], &settings).is_err());
    }

    #[test]
    fn a_name_goes_on_only_from_its_like() {
        let bio = labels(&["O", "B-PER", "I-PER", "I-LOC"], &Settings::default()).unwrap();
        assert!(bio.may_follow(Some(1), 2) && bio.may_follow(Some(2), 2) && bio.may_follow(Some(2), 1));
        assert!(!bio.may_follow(Some(0), 2) && !bio.may_follow(None, 2) && !bio.may_follow(Some(1), 3));
        let io = labels(&["O", "PER"], &Settings::default()).unwrap();
        assert!(io.may_follow(None, 1));
    }
}
