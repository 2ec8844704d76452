//! Jobs: put in with the data, done by one at a time, tried again, and coming again.

use std::{collections::BTreeSet, time::Duration};

use tacita_domain::{
    Action, AttachmentId, DataClass, Job, JobEvent, JobFailure, JobId, JobState, MOST_ATTEMPTS,
    OrganisationId, Schedule, Timestamp,
};
use tacita_store::{
    Error, Store, SystemScope, Writing,
    jobs::{self, Claimed, Counts, LEASE_SECONDS, Lease, Listed, New},
    purposes, queries,
};
use tokio::time::timeout;

use crate::{
    conformance,
    house::{self, House, found, now, random},
};

conformance! {
    a_job_is_there_with_its_data_or_not_at_all,
    whoever_waits_is_told,
    two_workers_never_hold_one_job,
    jobs_are_done_in_the_order_in_which_they_are_due,
    whoever_was_overtaken_writes_nothing,
    a_lease_that_is_renewed_lasts,
    a_job_that_failed_waits_and_is_tried_again,
    a_job_that_failed_too_often_is_dead_until_somebody_wants_it_tried_again,
    a_job_whose_workers_are_lost_each_time_is_dead,
    one_at_a_time_says_the_same,
    what_happens_in_each_state_is_what_the_table_says,
    a_job_of_another_version_fails_and_stays,
    a_schedule_fires_once_whoever_looks,
    another_organisation_has_jobs_of_its_own,
    jobs_are_counted_and_forgotten,
}

queries! {
    CHANGE = "UPDATE jobs SET arguments = $3 WHERE organisation = $1 AND job = $2";
}

const ME: [u8; 16] = [1; 16];
const OTHER: [u8; 16] = [2; 16];

pub(crate) fn new(due: Timestamp) -> New {
    New { id: JobId::new(due, random()), job: Job::SweepFiles, once: None, due }
}

impl House {
    /// A job that is due now.
    async fn enqueued(&self) -> JobId {
        let new = new(now());
        let id = new.id;
        assert!(self.enqueue(new).await);
        id
    }

    async fn enqueue(&self, new: New) -> bool {
        enqueue(&self.store, self.organisation, new).await
    }

    async fn claim(&self, holder: [u8; 16], at: Timestamp) -> Option<Claimed> {
        claim(&self.store, self.organisation, holder, at).await
    }

