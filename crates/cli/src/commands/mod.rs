//! One file per command: its options, its help, what it does.

pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod detect;
pub(crate) mod doctor;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod ledger;
pub(crate) mod man;
pub(crate) mod members;
pub(crate) mod migrate;
pub(crate) mod model;
pub(crate) mod policies;
pub(crate) mod read;
pub(crate) mod recognizers;
pub(crate) mod redact;
pub(crate) mod restore;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod token;
pub(crate) mod verify;

use crate::{
    cli::Command,
    failure::{Exit, Failure},
};

/// Runs a command to its end.
pub(crate) fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Detect(args) => detect::run(args),
        Command::Scan(args) => scan::run(args),
        Command::Recognizers(args) => recognizers::run(&args),
        Command::Redact(args) => redact::run(args),
        Command::Restore(args) => restore::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Token(args) => token::run(args),
        Command::Members(args) => members::run(args),
        Command::Policies(args) => policies::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Keys(args) => keys::run(args),
        Command::Migrate(args) => migrate::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Jobs(args) => jobs::run(args),
        Command::Ledger(args) => ledger::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Model(args) => model::run(args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Read(args) => read::run(&args),
    }
}
