//! How much each of many has of what all share, so that none of them has all of it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// How much everybody has. Whoever has nothing does not stand there, so it is never larger than what is shared out.
#[derive(Debug)]
pub(super) struct Shares<K> {
    most: usize,
    taken: Mutex<HashMap<K, usize>>,
}

/// What one holder has taken for somebody, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share<K: Copy + Eq + Hash> {
    of: Arc<Shares<K>>,
    who: K,
    some: AtomicUsize,
}

impl<K: Copy + Eq + Hash> Shares<K> {
    /// What nobody takes too much of: nothing is counted.
    pub(super) const WITHOUT_END: usize = usize::MAX;

    /// Nobody has more than `most`.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// Takes `some` for somebody, if what they have stays within their share.
    pub(super) fn take(self: &Arc<Self>, who: K, some: usize) -> Option<Share<K>> {
        let share = Share { of: Arc::clone(self), who, some: AtomicUsize::new(0) };
        share.more(some).then_some(share)
    }

    /// What is guarded is whole after each statement, whoever panicked.
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Share<K> {
    /// Takes `some` more, if that stays within the share.
    #[must_use]
    pub(super) fn more(&self, some: usize) -> bool {
        if self.of.most == Shares::<K>::WITHOUT_END || some == 0 {
            return true;
        }
        let mut taken = self.of.taken();
        let now = taken.get(&self.who).copied().unwrap_or_default();
        let Some(then) = now.checked_add(some).filter(|&then| then <= self.of.most) else { return false };
        taken.insert(self.who, then);
        self.some.fetch_add(some, Relaxed);
        true
    }
}

impl<K: Copy + Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let some = *self.some.get_mut();
        if some == 0 {
            return;
        }
        let mut taken = self.of.taken();
        if let Some(all) = taken.get_mut(&self.who) {
            *all -= some;
            if *all == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_their_share_and_what_is_given_back_leaves_nothing() {
        let shares = Shares::new(3);
        let (one, other) = (shares.take('a', 2).unwrap(), shares.take('b', 3).unwrap());
        assert!(shares.take('a', 2).is_none() && !one.more(usize::MAX) && !other.more(1));
        assert!(one.more(1) && !one.more(1));
        drop(one);
        assert!(shares.take('a', 3).is_some());
        assert!(shares.take('c', 4).is_none());
        drop(other);
        assert!(shares.taken().is_empty());
    }

    #[test]
    fn without_an_end_nothing_is_counted() {
        let shares = Shares::new(Shares::<char>::WITHOUT_END);
        let share = shares.take('a', usize::MAX).unwrap();
        assert!(share.more(usize::MAX) && shares.taken().is_empty());
    }
}
