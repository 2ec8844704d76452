//! Who does something.

use std::fmt;

use crate::{AccountId, SubjectId, TokenId, named::named};

/// Who asks for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A service with a token of its own, in a role.
    Service(TokenId, Role),
    /// A member of the organisation who has signed in, in a role.
    Member(AccountId, Role),
    /// The data subject.
    Subject(SubjectId),
    /// Tacita itself: a job, named.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(token, role) => write!(f, "{role}:{token}"),
            Self::Member(account, role) => write!(f, "{role}:{account}"),
            Self::Subject(subject) => write!(f, "subject:{subject}"),
            Self::System(job) => write!(f, "system:{job}"),
        }
    }
}

named! {
    /// What somebody is to the organisation.
    Role {
        /// Answers for the organisation: does all that an officer does, and decides who is a member and in which role.
        Owner = "owner",
        /// The privacy officer: does all that touches the rights of data subjects.
        Officer = "officer",
        /// Finds and redacts, and sees what is counted; never a record.
        Analyst = "analyst",
        /// Reads the ledger, never a record.
        Auditor = "auditor",
        /// Reads and writes records.
        Member = "member",
        /// A program that reads and writes records.
        Service = "service",
    }
}
