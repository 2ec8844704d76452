//! Counts that a group of operations adds up, and writes once.
//!
//! Rows that many transactions count in would make them wait for each other, and two that count in another order for ever. So
//! each group writes its counts last, in one order.

use std::{collections::BTreeMap, mem};

use tacita_domain::OrganisationId;

/// What is counted: an organisation's operations of a day, by purpose, action and outcome.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Counted {
    pub(crate) organisation: OrganisationId,
    pub(crate) day: i64,
    pub(crate) purpose: Box<str>,
    pub(crate) action: &'static str,
    pub(crate) outcome: &'static str,
}

/// The counts of one transaction.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    kept: BTreeMap<Counted, i64>,
    /// Of the piece of work at hand, which may be taken back.
    open: Vec<Counted>,
}

impl Counts {
    pub(crate) fn add(&mut self, counted: Counted) {
        self.open.push(counted);
    }

    pub(super) fn keep(&mut self) {
        for counted in self.open.drain(..) {
            *self.kept.entry(counted).or_default() += 1;
        }
    }

    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    /// All that were kept, in order; none stay.
    pub(super) fn take(&mut self) -> BTreeMap<Counted, i64> {
        mem::take(&mut self.kept)
    }
}
