//! Jobs: put in the queue with the data that wants them, and done by one at a time, in whichever process.
//!
//! Whoever takes a job up holds a lease with a fence: a number that grows each time somebody takes it up. What the job writes
//! is written in transactions that call [`hold`], [`finish`] or [`fail`], so that one who was overtaken writes nothing.

use tacita_domain::{
    Job, JobEvent, JobFailure, JobId, JobState, MOST_ATTEMPTS, OrganisationId, Schedule, Timestamp, back_off,
};

use crate::{Error, Reading, Row, Spanning, Writing, database::CLAIM, queries, system_queries};

/// How long a lease lasts: that long after a crash nobody else takes the job up.
pub const LEASE_SECONDS: i64 = 60;
/// Jobs that are forgotten in one transaction.
pub const BATCH: u32 = 1000;

system_queries! {
    READY = "SELECT organisation FROM organisations AS o WHERE EXISTS \
             (SELECT 1 FROM jobs AS j WHERE j.organisation = o.organisation AND j.ended IS NULL AND j.ready <= $1) \
             ORDER BY organisation";
    // Schedules in one text, with a comma before and after each: neither database takes a list as the other does.
    DUE = "SELECT organisation FROM organisations AS o WHERE $3 > \
           (SELECT count(*) FROM job_schedules AS s WHERE s.organisation = o.organisation AND s.next > $2 \
           AND $1 LIKE '%,' || s.schedule || ',%') ORDER BY organisation";
    OPEN = "SELECT state, count(*), min(ready) FROM jobs WHERE ended IS NULL GROUP BY state";
    // By organisation, since that leads the index.
    DEAD = "SELECT count(*) FROM organisations AS o JOIN jobs AS j ON j.organisation = o.organisation \
            WHERE j.state = 'dead' AND j.ended IS NOT NULL";
}
queries! {
    ENQUEUE = "INSERT INTO jobs (organisation, job, kind, once, arguments, state, attempts, ready, fence, created) \
               VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, 0, $7) ON CONFLICT DO NOTHING";
    // Locks the row until the transaction ends: whoever would take the job up passes it by.
    HOLD = "UPDATE jobs SET fence = fence WHERE organisation = $1 AND job = $2 AND fence = $3 AND state = 'running'";
    RENEW = "UPDATE jobs SET ready = $4 WHERE organisation = $1 AND job = $2 AND fence = $3 AND state = 'running'";
    AGAIN = "UPDATE jobs SET state = 'waiting', ready = $4, failure = $5, holder = NULL \
             WHERE organisation = $1 AND job = $2 AND fence = $3 AND state = 'running'";
    END = "UPDATE jobs SET state = $4, ended = $5, failure = $6, holder = NULL \
           WHERE organisation = $1 AND job = $2 AND fence = $3 AND state = 'running'";
    RETRY = "UPDATE jobs SET state = 'waiting', attempts = 0, ready = $3, ended = NULL \
             WHERE organisation = $1 AND job = $2 AND state = 'dead'";
    LIST = "SELECT job, kind, state, attempts, ready, failure, created, ended FROM jobs \
            WHERE organisation = $1 AND job > $2 AND ($3 = '' OR state = $3) ORDER BY job LIMIT $4";
    PRUNE = "DELETE FROM jobs WHERE organisation = $1 AND job IN \
             (SELECT job FROM jobs WHERE organisation = $1 AND state = $2 AND ended < $3 ORDER BY ended LIMIT $4)";
    FIRST = "INSERT INTO job_schedules (organisation, schedule, next) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    FIRE = "UPDATE job_schedules SET next = $3 WHERE organisation = $1 AND schedule = $2 AND next <= $4";
}

/// A job to be put in the queue.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// Of those of a kind that say the same here, one at a time waits or runs.
    pub once: Option<String>,
    /// From when on.
    pub due: Timestamp,
}

/// The right to do a job, until somebody else takes it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Whose job it is.
    pub organisation: OrganisationId,
    /// Which.
    pub job: JobId,
    /// The number of this attempt, from 1.
    pub attempts: u32,
    fence: i64,
}

/// A job that was taken up.
#[derive(Debug)]
pub struct Claimed {
    /// The right to do it.
    pub lease: Lease,
    /// Its kind.
    pub kind: String,
    /// What is to be done; none where another version of the program put it in the queue, and this one does not know it.
    pub job: Option<Job>,
}

/// What is known of a job.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its id.
    pub job: JobId,
    /// Its kind.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// How often it was begun.
    pub attempts: u32,
    /// From when on somebody may take it up.
    pub ready: Timestamp,
    /// Why it failed last.
    pub failure: Option<JobFailure>,
    /// When it was put in the queue.
    pub created: Timestamp,
    /// When it was done, or given up.
    pub ended: Option<Timestamp>,
}

