//! Members of an organisation: invited, listed, given another role, removed.

use tacita_corridor::Passage;
use tacita_domain::{AccountId, Action, Actor, LinkKind, OrganisationId, Role, SubjectId, Timestamp, Trace};
use tacita_store::{
    Reading, SystemScope, Writing,
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
            let key = self.store.ring().subject(caller.organisation, member.subject).await?;
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
        let inviter = if let Actor::Member(account, _) = caller.actor { Some(account) } else { None };
        let link = self.invitation(caller.organisation, role, inviter).await?;
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
        // Whether they may join is asked before the link is used up.
        let leave = self.leave_to_join(&link, trace).await?;
        self.take_link(hash).await?;
        let profile = Profile {
            email: std::mem::take(&mut known.profile.email),
            name: std::mem::take(&mut known.profile.name),
        };
        self.join_by(&link, leave, account, &profile, organisation, trace).await
    }

    /// Leave to join the organisation of a link; none where the link's first owner is to make it. A link is worth nothing where
    /// whoever made it could not make it now, or, for the first owner's, where there is an owner by now.
    pub(crate) async fn leave_to_join(&self, link: &Link, trace: Trace) -> Result<Option<Leave>, Error> {
        if link.kind == LinkKind::Owner && self.store.span(SystemScope::SignIn, members::any_owner).await? {
            return Err(Error::NotFound);
        }
        let Some(organisation) = link.member_of else { return Ok(None) };
        if let Some(inviter) = link.account {
            let caller = Caller::new(organisation, Actor::Member(inviter, Role::Owner), trace);
            match self.role_in(organisation, inviter).await? {
                Some(role) => {
                    let caller = Caller { actor: Actor::Member(inviter, role), ..caller };
                    let passage = self.admit_administration(&caller, Action::MemberInvite, None).await;
                    let passage = passage.map_err(|_| Error::NotFound)?;
                    self.note_attempt(passage, "invitation/accepted").await?;
                }
                None => return Err(Error::NotFound),
            }
        }
        self.leave_in(organisation, trace).await.map(Some)
    }

    async fn leave_in(&self, organisation: OrganisationId, trace: Trace) -> Result<Leave, Error> {
        let caller = Caller::system(organisation, "invitation", trace);
        let subject = SubjectId::new(self.now(), self.store.random());
        let purpose = ADMINISTRATION.parse().expect("it is a name");
        let passage = self.admit(&caller, Action::MemberJoin, purpose, Some(subject)).await?;
        Ok(Leave { passage, subject })
    }

    /// Makes somebody a member by a link that was taken. The first owner's makes the organisation, too, where there is none.
    pub(crate) async fn join_by(
        &self,
        link: &Link,
        leave: Option<Leave>,
        account: AccountId,
        profile: &Profile,
        name: Option<&str>,
        trace: Trace,
    ) -> Result<OrganisationId, Error> {
        let role = link.role.ok_or(Error::NotFound)?;
        let Leave { passage, subject } = match leave {
            Some(leave) => leave,
            None => {
                let founded = self.found_organisation(name.unwrap_or(FIRST)).await?;
                self.leave_in(founded.organisation, trace).await?
            }
        };
        let organisation = passage.operation().organisation;
        let key = self.store.ring().found_subject(organisation, subject, &[]).await?;
        let profile = self.seal_at(&key, &sealed_at(organisation, &account), &encoded(profile)?)?;
        let member = members::Member { account, subject, role, since: passage.operation().at, profile };
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
        let passage = self.admit_about(caller, Action::MemberChange, account).await?;
        personal(role)?;
        let change = move |tx: &mut Writing<'_>| members::change(tx, account, role);
        self.change_member(passage, account, format!("member/{account}/{role}"), change).await
    }

    /// Ends somebody's membership. Where they are signed in, they are let into nothing of the organisation's any more.
    ///
    /// # Errors
    /// When it is refused, they are no member, or no owner would be left.
    pub async fn remove_member(&self, caller: &Caller, account: AccountId) -> Result<(), Error> {
        let passage = self.admit_about(caller, Action::MemberRemove, account).await?;
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
        about: Option<SubjectId>,
    ) -> Result<Passage, Error> {
        let purpose = ADMINISTRATION.parse().expect("it is a name");
        self.admit(caller, action, purpose, about).await
    }

    /// Leave to do something to a member. Somebody who is none is told so only where it would be permitted.
    async fn admit_about(
        &self,
        caller: &Caller,
        action: Action,
        account: AccountId,
    ) -> Result<Passage, Error> {
        let find = move |tx: &mut Reading<'_>| members::find(tx, account);
        let member = self.store.look_up(caller.organisation, find).await?;
        self.admit_administration(caller, action, member.map(|member| member.subject)).await
    }
}

/// Leave to join an organisation, as whom of its data subjects.
pub(crate) struct Leave {
    passage: Passage,
    subject: SubjectId,
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
