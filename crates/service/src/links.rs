//! Links that are used once.

use tacita_domain::{AccountId, LinkKind, OrganisationId, Role, Timestamp};
use tacita_store::{
    SystemScope,
    links::{self, Link},
    members,
};
use tacita_vault::{Token, TokenHash};
use zeroize::Zeroizing;

use crate::{Error, Service, accounts::hash_of};

/// How long the link of the first owner counts.
const OWNER_SECONDS: i64 = 24 * 60 * 60;
/// How long an invitation counts.
const INVITATION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// A link, the only time that it is shown.
#[derive(Debug)]
pub struct NewLink {
    /// What is to be given back by whoever uses it.
    pub secret: Zeroizing<String>,
    /// Until when it counts.
    pub expires: Timestamp,
}

impl Service {
    /// A link by which the first owner makes their account; none where there is an owner. Those that were made before are worth
    /// nothing from then on.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn owner_link(&self) -> Result<Option<NewLink>, Error> {
        if self.store.span(SystemScope::SignIn, members::any_owner).await? {
            return Ok(None);
        }
        let member_of = match &self.organisations().await?[..] {
            [] => None,
            [(only, _)] => Some(*only),
            _ => {
                return Err(Error::Invalid(
                    "there are several organisations without an owner: make one with `tacita members invite --role owner`"
                        .to_owned(),
                ));
            }
        };
        self.make_link((LinkKind::Owner, member_of, Role::Owner, None), OWNER_SECONDS).await.map(Some)
    }

    /// A link by which somebody becomes a member of an organisation.
    pub(crate) async fn invitation(
        &self,
        organisation: OrganisationId,
        role: Role,
        inviter: Option<AccountId>,
    ) -> Result<NewLink, Error> {
        let invitation = (LinkKind::Invitation, Some(organisation), role, inviter);
        self.make_link(invitation, INVITATION_SECONDS).await
    }

    async fn make_link(
        &self,
        (kind, member_of, role, account): (LinkKind, Option<OrganisationId>, Role, Option<AccountId>),
        seconds: i64,
    ) -> Result<NewLink, Error> {
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let secret = Token::generate(&mut chance);
        let (hash, created) = (TokenHash::of(&secret), self.now());
        let expires = created.after_seconds(seconds);
        let link = Link { kind, account, member_of, role: Some(role), created, expires };
        let keep = move |tx: &mut tacita_store::Writing<'_>| {
            if link.kind == LinkKind::Owner {
                links::withdraw(tx, LinkKind::Owner, created)?;
            }
            links::insert(tx, &link, &hash)
        };
        self.store.write_within(OrganisationId::PLATFORM, keep).await?;
        Ok(NewLink { secret: secret.expose(), expires })
    }

    /// Uses a link up.
    pub(crate) async fn take_link(&self, hash: TokenHash) -> Result<(), Error> {
        let at = self.now();
        let take = move |tx: &mut tacita_store::Writing<'_>| links::take(tx, &hash, at);
        Ok(self.store.write_within(OrganisationId::PLATFORM, take).await?)
    }

    /// What a link is for that can still be used.
    pub(crate) async fn link(&self, secret: &str) -> Result<(TokenHash, Link), Error> {
        let (hash, now) = (hash_of(secret.trim()).ok_or(Error::NotFound)?, self.now());
        let find = move |tx: &mut tacita_store::Reading<'_>| links::find(tx, &hash, now);
        let link = self.store.look_up(OrganisationId::PLATFORM, find).await?;
        Ok((hash, link.ok_or(Error::NotFound)?))
    }
}
