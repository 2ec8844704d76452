//! Whether a deployment is in order: what is to be looked at, what it is like, and what to do. Nothing is written to what is kept.

mod machine;

use std::{collections::BTreeMap, fs, path::Path};

use serde::Serialize;
use tacita_domain::Timestamp;
use tacita_store::{Facts, Place, doctor};
use tacita_vault::{Root, RootSource, SecureMemory, Start, system_random};

use crate::{
    Clock, Deployment,
    database_keys::{Missing, kept_at, next_to},
};

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;
/// How many seconds two clocks may differ.
const CLOCKS: i64 = 2;
/// How many seconds entries of a ledger may wait for their place while a server runs.
const WAITING: i64 = 60;
/// How large the log of a database's file may be, in bytes: more means that something keeps it from being written back.
const LOG: u64 = 256 * 1024 * 1024;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Ok,
    /// It works, and may cost something one day.
    Warning,
    /// It does not work, or what is kept is in danger.
    Problem,
}

/// What was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub health: Health,
    /// What it is part of, such as `root key`.
    pub area: &'static str,
    /// What it is like.
    pub what: String,
    /// What to do; none where there is nothing to do.
    #[serde(rename = "do")]
    pub advice: Option<String>,
}

/// What was looked at so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, area: &'static str, what: impl Into<String>) {
        self.0.push(Finding { health: Health::Ok, area, what: what.into(), advice: None });
    }

    fn warning(&mut self, area: &'static str, what: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.0.push(Finding { health: Health::Warning, area, what: what.into(), advice });
    }

    fn problem(&mut self, area: &'static str, what: impl Into<String>, advice: impl Into<String>) {
        let advice = Some(advice.into());
        self.0.push(Finding { health: Health::Problem, area, what: what.into(), advice });
    }
}

impl Deployment {
    /// Looks at everything that a deployment stands on. A file without a name that is gone with its end is all that is written,
    /// to see how fast the disk is.
    #[must_use]
    pub fn doctor(&self, clock: Clock) -> Vec<Finding> {
        let mut findings = Findings::default();
        machine::look(&mut findings);
        if !self.data.is_dir() {
            let what = format!("there is no folder `{}`", self.data.display());
            let advice = "start `tacita serve`, which makes it, or name another with `--data`";
            findings.problem("data folder", what, advice);
            return findings.0;
        }
        self.look_at_folder(&mut findings);
        machine::look_at_disk(&self.data, clock, &mut findings);
        self.look_at_keys(clock, &mut findings);
        findings.0
    }

