//! When to leave alone what fails: a circuit breaker. It has no clock; times are since a moment of the caller's choice.

use std::time::Duration;

/// So many failures in a row open it.
pub(super) const FAILURES: u32 = 5;
/// How long it stays open at first; each time a trial fails, twice as long as before.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Lets requests through while they succeed; after several failures in a row none, until a pause has passed. Then one, on
/// trial: its outcome decides.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    state: State,
    /// How long one on trial may take before another one follows.
    patience: Duration,
    /// Which period of one state this is: what began in another says nothing about this one.
    period: u64,
}

#[derive(Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        /// When the next one may go on trial.
        until: Duration,
        pause: Duration,
    },
}

/// Leave to make one request.
#[derive(Debug)]
pub(super) struct Permit(u64);

/// The breaker changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// No request is made for this long.
    Opened { pause: Duration },
    /// All requests are made again.
    Closed,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

impl Breaker {
    /// A breaker of requests that take so long at most.
    pub(super) fn new(longest: Duration) -> Self {
        Self { patience: longest, ..Self::default() }
    }

    /// Leave to make a request now, if it may be made.
    pub(super) fn ask(&mut self, now: Duration) -> Option<Permit> {
        if let State::Open { until, pause } = &mut self.state {
            if now < *until {
                return None;
            }
            // The others go on waiting. If the outcome of this one is never told, another one follows after the pause.
            *until = now + self.patience.max(*pause);
            self.period += 1;
        }
        Some(Permit(self.period))
    }

    /// The request was answered.
    pub(super) fn answered(&mut self, Permit(period): Permit) -> Option<Change> {
        if period != self.period {
            return None;
        }
        let was_open = self.is_open();
        self.state = State::default();
        was_open.then(|| {
            self.period += 1;
            Change::Closed
        })
    }

    /// The request failed.
    pub(super) fn failed(&mut self, Permit(period): Permit, now: Duration) -> Option<Change> {
        if period != self.period {
            return None;
        }
        let pause = match &mut self.state {
            State::Closed { failures } => {
                *failures += 1;
                if *failures < FAILURES {
                    return None;
                }
                SHORTEST
            }
            State::Open { pause, .. } => LONGEST.min(*pause * 2),
        };
        self.state = State::Open { until: now + pause, pause };
        self.period += 1;
        Some(Change::Opened { pause })
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn opened(pause: u64) -> Option<Change> {
        Some(Change::Opened { pause: seconds(pause) })
    }

    /// One that opened at `now`.
    fn open(now: Duration) -> Breaker {
        let mut breaker = Breaker::default();
        for failure in 1..=FAILURES {
            let permit = breaker.ask(now).unwrap();
            let change = breaker.failed(permit, now);
            assert_eq!(change, if failure == FAILURES { opened(30) } else { None });
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let mut breaker = Breaker::default();
        for i in 0..10 * FAILURES {
            let permit = breaker.ask(seconds(0)).unwrap();
            let change =
                if i % FAILURES == 0 { breaker.answered(permit) } else { breaker.failed(permit, seconds(0)) };
            assert_eq!(change, None);
        }
        assert!(open(seconds(0)).ask(seconds(0)).is_none());
    }

    #[test]
    fn after_the_pause_one_goes_on_trial() {
        let mut breaker = open(seconds(100));
        assert!(breaker.ask(seconds(129)).is_none());
        let trial = breaker.ask(seconds(130)).unwrap();
        assert!(breaker.ask(seconds(131)).is_none());
        assert_eq!(breaker.answered(trial), Some(Change::Closed));
        assert!(breaker.ask(seconds(131)).is_some() && breaker.ask(seconds(131)).is_some());
        assert!(!breaker.is_open());
    }

    #[test]
    fn each_failed_trial_doubles_the_pause_up_to_five_minutes() {
        let mut breaker = open(seconds(0));
        let mut now = seconds(30);
        for pause in [60, 120, 240, 300, 300] {
            let trial = breaker.ask(now).unwrap();
            assert_eq!(breaker.failed(trial, now), opened(pause));
            assert!(breaker.ask(now + seconds(pause - 1)).is_none());
            now += seconds(pause);
        }
        let trial = breaker.ask(now).unwrap();
        assert_eq!(breaker.answered(trial), Some(Change::Closed));
        assert!(
            (1..FAILURES)
                .all(|_| { breaker.ask(now).is_some_and(|permit| breaker.failed(permit, now).is_none()) })
        );
    }

    #[test]
    fn a_trial_that_never_ends_is_followed_by_another() {
        let mut breaker = open(seconds(0));
        let lost = breaker.ask(seconds(30)).unwrap();
        assert!(breaker.ask(seconds(59)).is_none());
        let trial = breaker.ask(seconds(60)).unwrap();
        assert_eq!(breaker.failed(lost, seconds(60)), None);
        assert_eq!(breaker.answered(trial), Some(Change::Closed));
    }

    #[test]
    fn a_trial_that_takes_longer_than_the_pause_decides_all_the_same() {
        let mut breaker = Breaker { patience: seconds(90), ..open(seconds(0)) };
        let trial = breaker.ask(seconds(30)).unwrap();
        assert!(breaker.ask(seconds(119)).is_none());
        assert_eq!(breaker.answered(trial), Some(Change::Closed));
    }

    #[test]
    fn what_began_before_it_changed_decides_nothing() {
        let mut breaker = Breaker::default();
        let (early, late) = (breaker.ask(seconds(0)).unwrap(), breaker.ask(seconds(0)).unwrap());
        (0..FAILURES).for_each(|_| {
            let permit = breaker.ask(seconds(0)).unwrap();
            breaker.failed(permit, seconds(1));
        });
        assert_eq!(breaker.answered(early), None);
        assert_eq!(breaker.failed(late, seconds(2)), None);
        assert!(breaker.ask(seconds(30)).is_none() && breaker.ask(seconds(31)).is_some());
    }

    proptest! {
        #[test]
        fn it_is_never_shut_for_longer_than_five_minutes(
            steps in proptest::collection::vec((0..200u64, any::<Option<bool>>()), 0..60),
        ) {
            let (mut breaker, mut now) = (Breaker::default(), seconds(0));
            for (later, outcome) in steps {
                now += seconds(later);
                let Some(permit) = breaker.ask(now) else { continue };
                match outcome {
                    Some(true) => drop(breaker.answered(permit)),
                    Some(false) => drop(breaker.failed(permit, now)),
                    None => {}
                }
            }
            prop_assert!(breaker.ask(now + LONGEST).is_some());
        }
    }
}
