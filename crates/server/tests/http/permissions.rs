//! Who may do what, for every endpoint of the description: a new one is tried here by itself. Each is refused to the anonymous, to
//! expired and revoked tokens, to other organisations and to the roles that the policies leave out, and done for those they let in.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};
use tacita_domain::{Role, Scope, Timestamp};

use crate::{
    client::Answer,
    keeping::{House, Keeping, record, request},
};

/// Endpoints that are open to everybody.
const OPEN: &str = include_str!("open-endpoints.txt");
/// What each role may do.
const ROLES: &str = include_str!("../../../service/policies/roles.txt");
const MARA: &str = "mara.lind@example.org";

/// An endpoint, as the description has it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) takes_token: bool,
    pub(crate) is_open: bool,
    /// Whether it is for a person in their own session, whom no role keeps from their own account.
    is_of_person: bool,
    /// What it asks the policies for: one of these, by what the request says.
    actions: Vec<String>,
}

/// Every endpoint.
pub(crate) async fn operations(server: &Keeping) -> Vec<Endpoint> {
    let description = server.client.get("/api/openapi.json").await.json();
    let open: BTreeSet<_> = OPEN.lines().filter(|line| !line.starts_with('#')).collect();
    let mut endpoints = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, said) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let actions = said["x-actions"].as_array().map(Vec::as_slice).unwrap_or_default();
            endpoints.push(Endpoint {
                takes_token: said["security"] == json!([{"token": []}]),
                is_of_person: said["x-person"] == json!(true),
                is_open: open.contains(&*format!("{method} {path}")),
                actions: actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect(),
                method,
                path: path.clone(),
            });
        }
    }
    endpoints
}

/// Whether the table of roles lets `role` do `action`.
fn may(role: Role, action: &str) -> bool {
    let mut lines = ROLES.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let column = lines.next().unwrap().split_whitespace().position(|name| name == role.as_str()).unwrap();
    let line = lines.find(|line| line.split_whitespace().next() == Some(action));
    let line = line.unwrap_or_else(|| panic!("`{action}` is not in roles.txt"));
    line.split_whitespace().nth(1 + column).unwrap() == "yes"
}

/// What is there to ask for.
struct There {
    record: String,
    subject: String,
    attachment: String,
    operation: String,
    /// A member, where one is given another role or removed.
    member: String,
}

