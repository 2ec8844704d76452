//! Rates with bursts, by the generic cell rate algorithm (GCRA): one number for each who asks, the time at which all of their burst
//! is free again.

use std::{hash::Hash, time::Duration};

use tacita_domain::{Actor, OrganisationId};

use super::{Network, Rate};

/// Microseconds of a minute.
const MINUTE: u64 = 60_000_000;

/// A rate, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gcra {
    rate: Rate,
    /// From one request to the next, in the long run.
    pub(super) interval: u64,
    /// What a whole burst uses up.
    pub(super) whole: u64,
}

/// Whose rate it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    Address(Network),
    Caller(OrganisationId, Actor),
    Organisation(OrganisationId),
}

/// Whose rate, and which.
pub(super) type Rule = (Scope, Gcra);

/// One request that is counted against several rates: against all of them, or, where one is used up, against none.
#[derive(Clone, Debug)]
pub(crate) struct Asked(Vec<Rule>);

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Which rate is used up: the first of them.
    pub(super) refused: Option<usize>,
    /// How much each rate is used up, in microseconds until it is whole again; with this request, even if it was refused.
    pub(super) used: Vec<u64>,
}

impl Gcra {
    pub(super) fn of(rate: Rate) -> Self {
        let interval = (MINUTE / u64::from(rate.per_minute.get())).max(1);
        Self { rate, interval, whole: interval * u64::from(rate.burst.get()) }
    }

    pub(super) fn per_minute(&self) -> u32 {
        self.rate.per_minute.get()
    }

    pub(super) fn burst(&self) -> u32 {
        self.rate.burst.get()
    }

    /// When a rate is whole again of which one more request is taken at `now`, and which was to be whole again at `free`. A time much
    /// further away than a burst comes from a clock that was turned back, and is not believed; a little further away it is where
    /// several have asked at the same moment.
    pub(super) fn after(&self, free: u64, now: u64) -> u64 {
        let latest = now + 2 * self.whole + MINUTE;
        if free > latest { now + self.interval } else { free.max(now) + self.interval }
    }

    /// How long to wait until a request that would use up `used` is let through: whole seconds, at least one.
    pub(super) fn wait(&self, used: u64) -> Duration {
        Duration::from_secs(used.saturating_sub(self.whole).div_ceil(1_000_000).max(1))
    }

    /// How many requests are left once `used` is used up.
    pub(super) fn left(&self, used: u64) -> u64 {
        self.whole.saturating_sub(used) / self.interval
    }
}

impl Scope {
    /// What the metrics and the headers call it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Caller(..) => "token",
            Self::Organisation(_) => "organisation",
        }
    }

    /// What a refusal calls it.
    pub(super) fn phrase(&self) -> &'static str {
        match self {
            Self::Address(_) => "one address",
            Self::Caller(..) => "one token or member",
            Self::Organisation(_) => "one organisation",
        }
    }
}

impl Asked {
    pub(super) fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    pub(super) fn of(scope: Scope, rule: Gcra) -> Self {
        Self(vec![(scope, rule)])
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.0
    }
}
