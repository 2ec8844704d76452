//! `tacita policies`

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use tacita_domain::OrganisationId;
use tacita_service::{Caller, CountingPolicies, Policies, Service};

use crate::{
    deployment::OrganisationArgs,
    escape::Escaped,
    failure::{Exit, Failure},
    output::Output,
};

/// Bytes of a file of policies that are read; what is taken is less.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// Show who may do what, and set an organisation's own policies
///
/// Policies are written in Cedar. Those that are built in say what each role may do; the setting `policies.folder` adds an
/// operator's for all organisations; an organisation's own forbid more.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita policies show
  tacita policies show --all
  tacita policies check ours.cedar
  tacita policies set ours.cedar
  tacita policies check --operator policies/")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Show(Show),
    Check(Check),
    Set(Set),
}

/// Print an organisation's own policies
#[derive(Debug, clap::Args)]
struct Show {
    /// The schema, those that are built in and the operator's as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Check policies, and set nothing
///
/// Needs no deployment. What is faulty is named, and ends with the exit code 2.
#[derive(Debug, clap::Args)]
struct Check {
    /// A file of an organisation's own policies; with `--operator`, an operator's folder
    path: PathBuf,
    /// They are to be an operator's, which may permit, too
    #[arg(long)]
    operator: bool,
}

/// Set an organisation's own policies: the whole text, in place of the one before
///
/// They only forbid. An empty file takes them away. Running servers follow within a second.
#[derive(Debug, clap::Args)]
struct Set {
    /// The file, or `-` for the standard input
    file: PathBuf,
    #[command(flatten)]
    common: OrganisationArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Show(args) => show(args),
        Command::Check(args) => check(&args),
        Command::Set(args) => set(args),
    }
}

fn show(args: Show) -> Result<Exit, Failure> {
    let Show { all, common } = args;
    let (runtime, service, whose) = common.open()?;
    let counting = runtime.block_on(service.policies(&caller(&service, whose)))?;
    let CountingPolicies { set, schema, everywhere, own } = counting;
    let mut out = Output::open(None)?;
    if all {
        let schema = [("tacita.cedarschema".to_owned(), schema.to_owned())];
        let texts = everywhere.into_iter().map(|text| (text.name, text.text));
        for (name, text) in schema.into_iter().chain(texts) {
            out.put(format!("// {name}\n\n{}\n\n", text.trim_end()).as_bytes())?;
        }
    }
    out.put(own.text.as_bytes())?;
    out.finish()?;
    anstream::eprintln!(
        "version {} of the organisation's own policies; entries of the ledger name the whole set `{set}`",
        own.version
    );
    Ok(Exit::Clean)
}

fn check(args: &Check) -> Result<Exit, Failure> {
    let refused =
        |why: tacita_service::BadPolicies| Failure::Policy(Escaped::text(&why.to_string()).to_string());
    if args.operator {
        Policies::with_folder(&args.path).map_err(refused)?;
    } else {
        let text = read(&args.path)?;
        Policies::built_in().and_then(|policies| policies.check_own(&text)).map_err(refused)?;
    }
    anstream::eprintln!("they would be taken");
    Ok(Exit::Clean)
}

fn set(args: Set) -> Result<Exit, Failure> {
    let text = read(&args.file)?;
    let (runtime, service, whose) = args.common.open()?;
    let own = runtime.block_on(service.set_policies(&caller(&service, whose), text))?;
    anstream::eprintln!("version {} of the organisation's own policies counts", own.version);
    Ok(Exit::Clean)
}

fn caller(service: &Service, organisation: OrganisationId) -> Caller {
    Caller::system(organisation, "policies", service.new_trace())
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(MOST_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
    };
    read.map_err(Failure::read(path))?;
    Ok(text)
}
