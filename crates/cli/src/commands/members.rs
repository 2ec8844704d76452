//! `tacita members`

use tacita_domain::{AccountId, Role};
use tacita_service::{Caller, Member};

use crate::{
    deployment::OrganisationArgs,
    escape::Escaped,
    failure::{Exit, Failure},
};

/// List the members of an organisation, invite others, give them roles, remove them
///
/// Roles: `owner` decides who is a member, `officer` does all that touches the rights of data subjects, `member` reads and writes
/// records, `analyst` finds and redacts but sees no record, `auditor` reads the ledger but no record. Each use leaves an entry in
/// the ledger.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita members list
  tacita members invite --role officer
  tacita members role 0199f5e2-6c4a-7d31-9b1e-5f2a7c9d1e42 auditor
  tacita members remove 0199f5e2-6c4a-7d31-9b1e-5f2a7c9d1e42")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(List),
    Invite(Invite),
    Role(Change),
    Remove(Remove),
}

/// List the members: the id of their account, role, since when, address, name
#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Make a link by which somebody becomes a member, once, within a week
///
/// They send it along when they make their account (`POST /api/v1/accounts`), or accept it in the one that they have
/// (`POST /api/v1/account/invitations`).
#[derive(Debug, clap::Args)]
struct Invite {
    /// What they are to be
    #[arg(long, value_name = "ROLE", default_value = "member", value_parser = role)]
    role: Role,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Give a member another role
#[derive(Debug, clap::Args)]
struct Change {
    /// The id that `list` shows
    account: AccountId,
    /// What they are to be
    #[arg(value_name = "ROLE", value_parser = role)]
    role: Role,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// End somebody's membership: from now on they are let into nothing of the organisation's
#[derive(Debug, clap::Args)]
struct Remove {
    /// The id that `list` shows
    account: AccountId,
    #[command(flatten)]
    common: OrganisationArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::List(args) => list(args),
        Command::Invite(args) => invite(args),
        Command::Role(args) => change(args),
        Command::Remove(args) => remove(args),
    }
}

fn list(args: List) -> Result<Exit, Failure> {
    let (runtime, service, whose) = args.common.open()?;
    runtime.block_on(async {
        let caller = Caller::system(whose, "members", service.new_trace());
        for Member { account, role, since, profile } in service.members(&caller).await? {
            let (email, name) = (Escaped::text(&profile.email), Escaped::text(&profile.name));
            anstream::println!(
                "{account}  {:<8}  {}  {email}  {name}",
                role.as_str(),
                &since.to_string()[..10]
            );
        }
        Ok(Exit::Clean)
    })
}

fn invite(args: Invite) -> Result<Exit, Failure> {
    let (runtime, service, whose) = args.common.open()?;
    runtime.block_on(async {
        service.found_platform().await?;
        let caller = Caller::system(whose, "members", service.new_trace());
        let link = service.invite(&caller, args.role).await?;
        anstream::println!("{}", *link.secret);
        anstream::eprintln!(
            "an invitation in the role `{}`, for whoever opens `/welcome#` and it on the server: shown this once, used once, good until {}",
            args.role,
            link.expires
        );
        Ok(Exit::Clean)
    })
}

fn change(args: Change) -> Result<Exit, Failure> {
    let (runtime, service, whose) = args.common.open()?;
    runtime.block_on(async {
        let caller = Caller::system(whose, "members", service.new_trace());
        service.change_role(&caller, args.account, args.role).await?;
        Ok(Exit::Clean)
    })
}

fn remove(args: Remove) -> Result<Exit, Failure> {
    let (runtime, service, whose) = args.common.open()?;
    runtime.block_on(async {
        let caller = Caller::system(whose, "members", service.new_trace());
        service.remove_member(&caller, args.account).await?;
        Ok(Exit::Clean)
    })
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text)
        .filter(|role| *role != Role::Service)
        .ok_or_else(|| "a person has one of the roles owner, officer, analyst, auditor and member".to_owned())
}
