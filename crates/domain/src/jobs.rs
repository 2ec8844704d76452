//! Jobs: what is to be done later, by whoever has time for it. Which there are, the states they go through, and when one that
//! failed is tried again.

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, BadCron, Cron, Timestamp, named::named};

/// How often a job is begun before it is dead. With [`back_off`] between them that is some four hours.
pub const MOST_ATTEMPTS: u32 = 12;

/// How long a job waits at most after its first attempt has failed.
const FIRST_SECONDS: u64 = 15;
/// How long it waits at most after any.
const LONGEST_SECONDS: u64 = 60 * 60;

/// What is to be done, for one organisation.
///
/// It names what it is about by ids and holds nothing of anybody: what else it needs it reads when it is done, on the basis that
/// there is then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", deny_unknown_fields)]
pub enum Job {
    /// Set files aside that no record knows, and remove those that were set aside long ago.
    #[serde(rename = "files.sweep")]
    SweepFiles,
    /// Remove files whose record is deleted.
    #[serde(rename = "files.remove")]
    RemoveFiles {
        /// Which.
        files: Vec<AttachmentId>,
    },
    /// Destroy keys, and what people are found by, of those of whom nothing is kept.
    #[serde(rename = "keys.sweep")]
    SweepKeys,
    /// Forget jobs that ended long ago.
    #[serde(rename = "jobs.prune")]
    PruneJobs,
    /// Delete what entries of the ledger say whose term is over.
    #[serde(rename = "ledger.prune")]
    PruneLedger,
    /// Forget requests that might have been sent again, sessions and links whose time is over.
    #[serde(rename = "over.sweep")]
    SweepOver,
}

impl Job {
    /// What kind it is, by its name outside.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SweepFiles => "files.sweep",
            Self::RemoveFiles { .. } => "files.remove",
            Self::SweepKeys => "keys.sweep",
            Self::PruneJobs => "jobs.prune",
            Self::PruneLedger => "ledger.prune",
            Self::SweepOver => "over.sweep",
        }
    }
}

/// A job that comes again, for each organisation.
#[derive(Debug)]
pub struct Schedule {
    /// When, in the five fields of [`Cron`].
    pub times: &'static str,
    /// What. Its kind is the name of the schedule.
    pub job: Job,
}

/// Every schedule.
pub const SCHEDULES: &[Schedule] = &[
    Schedule { times: "17 2 * * *", job: Job::SweepFiles },
    Schedule { times: "37 2 * * *", job: Job::SweepKeys },
    Schedule { times: "57 2 * * *", job: Job::PruneJobs },
    Schedule { times: "17 3 * * *", job: Job::PruneLedger },
    Schedule { times: "37 3 * * *", job: Job::SweepOver },
];

impl Schedule {
    /// The first time after `time`.
    ///
    /// # Errors
    /// When its times are none.
    pub fn after(&self, time: Timestamp) -> Result<Timestamp, BadCron> {
        Cron::parse(self.times)?.after(time).ok_or(BadCron)
    }
}

named! {
    /// Where a job stands.
    JobState {
        /// For its time, or for somebody to do it.
        Waiting = "waiting",
        /// Somebody does it, or did before they were lost.
        Running = "running",
        /// It is done.
        Done = "done",
        /// It failed too often, and waits for a person.
        Dead = "dead",
    }
}

named! {
    /// What happens to a job.
    JobEvent {
        /// Somebody takes it up.
        Claim = "claim",
        /// It is done.
        Finish = "finish",
        /// It failed, and is to be tried again.
        Fail = "fail",
        /// It failed for the last time.
        GiveUp = "give-up",
        /// A person wants it tried again.
        Retry = "retry",
    }
}

impl JobState {
    /// All that may happen, and what it leads to. Whatever is not here does not happen.
    pub const TRANSITIONS: &[(Self, JobEvent, Self)] = &[
        (Self::Waiting, JobEvent::Claim, Self::Running),
        // Whoever had it was lost: the next one takes it up.
        (Self::Running, JobEvent::Claim, Self::Running),
        (Self::Running, JobEvent::Finish, Self::Done),
        (Self::Running, JobEvent::Fail, Self::Waiting),
        (Self::Running, JobEvent::GiveUp, Self::Dead),
        (Self::Dead, JobEvent::Retry, Self::Waiting),
    ];

    /// Where a job stands after `event`; none where that does not happen to it.
    #[must_use]
    pub fn after(self, event: JobEvent) -> Option<Self> {
        let leads = |(from, by, _): &&(Self, JobEvent, Self)| *from == self && *by == event;
        Self::TRANSITIONS.iter().find(leads).map(|(_, _, to)| *to)
    }

