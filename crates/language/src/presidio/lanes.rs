//! How many requests may be under way at once.

use std::{
    num::NonZeroUsize,
    sync::{Condvar, Mutex, PoisonError},
};

/// So many may go at once; the next one waits until one has arrived.
#[derive(Debug)]
pub(super) struct Lanes {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A lane that is taken until this is dropped.
#[derive(Debug)]
pub(super) struct Lane<'a>(&'a Lanes);

impl Lanes {
    pub(super) fn new(count: NonZeroUsize) -> Self {
        Self { free: Mutex::new(count.get()), freed: Condvar::new() }
    }

    pub(super) fn take(&self) -> Lane<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.freed.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Lane(self)
    }
}

impl Drop for Lane<'_> {
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
    fn no_more_go_at_once_than_there_are_lanes() {
        let lanes = Lanes::new(NonZeroUsize::new(2).expect("two is not zero"));
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _lane = lanes.take();
                        let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        under_way.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert!((1..=2).contains(&most.into_inner()));
        drop((lanes.take(), lanes.take()));
    }
}
