//! HTML: the visible text by paragraph, and what attributes, comments and scripts hold.
//!
//! A tokenizer is enough and, unlike a tree builder, linear in time and memory on whatever it is given.

use std::{collections::HashMap, convert::Infallible};

use html5gum::{
    Span, Tokenizer,
    emitters::callback::{CallbackEmitter, CallbackEvent},
};

use crate::{
    Document, Place, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::Layout,
    segment::Spot,
};

pub(crate) static FORMAT: Format = Format {
    name: "html",
    title: "HTML page",
    extensions: &["html", "htm", "shtml", "xhtml"],
    media_types: &["text/html", "application/xhtml+xml"],
    recognise,
    read,
};

/// Elements that stand within a line of text; all others end it.
pub(super) const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];
/// Attributes whose names say what their values are, as those of `data-…` and `aria-…` do. The values of all others may hold
/// somebody's data too, but `id: 5` is nobody's identity number.
const TELLING: &[&str] = &[
    "alt",
    "title",
    "content",
    "value",
    "placeholder",
    "summary",
    "label",
    "datetime",
    "srcdoc",
    "abbr",
    "caption",
];
/// Attributes that hold the address of what the page links to or is made of.
const LINKS: &[&str] =
    &["href", "src", "action", "formaction", "cite", "xlink:href", "poster", "background", "itemtype"];
/// Attributes of drawings that hold coordinates and nothing else: `3.51.98.32` is no address there.
const DRAWN: &[&str] = &["d", "points", "viewbox", "transform"];
/// How far into the file its encoding is declared.
const DECLARED: usize = 1024;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, declared_encoding(bytes).as_deref())?;
    let html = source.text.clone();
    let mut page = Page {
        html: &html,
        layout: Layout::of_source(&FORMAT, bytes, source, note, context),
        spots: HashMap::new(),
        element: String::new(),
        block: String::new(),
        attribute: String::new(),
        name: None,
        waiting: Vec::new(),
        read: 0,
    };
    let mut emitter = CallbackEmitter::<_, Infallible, usize>::new(
        |event: CallbackEvent<'_>, span| -> Option<Infallible> {
            page.take(&event, span);
            None
        },
    );
    emitter.naively_switch_states(true);
    // Reading from memory can't fail.
    let Ok(()) = Tokenizer::new_with_emitter(&*html, emitter).finish();
    page.tail();
    page.end_block();
    page.layout.finish()
}

struct Page<'a, 'h> {
    html: &'h str,
    layout: Layout<'a>,
    /// By element and attribute: there are few, and many texts.
    spots: HashMap<(String, String), Spot>,
    /// The last that was opened.
    element: String,
    /// The last that ended a line.
    block: String,
    attribute: String,
    /// What `name` or `property` of the element says, the label of its value.
    name: Option<String>,
    /// Attributes and comments stand behind the line of text that they interrupt.
    waiting: Vec<Waiting>,
    /// Where the last whole tag, text or comment ended.
    read: usize,
}

struct Waiting {
    label: String,
    span: Span<usize>,
    codec: Codec,
    spot: Spot,
}

impl Page<'_, '_> {
    fn take(&mut self, event: &CallbackEvent<'_>, span: Span<usize>) {
        let part_of_a_tag = matches!(
            event,
            CallbackEvent::OpenStartTag { .. }
                | CallbackEvent::AttributeName { .. }
                | CallbackEvent::AttributeValue { .. }
        );
        if !part_of_a_tag && !matches!(event, CallbackEvent::Error(_)) {
            self.read = self.read.max(span.end);
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag(name);
                self.element = lower(name);
                self.name = None;
            }
            CallbackEvent::EndTag { name } => {
                self.tag(name);
                self.element.clear();
            }
            CallbackEvent::AttributeName { name } => self.attribute = lower(name),
            CallbackEvent::AttributeValue { value } => self.attribute_value(value, span),
            CallbackEvent::String { value } => self.text(value, span),
            CallbackEvent::Comment { value } => self.comment(value, span),
            CallbackEvent::CloseStartTag { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {
            }
        }
    }

