//! How a value is written in a file: its escapes, read and written, and the way from the text back to the bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr2, memmem};

use crate::codec_yaml as yaml;

/// The longest character reference that is looked at; HTML's longest name has 32 characters.
const LONGEST_REFERENCE: usize = 40;

/// Values longer than this get checkpoints.
pub(crate) const STRIDE: usize = 4 << 10;

/// An offset in a value as it is written, and the offset in what it means.
pub(crate) type Checkpoint = (usize, usize);

/// How the source writes a segment.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Not at all: the document is no text, or the segment was made from several places of it.
    None,
    /// Not at all, and a copy of the document holds none of it.
    Lost,
    /// In a way in which no part can be replaced: what gets a replacement is left out as a whole.
    Emptied,
    /// As it is.
    Plain,
    /// Inside double quotes.
    JsonString,
    /// The text of markup inside double quotes of JSON.
    JsonMarkup,
    /// A number, `true`, `false`, `null`.
    JsonBare,
    /// A cell with this delimiter behind it.
    CsvBare(u8),
    /// Inside double quotes.
    CsvQuoted,
    XmlText,
    XmlAttribute,
    CData,
    /// What the text shows otherwise than the file writes it, in XML: a date that is a number of days. No part of it is
    /// that of a part of the text, so it is replaced as a whole.
    Whole,
    HtmlText,
    HtmlAttribute,
    /// An attribute's value without quotes.
    HtmlBare,
    /// A script or style, which has escapes of its own that are left as they are.
    Script,
    /// A comment in XML or HTML.
    Comment,
    /// A scalar without quotes, over several lines too.
    YamlPlain,
    /// With its single quotes.
    YamlSingle,
    /// Inside double quotes.
    YamlDouble,
    /// A block behind `|` with its header, its lines indented by so many spaces.
    YamlLiteral(u8),
    /// The same behind `>`.
    YamlFolded(u8),
    /// An anchor, an alias, the end of a tag, a directive.
    YamlName,
    YamlComment,
}

impl Codec {
    /// Appends what `raw` means.
    pub(crate) fn decode(self, raw: &str, out: &mut String) {
        let mut rest = &raw[self.head(raw)..];
        loop {
            let (plain, escaped) = rest.split_at(self.plain(rest));
            out.push_str(plain);
            if escaped.is_empty() {
                return;
            }
            let (length, meaning) = self.escape(escaped);
            out.push_str(&meaning);
            rest = &escaped[length..];
        }
    }

    /// The bytes of `raw` that `range` of its meaning comes from; an escape that is cut is taken whole.
    ///
    /// `from` is a checkpoint at or before the start of the range.
    pub(crate) fn source_range(self, raw: &str, from: Checkpoint, range: &Range<usize>) -> Range<usize> {
        if matches!(self, Self::Whole | Self::Emptied) {
            return 0..raw.len();
        }
        let (mut at, mut meant) = if from.0 == 0 { (self.head(raw), 0) } else { from };
        let mut start = None;
        loop {
            // No further than the range goes.
            let most = boundary(raw, at + range.end.saturating_sub(meant) + LONGEST_REFERENCE);
            let plain = self.plain(&raw[at..most]);
            if start.is_none() && range.start < meant + plain {
                start = Some(at + range.start - meant);
            }
            if range.end <= meant + plain {
                let end = at + range.end - meant;
                return start.unwrap_or(end)..end;
            }
            (at, meant) = (at + plain, meant + plain);
            if at == raw.len() {
                return start.unwrap_or(at)..at;
            }
            let (length, meaning) = self.escape(&raw[at..]);
            if start.is_none() && range.start < meant + meaning.len() {
                start = Some(at);
            }
            (at, meant) = (at + length, meant + meaning.len());
            if range.end <= meant {
                return start.unwrap_or(at)..at;
            }
        }
    }

