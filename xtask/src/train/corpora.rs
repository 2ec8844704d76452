//! Texts with the names in them marked, from the public evaluation data.

use std::{fs, ops::Range, path::Path};

use tacita_detect::names::Kind;

/// A text and its names, by place in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Text {
    pub text: String,
    pub names: Vec<(Range<usize>, Kind)>,
}

impl Text {
    /// Adds `part`, which is a name of `kind` or none.
    pub(crate) fn push(&mut self, part: &str, kind: Option<Kind>) {
        let start = self.text.len();
        self.text.push_str(part);
        if let Some(kind) = kind {
            self.names.push((start..self.text.len(), kind));
        }
    }

    /// Adds another text.
    pub(crate) fn append(&mut self, other: &Self) {
        let base = self.text.len();
        self.text.push_str(&other.text);
        self.names
            .extend(other.names.iter().map(|(place, kind)| (base + place.start..base + place.end, *kind)));
    }
}

/// Files that may train a model that is given to others (all CC-BY 4.0), each with the corpus it is part of.
pub(crate) const TRAINING: &[(&str, &str)] = &[
    ("wnut17", "wnut17train.conll"),
    ("wikigold", "wikigold.conll.txt"),
    ("btc", "btc/a.conll"),
    ("btc", "btc/b.conll"),
    ("btc", "btc/e.conll"),
    ("btc", "btc/f.conll"),
    ("btc", "btc/g.conll"),
];

/// Sentences of a CoNLL file that make one text, where the file doesn't say where one ends.
const SENTENCES: usize = 30;

/// Reads a CoNLL file: a token and its label per line, an empty line behind a sentence.
pub(crate) fn conll(file: &Path) -> Result<Vec<Text>, String> {
    let content = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let iob2 = file.extension().is_some_and(|extension| extension == "iob2");
    let (mut texts, mut text, mut sentences) = (Vec::new(), Text::default(), 0);
    let mut sentence = Vec::new();
    for line in content.lines().chain([""]) {
        if line.starts_with("# ") && line.contains('=') {
            if line.starts_with("# newdoc") && !text.text.is_empty() {
                texts.push(std::mem::take(&mut text));
            }
            continue;
        }
        let fields: Vec<&str> =
            if iob2 { line.split('\t').skip(1).collect() } else { line.split_whitespace().collect() };
        match fields[..] {
            [token, label, ..] if iob2 => sentence.push((token, label)),
            [token, .., label] => sentence.push((token, label)),
            _ if sentence.is_empty() => {}
            _ => {
                text.append(&join(&sentence));
                text.push("\n", None);
                sentence.clear();
                sentences += 1;
                if !iob2 && sentences % SENTENCES == 0 {
                    texts.push(std::mem::take(&mut text));
                }
            }
        }
    }
    texts.extend((!text.text.is_empty()).then_some(text));
    Ok(texts)
}

/// A sentence of tokens and their labels, `B-PER`, `I-PER`, `O`. Handles of accounts are no names of people.
fn join(sentence: &[(&str, &str)]) -> Text {
    let mut text = Text::default();
    let mut open: Option<Kind> = None;
    let mut behind_at = false;
    for (token, label) in sentence {
        let handle = behind_at || token.starts_with('@');
        behind_at = *token == "@";
        let named =
            label.split_once('-').filter(|_| !handle).and_then(|(part, name)| Some((part, kind(name)?)));
        if !text.text.is_empty() {
            text.push(" ", None);
        }
        match named {
            Some((part, kind)) if part == "I" && open == Some(kind) => {
                text.push(token, None);
                let end = text.text.len();
                text.names.last_mut().expect("a name is open").0.end = end;
            }
            _ => text.push(token, named.map(|(_, kind)| kind)),
        }
        open = named.map(|(_, kind)| kind);
    }
    text
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "PER" | "person" | "PERSON" | "PERSON_NAME" => Kind::Person,
        "LOC" | "location" | "GPE" | "LOCATION" | "LOCATION_NAME" => Kind::Location,
        "ORG" | "corporation" | "group" | "ORGANIZATION" | "ORGANIZATION_NAME" => Kind::Organization,
        _ => return None,
    })
}

/// Reads a file of JSON lines, `{"text", "spans": [[start, end, type]]}`, in code points.
pub(crate) fn spans(file: &Path) -> Result<Vec<Text>, String> {
    let content = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let read = |line: &str| -> Option<Text> {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = value["text"].as_str()?.to_owned();
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        starts.push(text.len());
        let place = |index: &serde_json::Value| starts.get(index.as_u64()? as usize).copied();
        let mut names = Vec::new();
        for span in value["spans"].as_array()? {
            if let Some(kind) = kind(span[2].as_str()?) {
                names.push((place(&span[0])?..place(&span[1])?, kind));
            }
        }
        Some(Text { text, names })
    };
    let number = |(number, line)| {
        read(line).ok_or_else(|| format!("{}: line {} has no spans", file.display(), number + 1))
    };
    content.lines().enumerate().map(number).collect()
}
