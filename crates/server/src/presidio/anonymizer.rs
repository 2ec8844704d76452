//! The anonymizer's routes.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde_json::Value;
use tacita_detect::{
    presidio::anonymizer::{
        self, ANONYMIZERS, AnonymizeRequest, AnonymizerError, DEANONYMIZERS, DeanonymizeRequest, EngineResult,
    },
    redact::system_random,
};

use super::{BAD_REQUEST, PresidioError, UNSUPPORTED_MEDIA_TYPE, healthy, json};
use crate::{body, state::Server, work};

/// Replace what the analyzer found, as Presidio's anonymizer does.
#[utoipa::path(
    post, path = "/presidio/anonymizer/anonymize", tag = "presidio",
    request_body(content = Object, description = "`text`, `analyzer_results`, and optionally `anonymizers` by type or \
        `DEFAULT`", example = json!({
            "text": "Call Mara", "analyzer_results": [{"entity_type": "PERSON", "start": 5, "end": 9, "score": 0.85}],
            "anonymizers": {"DEFAULT": {"type": "replace", "new_value": "someone"}},
        })),
    responses(
        (status = 200, description = "The text, and what stands in it", body = Object),
        (status = 400, description = "The body is not JSON, or empty: `{\"error\": …}`", body = Object),
        (status = 415, description = "The body is not announced as JSON: `{\"error\": …}`", body = Object),
        (status = 422, description = "A parameter is missing or wrong: `{\"error\": …}`", body = Object),
        (status = 500, description = "Where Presidio fails: `{\"error\": …}`", body = Object),
    ),
)]
pub(crate) async fn anonymize(
    State(server): State<Server>,
    request: Request,
) -> Result<Response, PresidioError> {
    answer(&server, request, |body| {
        anonymizer::anonymize(&AnonymizeRequest::from_json(body)?, &mut system_random)
    })
    .await
}

/// Undo `encrypt`, as Presidio's anonymizer does.
#[utoipa::path(
    post, path = "/presidio/anonymizer/deanonymize", tag = "presidio",
    request_body(content = Object, description = "`text`, `anonymizer_results` (`start`, `end`, `entity_type`), and \
        `deanonymizers` by type or `DEFAULT`, such as `{\"type\": \"decrypt\", \"key\": …}`"),
    responses(
        (status = 200, description = "The text, and what stands in it", body = Object),
        (status = 400, description = "The body is not JSON, or empty: `{\"error\": …}`", body = Object),
        (status = 415, description = "The body is not announced as JSON: `{\"error\": …}`", body = Object),
        (status = 422, description = "A parameter is missing or wrong: `{\"error\": …}`", body = Object),
        (status = 500, description = "Where Presidio fails, as with a wrong key: `{\"error\": …}`", body = Object),
    ),
)]
pub(crate) async fn deanonymize(
    State(server): State<Server>,
    request: Request,
) -> Result<Response, PresidioError> {
    answer(&server, request, |body| anonymizer::deanonymize(&DeanonymizeRequest::from_json(body)?)).await
}

/// Names of the operators of `/anonymize`.
#[utoipa::path(
    get, path = "/presidio/anonymizer/anonymizers", tag = "presidio",
    responses((status = 200, description = "Names", body = Vec<String>)),
)]
pub(crate) async fn anonymizers() -> Response {
    json(&ANONYMIZERS)
}

/// Names of the operators of `/deanonymize`.
#[utoipa::path(
    get, path = "/presidio/anonymizer/deanonymizers", tag = "presidio",
    responses((status = 200, description = "Names", body = Vec<String>)),
)]
pub(crate) async fn deanonymizers() -> Response {
    json(&DEANONYMIZERS)
}

/// Whether the anonymizer answers.
#[utoipa::path(
    get, path = "/presidio/anonymizer/health", tag = "presidio",
    responses((status = 200, description = "It does", body = String, content_type = "text/html")),
)]
pub(crate) async fn health() -> Response {
    healthy("Presidio Anonymizer service is up")
}

async fn answer(
    server: &Server,
    request: Request,
    treat: impl FnOnce(&Value) -> Result<EngineResult, AnonymizerError> + Send + 'static,
) -> Result<Response, PresidioError> {
    if !body::is_json(request.headers()) {
        return Err(PresidioError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA_TYPE));
    }
    let body = body::read(request, server).await?;
    work::run(work::SMALL, body.len(), move || {
        let body = serde_json::from_slice(&body)
            .map_err(|_| PresidioError::new(StatusCode::BAD_REQUEST, BAD_REQUEST))?;
        Ok(json(&treat(&body)?))
    })
    .await
}

impl From<AnonymizerError> for PresidioError {
    fn from(error: AnonymizerError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, error.to_string())
    }
}
