//! `/api/v1/account/passkeys` and `/api/v1/sign-in/passkey`: adding and removing passkeys, and signing in with one.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tacita_service::{PasskeyChallenge, PasskeyOf};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    answer::json,
    records::id,
    sessions::{Newcomer, begun, no_content},
    signed_in::{Person, problem},
};
use crate::{
    body::JsonBody,
    problem::{Kind, Problem, ProblemBody},
    state::Server,
};

/// Somebody who wants to add a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyBeginRequest {
    /// Your password; not needed within ten minutes after signing in.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    password: Option<Zeroizing<String>>,
}

/// What a passkey is to sign.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyChallenge)]
pub(crate) struct ChallengeBody {
    /// What is to be sent back with the answer, once.
    #[schema(value_type = String)]
    challenge: Zeroizing<String>,
    /// Until when an answer counts.
    expires: String,
    /// What `PublicKeyCredential.parseCreationOptionsFromJSON()` or `parseRequestOptionsFromJSON()` takes, below `publicKey`.
    #[schema(value_type = Object)]
    options: Value,
}

/// A passkey that is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyRequest {
    /// What came with the options.
    #[schema(value_type = String)]
    challenge: Zeroizing<String>,
    /// What `navigator.credentials.create()` gave, by its `toJSON()`.
    #[schema(value_type = Object)]
    credential: Value,
    /// What you call it.
    #[schema(example = "telephone")]
    name: String,
}

/// An answer of a passkey that is to sign somebody in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeySignInRequest {
    /// What came with the options.
    #[schema(value_type = String)]
    challenge: Zeroizing<String>,
    /// What `navigator.credentials.get()` gave, by its `toJSON()`.
    #[schema(value_type = Object)]
    credential: Value,
    /// Whether to give access tokens, for a program, in place of a cookie, for a browser.
    #[serde(default)]
    tokens: bool,
}

/// A passkey of yours.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyBody {
    id: String,
    /// What you call it.
    name: String,
    created: String,
    /// When it last signed you in.
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<String>,
    /// Since when it is refused: it counted backwards, so that there is a copy of it. Remove it.
    #[serde(skip_serializing_if = "Option::is_none")]
    copied: Option<String>,
}

/// Your passkeys.
#[derive(Serialize, ToSchema)]
pub(crate) struct Passkeys {
    /// The oldest first.
    passkeys: Vec<PasskeyBody>,
}

impl From<PasskeyChallenge> for ChallengeBody {
    fn from(PasskeyChallenge { secret, expires, options }: PasskeyChallenge) -> Self {
        Self { challenge: secret, expires: expires.to_string(), options }
    }
}

impl From<PasskeyOf> for PasskeyBody {
    fn from(PasskeyOf { passkey, name, created, used, copied }: PasskeyOf) -> Self {
        Self {
            id: passkey.to_string(),
            name,
            created: created.to_string(),
            used: used.map(|at| at.to_string()),
            copied: copied.map(|at| at.to_string()),
        }
    }
}

/// Begin to add a passkey, within ten minutes after signing in, or with your password.
#[utoipa::path(
    post, path = "/api/v1/account/passkeys/challenge", tag = "accounts",
    request_body = PasskeyBeginRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "What the browser is to have it sign", body = ChallengeBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn challenge(
    Person { service, session, caller, .. }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let PasskeyBeginRequest { password } = body.parse()?;
    let challenge = service.begin_passkey(&session, password, caller.trace).await.map_err(problem)?;
    Ok(json(&ChallengeBody::from(challenge)))
}

/// Add the passkey that has answered.
#[utoipa::path(
    post, path = "/api/v1/account/passkeys", tag = "accounts",
    request_body = PasskeyRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 201, description = "It signs you in from now on", body = PasskeyBody),
        (status = 404, description = "The challenge is worth nothing (any more): begin again", body = ProblemBody, content_type = "application/problem+json"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    Person { service, session, caller, .. }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let PasskeyRequest { challenge, credential, name } = body.parse()?;
    let added = service.add_passkey(session.account, &challenge, credential, &name, caller.trace).await;
    let added = PasskeyBody::from(added.map_err(problem)?);
    Ok((StatusCode::CREATED, json(&added)).into_response())
}

/// List your passkeys.
#[utoipa::path(
    get, path = "/api/v1/account/passkeys", tag = "accounts",
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "Your passkeys", body = Passkeys),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(Person { service, session, caller, .. }: Person) -> Result<Response, Problem> {
    let passkeys = service.passkeys(session.account, caller.trace).await.map_err(problem)?;
    Ok(json(&Passkeys { passkeys: passkeys.into_iter().map(PasskeyBody::from).collect() }))
}

/// Remove a passkey of yours, within ten minutes after signing in.
#[utoipa::path(
    delete, path = "/api/v1/account/passkeys/{id}", tag = "accounts",
    params(("id" = String, Path, description = "The passkey's id")),
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "It signs nobody in any more"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    Person { service, session, caller, .. }: Person,
    Path(passkey): Path<String>,
) -> Result<Response, Problem> {
    service.remove_passkey(&session, id(&passkey, "id")?, caller.trace).await.map_err(problem)?;
    Ok(no_content(None))
}

/// Begin to sign in with a passkey. It says itself whose it is.
#[utoipa::path(
    post, path = "/api/v1/sign-in/passkey/challenge", tag = "accounts",
    responses(
        (status = 200, description = "What the browser is to have a passkey sign", body = ChallengeBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sign_in_challenge(Newcomer { service, .. }: Newcomer) -> Result<Response, Problem> {
    Ok(json(&ChallengeBody::from(service.begin_passkey_sign_in().await.map_err(problem)?)))
}

/// Sign in with a passkey.
#[utoipa::path(
    post, path = "/api/v1/sign-in/passkey", tag = "accounts",
    request_body = PasskeySignInRequest,
    responses(
        (status = 200, description = "They are signed in", body = super::sessions::SessionBegun),
        (status = 401, description = "The passkey is unknown or refused, or does not answer what was asked", body = ProblemBody, content_type = "application/problem+json"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sign_in(
    State(server): State<Server>,
    Newcomer { service, trace, device }: Newcomer,
    body: JsonBody,
) -> Result<Response, Problem> {
    let PasskeySignInRequest { challenge, credential, tokens } = body.parse()?;
    let session = service.sign_in_with_passkey(&challenge, credential, device, trace).await;
    match session.map_err(problem)? {
        Some(session) => begun(&server, &service, session, tokens).await,
        None => Err(Problem::new(
            Kind::SignIn,
            "the passkey is unknown here or refused, or did not answer in time: begin again, or sign in another way",
        )),
    }
}
