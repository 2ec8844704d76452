//! Who does something.

use std::fmt;

use crate::{SubjectId, TokenId, named::named};

/// Who asks for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A service with a token of its own, in a role.
    Service(TokenId, Role),
    /// The data subject.
    Subject(SubjectId),
    /// Tacita itself: a job, named.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(token, role) => write!(f, "{role}:{token}"),
            Self::Subject(subject) => write!(f, "subject:{subject}"),
            Self::System(job) => write!(f, "system:{job}"),
        }
    }
}

named! {
    /// What somebody is to the organisation.
    Role {
        /// Reads and writes records.
        Service = "service",
        /// May do all that touches the rights of data subjects.
        Officer = "officer",
        /// Reads the ledger, never a record.
        Auditor = "auditor",
    }
}
