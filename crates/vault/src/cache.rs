//! Subject keys at hand.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
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
/// erased. So [`KeyCache::get`] gives a [`Vacancy`] before the key ring is read or written, and [`KeyCache::fill`] refuses a key
/// that was removed since. Whoever erases commits the erasure in the key ring first, and calls [`KeyCache::remove`] then.
pub struct KeyCache {
    parts: Box<[Mutex<Part>]>,
}

struct Part {
    keys: LruCache<KeyName, SubjectKey>,
    /// Keys that were pushed out while somebody held them. A removal reaches them too.
    lent: Vec<Weak<Held>>,
    /// Keys that are on their way here, and whether they were removed meanwhile.
    awaited: Vec<(KeyName, Weak<AtomicBool>)>,
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
    overtaken: Arc<AtomicBool>,
}

/// A key was removed while it was on its way from the key ring. If the key ring still has one of this name, it is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key was removed meanwhile; read the key ring again")]
pub struct Overtaken;

impl KeyCache {
    /// Room for `bound` keys.
    #[must_use]
    pub fn new(bound: NonZeroUsize) -> Self {
        let parts = if bound.get() < LARGE { 1 } else { PARTS };
        let part = |index| {
            let share = bound.get() / parts + usize::from(index < bound.get() % parts);
            let keys = LruCache::new(NonZeroUsize::new(share).unwrap_or(NonZeroUsize::MIN));
            Mutex::new(Part { keys, lent: Vec::new(), awaited: Vec::new() })
        };
        Self { parts: (0..parts).map(part).collect() }
    }

    /// The key of this name, if it is there.
    #[must_use]
    pub fn get(&self, name: KeyName) -> Lookup {
        let mut part = self.part(name.subject);
        match part.keys.get(&name) {
            Some(key) => Lookup::Found(key.clone()),
            None => Lookup::Absent(part.await_key(name)),
        }
    }

