//! What is installed beside the binary: manual pages and completions.

use std::fs;

use crate::{stdout, tacita};

const COMMANDS: [&str; 8] =
    ["scan", "detect", "redact", "restore", "recognizers", "serve", "completions", "man"];

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = stdout(tacita(folder.path()).arg("man").output().expect("the binary is built"), 0);
    assert!(page.contains(".TH tacita 1"), "{page}");
    let pages = tacita(folder.path()).args(["man", "--output", "share/man1"]).output();
    assert_eq!(stdout(pages.expect("the binary is built"), 0), "");
    for command in COMMANDS {
        assert!(page.contains(command), "{command}");
        let path = folder.path().join(format!("share/man1/tacita-{command}.1"));
        let page = fs::read_to_string(path).expect(command);
        assert!(page.contains(".SH SYNOPSIS") && page.contains(command), "{page}");
    }
}

#[test]
fn completions_know_every_command_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = tacita(".".as_ref()).args(["completions", shell]).output();
        let script = stdout(script.expect("the binary is built"), 0);
        for word in COMMANDS.into_iter().chain(["fail-on", "key-file"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let refused = tacita(".".as_ref()).args(["completions", "csh"]).output();
    assert_eq!(stdout(refused.expect("the binary is built"), 2), "");
}
