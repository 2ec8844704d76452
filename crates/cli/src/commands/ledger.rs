//! `tacita ledger`

use std::path::PathBuf;

use tacita_service::Begun;

use crate::{
    deployment::OrganisationArgs,
    failure::{Exit, Failure},
};

/// Keep the ledger: prune it when terms are over, and let it go on after a restore
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita ledger prune
  tacita ledger begin-epoch --config tacita.toml
  tacita ledger prune --organisation 'Example Ltd' --config tacita.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Prune(Prune),
    BeginEpoch(BeginEpoch),
}

/// Delete what entries say that are older than the term of the settings
///
/// With it go the lineage and the rows of the register of processing that were written beside them. The entries stay, as
/// hashes: the log verifies as before, and so do receipts that somebody has. It can be stopped and run again at any time.
#[derive(Debug, clap::Args)]
struct Prune {
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Let the log go on after the database of a backup was put back
///
/// Its newest entries are lost, and others must not take their places: whoever remembers them would hold the proof of a fork. So
/// it goes on under another name, and its first own entry commits to the last checkpoint that the witnesses know, or that is
/// given: what was lost is said for good. Receipts that somebody has verify as before.
#[derive(Debug, clap::Args)]
struct BeginEpoch {
    /// A checkpoint that somebody else has kept; can be given several times
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
    #[command(flatten)]
    common: OrganisationArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Prune(args) => prune(args),
        Command::BeginEpoch(args) => begin_epoch(args),
    }
}

fn begin_epoch(args: BeginEpoch) -> Result<Exit, Failure> {
    let BeginEpoch { known, common } = args;
    let known = known
        .iter()
        .map(|path| std::fs::read_to_string(path).map_err(Failure::read(path)))
        .collect::<Result<Vec<_>, _>>()?;
    let (runtime, service, whose) = common.open()?;
    runtime.block_on(async {
        let Begun { origin, kept, last } = service.begin_epoch(whose, &known).await?;
        anstream::println!(
            "the log goes on as `{origin}`: it has {kept} entries of the {last} that there were, and says so"
        );
        Ok(Exit::Clean)
    })
}

fn prune(args: Prune) -> Result<Exit, Failure> {
    let Prune { common } = args;
    let (runtime, service, whose) = common.open()?;
    runtime.block_on(async {
        let pruned = service.prune_ledger(whose).await?;
        anstream::println!(
            "pruned {} entries; those before entry {} say nothing any more",
            pruned.now,
            pruned.minimum
        );
        Ok(Exit::Clean)
    })
}
