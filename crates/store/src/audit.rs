//! Reading the ledger: which operations there were, by what was done, to whom, and how it ended.

use tacita_domain::{OperationId, OrganisationId, SubjectId, Timestamp};
use tacita_vault::{Place, Sealed, SubjectKey};

use crate::{Error, Reading, account::place, keyring, queries};

queries! {
    LIST = "SELECT b.entry, b.reference, b.sealed, e.position, p.at, p.purpose, p.action, p.outcome \
            FROM ledger_bodies b \
            LEFT JOIN ledger_entries e ON e.organisation = b.organisation AND e.entry = b.entry \
            JOIN processing p ON p.organisation = b.organisation AND p.operation = b.entry \
            WHERE b.organisation = $1 AND b.entry > $2 AND ($3 = '' OR p.action = $3) AND ($4 = '' OR p.outcome = $4) \
            ORDER BY b.entry LIMIT $5";
    LIST_OF = "SELECT b.entry, b.reference, b.sealed, e.position, p.at, p.purpose, p.action, p.outcome \
               FROM (SELECT item FROM holdings WHERE organisation = $1 AND subject = $6 AND kind = 'entry' AND item > $2 UNION ALL \
               SELECT item FROM new_holdings WHERE organisation = $1 AND item > $2 AND kind = 'entry' AND subject = $6) h \
               JOIN ledger_bodies b ON b.entry = h.item \
               LEFT JOIN ledger_entries e ON e.organisation = b.organisation AND e.entry = b.entry \
               JOIN processing p ON p.organisation = b.organisation AND p.operation = b.entry \
               WHERE b.organisation = $1 AND b.entry > $2 AND ($3 = '' OR p.action = $3) AND ($4 = '' OR p.outcome = $4) \
               ORDER BY b.entry LIMIT $5";
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those after this one.
    pub after: Option<OperationId>,
    /// Those of this action.
    pub action: Option<String>,
    /// Those that ended so: `done`, or why not.
    pub outcome: Option<String>,
    /// Those about this data subject.
    pub subject: Option<SubjectId>,
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

/// Entries in the order of their ids, at most `limit`.
///
/// # Errors
/// When the database can't answer.
pub fn list(tx: &mut Reading<'_>, filter: &Filter, limit: u32) -> Result<Vec<Entry>, Error> {
    let after = filter.after.unwrap_or(OperationId::from_bytes([0; 16]));
    let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let (action, outcome) = (text(&filter.action), text(&filter.outcome));
    let mut values = vec![(&after).into(), action.as_str().into(), outcome.as_str().into(), limit.into()];
    let query = match &filter.subject {
        Some(subject) => {
            values.push(subject.into());
            LIST_OF
        }
        None => LIST,
    };
    tx.query(query, &values, |row| {
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
    })
}

/// By which the ledger refers to the data subject of `key`.
///
/// # Errors
/// [`Error::NotFound`] when the key was destroyed meanwhile.
pub fn reference(key: &SubjectKey) -> Result<[u8; 32], Error> {
    keyring::reference(key)
}
