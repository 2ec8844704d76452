//! What the policies decide: by the table of roles, and sliced as Cedar decides by itself.

use std::fmt::Write;

use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use tacita_corridor::{Denied, Operation};
use tacita_domain::{
    AccountId, Action, Actor, OperationId, OrganisationId, Role, SubjectId, Timestamp, TokenId, Trace,
};

use super::set::Policies;

/// What each role may do.
const ROLES: &str = include_str!("../../policies/roles.txt");

fn operation(actor: Actor, action: Action, purpose: &str, subject: Option<SubjectId>) -> Operation {
    Operation {
        id: OperationId::from_bytes([1; 16]),
        organisation: OrganisationId::from_bytes([2; 16]),
        action,
        purpose: purpose.parse().unwrap(),
        subject,
        actor,
        trace: Trace::from_bytes([3; 16]).unwrap(),
        at: Timestamp::from_micros(0),
    }
}

fn subject(number: u8) -> SubjectId {
    SubjectId::from_bytes([number; 16])
}

fn is_permitted(policies: &Policies, actor: Actor, action: Action, about: Option<SubjectId>) -> bool {
    match policies.decide(&operation(actor, action, "support", about)) {
        Ok(decision) => {
            assert!(!decision.policies().is_empty(), "{actor} {action}: nothing says so");
            true
        }
        Err(Denied::Policy(decision)) => {
            assert_eq!(decision.policies(), [], "what is built in forbids nothing");
            false
        }
        Err(other) => panic!("{actor} {action}: {other}"),
    }
}

#[test]
fn each_role_may_do_what_the_table_says() {
    let policies = Policies::built_in().unwrap();
    let mut lines = ROLES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let roles: Vec<_> =
        lines.next().unwrap().split_whitespace().map(|role| Role::parse(role).unwrap()).collect();
    assert_eq!(roles, Role::ALL);
    let mut actions = Vec::new();
    for line in lines {
        let (action, cells) = line.split_once(' ').unwrap();
        let action = Action::parse(action).unwrap();
        actions.push(action);
        let cells: Vec<_> = cells.split_whitespace().collect();
        assert_eq!(cells.len(), roles.len(), "{action}");
        for (role, cell) in roles.iter().zip(cells) {
            assert!(["yes", "-"].contains(&cell), "{action} {role}");
            for actor in [
                Actor::Service(TokenId::from_bytes([4; 16]), *role),
                Actor::Member(AccountId::from_bytes([4; 16]), *role),
            ] {
                for about in [None, Some(subject(1))] {
                    assert_eq!(
                        is_permitted(&policies, actor, action, about),
                        cell == "yes",
                        "{actor} {action}"
                    );
                }
            }
        }
    }
    assert_eq!(actions, Action::ALL);
}

#[test]
fn data_subjects_reach_what_is_theirs_and_jobs_do_what_they_are_for() {
    let policies = Policies::built_in().unwrap();
    let theirs = [
        Action::RecordRead,
        Action::RecordList,
        Action::RecordRectify,
        Action::AttachmentRead,
        Action::AccountRead,
        Action::AccountChange,
    ];
    let jobs = [
        ("audit", Action::AuditRead),
        ("policies", Action::PolicyRead),
        ("policies", Action::PolicySet),
        ("sign-in", Action::AccountSignIn),
        ("members", Action::MemberList),
        ("members", Action::MemberInvite),
        ("members", Action::MemberChange),
        ("members", Action::MemberRemove),
        ("invitation", Action::MemberJoin),
    ];
    for action in Action::ALL {
        let may = |about| is_permitted(&policies, Actor::Subject(subject(1)), *action, about);
        assert_eq!(may(Some(subject(1))), theirs.contains(action), "{action}");
        assert!(!may(Some(subject(2))) && !may(None), "{action}");
        for job in ["audit", "policies", "sign-in", "members", "invitation", "other", ""] {
            let may = is_permitted(&policies, Actor::System(job), *action, None);
            assert_eq!(may, jobs.contains(&(job, *action)), "{job} {action}");
        }
    }
}

#[test]
fn a_set_is_known_by_what_it_says() {
    let text = "@id(\"a\") forbid (principal, action, resource) when { context.purpose == \"ads\" };";
    let [first, again, named] = ["a.cedar", "a.cedar", "b.cedar"]
        .map(|name| Policies::with(vec![(name.to_owned(), text.to_owned())]).unwrap().id());
    assert_eq!(first, again);
    assert_ne!(first, named);
    let built_in = Policies::built_in().unwrap();
    assert_ne!(first, built_in.id());
    let own = built_in.narrower(text).unwrap().unwrap();
    assert_ne!(built_in.id_with(&own), built_in.id());
    assert!(built_in.narrower("// none").unwrap().is_none());
}

