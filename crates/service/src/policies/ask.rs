//! An operation as a question to Cedar.

use std::collections::HashSet;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema,
};
use tacita_corridor::Operation;
use tacita_domain::{Action, Actor, Role};

use super::read::BadPolicies;

/// A kind of those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Principal {
    Token(Role),
    Member(Role),
    Subject,
    Job,
}

impl Principal {
    /// Of which kind somebody is.
    pub(super) const fn of(actor: &Actor) -> Self {
        match *actor {
            Actor::Service(_, role) => Self::Token(role),
            Actor::Member(_, role) => Self::Member(role),
            Actor::Subject(_) => Self::Subject,
            Actor::System(_) => Self::Job,
        }
    }

    /// Every kind, in the order of their numbers.
    pub(super) fn kinds() -> impl Iterator<Item = Self> {
        let tokens = Role::ALL.iter().map(|role| Self::Token(*role));
        let members = Role::ALL.iter().map(|role| Self::Member(*role));
        tokens.chain(members).chain([Self::Subject, Self::Job])
    }

    /// Its number, from 0.
    pub(super) const fn number(self) -> usize {
        match self {
            Self::Token(role) => role as usize,
            Self::Member(role) => Role::ALL.len() + role as usize,
            Self::Subject => 2 * Role::ALL.len(),
            Self::Job => 2 * Role::ALL.len() + 1,
        }
    }

    pub(super) const fn role(self) -> Option<Role> {
        match self {
            Self::Token(role) | Self::Member(role) => Some(role),
            Self::Subject | Self::Job => None,
        }
    }
}

/// What the schema calls things, read once.
#[derive(Debug)]
pub(super) struct Names {
    token: EntityTypeName,
    member: EntityTypeName,
    subject: EntityTypeName,
    job: EntityTypeName,
    organisation: EntityTypeName,
    roles: Vec<EntityUid>,
    /// Each with its groups, in the order of [`Action::ALL`].
    actions: Vec<Entity>,
    uids: Vec<EntityUid>,
}

impl Names {
    pub(super) fn new(schema: &Schema) -> Result<Self, BadPolicies> {
        let bad =
            |error: &dyn std::fmt::Display| BadPolicies::new(format!("the schema of the policies: {error}"));
        let kind = |name: &str| name.parse::<EntityTypeName>().map_err(|error| bad(&error));
        let role = kind("Role")?;
        let roles = Role::ALL.iter().map(|one| uid(&role, one.as_str())).collect();
        let (all, action) = (schema.action_entities().map_err(|error| bad(&error))?, kind("Action")?);
        let uids: Vec<_> = Action::ALL.iter().map(|one| uid(&action, one.as_str())).collect();
        let actions = uids
            .iter()
            .map(|uid| all.get(uid).cloned().ok_or_else(|| bad(&format!("it lacks the action {uid}"))));
        Ok(Self {
            token: kind("Token")?,
            member: kind("Member")?,
            subject: kind("Subject")?,
            job: kind("Job")?,
            organisation: kind("Organisation")?,
            roles,
            actions: actions.collect::<Result<_, _>>()?,
            uids,
        })
    }

    pub(super) fn action(&self, action: Action) -> &EntityUid {
        &self.uids[action as usize]
    }

    pub(super) fn role(&self, role: Role) -> &EntityUid {
        &self.roles[role as usize]
    }

    pub(super) const fn principal(&self, principal: Principal) -> &EntityTypeName {
        match principal {
            Principal::Token(_) => &self.token,
            Principal::Member(_) => &self.member,
            Principal::Subject => &self.subject,
            Principal::Job => &self.job,
        }
    }

    /// The question that an operation is, and what there is to know about those in it; none where Cedar can't be asked so.
    pub(super) fn ask(&self, operation: &Operation) -> Option<(Request, Entities)> {
        let Operation { organisation, action, purpose, subject, actor, .. } = operation;
        let (kind, id) = match actor {
            Actor::Service(token, _) => (&self.token, token.to_string()),
            Actor::Member(account, _) => (&self.member, account.to_string()),
            Actor::Subject(subject) => (&self.subject, subject.to_string()),
            Actor::System(job) => (&self.job, (*job).to_owned()),
        };
        let principal = uid(kind, &id);
        let roles = Principal::of(actor).role().map(|role| self.role(role).clone());
        let asking = Entity::new_no_attrs(principal.clone(), roles.into_iter().collect::<HashSet<_>>());
        let mut asked =
            vec![("purpose".to_owned(), RestrictedExpression::new_string(purpose.as_str().to_owned()))];
        if let Some(subject) = subject {
            let subject = uid(&self.subject, &subject.to_string());
            asked.push(("subject".to_owned(), RestrictedExpression::new_entity_uid(subject)));
        }
        let context = Context::from_pairs(asked).ok()?;
        let resource = uid(&self.organisation, &organisation.to_string());
        let request = Request::new(principal, self.action(*action).clone(), resource, context, None).ok()?;
        // The role itself need not be there: nothing is asked of it but whether somebody is in it.
        let about = [asking, self.actions[*action as usize].clone()];
        Some((request, Entities::from_entities(about, None).ok()?))
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
