//! Jobs: done by workers of this process, which [`Service::work`] keeps, and listed and tried again for those who run it.

use std::{
    fmt,
    future::Future,
    num::NonZeroUsize,
    pin::pin,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tacita_domain::{Job, JobFailure, JobId, JobState, OrganisationId, SCHEDULES, Timestamp};
use tacita_store::{
    Store, SystemScope,
    jobs::{self, Claimed, Counts, LEASE_SECONDS, Lease, Listed},
};
use tokio::{
    select,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

use crate::{Error, Service};

/// How long a job waits at most that another process put in the queue, or whose time has come.
const ROUND: Duration = Duration::from_secs(2);
/// How often a lease is made to last longer: it outlasts two times that fail.
const RENEW: Duration = Duration::from_secs(LEASE_SECONDS.unsigned_abs() / 3);
/// How long jobs may take to finish once the workers were told to stop. What does not is taken up again after its lease.
const GRACE: Duration = Duration::from_secs(5);
/// How long jobs are remembered that are done.
const DONE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How long those are that nobody tried again.
const DEAD_SECONDS: i64 = 90 * 24 * 60 * 60;
/// Jobs of a list, at most.
const PAGE: u32 = 100;

/// By which name this process holds its leases, and how many jobs there were when it looked last.
#[derive(Clone)]
pub(crate) struct Jobs {
    holder: [u8; 16],
    counts: Arc<RwLock<Counts>>,
}

impl Jobs {
    pub(crate) fn new(store: &Store) -> Self {
        Self { holder: store.random(), counts: Arc::default() }
    }
}

/// Which jobs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobFilter {
    /// Those after this one.
    pub after: Option<JobId>,
    /// Those in this state.
    pub state: Option<JobState>,
    /// At most so many; 100 where it is missing or more.
    pub limit: Option<u32>,
}

/// What workers could not do.
#[derive(Debug)]
#[non_exhaustive]
pub enum JobTrouble {
    /// A job failed.
    Failed {
        /// Whose.
        organisation: OrganisationId,
        /// Which.
        job: JobId,
        /// What kind.
        kind: String,
        /// Why, without a value.
        why: String,
        /// When it is tried again; never, where that was its last attempt.
        again: Option<Timestamp>,
    },
    /// Jobs can't be looked for, or what became of one can't be written.
    Store(Error),
}

impl fmt::Display for JobTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { organisation, job, kind, why, again: Some(again) } => write!(
                f,
                "the job {job} ({kind}) of the organisation {organisation} failed: {why}; it is tried again at {again}"
            ),
            Self::Failed { organisation, job, kind, why, again: None } => write!(
                f,
                "the job {job} ({kind}) of the organisation {organisation} failed for the last time: {why}; mend that, then \
                 `tacita jobs retry {job}`"
            ),
            Self::Store(cause) => write!(f, "jobs can't be done at the moment: {cause}"),
        }
    }
}

/// Why an attempt failed: the word that is kept, and more for the log.
#[derive(Debug)]
struct Failed {
    word: JobFailure,
    why: String,
}

impl From<Error> for Failed {
    fn from(cause: Error) -> Self {
        let word = match &cause {
            Error::Refused(_) | Error::Unaccounted(_) | Error::Wrong | Error::Stale => JobFailure::Refused,
            Error::NotFound | Error::Changed | Error::Exists | Error::Invalid(_) => JobFailure::Gone,
            Error::Files(_) => JobFailure::Files,
            Error::Store(_) | Error::Witness(_) => JobFailure::Store,
        };
        Self { word, why: cause.to_string() }
    }
}

