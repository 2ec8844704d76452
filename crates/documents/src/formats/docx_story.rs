//! One text of a Word document: its paragraphs and tables, with what is inserted, deleted, hidden or linked.

use std::collections::{BTreeSet, HashMap};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::package::Relation;
use crate::{
    Marks, Note, Place, ReadError, Story, codec::Codec, decode::decode, layout::Layout, segment::Spot,
};

/// What is gathered over all texts of a document.
#[derive(Debug, Default)]
pub(super) struct Texts {
    /// Who made tracked changes and comments.
    pub authors: BTreeSet<String>,
}

/// Lays out the text in `part`. `story` names it, given the number of a note or comment.
pub(super) fn read(
    part: &[u8],
    relations: &HashMap<String, Relation>,
    story: &dyn Fn(u32) -> Story,
    texts: &mut Texts,
    layout: &mut Layout<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    let (source, _) = decode(part, None)?;
    let mut text = StoryReader {
        relations,
        name: story,
        story: story(0),
        texts,
        layout,
        open: Vec::new(),
        paragraphs: Vec::new(),
        tables: Vec::new(),
        paragraph: 0,
        table: 0,
        change: Vec::new(),
        hidden: false,
        skipped: 0,
    };
    let mut reader = Reader::from_str(&source.text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                if text.open.len() == depth {
                    return Err(ReadError::TooDeep(depth));
                }
                text.start(&tag);
            }
            Ok(Event::End(_)) => text.end(),
            Ok(Event::Text(words)) => text.words(&words),
            Ok(Event::CData(words)) => text.words(&words),
            Ok(Event::GeneralRef(reference)) => {
                let mut meant = String::new();
                Codec::XmlText.decode(&format!("&{};", &*reference), &mut meant);
                text.words(&meant);
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                text.layout.note(Note::Damaged("a part of the text ends too early".to_owned()));
                break;
            }
        }
    }
    while !text.open.is_empty() {
        text.end();
    }
    Ok(())
}

/// A paragraph as it stands, then as it was before its deletions, which need their neighbours to be understood; then the
/// targets of its links.
pub(super) fn lay_out<'l>(
    pieces: &[(String, Marks)],
    links: impl Iterator<Item = &'l str>,
    spot: Spot,
    layout: &mut Layout<'_>,
) {
    layout.begin("");
    for (text, marks) in pieces.iter().filter(|(_, marks)| !marks.contains(Marks::DELETED)) {
        layout.mark(*marks);
        layout.text(text, spot);
    }
    if pieces.iter().any(|(_, marks)| marks.contains(Marks::DELETED)) {
        layout.begin("");
        for (text, marks) in pieces
            .iter()
            .filter(|(_, marks)| !marks.contains(Marks::INSERTED) || marks.contains(Marks::DELETED))
        {
            if marks.contains(Marks::DELETED) {
                layout.mark(*marks);
                layout.text(text, spot);
            } else {
                layout.context(text);
            }
        }
    }
    layout.mark(Marks::LINK);
    for link in links {
        layout.begin("");
        layout.text(link, spot);
    }
    layout.mark(Marks::default());
    layout.begin("");
}

struct StoryReader<'r, 't, 'l, 'a> {
    relations: &'r HashMap<String, Relation>,
    name: &'r dyn Fn(u32) -> Story,
    story: Story,
    texts: &'t mut Texts,
    layout: &'l mut Layout<'a>,
    open: Vec<Element>,
    /// The innermost last: a text box stands in a paragraph and has its own.
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// How many paragraphs outside tables there were.
    paragraph: u32,
    table: u32,
    /// The insertions and deletions around.
    change: Vec<Marks>,
    /// The run is formatted as hidden.
    hidden: bool,
    /// Elements open inside one that is not read.
    skipped: usize,
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
    Skipped,
    Other,
}

#[derive(Debug, Default)]
struct Paragraph {
    pieces: Vec<(String, Marks)>,
    /// Targets of links, descriptions of pictures.
    links: Vec<String>,
    /// Codes of fields, each on its line.
    code: String,
}

#[derive(Clone, Copy, Debug)]
struct Table {
    number: u32,
    row: u32,
    cell: u32,
}

