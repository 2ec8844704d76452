//! RTF: all texts in it, what is deleted or hidden among them, and what is embedded.

use std::collections::{BTreeSet, HashMap};

use super::{
    html, ole,
    rtf_story::Story as Told,
    rtf_token::{Token, Tokens, unhex},
    rtf_words::{ASIDE, DRAWN, OPEN, PROPERTIES, SKIPPED, charset, codepage},
};
use crate::{
    Document, Note, Part, ReadError, Story,
    codepage::Codepage,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "rtf",
    title: "RTF document",
    extensions: &["rtf"],
    media_types: &["application/rtf", "text/rtf", "text/richtext"],
    recognise: |bytes| if bytes.trim_ascii_start().starts_with(b"{\\rtf") { Sight::Sure } else { Sight::No },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut reader = Reader {
        layout: Layout::new(&FORMAT, bytes, context),
        context: *context,
        groups: vec![Group::default()],
        opened: vec![Opened { depth: 0, what: What::Story(Told::new(Story::Body)) }],
        fonts: HashMap::new(),
        font: 0,
        codepage: Codepage::default(),
        bytes: Vec::new(),
        wide: Vec::new(),
        skip: 0,
        starred: false,
        html: None,
        authors: BTreeSet::new(),
        name: String::new(),
        counts: Counts::default(),
    };
    for token in Tokens::new(bytes) {
        reader.token(token)?;
    }
    reader.finish()
}

/// How text is taken in a group.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    skipped: bool,
    /// Of `\upr`, whose text stands in it twice.
    skipped_outside: bool,
    fonts: bool,
    codepage: Option<Codepage>,
    /// How many bytes follow each `\u` for those who can't read it; one less.
    fallback: i32,
    look: super::rtf_story::Look,
    in_table: bool,
    /// Of tables within tables.
    level: usize,
    /// In a mail: what is no part of its HTML.
    for_rtf_only: bool,
}

#[derive(Debug)]
struct Opened {
    depth: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Story(Told),
    Text { kind: Kind, text: String, binary: Vec<u8> },
}

/// What a text is that does not run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Property(&'static str),
    /// The name of the property that follows.
    Name,
    Value,
    DrawnValue,
    Aside,
    Authors,
    Html,
    Object,
    Picture,
}

#[derive(Debug, Default)]
struct Counts {
    headers: u32,
    footers: u32,
    footnotes: u32,
    comments: u32,
    objects: u32,
    pictures: u32,
}

struct Reader<'a, 'c> {
    layout: Layout<'a>,
    context: Context<'c>,
    /// The innermost last; the first is around the whole file.
    groups: Vec<Group>,
    opened: Vec<Opened>,
    fonts: HashMap<i32, Codepage>,
    font: i32,
    codepage: Codepage,
    /// Text whose letters may be several bytes each.
    bytes: Vec<u8>,
    /// Text of `\u`, whose letters may be several numbers each.
    wide: Vec<u16>,
    skip: i32,
    starred: bool,
    /// Of a mail that was written in HTML.
    html: Option<String>,
    authors: BTreeSet<String>,
    name: String,
    counts: Counts,
}

impl<'a, 'c> Reader<'a, 'c> {
    fn token(&mut self, token: Token<'_>) -> Result<(), ReadError> {
        if let Token::Byte(byte) = token {
            if self.skip > 0 {
                self.skip -= 1;
            } else if byte >= b' ' || byte == b'\t' {
                self.flush_wide();
                self.bytes.push(byte);
            }
            return Ok(());
        }
        let starred = std::mem::take(&mut self.starred);
        if let Token::Word("u", Some(number)) = token {
            self.flush_bytes();
            self.wide.push(number as u16);
            self.skip = self.group().fallback + 1;
            return Ok(());
        }
        self.flush();
        self.skip = 0;
        match token {
            Token::Open => {
                if self.groups.len() > self.context.limits.depth {
                    return Err(ReadError::TooDeep(self.context.limits.depth));
                }
                self.groups.push(*self.group());
            }
            Token::Close => self.close(),
            Token::Word(word, number) => self.word(word, number, starred),
            Token::Symbol(b'*') => self.starred = true,
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Binary(data) => {
                if let Some(Opened { what: What::Text { binary, .. }, .. }) = self.opened.last_mut() {
                    binary.extend_from_slice(data);
                }
            }
            Token::Byte(_) => {}
        }
        Ok(())
    }

    fn group(&self) -> &Group {
        self.groups.last().unwrap_or(const { &Group::NONE })
    }

