//! Bytes into text: UTF-8, UTF-16, and the older encodings by their statistics.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr;

use crate::{Note, ReadError, RewriteError};

/// How much of a file decides whether it is text, at its start, middle and end.
pub(crate) const SAMPLE: usize = 8 << 10;
/// How much of a file that is not UTF-8 decides its encoding.
const DETECTED: usize = 1 << 20;

/// The text of a textual file and how it was written.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    /// Without the byte order mark.
    pub text: Cow<'a, str>,
    /// Bytes before the text: the byte order mark.
    pub offset: usize,
    pub charset: Charset,
}

impl<'a> Source<'a> {
    /// Decodes a text whose encoding and byte order mark are known.
    pub(crate) fn again(bytes: &'a [u8], offset: usize, charset: Charset) -> Self {
        match charset {
            Charset::Utf8 => utf8(bytes, offset).0,
            _ => Self { text: charset.decode(&bytes[offset..]), offset, charset },
        }
    }
}

/// How a text was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Offsets into the text are offsets into the file, even where some bytes were not valid.
    Utf8,
    Utf16Le,
    Utf16Be,
    Legacy(&'static Encoding),
}

impl Charset {
    pub(crate) fn name(self) -> &'static str {
        self.encoding().name()
    }

    /// That of this name, as [`Self::name`] gives it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "UTF-8" => Some(Self::Utf8),
            "UTF-16LE" => Some(Self::Utf16Le),
            "UTF-16BE" => Some(Self::Utf16Be),
            _ => Encoding::for_label(name.as_bytes()).map(Self::Legacy),
        }
    }

    /// The text of a value; what is not valid becomes replacement characters.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        self.encoding().decode_without_bom_handling(bytes).0
    }

    pub(crate) fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Legacy(encoding) => encoding,
        }
    }

    /// `text` in this encoding.
    pub(crate) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, RewriteError> {
        match self {
            Self::Utf8 => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Utf16Le => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Utf16Be => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Legacy(encoding) => match encoding.encode(text) {
                (bytes, _, false) => Ok(bytes),
                _ => Err(RewriteError::Unencodable(encoding.name())),
            },
        }
    }
}

/// The text of `bytes`. `declared` is what the file says of its own encoding; UTF-8 that is valid wins over it.
///
/// # Errors
/// When the bytes are no text.
pub(crate) fn decode<'a>(
    bytes: &'a [u8],
    declared: Option<&str>,
) -> Result<(Source<'a>, Option<Note>), ReadError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Ok(utf8(bytes, 3));
    }
    if let Some((charset, offset)) = wide(bytes)? {
        return Ok((Source::again(bytes, offset, charset), Some(Note::Encoding(charset.name()))));
    }
    refuse_binary(bytes)?;
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((Source { text: Cow::Borrowed(text), offset: 0, charset: Charset::Utf8 }, None));
    }
    if mostly_utf8(bytes) {
        return Ok(utf8(bytes, 0));
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 && encoding.is_ascii_compatible() => encoding,
        _ => guess(bytes),
    };
    let source = Source::again(bytes, 0, Charset::Legacy(encoding));
    Ok((source, Some(Note::Encoding(encoding.name()))))
}

/// One `?` for every invalid byte, so that offsets stay those of the file.
fn utf8(bytes: &[u8], offset: usize) -> (Source<'_>, Option<Note>) {
    let bytes = &bytes[offset..];
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Source { text: Cow::Borrowed(text), offset, charset: Charset::Utf8 }, None);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut invalid = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        invalid += chunk.invalid().len();
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    (Source { text: Cow::Owned(text), offset, charset: Charset::Utf8 }, Some(Note::InvalidBytes(invalid)))
}

/// Which UTF-16 the text is written in that begins like this, if any, and the length of its byte order mark.
///
/// # Errors
/// When it is UTF-32, whose mark begins like that of UTF-16.
pub(crate) fn wide(bytes: &[u8]) -> Result<Option<(Charset, usize)>, ReadError> {
    Ok(match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(ReadError::UnknownKind("text in UTF-32"));
        }
        [0xff, 0xfe, ..] => Some((Charset::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Charset::Utf16Be, 2)),
        [0xef, 0xbb, 0xbf, ..] => None,
        _ => utf16_without_mark(bytes).map(|charset| (charset, 0)),
    })
}

