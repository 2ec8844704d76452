//! `/api/v1/purposes`: what data is processed for, and why it may be.

use axum::{extract::Path, response::Response};
use serde::{Deserialize, Serialize};
use tacita_domain::{DataClass, LawfulBasis, Purpose, PurposeName};
use utoipa::ToSchema;

use super::{
    answer::json,
    signed_in::{SignedIn, problem},
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
};

/// What a purpose is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PurposeRequest {
    /// The lawful basis (GDPR Art. 6(1)): `consent`, `contract`, `legal-obligation`, `vital-interests`, `public-task` or
    /// `legitimate-interests`.
    #[schema(example = "contract")]
    basis: String,
    /// How much may be kept: `session` leaves counts only; `aggregate`, `operational`, `personal`.
    #[schema(example = "personal")]
    class: String,
    /// Whether anything may be processed for it. Off unless it says so.
    #[serde(default)]
    enabled: bool,
}

/// A purpose as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Purpose)]
pub(crate) struct PurposeBody {
    /// Its name.
    #[schema(example = "support")]
    name: String,
    /// Counts its changes, from 1.
    version: u32,
    basis: &'static str,
    class: &'static str,
    enabled: bool,
}

/// Every purpose of the organisation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Purposes {
    /// By name.
    purposes: Vec<PurposeBody>,
}

impl From<Purpose> for PurposeBody {
    fn from(Purpose { name, version, basis, class, enabled }: Purpose) -> Self {
        Self { name: name.to_string(), version, basis: basis.as_str(), class: class.as_str(), enabled }
    }
}

/// List the purposes of the organisation.
#[utoipa::path(
    get, path = "/api/v1/purposes", tag = "purposes",
    extensions(("x-actions" = json!(["purpose.list"]))),
    responses(
        (status = 200, description = "Every purpose as it stands", body = Purposes),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(SignedIn { service, caller }: SignedIn) -> Result<Response, Problem> {
    let purposes = service.purposes(&caller).await.map_err(problem)?;
    Ok(json(&Purposes { purposes: purposes.into_iter().map(PurposeBody::from).collect() }))
}

/// Set a purpose. Whatever changes is a new version. It is for the roles `owner` and `officer`, unless other policies say otherwise.
#[utoipa::path(
    put, path = "/api/v1/purposes/{name}", tag = "purposes",
    extensions(("x-actions" = json!(["purpose.set"]))),
    params(("name" = String, Path, description = "1 to 64 lower-case letters, digits, `.`, `-` or `_`, the first a letter")),
    request_body = PurposeRequest,
    responses(
        (status = 200, description = "The purpose as it stands now", body = PurposeBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn set(
    SignedIn { service, caller }: SignedIn,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Response, Problem> {
    let name: PurposeName = name.parse().map_err(|error| Problem::invalid(format!("{error}")))?;
    let PurposeRequest { basis, class, enabled } = body.parse()?;
    let basis = LawfulBasis::parse(&basis).ok_or_else(|| one_of("basis", LawfulBasis::ALL))?;
    let class = DataClass::parse(&class).ok_or_else(|| one_of("class", DataClass::ALL))?;
    let purpose = service.set_purpose(&caller, name, basis, class, enabled).await.map_err(problem)?;
    Ok(json(&PurposeBody::from(purpose)))
}

fn one_of(field: &str, values: &[impl std::fmt::Display]) -> Problem {
    let values: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
    Problem::invalid(format!("`{field}` is none of {}", values.join(", ")))
}
