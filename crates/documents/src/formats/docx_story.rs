//! One text of a Word document: its paragraphs and tables, with what is inserted, deleted, hidden or linked.

use std::collections::{BTreeMap, HashMap};

use super::{
    markup::{Markup, Piece, Tag},
    opc_told::told,
    package::Relation,
    paragraph::lay_out,
    tables::Tables,
};
use crate::{
    Marks, Note, ReadError, Story,
    layout::{Layout, Opened, Raw},
    segment::Spot,
};

/// What is gathered over all texts of a document.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Who made tracked changes and comments, each as first written.
    pub authors: BTreeMap<String, usize>,
}

/// Lays out the text in `part`. `story` names it, given the number of a note or comment.
pub(super) fn read(
    part: &Opened,
    relations: &HashMap<String, Relation>,
    story: &dyn Fn(u32) -> Story,
    texts: &mut Texts,
    layout: &mut Layout<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    let mut text = StoryReader {
        relations,
        name: story,
        story: story(0),
        texts,
        layout,
        open: Vec::new(),
        paragraphs: Vec::new(),
        tables: Tables::default(),
        paragraph: 0,
        change: Vec::new(),
        hidden: false,
        skipped: 0,
        choice: String::new(),
        fallback: Vec::new(),
    };
    let mut markup = Markup::new(&part.text, part.base, depth);
    while let Some(piece) = markup.next()? {
        match piece {
            Piece::Start(tag) => text.start(&tag),
            Piece::End => text.end(),
            Piece::Words(words) => text.words(words),
        }
    }
    if !markup.finish(text.layout) {
        text.layout.note(Note::Damaged("a part of the text ends too early".to_owned()));
    }
    Ok(())
}

struct StoryReader<'r, 't, 'l, 'a, 'x> {
    relations: &'r HashMap<String, Relation>,
    name: &'r dyn Fn(u32) -> Story,
    story: Story,
    texts: &'t mut Texts,
    layout: &'l mut Layout<'a>,
    open: Vec<Element>,
    /// The innermost last: a text box stands in a paragraph and has its own.
    paragraphs: Vec<Paragraph<'x>>,
    tables: Tables,
    /// How many paragraphs outside tables there were.
    paragraph: u32,
    /// The insertions and deletions around.
    change: Vec<Marks>,
    /// The run is formatted as hidden.
    hidden: bool,
    /// Elements open inside one that is not read.
    skipped: usize,
    /// What the choices of the alternatives that are open say.
    choice: String,
    /// What their fallback says, in pieces, a paragraph each.
    fallback: Vec<Vec<Raw<'x>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
    Paragraph,
    Run,
    RunLooks,
    /// Its words are those of the document.
    Text,
    /// Its words are a field's code.
    Code,
    Change,
    Table,
    Row,
    Cell,
    Note,
    /// The same in several ways, of which one is shown.
    Alternatives,
    Skipped,
    Other,
}

#[derive(Debug, Default)]
struct Paragraph<'x> {
    pieces: Vec<(Raw<'x>, Marks)>,
    /// Targets of links, descriptions of pictures.
    links: Vec<Raw<'x>>,
    /// Codes of fields, each in the pieces it comes in.
    codes: Vec<Vec<Raw<'x>>>,
    /// What stands in attributes, and what only a fallback says.
    asides: Vec<Vec<Raw<'x>>>,
}

impl<'r: 'x, 'x> StoryReader<'r, '_, '_, '_, 'x> {
    fn start(&mut self, tag: &Tag<'x>) {
        let element = if self.skipped > 0 { Element::Skipped } else { self.element(tag) };
        match element {
            Element::Skipped => {
                self.skipped += 1;
                for value in told(tag) {
                    self.layout.clean(&value);
                    self.fallback.push(vec![value]);
                }
                if tag.name() == "p" {
                    self.fallback.push(Vec::new());
                }
            }
            Element::Paragraph => {
                if self.tables.open.is_empty() && self.paragraphs.is_empty() {
                    self.paragraph += 1;
                }
                self.paragraphs.push(Paragraph::default());
            }
            Element::Run => self.hidden = false,
            Element::Change => {
                self.author(tag);
                let deleted = matches!(tag.name(), "del" | "moveFrom");
                self.change.push(if deleted { Marks::DELETED } else { Marks::INSERTED });
            }
            Element::Table => self.tables.begin(),
            Element::Row => self.tables.row(),
            Element::Cell => self.tables.cell(),
            Element::Note => {
                self.author(tag);
                let id = tag.value("id").and_then(|id| id.parse().ok()).unwrap_or(0);
                self.story = (self.name)(id);
                (self.paragraph, self.tables.count) = (0, 0);
            }
            Element::Alternatives => self.choice.clear(),
            Element::RunLooks | Element::Text | Element::Code | Element::Other => {}
        }
        if self.skipped == 0 {
            for value in told(tag) {
                self.aside(vec![value]);
            }
        }
        self.open.push(element);
    }

