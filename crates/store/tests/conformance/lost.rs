//! What fails through no fault of its own on PostgreSQL, and is tried again: lost connections, transactions that wait for each
//! other.

use std::sync::{Arc, Barrier};

use tacita_domain::Action;
use tacita_store::{Store, Writing, records, subjects};
use tokio_postgres::NoTls;

use crate::{
    backend::{self, Backend, Base},
    house::{self, House},
};

#[test]
fn a_connection_that_was_lost_while_it_lay_idle_costs_nobody_anything() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        house.keep(subject, &key).await;
        let Base::Server(lent) = &*house.base else { unreachable!("a case of PostgreSQL") };
        let (client, connection) = lent.pair().house.as_owner().connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        let all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let ended: i64 = client.query_one(all, &[]).await.unwrap().get(0);
        assert!(ended >= 4, "{ended}");
        // Each thread that writes finds its connection gone.
        for _ in 0..16 {
            house.keep(subject, &key).await;
        }
    });
}

#[test]
fn two_that_wait_for_each_other_are_both_done() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        let (first, _) = house.keep(subject, &key).await;
        let (second, _) = house.keep(subject, &key).await;
        // Another process: the two are never in one group.
        let other = Store::open(house::settings(house.base.house(), house.base.keyring())).unwrap();
        let mut tasks = Vec::new();
        // Both have one record and then want the other's.
        let met = Arc::new(Barrier::new(2));
        for (store, order) in [(house.store.clone(), [first, second]), (other, [second, first])] {
            let passage = house.passage(Action::RecordRestrict, subject).await;
            let met = Arc::clone(&met);
            let mut waits = true;
            let act = move |tx: &mut Writing<'_>| {
                records::restrict(tx, order[0], None)?;
                // Only the first time: tried again, nobody waits here.
                if std::mem::take(&mut waits) {
                    met.wait();
                }
                records::restrict(tx, order[1], None)
            };
            tasks.push(tokio::spawn(async move { store.commit(passage, None, act).await.map(drop) }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}

#[test]
fn two_that_change_the_basis_after_others_relied_on_it_are_both_done() {
    backend::run(Backend::Postgres, async |house: House| {
        let (subject, key) = house.subject().await;
        let other = Store::open(house::settings(house.base.house(), house.base.keyring())).unwrap();
        let met = Arc::new(Barrier::new(2));
        let mut tasks = Vec::new();
        for store in [house.store.clone(), other] {
            // In one group: a record that relies on the basis, and then a restriction that changes it.
            let mut commits = Vec::new();
            for _ in 0..2 {
                commits.push(house.passage(Action::RecordRestrict, subject).await);
            }
            let (stored, met) = (house.record(subject, &key), Arc::clone(&met));
            tasks.push(tokio::spawn(async move {
                let mut waits = true;
                let mut group = store.commits();
                let [first, second] = commits.try_into().unwrap();
                group
                    .add(first, None, move |tx: &mut Writing<'_>| {
                        records::insert(tx, &stored)?;
                        if std::mem::take(&mut waits) {
                            met.wait();
                        }
                        Ok(())
                    })
                    .await;
                group
                    .add(second, None, move |tx: &mut Writing<'_>| subjects::restrict(tx, subject, None))
                    .await;
                group.finish().await
            }));
        }
        for task in tasks {
            for outcome in task.await.unwrap() {
                outcome.unwrap();
            }
        }
    });
}
