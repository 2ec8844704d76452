//! `tacita audit`

use std::path::PathBuf;

use serde::Serialize;
use serde_json::value::RawValue;
use tacita_domain::{Action, OperationId, SubjectId};
use tacita_service::{AuditEntry, AuditFilter, AuditPage, Caller, WitnessState};

use crate::{
    deployment::OrganisationArgs,
    escape::Escaped,
    exported::export,
    failure::{Exit, Failure},
    output::{ListFormat, Output},
};

/// List what the ledger says, and export it for others to verify
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita audit list
  tacita audit list --action record.read --outcome done
  tacita audit list --format json > audit.jsonl
  tacita audit export ledger-2026
  tacita audit witnesses
  tacita verify --log ledger-2026 --keys ledger-2026/keys")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(List),
    Export(Export),
    Witnesses(Witnesses),
}

/// List entries of the ledger, oldest first
///
/// Entries about somebody who was erased are shown without what they say: the key is destroyed. The reading is an entry, too.
#[derive(Debug, clap::Args)]
struct List {
    /// Those of this action, such as `record.read`
    #[arg(long, value_name = "ACTION", value_parser = action)]
    action: Option<Action>,
    /// Those about the data subject with this id
    #[arg(long, value_name = "ID")]
    subject: Option<SubjectId>,
    /// Those that ended so: `done`, or why not, such as `denied.no-consent`
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
    /// Those after the entry with this id
    #[arg(long, value_name = "ID")]
    after: Option<OperationId>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// The format of the list
    #[arg(short, long, value_enum, default_value_t)]
    format: ListFormat,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Write the log into a folder that `tacita verify --log` verifies
///
/// With the signed checkpoint, the tiles as C2SP's tlog-tiles lays them out, the sealed bodies, and the public keys.
/// Nobody who gets it can read what the entries say.
#[derive(Debug, clap::Args)]
struct Export {
    /// The folder, which must be new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Show how far each witness is behind, and why
#[derive(Debug, clap::Args)]
struct Witnesses {
    #[command(flatten)]
    common: OrganisationArgs,
}

/// An entry as JSON shows it.
#[derive(Serialize)]
struct Listed<'a> {
    operation: String,
    position: Option<u64>,
    at: String,
    action: &'a str,
    purpose: &'a str,
    outcome: &'a str,
    subject: Option<String>,
    body: Option<&'a RawValue>,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::List(args) => list(args),
        Command::Export(args) => export_log(args),
        Command::Witnesses(args) => witnesses(args),
    }
}

fn list(args: List) -> Result<Exit, Failure> {
    let List { action, subject, outcome, mut after, limit, format, common } = args;
    let (runtime, service, whose) = common.open()?;
    let mut out = Output::open(None)?;
    runtime.block_on(async {
        let caller = Caller::system(whose, "audit", service.new_trace());
        let mut left = limit.unwrap_or(u32::MAX);
        while left > 0 {
            let limit = Some(left);
            let filter = AuditFilter { after, action, subject, outcome: outcome.clone(), limit };
            let AuditPage { entries, next } = service.audit(&caller, filter).await?;
            for entry in &entries {
                match format {
                    ListFormat::Table => out.put(row(entry).as_bytes())?,
                    ListFormat::Json => out.put_json(&listed(entry))?,
                }
            }
            left -= u32::try_from(entries.len()).unwrap_or(left).min(left);
            let Some(next) = next else { break };
            after = Some(next);
        }
        Ok::<_, Failure>(())
    })?;
    out.finish()?;
    Ok(Exit::Clean)
}

fn export_log(args: Export) -> Result<Exit, Failure> {
    let Export { folder, common } = args;
    let (runtime, service, whose) = common.open()?;
    runtime.block_on(async {
        service.integrate(whose).await?;
        for (witness, why) in service.publish(whose).await? {
            anstream::eprintln!(
                "tacita: the witness `{witness}` does not know this checkpoint: {}",
                Escaped::text(&why)
            );
        }
        let size = export(&service, whose, &folder).await?;
        anstream::eprintln!("exported {size} entries; `tacita verify --log` verifies them");
        Ok(Exit::Clean)
    })
}

fn witnesses(args: Witnesses) -> Result<Exit, Failure> {
    let (runtime, service, whose) = args.common.open()?;
    let (size, states) = runtime.block_on(async {
        Ok::<_, Failure>((service.ledger_size(whose).await?, service.witnesses(whose).await?))
    })?;
    for WitnessState { witness, size: shown, published, failures, tried, trouble } in states {
        let at = published.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let witness = Escaped::text(&witness).to_string();
        anstream::println!("{witness}: knows {shown} of {size} entries, shown {at}");
        if let Some(why) = trouble {
            anstream::println!(
                "  tried {failures} times since, {tried} the last time: {}",
                Escaped::text(&why)
            );
        }
    }
    Ok(Exit::Clean)
}

/// Nothing in it can hold a character that a terminal obeys: ids, names of ours, and checked names of purposes.
fn row(entry: &AuditEntry) -> String {
    let position = entry.position.map_or_else(|| "-".to_owned(), |position| position.to_string());
    let about = match (&entry.subject, &entry.body) {
        (Some(subject), _) => subject.to_string(),
        (None, Some(_)) => "-".to_owned(),
        (None, None) => "the key is destroyed".to_owned(),
    };
    let AuditEntry { operation, at, action, purpose, outcome, .. } = entry;
    format!("{position:>8}  {at}  {operation}  {action:<16}  {purpose:<16}  {outcome:<22}  {about}\n")
}

fn listed(entry: &AuditEntry) -> Listed<'_> {
    Listed {
        operation: entry.operation.to_string(),
        position: entry.position,
        at: entry.at.to_string(),
        action: &entry.action,
        purpose: &entry.purpose,
        outcome: &entry.outcome,
        subject: entry.subject.map(|subject| subject.to_string()),
        body: entry.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()),
    }
}

fn action(text: &str) -> Result<Action, String> {
    Action::parse(text).ok_or_else(|| {
        let actions: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        format!("there are the actions {}", actions.join(", "))
    })
}
