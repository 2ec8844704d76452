//! Policies: who may do what, in Cedar. Those that are built in stand in `policies/`, by subject; an operator adds some for all
//! organisations, and an organisation narrows them for itself.

mod ask;
mod own;
#[cfg(test)]
mod property;
mod read;
#[cfg(test)]
mod served;
mod set;
mod slices;

use tacita_corridor::PolicySetId;
use tacita_domain::{Action, Timestamp};
use tacita_store::policies;

use crate::{Caller, Error, Service};

pub(crate) use own::Deciding;
pub use read::BadPolicies;
pub use set::{Policies, PolicyText};

/// An organisation's own policies as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPolicies {
    /// Counts their changes; 0 where none were ever set.
    pub version: u32,
    /// Since when they count; none where none were ever set.
    pub since: Option<Timestamp>,
    /// What they say, in Cedar.
    pub text: String,
}

/// Every policy that counts in an organisation.
#[derive(Debug)]
pub struct CountingPolicies {
    /// By what accounts name the set.
    pub set: PolicySetId,
    /// What policies can speak about, in Cedar's language of schemas.
    pub schema: &'static str,
    /// Those that count everywhere.
    pub everywhere: Vec<PolicyText>,
    /// The organisation's own.
    pub own: OwnPolicies,
}

impl Service {
    /// Every policy that counts in the caller's organisation.
    ///
    /// # Errors
    /// When it is refused, or the store can't answer.
    pub async fn policies(&self, caller: &Caller) -> Result<CountingPolicies, Error> {
        self.permit(caller, Action::PolicyRead).await?;
        let own = self.store.look_up(caller.organisation, policies::current).await?;
        let own = own.map_or_else(OwnPolicies::none, OwnPolicies::from);
        let everywhere = self.deciding.everywhere();
        // What this program can't read is shown all the same: that is how it can be mended.
        let narrower = everywhere.narrower(&own.text).ok().flatten();
        Ok(CountingPolicies {
            set: narrower.map_or_else(|| everywhere.id(), |own| everywhere.id_with(&own)),
            schema: Policies::schema_text(),
            everywhere: everywhere.texts().to_vec(),
            own,
        })
    }

    /// Sets the policies of the caller's organisation: the whole text, in place of the one before. Where it changes, that is a new
    /// version, which counts from now on here, and within a second everywhere.
    ///
    /// # Errors
    /// When it is refused, the text permits something or does not fit the schema, or it can't be written.
    pub async fn set_policies(&self, caller: &Caller, text: String) -> Result<OwnPolicies, Error> {
        let passage = self.administer(caller, Action::PolicySet).await?;
        self.check_policies(&text)?;
        let at = self.now();
        let (set, _) = self
            .store
            .commit(passage, Some("policies".to_owned()), move |tx| {
                let current = policies::current(tx)?;
                match current {
                    Some(current) if current.text == text => Ok(current),
                    current => {
                        let version = current.map_or(1, |current| current.version + 1);
                        let set = policies::Set { version, since: at, text: text.clone() };
                        policies::insert(tx, &set).map(|()| set)
                    }
                }
            })
            .await?;
        self.deciding.forget(caller.organisation);
        Ok(set.into())
    }

    /// Checks a text that is to become an organisation's own policies, and sets nothing.
    ///
    /// # Errors
    /// When it would not be taken; the message says why.
    pub fn check_policies(&self, text: &str) -> Result<(), Error> {
        self.deciding.everywhere().check_own(text).map_err(|why| Error::Invalid(why.to_string()))
    }
}

impl OwnPolicies {
    const fn none() -> Self {
        Self { version: 0, since: None, text: String::new() }
    }
}

impl From<policies::Set> for OwnPolicies {
    fn from(policies::Set { version, since, text }: policies::Set) -> Self {
        Self { version, since: Some(since), text }
    }
}

#[cfg(test)]
mod tests {
    use tacita_corridor::{Denied, Reason};
    use tacita_domain::{Actor, Role, TokenId};

    use super::*;
    use crate::{AuditFilter, trial};

    const NO_MEMBERS: &str =
        "@id(\"no-services\") forbid (principal in Role::\"service\", action, resource);";

    fn service(caller: &Caller) -> Caller {
        Caller { actor: Actor::Service(TokenId::from_bytes([8; 16]), Role::Service), ..*caller }
    }

    fn denied(error: Error) -> Denied {
        let Error::Refused(refusal) = error else { panic!("{error}") };
        let Reason::Denied(denied) = refusal.reason else { panic!("{:?}", refusal.reason) };
        denied
    }

