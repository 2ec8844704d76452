//! What is written of every operation, in the transaction of its data: an entry for the ledger, a lineage event, a row of the
//! register of processing, something to tell others.

use serde::Serialize;
use tacita_corridor::{Account, Operation, Outcome};
use tacita_domain::{DataClass, OrganisationId};
use tacita_ledger::entry;
use tacita_vault::{Compartment, Place, Sealed, SubjectKey};

use crate::{
    Chance, Error,
    database::{Writing, counts::Counted},
    keyring::{OrganisationKeys, reference},
    queries,
};

queries! {
    ENTRY = "INSERT INTO ledger_entries (organisation, entry, data) VALUES ($1, $2, $3)";
    BODY = "INSERT INTO ledger_bodies (organisation, entry, reference, salt, sealed) VALUES ($1, $2, $3, $4, $5)";
    LINEAGE = "INSERT INTO lineage (organisation, operation, trace, reference, sealed) VALUES ($1, $2, $3, $4, $5)";
    PROCESSING = "INSERT INTO processing (organisation, operation, at, purpose, version, basis, action, outcome, findings) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    OUTBOX = "INSERT INTO outbox (organisation, operation, topic, at) VALUES ($1, $2, $3, $4)";
    COUNT = "INSERT INTO processing_counts (organisation, day, purpose, action, outcome, count) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (organisation, day, purpose, action, outcome) DO UPDATE SET count = processing_counts.count + excluded.count";
}

/// The rows of an account, sealed and hashed before the transaction, so that the one who writes only writes.
pub(crate) struct Rows {
    account: Account,
    findings: String,
    /// None where only counts may stay.
    kept: Option<Kept>,
}

struct Kept {
    reference: Option<[u8; 32]>,
    salt: entry::Salt,
    data: [u8; 32],
    body: Sealed,
    lineage: Sealed,
}

/// By whose key an account is sealed.
pub(crate) enum Sealer<'a> {
    /// The data subject's.
    Subject(&'a SubjectKey),
    /// The organisation's, where an operation is about nobody, or about nobody who is known.
    Organisation(&'a OrganisationKeys),
}

impl Rows {
    /// The rows of `account`. `object` names what it touched.
    pub(crate) fn prepare(
        account: Account,
        object: Option<&str>,
        sealer: &Sealer<'_>,
        chance: Chance,
    ) -> Result<Self, Error> {
        let findings =
            serde_json::to_string(&account.findings).map_err(|_| Error::Corrupt("counts make no JSON"))?;
        // Where there is no ground, it was refused before the class of its purpose was known; no data was touched.
        if account.ground.is_some_and(|ground| ground.class == DataClass::Session) {
            return Ok(Self { account, findings, kept: None });
        }
        let mut salt = entry::Salt::default();
        chance(&mut salt);
        let reference = match sealer {
            Sealer::Subject(key) => Some(reference(key)?),
            Sealer::Organisation(_) => None,
        };
        let shown = reference.map(|reference| data_encoding::HEXLOWER.encode(&reference));
        let body = sealer.seal(&account.operation, "ledger_bodies", &account.body(shown, object), chance)?;
        let lineage = sealer.seal(&account.operation, "lineage", &lineage(&account, object), chance)?;
        let data = entry::data(&salt, body.as_bytes());
        Ok(Self { account, findings, kept: Some(Kept { reference, salt, data, body, lineage }) })
    }

    pub(crate) const fn organisation(&self) -> OrganisationId {
        self.account.operation.organisation
    }

    /// Writes them.
    pub(crate) fn write(&self, tx: &mut Writing<'_>) -> Result<(), Error> {
        let Account { operation, ground, outcome, .. } = &self.account;
        let Operation { id, action, purpose, trace, at, .. } = operation;
        let (purpose, action, outcome) = (purpose.as_str(), action.as_str(), outcome.as_str());
        let Some(kept) = &self.kept else {
            let (organisation, day) = (operation.organisation, at.day());
            tx.connection().counts.add(Counted {
                organisation,
                day,
                purpose: purpose.into(),
                action,
                outcome,
            });
            return Ok(());
        };
        let reference = kept.reference.as_ref();
        tx.queue(ENTRY, &[id.into(), (&kept.data).into()])?;
        tx.queue(BODY, &[id.into(), reference.into(), (&kept.salt).into(), kept.body.as_bytes().into()])?;
        tx.queue(
            LINEAGE,
            &[id.into(), trace.as_bytes().into(), reference.into(), kept.lineage.as_bytes().into()],
        )?;
        tx.queue(
            PROCESSING,
            &[
                id.into(),
                (*at).into(),
                purpose.into(),
                ground.map(|ground| ground.version).into(),
                ground.map(|ground| ground.basis.as_str()).into(),
                action.into(),
                outcome.into(),
                self.findings.as_str().into(),
            ],
        )?;
        tx.queue(OUTBOX, &[id.into(), action.into(), (*at).into()])
    }
}

/// Adds to what is counted where nothing else may stay.
pub(crate) fn count(tx: &mut Writing<'_>, counted: &Counted, count: i64) -> Result<(), Error> {
    let Counted { day, purpose, action, outcome, .. } = counted;
    tx.queue(COUNT, &[(*day).into(), (&**purpose).into(), (*action).into(), (*outcome).into(), count.into()])
}

impl Sealer<'_> {
    fn seal(
        &self,
        operation: &Operation,
        table: &str,
        value: &[u8],
        mut chance: Chance,
    ) -> Result<Sealed, Error> {
        let place = place(operation.organisation, table, operation.id.as_bytes());
        match self {
            Self::Subject(key) => key.seal(&place, value, &mut chance),
            Self::Organisation(keys) => keys.newest().seal_in(Compartment::Audit, &place, value, &mut chance),
        }
        .map_err(|error| Error::Key(error.to_string()))
    }
}

/// Where a sealed column of ours lies; every table has one, called so.
pub(crate) const fn place<'a>(organisation: OrganisationId, table: &'a str, row: &'a [u8]) -> Place<'a> {
    Place { organisation, table, column: "sealed", row }
}

/// The run of an operation as OpenLineage 2.0 has it, without its facets: the operation is the run, its action the job.
fn lineage(account: &Account, object: Option<&str>) -> Vec<u8> {
    let Operation { id, organisation, action, at, .. } = &account.operation;
    let namespace = organisation.to_string();
    let event = Event {
        event_type: if account.outcome == Outcome::Done { "COMPLETE" } else { "FAIL" },
        event_time: at.micros(),
        run: Run { run_id: id.to_string() },
        job: Dataset { namespace: &namespace, name: action.as_str() },
        outputs: object.map(|name| [Dataset { namespace: &namespace, name }]),
    };
    serde_json::to_vec(&event).expect("texts and numbers always make JSON")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    event_type: &'static str,
    event_time: i64,
    run: Run,
    job: Dataset<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<[Dataset<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    run_id: String,
}

#[derive(Serialize)]
struct Dataset<'a> {
    namespace: &'a str,
    name: &'a str,
}
