//! `tacita serve`

use std::{net::SocketAddr, sync::Arc};

use tacita_server::Config;

use crate::{
    config::Front,
    deployment::DeploymentArgs,
    detection::RulesArgs,
    failure::{Exit, Failure},
    readers::ReaderArgs,
};

/// Serve over HTTP, until it is stopped
///
/// The API stands under /api/v1 and is described at /docs; what Microsoft Presidio's clients speak stands under
/// /presidio/analyzer and /presidio/anonymizer. Records take a token (`tacita token create`); detection and redaction take
/// none: keep it on this machine, or behind a proxy that has a sign-in. Other machines are only spoken to over TLS, for which the
/// settings name a certificate.
///
/// Where there is no owner yet, it prints a link by which the first one makes their account, once.
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

/// Says how the first owner gets in, on the terminal and in no log.
fn welcome(link: &str) {
    anstream::println!(
        "Nobody owns anything here yet. Whoever opens this link within a day makes the first account:\n\n    {link}\n"
    );
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.rules.add_found()?;
    let rules = args.rules.merged()?;
    let readers = args.beside.model.reader()?.into_iter().collect();
    let presidio = args.beside.analyzer.analyzer()?;
    let (Front { listen, transport, limits }, deployment) = args.deployment.read(args.listen)?;
    let config = Config {
        listen,
        transport,
        limits,
        deployment: Some(Arc::new(deployment)),
        rules,
        readers,
        presidio,
        welcome: Some(welcome),
        ..Config::default()
    };
    tacita_server::run(&config).map_err(Failure::Serve)?;
    Ok(Exit::Clean)
}
