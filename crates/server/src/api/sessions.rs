//! `/api/v1/sign-in` and `/api/v1/session`: signing in and out, and where somebody is signed in.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use serde::{Deserialize, Serialize};
use tacita_domain::{OrganisationId, Role};
use tacita_service::{Access, Attempt, Device, Membership, NewSession, Service, Session, SignIn};

use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    answer::json,
    records::id,
    signed_in::{Person, problem, service, trace},
};
use crate::{
    body::JsonBody,
    problem::{Kind, Problem, ProblemBody},
    state::Server,
};

/// Who is to be signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    /// The address of the account.
    #[schema(value_type = String, example = "mara.lind@example.org")]
    email: Zeroizing<String>,
    /// Its password.
    #[schema(value_type = String)]
    password: Zeroizing<String>,
    /// The code that the account's app shows, or a recovery code.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Option<Zeroizing<String>>,
    /// Whether to give access tokens, for a program, in place of a cookie, for a browser.
    #[serde(default)]
    tokens: bool,
}

/// A session that has begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBegun {
    /// The session's id.
    id: String,
    /// The account's id.
    account: String,
    /// For which organisation they work in it; none where they belong to several, or to none.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// Until when it lasts at most.
    expires: String,
    /// What to send as `X-CSRF-Token` with whatever changes something; for a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// Access tokens; for a program.
    #[serde(flatten)]
    access: Option<AccessBody>,
}

/// An access token (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessBody {
    /// What is to be sent as `Authorization: Bearer …`.
    #[schema(value_type = String)]
    access_token: Zeroizing<String>,
    /// `Bearer`.
    token_type: &'static str,
    /// For how many seconds it counts.
    expires_in: i64,
    /// What is exchanged for the next one at `/oauth/token`, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    refresh_token: Option<Zeroizing<String>>,
    /// What may be done with it at most, where that is less than the role allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionBody {
    id: String,
    account: String,
    /// For which organisation they work.
    organisation: Option<String>,
    /// What they are to it.
    role: Option<&'static str>,
    /// How they signed in.
    method: &'static str,
    created: String,
    expires: String,
    /// What to send as `X-CSRF-Token` with whatever changes something.
    csrf_token: String,
    /// The organisations to which they belong.
    organisations: Vec<MembershipBody>,
}

/// An organisation to which somebody belongs.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipBody {
    id: String,
    name: String,
    role: &'static str,
}

/// For whom somebody is to work.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChoiceRequest {
    /// One of the organisations to which they belong.
    organisation: String,
}

/// Where somebody is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sessions {
    sessions: Vec<DeviceBody>,
}

/// A session of theirs.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeviceBody {
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    method: &'static str,
    created: String,
    /// When it was last used, to a quarter of an hour.
    seen: String,
    /// What the device said of itself.
    device: Option<String>,
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ended {
    ended: u64,
}

impl From<Access> for AccessBody {
    fn from(Access { token, seconds, refresh, scope }: Access) -> Self {
        let scope = scope.map(|scope| scope.to_string());
        Self { access_token: token, token_type: "Bearer", expires_in: seconds, refresh_token: refresh, scope }
    }
}

/// What a request is part of, for those who are not signed in yet.
pub(crate) struct Newcomer {
    pub(crate) service: Service,
    pub(crate) trace: tacita_domain::Trace,
    pub(super) device: Option<String>,
}

impl FromRequestParts<Server> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        Ok(Self { service: service(server)?, trace: trace(parts), device: device(&parts.headers) })
    }
}

/// What a device says of itself.
fn device(headers: &HeaderMap) -> Option<String> {
    Some(headers.get(header::USER_AGENT)?.to_str().ok()?.to_owned())
}

