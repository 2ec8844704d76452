//! A mail written again with some of its fields, bodies and attachments changed: RFC 5322, MIME by RFC 2045 and 2047.

use std::{borrow::Cow, ops::Range};

use data_encoding::BASE64;
use encoding_rs::Encoding as Charset;
use mail_parser::{ContentType, Encoding, Header, HeaderName, Message, MessagePart, MimeHeaders, PartType};

use super::mail;
use crate::{
    RewriteError, decode,
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

/// By which the writer knows what a field that says how the part is written says beside.
pub(super) fn attribute_key(part: usize, number: usize, nth: usize) -> String {
    format!("attribute {nth} of field {number} of part {part}")
}

/// It tells programs how to read the part, and people nothing.
pub(super) fn is_technical(attribute: &str) -> bool {
    matches!(
        attribute,
        "boundary"
            | "charset"
            | "format"
            | "delsp"
            | "type"
            | "start"
            | "protocol"
            | "micalg"
            | "size"
            | "method"
    )
}

/// By which the writer knows what a part holds.
pub(super) fn body_key(part: usize) -> String {
    format!("part {part}")
}

/// By which the writer knows what stands there outside all parts.
pub(super) fn gap_key(start: usize) -> String {
    format!("at {start}")
}

/// A last line without a colon is given as a field too, with all of it as the name.
pub(super) fn is_field(message: &Message<'_>, header: &Header<'_>) -> bool {
    let colon = (header.offset_start as usize).checked_sub(1);
    colon.and_then(|at| message.raw_message.get(at)) == Some(&b':')
}

/// What stands outside all parts, where programs show nothing: before the first part of a multipart, behind its last, and
/// among the header fields what is none.
pub(super) fn gaps(message: &Message<'_>, index: usize) -> Vec<Range<usize>> {
    let part = &message.parts[index];
    let mut gaps = Vec::new();
    let mut at = part.offset_header;
    for header in part.headers.iter().filter(|header| is_field(message, header)) {
        lines(message, at..header.offset_field, None, &mut gaps);
        at = at.max(header.offset_end);
    }
    lines(message, at..part.offset_body, None, &mut gaps);
    let PartType::Multipart(children) = &part.body else { return gaps };
    let child = |id: Option<&u32>| id.and_then(|id| message.parts.get(*id as usize));
    let boundary = part.content_type().and_then(|value| value.attribute("boundary")).unwrap_or_default();
    let first = child(children.first()).map_or(part.offset_end, |first| first.offset_header);
    lines(message, part.offset_body..first, Some(boundary), &mut gaps);
    if let Some(last) = child(children.last()) {
        lines(message, last.offset_end..part.offset_end, Some(boundary), &mut gaps);
    }
    gaps
}

/// The lines in `range` that are not empty and no boundary, those that follow each other as one.
fn lines(message: &Message<'_>, range: Range<u32>, boundary: Option<&str>, gaps: &mut Vec<Range<usize>>) {
    let mut at = range.start as usize;
    let Some(raw) = message.raw_message.get(at..range.end as usize) else { return };
    let before = gaps.len();
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let own = at..at + line.len();
        at = own.end;
        let line = line.trim_ascii_end();
        let is_boundary = boundary.is_some_and(|boundary| {
            let name = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary.as_bytes()));
            matches!(name, Some(b"" | b"--"))
        });
        if is_boundary || line.is_empty() {
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
) -> &'m [u8] {
    let raw = match part.encoding {
        // It lies in the other, and so do its offsets.
        Encoding::None => message.raw_message.get(part.offset_body as usize..part.offset_end as usize),
        _ => Some(&*inner.raw_message),
    };
    raw.unwrap_or_default()
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
            let new = match (changes.get(&field_key(index, number)), header.value.as_content_type()) {
                (Some(Change::Write(new)), _) => {
                    let new = String::from_utf8_lossy(new);
                    if new.contains(char::REPLACEMENT_CHARACTER) {
                        return Err(RewriteError::Unwritten("the bytes of a header field fit no encoding"));
                    }
                    Some(if has_addresses(&header.name) { addresses(&new) } else { encode_field(&new) })
                }
                (_, Some(value)) => {
                    with_attributes(value, |nth| match changes.get(&attribute_key(index, number, nth)) {
                        Some(Change::Write(new)) => Some(String::from_utf8_lossy(new).into_owned()),
                        _ => None,
                    })
                }
                _ => None,
            };
            if let Some(new) = new {
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
            Some(Change::LeaveOut | Change::Unread | Change::Paint(_) | Change::Cover(_)) => {
                splices.push((body, b"\r\n".to_vec()));
            }
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

fn has_addresses(name: &HeaderName<'_>) -> bool {
    matches!(
        name,
        HeaderName::From
            | HeaderName::To
            | HeaderName::Cc
            | HeaderName::Bcc
            | HeaderName::ReplyTo
            | HeaderName::Sender
            | HeaderName::ResentFrom
            | HeaderName::ResentTo
            | HeaderName::ResentCc
            | HeaderName::ResentBcc
            | HeaderName::ResentSender
    )
}

/// A list of addresses, the names before them quoted or encoded as a whole: a comma in a name parts no addresses.
fn addresses(value: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() {
        // One with a name ends where its bracket closes before a comma or the end.
        let end = rest.match_indices('>').map(|(at, _)| at + 1).find(|end| {
            let behind = rest[*end..].trim_start();
            behind.is_empty() || behind.starts_with(',')
        });
        let (one, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let mut one = one.trim();
        // Addresses without a name before this one are not part of its name.
        while let Some((bare, behind)) =
            one.split_once(',').filter(|(bare, _)| bare.contains('@') && !bare.contains(['<', '"']))
        {
            out.push(bare.trim().to_owned());
            one = behind.trim_start();
        }
        out.push(match one.split_once(" <") {
            Some((name, address)) => format!("{} <{address}", phrase(name)),
            None => encode_field(one),
        });
        rest = behind.trim_start().trim_start_matches(',').trim_start();
    }
    out.join(",\n")
}

/// The name before an address.
fn phrase(name: &str) -> String {
    let name = name.trim();
    if !name.is_ascii() {
        return encoded_words(&name.trim_matches('"').replace("\\\"", "\""));
    }
    let is_quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
    let special = name.contains(|c: char| "()<>:;@\\,.\"".contains(c));
    if special && !is_quoted { format!("\"{}\"", quoted(name.trim_matches('"'))) } else { name.to_owned() }
}

/// The type or disposition of a part with other attributes; nothing if none is another.
fn with_attributes(value: &ContentType<'_>, new: impl Fn(usize) -> Option<String>) -> Option<String> {
    let attributes = value.attributes().unwrap_or_default();
    let new: Vec<Option<String>> = (0..attributes.len()).map(new).collect();
    if new.iter().all(Option::is_none) {
        return None;
    }
    let mut out = value.ctype().to_owned();
    if let Some(subtype) = value.subtype() {
        out.push('/');
        out.push_str(subtype);
    }
    for (nth, (attribute, new)) in attributes.iter().zip(new).enumerate() {
        // A name is often given twice, once for old programs.
        if attributes[..nth].iter().any(|before| before.name == attribute.name) {
            continue;
        }
        let value = new.unwrap_or_else(|| attribute.value.clone().into_owned());
        // RFC 2231 says how to write others, RFC 2047 what all programs read.
        let value = if value.is_ascii() { quoted(&value) } else { encoded_words(&value) };
        out.push_str(&format!(";\n{}=\"{value}\"", attribute.name));
    }
    Some(out)
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\r', '\n'], " ")
}

/// `new`, written as the part's fields say.
fn encode_body(part: &MessagePart<'_>, new: &[u8], raw: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let textual = matches!(part.body, PartType::Text(_) | PartType::Html(_));
    let label = part.content_type().and_then(|value| value.attribute("charset")).filter(|_| textual);
    let charset = label.and_then(|label| Charset::for_label(label.as_bytes()));
    if textual && (is_lossy(new) || charset.is_some_and(|charset| charset.output_encoding() != charset)) {
        return Err(RewriteError::Unwritten("the bytes of a body don't fit its encoding"));
    }
    let new = match (charset, std::str::from_utf8(new)) {
        (Some(charset), Ok(text)) => decode::Charset::Legacy(charset).encode(text)?,
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

/// Its bytes were read in an encoding that they are not in, and could not be written as they were.
fn is_lossy(new: &[u8]) -> bool {
    String::from_utf8_lossy(new).contains(char::REPLACEMENT_CHARACTER)
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