/// How many jobs there are, of all organisations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that wait.
    pub waiting: u64,
    /// Those that run.
    pub running: u64,
    /// Those that wait for a person.
    pub dead: u64,
    /// Since when the one that waits longest could be done; later than now where none could.
    pub oldest: Option<Timestamp>,
}

/// Puts a job in the queue, with all that the transaction writes or not at all. Says whether it is new: if not, one that says the
/// same `once` waits or runs.
///
/// # Errors
/// When the database refuses it.
pub fn enqueue(tx: &mut Writing<'_>, new: &New, now: Timestamp) -> Result<bool, Error> {
    let arguments =
        serde_json::to_string(&new.job).map_err(|_| Error::Corrupt("a job's arguments make no JSON"))?;
    let values = [
        (&new.id).into(),
        new.job.kind().into(),
        new.once.as_deref().into(),
        (&*arguments).into(),
        new.due.into(),
        now.into(),
    ];
    let is_new = tx.execute(ENQUEUE, &values)? == 1;
    if is_new {
        tx.connection().note_job();
    }
    Ok(is_new)
}

/// Which organisations have jobs that could be done, in the order of their ids.
///
/// # Errors
/// When the database can't answer.
pub fn ready(tx: &mut Spanning<'_>, now: Timestamp) -> Result<Vec<OrganisationId>, Error> {
    tx.query(READY, &[now.into()], |row| row.get(0))
}

/// Takes up the job that could be done first, for `holder`; none where there is none. One that was lost with whoever did it as
/// often as it may be begun is dead.
///
/// # Errors
/// When the database can't write it.
pub fn claim(tx: &mut Writing<'_>, holder: &[u8; 16], now: Timestamp) -> Result<Option<Claimed>, Error> {
    let organisation = tx.organisation();
    let until = now.after_seconds(LEASE_SECONDS);
    loop {
        let claimed = tx.query_one(CLAIM, &[holder.into(), until.into(), now.into()], |row| {
            let lease = Lease { organisation, job: row.get(0)?, fence: row.get(3)?, attempts: row.get(4)? };
            let (kind, arguments): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(Claimed { lease, kind, job: serde_json::from_str(&arguments).ok() })
        })?;
        match claimed {
            Some(Claimed { lease, .. }) if lease.attempts > MOST_ATTEMPTS => {
                end(tx, &lease, JobState::Dead, Some(JobFailure::Lost), now)?;
            }
            claimed => return Ok(claimed),
        }
    }
}

/// Makes the transaction fail where the job is somebody else's by now.
///
/// # Errors
/// [`Error::Changed`] then, so that nothing of the transaction stays.
pub fn hold(tx: &mut Writing<'_>, lease: &Lease) -> Result<(), Error> {
    ours(tx.execute(HOLD, &[(&lease.job).into(), lease.fence.into()])?)
}

/// Makes the lease last longer.
///
/// # Errors
/// [`Error::Changed`] when the job is somebody else's by now.
pub fn renew(tx: &mut Writing<'_>, lease: &Lease, now: Timestamp) -> Result<(), Error> {
    let until = now.after_seconds(LEASE_SECONDS);
    ours(tx.execute(RENEW, &[(&lease.job).into(), lease.fence.into(), until.into()])?)
}

/// Ends a job that is done. What else the transaction writes is written once, however often the job was begun.
///
/// # Errors
/// [`Error::Changed`] when the job is somebody else's by now; then nothing of the transaction stays.
pub fn finish(tx: &mut Writing<'_>, lease: &Lease, now: Timestamp) -> Result<(), Error> {
    end(tx, lease, JobState::Done, None, now)
}

/// Notes that a job failed: it is tried again later, or is dead. Says when.
///
/// # Errors
/// [`Error::Changed`] when the job is somebody else's by now.
pub fn fail(
    tx: &mut Writing<'_>,
    lease: &Lease,
    failure: JobFailure,
    chance: u64,
    now: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    if JobEvent::of_failure(lease.attempts) == JobEvent::GiveUp {
        return end(tx, lease, JobState::Dead, Some(failure), now).map(|()| None);
    }
    let ready = now.after_seconds(back_off(lease.attempts, chance));
    let values = [(&lease.job).into(), lease.fence.into(), ready.into(), failure.as_str().into()];
    ours(tx.execute(AGAIN, &values)?).map(|()| Some(ready))
}

