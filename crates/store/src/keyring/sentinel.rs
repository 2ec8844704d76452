//! What tells the root key from another one: a sentinel of its own, and the first key that it wraps. The sentinel is there from the
//! first organisation or the first change of the root key on, whichever comes first.

use tacita_domain::OrganisationId;
use tacita_vault::{OrganisationKey, Root, Secret, SecureMemory, UnwrapError, Wrapped};

use super::{first, parse};
use crate::{Chance, Error, Spanning, system_queries};

system_queries! {
    SENTINEL = "SELECT wrapped FROM root_sentinel WHERE name = 'root'";
    SET = "INSERT INTO root_sentinel (name, wrapped) VALUES ('root', $1) \
           ON CONFLICT (name) DO UPDATE SET wrapped = excluded.wrapped";
}

/// By which name the root key wraps it.
const NAME: &str = "key ring";

/// What a key ring has to tell its root key by.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) sentinel: Option<Wrapped>,
    pub(super) first: Option<(OrganisationId, u32, Wrapped)>,
}

impl Known {
    pub(super) fn read(tx: &mut Spanning<'_>) -> Result<Self, Error> {
        Ok(Self { sentinel: sentinel(tx)?, first: first(tx)? })
    }

    /// Whether it is `root`'s.
    pub(super) fn check(&self, root: &Root, memory: &SecureMemory) -> Result<(), UnwrapError> {
        if let Some(sentinel) = &self.sentinel {
            root.unwrap_secret(NAME, sentinel, memory)?;
        }
        if let Some((organisation, version, wrapped)) = &self.first {
            OrganisationKey::unwrap(root, *organisation, *version, wrapped, memory)?;
        }
        Ok(())
    }
}

pub(super) fn sentinel(tx: &mut Spanning<'_>) -> Result<Option<Wrapped>, Error> {
    Ok(tx.query(SENTINEL, &[], |row| parse(row.get(0)?))?.pop())
}

/// A new sentinel of `root`'s.
pub(super) fn wrap(root: &Root, memory: &SecureMemory, mut chance: Chance) -> Result<Wrapped, Error> {
    let secret = Secret::generate(memory, &mut chance);
    root.wrap_secret(NAME, &secret, &mut chance).map_err(|error| Error::Key(error.to_string()))
}

pub(super) fn set(tx: &mut Spanning<'_>, sentinel: &Wrapped) -> Result<(), Error> {
    tx.execute(SET, &[sentinel.as_bytes().into()]).map(drop)
}
