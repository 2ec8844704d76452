//! `/api/v1/records/{id}/attachments`: files of records.

use std::convert::Infallible;

use axum::{
    extract::{FromRequest, Path, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use form_urlencoded::byte_serialize;
use futures_util::stream;
use multer::Multipart;
use serde::Serialize;
use tacita_corridor::Sensitive;
use tacita_service::{Attached, FileName};
use utoipa::ToSchema;

use super::{
    answer::json,
    records::id,
    signed_in::{SignedIn, problem},
};
use crate::{
    body::read as read_body,
    problem::{Kind, Problem, ProblemBody},
    state::Server,
};

/// What a file is where nobody says.
const ANYTHING: &str = "application/octet-stream";

/// A file, as forms send it: the part `file`, with its name and its media type.
pub(crate) struct FileBody {
    file: FileName,
    bytes: Vec<u8>,
}

/// A form with a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct FileForm {
    /// The file, with its name and its media type.
    #[schema(value_type = String, format = Binary)]
    file: (),
}

/// A file that was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    /// Its id.
    id: String,
    /// The operation, whose entry in the ledger has this id.
    operation: String,
}

/// A file of a record, without what is in it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AttachmentBody {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// What it is (RFC 6838).
    media_type: String,
    /// Its length in bytes.
    size: i64,
    /// When it was added (RFC 3339).
    created: String,
}

/// The files of a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct Attachments {
    /// Oldest first.
    attachments: Vec<AttachmentBody>,
}

/// Add a file to a record.
#[utoipa::path(
    post, path = "/api/v1/records/{id}/attachments", tag = "records",
    extensions(("x-actions" = json!(["attachment.add"]))),
    params(("id" = String, Path, description = "The record's id")),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is on the disk, sealed", body = Added),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn add(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
    FileBody { file, bytes }: FileBody,
) -> Result<Response, Problem> {
    let added =
        service.add_attachment(&caller, id(&record, "id")?, Sensitive::new(file), Sensitive::new(bytes));
    let (attachment, operation) = added.await.map_err(problem)?;
    let location = HeaderValue::try_from(format!("/api/v1/attachments/{attachment}"));
    let added = Added { id: attachment.to_string(), operation: operation.to_string() };
    let mut answer = (StatusCode::CREATED, json(&added)).into_response();
    answer.headers_mut().insert(header::LOCATION, location.expect("an id is plain text"));
    Ok(answer)
}

/// List the files of a record.
#[utoipa::path(
    get, path = "/api/v1/records/{id}/attachments", tag = "records",
    extensions(("x-actions" = json!(["attachment.read"]))),
    params(("id" = String, Path, description = "The record's id")),
    responses(
        (status = 200, description = "Its files", body = Attachments),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    SignedIn { service, caller }: SignedIn,
    Path(record): Path<String>,
) -> Result<Response, Problem> {
    let attached = service.list_attachments(&caller, id(&record, "id")?).await.map_err(problem)?;
    let attachments =
        attached.into_iter().map(|Attached { attachment, created, size, file }| AttachmentBody {
            id: attachment.to_string(),
            name: file.name.clone(),
            media_type: file.media.clone(),
            size,
            created: created.to_string(),
        });
    Ok(json(&Attachments { attachments: attachments.collect() }))
}

/// Read a file.
#[utoipa::path(
    get, path = "/api/v1/attachments/{id}", tag = "records",
    extensions(("x-actions" = json!(["attachment.read"]))),
    params(("id" = String, Path, description = "The file's id")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream"),
        (status = "4XX", description = "The request was refused", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn read(
    SignedIn { service, caller }: SignedIn,
    Path(attachment): Path<String>,
) -> Result<Response, Problem> {
    let (file, bytes) = service.read_attachment(&caller, id(&attachment, "id")?).await.map_err(problem)?;
    let media = HeaderValue::try_from(&file.media).unwrap_or(HeaderValue::from_static(ANYTHING));
    // RFC 8187: the name in UTF-8, percent-encoded. A form's encoding differs in the space alone.
    let name = byte_serialize(file.name.as_bytes()).collect::<String>().replace('+', "%20");
    let disposition = HeaderValue::try_from(format!("attachment; filename*=UTF-8''{name}"));
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_DISPOSITION, disposition.expect("percent-encoded text is plain")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // A browser must not make a page of what somebody sent.
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, bytes).into_response())
}

impl FromRequest<Server> for FileBody {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let boundary = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|media| multer::parse_boundary(media.to_str().ok()?).ok())
            .ok_or_else(|| {
                Problem::new(Kind::UnsupportedMediaType, "send `Content-Type: multipart/form-data`")
            })?;
        let body = read_body(request, server).await?;
        let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        let broken = |_| Problem::invalid("the form is not one; send it as a browser does");
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            if part.name() == Some("file") {
                let file = FileName {
                    name: part.file_name().unwrap_or("file").to_owned(),
                    media: part.content_type().map_or_else(|| ANYTHING.to_owned(), ToString::to_string),
                };
                return Ok(Self { file, bytes: part.bytes().await.map_err(broken)?.into() });
            }
        }
        Err(Problem::invalid("the form has no part `file`"))
    }
}
