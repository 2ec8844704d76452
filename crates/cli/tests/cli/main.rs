//! The binary as its users see it: command lines with what they print, as text files in `cmd`, and what takes more than
//! one command to see.

mod analyzer;
mod clamd;
mod columns;
mod corners;
mod doctor;
mod evaluation;
mod files;
mod hostile;
mod install;
mod isolation;
mod jobs;
mod keys;
mod ledger;
mod migrate;
mod models;
mod redaction;
mod reports;
mod review;
mod samples;
mod serving;
mod streams;

use std::{
    io::{Cursor, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

use zip::{ZipWriter, write::SimpleFileOptions};

#[test]
fn commands_print_what_is_written_down() {
    trycmd::TestCases::new()
        .register_bin("tacita", trycmd::schema::Bin::Path(env!("CARGO_BIN_EXE_tacita").into()))
        .case("tests/cmd/*.md");
}

/// The binary, to be run in `folder`.
fn tacita(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tacita"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs `command` over `input`.
fn run_over(command: &mut Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the binary is built");
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::scope(|scope| {
        // A command that stops early closes its stdin; what it says is looked at, not whether it read all.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().expect("it can be waited for")
    })
}

/// What a run that ended with `code` wrote to stdout.
fn stdout(output: Output, code: i32) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "stderr: {stderr}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// A ZIP archive of these files.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).expect("memory is writable");
        zip.write_all(part).expect("memory is writable");
    }
    zip.finish().expect("memory is writable").into_inner()
}
