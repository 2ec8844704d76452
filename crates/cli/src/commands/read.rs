//! `tacita read`: what runs in the processes that read documents for the others.

use std::io;

use tacita_documents::isolation::serve;

use crate::failure::{Exit, Failure};

/// Read documents for another process of this program
#[derive(Debug, clap::Args)]
#[command(hide = true)]
pub(crate) struct Args {
    /// Bytes of memory that it may take
    memory: usize,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    serve(io::stdin().lock(), io::stdout().lock(), args.memory).map_err(Failure::Reader)?;
    Ok(Exit::Clean)
}