impl StoryReader<'_, '_, '_, '_> {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let element = if self.skipped > 0 { Element::Skipped } else { self.element(tag) };
        match element {
            Element::Skipped => self.skipped += 1,
            Element::Paragraph => {
                if self.tables.is_empty() && self.paragraphs.is_empty() {
                    self.paragraph += 1;
                }
                self.paragraphs.push(Paragraph::default());
            }
            Element::Run => self.hidden = false,
            Element::Change => {
                self.author(tag);
                let deleted = matches!(local(tag), "del" | "moveFrom");
                self.change.push(if deleted { Marks::DELETED } else { Marks::INSERTED });
            }
            Element::Table => {
                self.table += 1;
                self.tables.push(Table { number: self.table, row: 0, cell: 0 });
            }
            Element::Row => {
                if let Some(table) = self.tables.last_mut() {
                    *table = Table { row: table.row + 1, cell: 0, ..*table };
                }
            }
            Element::Cell => {
                if let Some(table) = self.tables.last_mut() {
                    table.cell += 1;
                }
            }
            Element::Note => {
                self.author(tag);
                let id = attribute(tag, "id").and_then(|id| id.parse().ok()).unwrap_or(0);
                self.story = (self.name)(id);
                (self.paragraph, self.table) = (0, 0);
            }
            Element::RunLooks | Element::Text | Element::Code | Element::Other => {}
        }
        self.open.push(element);
    }

    /// What an element is here; what has no words of its own is dealt with at once.
    fn element(&mut self, tag: &BytesStart<'_>) -> Element {
        let within = |element| self.open.contains(&element);
        match local(tag) {
            "p" => Element::Paragraph,
            "r" => Element::Run,
            "rPr" if within(Element::Run) => Element::RunLooks,
            "t" | "delText" => Element::Text,
            "instrText" | "delInstrText" => Element::Code,
            "tbl" => Element::Table,
            "tr" if !self.tables.is_empty() => Element::Row,
            "tc" if !self.tables.is_empty() => Element::Cell,
            "footnote" | "endnote" | "comment" => Element::Note,
            // What Word itself does not show if it can show the choice beside it.
            "Fallback" => Element::Skipped,
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
                self.mark(name, tag);
                Element::Other
            }
        }
    }

    fn mark(&mut self, name: &str, tag: &BytesStart<'_>) {
        let last = self.open.last();
        match name {
            "vanish" | "webHidden" if last == Some(&Element::RunLooks) => {
                self.hidden = !matches!(attribute(tag, "val").as_deref(), Some("0" | "false" | "off"));
            }
            "tab" | "ptab" if last == Some(&Element::Run) => self.push("\t"),
            "br" | "cr" if last == Some(&Element::Run) => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "hyperlink" => {
                let id = attribute(tag, "id").unwrap_or_default();
                if let Some(relation) = self.relations.get(&id) {
                    self.link(relation.target.clone());
                }
            }
            "fldSimple" => self.link(attribute(tag, "instr").unwrap_or_default()),
            "docPr" | "cNvPr" => {
                for name in ["descr", "title"] {
                    self.link(attribute(tag, name).unwrap_or_default());
                }
            }
            "fldChar" => {
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.code.push('\n');
                }
            }
            _ => {}
        }
    }

    fn words(&mut self, words: &str) {
        match self.open.last() {
            Some(Element::Text) => self.push(words),
            Some(Element::Code) => {
                // A code comes in several elements.
                if let Some(paragraph) = self.paragraphs.last_mut() {
                    paragraph.code.push_str(words);
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, words: &str) {
        let hidden = if self.hidden { Marks::HIDDEN } else { Marks::default() };
        let marks = self.change.iter().fold(hidden, |marks, change| marks | *change);
        if self.paragraphs.is_empty() {
            self.paragraphs.push(Paragraph::default());
        }
        let Some(paragraph) = self.paragraphs.last_mut() else { return };
        match paragraph.pieces.last_mut() {
            Some((text, last)) if *last == marks => text.push_str(words),
            _ => paragraph.pieces.push((words.to_owned(), marks)),
        }
    }

    fn link(&mut self, target: String) {
        if let Some(paragraph) = self.paragraphs.last_mut()
            && !target.is_empty()
        {
            paragraph.links.push(target);
        }
    }

    fn author(&mut self, tag: &BytesStart<'_>) {
        if let Some(author) = attribute(tag, "author").filter(|author| !author.is_empty()) {
            self.texts.authors.insert(author);
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Element::Skipped) => self.skipped -= 1,
            Some(Element::Paragraph) => self.lay_out(),
            Some(Element::Run) => self.hidden = false,
            Some(Element::Change) => {
                self.change.pop();
            }
            Some(Element::Table) => {
                self.tables.pop();
            }
            _ => {}
        }
    }

    fn lay_out(&mut self) {
        let Some(Paragraph { pieces, links, code }) = self.paragraphs.pop() else { return };
        let codes = code.lines().map(str::trim).filter(|code| !code.is_empty());
        if pieces.is_empty() && links.is_empty() && code.is_empty() {
            return;
        }
        let spot = self.spot();
        lay_out(&pieces, links.iter().map(String::as_str).chain(codes), spot, self.layout);
    }

    fn spot(&mut self) -> Spot {
        let story = self.story.clone();
        self.layout.place(match self.tables.last() {
            Some(table) => {
                Place::TableCell { story, table: table.number, row: table.row, column_number: table.cell }
            }
            None => Place::Paragraph { story, paragraph: self.paragraph },
        })
    }
}

/// The name without its prefix, which differs between writers.
pub(super) fn local<'t>(tag: &'t BytesStart<'_>) -> &'t str {
    let name: &str = &tag[..tag.name().as_ref().len()];
    name.rsplit(':').next().unwrap_or(name)
}

pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| {
        let key: &str = found.key.as_ref();
        key.rsplit(':').next() == Some(name)
    })?;
    let mut value = String::new();
    Codec::XmlAttribute.decode(&found.value, &mut value);
    Some(value)
}
