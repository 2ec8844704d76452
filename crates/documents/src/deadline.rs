//! A moment after which nobody waits any more.

use std::time::{Duration, Instant};

/// The one clock of this crate: how long a file takes can't be told by anything else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
}

impl Deadline {
    pub(crate) fn after(time: Duration) -> Self {
        Self { at: now() + time }
    }

    pub(crate) fn left(self) -> Duration {
        self.at.saturating_duration_since(now())
    }

    pub(crate) fn is_over(self) -> bool {
        self.left().is_zero()
    }
}

#[expect(clippy::disallowed_methods, reason = "a limit on time has to read a clock")]
fn now() -> Instant {
    Instant::now()
}