    /// Places in `raw` and in its meaning about every [`STRIDE`] bytes, so that nobody walks a long value from its start.
    pub(crate) fn checkpoints(self, raw: &str) -> Vec<Checkpoint> {
        let (mut at, mut meant) = (self.head(raw), 0);
        let mut points = vec![(at, 0)];
        let mut last = at;
        while at < raw.len() {
            if at >= last + STRIDE {
                points.push((at, meant));
                last = at;
            }
            // One character more is looked at, for an escape that begins with the last.
            let window = boundary(raw, at + STRIDE);
            let plain = self.plain(&raw[at..boundary(raw, window + 1)]).min(window - at);
            (at, meant) = (at + plain, meant + plain);
            if at < window {
                let (length, meaning) = self.escape(&raw[at..]);
                (at, meant) = (at + length, meant + meaning.len());
            }
        }
        points
    }

    /// Appends `text` as it must be written in the middle of a value.
    pub(crate) fn encode(self, text: &str, out: &mut String) {
        match self {
            Self::None | Self::Lost | Self::Plain => out.push_str(text),
            Self::Emptied => {}
            Self::CsvBare(_) | Self::CsvQuoted => out.push_str(&text.replace('"', "\"\"")),
            Self::CData => out.push_str(&text.replace("]]>", "]]]]><![CDATA[>")),
            Self::Comment => out.push_str(&text.replace("--", "- -").replace('>', "&gt;")),
            Self::JsonString | Self::JsonBare => text.chars().for_each(|c| json_char(c, "\"\\", out)),
            Self::JsonMarkup => {
                let mut markup = String::new();
                text.chars().for_each(|c| markup_char(c, true, &mut markup));
                Self::JsonString.encode(&markup, out);
            }
            Self::Script => text.chars().for_each(|c| json_char(c, "\"'`\\<>", out)),
            Self::XmlText | Self::HtmlText => {
                text.chars().for_each(|c| markup_char(c, false, out));
            }
            // It can be an attribute's, the name of a sheet.
            Self::XmlAttribute | Self::HtmlAttribute | Self::HtmlBare | Self::Whole => {
                text.chars().for_each(|c| markup_char(c, true, out));
            }
            Self::YamlPlain | Self::YamlDouble => text.chars().for_each(|c| yaml::double_char(c, out)),
            Self::YamlSingle => out.push_str(&text.replace('\'', "''")),
            Self::YamlLiteral(indent) => yaml::block_text(text, indent, "\n", out),
            // Between lines that are folded, an empty one is a line break.
            Self::YamlFolded(indent) => yaml::block_text(text, indent, "\n\n", out),
            // None is left without a name.
            Self::YamlName if text.is_empty() => out.push('_'),
            Self::YamlName => out.extend(text.chars().map(|c| if yaml::is_name(c) { c } else { '_' })),
            Self::YamlComment => {
                out.extend(text.chars().map(|c| if yaml::is_printable(c) { c } else { ' ' }));
            }
        }
    }

    /// A value that gets `replacement`, at its start or not, must be written anew, with quotes.
    pub(crate) fn needs_quotes(self, replacement: &str, at_start: bool) -> bool {
        match self {
            // Whatever is written there, in YAML quotes keep it a text.
            Self::JsonBare | Self::HtmlBare | Self::YamlPlain => true,
            Self::YamlSingle => !replacement.chars().all(yaml::is_printable),
            // By its first line a reader knows how far a block is indented; at the margin a line can end the document.
            Self::YamlLiteral(indent) | Self::YamlFolded(indent) => {
                indent == 0
                    || at_start && (replacement.is_empty() || replacement.starts_with(char::is_whitespace))
                    || !replacement.chars().all(|c| c == '\n' || yaml::is_printable(c))
            }
            Self::CsvBare(delimiter) => {
                replacement.bytes().any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'))
            }
            _ => false,
        }
    }

    /// What a value is written in that needs quotes.
    pub(crate) fn with_quotes(self) -> Self {
        match self {
            Self::CsvBare(_) => Self::CsvQuoted,
            Self::YamlPlain | Self::YamlSingle | Self::YamlLiteral(_) | Self::YamlFolded(_) => {
                Self::YamlDouble
            }
            other => other,
        }
    }

    /// Bytes before the first that mean something.
    fn head(self, raw: &str) -> usize {
        match self {
            Self::YamlSingle => usize::from(raw.starts_with('\'')),
            Self::YamlLiteral(indent) | Self::YamlFolded(indent) => yaml::block_header(raw, indent).1,
            _ => 0,
        }
    }

