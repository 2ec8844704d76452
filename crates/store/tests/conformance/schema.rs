//! Both schemas are one: what they hold, and the steps by which they came to be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use aws_lc_rs::digest::{SHA256, digest};
use tacita_store::Place;
use tokio_postgres::NoTls;

use crate::{
    backend::{Backend, Base},
    house::unlock,
};

/// What a table is, in the words that both databases share.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<Column>,
    primary: Vec<String>,
    indexes: BTreeSet<Index>,
    /// Columns, and the table that they lead to.
    references: BTreeSet<(Vec<String>, String)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    nullable: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    columns: Vec<String>,
    unique: bool,
    of: String,
}

type Schema = BTreeMap<String, Table>;

fn sqlite(path: &Path) -> Schema {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(&unlock()).unwrap();
    let texts = |sql: &str, of: &str| -> Vec<Vec<Option<String>>> {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let text = |value: rusqlite::types::Value| match value {
            rusqlite::types::Value::Null => None,
            rusqlite::types::Value::Integer(number) => Some(number.to_string()),
            rusqlite::types::Value::Text(text) => Some(text),
            other => panic!("{other:?}"),
        };
        let rows =
            statement.query_map([of], |row| (0..columns).map(|index| Ok(text(row.get(index)?))).collect());
        rows.unwrap().map(Result::unwrap).collect()
    };
    let mut schema = Schema::new();
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> ?1", "") {
        let name = table[0].clone().unwrap();
        let mut table = Table::default();
        let mut primary = BTreeMap::new();
        for column in
            texts("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid", &name)
        {
            let [Some(column), Some(kind), Some(filled), Some(place)] = <[_; 4]>::try_from(column).unwrap()
            else {
                panic!("{name}")
            };
            // Columns of a primary key are never empty, said or not.
            table.columns.push(Column {
                name: column.clone(),
                kind,
                nullable: filled == "0" && place == "0",
            });
            if place != "0" {
                primary.insert(place.parse::<u8>().unwrap(), column);
            }
        }
        table.primary = primary.into_values().collect();
        for index in texts("SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE origin <> 'pk'", &name) {
            let columns =
                texts("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", index[0].as_ref().unwrap());
            let sql = texts("SELECT sql FROM sqlite_schema WHERE name = ?1", index[0].as_ref().unwrap());
            let of = sql[0][0].as_deref().and_then(|sql| sql.split_once(" WHERE ")).map_or("", |(_, of)| of);
            table.indexes.insert(Index {
                columns: columns.into_iter().map(|column| column[0].clone().unwrap()).collect(),
                unique: index[1].as_deref() == Some("1"),
                of: of.to_owned(),
            });
        }
        let mut references = BTreeMap::<_, (Vec<String>, String)>::new();
        for part in
            texts("SELECT id, \"from\", \"table\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq", &name)
        {
            let reference = references.entry(part[0].clone()).or_default();
            reference.0.push(part[1].clone().unwrap());
            reference.1 = part[2].clone().unwrap();
        }
        table.references = references.into_values().collect();
        schema.insert(name, table);
    }
    schema
}

async fn postgres(config: &tokio_postgres::Config) -> Schema {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut schema = Schema::new();
    let columns = "SELECT table_name::text, column_name::text, upper(data_type), is_nullable = 'YES', collation_name::text \
                   FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    for row in client.query(columns, &[]).await.unwrap() {
        let (name, kind): (String, String) = (row.get(1), row.get(2));
        let collation: Option<String> = row.get(4);
        if row.get::<_, String>(0) != "migrations" {
            let expected = (kind == "TEXT").then_some("C");
            assert_eq!(collation.as_deref(), expected, "{name}: texts are ordered alike everywhere");
        }
        let kind = kind.replace("BYTEA", "BLOB");
        schema.entry(row.get(0)).or_default().columns.push(Column { name, kind, nullable: row.get(3) });
    }
    let indexes = "SELECT c.relname::text, i.indisunique, i.indisprimary, coalesce(pg_get_expr(i.indpred, i.indrelid), ''), \
                     (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place) \
                      JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number) \
                   FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace";
    for row in client.query(indexes, &[]).await.unwrap() {
        let table = schema.get_mut(&row.get::<_, String>(0)).unwrap();
        if row.get(2) {
            table.primary = row.get(4);
        } else {
            let of = row.get::<_, String>(3).replace(['(', ')', '"'], "");
            table.indexes.insert(Index { columns: row.get(4), unique: row.get(1), of });
        }
    }
    let references = "SELECT c.conrelid::regclass::text, c.confrelid::regclass::text, \
                        (SELECT array_agg(a.attname::text ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place) \
                         JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number) \
                      FROM pg_constraint AS c WHERE c.contype = 'f'";
    for row in client.query(references, &[]).await.unwrap() {
        schema.get_mut(&row.get::<_, String>(0)).unwrap().references.insert((row.get(2), row.get(1)));
    }
    schema
}

