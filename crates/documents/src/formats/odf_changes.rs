//! Tracked changes of OpenDocument: described before the text, pointed to in it.

use std::collections::HashMap;

use super::odf_words::Words;
use crate::Marks;

#[derive(Debug, Default)]
pub(super) struct Changes<'x> {
    /// The last is being described.
    all: Vec<Change<'x>>,
    /// Which of them has a name.
    names: HashMap<String, usize>,
    deleting: bool,
    /// Stretches of the text that have begun and not ended.
    inserted: u32,
    deleted: u32,
}

#[derive(Debug, Default)]
struct Change<'x> {
    marks: Marks,
    deleted: Words<'x>,
}

impl<'x> Changes<'x> {
    pub(super) fn describe(&mut self, id: String) {
        self.names.insert(id, self.all.len());
        self.all.push(Change::default());
    }

    /// The one that is described inserts or deletes.
    pub(super) fn is(&mut self, marks: Marks) {
        if let Some(change) = self.all.last_mut() {
            change.marks = marks;
            self.deleting = marks == Marks::DELETED;
        }
    }

    pub(super) fn end_deletion(&mut self) {
        self.deleting = false;
    }

    /// Paragraphs are not those of the text but what was deleted of it.
    pub(super) fn is_deletion(&self) -> bool {
        self.deleting
    }

    /// Keeps a deleted paragraph until the text says where it stood.
    pub(super) fn keep(&mut self, words: Words<'x>) {
        if let Some(change) = self.all.last_mut() {
            change.deleted.append(words);
        }
    }

    /// What was deleted, once.
    pub(super) fn take(&mut self, id: &str) -> Words<'x> {
        let change = self.names.get(id).and_then(|index| self.all.get_mut(*index));
        change.map(|change| std::mem::take(&mut change.deleted)).unwrap_or_default()
    }

    /// What was deleted nobody knows where.
    pub(super) fn left(&mut self) -> Vec<Words<'x>> {
        self.all.iter_mut().map(|change| std::mem::take(&mut change.deleted)).collect()
    }

    pub(super) fn begin(&mut self, id: &str) {
        if let Some(count) = self.count(id) {
            *count += 1;
        }
    }

    pub(super) fn end(&mut self, id: &str) {
        if let Some(count) = self.count(id) {
            *count = count.saturating_sub(1);
        }
    }

    /// Those of the text where one is.
    pub(super) fn marks(&self) -> Marks {
        let inserted = if self.inserted > 0 { Marks::INSERTED } else { Marks::default() };
        let deleted = if self.deleted > 0 { Marks::DELETED } else { Marks::default() };
        inserted | deleted
    }

    /// How many changes of the same kind have begun. A change of formats is none.
    fn count(&mut self, id: &str) -> Option<&mut u32> {
        match self.all.get(*self.names.get(id)?)?.marks {
            Marks::INSERTED => Some(&mut self.inserted),
            Marks::DELETED => Some(&mut self.deleted),
            _ => None,
        }
    }
}
