//! Copies that are looked through before they are made, and read again after.

use std::{
    fs,
    io::{Cursor, Read},
    path::Path,
};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{archive, stdout, tacita};

const LETTER: &str =
    "Dear Mara Lind,\nwrite to mara.lind@example.org or +49 30 901820.\nThe case of Muster.\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("case")).expect("it is writable");
    fs::write(folder.path().join("case/letter.txt"), LETTER).expect("it is writable");
    folder
}

fn run(folder: &Path, args: &[&str], code: i32) -> String {
    let output = tacita(folder).args(args).output().expect("the binary is built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    stdout(output, code);
    said
}

fn letter(body: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let document =
        format!("<w:document><w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body></w:document>");
    let relations = b"<Relationships><Relationship Id=\"r1\" Type=\"http://x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let mut parts = vec![("_rels/.rels", &relations[..]), ("word/document.xml", document.as_bytes())];
    parts.extend_from_slice(others);
    archive(&parts)
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("it is an archive");
    let mut text = String::new();
    archive.by_name(name).expect(name).read_to_string(&mut text).expect("it is text");
    text
}

#[test]
fn what_a_person_decides_is_what_is_redacted() {
    let folder = folder();
    let said = run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    assert!(said.contains("3 findings in 1 files written to review.json"), "{said}");
    let path = folder.path().join("review.json");
    let mut review: Value =
        serde_json::from_slice(&fs::read(&path).expect("it was written")).expect("it is JSON");
    let findings = review["files"][0]["findings"].as_array_mut().expect("there are findings");
    assert_eq!(findings[1]["value"], "mara.lind@example.org");
    assert_eq!(findings[1]["place"], "line 2, column 10");
    findings[1]["redact"] = json!(false);
    findings.push(json!({"redact": true, "entity_type": "CASE", "value": "Muster"}));
    fs::write(&path, review.to_string()).expect("it is writable");
    run(folder.path(), &["redact", "case", "--reviewed", "review.json", "-o", "clean"], 0);
    let clean = fs::read_to_string(folder.path().join("clean/letter.txt")).expect("it was written");
    assert_eq!(
        clean,
        "Dear [PERSON_001],\nwrite to mara.lind@example.org or [PHONE_NUMBER_001].\nThe case of [CASE_001].\n"
    );
}

#[test]
fn a_review_is_of_these_bytes_and_of_every_file() {
    let folder = folder();
    run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    fs::write(folder.path().join("case/letter.txt"), LETTER.replace("Dear", "Dear me,"))
        .expect("it is writable");
    fs::write(folder.path().join("case/new.txt"), LETTER).expect("it is writable");
    let said = run(folder.path(), &["redact", "case", "--reviewed", "review.json", "-o", "clean"], 2);
    assert!(said.contains("letter.txt: failed, no copy: it has changed since it was reviewed"), "{said}");
    assert!(said.contains("new.txt: failed, no copy: it is not in the review"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("clean")).expect("it was made").count(), 0);
    fs::write(folder.path().join("review.json"), "{\"files\": 3}").expect("it is writable");
    let said = run(folder.path(), &["redact", "case", "--reviewed", "review.json", "-o", "clean"], 2);
    assert!(said.contains("`review.json` is no file of `redact --review`: line 1, column 11"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_review_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    let metadata = fs::metadata(folder.path().join("review.json")).expect("it was written");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn documents_come_back_in_their_own_format_and_are_restored() {
    let folder = folder();
    let document = letter("Call Mara Lind at +49 30 901820", &[]);
    let packed = archive(&[("letter.docx", &document), ("note.txt", LETTER.as_bytes())]);
    fs::write(folder.path().join("case/letter.docx"), &document).expect("it is writable");
    fs::write(folder.path().join("case/all.zip"), &packed).expect("it is writable");
    let keys = ["--vault", "v", "--key-file", "k"];
    let redact = [&["redact", "case", "-o", "clean", "--verify"], &keys[..]].concat();
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("3 files written, all verified, 0 skipped, 0 failed"), "{said}");
    let clean = fs::read(folder.path().join("clean/letter.docx")).expect("it was written");
    let body = part(&clean, "word/document.xml");
    assert!(body.contains("<w:t>Call [PERSON_001] at [PHONE_NUMBER_001]</w:t>"), "{body}");
    run(folder.path(), &[&["restore", "clean", "-o", "back"], &keys[..]].concat(), 0);
    for name in ["letter.docx", "all.zip"] {
        let back = fs::read(folder.path().join("back").join(name)).expect("it was written");
        let whole = if name == "all.zip" {
            assert_eq!(part(&back, "note.txt"), LETTER);
            let mut inner = Vec::new();
            let mut archive = ZipArchive::new(Cursor::new(&back[..])).expect("it is an archive");
            archive
                .by_name("letter.docx")
                .expect("it is there")
                .read_to_end(&mut inner)
                .expect("it is whole");
            inner
        } else {
            back
        };
        assert_eq!(part(&whole, "word/document.xml"), part(&document, "word/document.xml"), "{name}");
    }
}

#[test]
fn a_copy_in_which_something_is_left_does_not_appear() {
    let folder = folder();
    // A part that nothing points to, of a kind that is not read.
    let stray = b"\0\x01\x02\x03\x04\x05\x06\x07 Mara Lind +49 30 901820 \0\x01\x02\x03\x04\x05\x06\x07";
    let document = letter("Call Mara Lind at +49 30 901820", &[("word/media/old.png", stray)]);
    fs::write(folder.path().join("case/stray.docx"), &document).expect("it is writable");
    let said = run(folder.path(), &["redact", "case", "-o", "clean", "--verify"], 2);
    assert!(said.contains("stray.docx: failed, no copy: its copy is not clean"), "{said}");
    assert!(said.contains("word/media/old.png") && !said.contains("Mara"), "{said}");
    assert!(!folder.path().join("clean/stray.docx").exists());
    assert!(folder.path().join("clean/letter.txt").exists());
}

#[test]
fn a_run_goes_on_where_the_last_one_was() {
    let folder = folder();
    let keys = ["--vault", "v", "--key-file", "k", "--changed-since", "case/seen"];
    let redact = [&["redact", "case", "-o", "clean"], &keys[..]].concat();
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("3 places redacted, 1 files written, 0 skipped"), "{said}");
    fs::write(folder.path().join("case/new.txt"), "mara.lind@example.org\n").expect("it is writable");
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("1 places redacted, 1 files written, 1 unchanged, 0 skipped"), "{said}");
    let copy = |name: &str| fs::read_to_string(folder.path().join("clean").join(name)).expect(name);
    assert_eq!(copy("new.txt"), "[EMAIL_ADDRESS_001]\n");
    // A copy that is gone is made again.
    let first = copy("letter.txt");
    fs::remove_file(folder.path().join("clean/letter.txt")).expect("it was written");
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("1 files written, 1 unchanged"), "{said}");
    assert_eq!(copy("letter.txt"), first);
    let without_vault = run(folder.path(), &["redact", "case", "-o", "clean", "--changed-since", "seen"], 2);
    assert!(without_vault.contains("needs a `--vault`"), "{without_vault}");
}

