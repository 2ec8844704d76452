//! Random inputs that come close to real ones: parts of the samples, put together and broken.

use std::{
    fs,
    io::{Cursor, Read, Write},
    path::Path,
    sync::LazyLock,
};

use fastrand::Rng;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The sample documents, by file name.
pub(crate) static SAMPLES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| files("samples"));

/// These, and files of every format that is read, as programs write them.
static DOCUMENTS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let mut documents = files("crates/cli/tests/corners/files");
    documents.extend(SAMPLES.iter().cloned());
    documents
});

fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("the documents lie in the repository")
        .map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a document can be read"))
        })
        .collect();
    files.sort();
    files
}

/// Pieces that detectors and parsers look at twice.
const MORSELS: &[&str] = &[
    "@",
    "://",
    "%",
    "-----BEGIN ",
    "-----END ",
    "eyJ",
    "[PERSON_001]",
    "[LITERAL_001]",
    "\u{0}",
    "\u{feff}",
    "é",
    "ß",
    "中文",
    "😀",
    "\u{202e}",
    "e\u{301}",
    "\r\n",
    "\n\n",
    "\t",
    "\"",
    "\"\"",
    "'",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "<![CDATA[",
    "&amp;",
    "&#x41;",
    "&#0;",
    "\\u00e9",
    "\\ud800",
    "\\",
    "=?utf-8?Q?=41?=",
    "=\r\n",
    "From ",
    "Content-Type: multipart/mixed; boundary=x\n\n--x\n",
    "999999999999",
    "0000-00-00",
    "1.1.1.1",
    "::",
    "+49",
    "DE",
    "password: ",
    "IBAN ",
    "born on ",
    "Account: ",
];

/// A text of up to some kilobytes: slices of samples, morsels and noise. Sometimes long enough to span blocks.
pub(crate) fn text(rng: &mut Rng) -> String {
    let length = if rng.u8(..) < 8 { 100_000 } else { rng.usize(..4_000) };
    let mut text = String::new();
    while text.len() < length {
        match rng.u8(..10) {
            0..5 => text.push_str(&slice_of_sample(rng)),
            5..8 => text.push_str(MORSELS[rng.usize(..MORSELS.len())]),
            8 => {
                let (c, count) = (rng.char(..), rng.usize(..60));
                text.extend(std::iter::repeat_n(c, count));
            }
            _ => {
                let count = rng.usize(..40);
                text.extend((0..count).map(|_| rng.char(' '..='~')));
            }
        }
    }
    text
}

/// The bytes of a document after some accidents, under the name of one, its own or another's. Of a package one part has
/// them, since nothing is left to read of what is packed and damaged.
pub(crate) fn broken_document(rng: &mut Rng) -> (String, Vec<u8>) {
    let (name, bytes) = &DOCUMENTS[rng.usize(..DOCUMENTS.len())];
    let inside = bytes.starts_with(b"PK") && rng.u8(..4) > 0;
    let bytes = inside.then(|| damaged_inside(rng, bytes)).flatten().unwrap_or_else(|| damaged(rng, bytes));
    let name = if rng.u8(..4) == 0 { &DOCUMENTS[rng.usize(..DOCUMENTS.len())].0 } else { name };
    (name.clone(), bytes)
}

fn damaged(rng: &mut Rng, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.usize(..8) {
        damage(rng, &mut bytes);
    }
    bytes
}

/// Nothing if the package can't be opened.
fn damaged_inside(rng: &mut Rng, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut package = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = rng.usize(..package.len().max(1));
    let mut again = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..package.len() {
        let mut part = package.by_index(index).ok()?;
        let (name, mut content) = (part.name().ok()?.into_owned(), Vec::new());
        part.read_to_end(&mut content).ok()?;
        let content = if index == chosen { damaged(rng, &content) } else { content };
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        again.start_file(name, stored).ok()?;
        again.write_all(&content).ok()?;
    }
    Some(again.finish().ok()?.into_inner())
}

/// One accident: a flipped bit, a lost or doubled part, a morsel, another document's part, a cut.
pub(crate) fn damage(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        bytes.extend_from_slice(MORSELS[rng.usize(..MORSELS.len())].as_bytes());
        return;
    }
    let at = rng.usize(..bytes.len());
    let end = (at + rng.usize(..64)).min(bytes.len());
    match rng.u8(..7) {
        0 => bytes[at] ^= 1 << rng.u8(..8),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let part = bytes[at..end].repeat(rng.usize(1..20));
            drop(bytes.splice(at..at, part));
        }
        3 => drop(bytes.splice(at..end, MORSELS[rng.usize(..MORSELS.len())].bytes())),
        4 => {
            let (_, other) = &SAMPLES[rng.usize(..SAMPLES.len())];
            let from = rng.usize(..=other.len());
            drop(bytes.splice(at..end, other[from..].iter().take(200).copied()));
        }
        5 => bytes.truncate(at),
        _ => bytes[at] = rng.u8(..),
    }
}

fn slice_of_sample(rng: &mut Rng) -> String {
    let (_, bytes) = &SAMPLES[rng.usize(..SAMPLES.len())];
    let from = rng.usize(..=bytes.len());
    let to = bytes.len().min(from + rng.usize(..120));
    String::from_utf8_lossy(&bytes[from..to]).into_owned()
}
