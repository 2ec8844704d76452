//! Processor time. On a machine that others use too, the clock on the wall says mostly what they do.

/// Seconds that this process has computed.
pub(super) fn own() -> f64 {
    seconds(Of::This)
}

/// Seconds that the processes have computed that this one started and waited for, and theirs.
pub(super) fn children() -> f64 {
    seconds(Of::Children)
}

#[derive(Clone, Copy)]
enum Of {
    This,
    Children,
}

#[cfg(unix)]
fn seconds(of: Of) -> f64 {
    use nix::sys::{
        resource::{UsageWho, getrusage},
        time::TimeValLike,
    };
    let who = match of {
        Of::This => UsageWho::RUSAGE_SELF,
        Of::Children => UsageWho::RUSAGE_CHILDREN,
    };
    let usage = getrusage(who).expect("it fails only where it is asked for anybody else");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}

/// Where the system does not tell it this way, the time that has passed has to do.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn seconds(_: Of) -> f64 {
    use std::{sync::OnceLock, time::Instant};
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64()
}
