//! Moving what SQLite's log holds into the file, on a thread beside the one that writes: by itself SQLite lets whoever commits do it
//! from time to time, and everybody else wait meanwhile.
//!
//! The thread moves most of it while the writer goes on. What was written in the meantime the writer moves itself, which is little,
//! and only then can the log begin again at its start: it never does while somebody appends.

use std::{
    ffi::c_int,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::{Connection, hooks::Wal};

use super::sqlite::Sqlite;
use crate::Error;

/// Pages of the log from which on the thread begins.
const BEGIN: c_int = 1_000;
/// Pages from which on the writer does it all itself: the thread does not keep up.
const MOST: c_int = 16_000;

/// Nothing is to be moved.
const IDLE: u8 = 0;
/// The thread is at it.
const MOVING: u8 = 1;
/// The thread has moved what there was when it began.
const MOVED: u8 = 2;

/// The thread, which ends when the connection of the writer is closed.
pub(super) struct Backfill(Option<JoinHandle<()>>);

impl Backfill {
    /// Starts the thread for the file, and has the writer's `connection` tell it what it writes.
    pub(super) fn start(connection: &mut Connection, path: &Path, key: &[u8; 32]) -> Result<Self, Error> {
        let beside = Sqlite::open(path, key)?;
        let state = Arc::new(AtomicU8::new(IDLE));
        let (wake, woken) = bounded(1);
        let shared = Arc::clone(&state);
        let thread = thread::Builder::new()
            .name("backfill".to_owned())
            .spawn(move || run(&beside, &woken, &shared))
            .map_err(|error| {
                Error::Refused(format!("the operating system gave no thread to write with: {error}"))
            })?;
        connection.wal_hook(Some(move |log: &mut Wal, pages| {
            after_commit(log, pages, &state, &wake);
            // What was committed is committed, whatever becomes of the log.
            Ok(())
        }))?;
        Ok(Self(Some(thread)))
    }
}

impl Drop for Backfill {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            let _ = thread.join();
        }
    }
}

/// Looks, after a commit of the writer, how long the log has become.
fn after_commit(log: &mut Wal, pages: c_int, state: &AtomicU8, wake: &Sender<()>) {
    let is_moved = state.load(Ordering::Acquire) == MOVED;
    if is_moved || pages >= MOST {
        // Where it fails, the log grows on, and the next commit tries again; a full disk fails the commits themselves.
        let _ = log.checkpoint();
        if is_moved {
            state.store(IDLE, Ordering::Release);
        }
    } else if pages >= BEGIN && state.load(Ordering::Acquire) == IDLE {
        state.store(MOVING, Ordering::Release);
        let _ = wake.try_send(());
    }
}

fn run(connection: &Sqlite, woken: &Receiver<()>, state: &AtomicU8) {
    while woken.recv().is_ok() {
        let _ = connection.backfill();
        state.store(MOVED, Ordering::Release);
    }
}