    fn named(error: Error) -> Vec<String> {
        let Denied::Policy(decision) = denied(error) else { panic!("not by a policy") };
        decision.policies().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_organisations_own_count_at_once_and_stand_in_the_account() {
        trial::run(|house, owner| async move {
            let program = service(&owner);
            house.create_record(&program, trial::draft("mara.lind@example.org")).await.unwrap();
            let set = house.set_policies(&owner, NO_MEMBERS.to_owned()).await.unwrap();
            assert_eq!((set.version, &*set.text), (1, NO_MEMBERS));
            let refused = house.create_record(&program, trial::draft("mara.lind@example.org")).await;
            assert_eq!(named(refused.unwrap_err()), ["own/no-services"]);
            house.create_record(&owner, trial::draft("mara.lind@example.org")).await.unwrap();

            let page = house.audit(&owner, AuditFilter::default()).await.unwrap();
            let bodies: Vec<String> = page
                .entries
                .iter()
                .map(|entry| String::from_utf8(entry.body.clone().unwrap()).unwrap())
                .collect();
            let [before, setting, refused, after] = &bodies[..] else { panic!("{bodies:?}") };
            let everywhere = house.deciding.everywhere().id();
            assert!(
                before.contains(&format!(r#""policies":["records.service"],"policy_set":"{everywhere}""#))
            );
            assert!(setting.contains(r#""action":"policy.set","purpose":"administration""#), "{setting}");
            assert!(setting.contains(r#""object":"policies""#), "{setting}");
            assert!(refused.contains(r#""policies":["own/no-services"],"#), "{refused}");
            let counting = house.policies(&owner).await.unwrap();
            assert_ne!(counting.set, everywhere);
            let named = format!(r#""policies":["records.owner"],"policy_set":"{}""#, counting.set);
            assert!(after.contains(&named), "{after}");
        });
    }

    #[test]
    fn what_another_process_has_set_counts_within_a_second() {
        trial::run(|house, owner| async move {
            let program = service(&owner);
            house.create_record(&program, trial::draft("mara.lind@example.org")).await.unwrap();
            trial::set_elsewhere(&house, &owner, 1, NO_MEMBERS).await;
            let refused = house.create_record(&program, trial::draft("mara.lind@example.org")).await;
            assert_eq!(named(refused.unwrap_err()), ["own/no-services"]);
        });
    }

    #[test]
    fn nobody_shuts_themselves_out() {
        trial::run(|house, owner| async move {
            let nobody = "@id(\"nobody\") forbid (principal, action, resource);";
            house.set_policies(&owner, nobody.to_owned()).await.unwrap();
            assert_eq!(named(house.purposes(&owner).await.unwrap_err()), ["own/nobody"]);
            assert_eq!(house.policies(&owner).await.unwrap().own.text, nobody);
            house.set_policies(&owner, String::new()).await.unwrap();
            assert_eq!(house.purposes(&owner).await.unwrap().len(), 3);

            // A text that a later program can't read any more permits nothing else.
            let foreign = "forbid (principal, action == Action::\"gone\", resource);";
            trial::set_elsewhere(&house, &owner, 3, foreign).await;
            assert_eq!(denied(house.purposes(&owner).await.unwrap_err()), Denied::Undecided);
            let set = house.set_policies(&owner, String::new()).await.unwrap();
            assert_eq!(set.version, 4);
            assert_eq!(house.purposes(&owner).await.unwrap().len(), 3);
        });
    }

    #[test]
    fn others_than_the_owner_set_none_and_what_is_faulty_is_not_set() {
        trial::run(|house, owner| async move {
            for role in Role::ALL.iter().filter(|role| **role != Role::Owner) {
                let caller = Caller { actor: Actor::Service(TokenId::from_bytes([8; 16]), *role), ..owner };
                let refused = house.set_policies(&caller, String::new()).await.unwrap_err();
                assert_eq!(named(refused), [""; 0], "{role}");
            }
            for text in
                ["permit (principal, action, resource);", "forbid", &format!("//{}", "x".repeat(65_536))]
            {
                let refused = house.set_policies(&owner, text.to_owned()).await.unwrap_err();
                assert!(matches!(refused, Error::Invalid(_)), "{refused}");
            }
            let many: String =
                (0..101).map(|id| format!("@id(\"{id}\") forbid (principal, action, resource);\n")).collect();
            let refused = house.set_policies(&owner, many).await.unwrap_err().to_string();
            assert!(refused.contains("at most 100 policies of its own; these are 101"), "{refused}");
            let same = [
                house.set_policies(&owner, String::new()).await,
                house.set_policies(&owner, String::new()).await,
            ];
            assert_eq!(same.map(|set| set.unwrap().version), [1, 1]);
        });
    }
}
