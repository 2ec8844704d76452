//! A house to test in: a store with an organisation, a purpose, and a gate that asks the store.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use tacita_corridor::{Basis, Decision, Denied, Gate, Ground, Operation, Passage, Policy};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, Purpose, PurposeName, RecordId,
    SubjectId, Timestamp, Trace,
};
use tacita_store::{Place, Settings, Store, SystemScope, organisations, purposes, records, subjects};
use tacita_vault::{Root, RootKey, SecureMemory, SubjectKey, system_random};

use crate::backend::Base;

pub(crate) const FILE_KEY: [u8; 32] = [0x5a; 32];

/// What another program says to read a file of these tests.
pub(crate) fn unlock() -> String {
    format!("PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_SHA256; ", "5a".repeat(32))
}

const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// What a store over these places is made of.
pub(crate) fn settings(house: Place, keyring: Place) -> Settings {
    with_root(house, keyring, ROOT_KEY)
}

pub(crate) fn with_root(house: Place, keyring: Place, root: &str) -> Settings {
    let memory = SecureMemory::new();
    Settings {
        house,
        keyring,
        root: Arc::new(Root::Local(RootKey::parse(root, &memory).unwrap())),
        memory,
        chance: system_random,
        clock: now,
        cached_keys: NonZeroUsize::new(1000).unwrap(),
    }
}

/// A store to test, with one organisation that has the purpose `support`.
pub(crate) struct House {
    pub(crate) store: Store,
    gate: Gate<Anybody, Grounds, Store>,
    pub(crate) organisation: OrganisationId,
    pub(crate) base: Arc<Base>,
}

impl House {
    pub(crate) async fn open(base: Arc<Base>) -> Self {
        let store = Store::open(settings(base.house(), base.keyring())).unwrap();
        let organisation = found(&store).await;
        let house = Self { gate: gate(&store), store, organisation, base };
        house.purpose("support", DataClass::Personal).await;
        house
    }

    /// The same databases, opened again.
    pub(crate) async fn reopen(self) -> Self {
        let organisation = self.organisation;
        let base = self.close();
        let store = Store::open(settings(base.house(), base.keyring())).unwrap();
        Self { gate: gate(&store), store, organisation, base }
    }

    /// The databases alone.
    pub(crate) fn close(self) -> Arc<Base> {
        self.base
    }

    /// Keeps a purpose in its first version.
    pub(crate) async fn purpose(&self, name: &str, class: DataClass) -> Purpose {
        let purpose = Purpose {
            name: name.parse().unwrap(),
            version: 1,
            basis: LawfulBasis::Contract,
            class,
            enabled: true,
        };
        self.set(&purpose).await;
        purpose
    }

    pub(crate) async fn set(&self, purpose: &Purpose) {
        let purpose = purpose.clone();
        self.store
            .write_within(self.organisation, move |tx| purposes::insert(tx, &purpose, now()))
            .await
            .unwrap();
    }

    /// A new data subject with a key.
    pub(crate) async fn subject(&self) -> (SubjectId, SubjectKey) {
        subject_of(&self.store, self.organisation).await
    }

    /// Leave to do something for `support`.
    pub(crate) async fn passage(&self, action: Action, subject: SubjectId) -> Passage {
        self.admit(action, "support", Some(subject)).await
    }

    pub(crate) async fn admit(&self, action: Action, purpose: &str, subject: Option<SubjectId>) -> Passage {
        self.admit_as(operation(self.organisation, action, purpose, subject)).await
    }

    pub(crate) async fn admit_as(&self, operation: Operation) -> Passage {
        self.gate.admit(operation).await.unwrap()
    }

    /// A record of a data subject that is not kept yet.
    pub(crate) fn record(&self, subject: SubjectId, key: &SubjectKey) -> records::Stored {
        record_of(self.organisation, subject, key)
    }

    /// Keeps a new record through a passage.
    pub(crate) async fn keep(&self, subject: SubjectId, key: &SubjectKey) -> (RecordId, OperationId) {
        let stored = self.record(subject, key);
        let record = stored.record;
        let passage = self.passage(Action::RecordCreate, subject).await;
        let object = Some(format!("record/{record}"));
        let ((), committed) =
            self.store.commit(passage, object, move |tx| records::insert(tx, &stored)).await.unwrap();
        (record, committed.operation())
    }
}

/// Makes an organisation.
pub(crate) async fn found(store: &Store) -> OrganisationId {
    let at = now();
    let organisation = OrganisationId::new(at, store.random());
    store.ring().found(organisation, at).await.unwrap();
    let insert =
        move |tx: &mut tacita_store::Spanning<'_>| organisations::insert(tx, organisation, "Example Ltd", at);
    store.write_spanning(SystemScope::Found, insert).await.unwrap();
    organisation
}

pub(crate) async fn subject_of(store: &Store, organisation: OrganisationId) -> (SubjectId, SubjectKey) {
    let at = now();
    let subject = SubjectId::new(at, store.random());
    let key = store.ring().found_subject(organisation, subject, &[]).await.unwrap();
    store.write_within(organisation, move |tx| subjects::ensure(tx, subject, at)).await.unwrap();
    (subject, key)
}

pub(crate) fn record_of(
    organisation: OrganisationId,
    subject: SubjectId,
    key: &SubjectKey,
) -> records::Stored {
    let at = now();
    let record = RecordId::new(at, random());
    let row = records::row(record, 1);
    records::Stored {
        record,
        subject,
        kind: "ticket".parse().unwrap(),
        purpose: "support".parse().unwrap(),
        version: 1,
        created: at,
        changed: at,
        restricted: None,
        sealed: key
            .seal(&records::sealed_at(organisation, &row), b"the boiler of Mara Lind", &mut system_random)
            .unwrap(),
    }
}

/// An operation that nobody has asked for before.
pub(crate) fn operation(
    organisation: OrganisationId,
    action: Action,
    purpose: &str,
    subject: Option<SubjectId>,
) -> Operation {
    let at = now();
    Operation {
        id: OperationId::new(at, random()),
        organisation,
        action,
        purpose: purpose.parse().unwrap(),
        subject,
        actor: Actor::System("test"),
        trace: Trace::from_bytes([7; 16]).unwrap(),
        at,
    }
}

/// A time later than all before.
pub(crate) fn now() -> Timestamp {
    static NOW: AtomicI64 = AtomicI64::new(1_790_000_000_000_000);
    Timestamp::from_micros(NOW.fetch_add(1000, Ordering::Relaxed))
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    system_random(&mut bytes);
    bytes
}

/// Lets everybody do everything.
pub(crate) struct Anybody;

impl Policy for Anybody {
    async fn permit(&self, _: &Operation) -> Result<Decision, Denied> {
        Ok(Decision::default())
    }
}

/// The grounds that the store has.
pub(crate) struct Grounds(Store);

impl Basis for Grounds {
    async fn ground(&self, operation: &Operation) -> Result<Ground, Denied> {
        let name: PurposeName = operation.purpose.clone();
        let purpose = self.0.look_up(operation.organisation, move |tx| purposes::current(tx, &name)).await;
        match purpose.map_err(|_| Denied::Unknown)? {
            Some(Purpose { enabled: true, version, basis, class, .. }) => {
                Ok(Ground { version, basis, class })
            }
            Some(_) => Err(Denied::PurposeOff),
            None => Err(Denied::UnknownPurpose),
        }
    }
}

pub(crate) fn gate(store: &Store) -> Gate<Anybody, Grounds, Store> {
    Gate::new(Anybody, Grounds(store.clone()), store.clone())
}
