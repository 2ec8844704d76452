//! YAML: every scalar by its pointer behind its key, as in JSON, and the comments, anchors and tags between them.

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

use super::{
    text,
    yaml_gap::{Aside, AsideKind, Gap},
};
use crate::{
    Document, Note, Place, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::Layout,
    segment::{Name, Spot},
    tree::{Tree, Written},
};

pub(crate) static FORMAT: Format = Format {
    name: "yaml",
    title: "YAML",
    extensions: &["yaml", "yml"],
    media_types: &["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"],
    recognise: |bytes| if bytes.starts_with(b"%YAML ") { Sight::Likely } else { Sight::No },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let yaml = source.text.clone();
    let mut layout = Layout::of_source(&FORMAT, bytes, source, context);
    note.into_iter().for_each(|note| layout.note(note));
    match lay_out(&yaml, 0, &mut layout, context) {
        Ok(_) => layout.finish(),
        Err(Fault::Limit(error)) => Err(error),
        Err(Fault::NotYaml(reason)) => {
            let mut document = text::read(bytes, &text::TEXT, context)?;
            document.notes.push(Note::ReadAsText { format: FORMAT.title, reason });
            Ok(document)
        }
    }
}

/// Why nothing was laid out.
pub(super) enum Fault {
    NotYaml(String),
    Limit(ReadError),
}

/// What the documents of a file are.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub documents: u32,
    /// The first is a mapping.
    pub mapping: bool,
}

/// Lays out the documents in `yaml`, which begins at `offset` of the source; nothing is left of them after a fault.
///
/// Aliases are not followed, so nothing is read twice.
pub(super) fn lay_out(
    yaml: &str,
    offset: usize,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) -> Result<Shape, Fault> {
    let before = layout.checkpoint();
    let comment = layout.place(Place::MarkupComment);
    let mut walk = Walk {
        yaml,
        offset,
        layout,
        tree: None,
        open: Vec::new(),
        gap: Gap::new(yaml),
        comment,
        characters: 0,
        bytes: 0,
        shape: Shape::default(),
    };
    let read = walk.read(context);
    let shape = walk.shape;
    if read.is_err() {
        layout.roll_back(before);
    }
    read.map(|()| shape)
}

struct Walk<'y, 'l, 'a> {
    yaml: &'y str,
    /// Of `yaml` in the source.
    offset: usize,
    layout: &'l mut Layout<'a>,
    /// Of the document that is read.
    tree: Option<Tree>,
    /// Of each open collection.
    open: Vec<Expect>,
    gap: Gap<'y>,
    comment: Spot,
    /// The parser counts characters: so many of them, so many bytes.
    characters: usize,
    bytes: usize,
    shape: Shape,
}

/// What comes next in an open collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Element,
    Key,
    Value,
}