#[test]
fn a_scan_of_what_changed_reads_the_rest_no_more() {
    let folder = folder();
    let scan = ["scan", "case", "--format", "csv", "--output", "report.csv", "--changed-since", "seen"];
    let report = || fs::read_to_string(folder.path().join("report.csv")).expect("it was written");
    run(folder.path(), &scan, 0);
    assert!(report().contains("letter.txt"));
    fs::write(folder.path().join("case/new.txt"), "mara.lind@example.org\n").expect("it is writable");
    run(folder.path(), &scan, 0);
    assert!(report().contains("new.txt") && !report().contains("letter.txt,"), "{}", report());
    run(folder.path(), &[&scan[..], &["--types", "EMAIL_ADDRESS"]].concat(), 0);
    assert!(report().contains("letter.txt"), "what was not looked for before is new");
}

/// Changes the review of the first file.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<Value>)) {
    let mut review: Value =
        serde_json::from_slice(&fs::read(path).expect("it was written")).expect("it is JSON");
    change(review["files"][0]["findings"].as_array_mut().expect("there are findings"));
    fs::write(path, review.to_string()).expect("it is writable");
}

#[test]
fn what_a_person_keeps_may_stand_in_a_verified_copy() {
    let folder = folder();
    let twice = format!("{LETTER}Mara Lind wrote this.\n");
    fs::write(folder.path().join("case/letter.txt"), twice).expect("it is writable");
    run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    // The name is kept in one place and redacted in the other.
    edit(&folder.path().join("review.json"), |findings| {
        for finding in &mut findings[..2] {
            finding["redact"] = json!(false);
        }
    });
    let redact = ["redact", "case", "--reviewed", "review.json", "-o", "clean", "--verify"];
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("1 files written, all verified"), "{said}");
    let clean = fs::read_to_string(folder.path().join("clean/letter.txt")).expect("it was written");
    assert!(clean.starts_with("Dear Mara Lind,\nwrite to mara.lind@example.org or [PHONE"), "{clean}");
    // What is in the review no more is neither redacted nor kept.
    edit(&folder.path().join("review.json"), |findings| drop(findings.remove(1)));
    let said = run(folder.path(), &redact, 2);
    assert!(said.contains("EMAIL_ADDRESS at line 2, column 10"), "{said}");
}

