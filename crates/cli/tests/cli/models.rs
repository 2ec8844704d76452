//! Models of one's own.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::{run_over, stdout, tacita};

/// A model that finds nonsense: it has learnt nothing.
const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../language/tests/models/bert");

/// The binary with a library of its own in `folder`.
fn with_library(folder: &TempDir, args: &[&str]) -> Command {
    let mut command = tacita(folder.path());
    command.env("TACITA_MODELS", folder.path().join("models")).args(args);
    command
}

fn stderr(mut command: Command, code: i32) -> String {
    let output = command.output().expect("the binary is built");
    let stderr = String::from_utf8(output.stderr).expect("messages are UTF-8");
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    stderr
}

fn run(folder: &TempDir, args: &[&str]) -> String {
    stdout(with_library(folder, args).output().expect("the binary is built"), 0)
}

#[test]
fn a_model_is_installed_shown_used_and_removed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let none = stderr(with_library(&folder, &["model", "list"]), 0);
    assert!(none.contains("no model is installed"), "{none}");

    let card = run(&folder, &["model", "install", TINY, "--name", "names"]);
    assert!(card.starts_with("names: BERT, "), "{card}");
    assert!(card.contains("PERSON (B-PERSON I-PERSON)"), "{card}");
    assert!(card.contains("data, licence and limits are not known"), "{card}");
    assert_eq!(run(&folder, &["model", "show", "names"]), card);
    assert!(run(&folder, &["model", "list"]).starts_with("names  "));

    let mut detect = with_library(&folder, &["detect", "--threshold", "0", "--model", "names"]);
    let text = "Mara Lind lives in Hamburg, mara@example.org";
    let found: Value =
        serde_json::from_str(&stdout(run_over(&mut detect, text.as_bytes()), 0)).expect("JSON");
    let of_tagger = |finding: &&Value| finding["entity_type"] == "PERSON" && finding["end"] == 9;
    let findings = found["findings"].as_array().expect("a list");
    assert!(!findings.iter().any(|finding| of_tagger(&finding)), "the model stands for the tagger: {found}");
    assert!(findings.iter().any(|finding| finding["entity_type"] == "EMAIL_ADDRESS"), "{found}");

    stderr(with_library(&folder, &["model", "remove", "names"]), 0);
    let gone = stderr(with_library(&folder, &["detect", "--model", "names"]), 2);
    assert!(gone.contains("no model `names` is installed"), "{gone}");
}

#[test]
fn a_card_cannot_write_to_the_terminal_as_it_likes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = folder.path().join("evil");
    fs::create_dir(&source).expect("a folder");
    for name in ["config.json", "tokenizer.json", "model.onnx"] {
        fs::copy(Path::new(TINY).join(name), source.join(name)).expect("a copy");
    }
    fs::write(source.join("README.md"), "# Names\n\u{1b}[2Jgone\n").expect("it can be written");
    let card = run(&folder, &["model", "install", "evil"]);
    assert!(card.contains("# Names\n\\u{1b}[2Jgone\n"), "{card}");
}

#[test]
fn what_is_no_model_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refused = stderr(with_library(&folder, &["scan", ".", "--model", "./models"]), 2);
    assert!(refused.contains("config.json"), "{refused}");
    let refused = stderr(with_library(&folder, &["model", "install", TINY, "--sha256", &"0".repeat(64)]), 2);
    assert!(refused.contains("nothing was installed"), "{refused}");
    let refused = stderr(with_library(&folder, &["detect", "--profile", "presidio", "--model", TINY]), 2);
    assert!(refused.contains("takes no `--model`"), "{refused}");
}

#[test]
fn an_evaluation_is_of_the_model_that_is_given() {
    let text = "{\"text\": \"Mara Lind\", \"spans\": [[0, 9, \"PERSON\"]]}\n";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let eval = |more: &[&str]| {
        let mut command = with_library(&folder, &["model", "eval", "--data", "-", "--format", "json"]);
        let figures = stdout(run_over(command.args(more), text.as_bytes()), 0);
        let figures: Value = serde_json::from_str(&figures).expect("JSON");
        figures["all"]["exact"]["right"].clone()
    };
    assert_eq!(eval(&[]), 1);
    assert_eq!(eval(&["--model", TINY]), 0);
}
