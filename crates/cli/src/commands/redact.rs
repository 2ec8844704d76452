//! `tacita redact`

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
};

use tacita_detect::{
    Overlaps,
    redact::{OperatorKind, Policy, Redactor, system_random},
};

use crate::{
    copies::{Copies, Rewriter},
    detection::NativeArgs,
    documents::DocumentArgs,
    escape::Escaped,
    failure::{Exit, Failure},
    ordered::Turn,
    policy::PolicyArgs,
    redaction::{NotRewritten, Redaction, Rewritten},
    review::{Review, Reviewed},
    scan::WalkArgs,
    secrets::{SecretArgs, Secrets},
    seen::SeenArgs,
};

/// Write a copy without the personal data
///
/// Text, Markdown, CSV, JSON, YAML, notebooks, HTML, XML, DOCX, XLSX, PPTX, OpenDocument, mail and archives keep their
/// format; of other documents the redacted text is written. What is found once in a file is redacted wherever it stands
/// there. Copies lose the names of authors, thumbnails, comments of archives, and in archives and mails what could not be
/// read; files and folders keep their names. With a vault, placeholders, hashes and encrypted values can be restored. A file appears whole or not at all, and never before the vault that can
/// restore it is on disk.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita redact letter.txt > clean.txt
  tacita redact contract.json --output clean.json --vault case.vault
  tacita redact ~/case --output ~/case-redacted --vault case.vault --key-file case.key
  tacita redact ~/case --output ~/case-redacted --verify
  tacita redact ~/case --review case.json && tacita redact ~/case --reviewed case.json --output ~/case-redacted
  tacita redact /srv/files --output /srv/clean --vault v --key-file k --changed-since ~/.tacita-redacted
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
    /// Read each copy again, with a second reader that knows no format beside the first, before it appears; one in which
    /// something is left is an error and does not
    #[arg(long)]
    verify: bool,
    /// Write what would be redacted into a file, for a person to look through and edit, and no copy
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reviewed", "output", "verify", "changed_since"])]
    review: Option<PathBuf>,
    /// Redact what this file says, written by `--review` and edited
    #[arg(long, value_name = "FILE")]
    reviewed: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    files: WalkArgs,
    #[command(flatten)]
    seen: SeenArgs,
    #[command(flatten)]
    documents: DocumentArgs,
    #[command(flatten)]
    detection: NativeArgs,
}

pub(crate) fn run(mut args: Args) -> Result<Exit, Failure> {
    args.detection.rules.add_found()?;
    let args = &args;
    let policy = args.policy.policy()?;
    args.detection.check_types(policy.entities.keys().cloned().collect())?;
    refuse_to_lose_key(&policy, &args.secrets)?;
    if args.seen.changed_since.is_some() {
        if !args.path.is_dir() {
            return Err(Failure::NoFolder);
        }
        if args.secrets.vault.is_none() {
            return Err(Failure::NumbersLost);
        }
    }
    // Of overlapping findings each is treated where it stands: a URL that is kept must not hide the address in it.
    let detector = args.detection.detector(Overlaps::All)?;
    let (secrets, vault) = args.secrets.open_or_begin()?;
    let redactor = Redactor::new(policy.clone(), &secrets.key, vault, system_random);
    let redactor = Mutex::new(redactor.map_err(|cause| Failure::Policy(cause.to_string()))?);
    let review = args.reviewed.as_deref().map(Review::read).transpose()?;
    let reviewed = review.as_ref().map(|review| &review.digest);
    // Numbers are those of one vault, and copies lie in one folder.
    let [vault_path, target_path] = [&args.secrets.vault, &args.output].map(|path| {
        path.as_deref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
    });
    let settings = format!(
        "{policy:?} {} {reviewed:?} {vault_path:?} {target_path:?} {}",
        args.verify,
        args.detection.told()?
    );
    let seen = args.seen.open(&settings)?;
    let documents = args.documents.documents()?;
    let redaction = Redaction { detector, documents, redactor, policy, review, verify: args.verify };
    let (source, target) = (&args.path, args.output.as_deref());
    let copies = Copies {
        source,
        target,
        files: &args.files,
        secrets: &args.secrets,
        max_size: args.documents.limits.max_size,
        seen: seen.map(RwLock::new),
        own: [&args.seen.changed_since, &args.review, &args.reviewed]
            .into_iter()
            .filter_map(|path| path.as_deref())
            .collect(),
    };
    if let Some(path) = &args.review {
        let (reviewed, done) = copies.look_through(|path, bytes| redaction.propose(path, bytes))?;
        let findings: usize = reviewed.iter().map(Reviewed::findings).sum();
        Review::new(reviewed).write(path)?;
        redaction.documents.tell();
        anstream::eprintln!(
            "{findings} findings in {} files written to {} for review, {} skipped, {} failed",
            done.files,
            Escaped::path(path),
            done.skipped,
            done.failed
        );
        return Ok(args.detection.readers.conclude(done.exit()));
    }
    let kept = Kept { redaction, secrets };
    let done = copies.make(&kept)?;
    kept.redaction.documents.tell();
    if args.output.is_some() {
        let unchanged = match done.unchanged {
            0 => String::new(),
            count => format!(", {count} unchanged"),
        };
        let verified = if args.verify { ", all verified" } else { "" };
        anstream::eprintln!(
            "{} places redacted, {} files written{verified}{unchanged}, {} skipped, {} failed",
            done.changes,
            done.files,
            done.skipped,
            done.failed
        );
    }
    Ok(args.detection.readers.conclude(done.exit()))
}

/// A redaction that can be undone with what is kept.
struct Kept {
    redaction: Redaction,
    secrets: Secrets,
}

impl Rewriter for Kept {
    fn rewrite(&self, path: &Path, bytes: &[u8], turn: Turn<'_>) -> Result<Rewritten, NotRewritten> {
        self.redaction.redact(path, bytes, turn)
    }

    fn found_in_name(&self, name: &str) -> Vec<&str> {
        self.redaction.found_in(name)
    }

    fn keep(&self) -> Result<(), Failure> {
        self.secrets.keep(self.redaction.redactor.lock().unwrap_or_else(PoisonError::into_inner).vault())
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