    /// Bytes before the next escape.
    fn plain(self, raw: &str) -> usize {
        let next = match self {
            Self::JsonString => memchr(b'\\', raw.as_bytes()),
            Self::JsonMarkup => memchr2(b'\\', b'&', raw.as_bytes()),
            Self::CsvQuoted => memmem::find(raw.as_bytes(), b"\"\""),
            Self::XmlText | Self::XmlAttribute | Self::HtmlText | Self::HtmlAttribute | Self::HtmlBare => {
                memchr(b'&', raw.as_bytes())
            }
            Self::YamlPlain | Self::YamlSingle | Self::YamlDouble => return yaml::flow_plain(self, raw),
            Self::YamlLiteral(_) | Self::YamlFolded(_) => memchr2(b'\n', b'\r', raw.as_bytes()),
            _ => None,
        };
        next.unwrap_or(raw.len())
    }

    /// Length and meaning of the escape that `raw` begins with.
    fn escape(self, raw: &str) -> (usize, Cow<'_, str>) {
        match self {
            Self::JsonString => json_escape(raw),
            Self::JsonMarkup if raw.starts_with('\\') => json_escape(raw),
            Self::CsvQuoted => (2, Cow::Borrowed("\"")),
            Self::YamlPlain | Self::YamlSingle | Self::YamlDouble => yaml::flow_escape(self, raw),
            Self::YamlLiteral(_) | Self::YamlFolded(_) => yaml::block_escape(self, raw),
            Self::HtmlText | Self::HtmlAttribute | Self::HtmlBare | Self::JsonMarkup => {
                let length = reference_length(raw);
                if matches!(self, Self::HtmlText | Self::JsonMarkup) {
                    return (length, htmlize::unescape(&raw[..length]));
                }
                // In an attribute `&copy=` is a parameter of an address and no sign.
                let length = length + usize::from(raw.as_bytes().get(length) == Some(&b'='));
                (length, htmlize::unescape_attribute(&raw[..length]))
            }
            _ => {
                let reference = &raw[..reference_length(raw)];
                (reference.len(), xml_reference(reference).unwrap_or(Cow::Borrowed(reference)))
            }
        }
    }
}

/// The end of the text or the next character's beginning, from `at` on.
fn boundary(raw: &str, at: usize) -> usize {
    (at..raw.len()).find(|&at| raw.is_char_boundary(at)).unwrap_or(raw.len())
}

fn json_escape(raw: &str) -> (usize, Cow<'_, str>) {
    let meaning = match raw.as_bytes().get(1) {
        Some(b'n') => "\n",
        Some(b't') => "\t",
        Some(b'r') => "\r",
        Some(b'b') => "\u{8}",
        Some(b'f') => "\u{c}",
        Some(b'u') => return json_unicode(raw),
        Some(b'"' | b'\\' | b'/') => &raw[1..2],
        _ => return (1, Cow::Borrowed(&raw[..1])),
    };
    (2, Cow::Borrowed(meaning))
}

/// Half of a surrogate pair alone means the replacement character.
pub(crate) fn json_unicode(raw: &str) -> (usize, Cow<'_, str>) {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else { return (1, Cow::Borrowed(&raw[..1])) };
    let second = if raw.get(6..8) == Some("\\u") { unit(8) } else { None };
    if let Some(second) = second
        && let Some(Ok(c)) = char::decode_utf16([first, second]).next()
        && c.len_utf16() == 2
    {
        return (12, Cow::Owned(c.into()));
    }
    let c = char::from_u32(u32::from(first)).unwrap_or(char::REPLACEMENT_CHARACTER);
    (6, Cow::Owned(c.into()))
}

/// An ampersand and what could be the name or number of a character behind it.
fn reference_length(raw: &str) -> usize {
    let name = raw
        .bytes()
        .skip(1)
        .take(LONGEST_REFERENCE)
        .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
        .count();
    1 + name + usize::from(raw.as_bytes().get(1 + name) == Some(&b';'))
}

fn xml_reference(reference: &str) -> Option<Cow<'_, str>> {
    let name = reference.strip_prefix('&')?.strip_suffix(';')?;
    if let Some(meaning) = quick_xml::escape::resolve_predefined_entity(name) {
        return Some(Cow::Borrowed(meaning));
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(Cow::Owned(char::from_u32(code)?.into()))
}

