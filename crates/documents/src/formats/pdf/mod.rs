//! PDF: the text of every page, notes and form fields, attached files, and who wrote it with what.
//!
//! A PDF is a program. It runs in a thread of its own, so that its time ends and a fault of its reader is no fault of
//! ours; [`guard`] measures what it unpacks to before that.

mod content;
mod copy;
mod cuts;
mod files;
mod guard;
mod instructions;
mod jpeg;
mod notes;
mod objects;
mod page;
mod picture;
mod scan;
mod streams;
mod values;

use std::{
    collections::HashSet,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use hayro_interpret::hayro_syntax::{
    LoadPdfError, Pdf,
    object::{Array, Dict, Name},
};
use memchr::memmem;

use self::{
    copy::{page_key, pictures_key, text_key},
    files::files,
    notes::{Aside, asides},
    objects::Said,
    page::{PageText, read_page},
    scan::{Scan, scan},
};
use crate::{
    Document, Limits, Marks, Note, Part, Place, ReadError,
    deadline::Deadline,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
};

pub(crate) static FORMAT: Format = Format {
    name: "pdf",
    title: "PDF",
    extensions: &["pdf"],
    media_types: &["application/pdf"],
    recognise: |bytes| {
        let head = &bytes[..bytes.len().min(1024)];
        let sure = head.starts_with(b"%PDF-")
            || (memmem::find(head, b"%PDF-").is_some() && memmem::rfind(bytes, b"startxref").is_some());
        if sure { Sight::Sure } else { Sight::No }
    },
    read,
};

/// Its reader calls itself for each object in an object.
pub(super) const STACK: usize = 64 << 20;
/// Pages that were read and not yet laid out: pictures of them are large.
const WAITING: usize = 4;

fn read<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let limits = context.limits;
    guard::check(bytes, limits)?;
    let mut layout = Layout::new(&FORMAT, bytes, context);
    layout.written_by(copy::write);
    let deadline = context.budget.deadline;
    for found in start(bytes, limits, deadline, context.recognise.is_some())? {
        match found? {
            Found::Property(name, value) => {
                let spot = layout.place(Place::Property { name: name.clone() });
                layout.said(&text_key(&value), &name, &value, spot);
            }
            Found::Page { page, text, asides, scan } => {
                lay_out(page, &text, &asides, &mut layout);
                if text.pictures > 0 {
                    layout.note(Note::Pictures(text.pictures));
                }
                let seen = scan.is_some_and(|scan| lay_out_scan(page, &scan, &mut layout, context));
                if text.is_picture && !seen {
                    layout.note(Note::PictureOnly(page));
                    layout.unseen(&pictures_key(page));
                }
            }
            Found::File { key, name, content } => {
                let read = read_within(&name, None, &content, &context.inner());
                match key {
                    Some(key) => layout.take_in_as(&key, &Part::Attachment(name), read),
                    None => layout.lose(|layout| layout.take_in(&Part::Attachment(name), read)),
                }
            }
            Found::Hidden => {
                let reason = "what forms draw in them is not read".to_owned();
                layout.note(Note::Skipped { part: "hidden layers".to_owned(), reason });
            }
            Found::Fault => layout.note(Note::Damaged("a page can't be read".to_owned())),
        }
    }
    layout.finish()
}

fn lay_out(page: u32, text: &PageText, asides: &[Aside], layout: &mut Layout<'_>) {
    let place = Place::Page { page };
    if !text.text.trim().is_empty() {
        let spot = layout.place(place.clone());
        layout.painted(&page_key(page), &text.text, spot);
        if text.unknown > 0 {
            let reason = "their fonts do not tell what they show".to_owned();
            let part = format!("{} of {} signs on {place}", text.unknown, text.glyphs);
            layout.note(Note::Skipped { part, reason });
        }
    }
    for Aside { label, text, marks } in asides {
        let spot = layout.place(place.clone());
        layout.mark(*marks);
        layout.said(&text_key(text), label, text, spot);
        layout.mark(Marks::default());
    }
}

