//! What the databases of a deployment are like, for whoever looks after it. Nothing is written.

use std::thread;

use tacita_domain::{OrganisationId, Timestamp};
use tacita_vault::{Root, SecureMemory};

use crate::{
    Error, Facts, OrganisationKeys, Place, Steps,
    database::Candidate,
    epoch,
    keyring::{self, wrapped_keys, wrapped_secrets},
    ledger::{self, Log, Standing},
    organisations,
    scope::{Used, used},
    store,
};

/// The two databases of a deployment, which were looked at.
struct Examined {
    house: Candidate,
    keyring: Candidate,
}

/// How the ledger of an organisation stands.
#[derive(Debug)]
pub struct Ledger {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// How it stands.
    pub standing: Standing,
    /// Why its last checkpoint is not one of ours, or not of what is kept; or why its keys don't open.
    pub wrong: Option<String>,
}

/// Lets `work` wait on a thread of its own: those of a runtime must not.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or(Err(Error::Panicked))
}

/// The steps that the schemas of house and key ring have taken and have still to take.
///
/// # Errors
/// When a database can't be used, or has the schema of a newer version.
pub fn steps(house: &Place, keyring: &Place) -> Result<[Steps; 2], Error> {
    apart(|| {
        Ok([
            Candidate::look(house, &store::MIGRATIONS)?.steps(),
            Candidate::look(keyring, &keyring::MIGRATIONS)?.steps(),
        ])
    })
}

/// What house and key ring are like, or why one can't be used.
pub fn facts(house: &Place, keyring: &Place) -> [Result<Facts, Error>; 2] {
    [(house, &store::MIGRATIONS), (keyring, &keyring::MIGRATIONS)]
        .map(|(place, migrations)| apart(|| Candidate::look(place, migrations)?.facts()))
}

/// How often each reason to work across organisations was used in the hours from that of `since` on.
///
/// # Errors
/// When the house can't be used.
pub fn uses(house: &Place, since: Timestamp) -> Result<Vec<Used>, Error> {
    apart(|| {
        let mut house = Candidate::look(house, &store::MIGRATIONS)?;
        match house.steps().missing.is_empty() {
            true => Ok(house.ask(|tx| used(tx, since))?.unwrap_or_default()),
            false => Ok(Vec::new()),
        }
    })
}

/// The ledger of each organisation.
///
/// # Errors
/// When a database can't be used.
pub fn ledgers(
    house: &Place,
    keyring: &Place,
    root: &Root,
    memory: &SecureMemory,
) -> Result<Vec<Ledger>, Error> {
    apart(|| {
        let mut examined = Examined {
            house: Candidate::look(house, &store::MIGRATIONS)?,
            keyring: Candidate::look(keyring, &keyring::MIGRATIONS)?,
        };
        let all = examined.house.ask(organisations::all)?.unwrap_or_default();
        all.into_iter().map(|(organisation, _)| examined.ledger(organisation, root, memory)).collect()
    })
}

impl Examined {
    fn ledger(
        &mut self,
        organisation: OrganisationId,
        root: &Root,
        memory: &SecureMemory,
    ) -> Result<Ledger, Error> {
        let Self { house, keyring } = self;
        let standing = house.ask(|tx| {
            let mut tx = tx.within(organisation);
            Ok((ledger::standing(&mut tx)?, epoch::current(&mut tx)?))
        });
        let (standing, epoch) = standing?.ok_or(Error::NotFound)?;
        let keys = keyring.ask(|tx| {
            let mut tx = tx.within(organisation);
            Ok((wrapped_keys(&mut tx)?, wrapped_secrets(&mut tx)?))
        });
        let log = keys.map(Option::unwrap_or_default).and_then(|(versions, secrets)| {
            let keys = OrganisationKeys::open(root, organisation, versions, secrets, memory)?;
            Log::of(organisation, epoch, &keys)
        });
        let verified = log.and_then(|log| {
            house.ask(|tx| ledger::verify_newest(&mut tx.within(organisation), &log)).map(drop)
        });
        Ok(Ledger { organisation, standing, wrong: verified.err().map(|error| error.to_string()) })
    }
}