#[test]
fn errors_of_copies_show_no_value() {
    let folder = folder();
    let keyed = r#"{"mara.lind@example.org": {"phone": "+49 30 901820"}}"#;
    fs::remove_file(folder.path().join("case/letter.txt")).expect("it is ours");
    fs::write(folder.path().join("case/keyed.json"), keyed).expect("it is writable");
    run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    edit(&folder.path().join("review.json"), Vec::clear);
    let redact = ["redact", "case", "--reviewed", "review.json", "-o", "clean", "--verify"];
    let said = run(folder.path(), &redact, 2);
    assert!(said.contains("PHONE_NUMBER at /m***g/phone") && !said.contains("mara"), "{said}");
}

#[test]
fn an_edited_review_or_another_vault_makes_files_new() {
    let folder = folder();
    run(folder.path(), &["redact", "case", "--review", "review.json"], 0);
    let redact = |vault: &str, target: &str| {
        let keys = ["--vault", vault, "--key-file", "k", "--changed-since", "seen"];
        let args = [&["redact", "case", "--reviewed", "review.json", "-o", target], &keys[..]].concat();
        run(folder.path(), &args, 0)
    };
    assert!(redact("v", "clean").contains("1 files written, 0 skipped"));
    assert!(redact("v", "clean").contains("0 files written, 1 unchanged"));
    edit(&folder.path().join("review.json"), |findings| findings[1]["redact"] = json!(false));
    assert!(redact("v", "clean").contains("1 files written, 0 skipped"));
    assert!(redact("w", "clean").contains("1 files written, 0 skipped"));
    fs::create_dir(folder.path().join("other")).expect("it is writable");
    fs::write(folder.path().join("other/letter.txt"), "something else").expect("it is writable");
    assert!(redact("w", "other").contains("1 files written, 0 skipped"));
}

#[test]
fn a_file_that_changed_and_changed_back_is_copied_again() {
    let folder = folder();
    let keys = ["--vault", "v", "--key-file", "k", "--changed-since", "seen"];
    let redact = [&["redact", "case", "-o", "clean"], &keys[..]].concat();
    let copied = |text: &str| {
        fs::write(folder.path().join("case/letter.txt"), text).expect("it is writable");
        run(folder.path(), &redact, 0);
        fs::read_to_string(folder.path().join("clean/letter.txt")).expect("it was written")
    };
    let first = copied(LETTER);
    assert_eq!(copied("nobody"), "nobody");
    assert_eq!(copied(LETTER), first);
    let single = [&["redact", "case/letter.txt", "-o", "clean/letter.txt"], &keys[..]].concat();
    let said = run(folder.path(), &single, 2);
    assert!(said.contains("`--changed-since` is for the files of a folder"), "{said}");
}

#[test]
fn a_review_inside_of_the_folder_is_no_file_of_it() {
    let folder = folder();
    let review = ["redact", "case", "--review", "case/review.json"];
    run(folder.path(), &review, 0);
    let said = run(folder.path(), &review, 0);
    assert!(said.contains("3 findings in 1 files"), "{said}");
    // However the path is written, it is the same.
    let redact = ["redact", "./case", "--reviewed", "case/review.json", "-o", "clean"];
    let said = run(folder.path(), &redact, 0);
    assert!(said.contains("3 places redacted, 1 files written, 0 skipped, 0 failed"), "{said}");
    assert_eq!(fs::read_dir(folder.path().join("clean")).expect("it was made").count(), 1);
}
