//! Documents with a value in every corner of their format, made by programs that people use: each is found, and none is left
//! in a copy. `tests/corners/make.py` makes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use zip::ZipArchive;

use crate::{stdout, tacita};

/// Layers in layers that are opened when a copy is searched.
const LAYERS: usize = 6;
/// The shortest run of base64 that could hold a value.
const SHORTEST: usize = 24;

/// What `make.py` says it has planted.
#[derive(Deserialize)]
struct Corners {
    /// The values of each file.
    planted: BTreeMap<String, Vec<String>>,
    /// Those of them that no reader finds, with the reason.
    unread: BTreeMap<String, String>,
    /// Those that are found, and of which a copy keeps a piece that is no value any more, with the reason.
    fragments: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corners")
}

fn corners() -> Corners {
    let listed = fs::read(folder().join("corners.json")).expect("it lies beside the samples");
    serde_json::from_slice(&listed).expect("it is what `make.py` writes")
}

/// What a scan found and said, by the name of the file.
#[derive(Debug, Default)]
struct Scan {
    found: BTreeMap<String, Vec<String>>,
    formats: BTreeMap<String, String>,
}

fn scan(folder: &Path, files: &str) -> Scan {
    let args = ["scan", files, "--show-values", "--types", "EMAIL_ADDRESS", "--format", "jsonl"];
    let output = tacita(folder).args(args).output().expect("the binary is built");
    let mut scan = Scan::default();
    let code = output.status.code().expect("it ended by itself");
    for line in stdout(output, code).lines() {
        let line: Value = serde_json::from_str(line).expect("it is JSON");
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let path = text("path");
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        if line["value"].is_string() {
            scan.found.entry(name).or_default().push(text("value"));
        } else if line["format"].is_string() {
            scan.formats.insert(name, text("format"));
        }
    }
    scan
}

/// `docx-notes-comment`, without the sign that some formats write in their own way.
fn stem(value: &str) -> &str {
    value.split_once('@').map_or(value, |(stem, _)| stem)
}

/// Whether the value of this stem stands there, with its sign as it is or as URLs and names of styles have it. Programs make
/// names of their own out of headings, without the sign: those are no values.
fn holds(bytes: &[u8], stem: &str) -> bool {
    let signs: [&[u8]; 3] = [b"@", b"%40", b"_40_"];
    memchr::memmem::find_iter(bytes, stem)
        .any(|at| signs.iter().any(|sign| bytes[at + stem.len()..].starts_with(sign)))
}

#[test]
fn every_corner_is_read() {
    let Corners { planted, unread, .. } = corners();
    let scan = scan(&folder(), "files");
    let (mut missed, mut closed) = (Vec::new(), Vec::new());
    for (file, values) in &planted {
        let found = scan.found.get(file).map(Vec::as_slice).unwrap_or_default();
        for value in values {
            match (found.iter().any(|found| holds(found.as_bytes(), stem(value))), unread.contains_key(value))
            {
                (false, false) => missed.push(value.as_str()),
                (true, true) => closed.push(value.as_str()),
                _ => {}
            }
        }
    }
    assert!(missed.is_empty(), "not read: {missed:#?}");
    assert!(closed.is_empty(), "read now, so no longer to be listed as unread: {closed:#?}");
    let known: BTreeSet<&String> = planted.values().flatten().collect();
    let strange: Vec<&String> = unread.keys().filter(|value| !known.contains(value)).collect();
    assert!(strange.is_empty(), "listed as unread and planted nowhere: {strange:#?}");
    assert!(planted.len() >= 60, "{} files", planted.len());
}

