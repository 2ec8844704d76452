//! Fuzz targets: whatever comes from outside, broken in every way a random generator finds.
//!
//! `TACITA_FUZZ_SECONDS` says how long each target works (one second where it is unset). The inputs are the same each time,
//! so that a failure is the doing of what was changed; with `TACITA_FUZZ_FRESH` they are new ones. A failure prints its seed;
//! `TACITA_FUZZ_SEED` runs that one again.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "runs are counted, and the seed of a failure must be seen"
)]

mod detection;
mod documents;
mod evaluation;
mod inputs;
mod ledger;
mod redaction;
mod server;

use std::{
    env,
    panic::{self, AssertUnwindSafe},
    time::{Duration, Instant},
};

use fastrand::Rng;

/// Longer than any input here may take, even without optimisation on a busy machine.
const HANGS: Duration = Duration::from_secs(60);

/// Runs `target` with one seed after the other until the time is over.
#[expect(clippy::disallowed_methods, reason = "it measures how long the target has worked")]
fn fuzz(target: impl Fn(&mut Rng)) {
    let number = |name| env::var(name).ok().map(|text| text.parse::<f64>().expect("a number of seconds"));
    let budget = Duration::from_secs_f64(number("TACITA_FUZZ_SECONDS").unwrap_or(1.0));
    let replayed =
        env::var("TACITA_FUZZ_SEED").ok().map(|seed| seed.parse().expect("a seed as it was printed"));
    let fresh = env::var_os("TACITA_FUZZ_FRESH").is_some();
    let first = replayed.unwrap_or_else(|| if fresh { fastrand::u64(..) } else { 0 });
    let started = Instant::now();
    let mut runs = 0_u64;
    while runs == 0 || (replayed.is_none() && started.elapsed() < budget) {
        let seed = first.wrapping_add(runs);
        let began = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| target(&mut Rng::with_seed(seed))));
        if let Err(cause) = outcome {
            eprintln!("TACITA_FUZZ_SEED={seed} runs this failure again");
            panic::resume_unwind(cause);
        }
        assert!(began.elapsed() < HANGS, "TACITA_FUZZ_SEED={seed} took {:?}", began.elapsed());
        runs += 1;
    }
    println!("{runs} runs");
}
