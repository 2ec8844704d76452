//! The disk that is measured.

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
