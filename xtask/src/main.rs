//! The project's own tool: `cargo xtask` lists what it does.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the developer's terminal")]

mod bench;
mod bench_programs;
mod check;
mod house;
mod random;
mod samples;
mod train;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask bench http        requests per second of short texts, beside a bare axum handler
cargo xtask bench corridor DIR [URL]  records a second by the whole way, on a disk and on the PostgreSQL of a URL
cargo xtask bench policies    what a decision of the policies costs, for sets of several sizes
cargo xtask check [NAME]      every check that keeps the house in order, or the one of that name
cargo xtask samples           writes samples/ and its expected findings from xtask/samples/
cargo xtask bench detect      accuracy and speed of detection, beside presidio-analyzer
cargo xtask bench documents   speed of the readers of documents, beside other programs, and of a scan of many files
cargo xtask samples --check   says which of those files are not what the generator makes
cargo xtask names FILE        writes a set of texts with names of every region and gender
cargo xtask sentences FILE    writes generated texts like those that train the tagger of names
cargo xtask train             trains the tagger of names and writes its model";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    match words {
        ["bench", "http"] => bench_programs::http(),
        ["bench", "corridor", rest @ ..] => bench_programs::corridor(rest),
        ["bench", "policies"] => bench_programs::policies(),
        ["check"] => check::all(),
        ["check", name] => check::one(name),
        ["bench", "detect"] => bench::detect(),
        ["bench", "documents"] => bench::documents::report(),
        ["samples"] => samples::write(),
        ["samples", "--check"] => samples::verify(),
        ["names", file] => train::write_balanced(file.as_ref()),
        ["sentences", file] => train::write_generated(file.as_ref()),
        ["train"] => train::run(),
        _ => bail!("no such command; there are:\n{USAGE}"),
    }
}