#[test]
fn no_corner_is_left_in_a_copy() {
    let Corners { planted, unread, fragments } = corners();
    let home = tempfile::tempdir().expect("a temporary folder");
    let clean = home.path().join("clean");
    let output = tacita(&folder())
        .args(["redact", "files", "--types", "EMAIL_ADDRESS", "--verify", "--output"])
        .arg(&clean)
        .output()
        .expect("the binary is built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    stdout(output, 0);
    let mut copies = Vec::new();
    walk(&clean, &mut copies);
    let again = scan(home.path(), "clean");
    let before = scan(&folder(), "files").formats;
    let mut left = BTreeSet::new();
    for copy in &copies {
        let name = copy.file_name().expect("it is a file").to_string_lossy().into_owned();
        let bytes = fs::read(copy).expect("it is there");
        // A copy of a format that is not written is a text beside the name of its file.
        let file =
            planted.keys().filter(|file| name.starts_with(file.as_str())).max_by_key(|file| file.len());
        let file = file.unwrap_or_else(|| panic!("{name} is a copy of nothing"));
        let values: Vec<&str> = planted[file]
            .iter()
            .filter(|value| !unread.contains_key(*value))
            .map(|value| stem(value))
            .collect();
        let mut layers = Layers { values: &values, left: BTreeSet::new() };
        layers.open(&bytes, 0);
        let known = fragments.keys().filter(|value| planted[file].contains(value)).map(|value| stem(value));
        let known: BTreeSet<&str> = known.collect();
        assert!(known.is_subset(&layers.left), "no piece is left, so no longer to be listed: {known:?}");
        left.extend(layers.left.difference(&known).map(|value| format!("{name}: {value} in its bytes")));
        for value in again.found.get(&name).into_iter().flatten() {
            if values.iter().any(|stem| holds(value.as_bytes(), stem)) {
                left.insert(format!("{name}: {value} is read"));
            }
        }
        if name == *file {
            assert_eq!(again.formats.get(&name), before.get(file), "{name} is what it was");
        }
    }
    assert!(left.is_empty(), "left: {left:#?}");
    assert_eq!(copies.len(), planted.len(), "{said}");
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("it can be listed").flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A copy, opened by nothing that the program itself opens files with.
struct Layers<'v> {
    values: &'v [&'v str],
    left: BTreeSet<&'v str>,
}

impl Layers<'_> {
    fn open(&mut self, bytes: &[u8], depth: usize) {
        self.search(bytes);
        // Text in UTF-16, at either parity.
        for start in 0..2 {
            let bytes: Vec<u8> = bytes.iter().skip(start).step_by(2).copied().collect();
            self.search(&bytes);
        }
        if depth == LAYERS {
            return;
        }
        if let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) {
            self.search(archive.comment());
            for index in 0..archive.len() {
                let Ok(mut entry) = archive.by_index(index) else { continue };
                let mut content = Vec::new();
                entry.read_to_end(&mut content).expect("the copy is whole");
                self.open(&content, depth + 1);
            }
        }
        let mut content = Vec::new();
        if bytes.starts_with(b"\x1f\x8b") && MultiGzDecoder::new(bytes).read_to_end(&mut content).is_ok() {
            self.open(&content, depth + 1);
        }
        for run in base64(bytes) {
            self.open(&run, depth + 1);
        }
        if let Some(meant) = quoted_printable(bytes) {
            self.search(&meant);
        }
    }

    fn search(&mut self, bytes: &[u8]) {
        // Some programs change the case of what is no text to them.
        let lower = bytes.to_ascii_lowercase();
        let values = self.values.iter().copied();
        self.left.extend(values.filter(|value| holds(&lower, value)));
    }
}

/// Runs of base64, broken into lines or not.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    let runs = bytes.split(|byte| !digit(byte)).filter(|run| run.len() >= SHORTEST);
    let decoded = runs.filter_map(|run| {
        let digits: Vec<u8> = run.iter().copied().filter(|byte| !b"=\r\n".contains(byte)).collect();
        let whole = &digits[..digits.len() - digits.len() % 4];
        data_encoding::BASE64_NOPAD.decode(if digits.len() % 4 == 1 { whole } else { &digits }).ok()
    });
    decoded.collect()
}

/// The text with its escapes read, if there are any: `=40` is `@`.
fn quoted_printable(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr(b'=', bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'=', [b'\n', behind @ ..] | [b'\r', b'\n', behind @ ..]) => rest = behind,
            (b'=', [high, low, behind @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                match (digit(*high), digit(*low)) {
                    (Some(high), Some(low)) => {
                        out.push((high * 16 + low) as u8);
                        rest = behind;
                    }
                    _ => out.push(b'='),
                }
            }
            _ => out.push(*first),
        }
    }
    Some(out)
}
