//! What went wrong, as RFC 9457 `application/problem+json`.

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::trace::Trace;

/// The kinds of problems. Their `type` is stable: clients may compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    MalformedJson,
    InvalidRequest,
    BodyTooLarge,
    BodyTimeout,
    UnsupportedMediaType,
    WrongSecret,
    SignIn,
    CodeNeeded,
    WrongPassword,
    Refused,
    NotFound,
    MethodNotAllowed,
    Conflict,
    TooManyRequests,
    Unavailable,
    Internal,
}

impl Kind {
    pub(crate) const ALL: [Self; 16] = [
        Self::MalformedJson,
        Self::InvalidRequest,
        Self::BodyTooLarge,
        Self::BodyTimeout,
        Self::UnsupportedMediaType,
        Self::WrongSecret,
        Self::SignIn,
        Self::CodeNeeded,
        Self::WrongPassword,
        Self::Refused,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooManyRequests,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The `type`: a path at which this server explains the kind.
    pub(crate) fn uri(self) -> &'static str {
        match self {
            Self::MalformedJson => "/problems/malformed-json",
            Self::InvalidRequest => "/problems/invalid-request",
            Self::BodyTooLarge => "/problems/body-too-large",
            Self::BodyTimeout => "/problems/body-timeout",
            Self::UnsupportedMediaType => "/problems/unsupported-media-type",
            Self::WrongSecret => "/problems/wrong-secret",
            Self::SignIn => "/problems/sign-in",
            Self::CodeNeeded => "/problems/code-needed",
            Self::WrongPassword => "/problems/wrong-password",
            Self::Refused => "/problems/refused",
            Self::Conflict => "/problems/conflict",
            Self::TooManyRequests => "/problems/too-many-requests",
            Self::Unavailable => "/problems/unavailable",
            Self::NotFound => "/problems/not-found",
            Self::MethodNotAllowed => "/problems/method-not-allowed",
            Self::Internal => "/problems/internal",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::InvalidRequest | Self::WrongSecret | Self::WrongPassword => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SignIn | Self::CodeNeeded => StatusCode::UNAUTHORIZED,
            Self::Refused => StatusCode::FORBIDDEN,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::MalformedJson => "The body is not valid JSON",
            Self::InvalidRequest => "The request does not make sense",
            Self::BodyTooLarge => "The body is too large",
            Self::BodyTimeout => "The body did not arrive in time",
            Self::UnsupportedMediaType => "The body is not announced as JSON",
            Self::WrongSecret => "The secret does not open the vault",
            Self::SignIn => "The request says not who sends it",
            Self::CodeNeeded => "The account takes a code, too",
            Self::WrongPassword => "The password or the code is wrong",
            Self::Refused => "The operation is not admitted",
            Self::Conflict => "It stands otherwise by now",
            Self::TooManyRequests => "It was asked too often",
            Self::Unavailable => "The server can't do it at the moment",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This path does not know this method",
            Self::Internal => "The server failed",
        }
    }
}

/// A problem: its kind, and what happened this time and what to do. Never holds a value of the request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: Cow<'static, str>,
    /// Seconds after which it may be tried again, where that is known.
    retry_after: Option<u64>,
}

/// The body of an answer that is a problem (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Which kind of problem; stable.
    #[serde(rename = "type")]
    #[schema(example = "/problems/malformed-json")]
    kind: &'a str,
    /// The kind in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened, and what to do.
    detail: &'a str,
    /// The W3C trace id of the request, 32 hexadecimal digits.
    trace_id: &'a str,
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None }
    }

    pub(crate) fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::InvalidRequest, detail)
    }

    pub(crate) fn internal() -> Self {
        Self::new(Kind::Internal, "this is a fault of the server; report it with the trace id")
    }

    /// The same, to be tried again after this time: whole seconds.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait.as_secs());
        self
    }

    /// What happened, and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer, now that the trace is known.
    pub(crate) fn render(&self, trace: &Trace) -> Response {
        let body = serde_json::to_vec(&ProblemBody {
            kind: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            trace_id: trace.id(),
        })
        .expect("strings and a number always serialise");
        let media = HeaderValue::from_static("application/problem+json");
        let mut response = (self.kind.status(), [(header::CONTENT_TYPE, media)], body).into_response();
        let retry_after = self.retry_after.or((self.kind == Kind::Unavailable).then_some(1));
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // RFC 9110 §11.6.1: who is not known is told how to sign in.
        if matches!(self.kind, Kind::SignIn | Kind::CodeNeeded) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An answer without a body that carries the problem to [`Observe`](crate::observe::Observe), which renders it: a
/// handler does not know the trace.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.kind.status();
        response.extensions_mut().insert(self);
        response
    }
}