    fn tag(&mut self, name: &[u8]) {
        let name = lower(name);
        if !INLINE.contains(&name.as_str()) {
            self.end_block();
            self.block = name;
        }
    }

    fn text(&mut self, value: &[u8], span: Span<usize>) {
        let script =
            matches!(self.element.as_str(), "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes");
        let codec = if script { Codec::Script } else { Codec::HtmlText };
        let spot = self.spot(&self.block.clone(), "");
        let Some(raw) = self.html.get(span.start..span.end) else { return self.unplaced(value, spot) };
        // Space before a paragraph is how the file is indented.
        let indent = if self.layout.begins_block() { raw.len() - raw.trim_start().len() } else { 0 };
        self.layout.value(&raw[indent..], span.start + indent, codec, spot);
    }

    fn attribute_value(&mut self, value: &[u8], span: Span<usize>) {
        let attribute = self.attribute.clone();
        let meant = String::from_utf8_lossy(value);
        // A namespace is an address that is the same in every file.
        if meant.trim().is_empty() || attribute.starts_with("xmlns") || DRAWN.contains(&attribute.as_str()) {
            return;
        }
        if matches!(attribute.as_str(), "name" | "property" | "itemprop" | "http-equiv") {
            self.name = Some(meant.to_string());
        }
        let spot = self.spot(&self.element.clone(), &attribute);
        let quoted = matches!(self.html.as_bytes().get(span.start.wrapping_sub(1)), Some(b'"' | b'\''));
        let mut span = span;
        if quoted
            && LINKS.contains(&attribute.as_str())
            && let Some(raw) = self.html.get(span.start..span.end)
            && !tells(&meant)
        {
            span.start += scheme(raw);
        }
        let codec = if quoted { Codec::HtmlAttribute } else { Codec::HtmlBare };
        let telling = TELLING.contains(&attribute.as_str())
            || attribute.starts_with("data-")
            || attribute.starts_with("aria-");
        let label = match &self.name {
            Some(name) if matches!(attribute.as_str(), "content" | "value") => name.clone(),
            _ if telling => attribute,
            _ => String::new(),
        };
        self.waiting.push(Waiting { label, span, codec, spot });
    }

    fn comment(&mut self, value: &[u8], span: Span<usize>) {
        let spot = self.spot("", "!");
        let Some(raw) = self.html.get(span.start..span.end) else { return self.unplaced(value, spot) };
        let (opening, closing) = comment_marks(raw);
        let span = Span { start: span.start + opening, end: span.end - closing };
        if span.start < span.end {
            self.waiting.push(Waiting { label: String::new(), span, codec: Codec::Comment, spot });
        }
    }

    /// A tag that the end of the file cuts, which a browser drops.
    fn tail(&mut self) {
        self.waiting.retain(|waiting| waiting.span.start < self.read);
        let spot = self.spot("", "!");
        let span = Span { start: self.read.min(self.html.len()), end: self.html.len() };
        if self.html.get(span.start..).is_some_and(|tail| tail.trim().len() > 1) {
            self.waiting.push(Waiting { label: String::new(), span, codec: Codec::Comment, spot });
        }
    }

    fn end_block(&mut self) {
        self.layout.begin("");
        for Waiting { label, span, codec, spot } in std::mem::take(&mut self.waiting) {
            let Some(raw) = self.html.get(span.start..span.end) else { continue };
            self.layout.begin(&label);
            self.layout.value(raw, span.start, codec, spot);
        }
        self.layout.begin("");
    }

    /// Text whose place in the file the tokenizer did not tell.
    fn unplaced(&mut self, value: &[u8], spot: Spot) {
        self.layout.text(&String::from_utf8_lossy(value), spot);
    }

    fn spot(&mut self, element: &str, attribute: &str) -> Spot {
        let layout = &mut self.layout;
        *self.spots.entry((element.to_owned(), attribute.to_owned())).or_insert_with_key(
            |(element, attribute)| {
                let attribute = Some(attribute.clone()).filter(|name| !name.is_empty());
                layout.place(match attribute.as_deref() {
                    Some("!") => Place::MarkupComment,
                    None if element.is_empty() => Place::Text,
                    _ => Place::Element { path: element.clone(), attribute },
                })
            },
        )
    }
}