    async fn take(&self, at: Timestamp) -> Lease {
        self.claim(ME, at).await.unwrap().lease
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        act: impl FnMut(&mut Writing<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.write_within(self.organisation, act).await
    }

    async fn finish(&self, lease: Lease) -> Result<(), Error> {
        self.write(move |tx| jobs::finish(tx, &lease, now())).await
    }

    async fn fail(&self, lease: Lease, at: Timestamp) -> Result<Option<Timestamp>, Error> {
        self.write(move |tx| jobs::fail(tx, &lease, JobFailure::Files, u64::MAX, at)).await
    }

    async fn jobs(&self) -> Vec<Listed> {
        self.store.look_up(self.organisation, |tx| jobs::list(tx, None, None, 1000)).await.unwrap()
    }

    async fn job(&self, id: JobId) -> Listed {
        self.jobs().await.into_iter().find(|listed| listed.job == id).unwrap()
    }

    async fn job_counts(&self) -> Counts {
        self.store.span(SystemScope::Work, jobs::counts).await.unwrap()
    }

    async fn ready(&self, at: Timestamp) -> Vec<OrganisationId> {
        self.store.span(SystemScope::Work, move |tx| jobs::ready(tx, at)).await.unwrap()
    }

    async fn purposes(&self) -> usize {
        self.store.look_up(self.organisation, purposes::all).await.unwrap().len()
    }
}

async fn enqueue(store: &Store, organisation: OrganisationId, new: New) -> bool {
    store.write_within(organisation, move |tx| jobs::enqueue(tx, &new, now())).await.unwrap()
}

async fn claim(
    store: &Store,
    organisation: OrganisationId,
    holder: [u8; 16],
    at: Timestamp,
) -> Option<Claimed> {
    store.write_within(organisation, move |tx| jobs::claim(tx, &holder, at)).await.unwrap()
}

/// Writes something that can be looked for.
fn mark(tx: &mut Writing<'_>, name: &str) -> Result<(), Error> {
    let purpose = tacita_domain::Purpose {
        name: name.parse().unwrap(),
        version: 1,
        basis: tacita_domain::LawfulBasis::Contract,
        class: DataClass::Operational,
        enabled: true,
    };
    purposes::insert(tx, &purpose, now())
}

async fn a_job_is_there_with_its_data_or_not_at_all(house: House) {
    let (subject, key) = house.subject().await;
    let attempt = async |fails: bool| {
        let (stored, new) = (house.record(subject, &key), new(now()));
        let passage = house.passage(Action::RecordCreate, subject).await;
        let act = move |tx: &mut Writing<'_>| {
            jobs::enqueue(tx, &new, now())?;
            tacita_store::records::insert(tx, &stored)?;
            if fails { Err(Error::Changed) } else { Ok(()) }
        };
        house.store.commit(passage, None, act).await.is_ok()
    };
    assert!(!attempt(true).await);
    assert_eq!(house.jobs().await.len(), 0);
    assert!(attempt(false).await);
    let [job] = &house.jobs().await[..] else { panic!("one job") };
    assert_eq!((&*job.kind, job.state, job.attempts), ("files.sweep", JobState::Waiting, 0));
    // What the data is about comes back as it was put in.
    let file = AttachmentId::new(now(), random());
    let about = New { job: Job::RemoveFiles { files: vec![file] }, ..new(now()) };
    let id = about.id;
    house.enqueue(about).await;
    while let Some(Claimed { lease, kind, job }) = house.claim(ME, now()).await {
        if lease.job == id {
            assert_eq!((&*kind, job), ("files.remove", Some(Job::RemoveFiles { files: vec![file] })));
            return;
        }
    }
    panic!("it was not in the queue");
}

async fn whoever_waits_is_told(house: House) {
    let told = || timeout(Duration::from_secs(20), house.store.enqueued());
    house.enqueued().await;
    told().await.unwrap();
    let lease = house.take(now()).await;
    house.finish(lease).await.unwrap();
    // Nothing but a job wakes.
    let mut waits = std::pin::pin!(house.store.enqueued());
    let is_told = std::future::poll_fn(|cx| std::task::Poll::Ready(waits.as_mut().poll(cx).is_ready())).await;
    assert!(!is_told);
    house.enqueued().await;
    timeout(Duration::from_secs(20), waits).await.unwrap();
}

async fn two_workers_never_hold_one_job(house: House) {
    const JOBS: usize = 60;
    for _ in 0..JOBS {
        house.enqueued().await;
    }
    // As two processes, of several workers each.
    let second = Store::open(house::settings(house.base.house(), house.base.keyring())).unwrap();
    let mut workers = tokio::task::JoinSet::new();
    let at = now();
    for worker in 0..8_u8 {
        let (store, organisation) =
            (if worker % 2 == 0 { &house.store } else { &second }.clone(), house.organisation);
        workers.spawn(async move {
            let mut held = Vec::new();
            // Where others are at the last ones there may be none for a moment: none is lost by that.
            while let Some(claimed) = claim(&store, organisation, [worker; 16], at).await {
                held.push(claimed.lease.job);
            }
            held
        });
    }
    let held: Vec<JobId> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(held.len(), JOBS);
    assert_eq!(held.iter().collect::<BTreeSet<_>>().len(), JOBS);
    assert_eq!(house.job_counts().await.running, JOBS as u64);
    drop(second);
}

