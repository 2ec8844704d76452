//! Archives that are one document: Office's packages of XML parts.

use std::{
    borrow::Cow,
    cell::Cell,
    collections::HashMap,
    io::{Cursor, Read},
    ops::Range,
};

use zip::{ZipArchive, result::ZipError};

use super::{
    archive::{self, Fate},
    markup::{Markup, Piece},
};
use crate::{
    ReadError, RewriteError,
    codec::Codec,
    format::{Context, Format, extension},
    layout::{Layout, Opened, Raw},
    sources::{Change, Changes},
};

/// An open archive. What is unpacked of it counts against the limits together.
#[derive(Debug)]
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    format: &'static Format,
    context: Context<'a>,
}

/// Where one part points to.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// The last word of its type: `header`, `hyperlink`.
    pub kind: String,
    pub target: String,
    /// The target is outside the package.
    pub external: bool,
    /// The target as it is written, and where.
    written: (String, usize),
    /// Somebody laid it out: it is a link of a text that was read.
    told: Cell<bool>,
}

impl Relation {
    /// The target, to be laid out.
    pub(super) fn raw(&self) -> Raw<'_> {
        self.told.set(true);
        Raw { text: &self.written.0, at: self.written.1, codec: Codec::XmlAttribute }
    }

    pub(super) fn is_told(&self) -> bool {
        self.told.get()
    }
}

impl<'a> Package<'a> {
    pub(super) fn open(
        bytes: &'a [u8],
        format: &'static Format,
        context: &Context<'a>,
    ) -> Result<Self, ReadError> {
        let archive = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| ReadError::broken(format, archive::zip_reason(&error)))?;
        context.budget.enter(archive.len(), context.limits)?;
        Ok(Self { archive, format, context: *context })
    }

    /// The names of all parts, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.archive.file_names().flatten().map(Cow::into_owned).collect();
        names.sort_unstable();
        names
    }

    /// The bytes of a part; `None` if there is none of this name.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let format = self.format;
        let file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                return Err(ReadError::Encrypted(format.title));
            }
            Err(error) => return Err(ReadError::broken(format, archive::zip_reason(&error))),
        };
        let packed = usize::try_from(file.compressed_size()).unwrap_or(usize::MAX);
        let (bytes, read) = self.context.budget.unpack(file, packed, self.context.limits)?;
        read.map_err(|_| ReadError::broken(format, format_args!("its part {name} can't be unpacked")))?;
        Ok(Some(bytes))
    }

    /// What the part of this name points to, by id.
    pub(super) fn relations(
        &mut self,
        part: &str,
        layout: &mut Layout<'_>,
    ) -> Result<HashMap<String, Relation>, ReadError> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = format!("{folder}/_rels/{file}.rels");
        let name = name.trim_start_matches('/');
        let Some(bytes) = self.part(name)? else { return Ok(HashMap::new()) };
        let part = layout.open(name, bytes)?;
        relations(&part, folder, self.context.limits.depth, layout)
    }
}

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How pictures, sounds and fonts are called, which say nothing that is read.
const MEDIA: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "emf", "wmf", "svg", "wdp", "webp", "avif", "mp3",
    "wav", "mp4", "m4a", "mov", "avi", "odttf", "fntdata", "ttf", "otf",
];

/// The package with its parts changed. `fate` says what becomes of a part.
pub(super) fn write_parts(
    bytes: &[u8],
    changes: &Changes,
    fate: for<'c> fn(&str, Option<&'c Change>) -> Fate<'c>,
) -> Result<Vec<u8>, RewriteError> {
    let mut written = 0;
    let out = archive::write_zip(bytes, |_, name| {
        let change = changes.get(name);
        written += usize::from(matches!(change, Some(Change::Write(_))));
        (name.to_owned(), fate(name, change))
    })?;
    // Two parts of one name, or a name that is no text: what was replaced would still be there.
    if written != changes.values().filter(|change| matches!(change, Change::Write(_))).count() {
        return Err(RewriteError::Unwritten("the names of its parts are not clear"));
    }
    Ok(out)
}

