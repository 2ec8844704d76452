//! The text of a document, and the way from it back to the place in the file.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{
    Format, Location, Note, Part, Place, RewriteError, TableColumn,
    codec::{Checkpoint, Codec, STRIDE},
    columns,
    decode::{Charset, Source},
    lines::Lines,
    place::cell_name,
    rewrite,
    segment::{Column, Grid, Name, Node, Segment, Spot, Within},
    sources::{Content, Kind, Member, View, Writer},
};

/// What a file says: one text in which to detect, and for each part of it the place in the file.
///
/// The text of a plain file is the file's own. Of structured formats it is laid out one value per line behind its
/// label, `email: mara.lind@example.org`; labels and line ends belong to no place, so a finding goes through
/// [`Self::clip`] before it is reported.
pub struct Document<'a> {
    pub(crate) format: &'static Format,
    pub(crate) original: &'a [u8],
    /// For textual formats.
    pub(crate) source: Option<Source<'a>>,
    /// `None`: the text is the source.
    pub(crate) text: Option<String>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) places: Vec<Place>,
    pub(crate) names: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) nodes: Vec<Node>,
    /// The first is the file itself.
    pub(crate) parts: Vec<Within>,
    pub(crate) notes: Vec<Note>,
    /// What it is written in beside its own source, where that is kept.
    pub(crate) members: Vec<Member>,
    /// It is a package that can be written again.
    pub(crate) packaged: bool,
    /// Writes a package with its members changed.
    pub(crate) writer: Option<Writer>,
    /// In the sources, what a copy loses whatever is found there: names of authors.
    pub(crate) cleaned: Vec<Range<usize>>,
    /// Where the sources end.
    pub(crate) sources: usize,
    source_lines: OnceLock<Lines>,
    text_lines: OnceLock<Lines>,
    /// Of long values, by the start of their segments.
    checkpoints: Mutex<HashMap<u32, Vec<Checkpoint>>>,
}

impl<'a> Document<'a> {
    pub(crate) fn empty(format: &'static Format, original: &'a [u8]) -> Self {
        Self {
            format,
            original,
            source: None,
            text: None,
            segments: Vec::new(),
            places: Vec::new(),
            names: Vec::new(),
            columns: Vec::new(),
            nodes: Vec::new(),
            parts: vec![Within { parent: 0, part: None }],
            notes: Vec::new(),
            members: Vec::new(),
            packaged: false,
            writer: None,
            cleaned: Vec::new(),
            sources: 0,
            source_lines: OnceLock::new(),
            text_lines: OnceLock::new(),
            checkpoints: Mutex::default(),
        }
    }

