//! What is drawn: text in shapes and tables (DrawingML), charts, diagrams, comments on slides; and what few words stand in
//! parts like these.

use std::collections::HashMap;

use super::{
    markup::{Piece, Tag, local},
    package::Relation,
    tables::Tables,
};
use crate::{
    Marks, Story,
    layout::{Layout, Raw},
    segment::Spot,
};

/// Attributes that hold what people write, besides names.
const TOLD: &[&str] = &[
    "descr",
    "title",
    "tooltip",
    "alt",
    "caption",
    "comment",
    "description",
    "altText",
    "altTextSummary",
    "displayName",
    "totalsRowLabel",
    "stringValue1",
    "stringValue2",
    "href",
    "phldrT",
    "cmd",
    "grandTotalCaption",
    "rowHeaderCaption",
    "colHeaderCaption",
    "dataCaption",
    "missingCaption",
    "errorCaption",
    "subtotalCaption",
];
/// Elements whose names people give, besides shapes.
const NAMED: &[&str] = &[
    "section",
    "custShow",
    "tag",
    "table",
    "tableColumn",
    "snd",
    "wavAudioFile",
    "pivotTableDefinition",
    "pivotField",
    "dataField",
    "filter",
    "cSld",
    "control",
    "oleObj",
];
/// Elements whose words are for programs: formats of numbers, ids, the places of shapes.
const PROGRAMS: &[&str] = &[
    "formatCode",
    "tableStyleId",
    "col",
    "row",
    "colOff",
    "rowOff",
    "posOffset",
    "pctWidth",
    "pctHeight",
    "attrName",
    "ClientData",
];
/// Placeholders of masters whose text somebody wrote.
const SHOWN: &[&str] = &["ftr", "hdr"];

/// Where words stand, and how many paragraphs and tables there were.
pub(super) struct At {
    story: Result<Story, Spot>,
    paragraph: u32,
    tables: Tables,
    /// Of all that is drawn there.
    marks: Marks,
    /// Prompts of placeholders count, which nobody wrote.
    prompts: bool,
}

/// One part, piece by piece.
pub(super) struct Drawing<'r, 'p, 'x> {
    relations: &'r HashMap<String, Relation>,
    at: &'p mut At,
    open: Vec<Element>,
    /// The paragraph that is open has words.
    spot: Option<Spot>,
    /// What stands behind the paragraph that it interrupts.
    waiting: Vec<(&'x str, Raw<'x>)>,
    links: Vec<&'r Relation>,
    /// How many elements are open around the shape that is hidden, or whose text is a prompt.
    hidden: Option<usize>,
    prompt: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Paragraph,
    /// Text of a paragraph.
    Text,
    Table,
    /// Its words are for programs.
    Program,
    Other,
}

impl At {
    /// All words stand at one place.
    pub(super) fn spot(spot: Spot, marks: Marks) -> Self {
        Self { story: Err(spot), paragraph: 0, tables: Tables::default(), marks, prompts: true }
    }

    /// Words stand in paragraphs and tables, which are counted.
    pub(super) fn story(story: Story, marks: Marks) -> Self {
        Self { story: Ok(story), paragraph: 0, tables: Tables::default(), marks, prompts: true }
    }

    /// The words of a master: its placeholders hold prompts, which nobody wrote.
    pub(super) fn without_prompts(self) -> Self {
        Self { prompts: false, ..self }
    }

    /// The place of a paragraph that begins.
    fn next(&mut self, layout: &mut Layout<'_>) -> Spot {
        if self.tables.open.is_empty() {
            self.paragraph += 1;
        }
        self.place(layout)
    }

    /// The place of the paragraph that is open, or was last.
    fn place(&self, layout: &mut Layout<'_>) -> Spot {
        match &self.story {
            Ok(story) => layout.place(self.tables.place(story.clone(), self.paragraph.max(1))),
            Err(spot) => *spot,
        }
    }
}

impl<'r, 'p, 'x> Drawing<'r, 'p, 'x> {
    pub(super) fn new(relations: &'r HashMap<String, Relation>, at: &'p mut At) -> Self {
        // A part before may have ended inside one.
        at.tables.open.clear();
        Self {
            relations,
            at,
            open: Vec::new(),
            spot: None,
            waiting: Vec::new(),
            links: Vec::new(),
            hidden: None,
            prompt: None,
        }
    }

    pub(super) fn take(&mut self, piece: Piece<'x>, layout: &mut Layout<'_>) {
        match piece {
            Piece::Start(tag) => {
                let element = self.start(&tag, layout);
                self.open.push(element);
                self.attributes(&tag, layout);
            }
            Piece::Words(words) => self.words(&words, layout),
            Piece::End => self.close(layout),
        }
    }