async fn jobs_are_done_in_the_order_in_which_they_are_due(house: House) {
    let at = now();
    let (late, early) = (new(at.after_seconds(20)), new(at.after_seconds(10)));
    let ids = [early.id, late.id];
    house.enqueue(late).await;
    house.enqueue(early).await;
    assert_eq!(house.ready(at).await, []);
    assert!(house.claim(ME, at.after_seconds(9)).await.is_none());
    let at = at.after_seconds(30);
    assert_eq!(house.ready(at).await, [house.organisation]);
    assert_eq!([house.take(at).await.job, house.take(at).await.job], ids);
    assert!(house.claim(ME, at).await.is_none());
    assert_eq!(house.ready(at).await, []);
}

async fn whoever_was_overtaken_writes_nothing(house: House) {
    let id = house.enqueued().await;
    let at = now();
    let first = house.take(at).await;
    assert!(house.claim(OTHER, at.after_seconds(LEASE_SECONDS - 1)).await.is_none());
    // Late, but nobody else has it: what it writes counts.
    house.write(move |tx| jobs::hold(tx, &first)).await.unwrap();
    let at = at.after_seconds(LEASE_SECONDS);
    let second = house.claim(OTHER, at).await.unwrap().lease;
    assert_eq!((second.job, second.attempts), (id, 2));

    let before = house.purposes().await;
    type Act = fn(&mut Writing<'_>, &Lease) -> Result<(), Error>;
    let acts: [Act; 4] = [
        |tx, lease| jobs::hold(tx, lease),
        |tx, lease| jobs::renew(tx, lease, now()),
        |tx, lease| jobs::finish(tx, lease, now()),
        |tx, lease| jobs::fail(tx, lease, JobFailure::Store, 0, now()).map(drop),
    ];
    for (act, name) in acts.into_iter().zip(["hold", "renew", "finish", "fail"]) {
        let written = house.write(move |tx| {
            mark(tx, name)?;
            act(tx, &first)
        });
        let written = written.await;
        assert!(matches!(written, Err(Error::Changed)), "{name}: {written:?}");
    }
    assert_eq!(house.purposes().await, before);
    assert_eq!(house.job(id).await.state, JobState::Running);

    let written = house.write(move |tx| {
        mark(tx, "done")?;
        jobs::finish(tx, &second, now())
    });
    written.await.unwrap();
    assert_eq!(house.purposes().await, before + 1);
    assert_eq!(house.job(id).await.state, JobState::Done);
    let again = house.finish(second).await;
    assert!(matches!(again, Err(Error::Changed)), "{again:?}");
}

async fn a_lease_that_is_renewed_lasts(house: House) {
    house.enqueued().await;
    let at = now();
    let lease = house.take(at).await;
    let later = at.after_seconds(LEASE_SECONDS - 1);
    house.write(move |tx| jobs::renew(tx, &lease, later)).await.unwrap();
    assert!(house.claim(OTHER, at.after_seconds(LEASE_SECONDS)).await.is_none());
    assert!(house.claim(OTHER, later.after_seconds(LEASE_SECONDS)).await.is_some());
}

async fn a_job_that_failed_waits_and_is_tried_again(house: House) {
    let id = house.enqueued().await;
    let mut at = now();
    let mut waits = Vec::new();
    for attempt in 1..MOST_ATTEMPTS {
        let lease = house.take(at).await;
        assert_eq!((lease.job, lease.attempts), (id, attempt));
        let again = house.fail(lease, at).await.unwrap().unwrap();
        let job = house.job(id).await;
        assert_eq!((job.state, job.failure, job.ready), (JobState::Waiting, Some(JobFailure::Files), again));
        let before = Timestamp::from_micros(again.micros() - 1);
        assert!(house.claim(OTHER, before).await.is_none());
        waits.push((again.micros() - at.micros()) / 1_000_000);
        at = again;
    }
    for (n, wait) in waits.iter().enumerate() {
        let longest = (15 << n).min(3600);
        assert!((longest / 2..=longest).contains(wait), "attempt {}: {wait} s", n + 1);
    }
}

/// Fails until it is dead.
async fn kill(house: &House, id: JobId) {
    let mut at = now();
    loop {
        let lease = house.take(at).await;
        assert_eq!(lease.job, id);
        match house.fail(lease, at).await.unwrap() {
            Some(again) => at = again,
            None => return,
        }
    }
}

async fn a_job_that_failed_too_often_is_dead_until_somebody_wants_it_tried_again(house: House) {
    let id = house.enqueued().await;
    let retry = async |id: JobId| house.write(move |tx| jobs::retry(tx, id, now())).await;
    let waiting = retry(id).await;
    assert!(matches!(waiting, Err(Error::NotFound)), "{waiting:?}");
    kill(&house, id).await;
    let far = now().after_seconds(365 * 24 * 60 * 60);
    assert!(house.claim(ME, far).await.is_none());
    let dead = house.job(id).await;
    assert_eq!(
        (dead.state, dead.attempts, dead.failure),
        (JobState::Dead, MOST_ATTEMPTS, Some(JobFailure::Files))
    );
    assert!(dead.ended.is_some());
    assert_eq!(house.job_counts().await.dead, 1);
    let of = async |state| {
        house.store.look_up(house.organisation, move |tx| jobs::list(tx, Some(state), None, 10)).await
    };
    assert_eq!(of(JobState::Dead).await.unwrap().len(), 1);
    assert_eq!(of(JobState::Waiting).await.unwrap().len(), 0);

    retry(id).await.unwrap();
    let lease = house.take(now()).await;
    assert_eq!((lease.job, lease.attempts), (id, 1));
    house.finish(lease).await.unwrap();
    let done = retry(id).await;
    assert!(matches!(done, Err(Error::NotFound)), "{done:?}");
}

async fn a_job_whose_workers_are_lost_each_time_is_dead(house: House) {
    let id = house.enqueued().await;
    let next = house.enqueued().await;
    let mut at = now();
    for attempt in 1..=MOST_ATTEMPTS {
        let lease = house.take(at).await;
        assert_eq!((lease.job, lease.attempts), (id, attempt));
        if attempt == 1 {
            // The other one is done, or it would be between.
            let lease = house.take(at).await;
            assert_eq!(lease.job, next);
            house.finish(lease).await.unwrap();
        }
        at = at.after_seconds(LEASE_SECONDS);
    }
    let after = new(at.after_seconds(1));
    let next = after.id;
    house.enqueue(after).await;
    // The lost one comes first, and is not begun again.
    assert_eq!(house.take(at.after_seconds(1)).await.job, next);
    let lost = house.job(id).await;
    assert_eq!((lost.state, lost.failure), (JobState::Dead, Some(JobFailure::Lost)));
}

async fn one_at_a_time_says_the_same(house: House) {
    let same = |job: &Job| New { job: job.clone(), once: Some("same".to_owned()), ..new(now()) };
    let first = same(&Job::SweepFiles);
    let id = first.id;
    assert!(house.enqueue(first).await);
    assert!(!house.enqueue(same(&Job::SweepFiles)).await);
    assert!(house.enqueue(same(&Job::SweepKeys)).await, "of another kind");
    let other = found(&house.store).await;
    assert!(enqueue(&house.store, other, same(&Job::SweepFiles)).await, "of another organisation");
    assert!(house.enqueue(new(now())).await && house.enqueue(new(now())).await, "those that say nothing");

    let lease = house.take(now()).await;
    assert_eq!(lease.job, id);
    assert!(!house.enqueue(same(&Job::SweepFiles)).await, "while it runs");
    house.finish(lease).await.unwrap();
    assert!(house.enqueue(same(&Job::SweepFiles)).await, "after it is done");

    // Put in at once by several, it is there once.
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (store, organisation) = (house.store.clone(), house.organisation);
        let new = New { once: Some("at once".to_owned()), ..new(now()) };
        callers.spawn(async move { enqueue(&store, organisation, new).await });
    }
    assert_eq!(callers.join_all().await.into_iter().filter(|is_new| *is_new).count(), 1);

    // A dead one makes room, and comes back only where nobody has taken its place.
    let dead = New { job: Job::PruneJobs, due: Timestamp::from_micros(0), ..same(&Job::PruneJobs) };
    let id = dead.id;
    assert!(house.enqueue(dead).await);
    let lease = house.take(now()).await;
    assert_eq!(lease.job, id);
    kill_now(&house, lease).await;
    assert!(house.enqueue(same(&Job::PruneJobs)).await);
    let retried = house.write(move |tx| jobs::retry(tx, id, now())).await;
    assert!(matches!(retried, Err(Error::Exists)), "{retried:?}");
}