    fn change(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    fn flush(&mut self) {
        self.flush_bytes();
        self.flush_wide();
    }

    fn flush_bytes(&mut self) {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            let codepage = self.group().codepage.unwrap_or(self.codepage);
            self.push(&codepage.decode(&bytes));
        }
    }

    fn flush_wide(&mut self) {
        if !self.wide.is_empty() {
            let text = String::from_utf16_lossy(&std::mem::take(&mut self.wide));
            self.push(&text);
        }
    }

    fn push(&mut self, text: &str) {
        let group = *self.group();
        if group.skipped || group.fonts {
            return;
        }
        let outermost = self.opened.len() == 1;
        match (self.opened.last_mut(), &mut self.html) {
            (Some(Opened { what: What::Text { text: all, .. }, .. }), _) => all.push_str(text),
            (_, Some(html)) if outermost && !group.for_rtf_only => html.push_str(text),
            // Quotes and bullets that stand for what the HTML says.
            (_, Some(_)) if outermost && !text.contains(char::is_alphanumeric) => {}
            (Some(Opened { what: What::Story(story), .. }), _) => story.push(text, group.look),
            (None, _) => {}
        }
    }

    fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            b'\\' | b'{' | b'}' => self.push(char::from(symbol).encode_utf8(&mut [0; 4])),
            b'\r' | b'\n' => self.end_paragraph(),
            _ => {}
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, starred: bool) {
        if word == "ud" {
            self.change(|group| group.skipped = group.skipped_outside);
            return;
        }
        if self.group().skipped {
            return;
        }
        if self.destination(word, starred) {
            return;
        }
        if starred {
            self.change(|group| group.skipped = true);
            return;
        }
        let on = number != Some(0);
        match word {
            "par" | "sect" | "page" | "column" => self.end_paragraph(),
            "line" | "lbr" | "softline" => self.push("\n"),
            "tab" => self.push("\t"),
            "emspace" | "enspace" | "qmspace" => self.push(" "),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            "bullet" => self.push("•"),
            "v" => self.change(|group| group.look.hidden = on),
            "deleted" => self.change(|group| group.look.deleted = on),
            "revised" => self.change(|group| group.look.inserted = on),
            "plain" => self.change(|group| {
                group.look = Default::default();
                group.codepage = None;
            }),
            "pard" => self.change(|group| (group.in_table, group.level) = (false, 0)),
            "intbl" => self.change(|group| group.in_table = true),
            "itap" => self.change(|group| group.level = number.unwrap_or(0).clamp(0, 100) as usize),
            "cell" | "nestcell" => self.end_cell(word == "nestcell"),
            "row" | "nestrow" => {
                if let Some(story) = self.story() {
                    story.end_row();
                }
            }
            "uc" => self.change(|group| group.fallback = number.unwrap_or(1).saturating_sub(1)),
            "ansi" => self.codepage = Codepage::default(),
            "mac" => self.codepage = Codepage::of(10000).unwrap_or_default(),
            "pc" => self.codepage = Codepage::of(437).unwrap_or_default(),
            "pca" => self.codepage = Codepage::of(850).unwrap_or_default(),
            "ansicpg" => self.codepage = codepage(number).unwrap_or_default(),
            "f" => {
                self.font = number.unwrap_or(0);
                let codepage = self.fonts.get(&self.font).copied();
                self.change(|group| group.codepage = codepage);
            }
            "fcharset" | "cpg" if self.group().fonts => {
                let number = if word == "cpg" { number } else { number.and_then(charset) };
                if let Some(codepage) = codepage(number) {
                    self.fonts.insert(self.font, codepage);
                }
            }
            "fromhtml" if on => self.html = Some(String::new()),
            "htmlrtf" => self.change(|group| group.for_rtf_only = on),
            _ => {}
        }
    }

    /// Whether `word` says where the text of its group goes.
    fn destination(&mut self, word: &str, starred: bool) -> bool {
        if let Some(&(_, name)) = PROPERTIES.iter().find(|(known, _)| *known == word) {
            self.open(Kind::Property(name));
            return true;
        }
        let counts = &mut self.counts;
        let story = match word {
            "header" | "headerl" | "headerr" | "headerf" => {
                counts.headers += 1;
                Story::PageHeader(counts.headers)
            }
            "footer" | "footerl" | "footerr" | "footerf" => {
                counts.footers += 1;
                Story::PageFooter(counts.footers)
            }
            "footnote" => {
                counts.footnotes += 1;
                Story::Footnote(counts.footnotes)
            }
            "annotation" => {
                counts.comments += 1;
                Story::Comment(counts.comments)
            }
            "shptxt" | "dptxbxtext" => {
                let Some(text) = self.story().map(|story| story.text_box()) else { return true };
                self.opened.push(Opened { depth: self.groups.len(), what: What::Story(text) });
                return true;
            }
            "ftnalt" => {
                if let Some(story) = self.story() {
                    story.is_endnote();
                }
                return true;
            }
            _ => return self.other_destination(word, starred),
        };
        self.opened.push(Opened { depth: self.groups.len(), what: What::Story(Told::new(story)) });
        // A note is no part of the table that it is on.
        self.change(|group| (group.in_table, group.level) = (false, 0));
        true
    }

    fn other_destination(&mut self, word: &str, starred: bool) -> bool {
        match word {
            "fonttbl" => self.change(|group| group.fonts = true),
            "upr" => self.change(|group| (group.skipped_outside, group.skipped) = (group.skipped, true)),
            "sn" | "propname" => self.open(Kind::Name),
            "sv" => self.open(Kind::DrawnValue),
            "staticval" | "linkval" => self.open(Kind::Value),
            "atnauthor" | "atnid" | "revtbl" => self.open(Kind::Authors),
            "htmltag" => self.open(Kind::Html),
            "objdata" | "datastore" => self.open(Kind::Object),
            "pict" => self.open(Kind::Picture),
            _ if ASIDE.contains(&word) => self.open(Kind::Aside),
            _ if SKIPPED.contains(&word) => self.change(|group| group.skipped = true),
            _ => return starred && OPEN.contains(&word),
        }
        true
    }

    fn open(&mut self, kind: Kind) {
        let what = What::Text { kind, text: String::new(), binary: Vec::new() };
        self.opened.push(Opened { depth: self.groups.len(), what });
    }

    /// The end of a group, and of what was opened in it.
    fn close(&mut self) {
        let depth = self.groups.len();
        // Nothing closes what is around the whole file.
        if depth == 1 {
            return;
        }
        while self.opened.len() > 1
            && let Some(opened) = self.opened.pop_if(|opened| opened.depth >= depth)
        {
            match opened.what {
                What::Story(story) => story.finish(&mut self.layout),
                What::Text { kind, text, binary } => self.closed(kind, &text, &binary),
            }
        }
        self.groups.pop();
    }

    fn closed(&mut self, kind: Kind, text: &str, binary: &[u8]) {
        match kind {
            Kind::Property(name) => self.layout.property(name, text),
            Kind::Name => text.clone_into(&mut self.name),
            Kind::Value => self.layout.property(&self.name, text),
            Kind::DrawnValue => {
                if DRAWN.contains(&self.name.as_str()) {
                    self.aside(text);
                }
            }
            // Marks whose names begin so are made by programs.
            Kind::Aside if text.starts_with('_') => {}
            // The HTML has the link too.
            Kind::Aside if self.html.is_some() && self.group().for_rtf_only => {}
            Kind::Aside => self.aside(text),
            Kind::Authors => {
                let names =
                    text.split(';').map(str::trim).filter(|name| !name.is_empty() && *name != "Unknown");
                self.authors.extend(names.map(str::to_owned));
            }
            Kind::Html => {
                if let Some(html) = &mut self.html {
                    html.push_str(text);
                }
            }
            Kind::Object => {
                let bytes = [&unhex(text.as_bytes()), binary].concat();
                self.counts.objects += 1;
                let name = format!("object {}", self.counts.objects);
                let context = self.inside();
                ole::embedded(&name, &bytes, &mut self.layout, &context);
            }
            Kind::Picture => {
                let bytes = [&unhex(text.as_bytes()), binary].concat();
                self.counts.pictures += 1;
                let part = Part::Entry(format!("picture {}", self.counts.pictures));
                match read_within("", None, &bytes, &self.inside()) {
                    Ok(document) if document.format().name == "picture" => {
                        self.layout.absorb(&part, document);
                    }
                    // Pictures of a kind that Windows draws: they have no mark of their own.
                    _ => self.layout.note(Note::Pictures(1)),
                }
            }
        }
    }

    fn inside(&self) -> Context<'c> {
        self.context.inner()
    }

    /// The innermost text that runs on.
    fn story(&mut self) -> Option<&mut Told> {
        self.opened.iter_mut().rev().find_map(|opened| match &mut opened.what {
            What::Story(story) => Some(story),
            What::Text { .. } => None,
        })
    }

    fn aside(&mut self, text: &str) {
        if let Some(story) = self.story() {
            story.aside(text.trim());
        }
    }

    fn end_paragraph(&mut self) {
        let group = *self.group();
        let outermost = self.opened.len() == 1;
        match self.opened.last_mut() {
            Some(Opened { what: What::Text { text, .. }, .. }) => text.push('\n'),
            Some(_) if outermost && self.html.is_some() && !group.for_rtf_only => self.push("\n"),
            Some(Opened { what: What::Story(story), .. }) => {
                let level = if group.in_table || group.level > 0 { group.level.max(1) } else { 0 };
                story.end_paragraph(level, &mut self.layout);
            }
            None => {}
        }
    }

    fn end_cell(&mut self, nested: bool) {
        let level = if nested { self.group().level.max(2) } else { 1 };
        if let Some(Opened { what: What::Story(story), .. }) = self.opened.last_mut() {
            story.end_cell(level, &mut self.layout);
        }
    }

    fn finish(mut self) -> Result<Document<'a>, ReadError> {
        self.flush();
        if self.groups.len() > 1 {
            self.layout.note(Note::Damaged("the file ends inside a group".to_owned()));
        }
        while self.groups.len() > 1 {
            self.close();
        }
        if let Some(Opened { what: What::Story(story), .. }) = self.opened.pop() {
            story.finish(&mut self.layout);
        }
        if let Some(html) = self.html.take().filter(|html| !html.trim().is_empty()) {
            let read = (html::FORMAT.read)(html.as_bytes(), &self.inside());
            self.layout.take_in(&Part::HtmlBody, read);
        }
        for author in &self.authors {
            self.layout.property("author of changes", author);
        }
        self.layout.finish()
    }
}

