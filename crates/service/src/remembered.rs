//! What was read a moment ago, so that it need not be read for every request.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
};

use tacita_domain::Timestamp;

/// Values remembered at a time; when there are more, all are forgotten.
const MOST: usize = 10_000;

/// Values by their key, each as it was read at a time, and taken for true for a while. Clones are the same memory.
pub(crate) struct Remembered<K, V> {
    micros: i64,
    values: Arc<RwLock<HashMap<K, (V, Timestamp)>>>,
}

impl<K, V> Clone for Remembered<K, V> {
    fn clone(&self) -> Self {
        Self { micros: self.micros, values: Arc::clone(&self.values) }
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// An empty memory; what it holds is true for `seconds`.
    pub(crate) fn new(seconds: i64) -> Self {
        Self::for_millis(seconds * 1000)
    }

    /// An empty memory; what it holds is true for so many milliseconds.
    pub(crate) fn for_millis(millis: i64) -> Self {
        Self { micros: millis * 1000, values: Arc::default() }
    }

    /// The value of `key`, if it was read a moment before `now`. A clock that was set back makes it unknown.
    pub(crate) fn get(&self, key: &K, now: Timestamp) -> Option<V> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let (value, read) = values.get(key)?;
        (*read <= now && now.micros() - read.micros() < self.micros).then(|| value.clone())
    }

    /// The value of `key` as it was read last, however long ago.
    pub(crate) fn last(&self, key: &K) -> Option<V> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        values.get(key).map(|(value, _)| value.clone())
    }

    /// Remembers a value that was read at `now`.
    pub(crate) fn put(&self, key: K, value: V, now: Timestamp) {
        let mut values = self.write();
        if values.len() >= MOST {
            values.clear();
        }
        values.insert(key, (value, now));
    }

    /// Forgets what is no longer so.
    pub(crate) fn forget(&self, gone: impl Fn(&K, &V) -> bool) {
        self.write().retain(|key, (value, _)| !gone(key, value));
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, (V, Timestamp)>> {
        // It is whole, whatever panicked.
        self.values.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_value_is_true_for_a_moment_and_never_before_it_was_read() {
        let remembered = Remembered::new(2);
        let at = |seconds: i64| Timestamp::from_micros(seconds * SECOND);
        remembered.put("a", 1, at(10));
        assert_eq!(remembered.clone().get(&"a", at(10)), Some(1));
        assert_eq!(remembered.get(&"a", at(11)), Some(1));
        assert_eq!(remembered.get(&"a", at(12)), None);
        assert_eq!((remembered.last(&"a"), remembered.last(&"b")), (Some(1), None));
        assert_eq!(remembered.get(&"a", at(9)), None, "the clock was set back");
        assert_eq!(remembered.get(&"b", at(10)), None);
        remembered.forget(|key, _| *key == "a");
        assert_eq!(remembered.get(&"a", at(10)), None);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let remembered = Remembered::new(2);
        let now = Timestamp::from_micros(0);
        (0..3 * MOST).for_each(|key| remembered.put(key, (), now));
        assert!(remembered.values.read().unwrap().len() <= MOST);
        assert_eq!(remembered.get(&(3 * MOST - 1), now), Some(()));
    }
}
