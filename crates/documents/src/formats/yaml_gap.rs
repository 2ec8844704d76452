//! What stands between the scalars of YAML, which its parser does not tell: comments, anchors, tags, directives.

use std::ops::Range;

use granit_parser::ScalarStyle;

use crate::{
    codec::Codec,
    codec_yaml::{block_header, spaces},
};

/// A stretch between scalars that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aside {
    pub range: Range<usize>,
    pub kind: AsideKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AsideKind {
    /// Without its `#`.
    Comment,
    /// The name of an anchor, or of an alias.
    Anchor,
    /// A tag of the file's own, without its handle.
    Tag,
    /// What a directive says.
    Directive,
}

/// Reads from scalar to scalar, as the parser tells where they are.
#[derive(Debug)]
pub(super) struct Gap<'y> {
    yaml: &'y str,
    /// Up to where all is read.
    at: usize,
    /// Where the header of the next block begins, if it was read.
    header: Option<usize>,
    asides: Vec<Aside>,
}

impl<'y> Gap<'y> {
    pub(super) fn new(yaml: &'y str) -> Self {
        Self { yaml, at: 0, header: None, asides: Vec::new() }
    }

    /// The asides that were read.
    pub(super) fn take(&mut self) -> Vec<Aside> {
        std::mem::take(&mut self.asides)
    }

    /// Reads up to where a scalar, its anchor or its tag begins.
    pub(super) fn read_to(&mut self, end: usize) {
        while self.at < end {
            match self.bytes()[self.at] {
                b'#' | b'&' | b'!' => self.aside(end),
                b'|' | b'>' => {
                    self.header = Some(self.at);
                    self.at += 1;
                }
                b'%' if self.at == 0 || matches!(self.bytes()[self.at - 1], b'\n' | b'\r') => {
                    self.directive(end);
                }
                _ => self.at += 1,
            }
        }
    }

    /// The alias that ends at `end`.
    pub(super) fn alias(&mut self, end: usize) {
        if self.at < end {
            self.push(self.at + 1..end, AsideKind::Anchor);
        }
        self.at = self.at.max(end);
    }

    /// How the scalar is written that ends at `end` and means `value`, if it means anything; reads its anchor and tag.
    pub(super) fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        end: usize,
    ) -> Option<(Range<usize>, Codec)> {
        // Behind a block's header its text begins at once.
        while self.header.is_none() && self.at < end {
            match self.bytes()[self.at] {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'#' | b'&' | b'!' => self.aside(end),
                _ => break,
            }
        }
        let start = self.at;
        let written = match style {
            ScalarStyle::Plain => Some((start..end, Codec::YamlPlain)),
            ScalarStyle::SingleQuoted => Some((start..end, Codec::YamlSingle)),
            ScalarStyle::DoubleQuoted => Some((start + 1..end.saturating_sub(1), Codec::YamlDouble)),
            ScalarStyle::Literal | ScalarStyle::Folded => self.block(value, style, end),
        };
        self.at = self.at.max(end);
        self.header = None;
        written.filter(|(range, _)| range.start < range.end && !value.is_empty())
    }

    /// The parser has a block begin with its anchor, its tag or its text: its header stands behind the former, before the
    /// latter.
    fn block(&mut self, value: &str, style: ScalarStyle, end: usize) -> Option<(Range<usize>, Codec)> {
        let header = self.header.unwrap_or(self.at);
        let raw = self.yaml.get(header..end)?.trim_end_matches([' ', '\t', '\n', '\r']);
        let first = block_header(raw, 0).1;
        let deep = spaces(&raw[first..]);
        let own = value.split('\n').find(|line| line.len() > spaces(line)).map_or(0, spaces);
        let indent = u8::try_from(deep.saturating_sub(own)).unwrap_or(u8::MAX);
        // A comment may stand behind the header.
        self.read_to(header + first);
        let codec = match style {
            ScalarStyle::Folded => Codec::YamlFolded(indent),
            _ => Codec::YamlLiteral(indent),
        };
        (first < raw.len()).then(|| (header..header + raw.len(), codec))
    }

    /// A comment, anchor or tag.
    fn aside(&mut self, end: usize) {
        let start = self.at;
        let rest = &self.yaml[start..end];
        if rest.starts_with('#') {
            self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
            self.push(start + 1..self.at, AsideKind::Comment);
            return;
        }
        if let Some(verbatim) = rest.strip_prefix("!<") {
            let length = verbatim.find('>').unwrap_or(verbatim.len());
            self.at += "!<".len() + length;
            self.tag(start + "!<".len()..self.at);
            return;
        }
        self.at += rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'))
            .unwrap_or(rest.len());
        if rest.starts_with('&') {
            self.push(start + 1..self.at, AsideKind::Anchor);
        } else if !rest.starts_with("!!") {
            let handle = self.yaml[start..self.at].rfind('!').map_or(0, |at| at + 1);
            self.tag(start + handle..self.at);
        }
    }

    /// YAML's own types say nothing.
    fn tag(&mut self, range: Range<usize>) {
        if !self.yaml[range.clone()].starts_with("tag:yaml.org,2002:") {
            self.push(range, AsideKind::Tag);
        }
    }

    fn directive(&mut self, end: usize) {
        let line = &self.yaml[self.at..end];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        let name = line.find([' ', '\t']).unwrap_or(line.len());
        if !line.starts_with("%YAML") {
            self.push(self.at + name..self.at + line.len(), AsideKind::Directive);
        }
        self.at += line.len();
    }

    fn push(&mut self, range: Range<usize>, kind: AsideKind) {
        let raw = &self.yaml[range.clone()];
        let start = range.start + raw.len() - raw.trim_start().len();
        let end = start + raw.trim().len();
        if start < end {
            self.asides.push(Aside { range: start..end, kind });
        }
    }

    fn bytes(&self) -> &'y [u8] {
        self.yaml.as_bytes()
    }
}
