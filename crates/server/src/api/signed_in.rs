//! Who sends a request: a program with a token, or a person in a session, whose browser sends a cookie.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use tacita_corridor::{Denied, Reason, Refusal};
use tacita_domain::{Action, OrganisationId};
use tacita_service::{Caller, Error, Service, Session};

use crate::{
    cookie::Turned,
    problem::{Kind, Problem},
    repeats::Marked,
    state::Server,
    trace::Trace,
};

/// What a page of ours sends with whatever changes something, so that a page of somebody else's can't.
const CSRF: &str = "x-csrf-token";

/// A request whose sender is known and works for an organisation, and the use-cases for them.
pub(crate) struct SignedIn {
    pub(crate) service: Service,
    pub(crate) caller: Caller,
}

impl SignedIn {
    /// Refuses whom the policies do not permit `action`: what is read here is no personal data, so that no passage asks.
    pub(crate) async fn permitted(self, action: Action) -> Result<Self, Problem> {
        self.service.permit(&self.caller, action).await.map_err(problem)?;
        Ok(self)
    }
}

impl FromRequestParts<Server> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let service = service(server)?;
        let caller = match bearer(&parts.headers) {
            Some(secret) => {
                let caller = service.sign_in(secret, trace(parts)).await.map_err(problem)?;
                caller.ok_or_else(unknown)?
            }
            None => Person::by_cookie(parts, server, service.clone()).await?.caller,
        };
        if caller.organisation == OrganisationId::PLATFORM {
            return Err(Problem::new(
                Kind::Refused,
                "say for which of your organisations you work, with `PUT /api/v1/session`",
            ));
        }
        let mark = parts.extensions.get::<Marked>().map(|marked| marked.0);
        if mark.is_none() {
            // Whoever is marked was counted when that was done.
            server.limits.caller(&caller, &parts.extensions).await?;
        }
        Ok(Self { service, caller: Caller { mark, ..caller } })
    }
}

/// A person who is signed in, in their session.
pub(crate) struct Person {
    pub(crate) service: Service,
    pub(crate) session: Session,
    pub(crate) caller: Caller,
    /// The secret that their cookie holds; none where they sent an access token.
    pub(crate) secret: Option<String>,
}

impl FromRequestParts<Server> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let service = service(server)?;
        let person = match bearer(&parts.headers) {
            Some(token) => {
                let person = service.person_with(token, trace(parts)).await.map_err(problem)?;
                let (session, caller) = person.ok_or_else(unknown)?;
                Self { service, session, caller, secret: None }
            }
            None => Self::by_cookie(parts, server, service).await?,
        };
        server.limits.caller(&person.caller, &parts.extensions).await?;
        Ok(person)
    }
}

impl Person {
    async fn by_cookie(parts: &Parts, server: &Server, service: Service) -> Result<Self, Problem> {
        let secret = server.cookie.read(&parts.headers).ok_or_else(unknown)?;
        let session = service.session(secret).await.map_err(problem)?.ok_or_else(unknown)?;
        if !parts.method.is_safe() {
            is_from_here(&parts.headers, &service.csrf_token(session.session).await.map_err(problem)?)?;
        }
        let new = service.turn_session(secret, &session).await.map_err(problem)?;
        if let (Some(new), Some(turned)) = (&new, parts.extensions.get::<Turned>()) {
            turned.set(server.cookie.set(new, session.expires, tacita_service::system_clock()));
        }
        let caller = service.caller_in(&session, trace(parts)).await.map_err(problem)?;
        let secret = new.map_or_else(|| secret.to_owned(), |new| new.to_string());
        Ok(Self { service, session, caller, secret: Some(secret) })
    }
}

/// Refuses what a page of another site has a browser send, which sends the cookie along.
fn is_from_here(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_ours = site.is_none_or(|site| matches!(site, b"same-origin" | b"none"));
    let shown = headers.get(CSRF).map_or(&b""[..], |token| token.as_bytes());
    if is_ours && tacita_service::are_equal(shown, expected.as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Refused,
        "a request with a cookie that changes something sends `X-CSRF-Token`, which `GET /api/v1/session` gives",
    ))
}

/// The use-cases over the store.
pub(crate) fn service(server: &Server) -> Result<Service, Problem> {
    server
        .service
        .clone()
        .ok_or_else(|| Problem::new(Kind::Unavailable, "this server was started without a store"))
}

/// The trace of a request.
pub(super) fn trace(parts: &Parts) -> tacita_domain::Trace {
    let trace = parts.extensions.get::<Trace>().expect("every route is observed, and so has a trace");
    trace.to_domain()
}

fn unknown() -> Problem {
    Problem::new(
        Kind::SignIn,
        "sign in (`POST /api/v1/sign-in`), or send `Authorization: Bearer …` with an access token or one made by `tacita token create`",
    )
}

/// The token of `Authorization: Bearer …` (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The problem that an error of a use-case is for whoever asked.
pub(crate) fn problem(error: Error) -> Problem {
    match error {
        Error::Refused(refusal) => refused(&refusal),
        Error::NotFound => Problem::new(Kind::NotFound, error.to_string()),
        Error::Changed | Error::Exists => Problem::new(Kind::Conflict, error.to_string()),
        Error::Invalid(why) => Problem::invalid(why),
        Error::Stale => Problem::new(Kind::Refused, error.to_string()),
        Error::Wrong => Problem::new(Kind::WrongPassword, error.to_string()),
        Error::Store(cause) => store(&cause),
        Error::Witness(cause) => {
            // Which witnesses there are is the operator's affair.
            tracing::error!("{cause}");
            Problem::new(
                Kind::Unavailable,
                "nothing is signed in the log at the moment, as a witness does not confirm it; the server's log says why",
            )
        }
        Error::Files(cause) => {
            tracing::error!("the folder of files can't be used: {cause}");
            Problem::new(
                Kind::Unavailable,
                "files can't be kept or read at the moment; the server's log says why",
            )
        }
        _ => Problem::internal(),
    }
}

fn refused(refusal: &Refusal) -> Problem {
    let kind = match refusal.reason {
        Reason::BasisChanged => Kind::Conflict,
        Reason::Denied(Denied::Unknown | Denied::Undecided) => Kind::Unavailable,
        _ => Kind::Refused,
    };
    Problem::new(kind, refusal.to_string())
}

fn store(cause: &tacita_service::StoreError) -> Problem {
    use tacita_service::StoreError;
    match cause {
        StoreError::BasisChanged => Problem::new(Kind::Conflict, cause.to_string()),
        StoreError::Ledger(_) => {
            tracing::error!("{cause}");
            Problem::new(Kind::Unavailable, cause.to_string())
        }
        StoreError::Denied(_) => Problem::new(Kind::Refused, cause.to_string()),
        StoreError::Busy | StoreError::Stopped | StoreError::Unsure(_) => {
            Problem::new(Kind::Unavailable, cause.to_string())
        }
        _ => {
            // The operator has to know what is wrong with the database; who asked need not.
            tracing::error!("the store failed: {cause}");
            Problem::new(
                Kind::Unavailable,
                "the store can't be used at the moment; the server's log says why",
            )
        }
    }
}
