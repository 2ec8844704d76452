//! The disk that is measured, and what this process asks of it and of the processor.

use std::{fs, io::Write, path::Path, time::Duration, time::Instant};

use crate::{Result, sorted};

/// Refuses a folder that lies in memory: there every figure is a dream.
pub(crate) fn refuse_memory(folder: &Path) -> Result<()> {
    let folder = fs::canonicalize(folder)?;
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    let kind = mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(1).zip(line.split(' ').nth(2)))
        .filter(|(at, _)| folder.starts_with(at))
        .max_by_key(|(at, _)| at.len());
    match kind {
        Some((_, "tmpfs" | "ramfs")) => {
            Err(format!("`{}` lies in memory; give a folder on a disk", folder.display()).into())
        }
        _ => Ok(()),
    }
}

/// How long the disk takes to keep a page.
pub(crate) fn fsync(folder: &Path) -> Result<Duration> {
    let path = folder.join("fsync");
    let mut file = fs::File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let started = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(started.elapsed());
    }
    fs::remove_file(path)?;
    Ok(sorted(times)[50])
}

/// What records cost.
pub(crate) struct Rate {
    /// How many a second.
    pub(crate) records: f64,
    /// Microseconds of processor time for each, the caller's included.
    pub(crate) processor: f64,
    /// Kilobytes written to the disk for each, copies into the database's file included.
    pub(crate) written: f64,
}

/// Watches a round.
pub(crate) struct Watch {
    pub(crate) started: Instant,
    processor: f64,
    written: f64,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), processor: processor(), written: written() }
    }

    pub(crate) fn stop(&self, records: usize) -> Rate {
        let count = records as f64;
        Rate {
            records: count / self.started.elapsed().as_secs_f64(),
            processor: (processor() - self.processor) / count * 1e6,
            written: (written() - self.written) / count / 1e3,
        }
    }
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks =
        |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// Bytes that this process has written.
fn written() -> f64 {
    let counts = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let written = counts.lines().find_map(|line| line.strip_prefix("wchar: "));
    written.and_then(|bytes| bytes.parse().ok()).unwrap_or_default()
}
