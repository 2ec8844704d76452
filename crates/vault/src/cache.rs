//! Subject keys at hand.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use lru::LruCache;
use tacita_domain::{OrganisationId, SubjectId};

use crate::{KeyKind, KeyName, SubjectKey, subject::Held};

/// Parts of a large cache, so that threads seldom wait for each other.
const PARTS: usize = 16;
/// From how many keys on it has parts.
const LARGE: usize = 1024;

/// The keys used most recently, at most as many as it was made for; a key takes 64 bytes of secure memory. What is pushed out or
/// removed is wiped.
///
/// A key that is not there is fetched from the key ring and put there, which takes two calls; in between the data subject may be
/// erased. So [`KeyCache::get`] gives a [`Vacancy`], and [`KeyCache::fill`] refuses a key that was fetched before a removal.
/// Whoever erases commits the erasure in the key ring first, and calls [`KeyCache::remove`] then.
pub struct KeyCache {
    parts: Box<[Mutex<Part>]>,
}

struct Part {
    keys: LruCache<KeyName, SubjectKey>,
    /// Keys that were pushed out while somebody held them. A removal reaches them too.
    lent: Vec<Weak<Held>>,
    removals: u64,
}

/// What [`KeyCache::get`] found.
#[derive(Debug)]
pub enum Lookup {
    /// The key.
    Found(SubjectKey),
    /// It is not there; what is fetched from the key ring goes here.
    Absent(Vacancy),
}

/// Leave to put one key into the cache.
#[derive(Debug)]
pub struct Vacancy {
    name: KeyName,
    removals: u64,
}

/// A key was removed between the fetching of another and its being put into the cache. Look it up again: if it still is in the
/// key ring, it was another one that was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("keys were removed meanwhile; read the key from the key ring again")]
pub struct Overtaken;

impl KeyCache {
    /// Room for `bound` keys.
    #[must_use]
    pub fn new(bound: NonZeroUsize) -> Self {
        let parts = if bound.get() < LARGE { 1 } else { PARTS };
        let part = |index| {
            let share = bound.get() / parts + usize::from(index < bound.get() % parts);
            let keys = LruCache::new(NonZeroUsize::new(share).unwrap_or(NonZeroUsize::MIN));
            Mutex::new(Part { keys, lent: Vec::new(), removals: 0 })
        };
        Self { parts: (0..parts).map(part).collect() }
    }

    /// The key of this name, if it is there.
    #[must_use]
    pub fn get(&self, name: KeyName) -> Lookup {
        let mut part = self.part(name.subject);
        match part.keys.get(&name) {
            Some(key) => Lookup::Found(key.clone()),
            None => Lookup::Absent(Vacancy { name, removals: part.removals }),
        }
    }

    /// Puts a key there that was fetched from the key ring after [`KeyCache::get`] had not found it, and gives the one to use:
    /// where another thread was faster, its.
    ///
    /// # Errors
    /// When keys were removed meanwhile, or the vacancy is another key's. The key is destroyed: it may be an erased one.
    pub fn fill(&self, vacancy: &Vacancy, key: SubjectKey) -> Result<SubjectKey, Overtaken> {
        let mut part = self.part(vacancy.name.subject);
        if part.removals != vacancy.removals || key.name() != vacancy.name {
            key.destroy();
            return Err(Overtaken);
        }
        if let Some(there) = part.keys.get(&vacancy.name) {
            return Ok(there.clone());
        }
        if let Some((_, out)) = part.keys.push(vacancy.name, key.clone()) {
            part.lend(&out);
        }
        Ok(key)
    }

    /// Wipes all keys of a data subject, those that somebody holds too, and overtakes those that are on their way.
    pub fn remove(&self, organisation: OrganisationId, subject: SubjectId) {
        let mut part = self.part(subject);
        part.remove(
            |name| name.organisation == organisation && name.subject == subject,
            || {
                [KeyKind::Subject, KeyKind::Evidence, KeyKind::Suppression].map(|kind| KeyName {
                    organisation,
                    subject,
                    kind,
                })
            },
        );
    }

    /// Wipes one key, as [`KeyCache::remove`] does all of a data subject.
    pub fn remove_key(&self, key: KeyName) {
        self.part(key.subject).remove(|name| *name == key, || [key]);
    }

    /// Wipes all keys of an organisation.
    pub fn remove_organisation(&self, organisation: OrganisationId) {
        for part in &self.parts {
            let mut part = lock(part);
            let names: Vec<_> = part.keys.iter().map(|(name, _)| *name).collect();
            let names = names.into_iter().filter(|name| name.organisation == organisation);
            part.remove(|name| name.organisation == organisation, || names);
        }
    }

    /// How many keys are there.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| lock(part).keys.len()).sum()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The part in which a data subject's keys are.
    fn part(&self, subject: SubjectId) -> MutexGuard<'_, Part> {
        // The last byte of an id is random.
        let index = usize::from(subject.as_bytes()[15]) % self.parts.len();
        lock(&self.parts[index])
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    // A panic within leaves at worst a key out of it.
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Part {
    /// Remembers a key that was pushed out, while somebody holds it.
    fn lend(&mut self, out: &SubjectKey) {
        if Arc::strong_count(&out.0) == 1 {
            return;
        }
        if self.lent.len() == self.lent.capacity() {
            self.lent.retain(|held| held.strong_count() > 0);
        }
        self.lent.push(Arc::downgrade(&out.0));
    }

    fn remove<N: IntoIterator<Item = KeyName>>(
        &mut self,
        meant: impl Fn(&KeyName) -> bool,
        names: impl FnOnce() -> N,
    ) {
        self.removals += 1;
        for name in names() {
            if let Some(key) = self.keys.pop(&name) {
                key.destroy();
            }
        }
        self.lent.retain(|held| match held.upgrade() {
            Some(held) if meant(held.name()) => {
                held.destroy();
                false
            }
            held => held.is_some(),
        });
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyCache({} keys)", self.len())
    }
}
