//! Bringing the schemas of the databases up to date.

use tacita_store::{Steps, doctor};
use tacita_vault::{Root, SecureMemory, Start, system_random};

use crate::{Deployment, OpenError, database_keys::Missing, deployment::Migrate};

impl Deployment {
    /// The steps that the schemas of house and key ring have taken and have still to take; none where nothing is kept yet. Nothing
    /// is written.
    ///
    /// # Errors
    /// When the root key is missing or another one, a database can't be used, or has the schema of a newer version.
    pub fn steps(&self) -> Result<Option<[Steps; 2]>, OpenError> {
        if let Some([house, keyring]) = self.servers()? {
            return doctor::steps(&house, &keyring).map(Some).map_err(OpenError::Store);
        }
        if !self.is_begun()? {
            return Ok(None);
        }
        let memory = SecureMemory::new();
        let root =
            Root::open(&self.root, Start::Again, &memory, &mut system_random).map_err(OpenError::Root)?;
        let [house, keyring] = self.places(&root, &memory, Missing::Refused)?;
        doctor::steps(&house, &keyring).map(Some).map_err(OpenError::Store)
    }

    /// Takes the steps that are missing, whatever the settings say of when; where nothing is kept yet, makes what the first start
    /// makes.
    ///
    /// # Errors
    /// Those of [`Deployment::open`].
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn take_steps(&mut self) -> Result<(), OpenError> {
        self.migrate = Migrate::AtTheStart;
        self.store().map(drop)
    }
}