impl Walk<'_, '_, '_> {
    fn read(&mut self, context: &Context<'_>) -> Result<(), Fault> {
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(self.yaml);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| {
                let (line, column) = (error.marker().line(), error.marker().col() + 1);
                Fault::NotYaml(format!("line {line}, column {column}"))
            })?;
            if self.open.len() > context.limits.depth {
                return Err(Fault::Limit(ReadError::TooDeep(context.limits.depth)));
            }
            match event {
                Event::DocumentStart(_) => self.begin_document(),
                Event::MappingStart(..) => self.begin(Expect::Key),
                Event::SequenceStart(..) => self.begin(Expect::Element),
                Event::MappingEnd | Event::SequenceEnd => {
                    self.open.pop();
                    self.tree().close();
                }
                Event::Scalar(value, style, ..) => {
                    let start = self.byte(span.start.index());
                    let end = self.byte(span.end.index());
                    self.scalar(&value, style, start, end)?;
                }
                Event::Alias(_) => {
                    let start = self.byte(span.start.index());
                    let end = self.byte(span.end.index());
                    self.gap.read_to(start);
                    self.gap.alias(end);
                    self.tree().pass();
                    self.step();
                    self.asides();
                }
                Event::StreamEnd => {
                    self.gap.read_to(self.yaml.len());
                    self.asides();
                    return Ok(());
                }
                Event::DocumentEnd | Event::StreamStart | Event::Nothing => {}
            }
        }
        Ok(())
    }

    fn begin_document(&mut self) {
        self.shape.documents += 1;
        // The only document of most files, and the first of the others, needs no number.
        let name = if self.shape.documents == 1 { Name::Root } else { Name::Document(self.shape.documents) };
        self.tree = Some(Tree::new(name, self.layout));
        self.open.clear();
    }

    fn begin(&mut self, expect: Expect) {
        self.shape.mapping |=
            expect == Expect::Key && self.open.is_empty() && self.shape.documents == 1;
        self.step();
        let tree = self.tree.as_mut().expect("a collection stands in a document");
        tree.open(self.layout);
        self.open.push(expect);
    }

    /// The same collection goes on behind what was read now.
    fn step(&mut self) {
        if let Some(expect) = self.open.last_mut() {
            *expect = match *expect {
                Expect::Element => Expect::Element,
                Expect::Key => Expect::Value,
                Expect::Value => Expect::Key,
            };
        }
    }

    /// A scalar at `start`, or its anchor and tag, up to `end`.
    fn scalar(&mut self, value: &str, style: ScalarStyle, start: usize, end: usize) -> Result<(), Fault> {
        self.gap.read_to(start);
        let written = self.gap.scalar(value, style, end);
        let is_key = self.open.last() == Some(&Expect::Key);
        self.step();
        if !self.tree().has_key() {
            self.asides();
        }
        let Self { layout, tree, offset, yaml, .. } = self;
        let tree = tree.as_mut().expect("a scalar stands in a document");
        if let Some((range, codec)) = written {
            let raw = &yaml[range.clone()];
            if !means(codec, raw, value) {
                return Err(Fault::NotYaml("a value is written in a way that is not understood".to_owned()));
            }
            let written = Written { raw, at: *offset + range.start, codec };
            if is_key { tree.key(written, layout) } else { tree.value(written, layout) }
        } else {
            tree.pass();
        }
        if !is_key {
            self.asides();
        }
        Ok(())
    }

    /// Lays out what stood before the scalar that was read.
    fn asides(&mut self) {
        let mut behind = None;
        for Aside { range, kind } in self.gap.take() {
            let raw = &self.yaml[range.clone()];
            let (label, codec, spot) = match kind {
                AsideKind::Comment => ("", Codec::YamlComment, self.comment),
                AsideKind::Anchor => ("anchor", Codec::YamlName, Spot::Text),
                AsideKind::Tag => ("tag", Codec::YamlName, Spot::Text),
                AsideKind::Directive => ("", Codec::YamlName, Spot::Text),
            };
            // A comment goes on in the next line.
            let goes_on = kind == AsideKind::Comment
                && behind.is_some_and(|behind: usize| is_one_break(&self.yaml[behind..range.start]));
            if goes_on { self.layout.context("\n") } else { self.layout.begin(label) }
            self.layout.value(raw, self.offset + range.start, codec, spot);
            behind = (kind == AsideKind::Comment).then_some(range.end);
        }
    }

    fn tree(&mut self) -> &mut Tree {
        self.tree.as_mut().expect("the parser opens a document before all that is in it")
    }

    /// The byte that the character with this number begins at. Numbers only grow.
    fn byte(&mut self, character: usize) -> usize {
        let ahead = character.saturating_sub(self.characters);
        let rest = &self.yaml[self.bytes..];
        let bytes = rest.char_indices().nth(ahead).map_or(rest.len(), |(at, _)| at);
        self.characters += ahead;
        self.bytes += bytes;
        self.bytes
    }
}

/// Whether our way of reading what is written gives what the parser read, but for blanks in blocks.
fn means(codec: Codec, raw: &str, value: &str) -> bool {
    if raw == value {
        return true;
    }
    let mut decoded = String::new();
    codec.decode(raw, &mut decoded);
    match codec {
        Codec::YamlLiteral(_) | Codec::YamlFolded(_) => {
            decoded.split_whitespace().eq(value.split_whitespace())
        }
        _ => decoded == value,
    }
}

fn is_one_break(between: &str) -> bool {
    let (mut breaks, mut others) = (0, 0);
    for byte in between.bytes() {
        match byte {
            b'\n' => breaks += 1,
            b' ' | b'\t' | b'\r' | b'#' => {}
            _ => others += 1,
        }
    }
    (breaks, others) == (1, 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Limits,
        fixtures::{notes, place},
        read,
    };

    const TEAM: &str = "%TAG !e! tag:example.org,2026:eva/
--- # kept by Ida
# Written by Mara
#   Lind in May
name: Mara Lind   # a trailing word
address: Mill Lane 5,
  10115

  Berlin
'it''s': 'Tom''s
  house'
\"q\": \"tab\\there \\u00e9 \\
   joined\"
boss: &kai_roth !!str Kai Roth
deputy: *kai_roth
kind: !e!person
  age: 44
literal: | # about Jo
   Jo Lind
     deeper
   last
folded: >-
  Zoe
  Roth
flow: [a b, {mail: mara@example.org, \"x\":y, none: }]
? complex
: - deep: 1
    mail: zoe@example.org
  - [x, second]
---
mail: tom@example.org
...
# the end of it
";

    fn document(yaml: &str) -> Document<'_> {
        read("a.yaml", yaml.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn lays_out_values_and_what_stands_between() {
        let document = document(TEAM);
        assert_eq!(notes(&document), Vec::<String>::new());
        assert_eq!(document.format().name, "yaml");
        assert_eq!(document.text(), "x");
    }
}
