//! What is recorded of an operation.

use std::collections::BTreeMap;

use serde::Serialize;
use tacita_domain::OperationId;

use crate::{Decision, Ground, Operation, Reason, Recipient, Refusal};

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not, and nothing of it stays.
    Refused(Reason),
}

impl Outcome {
    /// Its name in the ledger.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(reason) => reason.as_str(),
        }
    }
}

/// What is recorded of an operation, whatever its outcome. No value of personal data is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What was to be done.
    pub operation: Operation,
    /// What the policies said, where they could be asked.
    pub decision: Option<Decision>,
    /// On which ground, where it got so far.
    pub ground: Option<Ground>,
    /// How many values of which types passed.
    pub findings: BTreeMap<Box<str>, u64>,
    /// Whom values were handed to, beside the one who asked.
    pub recipients: Vec<Recipient>,
    /// How it ended.
    pub outcome: Outcome,
}

impl From<Refusal> for Account {
    fn from(Refusal { operation, decision, ground, reason }: Refusal) -> Self {
        Self {
            operation,
            decision,
            ground,
            findings: BTreeMap::new(),
            recipients: Vec::new(),
            outcome: Outcome::Refused(reason),
        }
    }
}

/// The entry of the ledger, as it is written. The field order is its form: readers of old entries rely on it.
#[derive(Serialize)]
struct Body<'a> {
    version: u8,
    operation: String,
    at: i64,
    action: &'a str,
    purpose: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    purpose_version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<&'a str>,
    actor: String,
    trace: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a str>,
    outcome: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    findings: &'a BTreeMap<Box<str>, u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    recipients: Vec<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    policies: &'a [Box<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_set: Option<String>,
}

impl Account {
    /// The body of the entry in the ledger, as JSON, before it is sealed. `subject` is the reference to the data subject that
    /// goes with its key, never its id; `object` names what was touched.
    #[must_use]
    pub fn body(&self, subject: Option<String>, object: Option<&str>) -> Vec<u8> {
        let Operation { id, action, purpose, actor, trace, at, .. } = &self.operation;
        let body = Body {
            version: 1,
            operation: id.to_string(),
            at: at.micros(),
            action: action.as_str(),
            purpose: purpose.as_str(),
            purpose_version: self.ground.map(|ground| ground.version),
            basis: self.ground.map(|ground| ground.basis.as_str()),
            actor: actor.to_string(),
            trace: trace.to_string(),
            subject,
            object,
            outcome: self.outcome.as_str(),
            findings: &self.findings,
            recipients: self.recipients.iter().map(ToString::to_string).collect(),
            policies: self.decision.as_ref().map_or(&[], Decision::policies),
            policy_set: self.decision.as_ref().map(|decision| decision.set().to_string()),
        };
        serde_json::to_vec(&body).expect("strings and numbers always make JSON")
    }
}

/// Proof that an operation and its account are on disk.
#[derive(Debug)]
pub struct Committed {
    operation: OperationId,
}

impl Committed {
    pub(crate) const fn new(operation: OperationId) -> Self {
        Self { operation }
    }

    /// Which operation: its entry in the ledger has this id.
    #[must_use]
    pub const fn operation(&self) -> OperationId {
        self.operation
    }
}
