//! Leave to do one operation.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::{Account, Committed, Decision, Egress, Ground, Operation, Outcome, Reason, Recipient, Refusal};

/// What is told when a passage is dropped.
type Abandoned = Box<dyn FnOnce(Refusal) + Send + Sync>;

/// Leave to do one operation. Only the [`Gate`](crate::Gate) makes one.
pub struct Passage {
    /// Taken at its end.
    inner: Option<Inner>,
    /// Whom values were handed to so far.
    recipients: Mutex<Vec<Recipient>>,
}

struct Inner {
    operation: Operation,
    decision: Decision,
    ground: Ground,
    findings: BTreeMap<Box<str>, u64>,
    mark: Option<[u8; 32]>,
    abandoned: Abandoned,
}

impl Passage {
    pub(crate) fn new(
        operation: Operation,
        decision: Decision,
        ground: Ground,
        abandoned: Abandoned,
    ) -> Self {
        let inner = Inner { operation, decision, ground, findings: BTreeMap::new(), mark: None, abandoned };
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

    /// Notes by which mark the request is known if it is sent again.
    pub fn marked(&mut self, mark: Option<[u8; 32]>) {
        self.inner.as_mut().expect("only its end takes it").mark = mark;
    }

    /// By which mark the request is known if it is sent again.
    #[must_use]
    pub fn mark(&self) -> Option<[u8; 32]> {
        self.inner().mark
    }

    /// Notes that `count` values of a type of personal data were found in what passes.
    pub fn found(&mut self, kind: &str, count: u64) {
        let inner = self.inner.as_mut().expect("only its end takes it");
        *inner.findings.entry(kind.into()).or_default() += count;
    }

    /// Leave to hand values to `recipient`, which the account will name.
    pub fn egress(&self, recipient: Recipient) -> Egress<'_> {
        self.recipients.lock().unwrap_or_else(PoisonError::into_inner).push(recipient.clone());
        Egress::new(self, recipient)
    }

    /// What is to be recorded once it is done.
    #[must_use]
    pub fn account(&self) -> Account {
        let Inner { operation, decision, ground, findings, .. } = self.inner();
        let mut recipients = self.recipients.lock().unwrap_or_else(PoisonError::into_inner).clone();
        recipients.sort_unstable();
        recipients.dedup();
        Account {
            operation: operation.clone(),
            decision: Some(decision.clone()),
            ground: Some(*ground),
            findings: findings.clone(),
            recipients,
            outcome: Outcome::Done,
        }
    }

    /// Ends the passage: it is done, and its account is on disk. For the store alone, after its commit.
    #[must_use]
    pub fn committed(mut self) -> Committed {
        let Inner { operation, .. } = self.take();
        Committed::new(operation.id)
    }

    /// Ends the passage: it was not done, and nothing of it stays. For the store alone, which records that.
    #[must_use]
    pub fn refused(mut self, reason: Reason) -> Refusal {
        let Inner { operation, decision, ground, .. } = self.take();
        Refusal { operation, decision: Some(decision), ground: Some(ground), reason }
    }

    fn take(&mut self) -> Inner {
        self.inner.take().expect("only its end takes it")
    }

    fn inner(&self) -> &Inner {
        self.inner.as_ref().expect("only its end takes it")
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(Inner { operation, decision, ground, abandoned, .. }) = self.inner.take() {
            let (decision, ground) = (Some(decision), Some(ground));
            abandoned(Refusal { operation, decision, ground, reason: Reason::Abandoned });
        }
    }
}

impl fmt::Debug for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passage").field("operation", self.operation()).finish_non_exhaustive()
    }
}