    /// Whether nothing happens to it by itself any more.
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Dead)
    }
}

named! {
    /// Why a job failed: a word, never a value.
    JobFailure {
        /// The database could not do it.
        Store = "store",
        /// The folder of files could not be used.
        Files = "files",
        /// It was not admitted.
        Refused = "refused",
        /// What it is about is not there, or not as it was.
        Gone = "gone",
        /// The program that did it panicked.
        Panicked = "panicked",
        /// Whoever did it was lost, each time.
        Lost = "lost",
        /// This version of the program does not know such a job.
        Unknown = "unknown",
    }
}

impl JobEvent {
    /// What happens to a job whose attempt of this number failed, counted from 1.
    #[must_use]
    pub const fn of_failure(attempts: u32) -> Self {
        if attempts < MOST_ATTEMPTS { Self::Fail } else { Self::GiveUp }
    }
}

/// How many seconds a job waits after so many attempts, which all failed: twice as long each time, up to an hour, and of that
/// between half and all by `chance`, so that what failed together does not come back together.
#[must_use]
pub fn back_off(attempts: u32, chance: u64) -> i64 {
    let doubled = 1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX);
    let longest = FIRST_SECONDS.saturating_mul(doubled).min(LONGEST_SECONDS);
    let half = longest / 2;
    i64::try_from(half + chance % (longest - half + 1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn every_kind_is_called_the_same_where_it_is_kept() {
        let file = AttachmentId::new(Timestamp::from_micros(0), [1; 10]);
        for job in [
            Job::SweepFiles,
            Job::RemoveFiles { files: vec![file] },
            Job::SweepKeys,
            Job::PruneJobs,
            Job::PruneLedger,
            Job::SweepOver,
        ] {
            let kept = serde_json::to_value(&job).unwrap();
            assert_eq!(kept["job"], job.kind());
            assert_eq!(serde_json::from_value::<Job>(kept).unwrap(), job);
        }
        for unknown in [r#"{"job":"files.shred"}"#, r#"{"job":"files.remove","files":[],"more":1}"#] {
            assert!(serde_json::from_str::<Job>(unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn every_schedule_has_times_and_a_name_of_its_own() {
        let now = Timestamp::from_micros(1_795_824_000_000_000);
        let mut names = std::collections::BTreeSet::new();
        for schedule in SCHEDULES {
            let next = schedule.after(now).unwrap();
            assert!(next > now && next <= now.after_seconds(24 * 60 * 60), "{schedule:?}");
            assert!(names.insert(schedule.job.kind()), "{schedule:?}");
        }
    }

    #[test]
    fn an_event_leads_to_one_state() {
        for state in JobState::ALL {
            for event in JobEvent::ALL {
                let rows = JobState::TRANSITIONS.iter().filter(|(from, by, _)| (from, by) == (state, event));
                assert!(rows.count() <= 1, "{state} {event}");
            }
        }
    }

    proptest! {
        /// Whatever happens in whatever order: what is done stays done, what is dead has used up its attempts, and only a
        /// person brings it back.
        #[test]
        fn a_job_ends_once(events in vec(select(JobEvent::ALL), 0..200)) {
            let (mut state, mut attempts) = (JobState::Waiting, 0);
            for event in events {
                // Whoever says that it failed does not choose whether that is the end.
                let event = match event {
                    JobEvent::Fail | JobEvent::GiveUp => JobEvent::of_failure(attempts),
                    event => event,
                };
                let Some(after) = state.after(event) else { continue };
                prop_assert!(state != JobState::Done);
                prop_assert!(state != JobState::Dead || event == JobEvent::Retry);
                match event {
                    JobEvent::Claim => attempts += 1,
                    JobEvent::Retry => attempts = 0,
                    JobEvent::GiveUp => prop_assert!(attempts >= MOST_ATTEMPTS),
                    JobEvent::Finish | JobEvent::Fail => prop_assert!(attempts > 0),
                }
                state = after;
            }
        }

        #[test]
        fn whoever_fails_waits_longer_each_time_up_to_an_hour(attempts in 1_u32..100, chance: u64) {
            let (first, waits) = (i64::try_from(FIRST_SECONDS).unwrap(), back_off(attempts, chance));
            let longest = first.saturating_mul(1 << (attempts - 1).min(20)).min(3600);
            prop_assert!(waits >= longest / 2 && waits <= longest, "{waits} of {longest}");
        }

        #[test]
        fn chance_spreads_those_who_failed_together(attempts in 1_u32..100) {
            prop_assert!(back_off(attempts, 0) < back_off(attempts, 7));
        }
    }
}