impl There {
    /// New for each request: some end what they are about.
    async fn make(server: &Keeping, house: &House, action: &str) -> Self {
        let officer = &house.officer;
        let kept = server.keep(officer, MARA, "support", r#"{"canary":"of-the-first"}"#).await;
        assert_eq!(kept.status, 201, "{kept:?}");
        let text = |name: &str| kept.json()[name].as_str().unwrap().to_owned();
        let record = text("id");
        let path = format!("/api/v1/records/{record}/attachments");
        let added = server.client.send(upload(&path, officer)).await;
        assert_eq!(added.status, 201, "{added:?}");
        let attachment = added.json()["id"].as_str().unwrap().to_owned();
        let member = match action {
            "member.change" | "member.remove" => server.member(house).await.to_string(),
            _ => "01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10".to_owned(),
        };
        Self { record, subject: text("subject"), attachment, operation: text("operation"), member }
    }

    /// The request that asks an endpoint for `action` rightly.
    fn ask(&self, endpoint: &Endpoint, action: &str, house: &House, token: &str) -> Request<Body> {
        let Self { record: id, subject, attachment, operation, member } = self;
        let (method, path) = (&endpoint.method, &*endpoint.path);
        let path = match path {
            "/api/v1/attachments/{id}" => path.replace("{id}", attachment),
            "/api/v1/records" if method == Method::GET => format!("{path}?subject={subject}&purpose=support"),
            _ => path.replace("{id}", id).replace("{name}", "another").replace("{operation}", operation),
        };
        let path =
            path.replace("{organisation}", &house.organisation.to_string()).replace("{account}", member);
        let path = path.replace("{*path}", "0/000.p/1").replace("{path}", "0/000.p/1");
        if endpoint.method == Method::POST && path.ends_with("/attachments") {
            return upload(&path, token);
        }
        let body = match (&*endpoint.path, action) {
            ("/api/v1/records", "record.create") => record(MARA, "support", "{}"),
            ("/api/v1/records/batch", _) => format!(r#"{{"records":[{}]}}"#, record(MARA, "support", "{}")),
            (_, "record.rectify") => r#"{"version":1,"payload":{}}"#.to_owned(),
            (_, "record.restrict") => r#"{"restricted":true}"#.to_owned(),
            (_, "purpose.set") => r#"{"basis":"contract","class":"personal"}"#.to_owned(),
            (_, "member.invite" | "member.change") => r#"{"role":"auditor"}"#.to_owned(),
            (_, "policy.set") => r#"{"text":""}"#.to_owned(),
            _ => String::new(),
        };
        request(method.clone(), &path, token, body)
    }
}

fn upload(path: &str, token: &str) -> Request<Body> {
    let part =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n";
    Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(part))
        .unwrap()
}

/// Every endpoint that is closed, with each action that it asks for, and what is there for it.
async fn tried(server: &Keeping) -> Vec<(Endpoint, String)> {
    let mut tried = Vec::new();
    for endpoint in operations(server).await.into_iter().filter(|endpoint| !endpoint.is_open) {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        assert!(!endpoint.actions.is_empty(), "{name}: say in `x-actions` what it asks the policies for");
        for action in &endpoint.actions {
            let endpoint = Endpoint {
                method: endpoint.method.clone(),
                path: endpoint.path.clone(),
                actions: endpoint.actions.clone(),
                ..endpoint
            };
            tried.push((endpoint, action.clone()));
        }
    }
    assert!(tried.len() >= 18, "{tried:?}");
    tried
}

#[tokio::test]
async fn each_role_is_let_in_or_refused_as_the_policies_say_and_refusals_are_recorded() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let mut refused = 0;
    for (endpoint, action) in tried(&server).await.into_iter().filter(|(endpoint, _)| !endpoint.is_of_person)
    {
        for role in Role::ALL {
            let there = There::make(&server, &house, &action).await;
            if endpoint.path.starts_with("/ledger/") {
                server.service.integrate(house.organisation).await.unwrap();
            }
            let answer = server.client.send(there.ask(&endpoint, &action, &house, house.token(*role))).await;
            let name = format!("{} {} ({action}) as {role}", endpoint.method, endpoint.path);
            if may(*role, &action) {
                let why = "show in `There::ask` how it is asked rightly";
                assert!(is_done(&answer), "{name}: {why}, or let it in: {answer:?}");
            } else {
                let (kind, status, detail) = refusal(&answer);
                assert_eq!((&*kind, status), ("refused", 403), "{name}: {detail}");
                assert!(
                    detail.starts_with(&format!("`{action}` for ")),
                    "{name} asks for something else: {detail}"
                );
                assert!(detail.ends_with("no policy permits it"), "{name}: {detail}");
                refused += 1;
            }
        }
    }
    assert!(refused > 40, "{refused}");
    let (mut recorded, mut after) = (0, String::new());
    loop {
        let path = format!("/api/v1/audit?outcome=denied.policy{after}");
        let page = server.get(&path, &house.auditor).await.json();
        recorded += page["entries"].as_array().unwrap().len();
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(recorded, refused);
}

#[tokio::test]
async fn who_is_not_known_or_no_longer_is_let_in_nowhere() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let there = There::make(&server, &house, "").await;
    let past = Some(Timestamp::from_micros(1));
    let expired =
        server.service.create_token(house.organisation, "old", Role::Owner, Scope::FULL, past).await.unwrap();
    let revoked = server
        .service
        .create_token(house.organisation, "gone", Role::Owner, Scope::FULL, None)
        .await
        .unwrap();
    server.service.revoke_token(house.organisation, revoked.token).await.unwrap();
    for (endpoint, action) in tried(&server).await {
        for token in ["", &*expired.secret, &*revoked.secret] {
            let mut asked = there.ask(&endpoint, &action, &house, token);
            if token.is_empty() {
                asked.headers_mut().remove(header::AUTHORIZATION);
            }
            let answer = server.client.send(asked).await;
            assert_eq!(refusal(&answer).0, "sign-in", "{} {}", endpoint.method, endpoint.path);
        }
    }
}

#[tokio::test]
async fn no_program_is_let_in_where_a_person_is_asked_for() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let there = There::make(&server, &house, "").await;
    let personal = tried(&server).await.into_iter().filter(|(endpoint, _)| endpoint.is_of_person);
    let mut asked = 0;
    for (endpoint, action) in personal {
        let answer =
            server.client.send(there.ask(&endpoint, &action, &house, house.token(Role::Owner))).await;
        assert_eq!(refusal(&answer).0, "sign-in", "{} {}", endpoint.method, endpoint.path);
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
}

