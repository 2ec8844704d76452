//! Texts with the names in them marked, from the public evaluation data.

use std::{ops::Range, path::Path};

use anyhow::Result;
use tacita_detect::{
    evaluation::{Marked, Span},
    names::Kind,
};

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

    /// As a line of marked text: places in code points.
    pub(crate) fn marked(&self) -> serde_json::Value {
        let characters = |end: usize| self.text[..end].chars().count();
        let span = |(place, kind): &(Range<usize>, Kind)| {
            (characters(place.start), characters(place.end), entity(*kind))
        };
        serde_json::json!({ "text": self.text, "spans": self.names.iter().map(span).collect::<Vec<_>>() })
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

/// Reads a file of marked texts.
pub(crate) fn read(file: &Path) -> Result<Vec<Text>> {
    Ok(crate::bench::marked(file)?.into_iter().map(Text::from).collect())
}

impl From<Marked> for Text {
    fn from(Marked { text, spans, .. }: Marked) -> Self {
        let name = |span: Span| Some((span.place, kind(&span.entity)?));
        Self { text, names: spans.into_iter().filter_map(name).collect() }
    }
}

fn kind(entity: &str) -> Option<Kind> {
    Some(match entity {
        "PERSON" => Kind::Person,
        "LOCATION" => Kind::Location,
        "ORGANIZATION" => Kind::Organization,
        _ => return None,
    })
}

fn entity(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "PERSON",
        Kind::Location => "LOCATION",
        Kind::Organization => "ORGANIZATION",
        Kind::Group => "NRP",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_code_points() {
        let mut text = Text::default();
        text.push("Zoë Lund", Some(Kind::Person));
        text.push(" in ", None);
        text.push("Århus", Some(Kind::Location));
        let line = text.marked();
        assert_eq!(line["text"], "Zoë Lund in Århus");
        assert_eq!(line["spans"], serde_json::json!([[0, 8, "PERSON"], [12, 17, "LOCATION"]]));
    }
}
