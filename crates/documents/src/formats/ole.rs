//! Objects that one document embeds of another program, and old documents that are not read otherwise: their properties
//! and the files in them.

use super::{
    compound::{Compound, is_compound, size_at, u16_at},
    summary,
};
use crate::{
    Document, Note, Part, ReadError,
    codepage::{Codepage, utf16},
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "ole",
    title: "old Office document",
    extensions: &[],
    media_types: &["application/x-ole-storage"],
    recognise: |bytes| if is_compound(bytes) { Sight::Sure } else { Sight::No },
    read,
};

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut file = Compound::open(bytes, &FORMAT, context)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    summary::read(&mut file, &mut layout)?;
    storage(&mut file, "", &mut layout, &context.inner())?;
    layout.finish()
}

/// Takes in the files in a storage, at all depths, and says if there is more.
pub(super) fn storage(
    file: &mut Compound<'_>,
    storage: &str,
    layout: &mut Layout<'_>,
    context: &Context<'_>,
) -> Result<(), ReadError> {
    let mut skipped = false;
    for path in file.streams().into_iter().filter(|path| path.starts_with(&format!("{storage}/"))) {
        let name = path.rsplit('/').next().unwrap_or_default();
        // A control character says that it is Windows' own.
        let shown = path.trim_start_matches('/').replace(char::is_control, "");
        match name {
            "\u{1}Ole10Native" => {
                let stream = file.stream(&path)?.unwrap_or_default();
                package(stream.get(4..).unwrap_or_default(), "object", layout, context);
            }
            "Package" | "CONTENTS" => {
                let stream = file.stream(&path)?.unwrap_or_default();
                layout.take_in(&Part::Entry(shown), read_within(name, None, &stream, context));
            }
            _ if name.starts_with(char::is_control) => {}
            _ => {
                let stream = file.stream(&path)?.unwrap_or_default();
                let start = stream.get(..6).unwrap_or_default();
                if start.starts_with(b"<?xml") || start == b"<\0?\0x\0" || start.starts_with(b"\xff\xfe<") {
                    layout.take_in(&Part::Entry(shown), read_within("a.xml", None, &stream, context));
                } else {
                    skipped |= !stream.is_empty();
                }
            }
        }
    }
    if skipped {
        layout.note(Note::Skipped {
            part: "text of an old Office document".to_owned(),
            reason: "this kind is not read; save it in a newer format".to_owned(),
        });
    }
    Ok(())
}

/// An embedded object as RTF has it: its class, and its data or a file.
pub(super) fn embedded(name: &str, bytes: &[u8], layout: &mut Layout<'_>, context: &Context<'_>) {
    let Some((class, data)) = object(bytes) else {
        // Of a link there is only the name of what it links to.
        let part = Part::Entry(name.to_owned());
        match read_within(name, None, bytes, context) {
            Ok(document) if !bytes.is_empty() => layout.absorb(&part, document),
            _ => layout
                .note(Note::Skipped { part: part.to_string(), reason: "it is no whole object".to_owned() }),
        }
        return;
    };
    if class == "Package" {
        package(data, name, layout, context);
    } else {
        let part = Part::Entry(name.to_owned());
        layout.take_in(&part, read_within("", None, data, context));
    }
}

/// The class and the data of an OLE 1.0 object (MS-OLEDS 2.2.5).
fn object(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let mut at = 8;
    let mut names = [&[][..]; 3];
    for name in &mut names {
        let length = size_at(bytes, at)?;
        *name = bytes.get(at + 4..)?.get(..length)?;
        at += 4 + length;
    }
    let data = bytes.get(at + 4..)?;
    let data = &data[..size_at(bytes, at)?.min(data.len())];
    let class = std::str::from_utf8(names[0]).ok()?.trim_end_matches('\0');
    Some((class, data))
}

/// A file that was dragged into a document: its name, where it lay, and its bytes.
fn package(bytes: &[u8], name: &str, layout: &mut Layout<'_>, context: &Context<'_>) {
    let Some(Packed { label, paths, data, wide }) = packed(bytes) else {
        layout.note(Note::Skipped { part: name.to_owned(), reason: "it is no whole object".to_owned() });
        return;
    };
    for path in paths {
        layout.property("path of the embedded file", &path);
    }
    wide.iter().for_each(|path| layout.property("path of the embedded file", path));
    layout.take_in(&Part::Attachment(label.clone()), read_within(&label, None, data, context));
}

struct Packed<'a> {
    label: String,
    paths: [String; 2],
    data: &'a [u8],
    /// The same names in letters of all scripts, which follow the data.
    wide: Vec<String>,
}

fn packed(bytes: &[u8]) -> Option<Packed<'_>> {
    let text = |at: usize| {
        let rest = bytes.get(at..)?;
        let length = memchr::memchr(0, rest)?;
        Some((Codepage::default().decode(&rest[..length]).into_owned(), at + length + 1))
    };
    if u16_at(bytes, 0)? != 2 {
        return None;
    }
    let (label, at) = text(2)?;
    let (path, at) = text(at)?;
    let length = size_at(bytes, at + 4)?;
    let temporary = bytes.get(at + 8..)?.get(..length)?;
    let temporary = Codepage::default().decode(temporary).trim_end_matches('\0').to_owned();
    let at = at + 8 + length;
    let length = size_at(bytes, at)?;
    let data = bytes.get(at + 4..)?;
    let (data, mut rest) = data.split_at(length.min(data.len()));
    let mut wide = Vec::new();
    while let Some(letters) = size_at(rest, 0).filter(|letters| (1..1 << 12).contains(letters))
        && let Some(name) = rest.get(4..4 + letters * 2)
    {
        wide.push(utf16(name));
        rest = &rest[4 + letters * 2..];
    }
    wide.retain(|name| *name != label && *name != path && *name != temporary);
    wide.dedup();
    Some(Packed { label, paths: [path, temporary], data, wide })
}
