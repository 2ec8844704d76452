//! Who is let in: every route, every role, every organisation.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::Value;
use tacita_domain::Role;

use crate::keeping::{Keeping, record};

/// Paths that take no sign-in. This list only shrinks.
const OPEN: [&str; 15] = [
    "/api/v1/detect",
    "/api/v1/redact",
    "/api/v1/restore",
    "/health",
    "/ready",
    "/metrics",
    "/presidio/analyzer/analyze",
    "/presidio/analyzer/recognizers",
    "/presidio/analyzer/supportedentities",
    "/presidio/analyzer/health",
    "/presidio/anonymizer/anonymize",
    "/presidio/anonymizer/deanonymize",
    "/presidio/anonymizer/anonymizers",
    "/presidio/anonymizer/deanonymizers",
    "/presidio/anonymizer/health",
];

/// An id that nothing has.
const NOBODY: &str = "01990a1e-7c3a-7b52-8e0f-3f6f2b9d5a10";

/// Every method and path of the description that needs a sign-in, with its parameters filled in.
async fn closed(server: &Keeping) -> Vec<(Method, String)> {
    let description = server.client.get("/api/openapi.json").await.json();
    let paths = description["paths"].as_object().unwrap();
    for open in OPEN {
        assert!(paths.contains_key(open), "{open} is gone: take it off the list");
    }
    let closed = paths.iter().filter(|(path, _)| !OPEN.contains(&path.as_str()));
    let routes = closed.flat_map(|(path, methods)| {
        let path = path.replace("{id}", NOBODY).replace("{name}", "support");
        let path = path.replace("{organisation}", NOBODY).replace("{operation}", NOBODY);
        let path = path.replace("{*path}", "0/000").replace("{path}", "0/000");
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase().parse().unwrap(), path.clone()))
    });
    routes.collect()
}

#[tokio::test]
async fn nobody_is_let_in_without_a_token_that_is_worth_something() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let tokens = server.service.tokens(house.organisation).await.unwrap();
    let token = tokens.iter().find(|token| token.name == Role::Service.as_str()).unwrap().token;
    server.service.revoke_token(house.organisation, token).await.unwrap();
    let routes = closed(&server).await;
    assert!(routes.len() >= 8, "{routes:?}");
    for (method, path) in routes {
        let request = Request::builder().method(&method).uri(&path).body(Body::empty()).unwrap();
        let anonymous = server.client.send(request).await;
        assert_eq!(anonymous.problem().0, "sign-in", "{method} {path}");
        assert_eq!(anonymous.headers["www-authenticate"], "Bearer");
        for token in ["", "x", "tacita_AAAA", &house.service, &house.service[..20]] {
            let answer = server.send(method.clone(), &path, token, "{}").await;
            assert_eq!(answer.problem().0, "sign-in", "{method} {path} {token}");
        }
    }
}

/// Those who generate a client from the description are told what the routes ask.
#[tokio::test]
async fn the_description_says_which_routes_take_a_token() {
    let description = Keeping::new().client.get("/api/openapi.json").await.json();
    assert_eq!(description["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let takes = operation["security"] == serde_json::json!([{"token": []}]);
            assert_eq!(takes, !OPEN.contains(&path.as_str()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn an_auditor_touches_no_record() {
    let server = Keeping::new();
    let house = server.house("First").await;
    let path = server.kept(&house.service, "mara.lind@example.org", "{}").await;
    let subject = server.get(&path, &house.service).await.json()["subject"].as_str().unwrap().to_owned();
    let list = format!("/api/v1/records?subject={subject}&purpose=support");
    for (method, path, body) in [
        (Method::POST, "/api/v1/records", record("jo.berg@example.org", "support", "{}")),
        (Method::GET, &*path, String::new()),
        (Method::GET, &*format!("{path}/history"), String::new()),
        (Method::GET, &*list, String::new()),
        (Method::PATCH, &*path, r#"{"version":1,"payload":{}}"#.to_owned()),
        (Method::PATCH, &*path, r#"{"restricted":true}"#.to_owned()),
        (Method::DELETE, &*path, String::new()),
        (Method::PUT, "/api/v1/purposes/x", r#"{"basis":"contract","class":"personal"}"#.to_owned()),
    ] {
        let (kind, status, detail) = server.send(method.clone(), path, &house.auditor, body).await.problem();
        assert_eq!((kind.as_str(), status), ("refused", 403), "{method} {path}: {detail}");
    }
    let body = r#"{"basis":"contract","class":"personal"}"#;
    let answer = server.send(Method::PUT, "/api/v1/purposes/x", &house.service, body).await;
    assert_eq!(answer.problem().0, "refused");
}

#[tokio::test]
async fn another_organisation_sees_nothing() {
    let server = Keeping::new();
    let (first, second) = (server.house("First").await, server.house("Second").await);
    let path = server.kept(&first.service, "mara.lind@example.org", r#"{"a":1}"#).await;
    let subject: Value = server.get(&path, &first.service).await.json()["subject"].clone();
    let list = format!("/api/v1/records?subject={}&purpose=support", subject.as_str().unwrap());
    for (method, path, body) in [
        (Method::GET, &*path, ""),
        (Method::GET, &*format!("{path}/history"), ""),
        (Method::GET, &*list, ""),
        (Method::PATCH, &*path, r#"{"version":1,"payload":{}}"#),
        (Method::PATCH, &*path, r#"{"restricted":true}"#),
        (Method::DELETE, &*path, ""),
    ] {
        let answer = server.send(method.clone(), path, &second.officer, body).await;
        assert_eq!(answer.problem().0, "not-found", "{method} {path}");
    }
    assert_eq!(server.get(&path, &first.service).await.json()["payload"], serde_json::json!({"a": 1}));
    // The same address is somebody else there.
    let theirs = server.keep(&second.service, "mara.lind@example.org", "support", "{}").await;
    assert_ne!(theirs.json()["subject"], subject);
}
