//! The key of a data subject.

use std::{
    fmt, io,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

use tacita_corridor::{Passage, Sensitive};
use tacita_domain::{OrganisationId, SubjectId};

use crate::{
    OpenError, Place, Random, SealError, Sealed, SealingWriter, SecureMemory,
    derive::{expand, mac},
    memory::Slot,
    sealed::{open_field, seal_field},
    stream::{OpeningReader, StreamError},
};

/// What a key of the key ring is for. Each is destroyed at a time of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Seals what is held about a data subject; destroyed when they are erased.
    Subject,
    /// Seals the proof of their consents; destroyed when its term has passed.
    Evidence,
    /// Seals their entry in the suppression list; destroyed when they leave it or its term has passed.
    Suppression,
}

impl KeyKind {
    /// Its name in the key ring.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Evidence => "evidence",
            Self::Suppression => "suppression",
        }
    }

    /// The one that is called so in the key ring.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Subject, Self::Evidence, Self::Suppression].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Which key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName {
    /// The organisation that holds the data.
    pub organisation: OrganisationId,
    /// Whom the data is about.
    pub subject: SubjectId,
    /// What it is for.
    pub kind: KeyKind,
}

/// The key of one data subject at one organisation: random, made by nothing else, so that once it is destroyed, what it sealed
/// is noise. Clones are the same key, and are destroyed with it.
#[derive(Clone)]
pub struct SubjectKey(pub(crate) Arc<Held>);

/// A subject key in memory.
pub(crate) struct Held {
    name: KeyName,
    version: u32,
    /// The key itself, of which others are made, and the one that seals fields. None once it is destroyed.
    slot: RwLock<Option<Slot>>,
}

/// The key was destroyed while it was held: its data subject was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key was destroyed because its data subject was erased")]
pub struct Destroyed;

impl SubjectKey {
    /// A new key. It has to lie wrapped in the key ring before it seals anything.
    pub fn generate(name: KeyName, memory: &SecureMemory, random: &mut impl Random) -> Self {
        Self::made(name, 1, memory, |key| random(key))
    }

    /// Puts a key where it belongs and makes the one that seals.
    pub(crate) fn made(
        name: KeyName,
        version: u32,
        memory: &SecureMemory,
        fill: impl FnOnce(&mut [u8]),
    ) -> Self {
        let mut slot = memory.slot();
        fill(&mut slot.bytes_mut()[..32]);
        let sealing = expand(slot.first(), "tacita subject fields 1", &[]);
        slot.bytes_mut()[32..].copy_from_slice(sealing.as_ref());
        Self(Arc::new(Held { name, version, slot: RwLock::new(Some(slot)) }))
    }

    /// Which key it is.
    #[must_use]
    pub fn name(&self) -> KeyName {
        self.0.name
    }

    /// Its version, which the fields it seals name.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Seals a field of `place`.
    ///
    /// # Errors
    /// When the key was destroyed meanwhile, the place is another organisation's, or the value is too long.
    pub fn seal(
        &self,
        place: &Place<'_>,
        value: &[u8],
        random: &mut impl Random,
    ) -> Result<Sealed, SealError> {
        if place.organisation != self.0.name.organisation {
            return Err(SealError::OtherOrganisation);
        }
        self.with(|slot| seal_field(slot.second(), self.0.version, place, value, random))
            .unwrap_or(Err(SealError::Destroyed))
    }

    /// Opens a field of `place`.
    ///
    /// # Errors
    /// When the passage is another organisation's or data subject's, the value was changed or moved or sealed with another key,
    /// or this one was destroyed meanwhile.
    pub fn open(
        &self,
        passage: &Passage,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Sensitive<Vec<u8>>, OpenError> {
        if !self.is_for(passage) {
            return Err(OpenError::OtherSubject);
        }
        self.with(|slot| open_field(slot.second(), self.0.version, passage, place, sealed))
            .unwrap_or(Err(OpenError::Destroyed))
    }

    /// How the ledger refers to the data subject in `context`, such as an operation's id: it leads to the person only as long
    /// as the key is there, and two references of different contexts don't show that they mean the same person.
    ///
    /// # Errors
    /// When the key was destroyed meanwhile.
    pub fn audit_reference(&self, context: &[u8]) -> Result<[u8; 32], Destroyed> {
        self.with(|slot| {
            let key = expand(slot.first(), "tacita subject audit 1", &[]);
            mac(&key, "tacita audit reference 1", &[context])
        })
        .ok_or(Destroyed)
    }

    /// Seals what is written as a file of `place`.
    ///
    /// # Errors
    /// When the key was destroyed meanwhile, the place is another organisation's, or `to` can't be written.
    pub fn seal_stream<W: io::Write>(
        &self,
        place: &Place<'_>,
        to: W,
        random: &mut impl Random,
    ) -> Result<SealingWriter<W>, StreamError> {
        if place.organisation != self.0.name.organisation {
            return Err(StreamError::OtherOrganisation);
        }
        self.with(|slot| Ok(SealingWriter::new(slot.first(), self.0.version, place, to, random)?))
            .unwrap_or(Err(StreamError::Destroyed))
    }

    /// Opens a file of `place`.
    ///
    /// # Errors
    /// When the passage is another organisation's or data subject's, the key was destroyed meanwhile, or `from` can't be read or
    /// is no sealed file. Whether it was changed or moved is known when it is read.
    pub fn open_stream<R: io::Read>(
        &self,
        passage: &Passage,
        place: &Place<'_>,
        from: R,
    ) -> Result<OpeningReader<R>, StreamError> {
        if passage.operation().organisation != place.organisation {
            return Err(StreamError::OtherOrganisation);
        }
        if !self.is_for(passage) {
            return Err(StreamError::OtherSubject);
        }
        self.with(|slot| OpeningReader::new(slot.first(), self.0.version, place, from))
            .unwrap_or(Err(StreamError::Destroyed))
    }

    /// Wipes the key from memory, at once and for every clone of it. What uses it at this moment is waited for.
    pub fn destroy(&self) {
        self.0.destroy();
    }

    /// Whether a passage is for this key's data subject. One that is for nobody in particular, such as an audit, is for all.
    fn is_for(&self, passage: &Passage) -> bool {
        passage.operation().subject.is_none_or(|subject| subject == self.name().subject)
    }

    /// Works with the key, if it is still there.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Slot) -> T) -> Option<T> {
        self.0.read().as_ref().map(work)
    }
}

