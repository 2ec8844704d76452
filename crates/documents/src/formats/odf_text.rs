//! The XML of OpenDocument: its paragraphs, tables, slides and all its elements and attributes that say something, with
//! what is inserted, deleted, hidden or linked.

use std::collections::HashSet;

use mail_parser::decoders::base64::base64_decode;

use super::{
    markup::{Markup, Piece, Tag, local},
    odf_changes::Changes,
    odf_looks::{Styles, hides, is_look},
    odf_passages::{Counts, Passages},
    odf_words::Words,
    sheet_names,
};
use crate::{
    Marks, Note, Part, ReadError,
    format::{Context, read_within},
    layout::{Layout, Opened, Raw},
};

/// What the parts of a document share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    styles: Styles,
    /// Who made tracked changes; each is given once.
    authors: HashSet<String>,
    counts: Counts,
}

/// Whose words a copy loses: who wrote, changed, commented and printed.
const AUTHORS: &[&str] = &[
    "dc:creator",
    "meta:initial-creator",
    "meta:printed-by",
    "meta:creator-initials",
    "loext:sender-initials",
];

/// What has words of its own although it stands in a paragraph.
const APART: &[&str] = &[
    "svg:title",
    "svg:desc",
    "dc:creator",
    "dc:date",
    "text:ruby-text",
    "text:note-citation",
    "text:script",
    "meta:creator-initials",
    "loext:sender-initials",
];

const LONGEST_LABEL: usize = 64;

/// Lays out a part; of an object within the document, under its name.
pub(super) fn read(
    part: &Opened,
    name: &str,
    object: Option<&str>,
    shared: &mut Shared,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) -> Result<(), ReadError> {
    let mut markup = Markup::new(&part.text, part.base, context.limits.depth);
    let mut text = Text {
        shared,
        layout,
        context: context.inner(),
        open: Vec::new(),
        blocks: Vec::new(),
        passages: Passages::new(object.map(clipped)),
        changes: Changes::default(),
        style: None,
        skipped: 0,
    };
    while let Some(piece) = markup.next()? {
        match piece {
            Piece::Start(tag) => text.start(&tag),
            Piece::End => text.end(),
            Piece::Words(raw) => text.words(&raw)?,
        }
    }
    for words in text.changes.left() {
        text.deleted_here(words);
    }
    if !markup.finish(layout) {
        layout.note(Note::Damaged(format!("{name} ends too early")));
    }
    Ok(())
}

struct Text<'x, 's, 'l, 'a, 'c> {
    shared: &'s mut Shared,
    layout: &'l mut Layout<'a>,
    /// Of what lies within.
    context: Context<'c>,
    open: Vec<Element<'x>>,
    /// The innermost last: a footnote stands in a paragraph and has its own.
    blocks: Vec<Block<'x>>,
    passages: Passages<'s>,
    changes: Changes<'x>,
    /// The style that is being defined.
    style: Option<usize>,
    /// Elements open inside one that is not read.
    skipped: usize,
}

#[derive(Debug)]
struct Element<'x> {
    name: &'x str,
    marks: Marks,
    /// The letters are formatted as hidden.
    vanish: bool,
    ends: Ends,
}

/// What ends with an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Nothing,
    Passage,
    Table,
    Row,
    Cell,
    Deletion,
    Style,
}

/// A paragraph, or the words of another element.
#[derive(Debug)]
struct Block<'x> {
    /// How many elements are open with its own.
    depth: usize,
    /// `None` for a paragraph.
    label: Option<String>,
    words: Words<'x>,
    hidden: bool,
}

