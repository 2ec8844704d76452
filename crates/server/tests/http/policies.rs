//! `/api/v1/policies`: reading and setting them.

use axum::http::Method;
use serde_json::json;
use tacita_domain::Role;

use crate::keeping::{Keeping, field};

const MARA: &str = "mara.lind@example.org";
const NO_PROGRAMS: &str =
    "@id(\"no-programs\")\nforbid (principal in Role::\"service\", action in Action::\"records\", resource);";

#[tokio::test]
async fn an_owner_narrows_what_is_permitted_and_takes_it_back() {
    let server = Keeping::new();
    let (house, other) = (server.house("First").await, server.house("Second").await);
    let owner = house.token(Role::Owner);
    let set =
        |text: &str| server.send(Method::PUT, "/api/v1/policies", owner, json!({"text": text}).to_string());

    let before = server.get("/api/v1/policies", owner).await.json();
    assert_eq!(before["own"], json!({"version": 0, "text": ""}));
    assert_eq!(before["operator"], json!([]));
    let names: Vec<_> =
        before["built_in"].as_array().unwrap().iter().map(|text| text["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"records.cedar"), "{names:?}");
    assert!(before["schema"].as_str().unwrap().contains("entity Role enum"));

    let answer = set(NO_PROGRAMS).await;
    assert_eq!((answer.status.as_u16(), field(&answer, "version")), (200, json!(1)), "{answer:?}");
    let (kind, status, detail) = server.keep(&house.service, MARA, "support", "{}").await.problem();
    assert_eq!((&*kind, status), ("refused", 403));
    assert!(detail.ends_with("the policy `own/no-programs` forbids it"), "{detail}");
    assert_eq!(server.keep(&house.officer, MARA, "support", "{}").await.status, 201);
    assert_eq!(
        server.keep(&other.service, MARA, "support", "{}").await.status,
        201,
        "another's are their own"
    );
    let after = server.get("/api/v1/policies", &house.officer).await.json();
    assert_eq!((&after["own"]["text"], &after["own"]["version"]), (&json!(NO_PROGRAMS), &json!(1)));
    assert_ne!(after["policy_set"], before["policy_set"]);

    assert_eq!(field(&set("").await, "version"), json!(2));
    assert_eq!(server.keep(&house.service, MARA, "support", "{}").await.status, 201);
    let last = server.get("/api/v1/policies", owner).await.json();
    assert_eq!(last["policy_set"], before["policy_set"], "the same policies are the same set");

    let changes = server.get("/api/v1/audit?action=policy.set", &house.auditor).await.json();
    let changes = changes["entries"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["body"]["policies"], json!(["administration.owner"]));
    assert_eq!(changes[0]["body"]["policy_set"], before["policy_set"]);
    assert_eq!(changes[0]["purpose"], "administration");
    assert!(changes[0]["body"]["actor"].as_str().unwrap().starts_with("owner:"));
}

#[tokio::test]
async fn what_permits_is_too_much_or_is_none_is_refused_with_its_reason() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let long = format!("// {}", "x".repeat(64 * 1024));
    for (text, part) in [
        ("@id(\"all\") permit (principal, action, resource);", "the policy `all` permits"),
        ("forbid (principal, action, resource);", "a policy has no id"),
        ("@id(\"a\")\nforbid (principal, action, resource", "line 2"),
        ("@id(\"a\") forbid (principal, action == Action::\"record.sell\", resource);", "record.sell"),
        (&long, "at most 64 KiB"),
    ] {
        let body = json!({ "text": text }).to_string();
        let answer = server.send(Method::PUT, "/api/v1/policies", house.token(Role::Owner), body).await;
        let (kind, _, detail) = answer.problem();
        assert!(kind == "invalid-request" && detail.contains(part), "{kind}: {detail}");
    }
    let own = server.get("/api/v1/policies", &house.officer).await.json()["own"].clone();
    assert_eq!(own["version"], 0);
}

#[tokio::test]
async fn the_purpose_of_administration_is_built_in() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let body = r#"{"basis":"contract","class":"personal","enabled":false}"#;
    let answer = server.send(Method::PUT, "/api/v1/purposes/administration", &house.officer, body).await;
    let (kind, _, detail) = answer.problem();
    assert!(kind == "invalid-request" && detail.contains("`administration` is built in"), "{detail}");
}
