//! What deleting costs in a large database: `cargo run --release -p tacita-store --example erasure -- FOLDER`.
//!
//! It fills a database of a gigabyte first.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures tells its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{
    env, fs,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tacita_corridor::{Basis, Decision, Denied, Gate, Ground, Operation, Passage, Policy};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, Purpose, RecordId, SubjectId,
    Timestamp, Trace,
};
use tacita_store::{Place, Settings, Store, SystemScope, organisations, purposes, records, subjects};
use tacita_vault::{Root, RootKey, SecureMemory, SubjectKey, system_random};
use zeroize::Zeroizing;

const PEOPLE: usize = 1000;
/// Records of each.
const ROWS: usize = 200;
/// Bytes of each.
const BYTES: usize = 4096;
/// How often it is measured.
const TIMES: usize = 9;

struct Yes;

impl Policy for Yes {
    async fn permit(&self, _: &Operation) -> Result<Decision, Denied> {
        Ok(Decision::default())
    }
}

impl Basis for Yes {
    async fn ground(&self, _: &Operation) -> Result<Ground, Denied> {
        Ok(Ground { version: 1, basis: LawfulBasis::Contract, class: DataClass::Personal })
    }
}

struct House {
    store: Store,
    gate: Gate<Yes, Yes, Store>,
    organisation: OrganisationId,
}

fn main() {
    let folder = env::args().nth(1).expect("give a folder on the disk that is to be measured");
    let folder = std::path::Path::new(&folder).join("erasure");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    let place = |name: &str| Place::File { path: folder.join(name), key: Zeroizing::new([7; 32]) };
    let memory = SecureMemory::new();
    let settings = Settings {
        house: place("house.db"),
        keyring: place("keyring.db"),
        root: Arc::new(Root::Local(RootKey::generate(&memory, &mut system_random))),
        memory,
        chance: system_random,
        clock: now,
        cached_keys: NonZeroUsize::new(10_000).unwrap(),
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let house = House::found(Store::open(settings).unwrap()).await;
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            people.push(house.person().await);
        }
        let bytes = fs::metadata(folder.join("house.db")).unwrap().len();
        println!(
            "SQLCipher, {:.2} GB, {PEOPLE} people with {ROWS} records of {BYTES} bytes each",
            bytes as f64 / 1e9
        );
        let (mut rows, mut keys) = (Vec::new(), Vec::new());
        for (subject, held) in people.into_iter().step_by(PEOPLE / TIMES).take(TIMES) {
            let passage = house.passage(Action::RecordDelete, subject).await;
            rows.push(
                timed(house.store.commit(passage, None, move |tx| {
                    held.iter().try_for_each(|record| records::delete(tx, *record))
                }))
                .await,
            );
            keys.push(timed(house.store.ring().destroy_subject(house.organisation, subject)).await);
        }
        for (what, mut times, goal) in [("erasing 200 records", rows, 100), ("destroying a key", keys, 10)] {
            times.sort();
            let median = times[TIMES / 2].as_secs_f64() * 1e3;
            println!("{what:<44}{median:>9.2} ms median (goal {goal})");
        }
    });
    fs::remove_dir_all(&folder).unwrap();
}

async fn timed<T>(work: impl Future<Output = Result<T, tacita_store::Error>>) -> Duration {
    let started = Instant::now();
    work.await.unwrap();
    started.elapsed()
}

impl House {
    async fn found(store: Store) -> Self {
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
        let insert = move |tx: &mut tacita_store::Spanning<'_>| {
            organisations::insert(tx, organisation, "Example Ltd", at)?;
            purposes::insert(&mut tx.within(organisation), &purpose, at)
        };
        store.write_spanning(SystemScope::Found, insert).await.unwrap();
        Self { gate: Gate::new(Yes, Yes, store.clone()), store, organisation }
    }

    async fn passage(&self, action: Action, subject: SubjectId) -> Passage {
        let at = now();
        let operation = Operation {
            id: OperationId::new(at, self.store.random()),
            organisation: self.organisation,
            action,
            purpose: "support".parse().unwrap(),
            subject: Some(subject),
            actor: Actor::System("bench"),
            trace: Trace::new(at, self.store.random()),
            at,
        };
        self.gate.admit(operation).await.unwrap()
    }

    /// Somebody new, with their records.
    async fn person(&self) -> (SubjectId, Vec<RecordId>) {
        let (at, organisation) = (now(), self.organisation);
        let subject = SubjectId::new(at, self.store.random());
        let key = self.store.ring().found_subject(organisation, subject, &[]).await.unwrap();
        self.store.write_within(organisation, move |tx| subjects::ensure(tx, subject, at)).await.unwrap();
        let (mut held, mut commits) = (Vec::new(), self.store.commits());
        for _ in 0..ROWS {
            let stored = self.record(subject, &key);
            held.push(stored.record);
            let passage = self.passage(Action::RecordCreate, subject).await;
            commits.add(passage, None, move |tx| records::insert(tx, &stored)).await;
        }
        commits.finish().await.into_iter().for_each(|kept| assert!(kept.is_ok()));
        (subject, held)
    }

    fn record(&self, subject: SubjectId, key: &SubjectKey) -> records::Stored {
        let at = now();
        let record = RecordId::new(at, self.store.random());
        let row = records::row(record, 1);
        let place = records::sealed_at(self.organisation, &row);
        records::Stored {
            record,
            subject,
            kind: "ticket".parse().unwrap(),
            purpose: "support".parse().unwrap(),
            version: 1,
            created: at,
            changed: at,
            restricted: None,
            sealed: key.seal(&place, &[b'x'; BYTES], &mut system_random).unwrap(),
        }
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
}
