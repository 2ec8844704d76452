//! The binary `tacita`: one file per command in `commands`, what they share beside it.

mod analyzer;
mod blocks;
mod clamd;
mod cli;
mod columns;
mod commands;
mod config;
mod copies;
mod deployment;
mod detection;
mod documents;
mod escape;
mod evaluation;
mod exported;
mod failure;
mod input;
mod jsonl;
mod limits;
mod model;
mod ocr;
mod ordered;
mod output;
mod policy;
mod presidio;
mod progress;
mod readers;
mod redaction;
mod remote;
mod report;
mod review;
mod scan;
mod secrets;
mod seen;
mod size;
mod temporary;
mod trail;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::{cli::Cli, failure::Failure};

fn main() -> ExitCode {
    keep_values_out_of_panics();
    match commands::run(Cli::parse().command) {
        Ok(exit) => exit.into(),
        // The reader has what it wanted: `tacita scan … | head` is no failure.
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("tacita: {failure}");
            failure::Exit::Errors.into()
        }
    }
}

/// A panic's own message may quote the text it stumbled over; where it happened is what a report needs.
fn keep_values_out_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(at) = panic.location() {
            anstream::eprintln!("tacita: internal error at {}:{}; please report it", at.file(), at.line());
        }
    }));
}
