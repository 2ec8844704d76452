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
