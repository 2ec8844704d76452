//! By what a data subject is found: keyed marks of their addresses and numbers, never these themselves.

use tacita_domain::{IdentityKind, OrganisationId, SubjectId};
use tacita_vault::BlindIndex;

use super::{KeyRing, OrganisationKeys};
use crate::{Error, Writing, queries};

queries! {
    FIND = "SELECT subject FROM identities WHERE organisation = $1 AND kind = $2 AND mark = $3";
    INSERT = "INSERT INTO identities (organisation, kind, mark, subject) VALUES ($1, $2, $3, $4)";
}

/// Something by which a data subject is known, normalised so that one person's spellings are one.
#[derive(Clone)]
pub struct Identity {
    /// What it is.
    pub kind: IdentityKind,
    /// The address or number.
    pub value: zeroize::Zeroizing<String>,
}

/// An identity as the key ring has it.
pub(super) struct Mark {
    kind: &'static str,
    mark: BlindIndex,
}

impl Identity {
    pub(super) fn mark(&self, keys: &OrganisationKeys) -> Mark {
        let kind = self.kind.as_str();
        Mark { kind, mark: keys.newest().blind_index(kind, self.value.as_bytes()) }
    }
}

impl Mark {
    pub(super) fn insert(&self, tx: &mut Writing<'_>, subject: SubjectId) -> Result<(), Error> {
        tx.execute(INSERT, &[self.kind.into(), self.mark.as_bytes().into(), (&subject).into()]).map(drop)
    }
}

impl KeyRing {
    /// Whom an identity means.
    ///
    /// # Errors
    /// When the key ring can't answer.
    pub async fn find(
        &self,
        organisation: OrganisationId,
        identity: &Identity,
    ) -> Result<Option<SubjectId>, Error> {
        let Mark { kind, mark } = identity.mark(&*self.organisation(organisation).await?);
        self.database
            .read(organisation, move |tx| {
                tx.query_one(FIND, &[kind.into(), mark.as_bytes().into()], |row| row.get(0))
            })
            .await
    }

    /// Notes that an identity means a data subject. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`Error::Exists`] when it means somebody already.
    pub async fn identify(
        &self,
        organisation: OrganisationId,
        subject: SubjectId,
        identity: &Identity,
    ) -> Result<(), Error> {
        let mark = identity.mark(&*self.organisation(organisation).await?);
        self.database.write(organisation, move |tx| mark.insert(tx, subject)).await
    }
}
