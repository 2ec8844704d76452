//! Where the work of a request is done.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;

/// Bodies up to this size, in bytes, are worked on where they were read: moving them to another thread would take
/// longer. The worst text of this size takes about a millisecond.
pub(crate) const SMALL: usize = 16 * 1024;

/// Does `work` on a body of `size` bytes, here if it has at most `small`, without keeping other connections waiting.
pub(crate) async fn run<T: Send + 'static>(
    small: usize,
    size: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    if size <= small { work() } else { aside(work).await }
}

/// Does `work` that takes long, whatever the size of the body, on another thread.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        // The task is never cancelled, so it panicked: as if it had done so here.
        Err(error) => resume_unwind(error.into_panic()),
    }
}
