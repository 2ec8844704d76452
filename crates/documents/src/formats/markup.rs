//! The XML parts of packages, piece by piece, each with the way back to its bytes.

use std::borrow::Cow;

use memchr::memmem;
use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use crate::{
    ReadError,
    codec::Codec,
    layout::{Layout, Raw},
};

/// One part, from its first piece to its last or to the first fault.
pub(super) struct Markup<'x> {
    xml: &'x str,
    /// Where the part begins among the sources of the document.
    base: usize,
    reader: Reader<&'x [u8]>,
    depth: usize,
    limit: usize,
    /// Bytes that the reader did not see.
    passed: usize,
    /// What was read behind words that went before.
    waiting: Option<Piece<'x>>,
    /// Comments, which no program shows.
    comments: Vec<Raw<'x>>,
    /// Where the first fault is.
    fault: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'x> {
    /// An element begins; one that is empty ends at once.
    Start(Tag<'x>),
    End,
    /// What stands between tags, with its references.
    Words(Raw<'x>),
}

/// The begin of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'x> {
    /// What is between the brackets.
    content: &'x str,
    name: usize,
    at: usize,
}

impl<'x> Markup<'x> {
    /// `part` lies at `base`, and its elements not deeper than `limit`.
    pub(super) fn new(xml: &'x str, base: usize, limit: usize) -> Self {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().allow_dangling_amp = true;
        reader.config_mut().expand_empty_elements = true;
        Self {
            xml,
            base,
            reader,
            depth: 0,
            limit,
            passed: 0,
            waiting: None,
            comments: Vec::new(),
            fault: None,
        }
    }

    /// A part that was read before: its elements lie no deeper than was allowed then.
    pub(super) fn again(xml: &'x str) -> Self {
        Self::new(xml, 0, usize::MAX)
    }

    /// The next piece.
    ///
    /// # Errors
    /// When elements lie too deep in each other.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'x>>, ReadError> {
        if let Some(piece) = self.waiting.take() {
            return Ok(Some(piece));
        }
        // Text and references that follow each other are one text.
        let mut words: Option<(usize, usize)> = None;
        while self.fault.is_none() {
            let start = self.position();
            let Ok(event) = self.reader.read_event() else {
                self.fault = Some(start);
                break;
            };
            let piece = match &event {
                Event::Text(_) | Event::GeneralRef(_) => {
                    words = Some((words.map_or(start, |(start, _)| start), self.position()));
                    continue;
                }
                Event::Start(tag) => {
                    self.depth += 1;
                    if self.depth > self.limit {
                        return Err(ReadError::TooDeep(self.limit));
                    }
                    let content = &self.xml[start + 1..][..tag.len()];
                    Piece::Start(Tag { content, name: tag.name().as_ref().len(), at: self.base + start + 1 })
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Piece::End
                }
                Event::CData(data) => {
                    // Behind `<![CDATA[`.
                    let at = start + 9;
                    let text = &self.xml[at..][..data.len()];
                    Piece::Words(Raw { text, at: self.base + at, codec: Codec::CData })
                }
                Event::Eof if self.depth == 0 => break,
                Event::Eof => {
                    self.fault = Some(self.xml.len());
                    break;
                }
                Event::Comment(comment) => {
                    // Behind `<!--`.
                    let at = start + 4;
                    let text = &self.xml[at..][..comment.len()];
                    self.comments.push(Raw { text, at: self.base + at, codec: Codec::Comment });
                    continue;
                }
                _ => continue,
            };
            return Ok(Some(match words {
                Some(words) => {
                    self.waiting = Some(piece);
                    self.words(words)
                }
                None => piece,
            }));
        }
        if let Some(words) = words {
            return Ok(Some(self.words(words)));
        }
        // What a fault leaves open ends here, so that no reader keeps to itself what it had begun.
        let open = self.depth > 0;
        self.depth = self.depth.saturating_sub(1);
        Ok(open.then_some(Piece::End))
    }

    /// Ends the part: what is in no piece, its comments and all behind a fault, is in no copy either. Whether there was no
    /// fault and no element is open.
    pub(super) fn finish(self, layout: &mut Layout<'_>) -> bool {
        self.comments.iter().for_each(|comment| layout.clean(comment));
        let Some(fault) = self.fault else { return true };
        let rest = Raw { text: &self.xml[fault..], at: self.base + fault, codec: Codec::XmlText };
        layout.clean(&rest);
        false
    }

    /// Goes to the end of the element that has just begun, if its name and no comment tell where that is. What is between
    /// is in no piece.
    pub(super) fn pass(&mut self, tag: &Tag<'x>) {
        let position = self.position();
        let rest = &self.xml[position..];
        let end = memmem::find(rest.as_bytes(), format!("</{}>", tag.full_name()).as_bytes());
        let Some(end) = end.filter(|_| !self.xml[..position].ends_with("/>")) else { return };
        let unclear = |sign: &str| memmem::find(&rest.as_bytes()[..end], sign.as_bytes()).is_some();
        if !unclear("<!") && !unclear(&format!("<{}", tag.full_name())) {
            let left = self.reader.get_mut();
            *left = &left[end..];
            self.passed += end;
        }
    }

    /// How far the part was read, from its begin: behind its last bracket when an element has ended.
    pub(super) fn position(&self) -> usize {
        self.reader.buffer_position() as usize + self.passed
    }

    fn words(&self, (start, end): (usize, usize)) -> Piece<'x> {
        let text = &self.xml[start..end];
        Piece::Words(Raw { text, at: self.base + start, codec: Codec::XmlText })
    }
}

