//! `tacita read`: what runs in the processes that read documents for the others.

use std::{io, process};

use tacita_documents::{
    Limits,
    isolation::{Readers, serve},
};

use crate::{
    failure::{Exit, Failure},
    size::Size,
};

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

/// Processes of this very program, for files up to that size. On Linux it is started by what the kernel has of it, whatever became of the file.
pub(crate) fn document_readers(max_size: Size) -> Readers {
    let limits = Limits { file_bytes: max_size.bytes(), ..Limits::default() };
    Readers::new(limits, |memory| {
        let own =
            if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() };
        // Where the system does not tell, the path is searched for it.
        let mut command = process::Command::new(own.unwrap_or_else(|_| "tacita".into()));
        command.arg("read").arg(memory.to_string());
        command
    })
}
