//! `tacita verify`

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use tacita_domain::Timestamp;
use tacita_ledger::{
    checkpoint::{Checkpoint, Opened, Signed, Verifiers, open_any_epoch},
    note::{MAX_NOTE, Note, VerifierKey},
    receipt::{self, Body, MAX_RECEIPT, Receipt},
    verify::{self, Fault, Report, Seen, Source},
};

use crate::{
    deployment::OrganisationArgs,
    escape::Escaped,
    exported::Exported,
    failure::{Exit, Failure},
    remote::Served,
};

/// The longest file of keys that is read, in bytes.
const MAX_KEYS: usize = 64 * 1024;

/// Verify a receipt or a whole log, without trust in whoever keeps it
///
/// A receipt proves that something was logged, when, and that it has not been changed since; it takes no server and no network.
/// A log is the folder that `tacita audit export` writes, the address of a server, or the database itself; all its entries,
/// tiles, bodies and the signed root are checked, and what is wrong is named. A server gives no bodies.
///
/// Whom to believe stands in the file of keys: a verifier key in each line. Get it from the organisation itself, not from whoever
/// gives you the receipt: `/api/v1/ledger/keys` of its server, or `keys` in an export. The name of the first key is the log's;
/// they are the keys of all its epochs. All keys of that name must have signed, others are witnesses, whose signatures are
/// checked where there are any.
///
/// Exit codes: 0 genuine, 1 not genuine, 2 something can't be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  tacita verify receipt.txt --keys keys
  tacita verify --log exported --keys keys
  tacita verify receipt.txt --log exported --keys keys
  tacita verify --log exported --seen last-year/checkpoint --keys keys
  tacita verify --log https://tacita.example.org/ledger/0199… --token-file token --keys keys
  tacita verify --database --config tacita.toml --keys keys")]
pub(crate) struct Args {
    /// The receipt; with `--log` or `--database`, the log must also continue the one that the receipt is of
    #[arg(value_name = "RECEIPT", required_unless_present_any = ["log", "database"])]
    receipt: Option<PathBuf>,
    /// The folder of a whole log, or the address of one: any server of C2SP's tlog-tiles
    #[arg(long, value_name = "DIR|URL", group = "whole")]
    log: Option<PathBuf>,
    /// The log in the database, which must also continue what the witnesses of the settings remember
    #[arg(long, group = "whole")]
    database: bool,
    /// The file of the keys that are believed
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
    /// A checkpoint that somebody else has kept, which the log must continue; can be given several times
    #[arg(long, value_name = "FILE", requires = "whole")]
    seen: Vec<PathBuf>,
    /// The file of a token for the server; without one TACITA_TOKEN is taken, where it is set
    #[arg(long, value_name = "FILE", requires = "log")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    common: OrganisationArgs,
}

pub(crate) fn run(args: Args) -> Result<Exit, Failure> {
    let verifiers = verifiers(&args.keys)?;
    let mut seen = Vec::new();
    if let Some(path) = &args.receipt {
        let receipt = Receipt::parse(&read(path, MAX_RECEIPT)?).map_err(malformed(path))?;
        match receipt::verify(&receipt, &of_epoch(receipt.proof().checkpoint().as_bytes(), &verifiers)) {
            Ok(verified) => tell_of_receipt(&verified),
            Err(fault) => return Ok(not_genuine(path, &fault)),
        }
        let checkpoint = receipt.proof().checkpoint().as_bytes();
        seen.extend(remembered(path, checkpoint, &verifiers).ok());
    }
    for path in &args.seen {
        match remembered(path, &read(path, MAX_NOTE)?, &verifiers) {
            Ok(checkpoint) => seen.push(checkpoint),
            Err(why) => return Ok(not_genuine(path, &why)),
        }
    }
    let Some(log) = args.log else {
        return if args.database { database(args.common, verifiers, seen) } else { Ok(Exit::Clean) };
    };
    match log.to_str().filter(|log| log.starts_with("https://") || log.starts_with("http://")) {
        Some(url) => {
            let mut served = Served::open(url, args.token_file.as_deref())?;
            let checkpoint = served.checkpoint()?;
            source(&mut served, &checkpoint, &log, &verifiers, seen)
        }
        None => {
            let checkpoint = read(&log.join("checkpoint"), MAX_NOTE)?;
            source(&mut Exported::open(&log)?, &checkpoint, &log, &verifiers, seen)
        }
    }
}

