//! What is written of every operation, in the transaction of its data: an entry for the ledger, a lineage event, a row of the
//! register of processing, something to tell others.

use std::collections::BTreeMap;

use serde::Serialize;
use tacita_corridor::{Account, Operation};
use tacita_domain::{DataClass, OrganisationId};
use tacita_ledger::entry;
use tacita_vault::{Compartment, Place, Sealed, SubjectKey};

use crate::{
    Chance, Error, audit,
    database::{
        Value, Writing,
        connection::{Connection, Scope},
    },
    keyring::{OrganisationKeys, reference},
    queries,
};

queries! {
    ENTRY = "INSERT INTO ledger_waiting (organisation, entry, data, reference) VALUES ($1, $2, $3, $4)";
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

impl Kept {
    fn reference(&self) -> Value<'_> {
        self.reference.as_ref().into()
    }
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
        let Operation { id, organisation, .. } = &account.operation;
        let (in_ledger, in_lineage) =
            (audit::sealed_at(*organisation, id), place(*organisation, "lineage", id.as_bytes()));
        let body = sealer.seal(&in_ledger, &account.body(shown, object), chance)?;
        let lineage = sealer.seal(&in_lineage, &lineage(object), chance)?;
        let data = entry::data(&salt, body.as_bytes());
        Ok(Self { account, findings, kept: Some(Kept { reference, salt, data, body, lineage }) })
    }

    pub(crate) const fn organisation(&self) -> OrganisationId {
        self.account.operation.organisation
    }

    /// How long they are.
    pub(crate) fn bytes(&self) -> usize {
        let sealed =
            self.kept.as_ref().map(|kept| kept.body.as_bytes().len() + kept.lineage.as_bytes().len());
        self.findings.len() + sealed.unwrap_or_default()
    }

    /// As what it counts, where only counts may stay: an operation of a day, by purpose, action and outcome.
    fn counted(&self) -> (i64, &str, &'static str, &'static str) {
        let Account { operation, outcome, .. } = &self.account;
        (operation.at.day(), operation.purpose.as_str(), operation.action.as_str(), outcome.as_str())
    }
}

/// Writes the accounts of a group of operations: table by table, so that the pages that one row has filled are at hand for the
/// next, and without a savepoint, since none of them can fail by itself. Counts go last and in one order: two groups that count
/// in another order would wait for each other for ever.
pub(crate) fn write<'r>(
    connection: &mut Connection,
    accounts: impl Iterator<Item = &'r Rows>,
) -> Result<(), Error> {
    let mut organisations = BTreeMap::<OrganisationId, Accounts<'_>>::new();
    for rows in accounts {
        let of = organisations.entry(rows.account.operation.organisation).or_default();
        match &rows.kept {
            Some(kept) => of.kept.push((rows, kept)),
            None => *of.counted.entry(rows.counted()).or_default() += 1,
        }
    }
    for (organisation, Accounts { mut kept, counted }) in organisations {
        connection.confine(Scope::Organisation(organisation))?;
        let tx = &mut Writing::new(connection, organisation);
        // In the order of the keys.
        kept.sort_unstable_by_key(|(rows, _)| rows.account.operation.id);
        if !kept.is_empty() {
            write_kept(tx, &kept)?;
        }
        for ((day, purpose, action, outcome), count) in counted {
            tx.queue(COUNT, &[day.into(), purpose.into(), action.into(), outcome.into(), count.into()])?;
        }
    }
    Ok(())
}

/// The accounts of one organisation.
#[derive(Default)]
struct Accounts<'r> {
    kept: Vec<(&'r Rows, &'r Kept)>,
    counted: BTreeMap<(i64, &'r str, &'static str, &'static str), i64>,
}

fn write_kept(tx: &mut Writing<'_>, kept: &[(&Rows, &Kept)]) -> Result<(), Error> {
    let all = || kept.iter().map(|(rows, kept)| (&rows.account.operation, *rows, *kept));
    tx.insert_all(
        ENTRY,
        all().map(|(operation, _, kept)| [(&operation.id).into(), (&kept.data).into(), kept.reference()]),
    )?;
    tx.insert_all(
        BODY,
        all().map(|(operation, _, kept)| {
            [(&operation.id).into(), kept.reference(), (&kept.salt).into(), kept.body.as_bytes().into()]
        }),
    )?;
    tx.insert_all(
        LINEAGE,
        all().map(|(operation, _, kept)| {
            [
                (&operation.id).into(),
                operation.trace.as_bytes().into(),
                kept.reference(),
                kept.lineage.as_bytes().into(),
            ]
        }),
    )?;
    tx.insert_all(
        PROCESSING,
        all().map(|(operation, rows, _)| {
            let Account { ground, outcome, .. } = &rows.account;
            [
                (&operation.id).into(),
                operation.at.into(),
                operation.purpose.as_str().into(),
                ground.map(|ground| ground.version).into(),
                ground.map(|ground| ground.basis.as_str()).into(),
                operation.action.as_str().into(),
                outcome.as_str().into(),
                rows.findings.as_str().into(),
            ]
        }),
    )?;
    tx.insert_all(
        OUTBOX,
        all().map(|(operation, ..)| {
            [(&operation.id).into(), operation.action.as_str().into(), operation.at.into()]
        }),
    )
}

impl Sealer<'_> {
    fn seal(&self, place: &Place<'_>, value: &[u8], mut chance: Chance) -> Result<Sealed, Error> {
        match self {
            Self::Subject(key) => key.seal(place, value, &mut chance),
            Self::Organisation(keys) => keys.newest().seal_in(Compartment::Audit, place, value, &mut chance),
        }
        .map_err(|error| Error::Key(error.to_string()))
    }
}

/// Where a sealed column of ours lies; every table has one, called so.
pub(crate) const fn place<'a>(organisation: OrganisationId, table: &'a str, row: &'a [u8]) -> Place<'a> {
    Place { organisation, table, column: "sealed", row }
}

/// What the run of an operation has written, in the words of OpenLineage 2.0. Its run is the operation and its job the action: when
/// and how it ended stands in the register of processing, by the same id, and need not be sealed twice.
fn lineage(object: Option<&str>) -> Vec<u8> {
    let run = Run { outputs: object.map(|name| [Dataset { name }]) };
    serde_json::to_vec(&run).expect("texts always make JSON")
}

#[derive(Serialize)]
struct Run<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<[Dataset<'a>; 1]>,
}

#[derive(Serialize)]
struct Dataset<'a> {
    name: &'a str,
}
