//! Jupyter notebooks: what cells say and put out by cell and line, all else by its pointer, as in JSON.

use std::ops::Range;

use mail_parser::decoders::base64::base64_decode;
use memchr::memmem;

use super::{
    json,
    json_scan::{Scanner, Token},
    notebook_role::Role,
    notebook_text::{Markup, pieces},
};
use crate::{
    Document, Part, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
    segment::{Name, Spot},
    tree::{Tree, Written},
};

pub(crate) static FORMAT: Format = Format {
    name: "notebook",
    title: "Jupyter notebook",
    extensions: &["ipynb"],
    media_types: &["application/x-ipynb+json"],
    recognise: |bytes| if looks_like_a_notebook(bytes) { Sight::Likely } else { Sight::No },
    read,
};

/// How much is looked at to know a notebook without a name.
const SAMPLE: usize = 4 << 10;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, None)?;
    let text = source.text.clone();
    let mut layout = Layout::of_source(&FORMAT, bytes, source, context);
    note.into_iter().for_each(|note| layout.note(note));
    let tree = Tree::new(Name::Root, &mut layout);
    let mut notebook = Notebook {
        text: &text,
        layout,
        context: context.inner(),
        tree,
        roles: Vec::new(),
        key: None,
        cell: 0,
        outputs: 0,
        output: 0,
        line: 0,
        markup: Markup::default(),
        file: Vec::new(),
        name: String::new(),
        media_type: String::new(),
    };
    if notebook.read()? {
        notebook.layout.finish()
    } else {
        // It is no JSON, and the reader of JSON says so.
        (json::JSON.read)(bytes, context)
    }
}

fn looks_like_a_notebook(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    sample.trim_ascii_start().starts_with(b"{")
        && [&b"\"cell_type\""[..], b"\"cells\""].iter().all(|key| memmem::find(sample, key).is_some())
}

struct Notebook<'n, 'a, 'c> {
    text: &'n str,
    layout: Layout<'a>,
    context: Context<'c>,
    tree: Tree,
    /// Of the open objects and arrays.
    roles: Vec<Role>,
    /// That of the value to come.
    key: Option<String>,
    /// From 1, as is the output; 0 is none.
    cell: u32,
    /// Of the cell, so far.
    outputs: u32,
    output: u32,
    /// In the text of a cell or output, from 1.
    line: u32,
    markup: Markup,
    /// Where the file is written that is read: in one string, or in several.
    file: Vec<Range<usize>>,
    /// What the cell calls the file.
    name: String,
    media_type: String,
}

impl<'n> Notebook<'n, '_, '_> {
    /// Whether it was JSON.
    fn read(&mut self) -> Result<bool, ReadError> {
        let mut scanner = Scanner::new(self.text, self.context.limits.depth);
        loop {
            match scanner.next() {
                Ok(None) => return Ok(true),
                Err(_) => return Ok(false),
                Ok(Some(Token::Key(raw))) => self.key(raw),
                Ok(Some(Token::ObjectBegins)) => self.open(true),
                Ok(Some(Token::ArrayBegins)) => self.open(false),
                Ok(Some(Token::Ends)) => self.close()?,
                Ok(Some(Token::Word)) => {
                    self.key = None;
                    self.tree.pass();
                }
                Ok(Some(Token::Number(raw))) => {
                    let role = self.role();
                    self.value(role, raw, Codec::JsonBare);
                }
                Ok(Some(Token::String(raw))) => self.string(raw)?,
            }
        }
    }

    fn key(&mut self, raw: Range<usize>) {
        let mut key = String::new();
        Codec::JsonString.decode(&self.text[raw.clone()], &mut key);
        match self.roles.last() {
            Some(Role::Attachments) => self.name.clone_from(&key),
            Some(Role::Bundle) => self.media_type.clone_from(&key),
            _ => {}
        }
        self.key = Some(key);
        let key = self.written(raw, Codec::JsonString);
        self.tree.key(key, &mut self.layout);
    }

    /// Of the value that comes.
    fn role(&mut self) -> Role {
        let key = self.key.take();
        self.roles.last().map_or(Role::Book, |role| role.below(key.as_deref()))
    }

