//! Organisations.

use tacita_domain::{DataClass, LawfulBasis, OrganisationId, Purpose, Timestamp};
use tacita_store::{SystemScope, organisations, purposes};

use crate::{Error, Service};

/// The purpose of reading the ledger: an organisation has to be able to show what it did (GDPR Art. 5(2)).
pub(crate) const AUDIT: &str = "audit";
/// The purpose of letting people in: what an account holds, and who has signed in to it. The platform's alone.
pub(crate) const SIGN_IN: &str = "sign-in";
/// The purpose of administration: who decides what, and who belongs here, has to be shown, too (Art. 5(2), 24(1)).
pub(crate) const ADMINISTRATION: &str = "administration";
/// What the platform is called where organisations are listed.
const PLATFORM: &str = "platform";
/// Longest name, in characters.
const LONGEST: usize = 200;

/// What every organisation processes data for: an organisation has to be able to show what it did (GDPR Art. 5(2)), and who did it.
const BUILT_IN: [(&str, LawfulBasis, DataClass); 2] = [
    (AUDIT, LawfulBasis::LegalObligation, DataClass::Operational),
    (ADMINISTRATION, LawfulBasis::LegalObligation, DataClass::Operational),
];

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
        self.found(organisation, name, at, &BUILT_IN).await?;
        Ok(Founded { organisation })
    }

    /// Makes the platform, whose data subjects are those who have accounts, where there is none yet. To be called before anybody
    /// signs in.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn found_platform(&self) -> Result<(), Error> {
        let known = self.store.span(SystemScope::Found, organisations::all).await?;
        if known.iter().any(|(organisation, _)| *organisation == OrganisationId::PLATFORM) {
            return Ok(());
        }
        let purposes = [BUILT_IN[0], (SIGN_IN, LawfulBasis::Contract, DataClass::Personal)];
        let found = self.found(OrganisationId::PLATFORM, PLATFORM.to_owned(), self.now(), &purposes);
        match found.await {
            // Another process was first.
            Ok(()) | Err(Error::Exists) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn found(
        &self,
        organisation: OrganisationId,
        name: String,
        at: Timestamp,
        built_in: &[(&str, LawfulBasis, DataClass)],
    ) -> Result<(), Error> {
        // Keys first: what was founded can always be sealed. Keys of an organisation that was not are of no use to anybody, but for
        // those of the platform, which were to be made again.
        match self.store.ring().found(organisation, at).await {
            Err(tacita_store::Error::Exists) if organisation == OrganisationId::PLATFORM => {}
            founded => founded?,
        }
        let purposes: Vec<_> = built_in
            .iter()
            .map(|&(name, basis, class)| {
                let name = name.parse().expect("it is a name");
                Purpose { name, version: 1, basis, class, enabled: true }
            })
            .collect();
        self.store
            .write_spanning(SystemScope::Found, move |tx| {
                organisations::insert(tx, organisation, &name, at)?;
                let tx = &mut tx.within(organisation);
                purposes.iter().try_for_each(|purpose| purposes::insert(tx, purpose, at))
            })
            .await?;
        Ok(())
    }

    /// Every organisation with its name; the platform, which is none, is left out.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn organisations(&self) -> Result<Vec<(OrganisationId, String)>, Error> {
        let mut all = self.organisations_and_platform().await?;
        all.retain(|(organisation, _)| *organisation != OrganisationId::PLATFORM);
        Ok(all)
    }

    /// The same with the platform, which has keys, a ledger and jobs like the others.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn organisations_and_platform(&self) -> Result<Vec<(OrganisationId, String)>, Error> {
        Ok(self.store.span(SystemScope::Doctor, organisations::all).await?)
    }
}
