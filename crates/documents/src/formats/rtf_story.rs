//! One of the texts of an RTF document: its paragraphs and the cells of its tables.

use super::{paragraph::lay_out, tables::Tables};
use crate::{
    Marks, Story as Name,
    layout::{Layout, Raw},
};

/// How a run is formatted, as far as it says whether people see it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub hidden: bool,
    pub deleted: bool,
    pub inserted: bool,
}

#[derive(Debug)]
pub(super) struct Story {
    name: Name,
    paragraph: u32,
    tables: Tables,
    pieces: Vec<(String, Marks)>,
    asides: Vec<String>,
    /// In a text box, all of which stands at one paragraph.
    boxed: bool,
}

impl Story {
    pub(super) fn new(name: Name) -> Self {
        Self {
            name,
            paragraph: 0,
            tables: Tables::default(),
            pieces: Vec::new(),
            asides: Vec::new(),
            boxed: false,
        }
    }

    /// A text box at the paragraph that is open.
    pub(super) fn text_box(&self) -> Self {
        let paragraph = self.paragraph + u32::from(!self.boxed);
        let tables = Tables { count: self.tables.count, ..Tables::default() };
        Self { paragraph, tables, boxed: true, ..Self::new(self.name.clone()) }
    }

    /// A footnote that says it is one of the end.
    pub(super) fn is_endnote(&mut self) {
        if let Name::Footnote(number) = self.name {
            self.name = Name::Endnote(number);
        }
    }

    pub(super) fn push(&mut self, text: &str, look: Look) {
        let mark = |is: bool, mark| if is { mark } else { Marks::default() };
        let marks = mark(look.hidden, Marks::HIDDEN)
            | mark(look.deleted, Marks::DELETED)
            | mark(look.inserted, Marks::INSERTED);
        match self.pieces.last_mut() {
            Some((last, same)) if *same == marks => last.push_str(text),
            _ => self.pieces.push((text.to_owned(), marks)),
        }
    }

    /// Text that belongs to the paragraph but is not in it: the target of a link.
    pub(super) fn aside(&mut self, text: &str) {
        if !text.is_empty() {
            self.asides.push(text.to_owned());
        }
    }

    /// `level` is that of the table the paragraph is in, from 1; 0 outside of tables.
    pub(super) fn end_paragraph(&mut self, level: usize, layout: &mut Layout<'_>) {
        if level == 0 {
            self.tables.open.clear();
            self.paragraph += u32::from(!self.boxed);
        } else {
            self.enter(level);
        }
        self.lay_out(layout);
    }

    pub(super) fn end_cell(&mut self, level: usize, layout: &mut Layout<'_>) {
        self.enter(level);
        self.lay_out(layout);
        self.tables.cell();
    }

    pub(super) fn end_row(&mut self) {
        self.tables.row();
        self.tables.cell();
    }

    /// The last paragraph has no end of its own.
    pub(super) fn finish(mut self, layout: &mut Layout<'_>) {
        if self.is_begun() {
            self.end_paragraph(0, layout);
        }
    }

    fn is_begun(&self) -> bool {
        !self.pieces.is_empty() || !self.asides.is_empty()
    }

    fn enter(&mut self, level: usize) {
        self.tables.open.truncate(level);
        while self.tables.open.len() < level {
            self.tables.begin();
            // Nothing in the file begins the first row.
            self.end_row();
        }
    }

    fn lay_out(&mut self, layout: &mut Layout<'_>) {
        if !self.is_begun() {
            return;
        }
        if self.asides.is_empty() && self.pieces.iter().all(|(text, _)| text.trim().is_empty()) {
            self.pieces.clear();
            return;
        }
        let spot = layout.place(self.tables.place(self.name.clone(), self.paragraph));
        let pieces: Vec<_> = self.pieces.iter().map(|(text, marks)| (Raw::made(text), *marks)).collect();
        let asides: Vec<_> = self.asides.iter().map(|text| [Raw::made(text)]).collect();
        lay_out("", &pieces, asides.iter().map(<[_; 1]>::as_slice), spot, layout);
        self.pieces.clear();
        self.asides.clear();
    }
}
