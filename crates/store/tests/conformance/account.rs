//! What is there of an operation.

use tacita_domain::OperationId;
use tacita_store::queries;

use crate::house::House;

queries! {
    OF = "SELECT (SELECT count(*) FROM ledger_waiting WHERE organisation = $1 AND entry = $2), \
          (SELECT count(*) FROM ledger_bodies WHERE organisation = $1 AND entry = $2), \
          (SELECT count(*) FROM lineage WHERE organisation = $1 AND operation = $2), \
          (SELECT count(*) FROM processing WHERE organisation = $1 AND operation = $2), \
          (SELECT count(*) FROM outbox WHERE organisation = $1 AND operation = $2), \
          (SELECT outcome FROM processing WHERE organisation = $1 AND operation = $2)";
    REFERENCES = "SELECT count(*) FROM ledger_bodies WHERE organisation = $1 AND reference = $2";
    ENTRIES = "SELECT count(*) FROM ledger_waiting WHERE organisation = $1";
    RECORDS = "SELECT count(*) FROM records WHERE organisation = $1";
    COUNTS = "SELECT outcome, count FROM processing_counts WHERE organisation = $1 ORDER BY outcome";
}

/// The account of an operation: each of its five rows once, or none at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Account {
    None,
    Whole(String),
    Torn([i64; 5]),
}

impl House {
    pub(crate) async fn account(&self, operation: OperationId) -> Account {
        let rows = self
            .store
            .look_up(self.organisation, move |tx| {
                tx.query_one(OF, &[(&operation).into()], |row| {
                    let counts = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
                    Ok((counts, row.get::<Option<String>>(5)?))
                })
            })
            .await
            .unwrap()
            .unwrap();
        match rows {
            ([0, 0, 0, 0, 0], None) => Account::None,
            ([1, 1, 1, 1, 1], Some(outcome)) => Account::Whole(outcome),
            (counts, _) => Account::Torn(counts),
        }
    }

    /// Asserts that the account of an operation says so.
    pub(crate) async fn ended(&self, operation: OperationId, outcome: &str) {
        assert_eq!(self.account(operation).await, Account::Whole(outcome.to_owned()));
    }

    /// The account of an operation that is written by somebody else, as soon as it is there.
    pub(crate) async fn ends(&self, operation: OperationId, outcome: &str) {
        for _ in 0..100_000 {
            if self.account(operation).await != Account::None {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.ended(operation, outcome).await;
    }

    pub(crate) async fn entries(&self) -> i64 {
        self.count(ENTRIES).await
    }

    pub(crate) async fn records(&self) -> i64 {
        self.count(RECORDS).await
    }

    /// How many entries refer to a data subject.
    pub(crate) async fn references(&self, reference: [u8; 32]) -> i64 {
        let ask = move |tx: &mut tacita_store::Reading<'_>| {
            tx.query_one(REFERENCES, &[(&reference).into()], |row| row.get(0))
        };
        self.store.look_up(self.organisation, ask).await.unwrap().unwrap()
    }

    /// Operations that only were counted, by outcome.
    pub(crate) async fn counts(&self) -> Vec<(String, i64)> {
        let ask =
            |tx: &mut tacita_store::Reading<'_>| tx.query(COUNTS, &[], |row| Ok((row.get(0)?, row.get(1)?)));
        self.store.look_up(self.organisation, ask).await.unwrap()
    }

    async fn count(&self, query: tacita_store::Scoped) -> i64 {
        let ask = move |tx: &mut tacita_store::Reading<'_>| tx.query_one(query, &[], |row| row.get(0));
        self.store.look_up(self.organisation, ask).await.unwrap().unwrap()
    }
}
