//! What PostgreSQL itself keeps apart. On SQLite the types of queries do it alone.

use tokio_postgres::{Client, NoTls, error::SqlState};

use crate::{
    backend::{self, Backend, Base},
    house::{House, found, subject_of},
};

/// Tables without an organisation: none holds anything of anybody.
const EVERYBODYS: [&str; 1] = ["migrations"];
/// Tables of the house itself, which no member sees.
const OF_THE_HOUSE: [&str; 1] = ["system_uses"];
/// And such of the key ring.
const OF_THE_RING: [&str; 1] = ["root_sentinel"];

async fn client(config: tokio_postgres::Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The role of this database that is called so.
async fn role(client: &Client, called: &str) -> String {
    let role =
        "SELECT format('tacita_%s_%s', $1::text, oid) FROM pg_database WHERE datname = current_database()";
    client.query_one(role, &[&called]).await.unwrap().get(0)
}

/// Who is connected to house and key ring as their owner, and the tables that hold something.
async fn owners(house: &House) -> [Client; 2] {
    let Base::Server(lent) = &*house.base else { unreachable!("a case of PostgreSQL") };
    [client(lent.pair().house.as_owner()).await, client(lent.pair().keyring.as_owner()).await]
}

async fn tables(client: &Client) -> Vec<String> {
    let rows = client
        .query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1", &[])
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.get::<_, String>(0))
        .filter(|table| ![EVERYBODYS, OF_THE_HOUSE, OF_THE_RING].concat().contains(&&**table))
        .collect()
}

async fn count(client: &Client, table: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

#[test]
fn every_table_is_closed_to_its_owner() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        house.keep(subject, &key).await;
        for client in owners(&house).await {
            for table in tables(&client).await {
                assert_eq!(count(&client, &table).await, 0, "{table}");
            }
            // Nor can the owner write past the policies.
            let error = client.execute("INSERT INTO organisations VALUES ('\\x00', 'x', 0)", &[]).await;
            if let Err(error) = error {
                assert!(
                    [Some(&SqlState::INSUFFICIENT_PRIVILEGE), Some(&SqlState::UNDEFINED_TABLE)]
                        .contains(&error.code()),
                    "{error}"
                );
            } else {
                panic!("the owner wrote");
            }
        }
    });
}

#[test]
fn every_table_forces_row_level_security() {
    backend::run(Backend::Postgres, async |house: House| {
        for client in owners(&house).await {
            let lax = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
                       AND NOT (relrowsecurity AND relforcerowsecurity)";
            let lax: Vec<String> =
                client.query(lax, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
            assert_eq!(lax, EVERYBODYS);
            for table in tables(&client).await {
                let roles = "SELECT roles::text[] FROM pg_policies WHERE tablename = $1 ORDER BY 1";
                let roles = client.query(roles, &[&table]).await.unwrap();
                let roles: Vec<Vec<String>> = roles.iter().map(|row| row.get(0)).collect();
                assert_eq!(
                    roles,
                    [[role(&client, "member").await], [role(&client, "system").await]],
                    "{table}"
                );
            }
        }
    });
}

#[test]
fn a_member_sees_nothing_of_the_house_itself() {
    backend::run(Backend::Postgres, async |house: House| {
        for (client, tables) in owners(&house).await.into_iter().zip([OF_THE_HOUSE, OF_THE_RING]) {
            for table in tables {
                assert_eq!(count(&client, table).await, 0, "{table}: nor does its owner");
                let member = role(&client, "member").await;
                client.batch_execute(&format!("BEGIN; SET LOCAL ROLE {member}")).await.unwrap();
                let error =
                    client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap_err();
                assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{table}: {error}");
                client.batch_execute("ROLLBACK").await.unwrap();
            }
        }
    });
}

#[test]
fn a_member_sees_one_organisation() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        house.keep(subject, &key).await;
        let other = found(&house.store).await;
        subject_of(&house.store, other).await;
        let hex = |organisation: tacita_domain::OrganisationId| organisation.to_string().replace('-', "");
        for client in owners(&house).await {
            for table in tables(&client).await {
                client
                    .batch_execute(&format!(
                        "BEGIN; SET LOCAL ROLE {}; SET LOCAL tacita.organisation = '{}'",
                        role(&client, "member").await,
                        hex(other)
                    ))
                    .await
                    .unwrap();
                let foreign =
                    format!("SELECT count(*) FROM {table} WHERE organisation <> '\\x{}'", hex(other));
                assert_eq!(client.query_one(&foreign, &[]).await.unwrap().get::<_, i64>(0), 0, "{table}");
                let (seen, written) =
                    (count(&client, &table).await, format!("UPDATE {table} SET organisation = organisation"));
                assert_eq!(
                    i64::try_from(client.execute(&written, &[]).await.unwrap()).unwrap(),
                    seen,
                    "{table}"
                );
                // What it sees it can't give to another.
                let given = format!("UPDATE {table} SET organisation = '\\x{}'", hex(house.organisation));
                if seen > 0 {
                    let error = client.execute(&given, &[]).await.unwrap_err();
                    assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{table}: {error}");
                }
                client.batch_execute("ROLLBACK").await.unwrap();
            }
        }
        let [house_client, keyring_client] = owners(&house).await;
        for (client, insert) in [
            (&house_client, "INSERT INTO subjects VALUES ('\\xORG', '\\x01', 0)"),
            (&house_client, "INSERT INTO ledger_waiting VALUES ('\\xORG', '\\x01', '\\x01')"),
            (&house_client, "INSERT INTO processing_counts VALUES ('\\xORG', 0, 'a', 'a', 'a', 1)"),
            (&keyring_client, "INSERT INTO identities VALUES ('\\xORG', 'email', '\\x01', '\\x01')"),
        ] {
            let become_other = format!(
                "BEGIN; SET LOCAL ROLE {}; SET LOCAL tacita.organisation = '{}'",
                role(client, "member").await,
                hex(other)
            );
            client.batch_execute(&become_other).await.unwrap();
            let error =
                client.execute(&insert.replace("ORG", &hex(house.organisation)), &[]).await.unwrap_err();
            assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{error}");
            client.batch_execute("ROLLBACK").await.unwrap();
            client.batch_execute(&become_other).await.unwrap();
            client.execute(&insert.replace("ORG", &hex(other)), &[]).await.unwrap();
            client.batch_execute("ROLLBACK").await.unwrap();
        }
    });
}

#[test]
fn a_member_of_no_organisation_sees_an_error() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        house.keep(subject, &key).await;
        for client in owners(&house).await {
            for table in tables(&client).await {
                let member = role(&client, "member").await;
                client.batch_execute(&format!("BEGIN; SET LOCAL ROLE {member}")).await.unwrap();
                let seen = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await;
                assert!(seen.map_or(true, |row| row.get::<_, i64>(0) == 0), "{table}");
                client.batch_execute("ROLLBACK").await.unwrap();
            }
        }
    });
}
