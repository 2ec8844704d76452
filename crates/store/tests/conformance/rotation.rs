//! Rotation of keys, beside others that read and write.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tacita_domain::{OrganisationId, SubjectId};
use tacita_store::{Error, Identity, Store};
use tacita_vault::{Root, RootKey, SecureMemory};
use zeroize::Zeroizing;

use crate::{
    backend::{self, Backend, Base},
    conformance,
    house::{House, found, now, settings, subject_of, unlock, with_root},
    kill::{kill_after, place, spell},
};

conformance! {
    everything_is_wrapped_by_the_new_version_and_the_old_one_is_gone,
    a_rotation_that_was_stopped_goes_on,
    a_process_that_knows_the_old_version_alone_reads_and_writes,
    what_comes_by_an_old_version_meanwhile_is_not_lost,
    nobody_who_is_erased_meanwhile_comes_back,
    a_rotation_touches_no_other_organisation,
    another_root_key_opens_everything_and_the_former_nothing,
    nothing_is_founded_by_a_root_key_that_was_changed,
    a_root_key_that_does_not_open_everything_changes_nothing,
}

const OTHER_ROOT: &str = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

impl House {
    /// The reference by which a key is told from others, as the key ring has it now.
    async fn reference(&self, subject: SubjectId) -> [u8; 32] {
        reference(&self.store, self.organisation, subject).await
    }

    /// Rotates to the end.
    async fn rotate(&self, together: u32) -> u32 {
        rotate(&self.store, self.organisation, together).await
    }

    /// The same databases in another process, as it were.
    fn beside(&self) -> Store {
        Store::open(settings(self.base.house(), self.base.keyring())).unwrap()
    }

    async fn versions(&self) -> Vec<u32> {
        let ring = self.beside();
        let keys = ring.ring().organisation(self.organisation).await.unwrap();
        (1..100).filter(|version| keys.version(*version).is_ok()).collect()
    }
}

async fn reference(store: &Store, organisation: OrganisationId, subject: SubjectId) -> [u8; 32] {
    store.ring().subject(organisation, subject).await.unwrap().audit_reference(b"x").unwrap()
}

async fn rotate(store: &Store, organisation: OrganisationId, together: u32) -> u32 {
    let mut rotation = store.ring().rotate(organisation, now()).await.unwrap();
    loop {
        while store.ring().wrap_again(&mut rotation, together).await.unwrap() > 0 {}
        if store.ring().remove_versions(&mut rotation).await.unwrap() {
            return rotation.version();
        }
    }
}

fn root(key: &str) -> Arc<Root> {
    Arc::new(Root::Local(RootKey::parse(key, &SecureMemory::new()).unwrap()))
}

async fn everything_is_wrapped_by_the_new_version_and_the_old_one_is_gone(house: House) {
    let mut known = Vec::new();
    for _ in 0..7 {
        let (subject, key) = house.subject().await;
        known.push((subject, key.audit_reference(b"x").unwrap()));
    }
    let email = Identity {
        kind: tacita_domain::IdentityKind::Email,
        value: Zeroizing::new("mara.lind@example.org".to_owned()),
    };
    house.store.ring().identify(house.organisation, known[0].0, &email).await.unwrap();
    let seed =
        *house.store.ring().organisation(house.organisation).await.unwrap().ed25519_seed().unwrap().expose();
    assert_eq!(house.rotate(3).await, 2);
    assert_eq!(house.rotate(1).await, 3);
    assert_eq!(house.versions().await, [3]);
    let house = house.reopen().await;
    for (subject, expected) in &known {
        assert_eq!(house.reference(*subject).await, *expected);
    }
    let ring = house.store.ring();
    assert_eq!(ring.find(house.organisation, &email).await.unwrap(), Some(known[0].0));
    assert_eq!(*ring.organisation(house.organisation).await.unwrap().ed25519_seed().unwrap().expose(), seed);
    let (new, key) = house.subject().await;
    let expected = key.audit_reference(b"x").unwrap();
    let house = house.reopen().await;
    assert_eq!(house.reference(new).await, expected);
}

