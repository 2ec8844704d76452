//! Work across organisations, and the account of it: how often each reason was used in each hour.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use tacita_domain::Timestamp;

use crate::{
    Clock, Error, Spanning,
    account::Rows,
    database::{
        Work,
        connection::{Connection, Scope},
    },
    system_queries,
};

system_queries! {
    NOTE = "INSERT INTO system_uses (scope, hour, uses) VALUES ($1, $2, $3) \
            ON CONFLICT (scope, hour) DO UPDATE SET uses = system_uses.uses + excluded.uses";
    SINCE = "SELECT scope, hour, uses FROM system_uses WHERE hour >= $1 ORDER BY hour, scope";
}

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;
/// Microseconds after which what was counted is written, where others write all the time.
const ROUND: i64 = 60_000_000;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {
        /// Why somebody works across organisations. There is no other way to do so; the name says why. Each use is counted, and the
        /// counts are kept by the hour.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SystemScope {
            $($(#[$doc])* $name,)+
        }

        impl SystemScope {
            /// All of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$name),+];

            /// Its name in the account.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

scopes! {
    /// Finding out whose token it is, before the organisation is known.
    SignIn = "sign-in";
    /// Making an organisation.
    Found = "found";
    /// The integrator: which organisations have entries that wait for a place in their log.
    Integrate = "integrate";
    /// Workers: which organisations have jobs to be done, and how many there are.
    Work = "work";
    /// Checks of the whole deployment.
    Doctor = "doctor";
    /// Wrapping organisations' keys by the root key, or by another one.
    ChangeRoot = "change-root";
}

const COUNT: usize = SystemScope::ALL.len();

impl SystemScope {
    /// Whether the process asks by itself again and again: for that alone nothing is written before the hour ends.
    const fn is_polled(self) -> bool {
        matches!(self, Self::Integrate | Self::Work)
    }
}

/// How often each scope was used since the start, and how much of that is still to be written.
pub(crate) struct Uses {
    all: [AtomicU64; COUNT],
    waiting: [AtomicU64; COUNT],
    /// In which hour the first was used of what is still to be written.
    hours: [AtomicI64; COUNT],
    clock: Clock,
    /// When what was counted was written last, in microseconds.
    noted: AtomicI64,
}

impl Uses {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        let none = || [const { AtomicU64::new(0) }; COUNT];
        let hours = [const { AtomicI64::new(0) }; COUNT];
        Arc::new(Self { all: none(), waiting: none(), hours, clock, noted: AtomicI64::new(0) })
    }

    /// A scope is used.
    pub(crate) fn count(&self, scope: SystemScope) {
        self.all[scope as usize].fetch_add(1, Ordering::Relaxed);
        let waiting = &self.waiting[scope as usize];
        if waiting.load(Ordering::Relaxed) == 0 {
            self.hours[scope as usize].store(hour((self.clock)()), Ordering::Relaxed);
        }
        waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// How often each was used since the start.
    pub(crate) fn since_start(&self) -> [(SystemScope, u64); COUNT] {
        SystemScope::ALL.map(|scope| (scope, self.all[scope as usize].load(Ordering::Relaxed)))
    }

    /// Whether it is time to write: beside what others write, once in a while; where nobody has written for a while, not for what
    /// the process itself asks again and again, until the hour ends.
    pub(crate) fn is_due(&self, is_idle: bool) -> bool {
        let (now, noted) = ((self.clock)(), self.noted.load(Ordering::Relaxed));
        let is_wanted = |scope: SystemScope| {
            self.waiting[scope as usize].load(Ordering::Relaxed) > 0
                && (!scope.is_polled() || self.hours[scope as usize].load(Ordering::Relaxed) != hour(now))
        };
        // A clock that was set back makes it due, too.
        if is_idle {
            SystemScope::ALL.into_iter().any(is_wanted)
        } else {
            !(noted..noted + ROUND).contains(&now.micros())
        }
    }

    /// What is still to be written, as work; none where there is nothing.
    pub(crate) fn note(self: &Arc<Self>) -> Option<Box<dyn Work>> {
        let counts = self.take();
        let (scope, ..) = *counts.first()?;
        Some(Box::new(Note { uses: Arc::clone(self), scope, counts }))
    }

    /// What was used, how often, and in which hour.
    fn take(&self) -> Vec<(SystemScope, u64, i64)> {
        self.noted.store((self.clock)().micros(), Ordering::Relaxed);
        let waiting = SystemScope::ALL.map(|scope| {
            let hour = self.hours[scope as usize].load(Ordering::Relaxed);
            (scope, self.waiting[scope as usize].swap(0, Ordering::Relaxed), hour)
        });
        waiting.into_iter().filter(|(_, count, _)| *count > 0).collect()
    }
}

/// Hours since the epoch.
fn hour(at: Timestamp) -> i64 {
    at.micros().div_euclid(HOUR)
}

/// Writes what was counted. That is no use of a scope: it touches nothing of any organisation.
struct Note {
    uses: Arc<Uses>,
    scope: SystemScope,
    counts: Vec<(SystemScope, u64, i64)>,
}

impl Work for Note {
    fn scope(&self) -> Scope {
        Scope::System(self.scope)
    }

    fn is_wanted(&self) -> bool {
        true
    }

    fn run(&mut self, connection: &mut Connection) -> Result<(), Error> {
        self.counts.iter().try_for_each(|(scope, count, hour)| {
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            connection.execute(NOTE.0, &[scope.as_str().into(), (*hour).into(), count.into()]).map(drop)
        })
    }

    fn account(&self) -> Option<&Rows> {
        None
    }

    fn finish(self: Box<Self>, written: Result<(), Error>) {
        // What may be written is not written twice.
        if !matches!(written, Ok(()) | Err(Error::Unsure(_))) {
            for (scope, count, hour) in self.counts {
                self.uses.hours[scope as usize].store(hour, Ordering::Relaxed);
                self.uses.waiting[scope as usize].fetch_add(count, Ordering::Relaxed);
            }
        }
    }
}

/// How often a scope was used within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Which; one that a newer version has is named, too.
    pub scope: String,
    /// When the hour began.
    pub hour: Timestamp,
    /// How often.
    pub uses: u64,
}

/// How often each scope was used in the hours from that of `since` on.
///
/// # Errors
/// When the database can't answer.
pub fn used(tx: &mut Spanning<'_>, since: Timestamp) -> Result<Vec<Used>, Error> {
    tx.query(SINCE, &[hour(since).into()], |row| {
        let hour = Timestamp::from_micros(row.get::<i64>(1)?.saturating_mul(HOUR));
        Ok(Used { scope: row.get(0)?, hour, uses: row.get::<i64>(2)?.unsigned_abs() })
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static NOW: Cell<i64> = const { Cell::new(500_000 * HOUR) };
    }

    fn clock() -> Timestamp {
        Timestamp::from_micros(NOW.get())
    }

    fn pass(micros: i64) {
        NOW.set(NOW.get() + micros);
    }

    #[test]
    fn what_a_process_asks_itself_again_and_again_is_written_when_the_hour_ends() {
        let uses = Uses::new(clock);
        let hour = hour(clock());
        uses.note();
        for minute in 0..60 {
            uses.count(SystemScope::Integrate);
            uses.count(SystemScope::Work);
            assert!(!uses.is_due(true), "{minute}");
            pass(ROUND);
        }
        assert!(uses.is_due(true));
        // It belongs to the hour that has ended.
        assert_eq!(uses.take(), [(SystemScope::Integrate, 60, hour), (SystemScope::Work, 60, hour)]);
        assert!(!uses.is_due(true));
        uses.count(SystemScope::Work);
        assert!(!uses.is_due(true) && !uses.is_due(false));
        // With what others write it is written along.
        pass(ROUND);
        assert!(!uses.is_due(true) && uses.is_due(false));
        uses.count(SystemScope::SignIn);
        assert!(uses.is_due(true));
        assert_eq!(uses.take(), [(SystemScope::SignIn, 1, hour + 1), (SystemScope::Work, 1, hour + 1)]);
    }
}
