//! `tacita migrate`

use tacita_service::Steps;

use crate::{
    deployment::DeploymentArgs,
    failure::{Exit, Failure},
};

/// Bring the schemas of the databases up to date, and show which steps they have taken
///
/// `tacita serve` does so at its start, unless the settings say `migrate = "by-hand"`. A database with the schema of a newer
/// version is refused. Make a backup first: there is no way back.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita migrate --dry-run
  tacita migrate --config tacita.toml")]
pub(crate) struct Args {
    /// Show what is missing, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    deployment: DeploymentArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let Args { dry_run, deployment } = args;
    let (runtime, mut deployment) = deployment.prepare()?;
    let _inside = runtime.enter();
    let steps = deployment.steps().map_err(Failure::Deployment)?;
    let Some(steps) = steps else {
        if dry_run {
            anstream::println!("nothing is kept here yet: all steps are missing");
            return Ok(Exit::Clean);
        }
        deployment.take_steps().map_err(Failure::Deployment)?;
        if let Some(steps) = deployment.steps().map_err(Failure::Deployment)? {
            tell(&steps, "missing");
        }
        return Ok(Exit::Clean);
    };
    let is_missing = steps.iter().any(|steps| !steps.missing.is_empty());
    if is_missing && !dry_run {
        deployment.take_steps().map_err(Failure::Deployment)?;
        tell(&steps, "taken now");
    } else {
        tell(&steps, "missing");
    }
    if !is_missing {
        anstream::println!("nothing is missing");
    }
    Ok(Exit::Clean)
}

fn tell(steps: &[Steps; 2], word: &str) {
    for (steps, name) in steps.iter().zip(["house", "key ring"]) {
        steps.taken.iter().for_each(|step| anstream::println!("{name:<8}  taken      {step}"));
        steps.missing.iter().for_each(|step| anstream::println!("{name:<8}  {word:<9}  {step}"));
    }
}