async fn a_rotation_that_was_stopped_goes_on(house: House) {
    let mut known = Vec::new();
    for _ in 0..5 {
        known.push(house.subject().await.0);
    }
    let mut rotation = house.store.ring().rotate(house.organisation, now()).await.unwrap();
    assert!(!rotation.is_resumed());
    assert_eq!(house.store.ring().wrap_again(&mut rotation, 2).await.unwrap(), 2);
    assert_eq!(house.versions().await, [1, 2]);
    let house = house.reopen().await;
    for subject in &known {
        house.reference(*subject).await;
    }
    let mut rotation = house.store.ring().rotate(house.organisation, now()).await.unwrap();
    assert!(rotation.is_resumed(), "it makes no third version");
    assert_eq!(rotation.version(), 2);
    assert_eq!(house.store.ring().wrap_again(&mut rotation, 100).await.unwrap(), 3, "two were done before");
    assert_eq!(house.store.ring().wrap_again(&mut rotation, 100).await.unwrap(), 0);
    assert!(house.store.ring().remove_versions(&mut rotation).await.unwrap());
    assert_eq!(house.versions().await, [2]);
    for subject in &known {
        house.reference(*subject).await;
    }
}

async fn a_process_that_knows_the_old_version_alone_reads_and_writes(house: House) {
    let (subject, _) = house.subject().await;
    let serving = house.beside();
    // It has the keys of the organisation in memory, and none of a data subject.
    serving.ring().organisation(house.organisation).await.unwrap();
    house.rotate(10).await;
    let (new, key) = subject_of(&serving, house.organisation).await;
    assert_eq!(house.reference(new).await, key.audit_reference(b"x").unwrap());
    assert_eq!(reference(&serving, house.organisation, subject).await, house.reference(subject).await);
    // Which it meets first, a key by a new version or its own work, makes no difference.
    let serving = house.beside();
    serving.ring().organisation(house.organisation).await.unwrap();
    house.rotate(10).await;
    assert_eq!(reference(&serving, house.organisation, subject).await, house.reference(subject).await);
    assert_eq!(house.versions().await, [3]);
}

async fn what_comes_by_an_old_version_meanwhile_is_not_lost(house: House) {
    let is_over = Arc::new(AtomicBool::new(false));
    let founding = [(); 3].map(|()| {
        let (store, organisation, is_over) = (house.store.clone(), house.organisation, Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut made = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let (subject, key) = subject_of(&store, organisation).await;
                made.push((subject, key.audit_reference(b"x").unwrap()));
            }
            made
        })
    });
    let rotating = house.beside();
    for version in 2..8 {
        assert_eq!(rotate(&rotating, house.organisation, 16).await, version);
    }
    is_over.store(true, Ordering::Relaxed);
    let beside = house.beside();
    for task in founding {
        for (subject, expected) in task.await.unwrap() {
            assert_eq!(reference(&beside, house.organisation, subject).await, expected);
        }
    }
    rotate(&rotating, house.organisation, 16).await;
    assert_eq!(house.versions().await.len(), 1);
}

async fn nobody_who_is_erased_meanwhile_comes_back(house: House) {
    let (subject, _) = house.subject().await;
    let (stays, _) = house.subject().await;
    let mut rotation = house.store.ring().rotate(house.organisation, now()).await.unwrap();
    house.store.ring().destroy_subject(house.organisation, subject).await.unwrap();
    while house.store.ring().wrap_again(&mut rotation, 1).await.unwrap() > 0 {}
    assert!(house.store.ring().remove_versions(&mut rotation).await.unwrap());
    let gone = house.store.ring().subject(house.organisation, subject).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    house.reference(stays).await;
}

async fn a_rotation_touches_no_other_organisation(house: House) {
    let other = found(&house.store).await;
    let (theirs, key) = subject_of(&house.store, other).await;
    house.rotate(10).await;
    let beside = house.beside();
    assert_eq!(reference(&beside, other, theirs).await, key.audit_reference(b"x").unwrap());
    assert_eq!(beside.ring().organisation(other).await.unwrap().newest().version(), 1);
}