impl<'x> Tag<'x> {
    /// The name without its prefix, which differs between writers.
    pub(super) fn name(&self) -> &'x str {
        local(&self.content[..self.name])
    }

    /// Its first bracket, among the sources of the document.
    pub(super) fn start(&self) -> usize {
        self.at - 1
    }

    /// Where its name ends, among the sources of the document.
    pub(super) fn end_of_name(&self) -> usize {
        self.at + self.name
    }

    /// The name with the prefix that all writers of a format give it.
    pub(super) fn full_name(&self) -> &'x str {
        &self.content[..self.name]
    }

    /// The attribute of this name, whatever its prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Raw<'x>> {
        self.attributes().find_map(|(found, value)| (local(found) == name).then_some(value))
    }

    /// What the attribute of this name means.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.attribute(name).map(|raw| raw.meaning())
    }

    /// All attributes, by their names with prefixes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'x str, Raw<'x>)> + use<'x> {
        let Self { content, name, at } = *self;
        let tag = BytesStart::from_content(content, name);
        let found: Vec<_> = tag
            .attributes()
            .with_checks(false)
            .flatten()
            .filter_map(|found| {
                let Cow::Borrowed(value) = found.value else { return None };
                // Distances in the tag are distances in the part.
                let place = |text: &str| text.as_ptr() as usize - content.as_ptr() as usize;
                let (key, start) = (found.key.as_ref(), place(value));
                let text = content.get(start..start + value.len())?;
                let key = content.get(place(key)..place(key) + key.len())?;
                Some((key, Raw { text, at: at + start, codec: Codec::XmlAttribute }))
            })
            .collect();
        found.into_iter()
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    // For some letters a search is slower than a look at each.
    name.bytes().rposition(|byte| byte == b':').map_or(name, |at| &name[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "<w:p a='1'><t x:id=\"M&amp;a\">Dear &lt;b&gt; <![CDATA[<Tom>]]></t><e/>end</w:p>";

    fn pieces(xml: &str) -> (Vec<String>, bool) {
        let mut markup = Markup::new(xml, 100, 8);
        let mut pieces = Vec::new();
        while let Some(piece) = markup.next().unwrap() {
            let raws = match piece {
                Piece::Start(tag) => {
                    pieces.push(format!("<{}", tag.name()));
                    tag.attributes().map(|(_, raw)| raw).collect()
                }
                Piece::End => {
                    pieces.push(">".to_owned());
                    Vec::new()
                }
                Piece::Words(raw) => vec![raw],
            };
            for raw in raws {
                assert_eq!(&xml[raw.at - 100..][..raw.text.len()], raw.text);
                pieces.push(raw.meaning());
            }
        }
        (pieces, markup.fault.is_none())
    }

    #[test]
    fn every_piece_knows_where_it_stands() {
        let expected = ["<p", "1", "<t", "M&a", "Dear <b> ", "<Tom>", ">", "<e", ">", "end", ">"];
        assert_eq!(pieces(PART), (expected.map(str::to_owned).to_vec(), true));
        let mut markup = Markup::new(PART, 0, 8);
        let (Some(Piece::Start(_)), Some(Piece::Start(tag))) =
            (markup.next().unwrap(), markup.next().unwrap())
        else {
            panic!("two elements begin")
        };
        assert_eq!(tag.value("id").as_deref(), Some("M&a"));
        assert_eq!(tag.value("x"), None);
    }

    #[test]
    fn elements_are_passed_where_their_ends_are_plain() {
        for (xml, passed) in [
            ("<a><s x='1'><b>Mara</b></s><c/>", true),
            ("<a><s/><c/><s></s>", false),
            ("<a><s><!-- </s> -->Mara</s><c/>", false),
            ("<a><s><s>Mara</s></s><c/>", true),
            ("<a><s>Mara</s ><c/>", false),
        ] {
            let mut markup = Markup::new(xml, 100, 8);
            let mut rest = Vec::new();
            while let Ok(Some(piece)) = markup.next() {
                match piece {
                    Piece::Start(tag) if tag.name() == "s" => markup.pass(&tag),
                    Piece::Start(tag) => {
                        rest.push(tag.name());
                        assert_eq!(&xml[tag.start() - 100..][..2], format!("<{}", tag.name()), "{xml}");
                    }
                    _ => {}
                }
            }
            assert!(!rest.contains(&"b"), "{xml}");
            assert_eq!(rest.last(), Some(&"c"), "{xml}");
            assert_eq!(markup.passed > 0, passed, "{xml}");
        }
    }

    #[test]
    fn goes_as_far_as_the_first_fault() {
        assert_eq!(pieces("<a>Mara<b").0, ["<a", "Mara", ">"]);
        assert_eq!(pieces("<a><b>Mara </c> Tom</b></a>").0, ["<a", "<b", "Mara ", ">", ">"]);
        assert!(!pieces("<a>Mara<b").1);
        assert!(!pieces("<a>Mara").1);
        let deep = "<a>".repeat(9);
        let mut markup = Markup::new(&deep, 0, 8);
        let error = loop {
            match markup.next() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("too deep"),
                Err(error) => break error,
            }
        };
        assert_eq!(error, ReadError::TooDeep(8));
    }
}
