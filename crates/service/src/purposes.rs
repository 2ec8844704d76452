//! Purposes.

use tacita_domain::{DataClass, LawfulBasis, OrganisationId, Purpose, PurposeName};
use tacita_store::purposes;

use crate::{
    Error, Service,
    organisations::{ADMINISTRATION, AUDIT},
};

impl Service {
    /// Sets a purpose. Where it changes, that is a new version.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn set_purpose(
        &self,
        organisation: OrganisationId,
        name: PurposeName,
        basis: LawfulBasis,
        class: DataClass,
        enabled: bool,
    ) -> Result<Purpose, Error> {
        if [AUDIT, ADMINISTRATION].contains(&name.as_str()) {
            return Err(Error::Invalid(format!(
                "`{name}` is built in: who reads the ledger and who administers always leaves an account"
            )));
        }
        let at = self.now();
        let forgotten = name.clone();
        let purpose = self
            .store
            .write_within(organisation, move |tx| {
                let current = purposes::current(tx, &name)?;
                let version = current.as_ref().map_or(1, |purpose| purpose.version + 1);
                let purpose = Purpose { name: name.clone(), version, basis, class, enabled };
                match current {
                    Some(current) if current == (Purpose { version: current.version, ..purpose.clone() }) => {
                        Ok(current)
                    }
                    _ => purposes::insert(tx, &purpose, at).map(|()| purpose),
                }
            })
            .await?;
        self.grounds.forget(organisation, &forgotten);
        Ok(purpose)
    }

    /// Every purpose of an organisation as it stands.
    ///
    /// # Errors
    /// When the store can't answer.
    pub async fn purposes(&self, organisation: OrganisationId) -> Result<Vec<Purpose>, Error> {
        Ok(self.store.look_up(organisation, purposes::all).await?)
    }
}
