//! `tacita keys`

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use tacita_service::{CopyOfRoot, KeysOpened, Service};
use zeroize::Zeroizing;

use crate::{
    deployment::{DeploymentArgs, OrganisationArgs, open, organisation, other_root},
    escape::Escaped,
    failure::{Exit, Failure},
    progress::Progress,
    secrets,
};

/// The longest copy of a root key that is read, in bytes.
const LONGEST: u64 = 4096;

/// Copy the root key, verify that all keys open, and rotate them
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita keys export root-key.copy
  tacita keys verify
  tacita keys verify root-key.copy --all
  tacita keys import root-key.copy
  tacita keys rotate
  tacita keys rotate --root
  tacita keys rotate --root --to new-settings.toml")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Export(Export),
    Import(Import),
    Verify(Verify),
    Rotate(Rotate),
}

/// Write a copy of the root key, protected by a passphrase, to be kept elsewhere
///
/// Whoever loses the root key and has no copy loses everything that is kept, for good. A root key in a transit engine can't be
/// copied: the engine gives it to nobody.
#[derive(Debug, clap::Args)]
struct Export {
    /// The file, which must be new
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    deployment: DeploymentArgs,
}

/// Put the root key's file back from a copy
///
/// There must be none, and the copy must open what is kept.
#[derive(Debug, clap::Args)]
struct Import {
    /// What `export` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    deployment: DeploymentArgs,
}

/// Verify that the root key, or a copy of it, opens all keys; nothing is written
///
/// It opens the keys of the databases' files and of every organisation, the seeds by which ledgers are signed, and of each
/// organisation's data subjects the keys of a thousand, drawn by chance.
///
/// Exit codes: 0 all open, 1 something does not open, 2 it can't be tried.
#[derive(Debug, clap::Args)]
struct Verify {
    /// What `export` wrote, in place of the root key
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The keys of all data subjects
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    #[command(flatten)]
    deployment: DeploymentArgs,
}

/// Give an organisation's key a new version, or change the root key
///
/// A new version wraps the keys of all data subjects anew, while servers go on; they notice by themselves. Stopped anywhere, it
/// loses nothing, and the next call goes on.
///
/// With `--root`, the keys of all organisations and of the databases' files are wrapped by another root key: a new one in the
/// place of the file with the former, or the one that the settings in `--to` name. Servers have to be started again afterwards.
/// Keep the former root key, or a copy of it, for as long as you keep backups of the key ring from before.
#[derive(Debug, clap::Args)]
struct Rotate {
    /// The keys of all organisations
    #[arg(long, conflicts_with = "organisation")]
    all: bool,
    /// The root key
    #[arg(long, conflicts_with_all = ["organisation", "all"])]
    root: bool,
    /// A file of settings whose `root_key` says what the root key is to be; nothing else of it counts
    #[arg(long, value_name = "FILE", requires = "root")]
    to: Option<PathBuf>,
    #[command(flatten)]
    common: OrganisationArgs,
}

/// Where the passphrase of a copy comes from.
#[derive(Debug, clap::Args)]
struct PassphraseArgs {
    /// A file whose first line is the copy's passphrase; without it it is asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    fn get(
        &self,
        ask: impl FnOnce() -> Result<Zeroizing<String>, Failure>,
    ) -> Result<Zeroizing<String>, Failure> {
        match &self.passphrase_file {
            Some(path) => secrets::read_passphrase(path),
            None => ask().map_err(|failure| match failure {
                Failure::NoSecret => Failure::NoPassphrase,
                failure => failure,
            }),
        }
    }

    /// A copy, and the passphrase that is to open it.
    fn copy(&self, file: &Path) -> Result<CopyOfRoot, Failure> {
        let mut text = String::new();
        let opened = File::open(file).and_then(|copy| copy.take(LONGEST + 1).read_to_string(&mut text));
        opened.map_err(Failure::read(file))?;
        let passphrase = self.get(|| secrets::ask("Passphrase of the copy: "))?;
        Ok(CopyOfRoot { text, passphrase })
    }
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    match args.command {
        Command::Export(args) => export(args),
        Command::Import(args) => import(args),
        Command::Verify(args) => verify(args),
        Command::Rotate(args) => rotate(args),
    }
}

fn export(args: Export) -> Result<Exit, Failure> {
    let Export { file, passphrase, deployment } = args;
    if file.try_exists().map_err(Failure::write(&file))? {
        return Err(Failure::Exists(file));
    }
    let (_, service) = existing(deployment)?;
    let passphrase = passphrase.get(|| secrets::ask_twice("Passphrase for the copy: "))?;
    service.export_root(&passphrase, &file).map_err(|error| match error {
        tacita_service::Error::Exists => Failure::Exists(file.clone()),
        tacita_service::Error::Files(cause) => Failure::write(&file)(cause),
        error => error.into(),
    })?;
    anstream::eprintln!(
        "`{}` is a copy of the root key. With its passphrase it opens everything that is kept here: keep it away from this \
         machine, and its passphrase away from it. Whoever loses the root key and this file loses everything, for good. \
         `tacita keys verify FILE` tries it, `tacita keys import FILE` puts it back.",
        Escaped::path(&file)
    );
    Ok(Exit::Clean)
}

