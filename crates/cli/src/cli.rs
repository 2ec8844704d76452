//! The command line as a whole.

use clap::{Parser, Subcommand};

use crate::commands::{
    audit, completions, detect, doctor, jobs, keys, ledger, man, members, migrate, model, policies, read,
    recognizers, redact, restore, scan, serve, token, verify,
};

/// Finds, redacts and protects personal data, on this machine alone: nothing is sent anywhere.
#[derive(Debug, Parser)]
#[command(
    name = "tacita",
    version,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 done, 1 findings that `--fail-on` names, what `verify` finds not genuine,
keys that do not open, or a problem that `doctor` finds, 2 something could not be read or done.

Examples:
  tacita scan .                          what personal data is in this folder?
  tacita scan . --format html -o r.html  the same as a report to open in a browser
  tacita redact mail.txt > clean.txt     a copy without it
  tacita help scan                       all about one command"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(scan::Args),
    Detect(detect::Args),
    Redact(redact::Args),
    Restore(restore::Args),
    Recognizers(recognizers::Args),
    Serve(serve::Args),
    Token(token::Args),
    Members(members::Args),
    Policies(policies::Args),
    Audit(audit::Args),
    Jobs(jobs::Args),
    Ledger(ledger::Args),
    Keys(keys::Args),
    Migrate(migrate::Args),
    Doctor(doctor::Args),
    Verify(verify::Args),
    Model(model::Args),
    Completions(completions::Args),
    Man(man::Args),
    Read(read::Args),
}