/// Verifies a log that somebody gives, in a folder or over a network.
fn source(
    source: &mut dyn Source,
    checkpoint: &[u8],
    log: &Path,
    verifiers: &Verifiers,
    seen: Vec<Seen>,
) -> Result<Exit, Failure> {
    let opened = match open_any_epoch(checkpoint, verifiers) {
        Ok(opened) => opened,
        Err(why) => return Ok(not_genuine(&log.join("checkpoint"), &why)),
    };
    match verify::log(source, &opened.checkpoint, 0, seen) {
        Ok(report) => {
            if let Err((index, why)) = verify::links(&report, verifiers) {
                return Ok(not_genuine(log, &format!("entry {index}, which begins an epoch: {why}")));
            }
            tell_of_log(&opened, &report);
            Ok(Exit::Clean)
        }
        Err(Fault::Unreadable { what, why }) => {
            let cause = io::Error::other(format!("{what}: {why}"));
            Err(Failure::Read { path: log.to_owned(), cause })
        }
        Err(fault) => Ok(not_genuine(log, &fault)),
    }
}

/// Verifies the log in the database, against the witnesses too.
fn database(common: OrganisationArgs, verifiers: Verifiers, mut seen: Vec<Seen>) -> Result<Exit, Failure> {
    let (runtime, service, whose) = common.open()?;
    runtime.block_on(async {
        let (remembered, unknown) = service.remembered(whose).await?;
        for (witness, why) in unknown {
            anstream::eprintln!(
                "tacita: what the witness `{witness}` remembers is not known: {}",
                Escaped::text(&why)
            );
        }
        for (witness, note) in remembered {
            let by = format!("the witness `{witness}`");
            match open_any_epoch(note.as_bytes(), &verifiers) {
                Ok(Opened { checkpoint, .. }) => seen.push(Seen { by, checkpoint }),
                Err(why) => {
                    return Ok(not_genuine(Path::new("database"), &format!("what {by} remembers: {why}")));
                }
            }
        }
        Ok(match service.verify_log(whose, verifiers, seen).await? {
            Ok(Some(verified)) => {
                tell_of_log(&verified.opened, &verified.report);
                Exit::Clean
            }
            Ok(None) => {
                anstream::println!("genuine: there is nothing in the log yet");
                Exit::Clean
            }
            Err(fault) => not_genuine(Path::new("database"), &fault),
        })
    })
}

/// Whom a file of keys believes.
fn verifiers(path: &Path) -> Result<Verifiers, Failure> {
    let invalid = |why: String| Failure::Read { path: path.to_owned(), cause: io::Error::other(why) };
    let bytes = read(path, MAX_KEYS)?;
    let text = str::from_utf8(&bytes).map_err(|_| invalid("it is no text".to_owned()))?;
    let mut keys: Vec<VerifierKey> = Vec::new();
    for (line, number) in text.lines().map(str::trim).zip(1..) {
        if !line.is_empty() && !line.starts_with('#') {
            let key = line.parse();
            keys.push(key.map_err(|error| invalid(format!("line {number}: {error}")))?);
        }
    }
    let Some(origin) = keys.first().map(|key| key.name().to_owned()) else {
        return Err(invalid("it has no key; put a verifier key in each line".to_owned()));
    };
    let (required, witnesses) = keys.into_iter().partition(|key| key.name() == origin);
    let verifiers = Verifiers::new(&origin, required).map_err(|error| invalid(error.to_string()))?;
    Ok(verifiers.with_witnesses(witnesses))
}

