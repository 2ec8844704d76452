//! By what a data subject is found: keyed marks of their addresses and numbers, never these themselves.

use tacita_domain::{OrganisationId, SubjectId};

use super::KeyRing;
use crate::{Error, queries};

queries! {
    FIND = "SELECT subject FROM identities WHERE organisation = $1 AND kind = $2 AND mark = $3";
    INSERT = "INSERT INTO identities (organisation, kind, mark, subject) VALUES ($1, $2, $3, $4)";
}

/// Something by which a data subject is known, normalised so that one person's spellings are one.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// What it is, such as `email`.
    pub kind: &'static str,
    /// The address or number.
    pub value: zeroize::Zeroizing<String>,
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
        let keys = self.organisation(organisation).await?;
        let kind = identity.kind;
        let mark = keys.newest().blind_index(kind, identity.value.as_bytes());
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
        let keys = self.organisation(organisation).await?;
        let kind = identity.kind;
        let mark = keys.newest().blind_index(kind, identity.value.as_bytes());
        self.database
            .write(organisation, move |tx| {
                tx.execute(INSERT, &[kind.into(), mark.as_bytes().into(), (&subject).into()]).map(drop)
            })
            .await
    }
}
