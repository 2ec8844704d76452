//! `/api/v1/members`: who belongs to an organisation.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use tacita_domain::Role;
use tacita_service::Member;

use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    answer::json,
    records::id,
    sessions::no_content,
    signed_in::{Person, SignedIn, problem},
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
};

/// Every member of the organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Members {
    members: Vec<MemberBody>,
}

/// A member.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody {
    /// The id of their account.
    account: String,
    role: &'static str,
    since: String,
    email: String,
    name: String,
}

/// In which role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleRequest {
    /// `owner`, `officer`, `analyst`, `auditor` or `member`.
    #[schema(example = "member")]
    role: String,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Invitation {
    /// What is to be sent with the account that is made, or accepted in an account. It is shown this once, and used once.
    #[schema(value_type = String)]
    link: Zeroizing<String>,
    /// Until when it counts.
    expires: String,
}

/// An invitation that is accepted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptRequest {
    /// The invitation's link.
    #[schema(value_type = String)]
    link: Zeroizing<String>,
}

/// The organisation that somebody has joined.
#[derive(Serialize, ToSchema)]
pub(crate) struct Joined {
    organisation: String,
}

/// List the members of the organisation.
#[utoipa::path(
    get, path = "/api/v1/members", tag = "accounts",
    extensions(("x-actions" = json!(["member.list"]))),
    responses(
        (status = 200, description = "Every member", body = Members),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(SignedIn { service, caller }: SignedIn) -> Result<Response, Problem> {
    let members = service.members(&caller).await.map_err(problem)?;
    let members = members.into_iter().map(|Member { account, role, since, mut profile }| MemberBody {
        account: account.to_string(),
        role: role.as_str(),
        since: since.to_string(),
        email: std::mem::take(&mut profile.email),
        name: std::mem::take(&mut profile.name),
    });
    Ok(json(&Members { members: members.collect() }))
}

/// Invite somebody to become a member.
#[utoipa::path(
    post, path = "/api/v1/members/invitations", tag = "accounts",
    request_body = RoleRequest,
    extensions(("x-actions" = json!(["member.invite"]))),
    responses(
        (status = 201, description = "The link to give them", body = Invitation),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn invite(
    SignedIn { service, caller }: SignedIn,
    body: JsonBody,
) -> Result<Response, Problem> {
    let link = service.invite(&caller, role(&body)?).await.map_err(problem)?;
    let invitation = Invitation { link: link.secret, expires: link.expires.to_string() };
    Ok((StatusCode::CREATED, json(&invitation)).into_response())
}

/// Become a member by an invitation, with the account you are signed in to.
#[utoipa::path(
    post, path = "/api/v1/account/invitations", tag = "accounts",
    request_body = AcceptRequest,
    extensions(("x-actions" = json!(["account.read"])), ("x-person" = json!(true))),
    responses(
        (status = 200, description = "You belong to it", body = Joined),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn accept(
    Person { service, session, caller, .. }: Person,
    body: JsonBody,
) -> Result<Response, Problem> {
    let AcceptRequest { link } = body.parse()?;
    let joined = service.accept_invitation(session.account, &link, None, caller.trace).await;
    Ok(json(&Joined { organisation: joined.map_err(problem)?.to_string() }))
}

/// Give a member another role.
#[utoipa::path(
    patch, path = "/api/v1/members/{account}", tag = "accounts",
    params(("account" = String, Path, description = "The id of their account")),
    request_body = RoleRequest,
    extensions(("x-actions" = json!(["member.change"]))),
    responses(
        (status = 204, description = "They have it"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change(
    SignedIn { service, caller }: SignedIn,
    Path(account): Path<String>,
    body: JsonBody,
) -> Result<Response, Problem> {
    service.change_role(&caller, id(&account, "account")?, role(&body)?).await.map_err(problem)?;
    Ok(no_content(None))
}

/// End somebody's membership.
#[utoipa::path(
    delete, path = "/api/v1/members/{account}", tag = "accounts",
    params(("account" = String, Path, description = "The id of their account")),
    extensions(("x-actions" = json!(["member.remove"]))),
    responses(
        (status = 204, description = "They belong to it no more"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn remove(
    SignedIn { service, caller }: SignedIn,
    Path(account): Path<String>,
) -> Result<Response, Problem> {
    service.remove_member(&caller, id(&account, "account")?).await.map_err(problem)?;
    Ok(no_content(None))
}

fn role(body: &JsonBody) -> Result<Role, Problem> {
    let RoleRequest { role } = body.parse()?;
    Role::parse(&role).ok_or_else(|| {
        Problem::invalid("`role` is none of `owner`, `officer`, `analyst`, `auditor` and `member`")
    })
}
