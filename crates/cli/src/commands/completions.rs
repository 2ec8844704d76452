//! `tacita completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{
    cli::Cli,
    failure::{Exit, Failure},
    output::Output,
};

/// Print a script that completes tacita's commands and options in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita completions bash > ~/.local/share/bash-completion/completions/tacita
  tacita completions zsh > ~/.zfunc/_tacita
  tacita completions fish > ~/.config/fish/completions/tacita.fish")]
pub(crate) struct Args {
    /// The shell to print it for
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    // Into memory first: the generator panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tacita", &mut script);
    let mut out = Output::open(None)?;
    out.put(&script)?;
    out.finish()?;
    Ok(Exit::Clean)
}
