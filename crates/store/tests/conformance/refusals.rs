//! What does not start: each says what to do, and nothing was written.

use std::{collections::BTreeMap, fs, sync::Arc};

use tacita_store::{Error, Place, Settings, Store};
use tokio_postgres::NoTls;
use zeroize::Zeroizing;

use crate::{
    backend::{self, Backend, Base},
    house::{FILE_KEY, House, settings, unlock, with_root},
};

const OTHER_ROOT: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

macro_rules! on_both {
    ($($run:ident: $($case:ident),+;)+) => {
        mod sqlite {
            $($(#[test] fn $case() { crate::backend::$run(crate::backend::Backend::Sqlite, super::$case); })+)+
        }
        mod postgres {
            $($(#[test] fn $case() { crate::backend::$run(crate::backend::Backend::Postgres, super::$case); })+)+
        }
    };
}
on_both! {
    run: another_root_key, a_newer_schema, a_key_ring_that_is_lost, house_and_key_ring_exchanged;
    run_blank: one_place_for_both;
}

/// The words of a refusal.
fn refused(settings: Settings) -> String {
    match Store::open(settings) {
        Err(Error::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

impl Base {
    /// Everything that lies in both databases, in some form.
    async fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        match self {
            Self::Folder(folder) => fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
                .collect(),
            Self::Server(_) => {
                let mut contents = BTreeMap::new();
                for place in [self.house(), self.keyring()] {
                    // What every writing transaction leaves: the number of rows ever written to each table.
                    let sql = "SELECT concat(current_database(), tablename) FROM pg_tables WHERE schemaname = 'public'";
                    for row in self.ask(&place, sql).await {
                        contents.insert(row, Vec::new());
                    }
                    if contents.keys().any(|table| table.ends_with("migrations")) {
                        let taken = self
                            .ask(&place, "SELECT string_agg(name, ' ' ORDER BY position) FROM migrations")
                            .await;
                        contents.insert(format!("{place:?} {}", contents.len()), taken.concat().into_bytes());
                    }
                }
                contents
            }
        }
    }

    /// The texts that a query of PostgreSQL answers with.
    async fn ask(&self, place: &Place, sql: &str) -> Vec<String> {
        let Place::Server(config) = place else { panic!("a case of PostgreSQL") };
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Runs a statement on the house's database, as another version of the program might.
    async fn execute(&self, sql: &str) {
        match self.house() {
            Place::File { path, .. } => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch(&format!("{}{sql}", unlock())).unwrap();
            }
            Place::Server(config) => {
                let (client, connection) = config.connect(NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
            }
        }
    }
}

async fn another_root_key(house: House) {
    let base = house.close();
    let before = base.contents().await;
    let why = refused(with_root(base.house(), base.keyring(), OTHER_ROOT));
    assert!(why.contains("belongs to root key") && why.contains("configure the former"), "{why}");
    assert_eq!(base.contents().await, before);
    drop(Store::open(settings(base.house(), base.keyring())).unwrap());
}

async fn a_newer_schema(house: House) {
    let base = house.close();
    base.execute("INSERT INTO migrations (position, name) VALUES (9999, '9999_tomorrow')").await;
    let before = base.contents().await;
    let why = refused(settings(base.house(), base.keyring()));
    assert!(why.contains("newer version (`9999_tomorrow`); start that version"), "{why}");
    assert_eq!(base.contents().await, before);
    base.execute("DELETE FROM migrations WHERE position = 9999").await;
}

async fn a_key_ring_that_is_lost(house: House) {
    let base = house.close();
    let Some(other) = Base::blank(base.backend()) else { return };
    let before = (base.contents().await, other.contents().await);
    let why = refused(settings(base.house(), other.keyring()));
    assert!(why.contains("restore it from its backup"), "{why}");
    assert_eq!((base.contents().await, other.contents().await), before);
}

async fn house_and_key_ring_exchanged(house: House) {
    let base = house.close();
    let before = base.contents().await;
    let why = refused(settings(base.keyring(), base.house()));
    assert!(why.contains("holds something else"), "{why}");
    assert_eq!(base.contents().await, before);
}

async fn one_place_for_both(base: Arc<Base>) {
    let before = base.contents().await;
    let why = refused(settings(base.house(), base.house()));
    assert!(why.contains("give each a database of its own"), "{why}");
    if let (Base::Folder(folder), Place::File { key, .. }) = (&*base, base.house()) {
        fs::create_dir(folder.path().join("folder")).unwrap();
        let path = folder.path().join("folder/../house");
        let why = refused(settings(base.house(), Place::File { path, key }));
        assert!(why.contains("give each a database of its own"), "{why}");
        fs::remove_dir(folder.path().join("folder")).unwrap();
    }
    assert_eq!(base.contents().await, before);
}

#[test]
fn a_file_that_another_key_encrypts() {
    backend::run(Backend::Sqlite, async |house: House| {
        let base = house.close();
        let before = base.contents().await;
        let (Place::File { path, .. }, Place::File { path: keyring, .. }) = (base.house(), base.keyring())
        else {
            unreachable!("a case of SQLite")
        };
        let other = |path| Place::File { path, key: Zeroizing::new([0xff; 32]) };
        for (house, keyring) in [(other(path), base.keyring()), (base.house(), other(keyring))] {
            let why = refused(settings(house, keyring));
            assert!(why.contains("does not open with this root key"), "{why}");
        }
        assert_eq!(base.contents().await, before);
    });
}

#[test]
fn files_that_are_none_and_folders_that_are_not_there() {
    backend::run_blank(Backend::Sqlite, async |base: Arc<Base>| {
        let Base::Folder(folder) = &*base else { unreachable!("a case of SQLite") };
        fs::write(folder.path().join("letter"), "Dear Mara, ".repeat(1000)).unwrap();
        let before = base.contents().await;
        let file = |name: &str| Place::File { path: folder.path().join(name), key: Zeroizing::new(FILE_KEY) };
        for (house, keyring, expected) in [
            ("letter", "keyring", "does not open with this root key"),
            ("house", "letter", "does not open with this root key"),
            ("nowhere/house", "keyring", "make it, or give another"),
            ("house", "nowhere/keyring", "make it, or give another"),
        ] {
            let why = refused(settings(file(house), file(keyring)));
            assert!(why.contains(expected), "{why}");
        }
        assert_eq!(base.contents().await, before);
    });
}

#[test]
fn servers_that_are_not_there() {
    backend::run_blank(Backend::Sqlite, async |base: Arc<Base>| {
        let before = base.contents().await;
        // Nobody listens at port 1, and nobody answers at an address for documentation.
        for url in [
            "postgres://tacita:secret@127.0.0.1:1/house",
            "postgres://tacita:secret@192.0.2.7/house?connect_timeout=1",
        ] {
            for (house, keyring) in
                [(Place::server(url).unwrap(), base.keyring()), (base.house(), Place::server(url).unwrap())]
            {
                let why = refused(settings(house, keyring));
                assert!(why.contains("can't be reached at") && why.contains("check that it runs"), "{why}");
                assert!(!why.contains("secret"), "{why}");
            }
        }
        assert_eq!(base.contents().await, before);
    });
}

#[test]
fn databases_that_are_not_there() {
    backend::run_blank(Backend::Postgres, async |base: Arc<Base>| {
        let Place::Server(mut config) = base.house() else { unreachable!("a case of PostgreSQL") };
        config.dbname("nowhere");
        let why = refused(settings(Place::Server(config), base.keyring()));
        assert!(why.contains("there is no database `nowhere`") && why.contains("createdb nowhere"), "{why}");
        let Place::Server(mut config) = base.house() else { unreachable!("a case of PostgreSQL") };
        config.user("nobody_of_this_name");
        let why = refused(settings(Place::Server(config), base.keyring()));
        assert!(why.contains("does not let `nobody_of_this_name` in"), "{why}");
    });
}

#[test]
fn what_is_no_url_is_not_shown() {
    let error = Place::server("postgres://mara:secret@host:port:x/ y=").unwrap_err().to_string();
    assert!(error.contains("postgres://user@host/name") && !error.contains("secret"), "{error}");
}

#[test]
fn two_that_start_together_both_start() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        backend::run_blank(backend, async |base: Arc<Base>| {
            let runtime = tokio::runtime::Handle::current();
            std::thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| {
                        let _entered = runtime.enter();
                        drop(Store::open(settings(base.house(), base.keyring())).unwrap());
                    });
                }
            });
        });
    }
}