    fn look_at_folder(&self, findings: &mut Findings) {
        let area = "data folder";
        let before = findings.0.len();
        let _ = open_to_others(&self.data, "chmod 700", area, findings);
        for entry in fs::read_dir(&self.data).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_folder = path.is_dir();
            let _ = open_to_others(&path, if is_folder { "chmod 700" } else { "chmod 600" }, area, findings);
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with("-wal") && entry.metadata().is_ok_and(|about| about.len() > LOG) {
                let what = format!("`{}` is larger than {} MB", path.display(), LOG >> 20);
                let advice = "look for a program that keeps the database open for reading, and end it; a restart of the server shrinks it";
                findings.warning(area, what, advice);
            }
            if name.ends_with(".old") && !is_folder {
                let what = format!("`{}` is a former root key", path.display());
                let advice = "remove it once no backup of the key ring from before the change is left";
                findings.warning("root key", what, advice);
            }
        }
        if findings.0.len() == before {
            findings.ok(area, format!("`{}` and what is in it are their owner's alone", self.data.display()));
        }
    }

    fn look_at_keys(&self, clock: Clock, findings: &mut Findings) {
        let memory = SecureMemory::new();
        let Some(root) = self.look_at_root(&memory, findings) else { return };
        machine::look_at_memory(&memory, findings);
        let Some(root) = self.look_at_all_keys(root, &memory, findings) else { return };
        let places = match self.places(&root, &memory, Missing::Refused) {
            Ok(places) => places,
            Err(error) => {
                let advice = "give the root key, the files and the addresses that belong together; `tacita keys verify` says what opens";
                return findings.problem("databases", error.to_string(), advice);
            }
        };
        if self.servers().is_ok_and(|servers| servers.is_none()) {
            for file in self.files().iter().map(|file| next_to(&kept_at(file))).filter(|next| next.exists()) {
                let what = format!(
                    "`{}` is of a change of the root key that did not come to its end",
                    file.display()
                );
                findings.warning("root key", what, "run `tacita keys rotate --root` again");
            }
        }
        let [house, keyring] = &places;
        let facts = doctor::facts(house, keyring);
        let mut usable = true;
        for (facts, area) in facts.into_iter().zip(["house", "key ring"]) {
            match facts {
                Ok(facts) => look_at_database(area, &facts, clock(), findings),
                Err(error) => {
                    usable = false;
                    findings.problem(area, error.to_string(), "without it nothing is read or written");
                }
            }
        }
        if usable {
            look_across(&places, &root, &memory, clock(), findings);
        }
    }

    fn look_at_root(&self, memory: &SecureMemory, findings: &mut Findings) -> Option<Root> {
        let area = "root key";
        let open = |source: &RootSource| Root::open(source, Start::Again, memory, &mut system_random);
        let root = match (open(&self.root), self.next_root()) {
            (Ok(root), _) => root,
            (Err(error), _) => {
                let advice =
                    "without the root key nothing opens: put it back from a copy, `tacita keys import FILE`";
                findings.problem(area, error.to_string(), advice);
                return None;
            }
        };
        let what = match &self.root {
            RootSource::File(path) => format!("in `{}`, its owner's alone", path.display()),
            RootSource::Passphrase { .. } => "made of a passphrase".to_owned(),
            RootSource::Written(_) => "given by the environment".to_owned(),
            RootSource::Transit(settings) => format!("in the transit engine at `{}`", settings.address),
        };
        findings.ok(area, what);
        let copy = match root {
            Root::Local(_) => {
                "whether there is a copy elsewhere can't be seen from here; `tacita keys export FILE` makes one, `tacita keys \
                 verify FILE` tries it"
            }
            Root::Transit(_) => {
                "the engine gives it to nobody; whether the engine is backed up can't be seen from here"
            }
        };
        findings.ok(area, copy);
        Some(root)
    }

    /// The root key that opens everything; none where none does.
    fn look_at_all_keys(&self, root: Root, memory: &SecureMemory, findings: &mut Findings) -> Option<Root> {
        let area = "keys";
        let opened = match self.verify_keys_by(&root, memory, false) {
            Ok(opened) => opened,
            Err(error) => {
                findings.problem(area, error.to_string(), "`tacita keys verify` says more");
                return None;
            }
        };
        let what = "house and key ring belong together, and the root key opens what was tried";
        if opened.is_whole() {
            findings.ok(area, format!("{what} (organisations: {})", opened.organisations.len()));
            return Some(root);
        }
        if let Some((next, _)) = self.unfinished(&opened, memory, false) {
            let advice = "start the server, which finishes it, or run `tacita keys rotate --root` again";
            findings.warning(area, "a change of the root key is almost done", advice);
            return Some(next);
        }
        let first =
            opened.files.iter().find_map(|(_, opened)| opened.as_ref().err()).or(opened.unread.as_ref());
        let what = first
            .map_or_else(|| "not every key opens".to_owned(), |why| format!("not every key opens: {why}"));
        findings.problem(area, what, "`tacita keys verify` says which, and why");
        Some(root)
    }
}

fn look_across(
    [house, keyring]: &[Place; 2],
    root: &Root,
    memory: &SecureMemory,
    now: Timestamp,
    findings: &mut Findings,
) {
    if let Ok(uses) = doctor::uses(house, now.after_seconds(-DAY)) {
        let mut by_scope = BTreeMap::<_, u64>::new();
        uses.into_iter().for_each(|used| *by_scope.entry(used.scope).or_default() += used.uses);
        let all: Vec<_> = by_scope.iter().map(|(scope, uses)| format!("{scope} {uses}")).collect();
        let what = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        findings.ok("house", format!("work across organisations in the last day: {what}"));
    }
    let ledgers = match doctor::ledgers(house, keyring, root, memory) {
        Ok(ledgers) => ledgers,
        Err(error) => {
            return findings.problem("ledger", error.to_string(), "look at house and key ring first");
        }
    };
    for ledger in ledgers {
        look_at_ledger(&ledger, now, findings);
    }
}

