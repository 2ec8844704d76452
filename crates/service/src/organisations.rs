//! Organisations.

use tacita_domain::{DataClass, LawfulBasis, OrganisationId, Purpose};
use tacita_store::{SystemScope, organisations, purposes};

use crate::{Error, Service};

/// The purpose of reading the ledger: an organisation has to be able to show what it did (GDPR Art. 5(2)).
pub(crate) const AUDIT: &str = "audit";
/// The purpose of administration: who decides what has to be shown, too (Art. 5(2), 24(1)).
pub(crate) const ADMINISTRATION: &str = "administration";
/// Longest name, in characters.
const LONGEST: usize = 200;

/// A new organisation.
#[derive(Debug)]
pub struct Founded {
    /// Its id.
    pub organisation: OrganisationId,
}

impl Service {
    /// Makes an organisation: its keys, then itself, with the purposes of being audited and administered.
    ///
    /// # Errors
    /// When the name is none, or it can't be written.
    pub async fn found_organisation(&self, name: &str) -> Result<Founded, Error> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
            return Err(Error::Invalid(format!(
                "not an organisation's name: give 1 to {LONGEST} characters without control characters"
            )));
        }
        let at = self.now();
        let organisation = OrganisationId::new(at, self.store.random());
        // Keys first: what was founded can always be sealed. Keys of an organisation that was not are of no use to anybody.
        self.store.ring().found(organisation, at).await?;
        let built_in = [AUDIT, ADMINISTRATION].map(|name| Purpose {
            name: name.parse().expect("it is a name"),
            version: 1,
            basis: LawfulBasis::LegalObligation,
            class: DataClass::Operational,
            enabled: true,
        });
        self.store
            .write_spanning(SystemScope::Found, move |tx| {
                organisations::insert(tx, organisation, &name, at)?;
                let mut tx = tx.within(organisation);
                built_in.iter().try_for_each(|purpose| purposes::insert(&mut tx, purpose, at))
            })
            .await?;
        Ok(Founded { organisation })
    }

    /// Every organisation with its name.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn organisations(&self) -> Result<Vec<(OrganisationId, String)>, Error> {
        Ok(self.store.span(SystemScope::Doctor, organisations::all).await?)
    }
}
