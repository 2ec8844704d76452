//! The XML of OpenDocument: its paragraphs, tables, slides and all its elements and attributes that say something, with
//! what is inserted, deleted, hidden or linked.

use std::collections::{HashMap, HashSet};

use mail_parser::decoders::base64::base64_decode;

use super::{
    markup::{Markup, Piece, Tag, local},
    odf_changes::Changes,
    odf_looks::{Styles, hides, is_look},
    odf_table::{Sheet, Table},
    odf_words::Words,
};
use crate::{
    Marks, Note, Part, Place, ReadError, Story,
    format::{Context, read_within},
    layout::{Layout, Opened, Raw},
    segment::Spot,
};

/// What the parts of a document share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    styles: Styles,
    /// Who made tracked changes; each is given once.
    authors: HashSet<String>,
    /// How many page layouts, pages, footnotes, endnotes and comments there were.
    masters: u32,
    pages: u32,
    footnotes: u32,
    endnotes: u32,
    comments: u32,
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
    let object = object.map(clipped);
    let mut markup = Markup::new(&part.text, part.base, context.limits.depth);
    let mut text = Text {
        shared,
        layout,
        context: context.inner(),
        object,
        open: Vec::new(),
        blocks: Vec::new(),
        passages: vec![Passage::new(Ground::Loose, 0)],
        changes: Changes::default(),
        properties: HashMap::new(),
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
    while !text.open.is_empty() {
        text.end();
    }
    for words in text.changes.left() {
        text.deleted_here(words);
    }
    if !markup.is_whole() {
        layout.note(Note::Damaged(format!("{name} ends too early")));
    }
    Ok(())
}

struct Text<'x, 's, 'l, 'a, 'c> {
    shared: &'s mut Shared,
    layout: &'l mut Layout<'a>,
    /// Of what lies within.
    context: Context<'c>,
    object: Option<&'s str>,
    open: Vec<Element<'x>>,
    /// The innermost last: a footnote stands in a paragraph and has its own.
    blocks: Vec<Block<'x>>,
    passages: Vec<Passage>,
    changes: Changes<'x>,
    /// Where each property stands; an object has many with the same long name.
    properties: HashMap<String, Spot>,
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

/// A text of its own, with its own numbers of paragraphs and tables.
#[derive(Debug)]
struct Passage {
    ground: Ground,
    /// How many blocks are open around it.
    outer: usize,
    /// How many paragraphs outside tables there were.
    paragraph: u32,
    table: u32,
    tables: Vec<Table>,
}

