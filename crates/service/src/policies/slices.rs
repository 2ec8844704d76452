//! Policies by whom and what they can be about: a request meets only those that can apply to it. Cedar looks at every policy of a
//! set for every request, so that its cost grows with their number (`docs/benchmarks.md`).

use std::{collections::HashMap, sync::Arc};

use cedar_policy::{
    ActionConstraint, Entities, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint,
};
use tacita_domain::{Action, Actor, Role};

use super::{
    ask::{Names, Principal},
    read::{BadPolicies, together},
};

/// Kinds of those who ask: programs and members in each role, data subjects, jobs.
const KINDS: usize = 2 * Role::ALL.len() + 2;

/// A set of policies, sliced.
#[derive(Debug)]
pub(super) struct Slices {
    /// By kind of principal, then by action. Many are the same set.
    slices: Vec<Arc<PolicySet>>,
}

impl Slices {
    /// Slices `policies`, whose actions are grouped as `actions` says.
    pub(super) fn new(policies: &[Policy], names: &Names, actions: &Entities) -> Result<Self, BadPolicies> {
        let scopes: Vec<_> = policies
            .iter()
            .map(|policy| (policy.principal_constraint(), policy.action_constraint()))
            .collect();
        let mut sets = HashMap::<Vec<usize>, Arc<PolicySet>>::new();
        let mut slices = Vec::with_capacity(KINDS * Action::ALL.len());
        for principal in Principal::kinds() {
            for action in Action::ALL {
                let action = names.action(*action);
                let applies = scopes.iter().map(|(whom, what)| {
                    may_be_about(whom, principal, names) && covers(what, action, actions)
                });
                let chosen: Vec<_> = applies.enumerate().filter_map(|(at, can)| can.then_some(at)).collect();
                let set = match sets.get(&chosen) {
                    Some(set) => Arc::clone(set),
                    None => {
                        let set = Arc::new(together(chosen.iter().map(|at| &policies[*at]))?);
                        sets.insert(chosen, Arc::clone(&set));
                        set
                    }
                };
                slices.push(set);
            }
        }
        Ok(Self { slices })
    }

    /// The policies that can apply where `actor` asks for `action`.
    pub(super) fn of(&self, actor: &Actor, action: Action) -> &PolicySet {
        &self.slices[Principal::of(actor).number() * Action::ALL.len() + action as usize]
    }
}

/// Whether a policy with this scope can be about any principal of a kind. What is in doubt can.
fn may_be_about(scope: &PrincipalConstraint, principal: Principal, names: &Names) -> bool {
    let is = |kind: &EntityTypeName| kind == names.principal(principal);
    // A principal is in itself and in its role, and in nothing else.
    let within =
        |uid: &EntityUid| is(uid.type_name()) || principal.role().is_some_and(|role| uid == names.role(role));
    match scope {
        PrincipalConstraint::Any => true,
        PrincipalConstraint::Is(kind) => is(kind),
        PrincipalConstraint::Eq(uid) => is(uid.type_name()),
        PrincipalConstraint::In(uid) => within(uid),
        PrincipalConstraint::IsIn(kind, uid) => is(kind) && within(uid),
    }
}

/// Whether a policy with this scope is about `action`.
fn covers(scope: &ActionConstraint, action: &EntityUid, actions: &Entities) -> bool {
    match scope {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => uid == action,
        ActionConstraint::In(groups) => {
            groups.iter().any(|group| group == action || actions.is_ancestor_of(group, action))
        }
    }
}
