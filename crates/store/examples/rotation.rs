//! How long it takes to give an organisation's key a new version: `cargo run --release -p tacita-store --example rotation -- 1000000`.
//!
//! In a temporary folder, or on PostgreSQL where two URLs follow the number: of a house and of a key ring that are empty.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures tells its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::{env, num::NonZeroUsize, sync::Arc, time::Instant};

use tacita_domain::{OrganisationId, SubjectId, Timestamp};
use tacita_store::{Place, Settings, Store};
use tacita_vault::{Root, RootKey, SecureMemory, system_random};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

/// Callers that make keys at once.
const CALLERS: usize = 256;
/// Keys that are wrapped in one transaction.
const TOGETHER: u32 = 1000;

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
}

fn main() {
    let mut arguments = env::args().skip(1);
    let keys: usize = arguments.next().map_or(100_000, |keys| keys.parse().expect("a number of keys"));
    let folder = tempfile::tempdir().unwrap();
    let mut place = |name: &str| match arguments.next() {
        Some(url) => Place::server(&url).unwrap(),
        None => Place::File { path: folder.path().join(name), key: Zeroizing::new([7; 32]) },
    };
    let (house, keyring) = (place("house.db"), place("keyring.db"));
    let memory = SecureMemory::new();
    let settings = Settings {
        house,
        keyring,
        root: Arc::new(Root::Local(RootKey::generate(&memory, &mut system_random))),
        memory,
        chance: system_random,
        clock: now,
        cached_keys: NonZeroUsize::new(1000).unwrap(),
    };
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let store = Store::open(settings).unwrap();
        let organisation = OrganisationId::new(now(), store.random());
        store.ring().found(organisation, now()).await.unwrap();
        let start = Instant::now();
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (store, share) = (store.clone(), keys / CALLERS + usize::from(caller < keys % CALLERS));
            callers.spawn(async move {
                for _ in 0..share {
                    let subject = SubjectId::new(now(), store.random());
                    store.ring().found_subject(organisation, subject, &[]).await.unwrap();
                }
            });
        }
        callers.join_all().await;
        tell("made", keys, start);

        let start = Instant::now();
        let mut rotation = store.ring().rotate(organisation, now()).await.unwrap();
        let mut wrapped = 0;
        loop {
            match store.ring().wrap_again(&mut rotation, TOGETHER).await.unwrap() {
                0 if store.ring().remove_versions(&mut rotation).await.unwrap() => break,
                more => wrapped += more,
            }
        }
        assert_eq!(wrapped, keys);
        tell("wrapped anew", keys, start);
    });
}

fn tell(what: &str, keys: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    println!("{keys} keys {what} in {seconds:.1} s: {:.0} a second", keys as f64 / seconds);
}