/// Whether others than the owner may do anything with a file or folder.
#[cfg(unix)]
fn open_to_others(path: &Path, command: &str, area: &'static str, findings: &mut Findings) -> Option<()> {
    use std::os::unix::fs::MetadataExt;
    // What was removed meanwhile is nobody's.
    let about = fs::symlink_metadata(path).ok()?;
    let mode = about.mode() & 0o7777;
    if !about.is_symlink() && mode & 0o077 != 0 {
        let what = format!("others may use `{}` (mode {mode:04o})", path.display());
        findings.problem(area, what, format!("run `{command}` on it"));
    }
    Some(())
}

/// Other systems have no such permissions.
#[cfg(not(unix))]
fn open_to_others(_: &Path, _: &str, _: &'static str, _: &mut Findings) -> Option<()> {
    None
}

fn look_at_database(area: &'static str, facts: &Facts, now: Timestamp, findings: &mut Findings) {
    let kind = match facts.kind {
        tacita_store::Kind::Sqlite => {
            "an encrypted file that opens, in the mode that a power cut does not harm"
        }
        tacita_store::Kind::Postgres => {
            "PostgreSQL that answers, in UTF-8, with `fsync` and `full_page_writes` on"
        }
    };
    findings.ok(area, kind);
    if facts.steps.missing.is_empty() {
        findings.ok(area, format!("its schema is up to date ({})", facts.steps.taken.join(", ")));
    } else {
        let what = format!("its schema lacks steps: {}", facts.steps.missing.join(", "));
        findings.warning(
            area,
            what,
            "run `tacita migrate`, or start the server, which does it unless the settings say otherwise",
        );
    }
    if facts.kind != tacita_store::Kind::Postgres {
        return;
    }
    if facts.passes_by {
        let what = "its user may pass row-level security by (a superuser, or BYPASSRLS)";
        findings.problem(
            area,
            what,
            "connect as a user of its own: `CREATE ROLE tacita LOGIN CREATEROLE`, and make it the owner",
        );
    }
    if facts.open_tables.is_empty() {
        findings.ok(area, "row-level security is forced on every table");
    } else {
        let what = format!("row-level security is not forced on: {}", facts.open_tables.join(", "));
        let advice =
            "somebody has changed the tables: put the database back from its backup, with its roles first";
        findings.problem(area, what, advice);
    }
    let apart = facts.clock.map_or(0, |clock| (clock.micros() - now.micros()).abs() / 1_000_000);
    if apart > CLOCKS {
        let what = format!("its server's clock and this machine's differ by {apart} s");
        findings.warning(area, what, "let both machines keep time by NTP: leases and entries go by it");
    } else {
        findings.ok(area, "its server's clock and this machine's agree");
    }
}

fn look_at_ledger(ledger: &doctor::Ledger, now: Timestamp, findings: &mut Findings) {
    let area = "ledger";
    let doctor::Ledger { organisation, standing, wrong } = ledger;
    if let Some(wrong) = wrong {
        let advice =
            "keep the database as it is, and compare it with a backup and with checkpoints kept elsewhere";
        return findings.problem(area, format!("organisation {organisation}: {wrong}"), advice);
    }
    let signed = standing.newest.as_ref().map_or_else(
        || "nothing is signed yet".to_owned(),
        |signed| format!("{} entries, signed {}, genuine", signed.size, signed.at),
    );
    findings.ok(area, format!("organisation {organisation}: {signed}"));
    let age = standing.oldest.map_or(0, |oldest| (now.micros() - oldest.micros()) / 1_000_000);
    if standing.waiting > 0 && age > WAITING {
        let is_leased = standing.leased_until.is_some_and(|until| until > now);
        let what = format!(
            "organisation {organisation}: {} entries wait for their place, the oldest since {age} s; {}",
            standing.waiting,
            if is_leased { "a process holds the lease" } else { "nobody holds the lease" }
        );
        findings.warning(
            area,
            what,
            "start `tacita serve`, which gives them their places; where it runs, look at its log",
        );
    }
    if standing.newest.as_ref().is_some_and(|signed| signed.at > now.after_seconds(CLOCKS)) {
        let what = format!("organisation {organisation}: the last checkpoint was signed later than now");
        findings.warning(
            area,
            what,
            "the clock of this machine was set back, or that of another is ahead: let them keep time by NTP",
        );
    }
}
