//! `/api/v1/audit`: what the ledger says.

#![expect(unused_qualifications, reason = "utoipa's macro qualifies the types of parameters")]

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tacita_domain::Action;
use tacita_service::{AuditEntry, AuditFilter, AuditPage};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::json,
    parameters::Parameters,
    signed_in::{SignedIn, problem},
};
use crate::problem::{Problem, ProblemBody};

/// What is said of an entry that nobody can open any more.
const DESTROYED: &str = "the key is destroyed";

/// Which entries are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// `next` of the page before.
    after: Option<String>,
    /// Those of this action, such as `record.read`.
    action: Option<String>,
    /// Those about the data subject with this id.
    subject: Option<String>,
    /// Those that ended so: `done`, or why not, such as `denied.no-consent`.
    outcome: Option<String>,
    /// Entries of a page, 1 to 100; 100 where it is missing.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// An entry of the ledger.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct EntryBody<'a> {
    /// The operation, whose id is the entry's.
    operation: String,
    /// Its place in the log, from 0; not there while it waits for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// When it was asked for (RFC 3339).
    at: String,
    /// What was to be done.
    #[schema(example = "record.read")]
    action: &'a str,
    /// What for.
    purpose: &'a str,
    /// `done`, or why not.
    outcome: &'a str,
    /// Whom it was about; not there where it was about nobody, or their key is destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// What was logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    body: Option<&'a RawValue>,
    /// Why there is no body: `the key is destroyed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<&'static str>,
}

/// Entries, in the order in which they were asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPage)]
pub(crate) struct PageBody<'a> {
    entries: Vec<EntryBody<'a>>,
    /// What `after` is for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Read the ledger. It is for the roles `auditor`, `officer` and `owner`; the reading is an entry, too.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "ledger",
    extensions(("x-actions" = json!(["audit.read"]))),
    params(AuditQuery),
    responses(
        (status = 200, description = "A page of entries", body = PageBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    SignedIn { service, caller }: SignedIn,
    Parameters(query): Parameters<AuditQuery>,
) -> Result<Response, Problem> {
    let AuditPage { entries, next } = service.audit(&caller, query.filter()?).await.map_err(problem)?;
    let entries = entries.iter().map(EntryBody::of).collect::<Result<_, _>>()?;
    Ok(json(&PageBody { entries, next: next.map(|next| next.to_string()) }))
}

impl AuditQuery {
    fn filter(self) -> Result<AuditFilter, Problem> {
        let Self { after, action, subject, outcome, limit } = self;
        let action = action
            .map(|action| {
                Action::parse(&action)
                    .ok_or_else(|| Problem::invalid("`action` is none that there is; `/docs` shows them"))
            })
            .transpose()?;
        if limit.is_some_and(|limit| !(1..=100).contains(&limit)) {
            return Err(Problem::invalid("`limit` is 1 to 100"));
        }
        Ok(AuditFilter {
            after: id(after.as_deref(), "after")?,
            action,
            subject: id(subject.as_deref(), "subject")?,
            outcome,
            limit,
        })
    }
}

impl<'a> EntryBody<'a> {
    fn of(entry: &'a AuditEntry) -> Result<Self, Problem> {
        let body = entry.body.as_deref().map(serde_json::from_slice).transpose();
        let body = body.map_err(|_| Problem::internal())?;
        Ok(Self {
            operation: entry.operation.to_string(),
            position: entry.position,
            at: entry.at.to_string(),
            action: &entry.action,
            purpose: &entry.purpose,
            outcome: &entry.outcome,
            subject: entry.subject.map(|subject| subject.to_string()),
            sealed: body.is_none().then_some(DESTROYED),
            body,
        })
    }
}

fn id<T: std::str::FromStr<Err = tacita_domain::BadId>>(
    text: Option<&str>,
    field: &str,
) -> Result<Option<T>, Problem> {
    let parse = |text: &str| text.parse().map_err(|error| Problem::invalid(format!("`{field}` is {error}")));
    text.map(parse).transpose()
}
