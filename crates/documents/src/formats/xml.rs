//! XML: the text of every element and attribute by its path, behind its name, and comments.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::text;
use crate::{
    Document, Note, Place, ReadError,
    codec::Codec,
    decode::decode,
    format::{Context, Format, Sight},
    layout::Layout,
    lines::Lines,
    segment::{Name, Node, Spot},
};

pub(crate) static FORMAT: Format = Format {
    name: "xml",
    title: "XML",
    extensions: &[
        "xml", "xsd", "xsl", "xslt", "svg", "rss", "atom", "kml", "gpx", "plist", "wsdl", "rdf", "owl",
        "dbk", "gml", "tei", "xmp", "csproj", "vcxproj", "resx", "xaml",
    ],
    media_types: &[
        "application/xml",
        "text/xml",
        "image/svg+xml",
        "application/rss+xml",
        "application/atom+xml",
    ],
    recognise: |bytes| {
        let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if start.starts_with(b"<?xml") { Sight::Sure } else { Sight::No }
    },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let (source, note) = decode(bytes, declared_encoding(bytes).as_deref())?;
    let xml = source.text.clone();
    let mut tree = Tree {
        xml: &xml,
        layout: Layout::of_source(&FORMAT, bytes, source, note, context),
        names: HashMap::new(),
        open: Vec::new(),
        comment: None,
        waiting: Vec::new(),
        depth: context.limits.depth,
    };
    match tree.read() {
        Ok(()) => tree.layout.finish(),
        Err(Fault::TooDeep) => Err(ReadError::TooDeep(context.limits.depth)),
        Err(Fault::Syntax { at, reason }) => {
            let (line, column) = Lines::new(&xml).position(&xml, at);
            let mut document = text::read(bytes, &text::TEXT, context)?;
            let reason = format!("line {line}, column {column}: {reason}");
            document.notes.push(Note::ReadAsText { format: FORMAT.title, reason });
            Ok(document)
        }
    }
}

enum Fault {
    Syntax { at: usize, reason: &'static str },
    TooDeep,
}

struct Tree<'a, 'x> {
    xml: &'x str,
    layout: Layout<'a>,
    /// Indices of names of elements and attributes.
    names: HashMap<&'x str, u32>,
    open: Vec<Element<'x>>,
    comment: Option<Spot>,
    /// Attributes and comments stand behind the line of text that they interrupt.
    waiting: Vec<Aside<'x>>,
    depth: usize,
}

struct Aside<'x> {
    label: &'x str,
    range: Range<usize>,
    codec: Codec,
    spot: Spot,
}

struct Element<'x> {
    name: &'x str,
    node: u32,
    /// How many children of each name there were.
    children: HashMap<u32, u32>,
    /// Holds words beside elements, so that its elements stand within a line: `<p>Dear <b>Mara</b></p>`.
    mixed: bool,
}

