//! `/api/v1/records`: what is kept about data subjects.

#![expect(unused_qualifications, reason = "utoipa's macro qualifies the types of parameters")]

use std::collections::BTreeMap;

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tacita_corridor::Sensitive;
use tacita_domain::{PurposeName, SubjectId};
use tacita_service::{Change, Draft, Held, History, Kept, Page, Person};
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::json,
    options::Text,
    parameters::Parameters,
    signed_in::{SignedIn, problem},
    subjects::SubjectRequest,
};
use crate::{
    body::JsonBody,
    problem::{Problem, ProblemBody},
    repeats::About,
};

/// Records of one request.
const BATCH: usize = 1000;
/// Others that a record may be about.
const RELATED: usize = 100;

/// A record to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordRequest<'a> {
    #[serde(borrow)]
    subject: SubjectRequest<'a>,
    /// The ids of others that it is about, at most 100.
    #[serde(borrow, default)]
    #[schema(value_type = Vec<String>)]
    related: Vec<Text<'a>>,
    /// What it is: the organisation's own word.
    #[serde(borrow)]
    #[schema(value_type = String, example = "ticket")]
    kind: Text<'a>,
    /// What it is kept for.
    #[serde(borrow)]
    #[schema(value_type = String, example = "support")]
    purpose: Text<'a>,
    /// What it says: any JSON.
    #[serde(borrow)]
    #[schema(value_type = serde_json::Value)]
    payload: &'a RawValue,
}

/// Records to be kept, at most 1,000.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchRequest<'a> {
    #[serde(borrow)]
    records: Vec<RecordRequest<'a>>,
}

/// What is to become of a record: it is corrected (`version` and `payload`), or its processing restricted (`restricted`).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRequest<'a> {
    /// The version that was read; another one by now is a conflict.
    version: Option<u32>,
    /// What it is to say.
    #[serde(borrow)]
    #[schema(value_type = Option<Object>)]
    payload: Option<&'a RawValue>,
    /// Whether its processing is restricted (GDPR Art. 18).
    restricted: Option<bool>,
}

/// A record that was kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptBody {
    /// Its id.
    id: String,
    /// Whose it is.
    subject: String,
    /// The operation, whose entry in the ledger has this id.
    operation: String,
    /// How many values of which types of personal data it holds.
    findings: BTreeMap<String, u64>,
}

/// What became of a record of a batch: `Kept`, or a problem's kind and detail.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BatchResult {
    /// It is on the disk.
    Kept(KeptBody),
    /// It was refused.
    Problem {
        /// The kind of the problem, stable.
        #[serde(rename = "type")]
        kind: &'static str,
        /// What happened, and what to do.
        detail: String,
    },
}

/// What became of the records of a batch, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    results: Vec<BatchResult>,
}

/// A record.
#[derive(Serialize, ToSchema)]
#[schema(as = Record)]
pub(crate) struct RecordBody<'a> {
    /// Its id.
    id: String,
    /// Whose it is.
    subject: String,
    /// Whom it is about, too.
    related: Vec<String>,
    /// What it is.
    kind: &'a str,
    /// What it was kept for.
    purpose: &'a str,
    /// Counts its corrections, from 1.
    version: u32,
    /// When it was kept (RFC 3339).
    created: String,
    /// When it was last corrected.
    changed: String,
    /// Since when its processing is restricted.
    #[serde(skip_serializing_if = "Option::is_none")]
    restricted: Option<String>,
    /// What it says.
    #[schema(value_type = serde_json::Value)]
    payload: &'a RawValue,
}

/// Records of a data subject, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordPage<'a> {
    #[schema(value_type = Vec<RecordBody>)]
    records: Vec<RecordBody<'a>>,
    /// What `after` is for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// What a record said before it was corrected.
#[derive(Serialize, ToSchema)]
pub(crate) struct EarlierBody<'a> {
    /// Which version it was.
    version: u32,
    /// Since when it said so.
    changed: String,
    /// What it said.
    #[schema(value_type = serde_json::Value)]
    payload: &'a RawValue,
}

/// What a record said before, oldest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryPage<'a> {
    #[schema(value_type = Vec<EarlierBody>)]
    versions: Vec<EarlierBody<'a>>,
    /// What `after` is for the next page; not there on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
}

/// What was changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Changed {
    /// The operation, whose entry in the ledger has this id.
    operation: String,
}

/// For what a record is read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadQuery {
    /// The purpose; the one that it was kept for, where it is missing.
    purpose: Option<String>,
}