fn import(args: Import) -> Result<Exit, Failure> {
    let Import { file, passphrase, deployment } = args;
    let (runtime, deployment) = deployment.prepare()?;
    let copy = passphrase.copy(&file)?;
    let _inside = runtime.enter();
    let path = deployment.import_root(&copy).map_err(Failure::Deployment)?;
    anstream::eprintln!("the root key is back in `{}`", Escaped::path(&path));
    Ok(Exit::Clean)
}

fn verify(args: Verify) -> Result<Exit, Failure> {
    let Verify { file, all, passphrase, deployment } = args;
    let (runtime, deployment) = deployment.prepare()?;
    let copy = file.map(|file| passphrase.copy(&file)).transpose()?;
    let _inside = runtime.enter();
    let opened = deployment.verify_keys(copy.as_ref(), all).map_err(Failure::Deployment)?;
    tell(&opened);
    Ok(if opened.is_whole() { Exit::Clean } else { Exit::Findings })
}

fn tell(opened: &KeysOpened) {
    for (path, file) in &opened.files {
        match file {
            Ok(()) => anstream::println!("opens: `{}`", Escaped::path(path)),
            Err(why) => anstream::println!("does not open: {}", Escaped::text(why)),
        }
    }
    if let Some(why) = &opened.unread {
        anstream::println!("the key ring can't be read: {}", Escaped::text(why));
    }
    for (organisation, verified) in &opened.organisations {
        let word = if verified.refused == 0 { "opens" } else { "does not all open" };
        anstream::println!(
            "{word}: organisation {organisation}: versions of its key: {}, secrets: {}, keys of data subjects: {} of {}",
            verified.versions,
            verified.secrets,
            verified.subjects,
            verified.of_subjects
        );
        for what in &verified.named {
            anstream::println!("  does not open: {}", Escaped::text(what));
        }
        let unnamed = verified.refused.saturating_sub(verified.named.len() as u64);
        if unnamed > 0 {
            anstream::println!("  and {unnamed} more");
        }
    }
}

fn rotate(args: Rotate) -> Result<Exit, Failure> {
    let Rotate { all, root, to, common } = args;
    if root {
        return change_root(common.deployment, to.as_deref());
    }
    let (runtime, service) = existing(common.deployment)?;
    runtime.block_on(async {
        let whose = if all {
            service
                .organisations_and_platform()
                .await?
                .into_iter()
                .map(|(organisation, _)| organisation)
                .collect()
        } else {
            let whose = organisation(&service, common.organisation.as_deref()).await?;
            vec![whose.ok_or(tacita_service::Error::NotFound)?]
        };
        for organisation in whose {
            let progress = Progress::beside();
            let count = |done| progress.count(done, "keys wrapped anew");
            let rotated = service.rotate_keys(organisation, count).await?;
            progress.end();
            let how =
                if rotated.is_resumed { "the rotation that was stopped is finished" } else { "rotated" };
            anstream::println!(
                "{how}: organisation {organisation}: version {} wraps all its keys; wrapped anew: {}",
                rotated.version,
                rotated.keys
            );
        }
        Ok(Exit::Clean)
    })
}

fn change_root(deployment: DeploymentArgs, to: Option<&Path>) -> Result<Exit, Failure> {
    let (runtime, deployment) = deployment.prepare()?;
    let next = to.map(|settings| other_root(settings, &deployment.data)).transpose()?;
    let count = runtime.block_on(deployment.change_root(next.as_ref())).map_err(Failure::Deployment)?;
    anstream::println!("the root key is changed; keys of organisations wrapped anew: {count}");
    anstream::eprintln!(
        "{}Start every server again. Backups of the key ring from before open with the former root key alone: keep that, or a \
         copy of it, for as long as you keep them, and no longer. Make a copy of the new one: `tacita keys export FILE`.",
        if to.is_some() { "Put the new `root_key` into the settings. " } else { "" }
    );
    Ok(Exit::Clean)
}

/// What is kept; a folder in which nothing is kept yet has no keys, and none are made.
fn existing(deployment: DeploymentArgs) -> Result<(tokio::runtime::Runtime, Service), Failure> {
    let (runtime, deployment) = deployment.prepare()?;
    let is_begun = {
        let _inside = runtime.enter();
        deployment.is_begun().map_err(Failure::Deployment)?
    };
    if !is_begun {
        return Err(Failure::NothingKept(deployment.data));
    }
    let service = open(&runtime, &deployment)?;
    Ok((runtime, service))
}
