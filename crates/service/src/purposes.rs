//! Purposes.

use tacita_domain::{Action, DataClass, LawfulBasis, Purpose, PurposeName};
use tacita_store::purposes;

use crate::{
    Caller, Error, Service,
    organisations::{ADMINISTRATION, AUDIT},
};

impl Service {
    /// Sets a purpose. Where it changes, that is a new version.
    ///
    /// # Errors
    /// When it is refused, the purpose is built in, or it can't be written.
    pub async fn set_purpose(
        &self,
        caller: &Caller,
        name: PurposeName,
        basis: LawfulBasis,
        class: DataClass,
        enabled: bool,
    ) -> Result<Purpose, Error> {
        let passage = self.administer(caller, Action::PurposeSet).await?;
        if [AUDIT, ADMINISTRATION].contains(&name.as_str()) {
            return Err(Error::Invalid(format!(
                "`{name}` is built in: reading the ledger and administration always leave an account"
            )));
        }
        let at = self.now();
        let forgotten = name.clone();
        let object = format!("purpose/{name}");
        let (purpose, _) = self
            .store
            .commit(passage, Some(object), move |tx| {
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
        self.grounds.forget(caller.organisation, &forgotten);
        Ok(purpose)
    }

    /// Every purpose of the caller's organisation as it stands.
    ///
    /// # Errors
    /// When it is refused, or the store can't answer.
    pub async fn purposes(&self, caller: &Caller) -> Result<Vec<Purpose>, Error> {
        self.permit(caller, Action::PurposeList).await?;
        Ok(self.store.look_up(caller.organisation, purposes::all).await?)
    }
}