/// A job of an organisation of its own, brought into a state, and the last lease that there was.
async fn in_state(house: &House, state: JobState) -> (OrganisationId, JobId, Lease) {
    let organisation = found(&house.store).await;
    let new = new(now());
    let id = new.id;
    enqueue(&house.store, organisation, new).await;
    let mut at = now();
    loop {
        let lease = claim(&house.store, organisation, ME, at).await.unwrap().lease;
        match state {
            JobState::Running => return (organisation, id, lease),
            JobState::Done => {
                let finish = move |tx: &mut Writing<'_>| jobs::finish(tx, &lease, now());
                house.store.write_within(organisation, finish).await.unwrap();
                return (organisation, id, lease);
            }
            JobState::Waiting | JobState::Dead => {
                let fail = move |tx: &mut Writing<'_>| jobs::fail(tx, &lease, JobFailure::Store, 0, at);
                let again = house.store.write_within(organisation, fail).await.unwrap();
                match again {
                    Some(again) if state == JobState::Dead => at = again,
                    _ => return (organisation, id, lease),
                }
            }
        }
    }
}

async fn what_happens_in_each_state_is_what_the_table_says(house: House) {
    for state in JobState::ALL {
        for event in JobEvent::ALL {
            let (organisation, id, lease) = in_state(&house, *state).await;
            let far = now().after_seconds(365 * 24 * 60 * 60);
            let event = *event;
            // Its last attempt is the one that fails.
            let lease = if event == JobEvent::GiveUp { last(lease) } else { lease };
            let happened = house.store.write_within(organisation, move |tx| match event {
                JobEvent::Claim => jobs::claim(tx, &OTHER, far).map(|claimed| claimed.is_some()),
                JobEvent::Finish => jobs::finish(tx, &lease, far).map(|()| true),
                JobEvent::Fail | JobEvent::GiveUp => {
                    jobs::fail(tx, &lease, JobFailure::Store, 0, far).map(|_| true)
                }
                JobEvent::Retry => jobs::retry(tx, id, far).map(|()| true),
            });
            let happened = match happened.await {
                Ok(happened) => happened,
                Err(Error::Changed | Error::NotFound) => false,
                Err(error) => panic!("{error}"),
            };
            let listed =
                house.store.look_up(organisation, |tx| jobs::list(tx, None, None, 10)).await.unwrap();
            let after = listed.into_iter().find(|listed| listed.job == id).unwrap();
            assert_eq!(happened.then_some(after.state), state.after(event), "{state} {event}");
            assert_eq!(after.ended.is_some(), after.state.is_ended(), "{state} {event}");
        }
    }
}

