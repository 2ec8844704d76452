//! A mail written again with some of its fields, bodies and attachments changed: RFC 5322, MIME by RFC 2045 and 2047.

use std::{borrow::Cow, ops::Range};

use data_encoding::BASE64;
use encoding_rs::Encoding as Charset;
use mail_parser::{ContentType, Encoding, Header, HeaderName, Message, MessagePart, MimeHeaders, PartType};

use super::mail;
use crate::{
    RewriteError,
    sources::{Change, Changes},
};

/// A line is not longer, but for a word that is.
const LINE: usize = 76;
/// Bytes in an encoded word, of which none is longer than 75 characters.
const WORD: usize = 45;

/// By which the writer knows a header field of a part.
pub(super) fn field_key(part: usize, number: usize) -> String {
    format!("field {number} of part {part}")
}

/// By which the writer knows the name of the file in a part, as one of its fields gives it.
pub(super) fn name_key(part: usize, field: &str) -> String {
    format!("{field} name of part {part}")
}

/// By which the writer knows what a part holds.
pub(super) fn body_key(part: usize) -> String {
    format!("part {part}")
}

/// By which the writer knows what stands there outside all parts.
pub(super) fn gap_key(start: usize) -> String {
    format!("at {start}")
}

/// What stands before the first part of a multipart and behind its last, where programs show nothing.
pub(super) fn gaps(message: &Message<'_>, index: usize) -> Vec<Range<usize>> {
    let part = &message.parts[index];
    let PartType::Multipart(children) = &part.body else { return Vec::new() };
    let child = |id: Option<&u32>| id.and_then(|id| message.parts.get(*id as usize));
    let mut gaps = Vec::new();
    if let Some(first) = child(children.first()) {
        between_boundaries(message, part.offset_body..first.offset_header, &mut gaps);
    }
    if let (0, Some(last)) = (index, child(children.last())) {
        between_boundaries(message, last.offset_end..part.offset_end, &mut gaps);
    }
    gaps
}

/// The lines in `range` that are no boundaries, those that follow each other as one.
fn between_boundaries(message: &Message<'_>, range: Range<u32>, gaps: &mut Vec<Range<usize>>) {
    let mut at = range.start as usize;
    let Some(raw) = message.raw_message.get(at..range.end as usize) else { return };
    let before = gaps.len();
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let own = at..at + line.len();
        at = own.end;
        if line.starts_with(b"--") || line.trim_ascii().is_empty() {
            continue;
        }
        match gaps[before..].last_mut() {
            Some(last) if last.end == own.start => last.end = own.end,
            _ => gaps.push(own),
        }
    }
}

/// The bytes of a mail that is attached to another.
pub(crate) fn attached<'m>(
    part: &MessagePart<'_>,
    inner: &'m Message<'_>,
    message: &'m Message<'_>,
) -> Cow<'m, [u8]> {
    let raw = match part.encoding {
        // It lies in the other, and so do its offsets.
        Encoding::None => message.raw_message.get(part.offset_body as usize..part.offset_end as usize),
        _ => Some(&*inner.raw_message),
    };
    Cow::Borrowed(raw.unwrap_or_default())
}

/// The mail with these members changed. What can't be written is empty.
pub(super) fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let message = mail::parse(bytes).ok_or(RewriteError::Unwritten("it has no header fields"))?;
    let written = splices(&message, changes).map(|mut splices| {
        splices.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (range, new) in splices {
            let range = range.start.max(at)..range.end.max(at);
            out.extend_from_slice(bytes.get(at..range.start).unwrap_or_default());
            out.extend_from_slice(&new);
            at = range.end;
        }
        out.extend_from_slice(bytes.get(at..).unwrap_or_default());
        out
    });
    mail::dismantle(message);
    written
}

type Splice = (Range<usize>, Vec<u8>);

fn splices(message: &Message<'_>, changes: &Changes) -> Result<Vec<Splice>, RewriteError> {
    let mut splices = Vec::new();
    for (index, part) in message.parts.iter().enumerate() {
        for (number, header) in part.headers.iter().enumerate() {
            if let Some(Change::Write(new)) = changes.get(&field_key(index, number)) {
                let new = encode_field(&String::from_utf8_lossy(new));
                splices.push(field(message, header, &new));
            }
            let name = changes.get(&name_key(index, header.name()));
            if let (Some(Change::Write(name)), Some(content_type)) = (name, header.value.as_content_type()) {
                let new = with_name(header, content_type, &String::from_utf8_lossy(name));
                splices.push(field(message, header, &new));
            }
        }
        for gap in gaps(message, index) {
            if let Some(Change::Write(new)) = changes.get(&gap_key(gap.start)) {
                splices.push((gap, [new, &b"\r\n"[..]].concat()));
            }
        }
        let body = part.offset_body as usize..part.offset_end as usize;
        match changes.get(&body_key(index)) {
            Some(Change::Write(new)) => {
                let raw = message.raw_message.get(body.clone()).unwrap_or_default();
                splices.push((body, encode_body(part, new, raw)?));
            }
            Some(Change::LeaveOut | Change::Unread) => splices.push((body, b"\r\n".to_vec())),
            Some(Change::Keep) | None => {}
        }
    }
    Ok(splices)
}

