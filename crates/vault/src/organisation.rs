//! The keys of an organisation.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use tacita_corridor::{Passage, Sensitive};
use tacita_domain::OrganisationId;
use zeroize::Zeroizing;

use crate::{
    KeyName, OpenError, Place, Random, Root, SealError, Sealed, Secret, SecureMemory, SubjectKey,
    TransitError, UnwrapError, Wrapped,
    derive::{expand, mac},
    memory::{SLOT, Slot},
    place::associated,
    sealed::{self, open_field, seal_field},
};

/// What an organisation seals that belongs to no data subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compartment {
    /// Bodies of the ledger's entries about operations without a data subject.
    Audit,
    /// Evidence that the organisation keeps.
    Evidence,
    /// What requests were answered, for when they are sent again.
    Answers,
    /// What somebody was asked who is not known yet, for the few minutes until they answer.
    Challenge,
}

impl Compartment {
    const fn domain(self) -> &'static str {
        match self {
            Self::Audit => "tacita organisation audit 1",
            Self::Evidence => "tacita organisation evidence 1",
            Self::Answers => "tacita organisation answers 1",
            Self::Challenge => "tacita organisation challenge 1",
        }
    }
}

/// By which a person is found: a keyed hash of an identity. Without the organisation's key nobody can try out identities.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlindIndex([u8; 32]);

impl BlindIndex {
    /// The one that lies in the key ring.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindIndex([redacted])")
    }
}

/// A version of an organisation's key. It has two parts: one wraps subject keys and secrets, and is new in each version; of the
/// other the blind indexes and the compartments' keys are made, and it stays. So a rotation means wrapping keys again, which
/// needs no data, and people are found during it as before and after.
///
/// Limit: a rotation does not help against somebody who had the key itself, beyond locking them out of keys made later.
pub struct OrganisationKey {
    organisation: OrganisationId,
    version: u32,
    /// The part that wraps, and the part that stays.
    slot: Slot,
}

impl OrganisationKey {
    /// The first key of an organisation.
    pub fn generate(organisation: OrganisationId, memory: &SecureMemory, random: &mut impl Random) -> Self {
        let mut slot = memory.slot();
        random(slot.bytes_mut());
        Self { organisation, version: 1, slot }
    }

    /// The next version of this key.
    pub fn rotate(&self, memory: &SecureMemory, random: &mut impl Random) -> Self {
        let mut slot = memory.slot();
        random(&mut slot.bytes_mut()[..SLOT / 2]);
        slot.bytes_mut()[SLOT / 2..].copy_from_slice(self.slot.second());
        Self { organisation: self.organisation, version: self.version + 1, slot }
    }

    /// Whose it is.
    #[must_use]
    pub const fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// Which version it is, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The key as it may lie in the key ring.
    ///
    /// # Errors
    /// When the root is in a key management service that does not do it.
    pub fn wrap(&self, root: &Root, random: &mut impl Random) -> Result<Wrapped, TransitError> {
        root.wrap(&organisation_key(self.organisation, self.version), self.slot.bytes(), random)
    }

    /// The key that lies wrapped in the key ring.
    ///
    /// # Errors
    /// When the root is another one, or it is not this organisation's key of this version.
    pub fn unwrap(
        root: &Root,
        organisation: OrganisationId,
        version: u32,
        wrapped: &Wrapped,
        memory: &SecureMemory,
    ) -> Result<Self, UnwrapError> {
        let bytes = root.unwrap(&organisation_key(organisation, version), wrapped)?;
        let mut slot = memory.slot();
        let bytes: &[u8; SLOT] = bytes.as_slice().try_into().map_err(|_| UnwrapError::Malformed)?;
        slot.bytes_mut().copy_from_slice(bytes);
        Ok(Self { organisation, version, slot })
    }

