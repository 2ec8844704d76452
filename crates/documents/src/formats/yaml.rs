//! YAML: every scalar by its pointer behind its key, as in JSON, and the comments, anchors and tags between them.

use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::{
    text,
    yaml_gap::{Aside, AsideKind, Gap},
};
use crate::{
    Document, Note, Place, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::{Layout, Raw},
    segment::{Name, Spot},
    tree::Tree,
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
    let mut layout = Layout::of_source(&FORMAT, bytes, source, note, context);
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

/// Lays out the documents in `yaml`, which begins at `offset` of the source.
///
/// Aliases are not followed, so nothing is read twice.
pub(super) fn lay_out(
    yaml: &str,
    offset: usize,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) -> Result<Shape, Fault> {
    let comment = layout.place(Place::MarkupComment);
    let mut walk = Walk {
        yaml,
        offset,
        layout,
        tree: None,
        open: Vec::new(),
        gap: Gap::new(yaml),
        comment,
        shape: Shape::default(),
    };
    walk.read(context)?;
    Ok(walk.shape)
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
        // An alias of nothing is no reason to read less.
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        let mut parser = Parser::new_from_str_with_options(self.yaml, options);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.map_err(|error| {
                let (line, column) = (error.marker().line(), error.marker().col() + 1);
                Fault::NotYaml(format!("line {line}, column {column}"))
            })?;
            if self.open.len() > context.limits.depth {
                return Err(Fault::Limit(ReadError::TooDeep(context.limits.depth)));
            }
            match event {
                Event::DocumentStart(..) => self.begin_document(),
                Event::MappingStart(..) => self.begin(Expect::Key),
                Event::SequenceStart(..) => self.begin(Expect::Element),
                Event::MappingEnd | Event::SequenceEnd => {
                    self.open.pop();
                    self.tree().close();
                }
                Event::Scalar(value, style, ..) => {
                    self.scalar(&value, style, bytes(&span)?)?;
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    let alias = bytes(&span)?;
                    self.gap.read_to(alias.start);
                    self.gap.alias(alias.end);
                    self.tree().pass();
                    self.step();
                    self.asides();
                }
                Event::StreamEnd => {
                    self.gap.read_to(self.yaml.len());
                    self.asides();
                    return Ok(());
                }
                // Anchors are read with all else between scalars.
                _ => {}
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
        self.shape.mapping |= expect == Expect::Key && self.open.is_empty() && self.shape.documents == 1;
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

    /// A scalar, which with its anchor and tag stands in `span`.
    fn scalar(&mut self, value: &str, style: ScalarStyle, span: Range<usize>) -> Result<(), Fault> {
        self.gap.read_to(span.start);
        let written = self.gap.scalar(value, style, span.end);
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
            let written = Raw { text: raw, at: *offset + range.start, codec };
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
            if goes_on {
                self.layout.context("\n");
            } else {
                self.layout.begin(label);
            }
            self.layout.value(raw, self.offset + range.start, codec, spot);
            behind = (kind == AsideKind::Comment).then_some(range.end);
        }
    }

    fn tree(&mut self) -> &mut Tree {
        self.tree.as_mut().expect("the parser opens a document before all that is in it")
    }
}

/// Where an event stands. The parser tells it of every text that it has as a whole.
fn bytes(span: &Span) -> Result<Range<usize>, Fault> {
    span.byte_range().ok_or_else(|| Fault::NotYaml("its parser lost its place".to_owned()))
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

    fn rewritten(yaml: &str, replacements: &[(&str, &str)]) -> String {
        let document = document(yaml);
        let ranges: Vec<_> = replacements
            .iter()
            .map(|(needle, replacement)| {
                let at = document.text().find(needle).unwrap_or_else(|| panic!("{needle}"));
                (at..at + needle.len(), *replacement)
            })
            .collect();
        String::from_utf8(document.rewrite(&ranges).unwrap()).unwrap()
    }

    /// What the parser says, the place of each scalar left out.
    fn events(yaml: &str) -> Option<Vec<Event<'_>>> {
        let mut parser = Parser::new_from_str(yaml);
        let mut events = Vec::new();
        while let Some(event) = parser.next_event() {
            events.push(event.ok()?.0);
            if events.last() == Some(&Event::StreamEnd) {
                break;
            }
        }
        Some(events)
    }

    #[test]
    fn lays_out_values_and_what_stands_between() {
        let document = document(TEAM);
        assert_eq!(notes(&document), Vec::<String>::new());
        assert_eq!(document.format().name, "yaml");
        assert_eq!(
            document.text(),
            "!e! tag:example.org,2026:eva/\nkept by Ida\nWritten by Mara\nLind in May\nname: Mara Lind\n\
             a trailing word\naddress: Mill Lane 5, 10115\nBerlin\nit's: Tom's house\nq: tab\there é joined\n\
             boss: Kai Roth\nanchor: kai_roth\ndeputy\nanchor: kai_roth\nkind:\ntag: person\nage: 44\n\
             literal: Jo Lind\n  deeper\nlast\nabout Jo\nfolded: Zoe Roth\nflow:\nflow: a b\n\
             mail: mara@example.org\nx: y\nnone\ncomplex:\ndeep: 1\nmail: zoe@example.org\ncomplex: x\n\
             complex: second\nmail: tom@example.org\nthe end of it"
        );
        for (needle, expected) in [
            ("eva/", "line 1, column 31"),
            ("Mara\nLind", "line 3, column 14 (comment)"),
            ("Mara Lind", "/name"),
            ("Berlin", "/address"),
            ("it's", "/it's (key)"),
            ("house", "/it's"),
            ("kai_roth", "line 14, column 8"),
            ("44", "/kind/age"),
            ("deeper", "/literal"),
            ("Zoe Roth", "/folded"),
            ("mara@", "/flow/1/mail"),
            ("zoe@", "/complex/0/mail"),
            ("second", "/complex/1/1"),
            ("tom@", "document 2, /mail"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        let at = document.text().find("Mara\nLind").unwrap();
        assert_eq!(document.clip(at..at + 9), std::slice::from_ref(&(at..at + 9)), "one comment");
    }

    #[test]
    fn reads_what_other_programs_wrote() {
        let people = include_str!("../../tests/files/people.yaml");
        for yaml in [people, include_str!("../../tests/files/team.yaml")] {
            let document = document(yaml);
            assert_eq!(document.format().name, "yaml");
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = words(document.text());
            for event in events(yaml).unwrap() {
                if let Event::Scalar(value, ..) = event {
                    assert!(text.contains(&words(&value)), "{value}");
                }
            }
        }
        let document = document(people);
        let at = document.text().rfind("lines of Tom").unwrap();
        assert_eq!(document.locate(at..at + 12).to_string(), "document 6, /1/note");
    }

    #[test]
    fn writes_yaml_that_means_the_same_but_for_what_was_replaced() {
        let written = rewritten(
            TEAM,
            &[
                ("eva/", "[X]: y"),
                ("Mara\nLind", "[PERSON_1]\n"),
                ("Mara Lind", "[PERSON_1]"),
                ("10115\nBerlin", "<x: y> # z"),
                ("Tom's", "it's \"x\"\\"),
                ("here é", "\"\\\n"),
                ("Kai Roth", "- a"),
                ("kai_roth", "[P]"),
                ("44", "*"),
                ("deeper", "two\nlines"),
                ("about Jo", "# [P]"),
                ("Zoe Roth", "two\nlines"),
                ("mara@example.org", "}, ["),
                ("complex", "[KEY]"),
                ("tom@example.org", ""),
                ("the end", "\u{7}"),
            ],
        );
        assert_eq!(
            written.replacen("*kai_roth", "*_P_", 1),
            TEAM.replacen("eva/", "_X___y", 1)
                .replacen("Mara\n#   Lind", "[PERSON_1] \n#   ", 1)
                .replacen("name: Mara Lind", "name: \"[PERSON_1]\"", 1)
                .replacen("Mill Lane 5,\n  10115\n\n  Berlin", "\"Mill Lane 5, <x: y> # z\"", 1)
                .replacen("Tom''s", "it''s \"x\"\\", 1)
                .replacen("here \\u00e9", "\\\"\\\\\\n", 1)
                .replacen("!!str Kai Roth", "!!str \"- a\"", 1)
                .replacen("kai_roth", "_P_", 2)
                .replacen("44", "\"*\"", 1)
                .replacen("deeper", "two\n   lines", 1)
                .replacen("about Jo", "# [P]", 1)
                .replacen("Zoe\n  Roth", "two\n\n  lines", 1)
                .replacen("mara@example.org", "\"}, [\"", 1)
                .replacen("complex", "\"[KEY]\"", 1)
                .replacen("tom@example.org", "\"\"", 1)
                .replacen("the end", " ", 1)
        );
    }

    #[test]
    fn reads_what_the_common_parsers_take() {
        let yaml = "a:\n  b: [\n    \"Mara\", # Tom\n    'x'\n  ]\n  c: *nobody\n";
        let document = document(yaml);
        assert_eq!(document.text(), "a:\nb:\nb: Mara\nTom\nb: x\nc\nanchor: nobody");
        assert_eq!(place(&document, "x"), "/a/b/1");
    }

    #[test]
    fn no_text_of_a_block_is_an_aside() {
        assert_eq!(
            document("a: |\n  # Tom\n  x\nb: !t |\n  &Mara\n").text(),
            "a: # Tom\nx\nb: &Mara\ntag: t"
        );
    }

    #[test]
    fn a_block_is_quoted_where_its_lines_would_not_hold() {
        let yaml = "a: |- # kept\n  Mara\n    deeper\n  last\nb: >\n  Tom\n";
        assert_eq!(
            rewritten(yaml, &[("Mara", ""), ("Tom", "\u{1b}")]),
            "a:  # kept\n  \"\\n  deeper\\nlast\"\nb: \n  \"\\u001b\\n\"\n"
        );
        assert_eq!(rewritten("--- |\nMara\n", &[("Mara", "--- x")]), "--- \n\"--- x\\n\"\n");
        assert_eq!(rewritten("a: 'it''s Mara'\n", &[("Mara", "x\ny")]), "a: \"it's x\\ny\"\n");
    }

    #[test]
    fn indentation_that_is_told_or_deep_is_left_out() {
        let deep = " ".repeat(300);
        let yaml = format!("a: |2+\n\n    x\n   y\n\nb: &c !!str |-\n\n  z\nc: |\n{deep}Mara\n{deep} Lind\n");
        let document = document(&yaml);
        assert_eq!(document.text().replace(&deep[255..], ""), "a:   x\n y\nb: z\nanchor: c\nc: Mara\n Lind");
        let written = rewritten(&yaml, &[("x", "q\nq"), ("Mara", "q\nq")]);
        assert_eq!(written, yaml.replacen("  x", "  q\n  q", 1).replacen("Mara", "q q", 1));
    }

    #[test]
    fn what_is_no_yaml_is_read_as_text_and_what_is_too_deep_refused() {
        let broken = document("name: Mara\n  oops: [x\n");
        assert_eq!(broken.format().name, "text");
        assert_eq!(notes(&broken), ["not valid YAML (line 2, column 7): read as plain text"]);
        let deep = "- ".repeat(100_000);
        let limits = Limits { depth: 64, ..Limits::default() };
        assert_eq!(read("a.yml", deep.as_bytes(), &limits).unwrap_err(), ReadError::TooDeep(64));
        // The parser has a limit of its own.
        assert_eq!(document(&deep).format().name, "text");
        let flow = "[".repeat(100_000);
        assert_eq!(document(&flow).format().name, "text");
        // A tree of aliases that would grow to 10^9 values.
        let mut laughs = "a: &a [x]\n".to_owned();
        for (this, before) in ('b'..='j').zip('a'..) {
            laughs += &format!("{this}: &{this} [{}]\n", vec![format!("*{before}"); 10].join(", "));
        }
        assert!(document(&laughs).text().len() < 10 * laughs.len());
    }

    #[test]
    fn knows_yaml_by_its_directive_and_its_type() {
        assert_eq!(read("", b"%YAML 1.2\n---\na: b\n", &Limits::default()).unwrap().format().name, "yaml");
        assert_eq!(read("a.yml", b"", &Limits::default()).unwrap().format().name, "yaml");
    }

    /// A mapping of scalars in every style, at some depth.
    fn any_yaml() -> impl Strategy<Value = String> {
        let words = "(Mara|x1|é|it|a-b)( (Lind|#?y|o))?";
        let scalar = (words, "[A-Z][a-z]{0,3}").prop_flat_map(|(one, two)| {
            prop::sample::select(vec![
                one.replace('#', ""),
                format!("&a{} {}", two.len(), one.replace('#', "")),
                format!("{two}\n      {two}"),
                format!("'{one}''s'"),
                format!("'{one}\n\n      {two}'"),
                format!("\"{one}\\t\\\"\\u00e9\""),
                format!("\"{one} \\\n      {two}\""),
                format!("|\n      {one}\n        {two}\n      {two}"),
                format!("|2-\n        {one}\n      {two}"),
                format!(">+ # {two}\n      {one}\n      {two}\n\n      {two}\n"),
                format!("[{two}, '{one}', {{{two}: {two}}}] # {one}"),
                "!x".to_owned() + &two + " 12",
                "~".to_owned(),
            ])
        });
        prop::collection::vec((0..3_usize, "[a-z]{1,3}", scalar), 1..6).prop_map(|entries| {
            let mut yaml = String::new();
            for (number, (shape, key, value)) in entries.into_iter().enumerate() {
                yaml += &match shape {
                    0 => format!("{key}{number}: {value}\n"),
                    1 => format!("'{key}''{number}':\n  - {value}\n"),
                    _ => format!("? {key}{number}\n: {key}: {value}\n"),
                };
            }
            yaml
        })
    }

    proptest! {
        #[test]
        fn a_replaced_scalar_changes_no_other(
            yaml in any_yaml(),
            at in any::<prop::sample::Index>(),
            whole in any::<bool>(),
            awkward in r#"[\[\]{}<>:,#&*!|%@`'"\\ \n?xé\u{7}\u{85}-]{0,6}"#,
        ) {
            let before = events(&yaml).unwrap();
            let document = document(&yaml);
            prop_assert_eq!(document.format().name, "yaml", "{}", yaml);
            let blocks = document.clip(0..document.text().len());
            let mut range = blocks[at.index(blocks.len())].clone();
            if !whole && let Some((_, first)) = document.text()[range.clone()].char_indices().next() {
                range.end = range.start + first.len_utf8();
            }
            let written = String::from_utf8(document.rewrite(&[(range, &awkward)]).unwrap()).unwrap();
            let Some(after) = events(&written) else { return Err(TestCaseError::fail(written)) };
            prop_assert_eq!(before.len(), after.len(), "{}", &written);
            let mut changed = 0;
            for pair in before.into_iter().zip(after) {
                match pair {
                    (Event::Scalar(one, ..), Event::Scalar(two, ..)) => changed += usize::from(one != two),
                    (one, two) => prop_assert!(std::mem::discriminant(&one) == std::mem::discriminant(&two)),
                }
            }
            prop_assert!(changed <= 1, "{changed} {written}");
        }

        #[test]
        fn all_that_the_parser_takes_is_understood(yaml in r#"([a-z]{1,2}|- |: |\? |\n|\n  |\n    |#x| # y|'|"|''|\\n|\\|&a |\*a|!t |!!str |\||>|[0-9]|[+]|-|\[|\]|,|\{|\}|---|\.\.\.|é|%T x|\t){0,14}"#) {
            // The parser leaves out a comment within a scalar if a tab stands before it; such a file is read as text.
            prop_assume!(!yaml.contains("\t#"));
            let document = document(&yaml);
            if let Some(events) = events(&yaml) {
                prop_assert_eq!(document.format().name, "yaml", "{:?} {:?} {:?}", &yaml, events, document.notes());
            }
        }
    }
}
