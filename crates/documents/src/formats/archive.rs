//! Archives: every file in them is read as the file it is, archives in archives too.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    io::{self, Cursor, Read, Write},
};

use tar::EntryType;
use zip::{CompressionMethod, ZipArchive, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    Document, Note, Part, Place, ReadError, RewriteError,
    format::{Context, Format, Sight, read_within},
    layout::Layout,
    sources::{Change, Changes},
};

pub(crate) static ZIP: Format = Format {
    name: "zip",
    title: "ZIP archive",
    extensions: &["zip", "jar", "war"],
    media_types: &["application/zip", "application/x-zip-compressed"],
    // An empty archive has no file header; one that is split or runs as a program begins otherwise.
    recognise: |bytes| match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Sight::Sure,
        _ => Sight::No,
    },
    read: read_zip,
};

pub(crate) static TAR: Format = Format {
    name: "tar",
    title: "TAR archive",
    extensions: &["tar"],
    media_types: &["application/x-tar"],
    recognise: |bytes| {
        if bytes.get(257..262) == Some(b"ustar") { Sight::Sure } else { Sight::No }
    },
    read: read_tar,
};

fn read_zip<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let broken = |error: &ZipError| ReadError::broken(&ZIP, zip_reason(error));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    context.budget.enter(archive.len(), context.limits)?;
    let mut entries = Entries::new(&ZIP, bytes, context);
    entries.layout.written_by(write);
    entries.layout.lost("archive comment", &String::from_utf8_lossy(archive.comment()));
    for index in 0..archive.len() {
        // The name and what is said of the entry stand even where it can't be unpacked.
        let raw = archive.by_index_raw(index).map_err(|error| broken(&error))?;
        let name = raw.name().map_or_else(|_| format!("entry {}", index + 1), Cow::into_owned);
        if raw.is_dir() {
            entries.layout.lost("folder", &name);
            continue;
        }
        let packed = usize::try_from(raw.compressed_size()).unwrap_or(usize::MAX);
        entries.layout.lost("entry comment", raw.comment());
        drop(raw);
        match archive.by_index(index) {
            Ok(file) => entries.read(index, name, file, packed)?,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                entries.skip(name, ReadError::Encrypted("entry").to_string());
            }
            Err(error) => entries.skip(name, zip_reason(&error).to_owned()),
        }
    }
    entries.finish()
}

fn read_tar<'a>(bytes: &'a [u8], context: &Context<'_>) -> Result<Document<'a>, ReadError> {
    let mut archive = tar::Archive::new(bytes);
    let broken = |_| ReadError::broken(&TAR, "it is no whole TAR archive");
    let mut entries = Entries::new(&TAR, bytes, context);
    entries.layout.written_by(write_tar);
    for (number, entry) in archive.entries().map_err(broken)?.enumerate() {
        let Ok(entry) = entry else {
            entries.layout.note(Note::Damaged("the archive ends too early".to_owned()));
            break;
        };
        context.budget.enter(1, context.limits)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some(target) = entry.link_name_bytes() {
            entries.layout.lost("link target", &String::from_utf8_lossy(&target));
        }
        for owner in [entry.header().username(), entry.header().groupname()] {
            entries.owner(owner.ok().flatten().unwrap_or_default());
        }
        if entry.header().entry_type().is_file() || entry.header().entry_type().is_gnu_sparse() {
            // It lies unpacked in the archive; a sparse one may claim to be larger than that.
            entries.read(number, name, entry, bytes.len())?;
        } else if entry.header().entry_type().is_dir() {
            entries.layout.lost("folder", &name);
        }
    }
    entries.finish()
}

/// The files of an archive, one after the other.
struct Entries<'a, 'c> {
    layout: Layout<'a>,
    context: Context<'c>,
    owners: HashSet<String>,
    /// The names of those that are not read, by the reason.
    skipped: BTreeMap<String, Vec<String>>,
}

impl<'a, 'c> Entries<'a, 'c> {
    fn new(format: &'static Format, bytes: &'a [u8], context: &Context<'c>) -> Self {
        let layout = Layout::new(format, bytes, context);
        Self { layout, context: context.inner(), owners: HashSet::new(), skipped: BTreeMap::new() }
    }

