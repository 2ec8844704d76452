//! The text of a document, and the way from it back to the place in the file.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{Mutex, OnceLock, PoisonError},
};

use crate::{
    Format, Location, Note, Part, Place, RewriteError,
    codec::{Checkpoint, Codec, STRIDE},
    decode::{Charset, Source},
    lines::Lines,
    rewrite,
    segment::{Column, Name, Node, Segment, Spot, Within},
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

    /// [`Self::rewrite`] gives the file's own format.
    #[must_use]
    pub fn can_rewrite(&self) -> bool {
        self.source.is_some()
    }

    /// The file's bytes with each range of the text replaced, escaped as the format asks for; the rest stays as it is.
    ///
    /// The ranges are in order and do not overlap. One that runs over several values is written to the first and
    /// removed from the others; what it covers of labels stays.
    ///
    /// # Errors
    /// When the format is not textual, the ranges are wrong, or the file's encoding lacks a character.
    pub fn rewrite(&self, replacements: &[(Range<usize>, &str)]) -> Result<Vec<u8>, RewriteError> {
        rewrite::rewrite(self, replacements)
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

    /// Bytes of the source that `range` of the text comes from, as far as it lies in `segment`.
    pub(crate) fn source_range(&self, segment: &Segment, range: &Range<usize>) -> Range<usize> {
        let Some(source) = &self.source else { return 0..0 };
        let text = segment.text();
        let within = range.start.max(text.start) - text.start..range.end.min(text.end) - text.start;
        let raw = &source.text[segment.source()];
        let range = segment.codec.source_range(raw, self.checkpoint(segment, raw, within.start), &within);
        range.start + segment.source().start..range.end + segment.source().start
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

    fn bytes(&self, range: &Range<usize>, touched: Range<usize>) -> Option<Range<usize>> {
        let source = self.source.as_ref().filter(|source| source.charset == Charset::Utf8)?;
        let (first, last) = (&self.segments[touched.clone()].first()?, &self.segments[touched].last()?);
        let start = self.source_range(first, range).start + source.offset;
        let end = self.source_range(last, range).end + source.offset;
        (start <= end).then_some(start..end)
    }

    /// In the source, or from the start of a body or page.
    fn position(&self, segment: &Segment, at: usize) -> Option<(u32, u32)> {
        if let Some(source) = &self.source {
            let at = self.source_range(segment, &(at..segment.text().end)).start;
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

    fn within(&self, mut part: u32) -> Vec<Part> {
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
                let Column { number, name, table } = &self.columns[column as usize];
                Place::Cell {
                    table: table.clone(),
                    row: Spot::row(row),
                    column_number: *number,
                    column_name: name.clone(),
                }
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
        let mut record = None;
        for step in steps {
            match step {
                Name::Record(line) => record = Some(line),
                Name::Index(index) => pointer.push_str(&format!("/{index}")),
                Name::Key { start, end } => {
                    let key = &self.text()[start as usize..end as usize];
                    pointer.push('/');
                    pointer.push_str(&escape_pointer(key));
                }
                Name::Root | Name::Element { .. } => {}
            }
        }
        Place::Pointer { record, pointer, key }
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
