//! What the policies permit is served, and nothing else: random actors, actions and records against the use-cases.

use std::env;

use tacita_corridor::{Denied, Operation, Reason, Sensitive};
use tacita_domain::{
    AccountId, Action, Actor, DataClass, LawfulBasis, OperationId, OrganisationId, RecordId, Role, SubjectId,
    TokenId,
};

use crate::{AuditFilter, Caller, Change, Error, Person, Service, trial};

/// How many questions are asked, where `PROPTEST_CASES` does not say: each waits for the disk.
const QUESTIONS: usize = 500;
/// What is asked for: every action that there is a use-case for.
const ACTIONS: [Action; 11] = [
    Action::RecordCreate,
    Action::RecordRead,
    Action::RecordList,
    Action::RecordRectify,
    Action::RecordRestrict,
    Action::RecordDelete,
    Action::AttachmentRead,
    Action::AuditRead,
    Action::PurposeList,
    Action::PurposeSet,
    Action::PolicyRead,
];

/// A person with a record.
#[derive(Clone, Copy)]
struct Somebody {
    organisation: OrganisationId,
    email: &'static str,
    subject: SubjectId,
    record: RecordId,
    version: u32,
}

/// Numbers without order, the same each time (Steele, Lea, Flood 2014: SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

async fn keep(service: &Service, owner: &Caller, email: &'static str) -> Somebody {
    let kept = service.create_record(owner, trial::draft(email)).await.unwrap();
    let (subject, record) = (kept.subject, kept.record);
    Somebody { organisation: owner.organisation, email, subject, record, version: 1 }
}

#[test]
fn random_questions_are_answered_as_the_policies_say() {
    trial::run(|service, owner| async move {
        let second = service.found_organisation("Second").await.unwrap().organisation;
        trial::give_purpose(&service, second).await;
        let owners = [owner, trial::owner(&service, second)];
        let mut people = Vec::new();
        for owner in &owners {
            for email in ["mara.lind@example.org", "jo.berg@example.org"] {
                people.push(keep(&service, owner, email).await);
            }
        }
        let (mut chance, mut served, mut refused, mut unseen) = (Chance(7), 0_usize, 0_usize, 0_usize);
        let questions =
            env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(QUESTIONS);
        for _ in 0..questions {
            let asking = chance.one_of(&owners).organisation;
            let (action, role) = (chance.one_of(&ACTIONS), chance.one_of(Role::ALL));
            let actor = match chance.below(4) {
                0 => Actor::Service(TokenId::from_bytes([1; 16]), role),
                1 => Actor::Member(AccountId::from_bytes([1; 16]), role),
                // Whoever has an id of the other organisation is nobody in this one.
                2 => Actor::Subject(people[chance.below(people.len())].subject),
                _ => Actor::System(chance.one_of(&["audit", "policies", "other"])),
            };
            let caller = Caller::new(asking, actor, owner.trace);
            let at = chance.below(people.len());
            let somebody = people[at];
            let about = action.touches_what_is_kept().then_some(somebody.subject);
            let operation = Operation {
                id: OperationId::from_bytes([1; 16]),
                organisation: asking,
                action,
                purpose: "support".parse().unwrap(),
                subject: about,
                actor,
                trace: owner.trace,
                at: service.now(),
            };
            let expected = service.deciding.everywhere().decide(&operation);
            let name = format!("{actor} {action}");
            match (ask(&service, &caller, action, &somebody).await, expected) {
                (Err(Error::NotFound), _) if about.is_some() && somebody.organisation != asking => {
                    unseen += 1;
                }
                (Ok(()), Ok(_)) => {
                    assert!(
                        about.is_none() || somebody.organisation == asking,
                        "{name}: another's was served"
                    );
                    served += 1;
                    match action {
                        Action::RecordRectify => people[at].version += 1,
                        Action::RecordDelete => {
                            let owner = owners.iter().find(|owner| owner.organisation == asking).unwrap();
                            people[at] = keep(&service, owner, somebody.email).await;
                        }
                        _ => {}
                    }
                }
                (Err(Error::Refused(refusal)), Err(Denied::Policy(decision))) => {
                    assert_eq!(refusal.reason, Reason::Denied(Denied::Policy(decision)), "{name}");
                    refused += 1;
                }
                (was, expected) => panic!("{name}: {expected:?}, but {was:?}"),
            }
        }
        // The test shows something in each direction.
        assert!(
            [served, refused, unseen].iter().all(|count| *count > questions / 20),
            "{served} {refused} {unseen}"
        );
        for somebody in people {
            let owner = owners.iter().find(|owner| owner.organisation == somebody.organisation).unwrap();
            let held = service.read_record(owner, somebody.record, None).await.unwrap();
            assert_eq!(held.version, somebody.version, "what was refused changed nothing");
        }
    });
}

/// Asks by the use-case of an action.
async fn ask(service: &Service, caller: &Caller, action: Action, somebody: &Somebody) -> Result<(), Error> {
    let record = somebody.record;
    let change = |change| service.change_record(caller, record, change);
    let payload = || Sensitive::new(b"{}".to_vec());
    match action {
        Action::RecordCreate => {
            let person = Person::Id(somebody.subject);
            service
                .create_record(caller, crate::Draft { person, ..trial::draft(somebody.email) })
                .await
                .map(drop)
        }
        Action::RecordRead => service.read_record(caller, record, None).await.map(drop),
        Action::RecordList => {
            let person = Person::Id(somebody.subject);
            service.list_records(caller, &person, "support".parse().unwrap(), None).await.map(drop)
        }
        Action::RecordRectify => {
            change(Change::Rectify { version: somebody.version, payload: payload() }).await.map(drop)
        }
        Action::RecordRestrict => change(Change::Restrict(false)).await.map(drop),
        Action::RecordDelete => change(Change::Delete).await.map(drop),
        Action::AttachmentRead => service.list_attachments(caller, record).await.map(drop),
        Action::AuditRead => {
            let filter = AuditFilter { limit: Some(1), ..AuditFilter::default() };
            service.audit(caller, filter).await.map(drop)
        }
        Action::PurposeList => service.purposes(caller).await.map(drop),
        Action::PurposeSet => {
            let (basis, class) = (LawfulBasis::Contract, DataClass::Personal);
            service.set_purpose(caller, "other".parse().unwrap(), basis, class, true).await.map(drop)
        }
        Action::PolicyRead => service.policies(caller).await.map(drop),
        other => panic!("`{other}` has no use-case here"),
    }
}
