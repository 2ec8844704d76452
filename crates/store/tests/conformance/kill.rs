//! Killed at any moment: what was acknowledged is there, and nothing is there by half.

use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use tacita_domain::{Action, OrganisationId, RecordId, SubjectId};
use tacita_store::{Place, Scoped, Store, queries, records};
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
    rounds(Backend::Sqlite);
}

#[test]
fn postgres_is_killed_while_it_writes() {
    rounds(Backend::Postgres);
}

fn rounds(backend: Backend) {
    let rounds: usize = env::var("TACITA_KILL_ROUNDS").map_or(100, |rounds| rounds.parse().unwrap());
    let mut random = fastrand::Rng::with_seed(7);
    backend::run(backend, async |house: House| {
        let (subject, _) = house.subject().await;
        let (organisation, base) = (house.organisation, house.close());
        let mut acknowledged = 0;
        for round in 0..rounds / 2 {
            let start = start(round);
            let killed = kill(&base, organisation, subject, round, random.usize(1..LONGEST));
            acknowledged += killed.len();
            let store = Store::open(house::settings(base.house(), base.keyring())).unwrap();
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
            let lost: Vec<_> = killed.difference(&there[0]).collect();
            assert!(lost.is_empty(), "round {round}: {} acknowledged, lost {lost:?}", killed.len());
        }
        println!("{backend:?}: {} rounds, {acknowledged} acknowledged, none lost", rounds / 2);
    });
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
) -> BTreeSet<RecordId> {
    let (house, keyring) = (address(base.house()), address(base.keyring()));
    let told = format!("{house} {keyring} {organisation} {subject} {round}");
    let mut acknowledged = BTreeSet::new();
    // What was cut off was not acknowledged.
    let ended = kill_after("kill::child", (CHILD, &told), after, |line| {
        acknowledged.extend(line.parse::<RecordId>())
    });
    assert!(!ended, "round {round}: the child ended by itself");
    acknowledged
}

/// Where a place is, as a text for a child.
pub(crate) fn address(place: Place) -> String {
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

/// The other way round.
pub(crate) fn place(address: &str) -> Place {
    match address.starts_with("postgres:") {
        true => Place::server(address).unwrap(),
        false => Place::File { path: address.into(), key: Zeroizing::new(FILE_KEY) },
    }
}

/// Starts the test of this name as a child and kills it after it has written so many lines that are whole and its own; each is
/// handed on. Whether it ended by itself.
pub(crate) fn kill_after(
    test: &str,
    (variable, told): (&str, &str),
    after: usize,
    mut each: impl FnMut(&str),
) -> bool {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(variable, told)
        .stdout(Stdio::piped())
        .spawn()
        .map(Killed)
        .unwrap();
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

struct Killed(Child);

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
