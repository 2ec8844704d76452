//! How many records a second reach the disk, each with its account: from one caller, from 64, in batches of 1,000.
//!
//! `cargo run --release -p tacita-store --example commits -- FOLDER [POSTGRES_URL]`; the URL names a server on which it may make two
//! databases. Nothing is measured in memory: a folder in tmpfs is refused.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures, for a developer at a terminal"
)]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{
    env, fs,
    io::Write,
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tacita_corridor::{Basis, Denied, Gate, Ground, Operation, Passage, Policy};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, Purpose, RecordId, SubjectId,
    Timestamp, Trace,
};
use tacita_store::{
    Place, Settings, Store, SystemScope, Writing, organisations, purposes, records, subjects,
};
use tacita_vault::{Root, RootKey, SecureMemory, SubjectKey, system_random};
use zeroize::Zeroizing;

/// How long each figure is measured, and how often.
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 3;
const PEOPLE: usize = 1000;

struct Yes;

impl Policy for Yes {
    fn permit(&self, _: &Operation) -> Result<(), Denied> {
        Ok(())
    }
}

impl Basis for Yes {
    async fn ground(&self, _: &Operation) -> Result<Ground, Denied> {
        Ok(Ground { version: 1, basis: LawfulBasis::Contract, class: DataClass::Personal })
    }
}

struct Bench {
    store: Store,
    gate: Gate<Yes, Yes, Store>,
    organisation: OrganisationId,
    people: Vec<(SubjectId, SubjectKey)>,
}

fn main() {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().expect("give a folder on the disk that is to be measured");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    fs::create_dir_all(&folder).unwrap();
    let kind = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let full = fs::canonicalize(&folder).unwrap();
    let mount = kind
        .lines()
        .filter_map(|line| line.split(' ').nth(1).zip(line.split(' ').nth(2)))
        .filter(|(at, _)| full.starts_with(at))
        .max_by_key(|(at, _)| at.len());
    assert!(
        mount.is_none_or(|(_, kind)| kind != "tmpfs"),
        "`{folder}` lies in memory; give a folder on a disk"
    );
    println!("fdatasync of 4 KiB: {:.2} ms (median of 100)", fsync(&full).as_secs_f64() * 1e3);

    let key = || Zeroizing::new([7; 32]);
    let file = |name: &str| Place::File { path: full.join(name), key: key() };
    runtime.block_on(async {
        for name in ["house", "keyring"] {
            for end in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(full.join(format!("{name}{end}")));
            }
        }
        measure("SQLCipher", file("house"), file("keyring")).await;
        if let Some(url) = arguments.next() {
            let [house, keyring] = databases(&url).await;
            measure("PostgreSQL", house, keyring).await;
        }
    });
}

async fn databases(url: &str) -> [Place; 2] {
    let config: tokio_postgres::Config = url.parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut places = Vec::new();
    for name in ["tacita_bench_house", "tacita_bench_keyring"] {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut config = config.clone();
        config.dbname(name);
        places.push(Place::Server(Box::new(config)));
    }
    places.try_into().unwrap()
}

async fn measure(name: &str, house: Place, keyring: Place) {
    let bench = Arc::new(Bench::new(house, keyring).await);
    println!("{name}: records a second, median of {ROUNDS}; processor time of this process for each");
    for (what, callers, batch) in [("1 caller", 1, 1), ("64 callers", 64, 1), ("batches of 1,000", 1, 1000)] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let (started, worked) = (Instant::now(), processor());
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..callers {
                let bench = Arc::clone(&bench);
                tasks.spawn(async move {
                    let mut kept = 0_usize;
                    while started.elapsed() < ROUND {
                        kept += bench.keep(batch).await;
                    }
                    kept
                });
            }
            let kept = tasks.join_all().await.into_iter().sum::<usize>() as f64;
            rounds.push((kept / started.elapsed().as_secs_f64(), (processor() - worked) / kept));
        }
        rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (rate, cost) = rounds[ROUNDS / 2];
        println!("  {what:<17} {rate:>8.0}/s {:>7.1} us", cost * 1e6);
    }
}

