//! Which files are read, and in which encodings.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{run_over, stdout, tacita};

const ADDRESS: &str = "mara.lind@example.org";

fn folder(files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("it is writable");
        fs::write(path, ADDRESS).expect("it is writable");
    }
    folder
}

/// The files that a scan with `args` finds something in.
fn found(folder: &Path, args: &[&str]) -> Vec<String> {
    let report = tacita(folder).args(["scan", ".", "-f", "csv"]).args(args).output();
    let report = stdout(report.expect("the binary is built"), 0);
    let path = |line: &str| line.split(',').next().expect("a line has a field").to_owned();
    report.lines().skip(1).map(path).collect()
}

#[test]
fn hidden_files_are_read_unless_told() {
    let folder = folder(&["a.txt", ".env", ".config/b.txt", ".git/c.txt"]);
    assert_eq!(found(folder.path(), &[]), ["./.config/b.txt", "./.env", "./a.txt"]);
    assert_eq!(found(folder.path(), &["--skip-hidden"]), ["./a.txt"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_when_told() {
    use std::os::unix::fs::symlink;
    let folder = folder(&["here/a.txt", "there/b.txt"]);
    let here = folder.path().join("here");
    symlink("../there", here.join("there")).expect("it is writable");
    symlink("../there/b.txt", here.join("c.txt")).expect("it is writable");
    assert_eq!(found(&here, &[]), ["./a.txt"]);
    assert_eq!(found(&here, &["--follow"]), ["./a.txt", "./c.txt", "./there/b.txt"]);
    // A link that leads back is an error of its own, and no scan without end.
    symlink(".", here.join("round")).expect("it is writable");
    let report = tacita(&here).args(["scan", ".", "--follow", "-f", "csv"]).output();
    let report = report.expect("the binary is built");
    assert!(String::from_utf8_lossy(&report.stderr).contains("leads back"), "{report:?}");
    stdout(report, 2);
}

/// `text` in UTF-16, little-endian and big-endian.
fn utf16(text: &str) -> [Vec<u8>; 2] {
    let units = || text.encode_utf16();
    [units().flat_map(u16::to_le_bytes).collect(), units().flat_map(u16::to_be_bytes).collect()]
}

#[test]
fn utf16_is_read_by_every_command() {
    let folder = folder(&[]);
    for mark in ["", "\u{feff}"] {
        for bytes in utf16(&format!("{mark}Grüße 🙂 {ADDRESS}, mehr nicht\n")) {
            for (args, start) in [
                (&["--offsets", "chars"][..], 8),
                (&["--offsets", "utf16"], 9),
                (&["--offsets", "bytes"], 13),
                (&["--profile", "presidio"], 8),
            ] {
                let found = run_over(tacita(folder.path()).arg("detect").args(args), &bytes);
                let found: Value = serde_json::from_str(&stdout(found, 0)).expect("JSON");
                assert_eq!(found["findings"][0]["entity_type"], "EMAIL_ADDRESS", "{args:?}");
                assert_eq!(found["findings"][0]["start"], start, "{args:?}");
            }
            let redacted = run_over(tacita(folder.path()).args(["redact", "-"]), &bytes);
            let expected = utf16(&format!("{mark}Grüße 🙂 [EMAIL_ADDRESS_001], mehr nicht\n"));
            assert_eq!(redacted.status.code(), Some(0));
            assert!(expected.contains(&redacted.stdout), "{}", String::from_utf8_lossy(&redacted.stdout));
        }
    }
}

#[test]
fn what_is_no_text_is_not_searched_in_vain() {
    let folder = folder(&[]);
    let wide: Vec<u8> = format!("\u{feff}{ADDRESS}").chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    for (bytes, reason) in [(&wide[..], "UTF-32"), (&[0; 500], "binary data")] {
        for args in [&["detect"][..], &["detect", "--profile", "presidio"], &["redact", "-"]] {
            let refused = run_over(tacita(folder.path()).args(args), bytes);
            assert!(String::from_utf8_lossy(&refused.stderr).contains(reason), "{args:?}: {refused:?}");
            assert_eq!(stdout(refused, 2), "");
        }
    }
    let lines = utf16(&format!("{{\"text\":\"{ADDRESS}\"}}\n"));
    let refused = run_over(tacita(folder.path()).args(["detect", "--jsonl"]), &lines[0]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn errors_of_lines_name_their_file() {
    let folder = folder(&[]);
    let refused = tacita(folder.path()).args(["detect", "--jsonl", "."]).output();
    let refused = refused.expect("the binary is built");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot read `.`"), "{refused:?}");
    assert_eq!(stdout(refused, 2), "");
}

#[test]
fn rules_of_the_current_folder_apply_and_those_of_a_scanned_one_do_not() {
    let folder = folder(&["a.txt", "sub/b.txt"]);
    let rules = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it is writable");
    rules("pii_exclusions.toml", "[[exclude]]\npatterns = ['mara\\.lind@.*']\n");
    for args in [&["scan", "."][..], &["detect", "a.txt"], &["redact", "a.txt"]] {
        let run = |more: &[&str]| {
            tacita(folder.path()).args(args).args(more).output().expect("the binary is built")
        };
        let told = run(&[]);
        assert!(String::from_utf8_lossy(&told.stderr).contains("`pii_exclusions.toml`"), "{told:?}");
        let silent = run(&["--no-rules"]);
        assert_eq!(String::from_utf8_lossy(&silent.stderr), "");
        assert_ne!(stdout(told, 0), stdout(silent, 0), "{args:?}");
    }
    assert!(found(folder.path(), &[]).is_empty());
    assert_eq!(found(&folder.path().join("sub"), &[]), ["./b.txt"]);
    rules("pii_exclusions.toml", "x = ");
    let broken = tacita(folder.path()).args(["scan", "."]).output().expect("the binary is built");
    let message = String::from_utf8_lossy(&broken.stderr).into_owned();
    assert!(message.contains("line 1") && message.contains("`--no-rules`"), "{message}");
    assert_eq!(stdout(broken, 2), "");
    // What can't be read is not passed over.
    fs::remove_file(folder.path().join("pii_exclusions.toml")).expect("it is there");
    fs::create_dir(folder.path().join("pii_exclusions.toml")).expect("it is writable");
    let no_file = tacita(folder.path()).args(["scan", "."]).output().expect("the binary is built");
    assert!(String::from_utf8_lossy(&no_file.stderr).contains("it is no file"), "{no_file:?}");
    assert_eq!(stdout(no_file, 2), "");
    fs::remove_dir(folder.path().join("pii_exclusions.toml")).expect("it is empty");
    // One that was sent along with what is scanned decides nothing.
    rules("pii_exclusions.toml", "");
    rules("sub/pii_exclusions.toml", "[[exclude]]\npatterns = ['mara\\.lind@.*']\n");
    assert_eq!(found(folder.path(), &["--no-ignore"]), ["./a.txt", "./sub/b.txt"]);
}

#[test]
fn a_number_inside_of_a_url_is_seen_and_redacted() {
    let folder = folder(&[]);
    let text = "see https://example.org/x?email=mara.lind@example.org&ssn=536-22-8726 now";
    fs::write(folder.path().join("u.txt"), text).expect("it is writable");
    let run = |args: &[&str]| tacita(folder.path()).args(args).output().expect("the binary is built");
    let scanned = stdout(run(&["scan", "u.txt", "--fail-on", "US_SSN"]), 1);
    assert!(scanned.contains("EMAIL_ADDRESS") && scanned.contains("US_SSN"), "{scanned}");
    assert_eq!(stdout(run(&["redact", "u.txt"]), 0).trim(), "see [URL_001] now");
}
