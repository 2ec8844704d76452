//! The words of the field and their rules: pure, without input or output, clock or chance.
//!
//! ```
//! use tacita_domain::{OperationId, Timestamp};
//!
//! let at = Timestamp::from_micros(1_790_000_000_000_000);
//! let id = OperationId::new(at, [7; 10]);
//! assert_eq!(id.to_string().parse(), Ok(id));
//! ```

mod accounts;
mod action;
mod actor;
mod basis;
mod cron;
mod id;
mod identity;
mod jobs;
mod named;
mod purpose;
mod record;
mod scope;
mod time;
mod trace;

pub use accounts::{ChallengeKind, LinkKind, SignInMethod, lock_out_seconds};
pub use action::Action;
pub use actor::{Actor, Role};
pub use basis::{DataClass, LawfulBasis};
pub use cron::{BadCron, Cron};
pub use id::{
    AccountId, AttachmentId, BadId, JobId, OperationId, OrganisationId, PasskeyId, RecordId, SessionId,
    SubjectId, TokenId,
};
pub use identity::{BadIdentity, IdentityKind};
pub use jobs::{Job, JobEvent, JobFailure, JobState, MOST_ATTEMPTS, SCHEDULES, Schedule, back_off};
pub use purpose::{BadPurpose, Purpose, PurposeName};
pub use record::{BadKind, RecordKind};
pub use scope::{BadScope, Scope};
pub use time::Timestamp;
pub use trace::{BadTrace, Trace};