impl Group {
    const NONE: Self = Self {
        skipped: true,
        skipped_outside: true,
        fonts: false,
        codepage: None,
        fallback: 0,
        look: super::rtf_story::Look { hidden: false, deleted: false, inserted: false },
        in_table: false,
        level: 0,
        for_rtf_only: false,
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fixtures::{notes, place};
    use crate::{Document, Limits, ReadError, read};

    const LETTER: &str = r#"{\rtf1\ansi\ansicpg1252\deff0\uc1
{\fonttbl{\f0\fnil\fcharset0 Times;}{\f1\fnil\fcharset204 Times;}{\f2\fnil\cpg437 Fixed;}}
{\colortbl;\red0;}{\stylesheet{\s0 Normal;}}{\*\generator Some program;}
{\info{\title Letter to Ada}{\author Jan Roth}{\operator Eva Roth}{\*\company Lind & Co}{\doccomm for Kai}}
{\*\userprops{\propname Client}\proptype30{\staticval Ida Lind}}{\*\revtbl{Unknown;}{Nils Roth;}}
{\header\pard on top\par}{\footerf\pard at the end\par}
\pard Dear {\b Ma}{\i ra} Lind\par
Gr\'fc\'dfe an Zo\u235\'eb, \f1\'cc\'e0\'f0\'e0\f0 , {\f2 Stra\'e1e}\line \u-10179 ?\u-8704 ?\par
call {\deleted\revised0 030 1}{\revised 030 2}{\v secret}{\v\plain !}\par
{\field{\*\fldinst HYPERLINK "mailto:a@example.org"}{\fldrslt mail}}\par
{note\chftn{\footnote\pard at foot\par}}{\footnote\ftnalt at last}
{\*\atnid NR}{\*\atnauthor Ole Roth}\chatn{\*\annotation\pard check him\par}\par
\trowd\cellx100\cellx200\pard\intbl Name\cell Phone\cell\row
\trowd\pard\intbl Jo\par Lind\cell {\pard\intbl\itap2 inner\nestcell{\*\nesttableprops\trowd\nestrow}{\nonesttables\par}}\pard\intbl 040 3\cell\row
\pard{\upr{ansi Zo?}{\*\ud{unicode Zo\u235?}}}{\*\bkmkstart Mara_L}{\*\bkmkstart _Toc5}\par
{\shp{\*\shpinst{\sp{\sn wzDescription}{\sv a picture of Tom}}{\sp{\sn posh}{\sv 17}}{\shptxt\pard in a box\par}}{\shprslt in a box}}
{\*\formfield{\*\ffname Field}{\*\ffdeftext Uwe Lind}}{\*\unknown not shown}{\pict\pngblip 89504e470d0a1a0a}
{\object\objemb{\*\objclass Package}{\*\objdata 0105000002000000080000005061636b616765000000000000000000380000000200612e74787400433a5c4d6172615c612e
747874000000030005000000433a5c74001100000068616c6c6f2066726f6d204a6f20526f21}{\result shown}}\par
{\pict\bin4 }}{\} the very end
}"#;

    fn document(rtf: &str) -> Document<'_> {
        read("", rtf.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn reads_every_text() {
        let document = document(LETTER);
        assert_eq!(document.format().name, "rtf");
        for (needle, expected) in [
            ("Letter to Ada", "property title"),
            ("Jan Roth", "property author"),
            ("Eva Roth", "property last modified by"),
            ("Lind & Co", "property company"),
            ("for Kai", "property description"),
            ("Ida Lind", "property Client"),
            ("Nils Roth", "property author of changes"),
            ("Ole Roth", "property author of changes"),
            ("on top", "page header 1, paragraph 1"),
            ("at the end", "page footer 1, paragraph 1"),
            ("Dear Mara Lind", "paragraph 1"),
            ("Grüße an Zoë, Мара, Straße\n😀", "paragraph 2"),
            ("030 2", "paragraph 3 (inserted)"),
            ("030 1", "paragraph 3 (deleted)"),
            ("secret", "paragraph 3 (hidden)"),
            ("HYPERLINK \"mailto:a@example.org", "paragraph 4 (link)"),
            ("at foot", "footnote 1, paragraph 1"),
            ("at last", "endnote 2, paragraph 1"),
            ("check him", "comment 1, paragraph 1"),
            ("Phone", "table 1, row 1, column 2"),
            ("Jo\nLind", "table 1, row 2, column 1"),
            ("inner", "table 2, row 1, column 1"),
            ("040 3", "table 1, row 2, column 2"),
            ("unicode Zoë", "paragraph 6"),
            ("Mara_L", "paragraph 6 (link)"),
            ("in a box", "paragraph 7"),
            ("a picture of Tom", "paragraph 7 (link)"),
            ("Uwe Lind", "paragraph 7 (link)"),
            ("C:\\Mara\\a.txt", "property path of the embedded file"),
            ("hallo from Jo Ro!", "attachment a.txt: line 1, column 1"),
            ("shown", "paragraph 7"),
            ("very end", "paragraph 8"),
        ] {
            assert_eq!(place(&document, needle), expected, "{needle}");
        }
        for absent in ["not shown", "Normal", "Some program", "ansi", "_Toc5", "17"] {
            assert!(!document.text().contains(absent), "{absent}");
        }
        assert_eq!(document.text().matches("in a box").count(), 1);
        let notes = notes(&document);
        assert_eq!(notes, ["text in 2 pictures is not read"]);
    }

    #[test]
    fn reads_the_html_of_a_mail() {
        let document = document(
            r#"{\rtf1\ansi\fromhtml1{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf {\b \htmlrtf0 Mara & Lind{\*\htmltag <a href="mailto:a@example.org">}\htmlrtf }\htmlrtf0 }"#,
        );
        assert_eq!(place(&document, "Mara & Lind"), "HTML body: p");
        assert_eq!(place(&document, "mailto:a@example.org"), "HTML body: a/@href");
    }

    #[test]
    fn says_what_is_cut_and_refuses_what_is_too_deep() {
        let document = document(r"{\rtf1 Dear {\b Mara");
        assert!(document.text().contains("Dear Mara"));
        assert_eq!(
            document.notes()[0].to_string(),
            "damaged: the file ends inside a group; what was readable was read"
        );
        let deep = format!("{{\\rtf1 {}", "{".repeat(100_000));
        assert_eq!(read("", deep.as_bytes(), &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
        let limits = Limits { text_bytes: 1000, ..Limits::default() };
        let long = format!("{{\\rtf1 {}}}", "word ".repeat(1000));
        assert_eq!(read("", long.as_bytes(), &limits).unwrap_err(), ReadError::TooMuchText(1000));
    }

    proptest! {
        #[test]
        fn damaged_files_do_not_panic(at in any::<prop::sample::Index>(), piece in r"[{}\\]|\\(u|bin|uc|f|cell|row|par|itap|ud|footnote|objdata)-?[0-9]{0,9} ?|[\PC\x00]", keep in any::<bool>()) {
            let at = at.index(LETTER.len());
            if LETTER.is_char_boundary(at) {
                let rest = if keep { &LETTER[at..] } else { "" };
                let _ = read("a.rtf", format!("{}{piece}{rest}", &LETTER[..at]).as_bytes(), &Limits::default());
            }
        }
    }
}