/// Where a page of a record's history begins.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// `next` of the page before.
    after: Option<u32>,
}

/// Whose records are listed, and for what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListQuery {
    /// The id of the data subject.
    subject: String,
    /// The purpose.
    purpose: String,
    /// `next` of the page before.
    after: Option<String>,
}

/// Keep a record.
#[utoipa::path(
    post, path = "/api/v1/records", tag = "records",
    extensions(("x-actions" = json!(["record.create"]))),
    request_body = RecordRequest,
    responses(
        (status = 201, description = "It is on the disk, and in the ledger", body = KeptBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create(
    SignedIn { service, caller }: SignedIn,
    body: JsonBody,
) -> Result<Response, Problem> {
    let draft = body.parse::<RecordRequest<'_>>()?.draft()?;
    let kept = service.create_record(&caller, draft).await.map_err(problem)?;
    let location = format!("/api/v1/records/{}", kept.record);
    let about = About(kept.subject);
    let mut answer = (StatusCode::CREATED, json(&KeptBody::from(kept))).into_response();
    answer.extensions_mut().insert(about);
    let location = HeaderValue::try_from(location).expect("an id is plain text");
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// Keep many records. Each is kept or refused by itself.
#[utoipa::path(
    post, path = "/api/v1/records/batch", tag = "records",
    extensions(("x-actions" = json!(["record.create"]))),
    request_body = BatchRequest,
    responses(
        (status = 200, description = "What became of each", body = BatchAnswer),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn create_batch(
    SignedIn { service, caller }: SignedIn,
    body: JsonBody,
) -> Result<Response, Problem> {
    let BatchRequest { records } = body.parse()?;
    if records.len() > BATCH {
        return Err(Problem::invalid(format!(
            "a batch has at most {BATCH} records; send the rest in another"
        )));
    }
    // What can't be understood has its problem; the others are kept.
    let mut problems = Vec::new();
    let mut drafts = Vec::new();
    for record in records {
        match record.draft() {
            Ok(draft) => {
                drafts.push(draft);
                problems.push(None);
            }
            Err(problem) => problems.push(Some(problem)),
        }
    }
    let mut kept = service.create_records(&caller, drafts).await.into_iter();
    let results = problems.into_iter().map(|draft| match draft {
        Some(problem) => BatchResult::from(problem),
        None => match kept.next().expect("each draft has an answer") {
            Ok(kept) => BatchResult::Kept(kept.into()),
            Err(error) => BatchResult::from(problem(error)),
        },
    });
    Ok(json(&BatchAnswer { results: results.collect() }))
}

/// List the records of a data subject. Those whose processing is restricted are left out.
#[utoipa::path(
    get, path = "/api/v1/records", tag = "records",
    extensions(("x-actions" = json!(["record.list"]))),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of at most 100, or fewer where they are long", body = RecordPage),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    SignedIn { service, caller }: SignedIn,
    Parameters(ListQuery { subject, purpose, after }): Parameters<ListQuery>,
) -> Result<Response, Problem> {
    let (person, purpose) = (Person::Id(id(&subject, "subject")?), purpose_named(&purpose)?);
    let after = after.map(|after| id(&after, "after")).transpose()?;
    let page = service.list_records(&caller, &person, purpose, after).await;
    let Page { records, next } = page.map_err(problem)?;
    let records = records.iter().map(RecordBody::of).collect::<Result<_, _>>()?;
    Ok(json(&RecordPage { records, next: next.map(|next| next.to_string()) }))
}

/// Read a record.
#[utoipa::path(
    get, path = "/api/v1/records/{id}", tag = "records",
    extensions(("x-actions" = json!(["record.read"]))),
    params(("id" = String, Path, description = "Its id"), ReadQuery),
    responses(
        (status = 200, description = "The record", body = RecordBody),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn read(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
    Parameters(ReadQuery { purpose }): Parameters<ReadQuery>,
) -> Result<Response, Problem> {
    let purpose = purpose.as_deref().map(purpose_named).transpose()?;
    let held = service.read_record(&caller, id(&record, "id")?, purpose).await.map_err(problem)?;
    Ok(json(&RecordBody::of(&held)?))
}

/// Read what a record said before it was corrected.
#[utoipa::path(
    get, path = "/api/v1/records/{id}/history", tag = "records",
    extensions(("x-actions" = json!(["record.read"]))),
    params(("id" = String, Path, description = "Its id"), HistoryQuery),
    responses(
        (status = 200, description = "Earlier versions, oldest first", body = HistoryPage),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn history(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
    Parameters(HistoryQuery { after }): Parameters<HistoryQuery>,
) -> Result<Response, Problem> {
    let after = after.unwrap_or_default();
    let History { versions, next } =
        service.read_history(&caller, id(&record, "id")?, after).await.map_err(problem)?;
    let versions = versions
        .iter()
        .map(|said| {
            let payload = raw(&said.payload)?;
            Ok(EarlierBody { version: said.version, changed: said.changed.to_string(), payload })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(json(&HistoryPage { versions, next }))
}

/// Correct a record, or restrict its processing.
#[utoipa::path(
    patch, path = "/api/v1/records/{id}", tag = "records",
    extensions(("x-actions" = json!(["record.rectify", "record.restrict"]))),
    params(("id" = String, Path, description = "Its id")),
    request_body = ChangeRequest,
    responses(
        (status = 200, description = "It is changed", body = Changed),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn change(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
    body: JsonBody,
) -> Result<Response, Problem> {
    let change = match body.parse()? {
        ChangeRequest { version: Some(version), payload: Some(payload), restricted: None } => {
            Change::Rectify { version, payload: sensitive(payload) }
        }
        ChangeRequest { version: None, payload: None, restricted: Some(on) } => Change::Restrict(on),
        _ => {
            return Err(Problem::invalid(
                "give `version` and `payload` to correct a record, or `restricted` to restrict its processing",
            ));
        }
    };
    let operation = service.change_record(&caller, id(&record, "id")?, change).await.map_err(problem)?;
    Ok(json(&Changed { operation: operation.to_string() }))
}

/// Delete a record, with what it said before.
#[utoipa::path(
    delete, path = "/api/v1/records/{id}", tag = "records",
    extensions(("x-actions" = json!(["record.delete"]))),
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is deleted", body = Changed),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
) -> Result<Response, Problem> {
    let operation =
        service.change_record(&caller, id(&record, "id")?, Change::Delete).await.map_err(problem)?;
    Ok(json(&Changed { operation: operation.to_string() }))
}

impl RecordRequest<'_> {
    fn draft(self) -> Result<Draft, Problem> {
        let Self { subject, related, kind, purpose, payload } = self;
        if related.len() > RELATED {
            return Err(Problem::invalid(format!("`related` has at most {RELATED} ids")));
        }
        Ok(Draft {
            person: subject.person()?,
            related: related.iter().map(|other| id(&other.0, "related")).collect::<Result<_, _>>()?,
            kind: kind.0.parse().map_err(|error| Problem::invalid(format!("`kind` is {error}")))?,
            purpose: purpose_named(&purpose.0)?,
            payload: sensitive(payload),
        })
    }
}

impl From<Problem> for BatchResult {
    fn from(problem: Problem) -> Self {
        Self::Problem { kind: problem.kind.uri(), detail: problem.detail().to_owned() }
    }
}

impl From<Kept> for KeptBody {
    fn from(Kept { record, subject, operation, findings }: Kept) -> Self {
        Self {
            id: record.to_string(),
            subject: subject.to_string(),
            operation: operation.to_string(),
            findings,
        }
    }
}

impl<'a> RecordBody<'a> {
    fn of(held: &'a Held) -> Result<Self, Problem> {
        Ok(Self {
            id: held.record.to_string(),
            subject: held.subject.to_string(),
            related: held.related.iter().map(SubjectId::to_string).collect(),
            kind: held.kind.as_str(),
            purpose: held.purpose.as_str(),
            version: held.version,
            created: held.created.to_string(),
            changed: held.changed.to_string(),
            restricted: held.restricted.map(|since| since.to_string()),
            payload: raw(&held.payload)?,
        })
    }
}

fn sensitive(payload: &RawValue) -> Sensitive<Vec<u8>> {
    Sensitive::new(payload.get().as_bytes().to_vec())
}

/// What was JSON when it came is JSON when it goes.
fn raw(payload: &[u8]) -> Result<&RawValue, Problem> {
    serde_json::from_slice(payload).map_err(|_| Problem::internal())
}

pub(super) fn id<T: std::str::FromStr<Err = tacita_domain::BadId>>(
    text: &str,
    field: &str,
) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::invalid(format!("`{field}` is {error}")))
}

fn purpose_named(text: &str) -> Result<PurposeName, Problem> {
    text.parse().map_err(|error| Problem::invalid(format!("`purpose` is {error}")))
}