/// Another value for a field, with the end of its line.
fn field(message: &Message<'_>, header: &Header<'_>, value: &str) -> Splice {
    let range = header.offset_start as usize..header.offset_end as usize;
    let raw = message.raw_message.get(range.clone()).unwrap_or_default();
    let end = if raw.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    (range, format!(" {}{end}", value.replace('\n', &format!("{end} "))).into_bytes())
}

/// The value of a field, in lines that are not too long, words that are not ASCII encoded.
fn encode_field(value: &str) -> String {
    let mut line = 0;
    let mut out = String::new();
    let mut words = value.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let mut encoded = word.to_owned();
        if !word.is_ascii() {
            // Between encoded words a space means nothing, so those that follow each other are encoded as one.
            while let Some(next) = words.next_if(|next| !next.is_ascii()) {
                encoded.push(' ');
                encoded.push_str(next);
            }
            encoded = encoded_words(&encoded);
        }
        if !out.is_empty() {
            let long = line + encoded.len() > LINE;
            out.push(if long { '\n' } else { ' ' });
            line = if long { 0 } else { line };
        }
        line += encoded.len() + 1;
        out.push_str(&encoded);
    }
    out
}

fn encoded_words(text: &str) -> String {
    let mut rest = text;
    let mut words = Vec::new();
    while !rest.is_empty() {
        let (word, behind) = rest.split_at(rest.floor_char_boundary(WORD));
        words.push(format!("=?UTF-8?B?{}?=", BASE64.encode(word.as_bytes())));
        rest = behind;
    }
    words.join(" ")
}

/// The type or disposition of a part, with another name of its file.
fn with_name(header: &Header<'_>, value: &ContentType<'_>, name: &str) -> String {
    let mut out = value.ctype().to_owned();
    if let Some(subtype) = value.subtype() {
        out.push('/');
        out.push_str(subtype);
    }
    let named = if header.name == HeaderName::ContentType { "name" } else { "filename" };
    for attribute in value.attributes().unwrap_or_default() {
        if attribute.name != named {
            out.push_str(&format!(";\n{}=\"{}\"", attribute.name, quoted(&attribute.value)));
        }
    }
    // RFC 2231 says how to write others, RFC 2047 what all programs read.
    let name = if name.is_ascii() { quoted(name) } else { encoded_words(name) };
    out.push_str(&format!(";\n{named}=\"{name}\""));
    out
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\r', '\n'], " ")
}

/// `new`, written as the part's fields say.
fn encode_body(part: &MessagePart<'_>, new: &[u8], raw: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let textual = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    let label = part.content_type().and_then(|value| value.attribute("charset")).filter(|_| textual);
    let charset = label.and_then(|label| Charset::for_label(label.as_bytes()));
    let new = match (charset, std::str::from_utf8(new)) {
        (Some(charset), Ok(text)) if charset.output_encoding() == charset => match charset.encode(text) {
            (bytes, _, false) => bytes,
            _ => return Err(RewriteError::Unencodable(charset.name())),
        },
        _ => Cow::Borrowed(new),
    };
    Ok(match part.encoding {
        Encoding::None => new.into_owned(),
        Encoding::QuotedPrintable => quoted_printable(&new),
        Encoding::Base64 => {
            let end = raw.len() - raw.trim_ascii_end().len();
            let mut out = Vec::new();
            for line in BASE64.encode(&new).as_bytes().chunks(LINE) {
                out.extend_from_slice(line);
                out.extend_from_slice(b"\r\n");
            }
            out.truncate(out.trim_ascii_end().len());
            out.extend_from_slice(&raw[raw.len() - end..]);
            out
        }
    })
}

/// RFC 2045 §6.7: spaces before the end of a line are encoded, longer lines cut.
fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut line = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let ends = matches!(bytes.get(at + 1), None | Some(b'\r' | b'\n'));
        let written = match byte {
            b'\n' => {
                out.push(b'\n');
                line = 0;
                continue;
            }
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {
                out.push(b'\r');
                continue;
            }
            b' ' | b'\t' if !ends => vec![*byte],
            33..=60 | 62..=126 => vec![*byte],
            _ => format!("={byte:02X}").into_bytes(),
        };
        if line + written.len() >= LINE {
            out.extend_from_slice(b"=\r\n");
            line = 0;
        }
        line += written.len();
        out.extend_from_slice(&written);
    }
    out
}
