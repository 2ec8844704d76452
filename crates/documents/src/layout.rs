//! How a reader lays out the text it finds.

use std::{collections::HashMap, ops::Range};

use crate::{
    Document, Marks, Note, Part, Place, ReadError,
    codec::Codec,
    decode::{Charset, Source, decode},
    format::{Context, Format},
    segment::{Column, Grid, Name, Node, Segment, Spot, Within},
    sources::{Area, Content, Member, Writer},
};

/// What the file writes, and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'x> {
    /// As it is written.
    pub text: &'x str,
    /// Where it begins among the sources of the document.
    pub at: usize,
    pub codec: Codec,
}

impl<'x> Raw<'x> {
    /// What no part writes as such: a tab that is an element.
    pub(crate) fn made(text: &'x str) -> Self {
        Self { text, at: 0, codec: Codec::None }
    }

    /// Where it stands among the sources of the document.
    pub(crate) fn range(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    pub(crate) fn meaning(&self) -> String {
        let mut meaning = String::new();
        self.codec.decode(self.text, &mut meaning);
        meaning
    }
}

/// The text of a part of a package.
#[derive(Debug)]
pub(crate) struct Opened {
    pub text: String,
    /// Where it begins among the sources of the document.
    pub base: usize,
}

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
    /// Where the source of the next part begins.
    base: usize,
    /// The sources of parts are kept, to write them again.
    keep: bool,
    /// Where the source of each part of the package itself begins.
    opened: HashMap<String, usize>,
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
            base: 0,
            keep: context.keep,
            opened: HashMap::new(),
        }
    }

    /// Of a format whose bytes are text, with what decoding them had to say.
    pub(crate) fn of_source(
        format: &'static Format,
        original: &'a [u8],
        source: Source<'a>,
        note: Option<Note>,
        context: &Context<'_>,
    ) -> Self {
        let mut layout = Self::new(format, original, context);
        layout.text.reserve(source.text.len() + source.text.len() / 4);
        layout.base = source.text.len();
        layout.document.source = Some(source);
        layout.document.notes.extend(note);
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

    /// A property that no copy has, whatever it says.
    pub(crate) fn lost(&mut self, name: &str, value: &str) {
        self.lose(|layout| layout.property(name, value));
    }

    /// What is laid out is in no copy.
    pub(crate) fn lose(&mut self, lay_out: impl FnOnce(&mut Self)) {
        let before = self.document.segments.len();
        lay_out(self);
        for segment in &mut self.document.segments[before..] {
            segment.codec = Codec::Lost;
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

    /// Begins a part of a package: its text, for [`Self::raw`] to lay out.
    ///
    /// # Errors
    /// When it is no text.
    pub(crate) fn open(&mut self, name: &str, bytes: Vec<u8>) -> Result<Opened, ReadError> {
        let (Source { text, offset, charset }, _) = decode(&bytes, None)?;
        let text = text.into_owned();
        let base = self.add(name, &text, Content::Text { bytes, offset, charset });
        Ok(Opened { text, base })
    }

    /// A block of what a package says beside its parts, for its writer under the name `key`: a field of a mail.
    pub(crate) fn said(&mut self, key: &str, label: &str, text: &str, spot: Spot) {
        let content = Content::Text { bytes: text.into(), offset: 0, charset: Charset::Utf8 };
        self.words(key, label, text, content, spot);
    }

    /// A block of what a page paints.
    pub(crate) fn painted(&mut self, key: &str, text: &str, spot: Spot) {
        self.scanned(key, text, Vec::new(), spot);
    }

    /// The same where it is only known what words cover.
    pub(crate) fn scanned(&mut self, key: &str, text: &str, boxes: Vec<(Range<usize>, Area)>, spot: Spot) {
        self.words(key, "", text, Content::Painted { text: text.to_owned(), boxes }, spot);
    }

    fn words(&mut self, key: &str, label: &str, text: &str, content: Content, spot: Spot) {
        let at = self.add(key, text, content);
        self.begin(label);
        self.raw(&Raw { text, at, codec: Codec::Plain }, spot);
    }

    /// Where the source of this member of the package begins.
    fn add(&mut self, name: &str, text: &str, content: Content) -> usize {
        let base = self.base;
        if !self.keep {
            return base;
        }
        if let Some(base) = self.opened.get(name) {
            return *base;
        }
        self.opened.insert(name.to_owned(), base);
        self.base += text.len();
        self.full |= u32::try_from(self.base).is_err();
        self.document.members.push(Member { name: name.to_owned(), part: 0, base, content });
        base
    }

    /// How the package is written with its parts changed. Comes before all that is in it.
    pub(crate) fn written_by(&mut self, writer: Writer) {
        self.document.packaged = true;
        self.document.writer = self.keep.then_some(writer);
    }

    /// Places in the sources are of use: the document may be written again.
    fn is_written(&self) -> bool {
        self.keep || self.document.source.is_some()
    }

    /// What a copy loses whatever is found there.
    pub(crate) fn clean(&mut self, raw: &Raw<'_>) {
        if self.is_written() {
            self.document.cleaned.push(raw.range());
        }
    }

    /// Text of this block that a part writes.
    pub(crate) fn raw(&mut self, raw: &Raw<'_>, spot: Spot) {
        if self.is_written() && raw.codec != Codec::None {
            self.value(raw.text, raw.at, raw.codec, spot);
        } else if self.fits(raw.text.len()) {
            let start = self.text.len();
            raw.codec.decode(raw.text, &mut self.text);
            self.segment(start, 0..0, Codec::None, spot);
        }
    }

    /// Text of this block that a part writes otherwise: a day as a number. A copy replaces it as a whole.
    pub(crate) fn shown(&mut self, raw: &Raw<'_>, text: &str, spot: Spot) {
        if self.is_written() && self.fits(text.len()) {
            let start = self.text.len();
            self.text.push_str(text);
            self.segment(start, raw.range(), Codec::Whole, spot);
        } else {
            self.text(text, spot);
        }
    }

    /// A key in an object at `parent`; where it is in the text.
    pub(crate) fn key(&mut self, Raw { text: raw, at, codec }: Raw<'_>, parent: u32) -> Range<usize> {
        let start = self.text.len();
        if !self.fits(raw.len()) {
            return start..start;
        }
        codec.decode(raw, &mut self.text);
        let key = start..self.text.len();
        let node = Node { parent, name: Self::key_name(&key) };
        self.segment(start, at..at + raw.len(), codec, Spot::Key(node));
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

    /// A column of the sheet or table that `of` names.
    pub(crate) fn column(&mut self, number: u32, name: Option<String>, of: Option<Grid>) -> u32 {
        push(&mut self.document.columns, Column { number, name, of })
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
    pub(crate) fn absorb(&mut self, part: &Part, inner: Document<'_>) {
        self.absorb_as(&key(part), part, inner);
    }

    /// The same for one that the writer of the package knows by `key`.
    pub(crate) fn absorb_as(&mut self, key: &str, part: &Part, inner: Document<'_>) {
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
        document.columns.extend(
            inner
                .columns
                .iter()
                .map(|column| Column { of: column.of.map(|of| of.moved(names)), ..column.clone() }),
        );
        let moved = |node: Node| node.moved(nodes, text, names);
        document.nodes.extend(inner.nodes.iter().copied().map(moved));
        let base = self.base as u32;
        let keep = self.keep && document.writer.is_some();
        let written = keep && inner.view().is_some();
        document.segments.extend(inner.segments.iter().map(|segment| Segment {
            start: segment.start + text,
            end: segment.end + text,
            source: if written { segment.source + base } else { 0 },
            source_end: if written { segment.source_end + base } else { 0 },
            codec: if written { segment.codec } else { Codec::None },
            part: segment.part + parts,
            marks: segment.marks | self.marks,
            spot: match segment.spot {
                here @ (Spot::Text | Spot::NotebookCell { .. }) => here,
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
        if keep {
            self.keep(key, parts, inner);
        }
        self.begin("");
    }

    /// The sources of a document that lies in this one.
    fn keep(&mut self, key: &str, parts: u32, mut inner: Document<'_>) {
        let base = self.base;
        self.base += inner.sources.max(inner.source.as_ref().map_or(0, |source| source.text.len()));
        self.full |= u32::try_from(self.base).is_err();
        let document = &mut self.document;
        let cleaned = inner.cleaned.drain(..).map(|range| range.start + base..range.end + base);
        document.cleaned.extend(cleaned);
        let empty = inner.text().trim().is_empty();
        let content = match inner.into_content() {
            Content::Opaque if empty => Content::Unread,
            content => content,
        };
        let member = Member { name: key.to_owned(), part: 0, base: 0, content };
        document.members.push(member.moved(parts, base));
    }

    /// Takes over a document that lies in this one, or says why it was not read.
    pub(crate) fn take_in(&mut self, part: &Part, read: Result<Document<'_>, ReadError>) {
        self.take_in_as(&key(part), part, read);
    }

    /// What the writer of the package knows by `key` is not read, and in no copy.
    pub(crate) fn unseen(&mut self, key: &str) {
        self.add(key, "", Content::Unread);
    }

    /// A part of the package that is not read, for this reason.
    pub(crate) fn unread(&mut self, name: &str, reason: ReadError) {
        self.take_in(&Part::Entry(name.to_owned()), Err(reason));
    }

    /// The same for one that the writer of the package knows by `key`.
    pub(crate) fn take_in_as(&mut self, key: &str, part: &Part, read: Result<Document<'_>, ReadError>) {
        match read {
            Ok(document) => self.absorb_as(key, part, document),
            Err(reason) => {
                self.note(Note::Skipped { part: part.to_string(), reason: reason.to_string() });
                self.unseen(key);
            }
        }
    }

    /// The same for a document that the source writes at `source`, in a way in which none of it can be replaced: it is emptied
    /// as a whole.
    pub(crate) fn take_in_whole(
        &mut self,
        part: &Part,
        read: Result<Document<'_>, ReadError>,
        source: Range<usize>,
    ) {
        let first = self.document.segments.len();
        self.take_in(part, read);
        for segment in &mut self.document.segments[first..] {
            segment.source = source.start as u32;
            segment.source_end = source.end as u32;
            segment.codec = Codec::Emptied;
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

    /// The same for a value that a part writes.
    pub(crate) fn property_of(&mut self, name: &str, value: &Raw<'_>) {
        let spot = self.place(Place::Property { name: name.to_owned() });
        self.begin(name);
        self.raw(value, spot);
        self.begin("");
    }

    /// # Errors
    /// When there was more text than the limits allow.
    pub(crate) fn finish(mut self) -> Result<Document<'a>, ReadError> {
        if self.full {
            return Err(ReadError::TooMuchText(self.limit));
        }
        self.document.text = Some(self.text);
        self.document.sources = self.base;
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

/// What a package is likely to know a part by.
fn key(part: &Part) -> String {
    match part {
        Part::Entry(name) | Part::Attachment(name) => name.clone(),
        other => other.to_string(),
    }
}

fn push<T>(table: &mut Vec<T>, item: T) -> u32 {
    table.push(item);
    table.len() as u32 - 1
}