async fn another_root_key_opens_everything_and_the_former_nothing(house: House) {
    let other = found(&house.store).await;
    let (subject, key) = house.subject().await;
    let (theirs, their_key) = subject_of(&house.store, other).await;
    let mut rotation = house.store.ring().rotate(other, now()).await.unwrap();
    assert_eq!(
        house.store.ring().change_root(&root(OTHER_ROOT)).await.unwrap(),
        3,
        "a rotation is under way"
    );
    // Whoever serves has the keys of the organisations in memory, and goes on.
    let (later, _) = house.subject().await;
    while house.store.ring().wrap_again(&mut rotation, 1).await.unwrap() > 0 {}
    let organisation = house.organisation;
    let base = house.close();
    let refused = Store::open(settings(base.house(), base.keyring())).unwrap_err();
    assert!(refused.to_string().contains("configure the former"), "{refused}");
    let store = Store::open(with_root(base.house(), base.keyring(), OTHER_ROOT)).unwrap();
    assert_eq!(reference(&store, organisation, subject).await, key.audit_reference(b"x").unwrap());
    assert_eq!(reference(&store, other, theirs).await, their_key.audit_reference(b"x").unwrap());
    reference(&store, organisation, later).await;
    assert_eq!(rotate(&store, other, 1).await, 2);
}

async fn nothing_is_founded_by_a_root_key_that_was_changed(house: House) {
    let serving = house.beside();
    let (before, at) = (OrganisationId::new(now(), serving.random()), now());
    serving.ring().found(before, at).await.unwrap();
    house.store.ring().change_root(&root(OTHER_ROOT)).await.unwrap();
    let organisation = OrganisationId::new(now(), serving.random());
    let refused = serving.ring().found(organisation, at).await;
    assert!(matches!(refused, Err(Error::Key(_))), "{refused:?}");
    let refused = serving.ring().rotate(before, at).await;
    assert!(matches!(refused, Err(Error::Key(_))), "{refused:?}");
    let refused = serving.ring().change_root(&root(OTHER_ROOT)).await;
    assert!(matches!(refused, Err(Error::Key(_))), "{refused:?}");
}

#[test]
fn sqlite_a_root_key_that_wraps_nothing_yet_is_changed_too() {
    backend::run_blank(Backend::Sqlite, nothing_is_wrapped_yet);
}

#[test]
fn postgres_a_root_key_that_wraps_nothing_yet_is_changed_too() {
    backend::run_blank(Backend::Postgres, nothing_is_wrapped_yet);
}

async fn nothing_is_wrapped_yet(base: Arc<Base>) {
    let serving = Store::open(settings(base.house(), base.keyring())).unwrap();
    let changing = Store::open(settings(base.house(), base.keyring())).unwrap();
    assert_eq!(changing.ring().change_root(&root(OTHER_ROOT)).await.unwrap(), 0);
    let refused = serving.ring().found(OrganisationId::new(now(), serving.random()), now()).await;
    assert!(matches!(refused, Err(Error::Key(_))), "{refused:?}");
    let refused = serving.ring().change_root(&root(OTHER_ROOT)).await;
    assert!(matches!(refused, Err(Error::Key(_))), "{refused:?}");
    drop((serving, changing));
    assert!(Store::open(settings(base.house(), base.keyring())).is_err());
    found(&Store::open(with_root(base.house(), base.keyring(), OTHER_ROOT)).unwrap()).await;
}

async fn a_root_key_that_does_not_open_everything_changes_nothing(house: House) {
    let (subject, _) = house.subject().await;
    let other = found(&house.store).await;
    // A key that the root key does not open: another root key wrote it, as it were.
    let foreign = Store::open(with_root(house.base.house(), house.base.keyring(), OTHER_ROOT));
    assert!(foreign.is_err());
    let base = Arc::clone(&house.base);
    damage(&base, other).await;
    let refused = house.store.ring().change_root(&root(OTHER_ROOT)).await.unwrap_err();
    assert!(refused.to_string().contains(&other.to_string()), "{refused}");
    let beside = house.beside();
    assert_eq!(reference(&beside, house.organisation, subject).await, house.reference(subject).await);
}

#[test]
fn sqlite_is_killed_while_it_rotates() {
    rounds(Backend::Sqlite);
}

#[test]
fn postgres_is_killed_while_it_rotates() {
    rounds(Backend::Postgres);
}

