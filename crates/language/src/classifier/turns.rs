//! As many readings at once as there are processors: what one takes of memory is known, and more would not be faster.

use std::{
    num::NonZeroUsize,
    sync::{Condvar, Mutex, PoisonError},
    thread::available_parallelism,
};

/// Turns that are free.
#[derive(Debug)]
pub(super) struct Turns {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A turn that was taken; it is free again when this is dropped.
pub(super) struct Turn<'a>(&'a Turns);

impl Default for Turns {
    fn default() -> Self {
        let free = available_parallelism().map_or(1, NonZeroUsize::get);
        Self { free: Mutex::new(free), freed: Condvar::new() }
    }
}

impl Turns {
    /// Waits until a turn is free, and takes it.
    pub(super) fn take(&self) -> Turn<'_> {
        // A number is whole whatever panicked.
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn no_more_at_once_than_there_are() {
        let turns = Turns { free: Mutex::new(2), freed: Condvar::new() };
        let (now, most, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = turns.take();
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        now.fetch_sub(1, Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 400);
        assert!(most.into_inner() <= 2);
        assert_eq!(turns.free.into_inner().unwrap(), 2);
    }
}