impl Bench {
    async fn new(house: Place, keyring: Place) -> Self {
        let memory = SecureMemory::new();
        let store = Store::open(Settings {
            house,
            keyring,
            root: Root::Local(RootKey::generate(&memory, &mut system_random)),
            memory,
            chance: system_random,
            cached_keys: NonZeroUsize::new(100_000).unwrap(),
        })
        .unwrap();
        let at = now();
        let organisation = OrganisationId::new(at, store.random());
        store.ring().found(organisation, at).await.unwrap();
        let purpose = Purpose {
            name: "support".parse().unwrap(),
            version: 1,
            basis: LawfulBasis::Contract,
            class: DataClass::Personal,
            enabled: true,
        };
        store
            .write_spanning(SystemScope::Found, move |tx| {
                organisations::insert(tx, organisation, "Example Ltd", at)?;
                purposes::insert(&mut tx.within(organisation), &purpose, at)
            })
            .await
            .unwrap();
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            let subject = SubjectId::new(now(), store.random());
            people.push((subject, store.ring().found_subject(organisation, subject, &[]).await.unwrap()));
        }
        let subjects: Vec<_> = people.iter().map(|(subject, _)| *subject).collect();
        let ensure = move |tx: &mut Writing<'_>| {
            subjects.iter().try_for_each(|subject| subjects::ensure(tx, *subject, at))
        };
        store.write_within(organisation, ensure).await.unwrap();
        Self { gate: Gate::new(Yes, Yes, store.clone()), store, organisation, people }
    }

    async fn operation(
        &self,
    ) -> (
        Passage,
        Option<String>,
        impl FnOnce(&mut Writing<'_>) -> Result<(), tacita_store::Error> + Send + use<>,
    ) {
        let at = now();
        let [first, second, ..] = self.store.random::<8>();
        let (subject, key) =
            &self.people[usize::from(u16::from_be_bytes([first, second])) % self.people.len()];
        let record = RecordId::new(at, self.store.random());
        let operation = Operation {
            id: OperationId::new(at, self.store.random()),
            organisation: self.organisation,
            action: Action::RecordCreate,
            purpose: "support".parse().unwrap(),
            subject: Some(*subject),
            actor: Actor::System("bench"),
            trace: Trace::from_bytes([9; 16]).unwrap(),
            at,
        };
        let row = records::row(record, 1);
        let place = records::sealed_at(self.organisation, &row);
        let says = b"The boiler in the cellar makes a noise since Monday; call before eight, ask for the caretaker, bring a ladder.";
        let stored = records::Stored {
            record,
            subject: *subject,
            kind: "ticket".parse().unwrap(),
            purpose: "support".parse().unwrap(),
            version: 1,
            created: at,
            changed: at,
            restricted: None,
            sealed: key.seal(&place, says, &mut system_random).unwrap(),
        };
        let passage = self.gate.admit(operation).await.unwrap();
        (passage, Some(format!("record/{record}")), move |tx: &mut Writing<'_>| records::insert(tx, &stored))
    }

    async fn keep(&self, batch: usize) -> usize {
        if batch == 1 {
            let (passage, object, act) = self.operation().await;
            self.store.commit(passage, object, act).await.unwrap();
        } else {
            let mut operations = Vec::with_capacity(batch);
            for _ in 0..batch {
                operations.push(self.operation().await);
            }
            self.store.commit_all(operations).await.into_iter().for_each(|kept| assert!(kept.is_ok()));
        }
        batch
    }
}

/// How long the disk takes to keep a page.
fn fsync(folder: &Path) -> Duration {
    let path = folder.join("fsync");
    let mut file = fs::File::create(&path).unwrap();
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            let started = Instant::now();
            file.write_all(&[7; 4096]).unwrap();
            file.sync_data().unwrap();
            started.elapsed()
        })
        .collect();
    fs::remove_file(path).unwrap();
    times.sort();
    times[50]
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks =
        |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
}