    fn open(&mut self, object: bool) {
        let within = self.roles.last().copied();
        let mut role = self.role();
        if role.is_text() && (object || within == Some(role)) {
            // No text, whatever its key says.
            role = if self.output > 0 { Role::Put } else { Role::Other };
        }
        self.tree.open(&mut self.layout);
        self.roles.push(role);
        match role {
            Role::Cell => {
                self.cell += 1;
                (self.outputs, self.output) = (0, 0);
                self.name.clear();
            }
            Role::Output => {
                self.outputs += 1;
                self.output = self.outputs;
            }
            role if role.is_text() => self.begin_text(),
            _ => {}
        }
    }

    fn close(&mut self) -> Result<(), ReadError> {
        self.tree.close();
        match self.roles.pop() {
            Some(Role::Output) => self.output = 0,
            Some(role) if role.is_text() => self.end_text(role)?,
            _ => {}
        }
        Ok(())
    }

    fn string(&mut self, raw: Range<usize>) -> Result<(), ReadError> {
        let within = self.roles.last().copied();
        let role = self.role();
        if !role.is_text() {
            self.value(role, raw, Codec::JsonString);
            return Ok(());
        }
        if within == Some(role) {
            self.text(role, raw);
        } else {
            self.layout.context(":");
            self.begin_text();
            self.text(role, raw);
            self.end_text(role)?;
        }
        self.tree.pass();
        Ok(())
    }

    fn value(&mut self, role: Role, raw: Range<usize>, codec: Codec) {
        let value = self.written(raw, codec);
        if role == Role::Put {
            self.tree.begin(&mut self.layout);
            let spot = Spot::NotebookCell { cell: self.cell, output: self.output, line: 0 };
            self.layout.value(value.raw, value.at, codec, spot);
            self.tree.pass();
        } else {
            self.tree.value(value, &mut self.layout);
        }
    }

    fn begin_text(&mut self) {
        self.layout.begin("");
        self.line = 1;
    }

    /// A text, or a line of it: what is in one string.
    fn text(&mut self, role: Role, range: Range<usize>) {
        let raw = &self.text[range.clone()];
        let (cell, output) = (self.cell, self.output);
        let spot = |line| Spot::NotebookCell { cell, output, line };
        match role {
            Role::File => self.file.push(range),
            Role::Markup => self.markup.take(raw, range.start, &mut self.line, &spot, &mut self.layout),
            _ => {
                if role == Role::Traceback && !self.layout.begins_block() {
                    self.layout.context("\n");
                    self.line += 1;
                }
                for (piece, ends_line) in pieces(raw) {
                    let at = range.start + piece.start;
                    self.layout.value(&raw[piece], at, Codec::JsonString, spot(self.line));
                    self.line += u32::from(ends_line);
                }
            }
        }
    }

    fn end_text(&mut self, role: Role) -> Result<(), ReadError> {
        match role {
            Role::Markup => self.markup.end(&mut self.layout),
            Role::File => self.file()?,
            _ => {}
        }
        self.layout.begin("");
        Ok(())
    }

    fn file(&mut self) -> Result<(), ReadError> {
        let file = std::mem::take(&mut self.file);
        let (Some(first), Some(last)) = (file.first(), file.last()) else { return Ok(()) };
        self.context.budget.enter(1, self.context.limits)?;
        let mut packed = String::new();
        for range in &file {
            Codec::JsonString.decode(&self.text[range.clone()], &mut packed);
        }
        let Some(bytes) = base64_decode(packed.as_bytes()) else {
            // An address, or a drawing in letters.
            file.into_iter().for_each(|range| self.text(Role::Lines, range));
            return Ok(());
        };
        let part = Part::Entry(match (self.cell, self.output) {
            (0, _) => "widget".to_owned(),
            (cell, 0) => format!("cell {cell}, attachment {}", self.name),
            (cell, output) => format!("cell {cell}, output {output}"),
        });
        let name = if self.output == 0 { self.name.as_str() } else { "" };
        let read = read_within(name, Some(&self.media_type), &bytes, &self.context);
        self.layout.take_in_whole(&part, read, first.start..last.end);
        Ok(())
    }

    fn written(&self, raw: Range<usize>, codec: Codec) -> Written<'n> {
        Written { raw: &self.text[raw.clone()], at: raw.start, codec }
    }
}