    /// What an element is here; what has no words of its own is dealt with at once.
    fn element(&mut self, tag: &Tag<'x>) -> Element {
        let within = |element| self.open.contains(&element);
        match tag.name() {
            "p" => Element::Paragraph,
            "r" => Element::Run,
            "rPr" if within(Element::Run) => Element::RunLooks,
            "t" | "delText" => Element::Text,
            "instrText" | "delInstrText" => Element::Code,
            "tbl" => Element::Table,
            "tr" if !self.tables.open.is_empty() => Element::Row,
            "tc" if !self.tables.open.is_empty() => Element::Cell,
            "footnote" | "endnote" | "comment" => Element::Note,
            // What Word itself does not show if it can show the choice beside it.
            "Fallback" => Element::Skipped,
            "AlternateContent" => Element::Alternatives,
            // How it looked before.
            "rPrChange" | "pPrChange" | "tblPrChange" | "trPrChange" | "tcPrChange" | "sectPrChange" => {
                self.author(tag);
                Element::Skipped
            }
            // Inside the looks of a paragraph these are its mark's.
            "ins" | "del" | "moveFrom" | "moveTo" if self.open.last() != Some(&Element::RunLooks) => {
                Element::Change
            }
            name => {
                self.author(tag);
                self.mark(name, tag);
                Element::Other
            }
        }
    }

    fn mark(&mut self, name: &str, tag: &Tag<'x>) {
        let last = self.open.last();
        match name {
            "vanish" | "webHidden" if last == Some(&Element::RunLooks) => {
                self.hidden = !matches!(tag.value("val").as_deref(), Some("0" | "false" | "off"));
            }
            "tab" | "ptab" if last == Some(&Element::Run) => self.push(Raw::made("\t")),
            "br" | "cr" if last == Some(&Element::Run) => self.push(Raw::made("\n")),
            "noBreakHyphen" => self.push(Raw::made("-")),
            "hyperlink" => {
                let id = tag.value("id").unwrap_or_default();
                self.link(self.relations.get(&id).map(Relation::raw));
            }
            "fldSimple" => self.link(tag.attribute("instr")),
            "fldChar" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.codes.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn words(&mut self, words: Raw<'x>) {
        if self.skipped > 0 {
            // It says again what stands beside it, unless another program left it behind.
            self.layout.clean(&words);
            if let Some(paragraph) = self.fallback.last_mut() {
                paragraph.push(words);
            }
        }
        match self.open.last() {
            Some(Element::Text) => self.push(words),
            Some(Element::Code) => {
                // A code comes in several elements.
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    match paragraph.codes.last_mut() {
                        Some(code) => code.push(words),
                        None => paragraph.codes.push(vec![words]),
                    }
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, words: Raw<'x>) {
        if self.open.contains(&Element::Alternatives) {
            self.choice.push_str(&words.meaning());
        }
        let hidden = if self.hidden { Marks::HIDDEN } else { Marks::default() };
        let marks = self.change.iter().fold(hidden, |marks, change| marks | *change);
        if self.paragraphs.is_empty() {
            self.paragraphs.push(Paragraph::default());
        }
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.pieces.push((words, marks));
        }
    }

    fn link(&mut self, target: Option<Raw<'x>>) {
        if let Some(paragraph) = self.paragraphs.last_mut()
            && let Some(target) = target.filter(|target| !target.text.is_empty())
        {
            paragraph.links.push(target);
        }
    }

    /// Lays out what stands beside the text.
    fn aside(&mut self, pieces: Vec<Raw<'x>>) {
        if self.open.contains(&Element::Alternatives) {
            self.choice.extend(pieces.iter().map(Raw::meaning));
        }
        match self.paragraphs.last_mut() {
            Some(paragraph) => paragraph.asides.push(pieces),
            None => {
                let spot = self.spot();
                self.lay_out_aside(&pieces, spot);
            }
        }
    }

    fn lay_out_aside(&mut self, pieces: &[Raw<'_>], spot: Spot) {
        self.layout.begin("");
        for piece in pieces {
            self.layout.raw(piece, spot);
        }
        self.layout.begin("");
    }

    /// What only the fallback says.
    fn left_behind(&mut self) {
        for pieces in std::mem::take(&mut self.fallback) {
            let meant: String = pieces.iter().map(Raw::meaning).collect();
            if !meant.trim().is_empty() && !self.choice.contains(&meant) {
                self.aside(pieces);
            }
        }
    }

    fn author(&mut self, tag: &Tag<'x>) {
        for key in ["author", "initials"] {
            let Some(who) = tag.attribute(key).filter(|who| !who.text.is_empty()) else { continue };
            self.layout.clean(&who);
            self.texts.authors.entry(who.text.to_owned()).or_insert(who.at);
            // And when; the writer puts some time there.
            tag.attribute("date").iter().for_each(|when| self.layout.clean(when));
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Element::Skipped) => {
                self.skipped -= 1;
                if self.skipped == 0 {
                    self.left_behind();
                }
            }
            Some(Element::Paragraph) => self.lay_out(),
            Some(Element::Run) => self.hidden = false,
            Some(Element::Change) => {
                self.change.pop();
            }
            Some(Element::Table) => {
                self.tables.open.pop();
            }
            _ => {}
        }
    }

    fn lay_out(&mut self) {
        let Some(Paragraph { pieces, links, codes, asides }) = self.paragraphs.pop() else { return };
        if pieces.is_empty() && links.is_empty() && asides.is_empty() && codes.iter().all(Vec::is_empty) {
            return;
        }
        let spot = self.spot();
        let targets = links.iter().map(std::slice::from_ref).chain(codes.iter().map(Vec::as_slice));
        lay_out("", &pieces, targets, spot, self.layout);
        for aside in &asides {
            self.lay_out_aside(aside, spot);
        }
    }

    fn spot(&mut self) -> Spot {
        let story = self.story.clone();
        self.layout.place(self.tables.place(story, self.paragraph))
    }
}
