//! `tacita serve`

use std::{net::SocketAddr, sync::Arc};

use tacita_server::Config;

use crate::{
    deployment::DeploymentArgs,
    detection::RulesArgs,
    failure::{Exit, Failure},
    readers::ReaderArgs,
};

/// Serve over HTTP, until it is stopped
///
/// The API stands under /api/v1 and is described at /docs; what Microsoft Presidio's clients speak stands under
/// /presidio/analyzer and /presidio/anonymizer. Records take a token (`tacita token create`); detection and redaction take
/// none: keep it on this machine, or behind a proxy that has a sign-in.
///
/// The first start makes the data folder: the root key, and two encrypted databases. Whoever loses the root key loses what is
/// in them, for good: keep a copy of `root.key` elsewhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita serve
  tacita serve --rules ours.toml
  tacita serve --presidio-url http://127.0.0.1:5002
  tacita serve --model names
  tacita serve --listen 127.0.0.1:9000 --data /var/lib/tacita
  curl -H 'Content-Type: application/json' -d '{\"text\": \"Write to mara.lind@example.org\"}' \\
      http://127.0.0.1:8787/api/v1/detect")]
pub(crate) struct Args {
    /// The address and port to listen on; `127.0.0.1:8787` unless the settings say so
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    deployment: DeploymentArgs,
    #[command(flatten)]
    rules: RulesArgs,
    #[command(flatten)]
    beside: ReaderArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.rules.add_found()?;
    let rules = args.rules.merged()?;
    let readers = args.beside.model.reader()?.into_iter().collect();
    let presidio = args.beside.analyzer.analyzer()?;
    let (listen, deployment) = args.deployment.read(args.listen)?;
    let config = Config {
        listen,
        deployment: Some(Arc::new(deployment)),
        rules,
        readers,
        presidio,
        ..Config::default()
    };
    tacita_server::run(&config).map_err(Failure::Serve)?;
    Ok(Exit::Clean)
}
