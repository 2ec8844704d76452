//! Attributes of Office's parts that hold what people write, where the element that has them is not one of text: names of
//! controls and fields, variables, mail merge, captions.

use std::{collections::HashSet, sync::LazyLock};

use super::{
    drawing::is_given,
    markup::{Piece, Tag, local},
};
use crate::{
    layout::{Layout, Raw},
    segment::Spot,
};

/// Elements whose value, `val`, people write.
const VALUES: &[&str] = &[
    // Content controls and tags.
    "alias",
    "tag",
    "placeholder",
    "docPart",
    "docPartGallery",
    "docPartCategory",
    "dateFormat",
    "attr",
    "tblCaption",
    "tblDescription",
    // Fields of forms; `name` and `description` are those of building blocks too.
    "name",
    "description",
    "helpText",
    "statusText",
    "default",
    "format",
    "entryMacro",
    "exitMacro",
    "listEntry",
    // Settings.
    "docVar",
    "connectString",
    "query",
    "addressFieldName",
    "mailSubject",
    "udl",
    "table",
    "mappedName",
    "attachedSchema",
    // Lists, styles, frames, fonts, diagrams.
    "lvlText",
    "title",
    "desc",
    "altName",
];
/// Elements with their attributes.
const OTHERS: &[(&str, &[&str])] = &[
    ("hyperlink", &["tooltip", "anchor", "docLocation", "tgtFrame"]),
    ("bookmarkStart", &["name"]),
    ("moveFromRangeStart", &["name"]),
    ("moveToRangeStart", &["name"]),
    ("permStart", &["ed"]),
    ("date", &["fullDate"]),
    ("listItem", &["displayText", "value"]),
    ("dropDownList", &["lastValue"]),
    ("comboBox", &["lastValue"]),
    ("dataBinding", &["xpath", "prefixMappings"]),
    ("docVar", &["name"]),
    ("caption", &["name"]),
    ("saveThroughXslt", &["solutionID"]),
    ("docPr", &["descr", "title", "name"]),
    ("cNvPr", &["descr", "title", "name"]),
    ("textpath", &["string"]),
    ("tblStyle", &["styleName"]),
    ("htmlPubPr", &["title"]),
];
/// All elements that have such attributes.
static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let others = OTHERS.iter().map(|(element, _)| *element);
    VALUES.iter().copied().chain(others).collect()
});
/// Attributes of drawings in VML, whatever the shape.
const SHAPES: &[&str] = &["alt", "title", "href"];

/// What people wrote into the attributes of an element. Programs give the same names to what they make by themselves;
/// those that begin with an underscore are bookmarks that Word made.
pub(super) fn told<'x>(tag: &Tag<'x>) -> impl Iterator<Item = Raw<'x>> {
    let tag = *tag;
    let drawn = tag.full_name().starts_with("v:") || tag.full_name().starts_with("o:");
    let known = drawn || KNOWN.contains(tag.name());
    // The attributes of most elements need not be taken apart.
    known.then(|| told_by(tag, drawn)).into_iter().flatten()
}

fn told_by<'x>(tag: Tag<'x>, drawn: bool) -> impl Iterator<Item = Raw<'x>> {
    let others = OTHERS.iter().find(|(element, _)| *element == tag.name()).map_or(&[][..], |(_, keys)| keys);
    let value = VALUES.contains(&tag.name());
    let shape = matches!(tag.name(), "docPr" | "cNvPr");
    let found = tag.attributes().filter(move |(key, value_of)| {
        let key = local(key);
        let listed = others.contains(&key) || value && key == "val" || drawn && SHAPES.contains(&key);
        let made = key == "name"
            && (value_of.text.starts_with('_')
                || shape && !is_given(&value_of.meaning(), &tag.value("id").unwrap_or_default()));
        listed && !made && !value_of.text.trim().is_empty()
    });
    found.map(|(_, value)| value)
}

/// An element that says how text looks that refers to it.
pub(super) const STYLE: &str = "style";

/// Parts that say how a document looks. Names of styles are left out: texts and other styles refer to them, and Office brings
/// hundreds along.
#[derive(Default)]
pub(super) struct Looks {
    /// Elements that are open around one, and those around the style that is open.
    open: usize,
    style: Option<usize>,
}

impl Looks {
    pub(super) fn take(&mut self, piece: &Piece<'_>, label: &str, spot: Spot, layout: &mut Layout<'_>) {
        match piece {
            Piece::Start(tag) => {
                if tag.name() == STYLE {
                    self.style = self.style.or(Some(self.open));
                }
                self.open += 1;
                if self.style.is_none() {
                    for value in told(tag) {
                        layout.begin(label);
                        layout.raw(&value, spot);
                    }
                }
            }
            Piece::End => {
                self.open = self.open.saturating_sub(1);
                self.style = self.style.filter(|open| *open < self.open);
            }
            Piece::Words(_) => {}
        }
    }
}
