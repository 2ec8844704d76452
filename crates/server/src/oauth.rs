//! What OAuth 2 clients speak: tokens for tokens, and the keys that check them.

use axum::{
    extract::{FromRequest, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tacita_domain::{Action, Scope};
use tacita_service::{Error, PublicClaimsKey};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::{
    api::{
        answer::json,
        sessions::{AccessBody, Newcomer},
        signed_in::{problem, service},
    },
    body,
    problem::{Problem, ProblemBody},
    state::Server,
};

/// The longest form, in bytes.
const LONGEST: usize = 16 * 1024;

/// A form of a client (RFC 6749 appendix B). Each field stands in it once.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Server> for Form {
    type Rejection = OauthError;

    async fn from_request(request: Request, server: &Server) -> Result<Self, OauthError> {
        let is_form = request.headers().get(header::CONTENT_TYPE).is_some_and(|media| {
            media.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
                == b"application/x-www-form-urlencoded"
        });
        let invalid = |why| OauthError::Known("invalid_request", why);
        if !is_form {
            return Err(invalid("send `Content-Type: application/x-www-form-urlencoded`"));
        }
        let body = body::read(request, server).await.map_err(|unread| OauthError::Problem(unread.into()))?;
        if body.len() > LONGEST {
            return Err(invalid("the form is too long"));
        }
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for (key, value) in form_urlencoded::parse(&body) {
            if fields.iter().any(|(known, _)| *known == key) {
                return Err(invalid("a field of the form stands in it twice"));
            }
            fields.push((key.into_owned(), Zeroizing::new(value.into_owned())));
        }
        Ok(Self(fields))
    }
}

/// Why a client gets no token (RFC 6749 §5.2).
pub(crate) enum OauthError {
    Known(&'static str, &'static str),
    Problem(Problem),
}

/// An error as OAuth 2 clients read it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OauthErrorBody {
    /// Such as `invalid_grant`.
    error: &'static str,
    /// What happened, and what to do.
    error_description: &'static str,
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        match self {
            Self::Known(error, error_description) => {
                let mut answer = json(&OauthErrorBody { error, error_description });
                *answer.status_mut() = if error == "invalid_client" {
                    answer
                        .headers_mut()
                        .insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Basic"));
                    StatusCode::UNAUTHORIZED
                } else {
                    StatusCode::BAD_REQUEST
                };
                answer
            }
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// The keys by which access tokens are checked (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// The newest first.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<PublicClaimsKey>,
}

/// What there is for OAuth 2 clients (RFC 8414).
#[derive(Serialize, ToSchema)]
pub(crate) struct Metadata {
    /// The address by which browsers reach the server, with which all others begin.
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    service_documentation: String,
    /// Every action, to which `scope` may narrow a token.
    scopes_supported: Vec<&'static str>,
    /// None: there is no authorization endpoint.
    response_types_supported: [&'static str; 0],
    grant_types_supported: [&'static str; 2],
    /// `none` is for refresh tokens, which prove themselves.
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
}

/// Exchange a refresh token, or a service's own token, for an access token.
///
/// `grant_type=refresh_token` with `refresh_token`: each is used once; whoever uses one twice ends the session.
/// `grant_type=client_credentials` with a service token: its id is the client's, the token itself the secret, as HTTP Basic or as
/// `client_id` and `client_secret`; `scope` may narrow it.
#[utoipa::path(
    post, path = "/oauth/token", tag = "accounts",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "An access token", body = AccessBody),
        (status = "4XX", description = "The client gets no token", body = OauthErrorBody),
    ),
)]
pub(crate) async fn token(
    Newcomer { service, trace, .. }: Newcomer,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OauthError> {
    let failed = |error| OauthError::Problem(problem(error));
    match form.field("grant_type") {
        Some("refresh_token") => {
            let refresh = form
                .field("refresh_token")
                .ok_or(OauthError::Known("invalid_request", "send `refresh_token`"))?;
            let access = service.renew_access(refresh, trace).await.map_err(failed)?;
            let access = access.ok_or(OauthError::Known(
                "invalid_grant",
                "the refresh token is worth nothing (any more): sign in again",
            ))?;
            Ok(json(&AccessBody::from(access)))
        }
        Some("client_credentials") => {
            let unknown = OauthError::Known(
                "invalid_client",
                "send the id of a service token as `client_id` and the token itself as `client_secret`",
            );
            let Some((client, secret)) = client(&headers, &form) else { return Err(unknown) };
            let Ok(client) = client.parse() else { return Err(unknown) };
            let scope = match form.field("scope").map(str::parse::<Scope>) {
                None => None,
                Some(Ok(scope)) => Some(scope),
                Some(Err(_)) => {
                    return Err(OauthError::Known(
                        "invalid_scope",
                        "`scope` names no action; give such as `record.read`",
                    ));
                }
            };
            let access =
                service.client_access(client, &secret, scope).await.map_err(|error| match error {
                    Error::Invalid(_) => {
                        OauthError::Known("invalid_scope", "`scope` asks for nothing that the token may")
                    }
                    error => failed(error),
                })?;
            Ok(json(&AccessBody::from(access.ok_or(unknown)?)))
        }
        _ => Err(OauthError::Known(
            "unsupported_grant_type",
            "`grant_type` is `refresh_token` or `client_credentials`",
        )),
    }
}

/// Who a client is, by HTTP Basic or by the form (RFC 6749 §2.3.1), but not both.
fn client(headers: &HeaderMap, form: &Form) -> Option<(String, Zeroizing<String>)> {
    let in_form = form.field("client_id").zip(form.field("client_secret"));
    match (headers.get(header::AUTHORIZATION), in_form) {
        (None, Some((client, secret))) => Some((client.to_owned(), Zeroizing::new(secret.to_owned()))),
        (Some(basic), None) => {
            let (scheme, encoded) = basic.to_str().ok()?.split_once(' ')?;
            let decoded = Zeroizing::new(data_encoding::BASE64.decode(encoded.trim().as_bytes()).ok()?);
            let (client, secret) = str::from_utf8(&decoded).ok()?.split_once(':')?;
            let secret = Zeroizing::new(secret.to_owned());
            scheme.eq_ignore_ascii_case("basic").then(|| (client.to_owned(), secret))
        }
        _ => None,
    }
}

/// Make a refresh token worthless, and with it the session that it renews (RFC 7009). It is answered alike whether there was one.
#[utoipa::path(
    post, path = "/oauth/revoke", tag = "accounts",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "It is worth nothing now"),
        (status = "4XX", description = "The request was refused", body = OauthErrorBody),
    ),
)]
pub(crate) async fn revoke(Newcomer { service, .. }: Newcomer, form: Form) -> Result<Response, OauthError> {
    let token = form.field("token").ok_or(OauthError::Known("invalid_request", "send `token`"))?;
    service.revoke_access(token).await.map_err(|error| OauthError::Problem(problem(error)))?;
    Ok(StatusCode::OK.into_response())
}