    /// Reads a file by its content and name.
    fn read(
        &mut self,
        entry: usize,
        name: String,
        unpacked: impl Read,
        packed: usize,
    ) -> Result<(), ReadError> {
        // People call files after people.
        let spot = self.layout.place(Place::Property { name: "file name".to_owned() });
        self.layout.said(&name_key(entry), "file name", &name, spot);
        let Context { limits, budget, .. } = self.context;
        let read = match budget.unpack(unpacked, packed, limits) {
            Ok((bytes, Ok(_))) => match read_within(&name, None, &bytes, &self.context) {
                Ok(document) => {
                    self.layout.absorb_as(&key(entry), &Part::Entry(name), document);
                    return Ok(());
                }
                Err(reason) => reason,
            },
            Ok((_, Err(_))) => {
                self.skip(name, "it can't be unpacked".to_owned());
                return Ok(());
            }
            Err(reason) => reason,
        };
        if budget.is_spent() {
            return Err(read);
        }
        self.skip(name, read.to_string());
        Ok(())
    }

    fn skip(&mut self, name: String, reason: String) {
        self.skipped.entry(reason).or_default().push(name);
    }

    /// Every entry names whom it belongs to, mostly the same ones.
    fn owner(&mut self, name: &str) {
        if !name.is_empty() && self.owners.insert(name.to_owned()) {
            self.layout.lost("owner", name);
        }
    }

    /// An archive of a program holds thousands of files that are not read, for few reasons.
    fn finish(mut self) -> Result<Document<'a>, ReadError> {
        for (reason, names) in self.skipped {
            let part = match &names[..] {
                [name] => name.clone(),
                [first, rest @ ..] => format!("{first} and {} more", rest.len()),
                [] => continue,
            };
            self.layout.note(Note::Skipped { part, reason });
        }
        self.layout.finish()
    }
}

/// What becomes of an entry of the archive that is written.
pub(super) enum Fate<'c> {
    Keep,
    Write(&'c [u8]),
    LeaveOut,
}

impl<'c> Fate<'c> {
    /// That of a file in an archive. What was not read is not in the copy.
    fn of(entry: usize, changes: &'c Changes) -> Self {
        match changes.get(&key(entry)) {
            Some(Change::Write(bytes)) => Self::Write(bytes),
            Some(Change::Keep) => Self::Keep,
            _ => Self::LeaveOut,
        }
    }
}

/// By which the writer knows a file. Two may have the same name.
fn key(entry: usize) -> String {
    format!("entry {entry}")
}

/// By which it knows the file's name.
fn name_key(entry: usize) -> String {
    format!("name of entry {entry}")
}

/// The paths in an archive that is written.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// The path that an entry gets: a new one where something was found in it, inside the folder it is unpacked to, and no
    /// other's.
    fn of(&mut self, entry: usize, name: &str, changes: &Changes) -> String {
        let name = match changes.get(&name_key(entry)) {
            Some(Change::Write(new)) => String::from_utf8_lossy(new),
            _ => Cow::Borrowed(name),
        };
        let steps = name.split(['/', '\\']).filter(|step| !matches!(*step, "" | "." | ".."));
        let mut path = steps.collect::<Vec<_>>().join("/");
        if path.is_empty() {
            path.push_str("file");
        }
        let mut number = 1;
        let mut given = path.clone();
        while !self.0.insert(given.clone()) {
            number += 1;
            let at = path.rfind('.').filter(|at| !path[*at..].contains('/')).unwrap_or(path.len());
            given = format!("{} {number}{}", &path[..at], &path[at..]);
        }
        given
    }
}

/// An archive with its files changed, without its folders, which come with the files in them.
fn write(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let mut names = Names::default();
    write_zip(bytes, |entry, name| {
        let fate = Fate::of(entry, changes);
        let name = if let Fate::LeaveOut = fate { String::new() } else { names.of(entry, name, changes) };
        (name, fate)
    })
}

