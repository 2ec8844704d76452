//! What is to be done.

use tacita_domain::{Action, Actor, OperationId, OrganisationId, PurposeName, SubjectId, Timestamp, Trace};

/// One thing that somebody wants done to personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its id: that of its entry in the ledger and of its run in the lineage, too.
    pub id: OperationId,
    /// Whose data it is, as controller.
    pub organisation: OrganisationId,
    /// What is done.
    pub action: Action,
    /// What for.
    pub purpose: PurposeName,
    /// Whom the data is about; none where it is about nobody in particular.
    pub subject: Option<SubjectId>,
    /// Who wants it.
    pub actor: Actor,
    /// What it belongs to.
    pub trace: Trace,
    /// When it was asked for.
    pub at: Timestamp,
}
