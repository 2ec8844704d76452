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
    layout::{Layout, Raw},
    segment::{Name, Spot},
    tree::Tree,
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
    let mut layout = Layout::of_source(&FORMAT, bytes, source, note, context);
    let tree = Tree::new(Name::Root, &mut layout);
    let mut notebook = Notebook {
        text: &text,
        layout,
        context: context.inner(),
        tree,
        roles: Vec::new(),
        key: None,
        cells: 0,
        outputs: 0,
        cell: 0,
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
    /// So far, and of the cell so far.
    cells: u32,
    outputs: u32,
    /// What is open, from 1; 0 is none.
    cell: u32,
    output: u32,
    /// In the text of a cell or output, from 1.
    line: u32,
    markup: Markup<'n>,
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
                self.cells += 1;
                (self.cell, self.outputs) = (self.cells, 0);
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
            Some(Role::Cell) => self.cell = 0,
            Some(Role::Output) => self.output = 0,
            Some(Role::Attachments) => self.name.clear(),
            Some(Role::Bundle) => self.media_type.clear(),
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
            self.layout.value(value.text, value.at, codec, spot);
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

    fn written(&self, raw: Range<usize>, codec: Codec) -> Raw<'n> {
        Raw { text: &self.text[raw.clone()], at: raw.start, codec }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use crate::{
        Limits, Place,
        fixtures::{notes, place},
        read,
    };

    const BOOK: &str = r##"{
 "cells": [
  {"cell_type": "markdown", "id": "a1", "metadata": {"tags": ["of Ida"]},
   "attachments": {"mara.png": {"image/png": "iVBORw0KGgo="}, "people.csv": {"text/csv": "x", "application/octet-stream": ["bmFtZSxlbWFpbApFdmEs", "ZXZhQGV4YW1wbGUub3JnCg=="]}},
   "source": "# Mara\nand Tom"},
  {"cell_type": "code", "execution_count": 7, "metadata": {},
   "outputs": [
    {"output_type": "stream", "name": "stdout", "text": ["one\n", "\u001b[31mmail \u001b[1m\u001b[0mmara@\u001B[32mexample.org\n"]},
    {"output_type": "execute_result", "execution_count": 7, "metadata": {}, "data": {
      "text/plain": ["Zoe Roth"],
      "text/html": ["<table>\n", " <tr><td title=\"Kai\n", "Roth\">Jo &amp; <b class='x'>Lind</b></td><td>5</td>\n", "</table><!-- by Eva -->"],
      "application/json": {"mail": "tom@example.org"}}},
    {"output_type": "error", "ename": "KeyError", "evalue": "'Ben Lind'", "traceback": ["\u001b[0;31m---", "in <module>\n--> Ben", "end"]}],
   "source": ["name = 'Mara \n", "Lind'\n", "mail(\"\\u001b[31m\", 'a\\nb')"]}],
 "metadata": {"authors": [{"name": "Ida Lind"}],
  "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"w1": {"state": {"value": "Nils"}, "buffers": [{"data": "TWFyYSBpbiBhIGJ1ZmZlcg==", "encoding": "base64", "path": ["value"]}]}}}}},
 "nbformat": 4, "nbformat_minor": 5
}"##;

    #[test]
    fn leads_to_cell_output_and_line() {
        let book = read("a.ipynb", BOOK.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(book.format().name, "notebook");
        for (needle, expected) in [
            ("# Mara", "cell 1, line 1"),
            ("Tom", "cell 1, line 2"),
            ("of Ida", "/cells/0/metadata/tags/0"),
            ("eva@example.org", "cell 1, attachment people.csv: row 2, column email"),
            ("Mara \nLind", "cell 2, line 1"),
            ("Lind'\nmail", "cell 2, line 2"),
            ("one", "cell 2, output 1, line 1"),
            ("mail mara@example.org", "cell 2, output 1, line 2"),
            ("Zoe Roth", "cell 2, output 2, line 1"),
            ("title=\"Kai\nRoth\"", "cell 2, output 2, line 2"),
            ("Jo & Lind", "cell 2, output 2, line 3"),
            ("class='x'", "cell 2, output 2, line 3"),
            ("by Eva", "cell 2, output 2, line 4"),
            ("tom@", "cell 2, output 2"),
            ("'Ben Lind'", "cell 2, output 3"),
            ("--> Ben", "cell 2, output 3, line 3"),
            ("Ida Lind", "/metadata/authors/0/name"),
            ("Nils", "/metadata/widgets/application~1vnd.jupyter.widget-state+json/state/w1/state/value"),
            ("Mara in a buffer", "widget: line 1, column 1"),
        ] {
            assert_eq!(place(&book, needle), expected, "{needle}");
        }
        assert_eq!(notes(&book), ["text in 1 picture is not read"]);
        let at = book.text().find("Mara \nLind").unwrap();
        let location = book.locate(at..at + 10);
        assert_eq!(location.place, Place::NotebookCell { cell: 2, output: None, cell_line: Some(1) });
        assert_eq!(location.line, Some(14));
        assert!(book.text().contains("mail(\"\\u001b[31m\", 'a\\nb')"), "no colour, no line end");
    }

    #[test]
    fn reads_what_jupyter_wrote() {
        let book = read("", include_bytes!("../../tests/files/people.ipynb"), &Limits::default()).unwrap();
        for (needle, expected) in [
            ("of Zoë Lind", "cell 1, line 2"),
            ("mail tom@example.org", "cell 2, output 1, line 1"),
            ("to Kai\n", "cell 2, output 2, line 1"),
            ("Author: Ida Lind", "cell 2, output 3: property Author"),
            ("Eva <Roth> & Jo\n", "cell 2, output 4, line 26"),
            ("0  Eva <Roth> & Jo", "cell 2, output 4, line 2"),
            ("'Ben Lind'", "cell 3, output 1"),
            ("KeyError: 'Ben Lind'", "cell 3, output 1, line 12"),
            ("Mara Lind", "/metadata/authors/0/name"),
        ] {
            assert_eq!(place(&book, needle), expected, "{needle}");
        }
    }

    #[test]
    fn writes_a_notebook_again() {
        let book = read("a.ipynb", BOOK.as_bytes(), &Limits::default()).unwrap();
        let mut replacements: Vec<_> = [
            ("eva@example.org", "[EMAIL]"),
            ("Mara \nLind", "[\"P\"]\n"),
            ("mara@example.org", "[EMAIL]"),
            ("Jo & Lind", "<P>"),
            ("Kai", "\"<P>\""),
            ("in a buffer", ""),
        ]
        .into_iter()
        .map(|(needle, replacement)| {
            let at = book.text().find(needle).unwrap();
            (at..at + needle.len(), replacement)
        })
        .collect();
        replacements.sort_by_key(|(range, _)| range.start);
        let written = book.rewrite(&replacements).unwrap();
        let mut expected: Value = serde_json::from_str(BOOK).unwrap();
        let cells = &mut expected["cells"];
        // A file of which a part can't be replaced is left out.
        cells[0]["attachments"]["people.csv"]["application/octet-stream"] = Value::from(vec![""]);
        cells[1]["source"][0] = "name = '[\"P\"]\n".into();
        cells[1]["source"][1] = "'\n".into();
        cells[1]["outputs"][0]["text"][1] = "\u{1b}[31mmail \u{1b}[1m\u{1b}[0m[EMAIL]\u{1b}[32m\n".into();
        let html = &mut cells[1]["outputs"][1]["data"]["text/html"];
        html[1] = " <tr><td title=\"&quot;&lt;P&gt;&quot;\n".into();
        html[2] = "Roth\">&lt;P&gt;<b class='x'></b></td><td>5</td>\n".into();
        let state =
            &mut expected["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"];
        state["w1"]["buffers"][0]["data"] = "".into();
        assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), expected);
    }

    #[test]
    fn reads_version_3_and_knows_a_notebook_without_a_name() {
        let old = r#"{"metadata": {"name": "x"}, "nbformat": 3, "worksheets": [{"cells": [
            {"cell_type": "code", "input": ["a\n", "Mara"], "outputs": [
                {"output_type": "pyout", "html": ["<p>Tom</p>"], "text": ["Zoe"], "png": "bm8gcGljdHVyZQ=="}]}]},
            {"cells": [{"cell_type": "heading", "source": "Ida"}]}]}"#;
        let book = read("", old.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(book.format().name, "notebook");
        for (needle, expected) in [
            ("Mara", "cell 1, line 2"),
            ("Tom", "cell 1, output 1, line 1"),
            ("Zoe", "cell 1, output 1, line 1"),
            ("no picture", "cell 1, output 1: line 1, column 1"),
            ("Ida", "cell 2, line 1"),
        ] {
            assert_eq!(place(&book, needle), expected, "{needle}");
        }
    }

    #[test]
    fn what_is_no_notebook_is_read_as_json_or_text() {
        let odd = r#"{"cells": [{"source": [["Mara"], {"a": "Tom"}, "Zoe", 5], "outputs": {"data": [1]}},
            {"outputs": [{"data": {"image/png": ["aGk=", ["Ida"], {"b": "Eva"}], "image/gif": "not base64: Kai"}}]}, 7]}"#;
        let book = read("a.ipynb", odd.as_bytes(), &Limits::default()).unwrap();
        for (needle, expected) in [
            ("Mara", "/cells/0/source/0/0"),
            ("Tom", "/cells/0/source/1/a"),
            ("Zoe", "cell 1, line 1"),
            ("Ida", "cell 2, output 1"),
            ("Eva", "cell 2, output 1"),
            ("not base64: Kai", "cell 2, output 1, line 1"),
        ] {
            assert_eq!(place(&book, needle), expected, "{needle}");
        }
        let broken = read("a.ipynb", &BOOK.as_bytes()[..300], &Limits::default()).unwrap();
        assert_eq!(broken.format().name, "text");
        assert!(notes(&broken)[0].starts_with("not valid JSON"));
        let lines = read("a.ipynb", b"{\"a\": 1}\n{\"b\": 2}\n", &Limits::default()).unwrap();
        assert_eq!(lines.format().name, "jsonl");
    }

    proptest! {
        #[test]
        fn a_changed_byte_changes_no_more(at in 0..BOOK.len(), byte in b' '..=b'~', new in "[\"\\\\<a\n]{0,3}") {
            let mut bytes = BOOK.as_bytes().to_vec();
            bytes[at] = byte;
            let book = read("a.ipynb", &bytes, &Limits::default()).unwrap();
            let everything = book.clip(0..book.text().len());
            let replacements: Vec<_> = everything.into_iter().map(|range| (range, new.as_str())).collect();
            let written = book.rewrite(&replacements).unwrap();
            if serde_json::from_slice::<Value>(&bytes).is_ok() {
                prop_assert!(serde_json::from_slice::<Value>(&written).is_ok(), "{}", String::from_utf8_lossy(&written));
            }
        }
    }
}