/// The keys by which access tokens are checked.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "accounts",
    responses(
        (status = 200, description = "The keys", body = KeySet),
        (status = "5XX", description = "They can't be had at the moment", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn keys(State(server): State<Server>) -> Result<Response, Problem> {
    let service = service(&server)?;
    let keys = service.public_claims_keys().await.map_err(problem)?;
    Ok(json(&KeySet { keys }))
}

/// What there is for OAuth 2 clients.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", tag = "accounts",
    responses(
        (status = 200, description = "The metadata", body = Metadata),
        (status = "5XX", description = "There is nothing for them", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn metadata(State(server): State<Server>) -> Result<Response, Problem> {
    let service = service(&server)?;
    let at = |path| service.public_url().of(path);
    Ok(json(&Metadata {
        issuer: at(""),
        token_endpoint: at("/oauth/token"),
        revocation_endpoint: at("/oauth/revoke"),
        jwks_uri: at("/.well-known/jwks.json"),
        service_documentation: at("/docs/"),
        scopes_supported: Action::ALL.iter().map(|action| action.as_str()).collect(),
        // RFC 8414 demands it (§2) and would leave out what is empty (§3.2): clients miss it more than they mind that it is empty.
        response_types_supported: [],
        grant_types_supported: ["refresh_token", "client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
        revocation_endpoint_auth_methods_supported: ["none"],
    }))
}