/// Whether a link tells more than where something is.
fn tells(link: &str) -> bool {
    link.contains(['@', '=', '?']) || link.contains("%40")
}

/// Length of the scheme of a link. Without it host and path are searched, but the link is no finding of its own: every style
/// sheet would be one.
fn scheme(link: &str) -> usize {
    ["https:", "http:"].into_iter().find(|scheme| link.starts_with(scheme)).map_or(0, str::len)
}

/// Lengths of what opens and closes a comment, or what a browser takes for one.
fn comment_marks(raw: &str) -> (usize, usize) {
    let (openings, closings) = if raw.starts_with("<!--") {
        (["<!--", "", ""], ["-->", "--!>", ""])
    } else {
        (["<!", "</", "<"], [">", "", ""])
    };
    if matches!(raw, "<!-->" | "<!--->") {
        return (raw.len(), 0);
    }
    let opening = openings.into_iter().find(|mark| raw.starts_with(mark)).map_or(0, str::len);
    let closing = closings.into_iter().find(|mark| raw[opening..].ends_with(mark)).map_or(0, str::len);
    (opening, closing)
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

fn recognise(bytes: &[u8]) -> Sight {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED)]).to_ascii_lowercase();
    let start = head.trim_start();
    match () {
        () if start.starts_with("<!doctype html") || start.starts_with("<html") => Sight::Sure,
        () if start.starts_with('<')
            && ["<head", "<body", "<div", "<p>", "<table"].iter().any(|tag| start.contains(tag)) =>
        {
            Sight::Likely
        }
        () => Sight::No,
    }
}

