//! `tacita model`

mod eval;
mod installed;

use clap::Subcommand;

use crate::failure::{Exit, Failure};

/// Measure how well detection does, and bring a model of your own
///
/// Names are found by a tagger that is built in. A model of your own takes its place with `--model`: a token classifier in
/// ONNX, of the BERT, DeBERTa, XLM-RoBERTa or ModernBERT family. It runs on this machine; nothing is fetched.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Eval(eval::Args),
    Install(installed::InstallArgs),
    /// List the models that are installed
    List,
    /// Show what a model is and what its publisher says of it
    Show(installed::NameArgs),
    /// Remove a model
    Remove(installed::NameArgs),
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.what {
        What::Eval(args) => eval::run(args),
        What::Install(args) => installed::install(&args),
        What::List => installed::list(),
        What::Show(args) => installed::show(&args),
        What::Remove(args) => installed::remove(&args),
    }
}