impl Held {
    pub(crate) const fn name(&self) -> &KeyName {
        &self.name
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Slot>> {
        // It is either there or not, whatever panicked.
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn destroy(&self) {
        *self.slot.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey([secret])")
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, thread};

    use super::*;
    use crate::testing::{chance, name, organisation, passage, place};

    #[test]
    fn people_and_organisations_are_kept_apart() {
        let memory = SecureMemory::new();
        let (ours, theirs) = (organisation(1), organisation(2));
        let random = &mut chance(1);
        let one = SubjectKey::generate(name(ours, 1), &memory, random);
        let other = SubjectKey::generate(name(ours, 2), &memory, random);
        let sealed = one.seal(&place(ours), b"Mara Lind", random).unwrap();
        let passage = passage(ours);
        assert_eq!(one.open(&passage, &place(ours), &sealed).unwrap().read(&passage), b"Mara Lind");
        assert_eq!(other.open(&passage, &place(ours), &sealed).err(), Some(OpenError::Refused));
        let refused = one.seal(&place(theirs), b"Mara Lind", random).err();
        assert_eq!(refused, Some(SealError::OtherOrganisation));
        let refused = one.seal_stream(&place(theirs), io::sink(), random).err();
        assert!(matches!(refused, Some(StreamError::OtherOrganisation)));
    }

    #[test]
    fn references_lead_to_nobody_and_not_to_each_other() {
        let memory = SecureMemory::new();
        let random = &mut chance(1);
        let one = SubjectKey::generate(name(organisation(1), 1), &memory, random);
        let other = SubjectKey::generate(name(organisation(1), 2), &memory, random);
        let reference = one.audit_reference(b"operation 1").unwrap();
        assert_eq!(one.audit_reference(b"operation 1"), Ok(reference));
        assert_ne!(one.audit_reference(b"operation 2"), Ok(reference));
        assert_ne!(other.audit_reference(b"operation 1"), Ok(reference));
    }

    #[test]
    fn a_destroyed_key_does_nothing_any_more() {
        let memory = SecureMemory::new();
        let at = place(organisation(1));
        let random = &mut chance(1);
        let key = SubjectKey::generate(name(at.organisation, 1), &memory, random);
        let held = key.clone();
        let passage = passage(at.organisation);
        let sealed = key.seal(&at, b"Mara Lind", random).unwrap();
        let bytes = key.with(|slot| std::ptr::from_ref(slot.bytes())).unwrap();
        // SAFETY: `memory` lives, so what it mapped stays so.
        assert_ne!(unsafe { *bytes }, [0; 64]);

        key.destroy();
        // SAFETY: as above.
        assert_eq!(unsafe { *bytes }, [0; 64]);
        assert_eq!(held.seal(&at, b"Mara Lind", random).err(), Some(SealError::Destroyed));
        assert_eq!(held.open(&passage, &at, &sealed).err(), Some(OpenError::Destroyed));
        assert_eq!(held.audit_reference(b"operation"), Err(Destroyed));
        assert!(matches!(held.seal_stream(&at, io::sink(), random).err(), Some(StreamError::Destroyed)));
        assert!(matches!(held.open_stream(&passage, &at, io::empty()).err(), Some(StreamError::Destroyed)));
    }

    #[test]
    fn a_key_destroyed_while_it_is_used_seals_by_no_other() {
        let memory = SecureMemory::new();
        let at = place(organisation(1));
        let key = SubjectKey::generate(name(at.organisation, 1), &memory, &mut chance(1));
        let copy = key.with(|slot| *slot.second()).unwrap();
        let passage = passage(at.organisation);
        thread::scope(|scope| {
            let sealing: Vec<_> = (0..4)
                .map(|seed| {
                    let (key, passage) = (&key, &passage);
                    scope.spawn(move || {
                        let mut random = chance(seed);
                        let mut count = 0;
                        while let Ok(sealed) = key.seal(&at, b"Mara Lind", &mut random) {
                            let opened = open_field(&copy, 1, passage, &at, &sealed).unwrap();
                            assert_eq!(opened.read(passage), b"Mara Lind");
                            count += 1;
                        }
                        count
                    })
                })
                .collect();
            thread::yield_now();
            key.destroy();
            for thread in sealing {
                thread.join().unwrap();
            }
        });
    }

    #[test]
    fn nothing_prints_a_key() {
        let memory = SecureMemory::new();
        let at = place(organisation(1));
        let key =
            SubjectKey::generate(name(at.organisation, 1), &memory, &mut |bytes: &mut [u8]| bytes.fill(0xc5));
        let mut writer = key.seal_stream(&at, io::sink(), &mut chance(1)).unwrap();
        writer.write_all(b"Mara Lind").unwrap();
        let printed = format!("{key:?} {writer:?} {memory:?}");
        assert_eq!(printed, "SubjectKey([secret]) SealingWriter([secret]) SecureMemory([secret])");
    }
}