impl<'x> Tree<'_, 'x> {
    fn read(&mut self) -> Result<(), Fault> {
        let mut reader = Reader::from_str(self.xml);
        reader.config_mut().allow_dangling_amp = true;
        // Text and references that follow each other are one text.
        let mut text: Option<Range<usize>> = None;
        let mut behind_element = false;
        loop {
            let start = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|error| Fault::Syntax {
                at: (reader.error_position() as usize).min(self.xml.len()),
                reason: reason(&error),
            })?;
            let range = start..reader.buffer_position() as usize;
            if matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
                text = Some(text.map_or(start, |text| text.start)..range.end);
                continue;
            }
            if let Some(text) = text.take() {
                self.text(text, behind_element)?;
                behind_element = false;
            }
            match event {
                Event::Start(tag) => self.start(&tag, &range)?,
                Event::Empty(tag) => {
                    self.start(&tag, &range)?;
                    self.open.pop();
                }
                Event::End(_) => {
                    self.open.pop();
                    behind_element = true;
                }
                Event::CData(_) => self.value(shrink(&range, 9, 3), Codec::CData),
                Event::Comment(_) => self.comment(shrink(&range, 4, 3)),
                Event::PI(_) => self.comment(shrink(&range, 2, 2)),
                Event::DocType(_) => self.declarations(&range),
                Event::Eof => break,
                Event::Decl(_) | Event::Text(_) | Event::GeneralRef(_) => {}
            }
        }
        self.begin();
        if !self.open.is_empty() {
            self.layout.note(Note::Damaged("the file ends inside an element".to_owned()));
        }
        Ok(())
    }

    fn start(&mut self, tag: &BytesStart<'_>, range: &Range<usize>) -> Result<(), Fault> {
        if self.open.len() == self.depth {
            return Err(Fault::TooDeep);
        }
        let name = &self.xml[range.start + 1..][..tag.name().as_ref().len()];
        let node = self.node(name);
        if !self.in_line() {
            self.begin();
        }
        self.open.push(Element { name, node, children: HashMap::new(), mixed: false });
        for attribute in tag.attributes().with_checks(false) {
            let syntax = |_| Fault::Syntax { at: range.start, reason: "an attribute is damaged" };
            let attribute = attribute.map_err(syntax)?;
            let name = attribute.key.as_ref();
            let (Cow::Borrowed(value), false) = (&attribute.value, name.starts_with("xmlns")) else {
                continue;
            };
            // The tag's text is a copy of the range, so distances in it are distances in the range.
            let offset = value.as_ptr() as usize - tag.as_ptr() as usize;
            let start = range.start + 1 + offset;
            let (name_start, name_length) = (name.as_ptr() as usize - tag.as_ptr() as usize, name.len());
            let name = &self.xml[range.start + 1 + name_start..][..name_length];
            let length = value.len();
            let name_index = self.name(name);
            let spot = Spot::Attribute { node, name: name_index };
            self.aside(name, start..start + length, Codec::XmlAttribute, spot);
        }
        Ok(())
    }

    fn text(&mut self, range: Range<usize>, behind_element: bool) -> Result<(), Fault> {
        let raw = self.xml[range.clone()].trim_start_matches('\u{feff}');
        let space = raw.len() - raw.trim_start().len();
        let Some(element) = self.open.last_mut() else {
            let outside = Fault::Syntax { at: range.start, reason: "text outside the root element" };
            return if space == raw.len() { Ok(()) } else { Err(outside) };
        };
        if space == raw.len() {
            if element.mixed {
                self.value(range, Codec::XmlText);
            }
            return Ok(());
        }
        // `<b>Mara</b> Lind` goes on; `<id>5</id>text` does not.
        if behind_element && space == 0 && !element.mixed {
            self.begin();
        }
        let Some(element) = self.open.last_mut() else { return Ok(()) };
        element.mixed = true;
        let indent = if self.layout.begins_block() { space } else { 0 };
        self.value(range.start + indent..range.end, Codec::XmlText);
        Ok(())
    }

    /// Of the innermost element.
    fn value(&mut self, range: Range<usize>, codec: Codec) {
        let Some(element) = self.open.last() else { return };
        if self.layout.begins_block() {
            self.layout.begin(element.name);
        }
        self.layout.value(&self.xml[range.clone()], range.start, codec, Spot::Element(element.node));
    }

    /// What stands in brackets in the document type: entities can hold text, the rest is names of files.
    fn declarations(&mut self, range: &Range<usize>) {
        let raw = &self.xml[range.clone()];
        if let (Some(start), Some(end)) = (raw.find('['), raw.rfind(']'))
            && start < end
        {
            self.aside_of_software(range.start + start + 1..range.start + end, Codec::XmlAttribute);
        }
    }

    fn comment(&mut self, range: Range<usize>) {
        self.aside_of_software(range, Codec::Comment);
    }

    /// A comment, or what else is for the software only.
    fn aside_of_software(&mut self, range: Range<usize>, codec: Codec) {
        let layout = &mut self.layout;
        let spot = *self.comment.get_or_insert_with(|| layout.place(Place::MarkupComment));
        self.aside("", range, codec, spot);
    }

    fn aside(&mut self, label: &'x str, range: Range<usize>, codec: Codec, spot: Spot) {
        self.waiting.push(Aside { label, range, codec, spot });
        if !self.in_line() {
            self.begin();
        }
    }

    /// Within a line of text that has begun.
    fn in_line(&self) -> bool {
        self.open.iter().rev().take(2).any(|element| element.mixed)
    }

    fn begin(&mut self) {
        self.layout.begin("");
        for Aside { label, range, codec, spot } in self.waiting.drain(..) {
            self.layout.begin(label);
            self.layout.value(&self.xml[range.clone()], range.start, codec, spot);
        }
        self.layout.begin("");
    }

    fn node(&mut self, name: &'x str) -> u32 {
        let name = self.name(name);
        let Some(parent) = self.open.last_mut() else {
            return self.layout.root(Name::Element { name, number: 1 });
        };
        let number = parent.children.entry(name).or_insert(0);
        *number += 1;
        self.layout.node(Node { parent: parent.node, name: Name::Element { name, number: *number } })
    }

    fn name(&mut self, name: &'x str) -> u32 {
        let layout = &mut self.layout;
        *self.names.entry(name).or_insert_with_key(|name| layout.name(name))
    }
}

fn shrink(range: &Range<usize>, opening: usize, closing: usize) -> Range<usize> {
    let start = (range.start + opening).min(range.end);
    start..(range.end - closing.min(range.end - start))
}

