//! Memory for keys: not swapped, not dumped, not inherited, overwritten before it is used again.

use std::{
    fmt,
    ptr::NonNull,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zeroize::Zeroize;

mod pages;

use pages::Pages;

/// The bytes of one place in secure memory: two keys.
pub(crate) const SLOT: usize = 64;

/// How well the memory of keys is kept from others, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Protection {
    /// Ordinary memory, which may be written to swap space and core dumps: the operating system gave no other.
    Ordinary,
    /// Locked: never swapped, left out of core dumps and child processes.
    Locked,
    /// Locked, and mapped for this process alone (`memfd_secret`): not even the kernel's own map shows it, so neither
    /// `/proc/PID/mem` nor a debugger reads it.
    Secret,
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ordinary => "not locked; allow locked memory with `ulimit -l` or `LimitMEMLOCK=`",
            Self::Locked => "locked",
            Self::Secret => "locked and secret",
        })
    }
}

/// Memory in which all keys of a process lie. It grows as needed, in the best kind that the operating system grants; how good
/// that is, [`SecureMemory::protection`] tells. Clones are the same memory.
///
/// Call [`harden`](crate::harden) before the first key is made: it raises the limit of locked memory.
#[derive(Clone, Default)]
pub struct SecureMemory(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    pages: Vec<Pages>,
    free: Vec<NonNull<[u8; SLOT]>>,
    weakest: Option<Protection>,
}

// SAFETY: the pointers lead into `pages`, which lie where they are until this is dropped, and each is handed to one owner.
unsafe impl Send for Inner {}

impl SecureMemory {
    /// Memory of its own. A process needs one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The weakest protection that any key in it has; that of the next key while there is none.
    #[must_use]
    pub fn protection(&self) -> Protection {
        let mut inner = self.lock();
        inner.weakest.unwrap_or_else(|| inner.grow())
    }

    /// A place for two keys, all zeros.
    pub(crate) fn slot(&self) -> Slot {
        let mut inner = self.lock();
        loop {
            if let Some(at) = inner.free.pop() {
                return Slot { at, memory: self.clone() };
            }
            inner.grow();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing in here is left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn grow(&mut self) -> Protection {
        let (pages, protection) = Pages::new();
        self.free.extend(pages.slots());
        self.pages.push(pages);
        let weakest = self.weakest.map_or(protection, |weakest| weakest.min(protection));
        self.weakest = Some(weakest);
        weakest
    }
}

impl fmt::Debug for SecureMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecureMemory([secret])")
    }
}

/// A place in secure memory. Its bytes are overwritten when it is dropped.
pub(crate) struct Slot {
    at: NonNull<[u8; SLOT]>,
    memory: SecureMemory,
}

// SAFETY: the memory belongs to this slot alone and is reached through it alone, by the rules of shared and exclusive borrows.
unsafe impl Send for Slot {}
// SAFETY: as above.
unsafe impl Sync for Slot {}

impl Slot {
    /// The first key in it.
    pub(crate) fn first(&self) -> &[u8; SLOT / 2] {
        self.halves().0
    }

    /// The second key in it.
    pub(crate) fn second(&self) -> &[u8; SLOT / 2] {
        self.halves().1
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8; SLOT] {
        // SAFETY: `at` is valid and this slot's alone while `memory` lives, and `self` is borrowed exclusively.
        unsafe { self.at.as_mut() }
    }

    pub(crate) fn bytes(&self) -> &[u8; SLOT] {
        // SAFETY: `at` is valid and this slot's alone while `memory` lives, and `self` is borrowed.
        unsafe { self.at.as_ref() }
    }

    fn halves(&self) -> (&[u8; SLOT / 2], &[u8; SLOT / 2]) {
        let (first, second) = self.bytes().split_at(SLOT / 2);
        let first = first.try_into().expect("half of a slot");
        (first, second.try_into().expect("half of a slot"))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.bytes_mut().zeroize();
        self.memory.lock().free.push(self.at);
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_apart_and_overwritten_when_dropped() {
        let memory = SecureMemory::new();
        let mut slots: Vec<_> = (0..5_000).map(|_| memory.slot()).collect();
        for (number, slot) in slots.iter_mut().enumerate() {
            assert_eq!(slot.bytes(), &[0; SLOT]);
            slot.bytes_mut()[SLOT / 4..].fill(number as u8 | 0x80);
        }
        for (number, slot) in slots.iter().enumerate() {
            assert!(slot.second().iter().all(|byte| *byte == number as u8 | 0x80), "{number}");
        }
        let places: Vec<_> = slots.iter().map(|slot| slot.at).collect();
        drop(slots);
        for at in places {
            // SAFETY: `memory` lives, so its pages are mapped.
            assert_eq!(unsafe { at.as_ref() }, &[0; SLOT]);
        }
        let pages = memory.lock().pages.len();
        let _again: Vec<_> = (0..5_000).map(|_| memory.slot()).collect();
        assert_eq!(memory.lock().pages.len(), pages, "places are used again");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_is_locked_and_the_kernel_keeps_it_from_others() {
        use std::{fs::File, os::unix::fs::FileExt};
        let memory = SecureMemory::new();
        let mut slot = memory.slot();
        slot.bytes_mut().fill(0x5a);
        let address = slot.at.as_ptr() as u64;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut flags = None;
        let mut inside = false;
        for line in maps.lines() {
            if let Some((range, _)) = line.split_once(' ').filter(|(range, _)| range.contains('-')) {
                let (from, to) = range.split_once('-').unwrap();
                let from = u64::from_str_radix(from, 16).unwrap();
                inside = (from..u64::from_str_radix(to, 16).unwrap()).contains(&address);
            } else if inside && line.starts_with("VmFlags:") {
                flags = Some(line.to_owned());
            }
        }
        let flags = flags.unwrap();
        let mut read = [0; SLOT];
        let seen = File::open("/proc/self/mem").unwrap().read_exact_at(&mut read, address);
        match memory.protection() {
            Protection::Ordinary => println!("skipped: this machine gives no locked memory"),
            Protection::Locked => assert!(flags.contains(" lo") && flags.contains(" dd"), "{flags}"),
            Protection::Secret => {
                assert!(seen.is_err(), "secret memory was read");
                assert!(flags.contains(" lo") && flags.contains(" dd") && flags.contains(" dc"), "{flags}");
            }
        }
    }
}
