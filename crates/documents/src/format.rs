//! The formats that are read, and which one a file is in.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Serialize, Serializer};

use crate::{Document, Limits, Note, ReadError, budget::Budget, formats, kinds, recognise::Recognise};

/// The formats, the more surely recognised first. A new one is a file in `formats` and a line here.
pub static FORMATS: &[&Format] = &[
    &formats::pdf::FORMAT,
    &formats::docx::FORMAT,
    &formats::xlsx::FORMAT,
    &formats::pptx::FORMAT,
    &formats::epub::FORMAT,
    &formats::odf::FORMAT,
    &formats::archive::ZIP,
    &formats::archive::TAR,
    &formats::compressed::GZIP,
    &formats::compressed::ZSTD,
    &formats::picture::FORMAT,
    &formats::rtf::FORMAT,
    &formats::msg::FORMAT,
    &formats::xls::FORMAT,
    &formats::ole::FORMAT,
    &formats::sqlite::FORMAT,
    &formats::sqlite_log::FORMAT,
    &formats::parquet::FORMAT,
    &formats::mbox::FORMAT,
    &formats::html::FORMAT,
    &formats::xml::FORMAT,
    &formats::notebook::FORMAT,
    &formats::json::JSON,
    &formats::json::LINES,
    &formats::yaml::FORMAT,
    &formats::csv::FORMAT,
    &formats::mail::FORMAT,
    &formats::text::TEXT,
    &formats::markdown::FORMAT,
    &formats::text::LOG,
    &formats::text::CODE,
];

/// A format: how to know it and how to read it.
pub struct Format {
    /// Short, for options and reports: `docx`.
    pub name: &'static str,
    /// For people: `Word document`.
    pub title: &'static str,
    /// Lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// Content types in mail and HTTP.
    pub media_types: &'static [&'static str],
    pub(crate) recognise: fn(&[u8]) -> Sight,
    pub(crate) read: for<'a> fn(&'a [u8], &Context<'_>) -> Result<Document<'a>, ReadError>,
}

/// How much the bytes look like a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    No,
    /// If the name says nothing else.
    Likely,
    Sure,
}

/// What a reader goes by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub limits: &'a Limits,
    pub budget: &'a Budget,
    /// What the file is called, or nothing.
    pub name: &'a str,
    /// Documents around this one.
    pub nesting: usize,
    /// The document is going to be written again.
    pub keep: bool,
    /// Who reads words in pictures, if anybody does.
    pub recognise: Option<&'a dyn Recognise>,
}

impl Context<'_> {
    /// That of a document within this one.
    pub(crate) fn inner(&self) -> Self {
        Self { nesting: self.nesting + 1, ..*self }
    }
}

impl Format {
    fn by_extension(name: &str) -> Option<&'static Self> {
        let extension = extension(name)?;
        FORMATS.iter().copied().find(|format| format.extensions.contains(&extension.as_str()))
    }

    fn by_media_type(media_type: &str) -> Option<&'static Self> {
        FORMATS.iter().copied().find(|format| format.media_types.contains(&media_type))
    }
}

/// The text of a file, with places.
///
/// `name` is a file name, a path or empty; its extension decides only where the content does not, since names lie.
///
/// # Errors
/// When the bytes are no document, are damaged or encrypted, or exceed a limit.
pub fn read<'a>(name: &str, bytes: &'a [u8], limits: &Limits) -> Result<Document<'a>, ReadError> {
    read_by(None, name, bytes, limits)
}

/// The same with the words that somebody recognises in pictures.
pub(crate) fn read_by<'a>(
    recognise: Option<&dyn Recognise>,
    name: &str,
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<Document<'a>, ReadError> {
    let budget = Budget::new(limits);
    let context = Context { limits, budget: &budget, name, nesting: 0, keep: false, recognise };
    read_within(name, None, bytes, &context)
}

/// The same for a document in others, of which a content type may be known.
pub(crate) fn read_within<'a>(
    name: &str,
    media_type: Option<&str>,
    bytes: &'a [u8],
    context: &Context<'_>,
) -> Result<Document<'a>, ReadError> {
    let limits = context.limits;
    if bytes.len() > limits.file_bytes.min(u32::MAX as usize) {
        return Err(ReadError::TooLarge(limits.file_bytes));
    }
    if context.nesting > limits.nesting {
        return Err(ReadError::TooDeep(limits.nesting));
    }
    guarded(format_of(name, media_type, bytes)?, bytes, &Context { name, ..*context })
}

/// The parsers are others' and some panic on what nobody thought of: such a file is read as text.
fn guarded<'a>(
    format: &'static Format,
    bytes: &'a [u8],
    context: &Context<'_>,
) -> Result<Document<'a>, ReadError> {
    catch_unwind(AssertUnwindSafe(|| (format.read)(bytes, context))).unwrap_or_else(|_| {
        let reason = "its reader failed on it";
        let mut document = formats::text::read(bytes, &formats::text::TEXT, context)
            .map_err(|_| ReadError::broken(format, reason))?;
        document.notes.push(Note::ReadAsText { format: format.title, reason: reason.to_owned() });
        Ok(document)
    })
}

/// The extension in lower case.
pub(crate) fn extension(name: &str) -> Option<String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
}

/// Whether bytes that nothing names are surely a document, or a kind of file that is not read.
pub(crate) fn is_known(bytes: &[u8]) -> bool {
    seen(bytes, Sight::Sure).is_some() || kinds::of(bytes).is_some()
}

fn seen(bytes: &[u8], sight: Sight) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| (format.recognise)(bytes) == sight)
}

fn format_of(name: &str, media_type: Option<&str>, bytes: &[u8]) -> Result<&'static Format, ReadError> {
    if let Some(format) = seen(bytes, Sight::Sure) {
        return Ok(format);
    }
    if let Some(kind) = kinds::of(bytes) {
        return Err(ReadError::UnknownKind(kind));
    }
    Ok(Format::by_extension(name)
        .or_else(|| media_type.and_then(Format::by_media_type))
        .or_else(|| seen(bytes, Sight::Likely))
        .unwrap_or(&formats::text::TEXT))
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format({})", self.name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}

/// As its name.
impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, Format, guarded};
    use crate::{Limits, budget::Budget, formats};

    static FAILS: Format =
        Format { name: "fails", title: "mail", read: |_, _| panic!("not this one"), ..formats::text::TEXT };

    #[test]
    fn a_parser_that_panics_is_no_reason_to_end() {
        let limits = Limits::default();
        let budget = Budget::new(&limits);
        let context =
            Context { limits: &limits, budget: &budget, name: "", nesting: 0, keep: false, recognise: None };
        let document = guarded(&FAILS, b"Mara Lind", &context).unwrap();
        assert_eq!(document.text(), "Mara Lind");
        assert_eq!(
            document.notes()[0].to_string(),
            "not valid mail (its reader failed on it): read as plain text"
        );
        let binary = guarded(&FAILS, &[0; 100], &context).unwrap_err();
        assert_eq!(binary.to_string(), "the mail is damaged: its reader failed on it");
    }
}