#[tokio::test]
async fn a_narrowed_token_does_nothing_else() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let scope = "record.restrict".parse().unwrap();
    let narrowed = server.service.create_token(house.organisation, "narrow", Role::Owner, scope, None).await;
    let narrowed = narrowed.unwrap().secret;
    for (endpoint, action) in tried(&server).await.into_iter().filter(|(endpoint, _)| !endpoint.is_of_person)
    {
        let there = There::make(&server, &house, &action).await;
        let answer = server.client.send(there.ask(&endpoint, &action, &house, &narrowed)).await;
        let name = format!("{} {} ({action})", endpoint.method, endpoint.path);
        if action == "record.restrict" {
            assert!(is_done(&answer), "{name}: {answer:?}");
        } else {
            let (kind, _, detail) = refusal(&answer);
            assert!(kind == "refused" && detail.ends_with("narrowed to other actions"), "{name}: {detail}");
        }
    }
}

#[tokio::test]
async fn another_organisations_owner_reaches_nothing_by_any_endpoint() {
    let server = Keeping::new();
    let (first, second) = (server.house("First").await, server.house("Second").await);
    let there = There::make(&server, &first, "").await;
    server.service.integrate(first.organisation).await.unwrap();
    let before = everything(&server, &first, &there).await;
    for (endpoint, action) in tried(&server).await.into_iter().filter(|(endpoint, _)| !endpoint.is_of_person)
    {
        let asked = there.ask(&endpoint, &action, &first, second.token(Role::Owner));
        let names_theirs = asked.uri().to_string() != endpoint.path && !endpoint.path.contains("{name}");
        let answer = server.client.send(asked).await;
        let name = format!("{} {} ({action})", endpoint.method, endpoint.path);
        if names_theirs {
            assert_eq!(refusal(&answer).0, "not-found", "{name}");
        }
        for theirs in [&there.record, &there.subject, &there.attachment, &there.operation] {
            assert!(!answer.body.contains(theirs.as_str()), "{name}");
        }
        assert!(!answer.body.contains("of-the-first"), "{name}");
    }
    assert_eq!(everything(&server, &first, &there).await, before, "something was changed from outside");
}

/// What the first organisation has, as its owner sees it.
async fn everything(server: &Keeping, house: &House, there: &There) -> Vec<Value> {
    let owner = house.token(Role::Owner);
    let mut seen = Vec::new();
    for path in [
        format!("/api/v1/records?subject={}&purpose=support", there.subject),
        format!("/api/v1/records/{}/attachments", there.record),
        "/api/v1/purposes".to_owned(),
        "/api/v1/policies".to_owned(),
    ] {
        let answer = server.get(&path, owner).await;
        assert!(is_done(&answer), "{path}: {answer:?}");
        let mut answer = answer.json();
        // Each reading is an operation of its own.
        answer.as_object_mut().unwrap().remove("operation");
        seen.push(answer);
    }
    seen
}

#[tokio::test]
async fn the_list_of_open_endpoints_only_shrinks() {
    let server = Keeping::new();
    let endpoints = operations(&server).await;
    for line in OPEN.lines().filter(|line| !line.starts_with('#')) {
        let found =
            endpoints.iter().find(|endpoint| format!("{} {}", endpoint.method, endpoint.path) == line);
        let endpoint = found.unwrap_or_else(|| panic!("`{line}` is gone: take it off open-endpoints.txt"));
        assert!(!endpoint.takes_token, "`{line}` takes a token: take it off open-endpoints.txt");
    }
}

/// Whether it was done, and each part of it where it has parts.
fn is_done(answer: &Answer) -> bool {
    let parts = if answer.body.contains("\"results\"") { answer.json() } else { Value::Null };
    answer.status.is_success() && !parts.to_string().contains("/problems/")
}

/// Why it was refused, or its only part.
fn refusal(answer: &Answer) -> (String, u16, String) {
    if answer.status.is_success() && answer.body.contains("/problems/") {
        let text = answer.json();
        let problem = find(&text).unwrap();
        let kind = problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned();
        // A part has no status of its own.
        return (kind, 403, problem["detail"].as_str().unwrap().to_owned());
    }
    answer.problem()
}

/// The first problem in an answer.
fn find(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(fields) if fields.contains_key("detail") && fields.contains_key("type") => Some(value),
        Value::Object(fields) => fields.values().find_map(find),
        Value::Array(values) => values.iter().find_map(find),
        _ => None,
    }
}
