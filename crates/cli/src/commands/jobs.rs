//! `tacita jobs`

use serde::Serialize;
use tacita_domain::{JobFailure, JobId, JobState};
use tacita_service::{JobFilter, ListedJob};

use crate::{
    deployment::OrganisationArgs,
    failure::{Exit, Failure},
    output::{ListFormat, Output},
};

/// List jobs, and have dead ones tried again
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita jobs list
  tacita jobs list --state dead
  tacita jobs list --format json > jobs.jsonl
  tacita jobs retry 01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    List(List),
    Retry(Retry),
}

/// List jobs of an organisation, oldest first
///
/// Jobs that are done are forgotten after a week, dead ones after 90 days.
#[derive(Debug, clap::Args)]
struct List {
    /// Those in this state: `waiting`, `running`, `done` or `dead`
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<JobState>,
    /// Those after the job with this id
    #[arg(long, value_name = "ID")]
    after: Option<JobId>,
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// The format of the list
    #[arg(short, long, value_enum, default_value_t)]
    format: ListFormat,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Have a dead job tried again, as if it had never been begun
///
/// A server that runs takes it up within seconds.
#[derive(Debug, clap::Args)]
struct Retry {
    /// The id that `list` shows
    job: JobId,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// A job as JSON shows it.
#[derive(Serialize)]
struct Shown<'a> {
    job: String,
    kind: &'a str,
    state: &'a str,
    attempts: u32,
    ready: String,
    failure: Option<&'a str>,
    created: String,
    ended: Option<String>,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::List(args) => list(args),
        Command::Retry(args) => retry(args),
    }
}

fn list(args: List) -> Result<Exit, Failure> {
    let List { state, mut after, limit, format, common } = args;
    let (runtime, service, whose) = common.open()?;
    let mut out = Output::open(None)?;
    runtime.block_on(async {
        let mut left = limit.unwrap_or(u32::MAX);
        while left > 0 {
            let jobs = service.jobs(whose, JobFilter { after, state, limit: Some(left) }).await?;
            let Some(last) = jobs.last() else { break };
            after = Some(last.job);
            for job in &jobs {
                match format {
                    ListFormat::Table => out.put(row(job).as_bytes())?,
                    ListFormat::Json => out.put_json(&shown(job))?,
                }
            }
            left = left.saturating_sub(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
        }
        Ok::<_, Failure>(())
    })?;
    out.finish()?;
    Ok(Exit::Clean)
}

fn retry(args: Retry) -> Result<Exit, Failure> {
    let Retry { job, common } = args;
    let (runtime, service, whose) = common.open()?;
    runtime.block_on(async {
        service.retry_job(whose, job).await?;
        anstream::eprintln!("the job {job} is tried again");
        Ok(Exit::Clean)
    })
}

/// Nothing in it can hold a character that a terminal obeys: ids, and names of ours.
fn row(listed: &ListedJob) -> String {
    let ListedJob { job, kind, state, attempts, ready, failure, created, ended } = listed;
    let when = match (state, ended) {
        (_, Some(ended)) => format!("ended {ended}"),
        (JobState::Running, None) => format!("begun, leased until {ready}"),
        (_, None) => format!("from {ready}"),
    };
    let failure = failure.map_or("-", JobFailure::as_str);
    format!("{job}  {created}  {kind:<14}  {:<7}  {attempts:>3}  {failure:<9}  {when}\n", state.as_str())
}

fn shown(listed: &ListedJob) -> Shown<'_> {
    Shown {
        job: listed.job.to_string(),
        kind: &listed.kind,
        state: listed.state.as_str(),
        attempts: listed.attempts,
        ready: listed.ready.to_string(),
        failure: listed.failure.map(JobFailure::as_str),
        created: listed.created.to_string(),
        ended: listed.ended.map(|ended| ended.to_string()),
    }
}

fn state(text: &str) -> Result<JobState, String> {
    JobState::parse(text).ok_or_else(|| {
        let states: Vec<_> = JobState::ALL.iter().map(|state| state.as_str()).collect();
        format!("there are the states {}", states.join(", "))
    })
}