#[derive(Clone, Debug)]
enum Ground {
    Story(Story),
    /// All of it stands here.
    At(Spot),
    /// Each thing is a property of the document.
    Loose,
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

impl Passage {
    fn new(ground: Ground, outer: usize) -> Self {
        Self { ground, outer, paragraph: 0, table: 0, tables: Vec::new() }
    }
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
                self.begin_table(&value("name").unwrap_or_default());
                ends = Ends::Table;
            }
            "table:table-column" => {
                if let Some(table) = self.table() {
                    table.columns(count("number-columns-repeated"), hides == Some(true));
                }
            }
            "table:table-row" => {
                if let Some(table) = self.table() {
                    table.begin_row(count("number-rows-repeated"));
                    ends = Ends::Row;
                }
            }
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(table) = self.table() {
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
                if let Some(ground) = self.ground(name, value("note-class").as_deref()) {
                    self.passages.push(Passage::new(ground, self.blocks.len()));
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

    /// Where the text stands that begins with this element, if one does.
    fn ground(&mut self, name: &str, class: Option<&str>) -> Option<Ground> {
        let shared = &mut *self.shared;
        let next = |count: &mut u32| {
            *count += 1;
            *count
        };
        let around = match &self.passages.last()?.ground {
            Ground::Story(story) => Some(story),
            _ => None,
        };
        Some(Ground::Story(match name {
            // Objects have no pages of their own.
            _ if self.object.is_some() => return None,
            "office:text" if self.open.len() < 4 => Story::Body,
            "text:note" if class == Some("endnote") => Story::Endnote(next(&mut shared.endnotes)),
            "text:note" => Story::Footnote(next(&mut shared.footnotes)),
            "style:header" | "style:header-left" | "style:header-first" => Story::PageHeader(shared.masters),
            "style:footer" | "style:footer-left" | "style:footer-first" => Story::PageFooter(shared.masters),
            "style:master-page" | "style:handout-master" => {
                shared.masters += 1;
                return Some(Ground::Loose);
            }
            "office:forms" | "table:shapes" | "text:tracked-changes" => return Some(Ground::Loose),
            "draw:page" => {
                let page = next(&mut shared.pages);
                if self.open.last().is_some_and(|element| element.name == "office:presentation") {
                    Story::Slide(page)
                } else {
                    return Some(Ground::At(self.layout.place(Place::Page { page })));
                }
            }
            "presentation:notes" => match around {
                Some(Story::Slide(slide)) => Story::SlideNotes(*slide),
                _ => return None,
            },
            _ if local(name) == "annotation" => match around {
                Some(Story::Slide(slide)) => Story::SlideComment(*slide),
                Some(_) => Story::Comment(next(&mut shared.comments)),
                None => return Some(Ground::At(self.spot("comment", self.in_block()))),
            },
            _ => return None,
        }))
    }

    /// A table is a sheet where it stands in no text.
    fn begin_table(&mut self, name: &str) {
        let Some(passage) = self.passages.last_mut() else { return };
        passage.table += 1;
        let sheet = matches!(passage.ground, Ground::Loose).then(|| {
            let object = self.object.map(|object| format!("{object}: ")).unwrap_or_default();
            Sheet::new(self.layout.name(&format!("{object}{name}")))
        });
        passage.tables.push(Table::new(passage.table, sheet));
    }

    /// Begins a block if the element always has words of its own.
    fn begin_block(&mut self, name: &str, own: Option<String>) {
        let label = match name {
            "text:p" | "text:h" => {
                let blocks = self.blocks.len();
                if let Some(passage) = self.passages.last_mut()
                    && passage.tables.is_empty()
                    && passage.outer == blocks
                {
                    passage.paragraph += 1;
                }
                None
            }
            "meta:user-defined" | "config:config-item" => own,
            _ if APART.contains(&name) => Some(local(name).to_owned()),
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
            Ends::Passage => {
                self.passages.pop();
            }
            Ends::Table => {
                if let Some(passage) = self.passages.last_mut() {
                    passage.tables.pop();
                }
            }
            Ends::Row => {
                if let Some(table) = self.table() {
                    table.end_row();
                }
            }
            Ends::Cell => {
                if let Some(table) = self.table() {
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
        let around = depth.checked_sub(2).and_then(|at| self.open.get(at)).map_or("", |element| element.name);
        let label = match label {
            Some(label) if local(around) == "change-info" && label == "creator" => {
                if !self.shared.authors.insert(words.meaning()) {
                    return;
                }
                "author of changes".to_owned()
            }
            Some(label) if local(around) == "change-info" => format!("{label} of changes"),
            Some(label) => label,
            None => label_of(around).to_owned(),
        };
        let spot = self.spot(&label, paragraph || self.in_block());
        let shown = if paragraph { self.label() } else { label };
        if hidden {
            words.mark(Marks::HIDDEN);
        }
        if let Some(table) = self.table().filter(|table| paragraph && table.is_in_first_row()) {
            table.hear(&words.meaning());
        }
        words.lay_out(&shown, spot, self.layout);
    }

    /// An attribute is a block by itself, before that which its element is in.
    fn aside(&mut self, element: &str, name: &str, raw: &Raw<'_>, marks: Marks) {
        let mut label = match name {
            "href" => "link",
            "name" if element == "table:table" && self.table().is_some_and(|table| table.is_sheet()) => {
                "sheet"
            }
            "name" => label_of(element),
            name => label_of(name),
        }
        .to_owned();
        let spot = self.spot(&label, self.in_block());
        // What the cell holds, as opposed to what it shows.
        if name.ends_with("value") && element.ends_with("table-cell") {
            label = Some(self.label()).filter(|column| !column.is_empty()).unwrap_or(label);
        }
        self.layout.mark(if name == "href" { marks | Marks::LINK } else { marks });
        self.layout.begin(&label);
        self.layout.raw(raw, spot);
        self.layout.mark(Marks::default());
        self.layout.begin("");
    }

    /// What the words of a paragraph are, if the place does not say it.
    fn label(&self) -> String {
        let Some(passage) = self.passages.last() else { return String::new() };
        match (&passage.ground, passage.tables.last().map(Table::label)) {
            (_, Some(Some(column))) => column.to_owned(),
            (Ground::At(Spot::Cell { .. }), _) => "comment".to_owned(),
            _ => String::new(),
        }
    }

    /// Where one is; a property of this name where no text is.
    fn spot(&mut self, name: &str, in_block: bool) -> Spot {
        let Some(Passage { ground, tables, paragraph, .. }) = self.passages.last_mut() else {
            return Spot::Text;
        };
        let story = if let Ground::Story(story) = ground { Some(&*story) } else { None };
        if let Some(spot) = tables.last_mut().and_then(|table| table.spot(story, self.layout)) {
            return spot;
        }
        let place = match ground {
            Ground::At(spot) => return *spot,
            Ground::Story(story) if in_block || *story != Story::Body => {
                Place::Paragraph { story: story.clone(), paragraph: (*paragraph).max(1) }
            }
            _ => {
                let (layout, object) = (&mut *self.layout, self.object);
                let named = self.properties.entry(name.to_owned()).or_insert_with(|| {
                    let object = object.map(|object| format!("{object}: ")).unwrap_or_default();
                    layout.place(Place::Property { name: format!("{object}{name}") })
                });
                return *named;
            }
        };
        self.layout.place(place)
    }

    /// Lays out what a change deleted, where it stood.
    fn deleted_here(&mut self, words: Words<'x>) {
        if self.in_block()
            && let Some(block) = self.blocks.last_mut()
        {
            block.words.go_on(words);
        } else if words.has(|c| !c.is_whitespace()) {
            let spot = self.spot("deleted", false);
            words.lay_out("", spot, self.layout);
        }
    }

    /// A block of this passage is open.
    fn in_block(&self) -> bool {
        self.passages.last().is_some_and(|passage| passage.outer < self.blocks.len())
    }

    fn table(&mut self) -> Option<&mut Table> {
        self.passages.last_mut()?.tables.last_mut()
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
    clipped(local(name))
}

/// A very long name would cost as much for each thing that it stands before.
fn clipped(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST_LABEL)]
}
