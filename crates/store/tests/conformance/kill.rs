//! Killed at any moment: what was acknowledged is there, and nothing is there by half.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use tacita_domain::{Action, OrganisationId, RecordId, SubjectId};
use tacita_ledger::{
    checkpoint,
    merkle::{Frontier, TreeHead, leaf_hash},
};
use tacita_store::{
    Place, Scoped, Store,
    ledger::{self, Log},
    queries, records,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::{
    backend::{self, Backend, Base},
    house::{self, FILE_KEY, House},
};

queries! {
    RECORDS = "SELECT record FROM records WHERE organisation = $1 AND record > $2";
    ENTRIES = "SELECT entry FROM ledger_waiting WHERE organisation = $1 AND entry > $2 \
               UNION ALL SELECT entry FROM ledger_entries WHERE organisation = $1 AND entry > $2";
    BODIES = "SELECT entry FROM ledger_bodies WHERE organisation = $1 AND entry > $2";
    LINEAGE = "SELECT operation FROM lineage WHERE organisation = $1 AND operation > $2";
    PROCESSING = "SELECT operation FROM processing WHERE organisation = $1 AND operation > $2 AND outcome = 'done'";
    OUTBOX = "SELECT operation FROM outbox WHERE organisation = $1 AND operation > $2";
}

/// In which variable the child finds where to write.
const CHILD: &str = "TACITA_KILL_CHILD";
/// Callers that write at once.
const CALLERS: usize = 8;
/// The most operations that are acknowledged before the end.
const LONGEST: usize = 150;

#[test]
fn sqlite_is_killed_while_it_writes() {
    rounds(Backend::Sqlite, Disk::Kept, kill_rounds() / 2);
}

#[test]
fn postgres_is_killed_while_it_writes() {
    rounds(Backend::Postgres, Disk::Kept, kill_rounds() / 2);
}

#[test]
fn what_was_acknowledged_was_synced() {
    assert_eq!(rounds(Backend::Sqlite, Disk::Unsynced { ignoring: false }, kill_rounds() / 5), 0);
}

/// The disk of the test above does lose what was not synced.
#[test]
fn what_is_not_synced_is_lost() {
    assert!(rounds(Backend::Sqlite, Disk::Unsynced { ignoring: true }, 1) > 0);
}

fn kill_rounds() -> usize {
    env::var("TACITA_KILL_ROUNDS").map_or(100, |rounds| rounds.parse().unwrap())
}

/// What is left of what the child wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disk {
    /// All that it gave to the system.
    Kept,
    /// What it synced, as after a power cut. Where syncing is ignored, nothing.
    Unsynced { ignoring: bool },
}

/// Kills a child so often, and looks at what is there. Says how much was acknowledged and is not.
fn rounds(backend: Backend, disk: Disk, rounds: usize) -> usize {
    let mut random = fastrand::Rng::with_seed(7);
    let mut all_lost = 0;
    backend::run(backend, async |house: House| {
        let (subject, _) = house.subject().await;
        let (organisation, base) = (house.organisation, house.close());
        let (mut acknowledged, mut slowest, mut seen) = (0, Duration::ZERO, None);
        for round in 0..rounds {
            let start = start(round);
            let shadow = Shadow::new(&base, disk);
            let killed = kill(&base, organisation, subject, round, random.usize(1..LONGEST), shadow.as_ref());
            acknowledged += killed.len();
            if let Some(shadow) = shadow {
                shadow.cut_the_power();
            }
            let (store, opening) =
                timed(|| Store::open(house::settings(base.house(), base.keyring())).unwrap());
            slowest = slowest.max(opening);
            let tables = [RECORDS, ENTRIES, BODIES, LINEAGE, PROCESSING, OUTBOX];
            // In one transaction: a server may still be busy with what the child sent last.
            let there = store.look_up(organisation, move |tx| {
                tables
                    .map(|table: Scoped| tx.query(table, &[(&start).into()], |row| row.get::<RecordId>(0)))
                    .into_iter()
                    .collect()
            });
            let there: Vec<Vec<RecordId>> = there.await.unwrap();
            let there: Vec<BTreeSet<RecordId>> =
                there.into_iter().map(|ids| ids.into_iter().collect()).collect();
            for (table, ids) in there.iter().enumerate() {
                assert_eq!(ids, &there[0], "round {round}: table {table} has others than the records");
            }
            let lost = killed.difference(&there[0]).count();
            assert!(
                lost == 0 || disk != Disk::Kept,
                "round {round}: {} acknowledged, {lost} lost",
                killed.len()
            );
            all_lost += lost;
            seen = goes_on(&store, organisation, round, seen).await;
        }
        println!(
            "{backend:?}, {disk:?}: {rounds} rounds, {acknowledged} acknowledged, {all_lost} lost, opened again in {slowest:?} at most"
        );
    });
    all_lost
}

