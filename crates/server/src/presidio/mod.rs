//! What clients of Microsoft Presidio's REST services speak (2.2.366): its routes, shapes, errors and statuses.
//!
//! Errors are `{"error": …}`. A body that is no JSON is status 500 at the analyzer and 400 at the anonymizer, as there.

mod ad_hoc;
pub(crate) mod analyzer;
pub(crate) mod anonymizer;
mod python;
mod request;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::{
    api::answer::json,
    body::Unread,
    problem::{Kind, Problem},
    trace::Trace,
};

const NOT_FOUND: &str = "The requested URL was not found on the server. If you entered the URL manually please check \
                         your spelling and try again.";
const METHOD_NOT_ALLOWED: &str = "The method is not allowed for the requested URL.";
const UNSUPPORTED_MEDIA_TYPE: &str =
    "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.";
const BAD_REQUEST: &str = "The browser (or proxy) sent a request that this server could not understand.";
const TOO_LARGE: &str = "The data value transmitted exceeds the capacity limit.";
const TIMEOUT: &str = "The server closed the network connection because the browser didn't finish the request within \
                       the specified time.";

const UNAVAILABLE: &str = "The server is temporarily unable to service your request due to maintenance downtime or capacity \
                           problems. Please try again later.";

const INTERNAL: &str = "The server encountered an internal error and was unable to complete your request. Either the \
                        server is overloaded or there is an error in the application.";

/// Texts up to this size, in bytes, are analyzed where they were read. The patterns are a hundred times slower than
/// the native engine.
pub(crate) const SMALL: usize = 512;

/// An error as Presidio's services give it.
#[derive(Debug)]
pub(crate) struct PresidioError {
    status: StatusCode,
    message: String,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
}

impl PresidioError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl From<Unread> for PresidioError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE),
            Unread::TooSlow => Self::new(StatusCode::REQUEST_TIMEOUT, TIMEOUT),
            Unread::NoRoom => Self::new(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
            Unread::Broken => Self::new(StatusCode::BAD_REQUEST, BAD_REQUEST),
        }
    }
}

impl IntoResponse for PresidioError {
    fn into_response(self) -> Response {
        (self.status, json(&ErrorBody { error: &self.message })).into_response()
    }
}

/// A problem in the words of Presidio's services.
pub(crate) fn render(problem: &Problem, trace: &Trace) -> Response {
    // A fault of ours is told in our own words: nobody who speaks to Presidio's services waits for them.
    if problem.kind == Kind::Internal {
        return problem.render(trace);
    }
    let mut told = PresidioError::new(problem.kind.status(), problem.detail()).into_response();
    if let Some(wait) = problem.render(trace).headers_mut().remove(header::RETRY_AFTER) {
        told.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    told
}

pub(crate) async fn not_found() -> PresidioError {
    PresidioError::new(StatusCode::NOT_FOUND, NOT_FOUND)
}

pub(crate) async fn method_not_allowed() -> PresidioError {
    PresidioError::new(StatusCode::METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED)
}

/// What `/health` says, as Flask sends a string.
fn healthy(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], text).into_response()
}