/// What believes the same keys for the epoch that a checkpoint says that it is of.
fn of_epoch(checkpoint: &[u8], verifiers: &Verifiers) -> Verifiers {
    let origin = Note::parse(checkpoint).ok().and_then(|note| Checkpoint::parse(note.text()).ok());
    origin.and_then(|said| verifiers.of_epoch(said.origin())).unwrap_or_else(|| verifiers.clone())
}

fn remembered(path: &Path, checkpoint: &[u8], verifiers: &Verifiers) -> Result<Seen, String> {
    let by = format!("`{}`", Escaped::path(path));
    let opened = open_any_epoch(checkpoint, verifiers).map_err(|error| error.to_string())?;
    Ok(Seen { by, checkpoint: opened.checkpoint })
}

/// The whole of a file of at most `most` bytes.
fn read(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(Failure::read(path))?;
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(Failure::read(path))?;
    if bytes.len() > most {
        let cause = io::Error::new(ErrorKind::InvalidData, format!("it is longer than {most} bytes"));
        return Err(Failure::Read { path: path.to_owned(), cause });
    }
    Ok(bytes)
}

fn malformed<E: ToString>(path: &Path) -> impl FnOnce(E) -> Failure {
    let path = path.to_owned();
    move |error| Failure::Read { path, cause: io::Error::new(ErrorKind::InvalidData, error.to_string()) }
}

fn not_genuine(path: &Path, why: &dyn std::fmt::Display) -> Exit {
    anstream::println!("not genuine: `{}`: {}", Escaped::path(path), Escaped::text(&why.to_string()));
    Exit::Findings
}

fn tell_of_receipt(verified: &receipt::Verified<'_>) {
    anstream::println!(
        "genuine: entry {} of the log `{}`, counted from 0; the log had {} when it was signed",
        verified.index,
        Escaped::text(&verified.origin),
        verified.head.size
    );
    tell_of_signatures(&verified.signed);
    match verified.body {
        Body::Clear(text) => anstream::println!("what was logged:\n{}", indented(text)),
        Body::Shown { text, .. } => {
            anstream::println!("what was logged was sealed, and says:\n{}", indented(text));
        }
        Body::Sealed(_) => anstream::println!(
            "what was logged is sealed: the receipt proves that it was logged and is unchanged, and shows nothing of it"
        ),
    }
}

fn tell_of_log(opened: &Opened, report: &Report) {
    let Report { head, bodies, pruned_bodies, pruned, links, seen, .. } = report;
    anstream::println!(
        "genuine: the log `{}`, all entries: {}",
        Escaped::text(opened.checkpoint.origin()),
        head.size
    );
    tell_of_signatures(&opened.signed);
    anstream::println!("sealed bodies, as they were logged: {bodies}; no longer kept: {pruned_bodies}");
    if let Some(last) = pruned.and_then(|pruned| pruned.checked_sub(1)) {
        anstream::println!("what the entries 0 to {last} said was pruned");
    }
    for (index, link) in links {
        let last = link.checkpoint();
        anstream::println!(
            "entry {index} begins an epoch: of the {} entries of `{}` the first {index} are left",
            last.head().size,
            Escaped::text(last.origin())
        );
    }
    if *seen > 0 {
        anstream::println!("checkpoints kept elsewhere that it continues: {seen}");
    }
}

fn tell_of_signatures(signed: &[Signed]) {
    for Signed { name, algorithm, time } in signed {
        let seconds = time.and_then(|time| i64::try_from(time).ok());
        let at = seconds.map(|seconds| Timestamp::from_micros(0).after_seconds(seconds).to_string());
        let at = at.map_or_else(String::new, |at| format!(", {}", at.split('.').next().unwrap_or_default()));
        anstream::println!("signed by `{}` ({algorithm}{at})", Escaped::text(name));
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {}", Escaped::text(line))).collect::<Vec<_>>().join("\n")
}