/// The words on a page that is a picture, if there are any. Half of the time is for what has words of its own.
fn lay_out_scan(page: u32, scan: &Scan, layout: &mut Layout<'_>, context: &Context<'_>) -> bool {
    // What was recognised before is known at once.
    if !context.keep && context.budget.deadline.left() < context.limits.time / 2 {
        return false;
    }
    let words = context.recognise.map(|program| program.words(&scan.picture)).unwrap_or_default();
    let (mut text, mut boxes) = (String::new(), Vec::new());
    for word in &words {
        if !text.is_empty() {
            text.push(if word.begins_line { '\n' } else { ' ' });
        }
        let start = text.len();
        text.push_str(&word.text);
        boxes.push((start..text.len(), scan.area(word)));
    }
    if !words.is_empty() {
        let spot = layout.place(Place::Page { page });
        layout.note(Note::Recognised(page));
        layout.scanned(&pictures_key(page), &text, boxes, spot);
    }
    !words.is_empty()
}

/// What comes out of the thread.
enum Found {
    Property(String, String),
    Page {
        page: u32,
        text: PageText,
        asides: Vec<Aside>,
        /// How it looks, if it is to be recognised.
        scan: Option<Scan>,
    },
    File {
        /// By which its writer knows it, unless no copy has it.
        key: Option<String>,
        name: String,
        content: Vec<u8>,
    },
    /// Layers that are not shown, and not read.
    Hidden,
    /// The reader failed after it had begun.
    Fault,
}

fn start(
    bytes: &[u8],
    limits: &Limits,
    deadline: Deadline,
    scans: bool,
) -> Result<impl Iterator<Item = Result<Found, ReadError>>, ReadError> {
    let (sender, receiver) = sync_channel(WAITING);
    let (bytes, limits) = (bytes.to_vec(), limits.clone());
    let time = limits.time;
    thread::Builder::new()
        .name("pdf".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            if let Err(error) = run(bytes, &limits, deadline, scans, &sender) {
                // Nobody listens any more, or the deadline is over: no one to tell either way.
                let _ = sender.send(Err(error));
            }
            let _ = sender.send(Ok(None));
        })
        .map_err(|error| ReadError::broken(&FORMAT, format_args!("no thread to read it in: {error}")))?;
    let mut begun = false;
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let found = receive(&receiver, deadline, time, begun);
        begun = true;
        ended = matches!(found, None | Some(Err(_) | Ok(Found::Fault)));
        found
    }))
}

type Sent = Result<Option<Found>, ReadError>;

fn receive(
    receiver: &Receiver<Sent>,
    deadline: Deadline,
    time: Duration,
    begun: bool,
) -> Option<Result<Found, ReadError>> {
    match receiver.recv_timeout(deadline.left()) {
        Ok(Ok(Some(found))) => Some(Ok(found)),
        Ok(Ok(None)) => None,
        Ok(Err(error)) => Some(Err(error)),
        Err(RecvTimeoutError::Timeout) => Some(Err(ReadError::TooSlow(time))),
        // The thread itself gives up after the deadline.
        Err(RecvTimeoutError::Disconnected) if deadline.is_over() => Some(Err(ReadError::TooSlow(time))),
        Err(RecvTimeoutError::Disconnected) if begun => Some(Ok(Found::Fault)),
        Err(RecvTimeoutError::Disconnected) => {
            Some(Err(ReadError::broken(&FORMAT, "its objects can't be read")))
        }
    }
}

