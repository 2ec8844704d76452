//! Asks a router as a client asks a server.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tacita_server::{Config, Limits, router};
use tower::ServiceExt;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn media(&self) -> &str {
        self.headers[header::CONTENT_TYPE].to_str().unwrap()
    }

    /// The last part of the problem's type, its status and its detail.
    pub(crate) fn problem(&self) -> (String, u16, String) {
        assert_eq!(self.media(), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(problem["title"].is_string());
        assert_eq!(problem["trace_id"].as_str().unwrap().len(), 32);
        let kind = problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap();
        (kind.to_owned(), self.status.as_u16(), problem["detail"].as_str().unwrap().to_owned())
    }
}

/// A client of a server of its own.
pub(crate) struct Client(pub(crate) Router);

impl Client {
    pub(crate) fn new() -> Self {
        Self::of(Limits::default())
    }

    pub(crate) fn of(limits: Limits) -> Self {
        Self::with(&Config { limits, ..Config::default() })
    }

    pub(crate) fn with(config: &Config) -> Self {
        Self(router(config, None).unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn method(&self, method: Method, path: &str) -> Answer {
        self.send(Request::builder().method(method).uri(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}