    /// A subject key as it may lie in the key ring; none if it was destroyed.
    ///
    /// # Errors
    /// When the key was destroyed, or belongs to another organisation.
    pub fn wrap_subject(&self, key: &SubjectKey, random: &mut impl Random) -> Result<Wrapped, SealError> {
        let name = key.name();
        if name.organisation != self.organisation {
            return Err(SealError::OtherOrganisation);
        }
        let bytes = key.with(|slot| {
            let mut bytes = Zeroizing::new([0; SUBJECT_KEY]);
            bytes[..4].copy_from_slice(&key.version().to_be_bytes());
            bytes[4..].copy_from_slice(slot.first());
            bytes
        });
        let bytes = bytes.ok_or(SealError::Destroyed)?;
        Ok(self.seal(&subject_key(name, self.version), bytes.as_ref(), random))
    }

    /// The subject key that lies wrapped in the key ring.
    ///
    /// # Errors
    /// When another version wraps it, or it is not the key of this name.
    pub fn unwrap_subject(
        &self,
        name: KeyName,
        wrapped: &Wrapped,
        memory: &SecureMemory,
    ) -> Result<SubjectKey, UnwrapError> {
        if name.organisation != self.organisation {
            return Err(UnwrapError::OtherOrganisation);
        }
        let bytes = self.open(&subject_key(name, self.version), wrapped)?;
        let (version, key) = bytes.split_first_chunk().ok_or(UnwrapError::Malformed)?;
        let key: &[u8; 32] = key.try_into().map_err(|_| UnwrapError::Malformed)?;
        let version = u32::from_be_bytes(*version);
        Ok(SubjectKey::made(name, version, memory, |place| place.copy_from_slice(key)))
    }

    /// Wraps by this version a subject key that an older one wraps. The subject key stays as it is, so that rotation and
    /// service go on side by side.
    ///
    /// # Errors
    /// When `older` does not wrap it, or it is not the key of this name.
    pub fn rewrap_subject(
        &self,
        older: &Self,
        name: KeyName,
        wrapped: &Wrapped,
        random: &mut impl Random,
    ) -> Result<Wrapped, UnwrapError> {
        if name.organisation != self.organisation {
            return Err(UnwrapError::OtherOrganisation);
        }
        let bytes = older.open(&subject_key(name, older.version), wrapped)?;
        Ok(self.seal(&subject_key(name, self.version), &bytes, random))
    }

    /// A secret of the organisation's, such as the seed of a signature key, as it may lie in the database. `name` says which.
    pub fn wrap_secret(&self, name: &str, secret: &Secret, random: &mut impl Random) -> Wrapped {
        self.seal(&self.secret(name), secret.expose(), random)
    }

