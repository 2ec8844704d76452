//! Workers that are killed at any moment: no job is lost, and what each writes is written once.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use tacita_domain::{JobState, OrganisationId, Timestamp};
use tacita_store::{
    Store,
    jobs::{self, Claimed, LEASE_SECONDS},
    queries,
};

use crate::{
    backend::{self, Backend, Base},
    house::{self, House, now},
    jobs::new,
    kill::{Killed, place, spell},
};

queries! {
    COUNT = "INSERT INTO processing_counts (organisation, day, purpose, action, outcome, count) \
             VALUES ($1, 0, $2, 'job', 'done', 1) \
             ON CONFLICT (organisation, day, purpose, action, outcome) DO UPDATE SET count = processing_counts.count + 1";
    COUNTED = "SELECT purpose, count FROM processing_counts WHERE organisation = $1 AND action = 'job'";
}

/// In which variable the child finds what to do.
const CHILD: &str = "TACITA_JOBS_CHILD";
/// Jobs to be done.
const JOBS: usize = 120;
/// Workers of the child.
const WORKERS: u8 = 4;

#[test]
fn sqlite_workers_are_killed() {
    rounds(Backend::Sqlite);
}

#[test]
fn postgres_workers_are_killed() {
    rounds(Backend::Postgres);
}

fn rounds(backend: Backend) {
    let mut random = fastrand::Rng::with_seed(11);
    backend::run(backend, async |house: House| {
        let organisation = house.organisation;
        for _ in 0..JOBS {
            let new = new(now());
            house.store.write_within(organisation, move |tx| jobs::enqueue(tx, &new, now())).await.unwrap();
        }
        let (mut at, mut rounds, mut done) = (now(), 0, 0);
        let base = house.close();
        while done < JOBS {
            kill(&base, organisation, at, random.usize(1..12));
            (at, rounds) = (at.after_seconds(LEASE_SECONDS), rounds + 1);
            assert!(rounds <= JOBS, "{done} of {JOBS} done after {rounds} rounds");
            let store = Store::open(house::settings(base.house(), base.keyring())).unwrap();
            let (listed, counted) = store
                .look_up(organisation, |tx| {
                    let counted =
                        tx.query(COUNTED, &[], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
                    Ok((jobs::list(tx, None, None, 1000)?, counted.into_iter().collect::<BTreeMap<_, _>>()))
                })
                .await
                .unwrap();
            assert_eq!(listed.len(), JOBS, "none is lost");
            for job in &listed {
                let written = counted.get(&job.job.to_string()).copied().unwrap_or(0);
                assert_eq!(written, i64::from(job.state == JobState::Done), "round {rounds}: {job:?}");
            }
            done = counted.len();
        }
        println!("{backend:?}: {JOBS} jobs done over {rounds} killed processes, each once");
    });
}

/// Lets a child work until it has done so many jobs, or all, and kills it.
fn kill(base: &Base, organisation: OrganisationId, at: Timestamp, after: usize) {
    let (house, keyring) = (spell(base.house()), spell(base.keyring()));
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["jobs_killed::child", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, format!("{house} {keyring} {organisation} {}", at.micros()))
        .stdout(Stdio::piped())
        .spawn()
        .map(Killed)
        .unwrap();
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    for _ in lines.filter(|line| line == "done").take(after) {}
    child.0.kill().unwrap();
}

/// Not a test: what the tests above start and kill.
#[test]
#[ignore = "is started by the tests that kill it"]
fn child() {
    let Ok(told) = env::var(CHILD) else { return };
    let [house, keyring, organisation, at] = told.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{told}")
    };
    let organisation: OrganisationId = organisation.parse().unwrap();
    let at = Timestamp::from_micros(at.parse().unwrap());
    backend::runtime().block_on(async {
        let store = Store::open(house::settings(place(house), place(keyring))).unwrap();
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..WORKERS {
            let store = store.clone();
            workers.spawn(async move {
                loop {
                    let claim = move |tx: &mut tacita_store::Writing<'_>| jobs::claim(tx, &[worker; 16], at);
                    let claimed = store.write_within(organisation, claim).await.unwrap();
                    let Some(Claimed { lease, .. }) = claimed else { return };
                    let work = move |tx: &mut tacita_store::Writing<'_>| {
                        tx.execute(COUNT, &[(&*lease.job.to_string()).into()])?;
                        jobs::finish(tx, &lease, at)
                    };
                    store.write_within(organisation, work).await.unwrap();
                    std::io::stdout().lock().write_all(b"done\n").unwrap();
                }
            });
        }
        workers.join_all().await;
    });
}