/// A ZIP archive anew: without comments, what systems add to entries, and bytes that belong to no entry. `fate` says what
/// becomes of an entry by its number and name, and what it is called.
pub(super) fn write_zip<'c>(
    bytes: &[u8],
    mut fate: impl FnMut(usize, &str) -> (String, Fate<'c>),
) -> Result<Vec<u8>, RewriteError> {
    let failed = |error: &ZipError| RewriteError::Unwritten(zip_reason(error));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| failed(&error))?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        // One that can't be unpacked was not read, and its name may still be clear.
        let raw = archive.by_index_raw(index).map_err(|error| failed(&error))?;
        if raw.is_dir() {
            continue;
        }
        let name = raw.name().map_or_else(|_| String::new(), Cow::into_owned);
        let method = match raw.compression() {
            CompressionMethod::Stored => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let mut options = SimpleFileOptions::default().compression_method(method);
        if let Some(time) = raw.last_modified() {
            options = options.last_modified_time(time);
        }
        drop(raw);
        let (name, fate) = fate(index, &name);
        if let Fate::LeaveOut = fate {
            continue;
        }
        out.start_file(name, options).map_err(|error| failed(&error))?;
        let written = match fate {
            Fate::Write(bytes) => out.write_all(bytes),
            _ => {
                let mut file = archive.by_index(index).map_err(|error| failed(&error))?;
                io::copy(&mut file, &mut out).map(drop)
            }
        };
        written.map_err(|_| RewriteError::Unwritten("an entry can't be copied"))?;
    }
    out.finish().map(Cursor::into_inner).map_err(|error| failed(&error))
}

/// A TAR archive anew: its files without their owners, no links, no folders, which come with the files in them.
fn write_tar(bytes: &[u8], changes: &Changes) -> Result<Vec<u8>, RewriteError> {
    let failed = |_| RewriteError::Unwritten("it is no whole TAR archive");
    let mut names = Names::default();
    let mut out = tar::Builder::new(Vec::new());
    for (number, entry) in tar::Archive::new(bytes).entries().map_err(failed)?.enumerate() {
        // Behind a fault nothing was read.
        let Ok(mut entry) = entry else { break };
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kept = entry.header();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(kept.mode().unwrap_or(0o644));
        header.set_mtime(kept.mtime().unwrap_or(0));
        let mut content = Vec::new();
        match Fate::of(number, changes) {
            Fate::Write(bytes) => content.extend_from_slice(bytes),
            Fate::Keep => {
                entry.read_to_end(&mut content).map_err(failed)?;
            }
            Fate::LeaveOut => continue,
        }
        header.set_size(content.len() as u64);
        out.append_data(&mut header, names.of(number, &name, changes), &*content).map_err(failed)?;
    }
    out.into_inner().map_err(failed)
}