/// In which variable the child finds what to rotate.
const CHILD: &str = "TACITA_ROTATE_CHILD";

/// Whenever a rotation is killed, every key opens, and the next run goes on to the end.
fn rounds(backend: Backend) {
    let mut random = fastrand::Rng::with_seed(11);
    backend::run(backend, async |house: House| {
        let mut known = Vec::new();
        for _ in 0..40 {
            let (subject, key) = house.subject().await;
            known.push((subject, key.audit_reference(b"x").unwrap()));
        }
        let (organisation, base) = (house.organisation, house.close());
        let mut resumed = 0;
        for round in 0..6 {
            let (house, keyring) = (spell(base.house()), spell(base.keyring()));
            let told = format!("{house} {keyring} {organisation}");
            kill_after("rotation::child", (CHILD, &told), random.usize(1..30), |_| (), |_| ());
            let store = Store::open(settings(base.house(), base.keyring())).unwrap();
            for (subject, expected) in &known {
                assert_eq!(reference(&store, organisation, *subject).await, *expected, "round {round}");
            }
            let rotation = store.ring().rotate(organisation, now()).await.unwrap();
            resumed += usize::from(rotation.is_resumed());
            rotate(&store, organisation, 100).await;
            let keys = store.ring().organisation(organisation).await.unwrap();
            assert!(keys.version(keys.newest().version() - 1).is_err(), "round {round}");
        }
        assert!(resumed > 0, "none was killed in the middle");
        println!("{backend:?}: 6 rounds, {resumed} killed in the middle, every key opens");
    });
}

/// Not a test: what the tests above start and kill.
#[test]
#[ignore = "is started by the tests that kill it"]
fn child() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let [house, keyring, organisation] = told.split(' ').collect::<Vec<_>>()[..] else { panic!("{told}") };
    let organisation: OrganisationId = organisation.parse().unwrap();
    backend::runtime().block_on(async {
        let store = Store::open(settings(place(house), place(keyring))).unwrap();
        loop {
            let mut rotation = store.ring().rotate(organisation, now()).await.unwrap();
            println!("step");
            while store.ring().wrap_again(&mut rotation, 7).await.unwrap() > 0 {
                println!("step");
            }
            assert!(store.ring().remove_versions(&mut rotation).await.unwrap());
            println!("step");
        }
    });
}

/// Changes a byte of an organisation's key, as a broken disk does.
pub(crate) async fn damage(base: &Base, organisation: OrganisationId) {
    let hex = organisation.to_string().replace('-', "");
    match base {
        Base::Folder(folder) => {
            let connection = rusqlite::Connection::open(folder.path().join("keyring")).unwrap();
            connection.execute_batch(&unlock()).unwrap();
            let broken = |sealed: &rusqlite::types::Value| match sealed {
                rusqlite::types::Value::Blob(bytes) => {
                    let mut bytes = bytes.clone();
                    *bytes.last_mut().unwrap() ^= 1;
                    bytes
                }
                other => panic!("{other:?}"),
            };
            let of = format!("FROM organisation_keys WHERE organisation = x'{hex}'");
            let sealed = connection.query_row(&format!("SELECT wrapped {of}"), [], |row| row.get(0)).unwrap();
            let change = format!("UPDATE organisation_keys SET wrapped = ?1 WHERE organisation = x'{hex}'");
            connection.execute(&change, [broken(&sealed)]).unwrap();
        }
        Base::Server(lent) => {
            let (client, connection) =
                lent.pair().keyring.as_owner().connect(tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let role: String = client
                .query_one(
                    "SELECT format('tacita_system_%s', oid) FROM pg_database WHERE datname = current_database()",
                    &[],
                )
                .await
                .unwrap()
                .get(0);
            client
                .batch_execute(&format!(
                    "BEGIN; SET LOCAL ROLE {role}; UPDATE organisation_keys SET wrapped = \
                     set_byte(wrapped, length(wrapped) - 1, get_byte(wrapped, length(wrapped) - 1) # 1) \
                     WHERE organisation = '\\x{hex}'; COMMIT"
                ))
                .await
                .unwrap();
        }
    }
}