async fn a_job_of_another_version_fails_and_stays(house: House) {
    let id = house.enqueued().await;
    house
        .write(move |tx| tx.execute_one(CHANGE, &[(&id).into(), r#"{"job":"moon.fetch"}"#.into()]))
        .await
        .unwrap();
    let claimed = house.claim(ME, now()).await.unwrap();
    assert_eq!((claimed.lease.job, claimed.job), (id, None));
}

const SCHEDULE: Schedule = Schedule { times: "0 3 * * *", job: Job::SweepKeys };

async fn a_schedule_fires_once_whoever_looks(house: House) {
    let due = async |at| {
        house
            .store
            .span(SystemScope::Work, move |tx| jobs::due(tx, std::slice::from_ref(&SCHEDULE), at))
            .await
            .unwrap()
    };
    let second = Store::open(house::settings(house.base.house(), house.base.keyring())).unwrap();
    let fire = async |at: Timestamp| {
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..6 {
            let (store, organisation) =
                (if caller % 2 == 0 { &house.store } else { &second }.clone(), house.organisation);
            let (id, next) = (JobId::new(at, random()), SCHEDULE.after(at).unwrap());
            callers.spawn(async move {
                store
                    .write_within(organisation, move |tx| jobs::fire(tx, &SCHEDULE, id, next, at))
                    .await
                    .unwrap()
            });
        }
        callers.join_all().await.into_iter().filter(|fired| *fired).count()
    };
    let start = now();
    assert_eq!(due(start).await, [house.organisation]);
    assert_eq!(fire(start).await, 0, "what is seen for the first time has missed nothing");
    assert_eq!(due(start).await, []);
    let first = SCHEDULE.after(start).unwrap();
    assert_eq!(fire(Timestamp::from_micros(first.micros() - 1)).await, 0);
    assert_eq!(due(first).await, [house.organisation]);
    assert_eq!(fire(first).await, 1);
    assert_eq!(fire(first).await, 0);
    let [job] = &house.jobs().await[..] else { panic!("one job") };
    assert_eq!((&*job.kind, job.ready), ("keys.sweep", first));

    // Nobody has done it yet: its next time adds none.
    let day = 24 * 60 * 60;
    assert_eq!(fire(first.after_seconds(day)).await, 0);
    let lease = house.take(first.after_seconds(day)).await;
    house.finish(lease).await.unwrap();
    // Ten nights that were missed are made up for once.
    let late = first.after_seconds(11 * day + 60);
    assert_eq!(fire(late).await, 1);
    assert_eq!(fire(late.after_seconds(1)).await, 0);
    assert_eq!(due(first.after_seconds(12 * day)).await, [house.organisation]);
    drop(second);
}

async fn another_organisation_has_jobs_of_its_own(house: House) {
    let id = house.enqueued().await;
    let other = found(&house.store).await;
    assert!(claim(&house.store, other, ME, now()).await.is_none());
    let lease = house.take(now()).await;
    let foreign = house.store.write_within(other, move |tx| jobs::finish(tx, &lease, now())).await;
    assert!(matches!(foreign, Err(Error::Changed)), "{foreign:?}");
    kill_now(&house, lease).await;
    let foreign = house.store.write_within(other, move |tx| jobs::retry(tx, id, now())).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
    assert_eq!(house.store.look_up(other, |tx| jobs::list(tx, None, None, 10)).await.unwrap().len(), 0);
}

async fn kill_now(house: &House, lease: Lease) {
    assert_eq!(house.fail(last(lease), now()).await.unwrap(), None);
}

/// The same as a last attempt.
fn last(mut lease: Lease) -> Lease {
    lease.attempts = MOST_ATTEMPTS;
    lease
}

async fn jobs_are_counted_and_forgotten(house: House) {
    assert_eq!(house.job_counts().await, Counts::default());
    let at = now();
    let (oldest, later) = (new(at), new(at.after_seconds(60)));
    house.enqueue(later).await;
    house.enqueue(oldest).await;
    house.enqueued().await;
    let expected = Counts { waiting: 3, running: 0, dead: 0, oldest: Some(at) };
    assert_eq!(house.job_counts().await, expected);
    let (done, dead) = (house.take(now()).await, house.take(now()).await);
    assert_eq!(house.job_counts().await.running, 2);
    house.finish(done).await.unwrap();
    kill_now(&house, dead).await;
    let counts = house.job_counts().await;
    assert_eq!((counts.waiting, counts.running, counts.dead), (1, 0, 1));

    let prune = async |state, before| house.write(move |tx| jobs::prune(tx, state, before)).await.unwrap();
    assert_eq!(prune(JobState::Done, at).await, 0, "it ended later");
    let far = at.after_seconds(365 * 24 * 60 * 60);
    assert_eq!(prune(JobState::Done, far).await, 1);
    assert_eq!(house.job_counts().await.dead, 1);
    assert_eq!(prune(JobState::Dead, far).await, 1);
    assert_eq!(prune(JobState::Waiting, far).await, 0);
    assert_eq!(house.jobs().await.len(), 1);
}
