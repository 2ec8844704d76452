//! `tacita doctor`

use std::io::Write;

use tacita_service::{Finding, Health};

use crate::{
    deployment::DeploymentArgs,
    escape::Escaped,
    failure::{Exit, Failure},
    output::Output,
};

/// Look at a deployment, and say what is in order, what is not, and what to do
///
/// Settings, permissions, the root key, both databases, whether they belong together, ledgers, clocks, memory and the disk.
/// Nothing that is kept is changed.
///
/// Exit codes: 0 no problem, 1 a problem, 2 it can't be looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita doctor
  tacita doctor --config tacita.toml --format json")]
pub(crate) struct Args {
    /// The format of the list
    #[arg(short, long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    deployment: DeploymentArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For reading in a terminal
    #[default]
    Table,
    /// A JSON array
    Json,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let Args { format, deployment } = args;
    let sources = deployment.sources();
    let mut findings = Vec::new();
    match deployment.read(None) {
        Ok((_, deployment)) => {
            findings.push(Finding { health: Health::Ok, area: "settings", what: sources, advice: None });
            findings.extend(deployment.doctor(tacita_service::system_clock));
        }
        Err(failure) => {
            let advice = "`config.sample.toml` has every setting with its default".to_owned();
            let (health, what) = (Health::Problem, failure.to_string());
            findings.push(Finding { health, area: "settings", what, advice: Some(advice) });
        }
    }
    let mut out = Output::open(None)?;
    match format {
        Format::Table => findings.iter().try_for_each(|finding| out.put(row(finding).as_bytes()))?,
        Format::Json => {
            let written = serde_json::to_writer_pretty(&mut out, &findings).map_err(std::io::Error::from);
            written.and_then(|()| out.write_all(b"\n")).map_err(|cause| out.failure(cause))?;
        }
    }
    out.finish()?;
    let is_bad = findings.iter().any(|finding| finding.health == Health::Problem);
    Ok(if is_bad { Exit::Findings } else { Exit::Clean })
}

fn row(finding: &Finding) -> String {
    let word = match finding.health {
        Health::Ok => "ok",
        Health::Warning => "warning",
        Health::Problem => "problem",
    };
    let mut row = format!("{word:<8} {:<12} {}\n", finding.area, Escaped::text(&finding.what));
    if let Some(advice) = &finding.advice {
        row.push_str(&format!("{:<21} do: {}\n", "", Escaped::text(advice)));
    }
    row
}
