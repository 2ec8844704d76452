//! The machine: what it lets others see, and how fast and how full its disk is.

use std::{io::Write, path::Path};

use tacita_vault::{Protection, SecureMemory};

use super::Findings;
use crate::Clock;

/// Bytes of locked memory that the keys of a busy server need.
const LOCKED: u64 = 8 * 1024 * 1024;
/// Bytes that have to be free.
const FREE: u64 = 256 * 1024 * 1024;
/// Bytes that should be free.
const ROOM: u64 = 2 * 1024 * 1024 * 1024;
/// Microseconds that the disk may take to keep something.
const SLOW: i64 = 20_000;
/// How often that is tried.
const TRIES: usize = 8;

/// What the process may keep from others.
pub(super) fn look(findings: &mut Findings) {
    let hardening = tacita_vault::harden();
    for problem in &hardening.problems {
        findings.warning(
            "machine",
            "what the process holds in memory may be seen by others",
            problem.to_string(),
        );
    }
    if hardening.problems.is_empty() {
        findings.ok(
            "machine",
            "a crash writes no memory to the disk, and no process of the same user may read this one's",
        );
    }
    match hardening.lockable {
        Some(lockable) if lockable < LOCKED => {
            let what = format!("{} KiB of memory may be locked", lockable / 1024);
            let advice = "more keys than fit there may be written to swap: set `ulimit -l unlimited` or `LimitMEMLOCK=infinity`";
            findings.warning("machine", what, advice);
        }
        _ => findings.ok("machine", "enough memory may be locked"),
    }
}

/// How the memory of keys is kept from others.
pub(super) fn look_at_memory(memory: &SecureMemory, findings: &mut Findings) {
    let protection = memory.protection();
    if protection == Protection::Ordinary {
        let advice = "set `ulimit -l unlimited` or `LimitMEMLOCK=infinity`";
        findings.warning("machine", "the memory of keys is not locked and may be written to swap", advice);
    } else {
        findings.ok("machine", format!("the memory of keys is {protection}"));
    }
}

/// How full and how fast the disk of a folder is.
pub(super) fn look_at_disk(folder: &Path, clock: Clock, findings: &mut Findings) {
    let area = "disk";
    #[cfg(unix)]
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let what = format!("{} MB are free", free >> 20);
            let advice = "make room: what can't be written is refused";
            if free < FREE {
                findings.problem(area, what, advice);
            } else if free < ROOM {
                findings.warning(area, what, advice);
            } else {
                findings.ok(area, what);
            }
        }
        Err(error) => {
            findings.warning(area, format!("how full it is can't be told: {error}"), "look with `df`");
        }
    }
    match latency(folder, clock) {
        Ok(micros) if micros > SLOW => {
            let what = format!("it takes {} ms to keep something", micros / 1000);
            findings.warning(
                area,
                what,
                "each answer waits for that: use a disk of its own, or a faster one",
            );
        }
        Ok(micros) => findings.ok(area, format!("it takes {micros} \u{b5}s to keep something")),
        Err(error) => {
            findings.problem(
                area,
                format!("nothing can be kept in `{}`: {error}", folder.display()),
                "look at its permissions",
            );
        }
    }
}

/// The median of the microseconds that it takes to write a page and to know that it is on the disk.
fn latency(folder: &Path, clock: Clock) -> std::io::Result<i64> {
    // It has no name, so that it is gone with its end.
    let mut file = tempfile::tempfile_in(folder)?;
    let mut took = [0; TRIES];
    for took in &mut took {
        let start = clock();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        *took = clock().micros() - start.micros();
    }
    took.sort_unstable();
    Ok(took[TRIES / 2])
}