    /// Puts a key there that was fetched from the key ring after [`KeyCache::get`] had not found it, and gives the one to use:
    /// where another thread was faster, its.
    ///
    /// # Errors
    /// When the key was removed meanwhile, or the vacancy is another key's. The key is destroyed, and its clones with it.
    pub fn fill(&self, vacancy: &Vacancy, key: SubjectKey) -> Result<SubjectKey, Overtaken> {
        let mut part = self.part(vacancy.name.subject);
        // Removals set it while they have the part, as this does.
        if vacancy.overtaken.load(Ordering::Relaxed) || key.name() != vacancy.name {
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

    /// Lets go of all keys of an organisation, so that each is fetched again. Those that somebody holds stay theirs, and a removal
    /// still reaches them.
    pub fn forget_organisation(&self, organisation: OrganisationId) {
        for part in &self.parts {
            lock(part).forget(organisation);
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

    fn await_key(&mut self, name: KeyName) -> Vacancy {
        let overtaken = Arc::new(AtomicBool::new(false));
        if self.awaited.len() == self.awaited.capacity() {
            self.awaited.retain(|(_, overtaken)| overtaken.strong_count() > 0);
        }
        self.awaited.push((name, Arc::downgrade(&overtaken)));
        Vacancy { name, overtaken }
    }

    fn forget(&mut self, organisation: OrganisationId) {
        self.overtake(|name| name.organisation == organisation);
        let names: Vec<_> = self.keys.iter().map(|(name, _)| *name).collect();
        for name in names.into_iter().filter(|name| name.organisation == organisation) {
            if let Some(out) = self.keys.pop(&name) {
                self.lend(&out);
            }
        }
    }

    /// Refuses the keys that are on their way.
    fn overtake(&mut self, meant: impl Fn(&KeyName) -> bool) {
        self.awaited.retain(|(name, overtaken)| match overtaken.upgrade() {
            Some(overtaken) if meant(name) => {
                overtaken.store(true, Ordering::Relaxed);
                false
            }
            overtaken => overtaken.is_some(),
        });
    }

    fn remove<N: IntoIterator<Item = KeyName>>(
        &mut self,
        meant: impl Fn(&KeyName) -> bool,
        names: impl FnOnce() -> N,
    ) {
        self.overtake(&meant);
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

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use proptest::prelude::*;

    use super::*;
    use crate::{
        SecureMemory,
        testing::{chance, name, organisation, place},
    };

    fn cache(bound: usize) -> KeyCache {
        KeyCache::new(NonZeroUsize::new(bound).unwrap())
    }

    fn held(cache: &KeyCache, name: KeyName) -> Option<SubjectKey> {
        match cache.get(name) {
            Lookup::Found(key) => Some(key),
            Lookup::Absent(_) => None,
        }
    }

    fn vacancy(cache: &KeyCache, name: KeyName) -> Vacancy {
        match cache.get(name) {
            Lookup::Absent(vacancy) => vacancy,
            Lookup::Found(_) => panic!("it is there"),
        }
    }

    fn put(cache: &KeyCache, name: KeyName, memory: &SecureMemory) -> SubjectKey {
        let key = SubjectKey::generate(name, memory, &mut chance(1));
        cache.fill(&vacancy(cache, name), key).unwrap()
    }

    /// Where the bytes of a key lie; they stay mapped while the memory lives.
    fn bytes(key: &SubjectKey) -> *const [u8; 64] {
        key.with(|slot| std::ptr::from_ref(slot.bytes())).unwrap()
    }

    fn is_wiped(bytes: *const [u8; 64], _while: &SecureMemory) -> bool {
        // SAFETY: the memory lives, so what it mapped stays so; nobody writes to it at this moment.
        unsafe { *bytes == [0; 64] }
    }

    #[test]
    fn the_key_used_longest_ago_is_pushed_out_and_wiped() {
        let (cache, memory) = (cache(3), SecureMemory::new());
        let [a, b, c, d] = [1, 2, 3, 4].map(|subject| name(organisation(1), subject));
        let places = [a, b, c].map(|name| bytes(&put(&cache, name, &memory)));
        assert!(held(&cache, a).is_some());
        drop(put(&cache, d, &memory));
        assert_eq!(cache.len(), 3);
        assert!(held(&cache, b).is_none());
        assert!(!is_wiped(places[0], &memory) && !is_wiped(places[2], &memory));
        // Its place was wiped, and was free for nobody else: the fourth key came before it went.
        assert!(is_wiped(places[1], &memory));
    }

    #[test]
    fn a_removed_key_is_wiped_at_once_even_where_it_is_held() {
        let (cache, memory) = (cache(2), SecureMemory::new());
        let [a, b, c] = [1, 2, 3].map(|subject| name(organisation(1), subject));
        let there = put(&cache, a, &memory);
        let there_at = bytes(&there);
        cache.remove(a.organisation, a.subject);
        assert!(is_wiped(there_at, &memory));
        assert!(there.seal(&place(a.organisation), b"Mara Lind", &mut chance(1)).is_err());

        // Pushed out, and still held by somebody.
        let lent = put(&cache, a, &memory);
        let lent_at = bytes(&lent);
        put(&cache, b, &memory);
        put(&cache, c, &memory);
        assert!(held(&cache, a).is_none() && !is_wiped(lent_at, &memory));
        cache.remove(a.organisation, a.subject);
        assert!(is_wiped(lent_at, &memory));
        assert!(held(&cache, b).is_some() && held(&cache, c).is_some());
    }

    #[test]
    fn a_key_that_was_fetched_before_a_removal_is_refused_and_destroyed() {
        let (cache, memory) = (cache(3), SecureMemory::new());
        let name = name(organisation(1), 1);
        let before = vacancy(&cache, name);
        let fetched = SubjectKey::generate(name, &memory, &mut chance(1));
        cache.remove(name.organisation, name.subject);
        assert_eq!(cache.fill(&before, fetched.clone()).err(), Some(Overtaken));
        assert!(fetched.audit_reference(b"").is_err());
        assert!(cache.is_empty());
        // A vacancy of after it is good, and so is one of another key.
        let other = vacancy(&cache, crate::testing::name(organisation(1), 2));
        put(&cache, name, &memory);
        cache.remove(name.organisation, name.subject);
        let key = SubjectKey::generate(other.name, &memory, &mut chance(1));
        assert!(cache.fill(&other, key).is_ok());
        // All of an organisation's, on their way too.
        let theirs = vacancy(&cache, name);
        cache.remove_organisation(organisation(1));
        let key = SubjectKey::generate(name, &memory, &mut chance(1));
        assert_eq!(cache.fill(&theirs, key).err(), Some(Overtaken));
    }

    #[test]
    fn whoever_is_second_gets_the_key_of_the_first() {
        let (cache, memory) = (cache(3), SecureMemory::new());
        let name = name(organisation(1), 1);
        let (one, two) = (vacancy(&cache, name), vacancy(&cache, name));
        let key = |seed| SubjectKey::generate(name, &memory, &mut chance(seed));
        let first = cache.fill(&one, key(1)).unwrap();
        let second = cache.fill(&two, key(2)).unwrap();
        assert_eq!(first.audit_reference(b""), second.audit_reference(b""));
        let other = SubjectKey::generate(crate::testing::name(organisation(1), 2), &memory, &mut chance(3));
        assert_eq!(cache.fill(&one, other).err(), Some(Overtaken));
    }

    #[test]
    fn a_removal_takes_what_is_meant() {
        let (cache, memory) = (cache(5_000), SecureMemory::new());
        let (ours, theirs) = (organisation(1), organisation(2));
        for subject in 0..300 {
            put(&cache, name(ours, subject), &memory);
            put(&cache, name(theirs, subject), &memory);
        }
        let evidence = KeyName { kind: KeyKind::Evidence, ..name(ours, 7) };
        put(&cache, evidence, &memory);
        cache.remove_key(name(ours, 7));
        assert!(held(&cache, name(ours, 7)).is_none() && held(&cache, evidence).is_some());
        cache.remove(ours, evidence.subject);
        assert!(held(&cache, evidence).is_none() && held(&cache, name(theirs, 7)).is_some());
        assert_eq!(cache.len(), 599);
        cache.remove_organisation(ours);
        assert_eq!(cache.len(), 300);
        assert!(held(&cache, name(ours, 8)).is_none() && held(&cache, name(theirs, 8)).is_some());
    }

    #[test]
    fn a_key_that_is_forgotten_is_fetched_again_and_stays_with_whoever_holds_it() {
        let (cache, memory) = (cache(5_000), SecureMemory::new());
        let (ours, theirs) = (name(organisation(1), 1), name(organisation(2), 1));
        let key = put(&cache, ours, &memory);
        put(&cache, theirs, &memory);
        let on_its_way = vacancy(&cache, name(organisation(1), 2));
        cache.forget_organisation(organisation(1));
        assert!(held(&cache, ours).is_none() && held(&cache, theirs).is_some());
        let fetched = SubjectKey::generate(on_its_way.name, &memory, &mut chance(2));
        assert_eq!(cache.fill(&on_its_way, fetched).err(), Some(Overtaken));
        assert!(key.audit_reference(b"").is_ok());
        cache.remove(ours.organisation, ours.subject);
        assert!(key.audit_reference(b"").is_err());
    }

    #[test]
    fn many_callers_never_see_a_removed_key_again() {
        let (cache, memory) = (cache(64), SecureMemory::new());
        // The key ring: what is erased there is not fetched again.
        let ring: HashMap<_, _> =
            (0..256).map(|s| (name(organisation(1), s), AtomicBool::new(true))).collect();
        thread::scope(|scope| {
            for caller in 0..8_u32 {
                let (cache, memory, ring) = (&cache, &memory, &ring);
                scope.spawn(move || {
                    for step in 0..4_000_u32 {
                        let name = name(organisation(1), (step.wrapping_mul(97) + caller * 31) % 256);
                        if step % 64 == caller {
                            ring[&name].store(false, Ordering::SeqCst);
                            cache.remove(name.organisation, name.subject);
                            assert!(held(cache, name).is_none());
                        } else if let Lookup::Absent(vacancy) = cache.get(name)
                            && ring[&name].load(Ordering::SeqCst)
                        {
                            let key = SubjectKey::generate(name, memory, &mut chance(step.into()));
                            let _ = cache.fill(&vacancy, key);
                        }
                        assert!(cache.len() <= 64);
                    }
                });
            }
        });
        for (name, there) in ring {
            assert!(there.into_inner() || held(&cache, name).is_none());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_bound_is_never_exceeded(
            bound in prop_oneof![1_usize..40, 1020_usize..1100], subjects in prop::collection::vec(0_u32..2_000, 0..1_500),
        ) {
            let (cache, memory) = (cache(bound), SecureMemory::new());
            for subject in subjects {
                let name = name(organisation(1), subject);
                if let Lookup::Absent(vacancy) = cache.get(name) {
                    cache.fill(&vacancy, SubjectKey::generate(name, &memory, &mut chance(1))).unwrap();
                }
                prop_assert!(held(&cache, name).is_some());
            }
            prop_assert!(cache.len() <= bound);
        }
    }
}
