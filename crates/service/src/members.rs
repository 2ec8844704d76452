//! Members of an organisation: invited, listed, given another role, removed.

use tacita_corridor::Passage;
use tacita_domain::{AccountId, Action, LinkKind, OrganisationId, Role, Timestamp, Trace};
use tacita_store::{
    Writing,
    links::Link,
    members::{self, sealed_at},
};

use crate::{
    Caller, Error, NewLink, Profile, Service,
    accounts::{decoded, encoded},
    organisations::ADMINISTRATION,
};

/// What the organisation is called that the first owner does not name.
const FIRST: &str = "Default";

/// A member, given out to those who may see them.
#[derive(Debug)]
pub struct Member {
    /// Whose account it is.
    pub account: AccountId,
    /// What they are to the organisation.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
    /// What the organisation knows of them.
    pub profile: Profile,
}

impl Service {
    /// Every member of an organisation.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn members(&self, caller: &Caller) -> Result<Vec<Member>, Error> {
        let passage = self.admit_administration(caller, Action::MemberList, None).await?;
        let stored = self.store.read(&passage, members::all).await?;
        let mut opened = Vec::with_capacity(stored.len());
        for member in stored {
            let key = self.store.ring().subject(caller.organisation, member.account.subject()).await?;
            let place = sealed_at(caller.organisation, &member.account);
            let profile = key
                .open(&passage, &place, &member.profile)
                .map_err(|_| tacita_store::Error::Corrupt("the profile of a member does not open"))?;
            opened.push((member, profile));
        }
        let ((), committed) = self.store.commit(passage, Some("members".to_owned()), |_| Ok(())).await?;
        let members = opened.into_iter().map(|(member, profile)| {
            let profile = decoded(profile.release(&committed)?)?;
            let members::Member { account, role, since, .. } = member;
            Ok(Member { account, role, since, profile })
        });
        members.collect()
    }

    /// A link by which somebody becomes a member, in a role.
    ///
    /// # Errors
    /// When it is refused, or no person has this role.
    pub async fn invite(&self, caller: &Caller, role: Role) -> Result<NewLink, Error> {
        let passage = self.admit_administration(caller, Action::MemberInvite, None).await?;
        personal(role)?;
        let link = self.invitation(caller.organisation, role).await?;
        self.note_attempt(passage, &format!("invitation/{role}")).await?;
        Ok(link)
    }

    /// Has somebody who is signed in become a member, by an invitation.
    ///
    /// # Errors
    /// When the link is worth nothing (any more), or they are one already.
    pub async fn accept_invitation(
        &self,
        account: AccountId,
        link: &str,
        organisation: Option<&str>,
        trace: Trace,
    ) -> Result<OrganisationId, Error> {
        let (hash, link) = self.link(link).await?;
        let mut known = self.read_account(account, trace).await?;
        if let Some(theirs) = link.member_of
            && self.role_in(theirs, account).await?.is_some()
        {
            return Err(Error::Exists);
        }
        self.take_link(hash).await?;
        let profile = Profile {
            email: std::mem::take(&mut known.profile.email),
            name: std::mem::take(&mut known.profile.name),
        };
        self.join_by(&link, account, &profile, organisation, trace).await
    }

    /// Makes somebody a member by a link that was taken. The first owner's makes the organisation, too, where there is none.
    pub(crate) async fn join_by(
        &self,
        link: &Link,
        account: AccountId,
        profile: &Profile,
        name: Option<&str>,
        trace: Trace,
    ) -> Result<OrganisationId, Error> {
        let role = link.role.ok_or(Error::NotFound)?;
        let organisation = match (link.member_of, link.kind) {
            (Some(organisation), _) => organisation,
            (None, LinkKind::Owner) => self.found_organisation(name.unwrap_or(FIRST)).await?.organisation,
            (None, _) => return Err(Error::NotFound),
        };
        let caller = Caller::system(organisation, "invitation", trace);
        let passage = self.admit_administration(&caller, Action::MemberJoin, Some(account)).await?;
        let subject = account.subject();
        let key = match self.store.ring().found_subject(organisation, subject, &[]).await {
            // They were a member before.
            Err(tacita_store::Error::Exists) => self.store.ring().subject(organisation, subject).await?,
            key => key?,
        };
        let mut chance = |bytes: &mut [u8]| self.store.fill(bytes);
        let profile = key
            .seal(&sealed_at(organisation, &account), &encoded(profile)?, &mut chance)
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let member = members::Member { account, role, since: passage.operation().at, profile };
        let join = move |tx: &mut Writing<'_>| members::insert(tx, &member);
        self.store.commit(passage, Some(format!("member/{account}/{role}")), join).await?;
        self.members.forget(|key, _| *key == (organisation, account));
        Ok(organisation)
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// When it is refused, they are no member, or no owner would be left.
    pub async fn change_role(&self, caller: &Caller, account: AccountId, role: Role) -> Result<(), Error> {
        let passage = self.admit_administration(caller, Action::MemberChange, Some(account)).await?;
        personal(role)?;
        let change = move |tx: &mut Writing<'_>| members::change(tx, account, role);
        self.change_member(passage, account, format!("member/{account}/{role}"), change).await
    }

    /// Ends somebody's membership. Where they are signed in, they are let into nothing of the organisation's any more.
    ///
    /// # Errors
    /// When it is refused, they are no member, or no owner would be left.
    pub async fn remove_member(&self, caller: &Caller, account: AccountId) -> Result<(), Error> {
        let passage = self.admit_administration(caller, Action::MemberRemove, Some(account)).await?;
        let delete = move |tx: &mut Writing<'_>| members::delete(tx, account);
        self.change_member(passage, account, format!("member/{account}"), delete).await
    }

    async fn change_member(
        &self,
        passage: Passage,
        account: AccountId,
        object: String,
        change: impl FnMut(&mut Writing<'_>) -> Result<(), tacita_store::Error> + Send + 'static,
    ) -> Result<(), Error> {
        let organisation = passage.operation().organisation;
        self.store.commit(passage, Some(object), change).await?;
        self.members.forget(|key, _| *key == (organisation, account));
        Ok(())
    }

    /// Leave to administer an organisation.
    async fn admit_administration(
        &self,
        caller: &Caller,
        action: Action,
        about: Option<AccountId>,
    ) -> Result<Passage, Error> {
        let purpose = ADMINISTRATION.parse().expect("it is a name");
        self.admit(caller, action, purpose, about.map(|account| account.subject())).await
    }
}

/// Refuses the roles that no person has.
fn personal(role: Role) -> Result<(), Error> {
    match role {
        Role::Service => Err(Error::Invalid(
            "a person has one of the roles `owner`, `officer`, `analyst`, `auditor` and `member`; `service` is for programs".to_owned(),
        )),
        _ => Ok(()),
    }
}