    fn start(&mut self, tag: &Tag<'x>, layout: &mut Layout<'_>) -> Element {
        let depth = self.open.len();
        match tag.name() {
            "p" => {
                self.flush(layout);
                Element::Paragraph
            }
            "t" if self.open.contains(&Element::Paragraph) => Element::Text,
            "br" => {
                if let Some(spot) = self.spot {
                    layout.text("\n", spot);
                }
                Element::Other
            }
            "tbl" => {
                self.at.tables.begin();
                Element::Table
            }
            "tr" => {
                self.at.tables.row();
                Element::Other
            }
            "tc" => {
                self.at.tables.cell();
                Element::Other
            }
            // Shape, its properties, this.
            "cNvPr" if matches!(tag.value("hidden").as_deref(), Some("1" | "true")) => {
                self.hidden = self.hidden.or(depth.checked_sub(2));
                Element::Other
            }
            // Shape, its properties, those of its kind, this.
            "ph" if !self.at.prompts => {
                let shown = tag.value("type").is_some_and(|kind| SHOWN.contains(&kind.as_str()));
                let own = matches!(tag.value("hasCustomPrompt").as_deref(), Some("1" | "true"));
                if !shown && !own {
                    self.prompt = self.prompt.or(depth.checked_sub(3));
                }
                Element::Other
            }
            name if PROGRAMS.contains(&name) => Element::Program,
            _ => Element::Other,
        }
    }

    fn attributes(&mut self, tag: &Tag<'x>, layout: &mut Layout<'_>) {
        let (mut name, mut id) = (None, None);
        for (key, value) in tag.attributes() {
            let key = local(key);
            match key {
                "name" => name = Some(value),
                "id" => id = Some(value),
                "val" if matches!(tag.name(), "tag" | "strVal") => self.waiting.push((key, value)),
                // An item of a pivot table that was given another name, and what such a table is tagged with.
                "n" if tag.name() == "item" => self.waiting.push(("item", value)),
                "tag" if tag.name() == "pivotTableDefinition" => self.waiting.push((key, value)),
                _ if TOLD.contains(&key) => self.waiting.push((key, value)),
                _ => {}
            }
        }
        let id = id.map(|id| id.meaning()).unwrap_or_default();
        match tag.name() {
            "cNvPr" | "docPr" => {
                self.waiting
                    .extend(name.filter(|name| is_given(&name.meaning(), &id)).map(|name| ("shape", name)));
            }
            // A slide, or what it goes by.
            "cSld" => self.waiting.extend(name.map(|name| ("name", name))),
            kind if NAMED.contains(&kind) => self.waiting.extend(name.map(|name| (kind, name))),
            _ => {}
        }
        if tag.name().starts_with("hlink") {
            self.links.extend(self.relations.get(&id).filter(|relation| relation.external));
        }
        if !self.open.contains(&Element::Paragraph) {
            self.flush(layout);
        }
    }

    fn words(&mut self, words: &Raw<'x>, layout: &mut Layout<'_>) {
        let text = self.open.last() == Some(&Element::Text);
        let quiet = self.prompt.is_some() || self.open.contains(&Element::Program);
        if quiet || !text && words.text.trim().is_empty() {
            return;
        }
        if !text || self.spot.is_none() {
            layout.begin("");
            self.spot = Some(self.at.next(layout));
        }
        layout.mark(self.marks());
        let spot = self.spot.take();
        if let Some(spot) = spot {
            layout.raw(words, spot);
        }
        // Words outside of paragraphs are a block each.
        self.spot = spot.filter(|_| text);
    }

    fn close(&mut self, layout: &mut Layout<'_>) {
        match self.open.pop() {
            Some(Element::Paragraph) => self.flush(layout),
            Some(Element::Table) => {
                self.at.tables.open.pop();
            }
            _ => {}
        }
        let closed = |depth: &usize| *depth < self.open.len();
        self.hidden = self.hidden.filter(closed);
        self.prompt = self.prompt.filter(closed);
    }

    /// What waits for the end of a paragraph stands where it does.
    fn flush(&mut self, layout: &mut Layout<'_>) {
        let mut spot = self.spot.take();
        let told = self.waiting.iter().any(|(_, value)| !value.text.trim().is_empty());
        if spot.is_none() && (told || !self.links.is_empty()) {
            spot = Some(self.at.place(layout));
        }
        if let Some(spot) = spot {
            layout.mark(self.marks());
            for (label, value) in self.waiting.iter().filter(|(_, value)| !value.text.trim().is_empty()) {
                layout.begin(label);
                layout.raw(value, spot);
            }
            layout.mark(self.marks() | Marks::LINK);
            for link in &self.links {
                layout.begin("");
                layout.raw(&link.raw(), spot);
            }
        }
        self.waiting.clear();
        self.links.clear();
    }

    fn marks(&self) -> Marks {
        self.at.marks | if self.hidden.is_some() { Marks::HIDDEN } else { Marks::default() }
    }
}

/// Whether people gave this name. Programs call shapes by their kind and number: `Picture 4`, with the id 5.
pub(super) fn is_given(name: &str, id: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    match name.rsplit_once(' ').map(|(kind, last)| (kind, number(last))) {
        Some((kind, Some(last))) => {
            kind != "PlaceHolder" && !number(id).is_some_and(|id| id == last || id == last + 1)
        }
        _ => !name.trim().is_empty(),
    }
}
