//! `/api/v1/accounts` and `/api/v1/account`: made by a link, seen and changed by whoever has one.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tacita_service::{Account, NewAccount, Profile};

use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    answer::json,
    sessions::{Newcomer, begun, no_content},
    signed_in::{Person, problem},
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
    state::Server,
};

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRequest {
    /// What the link of an invitation, or of the first owner, ends with.
    #[schema(value_type = String)]
    link: Zeroizing<String>,
    /// Whose account it is to be.
    #[schema(example = "mara.lind@example.org")]
    email: String,
    /// What they are called.
    #[schema(example = "Mara Lind")]
    name: String,
    /// At least ten characters that are not easy to guess.
    #[schema(value_type = String)]
    password: Zeroizing<String>,
    /// What the organisation is called that the first owner makes.
    #[serde(default)]
    organisation: Option<String>,
    /// Whether to give access tokens, for a program, in place of a cookie, for a browser.
    #[serde(default)]
    tokens: bool,
}

/// Your account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    id: String,
    email: String,
    name: String,
    created: String,
    /// Whether you can sign in with a password.
    has_password: bool,
    /// Whether signing in with a password takes a code, too.
    has_totp: bool,
    /// How many recovery codes are left.
    recovery_codes: usize,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordRequest {
    /// The one before.
    #[schema(value_type = String)]
    password: Zeroizing<String>,
    /// At least ten characters that are not easy to guess.
    #[schema(value_type = String)]
    new_password: Zeroizing<String>,
}

/// What is typed or scanned into an app that makes codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolmentBody {
    /// In base32.
    #[schema(value_type = String)]
    secret: Zeroizing<String>,
    /// The same, as apps read it from a picture.
    #[schema(value_type = String)]
    link: Zeroizing<String>,
}

/// What shows that an app makes the right codes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmRequest {
    #[schema(value_type = String)]
    password: Zeroizing<String>,
    /// A code of the app that makes them so far, or a recovery code; where there is one.
    #[serde(default)]
    current_code: Option<String>,
    /// The secret that was given out.
    #[schema(value_type = String)]
    secret: Zeroizing<String>,
    /// A code that the app shows.
    code: String,
}

/// What is to be written down and kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryBody {
    /// Each signs in once in place of a code. They are shown this once.
    #[schema(value_type = Vec<String>)]
    recovery_codes: Vec<Zeroizing<String>>,
}

/// The password and a code, again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmedRequest {
    #[schema(value_type = String)]
    password: Zeroizing<String>,
    /// A code of the app, or a recovery code.
    code: String,
}

/// Make an account by a link, and sign in to it.
#[utoipa::path(
    post, path = "/api/v1/accounts", tag = "accounts",
    request_body = AccountRequest,
    responses(
        (status = 201, description = "It is made, and they are signed in", body = super::sessions::SessionBegun),
        (status = 404, description = "The link is worth nothing (any more)", body = ProblemBody, content_type = "application/problem+json"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    State(server): State<Server>,
    Newcomer { service, trace, device }: Newcomer,
    body: JsonBody,
) -> Result<Response, Problem> {
    let AccountRequest { link, email, name, password, organisation, tokens } = body.parse()?;
    let profile = Profile { email, name };
    let new = NewAccount { link, profile, password, organisation, device };
    let session = service.create_account(new, trace).await.map_err(problem)?;
    let answer = begun(&server, &service, session, tokens).await?;
    Ok((StatusCode::CREATED, answer).into_response())
}

/// See your account.
#[utoipa::path(
    get, path = "/api/v1/account", tag = "accounts",
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "Your account", body = AccountBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn read(Person { service, session, caller, .. }: Person) -> Result<Response, Problem> {
    let account = service.read_account(session.account, caller.trace).await.map_err(problem)?;
    let Account { account, mut profile, created, has_password, has_totp, recovery_codes } = account;
    Ok(json(&AccountBody {
        id: account.to_string(),
        email: std::mem::take(&mut profile.email),
        name: std::mem::take(&mut profile.name),
        created: created.to_string(),
        has_password,
        has_totp,
        recovery_codes,
    }))
}

/// Change your password. Every other session of yours ends.
#[utoipa::path(
    put, path = "/api/v1/account/password", tag = "accounts",
    request_body = PasswordRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "It is changed"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change_password(
    State(server): State<Server>,
    Person { service, session, caller, secret }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let PasswordRequest { password, new_password } = body.parse()?;
    let changed =
        service.change_password(&session, secret.as_deref(), password, new_password, caller.trace).await;
    let new = changed.map_err(problem)?;
    Ok(no_content(new.map(|new| server.cookie.set(&new, session.expires, tacita_service::system_clock()))))
}

/// Begin to sign in with codes from an app, too. Nothing changes until a first code has come.
#[utoipa::path(
    post, path = "/api/v1/account/totp", tag = "accounts",
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "What the app is to be told", body = EnrolmentBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn enrol_totp(Person { service, session, caller, .. }: Person) -> Result<Response, Problem> {
    let enrolment = service.enrol_totp(session.account, caller.trace).await.map_err(problem)?;
    Ok(json(&EnrolmentBody { secret: enrolment.secret, link: enrolment.link }))
}

/// Sign in with codes from an app from now on.
#[utoipa::path(
    put, path = "/api/v1/account/totp", tag = "accounts",
    request_body = ConfirmRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "Signing in with the password takes a code from now on", body = RecoveryBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn confirm_totp(
    Person { service, session, caller, .. }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let ConfirmRequest { password, current_code, secret, code } = body.parse()?;
    let confirmed = service.confirm_totp(
        session.account,
        password,
        current_code.as_deref(),
        &secret,
        code.trim(),
        caller.trace,
    );
    let codes = confirmed.await;
    Ok(json(&RecoveryBody { recovery_codes: codes.map_err(problem)? }))
}

/// Sign in without codes again.
#[utoipa::path(
    post, path = "/api/v1/account/totp/removal", tag = "accounts",
    request_body = ConfirmedRequest,
    extensions(("x-actions" = json!(["account.change"])), ("x-person" = json!(true))),
    responses(
        (status = 204, description = "Signing in takes the password alone"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove_totp(
    Person { service, session, caller, .. }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let ConfirmedRequest { password, code } = body.parse()?;
    service.remove_totp(session.account, password, Some(code.trim()), caller.trace).await.map_err(problem)?;
    Ok(no_content(None))
}
