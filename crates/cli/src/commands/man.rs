//! `tacita man`

use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::{
    cli::Cli,
    failure::{Exit, Failure},
    output::Output,
};

/// Print the manual page, or write one page per command into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita man | man -l -
  tacita man --output ~/.local/share/man/man1")]
pub(crate) struct Args {
    /// Folder for the pages of tacita and of each command; it is made where it is missing
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.output {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(Failure::write(folder))?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(Failure::write(folder))?;
        }
        None => {
            let mut out = Output::open(None)?;
            let page = Man::new(Cli::command()).render(&mut out);
            page.map_err(|cause| out.failure(cause))?;
            out.finish()?;
        }
    }
    Ok(Exit::Clean)
}