    /// What the file was read as.
    #[must_use]
    pub fn format(&self) -> &'static Format {
        self.format
    }

    /// The text to detect in. Offsets of all other functions count its bytes.
    #[must_use]
    pub fn text(&self) -> &str {
        match (&self.text, &self.source) {
            (Some(text), _) => text,
            (None, Some(source)) => &source.text,
            (None, None) => "",
        }
    }

    /// What the reader has to say: pages without text, parts left out.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The parts of `range` that the file holds, one for each block: a cell, a value, a paragraph.
    ///
    /// Nearly always this is `range` itself. It is empty if `range` is a label only, and several if it runs from one
    /// cell into the next.
    #[must_use]
    pub fn clip(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let touched = self.touched(&range);
        let mut clipped: Vec<Range<usize>> = Vec::new();
        for (index, segment) in touched.clone().zip(&self.segments[touched.clone()]) {
            let part = range.start.max(segment.text().start)..range.end.min(segment.text().end);
            match clipped.last_mut() {
                Some(last) if segment.joined && index > touched.start => last.end = part.end,
                _ => clipped.push(part),
            }
        }
        clipped
    }

    /// The columns of all tables in it.
    #[must_use]
    pub fn columns(&self) -> Vec<TableColumn> {
        columns::columns(self)
    }

    /// Where `range` stands. A range of labels only stands where the next value does.
    #[must_use]
    pub fn locate(&self, range: Range<usize>) -> Location {
        let touched = self.touched(&range);
        let Some(first) = self.segments.get(touched.start).or(self.segments.last()) else {
            return Location {
                within: Vec::new(),
                place: Place::Text,
                line: None,
                column: None,
                bytes: None,
                marks: crate::Marks::default(),
            };
        };
        let start = range.start.clamp(first.text().start, first.text().end);
        let (line, column) = self.position(first, start).unzip();
        let marks =
            self.segments[touched.clone()].iter().fold(first.marks, |marks, segment| marks | segment.marks);
        Location {
            within: self.within(first.part),
            place: self.place(first.spot),
            line,
            column,
            bytes: self.bytes(&range, touched),
            marks,
        }
    }

    /// The place alone of what stands at `at`: [`Self::locate`] without lines and bytes.
    #[must_use]
    pub fn place_at(&self, at: usize) -> Place {
        let touched = self.segments.partition_point(|segment| segment.text().end <= at);
        let segment = self.segments.get(touched).or(self.segments.last());
        segment.map_or(Place::Text, |segment| self.place(segment.spot))
    }

    /// [`rewrite`](crate::rewrite()) gives the file's own format.
    #[must_use]
    pub fn can_rewrite(&self) -> bool {
        self.source.is_some() || self.packaged
    }

    /// The bytes of a textual file with each range of the text replaced, escaped as the format asks for; the rest stays as
    /// it is.
    ///
    /// The ranges are in order and do not overlap. One that runs over several values is written to the first and
    /// removed from the others; what it covers of labels stays.
    ///
    /// # Errors
    /// When the format is not textual, the ranges are wrong, or the file's encoding lacks a character.
    pub fn rewrite(&self, replacements: &[(Range<usize>, &str)]) -> Result<Vec<u8>, RewriteError> {
        rewrite::rewrite(self, replacements).map(|rewritten| rewritten.bytes)
    }

    /// The text with each range replaced: what is left of a document that can't be rewritten.
    ///
    /// # Errors
    /// When the ranges overlap, are out of order or cut a character.
    pub fn rewrite_text(&self, replacements: &[(Range<usize>, &str)]) -> Result<String, RewriteError> {
        rewrite::rewrite_text(self.text(), replacements)
    }

    /// Indices of the segments that have a byte in `range`.
    pub(crate) fn touched(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.segments.partition_point(|segment| segment.text().end <= range.start);
        let last = self.segments[first..].partition_point(|segment| segment.text().start < range.end);
        first..first + last
    }

    /// Bytes of the document's own source that `range` of the text comes from, as far as it lies in `segment`.
    pub(crate) fn source_range(&self, segment: &Segment, range: &Range<usize>) -> Range<usize> {
        self.source.as_ref().map_or(0..0, |source| self.range_in(&source.text, 0, segment, range))
    }

    /// The same in `source`, which begins at `base`.
    pub(crate) fn range_in(
        &self,
        source: &str,
        base: usize,
        segment: &Segment,
        range: &Range<usize>,
    ) -> Range<usize> {
        let text = segment.text();
        let within = range.start.max(text.start) - text.start..range.end.min(text.end) - text.start;
        let own = segment.source().start - base..segment.source().end - base;
        let raw = &source[own.clone()];
        let range = segment.codec.source_range(raw, self.checkpoint(segment, raw, within.start), &within);
        range.start + own.start..range.end + own.start
    }

    /// The last checkpoint of a long value before `at`.
    fn checkpoint(&self, segment: &Segment, raw: &str, at: usize) -> Checkpoint {
        if raw.len() <= STRIDE || segment.codec == Codec::Plain {
            return (0, 0);
        }
        // A table that a panic left half made is not in the map.
        let mut all = self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner);
        let points = all.entry(segment.start).or_insert_with(|| segment.codec.checkpoints(raw));
        points[points.partition_point(|point| point.1 <= at) - 1]
    }

    /// What it is written in, for a writer; nothing if that is not known.
    pub(crate) fn view(&self) -> Option<View<'_>> {
        let kind = match (self.writer, &self.source) {
            (Some(writer), _) => Kind::Package { writer, members: &self.members },
            (None, Some(Source { offset, charset, .. })) => Kind::Text { offset: *offset, charset: *charset },
            (None, None) => return None,
        };
        Some(View { bytes: self.original, base: 0, kind })
    }

    /// What it is written in, apart from the document.
    pub(crate) fn into_content(self) -> Content {
        match (self.writer, self.source) {
            (Some(writer), _) => {
                Content::Package { bytes: self.original.to_vec(), writer, members: self.members }
            }
            (None, Some(Source { offset, charset, .. })) => {
                Content::Text { bytes: self.original.to_vec(), offset, charset }
            }
            (None, None) => Content::Opaque,
        }
    }

    fn bytes(&self, range: &Range<usize>, touched: Range<usize>) -> Option<Range<usize>> {
        let source = self.source.as_ref().filter(|source| source.charset == Charset::Utf8)?;
        let (first, last) = (&self.segments[touched.clone()].first()?, &self.segments[touched].last()?);
        let start = self.source_range(first, range).start + source.offset;
        let end = self.source_range(last, range).end + source.offset;
        (start <= end).then_some(start..end)
    }

    /// In the source, or from the start of a body or page.
    fn position(&self, segment: &Segment, at: usize) -> Option<(u32, u32)> {
        // What a textual file packs, as base64, has lines of its own.
        if let Some(source) = self.source.as_ref().filter(|_| segment.codec != Codec::Emptied) {
            // One byte is enough: the rest of a long value is not walked for a line.
            let at = self.source_range(segment, &(at..at + 1)).start;
            return Some(
                self.source_lines.get_or_init(|| Lines::new(&source.text)).position(&source.text, at),
            );
        }
        if !matches!(segment.spot, Spot::Text) && !matches!(self.place(segment.spot), Place::Page { .. }) {
            return None;
        }
        let text = self.text();
        let lines = self.text_lines.get_or_init(|| Lines::new(text));
        let (line, column) = lines.position(text, at);
        let (first_line, first_column) = lines.position(text, segment.text().start);
        let line = line - first_line + 1;
        Some((line, if line == 1 { column - first_column + 1 } else { column }))
    }

    pub(crate) fn within(&self, mut part: u32) -> Vec<Part> {
        let mut within = Vec::new();
        while let Within { parent, part: Some(name) } = &self.parts[part as usize] {
            within.push(name.clone());
            part = *parent;
        }
        within.reverse();
        within
    }

    fn place(&self, spot: Spot) -> Place {
        match spot {
            Spot::Text => Place::Text,
            Spot::Place(place) => self.places[place as usize].clone(),
            Spot::Cell { row, column } => {
                let Column { number, name, of } = &self.columns[column as usize];
                let table = of.map(|of| self.names[of.name() as usize].clone());
                match (of, table) {
                    (Some(Grid::Sheet(_)), Some(sheet)) => {
                        Place::SheetCell { sheet, cell: cell_name(Spot::row(row), *number) }
                    }
                    (_, table) => Place::Cell {
                        table,
                        row: Spot::row(row),
                        column_number: *number,
                        column_name: name.clone(),
                    },
                }
            }
            Spot::NotebookCell { cell, output, line } => {
                let numbered = |number| Some(number).filter(|number| *number > 0);
                Place::NotebookCell { cell, output: numbered(output), cell_line: numbered(line) }
            }
            Spot::Value(node) => self.pointer(node, false),
            Spot::Key(node) => self.pointer(node, true),
            Spot::Element(node) => Place::Element { path: self.element_path(node), attribute: None },
            Spot::Attribute { node, name } => Place::Element {
                path: self.element_path(node),
                attribute: Some(self.names[name as usize].clone()),
            },
        }
    }

    fn pointer(&self, node: Node, key: bool) -> Place {
        let steps = self.ancestry(node);
        let mut pointer = String::new();
        let (mut record, mut document) = (None, None);
        for step in steps {
            match step {
                Name::Record(line) => record = Some(line),
                Name::Document(number) => document = Some(number),
                Name::Index(index) => pointer.push_str(&format!("/{index}")),
                Name::Key { start, end } => {
                    let key = &self.text()[start as usize..end as usize];
                    pointer.push('/');
                    pointer.push_str(&escape_pointer(key));
                }
                Name::Root | Name::Element { .. } => {}
            }
        }
        Place::Pointer { record, document, pointer, key }
    }

    /// A number is given only where it is not 1.
    fn element_path(&self, node: u32) -> String {
        let mut path = String::new();
        for step in self.ancestry(self.nodes[node as usize]) {
            if let Name::Element { name, number } = step {
                path.push('/');
                path.push_str(&self.names[name as usize]);
                if number > 1 {
                    path.push_str(&format!("[{number}]"));
                }
            }
        }
        path
    }

    /// The names from the root to `node`.
    fn ancestry(&self, node: Node) -> Vec<Name> {
        let mut steps = vec![node.name];
        let mut parent = node.parent;
        while let Some(node) = self.nodes.get(parent as usize) {
            steps.push(node.name);
            if node.parent == parent {
                break;
            }
            parent = node.parent;
        }
        steps.reverse();
        steps
    }
}

/// Sizes only: the text is personal data.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format.name)
            .field("bytes", &self.original.len())
            .field("text", &self.text().len())
            .field("segments", &self.segments.len())
            .finish_non_exhaustive()
    }
}

fn escape_pointer(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) {
        Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(key)
    }
}
