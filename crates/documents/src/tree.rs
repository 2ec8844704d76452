//! Trees of values, such as JSON: each value behind its key.

use std::ops::Range;

use crate::{
    layout::{Layout, Raw},
    segment::{Name, Node, Spot},
};

/// Lays out a tree as its reader walks through it.
pub(crate) struct Tree {
    root: u32,
    open: Vec<Frame>,
    /// That of the value to come.
    key: Option<Range<usize>>,
}

/// An open object or array.
struct Frame {
    node: u32,
    /// Of the next element.
    index: u32,
    /// The nearest key around it, as a label for what it holds.
    label: Option<Range<usize>>,
}

impl Tree {
    pub(crate) fn new(root: Name, layout: &mut Layout<'_>) -> Self {
        Self { root: layout.root(root), open: Vec::new(), key: None }
    }

    /// A key was read, and its value is still to come.
    pub(crate) fn has_key(&self) -> bool {
        self.key.is_some()
    }

    pub(crate) fn key(&mut self, key: Raw<'_>, layout: &mut Layout<'_>) {
        let parent = self.open.last().map_or(self.root, |frame| frame.node);
        layout.begin("");
        self.key = Some(layout.key(key, parent));
    }

    /// Begins an object or array.
    pub(crate) fn open(&mut self, layout: &mut Layout<'_>) {
        let node = self.node();
        let label = self.key.clone().or_else(|| self.open.last().and_then(|frame| frame.label.clone()));
        if self.key.is_some() {
            layout.context(":");
        }
        // Counted as an element of its array before it is opened.
        self.pass();
        self.open.push(Frame { node: layout.node(node), index: 0, label });
    }

    /// Ends the innermost object or array.
    pub(crate) fn close(&mut self) {
        self.open.pop();
    }

    pub(crate) fn value(&mut self, value: Raw<'_>, layout: &mut Layout<'_>) {
        let spot = Spot::Value(self.node());
        self.begin(layout);
        layout.value(value.text, value.at, value.codec, spot);
        self.pass();
    }

    /// Begins the block of a value.
    pub(crate) fn begin(&self, layout: &mut Layout<'_>) {
        match (&self.key, self.open.last().and_then(|frame| frame.label.clone())) {
            (Some(_), _) => layout.separate(": "),
            (None, label) => layout.begin_again(label),
        }
    }

    /// Goes on behind a value.
    pub(crate) fn pass(&mut self) {
        self.key = None;
        if let Some(frame) = self.open.last_mut() {
            frame.index += 1;
        }
    }

    fn node(&self) -> Node {
        match (self.open.last(), &self.key) {
            (None, _) => Node { parent: self.root, name: Name::Root },
            (Some(frame), Some(key)) => Node { parent: frame.node, name: Layout::key_name(key) },
            (Some(frame), None) => Node { parent: frame.node, name: Name::Index(frame.index) },
        }
    }
}