    /// The secret that lies wrapped in the database.
    ///
    /// # Errors
    /// When another version wraps it, or it is not the secret of this name.
    pub fn unwrap_secret(
        &self,
        name: &str,
        wrapped: &Wrapped,
        memory: &SecureMemory,
    ) -> Result<Secret, UnwrapError> {
        let bytes = self.open(&self.secret(name), wrapped)?;
        let bytes: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| UnwrapError::Malformed)?;
        Ok(Secret::from_bytes(bytes, memory))
    }

    /// The seed of a signature key for short-lived claims, `name` says which: it is new in each version, and goes with it.
    #[must_use]
    pub fn signing_seed(&self, name: &str) -> Zeroizing<[u8; 32]> {
        expand(
            self.slot.first(),
            "tacita organisation signing 1",
            &[self.organisation.as_bytes(), name.as_bytes()],
        )
    }

    /// A text that shows that somebody was given it for `what`, such as a session's id, in this organisation. Every version makes the
    /// same.
    #[must_use]
    pub fn proof(&self, name: &str, what: &[u8]) -> String {
        BASE64URL_NOPAD.encode(&self.mark(name, &[what]))
    }

    /// By which something that others have named is found, without keeping what they named it. Every version makes the same.
    #[must_use]
    pub fn mark(&self, name: &str, parts: &[&[u8]]) -> [u8; 32] {
        let key =
            expand(self.slot.second(), "tacita organisation mark key 1", &[self.organisation.as_bytes()]);
        let parts: Vec<_> = std::iter::once(name.as_bytes()).chain(parts.iter().copied()).collect();
        mac(&key, "tacita organisation mark 1", &parts)
    }

    /// Where to find whom an identity names: `kind` is such as `email`, `identity` is normalised, so that one person's spellings
    /// are one.
    #[must_use]
    pub fn blind_index(&self, kind: &str, identity: &[u8]) -> BlindIndex {
        let key = expand(self.slot.second(), "tacita blind index key 1", &[self.organisation.as_bytes()]);
        BlindIndex(mac(&key, "tacita blind index 1", &[kind.as_bytes(), identity]))
    }

    /// Seals what belongs to no data subject.
    ///
    /// # Errors
    /// When the value is too long, or `place` is another organisation's.
    pub fn seal_in(
        &self,
        compartment: Compartment,
        place: &Place<'_>,
        value: &[u8],
        random: &mut impl Random,
    ) -> Result<Sealed, SealError> {
        if place.organisation != self.organisation {
            return Err(SealError::OtherOrganisation);
        }
        seal_field(&self.compartment(compartment), COMPARTMENT_VERSION, place, value, random)
    }

    /// Opens what belongs to no data subject.
    ///
    /// # Errors
    /// When the passage is another organisation's, or the value was changed or moved.
    pub fn open_in(
        &self,
        compartment: Compartment,
        passage: &Passage,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Sensitive<Vec<u8>>, OpenError> {
        open_field(&self.compartment(compartment), COMPARTMENT_VERSION, passage, place, sealed)
    }

    fn compartment(&self, compartment: Compartment) -> Zeroizing<[u8; 32]> {
        expand(self.slot.second(), compartment.domain(), &[self.organisation.as_bytes()])
    }

    fn secret(&self, name: &str) -> Vec<u8> {
        let version = self.version.to_be_bytes();
        associated("tacita organisation secret 1", &[self.organisation.as_bytes(), name.as_bytes(), &version])
    }

    fn wrapping(&self) -> Zeroizing<[u8; 32]> {
        expand(self.slot.first(), "tacita organisation wrapping 1", &[])
    }

    fn seal(&self, associated: &[u8], bytes: &[u8], random: &mut impl Random) -> Wrapped {
        Wrapped(sealed::seal(&self.wrapping(), self.version, associated, bytes, random))
    }

    fn open(&self, associated: &[u8], wrapped: &Wrapped) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        sealed::open(&self.wrapping(), self.version, associated, &wrapped.0).map(Zeroizing::new).map_err(
            |error| match error {
                OpenError::OtherVersion { sealed: wrapped, given } => {
                    UnwrapError::OtherVersion { wrapped, given }
                }
                OpenError::Malformed => UnwrapError::Malformed,
                _ => UnwrapError::Refused,
            },
        )
    }
}

impl fmt::Debug for OrganisationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrganisationKey([secret])")
    }
}

/// Version and bytes.
const SUBJECT_KEY: usize = 4 + 32;
/// Of the part that stays there is one version.
const COMPARTMENT_VERSION: u32 = 1;

fn organisation_key(organisation: OrganisationId, version: u32) -> Vec<u8> {
    associated("tacita organisation key 1", &[organisation.as_bytes(), &version.to_be_bytes()])
}

