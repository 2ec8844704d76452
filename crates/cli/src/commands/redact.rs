//! `tacita redact`

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tacita_detect::{
    Detector, Overlaps,
    redact::{OperatorKind, Policy, Redactor, system_random},
};
use tacita_documents::isolation::Readers;

use crate::{
    copies::{Copies, Rewriter},
    detection::NativeArgs,
    failure::{Exit, Failure},
    limits::LimitArgs,
    ordered::Turn,
    policy::PolicyArgs,
    redaction::{NotRewritten, Rewritten, redact_document},
    scan::WalkArgs,
    secrets::{SecretArgs, Secrets},
};

/// Write a copy without the personal data
///
/// Text, CSV, JSON, HTML and XML keep their format; of other documents the redacted text is written. With a vault,
/// placeholders, hashes and encrypted values can be restored. A file appears whole or not at all, and never before the
/// vault that can restore it is on disk.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita redact letter.txt > clean.txt
  tacita redact contract.json --output clean.json --vault case.vault
  tacita redact ~/case --output ~/case-redacted --vault case.vault --key-file case.key
  cat mail.txt | tacita redact - --operator mask --operator URL=keep
  tacita redact customers.csv --policy policy.toml

A policy:
  default = \"placeholder\"
  [entities]
  URL = \"keep\"
  US_SSN = { operator = \"mask\", character = \"#\", count = 5 }
  DATE_TIME = { operator = \"shift_date\", max_days = 30 }

The operators placeholder, hash and encrypt can be undone by `tacita restore`.")]
pub(crate) struct Args {
    /// A file, a folder, or `-` for stdin
    path: PathBuf,
    /// Write there instead of stdout; for a folder the folder of the copies, made where it is missing
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    files: WalkArgs,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    detection: NativeArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.detection.rules.add_found()?;
    let args = &args;
    let policy = args.policy.policy()?;
    args.detection.check_types(policy.entities.keys().cloned().collect())?;
    refuse_to_lose_key(&policy, &args.secrets)?;
    // Of overlapping findings each is treated where it stands: a URL that is kept must not hide the address in it.
    let detector = args.detection.detector(Overlaps::All)?;
    let (secrets, vault) = args.secrets.open_or_begin()?;
    let redactor = Redactor::new(policy, &secrets.key, vault, system_random);
    let redactor = Mutex::new(redactor.map_err(|cause| Failure::Policy(cause.to_string()))?);
    let (source, target) = (&args.path, args.output.as_deref());
    let copies =
        Copies { source, target, files: &args.files, secrets: &args.secrets, max_size: args.limits.max_size };
    let done = copies.make(&Redaction { detector, readers: args.limits.readers(), secrets, redactor })?;
    if args.output.is_some() {
        anstream::eprintln!(
            "{} places redacted, {} files written, {} skipped, {} failed",
            done.changes,
            done.files,
            done.skipped,
            done.failed
        );
    }
    Ok(args.detection.readers.conclude(done.exit()))
}

struct Redaction {
    detector: Detector,
    readers: Readers,
    secrets: Secrets,
    redactor: Mutex<Redactor>,
}

impl Rewriter for Redaction {
    fn rewrite(&self, path: &Path, bytes: &[u8], turn: Turn<'_>) -> Result<Rewritten, NotRewritten> {
        redact_document(path, bytes, &self.readers, &self.detector, &self.redactor, turn)
    }

    fn keep(&self) -> Result<(), Failure> {
        self.secrets.keep(self.redactor.lock().unwrap_or_else(PoisonError::into_inner).vault())
    }
}

/// Without a vault or a key file the key ends with the command: what is encrypted with it would be lost.
fn refuse_to_lose_key(policy: &Policy, secrets: &SecretArgs) -> Result<(), Failure> {
    if policy.encrypts() && !secrets.is_given() {
        Err(Failure::KeyLost(OperatorKind::Encrypt))
    } else {
        Ok(())
    }
}
