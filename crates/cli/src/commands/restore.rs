//! `tacita restore`

use std::path::{Path, PathBuf};

use tacita_detect::redact::Vault;

use crate::{
    copies::{Copies, Rewriter},
    documents::{DocumentArgs, Documents},
    failure::{Exit, Failure},
    ordered::Turn,
    redaction::{NotRewritten, Rewritten, restore_document},
    scan::WalkArgs,
    secrets::{SecretArgs, Secrets},
};

/// Put the originals back that `tacita redact` replaced
///
/// Undoes placeholders, hashes and encrypted values, in the redacted file or in any text that uses them, such as a
/// model's answer. What stands around them may have changed. Placeholders that the vault does not know stay, and their
/// number is told.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita restore clean.txt --vault case.vault > letter.txt
  tacita restore answer.txt --vault case.vault --passphrase-file pass.txt --output letter.txt
  tacita restore ~/case-redacted --output ~/case-restored --vault case.vault --key-file case.key
  cat clean.txt | tacita restore - --key-file case.key     for encrypted values the key is enough")]
pub(crate) struct Args {
    /// A file, a folder, or `-` for stdin
    path: PathBuf,
    /// Write there instead of stdout; for a folder the folder of the copies, made where it is missing
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    files: WalkArgs,
    #[command(flatten)]
    documents: DocumentArgs,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let (secrets, vault) = args.secrets.open()?;
    let (source, target) = (&args.path, args.output.as_deref());
    let copies = Copies {
        source,
        target,
        files: &args.files,
        secrets: &args.secrets,
        max_size: args.documents.limits.max_size,
        seen: None,
        own: Vec::new(),
    };
    let restoration = Restoration { documents: args.documents.documents()?, secrets, vault };
    let done = copies.make(&restoration)?;
    restoration.documents.tell();
    if args.output.is_some() || done.unknown > 0 {
        anstream::eprintln!(
            "{} places restored, {} placeholders not known to the vault",
            done.changes,
            done.unknown
        );
    }
    Ok(done.exit())
}

struct Restoration {
    documents: Documents,
    secrets: Secrets,
    vault: Vault,
}

impl Rewriter for Restoration {
    fn rewrite(&self, path: &Path, bytes: &[u8], _: Turn<'_>) -> Result<Rewritten, NotRewritten> {
        restore_document(path, bytes, &self.documents, &self.vault, &self.secrets.key)
    }

    /// What is restored is to have its values.
    fn found_in_name(&self, _: &str) -> Vec<&str> {
        Vec::new()
    }

    fn keep(&self) -> Result<(), Failure> {
        Ok(())
    }
}