/// Puts a dead job in the queue again, as if it had never been begun.
///
/// # Errors
/// [`Error::NotFound`] when there is no dead job of this id; [`Error::Exists`] when another that says the same `once` waits or
/// runs.
pub fn retry(tx: &mut Writing<'_>, job: JobId, now: Timestamp) -> Result<(), Error> {
    tx.execute_one(RETRY, &[(&job).into(), now.into()])?;
    tx.connection().note_job();
    Ok(())
}

/// Jobs after `after`, oldest first: those in `state`, or all.
///
/// # Errors
/// When the database can't answer, or a row is not as this program writes it.
pub fn list(
    tx: &mut Reading<'_>,
    state: Option<JobState>,
    after: Option<JobId>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let after = after.unwrap_or(JobId::from_bytes([0; 16]));
    let state = state.map_or("", JobState::as_str);
    tx.query(LIST, &[(&after).into(), state.into(), limit.into()], listed)
}

/// Forgets jobs that ended in `state` before `before`, at most [`BATCH`], and says how many.
///
/// # Errors
/// When the database refuses it.
pub fn prune(tx: &mut Writing<'_>, state: JobState, before: Timestamp) -> Result<u64, Error> {
    tx.execute(PRUNE, &[state.as_str().into(), before.into(), BATCH.into()])
}

/// How many jobs there are.
///
/// # Errors
/// When the database can't answer, or a row is not as this program writes it.
pub fn counts(tx: &mut Spanning<'_>) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let open =
        tx.query(OPEN, &[], |row| Ok((state(&row.get::<String>(0)?)?, count(row, 1)?, row.get(2)?)))?;
    for (state, count, ready) in open {
        match state {
            JobState::Waiting => (counts.waiting, counts.oldest) = (count, Some(ready)),
            JobState::Running => counts.running = count,
            JobState::Done | JobState::Dead => return Err(Error::Corrupt("a job that has ended is open")),
        }
    }
    counts.dead = tx.query(DEAD, &[], |row| count(row, 0))?.into_iter().sum();
    Ok(counts)
}

/// Which organisations any of the schedules may be due for, or has never been seen by.
///
/// # Errors
/// When the database can't answer.
pub fn due(
    tx: &mut Spanning<'_>,
    schedules: &[Schedule],
    now: Timestamp,
) -> Result<Vec<OrganisationId>, Error> {
    let names: String = schedules.iter().map(|schedule| format!(",{},", schedule.job.kind())).collect();
    let count = i64::try_from(schedules.len()).unwrap_or(i64::MAX);
    tx.query(DUE, &[(&*names).into(), now.into(), count.into()], |row| row.get(0))
}

/// Puts the job of a schedule in the queue if it is due, once over all processes, and once however many of its times have gone by.
/// `next` is its first time after now. Says whether the job is new; where one still waits or runs, it is not.
///
/// # Errors
/// When the database refuses it.
pub fn fire(
    tx: &mut Writing<'_>,
    schedule: &Schedule,
    id: JobId,
    next: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let name = schedule.job.kind();
    if tx.execute(FIRST, &[name.into(), next.into()])? == 1 {
        // Seen for the first time: nothing was missed.
        return Ok(false);
    }
    if tx.execute(FIRE, &[name.into(), next.into(), now.into()])? == 0 {
        // Another process was faster.
        return Ok(false);
    }
    let new = New { id, job: schedule.job.clone(), once: Some(name.to_owned()), due: now };
    enqueue(tx, &new, now)
}

fn end(
    tx: &mut Writing<'_>,
    lease: &Lease,
    state: JobState,
    failure: Option<JobFailure>,
    now: Timestamp,
) -> Result<(), Error> {
    let failure = failure.map(JobFailure::as_str);
    let values = [(&lease.job).into(), lease.fence.into(), state.as_str().into(), now.into(), failure.into()];
    ours(tx.execute(END, &values)?)
}

fn ours(touched: u64) -> Result<(), Error> {
    if touched == 1 { Ok(()) } else { Err(Error::Changed) }
}

fn listed(row: &Row<'_>) -> Result<Listed, Error> {
    Ok(Listed {
        job: row.get(0)?,
        kind: row.get(1)?,
        state: state(&row.get::<String>(2)?)?,
        attempts: row.get(3)?,
        ready: row.get(4)?,
        // A newer version may know more reasons.
        failure: row.get::<Option<String>>(5)?.as_deref().and_then(JobFailure::parse),
        created: row.get(6)?,
        ended: row.get(7)?,
    })
}

fn state(name: &str) -> Result<JobState, Error> {
    JobState::parse(name).ok_or(Error::Corrupt("a job is in a state that there is not"))
}

fn count(row: &Row<'_>, index: usize) -> Result<u64, Error> {
    Ok(row.get::<i64>(index)?.unsigned_abs())
}
