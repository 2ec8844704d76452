//! What the gate asks, beside the policies: the grounds of purposes.

use tacita_corridor::{Basis, Denied, Ground, Operation};
use tacita_domain::{LawfulBasis, OrganisationId, Purpose, PurposeName};
use tacita_store::{Store, purposes};

use crate::remembered::Remembered;

/// How long a purpose is taken as it was read. The transaction reads it again in any case: what has changed meanwhile is refused
/// there, as an operation that comes too late.
const FRESH_SECONDS: i64 = 1;

/// The grounds of purposes, as they were read last.
#[derive(Clone)]
pub(crate) struct Grounds {
    store: Store,
    remembered: Remembered<(OrganisationId, PurposeName), Option<Purpose>>,
}

impl Grounds {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, remembered: Remembered::new(FRESH_SECONDS) }
    }

    /// Forgets what was read of a purpose: it has changed.
    pub(crate) fn forget(&self, organisation: OrganisationId, name: &PurposeName) {
        self.remembered.forget(|(whose, called), _| *whose == organisation && called == name);
    }

    async fn purpose(&self, operation: &Operation) -> Result<Option<Purpose>, tacita_store::Error> {
        let Operation { organisation, at, .. } = *operation;
        let key = (organisation, operation.purpose.clone());
        if let Some(purpose) = self.remembered.get(&key, at) {
            return Ok(purpose);
        }
        let name = key.1.clone();
        let purpose = self.store.look_up(organisation, move |tx| purposes::current(tx, &name)).await?;
        self.remembered.put(key, purpose.clone(), at);
        Ok(purpose)
    }
}

impl Basis for Grounds {
    async fn ground(&self, operation: &Operation) -> Result<Ground, Denied> {
        match self.purpose(operation).await {
            Ok(Some(Purpose { enabled: false, .. })) => Err(Denied::PurposeOff),
            // Nobody's consent is kept yet, so nobody has given it.
            Ok(Some(Purpose { basis: LawfulBasis::Consent, .. })) => Err(Denied::NoConsent),
            // What leaves counts alone, or aggregates, must not lead to what is kept: nobody could say who saw it.
            Ok(Some(Purpose { class, .. }))
                if operation.action.touches_what_is_kept() && !class.keeps_accounts() =>
            {
                Err(Denied::Class(class))
            }
            Ok(Some(Purpose { version, basis, class, .. })) => Ok(Ground { version, basis, class }),
            Ok(None) => Err(Denied::UnknownPurpose),
            Err(_) => Err(Denied::Unknown),
        }
    }
}
