//! Reading the ledger: which operations there were, by what was done, to whom, and how it ended.

use tacita_domain::{OperationId, OrganisationId, Timestamp};
use tacita_vault::{Place, Sealed, SubjectKey};

use crate::{Error, Reading, Row, account::place, keyring, ledger, queries};

queries! {
    LIST = "SELECT b.entry, b.reference, b.sealed, e.position, p.at, p.purpose, p.action, p.outcome \
            FROM ledger_bodies b \
            LEFT JOIN ledger_entries e ON e.organisation = b.organisation AND e.entry = b.entry \
            JOIN processing p ON p.organisation = b.organisation AND p.operation = b.entry \
            WHERE b.organisation = $1 AND b.entry > $2 AND ($3 = '' OR p.action = $3) AND ($4 = '' OR p.outcome = $4) \
            ORDER BY b.entry LIMIT $5";
    REFERRING = "SELECT entry FROM ledger_references WHERE organisation = $1 AND run = $2 AND reference = $3 AND entry > $4 ORDER BY entry";
    WAITING = "SELECT entry FROM ledger_waiting WHERE organisation = $1 AND reference = $2 AND entry > $3 ORDER BY entry";
    LAST_OF = "SELECT entry FROM ledger_entries WHERE organisation = $1 AND position >= $2 AND position < $3 \
               ORDER BY entry DESC LIMIT 1";
    ONE = "SELECT b.entry, b.reference, b.sealed, e.position, p.at, p.purpose, p.action, p.outcome \
           FROM ledger_bodies b \
           LEFT JOIN ledger_entries e ON e.organisation = b.organisation AND e.entry = b.entry \
           JOIN processing p ON p.organisation = b.organisation AND p.operation = b.entry \
           WHERE b.organisation = $1 AND b.entry = $2 AND ($3 = '' OR p.action = $3) AND ($4 = '' OR p.outcome = $4)";
}

/// Runs of places that are looked into at a time: a million entries.
const RUNS: i64 = 256;

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those after this one.
    pub after: Option<OperationId>,
    /// Those of this action.
    pub action: Option<String>,
    /// Those that ended so: `done`, or why not.
    pub outcome: Option<String>,
    /// Those about the data subject with this reference.
    pub reference: Option<[u8; 32]>,
}

/// An entry as it is kept.
#[derive(Debug)]
pub struct Entry {
    /// The operation, whose id is the entry's.
    pub operation: OperationId,
    /// The reference to the data subject whose key sealed it; none where the organisation's did.
    pub reference: Option<[u8; 32]>,
    /// Its body.
    pub sealed: Sealed,
    /// Its place in the log, from 0; none while it waits for one.
    pub position: Option<u64>,
    /// When it was asked for.
    pub at: Timestamp,
    /// What for.
    pub purpose: String,
    /// What was to be done.
    pub action: String,
    /// `done`, or why not.
    pub outcome: String,
}

/// Where the body of an entry is sealed.
#[must_use]
pub const fn sealed_at(organisation: OrganisationId, operation: &OperationId) -> Place<'_> {
    place(organisation, "ledger_bodies", operation.as_bytes())
}

/// Some entries, and after which the next begin.
#[derive(Debug)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// After which entry to go on; none where there are no more. A page may have it and no entries: somebody's are looked for in
    /// so many places at a time.
    pub next: Option<OperationId>,
}

/// Entries, at most `limit`: in the order of their ids, or, where they are about one data subject, in that in which they came into
/// the log, a run of places after the other.
///
/// # Errors
/// [`Error::NotFound`] when there is no entry to go on after; or when the database can't answer.
pub fn list(tx: &mut Reading<'_>, filter: &Filter, limit: u32) -> Result<Page, Error> {
    let after = filter.after.unwrap_or(OperationId::from_bytes([0; 16]));
    let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let (action, outcome) = (text(&filter.action), text(&filter.outcome));
    let Some(reference) = filter.reference else {
        let values = [(&after).into(), action.as_str().into(), outcome.as_str().into(), (limit + 1).into()];
        let mut entries = tx.query(LIST, &values, read)?;
        let has_more = entries.len() > limit as usize;
        entries.truncate(limit as usize);
        let next = entries.last().filter(|_| has_more).map(|entry| entry.operation);
        return Ok(Page { entries, next });
    };
    let mut entries: Vec<Entry> = Vec::new();
    // Adds those that are asked for; says after which to go on where that is enough.
    let mut add = |tx: &mut Reading<'_>, found: Vec<OperationId>| -> Result<Option<OperationId>, Error> {
        for entry in found {
            if entries.len() == limit as usize {
                return Ok(entries.last().map(|entry| entry.operation));
            }
            let values = [(&entry).into(), action.as_str().into(), outcome.as_str().into()];
            entries.extend(tx.query_one(ONE, &values, read)?);
        }
        Ok(None)
    };
    let last = ledger::last_place(tx)?.map_or(-1, ledger::run);
    // In its own run the next are those with later ids; all of later runs come after it.
    let first = match filter.after.map(|after| ledger::position(tx, after)) {
        None => 0,
        Some(Ok(Some(position))) => ledger::run(i64::try_from(position).unwrap_or(i64::MAX)),
        Some(Ok(None)) => last + 1,
        Some(Err(error)) => return Err(error),
    };
    let floor = |run| if run == first { after } else { OperationId::from_bytes([0; 16]) };
    for run in first..=last {
        if run == first + RUNS {
            let [from, to] = [run - 1, run].map(|run| run * ledger::RUN);
            let next = tx.query_one(LAST_OF, &[from.into(), to.into()], |row| row.get(0))?;
            return Ok(Page { entries, next });
        }
        let found =
            tx.query(REFERRING, &[run.into(), (&reference).into(), (&floor(run)).into()], |row| row.get(0))?;
        if let Some(next) = add(tx, found)? {
            return Ok(Page { entries, next: Some(next) });
        }
    }
    let found = tx.query(WAITING, &[(&reference).into(), (&floor(last + 1)).into()], |row| row.get(0))?;
    let next = add(tx, found)?;
    Ok(Page { entries, next })
}

fn read(row: &Row<'_>) -> Result<Entry, Error> {
    let position: Option<i64> = row.get(3)?;
    Ok(Entry {
        operation: row.get(0)?,
        reference: row.get(1)?,
        sealed: Sealed::parse(row.get(2)?)
            .map_err(|_| Error::Corrupt("a body in the ledger is not sealed"))?,
        position: position.and_then(|position| position.try_into().ok()),
        at: row.get(4)?,
        purpose: row.get(5)?,
        action: row.get(6)?,
        outcome: row.get(7)?,
    })
}

/// By which the ledger refers to the data subject of `key`.
///
/// # Errors
/// [`Error::NotFound`] when the key was destroyed meanwhile.
pub fn reference(key: &SubjectKey) -> Result<[u8; 32], Error> {
    keyring::reference(key)
}
