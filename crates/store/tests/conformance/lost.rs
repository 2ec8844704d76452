//! What fails through no fault of its own on PostgreSQL, and is tried again: lost connections, transactions that wait for each
//! other.

use std::sync::Arc;

use tacita_domain::Action;
use tacita_store::{Writing, records};
use tokio::sync::Barrier;
use tokio_postgres::NoTls;

use crate::{
    backend::{self, Backend, Base},
    house::House,
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
        let mut tasks = Vec::new();
        // Both have one record and then want the other's.
        let met = Arc::new(std::sync::Barrier::new(2));
        let start = Arc::new(Barrier::new(2));
        for order in [[first, second], [second, first]] {
            let passage = house.passage(Action::RecordRestrict, subject).await;
            let (store, met, start) = (house.store.clone(), Arc::clone(&met), Arc::clone(&start));
            let mut waits = true;
            let act = move |tx: &mut Writing<'_>| {
                records::restrict(tx, order[0], None)?;
                // Only the first time: tried again, nobody waits here.
                if std::mem::take(&mut waits) {
                    met.wait();
                }
                records::restrict(tx, order[1], None)
            };
            tasks.push(tokio::spawn(async move {
                start.wait().await;
                store.commit(passage, None, act).await.map(drop)
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}