#[expect(clippy::disallowed_methods, reason = "it measures; nothing is decided by it")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    (work(), started.elapsed())
}

/// Asserts that the log continues each checkpoint that was signed before, and gives what waits its place.
async fn goes_on(
    store: &Store,
    organisation: OrganisationId,
    round: usize,
    seen: Option<TreeHead>,
) -> Option<TreeHead> {
    let log =
        Arc::new(Log::of(organisation, 1, &store.ring().organisation(organisation).await.unwrap()).unwrap());
    let signed = store.look_up(organisation, ledger::newest).await.unwrap();
    let head = |signed: ledger::Signed| {
        *checkpoint::open(signed.note.as_bytes(), log.verifiers()).unwrap().checkpoint.head()
    };
    let left = signed.map(head);
    let integrating = Arc::clone(&log);
    // Long after the child's lease.
    let at = house::now().after_seconds(1_000_000 * (round as i64 + 1));
    let integrated = store.write_within(organisation, move |tx| {
        let fence = ledger::lease(tx, &[9; 16], at)?.expect("the child's lease has run out");
        let count = ledger::integrate(tx, fence, &integrating, at)?;
        ledger::release(tx, fence).map(|()| count)
    });
    integrated.await.unwrap();
    let now = store.look_up(organisation, ledger::newest).await.unwrap().map(head);
    let (mut frontier, mut heads) = (Frontier::new(), vec![]);
    for bundle in 0.. {
        let entries = store.look_up(organisation, move |tx| ledger::bundle(tx, bundle)).await.unwrap();
        for entry in &entries {
            heads.push(frontier.head());
            frontier.push(leaf_hash(entry));
        }
        if entries.len() < 256 {
            break;
        }
    }
    heads.push(frontier.head());
    for head in [seen, left, now].into_iter().flatten() {
        assert_eq!(
            heads.get(head.size as usize),
            Some(&head),
            "round {round}: a signed log is no part of this one"
        );
    }
    assert_eq!(now.map_or(0, |head| head.size as usize), heads.len() - 1, "round {round}");
    now
}

/// A second folder that has only what was synced into the first.
struct Shadow {
    folder: PathBuf,
    synced: TempDir,
    ignoring: bool,
}

impl Shadow {
    fn new(base: &Base, disk: Disk) -> Option<Self> {
        let Disk::Unsynced { ignoring } = disk else { return None };
        let Place::File { path, .. } = base.house() else { unreachable!("files alone have a shadow") };
        let folder = path.parent().unwrap().to_owned();
        let synced = TempDir::new().unwrap();
        // What lies there now was synced when it was closed.
        copy(&folder, synced.path());
        Some(Self { folder, synced, ignoring })
    }

