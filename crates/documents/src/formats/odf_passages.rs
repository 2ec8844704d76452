//! Where one is in a document of OpenDocument: in which of its texts, in which paragraph, cell or slide.

use std::collections::HashMap;

use super::{
    markup::local,
    odf_table::{Sheet, Table},
};
use crate::{Place, Story, layout::Layout, segment::Spot};

/// The texts that one is in, the innermost last.
#[derive(Debug)]
pub(super) struct Passages<'s> {
    open: Vec<Passage>,
    /// The name of the object within the document.
    object: Option<&'s str>,
    /// Where each property stands; an object has many with the same long name.
    properties: HashMap<String, Spot>,
}

/// How many there were in all parts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    masters: u32,
    pages: u32,
    footnotes: u32,
    endnotes: u32,
    comments: u32,
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

#[derive(Debug)]
enum Ground {
    Story(Story),
    /// All of it stands here.
    At(Spot),
    /// Each thing is a property of the document.
    Loose,
}

impl<'s> Passages<'s> {
    pub(super) fn new(object: Option<&'s str>) -> Self {
        let all = Passage { ground: Ground::Loose, outer: 0, paragraph: 0, table: 0, tables: Vec::new() };
        Self { open: vec![all], object, properties: HashMap::new() }
    }

    /// Begins the text that begins with this element in that one, if one does.
    pub(super) fn begin(
        &mut self,
        (around, name): (&str, &str),
        class: Option<&str>,
        blocks: usize,
        counts: &mut Counts,
        layout: &mut Layout<'_>,
    ) -> bool {
        let ground = self.ground((around, name), class, blocks, counts, layout);
        let begins = ground.is_some();
        self.open.extend(ground.map(|ground| Passage {
            ground,
            outer: blocks,
            paragraph: 0,
            table: 0,
            tables: Vec::new(),
        }));
        begins
    }

    fn ground(
        &mut self,
        (parent, name): (&str, &str),
        class: Option<&str>,
        blocks: usize,
        counts: &mut Counts,
        layout: &mut Layout<'_>,
    ) -> Option<Ground> {
        let next = |count: &mut u32| {
            *count += 1;
            *count
        };
        let around = match &self.open.last()?.ground {
            Ground::Story(story) => Some(story),
            _ => None,
        };
        Some(Ground::Story(match name {
            // Objects have no pages of their own.
            _ if self.object.is_some() => return None,
            "office:text" if around.is_none() => Story::Body,
            "text:note" if class == Some("endnote") => Story::Endnote(next(&mut counts.endnotes)),
            "text:note" => Story::Footnote(next(&mut counts.footnotes)),
            "style:header" | "style:header-left" | "style:header-first" => Story::PageHeader(counts.masters),
            "style:footer" | "style:footer-left" | "style:footer-first" => Story::PageFooter(counts.masters),
            "style:master-page" | "style:handout-master" => {
                counts.masters += 1;
                return Some(Ground::Loose);
            }
            "office:forms" | "table:shapes" | "text:tracked-changes" => return Some(Ground::Loose),
            "draw:page" => {
                let page = next(&mut counts.pages);
                if parent != "office:presentation" {
                    return Some(Ground::At(layout.place(Place::Page { page })));
                }
                Story::Slide(page)
            }
            "presentation:notes" => match around {
                Some(Story::Slide(slide)) => Story::SlideNotes(*slide),
                _ => return None,
            },
            _ if local(name) == "annotation" => match around {
                Some(Story::Slide(slide)) => Story::SlideComment(*slide),
                Some(_) => Story::Comment(next(&mut counts.comments)),
                None => return Some(Ground::At(self.spot("comment", self.holds(blocks), layout))),
            },
            _ => return None,
        }))
    }

    pub(super) fn end(&mut self) {
        self.open.pop();
    }

    /// Of so many blocks that are open, one is in this text.
    pub(super) fn holds(&self, blocks: usize) -> bool {
        self.open.last().is_some_and(|passage| passage.outer < blocks)
    }

    /// A paragraph begins in so many blocks; one in another or in a table has no number.
    pub(super) fn begin_paragraph(&mut self, blocks: usize) {
        if let Some(passage) = self.open.last_mut()
            && passage.tables.is_empty()
            && passage.outer == blocks
        {
            passage.paragraph += 1;
        }
    }

    /// A table is a sheet where it stands in no text.
    pub(super) fn begin_table(&mut self, name: &str, layout: &mut Layout<'_>) {
        let Some(passage) = self.open.last_mut() else { return };
        passage.table += 1;
        let sheet = matches!(passage.ground, Ground::Loose)
            .then(|| Sheet::new(layout.name(&named(self.object, name))));
        passage.tables.push(Table::new(passage.table, sheet));
    }

    pub(super) fn end_table(&mut self) {
        if let Some(passage) = self.open.last_mut() {
            passage.tables.pop();
        }
    }

    pub(super) fn table(&mut self) -> Option<&mut Table> {
        self.open.last_mut()?.tables.last_mut()
    }

    /// What the words of a paragraph are, if the place does not say it.
    pub(super) fn label(&self) -> Option<&str> {
        let passage = self.open.last()?;
        match passage.ground {
            Ground::At(Spot::Cell { .. }) => Some("comment"),
            _ => passage.tables.last()?.label(),
        }
    }

    /// The place; a property of this name where neither a text nor, `in_block`, a part of one is.
    pub(super) fn spot(&mut self, name: &str, in_block: bool, layout: &mut Layout<'_>) -> Spot {
        let Some(Passage { ground, tables, paragraph, .. }) = self.open.last_mut() else {
            return Spot::Text;
        };
        let story = if let Ground::Story(story) = ground { Some(&*story) } else { None };
        if let Some(spot) = tables.last_mut().and_then(|table| table.spot(story, layout)) {
            return spot;
        }
        match ground {
            Ground::At(spot) => *spot,
            Ground::Story(story) if in_block || *story != Story::Body => {
                layout.place(Place::Paragraph { story: story.clone(), paragraph: (*paragraph).max(1) })
            }
            _ => match self.properties.get(name) {
                Some(spot) => *spot,
                None => {
                    let spot = layout.place(Place::Property { name: named(self.object, name) });
                    self.properties.insert(name.to_owned(), spot);
                    spot
                }
            },
        }
    }
}

/// A name in an object.
fn named(object: Option<&str>, name: &str) -> String {
    object.map_or_else(|| name.to_owned(), |object| format!("{object}: {name}"))
}