/// Sign in with a password.
///
/// A browser gets a cookie, a program that asks for `tokens` gets an access token and what renews it. Whether there is an account
/// with an address is not told.
#[utoipa::path(
    post, path = "/api/v1/sign-in", tag = "accounts",
    request_body = SignInRequest,
    responses(
        (status = 200, description = "They are signed in", body = SessionBegun),
        (status = 401, description = "Address, password or code are wrong, or a code is needed, too (`/problems/code-needed`)", body = ProblemBody, content_type = "application/problem+json"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn begin(
    State(server): State<Server>,
    Newcomer { service, trace, device }: Newcomer,
    body: JsonBody,
) -> Result<Response, Problem> {
    let SignInRequest { email, password, code, tokens } = body.parse()?;
    let attempt = Attempt { email, password, code, device };
    match service.sign_in_with_password(attempt, trace).await.map_err(problem)? {
        SignIn::Done(session) => begun(&server, &service, session, tokens).await,
        SignIn::CodeNeeded => Err(Problem::new(
            Kind::CodeNeeded,
            "send `code` along: what the account's app shows, or a recovery code",
        )),
        SignIn::Refused => Err(Problem::new(
            Kind::SignIn,
            "there is no such account, or the password or the code is wrong; after several wrong ones none is taken for a while",
        )),
    }
}

/// Says that a session has begun.
pub(super) async fn begun(
    server: &Server,
    service: &Service,
    session: NewSession,
    tokens: bool,
) -> Result<Response, Problem> {
    let NewSession { session: id, account, member_of, expires, secret } = session;
    let (access, csrf_token) = if tokens {
        (Some(service.access(account, id).await.map_err(problem)?.into()), None)
    } else {
        (None, Some(service.csrf_token(id).await.map_err(problem)?))
    };
    let mut answer = json(&SessionBegun {
        id: id.to_string(),
        account: account.to_string(),
        organisation: member_of.map(|organisation| organisation.to_string()),
        expires: expires.to_string(),
        csrf_token,
        access,
    });
    if !tokens {
        let cookie = server.cookie.set(&secret, expires, tacita_service::system_clock());
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// See who is signed in.
#[utoipa::path(
    get, path = "/api/v1/session", tag = "accounts",
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "Who is signed in, and for whom they work", body = SessionBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn read(person: Person) -> Result<Response, Problem> {
    let Person { service, session, caller, .. } = person;
    let memberships = service.memberships(session.account).await.map_err(problem)?;
    let csrf_token = service.csrf_token(session.session).await.map_err(problem)?;
    let is_platform = caller.organisation == OrganisationId::PLATFORM;
    let organisation = (!is_platform).then(|| caller.organisation.to_string());
    let role = memberships
        .iter()
        .find(|membership| membership.organisation == caller.organisation)
        .map(|membership| membership.role.as_str());
    let Session { session, account, method, created, expires, .. } = session;
    Ok(json(&SessionBody {
        id: session.to_string(),
        account: account.to_string(),
        organisation,
        role,
        method: method.as_str(),
        created: created.to_string(),
        expires: expires.to_string(),
        csrf_token,
        organisations: memberships.into_iter().map(MembershipBody::from).collect(),
    }))
}

/// Say for which organisation to work.
#[utoipa::path(
    put, path = "/api/v1/session", tag = "accounts",
    request_body = ChoiceRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "They work for it from now on"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn choose(
    State(server): State<Server>,
    Person { service, session, caller, secret }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let ChoiceRequest { organisation } = body.parse()?;
    let organisation = id(&organisation, "organisation")?;
    let secret = secret.unwrap_or_default();
    let new =
        service.choose_organisation(&secret, &session, organisation, caller.trace).await.map_err(problem)?;
    let cookie = new.map(|new| server.cookie.set(&new, session.expires, tacita_service::system_clock()));
    Ok(no_content(cookie))
}

/// Sign out.
#[utoipa::path(
    delete, path = "/api/v1/session", tag = "accounts",
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "They are signed out"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end(
    State(server): State<Server>,
    Person { service, session, caller, .. }: Person,
) -> Result<Response, Problem> {
    service.end_session(session.account, session.session, caller.trace).await.map_err(problem)?;
    Ok(no_content(Some(server.cookie.clear())))
}

/// List where you are signed in.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "accounts",
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "Every session that is open", body = Sessions),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    Person { service, session: current, caller, .. }: Person,
) -> Result<Response, Problem> {
    let devices = service.devices(current.account, caller.trace).await.map_err(problem)?;
    let sessions = devices.into_iter().map(|Device { session, method, created, seen, device }| DeviceBody {
        id: session.to_string(),
        current: session == current.session,
        method: method.as_str(),
        created: created.to_string(),
        seen: seen.to_string(),
        device,
    });
    Ok(json(&Sessions { sessions: sessions.collect() }))
}

/// Sign out everywhere else.
#[utoipa::path(
    delete, path = "/api/v1/sessions", tag = "accounts",
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "All but the one that asks are ended", body = Ended),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end_others(Person { service, session, caller, .. }: Person) -> Result<Response, Problem> {
    let ended =
        service.end_sessions(session.account, Some(session.session), caller.trace).await.map_err(problem)?;
    Ok(json(&Ended { ended }))
}

/// Sign out somewhere.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "accounts",
    params(("id" = String, Path, description = "The session's id")),
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "It is ended"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn end_one(
    Person { service, session, caller, .. }: Person,
    Path(other): Path<String>,
) -> Result<Response, Problem> {
    service.end_session(session.account, id(&other, "id")?, caller.trace).await.map_err(problem)?;
    Ok(no_content(None))
}

impl From<Membership> for MembershipBody {
    fn from(Membership { organisation, name, role }: Membership) -> Self {
        Self { id: organisation.to_string(), name, role: Role::as_str(role) }
    }
}

/// An answer that says nothing but that it is done.
pub(super) fn no_content(cookie: Option<HeaderValue>) -> Response {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}
