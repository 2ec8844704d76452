//! `tacita token`

use tacita_domain::{Role, Scope, Timestamp, TokenId};

use crate::{
    deployment::{OrganisationArgs, organisation},
    escape::Escaped,
    failure::{Exit, Failure},
};

/// What the first organisation is called unless told otherwise.
const FIRST: &str = "Default";

/// Make, list and revoke the tokens by which services sign in
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita token create --name shop
  tacita token create --name privacy-office --role officer
  tacita token list
  tacita token revoke 0199f5e2-6c4a-7d31-9b1e-5f2a7c9d1e42")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Make a token, and show it this once
///
/// Where there is no organisation yet, the first is made.
#[derive(Debug, clap::Args)]
struct Create {
    /// What it is called: the service that gets it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// What whoever has it may do
    #[arg(long, value_name = "ROLE", default_value = "service", value_parser = role)]
    role: Role,
    /// What it may be used for at most, such as `record.read record.list` or `record.*`; all that its role may unless told so
    #[arg(long, value_name = "ACTIONS")]
    scope: Option<Scope>,
    /// After how many days it is worth nothing
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// List the tokens of an organisation
#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Revoke a token: from now on it is worth nothing
#[derive(Debug, clap::Args)]
struct Revoke {
    /// The id that `list` shows
    token: TokenId,
    #[command(flatten)]
    common: OrganisationArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Create(args) => create(args),
        Command::List(args) => list(args),
        Command::Revoke(args) => revoke(args),
    }
}

fn create(args: Create) -> Result<Exit, Failure> {
    let OrganisationArgs { organisation: name, deployment } = args.common;
    let (runtime, service) = deployment.open()?;
    runtime.block_on(async {
        let whose = match organisation(&service, name.as_deref()).await? {
            Some(organisation) => organisation,
            None if !service.organisations().await?.is_empty() => {
                return Err(tacita_service::Error::NotFound.into());
            }
            None => {
                let name = name.as_deref().unwrap_or(FIRST);
                let founded = service.found_organisation(name).await?;
                anstream::eprintln!("made the organisation `{}`", Escaped::text(name));
                founded.organisation
            }
        };
        let seconds = args.days.map(|days| i64::from(days) * 24 * 60 * 60);
        let expires = seconds.map(|seconds| tacita_service::system_clock().after_seconds(seconds));
        let token = service.create_token(whose, &args.name, args.role, args.scope.unwrap_or(Scope::FULL), expires).await?;
        anstream::println!("{}", *token.secret);
        anstream::eprintln!(
            "token `{}` for `{}` in the role `{}`: it is shown this once; send it as `Authorization: Bearer …`",
            token.token,
            Escaped::text(&args.name),
            args.role
        );
        Ok(Exit::Clean)
    })
}

fn list(args: List) -> Result<Exit, Failure> {
    let OrganisationArgs { organisation: name, deployment } = args.common;
    let (runtime, service) = deployment.open()?;
    runtime.block_on(async {
        let Some(whose) = organisation(&service, name.as_deref()).await? else { return Ok(Exit::Clean) };
        for token in service.tokens(whose).await? {
            let state = match (token.revoked, token.expires) {
                (Some(since), _) => format!("revoked {}", day(since)),
                (None, Some(until)) => format!("until {}", day(until)),
                (None, None) => "for good".to_owned(),
            };
            let (id, role, name) = (token.token, token.role.as_str(), Escaped::text(&token.name).to_string());
            anstream::println!("{id}  {role:<8}  {state:<18}  {name}");
        }
        Ok(Exit::Clean)
    })
}

fn revoke(args: Revoke) -> Result<Exit, Failure> {
    let OrganisationArgs { organisation: name, deployment } = args.common;
    let (runtime, service) = deployment.open()?;
    runtime.block_on(async {
        let whose = organisation(&service, name.as_deref()).await?.ok_or(tacita_service::Error::NotFound)?;
        service.revoke_token(whose, args.token).await?;
        Ok(Exit::Clean)
    })
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let roles: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("there are the roles {}", roles.join(", "))
    })
}

fn day(time: Timestamp) -> String {
    time.to_string().chars().take(10).collect()
}