#[test]
fn both_databases_have_the_same_tables() {
    let Some(server) = Base::migrated(Backend::Postgres) else { return };
    let files = Base::migrated(Backend::Sqlite).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        for (file, server) in [(files.house(), server.house()), (files.keyring(), server.keyring())] {
            let (Place::File { path, .. }, Place::Server(config)) = (file, server) else {
                unreachable!("made above")
            };
            let (sqlite, postgres) = (sqlite(&path), postgres(&config).await);
            assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
            for (name, table) in &sqlite {
                assert_eq!(table, &postgres[name], "{name}: SQLite's on the left");
                if !["migrations", "root_sentinel", "system_uses"].contains(&&**name) {
                    assert_eq!(table.primary[0], "organisation", "{name}: the organisation leads every key");
                    assert!(
                        table.indexes.iter().all(|index| index.columns[0] == "organisation"
                            || ACROSS.contains(&(name, &index.columns.join(" ")))),
                        "{name}: the organisation leads every index"
                    );
                }
            }
        }
    });
}

/// Indexes of what is looked for across organisations, with why: whose token it is, and which organisations somebody belongs to.
const ACROSS: [(&str, &str); 2] = [("tokens", "hash"), ("members", "account organisation")];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")
}

/// The steps on disk: `sqlite/house/0001_spine.sql` and so on.
fn steps() -> BTreeSet<String> {
    let mut steps = BTreeSet::new();
    for database in ["sqlite", "postgres"] {
        for schema in ["house", "keyring"] {
            for entry in fs::read_dir(folder().join(database).join(schema)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                steps.insert(format!("{database}/{schema}/{name}"));
            }
        }
    }
    steps
}

#[test]
fn every_step_is_there_for_both_databases() {
    let of = |database: &str| -> Vec<String> {
        steps().iter().filter_map(|step| step.strip_prefix(database)).map(str::to_owned).collect()
    };
    assert_eq!(of("sqlite/"), of("postgres/"), "give each database a step of the same name");
}

#[test]
fn every_step_is_taken() {
    let files = Base::migrated(Backend::Sqlite).unwrap();
    for (place, schema) in [(files.house(), "house"), (files.keyring(), "keyring")] {
        let Place::File { path, .. } = place else { unreachable!("made above") };
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute_batch(&unlock()).unwrap();
        let mut taken = connection.prepare("SELECT name FROM migrations ORDER BY position").unwrap();
        let taken: Vec<String> = taken.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let prefix = format!("sqlite/{schema}/");
        let there: Vec<String> = steps()
            .iter()
            .filter_map(|step| Some(step.strip_prefix(&prefix)?.strip_suffix(".sql")?.to_owned()))
            .collect();
        assert_eq!(taken, there, "list each step of migrations/*/{schema} in `migrations!`, in order");
    }
}

/// `migrations/digests` is what `sha256sum` writes and reads.
#[test]
fn no_step_is_changed_once_it_has_landed() {
    let listed = fs::read_to_string(folder().join("digests")).unwrap();
    let listed: BTreeMap<&str, &str> = listed
        .lines()
        .map(|line| line.split_once("  ").expect("a digest, two spaces, a path"))
        .map(|(a, b)| (b, a))
        .collect();
    for step in steps() {
        let digest = digest(&SHA256, &fs::read(folder().join(&step)).unwrap());
        let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        match listed.get(&*step) {
            Some(&known) => assert_eq!(
                known, digest,
                "migrations/{step} has landed: there are databases that have taken it as it was. Put it back and add a new one"
            ),
            None => panic!("migrations/{step} is new: add the line `{digest}  {step}` to migrations/digests"),
        }
    }
    for step in listed.keys() {
        assert!(steps().contains(*step), "migrations/{step} has landed and is gone: put it back");
    }
}
