//! Leave to do one operation.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::{Account, Egress, Ground, Operation, Outcome, Reason, Recipient, Refusal};

/// What is told when a passage is dropped.
type Abandoned = Box<dyn FnOnce(Refusal) + Send + Sync>;

/// Leave to do one operation. Only the [`Gate`](crate::Gate) makes one.
pub struct Passage {
    /// Taken when it is settled.
    inner: Option<Inner>,
    /// Whom values were handed to so far.
    recipients: Mutex<Vec<Recipient>>,
}

struct Inner {
    operation: Operation,
    ground: Ground,
    findings: BTreeMap<Box<str>, u64>,
    abandoned: Abandoned,
}

impl Passage {
    pub(crate) fn new(operation: Operation, ground: Ground, abandoned: Abandoned) -> Self {
        let inner = Inner { operation, ground, findings: BTreeMap::new(), abandoned };
        Self { inner: Some(inner), recipients: Mutex::default() }
    }

    /// What may be done.
    #[must_use]
    pub fn operation(&self) -> &Operation {
        &self.inner().operation
    }

    /// On which ground.
    #[must_use]
    pub fn ground(&self) -> Ground {
        self.inner().ground
    }

    /// Notes that `count` values of a type of personal data were found in what passes.
    pub fn found(&mut self, kind: &str, count: u64) {
        let inner = self.inner.as_mut().expect("only settling takes it, and that ends the passage");
        *inner.findings.entry(kind.into()).or_default() += count;
    }

    /// Leave to hand values to `recipient`, which the account will name.
    pub fn egress(&self, recipient: Recipient) -> Egress<'_> {
        self.recipients.lock().unwrap_or_else(PoisonError::into_inner).push(recipient.clone());
        Egress::new(self, recipient)
    }

    /// Ends the passage with what is to be recorded of it. For the store alone, which writes it in the transaction of the data.
    #[must_use]
    pub fn settle(mut self, outcome: Outcome) -> Account {
        let Inner { operation, ground, findings, .. } =
            self.inner.take().expect("only settling takes it, and that ends the passage");
        let mut recipients =
            std::mem::take(&mut *self.recipients.lock().unwrap_or_else(PoisonError::into_inner));
        recipients.sort_unstable();
        recipients.dedup();
        Account { operation, ground: Some(ground), findings, recipients, outcome }
    }

    fn inner(&self) -> &Inner {
        self.inner.as_ref().expect("only settling takes it, and that ends the passage")
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(Inner { operation, ground, abandoned, .. }) = self.inner.take() {
            abandoned(Refusal { operation, ground: Some(ground), reason: Reason::Abandoned });
        }
    }
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passage").field("operation", self.operation()).finish_non_exhaustive()
    }
}