/// In the thread. Ends when nobody listens any more.
fn run(
    bytes: Vec<u8>,
    limits: &Limits,
    deadline: Deadline,
    scans: bool,
    sender: &SyncSender<Sent>,
) -> Result<(), ReadError> {
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(_) => ReadError::Encrypted(FORMAT.title),
        LoadPdfError::Invalid => ReadError::broken(&FORMAT, "its objects can't be found"),
    })?;
    let pages = pdf.pages();
    if pages.len() > limits.pages {
        return Err(ReadError::TooMany { what: "pages", limit: limits.pages });
    }
    let metadata = pdf.metadata();
    let mut told = HashSet::new();
    for (name, value) in [
        ("title", &metadata.title),
        ("author", &metadata.author),
        ("subject", &metadata.subject),
        ("keywords", &metadata.keywords),
        ("creator", &metadata.creator),
        ("producer", &metadata.producer),
    ] {
        let value = value.as_ref().map(|value| text_string(value)).unwrap_or_default();
        if value.trim().is_empty() {
            continue;
        }
        told.insert(value.clone());
        if sender.send(Ok(Some(Found::Property(name.to_owned(), value)))).is_err() {
            return Ok(());
        }
    }
    for (index, page) in pages.iter().enumerate() {
        let (mut text, _) = read_page(page, &pdf, deadline);
        let mut asides = asides(page);
        let marked = text.marks.drain(..).filter(|mark| !told.contains(mark));
        asides.extend(marked.map(|text| Aside { label: String::new(), text, marks: Marks::default() }));
        told.extend(asides.iter().map(|aside| aside.text.clone()));
        let in_time = deadline.left() >= limits.time / 2;
        let scan = if scans && in_time && text.may_be_picture { scan(page, &pdf) } else { None };
        let found = Found::Page { page: index as u32 + 1, text, asides, scan };
        if sender.send(Ok(Some(found))).is_err() {
            return Ok(());
        }
    }
    if has_hidden_layers(&pdf) && sender.send(Ok(Some(Found::Hidden))).is_err() {
        return Ok(());
    }
    for file in files(&pdf).take(limits.entries) {
        if sender.send(Ok(Some(file))).is_err() {
            return Ok(());
        }
    }
    let said = objects::read(&pdf, told, limits.entries);
    for said in said.ok_or(ReadError::TooMany { what: "entries", limit: limits.entries })? {
        let found = match said {
            Said::Text(key, text) => Found::Property(key, text),
            // No copy has it.
            Said::File(name, content) => Found::File { key: None, name: name.to_owned(), content },
        };
        if sender.send(Ok(Some(found))).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether layers are hidden when the file is opened (ISO 32000-2 §8.11.4.3).
fn has_hidden_layers(pdf: &Pdf) -> bool {
    let layers = || {
        let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
        catalog.get::<Dict<'_>>("OCProperties")?.get::<Dict<'_>>("D")
    };
    let is_off =
        |layers: &Dict<'_>| layers.get::<Name<'_>>("BaseState").is_some_and(|state| *state == *b"OFF");
    let some_off =
        |layers: &Dict<'_>| layers.get::<Array<'_>>("OFF").is_some_and(|off| off.raw_iter().next().is_some());
    layers().is_some_and(|layers| is_off(&layers) || some_off(&layers))
}

/// UTF-16 or UTF-8 with a mark, else PDF's own encoding: Latin-1 but for these signs (ISO 32000-2 annex D.3).
pub(super) fn text_string(bytes: &[u8]) -> String {
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const HIGH: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ',
        'ﬂ', 'Ł', 'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{9f}', '€',
    ];
    let letter = |byte: &u8| match byte {
        0x18..=0x1F => LOW[usize::from(byte - 0x18)],
        0x80..=0xA0 => HIGH[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    match bytes {
        [0xFE, 0xFF, text @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(text).0.into_owned(),
        [0xFF, 0xFE, text @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(text).0.into_owned(),
        [0xEF, 0xBB, 0xBF, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        text => text.iter().map(letter).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::fixtures::place;
    use crate::{Limits, Note, ReadError, fixtures::pdf, read};

    fn letter() -> Vec<u8> {
        pdf(
            &[
                "BT /F1 12 Tf 50 700 Td (Dear Mara Lind,) Tj 0 -14 Td [(call) -300 (030) -278 (12) 5 (34)] TJ \
                 200 0 Td (right) Tj ET",
                "q 100 0 0 100 0 0 cm /Im1 Do BI /W 1 /H 1 /CS /G /BPC 8 ID \x01 EI Q",
                "BT /F1 12 Tf 50 700 Td (bold) Tj ET BT /F1 12 Tf 50.2 700 Td (bold) Tj 3 Tr 0 -20 Td (hidden) Tj ET",
            ],
            "/Annots [10 0 R 11 0 R 12 0 R]",
            &[
                "<< /Subtype /Text /Contents (ask him) /T (Eva Roth) /Rect [0 0 1 1] >>",
                "<< /Subtype /Link /A << /S /URI /URI (mailto:mara@example.org) >> /Rect [0 0 1 1] >>",
                "<< /Subtype /Widget /FT /Tx /T (phone) /V <FEFF00300034003000200035> /Rect [0 0 1 1] >>",
                "<< /Author (Jan Roth) /Title <FEFF0046006F006F> >>",
                "<< /Type /Filespec /F (people.csv) /EF << /F 15 0 R >> >>",
                "<< /Type /EmbeddedFile /Length 35 >>\nstream\nname,email\nIda,ida.roth@example.org\nendstream",
            ],
            "/Info 13 0 R",
        )
    }

    #[test]
    fn reads_pages_notes_fields_files_and_properties() {
        let bytes = letter();
        let document = read("letter", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "pdf");
        for (needle, expected) in [
            ("Mara Lind", "page 1, line 1"),
            ("call 030 1234", "page 1, line 2"),
            ("hidden", "page 3, line 2"),
            ("note: ask him", "page 1, line 1"),
            ("mailto:mara@example.org", "page 1, line 1 (link)"),
            ("040 5", "page 1, line 1"),
            ("Jan Roth", "property author"),
            ("Foo", "property title"),
            ("ida.roth@", "attachment people.csv: row 2, column email"),
            ("people.csv", "property F"),
        ] {
            assert_eq!(place(&document, needle), expected, "{}", document.text());
        }
        assert!(document.text().contains("1234\tright\n"));
        assert!(document.text().contains("phone: 040 5"));
        assert_eq!(document.text().matches("bold").count(), 1);
        assert_eq!(document.notes(), [Note::PictureOnly(2)]);
    }

    #[test]
    fn names_what_is_wrong() {
        let limits = Limits::default();
        let broken = |bytes: &[u8]| read("a.pdf", bytes, &limits).unwrap_err();
        assert!(matches!(broken(b"%PDF-1.7\nnothing"), ReadError::Broken { .. }));
        let encrypted = pdf(
            &["BT ET"],
            "",
            &[
                "<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <0101010101010101010101010101010101010101010101010101010101010101> \
               /U <0202020202020202020202020202020202020202020202020202020202020202> >>",
            ],
            "/Encrypt 6 0 R /ID [<01> <01>]",
        );
        assert_eq!(broken(&encrypted), ReadError::Encrypted("PDF"));
        let many = pdf(&["BT ET"; 20], "", &[], "");
        let limits = Limits { pages: 10, ..Limits::default() };
        assert_eq!(
            read("a.pdf", &many, &limits).unwrap_err(),
            ReadError::TooMany { what: "pages", limit: 10 }
        );
    }

    #[test]
    fn reads_what_a_truncated_file_still_has() {
        let bytes = letter();
        let cut = bytes.len() - bytes.len() / 4;
        let document = read("a.pdf", &bytes[..cut], &Limits::default()).unwrap();
        assert!(document.text().contains("Mara Lind"));
    }

    #[test]
    fn ends_in_time() {
        let loops = "BT /F1 12 Tf (x) Tj ET\n".repeat(60_000);
        let bytes = pdf(&[loops.as_str(); 5], "", &[], "");
        let limits = Limits { time: std::time::Duration::from_millis(1), ..Limits::default() };
        assert_eq!(read("a.pdf", &bytes, &limits).unwrap_err(), ReadError::TooSlow(limits.time));
    }

    #[test]
    fn survives_deep_nesting() {
        for deep in ["[".repeat(1 << 16), "<<".repeat(1 << 16), "<</a ".repeat(1 << 16), "(".repeat(1 << 16)]
        {
            let bytes = pdf(&[&deep], "", &[&deep], "");
            let _ = read("a.pdf", &bytes, &Limits::default());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_files_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = letter();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = read("a.pdf", &bytes, &Limits::default());
        }
    }
}