    /// The layer between a program and its disk, made by the compiler of the system.
    fn layer() -> &'static Path {
        static LAYER: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
        let (_, path) = LAYER.get_or_init(|| {
            let folder = TempDir::new().unwrap();
            let (source, made) = (
                concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/unsynced.c"),
                folder.path().join("unsynced.so"),
            );
            let built = Command::new("cc")
                .args(["-shared", "-fPIC", "-O1", "-o"])
                .arg(&made)
                .args([source, "-ldl", "-lpthread"])
                .status();
            assert!(built.unwrap().success());
            (folder, made)
        });
        path
    }

    fn under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", Self::layer()).env("UNSYNCED_DIR", &self.folder);
        command.env("UNSYNCED_SHADOW", self.synced.path());
        if self.ignoring {
            command.env("UNSYNCED_IGNORE", "1");
        }
    }

    /// Puts what was synced in the place of what was written.
    fn cut_the_power(self) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        copy(self.synced.path(), &self.folder);
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|end| end != "part") {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// The smallest id that a round can make. Later rounds have later ids.
fn start(round: usize) -> [u8; 16] {
    let mut id = [0; 16];
    let millis = 1_800_000_000_000 + 1_000_000 * round as u64;
    id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    id
}

/// Lets a child write until it has acknowledged so many, kills it, and says what it acknowledged.
fn kill(
    base: &Base,
    organisation: OrganisationId,
    subject: SubjectId,
    round: usize,
    after: usize,
    shadow: Option<&Shadow>,
) -> BTreeSet<RecordId> {
    let told = format!("{} {} {organisation} {subject} {round}", spell(base.house()), spell(base.keyring()));
    let mut acknowledged = BTreeSet::new();
    // What was cut off was not acknowledged.
    let ended = kill_after(
        "kill::child",
        (CHILD, &told),
        after,
        |command| shadow.iter().for_each(|shadow| shadow.under(command)),
        |line| acknowledged.extend(line.parse::<RecordId>()),
    );
    assert!(!ended, "round {round}: the child ended by itself");
    acknowledged
}

/// Starts the test of this name as a child and kills it after it has written so many lines that are whole and its own; each is
/// handed on. Whether it ended by itself.
pub(crate) fn kill_after(
    test: &str,
    (variable, told): (&str, &str),
    after: usize,
    set_up: impl FnOnce(&mut Command),
    mut each: impl FnMut(&str),
) -> bool {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([test, "--exact", "--ignored", "--nocapture"]).env(variable, told).stdout(Stdio::piped());
    set_up(&mut command);
    let mut child = command.spawn().map(Killed).unwrap();
    let mut lines = 0;
    for line in BufReader::new(child.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // What the harness says is not the child's.
        if line.is_empty() || line.contains(' ') {
            continue;
        }
        each(&line);
        lines += 1;
        if lines == after {
            child.0.kill().unwrap();
        }
    }
    lines < after
}

/// A place in words that [`place`] reads in the child.
pub(crate) fn spell(place: Place) -> String {
    match place {
        Place::File { path, .. } => path.display().to_string(),
        Place::Server(config) => {
            let tokio_postgres::config::Host::Tcp(host) = &config.get_hosts()[0] else {
                panic!("a host by name")
            };
            let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
            format!("postgres://{user}:{user}@{host}:{}/{name}", config.get_ports()[0])
        }
    }
}

/// What [`spell`] wrote.
pub(crate) fn place(place: &str) -> Place {
    match place.starts_with("postgres:") {
        true => Place::server(place).unwrap(),
        false => Place::File { path: place.into(), key: Zeroizing::new(FILE_KEY) },
    }
}

/// A child that does not outlive its test.
pub(crate) struct Killed(pub(crate) Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Not a test: what the tests above start and kill.
#[test]
#[ignore = "is started by the tests that kill it"]
fn child() {
    let Ok(told) = env::var(CHILD) else { return };
    let [house, keyring, organisation, subject, round] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let (organisation, subject): (OrganisationId, SubjectId) =
        (organisation.parse().unwrap(), subject.parse().unwrap());
    let start = start(round.parse().unwrap());
    backend::runtime().block_on(async {
        let store = Store::open(house::settings(place(house), place(keyring))).unwrap();
        let gate = Arc::new(house::gate(&store));
        let key = store.ring().subject(organisation, subject).await.unwrap();
        std::io::stdout().write_all(b"\n").unwrap();
        let mut callers = tokio::task::JoinSet::new();
        let log = Arc::new(
            Log::of(organisation, 1, &store.ring().organisation(organisation).await.unwrap()).unwrap(),
        );
        let integrating = store.clone();
        // Later than the lease of whoever looked at the last round.
        let late = move |round: i64| house::now().after_seconds(1_000_000 * round + 500_000);
        let round: i64 = round.parse().unwrap();
        callers.spawn(async move {
            loop {
                let log = Arc::clone(&log);
                let integrated = integrating.write_within(organisation, move |tx| {
                    let Some(fence) = ledger::lease(tx, &[8; 16], late(round))? else { return Ok(0) };
                    ledger::integrate(tx, fence, &log, late(round))
                });
                integrated.await.unwrap();
            }
        });
        for caller in 0..CALLERS {
            let (store, gate, key) = (store.clone(), Arc::clone(&gate), key.clone());
            callers.spawn(async move {
                for number in 0_u64.. {
                    let mut id = start;
                    id[7] = 1;
                    id[8..].copy_from_slice(&(number << 8 | caller as u64).to_be_bytes());
                    let mut stored = house::record_of(organisation, subject, &key);
                    stored.record = RecordId::from_bytes(id);
                    let operation = tacita_corridor::Operation {
                        id: tacita_domain::OperationId::from_bytes(id),
                        ..house::operation(organisation, Action::RecordCreate, "support", Some(subject))
                    };
                    let passage = gate.admit(operation).await.unwrap();
                    let record = stored.record;
                    store.commit(passage, None, move |tx| records::insert(tx, &stored)).await.unwrap();
                    // In one call, so that it is there as a whole or not at all.
                    std::io::stdout().lock().write_all(format!("{record}\n").as_bytes()).unwrap();
                }
            });
        }
        callers.join_all().await;
    });
}