#[test]
fn an_operators_folder_counts_and_what_is_faulty_in_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("readme.txt", "not a policy");
    write("nights.cedar", "@id(\"a\") forbid (principal, action == Action::\"record.delete\", resource);");
    write(
        "more.cedar",
        "@id(\"a\") permit (principal in Role::\"analyst\", action == Action::\"record.list\", resource);",
    );
    let policies = Policies::with_folder(folder.path());
    assert!(policies.unwrap_err().to_string().contains("operator/a"), "two files share an id");
    write(
        "more.cedar",
        "@id(\"b\") permit (principal in Role::\"analyst\", action == Action::\"record.list\", resource);",
    );
    let policies = Policies::with_folder(folder.path()).unwrap();
    let decide = |role, action| {
        policies.decide(&operation(
            Actor::Service(TokenId::from_bytes([4; 16]), role),
            action,
            "support",
            None,
        ))
    };
    let Err(Denied::Policy(denied)) = decide(Role::Owner, Action::RecordDelete) else { panic!("forbidden") };
    assert_eq!(denied.policies(), ["operator/a".into()]);
    assert_eq!(decide(Role::Analyst, Action::RecordList).unwrap().policies(), ["operator/b".into()]);
    write("bad.cedar", "@id(\"c\")\nforbid (principal, action, resource) when { context.weather };");
    let error = Policies::with_folder(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("bad.cedar:"), "{error}");
    let error = Policies::with_folder(&folder.path().join("gone")).unwrap_err().to_string();
    assert!(error.contains("gone` can't be read"), "{error}");
}

/// The scope and the condition of a random policy, as text.
fn scope() -> impl Strategy<Value = (String, String, &'static str)> {
    let role = || select(Role::ALL).prop_map(|role| format!("Role::\"{role}\""));
    let id = || (1_u8..4).prop_map(|number| TokenId::from_bytes([number; 16]).to_string());
    let principal = prop_oneof![
        2 => Just("principal".to_owned()),
        1 => select(&["Token", "Member", "Subject", "Job"][..]).prop_map(|kind| format!("principal is {kind}")),
        2 => role().prop_map(|role| format!("principal in {role}")),
        1 => (select(&["Token", "Member"][..]), role()).prop_map(|(kind, role)| format!("principal is {kind} in {role}")),
        2 => (select(&["Token", "Member", "Subject"][..]), id(), select(&["==", "in"][..]))
            .prop_map(|(kind, id, is)| format!("principal {is} {kind}::\"{id}\"")),
        1 => Just("principal == Job::\"audit\"".to_owned()),
    ];
    let one = || select(Action::ALL).prop_map(|action| format!("Action::\"{action}\""));
    let action = prop_oneof![
        2 => Just("action".to_owned()),
        2 => one().prop_map(|action| format!("action == {action}")),
        2 => vec(one(), 1..4).prop_map(|actions| format!("action in [{}]", actions.join(", "))),
        2 => select(&["records", "texts", "administration"][..]).prop_map(|group| format!("action in Action::\"{group}\"")),
    ];
    let condition = select(
        &[
            "",
            "",
            "when { context.purpose == \"ads\" }",
            "unless { context has subject }",
            "when { context has subject && context.subject == Subject::\"01010101-0101-0101-0101-010101010101\" }",
            "unless { principal is Token && context.purpose == \"support\" }",
        ][..],
    );
    (principal, action, condition)
}

fn text(policies: &[(bool, (String, String, &'static str))]) -> String {
    let mut text = String::new();
    for (number, (permits, (principal, action, condition))) in policies.iter().enumerate() {
        let effect = if *permits { "permit" } else { "forbid" };
        writeln!(text, "@id(\"p{number}\") {effect} ({principal}, {action}, resource) {condition};").unwrap();
    }
    text
}

fn asked() -> impl Strategy<Value = Operation> {
    let role = || select(Role::ALL);
    let actor = prop_oneof![
        (1_u8..4, role()).prop_map(|(id, role)| Actor::Service(TokenId::from_bytes([id; 16]), role)),
        (1_u8..4, role()).prop_map(|(id, role)| Actor::Member(AccountId::from_bytes([id; 16]), role)),
        (1_u8..4).prop_map(|id| Actor::Subject(subject(id))),
        select(&["audit", "policies", "other"][..]).prop_map(Actor::System),
    ];
    let about = proptest::option::of((1_u8..4).prop_map(subject));
    (actor, select(Action::ALL), select(&["ads", "support", "administration"][..]), about)
        .prop_map(|(actor, action, purpose, about)| operation(actor, action, purpose, about))
}

proptest! {
    // Each case reads and validates its policies, which costs more than all that is asked of them.
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn sliced_and_in_two_parts_they_decide_as_cedar_does_alone(
        operators in vec((any::<bool>(), scope()), 0..20),
        own in vec((Just(false), scope()), 0..8),
        operations in vec(asked(), 100),
        few in any::<Index>(),
    ) {
        // Forbidding most of everything shows little.
        let own = &own[..few.index(own.len() + 1)];
        let (operators, own) = (text(&operators), text(own));
        let policies = Policies::with(vec![("operators.cedar".to_owned(), operators)]).unwrap();
        let narrower = policies.narrower(&own).unwrap();
        let alone = policies.alone(&own);
        for operation in operations {
            prop_assert_eq!(policies.decide(&operation), policies.decide_unsliced(&operation));
            if !Policies::is_past_own(operation.action) {
                let ours = policies.decide_with(&operation, narrower.as_ref());
                prop_assert_eq!(ours, policies.decide_alone(&operation, &alone, narrower.as_ref()));
            }
        }
    }
}