/// What is wrong with a ZIP archive, in words.
pub(super) fn zip_reason(error: &ZipError) -> &'static str {
    match error {
        ZipError::InvalidArchive(_) => "it is no whole ZIP archive",
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            "it is packed in a way that is not supported"
        }
        _ => "it can't be unpacked",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};
    use proptest::prelude::*;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;
    use crate::{
        Limits,
        fixtures::{archive, damage, damages, docx, notes, pdf, place, replace},
        read,
    };

    fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in entries {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_username("mlind").unwrap();
            builder.append_data(&mut header, name, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut writer =
            GzBuilder::new().filename(name).comment("for Eva Roth").write(Vec::new(), Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.set_comment("packed by Tom Roth").unwrap();
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_copy_holds_every_file_rewritten_and_no_comment() {
        let letter = docx("<w:p><w:r><w:t>Eva Roth</w:t></w:r></w:p>", &[]);
        let page = pdf(&["BT /F1 12 Tf 50 700 Td (Dear Eva Roth) Tj ET"], "", &[], "");
        let inner = zip(&[
            ("letter.docx", &letter),
            ("page.pdf", &page),
            ("note.rtf", br"{\rtf1 Eva Roth}"),
            ("weather.rtf", br"{\rtf1 Weather}"),
        ]);
        let bytes =
            zip(&[("people.csv", PEOPLE), ("inner.zip", &inner), ("unknown.bin", &[0, 1, 2, 3, 0xff])]);
        let document = read("a.zip", &bytes, &Limits::default()).unwrap();
        let needles = ["Mara Lind", "Eva Roth", "packed by Tom Roth"];
        let rewritten = replace("a.zip", &document, &bytes, &needles).unwrap();
        assert_eq!(rewritten.left_out, ["inner.zip: note.rtf"]);
        let again = read("a.zip", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "[<1>]"), "people.csv: row 2, column name");
        assert!(again.text().contains("Weather") && again.text().contains("Dear [<1>]"));
        for gone in needles.into_iter().chain(["note.rtf", "unknown.bin"]) {
            assert!(!again.text().contains(gone), "{gone}");
        }
        assert_eq!(notes(&again), [""; 0]);
    }

    #[test]
    fn a_copy_of_a_packed_archive_has_new_names_and_no_owners() {
        let inner = tar(&[("people/eva.csv", PEOPLE), ("cv/Mara Lind.txt", b"Weather")]);
        let bytes = gzip("Mara Lind.tar", &inner);
        let document = read("a.tgz", &bytes, &Limits::default()).unwrap();
        let rewritten = replace("a.tgz", &document, &bytes, &["Mara Lind", "mlind", "Eva Roth"]).unwrap();
        let again = read("a.tgz", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "Weather"), "a.tar: cv/[<1>].txt: line 1, column 1");
        assert_eq!(place(&again, "[<1>]"), "a.tar: people/eva.csv: row 2, column name");
        for gone in ["Mara", "mlind", "Eva Roth"] {
            assert!(!again.text().contains(gone), "{gone} in {}", again.text());
        }
    }

    #[test]
    fn an_entry_without_a_comment_takes_nothing_from_the_one_before() {
        let bytes = zip(&[("a.txt", b"call Mara Lind\n"), ("b.txt", b"x")]);
        let document = read("a.zip", &bytes, &Limits::default()).unwrap();
        let rewritten = replace("a.zip", &document, &bytes, &["Mara Lind"]).unwrap();
        let again = read("a.zip", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "call [<1>]"), "a.txt: line 1, column 1");
    }

    #[test]
    fn entries_of_one_name_are_each_their_own() {
        let bytes = tar(&[("a.txt", b"call Mara Lind"), ("a.txt", b"weather is fine")]);
        let document = read("a.tar", &bytes, &Limits::default()).unwrap();
        let rewritten = replace("a.tar", &document, &bytes, &["Mara Lind"]).unwrap();
        assert!(!String::from_utf8_lossy(&rewritten.bytes).contains("Mara"));
        let again = read("a.tar", &rewritten.bytes, &Limits::default()).unwrap();
        assert_eq!(place(&again, "call [<1>]"), "a.txt: line 1, column 1");
        assert_eq!(place(&again, "weather"), "a 2.txt: line 1, column 1");
    }

    #[test]
    fn folders_and_ways_out_are_in_no_copy() {
        let bytes = zip(&[("Mara Lind/", b""), ("Mara Lind/a.txt", b"x"), ("../../etc/b.txt", b"y")]);
        let document = read("a.zip", &bytes, &Limits::default()).unwrap();
        assert!(document.text().contains("folder: Mara Lind/"));
        let rewritten = replace("a.zip", &document, &bytes, &["Mara Lind"]).unwrap();
        let archive = ZipArchive::new(Cursor::new(&rewritten.bytes)).unwrap();
        let mut names: Vec<String> = archive.file_names().flatten().map(Cow::into_owned).collect();
        names.sort_unstable();
        assert_eq!(names, ["[<1>]/a.txt", "etc/b.txt"]);
    }

    const PEOPLE: &[u8] = b"name,email\nMara Lind,mara@example.org\n";

    #[test]
    fn reads_what_lies_in_archives_in_archives() {
        let inner = tar(&[("people/eva.csv", PEOPLE), ("cv/Jan Roth.txt", b"Jan Roth, 030 123456")]);
        let bytes = zip(&[("backup.tar.gz", &gzip("backup.tar", &inner)), ("a.txt", b"call Ida Lind")]);
        let document = read("all.zip", &bytes, &Limits::default()).unwrap();
        assert_eq!(document.format().name, "zip");
        for (needle, expected) in [
            ("mara@example.org", "backup.tar.gz: backup.tar: people/eva.csv: row 2, column email"),
            ("030 123456", "backup.tar.gz: backup.tar: cv/Jan Roth.txt: line 1, column 11"),
            ("Ida Lind", "a.txt: line 1, column 6"),
            ("Tom Roth", "property archive comment"),
            ("for Eva Roth", "backup.tar.gz: property comment"),
            ("cv/Jan Roth.txt", "backup.tar.gz: backup.tar: property file name"),
            ("mlind", "backup.tar.gz: backup.tar: property owner"),
        ] {
            assert_eq!(place(&document, needle), expected);
        }
        assert_eq!(document.text().matches("mlind").count(), 1);
        assert_eq!(notes(&document), [""; 0]);
    }

    #[test]
    fn says_what_it_leaves_out_and_reads_the_rest() {
        let program = b"\x7fELF\x02\x01\x01\0\0\0";
        let bytes =
            zip(&[("1.so", program), ("2.so", program), ("a.txt", b"Ida Lind"), ("b.zip", b"PK\x03\x04x")]);
        let document = read("", &bytes, &Limits::default()).unwrap();
        assert_eq!(place(&document, "Ida Lind"), "a.txt: line 1, column 1");
        assert_eq!(
            notes(&document),
            [
                "skipped 1.so and 1 more: ELF program: this kind of file is not read",
                "skipped b.zip: the ZIP archive is damaged: it is no whole ZIP archive",
            ]
        );
    }

    #[test]
    fn a_locked_entry_is_said_not_passed_over() {
        // Bit 0 of the flags, in both headers of the entry: encrypted.
        let mut bytes = archive(&[("a.txt", "Ida Lind")]);
        bytes[6] |= 1;
        let central = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        bytes[central + 8] |= 1;
        let document = read("a.zip", &bytes, &Limits::default()).unwrap();
        assert_eq!(
            notes(&document),
            ["skipped a.txt: the entry is encrypted; save a copy without a password"]
        );
    }

    #[test]
    fn bombs_cost_what_a_file_may_cost() {
        let zeros = vec![b'0'; 8 << 20];
        let flat = zip(&[("bomb.txt", &zeros), ("a.txt", b"Ida Lind")]);
        let limits = Limits { ratio: 100, ..Limits::default() };
        let document = read("", &flat, &limits).unwrap();
        assert!(document.text().contains("Ida Lind"), "a bomb costs that entry alone");
        assert!(notes(&document)[0].starts_with("skipped bomb.txt: a part unpacks to more than 100 times"));
        // Each of these is small beside the one around it; together they are over the limit.
        let level = |inner: &[u8]| {
            zip(&(b'a'..=b'p')
                .map(|name| [name])
                .collect::<Vec<_>>()
                .iter()
                .map(|name| (std::str::from_utf8(name).unwrap(), inner))
                .collect::<Vec<_>>())
        };
        let nested = level(&level(&level(&zip(&[("bomb.txt", &zeros[..1 << 20])]))));
        let limits = Limits { text_bytes: 20 << 20, ..Limits::default() };
        assert_eq!(read("", &nested, &limits).unwrap_err(), ReadError::TooMuchText(20 << 20));
        let limits = Limits { entries: 100, ..Limits::default() };
        assert_eq!(
            read("", &nested, &limits).unwrap_err(),
            ReadError::TooMany { what: "entries", limit: 100 }
        );
        let limits = Limits { time: std::time::Duration::ZERO, ..Limits::default() };
        assert!(matches!(read("", &nested, &limits).unwrap_err(), ReadError::TooSlow(_)));
        let deep = (0..20).fold(b"Ida Lind".to_vec(), |inner, _| gzip("", &inner));
        assert_eq!(read("", &deep, &Limits::default()).unwrap_err(), ReadError::TooDeep(8));
    }

    #[test]
    fn a_cut_archive_gives_what_is_whole() {
        let whole = tar(&[("a.txt", b"Ida Lind"), ("b.txt", &[b'x'; 4000])]);
        let document = read("", &whole[..1800], &Limits::default()).unwrap();
        assert!(document.text().contains("Ida Lind"));
        assert!(!notes(&document).is_empty());
        let cut = gzip("a.txt", &PEOPLE.repeat(100));
        let error = read("", &cut[..cut.len() - 9], &Limits::default()).unwrap_err();
        assert_eq!(error.to_string(), "the gzip file is damaged: it can't be unpacked to its end");
    }

    proptest! {
        #[test]
        fn damaged_archives_do_not_panic(places in damages(1)) {
            let inner = tar(&[("a.csv", PEOPLE)]);
            for mut bytes in [zip(&[("a.tar", &inner), ("b.gz", &gzip("b", PEOPLE))]), inner.clone()] {
                damage(&mut bytes, &places);
                let _ = read("", &bytes, &Limits::default());
            }
        }
    }
}
