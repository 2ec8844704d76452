//! `/api/v1/policies`: who may do what.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use tacita_service::{CountingPolicies, OwnPolicies, PolicyText};
use utoipa::ToSchema;

use super::{
    answer::json,
    signed_in::{SignedIn, problem},
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
};

/// What the organisation's own policies are to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoliciesRequest {
    /// The whole text, in Cedar, in place of the one before; empty where there are to be none. `forbid` only, each with an `@id`, at
    /// most 100 in 64 KiB.
    #[schema(
        example = "@id(\"no-ads-for-programs\")\nforbid (principal is Token, action, resource) when { context.purpose == \"ads\" };"
    )]
    text: String,
}

/// An organisation's own policies as they stand.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnPolicies)]
pub(crate) struct OwnBody {
    /// Counts their changes; 0 where none were ever set.
    version: u32,
    /// Since when they count (RFC 3339); not there where none were ever set.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// What they say, in Cedar.
    text: String,
}

/// A text of policies.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyText)]
pub(crate) struct TextBody {
    /// Its file's name.
    #[schema(example = "records.cedar")]
    name: String,
    /// What it says, in Cedar.
    text: String,
}

/// Every policy that counts in the organisation.
#[derive(Serialize, ToSchema)]
#[schema(as = Policies)]
pub(crate) struct PoliciesBody {
    /// By what the entries of the ledger name the set.
    #[schema(example = "0123456789abcdef")]
    policy_set: String,
    /// What policies can speak about, in Cedar's language of schemas.
    schema: &'static str,
    /// Those that are built in.
    built_in: Vec<TextBody>,
    /// Those of whoever runs the server.
    operator: Vec<TextBody>,
    /// The organisation's own.
    own: OwnBody,
}

/// Read every policy that counts in the organisation. It is for the roles `owner` and `officer`.
#[utoipa::path(
    get, path = "/api/v1/policies", tag = "policies",
    extensions(("x-actions" = json!(["policy.read"]))),
    responses(
        (status = 200, description = "The policies, by where they come from", body = PoliciesBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn read(SignedIn { service, caller }: SignedIn) -> Result<Response, Problem> {
    let CountingPolicies { set, schema, everywhere, own } =
        service.policies(&caller).await.map_err(problem)?;
    let (operator, built_in): (Vec<_>, Vec<_>) = everywhere.into_iter().partition(|text| text.is_operators);
    let bodies = |texts: Vec<PolicyText>| texts.into_iter().map(TextBody::from).collect();
    Ok(json(&PoliciesBody {
        policy_set: set.to_string(),
        schema,
        built_in: bodies(built_in),
        operator: bodies(operator),
        own: own.into(),
    }))
}

/// Set the organisation's own policies, which narrow what the others permit. It is for the role `owner`.
///
/// They count from the answer on, and within a second where several servers share a database. They never stand in the way of reading
/// and setting policies.
#[utoipa::path(
    put, path = "/api/v1/policies", tag = "policies",
    extensions(("x-actions" = json!(["policy.set"]))),
    request_body = PoliciesRequest,
    responses(
        (status = 200, description = "The organisation's own policies as they stand now", body = OwnBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set(SignedIn { service, caller }: SignedIn, body: JsonBody) -> Result<Response, Problem> {
    let PoliciesRequest { text } = body.parse()?;
    let own = service.set_policies(&caller, text).await.map_err(problem)?;
    Ok(json(&OwnBody::from(own)))
}

impl From<OwnPolicies> for OwnBody {
    fn from(OwnPolicies { version, since, text }: OwnPolicies) -> Self {
        Self { version, since: since.map(|since| since.to_string()), text }
    }
}

impl From<PolicyText> for TextBody {
    fn from(PolicyText { name, text, .. }: PolicyText) -> Self {
        Self { name, text }
    }
}