/// The parser's own message names elements, which can be data.
fn reason(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "markup without end",
        quick_xml::Error::IllFormed(_) => "an end tag does not match",
        _ => "not well-formed",
    }
}

/// What the first line says of it.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
    let (_, behind) =
        head.split_once("?>").map_or(head.as_str(), |(declaration, _)| declaration).split_once("encoding")?;
    let label = behind.trim_start_matches(['=', ' ', '"', '\'']);
    Some(label.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c)).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fixtures::place;
    use crate::{Document, Limits, ReadError, read};

    const ORDER: &str = r#"<?xml version="1.0"?>
<!DOCTYPE order [<!ENTITY who "Mara">]>
<order id="7" xmlns:x="urn:x">
  <customer><name>Mara &amp; Lind</name><x:phone type='home &quot;1&quot;'>030 1</x:phone></customer>
  <note><![CDATA[call <Tom>]]></note><note>later</note>
  <!-- for Jo -->
  <p>Dear <b k="v">Eva</b> &who; Roth,<br/>hello</p>
</order>"#;

    fn document(xml: &str) -> Document<'_> {
        read("order.xml", xml.as_bytes(), &Limits::default()).unwrap()
    }

    #[test]
    fn lays_out_elements_and_attributes_behind_their_names() {
        assert_eq!(
            document(ORDER).text(),
            "<!ENTITY who \"Mara\">\nid: 7\nname: Mara & Lind\ntype: home \"1\"\nx:phone: 030 1\n\
             note: call <Tom>\nnote: later\n for Jo \np: Dear Eva &who; Roth,hello\nk: v\n"
        );
    }

    #[test]
    fn leads_to_line_and_path() {
        let document = document(ORDER);
        assert_eq!(place(&document, "Lind"), "line 4, column 30 (/order/customer/name)");
        assert_eq!(place(&document, "home"), "line 4, column 56 (/order/customer/x:phone/@type)");
        assert_eq!(place(&document, "later"), "line 5, column 44 (/order/note[2])");
        assert_eq!(place(&document, "Eva"), "line 7, column 20 (/order/p/b)");
        assert_eq!(place(&document, "Jo"), "line 6, column 12 (comment)");
    }

    #[test]
    fn rewrites_with_escapes() {
        let document = document(ORDER);
        let range = |needle: &str| {
            let at = document.text().find(needle).unwrap();
            at..at + needle.len()
        };
        let written = document
            .rewrite(&[
                (range("& Lind"), "<X>"),
                (range("\"1\""), "\"'"),
                (range("<Tom>"), "]]>"),
                (range("Jo"), "--"),
                (range("Eva &who; Roth"), "[P]"),
            ])
            .unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains("<name>Mara &lt;X&gt;</name>"));
        assert!(written.contains("type='home &quot;&#39;'"));
        assert!(written.contains("<![CDATA[call ]]]]><![CDATA[>]]>"));
        assert!(written.contains("<b k=\"v\">[P]</b>,<br/>"));
        assert_eq!(read("", written.as_bytes(), &Limits::default()).unwrap().format().name, "xml");
    }

    #[test]
    fn reads_broken_xml_as_text_and_refuses_what_is_too_deep() {
        let broken = document("<?xml version='1.0'?>\n<a><b>Mara</a>");
        assert_eq!(broken.format().name, "text");
        assert!(broken.notes()[0].to_string().starts_with("not valid XML (line 2, column "));
        let cut = document("<?xml version='1.0'?><a><b>Mara");
        assert_eq!((cut.format().name, cut.notes().len()), ("xml", 1));
        assert!(cut.text().contains("Mara"));
        let deep = "<a>".repeat(100_000);
        assert_eq!(read("a.xml", deep.as_bytes(), &Limits::default()).unwrap_err(), ReadError::TooDeep(512));
    }

    #[test]
    fn does_not_expand_entities() {
        let bomb = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'hahahahaha'><!ENTITY y '&x;&x;&x;&x;'>]><a>&y;&y;</a>";
        assert!(document(bomb).text().len() < bomb.len());
    }

    proptest! {
        #[test]
        fn what_is_replaced_is_gone(inner in r#"(<p>|</p>|<b t="mara">|</b>|<b/>|mara|&amp;|&|<!--|-->|<!\[CDATA\[|\]\]>|\r\n|é| ){0,16}"#) {
            let xml = format!("<?xml version='1.0'?><a>{inner}</a>");
            let document = document(&xml);
            let all = document.clip(0..document.text().len());
            let replacements: Vec<_> = all.into_iter().map(|range| (range, "[Y]")).collect();
            let written = document.rewrite(&replacements).unwrap();
            prop_assert!(!String::from_utf8_lossy(&written).contains("mara"), "{}", String::from_utf8_lossy(&written));
            read("order.xml", &written, &Limits::default()).unwrap();
        }
    }
}
