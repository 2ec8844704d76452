//! How a reader lays out the text it finds.

use std::ops::Range;

use crate::{
    Document, Marks, Note, Part, Place, ReadError,
    codec::Codec,
    decode::Source,
    format::{Context, Format},
    segment::{Column, Name, Node, Segment, Spot, Within},
};

/// Collects a document block by block.
///
/// A block is what a finding may lie in: a cell, a value, a paragraph. It stands on lines of its own, behind its label,
/// because the name of a field tells the detector what the value is: `phone: 030 123456`.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    document: Document<'a>,
    text: String,
    limit: usize,
    full: bool,
    fresh: bool,
    marks: Marks,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(format: &'static Format, original: &'a [u8], context: &Context<'_>) -> Self {
        Self {
            document: Document::empty(format, original),
            text: String::new(),
            limit: context.limits.text_bytes.min(u32::MAX as usize),
            full: false,
            fresh: true,
            marks: Marks::default(),
        }
    }

    /// Of a format whose bytes are text.
    pub(crate) fn of_source(
        format: &'static Format,
        original: &'a [u8],
        source: Source<'a>,
        context: &Context<'_>,
    ) -> Self {
        let mut layout = Self::new(format, original, context);
        layout.text.reserve(source.text.len() + source.text.len() / 4);
        layout.document.source = Some(source);
        layout
    }

    /// Begins a block, its label before it.
    pub(crate) fn begin(&mut self, label: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        if !label.is_empty() {
            self.context(label);
            self.context(": ");
        }
        self.fresh = true;
    }

    /// Begins a block whose label stands elsewhere in the text.
    pub(crate) fn begin_again(&mut self, label: Option<Range<usize>>) {
        self.begin("");
        if let Some(label) = label
            && self.fits(label.len())
        {
            self.text.extend_from_within(label);
            self.context(": ");
        }
    }

    /// Begins a block on the same line: the value behind its key.
    pub(crate) fn separate(&mut self, by: &str) {
        self.context(by);
        self.fresh = true;
    }

    /// Text that helps to understand what is near it, but is not from here.
    pub(crate) fn context(&mut self, text: &str) {
        if self.fits(text.len()) {
            self.text.push_str(text);
        }
    }

    /// Text of this block that the file does not write as such.
    pub(crate) fn text(&mut self, text: &str, spot: Spot) {
        if self.fits(text.len()) {
            let start = self.text.len();
            self.text.push_str(text);
            self.segment(start, 0..0, Codec::None, spot);
        }
    }

    /// Text of this block that the source writes as `raw` at `source`.
    pub(crate) fn value(&mut self, raw: &str, source: usize, codec: Codec, spot: Spot) {
        if self.fits(raw.len()) {
            let start = self.text.len();
            codec.decode(raw, &mut self.text);
            self.segment(start, source..source + raw.len(), codec, spot);
        }
    }

    /// A key of JSON in an object at `parent`, as a block of its own; where it is in the text.
    pub(crate) fn key(&mut self, raw: &str, source: usize, parent: u32) -> Range<usize> {
        let start = self.text.len();
        if !self.fits(raw.len()) {
            return start..start;
        }
        Codec::JsonString.decode(raw, &mut self.text);
        let key = start..self.text.len();
        let node = Node { parent, name: Self::key_name(&key) };
        self.segment(start, source..source + raw.len(), Codec::JsonString, Spot::Key(node));
        key
    }

    /// The name of what stands behind a key.
    pub(crate) fn key_name(key: &Range<usize>) -> Name {
        Name::Key { start: key.start as u32, end: key.end as u32 }
    }

    /// What a reader may not see, for the text that follows.
    pub(crate) fn mark(&mut self, marks: Marks) {
        self.marks = marks;
    }

    pub(crate) fn place(&mut self, place: Place) -> Spot {
        Spot::Place(push(&mut self.document.places, place))
    }

    /// A name that segments and nodes refer to by its index.
    pub(crate) fn name(&mut self, name: &str) -> u32 {
        push(&mut self.document.names, name.to_owned())
    }

    pub(crate) fn column(&mut self, column: Column) -> u32 {
        push(&mut self.document.columns, column)
    }

    pub(crate) fn node(&mut self, node: Node) -> u32 {
        push(&mut self.document.nodes, node)
    }

    /// The root of a tree, which is its own parent.
    pub(crate) fn root(&mut self, name: Name) -> u32 {
        let parent = self.document.nodes.len() as u32;
        self.node(Node { parent, name })
    }

    /// Where the document stands, to go back to.
    pub(crate) fn checkpoint(&self) -> (usize, usize, usize) {
        (self.text.len(), self.document.segments.len(), self.document.nodes.len())
    }

    /// Forgets what was laid out since.
    pub(crate) fn roll_back(&mut self, (text, segments, nodes): (usize, usize, usize)) {
        self.text.truncate(text);
        self.document.segments.truncate(segments);
        self.document.nodes.truncate(nodes);
    }

    /// Pictures are counted in one note.
    pub(crate) fn note(&mut self, note: Note) {
        let notes = &mut self.document.notes;
        if let Note::Pictures(more) = note
            && let Some(Note::Pictures(count)) =
                notes.iter_mut().find(|note| matches!(note, Note::Pictures(_)))
        {
            *count += more;
        } else {
            notes.push(note);
        }
    }

    /// There was more text than the limits allow; what comes now is not kept.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Nothing is in the block yet.
    pub(crate) fn begins_block(&self) -> bool {
        self.fresh
    }

    /// Takes over all of a document that lies in this one as `part`.
    pub(crate) fn absorb(&mut self, part: &Part, inner: &Document<'_>) {
        self.begin("");
        if !self.fits(inner.text().len()) {
            return;
        }
        // The encoding of a part is of no use to a reader.
        let notes = inner.notes.iter().filter(|note| !matches!(note, Note::Encoding(_)));
        notes.for_each(|note| self.note(note.clone().within(part)));
        let document = &mut self.document;
        let text = self.text.len() as u32;
        let (parts, places, names, columns, nodes) = (
            document.parts.len() as u32,
            document.places.len() as u32,
            document.names.len() as u32,
            document.columns.len() as u32,
            document.nodes.len() as u32,
        );
        document.parts.extend(inner.parts.iter().enumerate().map(|(index, within)| match index {
            0 => Within { parent: 0, part: Some(part.clone()) },
            _ => Within { parent: within.parent + parts, part: within.part.clone() },
        }));
        document.places.extend_from_slice(&inner.places);
        document.names.extend_from_slice(&inner.names);
        document.columns.extend_from_slice(&inner.columns);
        let moved = |node: Node| node.moved(nodes, text, names);
        document.nodes.extend(inner.nodes.iter().copied().map(moved));
        document.segments.extend(inner.segments.iter().map(|segment| Segment {
            start: segment.start + text,
            end: segment.end + text,
            source: 0,
            source_end: 0,
            codec: Codec::None,
            part: segment.part + parts,
            marks: segment.marks | self.marks,
            spot: match segment.spot {
                Spot::Text => Spot::Text,
                Spot::Cell { row, column } => Spot::Cell { row, column: column + columns },
                Spot::Value(node) => Spot::Value(moved(node)),
                Spot::Key(node) => Spot::Key(moved(node)),
                Spot::Attribute { node, name } => Spot::Attribute { node: node + nodes, name: name + names },
                Spot::Element(node) => Spot::Element(node + nodes),
                Spot::Place(place) => Spot::Place(place + places),
            },
            ..*segment
        }));
        self.text.push_str(inner.text());
        self.begin("");
    }

    /// Takes over a document that lies in this one, or says why it was not read.
    pub(crate) fn take_in(&mut self, part: &Part, read: Result<Document<'_>, ReadError>) {
        match read {
            Ok(document) => self.absorb(part, &document),
            Err(reason) => self.note(Note::Skipped { part: part.to_string(), reason: reason.to_string() }),
        }
    }

    /// A property of the document behind its name, if it says anything.
    pub(crate) fn property(&mut self, name: &str, value: &str) {
        let value = value.trim();
        if !value.is_empty() {
            let spot = self.place(Place::Property { name: name.to_owned() });
            self.begin(name);
            self.text(value, spot);
        }
    }

    /// # Errors
    /// When there was more text than the limits allow.
    pub(crate) fn finish(mut self) -> Result<Document<'a>, ReadError> {
        if self.full {
            return Err(ReadError::TooMuchText(self.limit));
        }
        self.document.text = Some(self.text);
        Ok(self.document)
    }

    fn fits(&mut self, more: usize) -> bool {
        self.full |= self.text.len() + more + 8 > self.limit;
        !self.full
    }

    fn segment(&mut self, start: usize, source: Range<usize>, codec: Codec, spot: Spot) {
        let end = self.text.len();
        if start < end {
            self.document.segments.push(Segment {
                start: start as u32,
                end: end as u32,
                source: source.start as u32,
                source_end: source.end as u32,
                spot,
                part: 0,
                codec,
                marks: self.marks,
                joined: !self.fresh,
            });
            self.fresh = false;
        }
    }
}

fn push<T>(table: &mut Vec<T>, item: T) -> u32 {
    table.push(item);
    table.len() as u32 - 1
}
