//! Turns: what must not be done by several at once, by whom it is about.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::Arc,
};

use tokio::sync::{Mutex, MutexGuard};

/// Locks, however many there are whom something can be about: two of them seldom wait for each other for nothing.
const LOCKS: usize = 4096;

/// Turns. Clones are the same.
#[derive(Clone)]
pub(crate) struct Turns {
    locks: Arc<[Mutex<()>]>,
    /// Random, so that nobody can choose who waits for them.
    hasher: RandomState,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { locks: (0..LOCKS).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits until nobody else is at what is about `whom`.
    pub(crate) async fn of(&self, whom: &impl Hash) -> MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one(whom);
        let place = usize::try_from(hash % (LOCKS as u64)).expect("it is less than the number of locks");
        self.locks[place].lock().await
    }
}