fn subject_key(name: KeyName, version: u32) -> Vec<u8> {
    associated(
        "tacita subject key 1",
        &[
            name.organisation.as_bytes(),
            name.subject.as_bytes(),
            name.kind.as_str().as_bytes(),
            &version.to_be_bytes(),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        KeyKind, RootKey,
        testing::{chance, name, organisation, passage, place},
    };

    struct Setting {
        memory: SecureMemory,
        root: Root,
        key: OrganisationKey,
    }

    fn setting() -> Setting {
        let memory = SecureMemory::new();
        let root = Root::Local(RootKey::generate(&memory, &mut chance(1)));
        let key = OrganisationKey::generate(organisation(1), &memory, &mut chance(2));
        Setting { memory, root, key }
    }

    #[test]
    fn an_organisations_key_comes_back_as_itself_alone() {
        let Setting { memory, root, key } = setting();
        let wrapped = key.wrap(&root, &mut chance(3)).unwrap();
        let wrapped = Wrapped::parse(wrapped.into_bytes()).unwrap();
        let again = OrganisationKey::unwrap(&root, organisation(1), 1, &wrapped, &memory).unwrap();
        assert_eq!(again.slot.bytes(), key.slot.bytes());
        for (organisation, version) in [(organisation(2), 1), (organisation(1), 2)] {
            let refused = OrganisationKey::unwrap(&root, organisation, version, &wrapped, &memory);
            assert!(matches!(refused, Err(UnwrapError::Refused)));
        }
        let other = Root::Local(RootKey::generate(&memory, &mut chance(4)));
        let refused = OrganisationKey::unwrap(&other, organisation(1), 1, &wrapped, &memory);
        assert!(matches!(refused, Err(UnwrapError::OtherRoot { .. })));
        // Nor is it a secret, though both are wrapped by the root.
        assert!(matches!(root.unwrap_secret("database", &wrapped, &memory), Err(UnwrapError::Refused)));
    }

    #[test]
    fn a_subject_key_comes_back_as_itself_alone() {
        let Setting { memory, key, .. } = setting();
        let random = &mut chance(3);
        let name = name(key.organisation, 1);
        let subject = SubjectKey::generate(name, &memory, random);
        let at = place(key.organisation);
        let sealed = subject.seal(&at, b"Mara Lind", random).unwrap();
        let wrapped = key.wrap_subject(&subject, random).unwrap();
        assert_eq!(wrapped.key_version(), Some(1));
        let wrapped = Wrapped::parse(wrapped.into_bytes()).unwrap();

        let again = key.unwrap_subject(name, &wrapped, &memory).unwrap();
        let passage = passage(key.organisation);
        assert_eq!(again.open(&passage, &at, &sealed).unwrap().read(&passage), b"Mara Lind");
        assert_eq!(again.version(), subject.version());

        for moved in [
            KeyName { subject: crate::testing::name(key.organisation, 2).subject, ..name },
            KeyName { kind: KeyKind::Evidence, ..name },
            KeyName { kind: KeyKind::Suppression, ..name },
        ] {
            assert!(
                matches!(key.unwrap_subject(moved, &wrapped, &memory), Err(UnwrapError::Refused)),
                "{moved:?}"
            );
        }
        let theirs = KeyName { organisation: organisation(2), ..name };
        let refused = key.unwrap_subject(theirs, &wrapped, &memory);
        assert!(matches!(refused, Err(UnwrapError::OtherOrganisation)));
        let refused = key.wrap_subject(&SubjectKey::generate(theirs, &memory, random), random);
        assert_eq!(refused, Err(SealError::OtherOrganisation));
        for bit in 0..wrapped.as_bytes().len() * 8 {
            let mut bad = wrapped.clone().into_bytes();
            bad[bit / 8] ^= 1 << (bit % 8);
            let opened = Wrapped::parse(bad).and_then(|bad| key.unwrap_subject(name, &bad, &memory));
            assert!(opened.is_err(), "bit {bit}");
        }
        subject.destroy();
        assert_eq!(key.wrap_subject(&subject, random), Err(SealError::Destroyed));
    }

    #[test]
    fn after_a_rotation_the_new_version_wraps_and_people_are_found_as_before() {
        let Setting { memory, key, .. } = setting();
        let random = &mut chance(3);
        let name = name(key.organisation, 1);
        let subject = SubjectKey::generate(name, &memory, random);
        let old = key.wrap_subject(&subject, random).unwrap();
        let next = key.rotate(&memory, random);
        assert_eq!(next.version(), 2);
        assert_ne!(next.slot.first(), key.slot.first());
        let refused = next.unwrap_subject(name, &old, &memory);
        assert!(matches!(refused, Err(UnwrapError::OtherVersion { wrapped: 1, given: 2 })));

        let new = next.rewrap_subject(&key, name, &old, random).unwrap();
        assert_eq!(new.key_version(), Some(2));
        assert!(matches!(key.unwrap_subject(name, &new, &memory), Err(UnwrapError::OtherVersion { .. })));
        let again = next.unwrap_subject(name, &new, &memory).unwrap();
        let bytes = |key: &SubjectKey| key.with(|slot| *slot.bytes()).unwrap();
        assert_eq!(bytes(&again), bytes(&subject));
        // What it took twice, or is another's, does not go through.
        assert!(next.rewrap_subject(&key, name, &new, random).is_err());
        let other = crate::testing::name(key.organisation, 2);
        assert!(next.rewrap_subject(&key, other, &old, random).is_err());

        let (email, at) = (b"mara@example.org", place(key.organisation));
        assert_eq!(next.blind_index("email", email), key.blind_index("email", email));
        let passage = passage(key.organisation);
        for compartment in [Compartment::Audit, Compartment::Evidence] {
            let sealed = key.seal_in(compartment, &at, b"body", random).unwrap();
            assert_eq!(next.open_in(compartment, &passage, &at, &sealed).unwrap().read(&passage), b"body");
        }
    }

    #[test]
    fn blind_indexes_depend_on_organisation_kind_and_identity() {
        let Setting { memory, key, .. } = setting();
        let index = key.blind_index("email", b"mara@example.org");
        assert_eq!(BlindIndex::from_bytes(*index.as_bytes()), index);
        let theirs = OrganisationKey::generate(organisation(2), &memory, &mut chance(3));
        for other in [
            key.blind_index("email", b"mara@example.com"),
            key.blind_index("external", b"mara@example.org"),
            key.blind_index("emai", b"lmara@example.org"),
            theirs.blind_index("email", b"mara@example.org"),
        ] {
            assert_ne!(index, other);
        }
        assert_eq!(format!("{index:?} {key:?}"), "BlindIndex([redacted]) OrganisationKey([secret])");
    }

    #[test]
    fn compartments_are_kept_apart() {
        let Setting { memory, key, .. } = setting();
        let random = &mut chance(3);
        let at = place(key.organisation);
        let passage = passage(key.organisation);
        let sealed = key.seal_in(Compartment::Audit, &at, b"body", random).unwrap();
        let opened = key.open_in(Compartment::Audit, &passage, &at, &sealed).unwrap();
        assert_eq!(opened.read(&passage), b"body");
        let refused = key.open_in(Compartment::Evidence, &passage, &at, &sealed);
        assert_eq!(refused.err(), Some(OpenError::Refused));
        let theirs = OrganisationKey::generate(organisation(2), &memory, random);
        let refused = theirs.seal_in(Compartment::Audit, &at, b"body", random);
        assert_eq!(refused, Err(SealError::OtherOrganisation));
        let elsewhere = crate::testing::passage(organisation(2));
        let refused = key.open_in(Compartment::Audit, &elsewhere, &at, &sealed);
        assert_eq!(refused.err(), Some(OpenError::OtherOrganisation));
    }

    #[test]
    fn secrets_come_back_as_themselves_alone() {
        let Setting { memory, root, key } = setting();
        let random = &mut chance(3);
        let seed = Secret::generate(&memory, random);
        let wrapped = key.wrap_secret("ledger ed25519", &seed, random);
        let again = key.unwrap_secret("ledger ed25519", &wrapped, &memory).unwrap();
        assert_eq!(again.expose(), seed.expose());
        let refused = key.unwrap_secret("ledger ml-dsa-44", &wrapped, &memory);
        assert!(matches!(refused, Err(UnwrapError::Refused)));

        let wrapped = root.wrap_secret("database", &seed, random).unwrap();
        let again = root.unwrap_secret("database", &wrapped, &memory).unwrap();
        assert_eq!(again.expose(), seed.expose());
        assert!(matches!(root.unwrap_secret("backup", &wrapped, &memory), Err(UnwrapError::Refused)));
        assert_ne!(seed.derive("a", &memory).expose(), seed.derive("b", &memory).expose());
        assert_eq!(format!("{seed:?}"), "Secret([secret])");
    }
}
