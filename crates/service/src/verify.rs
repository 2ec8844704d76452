//! Verifying the deployment's own logs, by keys that somebody brings.

use tacita_domain::OrganisationId;
use tacita_ledger::{checkpoint::Verifiers, verify::Seen};
use tacita_store::verify;

use crate::{Error, Service};

pub use tacita_store::verify::{Fault as LogFault, Verified as VerifiedLog};

impl Service {
    /// Verifies the log of an organisation as it lies in the database; none where there is none yet. It must continue every
    /// checkpoint in `seen`.
    ///
    /// # Errors
    /// When the store can't answer. What is wrong with the log is the inner error.
    pub async fn verify_log(
        &self,
        organisation: OrganisationId,
        verifiers: Verifiers,
        seen: Vec<Seen>,
    ) -> Result<Result<Option<VerifiedLog>, LogFault>, Error> {
        Ok(self.store.look_up(organisation, move |tx| verify::log(tx, &verifiers, seen.clone())).await?)
    }
}