/// What becomes of a part. Those that are left out are empty, since others still point to them; so are small pictures of the
/// first page.
pub(super) fn fate<'c>(name: &str, change: Option<&'c Change>) -> Fate<'c> {
    match change {
        Some(Change::Write(bytes)) => Fate::Write(bytes),
        Some(Change::LeaveOut) => Fate::Write(&[]),
        Some(Change::Unread) if !extension(name).is_some_and(|name| MEDIA.contains(&name.as_str())) => {
            Fate::Write(&[])
        }
        _ if name.to_ascii_lowercase().contains("thumbnail") => Fate::Write(&[]),
        _ => Fate::Keep,
    }
}

/// The parts as they were. The bytes were read before, within the limits.
pub(super) struct Originals<'a>(ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Originals<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, RewriteError> {
        ZipArchive::new(Cursor::new(bytes))
            .map(Self)
            .map_err(|error| RewriteError::Unwritten(archive::zip_reason(&error)))
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.file_names().flatten().map(Cow::into_owned).collect()
    }

    pub(super) fn part(&mut self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.by_name(name).ok()?.read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

/// The byte order mark of a part in UTF-8, as Office writes its parts, and the rest.
pub(super) fn xml(part: &[u8]) -> Option<(&[u8], &str)> {
    let (mark, rest) = part.split_at(if part.starts_with(MARK) { MARK.len() } else { 0 });
    Some((mark, std::str::from_utf8(rest).ok()?))
}

/// A text with this written over these ranges, which are in the order of their starts. In markup that is broken, elements
/// overlap and with them the ranges: what lies in one that was written over before goes with it.
pub(super) fn spliced(mark: &[u8], text: &str, splices: &[(Range<usize>, String)]) -> Vec<u8> {
    let mut out = mark.to_vec();
    let mut at = 0;
    for (range, written) in splices {
        if range.start < at {
            at = at.max(range.end);
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[at..range.start]);
        out.extend_from_slice(written.as_bytes());
        at = range.end;
    }
    out.extend_from_slice(&text.as_bytes()[at..]);
    out
}

/// Whether the first entry says that the archive is of this type: it is there to be seen without unpacking.
pub(super) fn is_marked(bytes: &[u8], media_type: &str) -> bool {
    let name = bytes.get(30..).and_then(|rest| rest.strip_prefix(b"mimetype"));
    name.is_some_and(|rest| rest.starts_with(media_type.as_bytes()))
}

/// Whether `bytes` are an archive that has a part of this name.
pub(super) fn has_part(bytes: &[u8], name: &str) -> bool {
    memchr::memmem::rfind(bytes, name.as_bytes()).is_some()
        && ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| archive.index_for_name(name).is_some())
}

fn relations(
    part: &Opened,
    folder: &str,
    depth: usize,
    layout: &mut Layout<'_>,
) -> Result<HashMap<String, Relation>, ReadError> {
    let mut relations = HashMap::new();
    let mut markup = Markup::new(&part.text, part.base, depth);
    while let Some(piece) = markup.next()? {
        let Piece::Start(tag) = piece else { continue };
        let (Some(id), Some(kind), Some(written)) =
            (tag.value("Id"), tag.value("Type"), tag.attribute("Target"))
        else {
            continue;
        };
        let target = written.meaning();
        let external = tag.value("TargetMode").as_deref() == Some("External");
        let target = match target.strip_prefix('/') {
            _ if external => target,
            Some(absolute) => absolute.to_owned(),
            None => resolve(folder, &target),
        };
        let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
        let written = (written.text.to_owned(), written.at);
        relations.insert(id, Relation { kind, target, external, written, told: Cell::new(false) });
    }
    markup.finish(layout);
    Ok(relations)
}

/// `../media/x` from a folder.
pub(super) fn resolve(folder: &str, target: &str) -> String {
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => {
                steps.pop();
            }
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_goes_with_what_was_written_over() {
        let over = |splices: &[(Range<usize>, &str)]| {
            let splices: Vec<_> =
                splices.iter().map(|(range, text)| (range.clone(), (*text).to_owned())).collect();
            String::from_utf8(spliced(b"", "0123456789", &splices)).unwrap()
        };
        assert_eq!(over(&[(1..2, "a"), (2..4, "b")]), "0ab456789");
        assert_eq!(over(&[(1..8, "a"), (2..4, "b"), (8..9, "c")]), "0ac9");
        assert_eq!(over(&[(1..4, "a"), (2..6, "b")]), "0a6789");
        assert_eq!(over(&[(1..4, ""), (1..6, "b")]), "06789");
    }
}