/// Text in Latin letters has a zero in every other byte of UTF-16, and few elsewhere: in some pictures of one character.
fn utf16_without_mark(bytes: &[u8]) -> Option<Charset> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    memchr(0, sample)?;
    let pairs = sample.len() / 2;
    let zeros = |side: usize| sample.iter().skip(side).step_by(2).filter(|&&byte| byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let many = |zeros: usize| zeros * 10 >= pairs * 6;
    let few = |zeros: usize| zeros * 20 <= pairs;
    match () {
        () if many(second) && few(first) => Some(Charset::Utf16Le),
        () if many(first) && few(second) => Some(Charset::Utf16Be),
        () => None,
    }
}

/// Refuses what is no text: more than one byte in fifty is a control character that no text has.
pub(crate) fn refuse_binary(bytes: &[u8]) -> Result<(), ReadError> {
    let (middle, last) = (bytes.len() / 2, bytes.len().saturating_sub(SAMPLE));
    let starts = if last == 0 { &[0][..] } else { &[0, middle, last] };
    let binary = starts.iter().any(|&start| {
        let sample = &bytes[start..bytes.len().min(start + SAMPLE)];
        // Counted in bytes, as far as those reach: many at once.
        let controls = sample.chunks(255).map(|some| usize::from(some.iter().map(is_control).sum::<u8>()));
        let controls: usize = controls.sum();
        controls * 50 > sample.len()
    });
    if binary { Err(ReadError::UnknownKind("binary data")) } else { Ok(()) }
}

/// 1 for a control character that no text has.
fn is_control(byte: &u8) -> u8 {
    u8::from(matches!(byte, 0..=7 | 14..=26 | 28..=31 | 127))
}

/// A log into which some other bytes fell, rather than a text in an older encoding.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut long, mut invalid) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        long += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        invalid += chunk.invalid().len();
    }
    long >= invalid
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let start = bytes[..first].iter().rposition(|&byte| byte == b'\n').unwrap_or(0);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[start..bytes.len().min(start + DETECTED)], true);
    detector.guess(None, Utf8Detection::Deny)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes, None).unwrap().0.text.into_owned()
    }

    #[test]
    fn reads_utf16_with_and_without_mark() {
        let words = "Grüße an Mara Lind, geboren am 3. Mai";
        for charset in [Charset::Utf16Le, Charset::Utf16Be] {
            let bare = charset.encode(words).unwrap().into_owned();
            assert_eq!(text(&bare), words);
            let marked = charset.encode(&format!("\u{feff}{words}")).unwrap().into_owned();
            let (source, _) = decode(&marked, None).unwrap();
            assert_eq!((source.text.as_ref(), source.offset, source.charset), (words, 2, charset));
        }
    }

    #[test]
    fn reads_older_encodings_and_says_so() {
        let bytes =
            b"Stra\xdfe: M\xfchlenstra\xdfe 5, K\xf6ln. Das ist ein sch\xf6ner Tag f\xfcr eine \xdcbung.\n";
        let (source, note) = decode(bytes, None).unwrap();
        assert!(source.text.contains("Mühlenstraße 5, Köln"));
        assert_eq!(note, Some(Note::Encoding("windows-1252")));
    }

    #[test]
    fn keeps_offsets_of_a_log_with_a_few_invalid_bytes() {
        let bytes = "für Zoë\n".repeat(20).into_bytes();
        let bytes = [&bytes[..], b"\xff\xfe\x80 mara.lind@example.org"].concat();
        let (source, note) = decode(&bytes, None).unwrap();
        assert_eq!(source.text.len(), bytes.len());
        assert!(source.text.ends_with("??? mara.lind@example.org"));
        assert_eq!(note, Some(Note::InvalidBytes(3)));
    }

    #[test]
    fn refuses_what_is_no_text() {
        let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(decode(&noise, None).unwrap_err(), ReadError::UnknownKind("binary data"));
        let wide: Vec<u8> = "\u{feff}Mara".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        assert_eq!(decode(&wide, None).unwrap_err(), ReadError::UnknownKind("text in UTF-32"));
    }
}
