//! A folder of files that mean harm: none ends the scan, takes what is not its own, or writes anywhere.
#![cfg(unix)]

use std::{collections::BTreeSet, fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use crate::{archive, stdout, tacita};

const GOOD: &str = "write to mara.lind@example.org\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).expect("memory is writable");
    out.finish().expect("memory is writable")
}

/// Archives in archives, each of many copies of the one below.
fn nested(levels: usize) -> Vec<u8> {
    let mut inner = archive(&[("a.txt", &vec![b' '; 1 << 20])]);
    for _ in 0..levels {
        let names: Vec<String> = (0..16).map(|n| format!("{n}.zip")).collect();
        inner = archive(&names.iter().map(|name| (name.as_str(), &inner[..])).collect::<Vec<_>>());
    }
    inner
}

/// Each entity is ten of the one before.
fn laughs() -> String {
    let mut entities = String::from("<!ENTITY l0 \"ha\">");
    for n in 1..12 {
        entities.push_str(&format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)));
    }
    format!("<?xml version=\"1.0\"?><!DOCTYPE a [{entities}]><a>&l11;</a>")
}

/// Pages and forms that contain themselves.
fn cyclic_pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 9999999 /Parent 2 0 R >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>",
        "<< /Length 5 >>\nstream\n/F Do\nendstream",
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >> /Length 11 >>\nstream\n/F Do /F Do\nendstream",
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    for (number, object) in (1..).zip(objects) {
        out.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    out.extend(b"trailer\n<< /Size 6 /Root 1 0 R /Prev 9 >>\nstartxref\n9\n%%EOF\n");
    out
}

fn document(body: &str) -> Vec<u8> {
    let relations = b"<Relationships><Relationship Id=\"r1\" Type=\"http://x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let body = format!("<w:document><w:body>{body}</w:body></w:document>");
    archive(&[("_rels/.rels", relations), ("word/document.xml", body.as_bytes())])
}

fn fill(folder: &Path) {
    let laughs = laughs();
    let quadratic = format!(
        "<?xml version=\"1.0\"?><a {}>",
        (0..100_000).map(|n| format!("a{n}='' ")).collect::<String>()
    );
    let deep = format!("<?xml version=\"1.0\"?>{}", "<a>".repeat(1_000_000));
    let deep_json = "[".repeat(1_000_000);
    let deep_document = document(&"<w:tbl><w:tr><w:tc>".repeat(100_000));
    let one_line = format!("{} {GOOD}", "x".repeat(10 << 20));
    let traversal = archive(&[("../../escaped.txt", GOOD.as_bytes()), ("/tmp/escaped.txt", GOOD.as_bytes())]);
    let mut cut = archive(&[("good.txt", GOOD.as_bytes()), ("more.txt", GOOD.as_bytes())]);
    cut.truncate(cut.len() - 30);
    let files: [(&str, &[u8]); 17] = [
        ("flat.zip", &archive(&[("a.txt", &vec![b' '; 48 << 20])])),
        ("nested.zip", &nested(5)),
        ("bomb.txt.gz", &gzip(&vec![b'0'; 48 << 20])),
        ("laughs.xml", laughs.as_bytes()),
        ("laughs.docx", &document(&laughs)),
        ("quadratic.xml", quadratic.as_bytes()),
        ("deep.xml", deep.as_bytes()),
        ("deep.json", deep_json.as_bytes()),
        ("deep.docx", &deep_document),
        ("cyclic.pdf", &cyclic_pdf()),
        ("line.txt", one_line.as_bytes()),
        ("traversal.zip", &traversal),
        ("cut.zip", &cut),
        ("a-pdf.docx", &cyclic_pdf()),
        ("an-archive.txt", &traversal),
        (
            "noise.xlsx",
            &(0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>(),
        ),
        ("empty.pdf", b""),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("it is writable");
    }
    std::os::unix::fs::symlink("/etc/passwd", folder.join("link.txt")).expect("it is writable");
    std::os::unix::fs::symlink(".", folder.join("circle")).expect("it is writable");
    let pipe = std::process::Command::new("mkfifo").arg(folder.join("pipe.txt")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    fs::create_dir(folder.join("tiny")).expect("it is writable");
    for n in 0..2_000 {
        fs::write(folder.join(format!("tiny/{n}.txt")), "x").expect("it is writable");
    }
    fs::write(folder.join("zz-last.txt"), GOOD).expect("it is writable");
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("it can be listed").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn nothing_ends_the_scan_or_gets_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let around = folder.path().join("around");
    let case = around.join("case");
    fs::create_dir_all(&case).expect("it is writable");
    fill(&case);
    let scan = tacita(&around).args(["scan", "case", "--follow", "--format", "jsonl"]).output();
    let report = stdout(scan.expect("the binary is built"), 2);
    let lines: Vec<Value> =
        report.lines().map(|line| serde_json::from_str(line).expect("it is JSON")).collect();
    let of = |name: &str| {
        let path = format!("case/{name}");
        lines
            .iter()
            .filter(|line| line["path"] == *path)
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(of("zz-last.txt").contains("EMAIL_ADDRESS"), "what comes last is read");
    for (name, said) in [
        ("flat.zip", "the limit against archive bombs"),
        ("nested.zip", "raise it with"),
        ("bomb.txt.gz", "--max-ratio"),
        ("deep.xml", "nested deeper"),
        ("deep.json", "nested deeper"),
        ("deep.docx", "nested deeper"),
        ("line.txt", "EMAIL_ADDRESS"),
        ("traversal.zip", "EMAIL_ADDRESS"),
        ("an-archive.txt", "EMAIL_ADDRESS"),
        ("pipe.txt", "not a regular file"),
    ] {
        assert!(of(name).contains(said), "{name}: {}", of(name));
    }
    assert_eq!(names(&around), BTreeSet::from(["case".to_owned()]), "nothing was written beside it");
    let redact =
        tacita(&around).args(["redact", "case", "-o", "clean"]).output().expect("the binary is built");
    assert_eq!(redact.status.code(), Some(2));
    assert_eq!(names(&around), BTreeSet::from(["case".to_owned(), "clean".to_owned()]));
    assert!(!Path::new("/tmp/escaped.txt").exists() && !folder.path().join("escaped.txt").exists());
}
