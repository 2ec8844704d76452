//! A server that keeps what it is sent, in a folder of its own.

use std::{cell::Cell, sync::Arc};

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::Value;
use tacita_detect::{Detector, Options};
use tacita_domain::{AccountId, OrganisationId, Role, Scope, Timestamp};
use tacita_server::{Config, router};
use tacita_service::{AuditFilter, Caller, Clock, Deployment, NewAccount, Profile, Service, system_clock};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::client::{Answer, Client};

thread_local! {
    // Each test has a thread, and its servers run on it.
    static NOW: Cell<i64> = const { Cell::new(1_795_824_000_000_000) };
}

fn clock() -> Timestamp {
    NOW.set(NOW.get() + 1000);
    Timestamp::from_micros(NOW.get())
}

/// Lets time pass, for servers at that clock.
pub(crate) fn pass(seconds: i64) {
    NOW.set(NOW.get() + seconds * 1_000_000);
}

/// A server that keeps what it is sent.
pub(crate) struct Keeping {
    pub(crate) client: Client,
    pub(crate) service: Service,
    pub(crate) data: Arc<TempDir>,
}

/// An organisation with its tokens, by role.
pub(crate) struct House {
    pub(crate) organisation: OrganisationId,
    pub(crate) service: String,
    pub(crate) officer: String,
    pub(crate) auditor: String,
    /// One in each role.
    pub(crate) tokens: Vec<(Role, String)>,
}

impl House {
    /// The token in `role`.
    pub(crate) fn token(&self, role: Role) -> &str {
        &self.tokens.iter().find(|(theirs, _)| *theirs == role).unwrap().1
    }
}

impl Keeping {
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap()), system_clock)
    }

    /// The same, which browsers reach at `url`, through a proxy on its machine.
    pub(crate) fn reached_at(url: &str) -> Self {
        Self::of(Arc::new(tempfile::tempdir().unwrap()), system_clock, Some(url))
    }

    /// The same, by a clock that stands until time is let pass.
    pub(crate) fn at_a_clock() -> Self {
        Self::over(Arc::new(tempfile::tempdir().unwrap()), clock)
    }

    /// Another server over the same folder, by the same clock.
    pub(crate) fn beside(&self) -> Self {
        Self::over(Arc::clone(&self.data), clock)
    }

    fn over(data: Arc<TempDir>, clock: Clock) -> Self {
        Self::of(data, clock, None)
    }

    fn of(data: Arc<TempDir>, clock: Clock, url: Option<&str>) -> Self {
        let detector = Arc::new(Detector::new(Options::default()).unwrap());
        let mut deployment = Deployment::in_folder(data.path().join("data"));
        if let Some(url) = url {
            deployment.public_url = url.parse().unwrap();
        }
        let service = deployment.open(detector, clock).unwrap();
        let client = Client(router(&Config::default(), Some(service.clone())).unwrap());
        Self { client, service, data }
    }

    /// What the ledger of the platform says was done.
    pub(crate) async fn entries_of_the_platform(&self) -> Vec<String> {
        let caller = Caller::system(OrganisationId::PLATFORM, "audit", self.service.new_trace());
        let page = self.service.audit(&caller, AuditFilter::default()).await.unwrap();
        page.entries.into_iter().map(|entry| String::from_utf8(entry.body.unwrap()).unwrap()).collect()
    }

    /// A new organisation with the purpose `support`.
    pub(crate) async fn house(&self, name: &str) -> House {
        self.service.found_platform().await.unwrap();
        let organisation = self.service.found_organisation(name).await.unwrap().organisation;
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let token = self.service.create_token(organisation, role.as_str(), *role, Scope::FULL, None);
            tokens.push((*role, token.await.unwrap().secret.to_string()));
        }
        let token = |role| tokens.iter().find(|(theirs, _)| *theirs == role).unwrap().1.clone();
        let [service, officer, auditor] = [Role::Service, Role::Officer, Role::Auditor].map(token);
        let house = House { organisation, service, officer, auditor, tokens };
        self.purpose(&house, "support", "contract", "personal", true).await;
        house
    }

    pub(crate) async fn purpose(&self, house: &House, name: &str, basis: &str, class: &str, enabled: bool) {
        let body = format!(r#"{{"basis":"{basis}","class":"{class}","enabled":{enabled}}}"#);
        let path = format!("/api/v1/purposes/{name}");
        let answer = self.send(Method::PUT, &path, &house.officer, body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: impl Into<Body>,
    ) -> Answer {
        self.client.send(request(method, path, token, body)).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, token, "").await
    }

    /// Somebody with an account, who is a member of `house`.
    pub(crate) async fn member(&self, house: &House) -> AccountId {
        let trace = self.service.new_trace();
        let inviting = Caller::system(house.organisation, "members", trace);
        let link = self.service.invite(&inviting, Role::Member).await.unwrap().secret;
        let email = format!("member-{}@example.org", self.service.new_trace());
        let profile = Profile { email, name: "Jo Berg".to_owned() };
        let password = Zeroizing::new("copper meadow whistle anchor".to_owned());
        let new = NewAccount { link, profile, password, organisation: None, device: None };
        self.service.create_account(new, trace).await.unwrap().account
    }

    /// Sends a form, as OAuth 2 clients do.
    pub(crate) async fn form(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.client.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Keeps a record, and says what was answered.
    pub(crate) async fn keep(&self, token: &str, email: &str, purpose: &str, payload: &str) -> Answer {
        self.send(Method::POST, "/api/v1/records", token, record(email, purpose, payload)).await
    }

    /// The path of a new record.
    pub(crate) async fn kept(&self, token: &str, email: &str, payload: &str) -> String {
        let answer = self.keep(token, email, "support", payload).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.headers[header::LOCATION].to_str().unwrap().to_owned()
    }
}

pub(crate) fn request(method: Method, path: &str, token: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

pub(crate) fn record(email: &str, purpose: &str, payload: &str) -> String {
    format!(
        r#"{{"subject":{{"email":"{email}"}},"kind":"ticket","purpose":"{purpose}","payload":{payload}}}"#
    )
}

/// A field of an answer.
pub(crate) fn field(answer: &Answer, name: &str) -> Value {
    answer.json()[name].clone()
}
