//! What deleting costs in a large database.

use std::time::Instant;

use tacita_corridor::{Basis, Denied, Gate, Ground, Operation, Policy};
use tacita_domain::{
    Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, RecordId, SubjectId, Trace,
};
use tacita_service::{Deployment, system_clock};
use tacita_store::{Error, Row, Spanning, Store, SystemScope, records, system_queries};

use crate::{Result, milliseconds, sorted};

system_queries! {
    SOMEBODY = "SELECT organisation, subject, record FROM records LIMIT $1";
}

/// Rows that are erased together.
const ROWS: u32 = 200;
const TIMES: usize = 9;

struct Yes;

impl Policy for Yes {
    fn permit(&self, _: &Operation) -> std::result::Result<(), Denied> {
        Ok(())
    }
}

impl Basis for Yes {
    async fn ground(&self, _: &Operation) -> std::result::Result<Ground, Denied> {
        Ok(Ground { version: 1, basis: LawfulBasis::Contract, class: DataClass::Personal })
    }
}

/// Deletes records, and destroys keys.
pub(crate) async fn measure(deployment: &Deployment) -> Result<()> {
    let store = deployment.store()?;
    let gate = Gate::new(Yes, Yes, store.clone());
    let (mut rows, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let found = some(&store).await?;
        let Some((organisation, subject, _)) = found.first().copied() else {
            return Err("there are no records to erase".into());
        };
        let at = system_clock();
        let operation = Operation {
            id: OperationId::new(at, store.random()),
            organisation,
            action: Action::RecordDelete,
            purpose: "support".parse()?,
            subject: Some(subject),
            actor: Actor::System("bench"),
            trace: Trace::new(at, store.random()),
            at,
        };
        let started = Instant::now();
        let passage = gate.admit(operation).await?;
        let erase = move |tx: &mut tacita_store::Writing<'_>| {
            found.iter().try_for_each(|(_, _, record)| records::delete(tx, *record))
        };
        store.commit(passage, None, erase).await?;
        rows.push(started.elapsed());
        let started = Instant::now();
        store.ring().destroy_subject(organisation, subject).await?;
        keys.push(started.elapsed());
    }
    for (what, times, goal) in [("erasing 200 records", rows, 100), ("destroying a key", keys, 10)] {
        let median = milliseconds(sorted(times)[TIMES / 2]);
        println!("{:<44}{median:>9.2} ms median (goal {goal})", format!("SQLCipher, {what}"));
    }
    Ok(())
}

async fn some(store: &Store) -> Result<Vec<(OrganisationId, SubjectId, RecordId)>> {
    let read = |row: &Row<'_>| Ok::<_, Error>((row.get(0)?, row.get(1)?, row.get(2)?));
    let found = move |tx: &mut Spanning<'_>| tx.query(SOMEBODY, &[ROWS.into()], read);
    Ok(store.span(SystemScope::Doctor, found).await?)
}