impl Service {
    /// Does jobs until `stop` is there: at most `workers` at a time, soon after this process put them in the queue, and within
    /// seconds of when another did. `report` is told what could not be done.
    ///
    /// Organisations take turns, so that none waits behind all the jobs of another.
    pub async fn work(
        &self,
        workers: NonZeroUsize,
        stop: impl Future<Output = ()>,
        report: impl Fn(&JobTrouble) + Clone + Send + 'static,
    ) {
        let mut stop = pin!(stop);
        let mut round = interval(ROUND);
        round.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut running, mut last) = (JoinSet::new(), None);
        loop {
            let done = select! {
                () = &mut stop => break,
                _ = round.tick() => self.look_around().await,
                () = self.store.enqueued() => Ok(()),
                Some(_) = running.join_next() => Ok(()),
            };
            // What can't be done for one, or not looked for, keeps nobody else waiting.
            let taken = self.take_up(&mut running, workers, &mut last, &report).await;
            if let Err(error) = done.and(taken) {
                report(&JobTrouble::Store(error));
            }
        }
        let finished = async { while running.join_next().await.is_some() {} };
        // Those that are still at work are dropped with the set.
        let _ = timeout(GRACE, finished).await;
    }

    /// Puts in the queue what is due by its schedule, and counts.
    async fn look_around(&self) -> Result<(), Error> {
        let fired = self.fire_schedules().await;
        let counts = self.store.span(SystemScope::Work, jobs::counts).await?;
        *self.jobs.counts.write().unwrap_or_else(PoisonError::into_inner) = counts;
        fired
    }

    /// Puts in the queue what is due by its schedule, for each organisation. What fails for one is done for the others; the first
    /// failure is told.
    async fn fire_schedules(&self) -> Result<(), Error> {
        let now = self.now();
        let due = self.store.span(SystemScope::Work, move |tx| jobs::due(tx, SCHEDULES, now)).await?;
        let mut fired = Ok(());
        for organisation in due {
            for schedule in SCHEDULES {
                let next = schedule.after(now).map_err(|error| Error::Invalid(error.to_string()))?;
                let id = self.new_job_id();
                let fire = move |tx: &mut tacita_store::Writing<'_>| jobs::fire(tx, schedule, id, next, now);
                let done = self.store.write_within(organisation, fire).await;
                fired = fired.and(done.map(drop).map_err(Error::from));
            }
        }
        fired
    }

    /// Takes up jobs for the workers that have nothing to do, one of each organisation after that of `last`, and around. Where one's
    /// can't be taken up, those of the others are; the first failure is told.
    async fn take_up(
        &self,
        running: &mut JoinSet<()>,
        workers: NonZeroUsize,
        last: &mut Option<OrganisationId>,
        report: &(impl Fn(&JobTrouble) + Clone + Send + 'static),
    ) -> Result<(), Error> {
        let mut failed = Ok(());
        while running.len() < workers.get() {
            let now = self.now();
            let mut ready = self.store.span(SystemScope::Work, move |tx| jobs::ready(tx, now)).await?;
            let turn = ready.partition_point(|organisation| Some(*organisation) <= *last);
            ready.rotate_left(turn);
            let mut has_taken = false;
            for organisation in ready {
                if running.len() == workers.get() {
                    return failed;
                }
                let (holder, now) = (self.jobs.holder, self.now());
                let claim = move |tx: &mut tacita_store::Writing<'_>| jobs::claim(tx, &holder, now);
                let claimed = self.store.write_within(organisation, claim).await.unwrap_or_else(|error| {
                    if failed.is_ok() {
                        failed = Err(error.into());
                    }
                    None
                });
                if let Some(claimed) = claimed {
                    (*last, has_taken) = (Some(organisation), true);
                    let (service, report) = (self.clone(), report.clone());
                    running.spawn(async move { service.attend(claimed, report).await });
                }
            }
            if !has_taken {
                return failed;
            }
        }
        failed
    }

    /// Does a job that was taken up.
    async fn attend(&self, claimed: Claimed, report: impl Fn(&JobTrouble)) {
        let Claimed { lease, kind, job } = claimed;
        let done = match job {
            Some(job) => {
                let service = self.clone();
                self.attempt(&lease, async move { service.handle(lease, job).await }).await
            }
            None => Err(Failed {
                word: JobFailure::Unknown,
                why: "this version does not know such a job".to_owned(),
            }),
        };
        if let Err(trouble) = self.note(&lease, kind, done).await {
            report(&trouble);
        }
    }

    /// Waits for `work`, for as long as the lease is ours. It runs on its own, so that its panic is its own, too.
    async fn attempt(
        &self,
        lease: &Lease,
        work: impl Future<Output = Result<(), Error>> + Send + 'static,
    ) -> Result<(), Failed> {
        let mut handler = JoinSet::new();
        handler.spawn(work);
        loop {
            select! {
                Some(done) = handler.join_next() => return match done {
                    Ok(done) => done.map_err(Failed::from),
                    Err(_) => Err(Failed {
                        word: JobFailure::Panicked,
                        why: "an internal error; please report it".to_owned(),
                    }),
                },
                () = sleep(RENEW) => {
                    let (lease, now) = (*lease, self.now());
                    let renew = move |tx: &mut tacita_store::Writing<'_>| jobs::renew(tx, &lease, now);
                    // Where it can't be written now, it may be the next time: the lease outlasts that.
                    if let Err(error @ tacita_store::Error::Changed) =
                        self.store.write_within(lease.organisation, renew).await
                    {
                        return Err(Error::from(error).into());
                    }
                }
            }
        }
    }

    /// Writes what became of an attempt. Of one who was overtaken nothing is written: the other one says what became of it.
    async fn note(&self, lease: &Lease, kind: String, done: Result<(), Failed>) -> Result<(), JobTrouble> {
        let (lease, now) = (*lease, self.now());
        let Lease { organisation, job, .. } = lease;
        let written = match done {
            Ok(()) => {
                let finish = move |tx: &mut tacita_store::Writing<'_>| jobs::finish(tx, &lease, now);
                self.store.write_within(organisation, finish).await.map(|()| None)
            }
            Err(Failed { word, why }) => {
                let chance = u64::from_be_bytes(self.store.random());
                let fail =
                    move |tx: &mut tacita_store::Writing<'_>| jobs::fail(tx, &lease, word, chance, now);
                let again = self.store.write_within(organisation, fail).await;
                again.map(|again| Some(JobTrouble::Failed { organisation, job, kind, why, again }))
            }
        };
        match written {
            Ok(None) | Err(tacita_store::Error::Changed) => Ok(()),
            Ok(Some(failed)) => Err(failed),
            // Its lease runs out, and it is taken up again.
            Err(error) => Err(JobTrouble::Store(error.into())),
        }
    }

    /// What is to be done for each kind of job. Each is done more than once where a worker is lost, and has to bear that.
    async fn handle(&self, lease: Lease, job: Job) -> Result<(), Error> {
        let organisation = lease.organisation;
        match job {
            Job::SweepFiles => self.sweep_files(organisation).await.map(drop),
            Job::RemoveFiles { files } => self.remove_files(organisation, files).await,
            Job::SweepKeys => self.sweep_keys(organisation).await.map(drop),
            Job::PruneJobs => self.prune_jobs(lease).await,
            Job::SweepOver => self.sweep_over(organisation).await.map(drop),
            Job::PruneLedger => self.prune_ledger(lease.organisation).await.map(drop),
        }
    }

    async fn prune_jobs(&self, lease: Lease) -> Result<(), Error> {
        for (state, seconds) in [(JobState::Done, DONE_SECONDS), (JobState::Dead, DEAD_SECONDS)] {
            let before = self.now().after_seconds(-seconds);
            loop {
                let pruned = self.store.write_within(lease.organisation, move |tx| {
                    jobs::hold(tx, &lease)?;
                    jobs::prune(tx, state, before)
                });
                if pruned.await? < u64::from(jobs::BATCH) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Jobs of an organisation, oldest first.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn jobs(&self, organisation: OrganisationId, filter: JobFilter) -> Result<Vec<Listed>, Error> {
        let JobFilter { after, state, limit } = filter;
        let limit = limit.unwrap_or(PAGE).min(PAGE);
        Ok(self.store.look_up(organisation, move |tx| jobs::list(tx, state, after, limit)).await?)
    }

    /// Puts a dead job in the queue again, as if it had never been begun.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no dead job of this id; [`Error::Exists`] when another one that does the same waits or
    /// runs.
    pub async fn retry_job(&self, organisation: OrganisationId, job: JobId) -> Result<(), Error> {
        let now = self.now();
        Ok(self.store.write_within(organisation, move |tx| jobs::retry(tx, job, now)).await?)
    }

    /// How many jobs there were when the workers looked last, seconds ago, and for how many seconds the one has waited that could
    /// be done longest.
    #[must_use]
    pub fn job_counts(&self) -> (Counts, i64) {
        let counts = *self.jobs.counts.read().unwrap_or_else(PoisonError::into_inner);
        let waited = counts.oldest.map_or(0, |since| (self.now().micros() - since.micros()) / 1_000_000);
        (counts, waited.max(0))
    }

    pub(crate) fn new_job_id(&self) -> JobId {
        JobId::new(self.now(), self.store.random())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use tacita_corridor::Sensitive;
    use tacita_store::{Writing, jobs::New};
    use tokio::{sync::oneshot, task::JoinHandle};

    use super::*;
    use crate::{
        Change, FileName,
        trial::{draft, pass, run},
    };

    const WORKERS: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    /// Workers, what stops them, and what they reported.
    struct Working {
        stop: oneshot::Sender<()>,
        worker: JoinHandle<()>,
        troubles: Arc<Mutex<Vec<String>>>,
    }

    impl Working {
        fn start(service: &Service) -> Self {
            let (service, (stop, stopped)) = (service.clone(), oneshot::channel::<()>());
            let troubles = Arc::new(Mutex::new(Vec::new()));
            let told = Arc::clone(&troubles);
            let report = move |trouble: &JobTrouble| told.lock().unwrap().push(trouble.to_string());
            let worker =
                tokio::spawn(
                    async move { service.work(WORKERS, async { drop(stopped.await) }, report).await },
                );
            Self { stop, worker, troubles }
        }

        async fn stop(self) -> Vec<String> {
            drop(self.stop);
            self.worker.await.unwrap();
            self.troubles.lock().unwrap().clone()
        }
    }

    impl Service {
        async fn enqueue(&self, organisation: OrganisationId, job: Job) -> JobId {
            let (id, now) = (self.new_job_id(), self.now());
            let new = New { id, job, once: None, due: now };
            let enqueue = move |tx: &mut Writing<'_>| jobs::enqueue(tx, &new, now);
            assert!(self.store.write_within(organisation, enqueue).await.unwrap());
            id
        }

        async fn claim(&self, organisation: OrganisationId, holder: [u8; 16]) -> Lease {
            let now = self.now();
            let claim = move |tx: &mut Writing<'_>| jobs::claim(tx, &holder, now);
            self.store.write_within(organisation, claim).await.unwrap().unwrap().lease
        }

        async fn all_jobs(&self, organisation: OrganisationId) -> Vec<Listed> {
            self.jobs(organisation, JobFilter::default()).await.unwrap()
        }

        /// Waits until so many jobs stand so, and says which kinds.
        async fn until(&self, organisation: OrganisationId, state: JobState, count: usize) -> Vec<String> {
            loop {
                let filter = JobFilter { state: Some(state), ..JobFilter::default() };
                let jobs = self.jobs(organisation, filter).await.unwrap();
                if jobs.len() == count {
                    return jobs.into_iter().map(|job| job.kind).collect();
                }
                sleep(Duration::from_millis(100)).await;
            }
        }
    }

    #[test]
    fn jobs_are_done_as_they_are_put_in_and_as_their_time_comes() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            let other = service.found_organisation("Second").await.unwrap().organisation;
            let working = Working::start(&service);
            for _ in 0..5 {
                service.enqueue(organisation, Job::RemoveFiles { files: Vec::new() }).await;
            }
            service.enqueue(other, Job::PruneJobs).await;
            service.until(organisation, JobState::Done, 5).await;
            service.until(other, JobState::Done, 1).await;
            pass(24 * 60 * 60);
            let kinds = service.until(organisation, JobState::Done, 5 + SCHEDULES.len()).await;
            for schedule in SCHEDULES {
                assert_eq!(kinds.iter().filter(|kind| **kind == schedule.job.kind()).count(), 1, "{kinds:?}");
            }
            service.until(other, JobState::Done, 1 + SCHEDULES.len()).await;
            assert_eq!(working.stop().await, [""; 0]);
            // Whoever was stopped takes nothing up.
            service.enqueue(organisation, Job::PruneJobs).await;
            service.look_around().await.unwrap();
            pass(17);
            assert!(matches!(service.job_counts(), (Counts { waiting: 1, running: 0, dead: 0, .. }, 17)));
        });
    }

    #[test]
    fn jobs_that_are_done_are_forgotten_after_a_week() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            let working = Working::start(&service);
            service.enqueue(organisation, Job::RemoveFiles { files: Vec::new() }).await;
            service.until(organisation, JobState::Done, 1).await;
            pass(DONE_SECONDS + 60);
            let prune = service.enqueue(organisation, Job::PruneJobs).await;
            // One of each schedule, and the one that forgot the first.
            service.until(organisation, JobState::Done, 1 + SCHEDULES.len()).await;
            let jobs = service.all_jobs(organisation).await;
            assert!(jobs.iter().any(|job| job.job == prune));
            assert!(jobs.iter().all(|job| job.kind != "files.remove"), "{jobs:?}");
            working.stop().await;
        });
    }

    #[test]
    fn a_job_that_fails_is_reported_and_tried_again() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            // A file where the folder should be.
            let record = service.create_record(&caller, draft("mara.lind@example.org")).await.unwrap().record;
            let file = Sensitive::new(FileName { name: "a".to_owned(), media: String::new() });
            service.add_attachment(&caller, record, file, Sensitive::new(b"x".to_vec())).await.unwrap();
            let folder = service.files.folder(organisation);
            std::fs::remove_dir_all(&folder).unwrap();
            std::fs::write(&folder, "").unwrap();
            let working = Working::start(&service);
            let id = service.enqueue(organisation, Job::SweepFiles).await;
            while working.troubles.lock().unwrap().is_empty() {
                sleep(Duration::from_millis(100)).await;
            }
            let [job] = &service.all_jobs(organisation).await[..] else { panic!("one job") };
            assert_eq!(
                (job.state, job.attempts, job.failure),
                (JobState::Waiting, 1, Some(JobFailure::Files))
            );
            std::fs::remove_file(&folder).unwrap();
            pass(15);
            service.until(organisation, JobState::Done, 1).await;
            let troubles = working.stop().await;
            let [trouble] = &troubles[..] else { panic!("{troubles:?}") };
            assert!(trouble.contains(&id.to_string()) && trouble.contains("files.sweep"), "{trouble}");
            assert!(trouble.contains("tried again at"), "{trouble}");
        });
    }

    #[test]
    fn a_handler_that_panics_has_failed() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            service.enqueue(organisation, Job::PruneJobs).await;
            let lease = service.claim(organisation, [1; 16]).await;
            let done = service.attempt(&lease, async { panic!("a fault of the program") }).await;
            assert_eq!(done.as_ref().unwrap_err().word, JobFailure::Panicked);
            let trouble = service.note(&lease, "jobs.prune".to_owned(), done).await.unwrap_err();
            assert!(!trouble.to_string().contains("a fault"), "{trouble}");
            let [job] = &service.all_jobs(organisation).await[..] else { panic!("one job") };
            assert_eq!((job.state, job.failure), (JobState::Waiting, Some(JobFailure::Panicked)));
        });
    }

    #[test]
    fn a_long_job_keeps_its_lease_and_one_that_was_overtaken_ends() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            service.enqueue(organisation, Job::PruneJobs).await;
            let first = service.claim(organisation, [1; 16]).await;
            let renewed = AtomicUsize::new(0);
            let overtake = async {
                // While it is renewed nobody takes it up.
                while renewed.load(Ordering::Relaxed) < 5 {
                    sleep(RENEW + Duration::from_secs(1)).await;
                    pass(RENEW.as_secs().try_into().unwrap());
                    let now = service.now();
                    let claim = move |tx: &mut Writing<'_>| jobs::claim(tx, &[2; 16], now);
                    assert!(service.store.write_within(organisation, claim).await.unwrap().is_none());
                    renewed.fetch_add(1, Ordering::Relaxed);
                }
                // As if this process had slept.
                pass(LEASE_SECONDS);
                service.claim(organisation, [2; 16]).await
            };
            let (done, second) = tokio::join!(service.attempt(&first, std::future::pending()), overtake);
            service.note(&first, "jobs.prune".to_owned(), done).await.unwrap();
            let [job] = &service.all_jobs(organisation).await[..] else { panic!("one job") };
            assert_eq!((job.state, job.attempts, job.failure), (JobState::Running, 2, None));
            service.note(&second, "jobs.prune".to_owned(), Ok(())).await.unwrap();
            service.until(organisation, JobState::Done, 1).await;
        });
    }

    #[test]
    fn files_of_a_deleted_record_are_removed_by_a_job_of_the_deletion() {
        run(|service, caller| async move {
            let organisation = caller.organisation;
            let record = service.create_record(&caller, draft("mara.lind@example.org")).await.unwrap().record;
            let file = Sensitive::new(FileName { name: "a".to_owned(), media: String::new() });
            let added = service.add_attachment(&caller, record, file, Sensitive::new(b"x".to_vec())).await;
            let path = service.files.folder(organisation).join(added.unwrap().0.to_string());
            let sealed = std::fs::read(&path).unwrap();
            service.change_record(&caller, record, Change::Delete).await.unwrap();
            let [job] = &service.all_jobs(organisation).await[..] else { panic!("one job") };
            assert_eq!((&*job.kind, job.state), ("files.remove", JobState::Waiting));
            // As if the power had gone before the file did.
            std::fs::write(&path, sealed).unwrap();
            let working = Working::start(&service);
            service.until(organisation, JobState::Done, 1).await;
            assert!(!path.exists());
            working.stop().await;
            // A record without files needs none.
            let record = service.create_record(&caller, draft("mara.lind@example.org")).await.unwrap().record;
            service.change_record(&caller, record, Change::Delete).await.unwrap();
            assert_eq!(service.all_jobs(organisation).await.len(), 1);
        });
    }
}