/// What follows `charset=` in the head.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARED)]).to_ascii_lowercase();
    let (_, behind) = head.split_once("charset=")?;
    let label = behind.trim_start_matches(['"', '\'', ' ']);
    Some(label.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fixtures::place;
    use crate::{Document, Limits, read};

    const PAGE: &str = r#"<!DOCTYPE html>
<html><head><title>Team &amp; contact</title>
<meta name="author" content="Mara Lind"><style>p { color: red }</style></head>
<body>
  <p>Write to <b>Mara</b> <i>Lind</i><a href="mailto:mara.lind@example.org" title='at "home"'> here</a>,
  caf&eacute; &#64; noon</p><!-- ask Tom -->
  <table><tr><td>Tom</td><td>030 1</td></tr></table>
  <input name=phone value=030-2><img src="/logo.png" alt="Jo">
  <script>var user = "eva@example.org";</script>
</body></html>"#;

    fn document(html: &str) -> Document<'_> {
        read("page.html", html.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn lays_out_paragraphs_and_data() {
        assert_eq!(
            document(PAGE).text(),
            "Team & contact\nauthor\nauthor: Mara Lind\np { color: red }\n\
             Write to Mara Lind here,\n  café @ noon\nmailto:mara.lind@example.org\ntitle: at \"home\"\n\
             \u{20}ask Tom \nTom\n030 1\nphone\nphone: 030-2\n/logo.png\nalt: Jo\nvar user = \"eva@example.org\";\n"
        );
    }

    #[test]
    fn leads_to_line_and_element() {
        let document = document(PAGE);
        assert_eq!(place(&document, "Lind here"), "line 5, column 30 (p)");
        assert_eq!(place(&document, "Lind\n"), "line 3, column 35 (meta/@content)");
        assert_eq!(place(&document, "ask Tom"), "line 6, column 34 (comment)");
        assert_eq!(place(&document, "030 1"), "line 7, column 30 (td)");
        assert_eq!(place(&document, "eva@"), "line 9, column 23 (script)");
        let at = document.text().find("Mara Lind here").unwrap();
        assert_eq!(document.clip(at..at + 9), std::slice::from_ref(&(at..at + 9)));
        assert_eq!(document.locate(at..at + 9).bytes.map(|bytes| &PAGE[bytes]), Some("Mara</b> <i>Lind"));
    }

    #[test]
    fn rewrites_across_tags_entities_and_quotes() {
        let document = document(PAGE);
        let range = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            at..at + needle.len()
        };
        let written = document
            .rewrite(&[
                (range("Mara Lind here"), "<PERSON>"),
                (range("é @"), "[X]"),
                (range("\"home\""), "'<a>\""),
                (range("ask Tom"), "-->"),
                (range("030-2"), "a b"),
                (range("eva@example.org"), "</script>\""),
            ])
            .unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains("<b>&lt;PERSON&gt;</b><i></i><a href"));
        assert!(written.contains(">,\n  caf[X] noon</p>"));
        assert!(written.contains("title='at &#39;&lt;a&gt;&quot;'"));
        assert!(written.contains("name=phone value=\"a b\">"));
        assert!(written.contains("var user = \"\\u003c/script\\u003e\\\"\";"));
        let again = read("page.html", written.as_bytes(), &Limits::default()).unwrap();
        assert!(again.text().contains("Write to <PERSON>,\n") && !again.text().contains("Tom \n"));
    }

    #[test]
    fn every_attribute_is_read_and_rewritten() {
        for attribute in [
            "id",
            "name",
            "class",
            "data-owner",
            "href",
            "src",
            "srcset",
            "value",
            "title",
            "aria-label",
            "style",
            "onclick",
            "content",
            "for",
            "x",
            "@click",
            ":key",
        ] {
            for quote in ["\"", "'", ""] {
                let html = format!("<p {attribute}={quote}/u/mara.lind/1{quote}>x</p>");
                let document = document(&html);
                let at = document.text().find("mara.lind").unwrap_or_else(|| panic!("{html} is not read"));
                let written = document.rewrite(&[(at..at + 9, "[GONE]")]).unwrap();
                let quote = if quote.is_empty() { "\"" } else { quote };
                let gone = format!("<p {attribute}={quote}/u/[GONE]/1{quote}>x</p>");
                assert_eq!(String::from_utf8(written).unwrap(), gone);
            }
        }
        assert_eq!(document("<html xmlns='http://www.w3.org/1999/xhtml'><p>x").text(), "x\n");
        // A plain link is searched, and is no finding itself; one that tells something of somebody is.
        assert_eq!(document("<a href='https://example.org/u/mara'>x").text(), "x\n//example.org/u/mara\n");
        assert_eq!(document("<a href='https://example.org/?u=5'>x").text(), "x\nhttps://example.org/?u=5\n");
        assert_eq!(document("<path d='M3.51.98.32'>").text(), "");
        // The names of technical attributes are no labels: this is nobody's identity number.
        assert_eq!(document("<p id=5 data-id=6>x").text(), "x\n5\ndata-id: 6\n");
    }

    #[test]
    fn reads_a_tag_that_is_cut() {
        let document = document("<p>x</p><!--><td title=\"mara@example.org");
        assert!(document.text().contains("mara@example.org"));
    }

    #[test]
    fn reads_the_declared_encoding() {
        let html = b"<html><meta charset=\"windows-1250\"><p>\x8aimon \xe8ern\xfd, \xf8eka</p>";
        assert!(read("", html, &Limits::default()).unwrap().text().contains("Šimon černý, řeka"));
    }

    #[test]
    fn stays_linear_on_hostile_input() {
        for piece in ["<", "<a b=", "<!--", "&", "<script>", "</", "<a b='", "&#", "]]>", "<p><b>"] {
            let html = piece.repeat(300_000 / piece.len());
            let document = document(&html);
            document
                .rewrite(
                    &document.clip(0..document.text().len()).into_iter().map(|r| (r, "")).collect::<Vec<_>>(),
                )
                .unwrap();
        }
    }

    proptest! {
        #[test]
        fn what_is_replaced_is_gone(html in r#"(<p>|</p>|<b |title="|'|>|mara&amp;|x|<!--|-->|<script>|</script>|&#64;|\r\n|<td value=|é){0,16}"#) {
            let document = document(&html);
            let all: Vec<_> = document.clip(0..document.text().len());
            let replacements: Vec<_> = all.iter().map(|range| (range.clone(), "[Y]")).collect();
            let written = document.rewrite(&replacements).unwrap();
            let again = read("page.html", &written, &Limits::default()).unwrap();
            prop_assert!(!again.text().contains("mara&"), "{}", String::from_utf8_lossy(&written));
        }
    }
}
