//! What a document is made of inside: stretches of text, and small numbers that name their places.
//!
//! A table of 50 MB has millions of cells, so a segment holds no text and no name: its place is built when asked for.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Marks, Part, codec::Codec};

/// A stretch of a document's text that comes from the file. What lies between segments (labels, line ends) does not.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// First byte in the document's text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
    /// First byte in the source, if `codec` is not [`Codec::None`].
    pub source: u32,
    /// One past the last.
    pub source_end: u32,
    pub spot: Spot,
    /// Index into the document's parts.
    pub part: u32,
    pub codec: Codec,
    pub marks: Marks,
    /// Goes on where the segment before ended: a finding may lie in both.
    pub joined: bool,
}

impl Segment {
    pub(crate) fn text(&self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(crate) fn source(&self) -> std::ops::Range<usize> {
        self.source as usize..self.source_end as usize
    }
}

/// A place, as indices into the document's tables.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug)]
pub(crate) enum Spot {
    Text,
    /// Two halves of a row, as [`Spot::cell`] parts it, and the index of the column.
    Cell {
        row: [u32; 2],
        column: u32,
    },
    /// A value in a tree.
    Value(Node),
    /// The key of a value in a tree.
    Key(Node),
    /// An attribute of an element in a tree: the node, the attribute's name.
    Attribute {
        node: u32,
        name: u32,
    },
    /// The text of an element in a tree.
    Element(u32),
    /// Index into the places.
    Place(u32),
    /// A line of a notebook's cell: its number, that of its output or 0, and that of the line or 0.
    NotebookCell {
        cell: u32,
        output: u32,
        line: u32,
    },
}

impl Spot {
    /// A cell in a row, whose number may be as large and as negative as databases have them. In one piece it would make
    /// every segment larger.
    pub(crate) fn cell(row: i64, column: u32) -> Self {
        Self::Cell { row: [(row >> 32) as u32, row as u32], column }
    }

    /// The number of the row that [`Self::cell`] was given.
    pub(crate) fn row([high, low]: [u32; 2]) -> i64 {
        i64::from(high as i32) << 32 | i64::from(low)
    }
}

/// A value of JSON or an element of XML: its parent and its name there.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug)]
pub(crate) struct Node {
    /// Index of the parent among the nodes; a root is its own parent.
    pub parent: u32,
    pub name: Name,
}

impl Node {
    /// The same node where the tables it refers to begin so much later.
    pub(crate) fn moved(self, nodes: u32, text: u32, names: u32) -> Self {
        let name = match self.name {
            Name::Key { start, end } => Name::Key { start: start + text, end: end + text },
            Name::Element { name, number } => Name::Element { name: name + names, number },
            other => other,
        };
        Self { parent: self.parent + nodes, name }
    }
}

/// A step from a node to one of its children.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug)]
pub(crate) enum Name {
    /// The whole value.
    Root,
    /// The whole value of a line, from 1, of JSON lines.
    Record(u32),
    /// The whole value of a document, from 2, in a file of several.
    Document(u32),
    /// A place in an array, from 0.
    Index(u32),
    /// The key's text in the document.
    Key { start: u32, end: u32 },
    /// Index of an element's name, and its number among its like, from 1.
    Element { name: u32, number: u32 },
}

/// A column of a table.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub(crate) struct Column {
    /// From 1.
    pub number: u32,
    pub name: Option<String>,
    /// Where the document can have several.
    pub of: Option<Grid>,
}

/// What a column is in, as an index into the names: a sheet has thousands of columns.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug)]
pub(crate) enum Grid {
    /// A sheet of a workbook.
    Sheet(u32),
    /// A table of a database.
    Table(u32),
}

impl Grid {
    /// The index of its name.
    pub(crate) fn name(self) -> u32 {
        match self {
            Self::Sheet(name) | Self::Table(name) => name,
        }
    }

    /// Where the table of names begins so much later.
    pub(crate) fn moved(self, names: u32) -> Self {
        match self {
            Self::Sheet(name) => Self::Sheet(name + names),
            Self::Table(name) => Self::Table(name + names),
        }
    }
}

/// A document within a document, and the one it lies in.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub(crate) struct Within {
    pub parent: u32,
    pub part: Option<Part>,
}
