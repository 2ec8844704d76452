//! `tacita ledger`

use crate::{
    deployment::{OrganisationArgs, organisation},
    failure::{Exit, Failure},
};

/// Keep the ledger: delete what its entries say when their term is over
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita ledger prune
  tacita ledger prune --organisation 'Example Ltd' --config tacita.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Prune(Prune),
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

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let Command::Prune(Prune { common }) = args.command;
    let (runtime, service) = common.deployment.open()?;
    runtime.block_on(async {
        let whose = organisation(&service, common.organisation.as_deref()).await?;
        let whose = whose.ok_or(tacita_service::Error::NotFound)?;
        let pruned = service.prune_ledger(whose).await?;
        anstream::println!(
            "pruned {} entries; those before entry {} say nothing any more",
            pruned.now,
            pruned.minimum
        );
        Ok(Exit::Clean)
    })
}