impl<'x> Text<'x, '_, '_, '_, '_> {
    fn start(&mut self, tag: &Tag<'x>) {
        let name = tag.full_name();
        let attributes: Vec<_> = tag.attributes().collect();
        let value =
            |name: &str| attributes.iter().find(|(key, _)| local(key) == name).map(|(_, raw)| raw.meaning());
        let says_nothing = match name {
            "config:config-item" => value("type").as_deref() != Some("string"),
            // The number that the program gave it.
            "text:note-citation" => value("label").is_none(),
            _ => false,
        };
        if self.skipped > 0 || says_nothing {
            self.skipped += 1;
            return;
        }
        let hides = hides(&attributes);
        if let (Some(style), Some(hides)) = (self.style, hides) {
            self.shared.styles.set(style, hides);
        }
        let by_style = value("style-name").and_then(|style| self.shared.styles.hide(name, &style));
        let (mut marks, mut vanish) =
            self.open.last().map(|around| (around.marks, around.vanish)).unwrap_or_default();
        // A stretch of a hidden paragraph can be shown, nothing of a hidden section or page.
        match (name, by_style) {
            ("text:p" | "text:h" | "text:span" | "text:a", Some(hides)) => vanish = hides,
            (_, Some(true)) => marks = marks | Marks::HIDDEN,
            _ => {}
        }
        if hides == Some(true) {
            marks = marks | Marks::HIDDEN;
        }
        let count = |name: &str| value(name).and_then(|count| count.parse().ok()).unwrap_or(1).max(1);
        let mut ends = Ends::Nothing;
        match name {
            "style:style" => {
                let (family, style) =
                    (value("family").unwrap_or_default(), value("name").unwrap_or_default());
                let parent = value("parent-style-name");
                self.style = Some(self.shared.styles.add(&family, &style, parent.as_deref()));
                ends = Ends::Style;
            }
            "table:table" => {
                self.passages.begin_table(&value("name").unwrap_or_default(), self.layout);
                ends = Ends::Table;
            }
            "table:table-column" => {
                if let Some(table) = self.passages.table() {
                    table.columns(count("number-columns-repeated"), hides == Some(true));
                }
            }
            "table:table-row" => {
                if let Some(table) = self.passages.table() {
                    table.begin_row(count("number-rows-repeated"));
                    ends = Ends::Row;
                }
            }
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(table) = self.passages.table() {
                    if table.begin_cell(count("number-columns-repeated")) {
                        marks = marks | Marks::HIDDEN;
                    }
                    ends = Ends::Cell;
                }
            }
            "text:changed-region" => self.changes.describe(value("id").unwrap_or_default()),
            "text:insertion" => self.changes.is(Marks::INSERTED),
            "text:deletion" => {
                self.changes.is(Marks::DELETED);
                (marks, ends) = (marks | Marks::DELETED, Ends::Deletion);
            }
            "table:previous" | "table:deletion" => marks = marks | Marks::DELETED,
            // Who deleted and when is not deleted.
            "office:change-info" => marks = Marks::default(),
            "text:change" => {
                let words = self.changes.take(&value("change-id").unwrap_or_default());
                self.deleted_here(words);
            }
            "text:change-start" => self.changes.begin(&value("change-id").unwrap_or_default()),
            "text:change-end" => self.changes.end(&value("change-id").unwrap_or_default()),
            "text:s" => self.blank(" "),
            "text:tab" => self.blank("\t"),
            "text:line-break" => self.blank("\n"),
            "text:hidden-paragraph" => {
                if let Some(block) = self.blocks.last_mut() {
                    block.hidden |= hides == Some(true);
                }
            }
            _ => {
                let around = self.open.last().map_or("", |around| around.name);
                let (blocks, counts) = (self.blocks.len(), &mut self.shared.counts);
                let class = value("note-class");
                if self.passages.begin((around, name), class.as_deref(), blocks, counts, self.layout) {
                    ends = Ends::Passage;
                }
            }
        }
        self.open.push(Element { name, marks, vanish, ends });
        self.begin_block(name, value("name"));
        // What these could say is not, or not always, what is shown.
        let aside = matches!(name, "text:hidden-text" | "text:conditional-text");
        let marks = if aside { self.marks() | Marks::HIDDEN } else { self.marks() };
        for (key, raw) in attributes.iter().filter(|(key, raw)| !is_look(name, key, raw)) {
            self.aside(name, local(key), raw, marks);
        }
    }

    /// Begins a block if the element always has words of its own.
    fn begin_block(&mut self, name: &str, own: Option<String>) {
        let label = match name {
            "text:p" | "text:h" => {
                self.passages.begin_paragraph(self.blocks.len());
                None
            }
            "meta:user-defined" | "config:config-item" if own.is_some() => own,
            _ if APART.contains(&name) => Some(label_of(name).to_owned()),
            _ => return,
        };
        self.blocks.push(Block { depth: self.open.len(), label, words: Words::default(), hidden: false });
    }

    fn words(&mut self, raw: &Raw<'x>) -> Result<(), ReadError> {
        let Some(element) = self.open.last().filter(|_| self.skipped == 0) else { return Ok(()) };
        if element.name == "office:binary-data" {
            return self.binary(raw);
        }
        if AUTHORS.contains(&element.name) {
            self.layout.clean(raw);
        }
        if !self.in_block() {
            if raw.text.trim().is_empty() {
                return Ok(());
            }
            let label = Some(label_of(element.name).to_owned());
            self.blocks.push(Block { depth: self.open.len(), label, words: Words::default(), hidden: false });
        }
        let marks = self.marks();
        let Some(block) = self.blocks.last_mut() else { return Ok(()) };
        if block.label.is_some() {
            block.words.push(*raw, marks);
        } else {
            block.words.push_flowing(raw, marks);
        }
        Ok(())
    }

    /// A picture or another program's object in a file that is one XML.
    fn binary(&mut self, raw: &Raw<'_>) -> Result<(), ReadError> {
        let context = &self.context;
        context.budget.enter(1, context.limits)?;
        let part =
            Part::Entry(self.open.iter().rev().nth(1).map_or("", |around| local(around.name)).to_owned());
        match base64_decode(raw.text.as_bytes()) {
            Some(bytes) => self.layout.take_in(&part, read_within("", None, &bytes, context)),
            None => {
                let reason = "it is no Base64".to_owned();
                self.layout.note(Note::Skipped { part: part.to_string(), reason });
            }
        }
        Ok(())
    }

    /// A blank that is an element. However many it stands for, one keeps words apart.
    fn blank(&mut self, text: &'static str) {
        let marks = self.marks();
        if let Some(block) = self.blocks.last_mut() {
            block.words.blank(text, marks);
        }
    }

    fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        if let Some(block) = self.blocks.pop_if(|block| block.depth == self.open.len()) {
            self.lay_out(block);
        }
        let Some(element) = self.open.pop() else { return };
        match element.ends {
            Ends::Nothing => {}
            Ends::Passage => self.passages.end(),
            Ends::Table => self.passages.end_table(),
            Ends::Row => {
                if let Some(table) = self.passages.table() {
                    table.end_row();
                }
            }
            Ends::Cell => {
                if let Some(table) = self.passages.table() {
                    table.end_cell();
                }
            }
            Ends::Deletion => self.changes.end_deletion(),
            Ends::Style => self.style = None,
        }
    }

    fn lay_out(&mut self, block: Block<'x>) {
        let Block { depth, label, mut words, hidden } = block;
        let paragraph = label.is_none();
        if paragraph && self.changes.is_deletion() {
            self.changes.keep(words);
            return;
        }
        let says =
            if paragraph { words.has(|c| !c.is_whitespace()) } else { words.has(char::is_alphanumeric) };
        if !says {
            return;
        }
        let around = depth.checked_sub(2).and_then(|at| self.open.get(at));
        let around = label_of(around.map_or("", |element| element.name));
        let label = match label {
            Some(label) if around == "change-info" && label == "creator" => {
                if !self.shared.authors.insert(words.meaning()) {
                    return;
                }
                "author of changes".to_owned()
            }
            Some(label) if around == "change-info" => format!("{label} of changes"),
            Some(label) => label,
            None => around.to_owned(),
        };
        let spot = self.passages.spot(&label, paragraph || self.in_block(), self.layout);
        if hidden {
            words.mark(Marks::HIDDEN);
        }
        if let Some(table) = self.passages.table().filter(|table| paragraph && table.is_in_first_row()) {
            table.hear(&words.meaning());
        }
        let shown = if paragraph { self.passages.label().unwrap_or_default() } else { &label };
        words.lay_out(shown, spot, self.layout);
    }

    /// An attribute is a block by itself, before that which its element is in.
    fn aside(&mut self, element: &str, name: &str, raw: &Raw<'_>, marks: Marks) {
        let names_sheet = name == "name"
            && element == "table:table"
            && self.passages.table().is_some_and(|table| table.is_sheet());
        let mut label = match name {
            "href" => "link",
            "name" if names_sheet => "sheet",
            "name" => label_of(element),
            name => label_of(name),
        }
        .to_owned();
        let spot = self.passages.spot(&label, self.in_block(), self.layout);
        // What the cell holds, as opposed to what it shows.
        if name.ends_with("value") && element.ends_with("table-cell") {
            label = self.passages.label().map_or(label, str::to_owned);
        }
        self.layout.mark(if name == "href" { marks | Marks::LINK } else { marks });
        self.layout.begin(&label);
        if names_sheet {
            sheet_names::lay_out(raw, spot, self.layout);
        } else {
            self.layout.raw(raw, spot);
        }
        self.layout.mark(Marks::default());
        self.layout.begin("");
    }

    /// Lays out what a change deleted, where it stood.
    fn deleted_here(&mut self, words: Words<'x>) {
        if self.in_block()
            && let Some(block) = self.blocks.last_mut()
        {
            block.words.go_on(words);
        } else if words.has(|c| !c.is_whitespace()) {
            let spot = self.passages.spot("deleted", false, self.layout);
            words.lay_out("", spot, self.layout);
        }
    }

    /// A block of this passage is open.
    fn in_block(&self) -> bool {
        self.passages.holds(self.blocks.len())
    }

    fn marks(&self) -> Marks {
        let own = match self.open.last() {
            Some(Element { marks, vanish: true, .. }) => *marks | Marks::HIDDEN,
            Some(Element { marks, .. }) => *marks,
            None => Marks::default(),
        };
        own | self.changes.marks()
    }
}

/// The name of an element or attribute as a label.
fn label_of(name: &str) -> &str {
    local(clipped(name))
}

/// A very long name would cost as much for each thing that it stands before.
fn clipped(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST_LABEL)]
}