fn json_char(c: char, special: &str, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '"' | '\\' => out.extend(['\\', c]),
        c if c < ' ' || special.contains(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

fn markup_char(c: char, attribute: bool, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' if attribute => out.push_str("&quot;"),
        '\'' if attribute => out.push_str("&#39;"),
        c => out.push(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Codec;

    const ALL: [Codec; 12] = [
        Codec::JsonString,
        Codec::JsonMarkup,
        Codec::YamlPlain,
        Codec::YamlSingle,
        Codec::YamlDouble,
        Codec::CsvQuoted,
        Codec::XmlText,
        Codec::XmlAttribute,
        Codec::HtmlText,
        Codec::HtmlAttribute,
        Codec::HtmlBare,
        Codec::Plain,
    ];

    fn decoded(codec: Codec, raw: &str) -> String {
        let mut text = String::new();
        codec.decode(raw, &mut text);
        text
    }

    #[test]
    fn decodes_escapes() {
        assert_eq!(
            decoded(Codec::JsonString, r#"a\"b\\\/\n\u00e9\ud83d\ude00\ud800x"#),
            "a\"b\\/\né😀\u{fffd}x"
        );
        assert_eq!(decoded(Codec::CsvQuoted, r#"5"" disk"#), r#"5" disk"#);
        assert_eq!(decoded(Codec::XmlText, "&lt;a&gt; &amp;&#65;&#x42;&unknown;&"), "<a> &AB&unknown;&");
        assert_eq!(decoded(Codec::HtmlText, "Caf&eacute; &copy &nbsp;&#64;"), "Café © \u{a0}@");
        assert_eq!(decoded(Codec::HtmlAttribute, "?a=1&copy=2"), "?a=1&copy=2");
    }

    #[test]
    fn what_is_shown_otherwise_is_replaced_as_a_whole() {
        assert_eq!(Codec::Whole.source_range("30569", (0, 0), &(0..4)), 0..5);
        assert_eq!(Codec::Whole.source_range("30569", (0, 0), &(5..10)), 0..5);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in any::<String>()) {
            // Some write what they need quotes for in another way.
            for codec in ALL.into_iter().filter(|codec| codec.with_quotes() == *codec) {
                let mut raw = String::new();
                codec.encode(&text, &mut raw);
                prop_assert_eq!(&decoded(codec, &raw), &text);
            }
        }

        #[test]
        fn every_range_leads_to_bytes_that_mean_it(raw in r#"([a-zé ]{0,3}|\\n|\\u00e9|\\ud83d\\ude00|""|&amp;|&#65;|&lt|&|\\){0,12}"#) {
            for codec in ALL {
                let text = decoded(codec, &raw);
                for (start, _) in text.char_indices() {
                    for end in (start..=text.len()).filter(|&end| text.is_char_boundary(end)) {
                        let source = codec.source_range(&raw, (0, 0), &(start..end));
                        prop_assert!(decoded(codec, &raw[source]).contains(&text[start..end]));
                    }
                }
            }
        }

        #[test]
        fn checkpoints_change_nothing(pieces in prop::collection::vec((r#"[a-zé ]{0,9}|\\n|\\u00e9|""|&amp;|&#65;|&lt|\\"#, 1..2000_usize), 1..8), at in any::<prop::sample::Index>()) {
            let raw: String = pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect();
            for codec in ALL {
                let text = decoded(codec, &raw);
                let points = codec.checkpoints(&raw);
                let start = at.index(text.len() + 1);
                let range = start..(start + 7).min(text.len());
                let point = points[points.partition_point(|point| point.1 <= range.start) - 1];
                prop_assert!(point.0 + super::STRIDE * 3 > codec.source_range(&raw, (0, 0), &range).start);
                prop_assert_eq!(codec.source_range(&raw, point, &range), codec.source_range(&raw, (0, 0), &range));
            }
        }

        #[test]
        fn nothing_panics(raw in any::<String>(), start in 0_usize..40, length in 0_usize..40) {
            for codec in ALL {
                decoded(codec, &raw);
                codec.source_range(&raw, (0, 0), &(start..start + length));
            }
        }
    }
}
