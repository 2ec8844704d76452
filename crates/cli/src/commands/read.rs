//! `tacita read`: what runs in the processes that read documents for the others.

use std::io::{self, BufReader, Read, Write};

use tacita_documents::isolation::serve;

use crate::failure::{Exit, Failure};

/// Read documents for another process of this program
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {
    /// Bytes of memory that it may take
    memory: usize,
}

/// So much is read at once: what a pipe holds on most systems.
const AT_ONCE: usize = 64 << 10;

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    pipes()
        .and_then(|(input, output)| serve(BufReader::with_capacity(AT_ONCE, input), output, args.memory))
        .map_err(Failure::Reader)?;
    Ok(Exit::Clean)
}

/// Stdin and stdout as they are: stdout as Rust has it parts what is written at ends of lines, and each part wakes the
/// other process.
#[cfg(unix)]
fn pipes() -> io::Result<(impl Read, impl Write)> {
    use std::{fs::File, os::fd::AsFd};
    let (input, output) = (io::stdin(), io::stdout());
    Ok((File::from(input.as_fd().try_clone_to_owned()?), File::from(output.as_fd().try_clone_to_owned()?)))
}

#[cfg(not(unix))]
fn pipes() -> io::Result<(impl Read, impl Write)> {
    Ok((io::stdin().lock(), io::stdout().lock()))
}
